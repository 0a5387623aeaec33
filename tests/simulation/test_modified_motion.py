"""The modified gait: zero is the recording, what is asked for is reached, and the answer goes smoothly with it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pytest

from workbench.core import gait
from workbench.core.loads import knee_loads
from workbench.core.settings import GaitModification, LoadSettings
from workbench.core.types import Array, LegMechanics, Stride
from workbench.core.vocabulary import CYCLE_PERCENT, LATERAL_SIGN, SIDES, Side, opposite
from workbench.simulation import modified_motion
from workbench.simulation.sampled_motion import SampledMotion
from workbench.simulation.walk import Walk

NONE = GaitModification()
CHANGES = (
    GaitModification(foot_progression_change_deg=-10.0),
    GaitModification(foot_progression_change_deg=10.0),
    GaitModification(step_width_change_m=0.10),
    GaitModification(step_width_change_m=-0.10),
    GaitModification(foot_progression_change_deg=-20.0, step_width_change_m=0.15),
    GaitModification(foot_progression_change_deg=20.0, step_width_change_m=-0.15),
    GaitModification(foot_progression_change_deg=-8.0, step_width_change_m=0.06, pivot=0.35, sides="one"),
)


def named(change: GaitModification) -> str:
    return f"{change.changes}, {change.sides}"


#: Each on one leg; they take turns, as the mirrored walk in test_walk.py shows that both are alike.
CASES = [pytest.param(SIDES[i % 2], change, id=f"{SIDES[i % 2]},{named(change)}") for i, change in enumerate(CHANGES)]


@dataclass
class Asked:
    """The built-in walk's answers, each computed once."""

    walk: Walk
    motions: dict[tuple[Side, GaitModification], SampledMotion] = field(default_factory=dict)
    legs: dict[tuple[Side, GaitModification], LegMechanics] = field(default_factory=dict)

    def motion(self, side: Side, change: GaitModification) -> SampledMotion:
        if (side, change) not in self.motions:
            self.motions[side, change] = self.walk.motion(only(self.walk, side), change)
        return self.motions[side, change]

    def mechanics(self, side: Side, change: GaitModification) -> LegMechanics:
        if (side, change) not in self.legs:
            self.legs[side, change] = self.walk.solve(only(self.walk, side), change).mechanics
        return self.legs[side, change]


@pytest.fixture(scope="module")
def asked(built_in: Walk) -> Asked:
    return Asked(built_in)


def only(walk: Walk, side: Side) -> Stride:
    (stride,) = walk.strides(side)
    return stride


def poses(walk: Walk, motion: SampledMotion, side: Side) -> tuple[Array, Array]:
    """Rotation (n, 3, 3) and origin (n, 3) of a calcaneus."""
    rotation, origin = np.empty((len(motion.q), 3, 3)), np.empty((len(motion.q), 3))
    for i, q in enumerate(motion.q):
        walk.model.set_state(q)
        rotation[i], origin[i] = walk.model.body_pose(walk.model.legs[side].calcaneus)
    return rotation, origin


def on_ground(motion: SampledMotion, side: Side) -> Any:
    return motion.ground_reactions[side].force_N[:, 1] > 20.0


def turned_and_moved(
    walk: Walk, side: Side, pose: tuple[Array, Array], change: GaitModification
) -> tuple[Array, Array]:
    """Where the foot is to be: turned about the pivot on its axis, and its half of the step width outwards."""
    rotation, origin = pose
    foot, outwards = walk.model.legs[side].foot, LATERAL_SIGN[side]
    pivot = origin + rotation @ (foot.heel_m + change.pivot * foot.length_m * foot.axis)
    turn = gait.turn_about_vertical(np.full(len(origin), outwards * change["foot_progression_change_deg"]))
    share = 0.5 if change.sides == "both" else 1.0
    shift = outwards * share * change["step_width_change_m"] * walk.walkway[2]
    return turn @ rotation, pivot + np.einsum("nij,nj->ni", turn, origin - pivot) + shift


def heels_at_strikes_m(walk: Walk, stride: Stride, motion: SampledMotion) -> float:
    """Distance across the walkway of the heels, each as the legs hold it when its foot strikes within the stride."""
    places = {}
    for side in SIDES:
        loaded = on_ground(motion, side)
        at = 0 if side == stride.side else int(np.flatnonzero(loaded & ~np.roll(loaded, 1))[0])
        rotation, origin = poses(walk, motion.instants(slice(at, at + 1)), side)
        places[side] = origin[0] + rotation[0] @ walk.model.legs[side].foot.heel_m
    return float((places["right"] - places["left"]) @ walk.walkway[2])


class TestZero:
    @pytest.mark.parametrize("side", SIDES)
    @pytest.mark.parametrize("zero", [NONE, GaitModification(pivot=0.2, virtual_point_statures=None, sides="one")])
    def test_nothing_changed_is_the_recording_bit_for_bit(
        self, built_in: Walk, side: Side, zero: GaitModification
    ) -> None:
        stride = only(built_in, side)
        recorded = built_in.motion(stride, NONE)
        built_in.motion(stride, CHANGES[0])  # what was asked in between leaves no trace
        again = built_in.motion(stride, zero)
        for name in ("time_s", "q", "u", "udot"):
            assert getattr(again, name).tobytes() == getattr(recorded, name).tobytes()
        for foot in SIDES:
            for name in ("force_N", "point_m", "torque_Nm"):
                one, other = (getattr(each.ground_reactions[foot], name) for each in (again, recorded))
                assert one.tobytes() == other.tobytes()

    def test_and_so_are_the_mechanics(self, built_in: Walk) -> None:
        stride = only(built_in, "left")
        one = built_in.solve(stride, NONE).mechanics
        built_in.solve(stride, CHANGES[0])
        other = built_in.solve(stride, NONE).mechanics
        for name in ("joint_moment_Nm", "moment_arm_m", "external_knee_wrench", "muscle_knee_wrench"):
            assert getattr(one, name).tobytes() == getattr(other, name).tobytes()

    def test_a_small_change_changes_little(self, built_in: Walk) -> None:
        stride = only(built_in, "left")
        recorded = built_in.motion(stride, NONE)
        nearly = built_in.motion(stride, GaitModification(foot_progression_change_deg=0.01))
        assert 0.0 < np.abs(nearly.q - recorded.q).max() < np.radians(0.05)


class TestWhatIsAskedForIsReached:
    @pytest.mark.parametrize(("side", "change"), CASES)
    def test_the_foot_of_stance_is_where_it_is_to_be(self, asked: Asked, side: Side, change: GaitModification) -> None:
        stride = only(asked.walk, side)
        recorded, modified = asked.motion(stride.side, NONE), asked.motion(stride.side, change)
        rotation, origin = poses(asked.walk, modified, side)
        wanted_rotation, wanted_origin = turned_and_moved(asked.walk, side, poses(asked.walk, recorded, side), change)
        stance = on_ground(recorded, side)
        error = np.einsum("nij,nkj->nik", wanted_rotation, rotation)[stance]
        cosine = (np.trace(error, axis1=1, axis2=2) - 1.0) / 2.0
        angle_deg = np.degrees(np.arccos(np.clip(cosine, -1.0, 1.0)))
        largest = (
            max(abs(change["foot_progression_change_deg"]) / 20.0, abs(change["step_width_change_m"]) / 0.15) >= 0.99
        )
        assert angle_deg.max() < 0.5
        distance_m = np.linalg.norm(origin - wanted_origin, axis=1)[stance]
        assert distance_m.max() < (0.0015 if largest else 0.001)

    @pytest.mark.parametrize(("side", "change"), CASES)
    def test_the_foot_angle_is_reached_throughout_stance(
        self, asked: Asked, side: Side, change: GaitModification
    ) -> None:
        stride = only(asked.walk, side)
        before, after = (asked.mechanics(stride.side, each) for each in (NONE, change))
        stance = stride.stance_percent >= CYCLE_PERCENT
        reached = (after.foot_progression_angle_deg - before.foot_progression_angle_deg)[stance]
        turn_deg = change["foot_progression_change_deg"]
        np.testing.assert_allclose(reached, turn_deg, atol=0.15 if abs(turn_deg) == 20.0 else 0.1)

    @pytest.mark.parametrize("side", SIDES)
    @pytest.mark.parametrize("metres", [-0.15, -0.1, 0.05, 0.1])
    @pytest.mark.parametrize("sides", ["both", "one"])
    def test_the_step_width_is_reached(self, asked: Asked, side: Side, metres: float, sides: Any) -> None:
        stride = only(asked.walk, side)
        change = GaitModification(step_width_change_m=metres, sides=sides)
        before, after = (asked.mechanics(stride.side, each) for each in (NONE, change))
        assert after.step_width_m - before.step_width_m == pytest.approx(metres, abs=0.002)
        apart = [heels_at_strikes_m(asked.walk, stride, asked.motion(stride.side, each)) for each in (NONE, change)]
        assert after.step_width_m - before.step_width_m == pytest.approx(apart[1] - apart[0], abs=0.0005)

    def test_a_step_width_that_is_not_reached_is_not_reported(
        self, built_in: Walk, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(modified_motion, "_OTHER_JOINT_SD", np.radians(0.02))  # legs that hardly give way
        stride = only(built_in, "right")
        before, after = (
            built_in.solve(stride, GaitModification(step_width_change_m=wide, balance="held", knee_hold_deg=0.2))
            for wide in (0.0, 0.10)
        )
        assert 0.01 < after.mechanics.step_width_m - before.mechanics.step_width_m < 0.09
        assert after.checks.foot_missed_mm > 10.0
        assert before.checks.foot_missed_mm == 0.0

    @pytest.mark.parametrize("side", SIDES)
    def test_the_turning_point_of_the_foot_stays(self, asked: Asked, side: Side) -> None:
        stride, leg = only(asked.walk, side), asked.walk.model.legs[side]
        for pivot in (0.0, 0.35, 0.8):
            change = GaitModification(foot_progression_change_deg=-10.0, pivot=pivot)
            recorded, modified = asked.motion(stride.side, NONE), asked.motion(stride.side, change)
            place = leg.foot.heel_m + pivot * leg.foot.length_m * leg.foot.axis
            there = [
                origin + rotation @ place
                for rotation, origin in (poses(asked.walk, each, side) for each in (recorded, modified))
            ]
            stance = on_ground(recorded, side)
            assert np.linalg.norm(there[1] - there[0], axis=1)[stance].max() < 0.002


class TestSides:
    change = GaitModification(foot_progression_change_deg=-10.0, step_width_change_m=0.06)

    @pytest.mark.parametrize("side", SIDES)
    def test_one_foot_changes_and_the_other_stays(self, asked: Asked, side: Side) -> None:
        stride = only(asked.walk, side)
        change = GaitModification(foot_progression_change_deg=-10.0, step_width_change_m=0.06, sides="one")
        recorded, modified = asked.motion(stride.side, NONE), asked.motion(stride.side, change)
        before, after = (poses(asked.walk, each, opposite(side)) for each in (recorded, modified))
        np.testing.assert_allclose(after[0], before[0], atol=np.radians(0.5))
        np.testing.assert_allclose(after[1], before[1], atol=0.001)
        for name in ("point_m", "torque_Nm"):
            other = [getattr(each.ground_reactions[opposite(side)], name) for each in (recorded, modified)]
            np.testing.assert_allclose(*other, atol=1e-12)

    @pytest.mark.parametrize("side", SIDES)
    def test_both_feet_change_alike_and_in_mirror(self, asked: Asked, side: Side) -> None:
        # In the stride of one leg the other foot, too, turns in and takes its half of the width.
        stride, other = only(asked.walk, side), opposite(side)
        recorded, modified = asked.motion(stride.side, NONE), asked.motion(stride.side, self.change)
        wanted_rotation, wanted_origin = turned_and_moved(
            asked.walk, other, poses(asked.walk, recorded, other), self.change
        )
        rotation, origin = poses(asked.walk, modified, other)
        stance = on_ground(recorded, other)
        np.testing.assert_allclose(origin[stance], wanted_origin[stance], atol=0.001)
        np.testing.assert_allclose(rotation[stance], wanted_rotation[stance], atol=np.radians(0.5))


class TestSwing:
    @pytest.mark.parametrize("fade", [1.0, 0.0])
    def test_in_mid_swing_the_foot_is_back_on_its_path_or_keeps_the_change(self, asked: Asked, fade: float) -> None:
        stride = only(asked.walk, "right")
        change = GaitModification(foot_progression_change_deg=-10.0, step_width_change_m=0.1, swing_fade=fade)
        before, after = (asked.mechanics(stride.side, each) for each in (NONE, change))
        middle = round((stride.stance_percent + 100.0) / 2.0)
        turned = (after.foot_progression_angle_deg - before.foot_progression_angle_deg)[middle]
        assert turned == pytest.approx(-10.0 * (1.0 - fade), abs=0.3)

    def test_speeds_and_accelerations_belong_to_the_modified_motion(self, asked: Asked) -> None:
        stride = only(asked.walk, "right")
        change = GaitModification(foot_progression_change_deg=-10.0, step_width_change_m=0.1)
        recorded, modified = asked.motion(stride.side, NONE), asked.motion(stride.side, change)
        step = modified.time_s[1] - modified.time_s[0]
        driven = {coupler.driven for coupler in asked.walk.model.couplers}
        free = [i for i in range(modified.q.shape[1]) if i not in driven]
        q, u, udot = ((getattr(modified, name) - getattr(recorded, name))[:, free] for name in ("q", "u", "udot"))

        def slope(values: Array) -> Array:  # fourth-order central differences
            return (values[:-4] - 8.0 * values[1:-3] + 8.0 * values[3:-1] - values[4:]) / (12.0 * step)

        assert np.abs(u).max() > 1.0
        assert np.abs(udot).max() > 20.0
        np.testing.assert_allclose(u[2:-2], slope(q), atol=0.02)
        np.testing.assert_allclose(udot[2:-2], slope(u), atol=5.0)

    def test_the_patella_follows_the_modified_knee(self, asked: Asked) -> None:
        modified = asked.walk.motion(only(asked.walk, "right"), CHANGES[0])
        for coupler in asked.walk.model.couplers:
            value, slope, _ = asked.walk.model.coupler_values(coupler, modified.q[:, coupler.driver])
            np.testing.assert_array_equal(modified.q[:, coupler.driven], value)
            np.testing.assert_array_equal(modified.u[:, coupler.driven], slope * modified.u[:, coupler.driver])


class TestGroundReaction:
    @pytest.mark.parametrize(("side", "change"), CASES)
    def test_the_centre_of_pressure_goes_with_the_foot(
        self, asked: Asked, side: Side, change: GaitModification
    ) -> None:
        stride = only(asked.walk, side)
        before, after = (asked.mechanics(stride.side, each) for each in (NONE, change))
        stance = stride.stance_percent >= CYCLE_PERCENT
        moved = after.centre_of_pressure_in_foot_m - before.centre_of_pressure_in_foot_m
        assert np.abs(moved[stance]).max() < 0.001

    def test_turning_the_foot_leaves_the_force(self, asked: Asked) -> None:
        stride = only(asked.walk, "left")
        recorded, modified = asked.motion(stride.side, NONE), asked.motion(stride.side, CHANGES[0])
        for foot in SIDES:
            for name in ("force_N", "torque_Nm"):
                pair = [getattr(each.ground_reactions[foot], name) for each in (recorded, modified)]
                np.testing.assert_array_equal(*pair)

    @pytest.mark.parametrize("statures", [0.8, 1.0, 2.0])
    @pytest.mark.parametrize("metres", [-0.08, 0.1])
    def test_widening_turns_it_to_pass_the_same_point(self, asked: Asked, statures: float, metres: float) -> None:
        stride = only(asked.walk, "left")
        change = GaitModification(step_width_change_m=metres, balance="held", virtual_point_statures=statures)
        recorded, modified = asked.motion(stride.side, NONE), asked.motion(stride.side, change)
        height_m = statures * asked.walk.trial.subject.height_m
        for foot in SIDES:
            stance = on_ground(recorded, foot)
            aims = []
            for each in (recorded, modified):
                wrench = each.ground_reactions[foot]
                force, point = wrench.force_N[stance], wrench.point_m[stance]
                aims.append(point + force * (height_m / force[:, 1:2]))
            np.testing.assert_allclose(aims[1], aims[0], atol=1e-9)
            vertical = [each.ground_reactions[foot].force_N[:, 1] for each in (recorded, modified)]
            np.testing.assert_array_equal(*vertical)

    def test_widening_raises_the_medial_force_and_narrowing_lowers_it(self, asked: Asked) -> None:
        for side in SIDES:
            stride = only(asked.walk, side)
            medial = {}
            for metres in (-0.1, 0.0, 0.1):
                motion = asked.motion(stride.side, GaitModification(step_width_change_m=metres))
                wrench = motion.ground_reactions[side]
                medial[metres] = -LATERAL_SIGN[side] * (wrench.force_N @ asked.walk.walkway[2])[on_ground(motion, side)]
            assert (medial[-0.1] < medial[0.0]).all()
            assert (medial[0.0] < medial[0.1]).all()

    def test_kept_in_its_direction_it_stays_as_recorded(self, asked: Asked) -> None:
        stride = only(asked.walk, "left")
        change = GaitModification(step_width_change_m=0.1, balance="held", virtual_point_statures=None)
        recorded, modified = asked.motion(stride.side, NONE), asked.motion(stride.side, change)
        np.testing.assert_array_equal(
            recorded.ground_reactions["left"].force_N, modified.ground_reactions["left"].force_N
        )
        moved = (
            modified.ground_reactions["left"].point_m - recorded.ground_reactions["left"].point_m
        ) @ asked.walk.walkway[2]
        np.testing.assert_allclose(moved[on_ground(recorded, "left")], -0.05, atol=1e-5)


class TestResponse:
    """Peaks of the knee adduction moment over the range that is offered."""

    turns_deg = (-15.0, -10.0, -5.0, 0.0, 5.0, 10.0, 15.0)
    widenings_m = (-0.15, -0.10, -0.05, 0.0, 0.05, 0.10, 0.15)

    def peaks(self, asked: Asked, side: Side, changes: list[GaitModification]) -> Array:
        stride = only(asked.walk, side)
        loads = [
            knee_loads(asked.mechanics(side, change), stride, asked.walk.trial.subject, LoadSettings())
            for change in changes
        ]
        names = ("kam_peak_1_pct_bw_ht", "kam_peak_2_pct_bw_ht", "tcf_peak_1_bw", "tcf_peak_2_bw")
        return np.array([[one.peaks[name] for name in names] for one in loads])

    @pytest.mark.slow
    @pytest.mark.parametrize("side", SIDES)
    def test_foot_angle(self, asked: Asked, side: Side) -> None:
        peaks = self.peaks(asked, side, [GaitModification(foot_progression_change_deg=turn) for turn in self.turns_deg])
        first, second = np.diff(peaks[:, 0]), np.diff(peaks[:, 1])
        assert (first > 0.0).all(), "toe-out raises the first peak step by step, toe-in lowers it"
        assert (second < 0.0).all(), "toe-out lowers the second peak step by step, toe-in raises it"
        # Near-linear: from step to step the slope changes by a fraction of itself.
        assert np.abs(np.diff(peaks[:, :2], 2, axis=0)).max() < 0.06
        assert np.abs(np.diff(peaks[:, 2:], 2, axis=0)).max() < 0.15

    @pytest.mark.slow
    @pytest.mark.parametrize("side", SIDES)
    def test_step_width(self, asked: Asked, side: Side) -> None:
        changes = [GaitModification(step_width_change_m=metres, balance="held") for metres in self.widenings_m]
        peaks = self.peaks(asked, side, changes)
        assert (np.diff(peaks[:, :2], axis=0) < 0.0).all(), "with the pelvis held wider steps lower both peaks"
        assert np.abs(np.diff(peaks[:, :2], 2, axis=0)).max() < 0.03

    @pytest.mark.slow
    @pytest.mark.parametrize("side", SIDES)
    def test_step_width_in_balance(self, asked: Asked, side: Side) -> None:
        peaks = self.peaks(asked, side, [GaitModification(step_width_change_m=metres) for metres in self.widenings_m])
        assert (np.diff(peaks[:, 0]) < 0.0).all(), "wider steps lower the first peak"
        assert np.abs(np.diff(peaks[:, :2], 2, axis=0)).max() < 0.03

    @pytest.mark.slow
    @pytest.mark.parametrize(
        "change",
        [
            GaitModification(foot_progression_change_deg=20.0),
            GaitModification(foot_progression_change_deg=-20.0),
            CHANGES[4],
            CHANGES[5],
        ],
        ids=named,
    )
    def test_no_curve_jumps_at_the_ends_of_the_range(self, asked: Asked, change: GaitModification) -> None:
        for side in SIDES:
            stride = only(asked.walk, side)
            before, after = (
                knee_loads(asked.mechanics(stride.side, each), stride, asked.walk.trial.subject, LoadSettings())
                for each in (NONE, change)
            )
            stance = stride.stance_percent >= CYCLE_PERCENT
            for name in ("total_contact_force_bw", "medial_contact_force_bw"):
                steps = [np.abs(np.diff(each.curves[name][stance])).max() for each in (before, after)]
                assert steps[1] < 2.0 * steps[0], name
                assert after.curves[name].max() < 1.5 * before.curves[name].max()


@pytest.mark.data
@pytest.mark.parametrize("folder", ["overground_walk", "implant_ps"])
def test_without_a_subtalar_joint_the_foot_rolls_but_heading_and_place_are_reached(
    data_folder: Any, folder: str
) -> None:
    from workbench.trials import open_trial

    walk = Walk(open_trial(data_folder / folder / "trial.toml"))
    side = walk.default_side
    stride = walk.strides(side)[0]
    change = GaitModification(foot_progression_change_deg=-10.0, step_width_change_m=0.06)
    before, after = (walk.solve(stride, each).mechanics for each in (NONE, change))
    stance = stride.stance_percent >= CYCLE_PERCENT
    reached = (after.foot_progression_angle_deg - before.foot_progression_angle_deg)[stance]
    np.testing.assert_allclose(reached, -10.0, atol=0.1)
    recorded, modified = walk.motion(stride, NONE), walk.motion(stride, change)
    _, wanted = turned_and_moved(walk, side, poses(walk, recorded, side), change)
    _, origin = poses(walk, modified, side)
    # The forefoot comes a little off its path where the foot rolls; the calcaneus does not.
    assert np.linalg.norm(origin - wanted, axis=1)[stance].max() < 0.002
