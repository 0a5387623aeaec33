from __future__ import annotations

import errno
import io
import shutil
import zipfile
from pathlib import Path

import numpy as np
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


def test_the_limit_of_size_is_of_all_archives_together(
    files: dict[str, bytes], folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(upload, "LARGEST_MB", 5.0)
    bombs = {f"{i}.zip": packed({f"{i}.mot": bytes(3_000_000)}) for i in range(2)}
    with pytest.raises(TrialError, match="add up to more than 5 MB"):
        open_upload(bombs, folder)


def test_the_limit_of_files_is_of_all_archives_together(folder: Path) -> None:
    halves = {f"{i}.zip": packed({f"{i}_{k}.mot": b"" for k in range(150)}) for i in range(2)}
    with pytest.raises(TrialError, match="more than 200 together"):
        open_upload(halves, folder)


def test_videos_and_other_kinds_of_an_archive_are_passed_over(files: dict[str, bytes], folder: Path) -> None:
    archive = packed({**files, "Videos/cam0.mov": b"0", "__MACOSX/._trial.toml": b"0", ".trial.toml": b"0"})
    open_upload({"walk.zip": archive}, folder)
    assert {path.suffix for path in folder.rglob("*") if path.is_file()} == {".toml", ".mot"}


def damaged(archive: bytes, random: np.random.Generator) -> bytes:
    """An archive cut short, or with some of its bytes replaced."""
    if random.random() < 0.3:
        return archive[: random.integers(len(archive))]
    broken = bytearray(archive)
    for _ in range(random.integers(1, 40)):
        broken[random.integers(len(broken))] = random.integers(256)
    return bytes(broken)


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_a_damaged_archive_never_ends_in_anything_but_words(
    files: dict[str, bytes], folder: Path, method: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(upload, "LARGEST_MB", 2.0)
    monkeypatch.setattr(upload, "open_trial", lambda file: None)  # what is in the files is another test's question
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    random = np.random.default_rng(1)
    refused = 0
    for _ in range(60):
        try:
            open_upload({"walk.zip": damaged(buffer.getvalue(), random)}, folder)
        except TrialError:
            refused += 1
        shutil.rmtree(folder, ignore_errors=True)
    assert refused > 10


@pytest.mark.parametrize(
    "name", ["a" * 300 + ".mot", "a\x00b.mot", "ä" * 150 + ".mot", "", "line\nbreak.mot", "a/" * 600]
)
def test_what_cannot_be_a_file_name_is_refused(folder: Path, name: str) -> None:
    with pytest.raises(TrialError, match="cannot be a file name") as refused:
        open_upload({name: b"0"}, folder)
    assert len(str(refused.value)) < 300


@pytest.mark.parametrize("names", [("walk", "walk/ik.mot"), ("walk/ik.mot", "walk")])
def test_a_file_that_is_also_a_folder_is_refused(folder: Path, names: tuple[str, str]) -> None:
    with pytest.raises(TrialError, match="is both a file and a folder"):
        open_upload(dict.fromkeys(names, b"0"), folder)


def test_two_files_of_one_name_are_refused(files: dict[str, bytes], folder: Path) -> None:
    with pytest.raises(TrialError, match="occurs twice"):
        open_upload({"walk.zip": packed(files), "IK.MOT": files["ik.mot"]}, folder)


def test_a_full_disk_is_told(files: dict[str, bytes], folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Path, "open", full)
    with pytest.raises(TrialError, match="cannot be stored on the server"):
        open_upload(files, folder)


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
