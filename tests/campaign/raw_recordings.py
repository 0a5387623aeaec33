"""Recordings as laboratories hold them, spoiled in the ways that laboratories spoil them, and written as C3D or TRC."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import numpy as np

from tests.recordings.stick_walk import StickWalk, write_c3d, write_trc
from workbench.core.types import Array
from workbench.intake.trial_folder import write_table
from workbench.recordings.reading import read_recording
from workbench.recordings.recording import ForcePlate, Markers
from workbench.recordings.sources import Wishes

Spoil = Callable[["Raw"], "Raw"]


@dataclass(frozen=True)
class Raw:
    """Markers and plates, X forward, Y up, Z right, with the person's figures; what is spoiled is a copy."""

    markers: Markers
    plates: tuple[ForcePlate, ...]
    mass_kg: float
    height_m: float

    def write(self, folder: Path) -> Path:
        """Write as C3D where the plates have corners, else as TRC and MOT; return the file of the markers."""
        folder.mkdir(parents=True, exist_ok=True)
        if all(plate.corners_m is not None for plate in self.plates):
            first = round(float(self.markers.time_s[0] * self.markers.rate_hz))
            return write_c3d(folder / "walk.c3d", StickWalk(self.markers, self.plates), first_frame=first)
        names, columns = ["time"], [self.plates[0].time_s[:, None]]
        for number, plate in enumerate(self.plates, start=1):
            names += [f"ground_force_{number}_{part}{axis}" for part in "vpm" for axis in "xyz"]
            columns += [plate.force_N, *_point_and_free_moment(plate)]
        write_table(folder / "walk_grf.mot", names, np.hstack(columns))
        return write_trc(folder / "walk.trc", self.markers)

    @property
    def wishes(self) -> Wishes:
        """What a user would say of it."""
        return Wishes(self.mass_kg, self.height_m)


def raw_recording(markers: Path, forces: Path | None, mass_kg: float, height_m: float) -> Raw:
    """Read a clean recording."""
    read = read_recording(markers, forces)
    assert read.markers is not None
    return Raw(read.markers, read.plates, mass_kg, height_m)


def _point_and_free_moment(plate: ForcePlate) -> tuple[Array, Array]:
    force, moment, height = plate.force_N, plate.moment_Nm, plate.surface_height_m
    loaded = np.abs(force[:, 1:2]) > 20.0
    vertical = np.where(loaded[:, 0], force[:, 1], np.inf)
    point = np.column_stack(
        [
            (moment[:, 2] + height * force[:, 0]) / vertical,
            np.full(len(force), height),
            (height * force[:, 2] - moment[:, 0]) / vertical,
        ]
    )
    return point, np.where(loaded, moment - np.cross(point, force), 0.0) * [0.0, 1.0, 0.0]


@dataclass(frozen=True)
class RawFault:
    """A way to spoil a recording, and what names it: codes of findings, or words of a refusal."""

    name: str
    spoil: Spoil
    codes: frozenset[str] = frozenset()
    refusal: str = ""
    half_a_file: bool = False
    corrected: bool = False  #: the reader mends it and says so in a note

    def write(self, raw: Raw, folder: Path) -> tuple[Path, Wishes]:
        """Write the spoiled recording; return the file of the markers and what a user would say of it."""
        spoiled = self.spoil(raw)
        path = spoiled.write(folder)
        if self.half_a_file:
            path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
        return path, spoiled.wishes


def _of_markers(change: Callable[[Markers], Markers]) -> Spoil:
    return lambda raw: replace(raw, markers=change(raw.markers))


def _of_plates(change: Callable[[ForcePlate], ForcePlate]) -> Spoil:
    return lambda raw: replace(raw, plates=tuple(change(plate) for plate in raw.plates))


def _sides_exchanged(markers: Markers) -> Markers:
    swapped = str.maketrans("LRlr", "RLrl")
    return replace(
        markers,
        names=tuple(
            name[0].translate(swapped) + name[1:] if name[0].translate(swapped) + name[1:] in markers.names else name
            for name in markers.names
        ),
    )


def _labels_exchanged(one: str, other: str) -> Spoil:
    def change(markers: Markers) -> Markers:
        renamed = {one: other, other: one}
        return replace(markers, names=tuple(renamed.get(name, name) for name in markers.names))

    return _of_markers(change)


def _exchanged_midway(one: str, other: str) -> Spoil:
    def change(markers: Markers) -> Markers:
        position, half = markers.position_m.copy(), len(markers.time_s) // 2
        a, b = markers.names.index(one), markers.names.index(other)
        position[half:, [a, b]] = position[half:, [b, a]]
        return replace(markers, position_m=position)

    return _of_markers(change)


def _late(seconds: float) -> Spoil:
    def change(plate: ForcePlate) -> ForcePlate:
        shift = round(seconds / float(np.median(np.diff(plate.time_s))))
        force, moment = (np.roll(values, shift, axis=0) for values in (plate.force_N, plate.moment_Nm))
        for values in (force, moment):
            values[:shift] = values[shift]
        return replace(plate, force_N=force, moment_Nm=moment)

    return _of_plates(change)


def _turned(plate: ForcePlate) -> ForcePlate:
    """A quarter of a turn about the vertical through where the force acts on average."""
    loaded = plate.force_N[:, 1] > 50.0
    if not loaded.any():
        return plate
    point, _ = _point_and_free_moment(plate)
    middle = np.average(point[loaded], axis=0, weights=plate.force_N[loaded, 1])
    about = plate.moment_Nm - np.cross(middle, plate.force_N)
    quarter = np.array([[0.0, 0.0, 1.0], [0.0, 1.0, 0.0], [-1.0, 0.0, 0.0]])
    force = plate.force_N @ quarter.T
    return replace(plate, force_N=force, moment_Nm=about @ quarter.T + np.cross(middle, force))


def _shifted(by_m: tuple[float, float, float]) -> Spoil:
    def change(plate: ForcePlate) -> ForcePlate:
        corners = None if plate.corners_m is None else plate.corners_m + np.array(by_m)
        return replace(plate, moment_Nm=plate.moment_Nm + np.cross(by_m, plate.force_N), corners_m=corners)

    return _of_plates(change)


def _one_turned(raw: Raw) -> Raw:
    """The plate with the largest impulse turned."""
    chosen = int(np.argmax([plate.force_N[:, 1].sum() for plate in raw.plates]))
    return replace(raw, plates=tuple(_turned(p) if i == chosen else p for i, p in enumerate(raw.plates)))


def _y_z_exchanged(plate: ForcePlate) -> ForcePlate:
    return replace(plate, force_N=plate.force_N[:, [0, 2, 1]], moment_Nm=plate.moment_Nm[:, [0, 2, 1]])


def _mirrored(plate: ForcePlate) -> ForcePlate:
    """As in a laboratory whose Y and Z are exchanged: a moment turns round where a force does not."""
    corners = None if plate.corners_m is None else plate.corners_m[:, [0, 2, 1]]
    return replace(
        plate, force_N=plate.force_N[:, [0, 2, 1]], moment_Nm=-plate.moment_Nm[:, [0, 2, 1]], corners_m=corners
    )


def _reversed(plate: ForcePlate) -> ForcePlate:
    return replace(plate, force_N=-plate.force_N, moment_Nm=-plate.moment_Nm)


def _gap(label: str) -> Spoil:
    def change(markers: Markers) -> Markers:
        position = markers.position_m.copy()
        middle = len(position) // 2
        position[middle - 15 : middle + 15, markers.names.index(label)] = np.nan
        return replace(markers, position_m=position)

    return _of_markers(change)


PLACE: Final = frozenset({"plate_sideways", "force_beside_foot", "plate_forward", "leg_motion"})


def faults(labels: tuple[str, str, str], gap: str) -> tuple[RawFault, ...]:
    """Ways to spoil a laboratory's file; `labels`: one marker, its neighbour, its twin on the other leg."""
    one, neighbour, twin = labels
    return (
        RawFault("legs exchanged", _of_markers(_sides_exchanged), refusal="left and right swapped"),
        RawFault("forces 40 ms late", _late(0.04), frozenset({"late_forces"})),
        RawFault("forces 100 ms late", _late(0.1), frozenset({"late_forces"})),
        RawFault("a plate turned by 90 degrees", _one_turned,
                 frozenset({"shear_direction", "shear_size", "plate_reversed"}) | PLACE),
        RawFault("plates 5 cm to the right", _shifted((0.0, 0.0, 0.05)), PLACE),
        RawFault("plates 5 cm to the left", _shifted((0.0, 0.0, -0.05)), PLACE),
        RawFault("plates 5 cm forward", _shifted((0.05, 0.0, 0.0)), PLACE),
        RawFault("millimetres called metres", _of_markers(lambda m: replace(m, position_m=1000.0 * m.position_m)),
                 refusal="metres"),
        RawFault("Y and Z exchanged in the forces", _of_plates(_y_z_exchanged), refusal="largest along"),
        RawFault("Y and Z exchanged in the markers",
                 _of_markers(lambda m: replace(m, position_m=m.position_m[..., [0, 2, 1]])), refusal="largest along"),
        RawFault("Y and Z exchanged in both",
                 lambda raw: _of_plates(_mirrored)(
                     _of_markers(lambda m: replace(m, position_m=m.position_m[..., [0, 2, 1]]))(raw)),
                 refusal="an axis mirrored"),
        RawFault("action for reaction", _of_plates(_reversed), frozenset({"force_reversed"}), corrected=True),
        RawFault("a marker exchanged with its neighbour", _labels_exchanged(one, neighbour),
                 frozenset({"exchanged_markers"})),
        RawFault("a marker exchanged with its twin", _labels_exchanged(one, twin), frozenset({"exchanged_markers"})),
        RawFault("a marker exchanged midway", _exchanged_midway(one, neighbour),
                 frozenset({"exchanged_markers", "marker_jumps"})),
        RawFault("a gap of 30 frames", _gap(gap), frozenset({"gaps_open"})),
        RawFault("half a file", lambda raw: raw, refusal="truncated|cut short", half_a_file=True),
        RawFault("a mass 15 % too high", lambda raw: replace(raw, mass_kg=1.15 * raw.mass_kg),
                 frozenset({"force_gain", "mass_or_gain", "plate_gain"})),
        RawFault("a mass 15 % too low", lambda raw: replace(raw, mass_kg=raw.mass_kg / 1.15),
                 frozenset({"force_gain", "mass_or_gain", "plate_gain"})),
    )  # fmt: skip
