"""The Compare view: kept walks against each other, the simulation against an implant, and values of the literature."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import Any, Final

import numpy as np
import panel as pn
import panel_material_ui as pmui
import param
from bokeh.models import ColumnDataSource, Range1d, Span
from bokeh.plotting import figure

from workbench.core.errors import WorkbenchError
from workbench.core.findings import worst_first
from workbench.core.implant import compare_simulation, root_mean_square_bw
from workbench.core.results import Simulation
from workbench.core.types import MeasuredLoads
from workbench.core.vocabulary import CURVES, CYCLE_PERCENT, PEAKS
from workbench.dashboard import colours
from workbench.dashboard.charts import in_pairs
from workbench.dashboard.controls import in_turn
from workbench.dashboard.peaks import FINDINGS_STYLE, TABLE_STYLE
from workbench.figures import palette
from workbench.figures.palette import SHOWN
from workbench.report.findings_report import findings_html
from workbench.report.words import signed
from workbench.session.pins import Pin, Pins, apart, peak_rows
from workbench.session.session import Session
from workbench.session.solvers import Later

#: What others found, to hold a value against: quantity, value, who.
LITERATURE: Final = (
    (
        "Medial force, peak",
        "1.95 BW",
        "Thelen et al. 2014, J Biomech Eng 136:021033: model, 4 to 17 % from the implant",
    ),
    ("Total force, peak", "2.76 BW", "Thelen et al. 2014, the same"),
    (
        "Total force, high levels",
        "3372 to 4218 N",
        "Bergmann et al. 2014, PLoS One 9:e86035: implants, daily activities",
    ),
    ("Error of the medial force", "229 to 312 N", "Kinney et al. 2013, J Biomech Eng 135:021012: blinded winners"),
    ("Error of the lateral force", "238 to 326 N", "Kinney et al. 2013, the same"),
    ("KAM first peak, toe-in 10°", "−7.6 %", "Seagers et al. 2022: 50 people with knee OA chosen as responders"),
    ("KAM second peak, toe-out 10°", "−11.0 %", "Seagers et al. 2022, the same"),
)
_MARKS: Final = {"medial_contact_force_bw": (1.95, "peak, Thelen 2014")}
_STYLE: Final = "h2 { font-size: 17px; font-weight: 600; margin: 8px 0 6px; } td.text { white-space: normal; }"


class CompareView(pn.viewable.Viewer):
    """Walks next to each other."""

    dark = param.Boolean(default=False, doc="Whether the page is dark.")
    looked_at = param.Boolean(default=False, doc="Whether the view is in front; a hidden one does not follow.")

    def __init__(self, session: Session, pins: Pins, later: Later, **params: Any) -> None:
        super().__init__(**params)
        self._session, self._pins, self._later = session, pins, later

    def __panel__(self) -> pn.viewable.Viewable:
        """Curves of the kept walks, their differences, the implant, the literature."""
        keep = pmui.Button(label="Keep the walk on the screen", variant="contained", size="small", margin=8)
        clear = pmui.Button(label="Start again", variant="outlined", size="small", margin=8)
        keep.on_click(in_turn(self._later, self._keep))
        clear.on_click(in_turn(self._later, self._pins.clear))
        table = pn.pane.HTML(stylesheets=[TABLE_STYLE, FINDINGS_STYLE, _STYLE], sizing_mode="stretch_width")
        implant = pn.pane.HTML(stylesheets=[TABLE_STYLE, _STYLE], sizing_mode="stretch_width")

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
        return pn.Column(
            pn.Row(keep, clear, margin=0),
            pn.Row(
                pn.Column(_PinnedCurves(self._pins, self).pane, sizing_mode="stretch_width", margin=8),
                pn.Column(table, implant, pn.pane.HTML(literature_html(), stylesheets=[TABLE_STYLE, _STYLE],
                            sizing_mode="stretch_width"), sizing_mode="stretch_width", margin=8),
                sizing_mode="stretch_width",
                margin=0,
            ),
            sizing_mode="stretch_width",
            margin=0,
        )  # fmt: skip

    def _keep(self) -> None:
        if self._session.answer is not None:
            self._pins.add(self._session.answer)


class _PinnedCurves:
    """The figures of one display."""

    def __init__(self, pins: Pins, view: CompareView) -> None:
        self._pins, self._view = pins, view
        self._sources = [ColumnDataSource({"percent": [], **{name: [] for name in SHOWN}}) for _ in palette.WALK_STYLES]
        self._figures = {name: self._figure(name) for name in SHOWN}
        self.pane = in_pairs(self._figures.values())
        pins.param.watch(self._show, "kept")
        view.param.watch(self._colour, "dark")
        self._colour()
        self._show()

    def _figure(self, name: str) -> figure:
        plot = figure(
            title=CURVES[name].axis_label, height=230, min_width=170, sizing_mode="stretch_width", tools="save,reset",
            x_range=Range1d(0.0, 100.0), x_axis_label="% of the stride", y_range=Range1d(0.0, 1.0),
        )  # fmt: skip
        plot.toolbar.logo, plot.toolbar.autohide = None, True
        for source, (colour, dash) in zip(self._sources, palette.WALK_STYLES, strict=True):
            plot.line("percent", name, source=source, line_color=colour, line_dash=dash, line_width=2.5)
        plot.add_layout(Span(location=0.0, dimension="width", line_color=palette.RECORDED_COLOUR))
        if name in _MARKS:
            value, label = _MARKS[name]
            plot.add_layout(Span(location=value, dimension="width", line_color=palette.RECORDED_COLOUR,
                                 line_dash="dotted"))  # fmt: skip
            plot.text([99.0], [value], [label], text_align="right", text_font_size="11px",
                      text_color=palette.RECORDED_COLOUR)  # fmt: skip
        return plot

    def _show(self, *_: object) -> None:
        kept = self._pins.kept[-len(palette.WALK_STYLES) :]
        for place, source in enumerate(self._sources):
            pin = kept[place] if place < len(kept) else None
            source.data = {
                "percent": [] if pin is None else CYCLE_PERCENT,
                **{name: [] if pin is None else pin.curves[name] for name in SHOWN},
            }
        for name, plot in self._figures.items():
            values = np.concatenate([pin.curves[name] for pin in kept] or [np.array([0.0, 1.0])])
            reach = float(np.ptp(values))
            plot.y_range.update(start=float(values.min()) - 0.08 * reach, end=float(values.max()) + 0.15 * reach)

    def _colour(self, *_: object) -> None:
        for plot in self._figures.values():
            colours.paint(plot, dark=self._view.dark)


def pins_html(pins: Sequence[Pin]) -> str:
    """The kept walks, their peaks, and how far each lies from the first."""
    if not pins:
        return (
            "<h2>Walks</h2><p>Keep two or more: another stride, another trial, the same walk with a simulated change."
            " To test the simulation, keep a recorded trial with a changed gait and the same change simulated from the"
            " natural trial.</p>"
        )
    names = "".join(
        f'<tr><th scope="row">{_sample(*palette.WALK_STYLES[i % len(palette.WALK_STYLES)])} {i + 1}</th>'
        f'<td class="text">{escape(pin.label)}{" (simulated)" if pin.simulated else ""}</td></tr>'
        for i, pin in enumerate(pins)
    )
    head = "".join(f'<th scope="col">{i + 1}</th>' for i in range(len(pins)))
    rows = ""
    for name, quantity in PEAKS.items():
        cells = "".join(
            f"<td>{value:.2f}{'' if change is None else f' ({signed(change, 2)})'}</td>"
            for value, change in peak_rows(pins, name)
        )
        rows += f'<tr><th scope="row">{quantity.axis_label}</th>{cells}</tr>'
    errors = ""
    if len(pins) > 1:
        for name in SHOWN:
            found = [apart(pins[0], pin)[name] for pin in pins[1:]]
            cells = "".join(f"<td>{one.root_mean_square_error:.2f}, r {one.correlation:.2f}</td>" for one in found)
            errors += f'<tr><th scope="row">{CURVES[name].axis_label}</th><td></td>{cells}</tr>'
        errors = (
            "<h2>Root-mean-square difference from the first over stance</h2><table><thead><tr>"
            f'<th scope="col">Curve</th>{head}</tr></thead><tbody>{errors}</tbody></table>'
        )
    return (
        f"<h2>Walks</h2><table><tbody>{names}</tbody></table>"
        f'<h2>Peaks (difference from the first)</h2><table><thead><tr><th scope="col">Quantity</th>{head}</tr></thead>'
        f"<tbody>{rows}</tbody></table>{errors}"
        f"<h2>What to know of them</h2>{findings_html(worst_first(one for pin in pins for one in pin.findings))}"
    )


def _sample(colour: str, dash: str) -> str:
    return (
        f'<svg width="28" height="10" aria-hidden="true"><line x1="0" y1="5" x2="28" y2="5" stroke="{colour}"'
        f' stroke-width="3" stroke-dasharray="{_DASHES[dash]}"/></svg>'
    )


_DASHES: Final = {"solid": "", "dashed": "8 4", "dotdash": "2 3 8 3", "dotted": "2 3"}


def implant_html(answer: Simulation, measured: MeasuredLoads | None) -> str:
    """Simulated against measured contact force of the recorded walk; empty where nothing was measured."""
    if measured is None or measured.side != answer.side:
        return ""
    try:
        comparison = compare_simulation(answer, measured)
    except WorkbenchError as error:
        return f"<h2>Implant against simulation</h2><p>{escape(str(error))}</p>"
    weight_N = answer.subject.body_weight_N
    rows = "".join(
        f'<tr><th scope="row">{name}</th><td>{one.root_mean_square_error:.0f}</td>'
        f"<td>{root_mean_square_bw(one, answer.subject):.2f}</td><td>{one.correlation:.2f}</td>"
        f"<td>{' / '.join(f'{peak / weight_N:.2f}' for peak in one.simulated_peaks)}</td>"
        f"<td>{' / '.join(f'{peak / weight_N:.2f}' for peak in one.measured_peaks)}</td></tr>"
        for name, one in comparison.agreement_N.items()
    )
    return (
        "<h2>Implant against simulation, recorded walk over stance</h2>"
        '<table><thead><tr><th scope="col">Force</th><th scope="col">Error (N)</th><th scope="col">(BW)</th>'
        '<th scope="col">r</th><th scope="col">Peaks simulated (BW)</th><th scope="col">measured (BW)</th></tr></thead>'
        f"<tbody>{rows}</tbody></table>"
        f'<p class="note">Root-mean-square error; the clock of the implant is taken {1000 * comparison.lag_s:.0f} ms'
        " behind that of the plates.</p>"
    )


def literature_html() -> str:
    """What others found, each with its source."""
    rows = "".join(
        f'<tr><th scope="row">{what}</th><td>{value}</td><td class="text">{escape(source)}</td></tr>'
        for what, value, source in LITERATURE
    )
    return f"<h2>In the literature</h2><table><tbody>{rows}</tbody></table>"
