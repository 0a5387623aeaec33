"""Gaps in marker trajectories."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.interpolate import CubicSpline

from workbench.core.findings import Finding
from workbench.core.types import Array
from workbench.recordings.recording import Markers

#: Longest gap that a spline bridges without inventing movement; a convention, about one sixth of a stride.
LONGEST_FILLED_S: Final = 0.2
_FEWEST_SUPPORT = 5  # on each side: a spline over ragged edges runs away
_SUPPORT = 10  # frames on either side that carry the spline


def fill_gaps(markers: Markers, longest_s: float = LONGEST_FILLED_S) -> tuple[Markers, tuple[Finding, ...]]:
    """Fill short gaps with a cubic spline; leave longer gaps and those at the ends, with a finding.

    Parameters
    ----------
    markers : Markers
    longest_s : float
        Gaps up to this length are filled.

    Returns
    -------
    Markers
    tuple of Finding

    Examples
    --------
    >>> time_s = np.arange(100) / 100.0
    >>> path = np.repeat(np.sin(time_s)[:, None, None], 3, axis=2)
    >>> path[40:50] = np.nan
    >>> filled, findings = fill_gaps(Markers(time_s, ("LASI",), path))
    >>> float(np.abs(filled.position_m[45, 0, 0] - np.sin(0.45)).round(4)), findings[0].code
    (0.0, 'gaps_filled')
    """
    position = np.array(markers.position_m)
    time_s, filled, left_open = markers.time_s, [], []
    for k, name in enumerate(markers.names):
        seen = ~np.isnan(position[:, k].sum(axis=1))
        if not seen.any():
            continue  # a marker that was not worn is no gap
        for first, last in _runs(~seen):
            length_s = (last - first) * float(np.median(np.diff(time_s)))
            within = first > 0 and last < len(seen)
            if within and length_s <= longest_s:
                before = np.flatnonzero(seen[max(0, first - _SUPPORT) : first]) + max(0, first - _SUPPORT)
                after = np.flatnonzero(seen[last : last + _SUPPORT]) + last
                if min(len(before), len(after)) >= _FEWEST_SUPPORT:
                    support = np.concatenate([before, after])
                    spline = CubicSpline(time_s[support], position[support, k])
                    position[first:last, k] = spline(time_s[first:last])
                    filled.append((name, first, last))
                    continue
            left_open.append((name, first, last))
    findings = []
    if filled:
        findings.append(
            Finding(
                "gaps_filled",
                "note",
                "recording",
                f"{len(filled)} {_gaps(len(filled))} of up to {1000 * longest_s:.0f} ms filled with a spline:"
                f" {_list(filled, time_s)}.",
                limit=f"{1000 * longest_s:.0f} ms",
            )
        )
    if left_open:
        findings.append(
            Finding(
                "gaps_open",
                "doubtful" if any(first > 0 and last < len(time_s) for _, first, last in left_open) else "note",
                "recording",
                f"Markers have longer gaps, or gaps at the ends: {_list(left_open, time_s)}. They are ignored there.",
                "Fill the gaps in the motion-capture software, from the markers of the same segment.",
                limit=f"{1000 * longest_s:.0f} ms",
            )
        )
    return Markers(time_s, markers.names, position), tuple(findings)


def _runs(flags: NDArray[np.bool_]) -> list[tuple[int, int]]:
    """First and one past the last index of every run of true."""
    edges = np.flatnonzero(np.diff(np.concatenate([[0], flags.astype(int), [0]])))
    return [(int(first), int(last)) for first, last in edges.reshape(-1, 2)]


def _gaps(n: int) -> str:
    return "gap is" if n == 1 else "gaps are"


def _list(gaps: list[tuple[str, int, int]], time_s: Array) -> str:
    longest = sorted(gaps, key=lambda gap: gap[1] - gap[2])[:5]
    words = [
        f"{name} {time_s[first]:.2f} to {time_s[last - 1]:.2f} s ({last - first} frames)"
        for name, first, last in longest
    ]
    return ", ".join(words) + (f" and {len(gaps) - 5} more" if len(gaps) > 5 else "")
