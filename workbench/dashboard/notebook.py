"""The interactive view in a notebook: a slider for each change, the curves and the table, with its own session.

Made of Panel's own widgets: those of the page would add two and a half megabytes each to the notebook.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from html import escape
from typing import Any

import panel as pn
from bokeh.models import Div

from workbench.core.errors import WorkbenchError
from workbench.core.estimate_errors import BAND_LABEL
from workbench.core.types import Trial
from workbench.dashboard.charts import Curves
from workbench.dashboard.levers import LiveAnswers
from workbench.dashboard.messages import FINDINGS_STYLE, TABLE_STYLE
from workbench.dashboard.numbers import Numbers
from workbench.dashboard.server import shared_solver, solver_pool
from workbench.figures import palette
from workbench.report.answers import Answer
from workbench.report.findings_report import findings_html
from workbench.session.grid import GridState
from workbench.session.session import Session
from workbench.workers.surfaces import SurfaceMaker

_LOOK_S = 0.05  # how often a waiting cell looks whether the answer is there
_WIDTH = 900  # px, the text column of a notebook


class NotebookView(pn.viewable.Viewer):
    """Sliders, curves and peaks of one session; displayed as the last line of a cell.

    Parameters
    ----------
    session : Session
        Its parameters may be set from other cells: ``view.session.foot_progression_change_deg = -10``.
    """

    def __init__(self, session: Session, grid: GridState, **params: Any) -> None:
        super().__init__(**params)
        self.session, self._grid = session, grid

    async def answer(self) -> Answer:
        """Wait for the answer to the current settings: ``(await view.answer()).summary()``.

        Raises
        ------
        WorkbenchError
            If there is none, with what is wrong, where, and what to do.
        """
        while self.session.busy or (self.session.answer is None and not self.session.error):
            await asyncio.sleep(_LOOK_S)
        if self.session.error:
            raise WorkbenchError(self.session.error)
        return Answer(self.session.answer)

    def __panel__(self) -> pn.viewable.Viewable:
        """Build the view anew: what is drawn belongs to one cell's output."""
        session, answers = self.session, LiveAnswers(self.session, self._grid)
        return pn.Column(
            pn.widgets.RadioButtonGroup.from_param(session.param.side, name="", width=140),
            answers.levers,
            self._text(_state_html, ["error", "prepared", "side"]),
            Numbers(store=answers.key, part="sentence", sizing_mode="stretch_width"),
            self._curves(answers),
            Numbers(store=answers.key, part="table", sizing_mode="stretch_width"),
            self._text(_findings_html, ["answer"]),
            width=_WIDTH,
        )

    def _curves(self, answers: LiveAnswers) -> pn.viewable.Viewable:
        """The curves of the leg that was answered for, drawn anew when that is another one.

        A notebook's page sends every changed property back, and Bokeh refuses the colour of a line in that form: the
        curves must come with their colour.
        """
        session = self.session
        place = pn.Column(width=_WIDTH, height=490)
        drawn: list[str] = []

        def show(*_: object) -> None:
            if session.answer is not None and drawn != [session.answer.side]:
                drawn[:] = [session.answer.side]
                place[:] = [Curves(session, self._grid, answers.levers.source)]

        session.param.watch(show, "answer")
        show()
        return place

    def _text(self, text: Callable[[Session], str], parameters: list[str]) -> pn.viewable.Viewable:
        """A text that follows the session.

        Not Panel's own pane for HTML: each time its text changes that asks a server elsewhere for style sheets.
        """
        division = Div(text=text(self.session), width=_WIDTH, stylesheets=[TABLE_STYLE, FINDINGS_STYLE])
        pane = pn.pane.Bokeh(division)

        def show(*_: object) -> None:
            new = text(self.session)
            if new != division.text:
                division.text = new
                pn.io.push_notebook(pane)

        self.session.param.watch(show, parameters)
        return pane


def _state_html(session: Session) -> str:
    """How the curves are drawn, how fast the answers are, or what went wrong."""
    if session.error:
        return f'<p role="alert"><b>{escape(session.error)}</b></p>'
    recorded, modified = palette.RECORDED_COLOUR, palette.SIDE_COLOURS[session.side]
    speed = (
        "answers are instant"
        if session.prepared >= 1.0
        else f"preparing instant answers: {10 * round(10 * session.prepared)} %"
    )
    estimated = session.trial is not None and session.trial.estimated_forces
    return (
        (f"<b>{escape(session.trial.name)}</b>: dots show the {BAND_LABEL}. &emsp; " if estimated else "")
        + f'<span style="color:{recorded}">╌╌ simulated, natural gait</span> &emsp;'
        f' <span style="color:{modified}">━━ simulated, modified gait ({session.side} leg)</span> &emsp; {speed}'
    )


def _findings_html(session: Session) -> str:
    return findings_html(session.answer.findings) if session.answer is not None else ""


def explore(trial: Trial) -> NotebookView:
    """Open a trial in an interactive view for a notebook.

    Parameters
    ----------
    trial : Trial

    Raises
    ------
    TrialError
        If no leg of it can be analysed.
    """
    # With everything in the notebook itself nothing is fetched from elsewhere.
    pn.extension(inline=True)
    solver, schedule = shared_solver(), _on_this_thread()
    session = Session(solver, surfaces=SurfaceMaker(solver_pool()), schedule=schedule)
    session.open(trial)
    return NotebookView(session, GridState(session, solver, schedule=schedule))


def _on_this_thread() -> Callable[[Callable[[], None]], None]:
    """Run tasks on the thread of the notebook, between its cells; at once where nothing waits for tasks."""
    try:
        loop = asyncio.get_running_loop()
    except RuntimeError:
        return lambda task: task()

    def schedule(task: Callable[[], None]) -> None:
        loop.call_soon_threadsafe(task)

    return schedule
