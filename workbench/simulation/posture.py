"""Trunk lean and step length in one recorded stance."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from workbench.core.settings import GaitModification
from workbench.core.types import Array, Stride
from workbench.core.vocabulary import LATERAL_SIGN, Side, opposite
from workbench.simulation.knee_place import knee_beside_line_m, knee_share
from workbench.simulation.model import Leg
from workbench.simulation.walk import Walk


@dataclass(frozen=True)
class StancePosture:
    """Trunk lean and step length of one stance; None where the model has no trunk or the recording is too short."""

    trunk_lean_deg: float | None  #: positive towards the stance leg, mean over the first half of stance
    other_trunk_lean_deg: float | None  #: half a stride earlier or later, positive towards the other leg
    step_length_m: float  #: a heel ahead of the other one at its strike, along the walkway; mean of the recorded steps
    knee_inwards_m: (
        float  #: knee beside the line from hip to ankle, inwards positive, mean over the first half of stance
    )
    pelvic_drop_deg: float  #: swinging leg's side of the pelvis lower, mean over the first half of stance


def stance_posture(walk: Walk, stride: Stride, modification: GaitModification | None = None) -> StancePosture:
    """Measure trunk lean and step length of a stance, as recorded or in a modified gait.

    The lean is the angle of the trunk's long axis from the vertical, seen along the walkway, as in Uhlrich et al. 2022
    (J Biomech 144:111312), there called trunk sway, whichever joints produce it.
    """
    motion = walk.motion(stride, modification or GaitModification())
    model = walk.model
    half = max(2, round(stride.stance_percent / 2.0))
    lean_deg = other_deg = None
    if "torso" in model.body_index:
        lean_deg = _lean_to_the_right_deg(walk, motion.q[:half])
        beside = walk.half_a_stride_from(stride, 0.5 * (stride.toe_off_s - stride.start_s))
        other_deg = _lean_to_the_right_deg(walk, beside.q) if beside is not None and modification is None else None
    sign = LATERAL_SIGN[stride.side]
    steps = [_ahead_m(walk, motion.q[0], stride.side)]
    strike = walk.other_strike_in(stride, motion.time_s)
    if strike is not None:
        steps.append(_ahead_m(walk, motion.q[strike], opposite(stride.side)))
    knee_m = _knee_to_the_right_m(walk, motion.q[:half], model.legs[stride.side])
    return StancePosture(
        None if lean_deg is None else sign * lean_deg,
        None if other_deg is None else -sign * other_deg,
        float(np.mean(steps)),
        -sign * knee_m,
        -sign * _list_to_the_right_deg(walk, motion.q[:half]),
    )


def _list_to_the_right_deg(walk: Walk, poses: Array) -> float:
    """Mean angle by which the right side of the pelvis is lower than the left, over poses (n, coordinates)."""
    down = []
    for q in poses:
        walk.model.set_state(q)
        across = walk.model.body_pose(walk.model.body_index["pelvis"])[0][:, 2]
        down.append(-np.degrees(np.arcsin(across[1])))
    return float(np.mean(down))


def _knee_to_the_right_m(walk: Walk, poses: Array, leg: Leg) -> float:
    """Mean distance of the knee from the line hip to ankle across the walkway, over poses (n, coordinates)."""
    walkway, beside_m = walk.walkway, []
    walk.model.set_state(poses[0])
    share = knee_share(walk.model, leg)
    for q in poses:
        walk.model.set_state(q)
        beside_m.append(knee_beside_line_m(walk.model, leg, share, walkway[2]))
    return float(np.mean(beside_m))


def _ahead_m(walk: Walk, pose: Array, side: Side) -> float:
    """How far a heel is ahead of the other one."""
    walk.model.set_state(pose)
    heels = {}
    for each in (side, opposite(side)):
        rotation, origin = walk.model.body_pose(walk.model.legs[each].calcaneus)
        heels[each] = origin + rotation @ walk.model.legs[each].foot.heel_m
    return float(walk.walkway[0] @ (heels[side] - heels[opposite(side)]))


def _lean_to_the_right_deg(walk: Walk, poses: Array) -> float:
    """Mean angle of the trunk's long axis from the vertical over poses (n, coordinates)."""
    angles = []
    for q in poses:
        walk.model.set_state(q)
        up = walk.walkway @ walk.model.body_pose(walk.model.body_index["torso"])[0][:, 1]
        angles.append(np.degrees(np.arctan2(up[2], up[1])))
    return float(np.mean(angles))
