"""Paths of the feet, and foot strike and toe-off from the markers alone (`workbench.core.kinematic_contacts`)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy import signal

from workbench.core.events import STANCE_DURATION_S
from workbench.core.kinematic_contacts import kinematic_contacts
from workbench.core.types import Array
from workbench.core.vocabulary import SIDES, Side
from workbench.recordings.labels import foot_markers
from workbench.recordings.recording import Markers

LONGEST_GAP_S: Final = 0.2  #: a longer gap of a marker is not bridged
_SHORTEST_LOOK_S: Final = 0.3
_SMOOTHING_HZ: Final = 10.0


@dataclass(frozen=True)
class FootPath:
    """Where one foot was; laboratory axes (X forward, Y up, Z right)."""

    heel_m: Array  #: (n, 3) middle of the heel's markers
    toe_m: Array  #: (n, 3) middle of the forefoot's
    markers_m: Array  #: (n, k, 3) all of the foot's, missing where not seen


def filled(time_s: Array, values: Array, longest_gap_s: float = LONGEST_GAP_S) -> Array:
    """Fill short gaps of one trajectory, (n, 3), with straight lines; longer gaps and the ends stay missing.

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
    """The path of one foot; None if it has no marker."""
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
    """Foot strikes and toe-offs of one foot, s.

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
    places = np.column_stack([foot.heel_m[:, 0], foot.toe_m[:, 0], body_path(markers)[:, 0]])
    seen = np.asarray(np.isfinite(places).all(axis=1))
    if np.count_nonzero(seen) < _SHORTEST_LOOK_S * markers.rate_hz:
        return (), ()
    first, last = np.flatnonzero(seen)[[0, -1]]
    # On an even clock of the part that is seen; gaps that are left in it are bridged, as no event is taken from them.
    time_s = np.linspace(markers.time_s[first], markers.time_s[last], last - first + 1)
    places = np.column_stack([np.interp(time_s, markers.time_s[seen], column) for column in places[seen].T])
    contacts = kinematic_contacts(time_s, *_smoothed(places, markers.rate_hz).T)
    # A stance of which the recording shows the end only looks short: its foot strike was not seen. So at the other end.
    middle = 0.5 * (time_s[0] + time_s[-1])
    short = [contact.end_s - contact.start_s < STANCE_DURATION_S[0] for contact in contacts]
    strikes = (
        c.start_s for c, cut in zip(contacts, short, strict=True) if c.start_recorded and not (cut and c.end_s < middle)
    )
    offs = (
        c.end_s for c, cut in zip(contacts, short, strict=True) if c.end_recorded and not (cut and c.start_s > middle)
    )
    return _where_seen(strikes, markers.time_s, seen), _where_seen(offs, markers.time_s, seen)


def _smoothed(places_m: Array, rate_hz: float) -> Array:
    """Places without the noise of markers, whose speed is looked at."""
    if rate_hz < 4.0 * _SMOOTHING_HZ or len(places_m) < 20:
        return places_m
    return np.asarray(signal.sosfiltfilt(signal.butter(2, _SMOOTHING_HZ, fs=rate_hz, output="sos"), places_m, axis=0))


def _where_seen(times_s: Iterable[float], frames_s: Array, seen: NDArray[np.bool_]) -> tuple[float, ...]:
    """Events at which the markers were seen."""
    return tuple(t for t in times_s if seen[np.argmin(np.abs(frames_s - t))])


def _mean_path(markers: Markers, names: tuple[str, ...]) -> Array:
    """Mean of markers, each shifted so that it counts alike when others are out of sight."""
    paths = [filled(markers.time_s, markers.position_m[:, markers.names.index(n)]) for n in names]
    seen = [p for p in paths if np.isfinite(p).all(axis=1).mean() > 0.5] or paths
    stacked = np.stack(seen)
    count = np.isfinite(stacked).all(axis=2).sum(axis=0)
    total = np.where(np.isfinite(stacked), stacked, 0.0).sum(axis=0)
    return np.where((count == len(seen))[:, None], total / len(seen), np.nan)
