"""A trial uploaded on the page: its files are put into a folder and read like any other trial."""

from __future__ import annotations

import shutil
import zipfile
from collections.abc import Mapping
from io import BytesIO
from pathlib import Path, PurePosixPath
from typing import Final

from workbench.core.errors import TrialError
from workbench.core.types import Trial
from workbench.trials import open_trial

LARGEST_MB: Final = 200.0  #: of all files together, unpacked
MOST_FILES: Final = 200
_CHUNK: Final = 1 << 20
_TRIAL_FILE: Final = "trial.toml"


def open_upload(files: Mapping[str, bytes], folder: Path) -> Trial:
    """Write uploaded files into an empty folder and open the trial in it.

    Parameters
    ----------
    files : mapping
        Content by name: one zip archive, or the files of one trial, ``trial.toml`` among them.
    folder : Path
        Must outlive the trial, whose model is read from it; emptied if the trial cannot be used.

    Raises
    ------
    TrialError
        With what is wrong and what to do.
    """
    try:
        for name, content in files.items():
            if name.lower().endswith(".zip"):
                _unpack(content, name, folder)
            else:
                _write(folder, name, BytesIO(content), name, 0)
        found = sorted(folder.rglob(_TRIAL_FILE), key=lambda path: len(path.parts))
        if not found:
            raise TrialError(
                f"there is no {_TRIAL_FILE} among the files.",
                remedy="Drop it together with the files it lists, or drop a zip of the whole folder.",
            )
        if len(found) > 1:
            raise TrialError(f"there are {len(found)} files {_TRIAL_FILE}.", remedy="Drop one trial at a time.")
        return open_trial(found[0])
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise


def _unpack(content: bytes, name: str, folder: Path) -> None:
    try:
        with zipfile.ZipFile(BytesIO(content)) as archive:
            entries = [entry for entry in archive.infolist() if not entry.is_dir() and "__MACOSX" not in entry.filename]
            if len(entries) > MOST_FILES:
                raise TrialError(
                    f"the archive contains {len(entries)} files, more than {MOST_FILES}.", where=name,
                    remedy="Zip one trial only.",
                )  # fmt: skip
            written = 0
            for entry in entries:
                # What an archive says about its sizes may be a lie: the bytes are counted as they come.
                with archive.open(entry) as stream:
                    written = _write(folder, entry.filename, stream, name, written)
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError) as error:
        raise TrialError(
            "the archive cannot be read.", where=name, remedy="Zip it again, without a password."
        ) from error


def _write(folder: Path, name: str, stream: object, where: str, written: int) -> int:
    """Write one file; return how many bytes there are now."""
    plain = PurePosixPath(name.replace("\\", "/"))
    target = folder / plain
    if (
        plain.is_absolute()
        or ":" in name
        or ".." in plain.parts
        or not target.resolve().is_relative_to(folder.resolve())
    ):
        raise TrialError(f"{name!r} points outside the trial's folder.", where=where, remedy="Zip the folder itself.")
    target.parent.mkdir(parents=True, exist_ok=True)
    with target.open("wb") as file:
        while chunk := stream.read(_CHUNK):  # type: ignore[attr-defined]
            written += len(chunk)
            if written > LARGEST_MB * 1e6:
                raise TrialError(
                    f"the files add up to more than {LARGEST_MB:.0f} MB.", where=where,
                    remedy="Export the walking trial only, or open it with workbench serve TRIAL.",
                )  # fmt: skip
            file.write(chunk)
    return written
