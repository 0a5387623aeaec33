"""A whole simulation: the recorded and the modified walk, their loads, checks and provenance."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from workbench.core.events import chosen_stride
from workbench.core.own_law import OwnLaw
from workbench.core.results import Simulation, assemble, solved_gait
from workbench.core.settings import GaitModification, LoadSettings
from workbench.core.types import SolvedLeg, Stride
from workbench.core.vocabulary import Side
from workbench.provenance import provenance
from workbench.simulation.walk import Walk

#: Called with how many solutions are done and how many there will be.
Progress = Callable[[int, int], None]
#: Solves each stride in each gait, in order; a process pool or a loop.
SolveAll = Callable[[Sequence[tuple[Stride, GaitModification]]], Sequence[SolvedLeg]]


def chosen_strides(walk: Walk, side: Side, number: int | None, mean: bool) -> tuple[Stride, ...]:
    """Return the stride with this number, all of them for the mean, or the most typical one.

    Raises
    ------
    SettingError
        If there is no stride of this number.
    """
    strides = walk.strides(side)
    return strides if mean else (chosen_stride(strides, number, walk.trial),)


def simulate(
    walk: Walk,
    modification: GaitModification,
    settings: LoadSettings | None = None,
    *,
    side: Side | None = None,
    stride: int | None = None,
    mean: bool = False,
    own_law: OwnLaw | None = None,
    solve_all: SolveAll | None = None,
    progress: Progress | None = None,
) -> Simulation:
    """Simulate a change of gait and compare it with the recorded walk.

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
    own_law : OwnLaw, optional
        The person's own law, where assumptions of the modification come from it: the answer says so.
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
    trial = replace(walk.trial, own_law=own_law)
    subject = trial.subject
    baseline = solved_gait(solved[: len(strides)], strides, subject, settings)
    modified = baseline if modification.is_none else solved_gait(solved[len(strides) :], strides, subject, settings)
    return assemble(
        trial,
        strides,
        modification,
        settings,
        walk.processing,
        baseline=baseline,
        modified=modified,
        strides_found=len(walk.strides(side)),
        provenance=provenance(trial),
    )


def _solve_here(
    walk: Walk, jobs: Sequence[tuple[Stride, GaitModification]], progress: Progress | None
) -> list[SolvedLeg]:
    solved = []
    for done, (stride, modification) in enumerate(jobs, start=1):
        solved.append(walk.solve(stride, modification))
        if progress:
            progress(done, len(jobs))
    return solved
