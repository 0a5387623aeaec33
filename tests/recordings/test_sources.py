from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from workbench.core.errors import TrialError
from workbench.recordings.sources import Wishes, find_sources


def folder_of(path: Path, *names: str) -> Path:
    for name in names:
        (path / name).parent.mkdir(parents=True, exist_ok=True)
        (path / name).write_text("x")
    return path


class TestCompanions:
    def test_files_of_the_same_trial_are_found_by_their_common_stem(self, tmp_path: Path) -> None:
        folder = folder_of(
            tmp_path, "DM_og1_new.trc", "DM_og1_grf.sto", "DM_og1_external_loads.xml", "DM_og1_measured_loads.csv",
            "DM_og3_new.trc", "DM_og3_grf.sto", "DM_static.trc",
        )  # fmt: skip
        found = find_sources(folder / "DM_og1_new.trc", Wishes())
        assert found.name == "DM_og1"
        assert {path.name for path in found.files} == {
            "DM_og1_new.trc", "DM_og1_grf.sto", "DM_og1_external_loads.xml", "DM_og1_measured_loads.csv",
            "DM_static.trc",
        }  # fmt: skip

    def test_what_the_user_names_comes_first(self, tmp_path: Path) -> None:
        folder = folder_of(tmp_path, "walk.trc", "walk_grf.mot", "other.mot")
        assert find_sources(folder / "walk.trc", Wishes(forces=folder / "other.mot")).forces == folder / "other.mot"

    def test_no_plates_leaves_the_forces_out_and_says_so(self, tmp_path: Path) -> None:
        folder = folder_of(tmp_path, "walk.trc", "walk_grf.mot")
        found = find_sources(folder / "walk.trc", Wishes(plates=False))
        assert found.forces is None
        assert "--no-plates" in found.decisions[-1]

    def test_the_plates_of_a_c3d_file_need_no_companion(self, tmp_path: Path) -> None:
        folder = folder_of(tmp_path, "walk.c3d", "walk_kinetics.mot")
        assert find_sources(folder / "walk.c3d", Wishes()).forces is None


class TestExportFolders:
    def test_a_session_of_opencap(self, tmp_path: Path) -> None:
        folder = folder_of(
            tmp_path, "OpenSimData/Model/LaiUhlrich2022_scaled.osim", "OpenSimData/Kinematics/walk1.mot",
            "OpenSimData/Kinematics/neutral.mot", "MarkerData/walk1.trc",
        )  # fmt: skip
        (folder / "sessionMetadata.yaml").write_text("subjectID: x\nmass_kg: 72.5\nheight_m: 1.81\n")
        found = find_sources(folder, Wishes())
        assert (found.name, found.mass_kg, found.height_m) == ("walk1", 72.5, 1.81)
        assert found.coordinates == folder / "OpenSimData/Kinematics/walk1.mot"
        assert found.markers == folder / "MarkerData/walk1.trc"
        assert find_sources(folder, Wishes(mass_kg=80.0)).mass_kg == 80.0

    def test_an_export_of_addbiomechanics_gives_each_model_its_own_angles(self, tmp_path: Path) -> None:
        folder = folder_of(
            tmp_path, "Models/optimized_scale_and_markers.osim", "Models/manually_scaled.osim", "IK/walk_ik.mot",
            "IK/walk_manual_scaling_ik.mot", "ID/walk_grf.mot", "MarkerData/walk.trc",
        )  # fmt: skip
        found = find_sources(folder, Wishes())
        assert found.model == folder / "Models/optimized_scale_and_markers.osim"
        assert found.coordinates == folder / "IK/walk_ik.mot"
        by_hand = find_sources(folder, replace(Wishes(), model=folder / "Models/manually_scaled.osim"))
        assert by_hand.coordinates == folder / "IK/walk_manual_scaling_ik.mot"

    def test_several_trials_ask_for_one_by_name(self, tmp_path: Path) -> None:
        folder = folder_of(tmp_path, "walk1.c3d", "walk2.c3d", "static.c3d")
        with pytest.raises(TrialError, match=r"contains 2 trials\. Choose one with --trial: walk1, walk2"):
            find_sources(folder, Wishes())
        found = find_sources(folder, Wishes(trial="walk2"))
        assert found.markers == folder / "walk2.c3d"
        assert found.static == folder / "static.c3d"
        with pytest.raises(TrialError, match="Did you mean 'walk2'"):
            find_sources(folder, Wishes(trial="walk_2"))


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("walk.b3d", "binary files"),
        ("walk.bvh", "cannot be read from .bvh"),
        ("nothing.c3d", "no such file"),
    ],
)
def test_what_cannot_be_read_is_refused(tmp_path: Path, name: str, message: str) -> None:
    folder_of(tmp_path, "walk.b3d", "walk.bvh")
    with pytest.raises(TrialError, match=message):
        find_sources(tmp_path / name, Wishes())
