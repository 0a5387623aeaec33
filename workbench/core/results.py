"""What a simulation answers: the recorded and the modified walk side by side, and what it was made with."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from workbench.core.loads import KneeLoads
from workbench.core.types import Array, GaitModification, LoadSettings, Processing, Stride, Subject
from workbench.core.vocabulary import CURVES, PEAKS, TEST_RETEST_ERROR, Side


@dataclass(frozen=True)
class LoadsOfStrides:
    """Knee loads of one stride, or the mean over several with the spread between them."""

    curves: Mapping[str, Array]  #: (101,) each, by the names of `vocabulary.CURVES`
    peaks: Mapping[str, float]  #: by the names of `vocabulary.PEAKS`; the mean of each stride's own peaks
    curves_sd: Mapping[str, Array] | None = None  #: (101,) standard deviation between strides; None for one stride
    peaks_sd: Mapping[str, float] | None = None


def loads_of_strides(loads: Sequence[KneeLoads]) -> LoadsOfStrides:
    """Average the loads of strides, instant by instant and peak by peak."""
    curves = {name: np.array([one.curves[name] for one in loads]) for name in CURVES}
    peaks = {name: np.array([one.peaks[name] for one in loads]) for name in PEAKS}
    several = len(loads) > 1
    return LoadsOfStrides(
        curves={name: values.mean(axis=0) for name, values in curves.items()},
        peaks={name: float(values.mean()) for name, values in peaks.items()},
        curves_sd={name: values.std(axis=0, ddof=1) for name, values in curves.items()} if several else None,
        peaks_sd={name: float(values.std(ddof=1)) for name, values in peaks.items()} if several else None,
    )


@dataclass(frozen=True)
class Simulation:
    """The answer to one what-if."""

    trial_name: str
    subject: Subject
    side: Side
    strides: tuple[Stride, ...]  #: the strides (or stances) analysed
    strides_found: int
    modification: GaitModification
    settings: LoadSettings
    processing: Processing
    baseline: LoadsOfStrides
    modified: LoadsOfStrides
    checks: Mapping[str, float | str | bool | None]
    notes: tuple[str, ...]
    provenance: Mapping[str, object]

    @property
    def change(self) -> dict[str, float]:
        """Modified minus baseline, by the names of `vocabulary.PEAKS`."""
        return {name: self.modified.peaks[name] - self.baseline.peaks[name] for name in PEAKS}

    @property
    def below_noise(self) -> dict[str, bool]:
        """Whether the change of a peak is smaller than its published test-retest error, where one is published."""
        return {name: abs(self.change[name]) < error for name, (error, _) in TEST_RETEST_ERROR.items()}
