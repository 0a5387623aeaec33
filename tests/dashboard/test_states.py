"""What the views stand on, without a browser and without worker processes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import Future
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from workbench.core.answer_grid import AnswerGrid, answer_grid
from workbench.core.changes import Changes
from workbench.core.errors import SimulationError
from workbench.core.load_map import LoadMap
from workbench.core.response import (
    NODES,
    PLANE,
    ResponseSurface,
    interpolation_error,
    lagrange_basis,
    node_points,
    response_surface,
)
from workbench.core.settings import GaitModification, LoadSettings, Processing
from workbench.core.types import SolvedLeg, Stride, Trial
from workbench.dashboard.body import PLACES, BodyState
from workbench.dashboard.controls import TrialChoice
from workbench.dashboard.levers import LiveAnswers
from workbench.dashboard.server import free_port
from workbench.scene.bodies import BodyMotion, Scene
from workbench.scene.walk_scene import walk_motion, walk_scene
from workbench.session.address import apply_query, query_of
from workbench.session.grid import GridState
from workbench.session.plane import PlaneState
from workbench.session.session import Session
from workbench.simulation.walk import Walk


def answered(value: Any) -> Future[Any]:
    future: Future[Any] = Future()
    future.set_result(value)
    return future


class Here:
    """Answers every question at once, in this process."""

    def __init__(self, walk: Walk) -> None:
        self.walk = walk
        self.motions: list[GaitModification] = []

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
        return answered(self.walk.solve(stride, modification))

    def cancel_group(self, group: Any) -> None:
        pass

    def scene(self, trial: Trial, processing: Processing) -> Future[Scene]:
        return answered(walk_scene(self.walk))

    def motion(
        self, trial: Trial, processing: Processing, stride: Stride, modification: GaitModification
    ) -> Future[BodyMotion]:
        self.motions.append(modification)
        return answered(walk_motion(self.walk, stride, modification))


@pytest.fixture
def here(walk: Walk) -> Here:
    return Here(walk)


@pytest.fixture
def session(here: Here, reference: Trial) -> Session:
    made = Session(here)
    made.open(reference)
    return made


def at_once(task: Callable[[], None]) -> None:
    task()


def at_once_later(task: Callable[[], None], _: float) -> None:
    task()


def test_the_body_follows_the_answer(here: Here, session: Session) -> None:
    body = BodyState(session, here, schedule=at_once, later=at_once_later)
    assert body.scene is not None
    assert body.recorded is not None
    assert body.modified is None
    session.foot_progression_change_deg = -10.0
    assert body.modified is not None
    session.reset_change()
    assert body.modified is None


def test_leg_and_stride_may_change_at_once(session: Session) -> None:
    """Another trial is opened so: its stride of the other leg has another number."""
    session.param.update(side="left", stride_number=7)
    assert session.stride is not None
    assert session.answer.side == session.side == "left"


def test_once_prepared_the_body_asks_nothing_more(here: Here, session: Session) -> None:
    body = BodyState(session, here, schedule=at_once, later=at_once_later)
    session.prepared = 1.0
    asked = len(here.motions)
    assert asked == 1 + 3 * 3
    session.foot_progression_change_deg = 7.0
    assert len(body.nodes) == 9
    assert body.modified is None  # the browser moves the body between the nodes
    assert len(here.motions) == asked


def test_three_places_of_each_change_are_enough_for_the_body(walk: Walk, session: Session) -> None:
    """The browser takes the body between the nodes as a polynomial, number by number."""
    stride, change = session.stride, GaitModification(foot_progression_change_deg=-8.0, step_width_change_m=0.05)
    bases = [lagrange_basis(places, change[name]) for name, places in PLACES.items()]
    motions = [walk_motion(walk, stride, GaitModification(node)) for node in node_points(PLANE, list(PLACES.values()))]
    weights, exact = np.kron(*bases), walk_motion(walk, stride, change)
    places = np.einsum("k,k...->...", weights, [one.poses[..., 4:] for one in motions])
    pressure = np.einsum("k,k...->...", weights, [one.ground_point_m["right"] for one in motions])
    assert np.abs(places - exact.poses[..., 4:]).max() < 0.003
    assert np.abs(pressure - exact.ground_point_m["right"]).max() < 0.003


class Grids:
    """Tables every surface at once."""

    def __init__(self) -> None:
        self.asked: list[LoadSettings] = []

    def answer_grid(
        self, trial: Trial, processing: Processing, surface: ResponseSurface, settings: LoadSettings
    ) -> Future[AnswerGrid]:
        self.asked.append(settings)
        return answered(answer_grid(surface, settings))


def test_a_grid_follows_surface_and_settings(here: Here, reference: Trial, surface: ResponseSurface) -> None:
    maker, grids = Maker(), Grids()
    session = Session(here, surfaces=maker)
    state = GridState(session, grids, schedule=at_once)
    session.open(reference)
    maker.update(Come(5, replace(surface, between=None)))  # not complete yet
    assert state.grid is None
    maker.update(Come(10, surface))
    assert state.grid.settings == session.settings
    session.foot_progression_change_deg = -10.0
    assert state.covers_question()
    session.contact_spacing_mm = 50.0
    assert [one.contact_spacing_m for one in grids.asked] == [grids.asked[0].contact_spacing_m, 0.05]
    assert state.grid.settings.contact_spacing_m == 0.05
    session.pivot = 0.4
    assert state.grid is None
    assert not state.covers_question()


class TestTheSliders:
    def test_they_set_the_session_and_follow_it(self, session: Session) -> None:
        sliders = LiveAnswers(session, GridState(session, Grids(), schedule=at_once)).levers
        sliders.values = {**sliders.values, "foot_progression_change_deg": -3.0}
        assert session.foot_progression_change_deg == -3.0
        session.reset_change()
        assert sliders.values["foot_progression_change_deg"] == 0.0

    def test_the_server_answers_where_there_is_no_grid(self, session: Session) -> None:
        sliders = LiveAnswers(session, GridState(session, Grids(), schedule=at_once)).levers
        assert sliders.leg["peaks"] == dict(session.answer.baseline.peaks)
        session.foot_progression_change_deg = -10.0
        assert sliders.direct["values"]["foot_progression_change_deg"] == -10.0
        assert sliders.direct["peaks"] == dict(session.answer.modified.peaks)

    def test_with_a_grid_the_browser_answers(self, here: Here, reference: Trial, surface: ResponseSurface) -> None:
        maker = Maker()
        session = Session(here, surfaces=maker)
        state = GridState(session, Grids(), schedule=at_once)
        session.open(reference)
        sliders = LiveAnswers(session, state).levers
        maker.update(Come(10, surface))
        coefficients = np.frombuffer(sliders.peaks, "<f4").reshape(state.grid.peaks.shape)
        np.testing.assert_array_equal(coefficients, state.grid.peaks.astype("<f4"))
        session.foot_progression_change_deg = -10.0
        assert sliders.direct == {}
        session.pivot = 0.4  # what was prepared is of another assumption
        assert sliders.grid == {}
        assert sliders.direct["values"]["foot_progression_change_deg"] == -10.0


def test_an_address_opens_the_same_view(here: Here, session: Session, reference: Trial) -> None:
    session.param.update(side="left", step_width_change_cm=4.0, aim_at_virtual_point=False, weights="equal")
    other = Session(here)
    other.open(reference)
    assert apply_query(other, {name: str(value) for name, value in query_of(session).items()}) == []
    assert query_of(other) == query_of(session)
    assert other.modification == session.modification


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("toe", "far"),
        ("toe", 400),
        ("side", "middle"),
        ("stride", 99),
        ("aim_at_virtual_point", "perhaps"),
        ("toe", True),
    ],
)
def test_an_address_that_cannot_be_is_refused(session: Session, name: str, value: object) -> None:
    before = query_of(session)
    assert apply_query(session, {name: value}) == [name]
    assert query_of(session) == before


def test_a_trial_of_the_same_name_takes_the_place(reference: Trial) -> None:
    choice = TrialChoice(trials=[reference])
    choice.add(reference)
    assert len(choice.trials) == 1


class Maker:
    """Prepares nothing; the test tells how far the surface has come."""

    def __init__(self) -> None:
        self.update: Callable[[Any], None] = lambda _: None
        self.future: Future[ResponseSurface] = Future()
        self.asked: list[tuple[GaitModification, tuple[str, ...]]] = []

    def request(
        self,
        trial: Trial,
        processing: Processing,
        stride: Stride,
        template: GaitModification,
        on_update: Any = None,
        *,
        nodes: Mapping[str, int] = NODES,
    ) -> Future[ResponseSurface]:
        self.asked.append((template, tuple(nodes)))
        self.update, self.future = on_update, Future()
        return self.future

    def cancel(self) -> None:
        pass


class Come:
    def __init__(self, done: int, surface: ResponseSurface | None) -> None:
        self.done, self.total, self.surface = done, 10, surface


def test_answers_come_from_the_surface_once_it_is_complete(
    here: Here, reference: Trial, surface: ResponseSurface
) -> None:
    maker = Maker()
    session = Session(here, surfaces=maker)
    session.open(reference)
    session.foot_progression_change_deg = -10.0
    direct = session.answer
    assert direct.checks["residual_force_pct_bw_modified"] is not None
    maker.update(Come(5, replace(surface, between=None)))
    assert session.prepared == 0.5
    assert session.answer is direct  # a surface that is not complete yet is off by too much
    maker.update(Come(10, surface))
    assert session.answer is not direct
    checks = session.answer.checks
    assert checks["residual_force_pct_bw_modified"] is None  # interpolated, not solved
    for figure in ("foot_missed_mm", "foot_missed_deg", "instants_not_converged"):
        assert checks[f"{figure}_modified"] == pytest.approx(direct.checks[f"{figure}_modified"], abs=0.2)
    assert session.answer.interpolation == session.interpolation == interpolation_error(surface, session.settings)
    assert direct.interpolation is None
    session.contact_spacing_mm = 50.0
    assert session.answer.interpolation == interpolation_error(surface, session.settings)
    session.contact_spacing_mm = 40.0
    near = session.answer.change["kam_peak_1_pct_bw_ht"]
    assert near == pytest.approx(direct.change["kam_peak_1_pct_bw_ht"], abs=0.03)


def test_another_assumption_drops_the_surface(here: Here, reference: Trial, surface: ResponseSurface) -> None:
    maker = Maker()
    session = Session(here, surfaces=maker)
    session.open(reference)
    old = maker.update
    complete = surface
    old(Come(10, complete))
    assert session.surface is complete
    session.pivot = 0.4
    assert session.surface is None
    assert session.prepared == 0.0
    old(Come(10, complete))  # what comes late belongs to the old assumption
    assert session.surface is None


def test_a_surface_that_fails_leaves_direct_answers(here: Here, reference: Trial) -> None:
    maker = Maker()
    session = Session(here, surfaces=maker)
    session.open(reference)
    maker.future.set_exception(SimulationError("no node could be solved."))
    assert session.error == "no node could be solved."
    session.foot_progression_change_deg = 5.0
    assert session.answer.modification["foot_progression_change_deg"] == 5.0


def test_the_spread_over_strides_is_asked_for(session: Session) -> None:
    session.ask_spread()
    assert session.spread is not None
    assert session.spread_share == 1.0
    session.contact_spacing_mm = 50.0
    assert session.spread is None


def test_a_leg_that_cannot_be_analysed_is_not_chosen(here: Here, reference: Trial) -> None:
    session = Session(here)
    session.open(replace(reference, ground_reactions={"right": reference.ground_reactions["right"]}))
    session.side = "left"
    assert session.side == "right"
    assert session.error
    session.foot_progression_change_deg = -5.0
    assert session.answer.modification["foot_progression_change_deg"] == -5.0


def test_a_port_in_use_is_told_in_words() -> None:
    import socket

    from workbench.core.errors import WorkbenchError

    with socket.socket() as taken:
        taken.bind(("localhost", 0))
        taken.listen()
        with pytest.raises(WorkbenchError, match="in use"):
            free_port(taken.getsockname()[1])
    with pytest.raises(WorkbenchError, match="outside"):
        free_port(70000)


class Planes:
    """Fills maps in with nothing."""

    def __init__(self) -> None:
        self.asked: list[tuple[ResponseSurface, tuple[str, str]]] = []

    def load_map(
        self, trial: Trial, processing: Processing, surface: ResponseSurface, settings: LoadSettings, axes: Any
    ) -> Future[LoadMap]:
        self.asked.append((surface, axes))
        return answered(LoadMap(axes, (np.zeros(1), np.zeros(1)), {}, {}, None))


@pytest.fixture
def plane(
    here: Here, reference: Trial, surface: ResponseSurface, monkeypatch: pytest.MonkeyPatch
) -> tuple[PlaneState, Session, Planes, Maker]:
    monkeypatch.setattr(PlaneState, "_find_target", lambda *_: None)
    maker, own, planes = Maker(), Maker(), Planes()
    session = Session(here, surfaces=maker)
    session.open(reference)
    state = PlaneState(session, planes, own, schedule=at_once)
    maker.update(Come(10, surface))
    return state, session, planes, own


class TestTheMap:
    def test_is_not_drawn_before_anyone_looks(self, plane: Any) -> None:
        state, _, planes, _ = plane
        assert state.loads is None
        assert planes.asked == []

    def test_is_drawn_over_the_surface_of_the_session(self, plane: Any) -> None:
        state, session, planes, own = plane
        state.wanted = True
        assert planes.asked == [(session.surface, PLANE)]
        state.axes = PLANE[::-1]
        assert planes.asked[-1] == (session.surface, PLANE[::-1])
        assert state.loads.axes == PLANE[::-1]
        session.foot_progression_change_deg = 3.0  # on the map already
        assert len(planes.asked) == 2
        assert own.asked == []

    def test_over_other_changes_has_a_surface_of_its_own(
        self, plane: Any, surface: ResponseSurface, walk: Walk
    ) -> None:
        state, session, planes, own = plane
        one, other = PLANE
        points = [Changes({one: turn}) for turn in (0.0, -10.0, 10.0)]
        legs = {point: walk.solve(session.stride, GaitModification(point)) for point in points}
        turns = np.array([-10.0, 10.0])
        session.surface = response_surface(
            session.stride, walk.trial.subject, GaitModification(), {one: turns}, legs, points
        )
        state.wanted = True
        assert state.loads is None
        ((template, axes),) = own.asked
        assert axes == (one, other)
        assert not template.changes.any
        own.future.set_result(surface)
        assert planes.asked == [(surface, PLANE)]
        session.weights = "equal"  # other loads of the same mechanics
        assert len(own.asked) == 1
        assert len(planes.asked) == 2
