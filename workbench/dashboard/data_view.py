"""The Data view: what was loaded, how it was read, the checks, and a place to drop another trial."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final

import numpy as np
import panel as pn
import param
from bokeh.models import BoxAnnotation, ColumnDataSource, Range1d, Span
from bokeh.plotting import figure

from workbench.core.contacts import Contact, contacts_of
from workbench.core.findings import Finding
from workbench.core.quality import Checks, passed
from workbench.core.results import Simulation
from workbench.core.types import GroundReaction, Trial
from workbench.core.vocabulary import SIDES
from workbench.dashboard.controls import TrialChoice
from workbench.dashboard.emg_panel import emg_panel
from workbench.dashboard.import_view import ImportView
from workbench.dashboard.messages import FINDINGS_STYLE, TABLE_STYLE
from workbench.figures import colours, palette
from workbench.report.html import render
from workbench.session.session import Session
from workbench.session.solvers import Later

_MOST_POINTS: Final = 6000  # more than the figure has pixels, and still quick to send
_DASH: Final = {"left": "solid", "right": "dashed"}
_STYLE: Final = """
h2 { font-size: 17px; font-weight: 600; margin: 4px 0 6px; } td { vertical-align: top; }
td.text, th.text { white-space: normal; text-align: left; }
"""


class DataView(pn.viewable.Viewer):
    """The open trial as it was read."""

    dark = param.Boolean(default=False, doc="Whether the page is dark.")
    looked_at = param.Boolean(default=False, doc="Whether the view is visible; a hidden one is not updated.")

    def __init__(
        self,
        session: Session,
        choice: TrialChoice,
        on_close: Callable[[Callable[[], None]], None],
        later: Later,
        show_loads: Callable[[], None],
        **params: Any,
    ) -> None:
        super().__init__(**params)
        self._session = session
        self._import_view = ImportView(session, choice, on_close, later, show_loads)
        self.param.watch(lambda event: setattr(self._import_view, "dark", event.new), "dark")

    def __panel__(self) -> pn.viewable.Viewable:
        """Facts and traces on the left, checks and upload on the right."""
        facts = pn.pane.HTML(stylesheets=[TABLE_STYLE, _STYLE], sizing_mode="stretch_width")
        muscles = pn.Column(sizing_mode="stretch_width", margin=0)
        checks = pn.pane.HTML(stylesheets=[TABLE_STYLE, FINDINGS_STYLE, _STYLE], sizing_mode="stretch_width")

        def show(*_: object) -> None:
            session = self._session
            if self.looked_at and session.trial is not None:
                facts.object = facts_html(session)
                muscles.objects = emg_panel(session, dark=self.dark)
                answer: Simulation | None = session.answer
                checks.object = (
                    checks_html(session.trial.findings, {})
                    if answer is None
                    else checks_html(answer.findings, answer.checks)
                )

        self._session.param.watch(show, ["trial", "strides", "stride_number", "answer"])
        self.param.watch(show, ["looked_at", "dark"])
        show()
        column = {"sizing_mode": "stretch_width", "margin": 8, "styles": {"flex": "1 1 340px"}}
        return pn.Row(
            pn.Column(_ForceTraces(self._session, self).pane, facts, **column),
            pn.Column(self._import_view, checks, **column),
            sizing_mode="stretch_width",
            styles={"flex-wrap": "wrap"},  # one below the other where both have no room
        )


class _ForceTraces:
    """Vertical force under both feet, with the events, on one display."""

    def __init__(self, session: Session, view: DataView) -> None:
        self._session, self._view = session, view
        self._plot = figure(
            height=260, min_width=300, sizing_mode="stretch_width", tools="xpan,xwheel_zoom,xbox_zoom,reset,save",
            title="Vertical ground force (BW), events, stride shown",
            x_axis_label="time (s)", x_range=Range1d(0.0, 1.0), y_range=Range1d(-0.1, 1.6),
        )  # fmt: skip
        self._plot.toolbar.logo = None
        self._traces = {side: ColumnDataSource({"time": [], "force": []}) for side in SIDES}
        self._events = {side: ColumnDataSource({"time": [], "force": [], "marker": []}) for side in SIDES}
        for side in SIDES:
            self._plot.line(
                "time", "force", source=self._traces[side], line_color=palette.SIDE_COLOURS[side], line_width=2,
                line_dash=_DASH[side], legend_label=f"{side} foot",
            )  # fmt: skip
            self._plot.scatter(
                "time", "force", source=self._events[side], marker="marker", size=9,
                fill_color=palette.SIDE_COLOURS[side], line_color=palette.SIDE_COLOURS[side],
            )  # fmt: skip
        self._plot.legend.update(orientation="horizontal", location="top_left")
        self._chosen = BoxAnnotation(fill_color=palette.RECORDED_COLOUR, fill_alpha=0.2, line_alpha=0.0)
        self._plot.add_layout(self._chosen)
        self._plot.add_layout(Span(location=0.0, dimension="width", line_color=palette.RECORDED_COLOUR))
        self.pane = pn.pane.Bokeh(self._plot, sizing_mode="stretch_width", height=260)
        session.param.watch(self._show, ["trial", "strides", "stride_number"])
        view.param.watch(self._colour, "dark")
        self._colour()
        self._show()

    def _show(self, *_: object) -> None:
        trial, stride = self._session.trial, self._session.stride
        if trial is None or stride is None:
            return
        weight_N = trial.subject.body_weight_N
        for side in SIDES:
            reaction = trial.ground_reactions.get(side)
            self._traces[side].data = _trace(reaction, weight_N)
            contacts = contacts_of(trial, side, self._session.processing.contact_threshold_N)
            self._events[side].data = _events(contacts)
        self._chosen.update(left=stride.start_s, right=stride.end_s)
        # A long recording would be a hedge of lines: three strides around the chosen one, the rest by panning.
        around_s = 1.5 * stride.duration_s
        self._plot.x_range.update(start=stride.start_s - around_s, end=stride.end_s + around_s)

    def _colour(self, *_: object) -> None:
        colours.paint(self._plot, dark=self._view.dark)


def _trace(reaction: GroundReaction | None, weight_N: float) -> dict[str, Any]:
    if reaction is None:
        return {"time": [], "force": []}
    step = max(1, len(reaction.time_s) // _MOST_POINTS)
    return {"time": reaction.time_s[::step], "force": reaction.force_N[::step, 1] / weight_N}


def _events(contacts: Sequence[Contact]) -> dict[str, Any]:
    """Foot strikes (triangles up) and toe-offs (triangles down), on the zero line."""
    strikes = [one.start_s for one in contacts if one.start_recorded]
    offs = [one.end_s for one in contacts if one.end_recorded]
    return {
        "time": [*strikes, *offs],
        "force": [0.0] * (len(strikes) + len(offs)),
        "marker": ["triangle"] * len(strikes) + ["inverted_triangle"] * len(offs),
    }


def facts_html(session: Session) -> str:
    """How the trial was read, as a table."""
    trial: Trial = session.trial
    answer: Simulation | None = session.answer
    processing = session.processing
    rows = {
        "Trial": trial.name,
        "Person": f"{trial.subject.mass_kg:g} kg, {trial.subject.height_m:g} m",
        "Model": trial.model_file.name if trial.model_file else "the project's own, scaled to this person",
        "Motion": f"{len(trial.motion.time_s)} instants from {trial.motion.time_s[0]:.2f} to"
        f" {trial.motion.time_s[-1]:.2f} s, {_rate(trial.motion.time_s)}",
        **{f"Plate under the {side} foot": _plate(trial, side) for side in SIDES},
        "Filter": f"low-pass, zero lag: motion {processing.coordinate_cutoff_hz:g} Hz, forces"
        f" {processing.force_cutoff_hz:g} Hz",
        "Contact": f"vertical force above {processing.contact_threshold_N:g} N"
        + (", events given with the trial" if trial.foot_strikes_s else ", on the raw signal"),
        "Strides": f"{len(session.strides)} of the {session.side} leg",
        "EMG": ", ".join(trial.emg.muscles) if trial.emg else "none",
        "Implant": f"{trial.measured_loads.side} knee" if trial.measured_loads else "none",
    }
    if answer is not None:
        stride = answer.strides[0]
        rows["Shown"] = (
            f"{'stride' if stride.whole else 'stance'} {stride.number}, {stride.start_s:.2f} to {stride.end_s:.2f} s,"
            f" toe-off at {stride.stance_percent:.0f} %"
        )
    rows |= {f"On import: {stage.replace('_', ' ')}": why for stage, why in trial.decisions.items()}
    # Plain text: Panel escapes what it is given, and markup would escape that once more.
    return str(render("data_facts.html", facts=rows))


def checks_html(findings: Sequence[Finding], checks: Checks) -> str:
    """Findings about recording and model, findings about the modified walk, and checks passed."""
    return str(
        render(
            "data_checks.html",
            recorded=[one for one in findings if one.about != "modified walk"],
            modified=[one for one in findings if one.about == "modified walk"],
            passed=passed(checks),
        )
    )


def _plate(trial: Trial, side: Any) -> str:
    reaction = trial.ground_reactions.get(side)
    if reaction is None:
        return "no force recorded"
    peak_bw = float(reaction.force_N[:, 1].max()) / trial.subject.body_weight_N
    return f"{_rate(reaction.time_s)}, peak vertical force {peak_bw:.2f} BW"


def _rate(time_s: Any) -> str:
    return f"{1.0 / float(np.median(np.diff(time_s))):.0f} Hz"
