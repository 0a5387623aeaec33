"""Analysis of a person's own strides and muscles, for notebooks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from workbench.api.progress import terminal_progress
from workbench.core.errors import SettingError
from workbench.core.settings import GaitModification, LoadSettings, Processing, assumptions_alone, check_side
from workbench.core.types import Trial
from workbench.core.vocabulary import Side

if TYPE_CHECKING:
    from workbench.report.emg_report import EmgAnswer
    from workbench.report.own_law_report import OwnLawAnswer


def own_law(
    trial: Trial,
    *,
    side: Side | None = None,
    settings: LoadSettings | None = None,
    processing: Processing | None = None,
    **assumptions: Any,
) -> OwnLawAnswer:
    """Find from a long recording how this person's ground force and centre of pressure follow the feet.

    From the variation between twenty strides or more: the height at which the ground force aims, the point about which
    the foot turns, each with its standard error, and the slopes of KAM and medial force peaks against foot angle and
    step width. ``personal=True`` of `simulate`, `personal_target` and `plot_map` uses the assumptions that are certain
    enough.

    Parameters
    ----------
    trial : Trial
        See `open_trial`.
    side : {"left", "right"}, optional
        Leg to analyse; by default the instrumented one, else the right where it can be.
    settings : LoadSettings, optional
        Muscle weights, contact points, moment frame.
    processing : Processing, optional
        Filters and contact threshold.
    **assumptions
        The assumptions of `GaitModification` under which the slopes are simulated.

    Returns
    -------
    OwnLawAnswer

    Raises
    ------
    SettingError, TrialError, ModelError, SimulationError
        With what is wrong, where, and what to do.

    Examples
    --------
    >>> import workbench
    >>> workbench.own_law(workbench.open_trial("reference"))  # one mean stride tells nothing
    Traceback (most recent call last):
    workbench.core.errors.SettingError: 1 right stride is too few for this person's own settings: 20 are needed. Use \
a longer recording, for example a minute on a treadmill, or use the defaults.
    """
    check_side(side)
    template = assumptions_alone(assumptions)
    settings, processing = settings or LoadSettings(), processing or Processing()
    from workbench.report.own_law_report import OwnLawAnswer
    from workbench.workers.law_measurement import beside_simulation, measure_own_law
    from workbench.workers.pool import SolverPool

    with SolverPool() as pool:
        law = measure_own_law(pool, trial, processing, settings, side, terminal_progress())
        return OwnLawAnswer(trial, law, beside_simulation(pool, trial, processing, settings, law, template))


def emg(
    trial: Trial,
    *,
    side: Side | None = None,
    stride: int | None = None,
    mean: bool = False,
    settings: LoadSettings | None = None,
    processing: Processing | None = None,
) -> EmgAnswer:
    """Set computed muscle activations beside the recorded EMG, and tell the contact force when muscles follow it.

    Parameters
    ----------
    trial : Trial
        With EMG, see `open_trial` and the README.
    side : {"left", "right"}, optional
        By default the leg with EMG.
    stride : int, optional
        Number of the stride; by default the most typical one.
    mean : bool
        Average over all strides.
    settings : LoadSettings, optional
        Muscle weights, contact points, ``emg_weight``.
    processing : Processing, optional
        Among others the cut-off of the EMG and the electromechanical delay.

    Returns
    -------
    EmgAnswer

    Raises
    ------
    SettingError, TrialError, ModelError, SimulationError
        With what is wrong, where, and what to do.

    Examples
    --------
    >>> import workbench
    >>> workbench.emg(workbench.open_trial("reference"))
    Traceback (most recent call last):
    workbench.core.errors.SettingError: Reference walk: this trial has no EMG. Name its file and columns under [emg] \
in trial.toml.
    """
    check_side(side)
    if trial.emg is None:
        raise SettingError(
            "this trial has no EMG.", where=trial.name, remedy="Name its file and columns under [emg] in trial.toml."
        )
    settings, processing = settings or LoadSettings(), processing or Processing()
    from workbench.core.emg_opinion import emg_opinion
    from workbench.report.emg_report import EmgAnswer
    from workbench.simulation.simulate import chosen_strides
    from workbench.simulation.walk import Walk

    walk = Walk(trial, processing)
    with_emg = [one for one in walk.sides if walk.has_emg(one)]
    analysed = side or (with_emg or [walk.default_side])[0]
    strides = chosen_strides(walk, analysed, stride, mean)
    legs = [walk.solve(one, GaitModification()) for one in strides]
    opinions = [
        emg_opinion(leg.mechanics, one, trial.subject, settings) for leg, one in zip(legs, strides, strict=True)
    ]
    return EmgAnswer(trial, analysed, opinions, settings, processing)
