"""Files uploaded on the page: server-side limits, and unpacking of archives."""

from __future__ import annotations

import lzma
import shutil
import struct
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path, PurePosixPath
from typing import IO, Final

from workbench.core.errors import TrialError
from workbench.core.types import Trial
from workbench.trials import open_trial

LARGEST_MB: Final = 200.0  #: of all files together, unpacked
MOST_FILES: Final = 200
#: What a trial or an export folder is made of; everything else of an archive (videos, pictures) is passed over.
KINDS: Final = frozenset(
    (".toml", ".c3d", ".trc", ".mot", ".sto", ".csv", ".xlsx", ".xls", ".xml", ".osim", ".yaml", ".yml", ".b3d", ".vtp",
     ".obj", ".stl")
)  # fmt: skip
_CHUNK: Final = 1 << 20
_LONGEST_PART: Final = 200  # characters; common file systems take 255 bytes
_LONGEST_NAME: Final = 1000
_TRIAL_FILE: Final = "trial.toml"
#: What damaged archives raise in the standard library, one kind for each of their parts.
_DAMAGED: Final = (
    zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError, OSError, ValueError, KeyError, IndexError, OverflowError,
    NotImplementedError, RuntimeError, MemoryError, struct.error,
)  # fmt: skip


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
        unpack(files, folder)
        file = trial_file_in(folder)
        if file is None:
            raise TrialError(
                f"there is no {_TRIAL_FILE} among the files.",
                remedy="Drop it together with the files it lists, or drop a zip of the whole folder.",
            )
        return open_trial(file)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise


def trial_file_in(folder: Path) -> Path | None:
    """The ``trial.toml`` of unpacked files; None where there is none.

    Raises
    ------
    TrialError
        If there are several.
    """
    found = sorted(folder.rglob(_TRIAL_FILE), key=lambda path: len(path.parts))
    if len(found) > 1:
        raise TrialError(f"there are {len(found)} files {_TRIAL_FILE}.", remedy="Drop one trial at a time.")
    return found[0] if found else None


def unpack(files: Mapping[str, bytes], folder: Path) -> None:
    """Write files into a folder, archives unpacked; the limits apply to all of them together.

    Parameters
    ----------
    files : mapping
        Content by name, as somebody sent it.
    folder : Path
        Made where it is missing.

    Raises
    ------
    TrialError
        If a name is none or leads elsewhere, an archive is damaged, or a limit is passed.
    """
    budget = _Budget()
    with _disk_told(folder):
        folder.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        if name.lower().endswith(".zip"):
            _unpack_archive(content, shown(name), folder, budget)
        else:
            _write(folder, name, BytesIO(content), shown(name), budget)


def shown(name: str) -> str:
    r"""A file's name, shortened for messages.

    Examples
    --------
    >>> shown("walk\x00.c3d"), len(shown("a" * 300))
    ('walk?.c3d', 80)
    """
    plain = "".join(c if c.isprintable() else "?" for c in name)
    return plain if len(plain) <= 80 else f"{plain[:38]} … {plain[-39:]}"


@dataclass
class _Budget:
    """What has been written so far, of everything that was sent together."""

    written: int = 0
    files: int = 0
    names: set[str] = field(default_factory=set)  # as file systems that know no capitals see them

    def another(self, name: str, where: str) -> None:
        self.files += 1
        if self.files > MOST_FILES:
            raise TrialError(f"there are more than {MOST_FILES} files.", where=where, remedy="Zip one trial only.")
        if name.casefold() in self.names:
            raise TrialError(f"the file {name!r} occurs twice.", where=where, remedy="Send one of them.")
        self.names.add(name.casefold())

    def more(self, size: int, where: str) -> None:
        self.written += size
        if self.written > LARGEST_MB * 1e6:
            raise TrialError(
                f"the files add up to more than {LARGEST_MB:.0f} MB.", where=where,
                remedy="Export the walking trial only, or open it with workbench serve TRIAL.",
            )  # fmt: skip


def _unpack_archive(content: bytes, where: str, folder: Path, budget: _Budget) -> None:
    try:
        with zipfile.ZipFile(BytesIO(content)) as archive:
            entries = [
                (name, entry) for entry in archive.infolist() if _wanted(name := entry.filename.replace("\\", "/"))
            ]
            if len(entries) + budget.files > MOST_FILES:
                raise TrialError(
                    f"the archive contains {len(entries)} files, more than {MOST_FILES} together.", where=where,
                    remedy="Zip one trial only.",
                )  # fmt: skip
            for name, entry in entries:
                # What an archive says about its sizes may be a lie: the bytes are counted as they come.
                with archive.open(entry) as stream:
                    _write(folder, name, stream, where, budget)
    except _DAMAGED as error:
        raise TrialError(
            "the archive cannot be read.", where=where, remedy="Zip it again, without a password."
        ) from error


def _wanted(name: str) -> bool:
    """Whether an entry of an archive is read: no folder, nothing of a file manager's own, and of a known kind."""
    path = PurePosixPath(name)
    hidden = any(part == "__MACOSX" or (part.startswith(".") and part not in (".", "..")) for part in path.parts)
    return not name.endswith("/") and not hidden and path.suffix.lower() in KINDS


def _write(folder: Path, name: str, stream: IO[bytes], where: str, budget: _Budget) -> None:
    target = _place(folder, name, where)
    budget.another(target.relative_to(folder).as_posix(), where)
    with _disk_told(target):
        if any(parent.is_file() for parent in target.parents if parent != folder and folder in parent.parents):
            raise TrialError(
                f"{shown(name)!r} is both a file and a folder.", where=where, remedy="Zip the folder again."
            )
        target.parent.mkdir(parents=True, exist_ok=True)
        if target.is_dir():
            raise TrialError(
                f"{shown(name)!r} is both a file and a folder.", where=where, remedy="Zip the folder again."
            )
        file = target.open("wb")
    with file:
        while chunk := stream.read(_CHUNK):
            budget.more(len(chunk), where)
            with _disk_told(target):
                file.write(chunk)


def _place(folder: Path, name: str, where: str) -> Path:
    """Where a file goes.

    Raises
    ------
    TrialError
        If its name is none, or leads out of the folder.
    """
    plain = PurePosixPath(name.replace("\\", "/"))
    if (
        not plain.name
        or not name.isprintable()
        or len(name) > _LONGEST_NAME
        or any(len(part) > _LONGEST_PART or len(part.encode(errors="replace")) > 255 for part in plain.parts)
    ):
        raise TrialError(f"{shown(name)!r} cannot be a file name.", where=where, remedy="Give the file a shorter name.")
    outside = plain.is_absolute() or ":" in name or ".." in plain.parts
    if outside or not (folder / plain).resolve().is_relative_to(folder.resolve()):
        raise TrialError(
            f"{shown(name)!r} points outside the trial's folder.", where=where, remedy="Zip the folder itself."
        )
    return folder / plain


@contextmanager
def _disk_told(path: Path) -> Iterator[None]:
    """Turn an error of the disk into words."""
    try:
        yield
    except OSError as error:
        raise TrialError(
            f"the file cannot be stored on the server ({error.strerror or 'it cannot be written'}).",
            where=shown(path.name),
            remedy="Tell the server's administrator; its disk may be full.",
        ) from error
