"""The curves over the cycle: natural, modified and measured, their spread, and a shared cursor."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import panel as pn
import param
from bokeh.events import Tap
from bokeh.models import ColumnDataSource, CrosshairTool, HoverTool, Range1d, Span
from bokeh.plotting import figure

from workbench.advice.assumptions import CurveBand
from workbench.core.errors import WorkbenchError
from workbench.core.implant import compare_simulation
from workbench.core.results import Simulation
from workbench.core.types import Array
from workbench.core.vocabulary import CURVES, CYCLE_PERCENT
from workbench.dashboard import colours
from workbench.figures import palette
from workbench.figures.palette import SHOWN
from workbench.session.session import Session

_HEIGHT = 240
_EMPTY = np.full(len(CYCLE_PERCENT), np.nan)


class Curves(pn.viewable.Viewer):
    """Four charts that follow a session."""

    frame = param.Number(default=0.0, bounds=(0.0, 100.0), doc="Percent of the stride at the cursor; both ways.")
    dark = param.Boolean(default=False, doc="Whether the page is dark.")

    def __init__(self, session: Session, **params: Any) -> None:
        super().__init__(**params)
        self._session = session

    def __panel__(self) -> pn.viewable.Viewable:
        """Build the charts anew: a figure belongs to one document."""
        return _Charts(self._session, self).pane


class _Charts:
    """The figures of one display."""

    def __init__(self, session: Session, view: Curves) -> None:
        self._session, self._view = session, view
        self._answer: Simulation | None = None
        kinds = ("recorded", "modified", "measured", "low", "high", "estimate_low", "estimate_high")
        columns = [f"{kind}_{name}" for name in SHOWN for kind in kinds]
        self._source = ColumnDataSource({"percent": CYCLE_PERCENT, **{column: _EMPTY.copy() for column in columns}})
        self._band = ColumnDataSource(_band_columns(None))
        self._cursors: list[Span] = []
        self._toe_offs: list[Span] = []
        self._lines: list[Any] = []
        self._areas: list[Any] = []
        # What has no data is hidden: Bokeh looks its colours up in the style sheets with every move of a slider.
        self._spreads: list[Any] = []
        self._estimates: list[Any] = []
        self._measured_lines: dict[str, Any] = {}
        crosshair = Span(dimension="height", line_color=palette.RECORDED_COLOUR, line_width=1)
        self._figures = {name: self._figure(name, crosshair) for name in SHOWN}
        for name in SHOWN[1:]:
            self._figures[name].x_range = self._figures[SHOWN[0]].x_range
        self.pane = in_pairs(self._figures.values())
        self._colour()
        session.param.watch(self._show, "answer")
        session.param.watch(self._show_spread, "spread")
        session.param.watch(self._show_band, "band")
        view.param.watch(self._move_cursor, "frame")
        view.param.watch(self._colour, "dark")
        self._show()
        self._show_spread()
        self._show_band()

    def _figure(self, name: str, crosshair: Span) -> figure:
        quantity = CURVES[name]
        plot = figure(
            title=quantity.axis_label,
            x_range=Range1d(0.0, 100.0, bounds=(0.0, 100.0)),
            y_range=Range1d(-0.5, 3.0),
            tools="xwheel_zoom,xpan,save,reset",
            active_scroll=None,
            height=_HEIGHT,
            sizing_mode="stretch_width",
        )
        plot.toolbar.logo, plot.toolbar.autohide = None, True
        plot.xaxis.ticker = [0, 20, 40, 60, 80, 100]
        plot.min_border_left, plot.min_border_right = 46, 8
        source = self._source
        spread = plot.varea(
            "percent", f"low_{name}", f"high_{name}", source=source, fill_color=palette.RECORDED_COLOUR,
            fill_alpha=0.25, visible=False,
        )  # fmt: skip
        self._spreads.append(spread)
        style = palette.ESTIMATE_BAND
        estimate = plot.varea(
            "percent", f"estimate_low_{name}", f"estimate_high_{name}", source=source,
            fill_color=palette.RECORDED_COLOUR, fill_alpha=style.fill_alpha, hatch_color=palette.RECORDED_COLOUR,
            hatch_pattern=style.hatch_pattern, hatch_alpha=style.hatch_alpha, hatch_scale=style.hatch_scale,
            visible=False,
        )  # fmt: skip
        self._estimates.append(estimate)
        style = palette.BAND
        area = plot.patch(
            "percent", name, source=self._band, fill_alpha=style.fill_alpha, line_width=style.edge_width,
            hatch_pattern=style.hatch_pattern, hatch_alpha=style.hatch_alpha, hatch_scale=style.hatch_scale,
            visible=False,
        )  # fmt: skip
        self._areas.append(area)
        plot.add_layout(Span(location=0.0, dimension="width", line_color=palette.RECORDED_COLOUR, line_width=1))
        self._measured_lines[name] = plot.line(
            "percent", f"measured_{name}", source=source, line_color=palette.TOTAL_COLOUR, line_dash="dotted",
            line_width=3, visible=False,
        )  # fmt: skip
        modified = plot.line("percent", f"modified_{name}", source=source, line_width=palette.MODIFIED.width)
        recorded = plot.line(
            "percent", f"recorded_{name}", source=source, line_color=palette.RECORDED_COLOUR,
            line_dash=palette.RECORDED.dash, line_width=palette.RECORDED.width,
        )  # fmt: skip
        self._lines.append(modified)
        toe_off = Span(dimension="height", line_color=palette.RECORDED_COLOUR, line_dash="dotdash", visible=False)
        cursor = Span(location=self._view.frame, dimension="height", line_color="#E0A100", line_width=2)
        for mark in (toe_off, cursor):
            plot.add_layout(mark)
        self._toe_offs.append(toe_off)
        self._cursors.append(cursor)
        plot.add_tools(CrosshairTool(overlay=crosshair, dimensions="height"))
        digits = "0.00"
        plot.add_tools(
            HoverTool(
                renderers=[recorded],
                mode="vline",
                tooltips=[
                    ("percent", "@percent{0}"),
                    ("natural gait", f"@recorded_{name}{{{digits}}} {quantity.unit}"),
                    ("modified gait", f"@modified_{name}{{{digits}}} {quantity.unit}"),
                ],
            )
        )
        plot.on_event(Tap, self._tapped)
        return plot

    def _tapped(self, event: Tap) -> None:
        if event.x is not None:
            self._view.frame = float(np.clip(event.x, 0.0, 100.0))

    def _move_cursor(self, *_: object) -> None:
        for cursor in self._cursors:
            cursor.location = self._view.frame

    def _colour(self, *_: object) -> None:
        for plot in self._figures.values():
            colours.paint(plot, dark=self._view.dark)

    def _show(self, *_: object) -> None:
        """Show the session's answer; what did not change is not sent again."""
        answer = self._session.answer
        if answer is None:
            return
        before, self._answer = self._answer, answer
        if before is None or recorded_key(before) != recorded_key(answer):
            self._show_recorded(answer)
        self._source.patch(
            {f"modified_{name}": [(slice(0, len(CYCLE_PERCENT)), answer.modified.curves[name])] for name in SHOWN}
        )
        for name in SHOWN:
            self._widen(name, answer.modified.curves[name])
        pn.io.push_notebook(self.pane)

    def _show_recorded(self, answer: Simulation) -> None:
        measured = self._measured(answer)
        columns = dict(self._source.data)
        for name in SHOWN:
            columns[f"recorded_{name}"] = answer.baseline.curves[name]
            columns[f"measured_{name}"] = measured.get(name, _EMPTY)
            edges = answer.estimate_band(name) or (_EMPTY, _EMPTY)
            columns[f"estimate_low_{name}"], columns[f"estimate_high_{name}"] = edges
        self._source.data = columns
        for area in self._estimates:
            area.visible = answer.has_estimated_forces
        for name, line in self._measured_lines.items():
            line.visible = name in measured
        for name in SHOWN:
            curve = answer.baseline.curves[name]
            reach = float(np.ptp(curve))
            y_range = self._figures[name].y_range
            y_range.update(start=min(0.0, float(curve.min())) - 0.1 * reach, end=float(curve.max()) + 0.25 * reach)
            if name in measured:
                self._widen(name, measured[name])
            for edge in answer.estimate_band(name) or ():
                self._widen(name, edge[np.isfinite(edge)])
        stride = answer.strides[0]
        for toe_off in self._toe_offs:
            toe_off.update(location=stride.stance_percent, visible=stride.whole)
        colour = palette.SIDE_COLOURS[answer.side]
        for line in self._lines:
            line.glyph.line_color = colour
        for area in self._areas:
            area.glyph.update(fill_color=colour, hatch_color=colour, line_color=colour)
        unit = "stride" if stride.whole else "stance"
        for name in SHOWN[2:]:
            self._figures[name].xaxis.axis_label = f"% of the {unit}"

    def _measured(self, answer: Simulation) -> dict[str, Array]:
        """The implant's forces over this stride, body weights, where the trial has them for this leg."""
        loads = self._session.trial.measured_loads
        if loads is None or loads.side != answer.side:
            return {}
        try:
            measured_N = compare_simulation(answer, loads).measured_N
        except WorkbenchError:  # they do not cover this stride
            return {}
        weight_N = answer.subject.body_weight_N
        return {f"{part}_contact_force_bw": measured_N[part] / weight_N for part in ("medial", "lateral")}

    def _widen(self, name: str, curve: Array) -> None:
        """Let the axis grow where a curve would leave it; it does not shrink, so that the eye keeps its scale."""
        y_range = self._figures[name].y_range
        reach = float(np.ptp(curve))
        if curve.max() > y_range.end:
            y_range.end = float(curve.max()) + 0.1 * reach
        if curve.min() < y_range.start:
            y_range.start = float(curve.min()) - 0.1 * reach

    def _show_spread(self, *_: object) -> None:
        spread = self._session.spread
        columns = {}
        for name in SHOWN:
            if spread is None or spread.curves_sd is None:
                columns[f"low_{name}"] = columns[f"high_{name}"] = _EMPTY
            else:
                mean, deviation = spread.curves[name], spread.curves_sd[name]
                columns[f"low_{name}"], columns[f"high_{name}"] = mean - deviation, mean + deviation
        self._source.data = {**self._source.data, **columns}
        for area in self._spreads:
            area.visible = spread is not None
        pn.io.push_notebook(self.pane)

    def _show_band(self, *_: object) -> None:
        band = self._session.band
        self._band.data = _band_columns(band)
        for area in self._areas:
            area.visible = band is not None
        if band is not None:
            for name in SHOWN:
                self._widen(name, band.lowest[name])
                self._widen(name, band.highest[name])
        pn.io.push_notebook(self.pane)


def _band_columns(band: CurveBand | None) -> dict[str, Array]:
    """The outline of the band, forth along its lower edge and back along its upper one; empty for none."""
    if band is None:
        return {name: np.empty(0) for name in ("percent", *SHOWN)}
    outlines = {name: np.concatenate([band.lowest[name], band.highest[name][::-1]]) for name in SHOWN}
    return {"percent": np.concatenate([CYCLE_PERCENT, CYCLE_PERCENT[::-1]]), **outlines}


def in_pairs(figures: Iterable[figure]) -> pn.Column:
    """Four figures, two in a row.

    Bokeh's own grid never tells, among Panel's layouts, that it has been laid out (bokeh 3.9.2), and the page waits.
    """
    panes = [pn.pane.Bokeh(one, sizing_mode="stretch_width", height=one.height, margin=0) for one in figures]
    rows = (pn.Row(*pair, sizing_mode="stretch_width", margin=0) for pair in (panes[:2], panes[2:]))
    return pn.Column(*rows, sizing_mode="stretch_width", margin=0)


def recorded_key(answer: Simulation) -> tuple[object, ...]:
    """What the recorded curves depend on."""
    return answer.trial_name, answer.subject, answer.strides, answer.settings
