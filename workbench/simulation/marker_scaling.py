"""A model scaled to a person by markers, with the markers where the person wore them."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final

import numpy as np

from workbench.core.errors import ModelError
from workbench.core.findings import Finding, worst_first
from workbench.core.types import Array, Subject
from workbench.core.vocabulary import LATERAL_SIGN, SIDE_SUFFIX, SIDES, Side
from workbench.provenance import own_model_path
from workbench.recordings.landmarks import LANDMARKS
from workbench.recordings.marker_maps import MarkerMap, Placement
from workbench.recordings.recording import Markers
from workbench.recordings.segment_lengths import scale_factors_of, segment_ratios
from workbench.simulation.marker_solver import (
    Poses,
    Progress,
    add_markers,
    bare_model,
    body_poses,
    fit_markers,
)
from workbench.simulation.model import read_model
from workbench.simulation.quiet_opensim import opensim
from workbench.simulation.scaling import GENERIC_HEIGHT_M, ScaleFactors, scale_model
from workbench.simulation.scaling_findings import (
    said_of_alignment,
    said_of_labels,
    said_of_misfits,
    said_of_proportions,
    said_of_source,
)

#: Points of the foot in the own model, whose names no marker may take.
_OWN_MARKERS: Final = r"(heel|toe_tip|second_metatarsal_head|(medial|lateral)_(heel|forefoot))_[rl]"
_POSES: Final = 20  #: frames in which the markers are placed on the scaled model
#: Weight of a tracking marker's published place against its weight once it is found on the person.
_NOMINAL_SHARE: Final = 0.1
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
    frontal_alignment_deg: Mapping[Side, float]  #: varus of the person beyond the model's; empty where not measured
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
    3. Markers: every marker goes to its mean place in its body over these poses, as OpenSim's MarkerPlacer does.

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
    factors = scale_factors_of(ratios, subject.height_m / GENERIC_HEIGHT_M)
    bodies = {body.getName() for body in generic.getBodySet()}
    others = dict.fromkeys(bodies - set(factors), (ratios.trunk or subject.height_m / GENERIC_HEIGHT_M,) * 3)
    factors = {body: factor for body, factor in factors.items() if body in bodies} | others
    scaled = scale_model(generic, factors, subject.mass_kg)

    frames = _frames(source, [p.label for p in anatomical])
    nominal = {p.label: (p.body, np.array(p.location_m) * factors[p.body]) for p in own_map.placements if p.location_m}
    full = {p.label: p.weight for p in own_map.placements}
    weights = {p.label: p.weight * (1.0 if _is_firm(p) else _NOMINAL_SHARE) for p in own_map.placements}
    posed, poses = _pose(scaled, nominal, weights, source, frames, progress)
    misfit = {
        label: float(np.nanmean(column))
        for label, column in zip(nominal, poses.misfit_m.T, strict=True)
        if own_map[label].is_anatomical and np.isfinite(column).any()
    }
    places = _places(posed, poses, own_map, source, frames)
    if not ratios.shank:  # nothing marks the knee: let the clusters find their places
        for _ in range(_ROUNDS):
            posed, poses = _pose(scaled, places | _kept(nominal, places, own_map), full, source, frames, progress)
            places = _places(posed, poses, own_map, source, frames)
    add_markers(scaled, {marker_name(label): place for label, place in places.items()})
    alignment = _alignment(posed, poses, _measured(source, anatomical), frames) if static is not None else {}
    findings = [
        *said_of_source(static, ratios),
        *said_of_proportions(factors, subject),
        *said_of_misfits(misfit, own_map),
        *said_of_labels(markers, marker_map, set(places)),
        *said_of_alignment(alignment),
    ]
    return ScaledModel(_xml(scaled), factors, misfit, alignment, worst_first(findings))


def marker_name(label: str) -> str:
    """Return what a label is called in the model: OpenSim allows no blanks and few signs in names.

    Examples
    --------
    >>> marker_name("r knee 1"), marker_name("R.ASIS")
    ('r_knee_1', 'R.ASIS')
    """
    name = re.sub(r"[^\w.\-]", "_", label.strip())
    return f"{name}_marker" if re.fullmatch(_OWN_MARKERS, name) else name


def _require_family(model: Any) -> None:
    model.initSystem()
    for joint in model.getJointSet():
        if joint.getName().startswith("ankle_r"):
            offset = joint.getParentFrame().findTransformInBaseFrame().p().to_numpy()
            if np.linalg.norm(offset - _ANKLE_IN_TIBIA_M) <= _ANKLE_TOLERANCE_M:
                return
    raise ModelError(
        "the model is not the generic model of the Rajagopal family in its original size.",
        where=str(model.getName()),
        remedy="Scale from the project's own model, or give a scaled model that carries its markers.",
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


def _pose(
    scaled: Any,
    places: Mapping[str, tuple[str, Array]],
    weights: Mapping[str, float],
    source: Markers,
    frames: Array,
    progress: Progress | None,
) -> tuple[Any, Poses]:
    """Fit the scaled model, with markers at these places, to the frames."""
    posed = bare_model(scaled)
    for coordinate in posed.getCoordinateSet():
        if coordinate.getName().startswith("subtalar_angle"):  # markers on the shoe do not show its zero: neutral here
            coordinate.setDefaultLocked(True)
    add_markers(posed, {marker_name(label): place for label, place in places.items()})
    return posed, fit_markers(
        posed,
        tuple(marker_name(label) for label in places),
        np.array([weights[label] for label in places]),
        np.arange(len(frames), dtype=float),
        _positions(source, places)[frames],
        progress,
    )


def _is_firm(placement: Placement) -> bool:
    """Tell whether a marker's place on the body is known: that of a landmark, but for the kneecap, which slides."""
    return placement.is_anatomical and not placement.body.startswith("patella")


def _kept(
    nominal: Mapping[str, tuple[str, Array]], found: Mapping[str, tuple[str, Array]], own_map: MarkerMap
) -> dict[str, tuple[str, Array]]:
    """Places that stay while clusters find theirs: landmarks, and of the kneecap how far it lies to the side."""
    kept = {}
    for label, (body, place) in nominal.items():
        placement = own_map[label]
        if _is_firm(placement):
            kept[label] = (body, place)
        elif placement.is_anatomical and label in found:
            kept[label] = (body, np.array([*found[label][1][:2], place[2]]))
    return kept


def _places(
    posed: Any, poses: Poses, own_map: MarkerMap, source: Markers, frames: Array
) -> dict[str, tuple[str, Array]]:
    """Mean place of every marker in its body over the poses; a marker that is never seen there has none."""
    found: dict[str, tuple[str, Array]] = {}
    for body in sorted({p.body for p in own_map.placements}):
        rotation, origin = body_poses(posed, poses, body)
        for p in own_map.placements:
            if p.body == body:
                measured = source.position_m[frames, source.names.index(p.label)]
                local = np.einsum("nji,nj->ni", rotation, measured - origin)
                if np.isfinite(local).all(axis=1).any():
                    found[p.label] = (body, np.nanmean(local, axis=0))
    return found


def _xml(model: Any) -> str:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "scaled.osim"
        model.printToXML(str(path))
        return path.read_text(encoding="utf-8")


def _alignment(posed: Any, poses: Poses, measured: Mapping[str, Array], frames: Array) -> dict[Side, float]:
    """Varus by which the measured middle of the knee lies lateral of the model's, seen from the front, degrees."""
    found: dict[Side, float] = {}
    for side in SIDES:
        names = [f"{side}_{which}" for which in ("lateral_knee", "medial_knee", "lateral_ankle", "medial_ankle")]
        if not set(names) <= set(measured):
            continue
        knee, ankle = (np.mean([measured[n][frames] for n in pair], axis=0) for pair in (names[:2], names[2:]))
        letter = SIDE_SUFFIX[side]
        femur, hip = body_poses(posed, poses, f"femur_{letter}")
        tibia, tibia_origin = body_poses(posed, poses, f"tibia_{letter}")
        scale = np.linalg.norm(knee - hip, axis=1) / np.linalg.norm(LANDMARKS[f"{side}_knee_centre"].location_m)
        model_knee = hip + np.einsum("nij,j->ni", femur, LANDMARKS[f"{side}_knee_centre"].location_m) * scale[:, None]
        shank = np.linalg.norm(ankle - tibia_origin, axis=1) / np.linalg.norm(
            LANDMARKS[f"{side}_ankle_centre"].location_m
        )
        model_ankle = (
            tibia_origin + np.einsum("nij,j->ni", tibia, LANDMARKS[f"{side}_ankle_centre"].location_m) * shank[:, None]
        )
        forward = tibia[:, :, 0]
        varus = _varus(hip, knee, ankle, forward) - _varus(hip, model_knee, model_ankle, forward)
        if np.isfinite(varus).any():
            found[side] = float(LATERAL_SIGN[side] * np.degrees(np.nanmedian(varus)))
    return found


def _varus(hip: Array, knee: Array, ankle: Array, forward: Array) -> Array:
    """Angle from thigh to shank about the forward axis, rad; positive where the knee lies to the right."""
    thigh, shank = knee - hip, ankle - knee
    return np.asarray(
        np.arcsin(
            np.clip(
                np.einsum("ni,ni->n", np.cross(thigh, shank), forward)
                / (np.linalg.norm(thigh, axis=1) * np.linalg.norm(shank, axis=1)),
                -1.0,
                1.0,
            )
        )
    )
