"""From recorded curves to smooth motion: filters, splines, couplers, and a wrench that stays the same wrench."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from scipy import signal

from tests.synthetic import synthetic_walk
from workbench.core.errors import TrialError
from workbench.core.settings import Processing
from workbench.core.types import Array, GroundReaction, Motion, Trial
from workbench.provenance import own_model_path
from workbench.simulation.model import Coupler, GaitModel
from workbench.simulation.sampled_motion import PreparedTrial, apply_couplers, low_pass, prepare, sample
from workbench.trials import open_trial


@pytest.fixture(scope="module")
def model() -> GaitModel:
    return GaitModel.from_file(own_model_path())


@pytest.fixture(scope="module")
def trial(tmp_path_factory: pytest.TempPathFactory) -> Trial:
    return open_trial(synthetic_walk().write(tmp_path_factory.mktemp("synthetic")))


def wave(frequency_hz: float, rate_hz: float, seconds: float = 4.0) -> tuple[Array, Array]:
    time_s = np.arange(0.0, seconds, 1.0 / rate_hz)
    return time_s, np.sin(2.0 * np.pi * frequency_hz * time_s)


class TestLowPass:
    @pytest.mark.parametrize("rate_hz", [50.0, 100.0, 2000.0])
    @pytest.mark.parametrize("cutoff_hz", [6.0, 8.0])
    def test_at_the_cutoff_the_amplitude_is_minus_three_decibels(self, rate_hz: float, cutoff_hz: float) -> None:
        time_s, values = wave(cutoff_hz, rate_hz, 8.0)
        middle = (time_s > 2.0) & (time_s < 6.0)
        gain = np.std(low_pass(values, rate_hz, cutoff_hz)[middle]) / np.std(values[middle])
        assert 20.0 * np.log10(gain) == pytest.approx(-10.0 * np.log10(2.0), abs=0.005)

    def test_it_is_of_fourth_order(self) -> None:
        # An octave above the cut-off a fourth-order pair of this kind lets through 1 / (1 + (tan ratio)^4).
        time_s, values = wave(12.0, 2000.0, 8.0)
        middle = (time_s > 2.0) & (time_s < 6.0)
        gain = np.std(low_pass(values, 2000.0, 6.0)[middle]) / np.std(values[middle])
        ratio = np.tan(np.pi * 12.0 / 2000.0) / np.tan(np.pi * 6.0 / 2000.0)
        assert gain == pytest.approx(1.0 / (1.0 + (np.sqrt(2.0) - 1.0) * ratio**4), rel=1e-3)

    def test_walking_frequencies_pass_without_lag_or_loss(self) -> None:
        time_s, values = wave(0.9, 100.0, 8.0)
        filtered = low_pass(values, 100.0, 6.0)
        middle = (time_s > 1.0) & (time_s < 7.0)
        np.testing.assert_allclose(filtered[middle], values[middle], atol=1e-3)
        lag = np.argmax(signal.correlate(filtered[middle], values[middle])) - (middle.sum() - 1)
        assert lag == 0

    def test_a_pulse_stays_where_it_was_and_spreads_evenly(self) -> None:
        pulse = np.zeros(401)
        pulse[200] = 1.0
        filtered = low_pass(pulse, 100.0, 6.0)
        assert np.argmax(filtered) == 200
        np.testing.assert_allclose(filtered[100:200], filtered[300:200:-1], atol=1e-6)

    def test_a_constant_stays(self) -> None:
        np.testing.assert_allclose(low_pass(np.full((80, 2), 3.0), 100.0, 6.0), 3.0)

    def test_each_column_is_filtered_by_itself(self) -> None:
        rng = np.random.default_rng(1)
        values = rng.normal(size=(200, 3))
        together = low_pass(values, 100.0, 6.0)
        np.testing.assert_allclose(together[:, 1], low_pass(values[:, 1], 100.0, 6.0))

    def test_a_recording_too_slow_for_the_cutoff_is_left_as_it_is(self) -> None:
        _, values = wave(3.0, 20.0)
        assert low_pass(values, 20.0, 10.0) is values

    def test_a_short_recording_is_filtered_all_the_same(self) -> None:
        assert np.isfinite(low_pass(np.linspace(0.0, 1.0, 9), 100.0, 6.0)).all()


class TestCoordinates:
    def test_degrees_and_radians_are_the_same_motion(self, model: GaitModel, trial: Trial) -> None:
        radians = trial.motion.values.copy()
        turned = [i for i, name in enumerate(trial.motion.names) if not name.startswith("pelvis_t") or "tilt" in name]
        radians[:, turned] = np.radians(radians[:, turned])
        other = replace(trial, motion=Motion(trial.motion.time_s, trial.motion.names, radians, in_degrees=False))
        at = np.linspace(0.3, 2.4, 30)
        one, same = (sample(prepare(each, model, Processing()), model, at) for each in (trial, other))
        np.testing.assert_allclose(one.q, same.q, atol=1e-12)
        np.testing.assert_allclose(one.udot, same.udot, atol=1e-9)

    def test_each_column_goes_to_the_coordinate_of_its_name(self, model: GaitModel, trial: Trial) -> None:
        # Every coordinate with its own constant, columns in reverse order.
        names = tuple(reversed(trial.motion.names))
        constants = {name: 1.0 + i for i, name in enumerate(names)}
        values = np.tile(list(constants.values()), (len(trial.motion.time_s), 1))
        other = replace(trial, motion=Motion(trial.motion.time_s, names, values, in_degrees=True))
        q = sample(prepare(other, model, Processing()), model, np.array([1.0, 2.0])).q
        for name, value in constants.items():
            if not name.endswith("_beta"):
                expected = np.radians(value) if model.rotational[name] else value
                np.testing.assert_allclose(q[:, model.coordinate_index[name]], expected)

    def test_slow_motion_passes_the_filter_and_speeds_are_its_derivatives(self, model: GaitModel, trial: Trial) -> None:
        at = np.linspace(0.5, 2.2, 40)
        moved = sample(prepare(trial, model, Processing()), model, at)
        rate = 2.0 * np.pi / 1.1
        list_rad = np.radians(4.0)
        place = model.coordinate_index["pelvis_list"]
        np.testing.assert_allclose(moved.q[:, place], list_rad * np.sin(rate * at), atol=2e-4)
        np.testing.assert_allclose(moved.u[:, place], list_rad * rate * np.cos(rate * at), atol=2e-3)
        np.testing.assert_allclose(moved.udot[:, place], -list_rad * rate**2 * np.sin(rate * at), atol=3e-2)

    def test_speed_and_acceleration_are_the_slopes_of_every_coordinate(self, model: GaitModel, trial: Trial) -> None:
        prepared = prepare(trial, model, Processing())
        at, step = np.linspace(0.5, 2.2, 18), 1e-4
        here, above, below = (sample(prepared, model, at + shift) for shift in (0.0, step, -step))
        # Patellae included: their speed and acceleration come from the coupling function by the chain rule.
        np.testing.assert_allclose(here.u, (above.q - below.q) / (2.0 * step), atol=1e-4)
        np.testing.assert_allclose(here.udot, (above.u - below.u) / (2.0 * step), atol=5e-3)

    def test_the_patella_is_where_the_knee_puts_it_whatever_was_recorded(self, model: GaitModel, trial: Trial) -> None:
        moved = sample(prepare(trial, model, Processing()), model, np.linspace(0.5, 2.0, 10))
        assert len(model.couplers) == 2
        for coupler in model.couplers:
            value, _, _ = model.coupler_values(coupler, moved.q[:, coupler.driver])
            np.testing.assert_array_equal(moved.q[:, coupler.driven], value)
            assert np.ptp(value) > 0.05  # the recording has zeros there

    def test_a_jittering_clock_is_made_even(self, model: GaitModel, trial: Trial) -> None:
        rng = np.random.default_rng(2)
        time_s = trial.motion.time_s + rng.uniform(-0.004, 0.004, len(trial.motion.time_s))
        curve = 10.0 * np.sin(2.0 * np.pi * time_s / 1.1)
        values = np.repeat(curve[:, None], len(trial.motion.names), axis=1)
        other = replace(trial, motion=Motion(time_s, trial.motion.names, values, True))
        at = np.linspace(0.5, 2.2, 30)
        q = sample(prepare(other, model, Processing()), model, at).q[:, model.coordinate_index["hip_flexion_r"]]
        np.testing.assert_allclose(np.degrees(q), 10.0 * np.sin(2.0 * np.pi * at / 1.1), atol=0.02)

    def test_missing_coordinates_that_matter_are_all_named(self, model: GaitModel, trial: Trial) -> None:
        gone = {"knee_angle_r", "pelvis_ty"}
        kept = [i for i, name in enumerate(trial.motion.names) if name not in gone]
        motion = Motion(
            trial.motion.time_s, tuple(trial.motion.names[i] for i in kept), trial.motion.values[:, kept], True
        )
        with pytest.raises(TrialError, match="no column for pelvis_ty, knee_angle_r, which the model") as raised:
            prepare(replace(trial, motion=motion), model, Processing())
        assert "synthetic walk" in str(raised.value)

    def test_missing_coordinates_of_the_trunk_are_kept_at_rest_and_told(self, model: GaitModel, trial: Trial) -> None:
        prepared = prepare(trial, model, Processing())
        assert set(prepared.missing) == {"lumbar_extension", "lumbar_bending", "lumbar_rotation"}
        q = sample(prepared, model, np.array([1.0])).q
        for name in prepared.missing:
            assert q[0, model.coordinate_index[name]] == pytest.approx(model.default_value(name), abs=1e-12)


class TestCouplers:
    def test_speed_and_acceleration_follow_by_the_chain_rule(self) -> None:
        # The own model's patella turns in proportion to the knee; here the function is curved: beta = sin(2 x).
        class Curved:
            couplers = (Coupler(driven=2, driver=0, function=None),)

            def coupler_values(self, _: Coupler, x: Array) -> tuple[Array, Array, Array]:
                return np.sin(2.0 * x), 2.0 * np.cos(2.0 * x), -4.0 * np.sin(2.0 * x)

        time_s = np.linspace(0.0, 1.0, 2001)
        knee, step = 0.4 + 0.9 * time_s**2, time_s[1]
        q, u, udot = (np.zeros((len(time_s), 3)) for _ in range(3))
        q[:, 0], u[:, 0], udot[:, 0] = knee, 1.8 * time_s, 1.8
        apply_couplers(Curved(), q, u, udot)  # type: ignore[arg-type]
        np.testing.assert_array_equal(q[:, 2], np.sin(2.0 * knee))
        np.testing.assert_allclose(u[1:-1, 2], (q[2:, 2] - q[:-2, 2]) / (2.0 * step), atol=1e-4)
        np.testing.assert_allclose(udot[1:-1, 2], (u[2:, 2] - u[:-2, 2]) / (2.0 * step), atol=1e-4)
        np.testing.assert_array_equal(q[:, 1], 0.0)


def pushed(force: Array, point: Array, torque: Array, hz: float = 100.0) -> GroundReaction:
    return GroundReaction(np.arange(len(force)) / hz, force, point, torque)


def about_origin(force: Array, point: Array, torque: Array) -> Array:
    return np.hstack([force, torque + np.cross(point, force)])


class TestGroundReaction:
    time_s = np.arange(0.0, 2.8, 0.01)

    def prepared(self, model: GaitModel, trial: Trial, reaction: GroundReaction) -> PreparedTrial:
        return prepare(replace(trial, ground_reactions={"right": reaction}), model, Processing())

    def slow_push(self) -> GroundReaction:
        """Force, place and free moment that change slower than the filter's cut-off; always on the ground."""
        beat = 2.0 * np.pi * self.time_s / 1.4
        force = np.column_stack([40.0 * np.sin(beat), 700.0 + 150.0 * np.cos(beat), -30.0 + 10.0 * np.cos(beat)])
        point = np.column_stack([0.1 * np.sin(beat), np.full_like(beat, 0.02), 0.1 + 0.02 * np.cos(beat)])
        torque = np.column_stack([0.0 * beat, 4.0 * np.sin(beat), 0.0 * beat])
        return pushed(force, point, torque)

    def test_a_slow_wrench_comes_back_with_its_centre_of_pressure_and_free_moment(
        self, model: GaitModel, trial: Trial
    ) -> None:
        reaction = self.slow_push()
        at = self.time_s[60:-60:7]
        wrench = sample(self.prepared(model, trial, reaction), model, at).ground_reactions["right"]
        np.testing.assert_allclose(wrench.force_N, reaction.force_N[60:-60:7], atol=1.0)
        np.testing.assert_allclose(wrench.point_m, reaction.point_m[60:-60:7], atol=1e-3)
        np.testing.assert_allclose(wrench.torque_Nm, reaction.torque_Nm[60:-60:7], atol=0.3)

    def test_the_free_moment_is_vertical_on_the_plate(self, model: GaitModel, trial: Trial) -> None:
        sampled = sample(self.prepared(model, trial, self.slow_push()), model, self.time_s[60:-60])
        torque = sampled.ground_reactions["right"].torque_Nm
        np.testing.assert_allclose(torque[:, [0, 2]], 0.0, atol=1e-9)
        assert np.ptp(torque[:, 1]) > 5.0

    def test_force_and_moment_together_are_the_filtered_wrench(self, model: GaitModel, trial: Trial) -> None:
        # Noise far above the cut-off, on force, place and torque: the wrench about a fixed point is what is filtered.
        rng = np.random.default_rng(3)
        slow = self.slow_push()
        noisy = pushed(
            slow.force_N + rng.normal(0.0, 20.0, slow.force_N.shape),
            slow.point_m + rng.normal(0.0, 0.003, slow.point_m.shape) * [1.0, 0.0, 1.0],
            slow.torque_Nm,
        )
        wrench = sample(self.prepared(model, trial, noisy), model, self.time_s[60:-60]).ground_reactions["right"]
        mine = about_origin(wrench.force_N, wrench.point_m, wrench.torque_Nm)
        peer = low_pass(about_origin(noisy.force_N, noisy.point_m, noisy.torque_Nm), 100.0, 6.0)[60:-60]
        np.testing.assert_allclose(mine, peer, atol=1e-9)

    def test_around_foot_strike_the_wrench_stays_and_the_place_is_that_of_the_contact(
        self, model: GaitModel, trial: Trial
    ) -> None:
        on = (self.time_s > 0.8) & (self.time_s < 1.5)
        force = np.where(on[:, None], [30.0, 800.0, -50.0], 0.0)
        # In the air the recorded place is nonsense, as in real files.
        point = np.where(on[:, None], [0.2, 0.0, 0.1], [437.0, 0.0, -220.0])
        reaction = pushed(force, point, np.zeros_like(force))
        everywhere = sample(self.prepared(model, trial, reaction), model, self.time_s).ground_reactions["right"]
        np.testing.assert_allclose(everywhere.point_m, np.tile([0.2, 0.0, 0.1], (len(self.time_s), 1)), atol=1e-6)
        mine = about_origin(everywhere.force_N, everywhere.point_m, everywhere.torque_Nm)
        peer = low_pass(about_origin(reaction.force_N, reaction.point_m, reaction.torque_Nm), 100.0, 6.0)
        np.testing.assert_allclose(mine, peer, atol=1e-6)

    def test_beyond_the_recorded_forces_there_is_none(self, model: GaitModel, trial: Trial) -> None:
        slow = self.slow_push()
        half = GroundReaction(slow.time_s[:150], slow.force_N[:150], slow.point_m[:150], slow.torque_Nm[:150])
        wrench = sample(self.prepared(model, trial, half), model, np.array([1.4, 1.6, 2.0])).ground_reactions["right"]
        assert wrench.force_N[0, 1] > 400.0
        np.testing.assert_array_equal(wrench.force_N[1:], 0.0)
        np.testing.assert_allclose(wrench.torque_Nm[1:], 0.0)


def test_a_part_of_a_motion_is_cut_alike_everywhere(model: GaitModel, trial: Trial) -> None:
    whole = sample(prepare(trial, model, Processing()), model, np.linspace(0.5, 2.0, 16))
    part = whole.instants(slice(3, 9))
    for name in ("time_s", "q", "u", "udot"):
        np.testing.assert_array_equal(getattr(part, name), getattr(whole, name)[3:9])
    for side, wrench in part.ground_reactions.items():
        for name in ("force_N", "point_m", "torque_Nm"):
            np.testing.assert_array_equal(getattr(wrench, name), getattr(whole.ground_reactions[side], name)[3:9])


@pytest.mark.data
def test_a_real_recording_with_nonsense_in_the_air(data_folder: Path) -> None:
    recorded = open_trial(data_folder / "overground_walk" / "trial.toml")
    assert recorded.model_file is not None
    own = GaitModel.from_file(recorded.model_file)
    at = np.linspace(recorded.motion.time_s[0], recorded.motion.time_s[-1], 200)
    for wrench in sample(prepare(recorded, own, Processing()), own, at).ground_reactions.values():
        assert np.abs(wrench.point_m).max() < 5.0
