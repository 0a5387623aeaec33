"""Value types: frozen, validated, in SI units unless a name says otherwise."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from workbench.core.errors import TrialError
from workbench.core.findings import Finding
from workbench.core.own_law import OwnLaw
from workbench.core.vocabulary import STANDARD_GRAVITY, Side

Array = NDArray[np.float64]

#: Height, in body heights, at which the ground reaction aims as a body sways over the feet: METHODS, section 2.
USUAL_LEAN_STATURES = 0.7


def frozen_array(values: object, shape: tuple[int | None, ...], what: str) -> Array:
    """Return a read-only float copy of `values`, checked for shape and finiteness.

    Parameters
    ----------
    values : array_like
        Numbers.
    shape : tuple
        Expected shape; ``None`` stands for any length.
    what : str
        What the numbers are, for the message.

    Raises
    ------
    TrialError
        If the shape differs or a value is missing (NaN) or infinite.
    """
    array = np.array(values, dtype=float)
    if array.ndim != len(shape) or any(want not in (None, got) for got, want in zip(array.shape, shape, strict=True)):
        raise TrialError(f"{what} has shape {array.shape}, expected {shape}.")
    if not np.isfinite(array).all():
        row = int(np.argwhere(~np.isfinite(array))[0][0])
        raise TrialError(f"{what} has a missing or infinite value at row {row + 1}.", remedy="Fill the gap or cut it.")
    array.flags.writeable = False
    return array


@dataclass(frozen=True)
class Subject:
    """The person who walked.

    Parameters
    ----------
    mass_kg : float
        20 to 250.
    height_m : float
        1.0 to 2.3.

    Raises
    ------
    TrialError
        If one of them lies outside.

    Examples
    --------
    >>> subject = Subject(mass_kg=80.0, height_m=1.75)
    >>> round(subject.body_weight_N, 1), round(subject.pct_bw_ht_Nm, 2)
    (784.5, 13.73)
    """

    mass_kg: float
    height_m: float

    def __post_init__(self) -> None:
        if not 20.0 <= self.mass_kg <= 250.0:
            raise TrialError(
                f"the mass is {self.mass_kg:g} kg, outside 20 to 250 kg.", remedy="Give the mass in kilograms."
            )
        if not 1.0 <= self.height_m <= 2.3:
            raise TrialError(
                f"the height is {self.height_m:g} m, outside 1.0 to 2.3 m.", remedy="Give the height in metres."
            )

    @property
    def body_weight_N(self) -> float:
        """Weight in newtons.

        Examples
        --------
        >>> round(Subject(mass_kg=80.0, height_m=1.75).body_weight_N, 3)  # at 9.80665 m/s2
        784.532
        """
        return self.mass_kg * STANDARD_GRAVITY

    @property
    def pct_bw_ht_Nm(self) -> float:
        """How many newton metres are one percent of body weight times height.

        Examples
        --------
        >>> subject = Subject(mass_kg=80.0, height_m=1.75)
        >>> round(41.2 / subject.pct_bw_ht_Nm, 1)  # a moment of 41.2 N m, in % body weight times height
        3.0
        """
        return self.body_weight_N * self.height_m / 100.0


@dataclass(frozen=True)
class Motion:
    """Recorded joint coordinates.

    Rotations are in degrees where `in_degrees`, otherwise in radians; translations are in metres.
    Names are plain coordinate names (``knee_angle_r``), whatever the file called them.
    """

    time_s: Array  #: (n,)
    names: tuple[str, ...]  #: (k,)
    values: Array  #: (n, k)
    in_degrees: bool

    def __post_init__(self) -> None:
        object.__setattr__(self, "time_s", frozen_array(self.time_s, (None,), "the motion's time"))
        object.__setattr__(self, "values", frozen_array(self.values, (len(self.time_s), len(self.names)), "the motion"))


@dataclass(frozen=True)
class GroundReaction:
    """Ground reaction on one foot, in laboratory axes (X forward, Y up, Z right), acting on the foot."""

    time_s: Array  #: (n,)
    force_N: Array  #: (n, 3)
    point_m: Array  #: (n, 3) centre of pressure
    torque_Nm: Array  #: (n, 3) about the centre of pressure

    def __post_init__(self) -> None:
        object.__setattr__(self, "time_s", frozen_array(self.time_s, (None,), "the ground reaction's time"))
        n = len(self.time_s)
        object.__setattr__(self, "force_N", frozen_array(self.force_N, (n, 3), "the ground reaction force"))
        object.__setattr__(self, "point_m", frozen_array(self.point_m, (n, 3), "the centre of pressure"))
        object.__setattr__(self, "torque_Nm", frozen_array(self.torque_Nm, (n, 3), "the ground reaction torque"))


@dataclass(frozen=True)
class MeasuredLoads:
    """Knee contact force measured by an instrumented implant."""

    side: Side
    time_s: Array  #: (n,) on the clock of the motion
    medial_N: Array  #: (n,) compression positive
    lateral_N: Array  #: (n,) compression positive

    def __post_init__(self) -> None:
        object.__setattr__(self, "time_s", frozen_array(self.time_s, (None,), "the measured loads' time"))
        n = len(self.time_s)
        object.__setattr__(self, "medial_N", frozen_array(self.medial_N, (n,), "the measured medial force"))
        object.__setattr__(self, "lateral_N", frozen_array(self.lateral_N, (n,), "the measured lateral force"))


@dataclass(frozen=True)
class Electromyography:
    """Recorded activity of some muscles, rectified, not yet smoothed."""

    time_s: Array  #: (n,) on the clock of the motion
    muscles: tuple[str, ...]  #: (k,) names of the model
    activity: Array  #: (n, k) zero or more
    normalised_to: Literal["maximum", "mvc"]  #: 1 is the largest value recorded, or a maximal voluntary contraction

    def __post_init__(self) -> None:
        object.__setattr__(self, "time_s", frozen_array(self.time_s, (None,), "the EMG's time"))
        shape = (len(self.time_s), len(self.muscles))
        object.__setattr__(self, "activity", frozen_array(self.activity, shape, "the EMG"))


@dataclass(frozen=True)
class Trial:
    """One recorded walk, as it was read and checked."""

    name: str
    subject: Subject
    motion: Motion
    ground_reactions: Mapping[Side, GroundReaction]  #: one or both feet
    model_file: Path | None = None  #: None: the project's own model
    scale_factors: Mapping[str, tuple[float, float, float]] | None = None  #: own model only; by body
    foot_strikes_s: Mapping[Side, tuple[float, ...]] = field(default_factory=dict)  #: given by the user, else found
    foot_offs_s: Mapping[Side, tuple[float, ...]] = field(default_factory=dict)
    measured_loads: MeasuredLoads | None = None
    emg: Electromyography | None = None
    estimated_forces: bool = False  #: True where the ground reactions are estimated from the motion, not measured
    periodic: bool = False  #: True where the recording is one closed cycle (a mean stride)
    findings: tuple[Finding, ...] = ()  #: what the checks found that does not forbid its use, and how it was made
    source_sha256: Mapping[str, str] = field(default_factory=dict)  #: hash by file name, for provenance
    own_law: OwnLaw | None = None  #: what the person's own strides say, where that was asked for
    folder: Path | None = None  #: where those files lie; None for the built-in walk
    decisions: Mapping[str, str] = field(default_factory=dict)  #: what was decided on import and why, by stage


@dataclass(frozen=True)
class Stride:
    """From one foot strike to the next of the same foot, or one stance where that is all there is.

    Examples
    --------
    >>> stride = Stride("right", 1, start_s=0.5, toe_off_s=1.16, end_s=1.6)
    >>> round(stride.duration_s, 2), round(stride.stance_percent, 1), stride.whole
    (1.1, 60.0, True)
    """

    side: Side
    number: int  #: 1-based, in time order
    start_s: float  #: foot strike
    toe_off_s: float
    end_s: float  #: next foot strike of this foot; toe-off for a stance

    @property
    def whole(self) -> bool:
        """True for a stride, False for a lone stance."""
        return self.end_s > self.toe_off_s

    @property
    def duration_s(self) -> float:
        """Length of the unit of analysis."""
        return self.end_s - self.start_s

    @property
    def stance_percent(self) -> float:
        """Where toe-off lies, in percent of the unit of analysis."""
        return 100.0 * (self.toe_off_s - self.start_s) / self.duration_s


@dataclass(frozen=True)
class LegMechanics:
    """One leg's mechanics at n instants as plain arrays: everything the loads need, nothing of OpenSim.

    d: free leg coordinates; m: muscles. Tibia axes: X forward, Y up, Z right; moments about the tibia frame's origin
    (the knee centre of the models this is made for).
    """

    side: Side
    coordinates: tuple[str, ...]  #: (d,) names without the side
    muscles: tuple[str, ...]  #: (m,) names as in the model
    joint_moment_Nm: Array  #: (n, d) net moment of the muscles (internal), in the coordinate's positive direction
    moment_arm_m: Array  #: (n, m, d) generalised force per newton of muscle tension
    active_force_N: Array  #: (n, m) tension along the tendon at full activation, without the passive part
    passive_force_N: Array  #: (n, m) passive tension along the tendon
    least_activation: Array  #: (m,) lower bound the model sets on each muscle's activation
    muscle_knee_wrench: Array  #: (n, m, 6) moment (m) and force (-) on the shank and foot per newton of tension
    external_knee_wrench: Array  #: (n, 6) moment (N m) and force (N) on shank and foot: ground, gravity, inertia
    tibia_to_femur: Array  #: (n, 3, 3) turns tibia components into femur components
    tibia_to_walkway: Array  #: (n, 3, 3) turns tibia components into walkway components (X progression, Y up)
    foot_progression_angle_deg: Array  #: (n,) toe-out positive
    centre_of_pressure_in_foot_m: Array  #: (n, 2) along the foot axis from the heel, and lateral of it
    step_width_m: float  #: left heel left of right heel is positive
    emg_muscles: tuple[str, ...] = ()  #: (k,) those of `muscles` whose activity was recorded
    emg_envelope: Array = field(
        default_factory=lambda: np.zeros((0, 0))
    )  #: (n, k) of the recorded walk, delayed to when it acts
    emg_normalised_to: str = "maximum"  #: or "mvc", see `Electromyography`

    @property
    def n(self) -> int:
        """Number of instants."""
        return len(self.joint_moment_Nm)


@dataclass(frozen=True)
class MechanicsChecks:
    """Quality checks of the mechanics."""

    residual_force_pct_bw: (
        float | None
    )  #: largest resultant force at the pelvis, % body weight; None: one foot unrecorded
    residual_force_rms_pct_bw: float | None  #: its root mean square over the cycle
    residual_moment_pct_bw_ht: float | None  #: largest resultant moment at the pelvis, % body weight times height
    centre_of_pressure_outside_foot_m: float  #: largest distance outside the outline while loaded; 0 if inside
    foot_missed_mm: float = 0.0  #: largest distance of a heel on the ground from where the change of gait puts it
    foot_missed_deg: float = 0.0  #: largest angle of a foot on the ground from the one the change of gait gives it
    instants_not_converged: float = 0.0  #: number of the 101 instants whose pose of the changed gait was not settled


@dataclass(frozen=True)
class StrideGait:
    """How the body moved over the foot in one recorded stance, at k instants of it; see `advice.law_of_strides`."""

    body_from_pressure_m: Array  #: (k,) place of the whole body's centre of mass from the centre of pressure, lateral
    lean: Array  #: (k,) lateral over vertical ground force of this foot
    pressure_along_foot: Array  #: (k,) centre of pressure from the heel, fraction of foot length
    foot_length_m: float
    foot_progression_deg: float  #: mean over these instants, toe-out positive
    speed_m_s: float  #: of the pelvis past the standing foot
    step_length_m: float  #: this heel ahead of the other one at foot strike
    place_along_m: float  #: of the pelvis along the walkway at mid-stance


@dataclass(frozen=True)
class SolvedLeg:
    """The mechanics of one leg in one gait, and what the checks found."""

    mechanics: LegMechanics
    checks: MechanicsChecks
    findings: tuple[Finding, ...] = ()  #: about the recording and the model, as only the model can tell
    gait: StrideGait | None = None  #: of the recorded walk alone
