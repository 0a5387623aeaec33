"""The Compare view: kept walks, simulation against implant, and values from the literature."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any, Final

import panel as pn
import panel_material_ui as pmui
import param

from workbench.core.errors import WorkbenchError
from workbench.core.findings import worst_first
from workbench.core.implant import compare_simulation, root_mean_square_bw
from workbench.core.results import Simulation
from workbench.core.types import MeasuredLoads
from workbench.core.vocabulary import CURVES, PEAKS
from workbench.dashboard.controls import in_turn
from workbench.dashboard.layout import side_by_side
from workbench.dashboard.messages import FINDINGS_STYLE, TABLE_STYLE
from workbench.figures import colours
from workbench.figures.elements import styled
from workbench.figures.palette import SHOWN, WALK_STYLES
from workbench.figures.plots import compare_charts
from workbench.report.findings_report import findings_html
from workbench.report.html import render
from workbench.session.pins import Pin, Pins, apart, peak_rows
from workbench.session.session import Session
from workbench.session.solvers import Later

_HEIGHT: Final = 230  # px, of one chart
#: What others found, to hold a value against: quantity, value, who.
LITERATURE: Final = (
    (
        "Medial force, peak",
        "1.95 BW",
        "Thelen et al. 2014, J Biomech Eng 136:021033: model, within 4 to 17 % of the implant",
    ),
    ("Total force, peak", "2.76 BW", "Thelen et al. 2014, the same"),
    (
        "Total force, high levels",
        "3372 to 4218 N",
        "Bergmann et al. 2014, PLoS One 9:e86035: implants, daily activities",
    ),
    ("Error of the medial force", "229 to 312 N", "Kinney et al. 2013, J Biomech Eng 135:021012: blinded winners"),
    ("Error of the lateral force", "238 to 326 N", "Kinney et al. 2013, the same"),
    ("KAM first peak, toe-in 10°", "−7.6 %", "Seagers et al. 2022: 50 people with knee OA, selected as responders"),
    ("KAM second peak, toe-out 10°", "−11.0 %", "Seagers et al. 2022, the same"),
)
_MARKS: Final = {"medial_contact_force_bw": (1.95, "peak, Thelen 2014")}
_STYLE: Final = "h2 { font-size: 17px; font-weight: 600; margin: 8px 0 6px; } td.text { white-space: normal; }"


class CompareView(pn.viewable.Viewer):
    """Walks next to each other."""

    dark = param.Boolean(default=False, doc="Whether the page is dark.")
    looked_at = param.Boolean(default=False, doc="Whether the view is visible; a hidden one is not updated.")

    def __init__(self, session: Session, pins: Pins, later: Later, **params: Any) -> None:
        super().__init__(**params)
        self._session, self._pins, self._later = session, pins, later

    def __panel__(self) -> pn.viewable.Viewable:
        """Curves of the kept walks, their differences, the implant, the literature."""
        keep = pmui.Button(label="Keep this walk", variant="contained", size="small", margin=8)
        clear = pmui.Button(label="Clear", variant="outlined", size="small", margin=8)
        keep.on_click(in_turn(self._later, self._keep))
        clear.on_click(in_turn(self._later, self._pins.clear))
        table = pn.pane.HTML(stylesheets=[TABLE_STYLE, FINDINGS_STYLE, _STYLE], sizing_mode="stretch_width")
        implant = pn.pane.HTML(stylesheets=[TABLE_STYLE, _STYLE], sizing_mode="stretch_width")

        literature = pn.pane.HTML(
            str(render("literature.html", literature=LITERATURE)),
            stylesheets=[TABLE_STYLE, _STYLE],
            sizing_mode="stretch_width",
        )

        def show(*_: object) -> None:
            table.object = pins_html(self._pins.kept)

        def show_implant(*_: object) -> None:
            trial, answer = self._session.trial, self._session.answer
            if self.looked_at and answer is not None:
                implant.object = implant_html(answer, trial.measured_loads)

        self._pins.param.watch(show, "kept")
        self._session.param.watch(show_implant, "answer")
        self.param.watch(show_implant, "looked_at")
        show()
        show_implant()
        charts = _PinnedCurves(self._pins, self).pane
        return pn.Column(
            pn.Row(keep, clear, margin=0),
            side_by_side(pn.Column(charts), pn.Column(table, implant, literature)),
            sizing_mode="stretch_width",
            margin=0,
        )

    def _keep(self) -> None:
        if self._session.answer is not None:
            self._pins.add(self._session.answer)


class _PinnedCurves:
    """The figures of one display: the charts of `figures.plots`, one pane each, two in a row."""

    def __init__(self, pins: Pins, view: CompareView) -> None:
        self._pins, self._view = pins, view
        self._figures: dict[str, Any] = {}
        self._panes = {
            name: pn.pane.HoloViews(None, sizing_mode="stretch_width", height=_HEIGHT, margin=0, linked_axes=False)
            for name in SHOWN
        }
        panes = list(self._panes.values())
        rows = (pn.Row(*pair, sizing_mode="stretch_width", margin=0) for pair in (panes[:2], panes[2:]))
        self.pane = pn.Column(*rows, sizing_mode="stretch_width", margin=0, visible=False)
        pins.param.watch(self._show, "kept")
        view.param.watch(self._colour, "dark")
        self._show()

    def _show(self, *_: object) -> None:
        kept = self._pins.kept
        if not kept:
            self.pane.visible = False
            return
        # The table beside the charts says which number is which walk.
        walks = [(str(place), pin.curves) for place, pin in enumerate(kept, 1)][-len(WALK_STYLES) :]
        walks.sort(key=lambda walk: (int(walk[0]) - 1) % len(WALK_STYLES))  # each in the style it has in the table
        for name, chart in compare_charts(walks, whole=all(pin.whole for pin in kept), marks=_MARKS).items():
            drawn = styled(
                chart, responsive=True, height=_HEIGHT, min_width=170, title=CURVES[name].axis_label, ylabel="",
                show_legend=False, toolbar="right", default_tools=["save", "reset"], active_tools=[],
                hooks=[partial(self._drawn, name)],
            )  # fmt: skip
            self._panes[name].object = drawn
        self.pane.visible = True

    def _drawn(self, name: str, plot: Any, _: object) -> None:
        plot.state.toolbar.update(logo=None, autohide=True)
        self._figures[name] = plot.state
        colours.paint(plot.state, dark=self._view.dark)

    def _colour(self, *_: object) -> None:
        for plot in self._figures.values():
            colours.paint(plot, dark=self._view.dark)


def pins_html(pins: Sequence[Pin]) -> str:
    """The kept walks, their peaks, and their differences from the first."""
    walks = [
        (colour, _DASHES[dash], pin)
        for pin, (colour, dash) in zip(pins, WALK_STYLES * (1 + len(pins) // len(WALK_STYLES)), strict=False)
    ]
    peaks = [(quantity, peak_rows(pins, name)) for name, quantity in PEAKS.items()] if pins else []
    distances = [apart(pins[0], pin) for pin in pins[1:]]
    curves = [(CURVES[name], [one[name] for one in distances]) for name in SHOWN]
    findings = findings_html(worst_first(one for pin in pins for one in pin.findings))
    return str(render("walks.html", walks=walks, peaks=peaks, curves=curves if distances else [], findings=findings))


_DASHES: Final = {"solid": "", "dashed": "8 4", "dotdash": "2 3 8 3", "dotted": "2 3"}


def implant_html(answer: Simulation, measured: MeasuredLoads | None) -> str:
    """Simulated and measured contact force of the recorded walk; empty if nothing was measured."""
    if measured is None or measured.side != answer.side:
        return ""
    comparison, error = None, ""
    try:
        comparison = compare_simulation(answer, measured)
    except WorkbenchError as refused:
        error = str(refused)
    return str(
        render(
            "implant.html",
            comparison=comparison,
            error=error,
            weight_N=answer.subject.body_weight_N,
            in_bw=lambda agreement: root_mean_square_bw(agreement, answer.subject),
        )
    )
