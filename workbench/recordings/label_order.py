"""Labels that contradict the body: a knee below its ankle, a left marker to the right of its right counterpart."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from workbench.core.findings import Finding
from workbench.core.types import Array
from workbench.core.vocabulary import SIDE_SUFFIX, SIDES
from workbench.recordings.marker_maps import MarkerMap
from workbench.recordings.recording import Markers

_TOLERANCE_M: Final = 0.02  #: the wrong way round by more
_FORWARD, _UP, _RIGHT = range(3)
_WAYS: Final = (("ahead of", "behind"), ("above", "below"), ("to the right of", "to the left of"))
_MIDDLE: Final = ("knee", "ankle")


@dataclass(frozen=True)
class _Rule:
    """The first label lies further along the axis than the second."""

    one: str
    other: str
    axis: int


def contradictions(markers: Markers, marker_map: MarkerMap, label: str) -> list[Finding]:
    """Find two swapped labels, or one in an impossible position, by the median over the recording.

    Parameters
    ----------
    markers : Markers
        X forward, Y up, Z right.
    marker_map : MarkerMap
    label : str
        The file, for the findings.
    """
    places = {
        p.label: markers.position_m[:, markers.names.index(p.label)] for p in marker_map.of(markers.names).placements
    }
    places = {name: place for name, place in places.items() if np.isfinite(place).all(axis=1).any()}
    rules = [rule for rule in _rules(marker_map) if rule.one in places and rule.other in places]
    broken = _broken(rules, places)
    sides = [rule for rule in rules if rule.axis == _RIGHT]
    if not broken or sum(rule.axis == _RIGHT for rule in broken) > len(sides) / 2:
        return []  # left for right altogether is told by the direction of walking
    for rule in broken:
        exchanged = {**places, rule.one: places[rule.other], rule.other: places[rule.one]}
        if not _broken(rules, exchanged):
            return [_said(rule, places, label, f"Swap the labels {rule.one} and {rule.other}.")]
    return [_said(rule, places, label, "Check these labels.") for rule in broken[:3]]


def _said(rule: _Rule, places: dict[str, Array], label: str, remedy: str) -> Finding:
    right, wrong = _WAYS[rule.axis]
    return Finding(
        "exchanged_markers", "serious", "recording",
        f"{rule.one} lies {-100 * _further(rule, places):.0f} cm {wrong} {rule.other}, not {right} it: the labels are"
        " swapped, or one of them is wrong.", remedy, label, f"{100 * _TOLERANCE_M:.0f} cm",
    )  # fmt: skip


def _further(rule: _Rule, places: dict[str, Array]) -> float:
    apart = places[rule.one][:, rule.axis] - places[rule.other][:, rule.axis]
    return float(np.median(apart[np.isfinite(apart)])) if np.isfinite(apart).any() else 0.0


def _broken(rules: Sequence[_Rule], places: dict[str, Array]) -> list[_Rule]:
    """Rules that do not hold, the worst first."""
    off = {rule: _further(rule, places) for rule in rules}
    return sorted((rule for rule in rules if off[rule] < -_TOLERANCE_M), key=lambda rule: off[rule])


def _rules(marker_map: MarkerMap) -> list[_Rule]:
    """What lies above, ahead of or to the right of what, of the labels of a map."""
    found = []
    by_landmark = marker_map.landmark_labels
    following: dict[str, list[str]] = {}
    for p in marker_map.placements:
        if p.landmark is None:
            following.setdefault(p.body, []).append(p.label)
    trunk = [label for name, label in by_landmark.items() if name in ("c7", "neck", "jugular_notch", "sacrum")]
    for side in SIDES:
        own = {name.removeprefix(f"{side}_"): label for name, label in by_landmark.items() if name.startswith(side)}
        pelvis = [own[name] for name in ("asis", "psis") if name in own]
        knee, ankle = ([own[name] for name in own if name.endswith(joint)] for joint in _MIDDLE)
        fore = [own[name] for name in own if name.endswith(("metatarsal", "toe_tip", "hallux", "fifth_toe"))]
        heel = [own["heel"]] if "heel" in own else []
        thigh, shank = (following.get(f"{body}_{SIDE_SUFFIX[side]}", []) for body in ("femur", "tibia"))
        shoulder = [own["shoulder"]] if "shoulder" in own else []
        levels = [[*shoulder], [*pelvis], thigh, knee, shank, ankle]
        for upper, lower in itertools.combinations(levels, 2):
            found += [_Rule(one, other, _UP) for one in upper for other in lower]
        found += [_Rule(one, other, _UP) for one in (*trunk, *knee) for other in (*fore, *heel)]
        found += [_Rule(one, other, _FORWARD) for one in fore for other in (*heel, *ankle)]
    for name, label in by_landmark.items():
        if name.startswith("right_") and (twin := by_landmark.get(name.replace("right", "left", 1))):
            found.append(_Rule(label, twin, _RIGHT))
    for body in ("femur", "tibia"):
        left, right = (following.get(f"{body}_{SIDE_SUFFIX[side]}", []) for side in SIDES)
        found += [_Rule(one, other, _RIGHT) for one in right for other in left]
    return found
