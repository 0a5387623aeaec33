"""The curves over the cycle: natural, modified and measured, their spread, and a shared cursor."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import panel as pn
import param
from bokeh.events import Tap
from bokeh.plotting import figure

from workbench.advice.assumptions import CurveBand
from workbench.core.errors import WorkbenchError
from workbench.core.implant import compare_simulation
from workbench.core.results import Simulation
from workbench.core.types import Array
from workbench.core.vocabulary import CYCLE_PERCENT
from workbench.figures import colours, palette
from workbench.figures.curve_charts import EMPTY, curve_charts, curve_sources, natural_columns, show_side
from workbench.figures.palette import SHOWN
from workbench.session.grid import GridState
from workbench.session.session import Session

_SIDE_BY_SIDE = """
:host { display: grid !important; gap: 4px; grid-template-columns: repeat(auto-fit, minmax(min(100%, 330px), 1fr)); }
"""


class Curves(pn.viewable.Viewer):
    """Four charts that follow a session.

    Parameters
    ----------
    session : Session
        Recorded and measured curves, spread and band come from it.
    grid : GridState
        Says how far the axes have to reach.
    source_name : str
        The name of the source of the changed curves, which the browser fills, see `workbench.dashboard.levers`.
    """

    frame = param.Number(default=0.0, bounds=(0.0, 100.0), doc="Percent of the stride at the cursor; both ways.")
    dark = param.Boolean(default=False, doc="Whether the page is dark.")

    def __init__(self, session: Session, grid: GridState, source_name: str, **params: Any) -> None:
        super().__init__(**params)
        self._session, self._grid, self._source_name = session, grid, source_name

    def __panel__(self) -> pn.viewable.Viewable:
        """Build the charts anew: a figure belongs to one document."""
        return _Charts(self._session, self._grid, self._source_name, self).pane


class _Charts:
    """The figures of one display."""

    def __init__(self, session: Session, grid: GridState, source_name: str, view: Curves) -> None:
        self._session, self._grid, self._view = session, grid, view
        self._answer: Simulation | None = None
        self._sources = curve_sources(source_name)
        self._charts = curve_charts(self._sources)
        for chart in self._charts.values():
            chart.figure.on_event(Tap, self._tapped)
        self.pane = in_grid(chart.figure for chart in self._charts.values())
        self._move_cursor()
        self._colour()
        session.param.watch(self._show, "answer")
        session.param.watch(self._show_spread, "spread")
        session.param.watch(self._show_band, "band")
        grid.param.watch(self._reach, "grid")
        view.param.watch(self._move_cursor, "frame")
        view.param.watch(self._colour, "dark")
        self._show()
        self._show_spread()
        self._show_band()

    def _tapped(self, event: Tap) -> None:
        if event.x is not None:
            self._view.frame = float(np.clip(event.x, 0.0, 100.0))

    def _move_cursor(self, *_: object) -> None:
        for chart in self._charts.values():
            chart.cursor.location = self._view.frame

    def _colour(self, *_: object) -> None:
        for chart in self._charts.values():
            colours.paint(chart.figure, dark=self._view.dark)

    def _show(self, *_: object) -> None:
        """Show the recorded walk of the session's answer; what did not change is not sent again."""
        answer = self._session.answer
        if answer is None:
            return
        before, self._answer = self._answer, answer
        if before is None or recorded_key(before) != recorded_key(answer):
            self._show_recorded(answer)
            self._reach()
        if self._grid.grid is None:
            for name, chart in self._charts.items():
                curve = answer.modified.curves[name]
                chart.reach(float(curve.min()), float(curve.max()))
        pn.io.push_notebook(self.pane)

    def _reach(self, *_: object) -> None:
        """Let the axes hold every curve of the grid: they rest while a slider moves."""
        grid = self._grid.grid
        if grid is not None and self._answer is not None:
            for name, chart in self._charts.items():
                chart.reach(grid.lowest[name], grid.highest[name])
            pn.io.push_notebook(self.pane)

    def _show_recorded(self, answer: Simulation) -> None:
        measured, stride = self._measured(answer), answer.strides[0]
        columns = {**self._sources.natural.data, **natural_columns(answer, self._charts)}
        for name, chart in self._charts.items():
            columns[f"measured_{name}"] = measured.get(name, EMPTY)
            chart.measured.visible = name in measured
            if name in measured:
                chart.reach(float(np.nanmin(measured[name])), float(np.nanmax(measured[name])))
        self._sources.natural.data = columns
        show_side(
            self._charts, palette.SIDE_COLOURS[answer.side], stance_percent=stride.stance_percent, whole=stride.whole
        )

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

    def _show_spread(self, *_: object) -> None:
        spread = self._session.spread
        columns = {}
        for name, chart in self._charts.items():
            if spread is None or spread.curves_sd is None:
                columns[f"low_{name}"] = columns[f"high_{name}"] = EMPTY
            else:
                mean, deviation = spread.curves[name], spread.curves_sd[name]
                columns[f"low_{name}"], columns[f"high_{name}"] = mean - deviation, mean + deviation
            chart.spread.visible = spread is not None
        self._sources.natural.data = {**self._sources.natural.data, **columns}
        pn.io.push_notebook(self.pane)

    def _show_band(self, *_: object) -> None:
        band = self._session.band
        self._sources.band.data = _band_columns(band)
        for name, chart in self._charts.items():
            chart.band.visible = band is not None
            if band is not None:
                chart.reach(float(band.lowest[name].min()), float(band.highest[name].max()))
        pn.io.push_notebook(self.pane)


def _band_columns(band: CurveBand | None) -> dict[str, Array]:
    """The outline of the band, forth along its lower edge and back along its upper one; empty for none."""
    if band is None:
        return {name: np.empty(0) for name in ("percent", *SHOWN)}
    outlines = {name: np.concatenate([band.lowest[name], band.highest[name][::-1]]) for name in SHOWN}
    return {"percent": np.concatenate([CYCLE_PERCENT, CYCLE_PERCENT[::-1]]), **outlines}


def in_grid(figures: Iterable[figure]) -> pn.Column:
    """Figures two in a row, or below each other where the page is narrow.

    Bokeh's own grid never tells, among Panel's layouts, that it has been laid out (bokeh 3.9.2), and the page waits.
    """
    panes = [pn.pane.Bokeh(one, sizing_mode="stretch_width", height=one.height, margin=0) for one in figures]
    return pn.Column(*panes, stylesheets=[_SIDE_BY_SIDE], sizing_mode="stretch_width", margin=0)


def recorded_key(answer: Simulation) -> tuple[object, ...]:
    """What the recorded curves depend on."""
    return answer.trial_name, answer.subject, answer.strides, answer.settings
