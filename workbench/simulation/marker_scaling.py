"""A model scaled to a person from markers, with the markers where the person wore them."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final

import numpy as np

from workbench.core.errors import ModelError
from workbench.core.findings import Finding, worst_first
from workbench.core.types import Array, Subject
from workbench.core.vocabulary import SIDE_SUFFIX, SIDES, Side
from workbench.provenance import own_model_path
from workbench.recordings.landmarks import LANDMARKS
from workbench.recordings.marker_maps import MarkerMap, Placement
from workbench.recordings.moved_markers import said_of_moved
from workbench.recordings.recording import Markers
from workbench.recordings.segment_lengths import scale_factors_of, segment_ratios
from workbench.simulation.exchanged_labels import said_of_exchange
from workbench.simulation.knee_alignment import (
    believed_varus,
    measured_varus,
    shown_by_patella,
    shows_varus,
    with_varus,
)
from workbench.simulation.marker_solver import (
    Poses,
    Progress,
    add_markers,
    bare_model,
    body_poses,
    fit_markers,
    lock,
    marker_name,
    undetermined,
)
from workbench.simulation.model import read_model
from workbench.simulation.quiet_opensim import opensim
from workbench.simulation.scaling import GENERIC_HEIGHT_M, ScaleFactors, scale_model
from workbench.simulation.scaling_findings import (
    far_landmarks,
    said_of_alignment,
    said_of_labels,
    said_of_misfits,
    said_of_proportions,
    said_of_source,
)

_POSES: Final = 20  #: frames in which the markers are placed on the scaled model
#: Weight of a tracking marker's published place against its weight once it is found on the person.
_NOMINAL_SHARE: Final = 0.1
_ALIGNMENTS: Final = 4  #: rounds of measuring the varus
_ROUNDS: Final = 3  #: of placing the clusters anew where no marker shows the knee
#: Places the landmarks were given for; a model that differs by more than the tolerance has other body frames.
_ANKLE_IN_TIBIA_M: Final = np.array([-0.010, -0.400, 0.0])
_ANKLE_TOLERANCE_M: Final = 0.005


@dataclass(frozen=True)
class ScaledModel:
    """A model of one person, with that person's markers on it."""

    osim_xml: str  #: the model file
    scale_factors: ScaleFactors  #: by body
    landmark_misfit_m: Mapping[str, float]  #: how far each landmark's marker lay from the scaled landmark, by label
    frontal_alignment_deg: Mapping[Side, float]  #: varus given to the knees beyond the generic model's
    findings: tuple[Finding, ...] = field(default=())

    def write(self, path: Path) -> Path:
        """Write the model file; return its path."""
        path.write_text(self.osim_xml, encoding="utf-8")
        return path


def scale_to_markers(
    markers: Markers,
    static: Markers | None,
    marker_map: MarkerMap,
    subject: Subject,
    base_model: Path | None = None,
    progress: Progress | None = None,
) -> ScaledModel:
    """Scale a generic model to a person and place the person's markers on it.

    1. Scale factors: segment lengths between landmarks over those of the model (`segment_ratios`), median over the
       frames, applied by OpenSim (`scale_model`).
    2. Pose: inverse kinematics of the landmarks in up to 20 frames.
    3. Markers: every marker goes to its mean position in its body over these poses, as OpenSim's MarkerPlacer does.

    Steps 1 to 3 use the static trial; without one, or where it lacks markers, the walk itself.

    Parameters
    ----------
    markers : Markers
        The walk.
    static : Markers or None
        The same person standing still, axes as in the walk.
    marker_map : MarkerMap
    subject : Subject
        Its mass becomes the model's; the share of each body stays.
    base_model : Path, optional
        A generic model of the Rajagopal family, unscaled; the project's own by default.
    progress : callable, optional
        Called with frames done and all frames; what it raises ends the computation.

    Raises
    ------
    TrialError
        If the markers do not suffice.
    ModelError
        If the base model has other body frames.
    """
    source = static if static is not None else markers
    generic = read_model(base_model or own_model_path())
    _require_family(generic)
    own_map = _usable(marker_map.of(source.names), source)
    anatomical = tuple(p for p in own_map.placements if p.is_anatomical)
    ratios = segment_ratios(_measured(source, anatomical), _in_default_pose(generic), _clusters(markers, marker_map))
    stature = subject.height_m / GENERIC_HEIGHT_M
    by_markers = scale_factors_of(ratios, stature)
    others = (ratios.trunk or stature,) * 3  # arms, where the model has them, go by the trunk
    factors = {str(body.getName()): by_markers.get(body.getName(), others) for body in generic.getBodySet()}
    scaled = scale_model(generic, factors, subject.mass_kg)

    frames = _frames(source, [p.label for p in anatomical])
    nominal = {p.label: (p.body, np.array(p.location_m) * factors[p.body]) for p in own_map.placements if p.location_m}
    person = _Person(source, frames, own_map, nominal, stands=static is not None)
    rounds = 0 if ratios.shank else _ROUNDS  # where nothing marks the knee the clusters have to find their places
    landmarks = {str(p.landmark): nominal[p.label] for p in anatomical}
    measured = {name: position[frames] for name, position in _measured(source, anatomical).items()}
    alignments = _ALIGNMENTS if shows_varus(measured) else 0
    told = _in_parts(progress, (alignments + 1) * (rounds + 1))
    varus: dict[Side, float] = {}
    for _ in range(alignments):  # each pose bends part of what is missing into the hips
        posed, poses = _posed(with_varus(scaled, varus), person, rounds, told)
        missing = measured_varus(posed, poses, measured, landmarks)
        varus = {side: varus.get(side, 0.0) + angle for side, angle in missing.items()}
    alignment = believed_varus(varus, measured)
    scaled = with_varus(scaled, alignment)
    posed, poses = _posed(scaled, person, rounds, told)
    misfit = _misfit(posed, poses, person)
    places = _places(posed, poses, person)
    add_markers(scaled, {marker_name(label): place for label, place in places.items()})
    findings = [
        *_said_of_exchange(posed, poses, person, misfit),
        *said_of_source(static, ratios),
        *(() if static is None else said_of_moved(markers, static, marker_map)),
        *said_of_proportions(factors, subject),
        *said_of_misfits(misfit, own_map),
        *said_of_labels(markers, marker_map, set(places)),
        *said_of_alignment(
            varus, alignment, "walk" if static is None else "static trial", by_patella=shown_by_patella(measured)
        ),
    ]
    return ScaledModel(_xml(scaled), factors, misfit, alignment, worst_first(findings))


def _require_family(model: Any) -> None:
    model.initSystem()
    for joint in model.getJointSet():
        if joint.getName().startswith("ankle_r"):
            offset = joint.getParentFrame().findTransformInBaseFrame().p().to_numpy()
            if np.linalg.norm(offset - _ANKLE_IN_TIBIA_M) <= _ANKLE_TOLERANCE_M:
                return
    raise ModelError(
        "this is not the unscaled generic Rajagopal model.",
        where=str(model.getName()),
        remedy="Scale from the project's own model, or give a scaled model that has its markers.",
    )


def _in_default_pose(model: Any) -> dict[str, Array]:
    """Landmarks in the pelvis frame of the model as it stands by default, and its lumbar joint."""
    state = model.initSystem()
    pelvis = model.getBodySet().get("pelvis")
    bodies = {body.getName(): body for body in model.getBodySet()}

    def of(body: str, place: Any) -> Array:
        vector = opensim.Vec3(*(float(x) for x in place))
        return np.asarray(bodies[body].findStationLocationInAnotherFrame(state, vector, pelvis).to_numpy())

    found = {
        name: of(landmark.body, landmark.location_m) for name, landmark in LANDMARKS.items() if landmark.body in bodies
    }
    for joint in model.getJointSet():
        child = joint.getChildFrame().findBaseFrame().getName()
        for side in SIDES:
            if child == f"tibia_{SIDE_SUFFIX[side]}":
                place = joint.getParentFrame().findTransformInBaseFrame().p().to_numpy()
                found[f"{side}_knee_joint"] = of(f"femur_{SIDE_SUFFIX[side]}", place)
    return found | {"lumbar_joint": of("torso", (0.0, 0.0, 0.0))}


def _usable(marker_map: MarkerMap, source: Markers) -> MarkerMap:
    """Leave out markers that are never seen, and hip centres that cannot be those of a person."""
    seen = {
        name
        for name, position in zip(source.names, source.position_m.transpose(1, 0, 2), strict=True)
        if np.isfinite(position).all(axis=1).any()
    }
    return replace(marker_map, placements=tuple(p for p in marker_map.placements if p.label in seen))


def _positions(markers: Markers, labels: Iterable[str]) -> Array:
    return np.asarray(markers.position_m[:, [markers.names.index(label) for label in labels]])


def _measured(markers: Markers, anatomical: Iterable[Placement]) -> dict[str, Array]:
    return {
        p.landmark: markers.position_m[:, markers.names.index(p.label)] for p in anatomical if p.landmark is not None
    }


def _clusters(walk: Markers, marker_map: MarkerMap) -> dict[Side, tuple[Array, Array]]:
    """Tracking markers of thigh and shank in the walk, by side."""
    tracking = [p for p in _usable(marker_map.of(walk.names), walk).placements if not p.is_anatomical]
    found: dict[Side, tuple[Array, Array]] = {}
    for side in SIDES:
        thigh, shank = (
            _positions(walk, [p.label for p in tracking if p.body == f"{body}_{SIDE_SUFFIX[side]}"])
            for body in ("femur", "tibia")
        )
        found[side] = (thigh, shank)
    return found


def _frames(markers: Markers, labels: list[str]) -> Array:
    """Frames for the poses: spread evenly over those in which the most landmarks are seen."""
    seen = np.isfinite(_positions(markers, labels)).all(axis=2).sum(axis=1)
    good = np.flatnonzero(seen == seen.max())
    return good[np.unique(np.linspace(0, len(good) - 1, min(_POSES, len(good))).round().astype(int))]


@dataclass(frozen=True)
class _Person:
    """What a model is posed by."""

    source: Markers
    frames: Array  #: of the source
    marker_map: MarkerMap
    nominal: Mapping[str, tuple[str, Array]]  #: body and place by label, where the map gives one
    stands: bool  #: in a static trial

    @property
    def weights(self) -> dict[str, float]:
        """By label."""
        return {p.label: p.weight for p in self.marker_map.placements}


def _in_parts(progress: Progress | None, fits: int) -> Progress | None:
    """Progress over several fits, each of which counts its own frames."""
    if progress is None:
        return None
    counted = 0

    def told(done: int, total: int) -> None:
        nonlocal counted
        counted += 1
        progress(counted, fits * total)

    return told


def _posed(scaled: Any, person: _Person, rounds: int, progress: Progress | None) -> tuple[Any, Poses]:
    """Fit the scaled model to the frames by its landmarks, then again with clusters where they were found."""
    weights = {p.label: p.weight * (1.0 if _is_firm(p) else _NOMINAL_SHARE) for p in person.marker_map.placements}
    posed, poses = _fit(scaled, person.nominal, weights, person, progress)
    for _ in range(rounds):
        places = _places(posed, poses, person) | {
            label: place for label, place in person.nominal.items() if _is_firm(person.marker_map[label])
        }
        posed, poses = _fit(scaled, places, person.weights, person, progress)
    return posed, poses


def _fit(
    scaled: Any,
    places: Mapping[str, tuple[str, Array]],
    weights: Mapping[str, float],
    person: _Person,
    progress: Progress | None,
) -> tuple[Any, Poses]:
    """Fit the scaled model, with markers at these places, to the frames."""
    posed = bare_model(scaled)
    # Markers on the shoe do not show the zero of the subtalar joint: that is how the person stands.
    subtalar = {f"subtalar_angle_{letter}" for letter in SIDE_SUFFIX.values()}
    lock(posed, subtalar if person.stands else undetermined(person.marker_map.placements))
    add_markers(posed, {marker_name(label): place for label, place in places.items()})
    return posed, fit_markers(
        posed,
        tuple(marker_name(label) for label in places),
        np.array([weights[label] for label in places]),
        np.arange(len(person.frames), dtype=float),
        _positions(person.source, places)[person.frames],
        progress,
    )


def _is_firm(placement: Placement) -> bool:
    """Tell whether a marker's place on the body is known: that of a landmark, but for the kneecap, which slides."""
    return placement.is_anatomical and not (placement.landmark or "").endswith("patella")


def _local(posed: Any, poses: Poses, person: _Person, placement: Placement) -> Array:
    """Where a marker was measured in the frame of its body, (n, 3)."""
    rotation, origin = body_poses(posed, poses, placement.body)
    measured = person.source.position_m[person.frames, person.source.names.index(placement.label)]
    return np.asarray(np.einsum("nji,nj->ni", rotation, measured - origin))


def _places(posed: Any, poses: Poses, person: _Person) -> dict[str, tuple[str, Array]]:
    """Mean place of every marker in its body over the poses; a marker that is never seen there has none."""
    found: dict[str, tuple[str, Array]] = {}
    for p in person.marker_map.placements:
        local = _local(posed, poses, person, p)
        if np.isfinite(local).all(axis=1).any():
            found[p.label] = (p.body, np.nanmean(local, axis=0))
    return found


def _misfit(posed: Any, poses: Poses, person: _Person) -> dict[str, float]:
    """Mean distance of every landmark's marker from the landmark of the scaled model, m, by label."""
    found = {}
    for p in person.marker_map.placements:
        local = _local(posed, poses, person, p)
        if p.is_anatomical and np.isfinite(local).all(axis=1).any():
            found[p.label] = float(np.nanmean(np.linalg.norm(local - person.nominal[p.label][1], axis=1)))
    return found


def _said_of_exchange(posed: Any, poses: Poses, person: _Person, misfit: Mapping[str, float]) -> list[Finding]:
    """Landmark labels that have changed places, where some lie far from the model's."""
    if not far_landmarks(misfit, person.marker_map):
        return []
    firm = [p for p in person.marker_map.placements if _is_firm(p)]
    model = bare_model(posed)
    add_markers(model, {marker_name(p.label): person.nominal[p.label] for p in firm})
    measured = _positions(person.source, [p.label for p in firm])[person.frames]
    apart = np.stack(
        [np.linalg.norm(_local(posed, poses, person, p) - person.nominal[p.label][1], axis=1) for p in firm], 1
    )
    return said_of_exchange(model, firm, measured, person.source.time_s[person.frames], apart)


def _xml(model: Any) -> str:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "scaled.osim"
        model.printToXML(str(path))
        return path.read_text(encoding="utf-8")
