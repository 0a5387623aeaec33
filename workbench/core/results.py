"""The result of a simulation: the recorded and the modified walk side by side, and how they were computed."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Final

import numpy as np

from workbench.core.declaration import documented
from workbench.core.emg_sharing import emg_finding
from workbench.core.errors import SimulationError
from workbench.core.estimate_errors import ESTIMATED_CODE, estimate_band
from workbench.core.findings import Finding, worst_first
from workbench.core.loads import KneeLoads, knee_loads
from workbench.core.quality import Checks, findings_of_checks
from workbench.core.response import InterpolationError, interpolation_findings
from workbench.core.settings import GaitModification, LoadSettings, Processing
from workbench.core.types import Array, MechanicsChecks, SolvedLeg, Stride, Subject, Trial
from workbench.core.vocabulary import CURVES, MOMENT_POINT, PEAKS, TEST_RETEST_ERROR, Side

ABSURD_MEDIAL_FORCE_BW: Final = 8.0  #: refused beyond


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
    checks: Checks
    findings: tuple[Finding, ...]  #: what a reader of the numbers has to know, the worst first
    provenance: Mapping[str, object]
    interpolation: InterpolationError | None = None  #: of a modified walk taken from a response surface; None: solved

    @property
    def notes(self) -> tuple[str, ...]:
        """The findings as sentences."""
        return tuple(str(finding) for finding in self.findings)

    @property
    def change(self) -> dict[str, float]:
        """Modified minus baseline, by the names of `vocabulary.PEAKS`."""
        return {name: self.modified.peaks[name] - self.baseline.peaks[name] for name in PEAKS}

    @property
    def has_estimated_forces(self) -> bool:
        """Whether the ground reactions are estimated from the motion."""
        return any(finding.code == ESTIMATED_CODE for finding in self.findings)

    def estimate_band(self, name: str) -> tuple[Array, Array] | None:
        """Edges of what a recorded curve may be with recorded ground reactions; None where they were recorded."""
        if not self.has_estimated_forces:
            return None
        stance = float(np.mean([stride.stance_percent for stride in self.strides]))
        return estimate_band(name, self.baseline.curves[name], stance)

    @property
    def below_noise(self) -> dict[str, bool]:
        """Whether the change of a peak is smaller than its published test-retest error, where one is published."""
        return {name: abs(self.change[name]) < error for name, (error, _) in TEST_RETEST_ERROR.items()}


@dataclass(frozen=True)
class SolvedGait:
    """The loads of each stride in one gait, and what the checks of its mechanics found."""

    loads: tuple[KneeLoads, ...]
    checks: tuple[MechanicsChecks, ...]
    findings: tuple[Finding, ...] = ()  #: what the model had to say of recording and model


def solved_gait(
    legs: Sequence[SolvedLeg], strides: Sequence[Stride], subject: Subject, settings: LoadSettings
) -> SolvedGait:
    """Compute the loads of strides whose mechanics are solved."""
    loads = tuple(knee_loads(leg.mechanics, one, subject, settings) for leg, one in zip(legs, strides, strict=True))
    medial_bw = max(float(one.curves["medial_contact_force_bw"].max()) for one in loads)
    if medial_bw > ABSURD_MEDIAL_FORCE_BW:
        raise SimulationError(
            f"the medial contact force reaches {medial_bw:.0f} body weights (1 to 4 is normal in walking).",
            remedy="Check the model's muscle strengths, the joint angles and the forces.",
        )
    said = [finding for leg in legs for finding in leg.findings]
    if settings.muscle_sharing == "emg":
        said += [emg_finding(leg.mechanics) for leg in legs]
    return SolvedGait(loads, tuple(leg.checks for leg in legs), tuple(said))


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
    provenance: Mapping[str, object],
    interpolation: InterpolationError | None = None,
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
    provenance : mapping
        See `workbench.provenance.provenance`.
    interpolation : InterpolationError, optional
        Of the surface that the modified walk is taken from.
    """
    loads = loads_of_strides(baseline.loads)
    checks = checks_of(baseline, modified, trial.subject)
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
        checks=checks,
        findings=worst_first(
            [*all_findings(trial, strides, baseline, checks, modification), *interpolation_findings(interpolation)]
        ),
        provenance=provenance,
        interpolation=interpolation,
    )


def all_findings(
    trial: Trial, strides: Sequence[Stride], baseline: SolvedGait, checks: Checks, modification: GaitModification
) -> tuple[Finding, ...]:
    """Findings about the trial, its model, the checks and the person's own strides, worst first."""
    found = [*trial.findings, *baseline.findings, *findings_of_checks(checks)]
    if trial.own_law is not None:
        found += trial.own_law.findings(documented(modification))
    if not all(stride.whole for stride in strides):
        found.append(
            Finding(
                "stance_only", "note", "recording",
                "No whole stride was recorded: percentages and impulses refer to one stance.",
            )
        )  # fmt: skip
    return worst_first(found)


def findings_of_recorded(
    trial: Trial, stride: Stride, recorded: SolvedLeg, settings: LoadSettings, template: GaitModification
) -> tuple[Finding, ...]:
    """Findings about the recorded walk and the assumptions, independent of any change of gait."""
    gait = solved_gait([recorded], [stride], trial.subject, settings)
    return all_findings(trial, [stride], gait, checks_of(gait, gait, trial.subject), template)


def checks_of(baseline: SolvedGait, modified: SolvedGait, subject: Subject) -> dict[str, float | str | bool | None]:
    """Quality checks of the answer; the worst over the strides."""
    figures: dict[str, float | str | bool | None] = {"contact_points_measured_from": MOMENT_POINT}
    for name in (field.name for field in fields(MechanicsChecks)):
        figures[f"{name}_baseline"] = _worst(baseline, name)
        figures[f"{name}_modified"] = _worst(modified, name)
    of_either = {gait: _of_loads(one.loads, subject) for gait, one in (("baseline", baseline), ("modified", modified))}
    for name, worst in _OF_LOADS.items():
        recorded, changed = of_either["baseline"][name], of_either["modified"][name]
        figures |= {f"{name}_baseline": recorded, f"{name}_modified": changed, name: worst(recorded, changed)}
    return figures


#: Figures that the loads hold, and which of two is the worse.
_OF_LOADS: Final[dict[str, Callable[[float, float], float]]] = {
    "largest_reserve_moment_Nm": max,
    "largest_activation": max,
    "lowest_medial_force_bw": min,
    "lowest_lateral_force_bw": min,
    "lift_off_prevented_medial_bw": max,
    "lift_off_prevented_lateral_bw": max,
    "lift_off_prevented_muscle_force_bw": max,
    "lift_off_prevented_contact_force_bw": max,
    "lift_off_prevented_activation": max,
}


def _of_loads(loads: Sequence[KneeLoads], subject: Subject) -> dict[str, float]:
    prevented_N = {
        name: max(float(getattr(one.held_down, f"{name}_N").max()) for one in loads)
        for name in ("medial", "lateral", "muscle_force", "contact_force")
    }
    return {
        "largest_reserve_moment_Nm": float(max(np.abs(one.reserve_moment_Nm).max() for one in loads)),
        "largest_activation": float(max(one.activation.max() for one in loads)),
        "lowest_medial_force_bw": float(min(one.curves["medial_contact_force_bw"].min() for one in loads)),
        "lowest_lateral_force_bw": float(min(one.curves["lateral_contact_force_bw"].min() for one in loads)),
        **{f"lift_off_prevented_{name}_bw": value / subject.body_weight_N for name, value in prevented_N.items()},
        "lift_off_prevented_activation": max(float(one.held_down.activation.max()) for one in loads),
    }


def _worst(gait: SolvedGait, name: str) -> float | None:
    values = [getattr(checks, name) for checks in gait.checks]
    known = [value for value in values if value is not None]
    return float(max(known)) if len(known) == len(values) else None
