"""The folder of one trial: which files belong to it, and their text."""

from __future__ import annotations

import difflib
import hashlib
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from workbench.core.errors import TrialError

#: A minute of walking is a few megabytes; anything beyond this is not a recording of one walk.
LARGEST_FILE_MB: Final = 500.0


class TrialFolder:
    """Reads the files of one trial, refuses any outside its folder, and keeps a hash of every file read.

    Parameters
    ----------
    root : Path
        The folder.
    """

    def __init__(self, root: Path) -> None:
        self.root = root.resolve()
        self.sha256: dict[str, str] = {}

    def locate(self, name: str, named_in: str, base: Path | None = None) -> Path:
        """Return the path of a file of this trial.

        Parameters
        ----------
        name : str
            Path as it is written, relative to `base`.
        named_in : str
            Where it is written, for the message.
        base : Path, optional
            Folder the name is relative to, within the trial's folder; the trial's folder by default.

        Raises
        ------
        TrialError
            If the file lies outside the trial's folder or does not exist.
        """
        if "\0" in name:
            raise TrialError("the file name contains a null character.", where=named_in, remedy="Retype the name.")
        if Path(name).is_absolute() or name[1:3] in (":\\", ":/"):
            raise TrialError(
                f"{name!r} is an absolute path, which does not exist on other computers.",
                where=named_in,
                remedy="Copy the file into the trial's folder and give its path relative to that folder.",
            )
        try:
            path = ((base or self.root) / name).resolve()
            inside = path.is_relative_to(self.root)
            found = inside and path.is_file()
        except (OSError, ValueError, RuntimeError) as error:  # too long, or a circle of links
            raise TrialError(f"{name!r} cannot be a file name.", where=named_in, remedy="Check the name.") from error
        if not inside:
            raise TrialError(
                f"{name!r} points outside the trial's folder.",
                where=named_in,
                remedy="Copy the file into the trial's folder and give its path relative to that folder.",
            )
        if not found:
            there = sorted(p.name for p in path.parent.iterdir() if p.is_file()) if path.parent.is_dir() else []
            raise TrialError(
                f"there is no file {name!r} in the trial's folder.",
                where=named_in,
                remedy=near_names(path.name, there) or "Check the name and the folder.",
            )
        return path

    def read(self, path: Path) -> bytes:
        """Return the content of a file that `locate` returned, and keep its hash."""
        return self._read(path)[0]

    def read_text(self, path: Path, encodings: tuple[str, ...] = ("utf-8-sig", "cp1252", "latin-1")) -> str:
        """Return the text of a file that `locate` returned, and keep its hash."""
        data, label = self._read(path)
        return decode_text(data, label, encodings)

    def label(self, path: Path) -> str:
        """Return the name of a file within the folder, as messages and hashes show it."""
        return path.relative_to(self.root).as_posix()

    def _read(self, path: Path) -> tuple[bytes, str]:
        label = self.label(path)
        try:
            megabytes = path.stat().st_size / 1e6
            if megabytes > LARGEST_FILE_MB:
                raise TrialError(
                    f"the file is {megabytes:.0f} MB, more than {LARGEST_FILE_MB:.0f} MB.",
                    where=label,
                    remedy="Export only the walking trial.",
                )
            data = path.read_bytes()
        except OSError as error:
            raise TrialError(
                f"the file cannot be read ({error.strerror}).", where=label, remedy="Check its permissions."
            ) from error
        self.sha256[label] = hashlib.sha256(data).hexdigest()
        return data, label


def decode_text(data: bytes, label: str, encodings: tuple[str, ...] = ("utf-8-sig", "cp1252", "latin-1")) -> str:
    """Return bytes as text.

    Parameters
    ----------
    data : bytes
        Content of a file.
    label : str
        Its name, for messages.
    encodings : tuple of str
        Encodings to try in turn.

    Raises
    ------
    TrialError
        If it is empty, not text, or in an encoding that is not read.
    """
    if not data.strip():
        raise TrialError("the file is empty.", where=label, remedy="Export or copy it again.")
    utf16 = data[:2] in (b"\xff\xfe", b"\xfe\xff")
    if not utf16 and b"\0" in data[:200]:
        # Latin text in UTF-16 has a null in every second place, whichever end comes first.
        head = data[:200]
        utf16 = head[1::2].count(0) > 0.9 * len(head[1::2]) or head[::2].count(0) > 0.9 * len(head[::2])
    if utf16:
        raise TrialError("the text is in UTF-16.", where=label, remedy="Save it as UTF-8 or plain text.")
    if b"\0" in data or _control_share(data) > 0.02:
        raise TrialError(
            "the file contains binary data, not text.",
            where=label,
            remedy="Export it as a text file of the right type.",
        )
    for encoding in encodings:
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise TrialError(f"the text is not in {encodings[0][:5].upper()}.", where=label, remedy="Save it as UTF-8.")


def near_names(name: str, names: Iterable[str]) -> str:
    """Return a sentence with the names most similar to `name`, empty if there are none."""
    near = difflib.get_close_matches(name, list(names), n=3, cutoff=0.6)
    return f"Did you mean {' or '.join(repr(n) for n in near)}?" if near else ""


def _control_share(data: bytes) -> float:
    control = bytes(set(range(32)) - set(b"\t\n\r\f\v"))
    head = data[:100_000]
    return 1.0 - len(head.translate(None, control)) / len(head)
