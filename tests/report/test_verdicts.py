from __future__ import annotations

from dataclasses import replace

import pytest

from workbench.core.results import Simulation
from workbench.core.types import Trial
from workbench.report.verdicts import Colour, verdicts


def colours_of(trial: Trial, answer: Simulation | None) -> dict[str, Colour]:
    return {one.what: one.colour for one in verdicts(trial, answer)}


@pytest.mark.parametrize(
    ("check", "value", "what", "colour"),
    [
        ("residual_force_pct_bw_baseline", 4.0, "Residual force at the pelvis", "green"),
        ("residual_force_pct_bw_baseline", 9.0, "Residual force at the pelvis", "amber"),
        ("residual_force_pct_bw_baseline", 30.0, "Residual force at the pelvis", "red"),
        ("residual_moment_pct_bw_ht_baseline", 3.0, "Residual moment at the pelvis", "amber"),
        ("centre_of_pressure_outside_foot_m_baseline", 0.04, "Centre of pressure", "red"),
        ("largest_reserve_moment_Nm", 0.0, "Moment the muscles could not supply", "green"),
        ("lift_off_prevented_lateral_bw", 0.0, "Lateral compartment", "green"),
        ("lift_off_prevented_lateral_bw", 0.1, "Lateral compartment", "amber"),
        ("lift_off_prevented_lateral_bw", 0.5, "Lateral compartment", "red"),
        ("lowest_lateral_force_bw", -0.5, "Lateral compartment", "red"),
    ],
)
def test_checks_are_graded(
    reference: Trial, recorded: Simulation, check: str, value: float, what: str, colour: Colour
) -> None:
    answer = replace(recorded, checks={**recorded.checks, check: value})
    assert colours_of(reference, answer)[what] == colour


def test_lift_off_and_what_it_takes_to_prevent_it_are_told(reference: Trial, recorded: Simulation) -> None:
    def told(lowest_bw: float, held_bw: float) -> str:
        found = {"lowest_lateral_force_bw": lowest_bw, "lift_off_prevented_lateral_bw": held_bw}
        answer = replace(recorded, checks={**recorded.checks, **found, "lift_off_prevented_muscle_force_bw": 0.4})
        return next(one.found for one in verdicts(reference, answer) if one.what == "Lateral compartment")

    assert told(0.1, 0.0) == "loaded throughout"
    assert told(-0.2, 0.0) == "lifts off, down to -0.20 BW"
    assert told(0.0, 0.3) == "would pull with 0.30 BW; to hold it down takes up to 0.40 BW more muscle force"


def test_the_worst_comes_first_and_only_it_has_advice(reference: Trial, recorded: Simulation) -> None:
    answer = replace(recorded, checks={**recorded.checks, "residual_force_pct_bw_baseline": 50.0})
    found = verdicts(reference, answer)
    assert found[0].colour == "red"
    assert all(bool(one.advice) == (one.colour != "green") for one in found)


def test_warnings_and_missing_plates_are_told(reference: Trial) -> None:
    trial = replace(
        reference,
        warnings=("a gap was bridged.",),
        ground_reactions={"right": reference.ground_reactions["right"]},
    )
    found = verdicts(trial, None)
    assert [one.found for one in found] == ["a gap was bridged.", "no force was recorded under the left foot"]
