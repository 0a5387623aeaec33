"""Turning the feet in or out."""

from __future__ import annotations

from typing import Final

import numpy as np

from workbench.core.changes.kind import Direction, FootMove, Kind
from workbench.core.types import Array


def turned(degrees: float, share: Array, feet: int) -> FootMove:
    """Each foot that changes turns by the whole angle.

    Examples
    --------
    >>> turned(-10.0, np.array([1.0, 0.5]), feet=2).turn_deg.tolist()
    [-10.0, -5.0]
    """
    return FootMove(degrees * share, np.zeros((len(share), 3)))


KIND: Final = Kind(
    name="foot_progression_change_deg",
    label="foot progression angle",
    short="foot angle",
    unit="degrees",
    sign="toe-out positive",
    largest=25.0,
    reach=15.0,
    sought=10.0,
    check=10.0,
    step=1.0,
    slope_step=10.0,
    shown_unit="°",
    shown_factor=1.0,
    shown_suffix="deg",
    shown_step=0.5,
    every="degree",
    more=Direction("toe-out", "toe-out {}", "{} out", "turn the feet out"),
    less=Direction("toe-in", "toe-in {}", "{} in", "turn the feet in"),
    key="toe",
    outcome="foot_progression_angle_deg",
    move_foot=turned,
)
