"""Loads at the knee: closed forms, signs on both legs, and balance."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.core import knee
from workbench.core.types import Array
from workbench.core.vocabulary import LATERAL_SIGN, SIDES, Side

MEDIAL = {side: -LATERAL_SIGN[side] for side in SIDES}  # which way along Z is medial
FORCES = st.floats(-5000.0, 5000.0)


def femur_presses(point_m: tuple[float, float, float], newtons: float) -> Array:
    """Wrench of the femur on the tibia that presses straight down at one point, about the tibia's origin."""
    force = np.array([0.0, -newtons, 0.0])
    return np.concatenate([np.cross(point_m, force), force])[None]


class TestSplitOfContactForce:
    @pytest.mark.parametrize("side", SIDES)
    def test_a_force_through_the_middle_is_shared_equally(self, side: Side) -> None:
        forces = knee.split_contact(
            femur_presses((0.0, 0.0, 0.0), 1000.0), lateral_sign=LATERAL_SIGN[side], spacing_m=0.04, offset_m=0.0
        )
        assert forces.medial_N == pytest.approx([500.0])
        assert forces.lateral_N == pytest.approx([500.0])

    @pytest.mark.parametrize("side", SIDES)
    @pytest.mark.parametrize("offset_m", [-0.005, 0.0, 0.003])
    def test_a_force_above_a_contact_point_goes_to_that_compartment_alone(self, side: Side, offset_m: float) -> None:
        lateral = LATERAL_SIGN[side]
        for compartment, place in (("lateral", offset_m + 0.02), ("medial", offset_m - 0.02)):
            forces = knee.split_contact(
                femur_presses((0.013, -0.02, lateral * place), 1200.0),
                lateral_sign=lateral, spacing_m=0.04, offset_m=offset_m,
            )  # fmt: skip
            loaded, empty = (
                (forces.lateral_N, forces.medial_N) if compartment == "lateral" else (forces.medial_N, forces.lateral_N)
            )
            assert loaded == pytest.approx([1200.0])
            assert empty == pytest.approx([0.0], abs=1e-9)

    @pytest.mark.parametrize("side", SIDES)
    def test_between_the_points_the_lever_rule_holds(self, side: Side) -> None:
        # 5 mm medial of the middle of points 50 mm apart: the medial point carries (25 + 5) / 50.
        forces = knee.split_contact(
            femur_presses((0.0, 0.0, MEDIAL[side] * 0.005), 1000.0),
            lateral_sign=LATERAL_SIGN[side], spacing_m=0.05, offset_m=0.0,
        )  # fmt: skip
        assert forces.medial_N == pytest.approx([600.0])
        assert forces.lateral_N == pytest.approx([400.0])

    @pytest.mark.parametrize("side", SIDES)
    def test_beyond_the_medial_point_the_lateral_side_lifts_off_and_is_not_clipped(self, side: Side) -> None:
        forces = knee.split_contact(
            femur_presses((0.0, 0.0, MEDIAL[side] * 0.03), 1000.0),
            lateral_sign=LATERAL_SIGN[side], spacing_m=0.04, offset_m=0.0,
        )  # fmt: skip
        assert forces.lateral_N == pytest.approx([-250.0])
        assert forces.medial_N == pytest.approx([1250.0])
        assert forces.total_N == pytest.approx([1000.0])

    def test_only_the_axial_force_and_the_frontal_moment_count(self) -> None:
        pressed = femur_presses((0.0, 0.0, 0.01), 1000.0)
        other = pressed + np.array([[0.0, 40.0, -55.0, 300.0, 0.0, -200.0]])
        plain, same = (
            knee.split_contact(wrench, lateral_sign=1.0, spacing_m=0.04, offset_m=0.0) for wrench in (pressed, other)
        )
        np.testing.assert_array_equal(plain.medial_N, same.medial_N)
        np.testing.assert_array_equal(plain.lateral_N, same.lateral_N)

    @given(
        moment=FORCES, axial=FORCES, shift=FORCES,
        spacing=st.floats(0.02, 0.08), offset=st.floats(-0.02, 0.02), side=st.sampled_from(SIDES),
    )  # fmt: skip
    def test_force_and_moment_balance(
        self, moment: float, axial: float, shift: float, spacing: float, offset: float, side: Side
    ) -> None:
        wrench = np.array([[moment, 0.0, 0.0, 0.0, -axial, 0.0]])
        forces = knee.split_contact(
            wrench, lateral_sign=LATERAL_SIGN[side], spacing_m=spacing, offset_m=offset, alignment_shift_Nm=shift
        )
        scale = abs(axial) + (abs(moment) + abs(shift)) / spacing + 1.0
        assert abs(forces.medial_N[0] + forces.lateral_N[0] - axial) <= 1e-12 * scale
        # Both points together make the moment, about the tibia's origin, of forces pointing down at x along lateral.
        about_origin = LATERAL_SIGN[side] * (
            forces.lateral_N[0] * (offset + spacing / 2.0) + forces.medial_N[0] * (offset - spacing / 2.0)
        )
        assert about_origin == pytest.approx(moment - LATERAL_SIGN[side] * shift, abs=1e-9 * scale)

    def test_left_is_the_mirror_image_of_right(self) -> None:
        rng = np.random.default_rng(4)
        right = rng.normal(0.0, [30.0, 20.0, 30.0, 200.0, 1500.0, 100.0], (30, 6))
        left = right * [-1.0, -1.0, 1.0, 1.0, 1.0, -1.0]  # mirrored in the plane Z = 0
        one = knee.split_contact(right, lateral_sign=1.0, spacing_m=0.043, offset_m=0.004, alignment_shift_Nm=3.0)
        other = knee.split_contact(left, lateral_sign=-1.0, spacing_m=0.043, offset_m=0.004, alignment_shift_Nm=3.0)
        np.testing.assert_allclose(one.medial_N, other.medial_N, rtol=1e-12)
        np.testing.assert_allclose(one.lateral_N, other.lateral_N, rtol=1e-12)


class TestContactWrench:
    def test_it_balances_everything_else_on_shank_and_foot(self) -> None:
        rng = np.random.default_rng(5)
        external, per_newton = rng.normal(size=(4, 6)), rng.normal(size=(4, 7, 6))
        tension = rng.uniform(0.0, 900.0, (4, 7))
        contact = knee.contact_wrench(external, per_newton, tension)
        for i in range(4):
            everything = contact[i] + external[i] + sum(tension[i, k] * per_newton[i, k] for k in range(7))
            np.testing.assert_allclose(everything, 0.0, atol=1e-9)

    def test_standing_with_no_muscles_presses_with_the_ground_force(self) -> None:
        # 700 N upwards below the knee, and a muscle that pulls the shank up with 100 N.
        external = np.array([[0.0, 0.0, 0.0, 0.0, 700.0, 0.0]])
        pull = np.array([[[0.0, 0.0, 0.0, 0.0, 1.0, 0.0]]])
        wrench = knee.contact_wrench(external, pull, np.array([[100.0]]))
        forces = knee.split_contact(wrench, lateral_sign=1.0, spacing_m=0.04, offset_m=0.0)
        assert forces.total_N == pytest.approx([800.0])


class TestExternalMoments:
    @staticmethod
    def moment_of_vertical_force(offset_m: tuple[float, float, float]) -> Array:
        """Moment about the knee of 800 N upwards at a point 0.45 m below it, moved by `offset_m`."""
        return np.cross(np.array([0.0, -0.45, 0.0]) + offset_m, [0.0, 800.0, 0.0])[None]

    @pytest.mark.parametrize("side", SIDES)
    def test_a_force_passing_medial_of_the_knee_adducts(self, side: Side) -> None:
        medial_2cm = (0.0, 0.0, MEDIAL[side] * 0.02)
        adduction, flexion = knee.external_moments(self.moment_of_vertical_force(medial_2cm), LATERAL_SIGN[side])
        assert adduction == pytest.approx([16.0])
        assert flexion == pytest.approx([0.0])

    @pytest.mark.parametrize("side", SIDES)
    def test_a_force_passing_behind_the_knee_flexes(self, side: Side) -> None:
        adduction, flexion = knee.external_moments(self.moment_of_vertical_force((-0.03, 0.0, 0.0)), LATERAL_SIGN[side])
        assert flexion == pytest.approx([24.0])
        assert adduction == pytest.approx([0.0])

    @pytest.mark.parametrize("side", SIDES)
    def test_an_adduction_moment_without_muscles_loads_the_medial_side(self, side: Side) -> None:
        moment = self.moment_of_vertical_force((0.0, 0.0, MEDIAL[side] * 0.008))
        external = np.concatenate([moment, [[0.0, 800.0, 0.0]]], axis=1)
        wrench = knee.contact_wrench(external, np.zeros((1, 0, 6)), np.zeros((1, 0)))
        forces = knee.split_contact(wrench, lateral_sign=LATERAL_SIGN[side], spacing_m=0.04, offset_m=0.0)
        # Half of the weight each, and the adduction moment of 6.4 N m over 40 mm from one to the other.
        assert forces.medial_N == pytest.approx([400.0 + 6.4 / 0.04])
        assert forces.lateral_N == pytest.approx([400.0 - 6.4 / 0.04])


class TestAlignment:
    def test_the_knee_of_a_varus_leg_lies_beside_the_line_from_hip_to_ankle(self) -> None:
        # Triangle hip, knee, ankle with the angle 180 - 5 degrees at the knee: height of the knee over its base.
        height_m = 1.75
        thigh, shank, bend = 0.245 * height_m, 0.246 * height_m, np.radians(5.0)
        base = np.sqrt(thigh**2 + shank**2 + 2.0 * thigh * shank * np.cos(bend))
        lever = thigh * shank * np.sin(bend) / base
        external = np.array([[0.0, 0.0, 0.0, 0.0, 800.0, 0.0]])
        moment = knee.alignment_moment(external, 5.0, height_m)
        np.testing.assert_allclose(moment, 800.0 * lever, rtol=2e-3)
        assert moment[0] / 800.0 / 5.0 == pytest.approx(0.0037, abs=0.0002)  # 3.7 mm per degree

    @pytest.mark.parametrize("side", SIDES)
    def test_varus_moves_load_to_the_medial_side_and_valgus_to_the_lateral(self, side: Side) -> None:
        external = np.array([[0.0, 0.0, 0.0, 0.0, 800.0, 0.0]])
        wrench = knee.contact_wrench(external, np.zeros((1, 0, 6)), np.zeros((1, 0)))
        medial = {}
        for degrees in (-4.0, 0.0, 4.0):
            forces = knee.split_contact(
                wrench, lateral_sign=LATERAL_SIGN[side], spacing_m=0.04, offset_m=0.0,
                alignment_shift_Nm=knee.alignment_moment(external, degrees, 1.75),
            )  # fmt: skip
            medial[degrees] = forces.medial_N[0]
            assert forces.total_N == pytest.approx([800.0])
        assert medial[4.0] - medial[0.0] == pytest.approx(medial[0.0] - medial[-4.0])
        per_degree = (medial[4.0] - medial[0.0]) / 4.0
        assert per_degree == pytest.approx(800.0 * 0.0037 / 0.04, rel=0.05)

    def test_no_alignment_no_moment(self) -> None:
        assert knee.alignment_moment(np.ones((3, 6)), 0.0, 1.75).tolist() == [0.0, 0.0, 0.0]
