"""What dropped files are understood as, without a browser."""

from __future__ import annotations

import io
import zipfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tests.intake.reference_recording import LABELS, marked, write_recording
from tests.recordings.stick_walk import write_trc
from tests.synthetic import synthetic_walk
from workbench.core.errors import SettingError, TrialError
from workbench.core.types import Trial
from workbench.dashboard.import_form import ImportForm
from workbench.intake.seen import Answers, Look
from workbench.intake.uploaded import import_upload, look, walks_in
from workbench.recordings.recording import Markers


def folder_of(path: Path, *names: str) -> Path:
    for name in names:
        (path / name).parent.mkdir(parents=True, exist_ok=True)
        (path / name).write_text("time\tknee_angle_r" if name.endswith("_ik.mot") else "x")
    return path


class TestWalks:
    def test_files_of_several_walks_are_grouped_by_their_stems(self, tmp_path: Path) -> None:
        folder = folder_of(
            tmp_path, "og1.c3d", "og1.trc", "og1_grf.mot", "og2_new.trc", "og2_measured_loads.csv", "static.c3d"
        )
        found = {walk.name: walk.path.name for walk in walks_in(folder)}
        assert found == {"og1": "og1.c3d", "og2": "og2_new.trc"}

    def test_joint_angles_with_their_model_come_before_markers(self, tmp_path: Path) -> None:
        folder = folder_of(tmp_path, "og1.trc", "og1_ik.mot", "og1_grf.mot", "subject.osim")
        assert [walk.path.name for walk in walks_in(folder)] == ["og1_ik.mot"]

    def test_exports_are_found_wherever_they_lie(self, tmp_path: Path) -> None:
        folder = folder_of(
            tmp_path, "monday/OpenCapData_1/OpenSimData/Kinematics/walk_1.mot",
            "monday/OpenCapData_1/OpenSimData/Kinematics/neutral.mot", "monday/OpenCapData_1/MarkerData/walk_1.trc",
            "s4/IK/walking1_ik.mot", "s4/Models/final.osim", "s4/MarkerData/walking1.trc",
        )  # fmt: skip
        assert [(walk.name, walk.trial) for walk in walks_in(folder)] == [
            ("walking1", "walking1"),
            ("walk_1", "walk_1"),
        ]

    def test_a_file_that_is_only_called_standing_is_the_walk_where_it_is_alone(self, tmp_path: Path) -> None:
        assert [walk.name for walk in walks_in(folder_of(tmp_path, "Standard_walk.c3d"))] == ["Standard_walk"]

    @pytest.mark.parametrize(
        ("names", "message"),
        [(["walk.b3d"], r"\.b3d"), (["grf.mot", "notes.csv"], "no walk among the files"), ([], "no walk among")],
    )
    def test_no_walk_is_refused_without_the_servers_paths(self, tmp_path: Path, names: list[str], message: str) -> None:
        with pytest.raises(TrialError, match=message) as refused:
            walks_in(folder_of(tmp_path, *names))
        assert str(tmp_path) not in str(refused.value)


@pytest.fixture(scope="module")
def lab(reference: Trial, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The built-in walk as a laboratory recorded it, with a static trial."""
    folder = tmp_path_factory.mktemp("lab")
    write_recording(folder, reference)
    (folder / "map.toml").unlink()
    markers = marked(reference)
    standing = Markers(markers.time_s[:60], markers.names, np.repeat(markers.position_m[:1], 60, axis=0))
    write_trc(folder / "static.trc", standing)
    return folder


def files_of(folder: Path, *names: str) -> dict[str, bytes]:
    return {name: (folder / name).read_bytes() for name in names}


def seen(files: dict[str, bytes], folder: Path) -> Look:
    found = look(files, folder)
    assert isinstance(found, Look)
    return found


class TestLook:
    def test_it_finds_what_belongs_together_and_what_is_missing(self, lab: Path, tmp_path: Path) -> None:
        found = seen(files_of(lab, "walk.trc", "walk_grf.mot", "static.trc"), tmp_path)
        assert found.sources.static is not None
        assert found.plates
        assert (found.mass_kg, found.is_complete) == (None, False)
        assert replace(found, mass_kg=86.0, height_m=1.87).is_complete

    def test_markers_are_turned_thinned_and_without_gaps(self, lab: Path, tmp_path: Path) -> None:
        found = seen(files_of(lab, "walk.trc", "walk_grf.mot"), tmp_path)
        markers = found.markers
        assert markers is not None
        assert len(markers.time_s) <= 400
        assert np.isfinite(markers.position_m).all()
        heights = dict(zip(markers.names, markers.position_m[:, :, 1].mean(axis=0), strict=True))
        assert heights["LHEE"] < heights["LKNE"] < heights["LASI"] < heights["C7"]
        sides = dict(zip(markers.names, found.sides, strict=True))
        assert (sides["LHEE"], sides["RKNE"], sides["C7"]) == ("left", "right", None)

    def test_of_several_walks_the_first_that_can_be_read_is_shown(self, lab: Path, tmp_path: Path) -> None:
        files = {"broken.c3d": b"no C3D", **files_of(lab, "walk.trc")}
        found = seen(files, tmp_path)
        assert [walk.name for walk in found.walks] == ["broken", "walk"]
        assert found.walk.name == "walk"
        with pytest.raises(TrialError, match=r"broken\.c3d"):
            look({}, tmp_path, "broken")
        with pytest.raises(TrialError, match=r"broken\.c3d"):
            look({"broken.c3d": b"no C3D"}, tmp_path / "alone")

    def test_a_trial_is_opened_as_it_is(self, tmp_path: Path) -> None:
        written = synthetic_walk().write(tmp_path / "walk").parent
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w") as archive:
            for file in written.iterdir():
                archive.write(file, f"walk/{file.name}")
        assert isinstance(look({"walk.zip": buffer.getvalue()}, tmp_path / "sent"), Trial)


@pytest.fixture
def strange(reference: Trial, tmp_path: Path) -> Look:
    """The built-in walk under labels that no set knows, but for two that resemble one."""
    known = marked(reference)
    names = tuple({"LHEE": "LHEEL1", "RHEE": "RHEEL1"}.get(name, f"M{i}") for i, name in enumerate(known.names))
    path = write_trc(tmp_path / "walk.trc", Markers(known.time_s, names, known.position_m))
    return seen({"walk.trc": path.read_bytes()}, tmp_path / "sent")


class TestStrangeLabels:
    def test_the_walk_is_shown_and_the_labels_are_asked_for(self, strange: Look) -> None:
        assert strange.markers is not None
        assert strange.problem
        assert "M0" in strange.unmatched
        assert not strange.is_complete

    @pytest.mark.slow
    def test_what_a_person_says_of_them_is_followed(self, strange: Look, reference: Trial, tmp_path: Path) -> None:
        said = dict(zip(strange.labels, LABELS, strict=True))
        answers = Answers(86.04, 1.87, landmarks=said, plates=False)
        trial = import_upload(strange.walk, answers, tmp_path / "trial")
        assert trial.estimated_forces
        found, true = (t.motion.values[:, t.motion.names.index("knee_angle_r")] for t in (trial, reference))
        assert np.sqrt(np.mean((found - true) ** 2)) < 3.0


class TestForm:
    def form(self, found: Look) -> ImportForm:
        def nothing(*_: object) -> None: ...

        made = ImportForm(found, nothing, nothing, nothing, nothing, nothing)
        made.__panel__()
        return made

    def test_what_was_found_is_filled_in(self, lab: Path, tmp_path: Path) -> None:
        found = seen(files_of(lab, "walk.trc", "walk_grf.mot", "static.trc"), tmp_path)
        answers = self.form(replace(found, mass_kg=86.04, height_m=1.87)).answers()
        assert answers == Answers(86.04, 1.87, static=found.sources.static)

    def test_what_is_missing_or_no_number_is_told(self, lab: Path, tmp_path: Path) -> None:
        form = self.form(seen(files_of(lab, "walk.trc"), tmp_path))
        with pytest.raises(SettingError, match=r"Mass \(kg\): it is missing"):
            form.answers()
        form._mass.value, form._height.value = "86,04", "tall"  # a comma is no mistake
        with pytest.raises(SettingError, match=r"Height \(m\): 'tall' is not a number"):
            form.answers()

    def test_two_markers_do_not_stand_for_one_place(self, strange: Look) -> None:
        form = self.form(replace(strange, mass_kg=86.04, height_m=1.87))
        for label in ("M0", "M1"):
            form._markers[label].value = "left_asis"
        with pytest.raises(SettingError, match="M0 and M1 represent the same landmark, left asis"):
            form.answers()
