"""Simulated against measured contact force: known lags, known offsets, and the least-squares offset by brute force."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from tests.core.mechanics import STRIDE, SUBJECT, leg, solved
from workbench.core.errors import TrialError
from workbench.core.implant import (
    calibrated,
    calibrated_offset_m,
    compare,
    compare_simulation,
    measured_over,
    root_mean_square_bw,
)
from workbench.core.results import Simulation, assemble, solved_gait
from workbench.core.settings import GaitModification, LoadSettings, Processing
from workbench.core.types import Array, MeasuredLoads, Motion, Trial
from workbench.core.vocabulary import CYCLE_PERCENT

TIME_S = STRIDE.start_s + STRIDE.duration_s * CYCLE_PERCENT / 100.0
#: The implant's clock, beyond both ends of the stride.
CLOCK_S = np.arange(-0.2, 1.3, 0.002)


def force(time_s: Array, first_N: float, second_N: float) -> Array:
    return first_N * np.exp(-(((time_s - 0.15) / 0.07) ** 2)) + second_N * np.exp(-(((time_s - 0.45) / 0.07) ** 2))


def medial(time_s: Array) -> Array:
    return force(time_s, 1200.0, 1000.0)


def lateral(time_s: Array) -> Array:
    return force(time_s, 700.0, 500.0)


def simulated(medial_N: Array, lateral_N: Array) -> dict[str, Array]:
    return {"medial": medial_N, "lateral": lateral_N, "total": medial_N + lateral_N}


SIMULATED = simulated(medial(TIME_S), lateral(TIME_S))


def implant(lag_s: float = 0.0, medial_bias_N: float = 0.0) -> MeasuredLoads:
    """An implant that measures the simulated force, `lag_s` late."""
    return MeasuredLoads("right", CLOCK_S, medial(CLOCK_S - lag_s) + medial_bias_N, lateral(CLOCK_S - lag_s))


class TestLag:
    @pytest.mark.parametrize("lag_s", [0.0, 0.008, 0.023, 0.040])
    def test_a_known_lag_is_found_and_taken_out(self, lag_s: float) -> None:
        comparison = compare(SIMULATED, implant(lag_s), STRIDE)
        assert comparison.lag_s == pytest.approx(lag_s, abs=1e-9)
        for one in comparison.agreement_N.values():
            assert one.root_mean_square_error < 0.5  # of linear interpolation
            assert one.correlation > 0.9999
        np.testing.assert_allclose(comparison.measured_N["medial"], SIMULATED["medial"], atol=1.0)

    def test_more_than_forty_milliseconds_are_not_allowed(self) -> None:
        comparison = compare(SIMULATED, implant(0.080), STRIDE)
        assert comparison.lag_s == pytest.approx(0.040)
        assert comparison.agreement_N["medial"].root_mean_square_error > 100.0

    def test_an_implant_ahead_of_the_plates_is_not_shifted(self) -> None:
        assert compare(SIMULATED, implant(-0.02), STRIDE).lag_s == 0.0

    def test_a_constant_bias_is_the_error_at_the_right_lag(self) -> None:
        comparison = compare(SIMULATED, implant(0.015, medial_bias_N=-90.0), STRIDE)
        assert comparison.lag_s == pytest.approx(0.015)
        assert comparison.agreement_N["medial"].root_mean_square_error == pytest.approx(90.0, rel=0.01)
        assert comparison.agreement_N["total"].root_mean_square_error == pytest.approx(90.0, rel=0.01)
        assert comparison.agreement_N["lateral"].root_mean_square_error < 0.5

    def test_swing_does_not_count(self) -> None:
        measured = implant(0.010)
        nonsense = np.where(measured.time_s > STRIDE.toe_off_s + 0.05, 5000.0, measured.medial_N)
        comparison = compare(SIMULATED, replace(measured, medial_N=nonsense), STRIDE)
        assert comparison.lag_s == pytest.approx(0.010)
        assert comparison.agreement_N["medial"].root_mean_square_error < 0.5


class TestCoverage:
    def test_a_record_that_ends_within_stance_is_refused_with_both_times(self) -> None:
        short = CLOCK_S < 0.4
        measured = MeasuredLoads("right", CLOCK_S[short], medial(CLOCK_S[short]), lateral(CLOCK_S[short]))
        with pytest.raises(TrialError, match=r"from -0.20 to 0.40 s and do not cover the stance from 0.00 to 0.60 s"):
            compare(SIMULATED, measured, STRIDE)

    def test_a_record_that_begins_within_stance_is_refused(self) -> None:
        late = CLOCK_S > 0.1
        measured = MeasuredLoads("right", CLOCK_S[late], medial(CLOCK_S[late]), lateral(CLOCK_S[late]))
        with pytest.raises(TrialError, match="do not cover the stance"):
            compare(SIMULATED, measured, STRIDE)

    def test_total_is_the_sum_of_the_compartments(self) -> None:
        at = measured_over(implant(), STRIDE, 0.0)
        np.testing.assert_array_equal(at["total"], at["medial"] + at["lateral"])


class TestOffset:
    @staticmethod
    def moved(offset_m: float, spacing_m: float = 0.04) -> dict[str, Array]:
        """The simulated force with the contact points moved laterally."""
        shift = SIMULATED["total"] * offset_m / spacing_m
        return simulated(SIMULATED["medial"] + shift, SIMULATED["lateral"] - shift)

    @pytest.mark.parametrize("offset_m", [-0.006, 0.0, 0.0035])
    def test_a_known_offset_is_found(self, offset_m: float) -> None:
        found = calibrated_offset_m(SIMULATED, self.moved(offset_m), STRIDE, LoadSettings())
        assert found == pytest.approx(offset_m, abs=1e-9)

    def test_it_comes_on_top_of_the_offset_simulated_with(self) -> None:
        found = calibrated_offset_m(SIMULATED, self.moved(0.002), STRIDE, LoadSettings(contact_offset_m=0.003))
        assert found == pytest.approx(0.005)

    @pytest.mark.parametrize("spacing_m", [0.03, 0.04, 0.05])
    def test_the_closed_form_is_what_brute_force_finds(self, spacing_m: float) -> None:
        rng = np.random.default_rng(3)
        measured = {name: curve + rng.normal(80.0, 120.0, 101) for name, curve in SIMULATED.items()}
        found = calibrated_offset_m(SIMULATED, measured, STRIDE, LoadSettings(contact_spacing_m=spacing_m))
        stance = STRIDE.stance_percent >= CYCLE_PERCENT

        def error(offset_m: float) -> float:
            moved = self.moved(offset_m, spacing_m)
            return float(sum(np.sum((moved[name] - measured[name])[stance] ** 2) for name in ("medial", "lateral")))

        candidates = np.arange(-0.02, 0.02, 1e-5)
        best = candidates[int(np.argmin([error(candidate) for candidate in candidates]))]
        assert found == pytest.approx(best, abs=1e-5)


def simulation_of_known_force() -> Simulation:
    """A leg whose recorded walk has exactly the forces of `SIMULATED`."""
    external = np.zeros((101, 6))
    external[:, 4] = SIMULATED["total"]
    external[:, 0] = (SIMULATED["medial"] - SIMULATED["lateral"]) / 2.0 * 0.04
    one = solved_gait([solved(leg(external_knee_wrench=external))], (STRIDE,), SUBJECT, LoadSettings())
    trial = Trial("made up", SUBJECT, Motion(np.arange(2.0), (), np.zeros((2, 0)), True), {})
    return assemble(
        trial, (STRIDE,), GaitModification(), LoadSettings(), Processing(),
        baseline=one, modified=one, strides_found=1, provenance={},
    )  # fmt: skip


class TestSimulation:
    def test_its_recorded_walk_is_compared_in_newtons(self) -> None:
        comparison = compare_simulation(simulation_of_known_force(), implant(0.012))
        assert comparison.lag_s == pytest.approx(0.012)
        assert comparison.agreement_N["medial"].simulated_peaks == pytest.approx((1200.0, 1000.0), rel=1e-3)
        assert comparison.agreement_N["lateral"].root_mean_square_error < 0.5

    def test_calibrating_gives_settings_that_take_the_split_out(self) -> None:
        shift = (medial(CLOCK_S) + lateral(CLOCK_S)) * 0.0031 / 0.04
        measured = MeasuredLoads("right", CLOCK_S, medial(CLOCK_S) + shift, lateral(CLOCK_S) - shift)
        settings = calibrated(simulation_of_known_force(), measured)
        assert settings == LoadSettings(contact_offset_m=0.0031)

    def test_the_error_in_body_weight(self) -> None:
        one = compare(SIMULATED, implant(0.0, medial_bias_N=78.4532), STRIDE).agreement_N["medial"]
        assert root_mean_square_bw(one, SUBJECT) == pytest.approx(0.1, rel=0.01)
