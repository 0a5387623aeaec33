"""All outcomes used to judge a change of gait: peaks at knee, hip and ankle, and the numbers of the guard rails."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from workbench.core.loads import KneeLoads, knee_loads
from workbench.core.settings import LoadSettings
from workbench.core.types import LegMechanics, Stride, Subject
from workbench.core.vocabulary import CYCLE_PERCENT, JOINT_PEAKS, PEAKS

Outcomes = Mapping[str, float]  #: numbers by the names of `PEAKS`, `JOINT_PEAKS` and those below

LOWEST_LATERAL: Final = "lowest_lateral_force_bw"
LATERAL_HELD_DOWN: Final = "lift_off_prevented_lateral_bw"
HOLDING_FORCE: Final = "lift_off_prevented_muscle_force_bw"
OUTSIDE_FOOT: Final = "centre_of_pressure_outside_foot_m"


@dataclass(frozen=True)
class JudgedLeg:
    """The loads of a leg, and all outcomes."""

    loads: KneeLoads
    outcomes: Outcomes


def judged_leg(
    mechanics: LegMechanics, outside_foot_m: float, stride: Stride, subject: Subject, settings: LoadSettings
) -> JudgedLeg:
    """Solve the loads and collect all outcomes.

    Parameters
    ----------
    mechanics : LegMechanics
    outside_foot_m : float
        How far the centre of pressure leaves the foot.
    stride, subject, settings
        See `loads.knee_loads`.
    """
    loads, stance = knee_loads(mechanics, stride, subject, settings), _stance(stride)
    outcomes = {
        **{name: loads.peaks[name] for name in PEAKS},
        **joint_peaks(mechanics, stride, subject),
        LOWEST_LATERAL: float(loads.curves["lateral_contact_force_bw"][stance].min()),
        LATERAL_HELD_DOWN: float(loads.held_down.lateral_N[stance].max() / subject.body_weight_N),
        HOLDING_FORCE: float(loads.held_down.muscle_force_N[stance].max() / subject.body_weight_N),
        OUTSIDE_FOOT: outside_foot_m,
    }
    return JudgedLeg(loads, outcomes)


def leg_outcomes(
    mechanics: LegMechanics, outside_foot_m: float, stride: Stride, subject: Subject, settings: LoadSettings
) -> Outcomes:
    """All outcomes, see `judged_leg`."""
    return judged_leg(mechanics, outside_foot_m, stride, subject, settings).outcomes


def joint_peaks(mechanics: LegMechanics, stride: Stride, subject: Subject) -> dict[str, float]:
    """Largest external moments over stance at hip and ankle, % BW ht, by the names of `vocabulary.JOINT_PEAKS`.

    External moments: of ground reaction, gravity and inertia, opposite to those of the muscles.
    """
    stance = _stance(stride)
    coordinates = ("hip_adduction", "hip_flexion", "ankle_angle")
    return {
        name: float(
            -mechanics.joint_moment_Nm[stance, mechanics.coordinates.index(coordinate)].min() / subject.pct_bw_ht_Nm
        )
        for name, coordinate in zip(JOINT_PEAKS, coordinates, strict=True)
    }


def _stance(stride: Stride) -> NDArray[np.bool_]:
    return np.asarray(CYCLE_PERCENT <= stride.stance_percent)  # noqa: SIM300 - reads as the cycle's part before toe-off
