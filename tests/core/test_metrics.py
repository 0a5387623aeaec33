"""Numbers drawn from curves whose peaks and areas are known."""

from __future__ import annotations

import numpy as np
import pytest

from workbench.core.metrics import agreement, peaks_of_stance, positive_impulse

PERCENT = np.arange(101.0)


def bumps(*places: tuple[float, float]) -> np.ndarray:
    return sum(height * np.exp(-(((PERCENT - at) / 4.0) ** 2)) for at, height in places)


class TestPeaks:
    def test_the_largest_value_of_either_half_of_stance(self) -> None:
        curve = bumps((15.0, 3.0), (45.0, 2.0), (80.0, 9.0))
        assert peaks_of_stance(PERCENT, curve, 60.0) == pytest.approx((3.0, 2.0), abs=1e-3)

    def test_the_middle_of_stance_belongs_to_the_first_half(self) -> None:
        curve = np.where(PERCENT == 30.0, 5.0, np.where(PERCENT == 31.0, 4.0, 0.0))
        assert peaks_of_stance(PERCENT, curve, 60.0) == (5.0, 4.0)

    def test_toe_off_belongs_to_stance_and_swing_does_not(self) -> None:
        curve = np.where(PERCENT > 60.0, 100.0, PERCENT)
        assert peaks_of_stance(PERCENT, curve, 60.0) == (30.0, 60.0)
        assert peaks_of_stance(PERCENT, curve, 59.9) == (29.0, 59.0)

    def test_a_curve_below_zero_keeps_its_sign(self) -> None:
        assert peaks_of_stance(PERCENT, -1.0 - PERCENT, 60.0) == (-1.0, -32.0)

    def test_a_stance_alone_is_its_own_cycle(self) -> None:
        curve = bumps((25.0, 3.0), (75.0, 4.0))
        assert peaks_of_stance(PERCENT, curve, 100.0) == pytest.approx((3.0, 4.0), abs=1e-3)


class TestImpulse:
    def test_a_constant_over_sixty_percent_of_a_stride(self) -> None:
        assert positive_impulse(PERCENT, np.full(101, 2.5), 60.0, 1.2) == pytest.approx(2.5 * 0.6 * 1.2)

    def test_half_a_sine(self) -> None:
        curve = 3.0 * np.sin(np.pi * PERCENT / 60.0)
        assert positive_impulse(PERCENT, curve, 60.0, 1.1) == pytest.approx(3.0 * 2.0 / np.pi * 0.6 * 1.1, rel=1e-3)

    def test_only_the_positive_part_counts(self) -> None:
        curve = np.where(PERCENT <= 30.0, 2.0, -7.0)
        with_negative = positive_impulse(PERCENT, curve, 60.0, 1.0)
        without = positive_impulse(PERCENT, np.clip(curve, 0.0, None), 60.0, 1.0)
        assert with_negative == without == pytest.approx(2.0 * 0.305)
        assert positive_impulse(PERCENT, -np.ones(101), 60.0, 1.0) == 0.0

    def test_swing_does_not_count(self) -> None:
        assert positive_impulse(PERCENT, np.where(PERCENT > 60.0, 9.0, 0.0), 60.0, 1.0) == 0.0


class TestAgreement:
    def test_a_constant_difference_is_the_error_and_leaves_the_correlation(self) -> None:
        measured = bumps((15.0, 900.0), (45.0, 700.0))
        found = agreement(PERCENT, measured + 120.0, measured, 60.0)
        assert found.root_mean_square_error == pytest.approx(120.0)
        assert found.correlation == pytest.approx(1.0)
        assert found.measured_peaks == pytest.approx((900.0, 700.0), abs=0.1)
        assert found.simulated_peaks == pytest.approx((1020.0, 820.0), abs=0.1)

    def test_the_error_is_the_root_of_the_mean_square_over_stance_alone(self) -> None:
        measured = np.where(PERCENT > 60.0, 1e6, 0.0)
        measured[:61] = np.where(np.arange(61) % 2, 3.0, 4.0)
        expected = np.sqrt((30 * 9.0 + 31 * 16.0) / 61)
        found = agreement(PERCENT, 1e-9 * PERCENT, measured, 60.0)
        assert found.root_mean_square_error == pytest.approx(expected)

    def test_the_opposite_shape_correlates_with_minus_one(self) -> None:
        measured = bumps((15.0, 900.0))
        assert agreement(PERCENT, -measured, measured, 60.0).correlation == pytest.approx(-1.0)
