from __future__ import annotations

from workbench.core.changes import Changes
from workbench.core.comparison import change_to_simulate, not_simulated


class TestWhatIsSimulated:
    def test_the_width_leaves_out_what_turning_the_feet_does(self) -> None:
        taken, findings = change_to_simulate(
            {"foot_progression_change_deg": -10.0, "step_width_change_m": 0.06}, {"step_width_change_m": 0.045}
        )
        assert {name: round(value, 9) for name, value in taken.items() if value} == {
            "foot_progression_change_deg": -10.0,
            "step_width_change_m": 0.015,
        }
        assert findings == ()

    def test_more_than_can_be_simulated_is_said(self) -> None:
        taken, findings = change_to_simulate({"foot_progression_change_deg": -31.0, "step_width_change_m": 0.30})
        assert taken == Changes(foot_progression_change_deg=-25.0, step_width_change_m=0.15)
        assert [finding.severity for finding in findings] == ["serious", "serious"]
        assert "-31 °; -25 °" in findings[0].problem


class TestWhatIsLeftOut:
    def test_a_longer_stance_is_named(self) -> None:
        (finding,) = not_simulated({"trunk_lean_change_deg": 17.8, "stance_time_change_s": 0.07})
        assert "stance time +0.07 s" in finding.problem
        assert "trunk lean" not in finding.problem

    def test_small_changes_are_not(self) -> None:
        assert not_simulated({"trunk_lean_change_deg": 0.5, "stance_time_change_s": 0.01}) == ()
