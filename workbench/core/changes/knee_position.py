"""Bringing the knee inwards over the standing foot: medial thrust."""

from __future__ import annotations

from typing import Final

import numpy as np

from workbench.core.changes.kind import Direction, FootMove, Kind
from workbench.core.types import Array


def brought_inwards(metres: float, share: Array, _: int) -> FootMove:
    """The knee leaves the line from hip to ankle inwards; the foot rolls as far as the leg above it turns.

    Examples
    --------
    >>> brought_inwards(0.01, np.array([1.0, 0.5]), 2).knee_inwards_m.tolist()
    [0.01, 0.005]
    """
    return FootMove(np.zeros(len(share)), np.zeros((len(share), 3)), knee_inwards_m=metres * share)


KIND: Final = Kind(
    name="knee_medialisation_m",
    label="frontal knee position",
    short="knee position",
    unit="m",
    sign="inwards positive, off the line from hip to ankle",
    largest=0.03,
    reach=0.015,
    sought=0.015,
    check=0.01,
    step=0.0025,
    slope_step=0.01,
    shown_unit="cm",
    shown_factor=100.0,
    shown_suffix="cm",
    shown_step=0.1,
    every="quarter of a cm",
    more=Direction(
        "knee-in", "knee {} further in", "knee {} in", "bring the knee inwards over the foot (medial thrust)"
    ),
    less=Direction("knee-out", "knee {} further out", "knee {} out", "let the knee go outwards"),
    key="knee",
    outcome=None,
    move_foot=brought_inwards,
)
