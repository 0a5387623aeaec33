from __future__ import annotations

from dataclasses import replace

import pytest

from workbench.core.results import Simulation
from workbench.core.settings import GaitModification
from workbench.report.words import sentence, signed


def answered(simulation: Simulation, moment: float, force: float, **change: float) -> Simulation:
    """The same answer with other changes of the first peaks: a factor of the moment, body weights of the force."""
    peaks = dict(simulation.baseline.peaks)
    peaks["kam_peak_1_pct_bw_ht"] *= moment
    for name in ("mcf_peak_1_bw", "mcf_peak_2_bw"):
        peaks[name] += force
    return replace(
        simulation, modification=GaitModification(**change), modified=replace(simulation.baseline, peaks=peaks)
    )


def test_the_moment_falls_but_the_force_does_not(recorded: Simulation) -> None:
    answer = answered(recorded, 0.93, 0.15, foot_progression_change_deg=-10.0)
    assert sentence(answer) == (
        "Toe-in 10°: first KAM peak −7 %, second 0 %, larger medial force peak +0.15 BW:"
        " the first KAM peak falls but the force does not."
    )


@pytest.mark.parametrize(
    ("moment", "force", "reading"),
    [
        (0.9, -0.1, "both the first KAM peak and the force fall"),
        (1.1, 0.1, "both the first KAM peak and the force rise"),
        (0.9, 0.001, "the first KAM peak falls but the force hardly changes"),
        (1.1, -0.1, "the first KAM peak rises but the force falls"),
        (1.1, 0.0, "the first KAM peak rises but the force hardly changes"),
        (1.0, -0.1, "the first KAM peak hardly changes and the force falls"),
        (1.0, 0.1, "the first KAM peak hardly changes but the force rises"),
        (1.0, 0.0, "neither changes noticeably"),
    ],
)
def test_moment_and_force_are_read_together(recorded: Simulation, moment: float, force: float, reading: str) -> None:
    assert sentence(answered(recorded, moment, force, step_width_change_m=0.05)).endswith(f": {reading}.")


def test_the_force_is_that_of_the_larger_peak(recorded: Simulation) -> None:
    smaller = min(("mcf_peak_1_bw", "mcf_peak_2_bw"), key=lambda name: recorded.baseline.peaks[name])
    peaks = {**recorded.baseline.peaks, smaller: recorded.baseline.peaks[smaller] - 0.3}
    answer = replace(
        recorded,
        modification=GaitModification(foot_progression_change_deg=5.0),
        modified=replace(recorded.baseline, peaks=peaks),
    )
    assert "larger medial force peak 0.00 BW" in sentence(answer)


def test_without_a_change_the_walk_is_as_recorded(recorded: Simulation) -> None:
    assert sentence(recorded).startswith("The recorded walk.")


@pytest.mark.parametrize(("value", "text"), [(0.004, "0.00"), (-0.004, "0.00"), (1.5, "+1.50"), (-1.5, "−1.50")])
def test_zero_has_no_sign(value: float, text: str) -> None:
    assert signed(value, 2) == text
