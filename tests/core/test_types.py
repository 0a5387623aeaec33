"""Value types: what they accept, what they say, and that nobody can change them afterwards."""

from __future__ import annotations

from dataclasses import fields

import numpy as np
import pytest

from workbench.core.errors import TrialError
from workbench.core.types import GroundReaction, MeasuredLoads, Motion, Stride, Subject, frozen_array


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
