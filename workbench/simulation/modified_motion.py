"""The same walk with the feet placed otherwise: target poses of the feet, and the legs and pelvis that reach them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from scipy import interpolate

from workbench.core import gait
from workbench.core.types import Array, GaitModification
from workbench.core.vocabulary import LATERAL_SIGN, PELVIS_TRANSLATIONS, SIDES, Side
from workbench.simulation.model import GaitModel, Leg
from workbench.simulation.sampled_motion import SampledMotion, Wrench, apply_couplers

# Weighted least squares; each figure is the misfit that costs one unit. The feet are held tightly, the joints softly
# near the recording. The pelvis is held in the horizontal plane: a trunk that moved sideways by centimetres would not
# go with a ground force that keeps its direction, and it reverses the sign of the second peak's response (free pelvis,
# toe-in 10 degrees: -0.8 % BW ht instead of +0.3). The knee is held more than the other joints, and the pelvis may
# sink: a leg near full extension would otherwise reach for the foot by bending now forwards, now backwards, from one
# instant to the next (toe-out 15 degrees: a spike of 4 BW before toe-off, and 46 % instead of 13 % BW residual).
_FOOT_ANGLE_SD = np.radians(0.5)
_FOOT_POSITION_SD_M = 0.001
# A model without a subtalar joint cannot keep the sole flat while the leg leans; the foot rolls with the shank.
_FOOT_ROLL_SD_WITHOUT_SUBTALAR = np.radians(10.0)
_KNEE_SD, _OTHER_JOINT_SD = np.radians(1.0), np.radians(10.0)
_PELVIS_SD_M = (0.005, 0.02, 0.005)  # forward, up, right

_FIRST_DAMPING, _MOST_DAMPING = 1e-4, 1e6
_MOST_STEPS = 20
_COST_TOLERANCE = 1e-5


@dataclass(frozen=True)
class FootTarget:
    """Where a foot is to be: poses of the calcaneus and the horizontal move of a point fixed to it."""

    rotation: Array  #: (n, 3, 3)
    origin_m: Array  #: (n, 3)
    turn: Array  #: (n, 3, 3) rotation about the vertical
    pivot_m: Array  #: (n, 3) in ground
    shift_m: Array  #: (n, 3) the part of the move that is step width


def modified(
    model: GaitModel,
    recorded: SampledMotion,
    modification: GaitModification,
    *,
    analysed: Side,
    walkway: Array,
    contacts: Mapping[Side, Sequence[tuple[float, float]]],
    height_m: float,
) -> SampledMotion:
    """Return the motion and ground reactions of the modified gait; the recorded ones exactly where nothing changes.

    Parameters
    ----------
    model : GaitModel
    recorded : SampledMotion
        n instants, evenly spaced; some beyond both ends of what is analysed keep the derivatives right.
    modification : GaitModification
    analysed : {"left", "right"}
        The foot that changes where only one does.
    walkway : (3, 3) array
        Rows forward, up, right.
    contacts : mapping
        For each foot its times on the ground, (strike, off) in seconds.
    height_m : float
        Stature, the unit of the virtual point's height.
    """
    if modification.is_none:
        return recorded
    targets = foot_targets(model, recorded, modification, analysed, walkway, contacts)
    change = _solve(model, recorded.q, targets)
    spline = interpolate.make_interp_spline(recorded.time_s, change, k=5)
    q, u, udot = (
        values + spline(recorded.time_s, nu=order)
        for order, values in enumerate((recorded.q, recorded.u, recorded.udot))
    )
    apply_couplers(model, q, u, udot)
    virtual_point_m = (
        None if modification.virtual_point_statures is None else (modification.virtual_point_statures * height_m)
    )
    reactions = {
        side: _moved_reaction(reaction, targets[side], virtual_point_m)
        for side, reaction in recorded.ground_reactions.items()
    }
    return replace(recorded, q=q, u=u, udot=udot, ground_reactions=reactions)


def foot_targets(
    model: GaitModel,
    recorded: SampledMotion,
    modification: GaitModification,
    analysed: Side,
    walkway: Array,
    contacts: Mapping[Side, Sequence[tuple[float, float]]],
) -> dict[Side, FootTarget]:
    """Recorded poses of both feet, turned about their pivots and shifted; parameters as in `modified`."""
    n = len(recorded.time_s)
    poses: dict[Side, tuple[Array, Array]] = {side: (np.empty((n, 3, 3)), np.empty((n, 3))) for side in SIDES}
    for i in range(n):
        model.set_state(recorded.q[i])
        for side in SIDES:
            poses[side][0][i], poses[side][1][i] = model.body_pose(model.legs[side].calcaneus)
    targets = {}
    for side in SIDES:
        rotation, origin = poses[side]
        changes = modification.sides == "both" or side == analysed
        sides_changed = 2.0 if modification.sides == "both" else 1.0
        share = gait.share_of_change(recorded.time_s, contacts.get(side, ()), modification.swing_fade) * changes
        turn = gait.turn_about_vertical(LATERAL_SIGN[side] * modification.foot_progression_change_deg * share)
        outwards = LATERAL_SIGN[side] * modification.step_width_change_m / sides_changed * walkway[2]
        shift = share[:, None] * outwards
        foot = model.legs[side].foot
        pivot = origin + rotation @ (foot.heel_m + modification.pivot * foot.length_m * foot.axis)
        targets[side] = FootTarget(
            rotation=turn @ rotation,
            origin_m=pivot + np.einsum("nij,nj->ni", turn, origin - pivot) + shift,
            turn=turn,
            pivot_m=pivot,
            shift_m=shift,
        )
    return targets


def _solve(model: GaitModel, recorded_q: Array, targets: Mapping[Side, FootTarget]) -> Array:
    """Change of every coordinate (n, coordinates), zero for those that take no part.

    Both legs and the pelvis are solved together.

    Levenberg and Marquardt at each instant, started from the recorded pose, so that no instant inherits a wrong turn (a
    knee bent backwards) from the one before; a step that makes the fit worse (a leg near full extension that cannot get
    longer) is shortened instead of taken.
    """
    pelvis = [model.coordinate_index[name] for name in PELVIS_TRANSLATIONS]
    angles = [index for side in SIDES for index in model.legs[side].coordinate_index]
    names = [name for side in SIDES for name in model.legs[side].coordinates]
    unknown = np.array(pelvis + angles)
    prior = 1.0 / np.array([*_PELVIS_SD_M, *(_KNEE_SD if name == "knee_angle" else _OTHER_JOINT_SD for name in names)])
    weight = 1.0 / np.concatenate([_foot_sd(model.legs[side]) for side in SIDES])
    change = np.zeros_like(recorded_q)

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
                break
        change[i, unknown] = guess
    return change


def _foot_sd(leg: Leg) -> Array:
    """Standard deviations (6,) of a foot's misfit: roll, turn, pitch in rad, then position in m."""
    roll = _FOOT_ANGLE_SD if "subtalar_angle" in leg.coordinates else _FOOT_ROLL_SD_WITHOUT_SUBTALAR
    return np.array([roll, _FOOT_ANGLE_SD, _FOOT_ANGLE_SD, *[_FOOT_POSITION_SD_M] * 3])


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


def _moved_reaction(reaction: Wrench, target: FootTarget, virtual_point_m: float | None) -> Wrench:
    """The ground reaction goes with the foot; its direction follows the step width only."""
    point = target.pivot_m + np.einsum("nij,nj->ni", target.turn, reaction.point_m - target.pivot_m) + target.shift_m
    force = reaction.force_N
    if virtual_point_m is not None:
        force = gait.re_aimed_force(force, target.shift_m, virtual_point_m)
    return Wrench(force, point, reaction.torque_Nm)
