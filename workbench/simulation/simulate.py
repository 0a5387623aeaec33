"""One what-if from end to end: the recorded and the modified walk, their loads, checks and provenance."""

from __future__ import annotations

import hashlib
import platform
from collections.abc import Callable, Mapping, Sequence
from importlib import metadata
from pathlib import Path

import numpy as np

import workbench
from workbench.core.errors import SettingError
from workbench.core.events import most_typical
from workbench.core.loads import KneeLoads, knee_loads
from workbench.core.results import Simulation, loads_of_strides
from workbench.core.types import GaitModification, LoadSettings, Stride, Trial
from workbench.core.vocabulary import MOMENT_POINT, Side
from workbench.simulation.scaling import own_model_path
from workbench.simulation.walk import SolvedLeg, Walk

#: Called with how many solutions are done and how many there will be.
Progress = Callable[[int, int], None]
#: Solves each stride in each gait, in order; a process pool or a loop.
SolveAll = Callable[[Sequence[tuple[Stride, GaitModification]]], Sequence[SolvedLeg]]


def chosen_strides(walk: Walk, side: Side, number: int | None, mean: bool) -> tuple[Stride, ...]:
    """Return the stride asked for by its number, all of them for the mean, else the most typical one.

    Raises
    ------
    SettingError
        If there is no stride of this number.
    """
    strides = walk.strides(side)
    if mean:
        return strides
    if number is None:
        return (most_typical(strides, walk.trial),)
    for stride in strides:
        if stride.number == number:
            return (stride,)
    raise SettingError(
        f"there is no {side} stride {number}.", where=walk.trial.name, remedy=f"Choose 1 to {len(strides)}."
    )


def simulate(
    walk: Walk,
    modification: GaitModification,
    settings: LoadSettings | None = None,
    *,
    side: Side | None = None,
    stride: int | None = None,
    mean: bool = False,
    solve_all: SolveAll | None = None,
    progress: Progress | None = None,
) -> Simulation:
    """Simulate a change of gait and set it beside the recorded walk.

    Parameters
    ----------
    walk : Walk
    modification : GaitModification
    settings : LoadSettings, optional
    side : {"left", "right"}, optional
        Leg to analyse; by default the instrumented one, else the right where it can be.
    stride : int, optional
        Number of the stride; by default the most typical one.
    mean : bool
        Analyse every stride and average.
    solve_all : callable, optional
        Solves all strides, for instance in several processes; by default one after the other here.
    progress : callable, optional
        Told after each solution where no `solve_all` is given.

    Returns
    -------
    Simulation
        Baseline and modified are one object where nothing is changed.
    """
    settings = settings or LoadSettings()
    side = side or walk.default_side
    strides = chosen_strides(walk, side, stride, mean)
    gaits = [GaitModification()] if modification.is_none else [GaitModification(), modification]
    jobs = [(one, gait) for gait in gaits for one in strides]
    solved = list(solve_all(jobs)) if solve_all else _solve_here(walk, jobs, progress)
    subject = walk.trial.subject
    loads = [knee_loads(leg.mechanics, one, subject, settings) for leg, (one, _) in zip(solved, jobs, strict=True)]
    baseline = loads_of_strides(loads[: len(strides)])
    modified = baseline if modification.is_none else loads_of_strides(loads[len(strides) :])
    return Simulation(
        trial_name=walk.trial.name,
        subject=subject,
        side=side,
        strides=strides,
        strides_found=len(walk.strides(side)),
        modification=modification,
        settings=settings,
        processing=walk.processing,
        baseline=baseline,
        modified=modified,
        checks=_checks(solved[: len(strides)], solved[-len(strides) :], loads),
        notes=(*walk.trial.notes, *walk.trial.warnings, *walk.notes, *_unit_note(strides)),
        provenance=provenance(walk.trial),
    )


def provenance(trial: Trial) -> dict[str, object]:
    """Versions and file hashes behind a number."""
    model_file = trial.model_file or own_model_path()
    return {
        "workbench": workbench.__version__,
        "python": platform.python_version(),
        "versions": {name: metadata.version(name) for name in ("opensim", "numpy", "scipy", "daqp")},
        "model": model_file.name,
        "sha256": {**trial.source_sha256, model_file.name: sha256(model_file)},
    }


def sha256(file: Path) -> str:
    """Hash of a file's content."""
    return hashlib.sha256(file.read_bytes()).hexdigest()


def _solve_here(
    walk: Walk, jobs: Sequence[tuple[Stride, GaitModification]], progress: Progress | None
) -> list[SolvedLeg]:
    solved = []
    for done, (stride, modification) in enumerate(jobs, start=1):
        solved.append(walk.solve(stride, modification))
        if progress:
            progress(done, len(jobs))
    return solved


def _unit_note(strides: Sequence[Stride]) -> tuple[str, ...]:
    if all(stride.whole for stride in strides):
        return ()
    return (
        "No whole stride was recorded: the unit of analysis is the stance, percent are of stance, and impulses are"
        " over that stance.",
    )


def _checks(
    baseline: Sequence[SolvedLeg], modified: Sequence[SolvedLeg], loads: Sequence[KneeLoads]
) -> Mapping[str, float | str | bool | None]:
    """Figures that tell how far to trust the answer; the worst over the strides."""

    def worst(legs: Sequence[SolvedLeg], name: str) -> float | None:
        values = [getattr(leg.checks, name) for leg in legs]
        return None if any(value is None for value in values) else float(max(values))

    figures: dict[str, float | str | bool | None] = {"contact_points_measured_from": MOMENT_POINT}
    for gait, legs in (("baseline", baseline), ("modified", modified)):
        for name in (
            "residual_force_pct_bw",
            "residual_force_rms_pct_bw",
            "residual_moment_pct_bw_ht",
            "centre_of_pressure_outside_foot_m",
        ):
            figures[f"{name}_{gait}"] = worst(legs, name)
    forces = [one.curves for one in loads]
    figures["largest_reserve_moment_Nm"] = float(max(np.abs(one.reserve_moment_Nm).max() for one in loads))
    figures["largest_activation"] = float(max(one.activation.max() for one in loads))
    figures["lowest_lateral_force_bw"] = float(min(curve["lateral_contact_force_bw"].min() for curve in forces))
    figures["lowest_medial_force_bw"] = float(min(curve["medial_contact_force_bw"].min() for curve in forces))
    figures["medial_plus_lateral_minus_total_bw"] = float(
        max(
            np.abs(
                curve["medial_contact_force_bw"] + curve["lateral_contact_force_bw"] - curve["total_contact_force_bw"]
            ).max()
            for curve in forces
        )
    )
    return figures
