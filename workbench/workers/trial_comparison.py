"""Measured against simulated: determine what a person changed, simulate the same change, and compare."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np

from workbench.core.changes import KINDS
from workbench.core.comparison import GaitComparison, change_to_simulate, not_simulated
from workbench.core.errors import SettingError, WorkbenchError
from workbench.core.events import search_strides
from workbench.core.findings import Finding, of_trials, worst_first
from workbench.core.results import SolvedGait, all_findings, checks_of, loads_of_strides, solved_gait
from workbench.core.settings import GaitModification, LoadSettings, Processing
from workbench.core.types import SolvedLeg, Stride, Trial
from workbench.core.vocabulary import SIDES, Side
from workbench.provenance import provenance
from workbench.simulation.posture import StancePosture, stance_posture
from workbench.workers.pool import SolverPool, solve_all

_LEAST_LEAN_DEG = 2.0  # of which it can be told whether both stances show it

#: A stride of a trial.
_Unit = tuple[Trial, Stride]


def compare(
    pool: SolverPool,
    normal: Sequence[Trial],
    modified: Sequence[Trial],
    *,
    side: Side | None = None,
    settings: LoadSettings | None = None,
    processing: Processing | None = None,
    template: GaitModification | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> GaitComparison:
    """Compare the change of gait between two groups of trials with its simulation from the first group.

    Parameters
    ----------
    pool : SolverPool
    normal, modified : sequence of Trial
        Trials of one person.
    side : {"left", "right"}, optional
        By default the leg with the most stances that count in both groups, the right one if equal.
    settings, processing
    template : GaitModification, optional
        The assumptions; its changes are ignored.
    progress : callable, optional
        Is told how many solutions are done, of how many.

    Raises
    ------
    SettingError
        If a group is empty, the trials are of different people, or no leg can be analysed in both.
    TrialError
        If a trial has no complete stance of the leg that was asked for.
    """
    if not normal or not modified:
        raise SettingError("there is nothing to compare.", remedy="Give at least one normal and one modified trial.")
    settings, processing = settings or LoadSettings(), processing or Processing()
    template = template or GaitModification()
    subject = normal[0].subject
    for trial in (*normal, *modified):
        if trial.subject != subject:
            raise SettingError(
                f"{trial.subject.mass_kg:g} kg and {trial.subject.height_m:g} m, but {normal[0].name} has"
                f" {subject.mass_kg:g} kg and {subject.height_m:g} m. Are these the same person?",
                where=trial.name,
                remedy="Compare trials of one person, with the same mass and height in every trial.toml.",
            )
    side = side or _side_with_most_stances(normal, modified, processing)
    before = _units(normal, side, processing)
    after = _units(modified, side, processing)

    none = GaitModification()
    jobs = [(trial, processing, stride, none) for trial, stride in (*before, *after)]
    recorded = solve_all(pool, jobs, progress)
    legs_before, legs_after = recorded[: len(before)], recorded[len(before) :]
    gait_before = solved_gait(legs_before, [s for _, s in before], subject, settings)
    gait_after = solved_gait(legs_after, [s for _, s in after], subject, settings)
    loads_before, loads_after = loads_of_strides(gait_before.loads), loads_of_strides(gait_after.loads)

    change = {
        kind.name: loads_after.peaks[kind.outcome] - loads_before.peaks[kind.outcome]
        for kind in KINDS.values()
        if kind.outcome is not None
    }
    postures = _postures(pool, before, processing), _postures(pool, after, processing)
    change |= _posture_change(*postures) | {"stance_time_change_s": _stance_s(after) - _stance_s(before)}
    template = replace(template, lean_other_side=_lean_other_side(*postures, template.lean_other_side))
    # Turned feet put the heels elsewhere: what is left of the measured width is what the steps themselves widened. The
    # same for the knee, which goes with feet, trunk and steps.
    asked, _ = change_to_simulate(change)
    turned = template.unchanged.changed(asked.without(["step_width_change_m", "knee_medialisation_m"]))
    by_turning = solve_all(pool, [(trial, processing, stride, turned) for trial, stride in before[:1]])
    from_turning_m = by_turning[0].mechanics.step_width_m - legs_before[0].mechanics.step_width_m
    already = {"step_width_change_m": from_turning_m}
    asked, _ = change_to_simulate(change, already)
    moved = template.unchanged.changed(asked.without(["knee_medialisation_m"]))
    gone_along = pool.ask(stance_posture, before[0][0], processing, before[0][1], moved).result().knee_inwards_m
    already["knee_medialisation_m"] = gone_along - postures[0][0].knee_inwards_m
    asked, findings = change_to_simulate(change, already)
    modification = template.unchanged.changed(asked)
    simulated = _simulated(pool, before, legs_before, modification, processing, progress)
    gait_simulated = solved_gait(simulated, [s for _, s in before], subject, settings)
    found = [
        *((trial.name, _findings(trial, before, legs_before, gait_before, gait_simulated)) for trial in normal),
        *((trial.name, _findings(trial, after, legs_after, gait_after, gait_after)) for trial in modified),
    ]
    return GaitComparison(
        side=side,
        subject=subject,
        normal=loads_before,
        modified=loads_after,
        simulated=loads_of_strides(gait_simulated.loads),
        normal_strides=_counted(before),
        modified_strides=_counted(after),
        change=change,
        modification=modification,
        settings=settings,
        processing=processing,
        findings=worst_first((*findings, *not_simulated(change), *of_trials(found))),
        provenance=tuple(provenance(trial) for trial in (*normal, *modified)),
    )


def _simulated(
    pool: SolverPool,
    before: Sequence[_Unit],
    recorded: Sequence[SolvedLeg],
    modification: GaitModification,
    processing: Processing,
    progress: Callable[[int, int], None] | None,
) -> Sequence[SolvedLeg]:
    if modification.is_none:
        return recorded
    return solve_all(pool, [(trial, processing, stride, modification) for trial, stride in before], progress)


def _findings(
    trial: Trial, units: Sequence[_Unit], legs: Sequence[SolvedLeg], recorded: SolvedGait, simulated: SolvedGait
) -> tuple[Finding, ...]:
    """What there is to say of one trial of a group, as a simulation of all its strides says it."""
    own = [place for place, (one, _) in enumerate(units) if one is trial]
    said = tuple(finding for place in own for finding in legs[place].findings)
    baseline, modified = (
        SolvedGait(tuple(gait.loads[place] for place in own), tuple(gait.checks[place] for place in own), said)
        for gait in (recorded, simulated)
    )
    checks = checks_of(baseline, modified, trial.subject)
    return all_findings(trial, [units[place][1] for place in own], baseline, checks, GaitModification())


def _postures(pool: SolverPool, units: Sequence[_Unit], processing: Processing) -> list[StancePosture]:
    asked = [pool.ask(stance_posture, trial, processing, stride) for trial, stride in units]
    return [future.result() for future in asked]


def _posture_change(before: Sequence[StancePosture], after: Sequence[StancePosture]) -> dict[str, float]:
    def change(read: Callable[[StancePosture], float | None]) -> float:
        return _mean([read(one) for one in after]) - _mean([read(one) for one in before])

    changes = {
        "trunk_lean_change_deg": change(lambda one: one.trunk_lean_deg),
        "step_length_change_m": change(lambda one: one.step_length_m),
        "knee_medialisation_m": change(lambda one: one.knee_inwards_m),
        "pelvic_drop_change_deg": change(lambda one: one.pelvic_drop_deg),
    }
    return {name: value for name, value in changes.items() if np.isfinite(value)}


def _lean_other_side(before: Sequence[StancePosture], after: Sequence[StancePosture], otherwise: float) -> float:
    """How much of the lean the other leg's stance shows too, 0 to 1; as was asked where it cannot be told."""
    lean = _mean([p.trunk_lean_deg for p in after]) - _mean([p.trunk_lean_deg for p in before])
    other = _mean([p.other_trunk_lean_deg for p in after]) - _mean([p.other_trunk_lean_deg for p in before])
    if not np.isfinite(lean) or not np.isfinite(other) or abs(lean) < _LEAST_LEAN_DEG:
        return otherwise
    return float(np.clip(other / lean, 0.0, 1.0))


def _mean(values: Sequence[float | None]) -> float:
    """Mean of what is known; NaN if nothing is."""
    known = [value for value in values if value is not None]
    return float(np.mean(known)) if known else float("nan")


def _stance_s(units: Sequence[_Unit]) -> float:
    return float(np.mean([stride.toe_off_s - stride.start_s for _, stride in units]))


def _units(trials: Sequence[Trial], side: Side, processing: Processing) -> list[_Unit]:
    found = []
    for trial in trials:
        search = search_strides(trial, side, threshold_N=processing.contact_threshold_N)
        found += [(trial, stride) for stride in search.strides]
    return found


def _counted(units: Sequence[_Unit]) -> dict[str, int]:
    counts: dict[str, int] = {}
    for trial, _ in units:
        counts[trial.name] = counts.get(trial.name, 0) + 1
    return counts


def _side_with_most_stances(normal: Sequence[Trial], modified: Sequence[Trial], processing: Processing) -> Side:
    fewest: dict[Side, int] = {}
    failure: WorkbenchError | None = None
    for side in SIDES:
        try:
            fewest[side] = min(len(_units(group, side, processing)) for group in (normal, modified))
        except WorkbenchError as error:
            failure = error
    if not fewest:
        assert failure is not None
        raise SettingError(
            f"no leg has a complete stance in every trial: {failure}", remedy="Leave out the incomplete trials."
        )
    return max(sorted(fewest, reverse=True), key=lambda side: fewest[side])
