"""A trial opened with its model: legs, strides, direction, and what the laboratory must not matter for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from workbench.core.errors import TrialError
from workbench.core.loads import knee_loads
from workbench.core.settings import GaitModification, LoadSettings
from workbench.core.types import GroundReaction, Motion, Stride, Trial
from workbench.core.vocabulary import CYCLE_PERCENT, SIDES, Side, opposite
from workbench.provenance import own_model_path
from workbench.simulation.walk import Walk, model_for_trial
from workbench.trials import open_trial

NONE = GaitModification()
CHANGE = GaitModification(foot_progression_change_deg=-12.0, step_width_change_m=0.06)
CHANGES = (CHANGE, replace(CHANGE, sides="one", virtual_point_statures=None))


def only(walk: Walk, side: Side) -> Stride:
    (stride,) = walk.strides(side)
    return stride


class TestModel:
    def test_a_trial_without_a_model_gets_the_projects_own_scaled_to_the_person(self) -> None:
        trial = replace(open_trial("reference"), scale_factors=None)
        model = model_for_trial(trial)
        assert model.mass_kg == pytest.approx(86.04, abs=1e-6)
        generic = model_for_trial(replace(trial, subject=replace(trial.subject, height_m=1.70)))
        ratio = model.legs["left"].foot.length_m / generic.legs["left"].foot.length_m
        assert ratio == pytest.approx(1.87 / 1.70)

    def test_scale_factors_of_the_trial_take_precedence(self) -> None:
        trial = replace(open_trial("reference"), scale_factors={"calcn_l": (1.3, 1.0, 1.0)})
        model = model_for_trial(trial)
        left, right = (model.legs[side].foot for side in ("left", "right"))
        assert left.heel_m[0] == pytest.approx(1.3 * right.heel_m[0])
        assert model.mass_kg == pytest.approx(86.04, abs=1e-6)

    def test_a_model_that_comes_with_the_trial_is_used_as_it_is(self) -> None:
        trial = replace(open_trial("reference"), model_file=own_model_path())
        assert model_for_trial(trial).mass_kg == pytest.approx(75.337, abs=1e-3)


class TestStrides:
    def test_the_built_in_walk_has_a_stride_of_either_leg(self, built_in: Walk) -> None:
        assert built_in.sides == ("left", "right")
        for side in SIDES:
            stride = only(built_in, side)
            assert stride.whole
            assert stride.duration_s == pytest.approx(1.1124, abs=1e-6)
            assert 55.0 < stride.stance_percent < 68.0

    def test_motion_is_at_the_hundred_and_one_instants_of_the_stride(self, built_in: Walk) -> None:
        for side in SIDES:
            stride = only(built_in, side)
            motion = built_in.motion(stride, NONE)
            expected = stride.start_s + stride.duration_s * CYCLE_PERCENT / 100.0
            np.testing.assert_allclose(motion.time_s, expected, atol=1e-9)

    def test_the_right_leg_is_the_default(self, built_in: Walk) -> None:
        assert built_in.default_side == "right"

    def test_where_only_one_foot_was_on_a_plate_that_leg_is_analysed_and_it_is_said(self, built_in: Walk) -> None:
        trial = built_in.trial
        left = {"left": trial.ground_reactions["left"]}
        walk = Walk(replace(trial, ground_reactions=left))  # type: ignore[arg-type]
        assert walk.sides == ("left",)
        assert walk.default_side == "left"
        assert any(
            "The right leg cannot be analysed" in str(one) and "ground reaction" in str(one) for one in walk.findings
        )
        with pytest.raises(TrialError, match="no ground reaction of the right foot"):
            walk.strides("right")
        solved = walk.solve(only(walk, "left"), NONE)
        assert solved.checks.residual_force_pct_bw is None
        assert solved.checks.residual_moment_pct_bw_ht is None
        same = built_in.solve(only(built_in, "left"), NONE).mechanics
        np.testing.assert_allclose(solved.mechanics.joint_moment_Nm, same.joint_moment_Nm, atol=1e-6)

    def test_a_trial_with_neither_foot_on_a_plate_is_refused(self) -> None:
        trial = open_trial("reference")
        nothing = {
            side: replace(reaction, force_N=np.zeros_like(reaction.force_N))
            for side, reaction in trial.ground_reactions.items()
        }
        with pytest.raises(TrialError, match="complete stance"):
            Walk(replace(trial, ground_reactions=nothing, foot_strikes_s={}, foot_offs_s={}))


class TestLaboratory:
    """Where the laboratory's origin lies, and which way the person walks, must not matter."""

    def test_moving_the_origin(self, built_in: Walk) -> None:
        trial, move = built_in.trial, np.array([0.7, 0.0, -0.4])
        values = trial.motion.values.copy()
        for axis, name in ((0, "pelvis_tx"), (2, "pelvis_tz")):
            values[:, trial.motion.names.index(name)] += move[axis]
        moved = Walk(
            replace(
                trial,
                motion=replace(trial.motion, values=values),
                ground_reactions={
                    side: replace(one, point_m=one.point_m + move) for side, one in trial.ground_reactions.items()
                },
            )
        )
        self.same_loads(built_in, moved, "left", "left")

    def test_a_mirrored_walk_gives_the_loads_of_the_other_leg(self) -> None:
        even = replace(open_trial("reference"), scale_factors=None)  # a symmetric model
        self.same_loads(Walk(even), Walk(mirrored(even)), "right", "left")

    @pytest.mark.parametrize("degrees", [180.0, -90.0, 37.0])
    def test_walking_another_way(self, built_in: Walk, degrees: float) -> None:
        turned = Walk(turned_about_vertical(built_in.trial, degrees))
        forward = turned.walkway[0]
        assert np.degrees(np.arctan2(-forward[2], forward[0])) % 360.0 == pytest.approx(degrees % 360.0, abs=1.0)
        self.same_loads(built_in, turned, "left", "left", within=1e-6)

    def test_walking_backwards_is_refused(self, built_in: Walk) -> None:
        motion = built_in.trial.motion
        # The recording run backwards: the pelvis faces ahead and moves the other way past the standing foot.
        reversed_motion = replace(motion, values=motion.values[::-1])
        reactions = {
            side: replace(one, force_N=one.force_N[::-1], point_m=one.point_m[::-1], torque_Nm=one.torque_Nm[::-1])
            for side, one in built_in.trial.ground_reactions.items()
        }
        backwards = replace(
            built_in.trial, motion=reversed_motion, ground_reactions=reactions, foot_strikes_s={}, foot_offs_s={}
        )
        walk = Walk(backwards)
        with pytest.raises(TrialError, match="walks backwards"):
            walk.solve(walk.strides("right")[0], NONE)

    @pytest.mark.data
    @pytest.mark.parametrize("name", ["overground_walk", "implant_ps", "treadmill_walk"])
    def test_walking_obliquely_in_a_laboratory(self, data_folder: Path, name: str) -> None:
        trial = open_trial(data_folder / name / "trial.toml")
        straight, turned = Walk(trial), Walk(turned_about_vertical(trial, 217.0))
        side = straight.default_side
        self.same_loads(straight, turned, side, side, within=1e-6, changes=(CHANGE,))

    def same_loads(
        self,
        one: Walk,
        other: Walk,
        side: Side,
        other_side: Side,
        *,
        within: float = 1e-7,
        changes: Sequence[GaitModification] = CHANGES,
    ) -> None:
        """Within a share of each peak: the splines of turned angles are not the turned splines."""
        for change in changes:
            loads = []
            for walk, leg in ((one, side), (other, other_side)):
                stride = walk.strides(leg)[0]
                solved = walk.solve(stride, change)
                loads.append(knee_loads(solved.mechanics, stride, walk.trial.subject, LoadSettings()))
            for name, curve in loads[0].curves.items():
                np.testing.assert_allclose(
                    loads[1].curves[name], curve, rtol=0.0, atol=within * np.abs(curve).max(), err_msg=name
                )
            assert loads[1].peaks == pytest.approx(loads[0].peaks, rel=within, abs=within)  # step width and foot angle

    def test_the_direction_of_walking_is_found(self, built_in: Walk) -> None:
        # A treadmill along X: to within a degree, with up kept.
        forward, up, right = built_in.walkway
        assert np.degrees(np.arctan2(forward[2], forward[0])) == pytest.approx(0.0, abs=1.0)
        np.testing.assert_array_equal(up, [0.0, 1.0, 0.0])
        assert right[2] > 0.99


def turned_about_vertical(trial: Trial, degrees: float) -> Trial:
    """The same walk in a laboratory whose axes are turned; 180 degrees is towards -X, -90 towards +Z."""
    turn = Rotation.from_euler("Y", degrees, degrees=True)
    motion = trial.motion
    values = motion.values.copy()
    angles = [motion.names.index(f"pelvis_{name}") for name in ("tilt", "list", "rotation")]
    place = [motion.names.index(f"pelvis_t{axis}") for axis in "xyz"]
    pelvis = turn * Rotation.from_euler("ZXY", values[:, angles], degrees=motion.in_degrees)
    # With jumps at half a turn, as programs write them.
    values[:, angles] = pelvis.as_euler("ZXY", degrees=motion.in_degrees)
    values[:, place] = turn.apply(values[:, place])
    matrix = turn.as_matrix()
    reactions = {
        side: GroundReaction(one.time_s, one.force_N @ matrix.T, one.point_m @ matrix.T, one.torque_Nm @ matrix.T)
        for side, one in trial.ground_reactions.items()
    }
    return replace(trial, motion=replace(motion, values=values), ground_reactions=reactions)


def mirrored(trial: Trial) -> Trial:
    """The same walk seen in a mirror in the plane Z = 0."""

    def other(name: str) -> str:
        return {"_r": name[:-2] + "_l", "_l": name[:-2] + "_r"}.get(name[-2:], name)

    turned = {"pelvis_list", "pelvis_rotation", "pelvis_tz", "lumbar_bending", "lumbar_rotation"}
    signs = np.array([-1.0 if name in turned else 1.0 for name in trial.motion.names])
    names = tuple(other(name) for name in trial.motion.names)
    polar, axial = np.array([1.0, 1.0, -1.0]), np.array([-1.0, -1.0, 1.0])
    reactions = {
        opposite(side): GroundReaction(one.time_s, one.force_N * polar, one.point_m * polar, one.torque_Nm * axial)
        for side, one in trial.ground_reactions.items()
    }
    return replace(
        trial,
        motion=Motion(trial.motion.time_s, names, trial.motion.values * signs, trial.motion.in_degrees),
        ground_reactions=reactions,
        foot_strikes_s={opposite(side): times for side, times in trial.foot_strikes_s.items()},
        foot_offs_s={opposite(side): times for side, times in trial.foot_offs_s.items()},
    )


@pytest.mark.data
class TestRecordings:
    def test_one_stance_overground_is_the_unit_of_analysis(self, data_folder: Path) -> None:
        walk = Walk(open_trial(data_folder / "overground_walk" / "trial.toml"))
        assert walk.sides == ("left",)
        (stance,) = walk.strides("left")
        assert not stance.whole
        assert stance.stance_percent == pytest.approx(100.0)
        solved = walk.solve(stance, NONE)
        loads = knee_loads(solved.mechanics, stance, walk.trial.subject, LoadSettings())
        assert 2.0 < loads.peaks["kam_peak_1_pct_bw_ht"] < 4.5
        assert loads.peaks["kam_peak_2_pct_bw_ht"] > 1.0

    def test_the_implants_leg_is_the_default_and_the_invalid_one_is_left_out(self, data_folder: Path) -> None:
        walk = Walk(open_trial(data_folder / "implant_ps" / "trial.toml"))
        assert walk.default_side == "left"
        assert walk.sides == ("left",)
        assert any("right leg cannot be analysed" in str(one) for one in walk.findings)

    def test_a_treadmill_minute_holds_its_strides(self, data_folder: Path) -> None:
        walk = Walk(open_trial(data_folder / "treadmill_walk" / "trial.toml"))
        assert {side: len(walk.strides(side)) for side in walk.sides} == {"left": 53, "right": 54}
        numbers = [stride.number for stride in walk.strides("left")]
        assert numbers == list(range(1, 54))
