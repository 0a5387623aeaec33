"""Sessions of a phone and marker sets by their names, from the built-in walk all the way to its loads."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.intake.reference_recording import marked, write_recording
from tests.recordings.stick_walk import write_trc
from workbench.cli.main import main
from workbench.core.estimate_errors import ESTIMATE_ERRORS, ESTIMATED_SUFFIX
from workbench.core.results import Simulation
from workbench.core.types import Trial
from workbench.intake.trial_folder import write_table
from workbench.recordings.marker_maps import SETS_FOLDER, read_map
from workbench.recordings.recording import Markers
from workbench.simulation.walk import model_for_trial
from workbench.trials import open_trial

pytestmark = pytest.mark.slow
PERSON = ("--mass", "86.04", "--height", "1.87")
Simulated = Callable[..., dict[str, Any]]


@pytest.fixture
def simulated(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Simulated:
    """What ``workbench simulate --json -`` answers."""
    monkeypatch.setenv("WORKBENCH_CACHE", str(tmp_path / "cache"))

    def run(*arguments: object) -> dict[str, Any]:
        assert main(["simulate", *map(str, arguments), "--json", "-"]) == 0, capsys.readouterr().err
        document: dict[str, Any] = json.loads(capsys.readouterr().out)
        return document

    return run


def labelled(trial: Trial, marker_set: str) -> Markers:
    """The built-in walk with the markers of a set."""
    return marked(trial, read_map(SETS_FOLDER / f"{marker_set}.toml").landmark_labels)


@pytest.fixture(scope="module")
def session(reference: Trial, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A session of OpenCap as its site packs it."""
    folder = tmp_path_factory.mktemp("OpenCapData") / "OpenCapData_1b5a7f3e"
    kinematics, model = folder / "OpenSimData/Kinematics", folder / "OpenSimData/Model/LaiUhlrich2022_scaled.osim"
    for place in (kinematics, model.parent, folder / "MarkerData", folder / "Videos/Cam0"):
        place.mkdir(parents=True)
    model_for_trial(reference).model.printToXML(str(model))
    motion = reference.motion
    columns = np.column_stack([motion.time_s, motion.values])
    write_table(kinematics / "walk_1.mot", ("time", *motion.names), columns, in_degrees=motion.in_degrees)
    write_table(kinematics / "neutral.mot", ("time", *motion.names), columns[:30], in_degrees=motion.in_degrees)
    markers = labelled(reference, "opencap")
    studied = Markers(markers.time_s, tuple(f"{name}_study" for name in markers.names), markers.position_m)
    write_trc(folder / "MarkerData/walk_1.trc", studied, unit="m")
    (folder / "Videos/Cam0/walk_1.mov").write_bytes(b"0")
    (folder / "sessionMetadata.yaml").write_text(
        "checkerBoard:\n  black2BlackCornersWidth_n: 5\nheight_m: 1.87\niphoneModel:\n  Cam0: iPhone13,3\n"
        "mass_kg: 86.04\nopenSimModel: LaiUhlrich2022\nposeModel: hrnet\nsubjectID: walker\n"
    )
    return folder


class TestOpenCap:
    def test_a_session_is_imported_without_a_question(self, session: Path, tmp_path: Path) -> None:
        assert main(["import", str(session), "-o", str(tmp_path / "trial")]) == 0
        trial = open_trial(tmp_path / "trial")
        assert (trial.subject.mass_kg, trial.subject.height_m) == (86.04, 1.87)
        assert trial.estimated_forces
        text = (tmp_path / "trial/trial.toml").read_text(encoding="utf-8")
        assert "OpenCap's own (walk_1.mot)" in text
        assert "Mass and height are from sessionMetadata.yaml" in text

    def test_its_loads_lie_within_the_errors_of_estimated_forces(
        self, session: Path, simulated: Simulated, recorded: Simulation
    ) -> None:
        document = simulated(session, "--side", "right")
        assert document["trial"]["name"] == f"walk_1{ESTIMATED_SUFFIX}"
        for name in ("knee_adduction_moment_pct_bw_ht", "medial_contact_force_bw"):
            apart = np.array(document["baseline"][name]) - recorded.baseline.curves[name]
            stance = apart[: int(document["trial"]["stance_percent"])]
            assert np.sqrt(np.mean(stance**2)) < 1.5 * ESTIMATE_ERRORS[name].largest, name
        assert "estimated_forces" in {finding["code"] for finding in document["findings"]}


class TestMarkerSets:
    def test_key_points_of_pose2sim(self, reference: Trial, tmp_path: Path, simulated: Simulated) -> None:
        person = replace(reference, scale_factors=None)  # the walk's own model has hips wider than anybody's key points
        write_trc(tmp_path / "walk.trc", labelled(person, "pose_estimation"), unit="m")
        document = simulated(tmp_path / "walk.trc", *PERSON, "--side", "right")
        assert document["trial"]["estimated_forces"]
        assert 1.0 < document["summary"]["baseline"]["kam_peak_1_pct_bw_ht"] < 6.0

    def test_cgm2_with_plates(
        self, reference: Trial, tmp_path: Path, simulated: Simulated, recorded: Simulation
    ) -> None:
        write_recording(tmp_path, reference)
        write_trc(tmp_path / "walk.trc", labelled(reference, "cgm2"))
        document = simulated(tmp_path / "walk.trc", *PERSON, "--side", "right")
        assert not document["trial"]["estimated_forces"]
        for name, within in (("kam_peak_1_pct_bw_ht", 0.3), ("mcf_peak_1_bw", 0.15)):
            found = document["summary"]["baseline"][name]
            assert found == pytest.approx(recorded.baseline.peaks[name], abs=within), name
