"""The workbench in a few words, for a notebook: open a trial, simulate, look at the tables."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from workbench.core.settings import (
    LoadSettings,
    Processing,
    assumptions_alone,
    check_side,
    modification_from_words,
)
from workbench.core.types import Trial
from workbench.core.vocabulary import Side

if TYPE_CHECKING:
    from workbench.report.answers import Answer, ComparisonAnswer, TargetAnswer


def open_trial(path_or_name: str | Path = "reference") -> Trial:
    """Open the built-in walk, or the recording that a ``trial.toml`` describes.

    Parameters
    ----------
    path_or_name : str or Path
        ``"reference"`` or the path of a ``trial.toml`` (or of its folder).

    Returns
    -------
    Trial

    Raises
    ------
    TrialError
        If it cannot be read, with what is wrong, where, and what to do.

    Examples
    --------
    >>> import workbench
    >>> workbench.open_trial("reference").subject
    Subject(mass_kg=86.04, height_m=1.87)
    """
    from workbench.trials import open_trial as open_from_disk

    return open_from_disk(path_or_name)


def simulate(
    trial: Trial,
    *,
    side: Side | None = None,
    stride: int | None = None,
    mean: bool = False,
    settings: LoadSettings | None = None,
    processing: Processing | None = None,
    **changes: Any,
) -> Answer:
    """Simulate a change of gait and set it beside the recorded walk.

    Parameters
    ----------
    trial : Trial
        See `open_trial`.
    side : {"left", "right"}, optional
        Leg to analyse; by default the instrumented one, else the right where it can be.
    stride : int, optional
        Number of the stride; by default the most typical one.
    mean : bool
        Average over all strides; takes about half a second a stride, with a progress bar in a terminal.
    settings : LoadSettings, optional
        Muscle weights, contact points, moment frame.
    processing : Processing, optional
        Filters and contact threshold.
    **changes
        What is changed, from 0 up: ``toe_in_deg`` or ``toe_out_deg`` (turn of the feet, to 20 degrees), ``wider_cm`` or
        ``narrower_cm`` (to 15 cm); and the assumptions behind it, the fields of `GaitModification`: ``sides``,
        ``pivot``, ``virtual_point_statures``...

    Returns
    -------
    Answer

    Raises
    ------
    SettingError, TrialError, ModelError, SimulationError
        With what is wrong, where, and what to do.

    Examples
    --------
    >>> import workbench
    >>> answer = workbench.simulate(workbench.open_trial("reference"), toe_in_deg=10)
    >>> float(answer.summary().loc["kam_peak_1_pct_bw_ht", "change"].round(1))
    -0.3
    """
    from workbench.report.answers import Answer
    from workbench.simulation.simulate import simulate as simulate_walk
    from workbench.simulation.walk import Walk

    check_side(side)
    modification = modification_from_words(changes)
    walk = Walk(trial, processing)
    progress = terminal_progress() if mean else None
    return Answer(simulate_walk(walk, modification, settings, side=side, stride=stride, mean=mean, progress=progress))


def personal_target(
    trial: Trial,
    *,
    side: Side | None = None,
    stride: int | None = None,
    settings: LoadSettings | None = None,
    processing: Processing | None = None,
    every_assumption: bool = False,
    **assumptions: Any,
) -> TargetAnswer:
    """Find the change of gait that would lower this person's knee load most, and say how sure that is.

    The protocol of Uhlrich et al. 2025 (Lancet Rheumatol 7:e708) as a simulation: of 5 and 10 degrees of toe-in and
    toe-out, the one that lowers the larger peak of the knee adduction moment most, if by 5 % or more. Beside it stand
    what that change does to the medial contact force, the guard rails each change breaks, finer foot angles and the
    step width, and, with twenty recorded strides or more, whether the person's own strides agree with the simulation.

    It takes about ten seconds in worker processes, half a minute for a recording of many strides, with a progress
    bar in a terminal.

    Parameters
    ----------
    trial : Trial
        See `open_trial`.
    side : {"left", "right"}, optional
        Leg to analyse; by default the instrumented one, else the right where it can be.
    stride : int, optional
        Number of the stride; by default the most typical one.
    settings : LoadSettings, optional
        Muscle weights, contact points, moment frame.
    processing : Processing, optional
        Filters and contact threshold.
    every_assumption : bool
        Repeat the answer under every assumption that is as defensible (METHODS, section 10), which takes twice as
        long; by default under those alone that belong to the shown range.
    **assumptions
        The assumptions of `GaitModification`: ``sides``, ``pivot``, ``virtual_point_statures``...

    Returns
    -------
    TargetAnswer

    Raises
    ------
    SettingError, TrialError, ModelError, SimulationError
        With what is wrong, where, and what to do.

    Examples
    --------
    >>> import workbench
    >>> target = workbench.personal_target(workbench.open_trial("reference"))
    >>> target.summary()["best_for"].to_dict()  # the moment is not the force
    {'toe-in 10°': 'KAM', 'toe-in 5°': '', 'toe-out 5°': '', 'toe-out 10°': 'medial force'}
    """
    from workbench.advice import personal
    from workbench.report.answers import TargetAnswer
    from workbench.workers.preparation import prepared_leg

    check_side(side)
    template = assumptions_alone(assumptions)
    settings, processing = settings or LoadSettings(), processing or Processing()
    progress = terminal_progress()
    with prepared_leg(trial, processing, template, side=side, stride=stride, progress=progress) as (leg, solve_all):
        target = personal.personal_target(
            leg.surface, leg.strides, settings, solve_all, every_assumption=every_assumption
        )
        return TargetAnswer(leg, settings, target)


def compare(
    *,
    normal: Sequence[Trial],
    modified: Sequence[Trial],
    side: Side | None = None,
    settings: LoadSettings | None = None,
    processing: Processing | None = None,
    **assumptions: Any,
) -> ComparisonAnswer:
    """Set a change of gait that a person really made beside the same change simulated from the normal trials.

    What the person changed is measured: foot progression angle, step width from heel to heel, trunk lean, step length
    and stance time. The foot angle and the step width are simulated from every stride of the normal trials.

    Parameters
    ----------
    normal, modified : sequence of Trial
        Trials of one person, see `open_trial`.
    side : {"left", "right"}, optional
        Leg to analyse; by default the one with the most complete stances in both groups.
    settings : LoadSettings, optional
        Muscle weights, contact points, moment frame.
    processing : Processing, optional
        Filters and contact threshold.
    **assumptions
        The assumptions of `GaitModification`.

    Returns
    -------
    ComparisonAnswer

    Raises
    ------
    SettingError, TrialError, ModelError, SimulationError
        With what is wrong, where, and what to do.

    Examples
    --------
    >>> import workbench
    >>> walk = workbench.open_trial("reference")
    >>> answer = workbench.compare(normal=[walk], modified=[walk])
    >>> answer.comparison.change["foot_progression_change_deg"]
    0.0
    """
    check_side(side)
    template = assumptions_alone(assumptions)
    from workbench.report.answers import ComparisonAnswer
    from workbench.workers.comparison import compare as compare_trials
    from workbench.workers.pool import SolverPool

    with SolverPool() as pool:
        return ComparisonAnswer(
            compare_trials(
                pool,
                normal,
                modified,
                side=side,
                settings=settings,
                processing=processing,
                template=template,
                progress=terminal_progress(),
            )
        )


def explore(trial: Trial | None = None) -> Any:
    """Open the interactive view of a trial in a notebook: a slider for each change, curves and peaks.

    Parameters
    ----------
    trial : Trial, optional
        By default the built-in walk.

    Returns
    -------
    NotebookView
        Shown as the last line of a cell. Its `session` holds what the sliders set, and ``await view.answer()`` is the
        `Answer` to it.

    Raises
    ------
    TrialError
        If no leg of the trial can be analysed.

    Examples
    --------
    >>> import asyncio
    >>> import workbench
    >>> view = workbench.explore(workbench.open_trial("reference"))
    >>> view.session.foot_progression_change_deg = -10.0  # what the slider does
    >>> answer = asyncio.run(view.answer())  # in a notebook: await view.answer()
    >>> float(answer.summary().loc["kam_peak_1_pct_bw_ht", "change"].round(1))
    -0.3
    >>> view.session.close()
    """
    from workbench.dashboard.notebook import explore as explore_trial

    return explore_trial(trial or open_trial())


def terminal_progress() -> Callable[[int, int], None] | None:
    """The progress bar where standard error is a terminal, else None."""
    return progress_bar if sys.stderr.isatty() else None


def progress_bar(done: int, total: int) -> None:
    """Draw a progress bar on standard error."""
    bar = "#" * (30 * done // total)
    print(f"\r[{bar:30}] {done} of {total} solved", end="\n" if done == total else "", file=sys.stderr, flush=True)
