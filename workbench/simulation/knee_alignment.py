"""Varus and valgus of a person's knees, from markers, and in the model."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np
from scipy.spatial.transform import Rotation

from workbench.core.types import Array
from workbench.core.vocabulary import LATERAL_SIGN, SIDE_SUFFIX, SIDES, Side
from workbench.simulation.marker_solver import Poses, body_poses
from workbench.simulation.quiet_opensim import opensim

#: Less than this markers cannot tell from the model's own alignment.
LEAST_VARUS_DEG: Final = 1.75
#: Beyond this, markers are misplaced rather than knees bent.
LARGEST_VARUS_DEG: Final = 20.0
#: How much of the measured varus is believed: var / (var + error var), with 4.5 degrees as the standard deviation of
#: knees with osteoarthritis (hip-knee-ankle angle on radiographs) and errors of 2 degrees for epicondyle and 3.3
#: for patella markers. The errors were judged on PS and DM, whose contact forces were measured, and on S4.
_BELIEVED: Final = {"epicondyles": 0.85, "patella": 0.65}
#: Flexion above which side-to-side and front-to-back can no longer be told apart.
_STRAIGHT_RAD: Final = np.radians(25.0)
#: Markers that show how far the knee, and the ankle, lie to the side: the first set that was seen.
_KNEE: Final = (("lateral_knee", "medial_knee"), ("knee_centre",), ("patella",))
_ANKLE: Final = (("lateral_ankle", "medial_ankle"), ("ankle_centre",))


def shows_varus(measured: Mapping[str, Array]) -> bool:
    """Whether a knee has markers that show its mediolateral position."""
    return any(_seen(_KNEE, measured, side) for side in SIDES)


def shown_by_patella(measured: Mapping[str, Array]) -> bool:
    """Whether a knee's varus comes from a patella marker, as there are no others."""
    return any(_seen(_KNEE, measured, side) == (f"{side}_patella",) for side in SIDES)


def measured_varus(
    posed: Any, poses: Poses, measured: Mapping[str, Array], nominal: Mapping[str, tuple[str, Array]]
) -> dict[Side, float]:
    """Varus of the measured knee relative to the model, in degrees, by leg.

    Mediolateral positions are compared along the femur's z axis, in frames where the knee is nearly straight: the
    middle of the epicondyle markers (or the patella marker) and of the malleolus markers with the same landmarks of the
    scaled model. The hip is the model's. A leg without such knee markers is omitted.

    Parameters
    ----------
    posed : opensim.Model
        Scaled, with its system built.
    poses : Poses
        Of the frames of `measured`.
    measured : mapping
        Positions (n, 3) by landmark.
    nominal : mapping
        Body and place (m) of each landmark on the scaled model.
    """
    found: dict[Side, float] = {}
    for side in SIDES:
        letter = SIDE_SUFFIX[side]
        rotation, hip = body_poses(posed, poses, f"femur_{letter}")
        _, knee = body_poses(posed, poses, f"tibia_{letter}")
        _, ankle = body_poses(posed, poses, f"talus_{letter}")
        sideways = LATERAL_SIGN[side] * rotation[:, :, 2]
        at_knee = _offset(posed, poses, _seen(_KNEE, measured, side), measured, nominal, sideways)
        if at_knee is None:
            continue
        at_ankle = _offset(posed, poses, _seen(_ANKLE, measured, side), measured, nominal, sideways)
        thigh, shank = np.linalg.norm(knee - hip, axis=1), np.linalg.norm(ankle - knee, axis=1)
        aside = at_knee - (0.0 if at_ankle is None else at_ankle * thigh / (thigh + shank))
        flexion = np.abs(poses.values[:, poses.coordinates.index(f"knee_angle_{letter}")])
        straight = (flexion <= max(_STRAIGHT_RAD, float(flexion.min()))) & np.isfinite(aside)
        if straight.any():
            angle = aside / thigh + aside / shank
            found[side] = float(np.degrees(np.median(angle[straight])))
    return found


def believed_varus(varus_deg: Mapping[Side, float], measured: Mapping[str, Array]) -> dict[Side, float]:
    """Return the varus given to the model: a fraction of the measured one, none if it is small or implausible.

    Parameters
    ----------
    varus_deg : mapping
        As measured, by leg.
    measured : mapping
        Marker positions by landmark; tells what the varus was measured by.

    Examples
    --------
    >>> believed_varus({"left": -4.0, "right": 1.5}, {"left_patella": np.zeros((1, 3))})
    {'left': -2.6}
    """
    believed = {}
    for side, varus in varus_deg.items():
        by = "patella" if _seen(_KNEE, measured, side) == (f"{side}_patella",) else "epicondyles"
        share = _BELIEVED[by] * varus
        if abs(share) >= LEAST_VARUS_DEG and abs(varus) <= LARGEST_VARUS_DEG:
            believed[side] = round(share, 6)
    return believed


def with_varus(model: Any, varus_deg: Mapping[Side, float]) -> Any:
    """Return a copy of a model with varus or valgus at its knees, half above and half below the joint.

    Joint centre, bones and attachments are unchanged.

    Parameters
    ----------
    model : opensim.Model
    varus_deg : mapping
        Varus positive, added to what the model has.
    """
    bent = model.clone()
    for joint in bent.updJointSet():
        for side, varus in varus_deg.items():
            if joint.getChildFrame().findBaseFrame().getName() == f"tibia_{SIDE_SUFFIX[side]}":
                half = LATERAL_SIGN[side] * np.radians(varus) / 2.0
                for index, turn in ((0, half), (1, -half)):
                    frame = joint.upd_frames(index)
                    old = Rotation.from_euler("XYZ", frame.get_orientation().to_numpy())
                    new = (Rotation.from_euler("X", turn) * old).as_euler("XYZ")
                    frame.set_orientation(opensim.Vec3(*(float(angle) for angle in new)))
    bent.finalizeConnections()
    return bent


def _seen(choices: Sequence[Sequence[str]], measured: Mapping[str, Array], side: Side) -> tuple[str, ...]:
    for names in choices:
        if all(f"{side}_{name}" in measured for name in names):
            return tuple(f"{side}_{name}" for name in names)
    return ()


def _offset(
    posed: Any,
    poses: Poses,
    landmarks: Sequence[str],
    measured: Mapping[str, Array],
    nominal: Mapping[str, tuple[str, Array]],
    sideways: Array,
) -> Array | None:
    """How far the middle of the markers lies to the side of the same landmarks of the model, (n,) m."""
    if not landmarks:
        return None
    apart = []
    for landmark in landmarks:
        body, place = nominal[landmark]
        rotation, origin = body_poses(posed, poses, body)
        apart.append(measured[landmark] - origin - rotation @ place)
    return np.asarray(np.einsum("ni,ni->n", np.mean(apart, axis=0), sideways))
