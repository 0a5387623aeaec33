"""Target poses of the feet in a modified walk, and the distance of a model pose from them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from workbench.core import gait
from workbench.core.settings import GaitModification
from workbench.core.types import Array, Stride
from workbench.core.vocabulary import LATERAL_SIGN, SIDES, Side
from workbench.simulation import stride_timing
from workbench.simulation.model import GaitModel, Leg

# The misfit that costs one unit in the least squares that reach for these targets.
_FOOT_ANGLE_SD = np.radians(0.5)
_FOOT_POSITION_SD_M = 0.001
# The foot rolls as far as a leg with its knee brought inwards needs.
_FOOT_ROLL_SD_UNDER_KNEE = np.radians(10.0)
# A model without a subtalar joint cannot keep the sole flat while the leg leans; the foot rolls with the shank.
_FOOT_ROLL_SD_WITHOUT_SUBTALAR = np.radians(10.0)


@dataclass(frozen=True)
class FootPoses:
    """A foot's poses at n instants."""

    rotation: Array  #: (n, 3, 3) of the calcaneus in ground
    origin_m: Array  #: (n, 3)


@dataclass(frozen=True)
class FootTarget:
    """Target of a foot: poses of the calcaneus and the horizontal displacement of a point fixed to it."""

    rotation: Array  #: (n, 3, 3)
    origin_m: Array  #: (n, 3)
    turn: Array  #: (n, 3, 3) rotation about the vertical
    pivot_m: Array  #: (n, 3) in ground
    shift_m: Array  #: (n, 3) the part of the move that is no turn
    planted_shift_m: float  #: the same along the walkway's right while the foot is on the ground
    knee_right_m: Array | None  #: (n,) how far the knee goes right where it is bent as in early stance; None: as it is
    early: NDArray[np.bool_]  #: (n,) the first half of stance


def foot_poses(model: GaitModel, q: Array) -> dict[Side, FootPoses]:
    """Poses of both feet at n instants of coordinates (n, coordinates)."""
    poses = {side: FootPoses(np.empty((len(q), 3, 3)), np.empty((len(q), 3))) for side in SIDES}
    for i, each in enumerate(q):
        model.set_state(each)
        for side in SIDES:
            poses[side].rotation[i], poses[side].origin_m[i] = model.body_pose(model.legs[side].calcaneus)
    return poses


def foot_targets(
    legs: Mapping[Side, Leg],
    recorded: Mapping[Side, FootPoses],
    time_s: Array,
    modification: GaitModification,
    stride: Stride,
    walkway: Array,
    contacts: Mapping[Side, Sequence[tuple[float, float]]],
) -> dict[Side, FootTarget]:
    """Recorded poses of both feet, turned about their pivots and shifted.

    Parameters
    ----------
    legs : mapping
        The model's.
    recorded : mapping
        Poses at n instants.
    time_s : (n,) array
    modification : GaitModification
    stride : Stride
        Its foot is the one that changes where only one does.
    walkway : (3, 3) array
        Rows forward, up, right.
    contacts : mapping
        For each foot its times on the ground, (strike, off) in seconds.
    """
    targets = {}
    for side in SIDES:
        rotation, origin = recorded[side].rotation, recorded[side].origin_m
        changes = modification.sides == "both" or side == stride.side
        feet = 2 if modification.sides == "both" else 1
        share = gait.share_of_change(time_s, contacts.get(side, ()), modification.fade_in_swing) * changes
        move = modification.changes.foot_move(share, feet)
        planted = modification.changes.foot_move(np.full(1, float(changes)), feet)
        turn = gait.turn_about_vertical(LATERAL_SIGN[side] * move.turn_deg)
        shift = move.shift_m * [1.0, 1.0, LATERAL_SIGN[side]]
        if move.longer_step_m:
            shift[:, 0] += move.longer_step_m * stride_timing.ahead_of_body(time_s, side, stride, contacts)
        shift = shift @ walkway
        foot = legs[side].foot
        pivot = origin + rotation @ (foot.heel_m + modification.pivot * foot.length_m * foot.axis)
        targets[side] = FootTarget(
            rotation=turn @ rotation,
            origin_m=pivot + np.einsum("nij,nj->ni", turn, origin - pivot) + shift,
            turn=turn,
            pivot_m=pivot,
            shift_m=shift,
            planted_shift_m=float(LATERAL_SIGN[side] * planted.shift_m[0, 2]),
            knee_right_m=np.asarray(-LATERAL_SIGN[side] * move.knee_inwards_m) if np.any(move.knee_inwards_m) else None,
            early=stride_timing.phase(time_s, side, stride, contacts)
            < 0.5 * stride_timing.stance_share(stride, contacts),
        )
    return targets


def foot_sd(leg: Leg, *, under_knee: bool = False) -> Array:
    """Standard deviations (6,) of a foot's misfit: roll, turn, pitch in rad, then position in m."""
    roll = _FOOT_ANGLE_SD if "subtalar_angle" in leg.coordinates else _FOOT_ROLL_SD_WITHOUT_SUBTALAR
    if under_knee:
        roll = _FOOT_ROLL_SD_UNDER_KNEE
    return np.array([roll, _FOOT_ANGLE_SD, _FOOT_ANGLE_SD, *[_FOOT_POSITION_SD_M] * 3])


def rotation_vector(error: Array) -> Array:
    """Axis times sine of the angle of small rotations (..., 3, 3), (..., 3)."""
    return 0.5 * np.stack(
        [error[..., 2, 1] - error[..., 1, 2], error[..., 0, 2] - error[..., 2, 0], error[..., 1, 0] - error[..., 0, 1]],
        axis=-1,
    )
