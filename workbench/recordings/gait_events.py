"""Foot strike and foot off from the markers alone.

Zeni et al. 2008 (Gait Posture 27:710): at foot strike the heel is furthest ahead of the pelvis, at foot off the toes
furthest behind; on the ground and on a treadmill alike. Their errors were one to two frames at 60 Hz.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy import signal

from workbench.core.types import Array
from workbench.core.vocabulary import SIDES, Side
from workbench.recordings.labels import foot_markers
from workbench.recordings.types import Markers

LONGEST_GAP_S: Final = 0.2  #: a longer gap of a marker is not bridged
_SMALLEST_SWING_M: Final = 0.15  #: of the foot against the pelvis
_SHORTEST_STRIDE_S: Final = 0.5
_SMOOTHING_HZ: Final = 7.0


@dataclass(frozen=True)
class FootPath:
    """Where one foot was; laboratory axes (X forward, Y up, Z right)."""

    heel_m: Array  #: (n, 3) middle of the heel's markers
    toe_m: Array  #: (n, 3) middle of the forefoot's
    markers_m: Array  #: (n, k, 3) all of the foot's, missing where not seen


def filled(time_s: Array, values: Array, longest_gap_s: float = LONGEST_GAP_S) -> Array:
    """Bridge short gaps of one trajectory, (n, 3), by straight lines; longer ones and the ends stay missing.

    Examples
    --------
    >>> filled(np.arange(3) / 100.0, np.array([[0.0, 0, 0], [np.nan, 0, 0], [2.0, 0, 0]]))[1]
    array([1., 0., 0.])
    """
    seen = np.isfinite(values).all(axis=1)
    if seen.all() or seen.sum() < 2:
        return values
    at = np.flatnonzero(seen)
    bridged = np.column_stack([np.interp(time_s, time_s[seen], values[seen, k]) for k in range(3)])
    position = np.searchsorted(at, np.arange(len(time_s)))
    before, after = at[np.clip(position - 1, 0, None)], at[np.clip(position, None, len(at) - 1)]
    inside = (np.arange(len(time_s)) > at[0]) & (np.arange(len(time_s)) < at[-1])
    short = time_s[after] - time_s[before] <= longest_gap_s
    bridged[~(seen | (inside & short))] = np.nan
    return bridged


def foot_path(markers: Markers, side: Side) -> FootPath | None:
    """The path of one foot, None where no marker is on it."""
    names = foot_markers(markers.names, side)
    if not names:
        return None
    parts = {}
    for part in ("heel", "toe"):
        chosen = foot_markers(markers.names, side, part) or names
        parts[part] = _mean_path(markers, chosen)
    return FootPath(parts["heel"], parts["toe"], markers.position_m[:, [markers.names.index(n) for n in names]])


def body_path(markers: Markers) -> Array:
    """Middle of the pelvis' markers, else of all markers off the feet, (n, 3)."""
    pelvis = [n for n in markers.names if any(word in n.upper() for word in ("ASI", "PSI", "SACR", "VSAC", "PELV"))]
    feet = {n for side in SIDES for n in foot_markers(markers.names, side)}
    return _mean_path(markers, tuple(pelvis) or tuple(n for n in markers.names if n not in feet))


def kinematic_events(markers: Markers, side: Side) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Foot strikes and foot offs of one foot, s.

    Parameters
    ----------
    markers : Markers
        X forward, Y up, Z right; the walk goes along X.
    side : {"left", "right"}

    Returns
    -------
    strikes_s, offs_s : tuple of float
        Empty where the foot has no markers or never swings.
    """
    foot = foot_path(markers, side)
    if foot is None:
        return (), ()
    body = body_path(markers)[:, 0]
    ahead = _extremes(markers.time_s, foot.heel_m[:, 0] - body)
    behind = _extremes(markers.time_s, body - foot.toe_m[:, 0])
    return ahead, behind


def _extremes(time_s: Array, distance_m: Array) -> tuple[float, ...]:
    seen = np.isfinite(distance_m)
    rate = 1.0 / float(np.median(np.diff(time_s)))
    if seen.sum() < rate * 0.3:
        return ()
    first, last = np.flatnonzero(seen)[[0, -1]]
    inner = slice(first, last + 1)
    whole = np.interp(time_s[inner], time_s[seen], distance_m[seen])
    if rate > 2.5 * _SMOOTHING_HZ and len(whole) > 15:
        whole = signal.sosfiltfilt(signal.butter(2, _SMOOTHING_HZ, fs=rate, output="sos"), whole)
    at, _ = signal.find_peaks(whole, prominence=_SMALLEST_SWING_M, distance=max(1, int(_SHORTEST_STRIDE_S * rate)))
    return tuple(float(time_s[inner][k]) for k in at if seen[inner][k])


def _mean_path(markers: Markers, names: tuple[str, ...]) -> Array:
    """Mean of markers, each shifted so that it counts alike when others are out of sight."""
    paths = [filled(markers.time_s, markers.position_m[:, markers.names.index(n)]) for n in names]
    seen = [p for p in paths if np.isfinite(p).all(axis=1).mean() > 0.5] or paths
    stacked = np.stack(seen)
    count = np.isfinite(stacked).all(axis=2).sum(axis=0)
    total = np.where(np.isfinite(stacked), stacked, 0.0).sum(axis=0)
    return np.where((count == len(seen))[:, None], total / len(seen), np.nan)
