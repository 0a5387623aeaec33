"""Marker maps: which marker of the model each label of a file stands for."""

from __future__ import annotations

import difflib
import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any, Final

from workbench.core.errors import TrialError
from workbench.core.vocabulary import SIDE_SUFFIX, SIDES, Side, opposite
from workbench.recordings.landmarks import (
    LANDMARKS,
    MIDLINE,
    MIDLINE_BODIES,
    PAIRED,
    PAIRED_BODIES,
    TRACKING_WEIGHT,
    Landmark,
    Point,
)

SETS_FOLDER: Final = Path(__file__).parent / "marker_sets"
_SIMILAR: Final = 0.8  # ratio of difflib above which a label is suggested for a landmark
_TABLES: Final = ("landmarks", "tracking", "weights", "locations")


@dataclass(frozen=True)
class Placement:
    """One marker on the model."""

    label: str  #: as in the file
    body: str  #: body of the model
    weight: float  #: in inverse kinematics
    landmark: str | None = None  #: None: it only follows its body
    location_m: Point | None = None  #: in the frame of the unscaled body; None: unknown

    @property
    def is_anatomical(self) -> bool:
        """True for a landmark, used for scaling and inverse kinematics."""
        return self.landmark is not None

    @property
    def side(self) -> Side | None:
        """The leg, or side of pelvis and trunk, that it is on; None on the midline."""
        for side in SIDES:
            if (self.landmark or "").startswith(side) or self.body.endswith(f"_{SIDE_SUFFIX[side]}"):
                return side
        return None


@dataclass(frozen=True)
class MarkerMap:
    """Which marker of the model each label stands for.

    Examples
    --------
    >>> marker_map = suggest_map(["LASI", "RASI", "SACR", "LKNE", "RKNE", "LANK", "RANK", "LHEE", "RHEE", "Box1"])
    >>> marker_map.name, marker_map.unmatched
    ('Plug-in Gait', ('Box1',))
    >>> marker_map.landmark_labels["left_lateral_knee"]
    'LKNE'
    """

    name: str
    placements: tuple[Placement, ...]
    source: str = ""
    unmatched: tuple[str, ...] = ()  #: labels of the file that the map does not know
    suggestions: Mapping[str, str] | None = None  #: what an unmatched label may be: landmark by label

    @property
    def labels(self) -> tuple[str, ...]:
        """The labels that are mapped."""
        return tuple(placement.label for placement in self.placements)

    @property
    def landmark_labels(self) -> dict[str, str]:
        """Label by landmark."""
        return {p.landmark: p.label for p in self.placements if p.landmark is not None}

    def __getitem__(self, label: str) -> Placement:
        return next(placement for placement in self.placements if placement.label == label)

    def of(self, labels: Iterable[str]) -> MarkerMap:
        """Return the part of the map that applies to a file's labels, spelled as in the file.

        Capitals, blanks, points, hyphens and underscores do not count, nor does OpenCap's ``_study``.

        Examples
        --------
        >>> suggest_map(["r.ASIS_study", "L.ASIS_study", "r_knee_study"]).labels
        ('L.ASIS_study', 'r.ASIS_study', 'r_knee_study')
        """
        labels = list(labels)
        spelled = {plain(label): label for label in reversed(labels)}
        filled = tuple(
            replace(placement, label=placement.label if placement.label in labels else spelled[plain(placement.label)])
            for placement in self.placements
            if placement.label in labels or plain(placement.label) in spelled
        )
        known = {placement.label for placement in filled}
        return replace(self, placements=filled, unmatched=tuple(label for label in labels if label not in known))


def plain(label: str) -> str:
    """Return a label without the characters that laboratories spell differently.

    Examples
    --------
    >>> plain("R_Ankle_Lateral"), plain("r.ASIS_study")
    ('ranklelateral', 'rasis')
    """
    return re.sub(r"[\s._\-]", "", re.sub(r"_study$", "", label.strip(), flags=re.IGNORECASE)).casefold()


def suggest_map(labels: Sequence[str]) -> MarkerMap:
    """Return the published marker set that fits a file's labels best, reduced to these labels.

    Labels that it does not know are looked for in the other sets, and otherwise listed in `unmatched`; where one of
    them resembles a missing landmark's label in any set, `suggestions` says so; nothing is assigned.

    Parameters
    ----------
    labels : sequence of str
        Marker labels of a file.

    Raises
    ------
    TrialError
        If no set knows any of the labels.
    """
    # Landmarks count double; of sets that fit alike, the smaller one is the closer.
    fits = [marker_set.of(labels) for marker_set in sorted(published_sets(), key=lambda known: len(known.placements))]
    best = max(fits, key=lambda fit: sum(2 if p.is_anatomical else 1 for p in fit.placements))
    if not best.placements:
        raise TrialError(
            f"none of the marker labels is known: {', '.join(labels[:12])}{' ...' if len(labels) > 12 else ''}.",
            remedy="Assign labels to landmarks in a marker map (a TOML file, see the README).",
        )
    placements, taken = list(best.placements), set(best.landmark_labels)
    for fit in fits:
        for placement in fit.placements:
            free = placement.landmark is not None and placement.landmark not in taken
            if free and placement.label in best.unmatched and placement.label not in {p.label for p in placements}:
                placements.append(placement)
                taken.add(str(placement.landmark))
    known = {placement.label for placement in placements}
    unmatched = tuple(label for label in labels if label not in known)
    return replace(best, placements=tuple(placements), unmatched=unmatched, suggestions=_suggestions(unmatched, taken))


def _suggestions(unmatched: Sequence[str], taken: set[str]) -> dict[str, str]:
    """Landmark by label, where the label resembles one of the landmark's labels in the published sets."""
    landmarks = {
        plain(p.label): p.landmark
        for marker_set in published_sets()
        for p in marker_set.placements
        if p.landmark is not None and p.landmark not in taken
    }
    found = {}
    for label in unmatched:
        close = difflib.get_close_matches(plain(label), list(landmarks), n=1, cutoff=_SIMILAR)
        if close:
            found[label] = landmarks[close[0]]
    return found


@cache
def published_sets() -> tuple[MarkerMap, ...]:
    """Every marker set that comes with the workbench."""
    return tuple(read_map(path) for path in sorted(SETS_FOLDER.glob("*.toml")))


def read_map(path: Path) -> MarkerMap:
    """Read a marker map.

    The file names the labels of landmarks (``[landmarks]``, a label for the midline, two for left and right) and of
    markers that only follow a body (``[tracking]``, a list for the midline, two lists for left and right). Optional:
    ``[weights]`` by label, and ``[locations]`` by label, in metres in the frame of the generic model's body.

    Raises
    ------
    TrialError
        If the file cannot be read, or names a landmark or a body that does not exist, or a label twice.

    Examples
    --------
    >>> read_map(SETS_FOLDER / "helen_hayes.toml")["VSAC"].landmark
    'sacrum'
    """
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise TrialError(
            f"the marker map cannot be read: {error}.",
            where=path.name,
            remedy="Write it like the marker sets that come with the workbench.",
        ) from None
    return parse_map(content, path.name)


def parse_map(content: Mapping[str, Any], where: str) -> MarkerMap:
    """Make a marker map of the content of its file; see `read_map`."""
    unknown = set(content) - {"name", "source", *_TABLES}
    if unknown:
        raise TrialError(f"unknown entry: {sorted(unknown)[0]!r}.", where=where, remedy=f"Use {', '.join(_TABLES)}.")
    weights, locations = _table(content, "weights", where), _table(content, "locations", where)
    placements = [
        Placement(label, landmark.body, landmark.weight, landmark.name, landmark.location_m)
        for landmark, label in _landmarks(_table(content, "landmarks", where), where)
    ]
    placements += [
        Placement(label, body, TRACKING_WEIGHT) for body, label in _tracking(_table(content, "tracking", where), where)
    ]
    labels = [placement.label for placement in placements]
    doubles = sorted({label for label in labels if labels.count(label) > 1})
    if doubles:
        raise TrialError(f"the label {doubles[0]!r} occurs twice.", where=where, remedy="Map each label once.")
    strangers = sorted((set(weights) | set(locations)) - set(labels))
    if strangers:
        raise TrialError(f"[weights] or [locations] contains {strangers[0]!r}, which is not in the map.", where=where)
    placed = tuple(
        replace(
            p,
            weight=_weight(weights.get(p.label, p.weight), p.label, where),
            location_m=_location(locations[p.label], p.label, where) if p.label in locations else p.location_m,
        )
        for p in placements
    )
    return MarkerMap(str(content.get("name", where)), placed, str(content.get("source", "")))


def mirrored_labels(placements: Sequence[Placement]) -> dict[str, str]:
    """Return for each label its counterpart on the other side; labels on the midline map to themselves.

    A tracking marker without a partner is left out.

    Examples
    --------
    >>> mirrored_labels(suggest_map(["LASI", "RASI", "SACR", "LTHI"]).placements)
    {'LASI': 'RASI', 'RASI': 'LASI', 'SACR': 'SACR'}
    """
    by_place = {(p.landmark, p.body, _place_number(placements, p)): p.label for p in placements}
    found = {}
    for p in placements:
        landmark, body = p.landmark, p.body
        if p.side is not None:
            landmark = landmark and landmark.replace(p.side, opposite(p.side), 1)
            body = body if body in MIDLINE_BODIES else f"{body[:-1]}{SIDE_SUFFIX[opposite(p.side)]}"
        twin = by_place.get((landmark, body, _place_number(placements, p)))
        if twin is not None:
            found[p.label] = twin
    return found


def _place_number(placements: Sequence[Placement], placement: Placement) -> int:
    """Tell tracking markers of one body apart; landmarks are told apart by their name."""
    if placement.landmark is not None:
        return 0
    return [p.label for p in placements if p.body == placement.body].index(placement.label)


def _table(content: Mapping[str, Any], name: str, where: str) -> Mapping[str, Any]:
    table = content.get(name, {})
    if not isinstance(table, dict):
        raise TrialError(f"[{name}] is not a table.", where=where, remedy=f"Start it with a line [{name}].")
    return table


def _landmarks(table: Mapping[str, Any], where: str) -> list[tuple[Landmark, str]]:
    found = []
    for name, labels in table.items():
        if name in PAIRED and isinstance(labels, list) and len(labels) == 2:
            found += [
                (LANDMARKS[f"{side}_{name}"], str(label)) for side, label in zip(SIDES, labels, strict=True) if label
            ]
        elif name in LANDMARKS and isinstance(labels, str):
            found.append((LANDMARKS[name], labels))
        elif name in PAIRED:
            raise TrialError(f"{name} needs two labels, left and right.", where=where, remedy='Write ["LASI", "RASI"].')
        else:
            raise TrialError(
                f"there is no landmark {name!r}.", where=where, remedy=f"Use one of {', '.join((*PAIRED, *MIDLINE))}."
            )
    return found


def _tracking(table: Mapping[str, Any], where: str) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    for name, labels in table.items():
        nested = isinstance(labels, list) and len(labels) == 2 and all(isinstance(each, list) for each in labels)
        if name in PAIRED_BODIES and nested:
            for side, own in zip(SIDES, labels, strict=True):
                found += [(f"{name}_{SIDE_SUFFIX[side]}", str(label)) for label in own]
        elif name in MIDLINE_BODIES and isinstance(labels, list) and not nested:
            found += [(name, str(label)) for label in labels]
        else:
            raise TrialError(
                f"[tracking] {name} is not a body with its labels.",
                where=where,
                remedy=f"Use {', '.join(PAIRED_BODIES)} with two lists (left, right), "
                f"{' and '.join(MIDLINE_BODIES)} with one.",
            )
    return found


def _weight(value: object, label: str, where: str) -> float:
    if not isinstance(value, int | float) or not 0.0 <= value <= 1000.0:
        raise TrialError(f"the weight of {label} is {value!r}.", where=where, remedy="Give a number from 0 to 1000.")
    return float(value)


def _location(value: object, label: str, where: str) -> Point:
    if (
        not isinstance(value, list)
        or len(value) != 3
        or not all(isinstance(x, int | float) and abs(x) < 1.0 for x in value)
    ):
        raise TrialError(
            f"the location of {label} is {value!r}, which is not valid.",
            where=where,
            remedy="Give three numbers in metres: forward, up, right.",
        )
    x, y, z = (float(each) for each in value)
    return x, y, z
