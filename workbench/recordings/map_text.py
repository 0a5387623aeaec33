"""A marker map as a file, to be kept with a recording or edited by hand."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace

from workbench.core.vocabulary import SIDE_SUFFIX, SIDES
from workbench.recordings.landmarks import LANDMARKS, MIDLINE, MIDLINE_BODIES, PAIRED, PAIRED_BODIES, TRACKING_WEIGHT
from workbench.recordings.marker_maps import MarkerMap, Placement


def corrected(marker_map: MarkerMap, said: Mapping[str, str]) -> MarkerMap:
    """A map with labels assigned to landmarks by the user; the others are unchanged.

    Parameters
    ----------
    marker_map : MarkerMap
    said : mapping
        Landmark by label; empty for a label that is not to be used.

    Examples
    --------
    >>> from workbench.recordings.marker_maps import suggest_map
    >>> one = corrected(suggest_map(["LASI", "RASI", "LHEE", "KneeL"]), {"KneeL": "left_lateral_knee", "LHEE": ""})
    >>> one.landmark_labels["left_lateral_knee"], "LHEE" in one.labels
    ('KneeL', False)
    """
    taken = set(said.values()) - {""}
    kept = [p for p in marker_map.placements if p.label not in said and p.landmark not in taken]
    given = [
        Placement(label, landmark.body, landmark.weight, landmark.name, landmark.location_m)
        for label, name in said.items()
        if name
        for landmark in (LANDMARKS[name],)
    ]
    return replace(
        marker_map,
        name=f"{marker_map.name}, corrected",
        placements=(*kept, *given),
        unmatched=tuple(label for label in marker_map.unmatched if not said.get(label)),
    )


def map_text(marker_map: MarkerMap) -> str:
    """The map as `workbench.recordings.marker_maps.read_map` reads it.

    Examples
    --------
    >>> import tomllib
    >>> from workbench.recordings.marker_maps import parse_map, suggest_map
    >>> marker_map = suggest_map(["LASI", "RASI", "SACR", "LKNE", "LTHI", "RTHI"])
    >>> again = parse_map(tomllib.loads(map_text(marker_map)), "map.toml")
    >>> set(again.placements) == set(marker_map.placements)
    True
    """
    label = marker_map.landmark_labels
    lines = [f"name = {_text(marker_map.name)}", "", "[landmarks]"]
    for name in PAIRED:
        pair = [label.get(f"{side}_{name}", "") for side in SIDES]
        if any(pair):
            lines.append(f"{name} = [{', '.join(map(_text, pair))}]")
    lines += [f"{name} = {_text(label[name])}" for name in MIDLINE if name in label]
    lines += ["", "[tracking]"]
    follows = [p for p in marker_map.placements if p.landmark is None]
    for body in PAIRED_BODIES:
        pairs = [[p.label for p in follows if p.body == f"{body}_{SIDE_SUFFIX[side]}"] for side in SIDES]
        if any(pairs):
            lines.append(f"{body} = [{', '.join(_list(one) for one in pairs)}]")
    for body in MIDLINE_BODIES:
        if own := [p.label for p in follows if p.body == body]:
            lines.append(f"{body} = {_list(own)}")
    weights = [p for p in marker_map.placements if p.weight != _usual_weight(p)]
    lines += ["", "[weights]", *(f"{_text(p.label)} = {p.weight:g}" for p in weights)]
    moved = [p for p in marker_map.placements if p.location_m != _usual_place(p) and p.location_m is not None]
    lines += ["", "[locations]"]
    lines += [f"{_text(p.label)} = [{', '.join(f'{x:g}' for x in p.location_m or ())}]" for p in moved]
    return "\n".join(lines) + "\n"


def _usual_weight(placement: Placement) -> float:
    return LANDMARKS[placement.landmark].weight if placement.landmark else TRACKING_WEIGHT


def _usual_place(placement: Placement) -> tuple[float, float, float] | None:
    return LANDMARKS[placement.landmark].location_m if placement.landmark else None


def _list(labels: list[str]) -> str:
    return f"[{', '.join(map(_text, labels))}]"


def _text(text: str) -> str:
    """A text as TOML writes it; JSON's escapes are TOML's."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
