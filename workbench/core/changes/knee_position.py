"""Moving the knee inwards over the stance foot: medial thrust."""

from __future__ import annotations

from typing import Final

import numpy as np

from workbench.core.changes.kind import Direction, FootMove, Kind
from workbench.core.types import Array


def brought_inwards(metres: float, share: Array, _: int) -> FootMove:
    """The knee moves inwards from the line from hip to ankle; the foot rolls with the leg.

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
    sign="inwards positive, from the line from hip to ankle",
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
        "knee-in", "knee {} further in", "knee {} in", "move the knee inwards over the foot (medial thrust)"
    ),
    less=Direction("knee-out", "knee {} further out", "knee {} out", "move the knee outwards"),
    key="knee",
    outcome=None,
    move_foot=brought_inwards,
)
