"""Spread between the strides of a recording, for a session."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from workbench.core.errors import WorkbenchError
from workbench.core.results import LoadsOfStrides, loads_of_strides, solved_gait
from workbench.core.types import SolvedLeg
from workbench.session.recorded_strides import RecordedStrides
from workbench.session.solvers import LegSolver, Schedule

if TYPE_CHECKING:
    from workbench.session.session import Session


class SpreadOfStrides:
    """Solves every stride of a session's leg as recorded, and sets its `spread` and `spread_share`."""

    def __init__(self, session: Session, solver: LegSolver, schedule: Schedule) -> None:
        self._session = session
        self._strides = RecordedStrides(session, solver, schedule)

    def ask(self) -> None:
        """Solve the strides in the background."""
        self.drop()
        session = self._session
        strides, settings = session.strides, session.settings

        def solved(legs: Sequence[SolvedLeg]) -> None:
            loads = solved_gait(legs, strides, session.trial.subject, settings).loads
            spread: LoadsOfStrides = loads_of_strides(loads)
            session.spread = spread

        def failed(error: WorkbenchError) -> None:
            self.drop()
            session.error = str(error)

        self._strides.solve(lambda share: session.param.update(spread_share=share), solved, failed)

    def drop(self) -> None:
        """Discard it, whether ready or pending."""
        self.close()
        self._session.param.update(spread=None, spread_share=0.0)

    def close(self) -> None:
        """Cancel pending work."""
        self._strides.close()
