"""Ground reactions from the motion alone, against statics, momentum and force plates."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from tests.benchmarks.bench_estimated_forces import Comparison, by_person, compare
from tests.plate_recordings import PEOPLE, plate_recordings
from tests.simulation.test_walk import turned_about_vertical
from workbench.core.contacts import Contact
from workbench.core.errors import TrialError
from workbench.core.estimate_errors import ESTIMATE_ERRORS
from workbench.core.settings import GaitModification
from workbench.core.types import Array, Motion, Subject
from workbench.simulation.estimated_forces import EstimatedForces, estimate_ground_reactions
from workbench.simulation.model import GaitModel
from workbench.simulation.walk import Walk

PERSON = Subject(mass_kg=70.0, height_m=1.7)
STANDING = {side: (Contact(0.0, 1.0, start_recorded=False, end_recorded=False),) for side in ("left", "right")}


def held(model: GaitModel, height_m: Array) -> Motion:
    """The model in its default pose, the pelvis at the given heights, 1 s."""
    values = np.tile([model.default_value(name) for name in model.coordinates], (len(height_m), 1))
    values[:, model.coordinates.index("pelvis_ty")] = height_m
    return Motion(np.linspace(0.0, 1.0, len(height_m)), model.coordinates, values, in_degrees=False)


def total_N(estimate: EstimatedForces) -> Array:
    return sum(reaction.force_N for reaction in estimate.ground_reactions.values())


@pytest.fixture(scope="module")
def estimate(built_in: Walk) -> EstimatedForces:
    return estimate_ground_reactions(built_in.model, built_in.trial.motion, built_in.trial.subject)


def test_who_stands_still_weighs_what_he_weighs(own_model: GaitModel) -> None:
    """The model's masses are brought to the person's."""
    found = total_N(estimate_ground_reactions(own_model, held(own_model, np.full(101, 0.95)), PERSON, STANDING))
    weight_N = PERSON.mass_kg * np.linalg.norm(own_model.gravity)
    np.testing.assert_allclose(found[:, 1], weight_N, rtol=1e-6)


def test_a_body_moved_up_and_down_presses_by_mass_times_acceleration(own_model: GaitModel) -> None:
    time_s = np.linspace(0.0, 1.0, 201)
    rate = 2.0 * np.pi  # one cycle a second: the 6 Hz low-pass leaves it alone
    motion = held(own_model, 0.95 + 0.02 * np.sin(rate * time_s))
    found = estimate_ground_reactions(own_model, motion, PERSON, STANDING)
    at_s = found.ground_reactions["left"].time_s
    inner = (at_s > 0.25) & (at_s < 0.75)
    acceleration = -0.02 * rate**2 * np.sin(rate * at_s)
    expected_N = PERSON.mass_kg * (np.linalg.norm(own_model.gravity) + acceleration)
    np.testing.assert_allclose(total_N(found)[inner, 1], expected_N[inner], rtol=0.005)


def test_momentum_returns_after_a_stride(built_in: Walk, estimate: EstimatedForces) -> None:
    """Of a closed cycle the mean ground reaction is the weight, straight up."""
    stride = built_in.strides("left")[0]
    time_s = estimate.ground_reactions["left"].time_s
    within = (time_s >= stride.start_s) & (time_s < stride.end_s)
    mean_bw = total_N(estimate)[within].mean(axis=0) / built_in.trial.subject.body_weight_N
    np.testing.assert_allclose(mean_bw, [0.0, 1.0, 0.0], atol=0.01)


def test_walking_another_way_gives_the_same_forces(built_in: Walk, estimate: EstimatedForces) -> None:
    trial = turned_about_vertical(built_in.trial, 217.0)
    turned = estimate_ground_reactions(built_in.model, trial.motion, trial.subject)
    back = Rotation.from_euler("Y", 217.0, degrees=True).as_matrix()
    for side, reaction in estimate.ground_reactions.items():
        other = turned.ground_reactions[side]
        np.testing.assert_allclose(other.force_N @ back, reaction.force_N, atol=1e-3)  # N
        np.testing.assert_allclose(other.point_m @ back, reaction.point_m, atol=1e-6)


def test_the_centre_of_pressure_stays_in_the_sole(built_in: Walk, estimate: EstimatedForces) -> None:
    walk = Walk(replace(built_in.trial, ground_reactions=estimate.ground_reactions))
    for side in walk.sides:
        checks = walk.solve(walk.strides(side)[0], GaitModification()).checks
        assert checks.centre_of_pressure_outside_foot_m < 0.003  # the filter moves it by so much


def test_says_that_it_is_an_estimate(estimate: EstimatedForces) -> None:
    assert [finding.code for finding in estimate.findings] == ["estimated_forces"]


def test_a_floor_elsewhere_is_named(built_in: Walk) -> None:
    found = estimate_ground_reactions(
        built_in.model, built_in.trial.motion, built_in.trial.subject, floor_height_m=-0.2
    )
    assert "feet_off_the_floor" in {finding.code for finding in found.findings}


def test_who_stands_still_does_not_walk(built_in: Walk) -> None:
    motion = held(built_in.model, np.full(101, 0.95))
    with pytest.raises(TrialError, match="no stance of the left foot"):
        estimate_ground_reactions(built_in.model, motion, built_in.trial.subject)


@pytest.fixture(scope="module")
def comparisons(data_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Comparison]:
    trials = plate_recordings(data_folder, tmp_path_factory.mktemp("s4"))
    return {name: compare(trial) for name, trial in trials.items()}


def over(limit: float, comparisons: dict[str, Comparison], curve: str) -> set[str]:
    return {name for name, comparison in comparisons.items() if comparison.rms[curve] > limit}


@pytest.mark.data
@pytest.mark.slow
class TestAgainstForcePlates:
    """Root-mean-square differences over stance. The recordings that miss a limit are named, so that METHODS is true."""

    def test_every_recording_is_there(self, comparisons: dict[str, Comparison]) -> None:
        assert set(comparisons) == set(PEOPLE)

    def test_vertical_within_6_percent_of_body_weight(self, comparisons: dict[str, Comparison]) -> None:
        """PS: the plates carry 83 kg over the stride, the file says 75 kg."""
        assert over(6.0, comparisons, "vertical_force_pct_bw") == {"PS ss1"}

    def test_medio_lateral_within_1_5_percent_of_body_weight(self, comparisons: dict[str, Comparison]) -> None:
        assert over(1.5, comparisons, "medio_lateral_force_pct_bw") == {"PS ss1"}

    def test_adduction_moment_within_0_40(self, comparisons: dict[str, Comparison]) -> None:
        missed = over(0.40, comparisons, "knee_adduction_moment_pct_bw_ht")
        assert missed == {"treadmill", "PS ss1", "S4 walkingTS1"}
        assert over(0.65, comparisons, "knee_adduction_moment_pct_bw_ht") == set()

    def test_the_declared_errors_are_those_measured(self, comparisons: dict[str, Comparison]) -> None:
        for curve, error in ESTIMATE_ERRORS.items():
            values = {name: comparison.rms[curve] for name, comparison in comparisons.items()}
            assert by_person(values) == pytest.approx(error.typical, rel=0.05)
            assert max(values.values()) == pytest.approx(error.largest, rel=0.05)

    def test_events_within_30_ms_of_the_plates(self, comparisons: dict[str, Comparison]) -> None:
        for comparison in comparisons.values():
            assert np.abs([*comparison.strikes_s, *comparison.offs_s]).max() < 0.03
