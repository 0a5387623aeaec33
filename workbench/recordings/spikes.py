"""Markers that jump: for a few frames, which are filled like gaps, or permanently, which is reported."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from workbench.core.findings import Finding
from workbench.core.types import Array
from workbench.recordings.recording import Markers

LONGEST_SPIKE_S: Final = 0.02
SMALLEST_SPIKE_M: Final = 0.015  #: off the neighbouring frames; less may be skin that swings after foot strike
_TIMES_USUAL: Final = 4.0
_PART_S: Final = 0.25  #: usual is the largest deviation of such a part, in three parts of four: that of foot strikes
_MOST: Final = 20  #: of one marker; more is noise
_LIMIT: Final = (
    f"{1000 * SMALLEST_SPIKE_M:.0f} mm from the neighbouring frames, and {_TIMES_USUAL:g} times the usual change"
)


@dataclass(frozen=True)
class Spike:
    """Frames `first` to `beyond` (exclusive) of a marker; permanent if it jumps between two frames."""

    label: str
    first: int
    beyond: int
    size_m: float
    for_good: bool = False


def without_spikes(markers: Markers) -> tuple[Markers, tuple[Finding, ...]]:
    """Remove samples far from the cubic through their neighbours if the marker is otherwise smooth.

    Parameters
    ----------
    markers : Markers

    Returns
    -------
    Markers
        Missing where there was a spike.
    tuple of Finding

    Examples
    --------
    >>> time_s = np.arange(200) / 100.0
    >>> path = np.repeat(np.sin(time_s)[:, None, None], 3, axis=2)
    >>> path[40] += 0.03  # of one frame
    >>> clean, findings = without_spikes(Markers(time_s, ("LASI",), path))
    >>> np.flatnonzero(np.isnan(clean.position_m[:, 0, 0])), findings[0].problem
    (array([40]), '1 marker jumps and comes back; filled with a spline: LASI by 52 mm at 0.40 s.')
    """
    longest, part = (max(1, round(span_s * markers.rate_hz)) for span_s in (LONGEST_SPIKE_S, _PART_S))
    position = np.array(markers.position_m)
    found = [
        spike
        for k, label in enumerate(markers.names)
        for spike in _spikes(label, markers.position_m[:, k], longest, part)
    ]
    spikes, jumps = ([one for one in found if one.for_good == for_good] for for_good in (False, True))
    for one in spikes:
        position[one.first : one.beyond, markers.names.index(one.label)] = np.nan
    findings = []
    if spikes:
        findings.append(
            Finding("marker_spikes", "note", "recording",
                    f"{_who(spikes, 'and comes back', 'and come back')}; filled with a spline:"
                    f" {_list(spikes, markers.time_s)}.",
                    limit=_LIMIT)
        )  # fmt: skip
    if jumps:
        findings.append(
            Finding("marker_jumps", "doubtful", "recording",
                    f"{_who(jumps, 'between two frames', 'between two frames')}: {_list(jumps, markers.time_s)}.",
                    "Check whether these markers were mistaken for others before the jump; fill that part again.",
                    limit=_LIMIT)
        )  # fmt: skip
    return Markers(markers.time_s, markers.names, position) if spikes else markers, tuple(findings)


def _who(spikes: Sequence[Spike], one: str, several: str) -> str:
    number = len({spike.label for spike in spikes})
    return f"{number} markers jump {several}" if number > 1 else f"1 marker jumps {one}"


def _list(spikes: Sequence[Spike], time_s: Array) -> str:
    worst = sorted(spikes, key=lambda spike: -spike.size_m)
    words = [f"{one.label} by {1000 * one.size_m:.0f} mm at {time_s[one.first]:.2f} s" for one in worst[:5]]
    return ", ".join(words) + (f" and {len(worst) - 5} more" if len(worst) > 5 else "")


def _spikes(label: str, position_m: Array, longest: int, part: int) -> list[Spike]:
    """Spikes and jumps of one marker, (n, 3), the largest first."""
    path = position_m.copy()
    found: list[Spike] = []
    usual = {width: _usual(_off(path, width), part) for width in range(1, longest + 1)}
    while len(found) < _MOST:
        best = Spike(label, 0, 0, 0.0)
        for width, limit in usual.items():
            off = _off(path, width)
            if not np.isfinite(off).any():
                continue
            at = int(np.nanargmax(off))
            if off[at] > max(SMALLEST_SPIKE_M, _TIMES_USUAL * limit, best.size_m):
                best = _jump(path, off, Spike(label, at, at + width, float(off[at])))
        if not best.beyond:
            return found
        path[best.first : best.beyond] = np.nan
        found.append(best)
    return []


def _jump(path_m: Array, off_m: Array, spike: Spike) -> Spike:
    """A spike of one frame as what it is: beside a jump for good two frames lie off alike, beside a spike three do."""
    if spike.beyond - spike.first > 1:
        return spike
    before, after = np.nan_to_num(off_m[[spike.first - 1, spike.first + 1]])
    if max(before, after) < 0.85 * spike.size_m or min(before, after) > 0.5 * spike.size_m:
        return spike
    first = spike.first if after > before else spike.first - 1
    size_m = float(np.linalg.norm(path_m[first + 1] - path_m[first]))
    return Spike(spike.label, first, first + 2, size_m, for_good=True)


def _usual(off_m: Array, part: int) -> float:
    """What the largest deviation in a part of the recording comes to in three parts of four."""
    largest = [np.nanmax(each) for each in np.split(off_m, range(part, len(off_m), part)) if np.isfinite(each).any()]
    return float(np.percentile(largest, 75)) if largest else np.inf


def _off(path_m: Array, width: int) -> Array:
    """Least distance of `width` frames from the cubic through two frames on either side, by the first of them, (n,)."""
    n = len(path_m)
    off = np.full(n, np.nan)
    if n < width + 4:
        return off
    knots = np.array([-2.0, -1.0, width, width + 1.0])
    around = np.stack([path_m[2 + int(k) : n - width - 1 + int(k)] for k in knots])
    least = np.full(n - width - 3, np.inf)
    for inner in range(width):
        weights = [
            np.prod([(inner - other) / (knot - other) for other in knots if other != knot]) for knot in knots
        ]  # fmt: skip
        there = np.tensordot(weights, around, axes=1)
        least = np.minimum(least, np.linalg.norm(path_m[2 + inner : n - width - 1 + inner] - there, axis=1))
    off[2 : n - width - 1] = least
    return off
