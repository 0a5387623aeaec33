"""Public recordings by name: fixed addresses and hashes, with licence and citation."""

from __future__ import annotations

import sys
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import quote

from workbench.core.errors import SettingError, TrialError
from workbench.trials.folder import near_names
from workbench.trials.storage import listing

SERVER: Final = "https://raw.githubusercontent.com"
_TABLE: Final = Path(__file__).with_suffix(".toml")
_TIMEOUT_S: Final = 30.0


@dataclass(frozen=True)
class PublicRecording:
    """A recording in a public repository."""

    name: str
    title: str
    repository: str
    commit: str
    licence: str
    cite: str
    mass_kg: float
    height_m: float
    open: str  #: the file to open; empty for the folder itself
    trial: str  #: the trial of the folder to begin with; empty where there is one
    files: Mapping[str, tuple[str, str]]  #: path in the repository and SHA-256, by name in the folder

    @property
    def notice(self) -> str:
        """Title, source, licence and citation."""
        return (
            f"{self.title}.\nFrom github.com/{self.repository} at {self.commit[:10]}.\nLicence: {self.licence}.\n"
            f"Cite: {self.cite}."
        )

    def next_step(self, folder: Path) -> str:
        """The command that opens it."""
        trial = f" --trial {self.trial}" if self.trial else ""
        path = folder / self.open if self.open else folder
        return f"Open it with: workbench simulate {path}{trial} --mass {self.mass_kg:g} --height {self.height_m:g}"


def recordings() -> dict[str, PublicRecording]:
    """Every recording of the table, by name."""
    table = tomllib.loads(_TABLE.read_text(encoding="utf-8"))
    return {
        name: PublicRecording(name=name, **(entry | {"files": {k: tuple(v) for k, v in entry["files"].items()}}))
        for name, entry in table.items()
    }


def recording(name: str) -> PublicRecording:
    """One recording.

    Raises
    ------
    SettingError
        If there is none with this name.

    Examples
    --------
    >>> recording("overground_dm").licence
    'Apache-2.0'
    """
    known = recordings()
    if name not in known:
        raise SettingError(
            f"there is no public recording {name!r}.",
            remedy=near_names(name, known) or f"Available: {listing(known)}.",
        )
    return known[name]


def table_text() -> str:
    """The recordings as a list in text."""
    return "\n".join(f"{name:18} {one.title} ({one.licence})" for name, one in recordings().items())


def fetch(
    chosen: PublicRecording,
    folder: Path,
    *,
    server: str = SERVER,
    tell: Callable[[int, int, str], None] | None = None,
) -> Path:
    """Download a recording's files into a folder; files that exist with the right hash are not downloaded again.

    Parameters
    ----------
    chosen : PublicRecording
    folder : Path
        Made where it is missing.
    server : str
        Where the repositories are; another one for a mirror.
    tell : callable, optional
        Called with the files done, their number, and the next one's name; by default a line on standard error.

    Raises
    ------
    TrialError
        If a file cannot be loaded or is not the expected one. What was loaded before stays, and the next call goes on.
    """
    # Imported here: nothing else needs the network.
    import pooch
    import requests

    pooch.get_logger().setLevel("ERROR")
    tell = tell or _tell
    total = len(chosen.files)
    for done, (name, (path, digest)) in enumerate(chosen.files.items()):
        tell(done, total, name)
        target = folder / name
        try:
            pooch.retrieve(
                f"{server}/{chosen.repository}/{chosen.commit}/{quote(path)}",
                known_hash=f"sha256:{digest}",
                fname=target.name,
                path=target.parent,
                downloader=pooch.HTTPDownloader(timeout=_TIMEOUT_S),
            )
        except requests.exceptions.HTTPError as error:
            status = error.response.status_code if error.response is not None else "an error"
            raise TrialError(
                f"the server answered with {status}.",
                where=name,
                remedy="The repository may have moved; please report it.",
            ) from None
        except (requests.exceptions.RequestException, ConnectionError) as error:
            raise TrialError(
                f"the file cannot be downloaded: no connection to {server.split('//')[-1]} ({type(error).__name__}).",
                where=name,
                remedy=f"Check the network and run the command again: {done} of {total} files are complete and kept.",
            ) from None
        except ValueError:
            raise TrialError(
                "the downloaded file is not the expected one (its SHA-256 differs) and was discarded.",
                where=name,
                remedy="Try again; if it happens twice, please report it.",
            ) from None
        except OSError as error:
            raise TrialError(
                f"the file cannot be written ({error.strerror or 'no permission'}).",
                where=str(target),
                remedy="Free some space, or choose another folder with -o FOLDER.",
            ) from None
    tell(total, total, "")
    return folder


def _tell(done: int, total: int, name: str) -> None:
    sys.stderr.write(f"{done} of {total} files{f', downloading {name}' if name else ''}\n")
    sys.stderr.flush()
