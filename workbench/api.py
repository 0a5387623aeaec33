"""The workbench in a few words, for a notebook: open a trial, simulate, look at the tables."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from workbench.core.errors import SettingError
from workbench.core.types import GaitModification, LoadSettings, Processing, Trial
from workbench.core.vocabulary import DISCLAIMER, Side

if TYPE_CHECKING:
    import pandas as pd

    from workbench.core.personal import PersonalTarget
    from workbench.core.results import Simulation
    from workbench.prepared_leg import PreparedLeg


@dataclass(frozen=True, repr=False)
class Answer:
    """The recorded and the modified walk side by side; shows itself as a table in a notebook.

    Parameters
    ----------
    simulation : Simulation
        Every number behind the tables.

    Examples
    --------
    >>> import workbench
    >>> answer = workbench.simulate(workbench.open_trial("reference"), toe_in_deg=10)
    >>> print(str(answer).splitlines()[0])
    Reference walk: right leg, stride 1 of 1, from 0.55 s; 86.04 kg, 1.87 m
    """

    simulation: Simulation

    def summary(self) -> pd.DataFrame:
        """Peaks, impulses, foot progression angle and step width: recorded, modified, change, percent, remark.

        Returns
        -------
        pandas.DataFrame
            By the names of `workbench.core.vocabulary.PEAKS`: ``quantity`` and ``unit`` in words; ``recorded`` and
            ``modified`` in that unit (mean over the strides); ``change``, modified minus recorded; ``percent`` of the
            recorded; ``remark``, whether the change is smaller than the test-retest error.

        Examples
        --------
        >>> import workbench
        >>> answer = workbench.simulate(workbench.open_trial("reference"), toe_in_deg=10)
        >>> table = answer.summary()
        >>> table.loc[["kam_peak_1_pct_bw_ht", "mcf_peak_1_bw"], ["unit", "recorded", "modified"]].round(2)
                                unit  recorded  modified
        name
        kam_peak_1_pct_bw_ht  % BW·ht      3.20      2.98
        mcf_peak_1_bw              BW      2.15      2.20
        """
        from workbench import report

        return report.peaks_table(self.simulation)

    def curves(self) -> pd.DataFrame:
        """Moments (% body weight x height) and contact forces (body weight) over the cycle, 101 rows.

        Returns
        -------
        pandas.DataFrame
            ``percent`` of the stride (of stance where no whole stride was recorded) and, for each name of
            `workbench.core.vocabulary.CURVES`, ``recorded_`` and ``modified_``; with several strides ``recorded_sd_``.
            Moments are external, adduction and flexion positive; compression is positive.

        Examples
        --------
        >>> import workbench
        >>> answer = workbench.simulate(workbench.open_trial("reference"), toe_in_deg=10)
        >>> curves = answer.curves()
        >>> curves.shape, float(curves["recorded_medial_contact_force_bw"].max().round(2))
        ((101, 11), 2.9)
        """
        from workbench import report

        return report.curves_table(self.simulation)

    def document(self) -> dict[str, object]:
        """Everything with settings, checks and provenance, as ``workbench simulate --json`` writes it.

        Returns
        -------
        dict
            Schema ``workbench.simulation/1``, ready for `json.dumps`.

        Examples
        --------
        >>> import workbench
        >>> answer = workbench.simulate(workbench.open_trial("reference"), toe_in_deg=10)
        >>> document = answer.document()
        >>> document["schema"], document["modification"]["foot_progression_change_deg"]
        ('workbench.simulation/1', -10.0)
        """
        from workbench import report

        return report.simulation_document(self.simulation)

    def __str__(self) -> str:
        from workbench import report

        return report.simulation_text(self.simulation)

    __repr__ = __str__

    def _repr_html_(self) -> str:
        from workbench import report

        headline, change, *_ = report.simulation_text(self.simulation).splitlines()
        table = self.summary().to_html(float_format=lambda value: f"{value:.3f}", index=False, na_rep="")
        return f"<p><b>{headline}</b><br>{change}</p>{table}<p><i>{DISCLAIMER}</i></p>"


@dataclass(frozen=True, eq=False, repr=False)
class TargetAnswer:
    """The personal target of one leg with its reasons; shows itself as a table in a notebook.

    Parameters
    ----------
    leg : PreparedLeg
        The trial, the leg's strides and its response surface.
    settings : LoadSettings
    target : PersonalTarget
        Every number behind the tables.

    Examples
    --------
    >>> import workbench
    >>> answer = workbench.personal_target(workbench.open_trial("reference"))
    >>> print(str(answer).splitlines()[2])
    Recommended: toe-in 10°; it lowers the larger KAM peak most, by 6.8 %
    """

    leg: PreparedLeg
    settings: LoadSettings
    target: PersonalTarget

    def summary(self) -> pd.DataFrame:
        """The four changes of the protocol: what each does to KAM and medial force, and what speaks against it.

        Returns
        -------
        pandas.DataFrame
            By change (``"toe-in 10°"``): ``foot_progression_change_deg`` (toe-out positive);
            ``larger_kam_peak_change_percent`` and ``larger_medial_force_peak_change_percent``, of the larger recorded
            peak, negative where the load falls; ``best_for``, which of the two falls most with it; ``against``, the
            guard rails it breaks, in words.

        Examples
        --------
        >>> import workbench
        >>> answer = workbench.personal_target(workbench.open_trial("reference"))
        >>> table = answer.summary()
        >>> table["larger_kam_peak_change_percent"].round(0).to_list()
        [-7.0, -3.0, 3.0, 5.0]
        >>> table["larger_medial_force_peak_change_percent"].round(0).to_list()
        [12.0, 6.0, -7.0, -14.0]
        >>> table["best_for"].to_list()  # the moment is not the force
        ['KAM', '', '', 'medial force']
        """
        from workbench import report_target

        return report_target.candidates_table(self.target)

    def alternatives(self) -> pd.DataFrame:
        """The best change for either goal of foot angle, finer foot angle, step width and both, the protocol first.

        Returns
        -------
        pandas.DataFrame
            By set of changes and goal: ``changed``, ``goal`` and ``best`` in words; ``change_percent`` of the goal's
            larger peak, with ``lowest_percent`` and ``highest_percent`` over the assumptions; ``helpful``, whether it
            falls by the required 5 %; ``survives``, whether that holds over assumptions and strides.

        Examples
        --------
        >>> import workbench
        >>> answer = workbench.personal_target(workbench.open_trial("reference"))
        >>> answer.alternatives().loc["step_width", ["best", "survives"]]
                                   best  survives
        aim
        kam           10 cm wider steps      True
        medial_force  10 cm wider steps      True
        """
        from workbench import report_target

        return report_target.alternatives_table(self.target)

    def assumptions(self) -> pd.DataFrame:
        """Change of the larger KAM peak (percent) with the protocol's best change, under each assumption.

        Returns
        -------
        pandas.DataFrame
            ``pivot``, where the foot turns, as a fraction of its length from the heel; ``ground_force``, the rule for
            its direction; ``larger_kam_peak_change_percent``, negative where it falls.

        Examples
        --------
        >>> import workbench
        >>> answer = workbench.personal_target(workbench.open_trial("reference"))
        >>> table = answer.assumptions()  # a point further forward lets the peak fall more
        >>> table.set_index("pivot")["larger_kam_peak_change_percent"].round(0).loc[[0.35, 0.65]].to_dict()
        {0.35: -1.0, 0.65: -13.0}
        """
        from workbench import report_target

        return report_target.assumptions_table(self.target)

    def own_strides(self) -> pd.DataFrame | None:
        """Slopes of the KAM peaks over the person's own recorded strides beside the simulated ones.

        Returns
        -------
        pandas.DataFrame or None
            For each peak and change: ``measured`` with its 95 % confidence interval ``low`` to ``high``, and
            ``simulated``, in ``unit``; ``agreement``: "agree", "disagree" or "cannot tell". None below twenty strides.

        Examples
        --------
        >>> import workbench
        >>> answer = workbench.personal_target(workbench.open_trial("reference"))
        >>> answer.own_strides() is None  # the built-in walk is one mean stride
        True
        """
        from workbench import report_target

        return report_target.own_strides_table(self.target)

    def response(
        self, foot_progression_changes_deg: Sequence[float] | None = None, step_width_change_m: float = 0.0
    ) -> pd.DataFrame:
        """Every outcome over the change of foot progression angle, from the response surface.

        Parameters
        ----------
        foot_progression_changes_deg : sequence of float, optional
            Toe-out positive, -15 to 15; by default every degree from -10 to 10.
        step_width_change_m : float
            Wider positive, -0.10 to 0.10.

        Returns
        -------
        pandas.DataFrame
            A column for each outcome by its name in `workbench.core.vocabulary`, indexed by the change.

        Raises
        ------
        SettingError
            If a change lies outside the response surface.

        Examples
        --------
        >>> import workbench
        >>> answer = workbench.personal_target(workbench.open_trial("reference"))
        >>> answer.response([-10, 0, 10])[["kam_peak_1_pct_bw_ht", "mcf_peak_2_bw"]].round(1).to_numpy().tolist()
        [[3.0, 3.2], [3.2, 2.9], [3.4, 2.5]]
        """
        from workbench import report_target

        return report_target.response_table(
            self.leg.surface, self.settings, foot_progression_changes_deg, step_width_change_m
        )

    def document(self) -> dict[str, object]:
        """Everything with settings, uncertainty and provenance, as ``workbench target --json`` writes it.

        Returns
        -------
        dict
            Schema ``workbench.target/1``, ready for `json.dumps`.

        Examples
        --------
        >>> import workbench
        >>> answer = workbench.personal_target(workbench.open_trial("reference"))
        >>> document = answer.document()
        >>> document["schema"], document["recommended"]["foot_progression_change_deg"], document["band"]["survives"]
        ('workbench.target/1', -10.0, False)
        """
        from workbench import report_target

        return report_target.target_document(self.target, self.leg, self.settings)

    def __str__(self) -> str:
        from workbench import report_target

        return report_target.target_text(self.target, self.leg)

    __repr__ = __str__

    def _repr_html_(self) -> str:
        from workbench import report_target

        return report_target.target_html(self.target, self.leg)


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
    toe_in_deg: float = 0.0,
    toe_out_deg: float = 0.0,
    wider_cm: float = 0.0,
    narrower_cm: float = 0.0,
    side: Side | None = None,
    stride: int | None = None,
    mean: bool = False,
    settings: LoadSettings | None = None,
    processing: Processing | None = None,
    **assumptions: Any,
) -> Answer:
    """Simulate a change of gait and set it beside the recorded walk.

    Parameters
    ----------
    trial : Trial
        See `open_trial`.
    toe_in_deg, toe_out_deg : float
        Turn of the feet about the vertical, 0 to 20 degrees; one of them.
    wider_cm, narrower_cm : float
        Change of step width, 0 to 15 cm; one of them.
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
    **assumptions
        The other fields of `GaitModification`: ``sides``, ``pivot``, ``virtual_point_statures``, ``swing_fade``.

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
    -0.2
    """
    from workbench.simulation.simulate import simulate as simulate_walk
    from workbench.simulation.walk import Walk

    if (toe_in_deg and toe_out_deg) or (wider_cm and narrower_cm):
        raise SettingError("give toe-in or toe-out, and wider or narrower, not both.")
    if min(toe_in_deg, toe_out_deg, wider_cm, narrower_cm) < 0.0:
        raise SettingError("changes are numbers from 0 up.", remedy="Use the opposite one for the other way.")
    modification = GaitModification(
        foot_progression_change_deg=toe_out_deg - toe_in_deg,
        step_width_change_m=(wider_cm - narrower_cm) / 100.0,
        **assumptions,
    )
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
    **assumptions
        The assumptions of `GaitModification`: ``sides``, ``pivot``, ``virtual_point_statures``, ``swing_fade``.

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
    from workbench.core import personal
    from workbench.prepared_leg import prepared_leg

    template = GaitModification(foot_progression_change_deg=0.0, step_width_change_m=0.0, **assumptions)
    settings, processing = settings or LoadSettings(), processing or Processing()
    progress = terminal_progress()
    with prepared_leg(trial, processing, template, side=side, stride=stride, progress=progress) as (leg, solve_all):
        return TargetAnswer(leg, settings, personal.personal_target(leg.surface, leg.strides, settings, solve_all))


def explore(trial: Trial | None = None) -> Any:
    """Open the interactive view of a trial in a notebook: sliders for both changes, curves and peaks.

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
    -0.2
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
