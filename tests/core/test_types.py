"""Value types: what they accept, what they say, and that nobody can change them afterwards."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import FrozenInstanceError, fields

import numpy as np
import pytest

from workbench.core.errors import SettingError, TrialError
from workbench.core.types import (
    GaitModification,
    GroundReaction,
    LoadSettings,
    MeasuredLoads,
    Motion,
    Processing,
    Stride,
    Subject,
    frozen_array,
)


class TestSubject:
    def test_weight_and_the_unit_of_the_knee_moments(self) -> None:
        subject = Subject(mass_kg=80.0, height_m=1.75)
        assert subject.body_weight_N == pytest.approx(784.532)
        assert subject.pct_bw_ht_Nm == pytest.approx(784.532 * 1.75 / 100.0)

    @pytest.mark.parametrize("mass_kg", [7500.0, 75000.0, 0.0, -75.0, 19.9, 250.1, float("nan")])
    def test_a_mass_that_is_none_is_named_with_its_unit(self, mass_kg: float) -> None:
        with pytest.raises(TrialError, match=r"the mass is .* kg, outside 20 to 250 kg\. Give the mass in kilograms"):
            Subject(mass_kg, 1.75)

    @pytest.mark.parametrize("height_m", [175.0, 1750.0, 0.99, 2.31, float("nan")])
    def test_a_height_that_is_none_is_named_with_its_unit(self, height_m: float) -> None:
        with pytest.raises(TrialError, match=r"the height is .* m, outside 1.0 to 2.3 m\. Give the height in metres"):
            Subject(75.0, height_m)

    @pytest.mark.parametrize(("mass_kg", "height_m"), [(20.0, 1.0), (250.0, 2.3)])
    def test_the_limits_themselves_are_allowed(self, mass_kg: float, height_m: float) -> None:
        Subject(mass_kg, height_m)


class TestArrays:
    def test_a_copy_is_kept_that_cannot_be_written(self) -> None:
        values = np.zeros((2, 3))
        kept = frozen_array(values, (None, 3), "the force")
        values[0, 0] = 1.0
        assert kept[0, 0] == 0.0
        with pytest.raises(ValueError, match="read-only"):
            kept[0, 0] = 2.0

    def test_whole_numbers_become_floats(self) -> None:
        assert frozen_array([1, 2], (2,), "it").dtype == np.float64

    @pytest.mark.parametrize("shape", [(3, 2), (2,), (2, 3, 1)])
    def test_another_shape_is_refused_with_both_shapes(self, shape: tuple[int, ...]) -> None:
        with pytest.raises(TrialError, match=r"the force has shape .*, expected \(None, 3\)\."):
            frozen_array(np.zeros(shape), (None, 3), "the force")

    @pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
    def test_the_first_row_with_a_gap_is_named_counting_from_one(self, bad: float) -> None:
        values = np.zeros((5, 3))
        values[3, 1] = values[4, 0] = bad
        with pytest.raises(TrialError, match=r"the force has a missing or infinite value at row 4\. Fill the gap"):
            frozen_array(values, (None, 3), "the force")

    def test_motion_and_forces_are_checked_against_their_own_time(self) -> None:
        time_s, three = np.arange(4.0), np.zeros((4, 3))
        assert Motion(time_s, ("a", "b", "c"), three, True).values.shape == (4, 3)
        with pytest.raises(TrialError, match="the motion has shape"):
            Motion(time_s, ("a", "b"), three, True)
        for name, position in (("force", 0), ("point", 1), ("centre of pressure", 1), ("torque", 2)):
            parts = [three, three, three]
            parts[position] = np.zeros((5, 3))
            message = "the centre of pressure" if name == "point" else name
            with pytest.raises(TrialError, match=message):
                GroundReaction(time_s, *parts)
        with pytest.raises(TrialError, match="the measured lateral force"):
            MeasuredLoads("left", time_s, np.zeros(4), np.zeros(3))

    def test_the_arrays_inside_cannot_be_written_either(self) -> None:
        reaction = GroundReaction(np.arange(4.0), *(np.zeros((4, 3)) for _ in range(3)))
        loads = MeasuredLoads("left", np.arange(4.0), np.zeros(4), np.zeros(4))
        motion = Motion(np.arange(4.0), ("a",), np.zeros((4, 1)), True)
        for one in (reaction, loads, motion):
            arrays = [getattr(one, field.name) for field in fields(one)]
            assert not any(values.flags.writeable for values in arrays if isinstance(values, np.ndarray))


class TestStride:
    def test_a_stride(self) -> None:
        stride = Stride("left", 1, start_s=2.0, toe_off_s=2.6, end_s=3.0)
        assert stride.whole
        assert stride.duration_s == pytest.approx(1.0)
        assert stride.stance_percent == pytest.approx(60.0)

    def test_a_lone_stance_ends_with_toe_off(self) -> None:
        stance = Stride("left", 1, start_s=2.0, toe_off_s=2.6, end_s=2.6)
        assert not stance.whole
        assert stance.duration_s == pytest.approx(0.6)
        assert stance.stance_percent == pytest.approx(100.0)


class TestSettings:
    @pytest.mark.parametrize(
        ("make", "message"),
        [
            (lambda: GaitModification(foot_progression_change_deg=20.1), "foot progression angle is 20.1 degrees"),
            (lambda: GaitModification(foot_progression_change_deg=-30.0), "outside -20 to 20 degrees"),
            (lambda: GaitModification(foot_progression_change_deg=float("nan")), "foot progression angle is nan"),
            (lambda: GaitModification(step_width_change_m=0.16), "step width is 0.16 m, outside -0.15 to 0.15 m"),
            (lambda: GaitModification(step_width_change_m=-10.0), "step width is -10 m"),
            (lambda: GaitModification(pivot=1.01), "the pivot is 1.01 of foot length, outside 0 to 1"),
            (lambda: GaitModification(pivot=-0.1), "the pivot is -0.1"),
            (lambda: GaitModification(swing_fade=1.5), "the swing fade is 1.5"),
            (lambda: GaitModification(virtual_point_statures=0.5), "the virtual point is 0.5 statures"),
            (lambda: GaitModification(virtual_point_statures=100.0), "the virtual point is 100 statures"),
            (lambda: GaitModification(sides="left"), r'sides is \'left\'\. Use "both" or "one"\.'),
            (lambda: LoadSettings(contact_spacing_m=40.0), "the contact spacing is 40 m, outside 0.02 to 0.08 m"),
            (lambda: LoadSettings(contact_spacing_m=0.0), "the contact spacing is 0 m"),
            (lambda: LoadSettings(contact_offset_m=0.021), "the contact offset is 0.021 m"),
            (lambda: LoadSettings(frontal_alignment_deg=16.0), "the frontal alignment is 16 degrees"),
            (lambda: LoadSettings(moment_frame="lab"), "the moment frame is 'lab'. Use one of tibia, femur, walkway"),
            (
                lambda: LoadSettings(gastrocnemius_weight=0.0),
                "the weight of the gastrocnemius is 0 .* outside 0.1 to 100",
            ),
            (lambda: LoadSettings(hamstrings_weight=-3.0), "the weight of the hamstrings is -3"),
            (lambda: Processing(coordinate_cutoff_hz=0.0), "the cut-off of the coordinates is 0 Hz"),
            (lambda: Processing(force_cutoff_hz=1000.0), "the cut-off of the ground reaction is 1000 Hz"),
            (lambda: Processing(contact_threshold_N=0.0), "the contact threshold is 0 N"),
        ],
    )
    def test_what_cannot_be_computed_is_refused_with_value_and_range(
        self, make: Callable[[], object], message: str
    ) -> None:
        with pytest.raises(SettingError, match=message):
            make()

    def test_what_the_defaults_cite_they_are(self) -> None:
        # Lerner et al. 2015: contact points 40 mm apart; Kristianslund et al. 2012: one cut-off for motion and forces.
        assert LoadSettings().contact_spacing_m == 0.040
        assert Processing().coordinate_cutoff_hz == Processing().force_cutoff_hz

    def test_limits_themselves_are_allowed(self) -> None:
        GaitModification(20.0, -0.15, "one", 0.0, None, 0.0)
        LoadSettings(contact_spacing_m=0.08, contact_offset_m=-0.02, frontal_alignment_deg=-15.0)

    def test_nothing_is_changed_only_where_both_changes_are_zero(self) -> None:
        assert GaitModification(pivot=0.2).is_none
        assert not GaitModification(foot_progression_change_deg=1e-9).is_none
        assert not GaitModification(step_width_change_m=-1e-9).is_none

    @pytest.mark.parametrize("value", [GaitModification(), LoadSettings(), Processing(), Subject(70.0, 1.7)])
    def test_values_are_frozen_and_can_be_keys(self, value: object) -> None:
        with pytest.raises(FrozenInstanceError):
            setattr(value, fields(value)[0].name, 1.0)  # type: ignore[arg-type]
        assert {value: 1}[value] == 1
