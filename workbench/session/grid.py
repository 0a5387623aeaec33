"""The grid of a session's leg: what the browser answers from while a slider moves."""

from __future__ import annotations

from concurrent.futures import Future
from functools import partial
from typing import Any

import param

from workbench.core.answer_grid import AnswerGrid
from workbench.core.errors import WorkbenchError
from workbench.core.settings import LoadSettings
from workbench.session.question import LOAD_SETTINGS
from workbench.session.session import Session
from workbench.session.solvers import GridSolver, Schedule


class GridState(param.Parameterized):
    """Has the loads of a session's surface tabled once it is complete, and again where a setting changes them.

    Parameters
    ----------
    session : Session
    solver : GridSolver
    schedule : callable
        Runs a function on the thread that owns the page.
    """

    grid = param.Parameter(default=None, doc="An AnswerGrid of the present question; None until there is one.")

    def __init__(self, session: Session, solver: GridSolver, *, schedule: Schedule, **params: Any) -> None:
        super().__init__(**params)
        self._session, self._solver, self._schedule = session, solver, schedule
        self._asked_for: tuple[int, LoadSettings] | None = None
        self._coming: Future[AnswerGrid] | None = None
        session.param.watch(self._look, ["surface", "prepared", *LOAD_SETTINGS])
        self._look()

    def close(self) -> None:
        """Cancel pending work."""
        self._asked_for = None
        if self._coming is not None:
            self._coming.cancel()

    def covers_question(self) -> bool:
        """Whether the browser can answer what the session asks by itself."""
        grid, question = self.grid, self._session.modification
        surface = self._session.surface
        return grid is not None and surface is not None and surface.answers(question)

    def _look(self, *_: object) -> None:
        session = self._session
        complete = session.surface is not None and session.surface.complete
        key = (id(session.surface), session.settings) if complete else None
        if key == self._asked_for:
            return
        self.close()
        self.grid = None
        if key is None:
            return
        self._asked_for = key
        self._coming = self._solver.answer_grid(session.trial, session.processing, session.surface, session.settings)
        if self._coming.done():
            self._finished(key, self._coming)
        else:
            self._coming.add_done_callback(
                lambda done: None if done.cancelled() else self._schedule(partial(self._finished, key, done))
            )

    def _finished(self, key: object, done: Future[AnswerGrid]) -> None:
        if key != self._asked_for:
            return
        try:
            self.grid = done.result()
        except WorkbenchError as error:
            self._session.error = str(error)
