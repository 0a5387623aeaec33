"""Wider or narrower steps."""

from __future__ import annotations

from typing import Final

import numpy as np

from workbench.core.changes.kind import Direction, FootMove, Kind
from workbench.core.types import Array


def widened(metres: float, share: Array, feet: int) -> FootMove:
    """The feet that change share the width between them, each outwards.

    Examples
    --------
    >>> widened(0.04, np.array([1.0, 0.5]), feet=2).shift_m.tolist()
    [[0.0, 0.0, 0.02], [0.0, 0.0, 0.01]]
    """
    return FootMove(np.zeros(len(share)), np.outer(share, [0.0, 0.0, metres / feet]))


KIND: Final = Kind(
    name="step_width_change_m",
    label="step width",
    short="step width",
    unit="m",
    sign="wider positive",
    largest=0.15,
    reach=0.10,
    sought=0.10,
    check=0.07,
    step=0.01,
    slope_step=0.10,
    shown_unit="cm",
    shown_factor=100.0,
    shown_suffix="cm",
    shown_step=0.5,
    every="cm",
    more=Direction("wider", "{} wider steps", "{} wider", "widen the steps"),
    less=Direction("narrower", "{} narrower steps", "{} narrower", "narrow the steps"),
    key="wider",
    outcome="step_width_m",
    move_foot=widened,
)
