from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest

from tests.synthetic import synthetic_walk
from workbench.core.errors import TrialError
from workbench.trials import upload
from workbench.trials.upload import open_upload


@pytest.fixture
def files(tmp_path: Path) -> dict[str, bytes]:
    written = synthetic_walk().write(tmp_path / "source").parent
    return {path.name: path.read_bytes() for path in written.iterdir()}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "upload"
    made.mkdir()
    return made


def packed(files: dict[str, bytes], prefix: str = "") -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(prefix + name, content)
    return buffer.getvalue()


def test_the_files_of_a_trial_open(files: dict[str, bytes], folder: Path) -> None:
    assert open_upload(files, folder).subject.mass_kg == 70.0


@pytest.mark.parametrize("prefix", ["", "monday/trial 1/"])
def test_a_zip_opens_wherever_the_trial_lies_in_it(files: dict[str, bytes], folder: Path, prefix: str) -> None:
    assert open_upload({"walk.zip": packed(files, prefix)}, folder).subject.mass_kg == 70.0


@pytest.mark.parametrize(
    "name", ["../outside.mot", "/etc/outside.mot", "..\\outside.mot", "C:/outside.mot", "a/../../outside.mot"]
)
def test_a_path_that_leaves_the_folder_is_refused(files: dict[str, bytes], folder: Path, name: str) -> None:
    with pytest.raises(TrialError, match="points outside"):
        open_upload({"walk.zip": packed({**files, name: b"0"})}, folder)
    assert not (folder.parent / "outside.mot").exists()


def test_a_zip_bomb_is_refused_as_it_unfolds(
    files: dict[str, bytes], folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(upload, "LARGEST_MB", 5.0)
    bomb = packed({**files, "large.mot": bytes(50_000_000)})
    assert len(bomb) < 1_000_000
    with pytest.raises(TrialError, match="more than 5 MB"):
        open_upload({"walk.zip": bomb}, folder)
    assert not folder.exists()


def test_too_many_files_are_refused(folder: Path) -> None:
    many = {f"{i}.mot": b"" for i in range(upload.MOST_FILES + 1)}
    with pytest.raises(TrialError, match="more than 200"):
        open_upload({"walk.zip": packed(many)}, folder)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ({"walk.zip": b"no archive"}, "cannot be read"),
        ({"notes.txt": b"nothing"}, "no trial.toml"),
        ({}, "no trial.toml"),
    ],
)
def test_what_is_no_trial_is_refused_in_words(folder: Path, content: dict[str, bytes], message: str) -> None:
    with pytest.raises(TrialError, match=message):
        open_upload(content, folder)


def test_two_trials_at_once_are_refused(files: dict[str, bytes], folder: Path) -> None:
    both = {f"{place}/{name}": content for place in "ab" for name, content in files.items()}
    with pytest.raises(TrialError, match="one trial at a time"):
        open_upload({"walk.zip": packed(both)}, folder)


def test_a_damaged_trial_says_what_is_wrong_and_leaves_nothing(files: dict[str, bytes], folder: Path) -> None:
    files["grf.mot"] = b""
    with pytest.raises(TrialError, match=r"grf\.mot.*empty"):
        open_upload(files, folder)
    assert not folder.exists()
