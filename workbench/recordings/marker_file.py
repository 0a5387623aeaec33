"""Marker files of Motion Analysis' form (``.trc``), which OpenCap, Pose2Sim and AddBiomechanics write too."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import Final

import numpy as np

from workbench.core.errors import TrialError
from workbench.core.findings import Finding
from workbench.core.types import Array
from workbench.recordings.labels import clean_labels
from workbench.recordings.recording import Markers

#: Metres in one unit, by the words that files use.
LENGTH_UNITS: Final[dict[str, float]] = {
    "mm": 1e-3, "millimeters": 1e-3, "millimetres": 1e-3, "cm": 1e-2, "dm": 1e-1,
    "m": 1.0, "meters": 1.0, "metres": 1.0, "meter": 1.0,
}  # fmt: skip
#: Height of the marked body, from the lowest to the highest marker: a child's legs to a tall man's arms overhead.
BODY_EXTENT_M: Final = (0.5, 2.6)
_ROUNDING_S: Final = 1.1e-3  #: times written with three decimals lie this far apart from even ones


def parse_trc(text: str, label: str) -> tuple[Markers, list[Finding]]:
    """Read a marker file; axes stay as they are in the file.

    Blank cells, ``nan`` and markers at exactly (0, 0, 0) are missing. The header's number of frames is compared with
    the rows and otherwise not used.

    Parameters
    ----------
    text : str
        Content of the file.
    label : str
        Its name, for messages.

    Returns
    -------
    Markers
        In metres.
    list of Finding

    Raises
    ------
    TrialError
        If it is no marker file, a row is cut or holds words, times do not increase, or the unit cannot be right.
    """
    lines = text.splitlines()
    start = next((i for i, line in enumerate(lines[:12]) if re.match(r"\s*Frame\s*#?\s", line, re.IGNORECASE)), None)
    if start is None:
        raise TrialError(
            "there is no line that begins with Frame# and names the markers.",
            where=label,
            remedy="Export the markers as .trc again; its first lines are PathFileType, DataRate and Frame#.",
        )
    header = _header(lines[:start])
    labels = [cell.strip() for cell in lines[start].split("\t")[2:] if cell.strip()]
    if len(labels) < 1:
        labels = lines[start].split()[2:]
    if not labels:
        raise TrialError("the Frame# line names no marker.", where=label, remedy="Export the markers again.")
    rows = [(i + 1, line) for i, line in enumerate(lines) if i > start and re.match(r"\s*\d+\s", line)]
    values = _numbers(rows, len(labels), label)
    time_s, position = _unrounded(values[:, 0], header), values[:, 1:].reshape(len(values), len(labels), 3)
    position[(position == 0.0).all(axis=2)] = np.nan
    _check_times(time_s, label)
    findings = _row_findings(header, len(rows), time_s, label)
    names, position, doubles = clean_labels(labels, position, label)
    position, found = in_metres(position, header.get("Units", ""), label)
    return Markers(time_s, names, position), findings + doubles + found


def in_metres(position: Array, unit: str, label: str) -> tuple[Array, list[Finding]]:
    """Bring marker positions to metres, and refuse a unit that makes a giant or a dwarf of the person.

    Parameters
    ----------
    position : array, shape (n, k, 3)
    unit : str
        As the file says; found from the size of the body where it is empty or unknown.
    label : str
        The file, for messages.

    Raises
    ------
    TrialError
        If the stated unit cannot be right.
    """
    extent = _body_extent(position, label)
    low, high = BODY_EXTENT_M
    fitting = [name for name in ("mm", "cm", "m") if low <= extent * LENGTH_UNITS[name] <= high]
    stated = LENGTH_UNITS.get(unit.strip().lower().rstrip("."))
    if stated is None:
        if not fitting:
            raise TrialError(
                f"the markers span {extent:.3g} and the file gives no unit.",
                where=label,
                remedy="Add the unit to the file.",
            )
        finding = Finding(
            "unit_found", "note", "recording",
            f"The file gives no unit of length; the markers span {extent:.3g}, so {fitting[0]} was assumed.",
            where=label,
        )  # fmt: skip
        return position * LENGTH_UNITS[fitting[0]], [finding]
    if stated * extent > high:
        raise TrialError(
            f"the markers span {stated * extent:.3g} m in the file's unit {unit!r}:"
            f" {f'are they in {fitting[0]}' if fitting else 'were millimetres taken for metres'}?",
            where=label,
            remedy="Correct the unit in the file.",
        )
    if fitting and stated * extent < 0.2:
        raise TrialError(
            f"the markers span {1000 * stated * extent:.3g} mm in the file's unit {unit!r}: are they in {fitting[0]}?",
            where=label,
            remedy="Correct the unit in the file.",
        )
    return position * stated, []


def _body_extent(position: Array, label: str) -> float:
    """Median over the frames of the largest distance along an axis between the markers of one frame."""
    seen = np.isfinite(position).all(axis=2)
    frames = np.flatnonzero(seen.sum(axis=1) >= 2)
    if not len(frames):
        raise TrialError("no frame contains two markers.", where=label, remedy="Export a trial with its markers.")
    step = max(1, len(frames) // 200)
    # The 5th to 95th percentile: a stray point far off does not make a giant.
    spans = [np.ptp(np.nanpercentile(position[f], [5, 95], axis=0), axis=0).max() for f in frames[::step]]
    return float(np.median(spans))


def _header(lines: list[str]) -> dict[str, str]:
    """Keys and values of the two lines that begin with DataRate."""
    for keys, values in pairwise(lines):
        if keys.strip().lower().startswith("datarate"):
            return dict(zip(keys.split(), values.split(), strict=False))
    return {}


def _numbers(rows: list[tuple[int, str]], markers: int, label: str) -> Array:
    """Time and coordinates, shape (rows, 1 + 3 markers)."""
    if not rows:
        raise TrialError("there are marker names but no data rows.", where=label, remedy="Export it again.")
    wanted = 2 + 3 * markers
    values = np.full((len(rows), wanted - 1), np.nan)
    for index, (number, line) in enumerate(rows):
        cells = line.rstrip("\r\n").split("\t") if "\t" in line.strip() else line.split()
        while len(cells) > wanted and not cells[-1].strip():
            cells.pop()
        # Programs leave off the tabs behind the last marker that was seen.
        if len(cells) > wanted or (len(cells) - 2) % 3:
            raise TrialError(
                f"line {number} has {len(cells)} cells for {wanted} columns.",
                where=label,
                remedy="The file was truncated or a name is missing: export it again or correct the line.",
            )
        try:
            values[index, : len(cells) - 1] = [float(cell) if cell.strip() else np.nan for cell in cells[1:]]
        except ValueError:
            bad = next(cell for cell in cells[1:] if not _is_number(cell))
            raise TrialError(
                f"{bad.strip()[:40]!r} in line {number} is not a number.",
                where=label,
                remedy="Export the file with decimal points." if "," in bad else "Correct it or remove the line.",
            ) from None
    values[~(np.abs(values) <= 1e9)] = np.nan
    return values


def _is_number(cell: str) -> bool:
    try:
        float(cell or "0")
    except ValueError:
        return not cell.strip()
    return True


def _check_times(time_s: Array, label: str) -> None:
    if len(time_s) < 2 or not np.isfinite(time_s).all():
        raise TrialError("there are fewer than two frames with a time.", where=label, remedy="Export it again.")
    if (np.diff(time_s) <= 0.0).any():
        at = float(time_s[int(np.flatnonzero(np.diff(time_s) <= 0.0)[0])])
        raise TrialError(
            f"time does not increase after {at:.4f} s.", where=label, remedy="Keep one recording in the file."
        )


def _unrounded(time_s: Array, header: dict[str, str]) -> Array:
    """Times on the grid of the stated rate where the file holds them rounded to milliseconds."""
    try:
        rate = float(header.get("DataRate", "nan"))
    except ValueError:
        return time_s
    if not (rate > 0.0 and np.isfinite(time_s).all()):
        return time_s
    grid = time_s[0] + np.arange(len(time_s)) / rate
    off = time_s - grid
    return grid + off.mean() if np.ptp(off) <= _ROUNDING_S else time_s


def _row_findings(header: dict[str, str], rows: int, time_s: Array, label: str) -> list[Finding]:
    findings = []
    try:
        said = int(float(header.get("NumFrames", rows)))
        rate = float(header.get("DataRate", "nan"))
    except ValueError:
        said, rate = rows, float("nan")
    if said > rows:
        findings.append(
            Finding("file_cut_short", "serious", "recording",
                    f"The header states {said} frames but the file contains {rows}: it was truncated.",
                    "Export or copy the file again.", label)
        )  # fmt: skip
    found = float((len(time_s) - 1) / (time_s[-1] - time_s[0]))
    if np.isfinite(rate) and rate > 0 and abs(found - rate) > 0.02 * rate:
        findings.append(
            Finding("rate_differs", "serious", "recording",
                    f"The header says {rate:g} frames per second, but the row times give {found:.4g}.",
                    "Find out which is right: speeds, and therefore loads, depend on it.", label, "2 %")
        )  # fmt: skip
    return findings
