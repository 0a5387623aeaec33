"""What the Map view shows: the load map of a session's leg, and the personal target."""

from __future__ import annotations

import threading
from concurrent.futures import CancelledError, Future
from functools import partial
from typing import Any

import param

from workbench.core.errors import WorkbenchError
from workbench.core.load_map import LoadMap
from workbench.core.response import PLANE, ResponseSurface, SurfaceUpdate, nodes_over
from workbench.core.settings import LoadSettings
from workbench.session.question import CHANGE, LOAD_SETTINGS
from workbench.session.session import Session
from workbench.session.solvers import PlaneSolver, Schedule, SurfacePreparer


class PlaneState(param.Parameterized):
    """Load map and personal target of a session, computed once they are `wanted` and the surface is complete.

    Parameters
    ----------
    session : Session
    solver : PlaneSolver
    surfaces : SurfacePreparer
        Prepares the surface of a map over other changes than those of the session's own.
    schedule : callable
        Runs a function on the thread that owns the page.
    """

    wanted = param.Boolean(default=False, doc="Whether the view is visible.")
    axes = param.Tuple(
        default=PLANE, length=2, doc="Names of the changes on the horizontal and vertical axis of the map."
    )
    loads = param.Parameter(default=None, doc="The load map, a LoadMap; None until ready.")
    loads_share = param.Magnitude(default=0.0, doc="Fraction of the map's surface computed.")
    target = param.Parameter(default=None, doc="The personal target, a PersonalTarget; None until ready.")
    target_share = param.Magnitude(default=0.0, doc="Fraction of the target computed.")

    def __init__(
        self, session: Session, solver: PlaneSolver, surfaces: SurfacePreparer, *, schedule: Schedule, **params: Any
    ) -> None:
        super().__init__(**params)
        self._session, self._solver, self._surfaces, self._schedule = session, solver, surfaces, schedule
        self._target_of: object = None  # what the target and the map are of that are known or on their way
        self._map_of: object = None
        self._own: tuple[object, ResponseSurface] | None = None  # the surface over other changes, and of what it is
        session.param.watch(self._look, ["surface", "prepared", *LOAD_SETTINGS, *CHANGE])
        self.param.watch(self._look, ["wanted", "axes"])

    def close(self) -> None:
        """Cancel all pending work."""
        self._target_of = self._map_of = None
        self._surfaces.cancel()

    def _look(self, *_: object) -> None:
        """Ask for what is wanted and is neither known nor on its way."""
        surface = self._session.surface
        complete = surface if surface is not None and surface.complete else None
        self._look_at_target(complete)
        self._look_at_map(complete)

    def _look_at_target(self, surface: ResponseSurface | None) -> None:
        settings = self._session.settings
        key = None if surface is None or not self.wanted else (id(surface), settings)
        if key == self._target_of or (key is None and self._target_of == (id(surface), settings)):
            return
        self._target_of = key
        self.param.update(target=None, target_share=0.0)
        if key is None or surface is None:
            return
        found: Future[Any] = Future()
        found.add_done_callback(lambda done: self._schedule(partial(self._target_found, key, done)))
        thread = threading.Thread(
            target=self._find_target, args=(key, found, surface, settings), name="personal target", daemon=True
        )
        thread.start()

    def _look_at_map(self, surface: ResponseSurface | None) -> None:
        """The map over the session's own surface, or over one prepared for its axes alone."""
        session, settings, axes = self._session, self._session.settings, self.axes
        own = not set(axes) <= set(PLANE if surface is None else surface.axes)
        modification = session.modification
        template = modification.unchanged.changed(modification.changes.without(axes))
        basis: object = (id(session.trial), session.processing, session.stride, template) if own else id(surface)
        key = (basis, settings, axes) if own or surface is not None else None
        if not self.wanted and key != self._map_of:
            key = None
        if key == self._map_of:
            return
        self._map_of = key
        self._surfaces.cancel()
        self.param.update(loads=None, loads_share=0.0)
        if key is None or session.stride is None:
            return
        if surface is not None and not own:
            self._draw(key, surface)
        elif self._own is not None and self._own[0] == (basis, frozenset(axes)):
            self._draw(key, self._own[1])
        else:
            future = self._surfaces.request(
                session.trial, session.processing, session.stride, template,
                on_update=lambda update: self._schedule(partial(self._prepared, key, update)), nodes=nodes_over(axes),
            )  # fmt: skip
            future.add_done_callback(
                lambda done: None if done.cancelled() else self._schedule(partial(self._surface_came, key, basis, done))
            )

    def _prepared(self, key: object, update: SurfaceUpdate) -> None:
        if key == self._map_of:
            self.loads_share = update.done / update.total

    def _surface_came(self, key: object, basis: object, done: Future[ResponseSurface]) -> None:
        if key != self._map_of:
            return
        try:
            surface = done.result()
        except WorkbenchError as error:
            self._session.error = str(error)
            return
        self._own = (basis, frozenset(surface.axes)), surface
        self._draw(key, surface)

    def _draw(self, key: object, surface: ResponseSurface) -> None:
        """Fill the map in, in a worker process."""
        session = self._session
        drawn = self._solver.load_map(session.trial, session.processing, surface, session.settings, self.axes)
        drawn.add_done_callback(
            lambda done: None if done.cancelled() else self._schedule(partial(self._map_drawn, key, done))
        )

    def _find_target(self, key: object, found: Future[Any], surface: ResponseSurface, settings: LoadSettings) -> None:
        from workbench.advice.personal import personal_target  # no page waits for its parts of scipy

        session = self._session
        trial, processing, strides = session.trial, session.processing, session.strides

        def progress(done: int, total: int) -> None:
            if key != self._target_of:
                raise CancelledError
            self._schedule(partial(self._told, key, done / total))

        try:
            found.set_result(
                personal_target(
                    surface,
                    strides,
                    settings,
                    lambda jobs: self._solver.solve_all(trial, jobs, progress),
                    processing=processing,
                )
            )
        except (WorkbenchError, CancelledError) as error:
            found.set_exception(error)

    def _told(self, key: object, share: float) -> None:
        if key == self._target_of:
            self.target_share = share

    def _target_found(self, key: object, done: Future[Any]) -> None:
        if key == self._target_of:
            self._take(target=done)

    def _map_drawn(self, key: object, done: Future[LoadMap]) -> None:
        if key == self._map_of:
            self._take(loads=done)

    def _take(self, **found: Future[Any]) -> None:
        try:
            self.param.update(**{name: done.result() for name, done in found.items()})
        except WorkbenchError as error:
            self._session.error = str(error)
