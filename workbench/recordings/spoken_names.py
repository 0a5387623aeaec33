"""Names that show side and part, for markers whose own labels do not: taken from the user's marker map."""

from __future__ import annotations

from dataclasses import replace

from workbench.recordings.marker_maps import MarkerMap
from workbench.recordings.recording import Markers


def spoken(markers: Markers, marker_map: MarkerMap | None) -> Markers:
    """Markers under names that `workbench.recordings.labels` understands.

    Parameters
    ----------
    markers : Markers
    marker_map : MarkerMap or None
        None returns the markers as they are. A label the map does not know keeps its name.

    Returns
    -------
    Markers
        The same trajectories in the same order.
    """
    if marker_map is None:
        return markers
    known = {placement.label: placement for placement in marker_map.of(markers.names).placements}
    names = []
    for label in markers.names:
        placement = known.get(label)
        if placement is None:
            names.append(label)
        elif placement.landmark is not None:
            names.append(placement.landmark)
        else:
            part = "foot_" if placement.body.startswith(("calcn", "toes")) else ""
            names.append(f"{placement.side}_{part}{label}" if placement.side else label)
    return replace(markers, names=tuple(names))
