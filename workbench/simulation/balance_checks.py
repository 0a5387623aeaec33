"""Do motion and forces belong together: what Newton and Euler ask of the ground against what the plates measured.

The total force is compared over the instants at which every foot on the ground is on a plate. Each centre of pressure is
checked twice in single support: against the moment balance about the whole body's centre of mass, and against the
foot's midline. A shifted plate moves both; a leg whose angles are offset moves only the second.

Limits without a citation leave room around nine clean recordings of four people (CHECKS.md).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from workbench.core import gait
from workbench.core.events import Contact, contact_intervals
from workbench.core.findings import Finding, Severity
from workbench.core.types import Array, Trial
from workbench.core.vocabulary import LATERAL_SIGN, Side
from workbench.simulation.mechanics import kinetics
from workbench.simulation.model import GaitModel
from workbench.simulation.sampled_motion import PreparedTrial, SampledMotion, sample

LONGEST_LOOK_S: Final = 4.0  #: of a longer recording the middle is looked at
FEWEST_INSTANTS: Final = 16
#: Limits: doubtful, then serious.
FORCE_GAIN: Final = (0.05, 0.12)  #: mean vertical force against the model's weight
PLATE_GAIN: Final = (0.08, 0.15)
LAG_S: Final = (0.015, 0.035)
CLOCK_S: Final = (0.03, 0.06)  #: change of the lag from the first half to the second
SIDEWAYS_M: Final = (0.012, 0.025)  #: both centres of pressure the same way
BESIDE_M: Final = (0.016, 0.030)  #: one centre of pressure, mean of midline and balance
USUAL_LEG_MOTION_M: Final = 0.016  #: by so much the midline and the balance differ in clean recordings
LEG_MOTION_M: Final = (0.022, 0.040)  #: midline against balance, from there
FORWARD_M: Final = (0.035, 0.07)
FORE_AFT_GAIN: Final = ((0.6, 2.0), (0.4, 2.5))
MEAN_SHEAR_BW: Final = (0.03, 0.05)  #: medio-lateral, single support
SHEAR_ANGLE_DEG: Final = ((9.0, 14.0), (18.0, 30.0))  #: mean of both plates; one plate
SOLE_HEIGHT_M: Final = ((-0.03, 0.08), (-0.08, 0.12))
SOLE_DIFFERENCE_M: Final = (0.02, 0.035)
_STEP_S: Final = 0.02
_STANCE_S: Final = 0.65  # at least, where not all of it was recorded
_CLEAN: Final = "Range of nine clean recordings of four people, with room"
_HICKS: Final = "Hicks et al. 2015, J Biomech Eng 137:020905: residual force within 5 % of the external force"


@dataclass(frozen=True)
class FootBalance:
    """One foot in single support; lateral is away from the other foot."""

    vertical_gain: float  #: measured over needed
    lateral_of_balance_m: float  #: centre of pressure against the moment balance of the whole body
    ahead_of_balance_m: float
    lateral_of_midline_m: float  #: against the line from heel to second metatarsal head
    shear_angle_deg: float  #: measured shear turned from the needed one, about the vertical
    mean_lateral_shear_bw: float  #: measured less needed
    sole_height_m: float  #: lowest point of the sole above the centre of pressure


@dataclass(frozen=True)
class Balance:
    """Forces that were measured against those the motion needs; (n,) instants at which both are known."""

    time_s: Array
    needed_N: Array  #: (n, 3) forward, up, right
    measured_N: Array  #: (n, 3)
    feet: Mapping[Side, FootBalance]
    lag_s: float  #: forces behind the motion
    lag_change_s: float  #: from the first half to the second

    @property
    def gain(self) -> float:
        """Mean measured over mean needed vertical force."""
        return float(self.measured_N[:, 1].mean() / self.needed_N[:, 1].mean())

    @property
    def fore_aft_gain(self) -> float:
        """Slope of the measured on the needed force along the first axis."""
        return float(np.polyfit(self.needed_N[:, 0], self.measured_N[:, 0], 1)[0])


def measured_balance(model: GaitModel, prepared: PreparedTrial, trial: Trial, walkway: Array) -> Balance | None:
    """Compare motion and forces; None where too little of them can be compared.

    Parameters
    ----------
    model : GaitModel
    prepared : PreparedTrial
    trial : Trial
    walkway : (3, 3) array
        Rows forward, up, right.
    """
    span = _span(prepared)
    time_s = np.arange(*span, _STEP_S)
    if len(time_s) < FEWEST_INSTANTS:
        return None
    single, known = known_instants(trial, time_s)
    if np.count_nonzero(known) < FEWEST_INSTANTS:
        return None
    motion = sample(prepared, model, time_s)
    kinetic = kinetics(model, replace(motion, ground_reactions={}), None)
    load_Nm, load_N = kinetic.outside_load[..., :3], kinetic.outside_load[..., 3:]
    needed_N = -load_N.sum(axis=1)
    body_centre_m = kinetic.origin_m + np.einsum("nbij,bj->nbi", kinetic.rotation, model.body_centre_m)
    centre_m = np.einsum("b,nbi->ni", model.body_mass_kg, body_centre_m) / model.mass_kg
    about_centre = kinetic.origin_m - centre_m[:, None]
    needed_Nm = -(load_Nm + np.cross(about_centre, load_N)).sum(axis=1)
    measured_N = _measured(prepared, time_s, 0.0)
    feet = {}
    for side, alone in single.items():
        chosen = alone & (motion.ground_reactions[side].force_N[:, 1] > 0.3 * trial.subject.body_weight_N)
        if np.count_nonzero(chosen) >= FEWEST_INSTANTS // 2:
            feet[side] = _foot(
                model,
                motion,
                kinetic.rotation,
                kinetic.origin_m,
                centre_m,
                needed_N,
                needed_Nm,
                side,
                chosen,
                trial,
                walkway,
            )
    lag = _lag(prepared, time_s[known], needed_N[known])
    half = np.count_nonzero(known) // 2
    halves = [_lag(prepared, time_s[known][part], needed_N[known][part]) for part in (slice(half), slice(half, None))]
    return Balance(
        time_s[known],
        needed_N[known] @ walkway.T,
        measured_N[known] @ walkway.T,
        feet,
        lag,
        halves[1] - halves[0],
    )


def known_instants(trial: Trial, time_s: Array) -> tuple[dict[Side, NDArray[np.bool_]], NDArray[np.bool_]]:
    """Instants of single support by foot, and those at which every foot on the ground is on a plate, (n,)."""
    contacts = {
        side: contact_intervals(reaction.time_s, reaction.force_N[:, 1])
        for side, reaction in trial.ground_reactions.items()
    }
    single = {side: _within(time_s, [_single_support(c) for c in found]) for side, found in contacts.items()}
    known = np.any(list(single.values()), axis=0)
    if len(contacts) == 2:
        known |= np.all([_within(time_s, [(c.start_s, c.end_s) for c in f]) for f in contacts.values()], axis=0)
    return single, known


def balance_findings(balance: Balance, trial: Trial, model: GaitModel) -> Iterator[Finding]:
    """Name what is wrong with plates, clock or motion."""
    weight_N = trial.subject.body_weight_N
    if len(balance.time_s) >= 2 * FEWEST_INSTANTS:
        yield from _timing(balance)
    # A force that lags looks like one of another size, place and direction: the cause is enough.
    if abs(balance.lag_s) > LAG_S[1]:
        return
    yield from _gains(balance, model)
    yield from _shear(balance)
    yield from _places(balance)
    yield from _soles(balance)
    residual = np.linalg.norm(balance.needed_N - balance.measured_N, axis=1) / weight_N
    rms = 100.0 * float(np.sqrt(np.mean(residual**2)))
    if rms > 8.0:
        yield _finding(
            "unexplained_force",
            "serious" if rms > 15.0 else "doubtful",
            f"A force of {rms:.0f} % of body weight (root mean square) is not explained by the motion.",
            "Check the mass, the scaling of the model, and that motion and forces belong together.",
            "8 % body weight",
            _HICKS + "; clean recordings show up to 6 %",
        )


def _span(prepared: PreparedTrial) -> tuple[float, float]:
    starts = [prepared.start_s, *(r.start_s for r in prepared.ground_reactions.values())]
    ends = [prepared.end_s, *(r.end_s for r in prepared.ground_reactions.values())]
    start_s, end_s = max(starts) + 0.05, min(ends) - 0.05
    if end_s - start_s > LONGEST_LOOK_S:
        middle = 0.5 * (start_s + end_s)
        start_s, end_s = middle - 0.5 * LONGEST_LOOK_S, middle + 0.5 * LONGEST_LOOK_S
    return start_s, end_s


def _single_support(contact: Contact) -> tuple[float, float]:
    """The middle half of a stance, in which the other foot is in the air."""
    stance_s = max(contact.end_s - contact.start_s, _STANCE_S)
    first = contact.start_s + 0.25 * stance_s if contact.start_recorded else contact.end_s - 0.5 * _STANCE_S
    last = contact.end_s - 0.25 * stance_s if contact.end_recorded else contact.start_s + 0.5 * _STANCE_S
    return first, last


def _within(time_s: Array, intervals: list[tuple[float, float]]) -> NDArray[np.bool_]:
    inside = np.zeros(len(time_s), dtype=bool)
    for first, last in intervals:
        inside |= (time_s >= first) & (time_s <= last)
    return inside


def _measured(prepared: PreparedTrial, time_s: Array, later_s: float) -> Array:
    total = np.zeros((len(time_s), 3))
    for spline in prepared.ground_reactions.values():
        total += spline.wrench(np.clip(time_s + later_s, spline.start_s, spline.end_s))[:, :3]
    return total


def _lag(prepared: PreparedTrial, time_s: Array, needed_N: Array) -> float:
    """By how much the forces come after the motion: the shift at which they fit best."""
    shifts = np.arange(-0.2, 0.2001, 0.005)
    misfit = [np.mean((needed_N - _measured(prepared, time_s, shift)) ** 2) for shift in shifts]
    best = int(np.argmin(misfit))
    return float(shifts[best])


def _foot(
    model: GaitModel,
    motion: SampledMotion,
    rotation: Array,
    origin_m: Array,
    centre_m: Array,
    needed_N: Array,
    needed_Nm: Array,
    side: Side,
    chosen: NDArray[np.bool_],
    trial: Trial,
    walkway: Array,
) -> FootBalance:
    leg, reaction = model.legs[side], motion.ground_reactions[side]
    force, point = reaction.force_N[chosen], reaction.point_m[chosen]
    off_balance = needed_Nm[chosen] - np.cross(point - centre_m[chosen], force) - reaction.torque_Nm[chosen]
    off_balance = off_balance @ walkway.T
    calcaneus, ankle = rotation[chosen, leg.calcaneus - 1], origin_m[chosen, leg.calcaneus - 1]
    axis = calcaneus @ leg.foot.axis * np.array([1.0, 0.0, 1.0])
    axis /= np.linalg.norm(axis, axis=1)[:, None]
    outward = LATERAL_SIGN[side] * np.cross(axis, gait.UP)
    from_heel = point - ankle - calcaneus @ leg.foot.heel_m
    sole = ankle[:, None] + np.einsum("nij,kj->nki", calcaneus, leg.foot.outline_m)
    needed, shear = ((v @ walkway.T)[:, [0, 2]] for v in (needed_N[chosen], force))
    across = (needed[:, 0] * shear[:, 1] - needed[:, 1] * shear[:, 0]).sum()
    return FootBalance(
        vertical_gain=float(force[:, 1].mean() / needed_N[chosen, 1].mean()),
        lateral_of_balance_m=LATERAL_SIGN[side] * float(np.mean(off_balance[:, 0] / force[:, 1])),
        ahead_of_balance_m=-float(np.mean(off_balance[:, 2] / force[:, 1])),
        lateral_of_midline_m=float(np.mean((from_heel * outward).sum(axis=1))),
        shear_angle_deg=float(np.degrees(np.arctan2(across, (needed * shear).sum()))),
        mean_lateral_shear_bw=float(np.mean(shear[:, 1] - needed[:, 1])) / trial.subject.body_weight_N,
        sole_height_m=float(np.mean(sole[:, :, 1].min(axis=1) - point[:, 1])),
    )


def _timing(balance: Balance) -> Iterator[Finding]:
    if abs(balance.lag_change_s) > CLOCK_S[0] and abs(balance.lag_s) < 0.19:
        yield _finding(
            "force_clock",
            _severity(abs(balance.lag_change_s), CLOCK_S),
            f"The lag of the forces changes by {1000 * balance.lag_change_s:+.0f} ms within"
            f" {np.ptp(balance.time_s):.1f} s: motion and forces run on different clocks.",
            "Check the sampling rates of both files.",
            "30 ms",
        )
    if abs(balance.lag_s) > LAG_S[0]:
        late = balance.lag_s > 0
        yield _finding(
            "late_forces" if late else "early_forces",
            _severity(abs(balance.lag_s), LAG_S),
            f"The forces {'lag' if late else 'lead'} the motion by {1000 * abs(balance.lag_s):.0f} ms.",
            "Put both on one clock: check triggers, frame offsets and filters that delay.",
            "15 ms",
        )


def _gains(balance: Balance, model: GaitModel) -> Iterator[Finding]:
    off = abs(balance.gain - 1.0)
    if off > FORCE_GAIN[0]:
        yield _finding(
            "force_gain",
            _severity(off, FORCE_GAIN),
            f"The mean vertical force is {balance.gain:.2f} of what the motion of a body of {model.mass_kg:.1f} kg needs.",
            "Weigh the person; check the plates' gain and unit.",
            "5 %",
            _HICKS,
        )
    for side, foot in balance.feet.items():
        off = abs(foot.vertical_gain - 1.0)
        if off > PLATE_GAIN[0]:
            yield _finding(
                "plate_gain",
                _severity(off, PLATE_GAIN),
                f"The {side} plate reads {foot.vertical_gain:.2f} of the vertical force that single support needs.",
                "Check this plate's gain, unit and columns.",
                "8 %",
            )


def _shear(balance: Balance) -> Iterator[Finding]:
    gain = balance.fore_aft_gain
    (low, high), (least, most) = FORE_AFT_GAIN
    if not low <= gain <= high:
        yield _finding(
            "shear_size",
            "doubtful" if least <= gain <= most else "serious",
            f"The fore-aft force is {gain:.2f} of what braking and push-off need.",
            "Check unit, sign and columns of the shear forces.",
            f"{low:g} to {high:g}",
        )
    for side, foot in balance.feet.items():
        if abs(foot.mean_lateral_shear_bw) > MEAN_SHEAR_BW[0]:
            yield _finding(
                "shear_size",
                _severity(abs(foot.mean_lateral_shear_bw), MEAN_SHEAR_BW),
                f"The sideways force under the {side} foot is {100 * abs(foot.mean_lateral_shear_bw):.0f} % of body weight"
                " off what the motion needs.",
                "Check unit, sign and columns of the shear forces.",
                "3 % body weight",
            )
    angles = {side: foot.shear_angle_deg for side, foot in balance.feet.items()}
    both, one = SHEAR_ANGLE_DEG
    if len(angles) == 2 and abs(np.mean(list(angles.values()))) > both[0]:
        angle = float(np.mean(list(angles.values())))
        yield _turned("shear forces of both plates are", angle, both)
    else:
        for side, angle in angles.items():
            if abs(angle) > one[0]:
                yield _turned(f"shear force of the {side} plate is", angle, one)


def _turned(what: str, angle_deg: float, limits: tuple[float, float]) -> Finding:
    return _finding(
        "shear_direction",
        _severity(abs(angle_deg), limits),
        f"The {what} turned by {angle_deg:+.0f} degrees about the vertical against what the motion needs.",
        "Check the axes of the plates in the laboratory, and the sign of the shear forces.",
        f"{limits[0]:g} degrees",
    )


def _places(balance: Balance) -> Iterator[Finding]:
    place = {s: 0.5 * (f.lateral_of_balance_m + f.lateral_of_midline_m) for s, f in balance.feet.items()}
    apart = {s: f.lateral_of_midline_m - f.lateral_of_balance_m - USUAL_LEG_MOTION_M for s, f in balance.feet.items()}
    to_right = float(np.mean([LATERAL_SIGN[side] * place[side] for side in place])) if len(place) == 2 else 0.0
    if abs(to_right) > SIDEWAYS_M[0]:
        yield _finding(
            "plate_sideways",
            _severity(abs(to_right), SIDEWAYS_M),
            f"Both centres of pressure lie {100 * abs(to_right):.1f} cm too far to the {'right' if to_right > 0 else 'left'}:"
            " lateral in one foot, medial in the other.",
            "Check the origin of the plates in the laboratory of the markers, and the pelvis list.",
            "1.2 cm",
        )
    for side, foot in balance.feet.items():
        if abs(place[side]) > BESIDE_M[0]:
            yield _finding(
                "force_beside_foot",
                _severity(abs(place[side]), BESIDE_M),
                f"The centre of pressure of the {side} foot lies {100 * abs(place[side]):.1f} cm too far"
                f" {'lateral' if place[side] > 0 else 'medial'}, by the foot's midline and the body's balance.",
                "Check the origin of this plate and which foot it belongs to.",
                f"{100 * BESIDE_M[0]:g} cm",
            )
        if abs(apart[side]) > LEG_MOTION_M[0]:
            yield _finding(
                "leg_motion",
                _severity(abs(apart[side]), LEG_MOTION_M),
                f"The {side} foot stands {100 * abs(apart[side]):.1f} cm too far"
                f" {'medial' if apart[side] > 0 else 'lateral'} of where the body's balance puts its centre of pressure.",
                "Check hip adduction, pelvis list and the markers of this leg.",
                f"{100 * LEG_MOTION_M[0]:g} cm",
            )
        if abs(foot.ahead_of_balance_m) > FORWARD_M[0]:
            yield _finding(
                "plate_forward",
                _severity(abs(foot.ahead_of_balance_m), FORWARD_M),
                f"The centre of pressure of the {side} foot lies {100 * foot.ahead_of_balance_m:+.1f} cm ahead of"
                " where the body's balance needs it.",
                "Check the origin of this plate.",
                f"{100 * FORWARD_M[0]:g} cm",
            )


def _soles(balance: Balance) -> Iterator[Finding]:
    heights = {side: foot.sole_height_m for side, foot in balance.feet.items()}
    (low, high), (least, most) = SOLE_HEIGHT_M
    for side, height in heights.items():
        if not low <= height <= high:
            yield _finding(
                "foot_on_ground",
                "doubtful" if least <= height <= most else "serious",
                f"In mid-stance the sole of the {side} foot is {100 * height:+.1f} cm above the plate.",
                "Check the model's scaling, the height of the person, and the vertical origin.",
                f"{100 * low:g} to {100 * high:g} cm",
            )
    if len(heights) == 2 and abs(heights["left"] - heights["right"]) > SOLE_DIFFERENCE_M[0]:
        difference = heights["left"] - heights["right"]
        yield _finding(
            "foot_on_ground",
            _severity(abs(difference), SOLE_DIFFERENCE_M),
            f"In mid-stance the left sole is {100 * difference:+.1f} cm higher than the right one.",
            "Check pelvis list, hip and knee angles, and that both legs of the model have one length.",
            "2 cm",
        )


def _severity(value: float, limits: tuple[float, float]) -> Severity:
    return "serious" if value > limits[1] else "doubtful"


def _finding(code: str, severity: Severity, problem: str, remedy: str, limit: str, source: str = _CLEAN) -> Finding:
    return Finding(code, severity, "recording", problem, remedy, limit=limit, source=source)
