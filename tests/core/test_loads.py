"""From a leg's mechanics to its knee loads, on legs whose answer is known beforehand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from tests.core.mechanics import STRIDE, SUBJECT, N, axial_push, leg
from workbench.core.loads import knee_loads
from workbench.core.settings import LoadSettings
from workbench.core.types import Stride
from workbench.core.vocabulary import CURVES, CYCLE_PERCENT, PEAKS, SIDES, Side

WEIGHT_N = SUBJECT.body_weight_N
SETTINGS = LoadSettings()


@pytest.mark.parametrize("side", SIDES)
def test_a_leg_without_muscle_work_carries_the_ground_force_and_its_adduction_moment(side: Side) -> None:
    loads = knee_loads(leg(side, external_knee_wrench=axial_push(WEIGHT_N, 0.01, side)), STRIDE, SUBJECT, SETTINGS)
    # One body weight, 1 cm medial: 0.01 m over 1.75 m of stature are 0.571 % of body weight times height.
    np.testing.assert_allclose(loads.curves["knee_adduction_moment_pct_bw_ht"], 100.0 * 0.01 / 1.75)
    np.testing.assert_allclose(loads.curves["knee_flexion_moment_pct_bw_ht"], 0.0, atol=1e-12)
    np.testing.assert_allclose(loads.curves["total_contact_force_bw"], 1.0)
    np.testing.assert_allclose(loads.curves["medial_contact_force_bw"], 0.5 + 0.01 / 0.04)
    np.testing.assert_allclose(loads.curves["lateral_contact_force_bw"], 0.5 - 0.01 / 0.04)


def test_muscles_press_the_joint_together_by_what_the_moment_asks_of_them() -> None:
    mechanics = leg(joint_moment_Nm=np.full((N, 1), 40.0))
    loads = knee_loads(mechanics, STRIDE, SUBJECT, SETTINGS)
    # 40 N m on 50 mm are 800 N of the flexor, less the share of the reserve (1 in 100^2 per unit weight).
    tension = 40.0 / 0.05 * (1.0 - 1.0 / (1.0 + 100.0**2))
    np.testing.assert_allclose(loads.muscle_force_N, np.tile([tension, 0.0], (N, 1)), atol=1e-6)
    np.testing.assert_allclose(loads.activation[:, 0], tension / 2000.0)
    np.testing.assert_allclose(loads.curves["total_contact_force_bw"], tension / WEIGHT_N)
    np.testing.assert_allclose(loads.reserve_moment_Nm, 40.0 / (1.0 + 100.0**2), rtol=1e-6)
    assert loads.muscles == ("flexor", "extensor")
    assert loads.coordinates == ("knee_angle",)


def test_every_number_is_named() -> None:
    rng = np.random.default_rng(1)
    mechanics = leg(joint_moment_Nm=rng.normal(0.0, 40.0, (N, 1)), external_knee_wrench=rng.normal(0.0, 300.0, (N, 6)))
    for settings in (SETTINGS, LoadSettings(contact_offset_m=0.01, frontal_alignment_deg=6.0, contact_spacing_m=0.05)):
        loads = knee_loads(mechanics, STRIDE, SUBJECT, settings)
        assert all(np.isfinite(curve).all() for curve in loads.curves.values())
    assert list(loads.curves) == list(CURVES)
    assert list(loads.peaks) == list(PEAKS)
    np.testing.assert_array_equal(loads.percent, CYCLE_PERCENT)


class TestPassiveForce:
    mechanics = leg(joint_moment_Nm=np.full((N, 1), 40.0), passive_force_N=np.tile([100.0, 300.0], (N, 1)))

    def test_it_is_left_out_by_default(self) -> None:
        loads = knee_loads(self.mechanics, STRIDE, SUBJECT, SETTINGS)
        np.testing.assert_allclose(loads.muscle_force_N[:, 1], 0.0, atol=1e-9)

    def test_counted_it_presses_and_its_moment_is_made_up_for(self) -> None:
        loads = knee_loads(self.mechanics, STRIDE, SUBJECT, LoadSettings(passive_muscle_force=True))
        np.testing.assert_allclose(loads.muscle_force_N[:, 1], 300.0)
        # Flexor and extensor together give the 40 N m: 800 N more of the flexor than of the extensor.
        np.testing.assert_allclose(loads.muscle_force_N[:, 0] - loads.muscle_force_N[:, 1], 800.0, rtol=2e-4)
        np.testing.assert_allclose(
            loads.curves["total_contact_force_bw"] * WEIGHT_N, loads.muscle_force_N.sum(axis=1), rtol=1e-9
        )


class TestLiftOff:
    """A ground force that passes 30 mm medial of a knee whose contact points lie 20 mm beside its middle."""

    mechanics = leg(external_knee_wrench=axial_push(WEIGHT_N, 0.03))

    def test_where_it_is_allowed_the_lateral_compartment_pulls(self) -> None:
        loads = knee_loads(self.mechanics, STRIDE, SUBJECT, LoadSettings(compartments_may_lift_off=True))
        np.testing.assert_allclose(loads.curves["lateral_contact_force_bw"], 0.5 - 0.75)
        assert not loads.activation.any()
        for name in ("medial_N", "lateral_N", "muscle_force_N", "contact_force_N", "activation"):
            assert not getattr(loads.held_down, name).any(), name

    def test_by_default_muscles_hold_it_down_and_the_cost_is_told(self) -> None:
        loads = knee_loads(self.mechanics, STRIDE, SUBJECT, SETTINGS)
        # A newton of either muscle presses both compartments by half: 0.25 BW of pull take 0.5 BW, shared equally.
        np.testing.assert_allclose(loads.muscle_force_N, 0.25 * WEIGHT_N, rtol=1e-6)
        np.testing.assert_allclose(loads.curves["lateral_contact_force_bw"], 0.0, atol=1e-8)
        np.testing.assert_allclose(loads.curves["total_contact_force_bw"], 1.5)
        held = loads.held_down
        np.testing.assert_allclose(held.lateral_N, 0.25 * WEIGHT_N)
        np.testing.assert_allclose(held.medial_N, 0.0)
        np.testing.assert_allclose(held.muscle_force_N, 0.5 * WEIGHT_N, rtol=1e-6)
        np.testing.assert_allclose(held.contact_force_N, 0.5 * WEIGHT_N, rtol=1e-6)
        np.testing.assert_allclose(held.activation, 0.25 * WEIGHT_N / 2000.0, rtol=1e-6)

    @pytest.mark.parametrize("side", SIDES)
    @pytest.mark.parametrize(
        "changed",
        [
            {},
            {"contact_offset_m": 0.008, "contact_spacing_m": 0.05},
            {"frontal_alignment_deg": -6.0},
            {"passive_muscle_force": True},
            {"weights": "equal"},
        ],
        ids=str,
    )
    def test_no_compartment_pulls_and_no_moment_changes_whatever_the_settings(
        self, side: Side, changed: dict[str, float]
    ) -> None:
        rng = np.random.default_rng(2)
        wrench = rng.normal(0.0, 0.004, (N, 2, 6))
        wrench[:, :, 4] = 1.0
        mechanics = leg(
            side, external_knee_wrench=axial_push(WEIGHT_N, rng.normal(0.0, 0.025, N), side), muscle_knee_wrench=wrench,
            joint_moment_Nm=rng.normal(0.0, 20.0, (N, 1)), passive_force_N=rng.uniform(0.0, 200.0, (N, 2)),
        )  # fmt: skip
        settings = replace(SETTINGS, **changed)
        free = knee_loads(mechanics, STRIDE, SUBJECT, replace(settings, compartments_may_lift_off=True)).curves
        held = knee_loads(mechanics, STRIDE, SUBJECT, settings).curves
        for name in ("medial", "lateral"):
            assert free[f"{name}_contact_force_bw"].min() < -0.01
            assert held[f"{name}_contact_force_bw"].min() >= 0.0
        pressed = (free["medial_contact_force_bw"] >= 0.0) & (free["lateral_contact_force_bw"] >= 0.0)
        assert pressed.any()
        for name, curve in held.items():
            same = slice(None) if "moment" in name else pressed
            np.testing.assert_array_equal(curve[same], free[name][same], err_msg=name)


class TestSettings:
    external = axial_push(WEIGHT_N, 0.006)

    def medial(self, settings: LoadSettings) -> float:
        loads = knee_loads(leg(external_knee_wrench=self.external), STRIDE, SUBJECT, settings)
        return float(loads.curves["medial_contact_force_bw"][0])

    def test_spacing(self) -> None:
        assert self.medial(LoadSettings(contact_spacing_m=0.04)) == pytest.approx(0.5 + 6.0 / 40.0)
        assert self.medial(LoadSettings(contact_spacing_m=0.06)) == pytest.approx(0.5 + 6.0 / 60.0)

    def test_points_moved_laterally_load_the_medial_one_more(self) -> None:
        assert self.medial(LoadSettings(contact_offset_m=0.004)) == pytest.approx(0.5 + 10.0 / 40.0)

    def test_varus_loads_the_medial_side_more_and_leaves_the_moment_of_the_model(self) -> None:
        assert self.medial(LoadSettings(frontal_alignment_deg=3.0)) > self.medial(SETTINGS) + 0.2
        curves = [
            knee_loads(leg(external_knee_wrench=self.external), STRIDE, SUBJECT, settings).curves
            for settings in (SETTINGS, LoadSettings(frontal_alignment_deg=3.0))
        ]
        for name in ("knee_adduction_moment_pct_bw_ht", "total_contact_force_bw"):
            np.testing.assert_array_equal(curves[0][name], curves[1][name])

    def test_weights_are_taken_by_the_names_of_the_muscles(self) -> None:
        # Two flexors with equal arms: equal shares with equal weights, 7 to 1 with the gastrocnemius weighted.
        arms = np.full((N, 2, 1), 0.05)
        mechanics = leg(muscles=("gasmed_r", "popliteus_r"), moment_arm_m=arms, joint_moment_Nm=np.full((N, 1), 40.0))
        equal = knee_loads(mechanics, STRIDE, SUBJECT, LoadSettings(weights="equal")).activation[0]
        weighted = knee_loads(mechanics, STRIDE, SUBJECT, LoadSettings(weights="contact")).activation[0]
        assert equal[0] == pytest.approx(equal[1])
        assert weighted[1] == pytest.approx(7.0 * weighted[0])
        named = LoadSettings(weights="contact", gastrocnemius_weight=2.0)
        chosen = knee_loads(mechanics, STRIDE, SUBJECT, named).activation[0]
        assert chosen[1] == pytest.approx(2.0 * chosen[0])


class TestMomentFrames:
    """One moment, seen in the axes of the tibia, of the femur and of the walkway."""

    moment = np.array([30.0, 12.0, -20.0])
    to_femur = Rotation.from_euler("z", 40.0, degrees=True).as_matrix()
    to_walkway = Rotation.from_euler("y", 90.0, degrees=True).as_matrix()

    def curves(self, frame: str) -> tuple[float, float]:
        external = np.zeros((N, 6))
        external[:, :3] = self.moment
        mechanics = leg(
            external_knee_wrench=external,
            tibia_to_femur=np.broadcast_to(self.to_femur, (N, 3, 3)),
            tibia_to_walkway=np.broadcast_to(self.to_walkway, (N, 3, 3)),
        )
        curves = knee_loads(mechanics, STRIDE, SUBJECT, LoadSettings(moment_frame=frame)).curves
        unit = SUBJECT.pct_bw_ht_Nm
        names = ("knee_adduction_moment_pct_bw_ht", "knee_flexion_moment_pct_bw_ht")
        return tuple(float(curves[name][0]) * unit for name in names)  # type: ignore[return-value]

    def test_tibia(self) -> None:
        assert self.curves("tibia") == pytest.approx((30.0, 20.0))

    def test_femur(self) -> None:
        # Turned by 40 degrees about Z: Z stays, X mixes with Y.
        expected = 30.0 * np.cos(np.radians(40.0)) - 12.0 * np.sin(np.radians(40.0))
        assert self.curves("femur") == pytest.approx((expected, 20.0))

    def test_walkway(self) -> None:
        # Turned by 90 degrees about Y: what was along Z is along X, what was along X is along -Z.
        assert self.curves("walkway") == pytest.approx((-20.0, 30.0))

    def test_the_frame_does_not_touch_the_contact_force(self) -> None:
        mechanics = leg(
            external_knee_wrench=axial_push(WEIGHT_N, 0.01),
            tibia_to_walkway=np.broadcast_to(self.to_walkway, (N, 3, 3)),
        )
        plain, turned = (
            knee_loads(mechanics, STRIDE, SUBJECT, LoadSettings(moment_frame=frame)).curves
            for frame in ("tibia", "walkway")
        )
        np.testing.assert_array_equal(plain["medial_contact_force_bw"], turned["medial_contact_force_bw"])
        assert not np.allclose(plain["knee_adduction_moment_pct_bw_ht"], turned["knee_adduction_moment_pct_bw_ht"])


class TestSummary:
    first = np.exp(-(((CYCLE_PERCENT - 15.0) / 5.0) ** 2))
    second = np.exp(-(((CYCLE_PERCENT - 45.0) / 5.0) ** 2))
    swing = np.exp(-(((CYCLE_PERCENT - 85.0) / 5.0) ** 2))

    def test_peaks_are_those_of_stance(self) -> None:
        external = axial_push(WEIGHT_N * (1.2 * self.first + 1.1 * self.second + 5.0 * self.swing), 0.01)
        external[:, 2] = -WEIGHT_N * (0.03 * self.first + 0.02 * self.second + 0.5 * self.swing)
        peaks = knee_loads(leg(external_knee_wrench=external), STRIDE, SUBJECT, SETTINGS).peaks
        lever = 100.0 / 1.75
        assert peaks["kam_peak_1_pct_bw_ht"] == pytest.approx(0.012 * lever, rel=1e-4)
        assert peaks["kam_peak_2_pct_bw_ht"] == pytest.approx(0.011 * lever, rel=1e-4)
        assert peaks["kfm_peak_pct_bw_ht"] == pytest.approx(0.03 * lever, rel=1e-4)
        for name, share in (("mcf", 0.75), ("lcf", 0.25), ("tcf", 1.0)):
            assert peaks[f"{name}_peak_1_bw"] == pytest.approx(1.2 * share, rel=1e-4)
            assert peaks[f"{name}_peak_2_bw"] == pytest.approx(1.1 * share, rel=1e-4)

    def test_the_impulse_is_over_the_seconds_of_stance(self) -> None:
        mechanics = leg(external_knee_wrench=axial_push(WEIGHT_N, 0.0175))  # a KAM of 1 % all the time
        for stride in (STRIDE, Stride("right", 1, 3.0, 3.72, 4.2)):
            peaks = knee_loads(mechanics, stride, SUBJECT, SETTINGS).peaks
            assert peaks["kam_impulse_pct_bw_ht_s"] == pytest.approx(0.6 * stride.duration_s)

    def test_the_foot_angle_is_its_mean_over_stance(self) -> None:
        angle = np.where(CYCLE_PERCENT <= 60.0, 5.0 + 0.1 * (CYCLE_PERCENT - 30.0), 90.0)
        peaks = knee_loads(leg(foot_progression_angle_deg=angle), STRIDE, SUBJECT, SETTINGS).peaks
        assert peaks["foot_progression_angle_deg"] == pytest.approx(5.0)
        assert peaks["step_width_m"] == 0.12

    def test_a_lone_stance_is_taken_whole(self) -> None:
        stance = replace(STRIDE, end_s=STRIDE.toe_off_s)
        external = axial_push(WEIGHT_N * (1.2 * self.first + 1.1 * self.swing), 0.01)
        peaks = knee_loads(leg(external_knee_wrench=external), stance, SUBJECT, SETTINGS).peaks
        assert peaks["tcf_peak_2_bw"] == pytest.approx(1.1, rel=1e-4)
