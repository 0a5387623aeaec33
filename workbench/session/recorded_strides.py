"""Every stride of a session's leg as recorded, solved in the background."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import Future
from functools import partial
from typing import TYPE_CHECKING

from workbench.core.errors import WorkbenchError
from workbench.core.settings import GaitModification
from workbench.core.types import SolvedLeg
from workbench.session.solvers import LegSolver, Schedule

if TYPE_CHECKING:
    from workbench.session.session import Session


class RecordedStrides:
    """Solves the strides of a session; a new question, and `close`, give up the one before."""

    def __init__(self, session: Session, solver: LegSolver, schedule: Schedule) -> None:
        self._session, self._solver, self._schedule = session, solver, schedule
        self._group: object | None = None

    def solve(
        self,
        told: Callable[[float], None],
        solved: Callable[[Sequence[SolvedLeg]], None],
        failed: Callable[[WorkbenchError], None],
    ) -> None:
        """Solve all of them.

        Parameters
        ----------
        told : callable
            Is told after each what share is solved.
        solved : callable
            Takes the legs, in the order of the strides; what it raises is a failure, too.
        failed : callable
            Takes what went wrong; the rest has been given up.
        """
        self.close()
        group = self._group = object()
        session, strides = self._session, self._session.strides
        legs: dict[int, SolvedLeg] = {}

        def arrived(place: int, future: Future[SolvedLeg]) -> None:
            if self._group is not group:
                return
            try:
                legs[place] = future.result()
                told(len(legs) / len(strides))
                if len(legs) == len(strides):
                    solved([legs[i] for i in range(len(strides))])
            except WorkbenchError as error:
                self.close()
                failed(error)

        def done(place: int, future: Future[SolvedLeg]) -> None:
            if not future.cancelled():
                self._schedule(partial(arrived, place, future))

        for place, stride in enumerate(strides):
            future = self._solver.submit(session.trial, session.processing, stride, GaitModification(), group=group)
            future.add_done_callback(partial(done, place))

    def close(self) -> None:
        """Give up what is on its way."""
        if self._group is not None:
            self._solver.cancel_group(self._group)
        self._group = None
