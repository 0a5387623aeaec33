"""Markers and plates of the chosen files as one recording, turned to X forward, Y up, Z to the right."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from pathlib import Path

from workbench.core.errors import TrialError
from workbench.core.types import Array
from workbench.recordings.axes import turn_to_walkway
from workbench.recordings.c3d import read_c3d
from workbench.recordings.force_file import plates_of
from workbench.recordings.marker_file import parse_trc
from workbench.recordings.marker_maps import MarkerMap
from workbench.recordings.recording import ForcePlate, Markers, Recording
from workbench.recordings.spoken_names import spoken
from workbench.trials.folder import LARGEST_FILE_MB, decode_text
from workbench.trials.storage import parse_storage

_LEAST_OVERLAP_S = 0.3


def read_recording(
    markers: Path, forces: Path | None = None, *, plates: bool = True, marker_map: MarkerMap | None = None
) -> Recording:
    """Read markers, and the forces that go with them.

    Parameters
    ----------
    markers : Path
        A C3D or TRC file.
    forces : Path, optional
        A MOT or STO file of forces, used instead of the plates of the C3D file; in the same axes as the markers.
    plates : bool
        False ignores the plates of a C3D file.
    marker_map : MarkerMap, optional
        Gives side and part where the labels do not show them.

    Returns
    -------
    Recording
        Turned; see `workbench.recordings.axes`.

    Raises
    ------
    TrialError
        If a file cannot be used, or markers and forces were recorded at different times or in different axes.
    """
    recording = read_markers(markers)
    recording = recording if plates and forces is None else replace(recording, plates=())
    if forces is not None and plates:
        text, digest = read_text(forces)
        table = parse_storage(text, forces.name)
        found, said = plates_of(table)
        _check_clock(recording.markers, found, markers.name, forces.name)
        recording = replace(
            recording,
            plates=found,
            findings=(*recording.findings, *said),
            source_sha256={**recording.source_sha256, forces.name: digest},
        )
    assert recording.markers is not None
    names = recording.markers.names
    turned = turn_to_walkway(replace(recording, markers=spoken(recording.markers, marker_map)), markers.name)
    assert turned.markers is not None
    return replace(turned, markers=replace(turned.markers, names=names))


def read_markers(path: Path) -> Recording:
    """Read a C3D or TRC file in its own axes; metres.

    Raises
    ------
    TrialError
        If it cannot be used.
    """
    if path.suffix.lower() == ".c3d":
        return read_c3d(path)
    text, digest = read_text(path)
    markers, findings = parse_trc(text, path.name)
    return Recording(path.stem, markers, findings=tuple(findings), source_sha256={path.name: digest})


def read_text(path: Path) -> tuple[str, str]:
    """Text of a file and the hash of its bytes.

    Raises
    ------
    TrialError
        If it cannot be read, is too large, or is no text.
    """
    try:
        if path.stat().st_size > 1e6 * LARGEST_FILE_MB:
            raise TrialError(
                f"the file is larger than {LARGEST_FILE_MB:.0f} MB.", where=path.name, remedy="Export the walk only."
            )
        data = path.read_bytes()
    except OSError as error:
        raise TrialError(f"the file cannot be read ({error.strerror}).", where=path.name) from error
    return decode_text(data, path.name), hashlib.sha256(data).hexdigest()


def _check_clock(markers: Markers | None, plates: tuple[ForcePlate, ...], of_markers: str, of_forces: str) -> None:
    if markers is None or not plates:
        return
    m, f = markers.time_s, plates[0].time_s
    if min(m[-1], f[-1]) - max(m[0], f[0]) < _LEAST_OVERLAP_S:
        raise TrialError(
            f"the markers ({m[0]:.2f} to {m[-1]:.2f} s) and the forces ({f[0]:.2f} to {f[-1]:.2f} s) do not overlap in"
            " time.",
            where=f"{of_markers}, {of_forces}",
            remedy="Use files from the same recording, on the same clock.",
        )


def turned_back(vectors: Array, recording: Recording) -> Array:
    """Vectors of a turned recording, (n, 3), in the axes of its file."""
    return vectors if recording.turned_by is None else vectors @ recording.turned_by
