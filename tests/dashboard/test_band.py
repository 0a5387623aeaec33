"""The range of the modified walk over the assumptions behind it: asked for, computed at rest, never stale."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any

import numpy as np
import pytest
from bokeh.models import Patch
from bokeh.plotting import figure

from workbench.advice.assumptions import Assumed, CurveBand, bears_on, other_assumptions
from workbench.core.errors import SimulationError
from workbench.core.loads import knee_loads
from workbench.core.response import ResponseSurface
from workbench.core.settings import GaitModification, Processing
from workbench.core.types import SolvedLeg, Stride, Trial
from workbench.core.vocabulary import CURVES
from workbench.dashboard.charts import SHOWN as DRAWN
from workbench.dashboard.charts import Curves
from workbench.dashboard.controls import band_in_words
from workbench.session.address import apply_query, query_of
from workbench.session.grid import GridState
from workbench.session.session import Session
from workbench.simulation.walk import Walk

from .test_states import Come, Grids, Maker

TOE_IN = GaitModification(foot_progression_change_deg=-10.0)
REAR, FRONT = replace(TOE_IN, pivot=0.35), replace(TOE_IN, pivot=0.65)
HELD = replace(TOE_IN, balance="held", virtual_point_statures=None)
SHOWN = Assumed(TOE_IN)
OTHERS = [one for one in other_assumptions(SHOWN) if bears_on(one, SHOWN)]
Solve = Callable[[Stride, GaitModification], SolvedLeg]
KAM = "knee_adduction_moment_pct_bw_ht"


@dataclass
class Held:
    processing: Processing
    stride: Stride
    modification: GaitModification
    group: Any
    future: Future[SolvedLeg] = field(default_factory=Future)


class Solver:
    """Answers at once what is asked under the usual assumptions, and the rest when the test says so."""

    def __init__(self, solve: Solve) -> None:
        self.solve = solve
        self.held: list[Held] = []
        self.cancelled: list[Any] = []
        self.failing: dict[float, str] = {}  # by the pivot

    def submit(
        self,
        trial: Trial,
        processing: Processing,
        stride: Stride,
        modification: GaitModification,
        *,
        group: Any = None,
        urgent: bool = False,
    ) -> Future[SolvedLeg]:
        question = Held(processing, stride, modification, group)
        if isinstance(group, Session):
            question.future.set_result(self.solve(stride, modification))
        else:
            self.held.append(question)
        return question.future

    def cancel_group(self, group: Any) -> None:
        self.cancelled.append(group)

    @property
    def asked(self) -> list[GaitModification]:
        """What is held."""
        return [one.modification for one in self.held]

    def answer(self) -> None:
        """Answer everything held, as if nothing had been cancelled."""
        held, self.held = self.held, []
        for one in held:
            if one.modification.pivot in self.failing and not one.modification.is_none:
                one.future.set_exception(SimulationError(self.failing[one.modification.pivot]))
            else:
                one.future.set_result(self.solve(one.stride, one.modification))


@pytest.fixture(scope="module")
def solve(walk: Walk) -> Solve:
    return cache(walk.solve)


@pytest.fixture
def solver(solve: Solve) -> Solver:
    return Solver(solve)


@pytest.fixture
def session(solver: Solver, reference: Trial) -> Session:
    made = Session(solver, band_wanted=True)
    made.open(reference)
    return made


def assert_contains(band: CurveBand, curves: Any) -> None:
    for name in CURVES:
        assert (band.lowest[name] <= curves[name]).all()
        assert (curves[name] <= band.highest[name]).all()


def test_the_band_spans_the_shown_walk_and_the_other_assumptions(solver: Solver, session: Session, walk: Walk) -> None:
    session.foot_progression_change_deg = -10.0
    assert session.band is None
    assert {REAR, FRONT, HELD, TOE_IN, replace(TOE_IN, sides="one"), GaitModification()} <= set(solver.asked)
    solver.answer()
    assert session.band.assumptions == (SHOWN, *OTHERS)
    recorded = walk.solve(session.stride, GaitModification())
    subject = walk.trial.subject
    curves = []
    for one in (SHOWN, *OTHERS):  # the solver of this test filters all of them alike
        before, after = (
            knee_loads(leg.mechanics, session.stride, subject, one.loads).curves[KAM]
            for leg in (recorded, walk.solve(session.stride, one.gait))
        )
        curves.append(session.answer.baseline.curves[KAM] + after - before)
    np.testing.assert_allclose(session.band.lowest[KAM], np.min(curves, axis=0), atol=1e-12)
    np.testing.assert_allclose(session.band.highest[KAM], np.max(curves, axis=0), atol=1e-12)
    assert_contains(session.band, session.answer.modified.curves)
    assert 0.1 < np.max(session.band.highest[KAM] - session.band.lowest[KAM]) < 1.0


def test_it_says_which_assumption_matters_most(solver: Solver, session: Session) -> None:
    session.foot_progression_change_deg = -10.0
    solver.answer()
    assert session.band.most in {"pivot", "balance", "weights", "sides"}
    assert "matters most" in band_in_words(session)


def test_filters_and_threshold_are_tried_on_the_recorded_walk_too(solver: Solver, session: Session) -> None:
    session.foot_progression_change_deg = -10.0
    tried = {(one.processing, one.modification) for one in solver.held}
    for processing in (Processing(4.0, 4.0), Processing(10.0, 10.0), Processing(contact_threshold_N=50.0)):
        assert {(processing, TOE_IN), (processing, GaitModification())} <= tried


def test_the_pivot_is_not_tried_where_no_foot_turns(solver: Solver, session: Session) -> None:
    session.step_width_change_cm = 5.0
    wider = GaitModification(step_width_change_m=0.05)
    assert replace(wider, balance="held", virtual_point_statures=None) in solver.asked
    assert {one.pivot for one in solver.asked} == {0.5}
    solver.answer()
    session.foot_progression_change_deg = 5.0
    assert {one.pivot for one in solver.asked} == {0.35, 0.5, 0.65}


def test_the_recorded_walk_has_no_band(solver: Solver, session: Session) -> None:
    assert solver.asked == []
    assert "does not depend" in band_in_words(session)
    session.foot_progression_change_deg = -10.0
    solver.answer()
    session.reset_change()
    assert session.band is None
    assert solver.asked == []


def test_nothing_is_asked_unless_it_is_wanted(solver: Solver, session: Session) -> None:
    session.band_wanted = False
    session.foot_progression_change_deg = -10.0
    assert solver.asked == []
    assert band_in_words(session) == ""
    session.band_wanted = True
    solver.answer()
    assert session.band is not None
    session.band_wanted = False
    assert session.band is None


def test_the_band_goes_at_once_and_the_newest_question_wins(solver: Solver, session: Session) -> None:
    session.foot_progression_change_deg = -10.0
    solver.answer()
    session.foot_progression_change_deg = -8.0
    assert session.band is None
    assert session.band_share == 0.0
    old, solver.held = solver.held, []
    session.foot_progression_change_deg = 6.0
    assert old[0].group in solver.cancelled
    newest, solver.held = solver.held, old
    solver.answer()  # what comes late belongs to the old question
    assert session.band is None
    assert session.band_share == 0.0
    solver.held = newest
    solver.answer()
    assert session.band_share == 1.0
    assert_contains(session.band, session.answer.modified.curves)


def test_only_where_the_slider_rests_is_anything_asked(solver: Solver, reference: Trial) -> None:
    waiting: list[Callable[[], None]] = []
    session = Session(solver, band_wanted=True, later=lambda task, _: waiting.append(task))
    session.open(reference)
    for turn_deg in (-1.0, -2.0, -3.0):
        session.foot_progression_change_deg = turn_deg
    assert solver.asked == []
    for task in waiting:
        task()
    assert {one["foot_progression_change_deg"] for one in solver.asked} == {-3.0, 0.0}
    session.close()
    solver.answer()
    assert session.band is None


def test_the_share_tells_how_far_it_is(solver: Solver, session: Session) -> None:
    session.foot_progression_change_deg = -10.0
    assert "0 %" in band_in_words(session)
    count, last = len(solver.held), solver.held.pop()
    solver.answer()
    assert session.band_share == pytest.approx((count - 1.0) / count)
    assert f"{100 * session.band_share:.0f} %" in band_in_words(session)
    solver.held = [last]
    solver.answer()
    assert "0.35 to 0.65" in band_in_words(session)


def test_an_alternative_that_fails_is_said(solver: Solver, session: Session) -> None:
    solver.failing = {0.35: "the left knee gives way."}
    session.foot_progression_change_deg = -10.0
    solver.answer()
    assert "does not include the case that the foot turns about a point 0.35" in session.error
    assert "the left knee gives way" in session.error
    assert [one.gait.pivot for one in session.band.assumptions].count(0.35) == 0
    assert len(session.band.assumptions) == len(OTHERS)
    session.contact_spacing_mm = 45.0  # the same gait: it is still missing
    assert "the left knee gives way" in session.error
    session.band_wanted = False
    assert session.error == ""


def test_without_any_alternative_there_is_no_band(solver: Solver, session: Session) -> None:
    solver.failing = {0.35: "it fell.", 0.65: "it fell too.", 0.5: "it fell again."}
    session.foot_progression_change_deg = -10.0
    solver.answer()
    assert session.band is None
    assert "it fell." in session.error
    assert "it fell too." in session.error
    assert "No range" in band_in_words(session)
    session.foot_progression_change_deg = -5.0
    assert session.error == ""


def test_the_band_follows_the_settings_of_the_loads(solver: Solver, session: Session) -> None:
    session.foot_progression_change_deg = -10.0
    solver.answer()
    before = session.band
    session.contact_spacing_mm = 60.0
    assert solver.asked == []  # the mechanics are the same
    assert session.band is not before
    assert_contains(session.band, session.answer.modified.curves)
    assert session.band.highest["medial_contact_force_bw"].max() != before.highest["medial_contact_force_bw"].max()


def test_another_assumption_is_another_question(solver: Solver, session: Session) -> None:
    session.foot_progression_change_deg = -10.0
    solver.answer()
    session.pivot = 0.65
    assert session.band is None
    assert {REAR, replace(HELD, pivot=0.65)} <= set(solver.asked)
    solver.answer()
    assert session.band.assumptions[0] == Assumed(FRONT)
    assert Assumed(REAR) in session.band.assumptions


def test_the_band_contains_what_the_surface_answers(solver: Solver, reference: Trial, surface: ResponseSurface) -> None:
    maker = Maker()
    session = Session(solver, surfaces=maker, band_wanted=True)
    session.open(reference)
    session.step_width_change_cm = 5.0
    solver.answer()
    direct = session.answer
    maker.update(Come(10, surface))
    assert session.answer is not direct
    assert solver.asked == []
    assert_contains(session.band, session.answer.modified.curves)


def test_another_leg_drops_the_band(solver: Solver, session: Session) -> None:
    session.foot_progression_change_deg = -10.0
    solver.answer()
    session.side = "left"
    assert session.band is None
    assert {one.stride.side for one in solver.held} == {"left"}


def test_the_address_holds_that_the_band_is_wanted(solver: Solver, session: Session, reference: Trial) -> None:
    other = Session(solver)
    other.open(reference)
    assert "band" not in query_of(other)
    assert apply_query(other, {name: str(value) for name, value in query_of(session).items()}) == []
    assert other.band_wanted


def test_the_charts_draw_the_band_and_take_it_away(solver: Solver, session: Session) -> None:
    import panel as pn

    grid = GridState(session, Grids(), schedule=lambda task: task())
    figures: list[figure] = [pane.object for pane in Curves(session, grid, "curves").__panel__().select(pn.pane.Bokeh)]
    [drawn] = [one for one in figures[DRAWN.index(KAM)].renderers if isinstance(one.glyph, Patch)]
    assert len(drawn.data_source.data[KAM]) == 0
    session.foot_progression_change_deg = -10.0
    solver.answer()
    outline = drawn.data_source.data[KAM]
    np.testing.assert_array_equal(outline[:101], session.band.lowest[KAM])
    np.testing.assert_array_equal(outline[:100:-1], session.band.highest[KAM])
    session.foot_progression_change_deg = -9.0
    assert len(drawn.data_source.data[KAM]) == 0
