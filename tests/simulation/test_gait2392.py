"""A model of the other family through the whole of a walk: gait2392, whose knee bends the other way round."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from workbench.core.results import Simulation
from workbench.core.settings import GaitModification, LoadSettings
from workbench.core.types import Trial
from workbench.simulation.model import read_model
from workbench.simulation.scaling import scale_model
from workbench.simulation.simulate import simulate
from workbench.simulation.walk import Walk

TOE_IN = GaitModification(foot_progression_change_deg=-10.0)

pytestmark = pytest.mark.data


@pytest.fixture(scope="module")
def model_file(data_folder: Path) -> Path:
    return data_folder / "models" / "gait2392_thelen2003muscle.osim"


@pytest.fixture(scope="module")
def trial(reference: Trial, model_file: Path) -> Trial:
    """The built-in walk for this model: extension of the knee is positive, and the model is used as it is."""
    motion = reference.motion
    values = motion.values.copy()
    for name in ("knee_angle_l", "knee_angle_r"):
        values[:, motion.names.index(name)] *= -1.0
    return replace(
        reference, motion=replace(motion, values=values), model_file=model_file, scale_factors=None, findings=()
    )


@pytest.fixture(scope="module")
def scaled(trial: Trial, model_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Trial:
    """The same with the model brought to the person's legs and mass."""
    model = read_model(model_file)
    factors = {body.getName(): (1.1, 1.1, 1.1) for body in model.getBodySet()}
    file = tmp_path_factory.mktemp("model") / "scaled.osim"
    scale_model(model, factors, trial.subject.mass_kg).printToXML(str(file))
    return replace(trial, model_file=file)


@pytest.fixture(scope="module")
def answer(scaled: Trial) -> Simulation:
    return simulate(Walk(scaled), TOE_IN, side="right")


def codes(simulation: Simulation) -> set[str]:
    return {finding.code for finding in simulation.findings}


def test_the_loads_are_those_of_walking(answer: Simulation) -> None:
    peaks = answer.baseline.peaks
    assert 1.5 < peaks["kam_peak_1_pct_bw_ht"] < 4.5
    assert 1.5 < peaks["tcf_peak_1_bw"] < 4.5
    assert peaks["mcf_peak_1_bw"] > peaks["lcf_peak_1_bw"]


def test_toe_in_is_reached_and_lowers_the_first_peak(answer: Simulation) -> None:
    assert answer.change["foot_progression_angle_deg"] == pytest.approx(-10.0, abs=0.1)
    assert answer.change["kam_peak_1_pct_bw_ht"] < -0.05
    assert float(answer.checks["foot_missed_mm_modified"] or 0.0) < 1.0


def test_its_muscles_are_known_and_their_passive_force_is_said_to_be_left_out(
    answer: Simulation, scaled: Trial
) -> None:
    assert "unknown_muscles" not in codes(answer)
    assert "passive_force_unknown" in codes(answer)
    counted = simulate(Walk(scaled), GaitModification(), LoadSettings(passive_muscle_force=True), side="right")
    assert counted.baseline.peaks == answer.baseline.peaks


def test_a_model_of_another_person_is_noticed(trial: Trial) -> None:
    found = simulate(Walk(trial), GaitModification(), side="right").findings
    assert {"mass_mismatch", "foot_on_ground"} <= {one.code for one in found if one.severity == "serious"}
