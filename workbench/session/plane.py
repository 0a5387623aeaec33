"""What the Map view shows: the load map of a session's leg, and the personal target."""

from __future__ import annotations

import threading
from concurrent.futures import CancelledError, Future
from functools import partial
from typing import Any

import param

from workbench.core.errors import WorkbenchError
from workbench.core.response import LoadMap, ResponseSurface
from workbench.core.settings import LoadSettings
from workbench.session.question import LOAD_SETTINGS
from workbench.session.session import Session
from workbench.session.solvers import PlaneSolver, Schedule


class PlaneState(param.Parameterized):
    """Load map and personal target of a session, computed when they are `wanted` and the surface is complete.

    Parameters
    ----------
    session : Session
    solver : PlaneSolver
    schedule : callable
        Runs a function on the thread that owns the page.
    """

    wanted = param.Boolean(default=False, doc="Whether anyone looks.")
    loads = param.Parameter(default=None, doc="The load map, a LoadMap; None until it is known.")
    target = param.Parameter(default=None, doc="The personal target, a PersonalTarget; None until it is known.")
    target_share = param.Magnitude(default=0.0, doc="How much of the target is solved.")

    def __init__(self, session: Session, solver: PlaneSolver, *, schedule: Schedule, **params: Any) -> None:
        super().__init__(**params)
        self._session, self._solver, self._schedule = session, solver, schedule
        self._asked_for: tuple[int, LoadSettings] | None = None
        self._map: Future[LoadMap] | None = None
        session.param.watch(self._look, ["surface", *LOAD_SETTINGS])
        self.param.watch(self._look, "wanted")

    def close(self) -> None:
        """Give up whatever is on its way."""
        self._asked_for = None
        if self._map is not None:
            self._map.cancel()

    def _look(self, *_: object) -> None:
        surface, settings = self._session.surface, self._session.settings
        key = None if surface is None or surface.error is None else (id(surface), settings)
        if key == self._asked_for:
            return
        self.close()
        self.param.update(loads=None, target=None, target_share=0.0)
        if key is None or not self.wanted:
            return
        self._asked_for = key
        session = self._session
        self._map = self._solver.load_map(session.trial, session.processing, surface, settings)
        self._map.add_done_callback(
            lambda done: None if done.cancelled() else self._schedule(partial(self._finished, key, "loads", done))
        )
        found: Future[Any] = Future()
        found.add_done_callback(lambda done: self._schedule(partial(self._finished, key, "target", done)))
        thread = threading.Thread(
            target=self._find_target, args=(key, found, surface, settings), name="personal target", daemon=True
        )
        thread.start()

    def _find_target(self, key: object, found: Future[Any], surface: ResponseSurface, settings: LoadSettings) -> None:
        from workbench.advice.personal import personal_target  # no page waits for its parts of scipy

        session = self._session
        trial, processing, strides = session.trial, session.processing, session.strides

        def progress(done: int, total: int) -> None:
            if key != self._asked_for:
                raise CancelledError
            self._schedule(partial(self._told, key, done / total))

        try:
            found.set_result(
                personal_target(
                    surface,
                    strides,
                    settings,
                    lambda jobs: self._solver.solve_all(trial, processing, jobs, progress),
                )
            )
        except (WorkbenchError, CancelledError) as error:
            found.set_exception(error)

    def _told(self, key: object, share: float) -> None:
        if key == self._asked_for:
            self.target_share = share

    def _finished(self, key: object, name: str, done: Future[Any]) -> None:
        if key != self._asked_for:
            return
        try:
            self.param.update(**{name: done.result()})
        except WorkbenchError as error:
            self._session.error = str(error)
