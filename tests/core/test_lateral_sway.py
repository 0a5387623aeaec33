"""The lateral balance: closed forms of a body that sways over its feet."""

from __future__ import annotations

import numpy as np
import pytest

from workbench.core import lateral_sway
from workbench.core.types import Array

GRAVITY, LEAN_M, DURATION_S, MASS_KG, N = 9.80665, 1.05, 1.1, 70.0, 400
WEIGHT_N = MASS_KG * GRAVITY
APART_M = np.stack([np.full(N, 0.05), np.full(N, -0.05)])


def standing(share: float) -> Array:
    """Vertical forces of two feet that take turns; `share` of the weight is on the first in its half, (2, N)."""
    first = np.where((np.arange(N) + 0.5) / N < 0.5, share, 1.0 - share)
    return WEIGHT_N * np.stack([first, 1.0 - first])


def solved(vertical_N: Array, shift_m: Array) -> Array:
    return lateral_sway.sway_m(vertical_N, shift_m, mass_kg=MASS_KG, lean_m=LEAN_M, duration_s=DURATION_S)


def test_the_inverted_pendulum_over_alternating_feet() -> None:
    # x'' = (g / h) (x - s) over each half: x = s (1 - cosh(w (t - T/4)) / cosh(w T/4)), zero at the changes of foot.
    rate = np.sqrt(GRAVITY / LEAN_M)
    time_s = (np.arange(N // 2) + 0.5) * DURATION_S / N
    exact = 0.05 * (1.0 - np.cosh(rate * (time_s - DURATION_S / 4.0)) / np.cosh(rate * DURATION_S / 4.0))
    found = solved(standing(1.0), APART_M)
    np.testing.assert_allclose(found[: N // 2], exact, atol=2e-5)
    np.testing.assert_allclose(found[N // 2 :], -exact, atol=2e-5)


def test_no_shift_no_sway() -> None:
    assert not solved(standing(0.9), np.zeros((2, N))).any()


def test_both_feet_moved_alike_carry_the_body_along() -> None:
    np.testing.assert_allclose(solved(standing(0.9), np.full((2, N), 0.03)), 0.03, atol=1e-12)


def test_the_answer_is_in_proportion_and_mirrored() -> None:
    found = solved(standing(0.8), APART_M)
    np.testing.assert_allclose(solved(standing(0.8), -3.0 * APART_M), -3.0 * found, atol=1e-12)
    np.testing.assert_allclose(np.roll(found, N // 2), -found, atol=1e-12)


def test_the_lateral_forces_accelerate_the_body() -> None:
    load = 0.5 + 0.4 * np.sin(2.0 * np.pi * np.arange(N) / N)
    vertical = WEIGHT_N * np.stack([load, 1.0 - load])
    sway = solved(vertical, APART_M)
    force = sum(lateral_sway.lateral_force_change_N(v, sway, s, LEAN_M) for v, s in zip(vertical, APART_M, strict=True))
    spectrum = np.fft.rfft(sway)
    rates = 2.0 * np.pi * np.arange(len(spectrum)) / DURATION_S
    acceleration = np.fft.irfft(-(rates**2) * spectrum, N)
    np.testing.assert_allclose(force, MASS_KG * acceleration, atol=1e-3)


class TestLeanHeight:
    leaning_Nm = 700.0 * 0.06 * np.sin(np.linspace(0.0, 2.0 * np.pi, 101))

    def test_is_found_with_its_error(self) -> None:
        noise = np.random.default_rng(3).normal(0.0, 4.0, 101)
        found = lateral_sway.lean_height(self.leaning_Nm / 1.1 + noise, self.leaning_Nm, stature_m=1.75)
        assert found.is_own
        assert found.standard_error_m is not None
        assert abs(found.height_m - 1.1) < 3.0 * found.standard_error_m < 0.1

    @pytest.mark.parametrize("height_m", [0.5, 3.0, -1.0])
    def test_where_it_is_no_height_of_a_body_the_usual_one_is_taken(self, height_m: float) -> None:
        found = lateral_sway.lean_height(self.leaning_Nm / height_m, self.leaning_Nm, stature_m=1.75)
        assert not found.is_own
        assert found.height_m == pytest.approx(0.7 * 1.75)

    def test_a_foot_that_does_not_lean_tells_nothing(self) -> None:
        assert not lateral_sway.lean_height(np.zeros(101), np.zeros(101), stature_m=1.75).is_own
