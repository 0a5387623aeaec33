"""Longer or shorter steps."""

from __future__ import annotations

from typing import Final

import numpy as np

from workbench.core.changes.kind import Direction, FootMove, Kind
from workbench.core.types import Array


def lengthened(metres: float, share: Array, _: int) -> FootMove:
    """All steps of both feet are longer at the same cadence, so walking is faster.

    Examples
    --------
    >>> lengthened(0.05, np.ones(2), 2).longer_step_m
    0.05
    """
    return FootMove(np.zeros(len(share)), np.zeros((len(share), 3)), longer_step_m=metres)


KIND: Final = Kind(
    name="step_length_change_m",
    label="step length",
    short="step length",
    unit="m",
    sign="positive = longer, at the recorded cadence",
    largest=0.15,
    reach=0.08,
    sought=0.08,
    check=0.05,
    step=0.01,
    slope_step=0.10,
    shown_unit="cm",
    shown_factor=100.0,
    shown_suffix="cm",
    shown_step=0.5,
    every="cm",
    more=Direction("longer", "{} longer steps", "{} longer", "lengthen the steps"),
    less=Direction("shorter", "{} shorter steps", "{} shorter", "shorten the steps"),
    key="longer",
    outcome=None,
    move_foot=lengthened,
)
