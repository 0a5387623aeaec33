"""Geometry of walking: signs for both feet, and closed forms."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.spatial import Delaunay
from scipy.spatial.transform import Rotation

from workbench.core import gait
from workbench.core.types import Array
from workbench.core.vocabulary import LATERAL_SIGN, SIDES, Side

ALONG_X = gait.walkway_axes(np.array([1.0, 0.0, 0.0]))


class TestWalkway:
    @pytest.mark.parametrize("heading_deg", [0.0, 30.0, 90.0, 180.0, -135.0])
    def test_the_axes_are_right_handed_with_up_kept(self, heading_deg: float) -> None:
        heading = np.radians(heading_deg)
        axes = gait.walkway_axes(np.array([2.0 * np.cos(heading), 0.7, 2.0 * np.sin(heading)]))
        np.testing.assert_allclose(axes @ axes.T, np.eye(3), atol=1e-12)
        assert np.linalg.det(axes) == pytest.approx(1.0)
        np.testing.assert_allclose(axes[0], [np.cos(heading), 0.0, np.sin(heading)], atol=1e-12)
        np.testing.assert_array_equal(axes[1], [0.0, 1.0, 0.0])

    def test_who_walks_along_x_has_z_to_the_right(self) -> None:
        np.testing.assert_allclose(ALONG_X, np.eye(3), atol=1e-12)

    def test_who_walks_back_along_x_has_z_to_the_left(self) -> None:
        np.testing.assert_allclose(gait.walkway_axes(np.array([-1.0, 0.0, 0.0]))[2], [0.0, 0.0, -1.0], atol=1e-12)


class TestProgression:
    time_s = np.linspace(0.0, 1.0, 51)

    def moving(self, velocity: Array) -> Array:
        return np.array([1.0, 0.9, -2.0]) + self.time_s[:, None] * velocity

    @pytest.mark.parametrize("direction_deg", [0.0, 25.0, 180.0])
    def test_walkway_the_pelvis_travels_past_a_resting_foot(self, direction_deg: float) -> None:
        direction = np.array([np.cos(np.radians(direction_deg)), 0.0, np.sin(np.radians(direction_deg))])
        found = gait.progression_direction(
            self.moving(1.3 * direction), self.moving(np.zeros(3)), np.ones(51, dtype=bool), self.time_s
        )
        np.testing.assert_allclose(found, direction, atol=1e-12)

    def test_treadmill_the_belt_carries_the_foot_back_under_a_resting_pelvis(self) -> None:
        direction = np.array([0.8, 0.0, -0.6])
        found = gait.progression_direction(
            self.moving(np.zeros(3)), self.moving(-1.2 * direction), np.ones(51, dtype=bool), self.time_s
        )
        np.testing.assert_allclose(found, direction, atol=1e-12)

    def test_going_up_and_down_does_not_matter(self) -> None:
        pelvis = self.moving(np.array([1.0, 0.0, 0.0]))
        pelvis[:, 1] += 0.05 * np.sin(10.0 * self.time_s)
        found = gait.progression_direction(pelvis, self.moving(np.zeros(3)), np.ones(51, dtype=bool), self.time_s)
        np.testing.assert_allclose(found, [1.0, 0.0, 0.0], atol=1e-12)

    def test_the_foot_in_the_air_does_not_count(self) -> None:
        standing = self.time_s < 0.6
        foot = self.moving(np.zeros(3))
        foot[~standing] += np.outer(self.time_s[~standing] - 0.6, [9.0, 0.0, 5.0])
        counted = self.time_s < 0.55  # a derivative sees its neighbours
        found = gait.progression_direction(self.moving(np.array([1.0, 0.0, 0.0])), foot, counted, self.time_s)
        np.testing.assert_allclose(found, [1.0, 0.0, 0.0], atol=1e-12)


class TestFootProgressionAngle:
    @pytest.mark.parametrize("side", SIDES)
    def test_toes_pointing_outwards_are_positive_on_either_foot(self, side: Side) -> None:
        # The right foot's outside is +Z, the left foot's -Z.
        outwards = 1.0 if side == "right" else -1.0
        axis = np.array([[np.cos(np.radians(7.0)), 0.0, outwards * np.sin(np.radians(7.0))]])
        angle = gait.foot_progression_angle_deg(axis, ALONG_X, LATERAL_SIGN[side])
        np.testing.assert_allclose(angle, [7.0])

    def test_the_slope_of_the_foot_does_not_count(self) -> None:
        axis = np.array([[np.cos(0.1), 0.0, np.sin(0.1)], [np.cos(0.1), 0.8, np.sin(0.1)]])
        np.testing.assert_allclose(gait.foot_progression_angle_deg(axis, ALONG_X, 1.0), np.degrees([0.1, 0.1]))

    def test_it_is_measured_from_the_direction_of_walking(self) -> None:
        heading = np.array([np.cos(0.3), 0.0, np.sin(0.3)])
        angle = gait.foot_progression_angle_deg(heading[None], gait.walkway_axes(heading), 1.0)
        np.testing.assert_allclose(angle, [0.0], atol=1e-12)

    @pytest.mark.parametrize("side", SIDES)
    def test_turning_a_foot_changes_its_angle_by_as_much(self, side: Side) -> None:
        axis = np.array([0.96, -0.1, 0.2])
        before = gait.foot_progression_angle_deg(axis[None], ALONG_X, LATERAL_SIGN[side])[0]
        for change_deg in (-20.0, -3.0, 12.0):
            turn = gait.turn_about_vertical(np.array([LATERAL_SIGN[side] * change_deg]))[0]
            after = gait.foot_progression_angle_deg((turn @ axis)[None], ALONG_X, LATERAL_SIGN[side])[0]
            assert after - before == pytest.approx(change_deg)


class TestTurn:
    def test_it_turns_forward_to_the_right_and_leaves_up(self) -> None:
        turn = gait.turn_about_vertical(np.array([90.0]))[0]
        np.testing.assert_allclose(turn @ [1.0, 0.0, 0.0], [0.0, 0.0, 1.0], atol=1e-12)
        np.testing.assert_allclose(turn @ [0.0, 0.0, 1.0], [-1.0, 0.0, 0.0], atol=1e-12)
        np.testing.assert_allclose(turn @ [0.3, 2.0, 0.0], [0.0, 2.0, 0.3], atol=1e-12)

    def test_it_is_the_rotation_about_minus_y_of_scipy(self) -> None:
        angles_deg = np.array([-37.0, 0.0, 5.0, 181.0])
        peer = Rotation.from_rotvec(-angles_deg[:, None] * gait.UP, degrees=True).as_matrix()
        np.testing.assert_allclose(gait.turn_about_vertical(angles_deg), peer, atol=1e-12)


class TestShareOfChange:
    contacts = ((0.1, 0.7), (1.2, 1.8), (2.4, 3.0))
    time_s = np.linspace(0.0, 3.2, 32001)

    def share(self, swing_fade: float = 1.0) -> Array:
        return gait.share_of_change(self.time_s, self.contacts, swing_fade)

    @pytest.mark.parametrize("swing_fade", [0.0, 0.4, 1.0])
    def test_the_whole_change_in_stance_and_before_and_after_what_is_known(self, swing_fade: float) -> None:
        share = self.share(swing_fade)
        for start, end in (*self.contacts, (0.0, 0.1), (3.0, 3.2)):
            stance = (self.time_s >= start) & (self.time_s <= end)
            np.testing.assert_array_equal(share[stance], 1.0)

    @pytest.mark.parametrize("swing_fade", [0.0, 0.4, 1.0])
    def test_in_mid_swing_the_fade_is_complete_and_nowhere_more(self, swing_fade: float) -> None:
        share = self.share(swing_fade)
        np.testing.assert_allclose(np.interp([0.95, 2.1], self.time_s, share), 1.0 - swing_fade, atol=1e-9)
        assert share.min() >= 1.0 - swing_fade - 1e-12
        assert share.max() <= 1.0

    def test_it_falls_and_rises_again_evenly(self) -> None:
        swing = (self.time_s >= 0.7) & (self.time_s <= 1.2)
        share = self.share()[swing]
        half = len(share) // 2
        assert (np.diff(share[: half + 1]) <= 1e-12).all()
        assert (np.diff(share[half:]) >= -1e-12).all()
        np.testing.assert_allclose(share, share[::-1], atol=1e-9)

    def test_value_slope_and_acceleration_are_continuous(self) -> None:
        step = self.time_s[1] - self.time_s[0]
        acceleration = np.diff(self.share(), 2) / step**2
        # Fifth-order fade over half a swing T of 0.25 s: acceleration up to 5.77 / T^2, its slope up to 60 / T^3.
        half_swing_s = 0.25
        assert np.abs(acceleration).max() == pytest.approx(10.0 / np.sqrt(3.0) / half_swing_s**2, rel=1e-3)
        assert np.abs(np.diff(acceleration)).max() <= 60.0 / half_swing_s**3 * step * 1.01

    def test_without_a_second_contact_the_change_is_held(self) -> None:
        for contacts in ((), ((0.5, 1.1),)):
            np.testing.assert_array_equal(gait.share_of_change(self.time_s, contacts, 1.0), 1.0)


class TestReAimedForce:
    def test_the_line_of_force_passes_the_same_point_at_that_height(self) -> None:
        rng = np.random.default_rng(1)
        force = rng.normal([30.0, 800.0, -40.0], 50.0, (20, 3))
        point = np.column_stack([rng.normal(0.0, 0.3, 20), np.zeros(20), rng.normal(0.0, 0.3, 20)])
        shift = np.column_stack([rng.normal(0.0, 0.05, 20), np.zeros(20), rng.normal(0.0, 0.05, 20)])
        turned = gait.re_aimed_force(force, shift, 1.8)
        before = point + force * (1.8 / force[:, 1:2])
        after = point + shift + turned * (1.8 / turned[:, 1:2])
        np.testing.assert_allclose(after, before, atol=1e-12)
        np.testing.assert_array_equal(turned[:, 1], force[:, 1])

    def test_stepping_outwards_raises_the_inward_force(self) -> None:
        # Right foot 5 cm to the right: the force on it must point more to the left.
        turned = gait.re_aimed_force(np.array([[0.0, 800.0, -40.0]]), np.array([[0.0, 0.0, 0.05]]), 2.0)
        np.testing.assert_allclose(turned, [[0.0, 800.0, -60.0]])

    def test_without_a_shift_nothing_changes(self) -> None:
        force = np.array([[12.0, 800.0, -40.0]])
        np.testing.assert_array_equal(gait.re_aimed_force(force, np.zeros((1, 3)), 1.7), force)


class TestDistanceOutside:
    square = np.array([[0.0, 0.0], [2.0, 0.0], [2.0, 1.0], [0.0, 1.0]])

    @pytest.mark.parametrize("outline", [square, square[::-1]], ids=["one way round", "the other way round"])
    def test_negative_inside_zero_on_the_edge_positive_outside(self, outline: Array) -> None:
        points = np.array([[1.0, 0.5], [1.0, 1.0], [2.3, 0.5], [1.0, -0.2], [0.1, 0.5]])
        np.testing.assert_allclose(gait.distance_outside(points, outline), [-0.5, 0.0, 0.3, 0.2, -0.1], atol=1e-12)

    def test_a_slanted_edge_is_met_at_right_angles(self) -> None:
        triangle = np.array([[0.0, 0.0], [1.0, 0.0], [0.0, 1.0]])
        np.testing.assert_allclose(gait.distance_outside(np.array([[1.0, 1.0]]), triangle), [np.sqrt(0.5)])

    def test_beyond_a_corner_it_is_the_distance_to_the_corner(self) -> None:
        np.testing.assert_allclose(gait.distance_outside(np.array([[2.3, 1.4]]), self.square), [0.5])

    def test_it_agrees_with_a_search_along_the_outline(self) -> None:
        rng = np.random.default_rng(2)
        angles = np.sort(rng.uniform(0.0, 2.0 * np.pi, 7))
        outline = np.column_stack([1.5 * np.cos(angles), np.sin(angles)])
        points = rng.uniform(-3.0, 3.0, (50, 2))
        shares = np.linspace(0.0, 1.0, 4001)[:, None]
        border = np.concatenate(
            [a + shares * (b - a) for a, b in zip(outline, np.roll(outline, -1, axis=0), strict=True)]
        )
        nearest = np.linalg.norm(points[:, None] - border[None], axis=2).min(axis=1)
        found = gait.distance_outside(points, outline)
        inside = Delaunay(outline).find_simplex(points) >= 0
        np.testing.assert_allclose(found, np.where(inside, -nearest, nearest), atol=1e-3)


class TestStepWidth:
    def test_is_measured_across_the_direction_of_walking(self) -> None:
        walkway = gait.walkway_axes(np.array([0.0, 0.0, 1.0]))  # walking along Z, so the right is -X
        left, right = np.array([0.10, 0.05, 3.0]), np.array([-0.04, 0.02, 3.6])
        assert gait.step_width_m(left, right, walkway) == pytest.approx(0.14)

    def test_is_negative_where_the_steps_cross(self) -> None:
        walkway = gait.walkway_axes(np.array([1.0, 0.0, 0.0]))
        assert gait.step_width_m(np.array([0.0, 0.0, 0.03]), np.array([0.6, 0.0, -0.02]), walkway) < 0.0
