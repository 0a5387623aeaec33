"""Findings about a model scaled from markers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import numpy as np

from workbench.core.findings import Finding
from workbench.core.types import Subject
from workbench.core.vocabulary import SIDES, Side
from workbench.recordings.marker_maps import MarkerMap
from workbench.recordings.recording import Markers
from workbench.recordings.segment_lengths import SegmentRatios
from workbench.simulation.knee_alignment import LARGEST_VARUS_DEG
from workbench.simulation.scaling import GENERIC_HEIGHT_M, ScaleFactors

LANDMARK_LIMIT_M: Final = 0.04
_TRUNK_LIMIT_M: Final = 0.10  #: the trunk of the model is one rigid body with the proportions of one person
#: How far a segment may be from the proportions of the stature before it is questioned: 4 standard deviations of about
#: 4 % (Drillis and Contini 1966).
_PROPORTION_RANGE: Final = (0.84, 1.16)
_ASYMMETRY: Final = 0.05
_ALIGNMENT_DOUBTFUL_DEG: Final = 5.0
_SEGMENTS: Final = {"femur_r": "thigh", "tibia_r": "shank", "calcn_r": "foot"}


def said_of_source(static: Markers | None, ratios: SegmentRatios) -> list[Finding]:
    """Whether a static trial was used, what was measured, and where the hip centres come from."""
    found = [Finding("hip_centres", "note", "model", f"Hip centres: {ratios.hip_from}.")]
    if static is None:
        found.append(
            Finding(
                "no_static_trial",
                "note",
                "model",
                "The model was scaled from the walk itself, without a static trial: joint angles may be off by a few"
                " degrees.",
                "Give a static trial with medial and lateral markers on knees and ankles.",
            )
        )
    missing = [
        name for name, values in (("thigh", ratios.thigh), ("shank", ratios.shank), ("foot", ratios.foot)) if not values
    ]
    if missing:
        found.append(
            Finding(
                "segments_by_stature",
                "doubtful",
                "model",
                f"No markers show the length of the {' and the '.join(missing)}; it was estimated from body height.",
                "Give a static trial with markers on knees and ankles.",
            )
        )
    for name, sides in (("thigh", ratios.thigh), ("shank", ratios.shank), ("foot", ratios.foot)):
        if len(sides) == 2:
            left, right = (sides[side] for side in SIDES)
            difference = right / left - 1.0
            if abs(difference) > _ASYMMETRY:
                found.append(
                    Finding(
                        "asymmetric_segments",
                        "doubtful",
                        "model",
                        f"The markers make the right {name} {abs(100 * difference):.0f} % "
                        f"{'longer' if difference > 0 else 'shorter'} than the left; the mean was used for both.",
                        "Check the knee and ankle markers of both legs, and whether two labels are swapped.",
                        limit=f"{100 * _ASYMMETRY:.0f} %",
                    )
                )
    return found


def said_of_proportions(factors: ScaleFactors, subject: Subject) -> list[Finding]:
    """Segments that do not match the body height."""
    found = []
    low, high = _PROPORTION_RANGE
    for body, name in _SEGMENTS.items():
        share = factors[body][1] * GENERIC_HEIGHT_M / subject.height_m
        if not low <= share <= high:
            found.append(
                Finding(
                    "segment_proportions",
                    "serious" if not low**2 <= share <= high**2 else "doubtful",
                    "model",
                    f"According to the markers the {name} is {abs(100 * (share - 1)):.0f} % "
                    f"{'longer' if share > 1 else 'shorter'} than usual for a height of {subject.height_m:.2f} m.",
                    "Check the height, the unit of the markers, and the labels of this segment.",
                    limit=f"{100 * (low - 1):.0f} to +{100 * (high - 1):.0f} %",
                    source="Drillis and Contini 1966",
                )
            )
    return found


def far_landmarks(misfit_m: Mapping[str, float], marker_map: MarkerMap) -> list[str]:
    """Labels of the landmarks beyond the limit, the farthest first."""
    limits = {label: _TRUNK_LIMIT_M if marker_map[label].body == "torso" else LANDMARK_LIMIT_M for label in misfit_m}
    far = [label for label, misfit in misfit_m.items() if misfit > limits[label]]
    return sorted(far, key=lambda label: -misfit_m[label])


def said_of_misfits(misfit_m: Mapping[str, float], marker_map: MarkerMap) -> list[Finding]:
    """Markers far from their landmark on the scaled model."""
    far = far_landmarks(misfit_m, marker_map)
    rms = float(np.sqrt(np.mean(np.square(list(misfit_m.values())))))
    found = [
        Finding(
            "landmark_fit",
            "note",
            "model",
            f"Markers and landmarks of the scaled model are {1000 * rms:.0f} mm apart (root mean square); the model's"
            " markers were then moved to the measured positions.",
        )
    ]
    if far:
        found.append(
            Finding(
                "landmark_misfit",
                "doubtful",
                "model",
                f"{len(far)} markers are far from their landmark on the scaled model: "
                f"{', '.join(f'{label} {1000 * misfit_m[label]:.0f} mm' for label in far[:4])}.",
                "Check their labels, and their landmarks in the marker map.",
                limit=f"{1000 * LANDMARK_LIMIT_M:.0f} mm, on the trunk {1000 * _TRUNK_LIMIT_M:.0f} mm",
            )
        )
    return found


def said_of_labels(walk: Markers, marker_map: MarkerMap, placed: set[str]) -> list[Finding]:
    """Labels of the walk without a marker on the model."""
    found = []
    known = {p.label for p in marker_map.of(walk.names).placements}
    unplaced = sorted(known - placed)
    if unplaced:
        found.append(
            Finding(
                "markers_not_placed",
                "note",
                "recording",
                f"Not visible in the trial used for scaling, and ignored: {', '.join(unplaced[:8])}"
                f"{' ...' if len(unplaced) > 8 else ''}.",
                "Use a static trial with these markers.",
            )
        )
    strangers = [label for label in walk.names if label not in known]
    if strangers:
        found.append(
            Finding(
                "labels_not_known",
                "note",
                "recording",
                f"Not in the marker map, and ignored: {', '.join(strangers[:8])}"
                f"{' ...' if len(strangers) > 8 else ''}.",
                "Add them to a marker map if they are on the legs or the pelvis.",
            )
        )
    return found


def said_of_alignment(
    measured_deg: Mapping[Side, float], given_deg: Mapping[Side, float], source: str, *, by_patella: bool
) -> list[Finding]:
    """Varus and valgus given to the knees according to the markers, and where the markers were not trusted."""
    found = []
    error = "patella markers are off by 3 to 7°" if by_patella else "such markers are off by 2 to 3°"
    for side, measured in measured_deg.items():
        given = given_deg.get(side, 0.0)
        shown = f"the markers of the {source} show {abs(measured):.1f}° more {_direction(measured)}"
        if given:
            found.append(
                Finding(
                    "frontal_alignment",
                    "doubtful" if abs(given) > _ALIGNMENT_DOUBTFUL_DEG else "note",
                    "model",
                    f"The {side} knee was given {abs(given):.1f}° more {_direction(given)} than in the generic model;"
                    f" {shown}; {error}.",
                    "Compare with a radiograph, and correct it with the setting for added varus.",
                    limit=f"{_ALIGNMENT_DOUBTFUL_DEG:.0f}°",
                )
            )
        elif abs(measured) > LARGEST_VARUS_DEG:
            found.append(
                Finding(
                    "frontal_alignment",
                    "serious",
                    "model",
                    f"The {side} knee keeps the model's alignment: {shown}.",
                    "Check the knee and ankle markers, and whether medial and lateral are swapped.",
                    limit=f"{LARGEST_VARUS_DEG:.0f}°",
                )
            )
    return found


def _direction(varus_deg: float) -> str:
    return "varus" if varus_deg > 0 else "valgus"
