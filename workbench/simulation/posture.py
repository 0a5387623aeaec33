"""What a person does with trunk and step length in one recorded stance."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from workbench.core.settings import GaitModification
from workbench.core.types import Stride
from workbench.core.vocabulary import LATERAL_SIGN, opposite
from workbench.simulation.walk import Walk


@dataclass(frozen=True)
class StancePosture:
    """Trunk lean and step length of one stance; None where the model has no trunk."""

    trunk_lean_deg: float | None  #: positive towards the stance leg, mean over the first half of stance
    step_length_m: float  #: this heel ahead of the other one at foot strike, along the walkway


def stance_posture(walk: Walk, stride: Stride) -> StancePosture:
    """Measure trunk lean and step length of a recorded stance.

    The lean is the angle of the trunk's long axis from the vertical, seen along the walkway, as in Uhlrich et al. 2022
    (J Biomech 144:111312), there called trunk sway.
    """
    motion = walk.motion(stride, GaitModification())
    model, walkway = walk.model, walk.walkway
    half = max(2, round(stride.stance_percent / 2.0))
    lean_deg = None
    if "torso" in model.body_index:
        leans = []
        for q in motion.q[:half]:
            model.set_state(q)
            up = walkway @ model.body_pose(model.body_index["torso"])[0][:, 1]
            leans.append(np.degrees(np.arctan2(up[2], up[1])))
        lean_deg = float(LATERAL_SIGN[stride.side] * np.mean(leans))
    model.set_state(motion.q[0])
    heels = {}
    for side in (stride.side, opposite(stride.side)):
        rotation, origin = model.body_pose(model.legs[side].calcaneus)
        heels[side] = origin + rotation @ model.legs[side].foot.heel_m
    return StancePosture(lean_deg, float(walkway[0] @ (heels[stride.side] - heels[opposite(stride.side)])))
