"""Two feet share one ground reaction."""

from __future__ import annotations

import numpy as np

from workbench.core import hand_over

TIME_S = np.linspace(0.0, 1.1, 111)
SPANS = {"left": [(0.0, 0.6)], "right": [(0.5, 1.1)]}
FEET = {"left": np.zeros(111), "right": np.full(111, 0.6)}


def test_the_shares_add_up_to_the_whole_while_a_foot_stands() -> None:
    shares = hand_over.shared_by_moment(
        TIME_S, SPANS, hand_over.usual_shares(TIME_S, SPANS), np.linspace(-0.1, 0.7, 111), FEET
    )
    np.testing.assert_allclose(shares["left"] + shares["right"], 1.0, atol=1e-12)
    assert shares["left"].min() >= 0.0
    assert shares["right"].max() <= 1.0


def test_the_usual_curve_treats_both_feet_alike() -> None:
    x = np.linspace(0.0, 1.0, 21)
    np.testing.assert_allclose(hand_over.usual_share(x) + hand_over.usual_share(1.0 - x), 1.0, atol=1e-12)


def test_the_moment_divides_the_force_as_a_lever_does() -> None:
    total = np.full(111, 0.15)  # a quarter of the way from the trailing to the leading foot
    usual = hand_over.usual_shares(TIME_S, SPANS)
    shares = hand_over.shared_by_moment(TIME_S, SPANS, usual, total, FEET)
    middle = 55
    assert np.isclose(shares["right"][middle], 0.8 * 0.25 + 0.2 * usual["right"][middle])


def test_feet_side_by_side_keep_the_usual_share() -> None:
    usual = hand_over.usual_shares(TIME_S, SPANS)
    beside = {"left": np.zeros(111), "right": np.zeros(111)}
    shares = hand_over.shared_by_moment(TIME_S, SPANS, usual, np.full(111, 0.3), beside)
    np.testing.assert_array_equal(shares["right"], usual["right"])


def test_forces_of_both_feet_add_up_where_moments_agree() -> None:
    shares = hand_over.usual_shares(TIME_S, SPANS)
    beside_m = {"left": -0.1, "right": 0.1}
    points = {side: np.column_stack([FEET[side], 0.0 * TIME_S, np.full(111, beside_m[side])]) for side in FEET}
    total = np.column_stack([50.0 * np.sin(TIME_S), 800.0 + 0.0 * TIME_S, 20.0 * np.cos(TIME_S)])
    under_feet = sum(shares[side][:, None] * points[side] for side in FEET)
    mass_centre = np.column_stack([0.5 * TIME_S, 1.0 + 0.0 * TIME_S, 0.0 * TIME_S])
    forces, moved = hand_over.horizontal_forces(total, shares, points, mass_centre, under_feet, np.eye(3), 1.75)
    np.testing.assert_allclose(forces["left"] + forces["right"], total, atol=1e-9)
    np.testing.assert_array_equal(moved["left"], points["left"])
    double = 55
    assert forces["left"][double, 0] > 0.0 > forces["right"][double, 0]  # trailing foot pushes, leading foot brakes
