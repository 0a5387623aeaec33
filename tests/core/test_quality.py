"""Figures held against their limits, the recording's and the modified walk's apart."""

from __future__ import annotations

import pytest

from workbench.core.quality import findings_of_checks, passed


def found(**figures: float | None) -> list[tuple[str, str, str]]:
    return [(one.code, one.severity, one.about) for one in findings_of_checks(figures)]


@pytest.mark.parametrize(
    ("figure", "within", "doubtful", "serious", "code"),
    [
        ("residual_force_pct_bw", 9.0, 11.0, 30.0, "residual_force"),
        ("residual_moment_pct_bw_ht", 4.9, 6.0, 11.0, "residual_moment"),
        ("centre_of_pressure_outside_foot_m", 0.019, 0.03, 0.07, "centre_of_pressure"),
        ("foot_missed_mm", 4.9, 6.0, 16.0, "foot_place"),
        ("foot_missed_deg", 1.9, 3.0, 6.0, "foot_angle"),
        ("largest_reserve_moment_Nm", 0.5, 4.0, 12.0, "reserve_moment"),
        ("lowest_lateral_force_bw", 0.1, -0.1, -0.5, "lateral_lift_off"),
        ("lowest_medial_force_bw", 0.1, -0.1, -0.5, "medial_lift_off"),
    ],
)
def test_each_figure_is_graded(figure: str, within: float, doubtful: float, serious: float, code: str) -> None:
    name = f"{figure}_baseline"
    assert found(**{name: within}) == []
    assert len(passed({name: within})) == 1
    assert found(**{name: doubtful}) == [(code, "doubtful", "recording")]
    assert found(**{name: serious}) == [(code, "serious", "recording")]
    assert passed({name: serious}) == []


def test_what_a_change_of_gait_does_is_not_said_of_the_recording() -> None:
    assert found(lowest_lateral_force_bw_baseline=0.2, lowest_lateral_force_bw_modified=-0.5) == [
        ("lateral_lift_off", "serious", "modified walk")
    ]


def test_what_the_recording_brings_along_is_not_blamed_on_the_change() -> None:
    assert found(residual_force_pct_bw_baseline=30.0, residual_force_pct_bw_modified=30.5) == [
        ("residual_force", "serious", "recording")
    ]
    assert len(found(residual_force_pct_bw_baseline=30.0, residual_force_pct_bw_modified=60.0)) == 2


def test_residuals_that_nobody_knows_are_told() -> None:
    assert found(residual_force_pct_bw_baseline=None) == [("residuals_unknown", "note", "recording")]
