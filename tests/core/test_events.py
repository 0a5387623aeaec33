"""Foot strikes, toe-offs and strides: on curves with known events, and on the real recordings."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tests.synthetic import FIRST_STRIKE_S, MASS_KG, STANCE_S, STRIDE_S, synthetic_walk
from workbench.core.contacts import Contact, contact_intervals, contacts_of
from workbench.core.errors import TrialError
from workbench.core.events import find_strides, most_typical, search_strides
from workbench.core.types import Array, GroundReaction, Motion, Stride, Subject, Trial
from workbench.core.vocabulary import Side
from workbench.trials import open_trial

WEIGHT_N = Subject(MASS_KG, 1.75).body_weight_N


def force(*contacts: tuple[float, float], until: float = 4.0, hz: float = 200.0) -> tuple[Array, Array]:
    """Time and a vertical force of 700 N during each contact (start, end)."""
    time_s = np.arange(0.0, until, 1.0 / hz)
    vertical = np.zeros_like(time_s)
    for start, end in contacts:
        vertical[(time_s >= start - 1e-9) & (time_s <= end + 1e-9)] = 700.0
    return time_s, vertical


def trial(
    left: tuple[Array, Array] | None = None,
    right: tuple[Array, Array] | None = None,
    *,
    motion_s: tuple[float, float] = (0.0, 4.0),
    **more: object,
) -> Trial:
    """A trial of which only times and vertical forces matter."""
    time_s = np.arange(motion_s[0], motion_s[1] + 1e-9, 0.01)
    motion = Motion(time_s, ("knee_angle_l",), np.zeros((len(time_s), 1)), True)
    reactions = {}
    for side, curve in (("left", left), ("right", right)):
        if curve is not None:
            zero = np.zeros((len(curve[0]), 3))
            upward = zero.copy()
            upward[:, 1] = curve[1]
            reactions[side] = GroundReaction(curve[0], upward, zero, zero)
    return Trial("made up", Subject(MASS_KG, 1.75), motion, reactions, **more)  # type: ignore[arg-type]


class TestContactIntervals:
    def test_nothing_on_the_ground(self) -> None:
        assert contact_intervals(*force()) == ()

    def test_ends_lie_where_the_force_crosses_the_threshold(self) -> None:
        time_s = np.arange(0.0, 2.0, 0.1)
        vertical = np.interp(time_s, [0.5, 0.6, 1.2, 1.3], [0.0, 40.0, 40.0, 0.0])
        (contact,) = contact_intervals(time_s, vertical, 20.0)
        assert contact.start_s == pytest.approx(0.55)
        assert contact.end_s == pytest.approx(1.25)
        assert contact.complete

    def test_higher_threshold_shortens_the_contact(self) -> None:
        time_s = np.linspace(0.0, 2.0, 201)
        vertical = 700.0 * np.clip(np.sin(np.pi * (time_s - 0.5)), 0.0, None)
        low, high = (contact_intervals(time_s, vertical, threshold)[0] for threshold in (20.0, 50.0))
        assert high.start_s > low.start_s
        assert high.end_s < low.end_s

    def test_knock_on_the_plate_is_no_contact(self) -> None:
        assert contact_intervals(*force((1.0, 1.15))) == ()

    def test_spike_before_a_contact_does_not_move_its_foot_strike(self) -> None:
        clean = contact_intervals(*force((1.0, 1.7)))
        assert contact_intervals(*force((0.96, 0.97), (1.0, 1.7))) == clean

    def test_short_drop_out_is_bridged(self) -> None:
        (contact,) = contact_intervals(*force((1.0, 1.15), (1.2, 1.7)))
        assert contact.start_s == pytest.approx(1.0, abs=0.005)
        assert contact.end_s == pytest.approx(1.7, abs=0.005)

    def test_swing_is_not_bridged(self) -> None:
        assert len(contact_intervals(*force((0.5, 1.2), (1.6, 2.3)))) == 2

    def test_contact_cut_by_the_recording_says_so(self) -> None:
        first, last = contact_intervals(*force((0.0, 0.1), (3.9, 4.0)))
        assert (first.start_recorded, first.end_recorded, first.start_s) == (False, True, 0.0)
        assert (last.start_recorded, last.end_recorded) == (True, False)

    def test_on_the_ground_throughout(self) -> None:
        time_s, vertical = force((0.0, 4.0))
        assert contact_intervals(time_s, vertical) == (Contact(0.0, float(time_s[-1]), False, False),)

    def test_negative_offset_is_not_a_contact(self) -> None:
        time_s, vertical = force((1.0, 1.7))
        assert len(contact_intervals(time_s, vertical - 15.0)) == 1


class TestStridesFromTheForce:
    def test_from_foot_strike_to_foot_strike(self) -> None:
        strides = find_strides(trial(left=force((0.5, 1.2), (1.6, 2.3), (2.7, 3.4))), "left")
        assert [s.number for s in strides] == [1, 2]
        assert [(s.start_s, s.toe_off_s, s.end_s) for s in strides] == [
            pytest.approx(t, abs=0.006) for t in ((0.5, 1.2, 1.6), (1.6, 2.3, 2.7))
        ]
        assert all(s.side == "left" and s.whole for s in strides)

    def test_contact_already_begun_has_no_foot_strike(self) -> None:
        strides = find_strides(trial(left=force((0.0, 0.4), (0.8, 1.5), (1.9, 2.6))), "left")
        assert [s.start_s for s in strides] == [pytest.approx(0.8, abs=0.006)]

    def test_last_foot_strike_needs_no_toe_off(self) -> None:
        (stride,) = find_strides(trial(left=force((2.5, 3.2), (3.6, 4.0))), "left")
        assert stride.end_s == pytest.approx(3.6, abs=0.006)

    def test_both_ends_lie_within_the_motion(self) -> None:
        curve = force((0.5, 1.2), (1.6, 2.3), (2.7, 3.4))
        (stride,) = find_strides(trial(left=curve, motion_s=(0.6, 3.0)), "left")
        assert stride.start_s == pytest.approx(1.6, abs=0.006)

    def test_one_stance_where_there_is_no_whole_stride(self) -> None:
        (stance,) = find_strides(trial(left=force((1.0, 1.7))), "left")
        assert not stance.whole
        assert stance.end_s == stance.toe_off_s
        assert stance.stance_percent == 100.0

    def test_neither_stride_nor_stance(self) -> None:
        with pytest.raises(TrialError, match="no complete stance of the left foot"):
            find_strides(trial(left=force((0.0, 0.6), (3.5, 4.0))), "left")

    def test_foot_without_force(self) -> None:
        with pytest.raises(TrialError, match="no ground reaction of the right foot"):
            find_strides(trial(left=force((1.0, 1.7))), "right")

    def test_stance_cut_by_the_motion_is_not_complete(self) -> None:
        with pytest.raises(TrialError, match="no complete stance"):
            find_strides(trial(left=force((1.0, 1.7)), motion_s=(0.0, 1.6)), "left")


class TestStridesLeftOut:
    def test_missed_plate_between_two_contacts(self) -> None:
        found = search_strides(trial(left=force((0.3, 1.0), (2.5, 3.2))), "left")
        assert [s.whole for s in found.strides] == [False, False]
        assert "stance is 32 %" in found.findings[0].problem

    def test_foot_that_stays_on_the_wrong_belt(self) -> None:
        found = search_strides(trial(left=force((0.2, 0.9), (1.3, 2.35), (2.5, 3.2))), "left")
        assert [s.start_s for s in found.strides] == [pytest.approx(0.2, abs=0.006)]
        assert "left stride at 1.30 s" in found.findings[0].problem

    def test_too_long_a_stride(self) -> None:
        found = search_strides(trial(left=force((0.3, 2.0), (3.5, 3.9), until=5.0), motion_s=(0.0, 5.0)), "left")
        assert not found.strides[0].whole
        assert "lasts 3.20 s" in found.findings[0].problem

    def test_foot_partly_beside_the_plate(self) -> None:
        time_s, vertical = force((0.5, 1.2), (1.6, 2.3), (2.7, 3.4))
        vertical[time_s < 1.4] *= 0.3
        found = search_strides(trial(left=(time_s, vertical)), "left")
        assert len(found.strides) == 1
        assert "partly off the plate" in found.findings[0].problem

    def test_why_nothing_is_left_is_told(self) -> None:
        with pytest.raises(TrialError, match=r"it lasts 0\.26 s"):
            find_strides(trial(left=force((1.0, 1.25))), "left")


class TestGivenEvents:
    def test_second_strike_off_the_plates(self) -> None:
        given = trial(left=force((0.5, 1.2)), foot_strikes_s={"left": (0.5, 1.6)})
        (stride,) = find_strides(given, "left")
        assert (stride.start_s, stride.end_s) == (0.5, 1.6)
        assert stride.toe_off_s == pytest.approx(1.2, abs=0.006)

    def test_strike_before_the_recording_of_a_contact(self) -> None:
        given = trial(left=force((0.0, 0.7)), foot_strikes_s={"left": (0.0, 1.1)})
        (stride,) = find_strides(given, "left")
        assert (stride.start_s, stride.end_s) == (0.0, 1.1)

    def test_toe_offs_take_precedence_too(self) -> None:
        given = trial(left=force((0.5, 1.2)), foot_strikes_s={"left": (0.5, 1.6)}, foot_offs_s={"left": (1.15,)})
        assert find_strides(given, "left")[0].toe_off_s == 1.15

    def test_rounded_strike_just_after_the_last_frame_counts(self) -> None:
        given = trial(left=force((0.5, 1.2)), motion_s=(0.0, 1.6), foot_strikes_s={"left": (0.5, 1.604)})
        (stride,) = find_strides(given, "left")
        assert stride.end_s == pytest.approx(1.6)

    def test_strike_after_the_motion_leaves_a_stance(self) -> None:
        given = trial(left=force((0.5, 1.2)), motion_s=(0.0, 1.5), foot_strikes_s={"left": (0.5, 1.6)})
        assert not find_strides(given, "left")[0].whole

    def test_other_foot_is_still_found_from_its_force(self) -> None:
        given = trial(left=force((0.5, 1.2)), right=force((1.0, 1.7), (2.1, 2.8)), foot_strikes_s={"left": (0.5, 1.6)})
        assert find_strides(given, "right")[0].start_s == pytest.approx(1.0, abs=0.006)


class TestContactsThatCount:
    """Events given with the trial come first, for each foot and each kind."""

    def spans(self, given: Trial, side: Side = "left") -> list[tuple[float, float]]:
        return [(round(one.start_s, 2), round(one.end_s, 2)) for one in contacts_of(given, side)]

    def test_without_events_the_force_decides(self) -> None:
        assert self.spans(trial(left=force((0.5, 1.2), (1.6, 2.3)))) == [(0.5, 1.2), (1.6, 2.3)]

    def test_given_events_replace_those_of_the_force(self) -> None:
        given = trial(
            left=force((0.5, 1.2), (1.6, 2.3)), foot_strikes_s={"left": (0.52, 1.62)}, foot_offs_s={"left": (1.1, 2.2)}
        )
        assert self.spans(given) == [(0.52, 1.1), (1.62, 2.2)]

    def test_a_strike_off_the_plates_ends_the_swing_before_it(self) -> None:
        given = trial(left=force((0.5, 1.2)), foot_strikes_s={"left": (0.5, 1.6)})
        assert self.spans(given) == [(0.5, 1.2), (1.6, 4.0)]
        assert [one.end_recorded for one in contacts_of(given, "left")] == [True, False]

    def test_a_toe_off_before_the_first_strike_began_earlier(self) -> None:
        given = trial(left=force(), foot_strikes_s={"left": (0.8,)}, foot_offs_s={"left": (0.3, 1.4)})
        assert self.spans(given) == [(0.0, 0.3), (0.8, 1.4)]

    def test_a_foot_that_nobody_knows_anything_of_has_none(self) -> None:
        assert self.spans(trial(left=force((0.5, 1.2))), "right") == []


class TestPeriodicTrial:
    """One closed cycle of 1.1 s: the right foot strikes at 0, the left one at 0.55."""

    @pytest.fixture(params=["closed", "open"])
    def cycle(self, request: pytest.FixtureRequest) -> Trial:
        # The closing sample, equal to the first, may be there or not.
        time_s = np.arange(111 if request.param == "closed" else 110) * 0.01
        right = (time_s, np.where(np.mod(time_s, 1.1) < 0.68, 700.0, 0.0))
        left = (time_s, np.where(np.mod(time_s - 0.55, 1.1) < 0.68, 700.0, 0.0))
        return trial(
            left,
            right,
            motion_s=(0.0, float(time_s[-1])),
            periodic=True,
            foot_strikes_s={"right": (0.0, 1.1), "left": (0.55, 1.65)},
        )

    @pytest.mark.parametrize(("side", "strike"), [("right", 0.0), ("left", 0.55)])
    def test_one_stride_of_the_given_strikes(self, cycle: Trial, side: Side, strike: float) -> None:
        (stride,) = find_strides(cycle, side)
        assert (stride.start_s, stride.end_s) == pytest.approx((strike, strike + 1.1))
        assert stride.toe_off_s - stride.start_s == pytest.approx(0.68, abs=0.011)

    def test_one_given_strike_a_foot_is_enough(self, cycle: Trial) -> None:
        single = replace(cycle, foot_strikes_s={"right": (0.0, 1.1), "left": (0.55,)})
        assert find_strides(single, "left")[0].end_s == pytest.approx(1.65)

    def test_given_toe_off_may_lie_before_the_strike(self, cycle: Trial) -> None:
        given = replace(cycle, foot_offs_s={"left": (0.13,)})
        assert find_strides(given, "left")[0].toe_off_s == pytest.approx(1.23)

    def test_strikes_from_the_force(self, cycle: Trial) -> None:
        found = replace(cycle, foot_strikes_s={"right": (0.0, 1.1)})
        assert find_strides(found, "left")[0].start_s == pytest.approx(0.55, abs=0.011)

    def test_typical_stride_of_one(self, cycle: Trial) -> None:
        strides = find_strides(cycle, "left")
        assert most_typical(strides, cycle) == strides[0]


class TestMostTypical:
    def test_closest_to_the_mean(self) -> None:
        time_s, vertical = force((0.2, 0.9), (1.3, 2.0), (2.4, 3.1), (3.5, 4.0))
        vertical[(time_s > 1.1) & (time_s < 2.2)] *= 1.05
        vertical[time_s > 2.2] *= 1.2
        walk = trial(left=(time_s, vertical))
        assert most_typical(find_strides(walk, "left"), walk).number == 2

    def test_lowest_number_of_equal_strides(self) -> None:
        walk = trial(left=force((0.2, 0.9), (1.3, 2.0), (2.4, 3.1)))
        strides = find_strides(walk, "left")
        assert most_typical(strides[::-1], walk).number == 1

    def test_no_stride(self) -> None:
        with pytest.raises(TrialError, match="no stride to choose from"):
            most_typical([], trial(left=force((1.0, 1.7))))


def test_synthetic_walk_has_the_events_it_was_made_with(tmp_path: Path) -> None:
    walk = open_trial(synthetic_walk().write(tmp_path))
    first = {side: find_strides(walk, side)[0] for side in ("left", "right")}
    for side, stride in first.items():
        assert stride.start_s == pytest.approx(FIRST_STRIKE_S[side[0]], abs=0.01)
        assert stride.toe_off_s - stride.start_s == pytest.approx(STANCE_S, abs=0.01)
        assert stride.duration_s == pytest.approx(STRIDE_S, abs=0.001)


@pytest.mark.data
class TestRealRecordings:
    def test_treadmill(self, data_folder: Path) -> None:
        walk = open_trial(data_folder / "treadmill_walk")
        counts = {side: search_strides(walk, side) for side in ("left", "right")}
        assert {side: len(found.strides) for side, found in counts.items()} == {"left": 53, "right": 54}
        for found in counts.values():
            assert all(s.whole and 60 < s.stance_percent < 66 and 1.0 < s.duration_s < 1.2 for s in found.strides)
            assert most_typical(found.strides, walk) in found.strides

    def test_overground_has_one_left_stance(self, data_folder: Path) -> None:
        walk = open_trial(data_folder / "overground_walk")
        (stance,) = find_strides(walk, "left")
        assert not stance.whole
        assert (stance.start_s, stance.toe_off_s) == pytest.approx((0.8355, 1.5897), abs=0.001)
        with pytest.raises(TrialError, match="no complete stance of the right foot"):
            find_strides(walk, "right")

    def test_implant_stride_ends_off_the_plates(self, data_folder: Path) -> None:
        (stride,) = find_strides(open_trial(data_folder / "implant_ps"), "left")
        assert stride == Stride("left", 1, 0.0, pytest.approx(0.7034, abs=0.001), pytest.approx(1.0917, abs=0.001))
