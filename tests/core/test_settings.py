"""What can be set: limits, words for what is wrong, and one declaration for each setting."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import FrozenInstanceError, fields, replace

import pytest

from workbench.core.changes import KINDS, Changes
from workbench.core.declaration import Number, settings_of
from workbench.core.errors import SettingError
from workbench.core.settings import (
    GROUPS,
    SETTINGS,
    GaitModification,
    LoadSettings,
    Processing,
    assumptions_alone,
    modification_from_words,
)


class TestSettings:
    @pytest.mark.parametrize(
        ("make", "message"),
        [
            (lambda: GaitModification(foot_progression_change_deg=25.1), "foot progression angle is 25.1 degrees"),
            (lambda: GaitModification(foot_progression_change_deg=-30.0), "outside -25 to 25 degrees"),
            (lambda: GaitModification(foot_progression_change_deg=float("nan")), "foot progression angle is nan"),
            (lambda: GaitModification(step_width_change_m=0.16), "step width is 0.16 m, outside -0.15 to 0.15 m"),
            (lambda: GaitModification(step_width_change_m=-10.0), "step width is -10 m"),
            (lambda: GaitModification(pivot=1.01), "the pivot is 1.01 × foot length, outside 0 to 1"),
            (lambda: GaitModification(pivot=-0.1), "the pivot is -0.1"),
            (lambda: GaitModification(swing_fade=1.5), "the swing fade is 1.5"),
            (lambda: GaitModification(virtual_point_statures=0.5), "the virtual point is 0.5 × body height"),
            (lambda: GaitModification(virtual_point_statures=100.0), "the virtual point is 100 × body height"),
            (lambda: GaitModification(sides="left"), r"sides is 'left'\. Use one of both, one\."),
            (lambda: LoadSettings(contact_spacing_m=40.0), "the contact spacing is 40 m, outside 0.02 to 0.08 m"),
            (lambda: LoadSettings(contact_spacing_m=0.0), "the contact spacing is 0 m"),
            (lambda: LoadSettings(contact_offset_m=0.021), "the contact offset is 0.021 m"),
            (lambda: LoadSettings(frontal_alignment_deg=16.0), "the frontal alignment is 16 degrees"),
            (
                lambda: LoadSettings(gastrocnemius_weight=0.0),
                "the weight of the gastrocnemius is 0 .* outside 0.1 to 100",
            ),
            (lambda: LoadSettings(hamstrings_weight=-3.0), "the weight of the hamstrings is -3"),
            (
                lambda: GaitModification(lean_height_statures=0.2),
                "the lean height is 0.2 × body height, outside 0.45 to 2",
            ),
            (lambda: GaitModification(balance="free"), "balance is 'free'. Use one of solved, held"),
            (lambda: LoadSettings(moment_frame="lab"), "the moment frame is 'lab'. Use one of tibia, femur, walkway"),
            (lambda: LoadSettings(weights="none"), "the set of muscle weights is 'none'. Use one of contact, equal"),
            (lambda: LoadSettings(passive_muscle_force=1), "passive muscle force is 1. Use True or False"),
            (lambda: Processing(coordinate_cutoff_hz=0.0), "the cut-off for the coordinates is 0 Hz"),
            (lambda: Processing(force_cutoff_hz=1000.0), "the cut-off for the ground reaction is 1000 Hz"),
            (lambda: Processing(contact_threshold_N=0.0), "the contact threshold is 0 N"),
        ],
    )
    def test_what_cannot_be_computed_is_refused_with_value_and_range(
        self, make: Callable[[], object], message: str
    ) -> None:
        with pytest.raises(SettingError, match=message):
            make()

    def test_limits_themselves_are_allowed(self) -> None:
        GaitModification(
            foot_progression_change_deg=25.0, step_width_change_m=-0.15, sides="one", pivot=0.0,
            virtual_point_statures=None, swing_fade=0.0,
        )  # fmt: skip
        LoadSettings(contact_spacing_m=0.08, contact_offset_m=-0.02, frontal_alignment_deg=-15.0)

    def test_nothing_is_changed_only_where_both_changes_are_zero(self) -> None:
        assert GaitModification(pivot=0.2).is_none
        assert not GaitModification(foot_progression_change_deg=1e-9).is_none
        assert not GaitModification(step_width_change_m=-1e-9).is_none

    @pytest.mark.parametrize("value", [GaitModification(), LoadSettings(), Processing()])
    def test_values_are_frozen_and_can_be_keys(self, value: object) -> None:
        with pytest.raises(FrozenInstanceError):
            setattr(value, fields(value)[0].name, 1.0)  # type: ignore[arg-type]
        assert {value: 1}[value] == 1


class TestDeclarations:
    @pytest.mark.parametrize("owner", GROUPS.values())
    def test_every_field_but_the_changes_is_declared(self, owner: type) -> None:
        assert {field.name for field in fields(owner)} - {"changes"} == set(settings_of(owner))

    def test_no_two_share_a_parameter_or_a_place_in_the_address(self) -> None:
        taken = [kind.shown_name for kind in KINDS.values()]
        taken += [kind.key for kind in KINDS.values()]
        for setting in SETTINGS.values():
            taken += [setting.shown_name]
            if isinstance(setting, Number) and setting.without:
                taken += [setting.without.shown_name]
        assert len(taken) == len(set(taken))

    @pytest.mark.parametrize("setting", SETTINGS.values(), ids=lambda one: one.name)
    def test_default_and_alternatives_can_be_computed(self, setting) -> None:
        for value in (setting.default, *setting.alternatives):
            setting.check(value)
        assert setting.source


class TestWords:
    @pytest.mark.parametrize(
        ("named", "message"),
        [
            ({"toein": 10}, r"there is no 'toein'\. Did you mean toe_in_deg\?"),
            ({"wider": 4}, r"there is no 'wider'\. Did you mean wider_cm\?"),
            ({"pivott": 0.4}, r"Did you mean pivot\?"),
            ({"colour": "red"}, "there is no 'colour'. There are toe_out_deg, toe_in_deg, "),
            ({"toe_in_deg": "ten"}, "toe_in_deg is 'ten', which is not a number"),
            ({"toe_in_deg": True}, "toe_in_deg is True, which is not a number"),
            ({"toe_in_deg": float("nan")}, "toe_in_deg is nan; it must be 0 or more"),
            ({"toe_in_deg": 400}, "foot progression angle is -400 degrees, outside -25 to 25 degrees"),
            ({"pivot": "heel"}, "the pivot is 'heel', which is not a number"),
            ({"wider_cm": 2, "narrower_cm": 2}, "give narrower or wider, not both"),
        ],
    )
    def test_what_is_wrong_is_said_with_what_may_be_meant(self, named: dict[str, object], message: str) -> None:
        with pytest.raises(SettingError, match=message):
            modification_from_words(named)

    def test_a_change_is_no_assumption(self) -> None:
        with pytest.raises(SettingError, match="there is no 'toe_in_deg'"):
            assumptions_alone({"toe_in_deg": 5.0})

    def test_nothing_the_other_way_is_nothing(self) -> None:
        assert modification_from_words({"toe_in_deg": 5, "toe_out_deg": 0.0}).changes == Changes(
            foot_progression_change_deg=-5.0
        )
        assert modification_from_words({"toe_in_deg": 0}).is_none


class TestChanges:
    @pytest.mark.parametrize(
        ("values", "words"),
        [
            ({}, "no change"),
            ({"foot_progression_change_deg": -10.0}, "toe-in 10°"),
            ({"foot_progression_change_deg": 2.5}, "toe-out 2.5°"),
            ({"step_width_change_m": 0.07}, "7 cm wider steps"),
            ({"step_width_change_m": -0.03, "foot_progression_change_deg": -5.0}, "toe-in 5° and 3 cm narrower steps"),
        ],
    )
    def test_they_are_said_in_words(self, values: dict[str, float], words: str) -> None:
        assert str(Changes(values)) == words

    def test_what_is_zero_is_not_changed(self) -> None:
        assert Changes(step_width_change_m=-0.0) == Changes() == Changes({"foot_progression_change_deg": 0})
        assert hash(Changes(step_width_change_m=0.0)) == hash(Changes())
        assert dict(Changes()) == dict.fromkeys(KINDS, 0.0)

    def test_another_name_is_refused_and_not_looked_up(self) -> None:
        with pytest.raises(SettingError, match="Did you mean step_width_change_m"):
            Changes(step_width_change_cm=4.0)
        with pytest.raises(KeyError):
            Changes()["step_width"]

    def test_changes_can_be_set_one_by_one(self) -> None:
        both = GaitModification(foot_progression_change_deg=-10.0, step_width_change_m=0.04, sides="one")
        wider = GaitModification(step_width_change_m=0.04, sides="one")
        assert wider.changed({"foot_progression_change_deg": -10}) == both
        assert replace(both, sides="both").changes == both.changes
