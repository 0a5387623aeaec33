"""Answers for notebooks: tables, text and documents of a simulation and of a target."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from markupsafe import Markup

from workbench.advice.personal import PersonalTarget
from workbench.advice.prepared_leg import PreparedLeg
from workbench.advice.target import PROTOCOL
from workbench.core.changes import Changes
from workbench.core.results import Simulation
from workbench.core.settings import LoadSettings
from workbench.core.vocabulary import DISCLAIMER
from workbench.report import simulation_report, target_report
from workbench.report.html import render

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, repr=False)
class Answer:
    """The recorded and the modified walk; displayed as a table in a notebook.

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
            recorded; ``remark``, notes when a change is smaller than the test-retest error.

        Examples
        --------
        >>> import workbench
        >>> answer = workbench.simulate(workbench.open_trial("reference"), toe_in_deg=10)
        >>> table = answer.summary()
        >>> table.loc[["kam_peak_1_pct_bw_ht", "mcf_peak_1_bw"], ["unit", "recorded", "modified"]].round(2)
                                unit  recorded  modified
        name
        kam_peak_1_pct_bw_ht  % BW·ht      3.20      2.91
        mcf_peak_1_bw              BW      2.07      2.12
        """
        return simulation_report.peaks_table(self.simulation)

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
        return simulation_report.curves_table(self.simulation)

    def plot(self) -> Any:
        """Draw medial and lateral force, KAM and KFM over the cycle, recorded and modified.

        Returns
        -------
        holoviews.Layout
            Shown as the last line of a cell. Grey dashed: the recorded gait; solid, in the colour of the leg: with the
            change, simulated. Contact forces (body weight, compression positive) are simulated in either gait; moments
            (% body weight x height) are external, adduction and flexion positive.

        Examples
        --------
        >>> import workbench
        >>> answer = workbench.simulate(workbench.open_trial("reference"), toe_in_deg=10)
        >>> len(answer.plot())
        4
        """
        from workbench.figures.plots import plot_answer

        return plot_answer(self.simulation)

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
        return simulation_report.simulation_document(self.simulation)

    def __str__(self) -> str:
        return simulation_report.simulation_text(self.simulation)

    __repr__ = __str__

    def _repr_html_(self) -> str:
        headline, change, *_ = simulation_report.simulation_text(self.simulation).splitlines()
        table = self.summary().to_html(float_format=lambda value: f"{value:.3f}", index=False, na_rep="")
        return render(
            "answer.html",
            headline=headline,
            change=change,
            table=Markup(table),
            findings=self.simulation.findings,
            disclaimer=DISCLAIMER,
        )


@dataclass(frozen=True, eq=False, repr=False)
class TargetAnswer:
    """The personal target of one leg with its reasons; displayed as a table in a notebook.

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
    Recommended: toe-in 10°; it lowers the larger KAM peak most, by 9.1 %
    """

    leg: PreparedLeg
    settings: LoadSettings
    target: PersonalTarget

    def summary(self) -> pd.DataFrame:
        """The four changes of the protocol: effect on KAM and medial force, and violated guard rails.

        Returns
        -------
        pandas.DataFrame
            By change (``"toe-in 10°"``): ``foot_progression_change_deg`` (toe-out positive);
            ``larger_kam_peak_change_percent`` and ``larger_medial_force_peak_change_percent``, of the larger recorded
            peak, negative where the load falls; ``best_for``, the goal that it lowers most; ``against``, the guard
            rails it violates, in words.

        Examples
        --------
        >>> import workbench
        >>> answer = workbench.personal_target(workbench.open_trial("reference"))
        >>> table = answer.summary()
        >>> table["larger_kam_peak_change_percent"].round(0).to_list()
        [-9.0, -5.0, 4.0, 8.0]
        >>> table["larger_medial_force_peak_change_percent"].round(0).to_list()
        [12.0, 6.0, -7.0, -15.0]
        >>> table["best_for"].to_list()  # KAM and contact force disagree
        ['KAM', '', '', 'medial force']
        """
        return target_report.candidates_table(self.target)

    def alternatives(self) -> pd.DataFrame:
        """The best change for either goal of foot angle, finer foot angle, step width and both, the protocol first.

        Returns
        -------
        pandas.DataFrame
            By set of changes and goal: ``changed``, ``goal`` and ``best`` in words; ``change_percent`` of the goal's
            larger peak, with ``lowest_percent`` and ``highest_percent`` over the assumptions; ``helpful``, whether it
            falls by the required 5 %; ``survives``, whether that holds across assumptions and strides.

        Examples
        --------
        >>> import workbench
        >>> answer = workbench.personal_target(workbench.open_trial("reference"))
        >>> answer.alternatives().loc["step_width", ["best", "survives"]]
                                   best  survives
        aim
        kam           10 cm wider steps     False
        medial_force  10 cm wider steps     False
        """
        return target_report.alternatives_table(self.target)

    def assumptions(self) -> pd.DataFrame:
        """Change of the larger KAM peak (percent) with the protocol's best change, under each assumption.

        Returns
        -------
        pandas.DataFrame
            ``pivot``, where the foot turns, as a fraction of its length from the heel; ``ground_force``, the rule for
            its direction; ``assumed``, what differs from the answer, in words; ``larger_kam_peak_change_percent``,
            negative where it falls.

        Examples
        --------
        >>> import workbench
        >>> answer = workbench.personal_target(workbench.open_trial("reference"))
        >>> table = answer.assumptions()  # a point further forward lets the peak fall more
        >>> table.set_index("pivot")["larger_kam_peak_change_percent"].round(0).loc[[0.35, 0.65]].to_dict()
        {0.35: -3.0, 0.65: -15.0}
        """
        return target_report.assumptions_table(self.target)

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
        return target_report.own_strides_table(self.target)

    def response(self, values: Sequence[float] | None = None, over: str = PROTOCOL, **others: float) -> pd.DataFrame:
        """Every outcome over one change of gait, by default of the foot progression angle, from the response surface.

        Parameters
        ----------
        values : sequence of float, optional
            Of that change, in its unit and sign (degrees, toe-out positive, -15 to 15); by default every degree from
            -10 to 10.
        over : str
            Its name, a key of `workbench.core.changes.KINDS`.
        **others : float
            Changes that are held, by name: ``step_width_change_m=0.05``.

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
        [[2.9, 3.2], [3.2, 2.9], [3.4, 2.5]]
        """
        return target_report.response_table(self.leg.surface, self.settings, values, over, Changes(others))

    def plot(self) -> Any:
        """Draw both peaks of the KAM and of the medial force over the change of foot progression angle.

        Returns
        -------
        holoviews.Layout
            Shown as the last line of a cell; every degree from -10 to 10, toe-out positive, simulated. KAM in % body
            weight x height with the fall that the protocol requires, medial contact force in body weight.

        Examples
        --------
        >>> import workbench
        >>> answer = workbench.personal_target(workbench.open_trial("reference"))
        >>> len(answer.plot())
        2
        """
        from workbench.figures.plots import plot_response

        found = self.response()
        outcomes = {str(name): found[name].to_numpy() for name in found.columns}
        return plot_response(found.index.to_numpy(), outcomes, self.target)

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
        return target_report.target_document(self.target, self.leg, self.settings)

    def __str__(self) -> str:
        return target_report.target_text(self.target, self.leg, self.settings)

    __repr__ = __str__

    def _repr_html_(self) -> str:
        return target_report.target_html(self.target, self.leg, self.settings)
