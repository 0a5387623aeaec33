"""Recordings opened directly: imported once and cached by content, so that they open instantly the second time."""

from __future__ import annotations

import hashlib
import shutil
import tempfile
from contextlib import suppress
from dataclasses import fields
from functools import cache
from pathlib import Path
from typing import Final

import workbench
from workbench.core.errors import SettingError, TrialError
from workbench.core.types import Trial
from workbench.intake.pipeline import prepare
from workbench.intake.tell import Tell, silent
from workbench.intake.trial_folder import write_trial_folder
from workbench.recordings.sources import Sources, Wishes, find_sources
from workbench.trials import REFERENCE, open_trial
from workbench.trials.toml_table import TRIAL_FILE
from workbench.workers.surfaces import cache_folder

#: So many imported recordings are kept; one takes a few megabytes.
MOST_KEPT: Final = 60


def open_recorded(path: str | Path, wishes: Wishes | None = None, tell: Tell = silent) -> Trial:
    """Open a trial, or a recording of any kind that can be imported.

    Parameters
    ----------
    path : str or Path
        What `workbench.trials.open_trial` takes, or what `workbench.recordings.sources.find_sources` takes.
    wishes : Wishes, optional
    tell : callable, optional
        See `workbench.intake.pipeline.import_recording`.

    Raises
    ------
    WorkbenchError
        With what is wrong, where, and what to do.

    Examples
    --------
    >>> open_recorded("reference").subject
    Subject(mass_kg=86.04, height_m=1.87)
    """
    return open_trial(imported(path, wishes, tell))


def imported(path: str | Path, wishes: Wishes | None = None, tell: Tell = silent) -> Path | str:
    """A path that `workbench.trials.open_trial` accepts: the recording's own, or that of its import."""
    wishes = wishes or Wishes()
    if is_trial(path):
        if wishes != Wishes():
            given = [one.name for one in fields(Wishes) if getattr(wishes, one.name) != getattr(Wishes(), one.name)]
            raise SettingError(
                f"{', '.join(given)} cannot be given for a trial.toml, which already contains this.",
                where=str(path)[:200],
                remedy="Change the trial.toml, or import the recording again.",
            )
        return path
    tell("looking for files", 0.0)
    sources = find_sources(Path(path), wishes)
    folder = cache_folder() / "recordings" / _key(sources, wishes)
    if (folder / TRIAL_FILE).is_file():
        with suppress(OSError):
            folder.touch()  # the longest unused go first
        return folder
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        # Written aside and renamed: another process never sees half a folder.
        aside = Path(tempfile.mkdtemp(dir=folder.parent, suffix=".part"))
    except OSError as error:
        raise SettingError(
            f"the cache folder cannot be written ({error.strerror}).",
            where=str(folder.parent),
            remedy="Set another folder with the environment variable WORKBENCH_CACHE, or use workbench import -o"
            " FOLDER.",
        ) from error
    try:
        write_trial_folder(prepare(sources, wishes, aside / "work", tell), aside)
        shutil.rmtree(aside / "work", ignore_errors=True)
        open_trial(aside)  # what cannot be opened is not kept
        with suppress(OSError):
            aside.replace(folder)
    finally:
        shutil.rmtree(aside, ignore_errors=True)
    _trim(folder.parent)
    return folder


def is_trial(path: str | Path) -> bool:
    """True for the built-in walk, a ``.toml`` file and a folder that holds a ``trial.toml``."""
    if str(path) == REFERENCE:
        return True
    try:
        path = Path(path)
        return path.suffix.lower() == ".toml" or (path / TRIAL_FILE).is_file()
    except (OSError, ValueError):
        return False


def _key(sources: Sources, wishes: Wishes) -> str:
    digest = hashlib.sha256(_programs().encode())
    for one in fields(Sources):
        value = getattr(sources, one.name)
        if isinstance(value, Path):
            try:
                value = value.name, hashlib.sha256(value.read_bytes()).hexdigest()
            except OSError as error:
                raise TrialError(f"the file cannot be read ({error.strerror}).", where=value.name) from error
        digest.update(repr((one.name, value)).encode())
    said = wishes.marker_map.read_bytes() if wishes.marker_map else b""
    digest.update(repr((wishes.plates, wishes.measured_side, said)).encode())
    return digest.hexdigest()[:40]


@cache
def _programs() -> str:
    """Hash of the sources an import depends on: between releases the version says too little."""
    digest = hashlib.sha256(workbench.__version__.encode())
    package = Path(workbench.__file__).parent
    for part in ("core", "recordings", "simulation", "intake", "trials"):
        for source in sorted((package / part).rglob("*.py")) + sorted((package / part).rglob("*.toml")):
            digest.update(source.read_bytes())
    return digest.hexdigest()


def _trim(folder: Path) -> None:
    with suppress(OSError):
        kept = sorted((p for p in folder.iterdir() if p.suffix != ".part"), key=lambda p: p.stat().st_mtime)
        for old in kept[:-MOST_KEPT]:
            shutil.rmtree(old, ignore_errors=True)
