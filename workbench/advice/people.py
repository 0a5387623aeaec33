"""Published measurements in people, to rank one person's simulated response."""

from __future__ import annotations

from typing import Final

import numpy as np

from workbench.core.types import Array

PEOPLE: Final = 107
PEOPLE_SOURCE: Final = (
    "Uhlrich et al. 2022, J Biomech 144:111312: 107 people with medial knee osteoarthritis, natural walking versus 10"
    " degrees (9.6 ± 0.5) of toe-in; data github.com/suhlrich/ToeInKAMReduction, Apache License 2.0"
)
_PERCENT: Final = np.array([0, 1, 5, 10, 20, 25, 30, 40, 50, 60, 70, 75, 80, 90, 95, 99, 100], dtype=float)
#: Fall of the first KAM peak with 10 degrees of toe-in, % BW ht, at those percentiles; it fell in 78 % of the people.
_FALL: Final = np.array(
    [-0.582, -0.464, -0.304, -0.097, -0.020, 0.027, 0.079, 0.126, 0.205]
    + [0.256, 0.310, 0.354, 0.421, 0.579, 0.696, 0.772, 1.242]
)


def toe_in_quantiles() -> tuple[Array, Array]:
    """Percentiles and the fall of the first KAM peak (% BW ht) with 10 degrees of toe-in at each.

    Examples
    --------
    >>> percent, fall_pct_bw_ht = toe_in_quantiles()
    >>> dict(zip(percent.tolist(), fall_pct_bw_ht.tolist(), strict=True))[50.0]  # the median person's peak falls
    0.205
    """
    return _PERCENT.copy(), _FALL.copy()


def toe_in_percentile(fall_pct_bw_ht: float) -> float:
    """Percent of the people whose first KAM peak fell by less than this; 0 or 100 beyond the extremes.

    Examples
    --------
    >>> toe_in_percentile(0.205)  # the median
    50.0
    """
    return float(np.interp(fall_pct_bw_ht, _FALL, _PERCENT))
