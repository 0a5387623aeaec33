"""Markers that were moved between the static trial and the walk."""

from __future__ import annotations

from collections import Counter
from itertools import combinations
from typing import Final

import numpy as np

from workbench.core.findings import Finding
from workbench.core.types import Array
from workbench.recordings.marker_maps import MarkerMap, Placement
from workbench.recordings.recording import Markers

#: How far the distance of two markers of a segment may leave the range that skin gives it over the walk. Up to 7 mm in
#: the static trials of PS, S4 and the walk of Rajagopal et al.; 14 mm in one of another session.
_LIMIT_M: Final = 0.010
_RANGE_PERCENT: Final = (2.0, 98.0)
_FEWEST_FRAMES: Final = 20
#: Bodies within which skin markers keep their distances; shoes and the trunk bend.
_RIGID: Final = ("pelvis", "femur_l", "femur_r", "tibia_l", "tibia_r")


def said_of_moved(walk: Markers, static: Markers, marker_map: MarkerMap) -> list[Finding]:
    """Name the marker whose distances to its neighbours differ between static trial and walk.

    A model that carries the markers as in the static trial then bends to where they are in the walk.

    Examples
    --------
    >>> from workbench.recordings.marker_maps import suggest_map
    >>> labels = ("LKNE", "LTHI", "LASI")
    >>> standing = np.array([[[0.0, 0.5, 0.0], [0.0, 0.7, 0.0], [0.0, 1.0, 0.0]]])
    >>> walking = np.tile(standing - [[[0.0, 0.03, 0.0], [0.0, 0.0, 0.0], [0.0, 0.0, 0.0]]], (30, 1, 1))
    >>> markers = [Markers(np.arange(len(p)) / 100, labels, p) for p in (walking, standing)]
    >>> said_of_moved(*markers, suggest_map(labels))[0].problem.split(":")[0]
    'LKNE lies 30 mm nearer to LTHI in the static trial than at any time in the walk'
    """
    mapped = [p for p in marker_map.placements if p.label in walk.names and p.label in static.names]
    apart = {}
    for body in _RIGID:
        for one, other in combinations([p.label for p in mapped if p.body == body and _is_on_skin(p)], 2):
            change = _beyond_range(_distance(walk, one, other), _distance(static, one, other))
            if abs(change) > _LIMIT_M:
                apart[one, other] = change
    if not apart:
        return []
    moved, _ = Counter(label for pair in apart for label in pair).most_common(1)[0]
    pair = max((pair for pair in apart if moved in pair), key=lambda pair: abs(apart[pair]))
    neighbour = pair[0] if pair[1] == moved else pair[1]
    return [
        Finding(
            "moved_marker",
            "serious",
            "recording",
            f"{moved} lies {1000 * abs(apart[pair]):.0f} mm {'nearer to' if apart[pair] < 0 else 'farther from'} "
            f"{neighbour} in the static trial than at any time in the walk: it was moved in between, or the static "
            "trial is of another session.",
            "Use the static trial of this session, or none.",
            limit=f"{1000 * _LIMIT_M:.0f} mm",
        )
    ]


def _is_on_skin(placement: Placement) -> bool:
    return not (placement.landmark or "").endswith(("patella", "centre", "mid_hip"))


def _distance(markers: Markers, one: str, other: str) -> Array:
    i, j = markers.names.index(one), markers.names.index(other)
    distance = np.linalg.norm(markers.position_m[:, i] - markers.position_m[:, j], axis=1)
    return np.asarray(distance[np.isfinite(distance)])


def _beyond_range(walk_m: Array, static_m: Array) -> float:
    """How far the static distance lies above (positive) or below the walk's range, m."""
    if len(walk_m) < _FEWEST_FRAMES or not len(static_m):
        return 0.0
    low, high = np.percentile(walk_m, _RANGE_PERCENT)
    middle = float(np.median(static_m))
    return middle - min(max(middle, float(low)), float(high))
