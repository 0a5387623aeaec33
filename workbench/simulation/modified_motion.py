"""The modified walk: target poses of the feet, and the legs and pelvis that reach them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy import interpolate

from workbench.core import gait
from workbench.core.changes.kind import BodyTiming
from workbench.core.errors import ModelError
from workbench.core.lateral_sway import LeanHeight
from workbench.core.settings import GaitModification
from workbench.core.types import Array, Stride, Subject
from workbench.core.vocabulary import PELVIS_TRANSLATIONS, SIDES, Side
from workbench.simulation import balanced_motion
from workbench.simulation.balanced_motion import lean_height
from workbench.simulation.body_momentum import momentum_per_rate
from workbench.simulation.body_sway import Carried, Reach, sway
from workbench.simulation.foot_targets import FootPoses, FootTarget, foot_sd, foot_targets
from workbench.simulation.model import GaitModel
from workbench.simulation.posed_body import PosedBody, posed
from workbench.simulation.sampled_motion import SampledMotion, Wrench, apply_couplers
from workbench.simulation.stride_timing import Contacts, stride_duration_s

# With the pelvis held: weighted least squares, each figure the misfit that costs one unit beside those of the feet. The
# joints stay softly near the recording, the pelvis in its horizontal place: a trunk that moved sideways would not go
# with a ground force that keeps its direction, and reverses the sign of the second peak's response (free pelvis, toe-in
# 10 degrees: -0.8 % BW ht instead of +0.3). The knee is held more than the other joints, and the pelvis may sink: a leg
# near full extension would otherwise reach for the foot by bending now forwards, now backwards, from one instant to the
# next (toe-out 15 degrees: a spike of 4 BW before toe-off).
_OTHER_JOINT_SD = np.radians(10.0)
_PELVIS_UP_SD_M = 0.02

_FIRST_DAMPING, _MOST_DAMPING = 1e-4, 1e6
_MOST_STEPS = 20
_COST_TOLERANCE = 1e-5

_POSES_FOR_MOMENTUM = 9  # over the recorded motion, whose mean stands for all


@dataclass(frozen=True)
class RecordedWalk:
    """A recorded stride with everything its modified versions need, computed once."""

    motion: SampledMotion  #: n instants, evenly spaced; some beyond both ends keep the derivatives right
    stride: Stride
    feet: Mapping[Side, FootPoses]  #: n
    centre_m: Array  #: (n, 3) centre of mass of the whole body
    hip_m: Array  #: (n, 3) of the analysed leg
    lean: LeanHeight
    posed: PosedBody  #: where the least squares start, with feet, centre of mass and hips


def recorded_walk(
    model: GaitModel, motion: SampledMotion, inner: slice, stride: Stride, walkway: Array, height_m: float
) -> RecordedWalk:
    """Collect what the modified versions of a stride need.

    Parameters
    ----------
    model : GaitModel
    motion : SampledMotion
        n instants.
    inner : slice
        Those of the stride.
    stride : Stride
    walkway : (3, 3) array
        Rows forward, up, right.
    height_m : float
        Stature.
    """
    body = posed(model, motion.q, {}, walkway[2], hips=True)
    lean = lean_height(motion.instants(inner), body.centre_m[inner], walkway, height_m)
    return RecordedWalk(motion, stride, body.feet, body.centre_m, body.hip_m[stride.side], lean, body)


def modified(
    model: GaitModel,
    recorded: RecordedWalk,
    modification: GaitModification,
    *,
    walkway: Array,
    contacts: Mapping[Side, Sequence[tuple[float, float]]],
    subject: Subject,
) -> SampledMotion:
    """Return the motion and ground reactions of the modified gait; the recorded ones exactly where nothing changes.

    Parameters
    ----------
    model : GaitModel
    recorded : RecordedWalk
        Its stride is of the foot that changes where only one does.
    modification : GaitModification
    walkway : (3, 3) array
        Rows forward, up, right.
    contacts : mapping
        For each foot its times on the ground, (strike, off) in seconds.
    subject : Subject
    """
    motion = recorded.motion
    if modification.is_none:
        return motion
    targets = foot_targets(model.legs, recorded.feet, motion.time_s, modification, recorded.stride, walkway, contacts)
    prescribed = body_change(model, motion.time_s, modification, recorded.stride, contacts)
    start_q = motion.q + prescribed
    if modification.balance == "solved":
        lean_m = recorded.lean.height_m
        if modification.lean_height_statures is not None:
            lean_m = modification.lean_height_statures * subject.height_m
        planted = {side: target.planted_shift_m for side, target in targets.items()}
        swayed = sway(
            motion, planted, recorded.stride, contacts, model.mass_kg, lean_m, walkway,
            carried=carried_momentum(model, recorded, modification, walkway, contacts),
            reach=reach_of(recorded, modification, walkway),
        )  # fmt: skip
        change, unsettled = balanced_motion.solve(
            model, start_q, recorded.centre_m, targets, swayed,
            at_start=None if prescribed.any() else recorded.posed, knee_hold_deg=modification.knee_hold_deg,
            time_s=motion.time_s, walkway=walkway, weight_N=subject.body_weight_N,
        )  # fmt: skip
        forces = {
            side: reaction.force_N + swayed.force_N[side] @ walkway
            for side, reaction in motion.ground_reactions.items()
        }
    else:
        change, unsettled = _solve_held(model, start_q, targets, modification)
        forces = {side: reaction.force_N for side, reaction in motion.ground_reactions.items()}
        if modification.virtual_point_statures is not None:
            aim_m = modification.virtual_point_statures * subject.height_m
            forces = {side: gait.re_aimed_force(force, targets[side].shift_m, aim_m) for side, force in forces.items()}
    spline = interpolate.make_interp_spline(motion.time_s, prescribed + change, k=5)
    q, u, udot = (
        values + spline(motion.time_s, nu=order) for order, values in enumerate((motion.q, motion.u, motion.udot))
    )
    apply_couplers(model, q, u, udot)
    reactions = {
        side: Wrench(forces[side], _moved_point(reaction.point_m, targets[side]), reaction.torque_Nm)
        for side, reaction in motion.ground_reactions.items()
    }
    return replace(motion, q=q, u=u, udot=udot, ground_reactions=reactions, unsettled=unsettled)


def body_change(
    model: GaitModel, time_s: Array, modification: GaitModification, stride: Stride, contacts: Contacts
) -> Array:
    """What a change of gait prescribes for the body's coordinates, besides the feet, (n, coordinates) in rad or m.

    Raises
    ------
    ModelError
        If the model lacks a coordinate that the change moves.
    """
    shares = {side: gait.share_of_change(time_s, contacts.get(side, ()), modification.fade_in_swing) for side in SIDES}
    duration_s = stride_duration_s(stride, contacts)
    swing = gait.swing_towards_stance(
        (time_s - stride.start_s) / duration_s,
        (stride.toe_off_s - stride.start_s) / duration_s,
        peak=modification.lean_peak,
        other_side=modification.lean_other_side,
    )
    prescribed = np.zeros((len(time_s), len(model.coordinate_index)))
    moved = modification.changes.body_move(BodyTiming(shares, stride.side, swing))
    missing = [name for name in moved if name not in model.coordinate_index]
    if missing:
        raise ModelError(
            f"the model has no {' and no '.join(missing)}, needed for this change of gait: {modification.changes}.",
            where=model.name,
            remedy="Remove the change, or use a model with a movable trunk.",
        )
    for name, added in moved.items():
        prescribed[:, model.coordinate_index[name]] += added
    return prescribed


def carried_momentum(
    model: GaitModel, recorded: RecordedWalk, modification: GaitModification, walkway: Array, contacts: Contacts
) -> Carried | None:
    """The angular momentum that the prescribed moves of the body carry, as `body_sway.sway` takes it."""
    if not modification.changes.bears("body"):
        return None
    motion = recorded.motion
    whole = body_change(model, motion.time_s, modification, recorded.stride, contacts)
    moved = np.flatnonzero(whole.any(axis=0)).tolist()
    some = np.linspace(0, len(motion.time_s) - 1, _POSES_FOR_MOMENTUM).round().astype(int)
    per_rate = momentum_per_rate(model, motion.q[some], moved, walkway)

    def carried(time_s: Array) -> Array:
        change = body_change(model, time_s, modification, recorded.stride, contacts)
        return np.asarray(change[:, moved] @ per_rate)

    return carried


def reach_of(recorded: RecordedWalk, modification: GaitModification, walkway: Array) -> Reach | None:
    """The hip over its foot where steps are longer or shorter, as `body_sway.sway` takes it."""
    longer_m = modification.changes.foot_move(np.ones(1), 2).longer_step_m
    if not longer_m:
        return None
    over = (recorded.hip_m - recorded.feet[recorded.stride.side].origin_m) @ walkway.T
    return Reach(longer_m, over[:, 0], over[:, 1])


def _solve_held(
    model: GaitModel, recorded_q: Array, targets: Mapping[Side, FootTarget], modification: GaitModification
) -> tuple[Array, NDArray[np.bool_]]:
    """Change of every coordinate (n, coordinates), zero for those not involved; and where it did not converge, (n,).

    Both legs and the pelvis are solved together.

    Levenberg and Marquardt at each instant, started from the recorded pose, so that no instant inherits a wrong turn (a
    knee bent backwards) from the one before; a step that makes the fit worse (a leg near full extension that cannot get
    longer) is shortened instead of taken.
    """
    pelvis = [model.coordinate_index[name] for name in PELVIS_TRANSLATIONS]
    angles = [index for side in SIDES for index in model.legs[side].coordinate_index]
    names = [name for side in SIDES for name in model.legs[side].coordinates]
    unknown = np.array(pelvis + angles)
    pelvis_sd = (modification.pelvis_hold_m, _PELVIS_UP_SD_M, modification.pelvis_hold_m)  # forward, up, right
    knee_sd = np.radians(modification.knee_hold_deg)
    prior = 1.0 / np.array([*pelvis_sd, *(knee_sd if name == "knee_angle" else _OTHER_JOINT_SD for name in names)])
    weight = 1.0 / np.concatenate([foot_sd(model.legs[side]) for side in SIDES])
    change, unsettled = np.zeros_like(recorded_q), np.ones(len(recorded_q), dtype=bool)

    def weighted_misfit(i: int, guess: Array) -> tuple[Array, float]:
        q = recorded_q[i].copy()
        q[unknown] += guess
        model.set_state(q)
        misfit = weight * np.concatenate([_misfit(model, targets[side], side, i) for side in SIDES])
        return misfit, float(misfit @ misfit + np.sum((prior * guess) ** 2))

    for i in range(len(recorded_q)):
        guess = np.zeros(len(unknown))
        misfit, cost = weighted_misfit(i, guess)
        damping = _FIRST_DAMPING
        for _ in range(_MOST_STEPS):
            system = model.system_jacobian()[:, :, unknown]
            jacobian = weight[:, None] * np.concatenate([_in_foot_axes(model, targets[s], s, i, system) for s in SIDES])
            normal = jacobian.T @ jacobian + np.diag(prior**2)
            downhill = jacobian.T @ misfit - prior**2 * guess
            while True:
                step = np.linalg.solve(normal + damping * np.diag(np.diag(normal)), downhill)
                misfit, new_cost = weighted_misfit(i, guess + step)
                if new_cost <= cost or damping > _MOST_DAMPING:
                    break
                damping *= 10.0
            settled = cost - new_cost < _COST_TOLERANCE
            guess, cost, damping = guess + step, new_cost, damping / 10.0
            if settled:
                unsettled[i] = False
                break
        change[i, unknown] = guess
    return change, unsettled


def _misfit(model: GaitModel, target: FootTarget, side: Side, i: int) -> Array:
    """What is missing to the target: small rotation about the target foot's axes, displacement in ground, (6,)."""
    leg = model.legs[side]
    rotation, origin = model.body_pose(leg.calcaneus)
    error = target.rotation[i] @ rotation.T
    vector = 0.5 * np.array([error[2, 1] - error[1, 2], error[0, 2] - error[2, 0], error[1, 0] - error[0, 1]])
    return np.concatenate([leg.foot.axes @ target.rotation[i].T @ vector, target.origin_m[i] - origin])


def _in_foot_axes(model: GaitModel, target: FootTarget, side: Side, i: int, system: Array) -> Array:
    """Jacobian (6, unknowns) of a foot's pose, its rotations about the target foot's axes as in `_misfit`."""
    leg = model.legs[side]
    foot = system[leg.calcaneus]
    return np.concatenate([leg.foot.axes @ target.rotation[i].T @ foot[:3], foot[3:]])


def _moved_point(point_m: Array, target: FootTarget) -> Array:
    """The centre of pressure goes with the foot."""
    return np.asarray(target.pivot_m + np.einsum("nij,nj->ni", target.turn, point_m - target.pivot_m) + target.shift_m)
