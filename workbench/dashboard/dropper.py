"""The drop area: files arrive in pieces, and limits are checked here, not in the browser."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import panel as pn
import param

from workbench.core.errors import TrialError, WorkbenchError
from workbench.session.solvers import Later
from workbench.trials.upload import LARGEST_MB, MOST_FILES, shown


class Reception:
    """The files of one drop as they arrive.

    Parameters
    ----------
    files : list of dict
        Name and size of each, as the browser says.

    Raises
    ------
    TrialError
        If they are too many, too large together, or two of one name.
    """

    def __init__(self, files: list[Mapping[str, Any]]) -> None:
        names = [str(file["name"]) for file in files]
        if len(names) > MOST_FILES:
            raise TrialError(f"{len(names)} files were sent, more than {MOST_FILES}.", remedy="Zip one trial only.")
        twice = next((name for name in names if names.count(name) > 1), None)
        if twice is not None:
            raise TrialError(f"the file {shown(twice)!r} was sent twice.", remedy="Send one of them.")
        self._parts: dict[str, bytearray] = {name: bytearray() for name in names}
        self._names = names
        self._done: set[int] = set()
        self._size = 0
        self._more(sum(int(file["size"]) for file in files))
        self._size = 0

    def add(self, file: int, data: bytes, *, last: bool) -> None:
        """Take a piece of a file.

        Raises
        ------
        TrialError
            If that makes them too large together, whatever the browser said before.
        """
        self._more(len(data))
        self._parts[self._names[file]] += data
        if last:
            self._done.add(file)

    @property
    def files(self) -> dict[str, bytes] | None:
        """Content by name once complete, else None."""
        if len(self._done) < len(self._names):
            return None
        return {name: bytes(part) for name, part in self._parts.items()}

    def _more(self, size: int) -> None:
        self._size += size
        if self._size > LARGEST_MB * 1e6:
            raise TrialError(
                f"the files add up to more than {LARGEST_MB:.0f} MB.",
                remedy="Export the walking trial only, or open it with workbench serve TRIAL.",
            )


class Dropper(pn.custom.JSComponent):
    """A field for one or more files.

    Parameters
    ----------
    on_files : callable
        Is given the content of all files of one drop by their names.
    on_error : callable
        Is given the error that says why they are not taken.
    later : callable
        Runs a function on the thread that owns the page after some milliseconds.
    """

    label = param.String(default="Drop files here, or choose them:", doc="Text before the field.")
    batch = param.Integer(default=0, doc="Number of the last drop.")
    taken = param.Integer(default=0, doc="Messages received; the browser waits for this before sending the next piece.")
    refused = param.Integer(default=0, doc="Number of the last drop that was rejected.")

    _esm = Path(__file__).with_suffix(".js")

    def __init__(
        self,
        on_files: Callable[[dict[str, bytes]], None],
        on_error: Callable[[WorkbenchError], None],
        later: Later,
        **params: Any,
    ) -> None:
        super().__init__(**params)
        self._on_files, self._on_error, self._later = on_files, on_error, later
        self._reception: Reception | None = None
        self._number = 0  # of the drop that is being received
        self.on_msg(lambda event: self.take(event.data))

    def take(self, message: object) -> None:
        """Process a message from the browser: the start of a drop, or a piece of a file."""
        files: dict[str, bytes] | None = None
        try:
            if not isinstance(message, dict):
                raise TypeError
            number = int(message["batch"])
            if message["kind"] == "begin":
                self._number, self._reception = number, None
                self._reception = Reception(message["files"])
            elif self._reception is not None and number == self._number:
                self._reception.add(int(message["file"]), bytes(message["data"]), last=bool(message["last"]))
            if self._reception is not None and (files := self._reception.files) is not None:
                self._reception = None
        except WorkbenchError as error:
            self._refuse(error)
        except (KeyError, IndexError, TypeError, ValueError):
            self._refuse(TrialError("the browser sent something that is not a file.", remedy="Try again."))
        self._later(partial(self._answer, files), 1.0)

    def _refuse(self, error: WorkbenchError) -> None:
        self._reception = None
        self._later(partial(self._say, self._number, error), 1.0)

    def _say(self, number: int, error: WorkbenchError) -> None:
        self.refused = number
        self._on_error(error)

    def _answer(self, files: dict[str, bytes] | None) -> None:
        self.param.update(batch=self._number, taken=self.taken + 1)
        if files is not None:
            self._on_files(files)
