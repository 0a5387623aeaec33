"""Value types: frozen, validated, in SI units unless a name says otherwise."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from workbench.core.errors import SettingError, TrialError
from workbench.core.findings import Finding
from workbench.core.vocabulary import STANDARD_GRAVITY, Side

Array = NDArray[np.float64]

#: Height, in statures, at which the ground reaction aims as a body sways over its feet: METHODS, section 2.
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
    estimated_forces: bool = False  #: True where the ground reactions are estimated from the motion, not measured
    periodic: bool = False  #: True where the recording is one closed cycle (a mean stride)
    findings: tuple[Finding, ...] = ()  #: what the checks found that does not forbid its use, and how it was made
    source_sha256: Mapping[str, str] = field(default_factory=dict)  #: hash by file name, for provenance


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
class Processing:
    """How the recording is filtered and cut.

    Parameters
    ----------
    coordinate_cutoff_hz, force_cutoff_hz : float
        Low-pass cut-off of the joint coordinates and of the ground reaction (Butterworth, 4th order, zero lag). The
        same for both by default: with unequal cut-offs impacts show in the joint moments that the motion does not
        have (Kristianslund et al. 2012, J Biomech 45:666; Bezodis et al. 2013, J Biomech 46:1883).
    contact_threshold_N : float
        Vertical force above which a foot is on the ground, on the raw signal.

    Raises
    ------
    SettingError
        If a number lies outside 1 to 50 Hz (coordinates), 1 to 500 Hz (force) or 1 to 200 N.

    Examples
    --------
    >>> Processing(coordinate_cutoff_hz=8.0, force_cutoff_hz=8.0)
    Processing(coordinate_cutoff_hz=8.0, force_cutoff_hz=8.0, contact_threshold_N=20.0)
    >>> Processing(coordinate_cutoff_hz=0.1)
    Traceback (most recent call last):
    workbench.core.errors.SettingError: the cut-off of the coordinates is 0.1 Hz, outside 1 to 50 Hz.
    """

    coordinate_cutoff_hz: float = 6.0
    force_cutoff_hz: float = 6.0
    contact_threshold_N: float = 20.0

    def __post_init__(self) -> None:
        _within(self.coordinate_cutoff_hz, 1.0, 50.0, "the cut-off of the coordinates", "Hz")
        _within(self.force_cutoff_hz, 1.0, 500.0, "the cut-off of the ground reaction", "Hz")
        _within(self.contact_threshold_N, 1.0, 200.0, "the contact threshold", "N")


@dataclass(frozen=True)
class GaitModification:
    """A virtual change of gait, with every assumption behind it.

    Parameters
    ----------
    foot_progression_change_deg : float
        Turn of the foot about the vertical; toe-out positive, -20 to 20.
    step_width_change_m : float
        Change of step width; wider positive, -0.15 to 0.15.
    sides : {"both", "one"}
        Whether both feet change or only the analysed one (which then takes the whole step-width change).
    pivot : float
        The point of the foot axis about which the foot turns, as a fraction of foot length from the heel.
    virtual_point_statures : float or None
        Balance held: height, in statures, of the point at which the ground reaction keeps aiming when the step width
        changes; None keeps the recorded direction.
    swing_fade : float or None
        How far the change fades out in mid-swing: 1 returns to the recorded path, 0 holds the change throughout; None
        is 0 with the balance solved, 1 with the pelvis held.
    balance : {"solved", "held"}
        Solved: the body sways with the feet and the ground reaction leans with both, so that force is mass times
        acceleration as it was in the recording. Held: the pelvis keeps its place, and the ground reaction follows
        `virtual_point_statures`.
    lean_height_statures : float or None
        Balance solved: the height, in statures, at which the ground reaction aims as the body sways over its feet;
        None takes the one that this recording tells (`workbench.core.balance.lean_height`).

    Raises
    ------
    SettingError
        If a number lies outside its limits; the text names them.

    Examples
    --------
    >>> toe_in = GaitModification(foot_progression_change_deg=-10.0, pivot=0.35)
    >>> toe_in.sides, toe_in.balance, toe_in.is_none
    ('both', 'solved', False)
    >>> GaitModification(step_width_change_m=4.0)
    Traceback (most recent call last):
    workbench.core.errors.SettingError: the change of step width is 4 m, outside -0.15 to 0.15 m.
    """

    foot_progression_change_deg: float = 0.0
    step_width_change_m: float = 0.0
    sides: Literal["both", "one"] = "both"
    pivot: float = 0.5
    virtual_point_statures: float | None = 1.0
    swing_fade: float | None = None
    balance: Literal["solved", "held"] = "solved"
    lean_height_statures: float | None = USUAL_LEAN_STATURES

    def __post_init__(self) -> None:
        _within(self.foot_progression_change_deg, -20.0, 20.0, "the change of foot progression angle", "degrees")
        _within(self.step_width_change_m, -0.15, 0.15, "the change of step width", "m")
        _within(self.pivot, 0.0, 1.0, "the pivot", "of foot length")
        if self.swing_fade is not None:
            _within(self.swing_fade, 0.0, 1.0, "the swing fade", "(a fraction)")
        if self.lean_height_statures is not None:
            _within(self.lean_height_statures, 0.45, 2.0, "the lean height", "statures")
        if self.virtual_point_statures is not None:
            _within(self.virtual_point_statures, 0.7, 10.0, "the virtual point", "statures")
        if self.sides not in ("both", "one"):
            raise SettingError(f"sides is {self.sides!r}.", remedy='Use "both" or "one".')
        if self.balance not in ("solved", "held"):
            raise SettingError(f"balance is {self.balance!r}.", remedy='Use "solved" or "held".')

    @property
    def is_none(self) -> bool:
        """True if nothing is changed.

        Examples
        --------
        >>> GaitModification(pivot=0.35).is_none  # an assumption, but no change
        True
        """
        return self.foot_progression_change_deg == 0.0 and self.step_width_change_m == 0.0

    @property
    def fade_in_swing(self) -> float:
        """How far the change fades out in mid-swing, 0 to 1.

        Examples
        --------
        >>> GaitModification().fade_in_swing, GaitModification(balance="held").fade_in_swing
        (0.0, 1.0)
        """
        if self.swing_fade is not None:
            return self.swing_fade
        return 0.0 if self.balance == "solved" else 1.0

    @property
    def force_rule(self) -> str:
        """What the ground reaction does, in words.

        Examples
        --------
        >>> GaitModification().force_rule
        'the body sways with the feet, the force aims 0.7 statures high'
        >>> GaitModification(balance="held", virtual_point_statures=None).force_rule
        'pelvis held, force direction kept'
        """
        if self.balance == "solved":
            own = self.lean_height_statures is None
            aim = "as high as recorded" if own else f"{self.lean_height_statures:g} statures high"
            return f"the body sways with the feet, the force aims {aim}"
        if self.virtual_point_statures is None:
            return "pelvis held, force direction kept"
        return f"pelvis held, for step width the force aims {self.virtual_point_statures:g} statures high"


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

    @property
    def n(self) -> int:
        """Number of instants."""
        return len(self.joint_moment_Nm)


@dataclass(frozen=True)
class MechanicsChecks:
    """Figures that tell how far the mechanics can be trusted."""

    residual_force_pct_bw: (
        float | None
    )  #: largest resultant force at the pelvis, % body weight; None: one foot unrecorded
    residual_force_rms_pct_bw: float | None  #: its root mean square over the cycle
    residual_moment_pct_bw_ht: float | None  #: largest resultant moment at the pelvis, % body weight times height
    centre_of_pressure_outside_foot_m: float  #: largest distance outside the outline while loaded; 0 if inside
    foot_missed_mm: float = 0.0  #: largest distance of a heel on the ground from where the change of gait puts it
    foot_missed_deg: float = 0.0  #: largest angle of a foot on the ground from the one the change of gait gives it


@dataclass(frozen=True)
class SolvedLeg:
    """The mechanics of one leg in one gait, and what the checks found."""

    mechanics: LegMechanics
    checks: MechanicsChecks
    findings: tuple[Finding, ...] = ()  #: about the recording and the model, as only the model can tell


MOMENT_FRAMES = ("tibia", "femur", "walkway")


@dataclass(frozen=True)
class LoadSettings:
    """How contact force and moments are drawn from the mechanics of a leg.

    Parameters
    ----------
    weights : str
        Preset of muscle weights in the static optimisation, a key of `workbench.core.muscles.WEIGHT_PRESETS`.
    gastrocnemius_weight, hamstrings_weight : float or None
        Weight on squared activation of these muscles in place of the preset's, 0.1 to 100 (other muscles weigh 1);
        None keeps the preset's.
    compartments_may_lift_off : bool
        Whether a compartment may pull, as in OpenSim's static optimisation. Where it may not, the muscles hold it
        down, see `workbench.core.muscles.share_moments`.
    contact_spacing_m : float
        Distance between the medial and the lateral contact point.
    contact_offset_m : float
        Lateral shift of both contact points from the tibia frame's origin.
    frontal_alignment_deg : float
        Varus (positive) by which the knee lies lateral of where the model has it on the line from hip to ankle.
    passive_muscle_force : bool
        Whether the passive force of the muscle fibres is counted.
    moment_frame : {"tibia", "femur", "walkway"}
        Axes in which adduction and flexion moment are expressed.

    Raises
    ------
    SettingError
        If a number lies outside 20 to 80 mm (spacing), ±20 mm (offset), ±15 degrees or 0.1 to 100 (weights), or there
        is no such frame.

    Examples
    --------
    >>> LoadSettings(weights="equal").contact_spacing_m  # 40 mm, Lerner et al. 2015
    0.04
    >>> LoadSettings(moment_frame="foot")
    Traceback (most recent call last):
    workbench.core.errors.SettingError: the moment frame is 'foot'. Use one of tibia, femur, walkway.
    """

    weights: str = "contact"
    contact_spacing_m: float = 0.040
    contact_offset_m: float = 0.0
    frontal_alignment_deg: float = 0.0
    passive_muscle_force: bool = False
    moment_frame: str = "tibia"
    gastrocnemius_weight: float | None = None
    hamstrings_weight: float | None = None
    compartments_may_lift_off: bool = False

    def __post_init__(self) -> None:
        _within(self.contact_spacing_m, 0.02, 0.08, "the contact spacing", "m")
        _within(self.contact_offset_m, -0.02, 0.02, "the contact offset", "m")
        _within(self.frontal_alignment_deg, -15.0, 15.0, "the frontal alignment", "degrees")
        for weight, muscles in (
            (self.gastrocnemius_weight, "gastrocnemius"),
            (self.hamstrings_weight, "hamstrings"),
        ):
            if weight is not None:
                _within(weight, 0.1, 100.0, f"the weight of the {muscles}", "(other muscles weigh 1)")
        if self.moment_frame not in MOMENT_FRAMES:
            raise SettingError(
                f"the moment frame is {self.moment_frame!r}.", remedy=f"Use one of {', '.join(MOMENT_FRAMES)}."
            )


def _within(value: float, low: float, high: float, what: str, unit: str) -> None:
    if not low <= value <= high:
        raise SettingError(f"{what} is {value:g} {unit}, outside {low:g} to {high:g} {unit}.")
