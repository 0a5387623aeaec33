"""Names, units and signs, each defined once.

Axes of the laboratory and of every body: X forward, Y up, Z to the right (OpenSim's convention).
Foot progression angle: toe-out positive. Knee adduction and flexion moment: external, adduction and flexion positive.
Contact force: compression positive, in body weight.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

import numpy as np

Side = Literal["left", "right"]
SIDES: Final[tuple[Side, Side]] = ("left", "right")
#: The letter OpenSim models of this family append to the names of one leg.
SIDE_SUFFIX: Final[dict[Side, str]] = {"left": "l", "right": "r"}
#: +1 where lateral is +Z (right leg), -1 where it is -Z (left leg).
LATERAL_SIGN: Final[dict[Side, float]] = {"left": -1.0, "right": 1.0}

STANDARD_GRAVITY: Final = 9.80665  # m/s2
NEWTON_PER_POUND_FORCE: Final = 4.4482216152605  # exact by definition of the pound

#: Percent of the stride (or of stance, where no whole stride was recorded) at which everything is evaluated.
CYCLE_PERCENT: Final = np.arange(101.0)
CYCLE_PERCENT.flags.writeable = False

#: The six coordinates of one leg, without the side's suffix.
LEG_COORDINATES: Final = (
    "hip_flexion",
    "hip_adduction",
    "hip_rotation",
    "knee_angle",
    "ankle_angle",
    "subtalar_angle",
)
PELVIS_TRANSLATIONS: Final = ("pelvis_tx", "pelvis_ty", "pelvis_tz")
PELVIS_COORDINATES: Final = ("pelvis_tilt", "pelvis_list", "pelvis_rotation", *PELVIS_TRANSLATIONS)


def opposite(side: Side) -> Side:
    """Return the other leg.

    Examples
    --------
    >>> opposite("left")
    'right'
    """
    return "right" if side == "left" else "left"


@dataclass(frozen=True)
class Quantity:
    """A quantity: its name in files, on axes and in tables."""

    name: str  #: machine name, with its unit
    label: str  #: what a person reads
    unit: str
    sign: str  #: which way is positive

    @property
    def axis_label(self) -> str:
        """Label and unit, for an axis or a table head.

        Examples
        --------
        >>> PEAKS["kam_peak_1_pct_bw_ht"].axis_label
        'KAM, first peak (% BW·ht)'
        """
        return f"{self.label} ({self.unit})"


_KAM_SIGN = "external moment, adduction positive"
_KFM_SIGN = "external moment, flexion positive"
_FORCE_SIGN = "compression positive, negative is lift-off"

#: Curves over the cycle, in the order in which they are shown.
CURVES: Final[dict[str, Quantity]] = {
    quantity.name: quantity
    for quantity in (
        Quantity("knee_adduction_moment_pct_bw_ht", "Knee adduction moment", "% BW·ht", _KAM_SIGN),
        Quantity("knee_flexion_moment_pct_bw_ht", "Knee flexion moment", "% BW·ht", _KFM_SIGN),
        Quantity("medial_contact_force_bw", "Medial contact force", "BW", _FORCE_SIGN),
        Quantity("lateral_contact_force_bw", "Lateral contact force", "BW", _FORCE_SIGN),
        Quantity("total_contact_force_bw", "Total contact force", "BW", _FORCE_SIGN),
    )
}

#: One number per stride, in the order in which they are shown.
PEAKS: Final[dict[str, Quantity]] = {
    quantity.name: quantity
    for quantity in (
        Quantity("kam_peak_1_pct_bw_ht", "KAM, first peak", "% BW·ht", _KAM_SIGN),
        Quantity("kam_peak_2_pct_bw_ht", "KAM, second peak", "% BW·ht", _KAM_SIGN),
        Quantity("kam_impulse_pct_bw_ht_s", "KAM impulse", "% BW·ht·s", _KAM_SIGN),
        Quantity("kfm_peak_pct_bw_ht", "KFM, peak", "% BW·ht", _KFM_SIGN),
        Quantity("mcf_peak_1_bw", "Medial force, first peak", "BW", _FORCE_SIGN),
        Quantity("mcf_peak_2_bw", "Medial force, second peak", "BW", _FORCE_SIGN),
        Quantity("lcf_peak_1_bw", "Lateral force, first peak", "BW", _FORCE_SIGN),
        Quantity("lcf_peak_2_bw", "Lateral force, second peak", "BW", _FORCE_SIGN),
        Quantity("tcf_peak_1_bw", "Total force, first peak", "BW", _FORCE_SIGN),
        Quantity("tcf_peak_2_bw", "Total force, second peak", "BW", _FORCE_SIGN),
        Quantity("foot_progression_angle_deg", "Foot progression angle", "°", "toe-out positive"),
        Quantity("step_width_m", "Step width", "m", "wider positive"),
    )
}

#: Standard error of measurement between sessions, in the peak's own unit, and its source.
TEST_RETEST_ERROR: Final[dict[str, tuple[float, str]]] = {
    "kam_peak_1_pct_bw_ht": (0.36, "Birmingham et al. 2007, Arthritis Rheum 57:1012 (31 people with knee OA)"),
}

#: Point of the tibia from which the contact points are measured and about which moments are taken.
MOMENT_POINT: Final = "origin of the tibia frame"

DISCLAIMER: Final = "Simulated, not measured: an estimate of the immediate mechanical effect, not treatment advice."

_ANKLE_SIGN = "external moment, dorsiflexion positive"
#: Peaks over stance at the joints above and below the knee; shown where a change of gait is judged.
JOINT_PEAKS: Final[dict[str, Quantity]] = {
    quantity.name: quantity
    for quantity in (
        Quantity("hip_adduction_moment_peak_pct_bw_ht", "Hip adduction moment, peak", "% BW·ht", _KAM_SIGN),
        Quantity("hip_flexion_moment_peak_pct_bw_ht", "Hip flexion moment, peak", "% BW·ht", _KFM_SIGN),
        Quantity("ankle_dorsiflexion_moment_peak_pct_bw_ht", "Ankle moment, peak", "% BW·ht", _ANKLE_SIGN),
    )
}
