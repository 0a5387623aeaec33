"""The response surface of a session: its range, and when it is recomputed."""

from __future__ import annotations

from concurrent.futures import Future
from functools import partial
from typing import TYPE_CHECKING

from workbench.core.errors import WorkbenchError
from workbench.core.response import PLANE, ResponseSurface, SurfaceUpdate
from workbench.core.settings import GaitModification
from workbench.session.solvers import Schedule, SurfacePreparer

if TYPE_CHECKING:
    from workbench.session.session import Session


class PreparedAnswers:
    """Has the surface of a session's leg, assumptions and fixed changes prepared; sets `surface` and `prepared`."""

    def __init__(self, session: Session, preparer: SurfacePreparer | None, schedule: Schedule) -> None:
        self._session, self._preparer, self._schedule = session, preparer, schedule
        self._ticket = 0
        self._template: GaitModification | None = None

    def request(self) -> None:
        """Prepare it in the background, unless it is ready."""
        session, stride = self._session, self._session.stride
        template = self._wanted()
        if self._preparer is None or stride is None or template == self._template:
            return
        self.drop()
        self._template = template
        ticket = self._ticket

        def updated(progress: SurfaceUpdate) -> None:
            self._schedule(partial(self._updated, ticket, progress))

        def done(future: Future[ResponseSurface]) -> None:
            if not future.cancelled() and isinstance(failure := future.exception(), WorkbenchError):
                self._schedule(partial(self._failed, ticket, failure))

        future = self._preparer.request(session.trial, session.processing, stride, template, on_update=updated)
        future.add_done_callback(done)

    @property
    def outdated(self) -> bool:
        """Whether it is of other assumptions, or of other changes beside those that it spans."""
        return self._template is not None and self._wanted() != self._template

    def drop(self) -> None:
        """Discard it, whether ready or pending."""
        self.close()
        self._session.param.update(surface=None, prepared=0.0)

    def close(self) -> None:
        """Cancel pending work."""
        self._ticket += 1
        self._template = None
        if self._preparer is not None:
            self._preparer.cancel()

    def _wanted(self) -> GaitModification:
        modification = self._session.modification
        return modification.unchanged.changed(modification.changes.without(PLANE))

    def _updated(self, ticket: int, progress: SurfaceUpdate) -> None:
        if ticket == self._ticket:
            # A surface that is not complete yet is off by more than its answers may be.
            surface = progress.surface if progress.surface is not None and progress.surface.complete else None
            self._session.param.update(surface=surface, prepared=progress.done / progress.total)

    def _failed(self, ticket: int, error: WorkbenchError) -> None:
        """Without a surface the direct solutions go on."""
        if ticket == self._ticket:
            self._session.param.update(surface=None, prepared=0.0, error=str(error))
