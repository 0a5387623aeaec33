"""The sliders of a session, and the answers that follow them within the browser."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import panel as pn
import param

from workbench.advice.target import PROTOCOL, PROTOCOL_POINTS
from workbench.core.changes import KINDS
from workbench.core.response import PLANE
from workbench.dashboard.charts import recorded_key
from workbench.report.browser import (
    direct_document,
    grid_bytes,
    grid_document,
    leg_document,
    lever_document,
    script,
    shown_values,
)
from workbench.session.grid import GridState
from workbench.session.session import Session


class Levers(pn.custom.JSComponent):
    """A slider for each change of gait; every other part of a view follows the same `store`."""

    store = param.String(doc="Key of the answers that all parts of one view share.")
    levers = param.List(default=[], doc="Sliders, see `workbench.report.browser.lever_document`.")
    live = param.List(default=[], doc="Names of those that the browser answers by itself.")
    presets = param.List(default=[], doc="Buttons: label and values.")
    values = param.Dict(default={}, doc="Where the sliders rest, by shown names in shown units; both ways.")
    leg = param.Dict(default={}, doc="The natural gait, see `leg_document`.")
    grid = param.Dict(default={}, doc="See `grid_document`; empty while there is no grid.")
    curves = param.Bytes(default=b"", doc="Coefficients of the curves, see `grid_bytes`.")
    peaks = param.Bytes(default=b"", doc="Coefficients of the peaks.")
    direct = param.Dict(default={}, doc="The last answer of the server's, see `direct_document`.")
    source = param.String(doc="Name of the Bokeh source of the changed curves.")

    _esm = script("levers")


class LiveAnswers:
    """Keeps the sliders of one view and its session in step.

    Parameters
    ----------
    session : Session
    state : GridState
    """

    def __init__(self, session: Session, state: GridState) -> None:
        self.key = f"answers-{uuid4().hex}"
        self._session, self._state = session, state
        self._leg: object = None
        self.levers = Levers(
            store=self.key,
            source=f"{self.key}-curves",
            levers=[lever_document(kind) for kind in KINDS.values()],
            live=[KINDS[name].shown_name for name in PLANE],
            presets=[
                {"label": KINDS[PROTOCOL].brief(changes[PROTOCOL]), "values": shown_values(changes)}
                for changes in PROTOCOL_POINTS
            ],
            values=shown_values(session.changes),
            sizing_mode="stretch_width",
            margin=(4, 8),
        )
        self.levers.param.watch(self._rested, "values")
        session.param.watch(self._answered, "answer")
        session.param.watch(self._set_elsewhere, [kind.shown_name for kind in KINDS.values()])
        state.param.watch(self._tabled, "grid")
        self._answered()

    def _rested(self, event: Any) -> None:
        self._session.param.update(**event.new)

    def _set_elsewhere(self, *_: object) -> None:
        values = shown_values(self._session.changes)
        if values != self.levers.values:
            self.levers.values = values

    def _answered(self, *_: object) -> None:
        answer = self._session.answer
        if answer is None:
            return
        news: dict[str, Any] = {}
        key = recorded_key(answer)
        if key != self._leg:
            self._leg = key
            news = {"leg": leg_document(answer), **self._grid()}
        if not answer.modification.is_none and not self._state.covers_question():
            news["direct"] = direct_document(answer)
        self.levers.param.update(**news)

    def _tabled(self, *_: object) -> None:
        news = self._grid()
        if not news["grid"]:  # what was answered under other assumptions is no answer any more
            news["direct"] = {}
        self.levers.param.update(**news)

    def _grid(self) -> dict[str, Any]:
        grid = self._state.grid
        return {"grid": {}} if grid is None else {"grid": grid_document(grid), **grid_bytes(grid)}
