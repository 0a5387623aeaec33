"""What a simulation answers: the recorded and the modified walk side by side, and what it was made with."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields

import numpy as np

from workbench.core.loads import KneeLoads, knee_loads
from workbench.core.types import (
    Array,
    GaitModification,
    LoadSettings,
    MechanicsChecks,
    Processing,
    SolvedLeg,
    Stride,
    Subject,
    Trial,
)
from workbench.core.vocabulary import CURVES, MOMENT_POINT, PEAKS, TEST_RETEST_ERROR, Side


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


@dataclass(frozen=True)
class SolvedGait:
    """The loads of each stride in one gait, and what the checks of its mechanics found."""

    loads: tuple[KneeLoads, ...]
    checks: tuple[MechanicsChecks | None, ...]  #: None where the mechanics were interpolated


def solved_gait(
    legs: Sequence[SolvedLeg], strides: Sequence[Stride], subject: Subject, settings: LoadSettings
) -> SolvedGait:
    """Compute the loads of strides whose mechanics are solved."""
    loads = tuple(knee_loads(leg.mechanics, one, subject, settings) for leg, one in zip(legs, strides, strict=True))
    return SolvedGait(loads, tuple(leg.checks for leg in legs))


def assemble(
    trial: Trial,
    strides: Sequence[Stride],
    modification: GaitModification,
    settings: LoadSettings,
    processing: Processing,
    *,
    baseline: SolvedGait,
    modified: SolvedGait,
    strides_found: int,
    notes: Sequence[str],
    provenance: Mapping[str, object],
) -> Simulation:
    """Put an answer together.

    Parameters
    ----------
    trial, strides, modification, settings, processing
        What was asked.
    baseline, modified : SolvedGait
        The same object where nothing is changed.
    strides_found : int
        How many strides the recording holds of this leg.
    notes : sequence of str
        What the model had to say, beyond the trial's own notes and warnings.
    provenance : mapping
        See `workbench.provenance.provenance`.
    """
    loads = loads_of_strides(baseline.loads)
    return Simulation(
        trial_name=trial.name,
        subject=trial.subject,
        side=strides[0].side,
        strides=tuple(strides),
        strides_found=strides_found,
        modification=modification,
        settings=settings,
        processing=processing,
        baseline=loads,
        modified=loads if modified is baseline else loads_of_strides(modified.loads),
        checks=_checks(baseline, modified, trial.subject),
        notes=tuple(dict.fromkeys((*trial.notes, *trial.warnings, *notes, *_unit_note(strides)))),
        provenance=provenance,
    )


def _unit_note(strides: Sequence[Stride]) -> tuple[str, ...]:
    if all(stride.whole for stride in strides):
        return ()
    return (
        "No whole stride was recorded: the unit of analysis is the stance, percent are of stance, and impulses are"
        " over that stance.",
    )


def _checks(baseline: SolvedGait, modified: SolvedGait, subject: Subject) -> Mapping[str, float | str | bool | None]:
    """Figures that tell how far to trust the answer; the worst over the strides."""
    figures: dict[str, float | str | bool | None] = {"contact_points_measured_from": MOMENT_POINT}
    for name in (field.name for field in fields(MechanicsChecks)):
        figures[f"{name}_baseline"] = _worst(baseline, name)
        figures[f"{name}_modified"] = _worst(modified, name)
    loads = [*baseline.loads, *modified.loads]
    medial, lateral, total = (
        np.array([one.curves[f"{part}_contact_force_bw"] for one in loads]) for part in ("medial", "lateral", "total")
    )
    figures["largest_reserve_moment_Nm"] = float(max(np.abs(one.reserve_moment_Nm).max() for one in loads))
    figures["largest_activation"] = float(max(one.activation.max() for one in loads))
    figures["lowest_medial_force_bw"] = float(medial.min())
    figures["lowest_lateral_force_bw"] = float(lateral.min())
    held_down = [one.held_down for one in loads]
    for name in ("medial", "lateral", "muscle_force", "contact_force"):
        largest_N = max(float(getattr(one, f"{name}_N").max()) for one in held_down)
        figures[f"lift_off_prevented_{name}_bw"] = largest_N / subject.body_weight_N
    figures["lift_off_prevented_activation"] = max(float(one.activation.max()) for one in held_down)
    figures["medial_plus_lateral_minus_total_bw"] = float(np.abs(medial + lateral - total).max())
    return figures


def _worst(gait: SolvedGait, name: str) -> float | None:
    values = [None if checks is None else getattr(checks, name) for checks in gait.checks]
    known = [value for value in values if value is not None]
    return float(max(known)) if len(known) == len(values) else None
