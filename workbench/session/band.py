"""How much the assumptions move a session's answer."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import Future
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Final

from workbench.advice.assumptions import (
    Assumed,
    CurveBand,
    bears_on,
    curve_band,
    difference_in_words,
    other_assumptions,
)
from workbench.core.errors import WorkbenchError
from workbench.core.loads import knee_loads
from workbench.core.results import Simulation
from workbench.core.settings import GaitModification, LoadSettings, Processing
from workbench.core.types import Array, SolvedLeg
from workbench.core.vocabulary import CURVES
from workbench.session.solvers import Later, LegSolver, Schedule

if TYPE_CHECKING:
    from workbench.session.session import Session

REST_MS: Final = 300.0  #: a slider that has not moved for so long is at rest


Gait = tuple[Processing, GaitModification]  #: what is solved: how the recording is processed, and the change of gait


@dataclass(eq=False)
class _BandQuestion:
    """A change of gait whose band is computed or known; by itself it names the group of its solutions."""

    modification: GaitModification
    processing: Processing
    needed: tuple[Gait, ...]
    legs: dict[Gait, SolvedLeg] = field(default_factory=dict)
    failures: dict[Gait, WorkbenchError] = field(default_factory=dict)
    missing: str = ""  # what its band leaves out, in words

    @property
    def share(self) -> float:
        """How much of it is solved."""
        return (len(self.legs) + len(self.failures)) / len(self.needed)

    def shown(self, settings: LoadSettings) -> Assumed:
        """What is assumed of the walk on the screen."""
        return Assumed(self.modification, settings, self.processing)


def _alternatives(shown: Assumed) -> list[Assumed]:
    return [one for one in other_assumptions(shown) if bears_on(one, shown)]


def _before_and_after(one: Assumed) -> tuple[Gait, Gait]:
    """The recorded and the changed gait under some assumptions."""
    return (one.processing, GaitModification()), (one.processing, one.gait)


class AssumptionBand:
    """Finds the range of a session's answer over the assumptions, and sets its `band` and `band_share`."""

    def __init__(self, session: Session, solver: LegSolver, schedule: Schedule, later: Later) -> None:
        self._session, self._solver, self._schedule, self._later = session, solver, schedule, later
        self._question: _BandQuestion | None = None
        session.param.watch(self._wanted_changed, "band_wanted")

    def ask(self) -> None:
        """Find the band of the answer on the screen once the sliders rest, unless that is done or not wanted."""
        session, answer = self._session, self._session.answer
        if not session.band_wanted or self._question is not None or answer is None or session.busy:
            return
        modification = answer.modification
        shown = Assumed(modification, session.settings, session.processing)
        others = _alternatives(shown)
        if not others or modification != session.modification:
            return
        gaits = dict.fromkeys(gait for one in (shown, *others) for gait in _before_and_after(one))
        question = self._question = _BandQuestion(modification, session.processing, tuple(gaits))
        self._later(partial(self._solve, question), REST_MS)

    def of(self, answer: Simulation) -> tuple[CurveBand | None, str]:
        """The range of an answer over the assumptions, and in words what it had to leave out.

        None until all of it is solved, and where nothing of it could be.
        """
        question = self._question
        if question is None or question.share < 1.0:
            return None, ""
        shown, stride = question.shown(answer.settings), answer.strides[0]
        known: dict[tuple[Gait, LoadSettings], Mapping[str, Array]] = {}

        def curves_of(gait: Gait, settings: LoadSettings) -> Mapping[str, Array]:
            if gait in question.failures:
                raise question.failures[gait]
            if (gait, settings) not in known:
                mechanics = question.legs[gait].mechanics
                known[gait, settings] = knee_loads(mechanics, stride, answer.subject, settings).curves
            return known[gait, settings]

        curves, failures = {}, {}
        for one in _alternatives(shown):
            try:
                before, after = (curves_of(gait, one.loads) for gait in _before_and_after(one))
            except WorkbenchError as error:
                failures[one] = error
                continue
            # What the assumption does to the recorded walk is no part of the answer: it is added to the shown one.
            curves[one] = {name: answer.baseline.curves[name] + (after[name] - before[name]) for name in CURVES}
        left_out: dict[str, list[str]] = {}
        for one, failure in failures.items():
            left_out.setdefault(str(failure), []).append(difference_in_words(one, shown))
        question.missing = " ".join(
            f"The range over assumptions does not include the case that {', or that '.join(assumed)}: {why}"
            for why, assumed in left_out.items()
        )
        return curve_band(shown, answer.modified.curves, curves) if curves else None, question.missing

    def drop_unless(self, modification: GaitModification) -> None:
        """Forget the band of any other change of gait."""
        if self._question is not None and self._question.modification != modification:
            self.drop()

    def drop(self) -> None:
        """Discard it, whether ready or pending."""
        self.close()
        self._session.param.update(band=None, band_share=0.0)

    def close(self) -> None:
        """Cancel pending work."""
        if self._question is not None:
            self._solver.cancel_group(self._question)
        self._question = None

    def _wanted_changed(self, *_: object) -> None:
        session = self._session
        if session.band_wanted:
            self.ask()
            return
        missing = self._question.missing if self._question is not None else ""
        self.drop()
        if missing and session.error == missing:
            session.error = ""

    def _solve(self, question: _BandQuestion) -> None:
        """Solve the question's change of gait under the other assumptions."""
        session, stride = self._session, self._session.stride
        if self._question is not question or stride is None:
            return

        def done(gait: Gait, future: Future[SolvedLeg]) -> None:
            if not future.cancelled():
                self._schedule(partial(self._arrived, question, gait, future))

        for gait in question.needed:
            # Somebody waits for it; a slider that moves again still goes first, and takes these questions back.
            future = self._solver.submit(session.trial, gait[0], stride, gait[1], group=question, urgent=True)
            future.add_done_callback(partial(done, gait))

    def _arrived(self, question: _BandQuestion, gait: Gait, future: Future[SolvedLeg]) -> None:
        if self._question is not question:
            return
        try:
            question.legs[gait] = future.result()
        except WorkbenchError as error:
            question.failures[gait] = error
        session = self._session
        band, missing = self.of(session.answer)
        session.param.update(band=band, band_share=question.share, error=missing or session.error)
