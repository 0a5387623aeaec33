"""Spread between the strides of a recording, for a session."""

from __future__ import annotations

from concurrent.futures import Future
from functools import partial
from typing import TYPE_CHECKING

from workbench.core.errors import WorkbenchError
from workbench.core.results import LoadsOfStrides, loads_of_strides, solved_gait
from workbench.core.settings import GaitModification
from workbench.core.types import SolvedLeg
from workbench.session.solvers import LegSolver, Schedule

if TYPE_CHECKING:
    from workbench.session.session import Session


class SpreadOfStrides:
    """Solves every stride of a session's leg as recorded, and sets its `spread` and `spread_share`."""

    def __init__(self, session: Session, solver: LegSolver, schedule: Schedule) -> None:
        self._session, self._solver, self._schedule = session, solver, schedule
        self._group: object | None = None

    def ask(self) -> None:
        """Solve the strides in the background."""
        self.drop()
        session, group = self._session, object()
        strides, settings = session.strides, session.settings
        self._group = group
        solved: dict[int, SolvedLeg] = {}

        def arrived(place: int, future: Future[SolvedLeg]) -> None:
            if self._group is not group:
                return
            try:
                solved[place] = future.result()
            except WorkbenchError as error:
                self.drop()
                session.error = str(error)
                return
            session.spread_share = len(solved) / len(strides)
            if len(solved) == len(strides):
                legs = [solved[i] for i in range(len(strides))]
                loads = solved_gait(legs, strides, session.trial.subject, settings).loads
                spread: LoadsOfStrides = loads_of_strides(loads)
                session.spread = spread

        def done(place: int, future: Future[SolvedLeg]) -> None:
            if not future.cancelled():
                self._schedule(partial(arrived, place, future))

        for place, stride in enumerate(strides):
            future = self._solver.submit(session.trial, session.processing, stride, GaitModification(), group=group)
            future.add_done_callback(partial(done, place))

    def drop(self) -> None:
        """Discard it, whether ready or pending."""
        self.close()
        self._session.param.update(spread=None, spread_share=0.0)

    def close(self) -> None:
        """Cancel pending work."""
        if self._group is not None:
            self._solver.cancel_group(self._group)
        self._group = None
