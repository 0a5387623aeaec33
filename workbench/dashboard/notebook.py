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

from workbench.core.changes import KINDS
from workbench.core.errors import WorkbenchError
from workbench.core.estimate_errors import BAND_LABEL
from workbench.core.types import Trial
from workbench.core.vocabulary import DISCLAIMER
from workbench.dashboard.charts import Curves
from workbench.dashboard.peaks import FINDINGS_STYLE, TABLE_STYLE, peaks_html
from workbench.dashboard.server import solver_pool
from workbench.figures import palette
from workbench.report.answers import Answer
from workbench.report.findings_report import findings_html
from workbench.report.words import sentence
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

    def __init__(self, session: Session, **params: Any) -> None:
        super().__init__(**params)
        self.session = session

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
        session = self.session
        reset = pn.widgets.Button(name="Reset", width=80, align="end")
        reset.on_click(lambda _: session.reset_change())
        return pn.Column(
            pn.Row(
                *(
                    pn.widgets.FloatSlider.from_param(
                        session.param[kind.shown_name],
                        name=f"{kind.less.option} (−) / {kind.more.option} (+), {kind.shown_unit}",
                        step=kind.shown_step,
                        width=290,
                    )
                    for kind in KINDS.values()
                ),
                pn.widgets.RadioButtonGroup.from_param(session.param.side, name="", align="end", width=140),
                reset,
            ),
            self._text(_state_html, ["error", "prepared", "side"]),
            self._text(_sentence_html, ["answer"]),
            self._curves(),
            self._text(_table_html, ["answer"]),
            self._text(_findings_html, ["answer"]),
            width=_WIDTH,
        )

    def _curves(self) -> pn.viewable.Viewable:
        """The curves of the leg that was answered for, drawn anew when that is another one.

        A notebook's page sends every changed property back, and Bokeh refuses the colour of a line in that form: the
        curves must come with their colour.
        """
        session = self.session
        place = pn.Column(width=_WIDTH, height=470)
        drawn: list[str] = []

        def show(*_: object) -> None:
            if session.answer is not None and drawn != [session.answer.side]:
                drawn[:] = [session.answer.side]
                place[:] = [Curves(session)]

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
        + f'<span style="color:{recorded}">╌╌ recorded</span> &emsp;'
        f' <span style="color:{modified}">━━ modified, {session.side} leg</span> &emsp; {speed}'
    )


def _sentence_html(session: Session) -> str:
    answer = session.answer
    return f'<p role="status">{escape(sentence(answer)) if answer is not None else "Computing the recorded walk…"}</p>'


def _table_html(session: Session) -> str:
    if session.answer is None:
        return ""
    return f'{peaks_html(session.answer)}<p class="note"><em>{DISCLAIMER}</em></p>'


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
    pool = solver_pool()
    session = Session(pool, surfaces=SurfaceMaker(pool), schedule=_on_this_thread())
    session.open(trial)
    return NotebookView(session)


def _on_this_thread() -> Callable[[Callable[[], None]], None]:
    """Run tasks on the thread of the notebook, between its cells; at once where nothing waits for tasks."""
    try:
        loop = asyncio.get_running_loop()
    except RuntimeError:
        return lambda task: task()

    def schedule(task: Callable[[], None]) -> None:
        loop.call_soon_threadsafe(task)

    return schedule
