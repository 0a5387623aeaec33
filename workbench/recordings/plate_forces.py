"""Force-plate signals: offset, centre of pressure, and one foot's reaction from all plates."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

import numpy as np
from scipy import signal

from workbench.core.contacts import CONTACT_THRESHOLD_N, Contact
from workbench.core.types import Array, GroundReaction
from workbench.recordings.recording import ForcePlate

_LARGEST_OFFSET_N: Final = 60.0  #: an empty plate reads less; more is a load


def without_offset(plate: ForcePlate) -> tuple[ForcePlate, float]:
    """Subtract what a plate reads while empty; also return the vertical part subtracted, N.

    Examples
    --------
    >>> force = np.zeros((200, 3)); force[:, 1] = -14.0; force[80:140, 1] = 700.0
    >>> plate, offset = without_offset(ForcePlate("plate 1", np.arange(200) / 100.0, force, np.zeros((200, 3))))
    >>> offset, float(plate.force_N[0, 1])
    (-14.0, 0.0)
    """
    vertical = plate.force_N[:, 1]
    quiet = np.abs(vertical) < _LARGEST_OFFSET_N
    if quiet.sum() < 20 or quiet.mean() < 0.05:
        return plate, 0.0
    middle = float(np.median(vertical[quiet]))
    empty = quiet & (np.abs(vertical - middle) < 5.0)
    if abs(middle) < 0.5 or empty.sum() < 20:
        return plate, 0.0
    return (
        replace(
            plate,
            force_N=plate.force_N - np.median(plate.force_N[empty], axis=0),
            moment_Nm=plate.moment_Nm - np.median(plate.moment_Nm[empty], axis=0),
        ),
        middle,
    )


def centre_of_pressure(plate: ForcePlate) -> Array:
    """Point of the plate's surface at which the force acts, (n, 3) m; missing below the contact threshold."""
    force, moment, height = plate.force_N, plate.moment_Nm, plate.surface_height_m
    vertical = np.where(force[:, 1] >= CONTACT_THRESHOLD_N, force[:, 1], np.nan)
    return np.column_stack(
        [
            (moment[:, 2] + height * force[:, 0]) / vertical,
            np.full(len(force), height),
            (height * force[:, 2] - moment[:, 0]) / vertical,
        ]
    )


def low_passed(plate: ForcePlate, cutoff_hz: float) -> ForcePlate:
    """Low-pass force and moment, second order, zero lag; a plate sampled too slowly is left unfiltered."""
    rate = 1.0 / float(np.median(np.diff(plate.time_s)))
    if rate <= 4.0 * cutoff_hz or len(plate.time_s) < 20:
        return plate
    sos = signal.butter(2, cutoff_hz, fs=rate, output="sos")
    force, moment = (signal.sosfiltfilt(sos, values, axis=0) for values in (plate.force_N, plate.moment_Nm))
    return replace(plate, force_N=force, moment_Nm=moment)


def foot_reaction(parts: Sequence[tuple[ForcePlate, Contact]]) -> GroundReaction | None:
    """Sum of a foot's contacts as force, centre of pressure and free moment; zero outside them."""
    if not parts:
        return None
    first, _ = parts[0]
    time_s = first.time_s
    force, moment = np.zeros((len(time_s), 3)), np.zeros((len(time_s), 3))
    weighted, weight = np.zeros(len(time_s)), np.zeros(len(time_s))
    for plate, contact in parts:
        inside = (plate.time_s >= contact.start_s) & (plate.time_s <= contact.end_s)
        force += np.where(inside[:, None], plate.force_N, 0.0)
        moment += np.where(inside[:, None], plate.moment_Nm, 0.0)
        vertical = np.where(inside, np.maximum(plate.force_N[:, 1], 0.0), 0.0)
        weighted += vertical * plate.surface_height_m
        weight += vertical
    loaded = force[:, 1] >= CONTACT_THRESHOLD_N
    if not loaded.any():
        return None
    height = np.where(weight > 0, weighted / np.maximum(weight, 1e-9), first.surface_height_m)
    divisor = np.where(loaded, force[:, 1], 1.0)
    point = np.column_stack(
        [
            (moment[:, 2] + height * force[:, 0]) / divisor,
            height,
            (height * force[:, 2] - moment[:, 0]) / divisor,
        ]
    )
    valid = np.flatnonzero(loaded)
    position = np.searchsorted(valid, np.arange(len(time_s)))
    before, after = valid[np.maximum(position - 1, 0)], valid[np.minimum(position, len(valid) - 1)]
    point = point[np.where(np.abs(time_s - time_s[before]) < np.abs(time_s[after] - time_s), before, after)]
    torque = np.zeros_like(force)
    torque[loaded, 1] = (moment - np.cross(point, force))[loaded, 1]
    return GroundReaction(time_s, np.where(loaded[:, None], force, 0.0), point, torque)
