"""Knee loads measured by an instrumented implant, from csv, xlsx, mot or sto."""

from __future__ import annotations

import csv
import importlib
import io
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import numpy as np

from workbench.core.errors import TrialError
from workbench.core.findings import Finding
from workbench.core.types import Array, MeasuredLoads, Motion, Subject
from workbench.core.vocabulary import NEWTON_PER_POUND_FORCE, Side
from workbench.trials import recording_checks
from workbench.trials.folder import LARGEST_FILE_MB, TrialFolder
from workbench.trials.storage import check_unique, missing_column, parse_storage

UNITS: Final = ("N", "lbf", "BW")
KINDS: Final = (".csv", ".xlsx", ".mot", ".sto")


def read_measured_loads(
    folder: TrialFolder,
    path: Path,
    *,
    side: Side,
    columns: tuple[str, str, str],
    unit: str,
    subject: Subject,
    motion: Motion,
    starts_at_s: float = 0.0,
) -> tuple[MeasuredLoads, tuple[Finding, ...]]:
    """Read measured loads and check them.

    Parameters
    ----------
    folder : TrialFolder
        The trial's folder.
    path : Path
        A file in it.
    side : {"left", "right"}
        The knee with the implant.
    columns : tuple of str
        Names of the columns of time (s), medial force and lateral force, compression positive.
    unit : {"N", "lbf", "BW"}
        Unit of the forces.
    subject : Subject
        For body weight.
    motion : Motion
        For its clock.
    starts_at_s : float
        Time of the motion at which the file's clock reads zero.

    Returns
    -------
    MeasuredLoads
        Forces in N.
    tuple of Finding

    Raises
    ------
    TrialError
        If the file, a column or a number cannot be used, or the forces cannot be in this unit.
    """
    label = folder.label(path)
    values = read_columns(folder, path, columns)
    time_s = values[:, 0] + starts_at_s
    findings = recording_checks.sampling(time_s, label, "measured loads")
    recording_checks.finite(time_s, values, columns, label, "Remove the rows without a number, or fill them.")
    newtons = {"N": 1.0, "lbf": NEWTON_PER_POUND_FORCE, "BW": subject.body_weight_N}[unit]
    loads = MeasuredLoads(side, time_s, values[:, 1] * newtons, values[:, 2] * newtons)
    findings += recording_checks.measured_loads(loads, motion, subject, label)
    return loads, tuple(findings)


def read_columns(folder: TrialFolder, path: Path, names: Sequence[str]) -> Array:
    """Read the named columns of a csv, xlsx, mot or sto file, shape (n, len(names)); a cell without a number is NaN.

    Raises
    ------
    TrialError
        If the file or a column cannot be used.
    """
    label = folder.label(path)
    kind = path.suffix.lower()
    if kind in (".mot", ".sto"):
        table = parse_storage(folder.read_text(path), label)
        return np.column_stack([table.column(name) for name in names])
    if kind == ".csv":
        text = folder.read_text(path)
        head = text.split("\n", 1)[0]
        delimiter = max(";\t,", key=head.count)
        # Where the semicolon separates the cells, the comma is free to be the decimal sign.
        return _from_rows(_csv_rows(text, delimiter, label), names, label, decimal_comma=delimiter == ";")
    if kind == ".xlsx":
        return _from_rows(_xlsx_rows(folder.read(path), label), names, label, decimal_comma=False)
    raise TrialError(
        f"measured loads cannot be read from {kind or 'a file without an extension'}.",
        where=label,
        remedy=f"Save them as one of {', '.join(KINDS)}.",
    )


def _csv_rows(text: str, delimiter: str, label: str) -> list[list[str]]:
    try:
        return list(csv.reader(io.StringIO(text), delimiter=delimiter))
    except csv.Error as error:
        raise TrialError(f"the table cannot be read ({error}).", where=label, remedy="Save it as CSV again.") from error


def _xlsx_rows(data: bytes, label: str) -> list[list[str]]:
    """Cells of the first sheet, as text."""
    try:
        openpyxl = importlib.import_module("openpyxl")
    except ImportError as error:
        raise TrialError(
            "Excel files need the Python package openpyxl, which is not installed.",
            where=label,
            remedy="Save the sheet as CSV, or install openpyxl.",
        ) from error
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            # A small archive can unpack to more than memory holds.
            megabytes = sum(member.file_size for member in archive.infolist()) / 1e6
        if megabytes > LARGEST_FILE_MB:
            raise TrialError(
                f"the sheet unzips to {megabytes:.0f} MB.", where=label, remedy="Save only the loads, as CSV."
            )
        sheet = openpyxl.load_workbook(io.BytesIO(data), read_only=True, data_only=True).worksheets[0]
        return [["" if cell is None else str(cell) for cell in row] for row in sheet.iter_rows(values_only=True)]
    except TrialError:
        raise
    except Exception as error:
        # The reader of a third party meets a file of unknown origin: whatever it raises, the file is unusable.
        raise TrialError(
            "the file is not a readable Excel sheet.", where=label, remedy="Save the sheet as CSV."
        ) from error


def _from_rows(rows: Sequence[Sequence[str]], names: Sequence[str], label: str, *, decimal_comma: bool) -> Array:
    """Read the named columns of a table of cells; what other columns hold does not matter."""
    filled = [(number, row) for number, row in enumerate(rows, start=1) if any(cell.strip() for cell in row)]
    if len(filled) < 2:
        raise TrialError("there are no rows below the column names.", where=label, remedy="Export the loads again.")
    head = [name.strip() for name in filled[0][1]]
    check_unique([name for name in head if name], label)
    for name in names:
        if name not in head:
            raise missing_column(name, [n for n in head if n], label)
    values = np.empty((len(filled) - 1, len(names)))
    for index, (number, row) in enumerate(filled[1:]):
        if len(row) != len(head):
            raise TrialError(
                f"line {number} has {len(row)} cells for {len(head)} columns.", where=label, remedy="Correct the line."
            )
        for column, name in enumerate(names):
            cell = row[head.index(name)].strip()
            try:
                values[index, column] = float(cell.replace(",", ".") if decimal_comma else cell) if cell else np.nan
            except ValueError as error:
                raise TrialError(
                    f"{cell[:40]!r} in line {number}, column {name!r}, is not a number.",
                    where=label,
                    remedy="Correct it or remove the line.",
                ) from error
    return values
