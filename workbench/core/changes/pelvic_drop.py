"""Letting the pelvis drop on the swing side, or raising it."""

from __future__ import annotations

from typing import Final

import numpy as np

from workbench.core.changes.kind import BodyTiming, Direction, Kind
from workbench.core.types import Array
from workbench.core.vocabulary import LATERAL_SIGN


def dropped(degrees: float, timing: BodyTiming) -> dict[str, Array]:
    """The pelvis lists towards the swing leg and the spine bends back, so the trunk stays upright.

    Examples
    --------
    >>> moved = dropped(5.0, BodyTiming({}, "left", np.array([0.0, 1.0])))  # positive: the right side down
    >>> {name: np.degrees(angle).round(1).tolist() for name, angle in moved.items()}
    {'pelvis_list': [0.0, 5.0], 'lumbar_bending': [-0.0, -5.0]}
    """
    to_the_right = -LATERAL_SIGN[timing.side] * np.radians(degrees) * timing.stance
    return {"pelvis_list": to_the_right, "lumbar_bending": -to_the_right}


KIND: Final = Kind(
    name="pelvic_drop_change_deg",
    label="pelvic drop",
    short="pelvic drop",
    unit="degrees",
    sign="positive = swing side lower, mean over the first half of stance",
    largest=12.0,
    reach=6.0,
    sought=6.0,
    check=4.0,
    step=1.0,
    slope_step=5.0,
    shown_unit="°",
    shown_factor=1.0,
    shown_suffix="deg",
    shown_step=0.5,
    every="degree",
    more=Direction("pelvis-drop", "{} more pelvic drop", "{} drop", "let the pelvis drop on the swing side"),
    less=Direction("pelvis-up", "{} less pelvic drop", "{} up", "raise the pelvis on the swing side"),
    key="drop",
    outcome=None,
    move_body=dropped,
)
