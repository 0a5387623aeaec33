"""A person's own strides: from their natural variation to settings of the simulated change and slopes of the peaks.

No two steps of a walk are alike. How the ground force leans when the foot lands closer to or farther from the body's
centre of mass, and where the centre of pressure moves when the foot is turned slightly, show for this person what the
simulation otherwise assumes. Walking speed, step length and position along the belt vary with both; partial regression
removes them.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from typing import Final

import numpy as np
from scipy import special

from workbench.core.changes import KINDS
from workbench.core.declaration import Number
from workbench.core.errors import SettingError
from workbench.core.loads import knee_loads
from workbench.core.own_law import OwnLaw, OwnSetting, OwnSlope
from workbench.core.settings import SETTINGS, GaitModification, LoadSettings
from workbench.core.types import Array, SolvedLeg, Stride, StrideGait, Subject, Trial
from workbench.core.vocabulary import Side

FEWEST_STRIDES: Final = 20
#: Least standard deviation between strides from which anything can be told.
LEAST_FOOT_ANGLE_SD_DEG: Final = 0.5
LEAST_DISTANCE_SD_M: Final = 0.003
#: Half-width of the 95 % confidence interval up to which a setting counts as settled: that of the range that is taken
#: as defensible without it (METHODS, section 2: recorded forces aim 0.57 to 0.83 statures high; pivot 0.35 to 0.65).
LEAN_HALF_WIDTH_STATURES: Final = 0.13
PIVOT_HALF_WIDTH: Final = 0.15

#: The peaks whose slopes are told, and per how much of what.
SLOPED_PEAKS: Final = ("kam_peak_1_pct_bw_ht", "kam_peak_2_pct_bw_ht", "mcf_peak_1_bw", "mcf_peak_2_bw")
SLOPE_STEPS: Final[dict[str, float]] = {
    kind.outcome: kind.slope_step for kind in KINDS.values() if kind.outcome is not None
}


def own_law_of(
    strides: Sequence[Stride],
    solve_recorded: Callable[[Sequence[Stride]], Sequence[SolvedLeg]],
    subject: Subject,
    settings: LoadSettings,
) -> OwnLaw:
    """Solve the recorded strides of one leg and analyse their variation.

    Parameters
    ----------
    strides : sequence of Stride
        All that were recorded of this leg.
    solve_recorded : callable
        Solves strides as recorded, in order; asked only where there are enough of them.
    subject : Subject
    settings : LoadSettings
        For the slopes of the peaks.

    Raises
    ------
    SettingError
        If there are fewer than twenty strides.
    """
    side = strides[0].side
    require_strides(len(strides), side)
    legs = solve_recorded(strides)
    peaks = [knee_loads(leg.mechanics, one, subject, settings).peaks for leg, one in zip(legs, strides, strict=True)]
    return own_law(side, gaits_of(legs), peaks, subject.height_m)


def gaits_of(legs: Sequence[SolvedLeg]) -> list[StrideGait]:
    """The gait of the recorded strides; empty unless known for every one."""
    known = [leg.gait for leg in legs if leg.gait is not None]
    return known if len(known) == len(legs) else []


def personalised(
    trial: Trial, template: GaitModification, law: OwnLaw, chosen: Collection[str] = ()
) -> tuple[Trial, GaitModification]:
    """The trial with the person's own law, and the change of gait with the assumptions it determines.

    Parameters
    ----------
    trial : Trial
    template : GaitModification
    law : OwnLaw
    chosen : collection of str
        Settings that somebody chose: those stay.
    """
    own = {name: value for name, value in law.assumptions.items() if name not in chosen}
    return replace(trial, own_law=law), GaitModification(**{**template.document(), **own})


def own_law(side: Side, gaits: Sequence[StrideGait], peaks: Sequence[Mapping[str, float]], height_m: float) -> OwnLaw:
    """Derive a person's own law from the recorded strides of one leg.

    Parameters
    ----------
    side : {"left", "right"}
    gaits : sequence of StrideGait
        One for each stride.
    peaks : sequence of mappings
        The numbers of `vocabulary.PEAKS` of the same strides.
    height_m : float
        Stature.

    Raises
    ------
    SettingError
        If there are fewer than twenty strides.
    """
    require_strides(len(gaits), side)
    others = covariates(gaits)
    distance_sd_m = float(np.sqrt(np.mean(_freed([one.body_from_pressure_m for one in gaits], others) ** 2)))
    angle_deg = np.array([one.foot_progression_deg for one in gaits])
    spread = {
        "foot_progression_angle_deg": float(angle_deg.std(ddof=1)),
        "step_width_m": float(np.std([one["step_width_m"] for one in peaks], ddof=1)),
        "body_from_pressure_m": distance_sd_m,
        "speed_m_s": float(others[:, 0].std(ddof=1)),
        "step_length_m": float(others[:, 1].std(ddof=1)),
        "place_along_m": float(others[:, 2].std(ddof=1)),
    }
    lean = _lean_height(gaits, others, height_m)
    pivot = _pivot(gaits, others)
    return OwnLaw(
        side=side,
        strides=len(gaits),
        spread=spread,
        settings=(
            _judged("lean_height_statures", lean, len(gaits), LEAN_HALF_WIDTH_STATURES,
                    "" if distance_sd_m >= LEAST_DISTANCE_SD_M else
                    f"the body's position over the foot varies by only {1000 * distance_sd_m:.1f} mm between strides;"
                    f" {1000 * LEAST_DISTANCE_SD_M:.0f} mm are needed"),
            _judged("pivot", pivot, len(gaits), PIVOT_HALF_WIDTH,
                    "" if spread["foot_progression_angle_deg"] >= LEAST_FOOT_ANGLE_SD_DEG else
                    f"the foot angle varies by only {spread['foot_progression_angle_deg']:.1f}° between strides;"
                    f" {LEAST_FOOT_ANGLE_SD_DEG:g}° are needed"),
        ),
        slopes=slopes(peaks, others),
    )  # fmt: skip


def require_strides(count: int, side: Side) -> None:
    """Reject a recording that is too short.

    Raises
    ------
    SettingError
        With what is needed.

    Examples
    --------
    >>> require_strides(3, "left")
    Traceback (most recent call last):
    workbench.core.errors.SettingError: 3 left strides are too few for this person's own settings: 20 are needed. Use \
a longer recording, for example a minute on a treadmill, or use the defaults.
    """
    if count < FEWEST_STRIDES:
        raise SettingError(
            f"{count} {side} stride{'s are' if count != 1 else ' is'} too few for this person's own settings:"
            f" {FEWEST_STRIDES} are needed.",
            remedy="Use a longer recording, for example a minute on a treadmill, or use the defaults.",
        )


def covariates(gaits: Sequence[StrideGait]) -> Array:
    """Walking speed, step length and position along the belt of each stride, (strides, 3)."""
    return np.array([[one.speed_m_s, one.step_length_m, one.place_along_m] for one in gaits])


def slopes(peaks: Sequence[Mapping[str, float]], others: Array) -> tuple[OwnSlope, ...]:
    """Partial regression of peaks on all that can be changed at once, with a 95 % interval from Student's t.

    Parameters
    ----------
    peaks : sequence of mappings
        Numbers of each stride.
    others : (strides, k) array
        What goes along and is taken out.
    """
    steps = SLOPE_STEPS
    changed = np.array([[one[name] for name in steps] for one in peaks]) / list(steps.values())
    design = np.column_stack([np.ones(len(peaks)), _centred(changed), _scaled(others)])
    freedom = len(peaks) - design.shape[1]
    covariance = np.linalg.pinv(design.T @ design)
    quantile = float(special.stdtrit(freedom, 0.975))
    found = []
    for peak in SLOPED_PEAKS:
        values = np.array([one[peak] for one in peaks])
        fitted = covariance @ design.T @ values
        variance = float(np.sum((values - design @ fitted) ** 2)) / freedom
        for column, (change, step) in enumerate(steps.items(), start=1):
            half = quantile * float(np.sqrt(variance * covariance[column, column]))
            slope = float(fitted[column])
            found.append(OwnSlope(peak, change, step, slope, slope - half, slope + half))
    return tuple(found)


def _lean_height(gaits: Sequence[StrideGait], others: Array, height_m: float) -> tuple[float, float] | None:
    """Height, in statures, at which the force aims, and its standard error; None where it does not lean with the body.

    In F_lateral / F_vertical = (x - p) / h the slope is 1 / h; x - p is the lateral place of the body's centre of mass
    from the centre of pressure. Instant by instant the mean over the strides is taken out, so that only what differs
    between strides counts; the error takes the instants of one stride as one observation (clustered).
    """
    distance = _freed([one.body_from_pressure_m for one in gaits], others)
    lean = _freed([one.lean for one in gaits], others)
    slope, error = _through_origin(distance, lean, others.shape[1])
    if slope <= 0.0:
        return None
    return 1.0 / (slope * height_m), error / (slope**2 * height_m)


def _pivot(gaits: Sequence[StrideGait], others: Array) -> tuple[float, float]:
    """The point of the foot, as a fraction of its length, whose lateral place does not go with the foot angle.

    A foot turned by a about the fraction v moves a centre of pressure at the fraction c outwards by (c - v) a times
    the foot's length. Step width is not taken out: it is measured at the heel, which the turn itself moves.
    """
    angle = _freed(np.radians([[one.foot_progression_deg] for one in gaits]), others)
    from_body_m = -_freed([one.body_from_pressure_m for one in gaits], others)
    length_m = float(np.mean([one.foot_length_m for one in gaits]))
    place = np.mean([one.pressure_along_foot for one in gaits], axis=0)
    slope, error = _through_origin(np.broadcast_to(angle, from_body_m.shape), from_body_m, others.shape[1])
    return float(place.mean()) - slope / length_m, error / length_m


def _through_origin(x: Array, y: Array, taken_out: int) -> tuple[float, float]:
    """Slope of y on x, (strides, instants) each, and its standard error with each stride as one observation."""
    power = float(np.sum(x * x))
    slope = float(np.sum(x * y)) / power if power > 0.0 else 0.0
    of_stride = np.sum(x * (y - slope * x), axis=1)
    strides = len(x)
    variance = float(of_stride @ of_stride) * strides / (strides - 2 - taken_out)
    return slope, float(np.sqrt(variance)) / power if power > 0.0 else np.inf


def _freed(values: object, others: Array) -> Array:
    """What is left of values (strides, instants) after mean and covariates are taken out by least squares."""
    rows = np.asarray(values, dtype=float)
    design = np.column_stack([np.ones(len(rows)), _scaled(others)])
    return np.asarray(rows - design @ np.linalg.lstsq(design, rows, rcond=None)[0])


def _centred(values: Array) -> Array:
    return np.asarray(values - values.mean(axis=0))


def _scaled(values: Array) -> Array:
    spread = values.std(axis=0)
    return _centred(values) / np.where(spread > 0.0, spread, 1.0)


def _judged(name: str, found: tuple[float, float] | None, strides: int, needed: float, doubt: str) -> OwnSetting:
    """An estimate with whether it settles the setting."""
    setting = SETTINGS[name]
    assert isinstance(setting, Number)
    value, error = (round(found[0], 3), found[1]) if found else (None, None)
    if not doubt:
        half = float(special.stdtrit(strides - 5, 0.975)) * error if error is not None else np.inf
        if value is None or error is None:
            doubt = "the force does not lean with the body's position"
        elif half > needed:
            doubt = f"{value:.2f} ± {half:.2f}, 95 % interval; at most ± {needed:g} is acceptable"
        elif not setting.low <= value <= setting.high:
            doubt = f"{value:.2f} is outside {setting.low:g} to {setting.high:g}"
    return OwnSetting(name, setting.what, setting.unit, value, error, float(setting.default), needed, doubt)
