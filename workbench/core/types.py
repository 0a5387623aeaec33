"""Value types: frozen, validated, in SI units unless a name says otherwise."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from workbench.core.errors import SettingError, TrialError
from workbench.core.vocabulary import STANDARD_GRAVITY, Side

Array = NDArray[np.float64]


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
    if array.ndim != len(shape) or any(want is not None and got != want for got, want in zip(array.shape, shape)):
        raise TrialError(f"{what} has shape {array.shape}, expected {shape}.")
    if not np.isfinite(array).all():
        row = int(np.argwhere(~np.isfinite(array))[0][0])
        raise TrialError(f"{what} has a missing or infinite value at row {row + 1}.", remedy="Fill the gap or cut it.")
    array.flags.writeable = False
    return array


@dataclass(frozen=True)
class Subject:
    """The person who walked."""

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
    def body_weight_N(self) -> float:  # noqa: N802
        """Weight in newtons."""
        return self.mass_kg * STANDARD_GRAVITY

    @property
    def pct_bw_ht_Nm(self) -> float:  # noqa: N802
        """How many newton metres are one percent of body weight times height."""
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
        object.__setattr__(
            self, "values", frozen_array(self.values, (len(self.time_s), len(self.names)), "the motion")
        )


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
    filtered: bool = False  #: True where the recording was low-pass filtered already and must be used as it is
    periodic: bool = False  #: True where the recording is one closed cycle (a mean stride)
    notes: tuple[str, ...] = ()  #: what the user must know about this recording
    warnings: tuple[str, ...] = ()  #: what the checks found that does not forbid its use
    source_sha256: Mapping[str, str] = field(default_factory=dict)  #: hash by file name, for provenance


@dataclass(frozen=True)
class Stride:
    """From one foot strike to the next of the same foot, or one stance where that is all there is."""

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
        Height, in statures, of the point at which the ground reaction keeps aiming when the step width changes;
        None keeps the recorded direction.
    swing_fade : float
        How far the change fades out in mid-swing: 1 returns to the recorded path, 0 holds the change throughout.
    """

    foot_progression_change_deg: float = 0.0
    step_width_change_m: float = 0.0
    sides: Literal["both", "one"] = "both"
    pivot: float = 0.5
    virtual_point_statures: float | None = 1.0
    swing_fade: float = 1.0

    def __post_init__(self) -> None:
        _within(self.foot_progression_change_deg, -20.0, 20.0, "the change of foot progression angle", "degrees")
        _within(self.step_width_change_m, -0.15, 0.15, "the change of step width", "m")
        _within(self.pivot, 0.0, 1.0, "the pivot", "of foot length")
        _within(self.swing_fade, 0.0, 1.0, "the swing fade", "(a fraction)")
        if self.virtual_point_statures is not None:
            _within(self.virtual_point_statures, 0.7, 10.0, "the virtual point", "statures")
        if self.sides not in ("both", "one"):
            raise SettingError(f"sides is {self.sides!r}.", remedy='Use "both" or "one".')

    @property
    def is_none(self) -> bool:
        """True if nothing is changed."""
        return self.foot_progression_change_deg == 0.0 and self.step_width_change_m == 0.0


def _within(value: float, low: float, high: float, what: str, unit: str) -> None:
    if not low <= value <= high:
        raise SettingError(f"{what} is {value:g} {unit}, outside {low:g} to {high:g} {unit}.")
