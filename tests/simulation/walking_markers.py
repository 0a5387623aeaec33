"""Markers on a scaled copy of the own model while it does the built-in walk: everything about them is known."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import opensim

from workbench.core.types import Array, Trial
from workbench.provenance import own_model_path
from workbench.recordings.landmarks import LANDMARKS
from workbench.recordings.marker_maps import MarkerMap, suggest_map
from workbench.recordings.recording import Markers
from workbench.simulation.scaling import scale_model

_FOOT = (1.08, 1.08, 1.08)
FACTORS: dict[str, tuple[float, float, float]] = {"pelvis": (1.10, 1.05, 1.12), "torso": (1.02, 1.02, 1.02)}
for _side in "rl":
    FACTORS |= {f"{body}_{_side}": (1.05, 1.05, 1.05) for body in ("femur", "patella")}
    FACTORS |= {f"{body}_{_side}": _FOOT for body in ("talus", "calcn", "toes")}
    FACTORS |= {f"tibia_{_side}": (0.97, 0.97, 0.97)}
MASS_KG = 80.0
_FRAMES = 60

_LABELS = {
    "asis": "{}ASI", "psis": "{}PSI", "hip_centre": "{}HJC", "lateral_knee": "{}LFC", "medial_knee": "{}MFC",
    "lateral_ankle": "{}LMAL", "medial_ankle": "{}MMAL", "heel": "{}CAL", "first_metatarsal": "{}MT1",
    "second_metatarsal": "{}MT2", "fifth_metatarsal": "{}MT5",
}  # fmt: skip
_TRUNK = {"C7": "c7", "T10": "t10", "CLAV": "jugular_notch", "STRN": "xiphoid"}
_CLUSTERS = {
    "TH1": ("femur", (0.07, -0.15, 0.03)), "TH2": ("femur", (0.0, -0.25, 0.09)), "TH3": ("femur", (0.06, -0.3, 0.05)),
    "TB1": ("tibia", (0.05, -0.12, 0.02)), "TB2": ("tibia", (0.0, -0.2, 0.06)), "TB3": ("tibia", (0.04, -0.3, 0.01)),
}  # fmt: skip


@dataclass(frozen=True)
class KnownWalk:
    """A walk of which the truth is known."""

    markers: Markers
    marker_map: MarkerMap
    motion: dict[str, Array]  #: degrees and metres


def known_walk(trial: Trial) -> KnownWalk:
    """Let the scaled model walk and look where its markers are."""
    generic = opensim.Model(str(own_model_path()))
    model = scale_model(generic, FACTORS, MASS_KG)
    places = _places()
    for label, (body, place) in places.items():
        location = np.array(place) * FACTORS[body]
        model.addMarker(opensim.Marker(label, model.getBodySet().get(body), opensim.Vec3(*map(float, location))))
    model.finalizeConnections()
    state = model.initSystem()
    frames = slice(0, _FRAMES)
    time_s, values = trial.motion.time_s[frames], trial.motion.values[frames]
    position = np.empty((len(time_s), len(places), 3))
    coordinates = model.getCoordinateSet()
    for i, row in enumerate(values):
        for name, value in zip(trial.motion.names, row, strict=True):
            if coordinates.contains(name):
                set_value(coordinates.get(name), state, value if name.startswith("pelvis_t") and name != "pelvis_tilt"
                          else np.radians(value) if trial.motion.in_degrees else value)  # fmt: skip
        model.assemble(state)
        model.realizePosition(state)
        for k, label in enumerate(places):
            position[i, k] = model.getMarkerSet().get(label).getLocationInGround(state).to_numpy()
    markers = Markers(time_s, tuple(places), position)
    motion = dict(zip(trial.motion.names, values.T, strict=True))
    return KnownWalk(markers, suggest_map(markers.names), motion)


def set_value(coordinate: Any, state: Any, value: float) -> None:
    if not coordinate.getLocked(state):
        coordinate.setValue(state, float(value), False)


def _places() -> dict[str, tuple[str, tuple[float, float, float]]]:
    places = {label: (LANDMARKS[name].body, LANDMARKS[name].location_m) for label, name in _TRUNK.items()}
    for letter, side in (("R", "right"), ("L", "left")):
        for name, label in _LABELS.items():
            landmark = LANDMARKS[f"{side}_{name}"]
            places[label.format(letter)] = (landmark.body, landmark.location_m)
        for label, (body, (x, y, z)) in _CLUSTERS.items():
            places[f"{letter}{label}"] = (f"{body}_{letter.lower()}", (x, y, z if letter == "R" else -z))
    return places


def written(folder: Path, osim_xml: str) -> Path:
    """A model as a file."""
    path = folder / "scaled.osim"
    path.write_text(osim_xml, encoding="utf-8")
    return path
