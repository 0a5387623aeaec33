from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from tests.intake.reference_recording import write_recording
from workbench.cli.main import main
from workbench.core.errors import TrialError
from workbench.core.results import Simulation
from workbench.core.settings import GaitModification, LoadSettings
from workbench.core.types import Trial
from workbench.core.vocabulary import SIDES
from workbench.intake import kept
from workbench.intake.pipeline import import_recording
from workbench.recordings.sources import Wishes
from workbench.simulation.simulate import simulate
from workbench.simulation.walk import Walk
from workbench.trials import open_trial


@pytest.fixture(scope="module")
def lab(reference: Trial, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The built-in walk as a laboratory recorded it; its marker file."""
    return write_recording(tmp_path_factory.mktemp("lab"), reference)


@pytest.fixture(scope="module")
def imported(lab: Path, reference: Trial) -> Trial:
    wishes = Wishes(reference.subject.mass_kg, reference.subject.height_m, marker_map=lab.parent / "map.toml")
    return import_recording(lab, wishes, lab.parent / "out")


@pytest.mark.slow
class TestFromMarkers:
    def test_the_loads_are_those_of_the_walk_that_was_marked(self, imported: Trial, recorded: Simulation) -> None:
        found = simulate(Walk(imported), GaitModification(), LoadSettings(), side="right")
        for name, within in (("kam_peak_1_pct_bw_ht", 0.3), ("kam_peak_2_pct_bw_ht", 0.3), ("mcf_peak_1_bw", 0.15)):
            true = recorded.baseline.peaks[name]
            assert found.baseline.peaks[name] == pytest.approx(true, abs=within), name

    def test_joint_angles_are_those_of_the_walk(self, imported: Trial, reference: Trial) -> None:
        """The hip is off the most, as the pelvis is tilted by the regression that finds the hip centres."""
        for name in ("hip_flexion_r", "knee_angle_r", "ankle_angle_r", "hip_adduction_l", "knee_angle_l"):
            found, true = (t.motion.values[:, t.motion.names.index(name)] for t in (imported, reference))
            assert np.sqrt(np.mean((found - true) ** 2)) < 2.5, name

    def test_belts_are_given_to_the_feet_and_the_treadmill_is_recognised(
        self, imported: Trial, reference: Trial
    ) -> None:
        assert "treadmill" in {finding.code for finding in imported.findings}
        for side in SIDES:
            found, true = (t.ground_reactions[side].force_N[:, 1] for t in (imported, reference))
            assert np.abs(found - true)[:-1].max() < 25.0  # one sample at the end is no contact

    def test_the_trial_says_what_was_decided_and_from_which_files(self, imported: Trial, lab: Path) -> None:
        text = (lab.parent / "out" / "trial.toml").read_text(encoding="utf-8")
        assert "walk_grf.mot next to walk.trc was used as the forces, going by its name" in text
        assert "scaled by OpenSim to the markers of the walk itself" in text
        assert '"walk.trc" = ' in text.split("[provenance.sha256]")[1]

    def test_what_was_decided_comes_with_the_trial(self, imported: Trial) -> None:
        assert {"files", "subject", "axes", "markers", "model", "joint_angles", "forces"} <= set(imported.decisions)

    def test_the_folder_can_be_opened_anywhere(self, imported: Trial, lab: Path, tmp_path: Path) -> None:
        shutil.copytree(lab.parent / "out", tmp_path / "moved")
        again = open_trial(tmp_path / "moved")
        assert again.findings == imported.findings
        assert np.array_equal(again.motion.values, imported.motion.values)

    def test_it_can_be_cancelled(self, lab: Path, tmp_path: Path) -> None:
        def stop(what: str, share: float) -> None:
            if share > 0.1:
                raise KeyboardInterrupt

        wishes = Wishes(86.04, 1.87, marker_map=lab.parent / "map.toml")
        with pytest.raises(KeyboardInterrupt):
            import_recording(lab, wishes, tmp_path / "out", stop)
        assert not (tmp_path / "out").exists()


class TestRefusals:
    def test_a_missing_mass_names_its_option(self, lab: Path, capsys: pytest.CaptureFixture[str]) -> None:
        assert main(["import", str(lab), "--height", "1.87"]) == 2
        assert "no file gives the mass of the person. Give the mass (--mass KG)" in capsys.readouterr().err

    def test_a_mass_in_pounds_is_named(self, lab: Path, capsys: pytest.CaptureFixture[str]) -> None:
        assert main(["import", str(lab), "--height", "1.87", "--mass", "280"]) == 2
        assert "pounds or newtons" in capsys.readouterr().err

    def test_an_unknown_kind_of_file(self, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        (tmp_path / "walk.b3d").write_bytes(b"1")
        assert main(["check", str(tmp_path / "walk.b3d")]) == 2
        assert "binary files (.b3d) cannot be read" in capsys.readouterr().err

    def test_an_option_that_a_trial_file_answers_itself(self, capsys: pytest.CaptureFixture[str]) -> None:
        assert main(["check", "reference", "--mass", "70"]) == 2
        assert "mass_kg cannot be given for a trial.toml" in capsys.readouterr().err


class TestCheck:
    def test_a_clean_walk_ends_with_0(self, capsys: pytest.CaptureFixture[str]) -> None:
        assert main(["check", "reference", "--json", "-"]) == 0
        document = json.loads(capsys.readouterr().out)
        assert document["trial"] == "Reference walk"
        assert all(finding["severity"] != "serious" for finding in document["findings"])


@pytest.mark.data
class TestExportOfAddBiomechanics:
    @pytest.fixture
    def export(self, data_folder: Path) -> Path:
        return data_folder / "modified_gait_s4"

    def test_several_trials_ask_for_one(self, export: Path) -> None:
        with pytest.raises(TrialError, match=r"contains 4 trials\. Choose one with --trial: walking1, walkingTI1"):
            kept.imported(export, Wishes(62.6, 1.68))

    def test_the_feet_are_trusted_and_not_the_file_of_external_forces(
        self, export: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("WORKBENCH_CACHE", str(tmp_path))
        trial = kept.open_recorded(export, Wishes(62.6, 1.68, trial="walking1"))
        assert trial.foot_strikes_s["left"] == pytest.approx((0.532,), abs=0.002)
        (said,) = [f.problem for f in trial.findings if f.code == "external_loads_contradicted"]
        assert "ground_force_2 to talus_r, although the left foot was on it" in said

    def test_the_second_opening_reads_what_was_kept(
        self, export: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("WORKBENCH_CACHE", str(tmp_path))
        wishes = Wishes(62.6, 1.68, trial="walking1")
        first = kept.imported(export, wishes)
        monkeypatch.setattr(kept, "prepare", None)  # would fail if it were called
        assert kept.imported(export, wishes) == first
