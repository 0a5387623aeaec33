"""The person's own settings for a session: computed with one click, used instead of the defaults, and reset."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from workbench.advice.law_of_strides import own_law_of, require_strides
from workbench.core.declaration import Number
from workbench.core.errors import WorkbenchError
from workbench.core.own_law import OwnLaw
from workbench.core.settings import SETTINGS
from workbench.core.types import SolvedLeg, Stride
from workbench.session.recorded_strides import RecordedStrides
from workbench.session.solvers import LegSolver, Schedule

if TYPE_CHECKING:
    from workbench.session.session import Session


class OwnLawOfSession:
    """Solves every recorded stride of a session's leg, and sets its `own_law` and the assumptions it determines."""

    def __init__(self, session: Session, solver: LegSolver, schedule: Schedule) -> None:
        self._session = session
        self._strides = RecordedStrides(session, solver, schedule)
        self._before: dict[str, Any] = {}

    def ask(self) -> None:
        """Solve the strides in the background; with too few of them the session's `error` is set."""
        self.close()
        session, strides = self._session, self._session.strides
        try:
            require_strides(len(strides), session.side)
        except WorkbenchError as error:
            session.error = str(error)
            return

        def failed(error: WorkbenchError) -> None:
            self.close()
            session.error = str(error)

        self._strides.solve(
            lambda share: session.param.update(own_law_share=share), lambda legs: self._take(strides, legs), failed
        )

    def _take(self, strides: Sequence[Stride], legs: Sequence[SolvedLeg]) -> None:
        session = self._session
        law = own_law_of(strides, lambda _: legs, session.trial.subject, session.settings)
        taken = _shown(law)
        self._before = {name: getattr(session, name) for name in taken}
        session.param.update(own_law=law, **taken)

    def give_back(self) -> None:
        """Return to the assumptions as they were before."""
        before, self._before = self._before, {}
        self.close()
        self._session.param.update(own_law=None, **before)

    def close(self) -> None:
        """Cancel pending work."""
        self._strides.close()
        self._session.own_law_share = 0.0


def _shown(law: OwnLaw) -> dict[str, Any]:
    """The session's parameters that hold what the law settles."""
    shown: dict[str, Any] = {}
    for name, value in law.assumptions.items():
        setting = SETTINGS[name]
        assert isinstance(setting, Number)
        shown[setting.shown_name] = setting.shown(value)
        if setting.without is not None:
            shown[setting.without.shown_name] = True
    return shown
