"""Joint coordinates from markers, and the marker errors."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np

from workbench.core.errors import TrialError
from workbench.core.findings import Finding, worst_first
from workbench.core.types import Array, Motion
from workbench.recordings.gaps import fill_gaps
from workbench.recordings.marker_maps import MarkerMap
from workbench.recordings.recording import Markers
from workbench.recordings.spikes import without_spikes
from workbench.simulation.exchanged_labels import said_of_exchange
from workbench.simulation.marker_solver import (
    Progress,
    add_markers,
    bare_model,
    driven_values,
    fit_markers,
    marker_name,
)
from workbench.simulation.model import read_model
from workbench.simulation.quiet_opensim import opensim

RMS_LIMIT_M: Final = 0.02
MAXIMUM_LIMIT_M: Final = 0.04
_SOURCE: Final = "OpenSim User's Guide, Getting Started with Inverse Kinematics"
_FEWEST_MARKERS: Final = 3  #: of a frame


@dataclass(frozen=True)
class MarkerError:
    """Marker error (distance between a marker and its position on the model) over the trial, metres."""

    mean_m: float
    maximum_m: float
    at_s: float  #: time of the maximum


@dataclass(frozen=True)
class MarkerFit:
    """Coordinates that fit the markers."""

    motion: Motion  #: angles in degrees
    errors: Mapping[str, MarkerError]  #: by label
    rms_m: Array  #: (n,) over the markers of each frame
    findings: tuple[Finding, ...]


TRUNK: Final = "torso"
_AGAINST: Final = {
    "pelvis_tilt": "lumbar_extension", "pelvis_list": "lumbar_bending", "pelvis_rotation": "lumbar_rotation",
}  # fmt: skip
_NO_TRUNK: Final = Finding(
    "trunk_not_recorded", "note", "recording",
    "There is no marker on the trunk, so it is assumed to stay upright. The loads of the legs do not depend on this;"
    " residuals at the pelvis and estimated forces do.",
    "Put markers on C7 and the shoulders.",
)  # fmt: skip


def inverse_kinematics(
    model_path: Path, markers: Markers, marker_map: MarkerMap, progress: Progress | None = None
) -> MarkerFit:
    """Fit a scaled model to markers, frame by frame, by OpenSim's inverse kinematics.

    Gaps of up to 0.2 s are filled with a spline; in longer ones the marker is ignored. The coordinates are not
    filtered.

    Parameters
    ----------
    model_path : Path
        A scaled model that carries the markers (`scale_to_markers`).
    markers : Markers
        Axes as everywhere: X forward, Y up, Z right.
    marker_map : MarkerMap
    progress : callable, optional
        Called with frames done and all frames; what it raises ends the computation.

    Raises
    ------
    TrialError
        If the model carries too few of the markers.
    """
    markers, of_spikes = without_spikes(markers)
    markers, of_gaps = fill_gaps(markers)
    model = read_model(model_path)
    places = marker_places(model)
    used = tuple(p for p in marker_map.of(markers.names).placements if marker_name(p.label) in places and p.weight > 0)
    position = markers.position_m[:, [markers.names.index(p.label) for p in used]]
    seen = ~np.isnan(position.sum(axis=2))
    used = tuple(p for p, column in zip(used, seen.T, strict=True) if column.any())
    position, seen = position[:, seen.any(axis=0)], seen[:, seen.any(axis=0)]
    if len(used) < _FEWEST_MARKERS:
        raise TrialError(
            "the model has none of the walk's markers." if not used else f"only {len(used)} markers can be used.",
            where=model_path.name,
            remedy="Scale the model with this marker map first.",
        )
    few = np.flatnonzero(seen.sum(axis=1) < _FEWEST_MARKERS)
    if len(few):
        raise TrialError(
            f"hardly any marker is visible at {markers.time_s[few[0]]:.2f} s.",
            remedy="Cut the trial to the part with markers.",
        )
    labels = tuple(p.label for p in used)
    weights = np.array([p.weight for p in used])
    names = tuple(marker_name(label) for label in labels)
    bare = bare_model(model)
    add_markers(bare, {name: places[name] for name in names})
    poses = fit_markers(bare, names, weights, markers.time_s, position, progress)
    errors = {
        label: MarkerError(
            float(np.nanmean(column)), float(np.nanmax(column)), float(markers.time_s[np.nanargmax(column)])
        )
        for label, column in zip(labels, poses.misfit_m.T, strict=True)
    }
    rms = np.sqrt(np.nanmean(poses.misfit_m**2, axis=1))
    findings = [*of_spikes, *of_gaps, *_limits(errors, rms, markers.time_s)]
    if any(finding.severity == "serious" for finding in findings):
        findings += said_of_exchange(bare, used, position, markers.time_s, poses.misfit_m)
    rotational = [c.getMotionType() != opensim.Coordinate.Translational for c in bare.getCoordinateSet()]
    values = driven_values(model, poses.coordinates, poses.values)
    values = np.where(rotational, np.degrees(values), values)
    if not any(places[name][0] == TRUNK for name in names):
        values = with_upright_trunk(values, poses.coordinates)
        findings.append(_NO_TRUNK)
    motion = Motion(markers.time_s, poses.coordinates, values, in_degrees=True)
    return MarkerFit(motion, errors, rms, worst_first(findings))


def with_upright_trunk(values_deg: Array, coordinates: Sequence[str]) -> Array:
    """Angles (n, k) for which the trunk stays upright and faces forward for any (small) pelvis angles.

    Without markers, the trunk would otherwise lean back with a pelvis tilted by ten degrees, and with it half of the
    body's mass.

    Examples
    --------
    >>> with_upright_trunk(np.array([[10.0, 2.0, 0.0]]), ("pelvis_tilt", "pelvis_list", "lumbar_extension")).tolist()
    [[10.0, 2.0, -10.0]]
    """
    columns = {name: k for k, name in enumerate(coordinates)}
    values = values_deg.copy()
    for pelvis, lumbar in _AGAINST.items():
        if pelvis in columns and lumbar in columns:
            values[:, columns[lumbar]] = -values[:, columns[pelvis]]
    return values


def marker_places(model: Any) -> dict[str, tuple[str, Array]]:
    """Body and place of every marker of a model, by name."""
    state = model.initSystem()
    found = {}
    for marker in model.getMarkerSet():
        body = marker.getParentFrame().findBaseFrame()
        place = marker.findLocationInFrame(state, body).to_numpy()
        found[marker.getName()] = (str(body.getName()), np.asarray(place))
    return found


def _limits(errors: Mapping[str, MarkerError], rms: Array, time_s: Array) -> list[Finding]:
    """What OpenSim's recommended limits say of the fit."""
    found = []
    worst = sorted(errors, key=lambda label: -errors[label].maximum_m)
    over = [label for label in worst if errors[label].maximum_m > MAXIMUM_LIMIT_M]
    mean = float(np.mean(rms))
    if over:
        words = [f"{label} {1000 * errors[label].maximum_m:.0f} mm at {errors[label].at_s:.2f} s" for label in over[:4]]
        far = errors[over[0]].maximum_m > 2.0 * MAXIMUM_LIMIT_M or mean > RMS_LIMIT_M
        found.append(
            Finding(
                "marker_errors",
                "serious" if far else "doubtful",
                "recording",
                f"{len(over)} of {len(errors)} markers have errors above {1000 * MAXIMUM_LIMIT_M:.0f} mm: "
                f"{', '.join(words)}{' ...' if len(over) > 4 else ''}.",
                "Check the labels and the trajectories of these markers.",
                limit=f"{1000 * MAXIMUM_LIMIT_M:.0f} mm",
                source=_SOURCE,
            )
        )
    high = np.flatnonzero(rms > RMS_LIMIT_M)
    if len(high):
        found.append(
            Finding(
                "marker_rms",
                "serious" if len(high) > 0.2 * len(rms) else "doubtful",
                "recording",
                f"The marker error reaches {1000 * float(rms.max()):.0f} mm (root mean square) at"
                f" {time_s[int(rms.argmax())]:.2f} s and is above the limit in {len(high)} of {len(rms)} frames.",
                "Check the labels, the static trial and the axes.",
                limit=f"{1000 * RMS_LIMIT_M:.0f} mm",
                source=_SOURCE,
            )
        )
    if not found:
        found.append(
            Finding(
                "marker_fit",
                "note",
                "recording",
                f"Marker error: {1000 * mean:.0f} mm (root mean square); largest: {worst[0]},"
                f" {1000 * errors[worst[0]].maximum_m:.0f} mm.",
                limit=f"{1000 * RMS_LIMIT_M:.0f} mm root mean square, {1000 * MAXIMUM_LIMIT_M:.0f} mm maximum",
                source=_SOURCE,
            )
        )
    return found
