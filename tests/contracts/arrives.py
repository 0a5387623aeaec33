"""What a kind of change and a setting reach by being declared; run by `test_contracts.py` with both made up."""

from __future__ import annotations

import json
import pickle
from contextlib import redirect_stdout
from io import BytesIO, StringIO
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest

import workbench
from tests.contracts.made_up import LIFT, STIFFNESS
from tests.contracts.test_contracts import rows_of_methods
from workbench.advice.target import searches
from workbench.cli.main import build_parser, main
from workbench.cli.options import load_settings_from
from workbench.core.changes import KINDS, Changes, two_kinds
from workbench.core.errors import SettingError
from workbench.core.load_map import load_map, outcomes_of
from workbench.core.response import ResponseSurface, node_points, response_surface
from workbench.core.results import Simulation
from workbench.core.settings import GaitModification, LoadSettings, modification_from_words
from workbench.core.types import Trial
from workbench.core.vocabulary import PEAKS
from workbench.dashboard.controls import Assumptions
from workbench.dashboard.levers import LiveAnswers
from workbench.report.answers import Answer
from workbench.report.standalone import standalone_html
from workbench.report.target_report import map_text
from workbench.report.words import sentence
from workbench.report.workbook import workbook
from workbench.session.address import apply_query, query_of
from workbench.session.grid import GridState
from workbench.session.session import Session
from workbench.simulation.simulate import simulate
from workbench.simulation.walk import Walk
from workbench.trials import open_trial

AXES = ("foot_progression_change_deg", LIFT.name)


@pytest.fixture(scope="module")
def trial() -> Trial:
    return open_trial("reference")


@pytest.fixture(scope="module")
def walk(trial: Trial) -> Walk:
    return Walk(trial)


@pytest.fixture(scope="module")
def lifted(walk: Walk) -> Simulation:
    return simulate(walk, GaitModification(foot_lift_change_m=0.01), side="right")


@pytest.fixture(scope="module")
def surface(walk: Walk) -> ResponseSurface:
    """Over foot angle and lift, with wider steps held."""
    stride, template = walk.strides("right")[0], GaitModification(step_width_change_m=0.04)
    nodes = {name: np.array([-1.0, 1.0]) * KINDS[name].check for name in AXES}
    points = [Changes(), *node_points(AXES, list(nodes.values()))]
    legs = {one: walk.solve(stride, template.changed({name: one[name] for name in AXES})) for one in points}
    return response_surface(stride, walk.trial.subject, template, nodes, legs)


class Nobody:
    """Answers nothing."""

    def submit(self, *_: Any, **__: Any) -> Any:
        from concurrent.futures import Future

        return Future()

    def cancel_group(self, _: Any) -> None:
        pass


@pytest.fixture
def session(trial: Trial) -> Session:
    made = Session(Nobody())
    made.open(trial)
    return made


class TestAChange:
    def test_acts_on_the_feet_and_the_body(self, walk: Walk) -> None:
        stride = walk.strides("right")[0]
        recorded = walk.motion(stride, GaitModification())
        for balance in ("solved", "held"):
            moved = walk.motion(stride, GaitModification(foot_lift_change_m=0.01, balance=balance, swing_fade=0.0))
            tilt = walk.model.coordinate_index["pelvis_tilt"]
            np.testing.assert_allclose(np.degrees(moved.q[:, tilt] - recorded.q[:, tilt]), 1.0, atol=1e-6)
            rise = []
            for one in (recorded, moved):
                walk.model.set_state(one.q[30])
                rise.append(walk.model.body_pose(walk.model.legs["right"].calcaneus)[1][1])
            assert rise[1] - rise[0] == pytest.approx(0.01, abs=0.002)

    def test_is_an_option_of_the_command_line(self) -> None:
        out = StringIO()
        with redirect_stdout(out):
            assert main(["simulate", "--sink", "10", "--toe-in", "5", "--json", "-"]) == 0
        told = json.loads(out.getvalue())["modification"]
        assert (told[LIFT.name], told["foot_progression_change_deg"]) == (-0.01, -5.0)

    def test_is_a_keyword_in_python(self, trial: Trial) -> None:
        assert modification_from_words({"lift_mm": 10})[LIFT.name] == 0.01
        with pytest.raises(SettingError, match="Did you mean lift_mm"):
            workbench.simulate(trial, lift_m=0.01)

    def test_is_a_parameter_a_slider_and_in_the_address(self, session: Session, trial: Trial) -> None:
        session.foot_lift_change_mm = 12.0
        assert session.modification.changes == Changes(foot_lift_change_m=0.012)
        state = GridState(session, Nobody(), schedule=lambda task: task())
        levers = LiveAnswers(session, state).levers.levers
        assert {"sink", "lift"} == {one[way]["name"] for one in levers[-1:] for way in ("less", "more")}
        assert query_of(session)["lift"] == 12.0
        other = Session(Nobody())
        other.open(trial)
        assert apply_query(other, {"lift": "12"}) == []
        assert other.modification == session.modification
        session.reset_change()
        assert session.modification.is_none

    def test_spans_a_surface_and_a_map_with_others_held(self, surface: ResponseSurface) -> None:
        held = GaitModification(step_width_change_m=0.04)
        assert surface.template == held
        assert surface.answers(held.changed({LIFT.name: 0.01}))
        assert not surface.answers(GaitModification(foot_lift_change_m=0.01))
        assert surface.mechanics_at(Changes()) is surface.baseline
        grid = {name: KINDS[name].grid(KINDS[name].reach, KINDS[name].reach) for name in AXES}
        loads = load_map(surface, outcomes_of(surface, LoadSettings()), grid=grid)
        assert loads.axes == AXES
        assert "finer_foot_angle" in searches(AXES)
        assert searches(AXES)["foot_lift"].label == "foot lift, every five millimetres up to ±20 mm"

    def test_is_in_every_document_and_sentence(self, lifted: Simulation, surface: ResponseSurface) -> None:
        answer = Answer(lifted)
        assert answer.document()["modification"][LIFT.name] == 0.01
        assert "Change: feet 10 mm higher (assumed" in str(answer)
        assert sentence(lifted).startswith("Feet 10 mm higher: KAM peaks")
        page = standalone_html(lifted, surface, LoadSettings())
        assert '"less": {"name": "sink", "words": "feet {} lower"' in page
        assert "foot lift" in build_parser().description

    def test_is_an_axis_of_the_map(self) -> None:
        assert two_kinds(["foot-lift", "foot-angle"]) == (LIFT.name, "foot_progression_change_deg")

    def test_travels_to_worker_processes(self) -> None:
        modification = GaitModification(foot_lift_change_m=0.01)
        assert pickle.loads(pickle.dumps(modification)) == modification

    def test_limits_are_its_own(self) -> None:
        with pytest.raises(SettingError, match=r"foot lift is 0\.06 m, outside -0\.05 to 0\.05 m"):
            GaitModification(foot_lift_change_m=0.06)


class TestASetting:
    name = "shoe_stiffness_N_per_m"

    def test_is_checked(self) -> None:
        with pytest.raises(SettingError, match="the stiffness of the shoe is 10 N/m, outside"):
            LoadSettings(shoe_stiffness_N_per_m=10.0)

    def test_is_an_option_of_the_command_line(self) -> None:
        for command in ("simulate", "target", "map", "compare", "validate"):
            trials = ["--normal", "a", "--modified", "b"] if command == "compare" else ["reference"]
            options = build_parser().parse_args([command, *trials, "--shoe-stiffness", "5"])
            assert load_settings_from(options).shoe_stiffness_N_per_m == 5000.0

    def test_is_a_parameter_a_control_and_in_the_address(self, session: Session, trial: Trial) -> None:
        session.shoe_stiffness_N_per_mm = 5.5
        assert session.settings.shoe_stiffness_N_per_m == 5500.0
        state = GridState(session, Nobody(), schedule=lambda task: task())
        controls = Assumptions(session, state, lambda task, _: task())
        assert STIFFNESS.label in [getattr(one, "label", None) for one in controls._assumption_widgets()]
        assert query_of(session)["shoe_stiffness_N_per_mm"] == 5.5

    def test_is_in_every_document(self, walk: Walk) -> None:
        settings = LoadSettings(shoe_stiffness_N_per_m=5000.0)
        simulation = simulate(walk, GaitModification(), settings)
        assert Answer(simulation).document()["modification"][self.name] == 5000.0
        sheet = pd.read_excel(BytesIO(workbook(simulation)), sheet_name="About")
        assert self.name in sheet.to_string()

    def test_needs_a_row_in_the_methods(self) -> None:
        (row,) = [row for row in rows_of_methods() if self.name in row]
        assert "| 4 N/mm | 1 to 9 N/mm |" in row


def test_the_map_prints_its_axes(surface: ResponseSurface, trial: Trial) -> None:
    quantity = PEAKS["kam_peak_1_pct_bw_ht"]
    leg = SimpleNamespace(trial=trial, surface=surface, strides=(surface.stride,), findings=lambda _: ())
    text = map_text(load_map(surface, lambda _: {quantity.name: 0.0}), quantity, leg, LoadSettings())
    assert "foot lift, mm:" in text
