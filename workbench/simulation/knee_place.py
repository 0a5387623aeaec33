"""Distance of the knee from the line from hip to ankle, and its derivative with respect to the coordinates."""

from __future__ import annotations

import numpy as np

from workbench.core.types import Array
from workbench.simulation.model import GaitModel, Leg


def knee_share(model: GaitModel, leg: Leg) -> float:
    """Position of the knee along the line from hip to ankle: the thigh's fraction of the leg, in the current state."""
    hip, knee, ankle = (model.body_pose(body)[1] for body in _bodies(leg))
    thigh, shank = np.linalg.norm(knee - hip), np.linalg.norm(ankle - knee)
    return float(thigh / (thigh + shank))


def knee_beside_line_m(model: GaitModel, leg: Leg, share: float, right: Array) -> float:
    """Distance of the knee from the line hip to ankle along `right` (3,), for the state set last."""
    hip, knee, ankle = (model.body_pose(body)[1] for body in _bodies(leg))
    return float(right @ (knee - (1.0 - share) * hip - share * ankle))


def knee_slope(jacobian: Array, leg: Leg, share: float, right: Array) -> Array:
    """Derivative of that distance per coordinate, (n, k), from body velocities per coordinate (n, bodies, 6, k)."""
    hip, knee, ankle = (jacobian[:, body, 3:] for body in _bodies(leg))
    return np.asarray(np.einsum("j,njk->nk", right, knee - (1.0 - share) * hip - share * ankle))


def _bodies(leg: Leg) -> tuple[int, int, int]:
    return leg.femur, leg.tibia, leg.calcaneus
