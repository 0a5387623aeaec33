"""Leaning the trunk towards the stance leg."""

from __future__ import annotations

from typing import Final

import numpy as np

from workbench.core.changes.kind import BodyTiming, Direction, Kind
from workbench.core.types import Array
from workbench.core.vocabulary import LATERAL_SIGN


def leant(degrees: float, timing: BodyTiming) -> dict[str, Array]:
    """The spine bends towards the stance leg; the pelvis keeps its tilt.

    Examples
    --------
    >>> bent = leant(10.0, BodyTiming({}, "left", np.array([0.0, 1.0])))  # lumbar bending is positive to the right
    >>> {name: np.degrees(angle).round(1).tolist() for name, angle in bent.items()}
    {'lumbar_bending': [-0.0, -10.0]}
    """
    return {"lumbar_bending": LATERAL_SIGN[timing.side] * np.radians(degrees) * timing.stance}


KIND: Final = Kind(
    name="trunk_lean_change_deg",
    label="trunk lean",
    short="trunk lean",
    unit="degrees",
    sign="positive towards the stance leg, mean over the first half of stance",
    largest=30.0,
    reach=12.0,
    sought=12.0,
    check=8.0,
    step=1.0,
    slope_step=10.0,
    shown_unit="°",
    shown_factor=1.0,
    shown_suffix="deg",
    shown_step=0.5,
    every="degree",
    more=Direction("lean", "trunk leaning {} towards the leg", "{} lean", "lean the trunk towards the stance leg"),
    less=Direction(
        "lean-away", "trunk leaning {} away from the leg", "{} away", "lean the trunk away from the stance leg"
    ),
    key="lean",
    outcome=None,
    move_body=leant,
)
