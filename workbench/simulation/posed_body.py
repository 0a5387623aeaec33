"""The body posed at every instant in one pass, with all that the least squares of a modified motion need of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np

from workbench.core.types import Array
from workbench.core.vocabulary import PELVIS_TRANSLATIONS, SIDES, Side
from workbench.simulation.foot_targets import FootPoses
from workbench.simulation.knee_place import knee_beside_line_m
from workbench.simulation.model import GaitModel

_LEAST_MASS: Final = 0.01  # share of the body's, below which a leg's body is left out of the centre of mass's slope


@dataclass(frozen=True)
class PosedBody:
    """A model at n instants, and how it goes with the N coordinates of pelvis and legs that take part."""

    feet: Mapping[Side, FootPoses]
    hip_m: Mapping[Side, Array]  #: (n, 3) in ground, where asked for
    knee_m: Mapping[Side, Array]  #: (n,) to the right of the line from hip to ankle, of the knees asked for
    jacobian: Array  #: (n, bodies + ground, 6, N) angular first
    centre_m: Array  #: (n, 3) centre of mass of the whole body
    centre_slope: Array  #: (n, 3, N)


def moved_coordinates(model: GaitModel) -> Array:
    """State indices of the N coordinates that take part: the pelvis' place and both legs."""
    pelvis = [model.coordinate_index[name] for name in PELVIS_TRANSLATIONS]
    return np.array(pelvis + [index for side in SIDES for index in model.legs[side].coordinate_index])


def posed(model: GaitModel, q: Array, knees: Mapping[Side, float], right: Array, *, hips: bool = False) -> PosedBody:
    """Pose the model at n instants (n, coordinates).

    Parameters
    ----------
    model : GaitModel
    q : (n, coordinates) array
    knees : mapping
        Of the knees whose place is wanted, their share of the leg, see `knee_beside_line_m`.
    right : (3,) array
        The walkway's.
    hips : bool
        Whether the hips are wanted.
    """
    n, moved = len(q), moved_coordinates(model)
    of_legs = [body for side in SIDES for body in (model.legs[side].femur, *model.legs[side].beyond_knee)]
    leg_bodies = np.array([b for b in of_legs if model.body_mass_kg[b - 1] > _LEAST_MASS * model.mass_kg])
    feet = {side: FootPoses(np.empty((n, 3, 3)), np.empty((n, 3))) for side in SIDES}
    hip = {side: np.empty((n, 3)) for side in SIDES if hips}
    knee = {side: np.empty(n) for side in knees}
    centre, arm = np.empty((n, 3)), np.empty((n, len(leg_bodies), 3))
    full = np.empty((n, len(model.bodies) + 1, 6, q.shape[1]))
    for i, each in enumerate(q):
        model.set_state(each)
        for side in SIDES:
            feet[side].rotation[i], feet[side].origin_m[i] = model.body_pose(model.legs[side].calcaneus)
        for side, place in hip.items():
            place[i] = model.body_origin_m(model.legs[side].femur)
        for side, share in knees.items():
            knee[side][i] = knee_beside_line_m(model, model.legs[side], share, right)
        centre[i] = model.centre_of_mass_m()
        for k, body in enumerate(leg_bodies):
            arm[i, k] = model.body_centre_from_origin_m(body)
        full[i] = model.system_jacobian()
    jacobian, mass = full[..., moved], model.body_mass_kg
    slope = np.einsum("b,nbij->nij", mass, jacobian[:, 1:, 3:])
    moment_arm = mass[leg_bodies - 1, None] * arm
    slope += np.cross(jacobian[:, leg_bodies, :3], moment_arm[..., None], axis=2).sum(axis=1)
    return PosedBody(feet, hip, knee, jacobian, centre, slope / model.mass_kg)
