"""A second opinion on the muscles: activations beside the recorded EMG, and the load when muscles follow it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from workbench.core.emg_sharing import agreement, scaled_emg
from workbench.core.findings import Finding
from workbench.core.loads import knee_loads
from workbench.core.settings import LoadSettings
from workbench.core.types import Array, LegMechanics, Stride, Subject

_LEAST_CORRELATION = 0.2  # in the mean of the muscles, below which leg, clock or columns are probably mistaken


@dataclass(frozen=True)
class EmgOpinion:
    """One recorded stride with its muscles optimised and with those that have EMG following it."""

    emg: Mapping[str, Array]  #: (101,) by muscle, scaled to an activation, delayed to when the muscle acts
    optimised: Mapping[str, Array]  #: (101,) activation by muscle
    following: Mapping[str, Array]  #: (101,) activation by muscle
    correlation_optimised: Mapping[str, float]  #: with the EMG, over the cycle
    correlation_following: Mapping[str, float]
    peaks_optimised: Mapping[str, float]  #: by the names of `vocabulary.PEAKS`
    peaks_following: Mapping[str, float]


def emg_opinion(mechanics: LegMechanics, stride: Stride, subject: Subject, settings: LoadSettings) -> EmgOpinion:
    """Compute the loads of a stride both ways.

    Parameters
    ----------
    mechanics : LegMechanics
    stride : Stride
    subject : Subject
    settings : LoadSettings
        Its own sharing does not matter.

    Raises
    ------
    SettingError
        If no EMG was recorded of this leg in this stride.
    """
    optimised = knee_loads(mechanics, stride, subject, replace(settings, muscle_sharing="optimised"))
    following = knee_loads(mechanics, stride, subject, replace(settings, muscle_sharing="emg"))

    def of_recorded(activation: Array) -> dict[str, Array]:
        return {name: activation[:, mechanics.muscles.index(name)] for name in mechanics.emg_muscles}

    return EmgOpinion(
        emg=scaled_emg(mechanics, optimised.activation),
        optimised=of_recorded(optimised.activation),
        following=of_recorded(following.activation),
        correlation_optimised=agreement(optimised.activation, mechanics),
        correlation_following=agreement(following.activation, mechanics),
        peaks_optimised=optimised.peaks,
        peaks_following=following.peaks,
    )


def mean_correlation(correlations: Sequence[Mapping[str, float]]) -> dict[str, float]:
    """Mean over strides, by muscle; NaN for a muscle that varies in fewer than half of them.

    Examples
    --------
    >>> mean_correlation([{"soleus_l": 0.8}, {"soleus_l": 0.6}])
    {'soleus_l': 0.7}
    >>> mean_correlation([{"vasmed_l": 0.8}, {"vasmed_l": np.nan}, {"vasmed_l": np.nan}])
    {'vasmed_l': nan}
    """
    return {
        name: float(np.nanmean(values)) if np.isfinite(values).mean() >= 0.5 else float("nan")
        for name in correlations[0]
        for values in [np.array([one[name] for one in correlations])]
    }


def doubts(correlation: Mapping[str, float], side: str) -> tuple[Finding, ...]:
    """A finding where the recorded activity hardly goes with the computed one.

    Examples
    --------
    >>> print(*doubts({"soleus_l": -0.4, "tibant_l": -0.6}, "left"))
    The EMG hardly goes with the computed activations of the left leg (mean correlation -0.50). Check whether it is of \
the other leg, on another clock, or its columns are exchanged.
    """
    values = [value for value in correlation.values() if np.isfinite(value)]
    mean = float(np.mean(values)) if values else 0.0
    if mean >= _LEAST_CORRELATION:
        return ()
    return (
        Finding(
            "emg_disagrees", "doubtful", "recording",
            f"The EMG hardly goes with the computed activations of the {side} leg (mean correlation {mean:.2f}).",
            "Check whether it is of the other leg, on another clock, or its columns are exchanged.",
            limit=f"{_LEAST_CORRELATION}",
            source="judgement: agreement of static optimisation with EMG in walking is usually 0.5 or more",
        ),
    )  # fmt: skip
