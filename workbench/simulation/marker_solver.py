"""Poses of a model that fit marker positions: OpenSim's inverse kinematics, one frame after the other."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from workbench.core.types import Array
from workbench.core.vocabulary import SIDE_SUFFIX, SIDES
from workbench.recordings.marker_maps import Placement
from workbench.simulation.quiet_opensim import opensim

#: Called with (frames done, frames); what it raises ends the computation.
Progress = Callable[[int, int], None]
#: Points of the foot in the own model, whose names no marker may take.
_OWN_MARKERS: Final = r"(heel|toe_tip|second_metatarsal_head|(medial|lateral)_(heel|forefoot))_[rl]"
_MARKERS_OF_FOOT: Final = 3  #: that show how it rolls
_ACCURACY: Final = 1e-7  #: of the assembly; OpenSim's default of 1e-5 leaves angles 0.3 degrees off


@dataclass(frozen=True)
class Poses:
    """Coordinates that fit the markers, and the remaining marker errors."""

    coordinates: tuple[str, ...]
    values: Array  #: (n, c) rad or m
    marker_m: Array  #: (n, k, 3) the model's markers in ground, in the order asked
    misfit_m: Array  #: (n, k) distance to the measured marker; NaN where it was not seen


def marker_name(label: str) -> str:
    """Return the name of a label in the model: OpenSim names allow no blanks and few special characters.

    Examples
    --------
    >>> marker_name("r knee 1"), marker_name("R.ASIS")
    ('r_knee_1', 'R.ASIS')
    """
    name = re.sub(r"[^\w.\-]", "_", label.strip())
    return f"{name}_marker" if re.fullmatch(_OWN_MARKERS, name) else name


def bare_model(model: Any) -> Any:
    """Return a copy for inverse kinematics: without muscles, markers and couplers.

    Coupled coordinates (the patella's) are locked: with couplers OpenSim solves every frame as a constrained problem,
    which is much slower and sometimes never ends. `driven_values` computes them afterwards.
    """
    bare = model.clone()
    driven = [name for name, _, _ in _couplers(bare)]
    bare.updForceSet().clearAndDestroy()
    bare.updMarkerSet().clearAndDestroy()
    bare.updConstraintSet().clearAndDestroy()
    for name in driven:
        bare.updCoordinateSet().get(name).setDefaultLocked(True)
    bare.finalizeConnections()
    return bare


def driven_values(model: Any, coordinates: tuple[str, ...], values: Array) -> Array:
    """Return coordinates (n, c) in rad and m with those that a coupler of the model drives."""
    complete = np.array(values)
    point = opensim.Vector(1, 0.0)
    for driven, driver, function in _couplers(model):
        for row in complete:
            point.set(0, float(row[coordinates.index(driver)]))
            row[coordinates.index(driven)] = function.calcValue(point)
    return complete


def _couplers(model: Any) -> list[tuple[str, str, Any]]:
    """Driven coordinate, its driver and the function, of every enforced coupler with one driver."""
    found = []
    for constraint in model.getConstraintSet():
        coupler = opensim.CoordinateCouplerConstraint.safeDownCast(constraint)
        if coupler is not None and coupler.get_isEnforced() and coupler.getIndependentCoordinateNames().getSize() == 1:
            driver = coupler.getIndependentCoordinateNames().get(0)
            found.append((str(coupler.getDependentCoordinateName()), str(driver), coupler.getFunction()))
    return found


def undetermined(placements: Iterable[Placement]) -> tuple[str, ...]:
    """Coordinates that markers do not determine: the subtalar joint of a foot with fewer than three markers.

    Two markers show the direction of a foot but not its roll. A free subtalar joint would then be determined by errors
    of other markers: with the Plug-in Gait set it turned by 15 degrees, and the hip rotated outwards by 20 degrees.

    Examples
    --------
    >>> from workbench.recordings.marker_maps import suggest_map
    >>> undetermined(suggest_map(["LHEE", "LTOE", "RHEE", "RTOE"]).placements)
    ('subtalar_angle_l', 'subtalar_angle_r')
    """
    bodies = [placement.body for placement in placements]
    letters = (SIDE_SUFFIX[side] for side in SIDES)
    return tuple(
        f"subtalar_angle_{letter}"
        for letter in letters
        if bodies.count(f"calcn_{letter}") + bodies.count(f"toes_{letter}") < _MARKERS_OF_FOOT
    )


def lock(model: Any, coordinates: Iterable[str]) -> None:
    """Fix coordinates of the model at their default values."""
    for coordinate in model.getCoordinateSet():
        if coordinate.getName() in coordinates:
            coordinate.setDefaultLocked(True)


def add_markers(model: Any, places: Mapping[str, tuple[str, Array]]) -> None:
    """Add markers to a model: body and place in its frame (m), by name."""
    bodies = model.getBodySet()
    for name, (body, place) in places.items():
        model.addMarker(opensim.Marker(name, bodies.get(body), opensim.Vec3(*(float(x) for x in place))))
    model.finalizeConnections()


def fit_markers(
    model: Any,
    names: tuple[str, ...],
    weights: Array,
    time_s: Array,
    position_m: Array,
    progress: Progress | None = None,
) -> Poses:
    """Find the coordinates that bring the model's markers closest to the measured ones, frame by frame.

    Least squares over the weighted distances, by OpenSim's InverseKinematicsSolver, each frame from the one before. A
    marker that is missing (NaN) in a frame does not count there.

    Parameters
    ----------
    model : opensim.Model
        Has markers of these names; its system is built here.
    names : tuple of str
    weights : array, shape (k,)
    time_s : array, shape (n,)
    position_m : array, shape (n, k, 3)
    progress : callable, optional
    """
    state = model.initSystem()
    _set_coordinates(model, state, _first_guess(model, state, names, weights, position_m))
    reference = opensim.MarkersReference(_table(names, time_s, position_m), _weight_set(names, weights))
    solver = opensim.InverseKinematicsSolver(model, reference, opensim.SimTKArrayCoordinateReference(), np.inf)
    solver.setAccuracy(_ACCURACY)
    coordinates = list(model.getCoordinateSet())
    markers = [model.getMarkerSet().get(name) for name in names]
    values = np.empty((len(time_s), len(coordinates)))
    found = np.empty_like(position_m)
    for i, time in enumerate(time_s):
        state.setTime(float(time))
        if i == 0:
            solver.assemble(state)
        else:
            solver.track(state)
        model.realizePosition(state)
        values[i] = [c.getValue(state) for c in coordinates]
        found[i] = [marker.getLocationInGround(state).to_numpy() for marker in markers]
        if progress:
            progress(i + 1, len(time_s))
    misfit = np.linalg.norm(found - position_m, axis=2)
    return Poses(tuple(c.getName() for c in coordinates), values, found, misfit)


def pose_model(model: Any, state: Any, values: Mapping[str, float]) -> None:
    """Set coordinates (rad, m) by name and realize positions."""
    _set_coordinates(model, state, values)
    model.realizePosition(state)


def body_poses(model: Any, poses: Poses, body: str) -> tuple[Array, Array]:
    """Rotations (n, 3, 3) and origins (n, 3) of a body in ground, over the poses."""
    state = model.getWorkingState()
    frame = model.getBodySet().get(body)
    rotations, origins = np.empty((len(poses.values), 3, 3)), np.empty((len(poses.values), 3))
    for i, row in enumerate(poses.values):
        pose_model(model, state, dict(zip(poses.coordinates, row, strict=True)))
        transform = frame.getTransformInGround(state)
        turn = transform.R()
        rotations[i] = [[turn.get(row, column) for column in range(3)] for row in range(3)]
        origins[i] = transform.p().to_numpy()
    return rotations, origins


def _set_coordinates(model: Any, state: Any, values: Mapping[str, float]) -> None:
    for name, value in values.items():
        coordinate = model.getCoordinateSet().get(name)
        if not coordinate.getLocked(state):
            coordinate.setValue(state, float(value), False)
    model.assemble(state)


def _first_guess(model: Any, state: Any, names: tuple[str, ...], weights: Array, position_m: Array) -> dict[str, float]:
    """Heading and place of the pelvis that fit the first frame in which the markers are seen, rigidly."""
    first = position_m[int(np.argmax(np.isfinite(position_m[..., 0]).sum(axis=1)))]
    model.realizePosition(state)
    own = np.array([model.getMarkerSet().get(name).getLocationInGround(state).to_numpy() for name in names])
    seen = np.isfinite(first[:, 0])
    share = weights[seen] / weights[seen].sum()
    own_middle, middle = share @ own[seen], share @ first[seen]
    a, b = own[seen] - own_middle, first[seen] - middle
    # Turn about the vertical that brings a nearest to b (planar Procrustes); a turn t moves x to z by -sin t.
    along = share @ (a[:, 0] * b[:, 0] + a[:, 2] * b[:, 2])
    across = share @ (a[:, 2] * b[:, 0] - a[:, 0] * b[:, 2])
    turn = float(np.arctan2(across, along))
    pelvis = model.getBodySet().get("pelvis").getPositionInGround(state).to_numpy()
    arm = pelvis - own_middle
    place = middle + np.array(
        [np.cos(turn) * arm[0] + np.sin(turn) * arm[2], arm[1], np.cos(turn) * arm[2] - np.sin(turn) * arm[0]]
    )
    return {"pelvis_rotation": turn} | dict(
        zip(("pelvis_tx", "pelvis_ty", "pelvis_tz"), map(float, place), strict=True)
    )


def _table(names: tuple[str, ...], time_s: Array, position_m: Array) -> Any:
    table = opensim.TimeSeriesTableVec3()
    labels = opensim.StdVectorString(list(names))
    table.setColumnLabels(labels)
    for time, frame in zip(time_s, position_m, strict=True):
        row = opensim.RowVectorVec3(len(names))
        for j, (x, y, z) in enumerate(frame):
            row[j] = opensim.Vec3(float(x), float(y), float(z))
        table.appendRow(float(time), row)
    table.addTableMetaDataString("DataRate", str(1.0 / float(np.median(np.diff(time_s))) if len(time_s) > 1 else 1.0))
    table.addTableMetaDataString("Units", "m")
    return table


def _weight_set(names: tuple[str, ...], weights: Array) -> Any:
    weight_set = opensim.SetMarkerWeights()
    for name, weight in zip(names, weights, strict=True):
        weight_set.cloneAndAppend(opensim.MarkerWeight(name, float(weight)))
    return weight_set
