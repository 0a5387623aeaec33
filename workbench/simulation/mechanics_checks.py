"""Checks that need the model: does the force act under the foot, do motion and forces match."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from workbench.core import gait
from workbench.core.errors import TrialError
from workbench.core.types import Array, MechanicsChecks, Stride, Trial
from workbench.core.vocabulary import CYCLE_PERCENT, Side, opposite
from workbench.simulation.balance import known_instants
from workbench.simulation.mechanics import Kinetics, pelvis_residuals
from workbench.simulation.model import GaitModel
from workbench.simulation.sampled_motion import SampledMotion

_LOADED_BW = 0.05  # below, the centre of pressure is a quotient of small numbers
_WRONG_FOOT_M = 0.10
_ABSURD_RESIDUAL_PCT_BW = 50.0  # half the time


def check_mechanics(
    model: GaitModel,
    motion: SampledMotion,
    kinetic: Kinetics,
    stride: Stride,
    trial: Trial,
    threshold_N: float,
) -> MechanicsChecks:
    """Compute residuals and the position of the centre of pressure; from `threshold_N` on a foot is on the ground.

    Raises
    ------
    TrialError
        If the force of this foot acts nowhere near it.
    """
    side, weight_N = stride.side, trial.subject.body_weight_N
    vertical = motion.ground_reactions[side].force_N[:, 1]
    loaded = (vertical > _LOADED_BW * weight_N) & (stride.stance_percent >= CYCLE_PERCENT)
    outside = _outside(model, motion, kinetic, loaded, force_of=side, foot_of=side)
    _require_force_under_foot(model, motion, kinetic, side, loaded, outside, trial)
    residual = None
    known = known_instants(trial, motion.time_s, threshold_N)[1]
    if len(motion.ground_reactions) == 2 and known.any():
        residual = pelvis_residuals(model, kinetic)[known]
    force = None if residual is None else np.linalg.norm(residual[:, 3:], axis=1) / weight_N * 100.0
    moment = None if residual is None else np.linalg.norm(residual[:, :3], axis=1) / trial.subject.pct_bw_ht_Nm
    if force is not None and float(np.median(force)) > _ABSURD_RESIDUAL_PCT_BW:
        raise TrialError(
            f"motion and forces do not match: the residual force at the pelvis is {np.median(force):.0f} % of body"
            " weight (median over the stride).",
            where=trial.name,
            remedy="Check units, signs and axes of the forces, the clock, and the mass.",
        )
    return MechanicsChecks(
        residual_force_pct_bw=None if force is None else float(force.max()),
        residual_force_rms_pct_bw=None if force is None else float(np.sqrt(np.mean(force**2))),
        residual_moment_pct_bw_ht=None if moment is None else float(moment.max()),
        centre_of_pressure_outside_foot_m=max(0.0, float(outside.max(initial=0.0))),
    )


def _outside(
    model: GaitModel,
    motion: SampledMotion,
    kinetic: Kinetics,
    loaded: NDArray[np.bool_],
    *,
    force_of: Side,
    foot_of: Side,
) -> Array:
    """Distance of one foot's centre of pressure outside a foot's sole laid flat on the ground, metres; where loaded.

    The foot of the model is rigid. Seen from above a lifted heel would shorten it, so the sole is laid flat about the
    end that stands on the ground: the heel or the forefoot, whichever is lower.
    """
    leg = model.legs[foot_of]
    body, foot = leg.calcaneus - 1, leg.foot
    rotation, origin = kinetic.rotation[loaded, body], kinetic.origin_m[loaded, body]
    ends = np.stack([foot.heel_m, foot.second_metatarsal_head_m])
    places = origin[:, None] + ends @ rotation.transpose(0, 2, 1)
    lower = places[..., 1].argmin(axis=1)
    heading = (rotation @ foot.axis)[:, [0, 2]]
    forward = heading / np.linalg.norm(heading, axis=1)[:, None]
    right = np.stack([-forward[:, 1], forward[:, 0]], axis=1)
    point = motion.ground_reactions[force_of].point_m[loaded]
    from_end = (point - places[np.arange(len(lower)), lower])[:, [0, 2]]
    # Along the foot and across it, from the origin of the foot.
    sole = foot.axes[[0, 2]]
    flat = np.stack([np.sum(from_end * forward, axis=1), np.sum(from_end * right, axis=1)], axis=1)
    return gait.distance_outside(flat + ends[lower] @ sole.T, foot.outline_m @ sole.T)


def _require_force_under_foot(
    model: GaitModel,
    motion: SampledMotion,
    kinetic: Kinetics,
    side: Side,
    loaded: NDArray[np.bool_],
    outside: Array,
    trial: Trial,
) -> None:
    away = float(np.median(outside)) if len(outside) else 0.0
    if away <= _WRONG_FOOT_M:
        return
    from_other = float(np.median(_outside(model, motion, kinetic, loaded, force_of=side, foot_of=opposite(side))))
    if from_other < min(away, _WRONG_FOOT_M):
        raise TrialError(
            f"the force given for the {side} foot acts under the {opposite(side)} foot.",
            where=trial.name,
            remedy="Swap left and right under [ground_reactions].",
        )
    raise TrialError(
        f"the force given for the {side} foot acts {100 * away:.0f} cm away from it.",
        where=trial.name,
        remedy="Check that plates and motion share the same origin and axes, and which foot was on which plate.",
    )
