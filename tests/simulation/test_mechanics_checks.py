"""What only the model can tell about a recording: whose foot the force is under, and how well motion and force fit."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from workbench.core.errors import TrialError
from workbench.core.settings import GaitModification
from workbench.core.types import GroundReaction, Trial
from workbench.core.vocabulary import LATERAL_SIGN, SIDES, Side, opposite
from workbench.simulation.walk import Walk
from workbench.trials import open_trial

NONE = GaitModification()


def with_forces(trial: Trial, change: Callable[[Side, GroundReaction], GroundReaction]) -> Walk:
    return Walk(
        replace(trial, ground_reactions={side: change(side, one) for side, one in trial.ground_reactions.items()})
    )


def moved(trial: Trial, *, forward_m: float = 0.0, outward_m: float = 0.0) -> Walk:
    return with_forces(
        trial,
        lambda side, one: replace(
            one, point_m=one.point_m + np.array([forward_m, 0.0, LATERAL_SIGN[side] * outward_m])
        ),
    )


class TestForceOfTheWrongFoot:
    @pytest.mark.parametrize("side", SIDES)
    @pytest.mark.parametrize("events_too", [True, False], ids=["with events", "without events"])
    def test_left_and_right_swapped(self, built_in: Walk, side: Side, events_too: bool) -> None:
        trial = built_in.trial
        events = {
            name: {opposite(foot): times for foot, times in getattr(trial, name).items()} if events_too else {}
            for name in ("foot_strikes_s", "foot_offs_s")
        }
        reactions = {opposite(foot): one for foot, one in trial.ground_reactions.items()}
        walk = Walk(replace(trial, ground_reactions=reactions, **events))  # type: ignore[arg-type]
        with pytest.raises(TrialError) as raised:
            walk.solve(walk.strides(side)[0], NONE)
        message = str(raised.value)
        assert f"the force given for the {side} foot acts under the {opposite(side)} foot" in message
        assert "Swap left and right under [ground_reactions]" in message

    @pytest.mark.parametrize("side", SIDES)
    @pytest.mark.parametrize("where", [{"outward_m": 0.3}, {"forward_m": 0.35}, {"forward_m": -0.35}], ids=str)
    def test_a_force_beside_the_foot(self, built_in: Walk, side: Side, where: dict[str, float]) -> None:
        walk = moved(built_in.trial, **where)
        with pytest.raises(
            TrialError,
            match=rf"for the {side} foot acts [12]\d cm away from it\. Check that plates"
            " and",
        ):
            walk.solve(walk.strides(side)[0], NONE)

    def test_a_few_centimetres_are_let_through_and_told(self, built_in: Walk) -> None:
        walk = moved(built_in.trial, outward_m=0.08)
        for side in SIDES:
            outside = walk.solve(walk.strides(side)[0], NONE).checks.centre_of_pressure_outside_foot_m
            assert 0.03 < outside < 0.08

    def test_the_built_in_walk_has_its_centre_of_pressure_in_the_feet(self, built_in: Walk) -> None:
        for side in SIDES:
            for change in (
                NONE,
                GaitModification(foot_progression_change_deg=-10.0),
                GaitModification(step_width_change_m=0.1),
            ):
                checks = built_in.solve(built_in.strides(side)[0], change).checks
                assert checks.centre_of_pressure_outside_foot_m < 0.001


class TestResiduals:
    def test_those_of_the_built_in_walk_are_moderate_in_either_gait(self, built_in: Walk) -> None:
        for change in (
            NONE,
            GaitModification(foot_progression_change_deg=-10.0),
            GaitModification(step_width_change_m=0.1),
        ):
            checks = built_in.solve(built_in.strides("left")[0], change).checks
            assert checks.residual_force_pct_bw is not None
            assert checks.residual_force_rms_pct_bw is not None
            assert 0.0 < checks.residual_force_rms_pct_bw < checks.residual_force_pct_bw < 25.0
            assert checks.residual_moment_pct_bw_ht is not None
            assert 0.0 < checks.residual_moment_pct_bw_ht < 10.0

    def test_a_force_too_small_by_a_tenth_of_body_weight_shows_as_such(self, built_in: Walk) -> None:
        weight_N = built_in.trial.subject.body_weight_N
        stride = built_in.strides("left")[0]
        plain = built_in.solve(stride, NONE).checks
        less = with_forces(
            built_in.trial,
            lambda _, one: replace(
                one, force_N=one.force_N - 0.1 * weight_N * (one.force_N[:, 1:2] > 20.0) * [0.0, 1.0, 0.0]
            ),
        )
        checks = less.solve(less.strides("left")[0], NONE).checks
        assert checks.residual_force_rms_pct_bw is not None
        assert plain.residual_force_rms_pct_bw is not None
        assert checks.residual_force_rms_pct_bw > plain.residual_force_rms_pct_bw + 4.0
        assert checks.residual_force_pct_bw == pytest.approx(10.0 + 10.0, abs=10.0)


@pytest.mark.data
def test_real_recordings_have_the_force_under_the_foot(data_folder: Path) -> None:
    for folder in ("overground_walk", "implant_ps", "treadmill_walk"):
        walk = Walk(open_trial(data_folder / folder / "trial.toml"))
        strides = walk.strides(walk.default_side)
        checks = walk.solve(strides[len(strides) // 2], NONE).checks
        assert checks.centre_of_pressure_outside_foot_m < 0.06
