"""OpenSim storage files (``.mot``, ``.sto``): a header, a row of names, rows of numbers.

The header is read for ``inDegrees`` only. ``nRows`` and ``nColumns`` are wrong in many files in circulation, so the
rows are counted.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from workbench.core.errors import TrialError
from workbench.core.types import Array
from workbench.trials.folder import near_names

_IN_DEGREES = re.compile(r"^\s*inDegrees\s*=\s*(yes|no|true|false)\s*$", re.IGNORECASE)


@dataclass(frozen=True)
class Table:
    """Named columns of numbers, as in the file; values may be missing (NaN)."""

    names: tuple[str, ...]  #: (k,) unique, in the file's order
    values: Array  #: (n, k) read-only
    in_degrees: bool | None  #: None where the file does not say
    label: str  #: name of the file within the trial's folder, for messages

    def column(self, name: str) -> Array:
        """Return one column, shape (n,).

        Raises
        ------
        TrialError
            If there is none with this name.
        """
        if name not in self.names:
            raise missing_column(name, self.names, self.label)
        return self.values[:, self.names.index(name)]

    @property
    def time_s(self) -> Array:
        """The column ``time``, shape (n,)."""
        name = next((n for n in self.names if n.lower() == "time"), None)
        if name is None:
            raise TrialError(
                "there is no 'time' column.",
                where=self.label,
                remedy="Name the time column 'time' and give it in seconds.",
            )
        return self.column(name)


def parse_storage(text: str, label: str) -> Table:
    """Read a storage file.

    Parameters
    ----------
    text : str
        Content of the file.
    label : str
        Its name, for messages.

    Returns
    -------
    Table
        The columns.

    Raises
    ------
    TrialError
        If the header has no end, a row has too few or too many numbers, a cell is not a number, a name occurs twice or
        there are no rows.
    """
    lines = text.splitlines()
    end = next((i for i, line in enumerate(lines) if line.strip().lower() == "endheader"), None)
    if end is None:
        raise TrialError(
            "the header has no 'endheader' line.",
            where=label,
            remedy="Use an OpenSim .mot or .sto file, or add an 'endheader' line before the column names.",
        )
    in_degrees = None
    for line in lines[:end]:
        if match := _IN_DEGREES.match(line):
            in_degrees = match[1].lower() in ("yes", "true")
    numbered = [(i + 1, line) for i, line in enumerate(lines) if i > end and line.strip()]
    if not numbered:
        raise TrialError("the file ends after the header.", where=label, remedy="Export it again.")
    names = _column_names(numbered[0][1], label)
    rows = numbered[1:]
    if not rows:
        raise TrialError("there are column names but no data rows.", where=label, remedy="Export it again.")
    return Table(names, _numbers(rows, names, label), in_degrees, label)


def missing_column(name: str, names: Sequence[str], label: str) -> TrialError:
    """Return the error for a missing column, with similar names."""
    return TrialError(
        f"there is no column {name!r}.",
        where=label,
        remedy=near_names(name, names) or f"The file has the columns {listing(names)}.",
    )


def check_unique(names: Sequence[str], label: str) -> None:
    """Raise `TrialError` if a column name occurs twice."""
    twice = [name for name, count in Counter(names).items() if count > 1]
    if twice:
        raise TrialError(
            f"the column {twice[0]!r} occurs more than once.", where=label, remedy="Keep one of them or rename it."
        )


def listing(names: Iterable[str], most: int = 12) -> str:
    """Return names as a short list for a message."""
    every = list(names)
    return ", ".join(every[:most]) + (f" and {len(every) - most} more" if len(every) > most else "")


def _column_names(line: str, label: str) -> tuple[str, ...]:
    names = [name.strip() for name in line.strip().split("\t")] if "\t" in line.strip() else line.split()
    if len(names) == 1:
        raise TrialError(
            "the row of column names has only one name.",
            where=label,
            remedy="Separate the columns by tabs or spaces, not by commas.",
        )
    if "" in names:
        raise TrialError(f"column {names.index('') + 1} has no name.", where=label, remedy="Name it or remove it.")
    check_unique(names, label)
    return tuple(names)


def _numbers(rows: Sequence[tuple[int, str]], names: Sequence[str], label: str) -> Array:
    try:
        values = np.loadtxt([line for _, line in rows], dtype=float, comments=None, ndmin=2)
    except ValueError:
        values = None
    if values is None or values.shape[1] != len(names):
        raise _first_fault(rows, names, label)
    values.flags.writeable = False
    return values


def _first_fault(rows: Sequence[tuple[int, str]], names: Sequence[str], label: str) -> TrialError:
    """Find the first row that could not be read. Slow, and so only done once something is wrong."""
    for number, line in rows:
        cells = line.split()
        if len(cells) != len(names):
            return TrialError(
                f"line {number} has {len(cells)} numbers for {len(names)} columns.",
                where=label,
                remedy="The file was truncated or a cell is empty: export it again or correct the line.",
            )
        for name, cell in zip(names, cells, strict=True):
            try:
                np.loadtxt([cell], dtype=float, comments=None)
            except ValueError:
                decimal = re.fullmatch(r"[+-]?\d+,\d+", cell) is not None
                return TrialError(
                    f"{cell[:40]!r} in line {number}, column {name!r}, "
                    + ("uses a decimal comma." if decimal else "is not a number."),
                    where=label,
                    remedy="Export the file with decimal points." if decimal else "Correct it or remove the line.",
                )
    return TrialError("the rows cannot be read as numbers.", where=label, remedy="Export the file again.")
