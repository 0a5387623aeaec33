"""The sentence names both peaks, and calls no change what lies inside its error."""

from __future__ import annotations

from dataclasses import replace

import pytest

from workbench.core.results import Simulation
from workbench.core.settings import GaitModification
from workbench.report.words import sentence, signed


def answered(simulation: Simulation, **change: float) -> Simulation:
    """The same answer toed in, with peaks changed by these amounts, in their own units."""
    peaks = dict(simulation.baseline.peaks)
    for name, amount in change.items():
        peaks[name] += amount
    return replace(
        simulation,
        modification=GaitModification(foot_progression_change_deg=-10.0),
        modified=replace(simulation.baseline, peaks=peaks),
    )


def test_a_small_fall_is_not_called_a_fall(recorded: Simulation) -> None:
    answer = answered(recorded, kam_peak_1_pct_bw_ht=-0.2, mcf_peak_1_bw=-0.02, mcf_peak_2_bw=0.16)
    assert sentence(answer) == (
        "Toe-in 10\u00b0: KAM peaks: no clear change (\u22120.20 and 0.00 % BW\u00b7ht);"
        " medial force peaks \u22120.02 (no clear change) and +0.16 BW."
    )


def test_a_clear_change_is_named_with_its_unit(recorded: Simulation) -> None:
    answer = answered(recorded, kam_peak_1_pct_bw_ht=-0.5, kam_peak_2_pct_bw_ht=-0.4)
    assert "KAM peaks \u22120.50 and \u22120.40 % BW\u00b7ht; medial force peaks: no clear change" in sentence(answer)


@pytest.mark.parametrize(
    ("peak", "amount", "said"),
    [
        ("lcf_peak_2_bw", 0.1, "lateral force peaks 0.00 (no clear change) and +0.10 BW"),
        ("kfm_peak_pct_bw_ht", 0.5, "knee flexion moment +0.50 % BW\u00b7ht"),
        ("lcf_peak_2_bw", -0.1, None),
        ("kfm_peak_pct_bw_ht", 0.2, None),
    ],
)
def test_lateral_force_and_flexion_moment_are_named_where_they_clearly_rise(
    recorded: Simulation, peak: str, amount: float, said: str | None
) -> None:
    text = sentence(answered(recorded, **{peak: amount}))
    if said is None:
        assert "lateral" not in text
        assert "flexion" not in text
    else:
        assert text.endswith(f"; {said}.")


def test_without_a_change_the_gait_is_natural_and_the_loads_are_simulated(recorded: Simulation) -> None:
    assert sentence(recorded).startswith("Natural gait, as recorded; the loads are simulated.")


@pytest.mark.parametrize(
    ("value", "digits", "text"), [(-0.29, 1, "\u22120.3"), (0.04, 2, "+0.04"), (-0.004, 2, "0.00"), (0.0, 0, "0")]
)
def test_signs_are_true_and_zero_has_none(value: float, digits: int, text: str) -> None:
    assert signed(value, digits) == text
