"""How the body moved over its foot in one recorded stride, from the computed mechanics."""

from __future__ import annotations

from typing import Final

import numpy as np

from workbench.core.types import Array, LegMechanics, Stride, StrideGait
from workbench.core.vocabulary import CYCLE_PERCENT, LATERAL_SIGN, opposite
from workbench.simulation.mechanics import Kinetics
from workbench.simulation.model import GaitModel
from workbench.simulation.sampled_motion import SampledMotion

#: Part of the stance that is looked at: at both ends the centre of pressure is a quotient of small numbers.
_FIRST, _LAST, _INSTANTS = 0.15, 0.85, 21
_FLAT: Final = (0.3, 0.7)  # of stance, where the foot rests and tells how fast the body passes it


def stride_gait(
    model: GaitModel, motion: SampledMotion, kinetic: Kinetics, mechanics: LegMechanics, stride: Stride, walkway: Array
) -> StrideGait:
    """Collect what `workbench.advice.law_of_strides` compares between strides.

    Parameters
    ----------
    model : GaitModel
    motion : SampledMotion
        The recorded walk at the 101 instants of the stride.
    kinetic : Kinetics
    mechanics : LegMechanics
    stride : Stride
    walkway : (3, 3) array
        Rows forward, up, right.
    """
    leg, reaction = model.legs[stride.side], motion.ground_reactions[stride.side]
    other = model.legs[opposite(stride.side)]
    forward, _, right = walkway
    outward = LATERAL_SIGN[stride.side] * right
    centre_m = kinetic.origin_m + np.einsum("nbij,bj->nbi", kinetic.rotation, model.body_centre_m)
    body_m = np.einsum("b,nbi->ni", model.body_mass_kg, centre_m) / model.mass_kg
    at = np.linspace(_FIRST, _LAST, _INSTANTS) * stride.stance_percent

    def stance(curve: Array) -> Array:
        return np.asarray(np.interp(at, CYCLE_PERCENT, curve))

    def heel_m(of: int, place: Array, instant: int) -> Array:
        return np.asarray(kinetic.origin_m[instant, of - 1] + kinetic.rotation[instant, of - 1] @ place)

    pelvis_m = kinetic.origin_m[:, model.body_index["pelvis"] - 1] @ forward
    past_foot_m = pelvis_m - kinetic.origin_m[:, leg.calcaneus - 1] @ forward
    flat = np.array(_FLAT) * stride.stance_percent
    passed_m = np.diff(np.interp(flat, CYCLE_PERCENT, past_foot_m))[0]
    vertical = stance(reaction.force_N[:, 1])
    return StrideGait(
        body_from_pressure_m=stance((body_m - reaction.point_m) @ outward),
        lean=stance(reaction.force_N @ outward) / np.where(vertical > 1.0, vertical, np.inf),
        pressure_along_foot=stance(mechanics.centre_of_pressure_in_foot_m[:, 0]) / leg.foot.length_m,
        foot_length_m=leg.foot.length_m,
        foot_progression_deg=float(stance(mechanics.foot_progression_angle_deg).mean()),
        speed_m_s=float(passed_m / (np.diff(flat)[0] / 100.0 * stride.duration_s)),
        step_length_m=float(
            forward @ (heel_m(leg.calcaneus, leg.foot.heel_m, 0) - heel_m(other.calcaneus, other.foot.heel_m, 0))
        ),
        place_along_m=float(np.interp(0.5 * stride.stance_percent, CYCLE_PERCENT, pelvis_m)),
    )
