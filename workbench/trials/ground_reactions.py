"""Ground reaction on each foot from the columns of force plates or belts."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from workbench.core.contacts import CONTACT_THRESHOLD_N
from workbench.core.errors import TrialError
from workbench.core.findings import Finding
from workbench.core.types import Array, GroundReaction, Subject
from workbench.core.vocabulary import SIDES, Side
from workbench.trials import recording_checks
from workbench.trials.external_loads import Plate
from workbench.trials.folder import near_names
from workbench.trials.storage import Table, listing

_AXES: Final = ("x", "y", "z")
#: Names that say which foot they belong to; {s} is a way of writing the side.
_USUAL_NAMES: Final = (
    ("ground_force_{s}_v", "ground_force_{s}_p", "ground_torque_{s}_"),
    ("{s}_ground_force_v", "{s}_ground_force_p", "{s}_ground_torque_"),
    ("ground_force_calcn_{s}_v", "ground_force_calcn_{s}_p", "ground_torque_calcn_{s}_"),
)
_SIDE_SPELLINGS: Final[dict[Side, tuple[str, ...]]] = {
    "left": ("l", "L", "left", "Left"),
    "right": ("r", "R", "right", "Right"),
}


def find_plates(table: Table) -> dict[Side, tuple[Plate, ...]]:
    """Find the columns of each foot where the trial does not name them.

    Parameters
    ----------
    table : Table
        Content of the ground reaction file.

    Returns
    -------
    dict
        By side; a foot without columns is absent.

    Raises
    ------
    TrialError
        If no column says which foot it belongs to.
    """
    found: dict[Side, tuple[Plate, ...]] = {}
    for side in SIDES:
        for spelling in _SIDE_SPELLINGS[side]:
            for names in _USUAL_NAMES:
                force, point, torque = (name.format(s=spelling) for name in names)
                if side not in found and _has(table, force) and _has(table, point):
                    found[side] = (Plate(force, point, torque if _has(table, torque) else None),)
    if not found:
        prefixes = _prefixes(table)
        raise TrialError(
            "no column name shows which foot its force belongs to."
            if prefixes
            else "there are no columns of forces (three names that end in vx, vy and vz).",
            where=table.label,
            remedy=(
                "Name the columns of each foot under [ground_reactions], as in "
                f'left = {{ force = "{prefixes[0]}", point = "...", torque = "..." }}; the file holds '
                f"{listing(prefixes)}."
                if prefixes
                else f"The file contains {listing(table.names)}."
            ),
        )
    return found


def ground_reactions(
    table: Table, plates: Mapping[Side, Sequence[Plate]], subject: Subject
) -> tuple[dict[Side, GroundReaction], tuple[Finding, ...]]:
    """Read the ground reaction on each foot.

    Where the vertical force is below the contact threshold the centre of pressure has no meaning (files hold missing
    values, plate centres and points hundreds of metres away): it is held at the nearest point of the contact before or
    after, and a missing free moment is zero. Nothing else is changed. Several plates under one foot are added and their
    wrench is reduced to the point of the ground where its horizontal moment vanishes.

    Parameters
    ----------
    table : Table
        Content of the ground reaction file.
    plates : mapping
        The columns of each foot; a foot may be absent.
    subject : Subject
        For the checks against body weight.

    Returns
    -------
    dict
        Ground reaction by side.
    tuple of Finding

    Raises
    ------
    TrialError
        If columns are missing, a force is missing, or the numbers cannot be ground reactions in the stated units.
    """
    time_s = table.time_s
    findings = recording_checks.sampling(time_s, table.label, "force samples")
    forces: dict[Side, list[Array]] = {}
    for side, of_foot in plates.items():
        forces[side] = [_triple(table, plate.force) for plate in of_foot]
        for plate, force in zip(of_foot, forces[side], strict=True):
            names = [plate.force + axis for axis in _AXES]
            remedy = "Gaps in the force cannot be filled: cut the recording or export it again."
            recording_checks.finite(time_s, force, names, table.label, remedy)
    # Units first: forces in kilonewtons never reach the threshold, and every later message would mislead.
    for side, of_foot in plates.items():
        total = np.sum(forces[side], axis=0)
        findings += recording_checks.force_on_foot(
            time_s, total, side, subject, listing(p.force for p in of_foot), table.label
        )
    reactions: dict[Side, GroundReaction] = {}
    for side, of_foot in plates.items():
        wrenches = []
        for plate, force in zip(of_foot, forces[side], strict=True):
            if plate.torque is None:
                problem = f"The {side} foot has no free moment; zero is assumed."
                findings.append(Finding("no_free_moment", "note", "recording", problem, where=table.label))
            wrench = _wrench(table, plate, time_s, force)
            if wrench is None:
                problem = f"Nobody stepped on plate {plate.force!r}; it was left out."
                findings.append(Finding("empty_plate", "note", "recording", problem, where=table.label))
            else:
                wrenches.append(wrench)
        if not wrenches:
            raise recording_checks.no_contact(side, listing(p.force for p in of_foot), table.label)
        reactions[side] = _combine(time_s, wrenches)
        recording_checks.point_unit(time_s, reactions[side], side, table.label)
    return reactions, tuple(findings)


def _wrench(table: Table, plate: Plate, time_s: Array, force_N: Array) -> tuple[Array, Array, Array] | None:
    """Force, point and free moment of one plate, each (n, 3); None where nothing ever stood on it."""
    loaded = force_N[:, 1] >= CONTACT_THRESHOLD_N
    if not loaded.any():
        return None
    point_m = _triple(table, plate.point)
    torque_Nm = np.zeros_like(force_N) if plate.torque is None else _triple(table, plate.torque)
    for values, prefix in ((point_m, plate.point), (torque_Nm, plate.torque or "")):
        names = [prefix + axis for axis in _AXES]
        remedy = f"Values may be missing only while the vertical force is below {CONTACT_THRESHOLD_N:g} N."
        recording_checks.finite(time_s[loaded], values[loaded], names, table.label, remedy)
    unknown = ~loaded[:, None] & ~(np.abs(torque_Nm) <= recording_checks.LARGEST_NUMBER)
    return force_N, _held(time_s, point_m, loaded), np.where(unknown, 0.0, torque_Nm)


def _combine(time_s: Array, wrenches: Sequence[tuple[Array, Array, Array]]) -> GroundReaction:
    """One wrench at the ground for the plates under one foot."""
    if len(wrenches) == 1:
        return GroundReaction(time_s, *wrenches[0])
    force = np.sum([f for f, _, _ in wrenches], axis=0)
    moment = np.sum([np.cross(p, f) + t for f, p, t in wrenches], axis=0)  # about the laboratory's origin
    vertical = force[:, 1]
    loaded = vertical >= CONTACT_THRESHOLD_N
    divisor = np.where(loaded, vertical, 1.0)
    share = np.array([np.where(loaded, f[:, 1], 0.0) for f, _, _ in wrenches]) / divisor
    height = np.sum([s * p[:, 1] for s, (_, p, _) in zip(share, wrenches, strict=True)], axis=0)
    # moment = point x force + (0, free moment, 0), solved for the point at this height
    point = np.column_stack(
        [
            (moment[:, 2] + height * force[:, 0]) / divisor,
            height,
            (height * force[:, 2] - moment[:, 0]) / divisor,
        ]
    )
    point = _held(time_s, point, loaded)
    torque = np.zeros_like(force)
    torque[:, 1] = (moment - np.cross(point, force))[:, 1]
    return GroundReaction(time_s, force, point, torque)


def _held(time_s: Array, point_m: Array, loaded: NDArray[np.bool_]) -> Array:
    """Points with those out of contact replaced by the nearest in time that is in contact."""
    valid = np.flatnonzero(loaded)
    position = np.searchsorted(valid, np.arange(len(time_s)))
    after = valid[np.minimum(position, len(valid) - 1)]
    before = valid[np.maximum(position - 1, 0)]
    return point_m[np.where(np.abs(time_s - time_s[before]) < np.abs(time_s[after] - time_s), before, after)]


def _triple(table: Table, prefix: str) -> Array:
    """Columns x, y and z of one vector, shape (n, 3)."""
    for axis in _AXES:
        if prefix + axis not in table.names:
            prefixes = _prefixes(table)
            raise TrialError(
                f"there is no column {prefix + axis!r}.",
                where=table.label,
                remedy=near_names(prefix + axis, table.names)
                or f"Give the name without its last letter x, y or z; the file contains {listing(prefixes)}.",
            )
    return np.column_stack([table.column(prefix + axis) for axis in _AXES])


def _has(table: Table, prefix: str) -> bool:
    return all(prefix + axis in table.names for axis in _AXES)


def _prefixes(table: Table) -> list[str]:
    """Names of force vectors in the file, without their last letter."""
    return [n[:-1] for n in table.names if re.search(r"vx$", n) and _has(table, n[:-1])]
