"""Files of a trial stay inside its folder and are text."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from workbench.core.errors import TrialError
from workbench.trials import folder as folder_module
from workbench.trials.folder import TrialFolder, decode_text, near_names


def test_file_in_a_folder_below(tmp_path: Path) -> None:
    (tmp_path / "forces").mkdir()
    (tmp_path / "forces" / "grf.mot").write_text("numbers")
    folder = TrialFolder(tmp_path)
    path = folder.locate("forces/grf.mot", "trial.toml")
    assert folder.read_text(path) == "numbers"
    assert folder.sha256 == {"forces/grf.mot": hashlib.sha256(b"numbers").hexdigest()}


def test_name_relative_to_the_file_that_gives_it(tmp_path: Path) -> None:
    (tmp_path / "forces").mkdir()
    (tmp_path / "grf.mot").write_text("numbers")
    found = TrialFolder(tmp_path).locate("../grf.mot", "loads.xml", base=tmp_path.resolve() / "forces")
    assert found.name == "grf.mot"


def test_link_that_leads_out_of_the_folder(tmp_path: Path) -> None:
    (tmp_path / "secret.mot").write_text("numbers")
    (tmp_path / "trial").mkdir()
    (tmp_path / "trial" / "grf.mot").symlink_to(tmp_path / "secret.mot")
    with pytest.raises(TrialError, match="outside the trial's folder"):
        TrialFolder(tmp_path / "trial").locate("grf.mot", "trial.toml")


def test_circle_of_links(tmp_path: Path) -> None:
    (tmp_path / "a").symlink_to(tmp_path / "b")
    (tmp_path / "b").symlink_to(tmp_path / "a")
    with pytest.raises(TrialError):
        TrialFolder(tmp_path).locate("a", "trial.toml")


def test_folder_may_be_a_link_itself(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "real" / "grf.mot").write_text("numbers")
    (tmp_path / "link").symlink_to(tmp_path / "real")
    assert TrialFolder(tmp_path / "link").locate("grf.mot", "trial.toml").name == "grf.mot"


@pytest.mark.parametrize("name", ["..", "../x", "a/../../x", "/etc/hosts", "C:/x.mot", "a\0b", "x" * 5000, "."])
def test_names_that_are_refused(name: str, tmp_path: Path) -> None:
    (tmp_path / "trial").mkdir()
    (tmp_path / "x").write_text("outside")
    with pytest.raises(TrialError):
        TrialFolder(tmp_path / "trial").locate(name, "trial.toml")


def test_too_large_a_file_is_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(folder_module, "LARGEST_FILE_MB", 0.000_01)
    (tmp_path / "grf.mot").write_text("a hundred numbers")
    folder = TrialFolder(tmp_path)
    with pytest.raises(TrialError, match="the file is 0 MB, more than 0 MB"):
        folder.read(folder.locate("grf.mot", "trial.toml"))
    assert folder.sha256 == {}


@pytest.mark.parametrize(
    ("data", "text"),
    [
        ("Müller".encode(), "Müller"),
        ("Müller".encode("cp1252"), "Müller"),
        ("\ufeffMüller".encode(), "Müller"),
        (b"M\x81ller", "M\x81ller"),
    ],
    ids=["UTF-8", "Windows", "UTF-8 with a byte order mark", "neither"],
)
def test_text_in_the_usual_encodings(data: bytes, text: str) -> None:
    assert decode_text(data, "a.mot") == text


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "is empty"),
        (b" \r\n", "is empty"),
        ("time".encode("utf-16"), "UTF-16"),
        ("time".encode("utf-16-le"), "UTF-16"),
        ("time".encode("utf-16-be"), "UTF-16"),
        (b"PK\x03\x04\x14\x00\x06\x00", "binary data"),
        (b"\x01\x02time", "binary data"),
    ],
)
def test_not_text(data: bytes, message: str) -> None:
    with pytest.raises(TrialError, match=message):
        decode_text(data, "a.mot")


def test_near_names() -> None:
    assert near_names("heigth", ["mass", "height"]) == "Did you mean 'height'?"
    assert near_names("zzz", ["mass", "height"]) == ""
