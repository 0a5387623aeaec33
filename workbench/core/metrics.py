"""Numbers from curves: peaks, impulses, errors."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from workbench.core.types import Array


def peaks_of_stance(percent: Array, curve: Array, stance_percent: float) -> tuple[float, float]:
    """Largest value in the first and in the second half of stance.

    Boswell et al. 2021 (Osteoarthritis Cartilage 29:346) define the two KAM peaks so; the instants are those of the
    curve, not interpolated.

    Examples
    --------
    >>> percent = np.arange(101.0)
    >>> peaks_of_stance(percent, np.sin(np.radians(9.0 * percent)), stance_percent=60.0)
    (1.0, 1.0)
    """
    middle = stance_percent / 2.0
    first = curve[percent <= middle]
    second = curve[(percent > middle) & (percent <= stance_percent)]
    return float(first.max()), float(second.max())


def positive_impulse(percent: Array, curve: Array, stance_percent: float, duration_s: float) -> float:
    """Time integral of the positive part of a curve over stance (trapezoids), curve unit times seconds.

    Examples
    --------
    >>> positive_impulse(np.arange(101.0), np.full(101, 3.0), stance_percent=60.0, duration_s=1.0)
    1.8
    """
    stance = percent <= stance_percent
    seconds = percent[stance] / 100.0 * duration_s
    return float(np.trapezoid(np.clip(curve[stance], 0.0, None), seconds))


@dataclass(frozen=True)
class Agreement:
    """How a simulated curve compares with a measured one."""

    root_mean_square_error: float
    correlation: float  #: Pearson's r
    simulated_peaks: tuple[float, float]
    measured_peaks: tuple[float, float]


def agreement(percent: Array, simulated: Array, measured: Array, stance_percent: float) -> Agreement:
    """Compare two curves over stance.

    Parameters
    ----------
    percent, simulated, measured : (n,) arrays
        Both curves at the same percent of the cycle, in the same unit.
    stance_percent : float
        Where stance ends.

    Examples
    --------
    >>> percent = np.arange(101.0)
    >>> measured = np.sin(np.radians(9.0 * percent))
    >>> found = agreement(percent, measured + 0.1, measured, stance_percent=60.0)
    >>> round(found.root_mean_square_error, 3), round(found.correlation, 3)
    (0.1, 1.0)
    """
    stance = percent <= stance_percent
    difference = simulated[stance] - measured[stance]
    return Agreement(
        root_mean_square_error=float(np.sqrt(np.mean(difference**2))),
        correlation=float(np.corrcoef(simulated[stance], measured[stance])[0, 1]),
        simulated_peaks=peaks_of_stance(percent, simulated, stance_percent),
        measured_peaks=peaks_of_stance(percent, measured, stance_percent),
    )
