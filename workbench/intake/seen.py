"""What an inspection of dropped files finds, and the user's answers; light enough for the page's own process."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from workbench.core.vocabulary import Side
from workbench.recordings.labels import side_of
from workbench.recordings.landmarks import LANDMARKS
from workbench.recordings.marker_maps import MarkerMap
from workbench.recordings.recording import Markers
from workbench.recordings.sources import MARKER_KINDS, Sources, side_in_name

#: Questions to `workbench.intake.importer.Importer`: see the functions of `workbench.intake.uploaded`.
LOOK: Final = "workbench.intake.uploaded:look"
IMPORT: Final = "workbench.intake.uploaded:import_upload"
#: What a marker may stand for, in the order in which a list shows it.
LANDMARK_NAMES: Final = tuple(LANDMARKS)


@dataclass(frozen=True)
class FoundWalk:
    """One walk among the files."""

    name: str
    path: Path  #: what `workbench.recordings.sources.find_sources` takes
    trial: str | None = None  #: of an export folder


@dataclass(frozen=True)
class Look:
    """The files' information about one walk before anything is computed."""

    walks: tuple[FoundWalk, ...]
    walk: FoundWalk
    sources: Sources
    mass_kg: float | None = None
    height_m: float | None = None
    plates: bool = False  #: whether forces come with it
    markers: Markers | None = None  #: thinned out, to be shown; None where none come with it
    marker_map: MarkerMap | None = None  #: None where the joint angles are ready, or no label is known
    labels: tuple[str, ...] = ()  #: of all markers
    problem: str = ""  #: why the labels must be corrected before it can be imported

    @property
    def statics(self) -> tuple[Path, ...]:
        """Files that may be the static trial."""
        if self.sources.markers is None or self.sources.coordinates is not None:
            return ()
        beside = sorted(self.sources.markers.parent.iterdir())
        return tuple(p for p in beside if p.suffix.lower() in MARKER_KINDS and p != self.sources.markers)

    @property
    def unmatched(self) -> tuple[str, ...]:
        """Labels not assigned to a landmark yet."""
        if self.sources.coordinates is not None:
            return ()
        return self.labels if self.marker_map is None else self.marker_map.unmatched

    @property
    def suggestions(self) -> Mapping[str, str]:
        """Landmark by unmatched label, where the label resembles a known one."""
        return {} if self.marker_map is None else self.marker_map.suggestions or {}

    @property
    def sides(self) -> tuple[Side | None, ...]:
        """The side of each marker shown, from the map if known, else from its label."""
        names = () if self.markers is None else self.markers.names
        placed = {} if self.marker_map is None else {p.label: p.side for p in self.marker_map.placements}
        return tuple(placed[name] if name in placed else side_of(name) for name in names)

    @property
    def asks_side(self) -> bool:
        """Whether there are measured loads for an unknown knee."""
        loads = self.sources.measured_loads
        return loads is not None and side_in_name(loads.stem) is None

    @property
    def is_complete(self) -> bool:
        """Whether all information is available."""
        known = self.mass_kg is not None and self.height_m is not None
        static_known = self.sources.static is not None or not self.statics
        return (
            known and static_known and len(self.walks) == 1 and not (self.suggestions or self.problem or self.asks_side)
        )


@dataclass(frozen=True)
class Answers:
    """The user's information about the walk."""

    mass_kg: float
    height_m: float
    static: Path | None = None
    landmarks: Mapping[str, str] = field(default_factory=dict)  #: by label; empty for a label that is not used
    plates: bool = True
    measured_side: Side | None = None
