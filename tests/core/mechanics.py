"""A leg's mechanics made up of closed forms, for the tests of what is drawn from them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from workbench.core.types import Array, LegMechanics, MechanicsChecks, SolvedLeg, Stride, Subject
from workbench.core.vocabulary import CYCLE_PERCENT, LATERAL_SIGN, Side

SUBJECT = Subject(mass_kg=80.0, height_m=1.75)
STRIDE = Stride("right", 1, start_s=0.0, toe_off_s=0.6, end_s=1.0)
N = len(CYCLE_PERCENT)


def identity() -> Array:
    return np.broadcast_to(np.eye(3), (N, 3, 3)).copy()


def axial_push(newtons: Array | float, medial_m: Array | float, side: Side = "right") -> Array:
    """External wrench (101, 6): an upward ground force that passes `medial_m` medial of the tibia's origin."""
    push = np.broadcast_to(np.asarray(newtons, dtype=float), (N,))
    wrench = np.zeros((N, 6))
    wrench[:, 0] = LATERAL_SIGN[side] * push * medial_m  # adducts where it passes medially
    wrench[:, 4] = push
    return wrench


def leg(side: Side = "right", **changes: object) -> LegMechanics:
    """Two muscles, one flexing and one extending the knee with 50 mm of moment arm and 2000 N each; no load."""
    arms = np.zeros((N, 2, 1))
    arms[:, 0, 0], arms[:, 1, 0] = 0.05, -0.05
    wrench = np.zeros((N, 2, 6))
    wrench[:, :, 4] = 1.0  # each pulls the shank straight up towards the femur
    plain = LegMechanics(
        side=side,
        coordinates=("knee_angle",),
        muscles=("flexor", "extensor"),
        joint_moment_Nm=np.zeros((N, 1)),
        moment_arm_m=arms,
        active_force_N=np.full((N, 2), 2000.0),
        passive_force_N=np.zeros((N, 2)),
        least_activation=np.zeros(2),
        muscle_knee_wrench=wrench,
        external_knee_wrench=np.zeros((N, 6)),
        tibia_to_femur=identity(),
        tibia_to_walkway=identity(),
        foot_progression_angle_deg=np.zeros(N),
        centre_of_pressure_in_foot_m=np.zeros((N, 2)),
        step_width_m=0.12,
    )
    return replace(plain, **changes)  # type: ignore[arg-type]


def solved(mechanics: LegMechanics, **checks: float | None) -> SolvedLeg:
    """A solved leg whose checks found nothing, or what is given."""
    figures: dict[str, float | None] = {
        "residual_force_pct_bw": 1.0,
        "residual_force_rms_pct_bw": 0.5,
        "residual_moment_pct_bw_ht": 0.3,
        "centre_of_pressure_outside_foot_m": 0.0,
    }
    return SolvedLeg(mechanics, MechanicsChecks(**(figures | checks)))  # type: ignore[arg-type]
