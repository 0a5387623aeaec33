"""One leg's mechanics from formulas, for tests of what is built on them."""

from __future__ import annotations

import numpy as np

from workbench.core.changes import UNCHANGED, Changes
from workbench.core.response import PLANE
from workbench.core.types import LegMechanics, Stride, Subject
from workbench.core.vocabulary import CYCLE_PERCENT, LEG_COORDINATES

SUBJECT = Subject(mass_kg=70.0, height_m=1.75)
STRIDE = Stride("right", 1, 0.0, 0.66, 1.1)
MUSCLES = tuple(f"muscle{k}_r" for k in range(8))


def synthetic_leg(changes: Changes = UNCHANGED) -> LegMechanics:
    """A leg whose every number is a polynomial of third degree in each of the two changes of `PLANE`."""
    turn_deg, widening_m = (changes[name] for name in PLANE)
    n, m, d = len(CYCLE_PERCENT), len(MUSCLES), len(LEG_COORDINATES)
    x, y = turn_deg / 15.0, widening_m / 0.10
    phase = np.sin(np.pi * CYCLE_PERCENT / 60.0)[:, None]
    bend = 1.0 + 0.05 * x - 0.08 * y + 0.02 * x**3 * y**2 - 0.01 * x * y + 0.015 * y**3

    def field(*shape: int, scale: float = 1.0) -> np.ndarray:
        pattern = np.cos(np.arange(np.prod(shape)).reshape(shape) * 1.7 + 0.3)
        return scale * (1.0 + 0.2 * phase.reshape(n, *(1,) * len(shape))) * pattern * bend

    eye = np.broadcast_to(np.eye(3), (n, 3, 3))
    return LegMechanics(
        side="right",
        coordinates=LEG_COORDINATES,
        muscles=MUSCLES,
        joint_moment_Nm=field(d, scale=20.0),
        moment_arm_m=field(m, d, scale=0.04),
        active_force_N=1000.0 + np.abs(field(m, scale=100.0)),
        passive_force_N=np.abs(field(m)),
        least_activation=np.full(m, 0.01),
        muscle_knee_wrench=field(m, 6, scale=0.02) + np.array([0.0, 0.0, 0.0, 0.0, -1.0, 0.0]),
        external_knee_wrench=field(6, scale=30.0) + np.array([20.0, 0.0, -15.0, 0.0, 600.0, 0.0]) * phase,
        tibia_to_femur=eye,
        tibia_to_walkway=eye,
        foot_progression_angle_deg=np.full(n, 5.0 + turn_deg),
        centre_of_pressure_in_foot_m=np.full((n, 2), np.nan),
        step_width_m=0.12 + widening_m,
    )


def at(turn_deg: float = 0.0, widening_m: float = 0.0) -> Changes:
    """The two changes of `PLANE` in short."""
    return Changes(dict(zip(PLANE, (turn_deg, widening_m), strict=True)))
