"""The workbench for notebooks: open a trial, simulate, look at the tables."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from workbench.api.drawing import plot_compare, plot_map
from workbench.api.person import emg, own_law
from workbench.api.progress import terminal_progress
from workbench.core.settings import (
    GaitModification,
    LoadSettings,
    Processing,
    assumptions_alone,
    check_side,
    modification_from_words,
)
from workbench.core.types import SolvedLeg, Stride, Trial
from workbench.core.vocabulary import Side

if TYPE_CHECKING:
    from workbench.report.answers import Answer, TargetAnswer
    from workbench.report.comparison_answer import ComparisonAnswer

__all__ = [
    "compare",
    "emg",
    "explore",
    "open_trial",
    "own_law",
    "personal_target",
    "plot_compare",
    "plot_map",
    "simulate",
]


def open_trial(
    path_or_name: str | Path = "reference",
    *,
    mass_kg: float | None = None,
    height_m: float | None = None,
    static: str | Path | None = None,
    markers: str | Path | None = None,
    model: str | Path | None = None,
    forces: str | Path | None = None,
    external_loads: str | Path | None = None,
    plates: bool = True,
    measured_loads: str | Path | None = None,
    measured_side: Side | None = None,
    trial: str | None = None,
) -> Trial:
    """Open the built-in walk, a ``trial.toml``, or a laboratory's recording.

    A recording is imported once (scaling and inverse kinematics take a minute or so) and cached by content; opening it
    again is instant. ``workbench import`` on the command line writes the same into a folder.

    Parameters
    ----------
    path_or_name : str or Path
        ``"reference"``, the path of a ``trial.toml`` (or of its folder), a C3D or TRC file, a motion (.mot, .sto), or
        an OpenCap or AddBiomechanics export folder. What belongs to a file is found beside it by its name.
    mass_kg, height_m : float, optional
        Of the person, where no file says it.
    static : path, optional
        The static trial.
    markers : path, optional
        A marker map (TOML), where the labels are not those of a known set.
    model : path, optional
        An OpenSim model; by default the project's own, scaled to the markers.
    forces : path, optional
        Ground reaction forces, .mot or .sto.
    external_loads : path, optional
        An ExternalLoads file; it is OpenSim external loads, compared with the foot positions.
    plates : bool
        False estimates the forces from the motion alone.
    measured_loads : path, optional
        Loads that an implant measured, in the knee of `measured_side`.
    measured_side : {"left", "right"}, optional
    trial : str, optional
        Which trial of a folder that holds several.

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
    from workbench.intake.kept import open_recorded
    from workbench.recordings.sources import Wishes

    def path(value: str | Path | None) -> Path | None:
        return None if value is None else Path(value)

    wishes = Wishes(
        mass_kg, height_m, path(static), path(markers), path(model), path(forces), path(external_loads), plates,
        path(measured_loads), measured_side, trial,
    )  # fmt: skip
    return open_recorded(path_or_name, wishes)


def simulate(
    trial: Trial,
    *,
    side: Side | None = None,
    stride: int | None = None,
    mean: bool = False,
    personal: bool = False,
    settings: LoadSettings | None = None,
    processing: Processing | None = None,
    **changes: Any,
) -> Answer:
    """Simulate a change of gait and compare it with the recorded walk.

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
    personal : bool
        Take the assumptions that this person's own strides settle in place of the defaults, see `own_law`; the answer
        names them with their errors. Needs twenty strides or more.
    settings : LoadSettings, optional
        Muscle weights, contact points, moment frame.
    processing : Processing, optional
        Filters and contact threshold.
    **changes
        What is changed, from 0 up: ``toe_in_deg`` or ``toe_out_deg`` (turn of the feet, to 25 degrees), ``wider_cm`` or
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
    law = None
    if personal:
        from workbench.advice.law_of_strides import own_law_of, personalised

        def recorded(strides: Sequence[Stride]) -> list[SolvedLeg]:
            return [walk.solve(one, GaitModification()) for one in strides]

        law = own_law_of(walk.strides(side or walk.default_side), recorded, trial.subject, settings or LoadSettings())
        _, modification = personalised(trial, modification, law, changes)
    return Answer(
        simulate_walk(walk, modification, settings, side=side, stride=stride, mean=mean, own_law=law, progress=progress)
    )


def personal_target(
    trial: Trial,
    *,
    side: Side | None = None,
    stride: int | None = None,
    settings: LoadSettings | None = None,
    processing: Processing | None = None,
    every_assumption: bool = False,
    personal: bool = False,
    **assumptions: Any,
) -> TargetAnswer:
    """Find the change of gait that would lower this person's knee load most, and how robust that is.

    The protocol of Uhlrich et al. 2025 (Lancet Rheumatol 7:e708) as a simulation: of 5 and 10 degrees of toe-in and
    toe-out, the one that lowers the larger peak of the knee adduction moment most, if by 5 % or more. The answer also
    gives that change's effect on the medial contact force, the guard rails each change violates, finer foot angles and
    step widths, and, with twenty recorded strides or more, whether the person's own strides agree with the simulation.

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
    personal : bool
        Take the assumptions that this person's own strides settle in place of the defaults, see `own_law`; the answer
        names them with their errors. Needs twenty strides or more.
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
    >>> target.summary()["best_for"].to_dict()  # KAM and contact force disagree
    {'toe-in 10°': 'KAM', 'toe-in 5°': '', 'toe-out 5°': '', 'toe-out 10°': 'medial force'}
    """
    from workbench.advice.personal import personal_target as find_target
    from workbench.report.answers import TargetAnswer
    from workbench.workers.preparation import prepared_leg

    check_side(side)
    template = assumptions_alone(assumptions)
    settings, processing = settings or LoadSettings(), processing or Processing()
    progress = terminal_progress()
    with prepared_leg(
        trial, processing, template, side=side, stride=stride, personal=settings if personal else None,
        chosen=assumptions, progress=progress,
    ) as (leg, solve_all):  # fmt: skip
        target = find_target(
            leg.surface, leg.strides, settings, solve_all, processing=processing, every_assumption=every_assumption
        )
        return TargetAnswer(leg, settings, target)


def compare(
    *,
    normal: Sequence[Trial | str | Path],
    modified: Sequence[Trial | str | Path],
    mass_kg: float | None = None,
    height_m: float | None = None,
    side: Side | None = None,
    settings: LoadSettings | None = None,
    processing: Processing | None = None,
    **assumptions: Any,
) -> ComparisonAnswer:
    """Compare a change of gait that a person really made with the same change simulated from the normal trials.

    What the person changed is measured: foot progression angle, step width from heel to heel, trunk lean, step length
    and stance time. The foot angle and the step width are simulated from every stride of the normal trials.

    Parameters
    ----------
    normal, modified : sequence of Trial or path
        Trials of one person, or what `open_trial` takes; ``FOLDER/NAME`` is one trial of an export folder.
    mass_kg, height_m : float, optional
        Of the person, for recordings that do not say it.
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
    from workbench.report.comparison_answer import ComparisonAnswer
    from workbench.workers.pool import SolverPool
    from workbench.workers.trial_comparison import compare as compare_trials

    before, after = (
        [one if isinstance(one, Trial) else _of_person(one, mass_kg, height_m) for one in group]
        for group in (normal, modified)
    )
    with SolverPool() as pool:
        return ComparisonAnswer(
            compare_trials(
                pool,
                before,
                after,
                side=side,
                settings=settings,
                processing=processing,
                template=template,
                progress=terminal_progress(),
            )
        )


def _of_person(path: str | Path, mass_kg: float | None, height_m: float | None) -> Trial:
    from workbench.intake.kept import is_trial

    return open_trial(path) if is_trial(path) else open_trial(path, mass_kg=mass_kg, height_m=height_m)


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
