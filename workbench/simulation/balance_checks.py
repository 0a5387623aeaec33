"""What the balance of motion and forces says about plates, clock and joint angles.

Limits without a citation leave room around clean recordings of four people (tests/campaign).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import numpy as np

from workbench.core.findings import Finding, Severity, graded
from workbench.core.types import Trial
from workbench.core.vocabulary import LATERAL_SIGN
from workbench.simulation.balance import Balance
from workbench.simulation.model import GaitModel

#: Limits: doubtful, then serious.
FORCE_GAIN: Final = (0.05, 0.12)  #: mean vertical force against the model's weight
PLATE_GAIN: Final = (0.07, 0.15)
ONLY_PLATE_GAIN: Final = (0.14, 0.25)  #: one foot recorded: no whole stride to average over
LAG_S: Final = (0.012, 0.035)
_FEWEST_FOR_LAG: Final = 24  #: instants, half a second
CLOCK_S: Final = (0.03, 0.06)  #: change of the lag from the first half to the second
SIDEWAYS_M: Final = (0.012, 0.025)  #: both centres of pressure the same way
BESIDE_M: Final = (0.016, 0.030)  #: one centre of pressure, mean of midline and balance
USUAL_LEG_MOTION_M: Final = 0.016  #: by so much the midline and the balance differ in clean recordings
LEG_MOTION_M: Final = (0.022, 0.040)  #: midline against balance, from there
ALONG_SHARE: Final = ((0.28, 0.78), (0.15, 0.9))  #: of the foot's length, mean of single support
LEAST_ADVANCE_M: Final = 0.02  #: of the centre of pressure towards the toes, in 0.35 s of single support
FORWARD_M: Final = (0.035, 0.07)
FORE_AFT_GAIN: Final = ((0.6, 2.0), (0.4, 2.5))
MEAN_SHEAR_BW: Final = (0.03, 0.05)  #: medio-lateral, single support
SHEAR_ANGLE_DEG: Final = ((4.0, 10.0), (5.5, 15.0), (10.0, 20.0))  #: mean of both plates; one of them; the only one
SIDEWAYS_TRAVEL_M: Final = 0.003  #: of the centre of pressure; less tells nothing of its direction
REVERSED_AGREEMENT: Final = -0.45  #: of that with the body's balance; clean recordings show -0.28 to 0.92
SOLE_HEIGHT_M: Final = ((-0.03, 0.08), (-0.08, 0.12))
SOLE_DIFFERENCE_M: Final = (0.02, 0.035)
_CLEAN: Final = "Range in clean recordings of four people, with a margin"
_HICKS: Final = "Hicks et al. 2015, J Biomech Eng 137:020905: residual force within 5 % of the external force"


def balance_findings(balance: Balance, trial: Trial, model: GaitModel) -> Iterator[Finding]:
    """Find what is wrong with plates, clock or motion."""
    weight_N = trial.subject.body_weight_N
    if len(balance.time_s) >= _FEWEST_FOR_LAG:
        yield from _timing(balance)
        # A force that lags looks like one of another size, place and direction: the cause is enough. Shear of the wrong
        # sign looks like a lag, too.
        if abs(balance.lag_s) > LAG_S[1]:
            if balance.fore_aft_gain < 0.0:
                yield from _shear(balance)
            return
    yield from _gains(balance, model)
    yield from _shear(balance)
    yield from _places(balance)
    yield from _soles(balance)
    residual = np.linalg.norm(balance.needed_N - balance.measured_N, axis=1) / weight_N
    rms = 100.0 * float(np.sqrt(np.mean(residual**2)))
    if len(balance.feet) == 2 and rms > 8.0:
        yield _finding(
            "unexplained_force",
            "serious" if rms > 15.0 else "doubtful",
            f"The motion does not explain {rms:.0f} % of body weight of the force (root mean square).",
            "Check the mass, the model scaling, and that motion and forces belong to the same trial.",
            "8 % body weight",
            _HICKS + "; clean recordings reach up to 6 %",
        )


def _timing(balance: Balance) -> Iterator[Finding]:
    if abs(balance.lag_change_s) > CLOCK_S[0] and abs(balance.lag_s) < 0.19:
        yield _finding(
            "force_clock",
            graded(abs(balance.lag_change_s), CLOCK_S),
            f"The lag of the forces drifts by {1000 * balance.lag_change_s:+.0f} ms within"
            f" {np.ptp(balance.time_s):.1f} s: motion and forces run on different clocks.",
            "Check the sampling rates of both files.",
            "30 ms",
        )
    if abs(balance.lag_s) > LAG_S[0]:
        late = balance.lag_s > 0
        yield _finding(
            "late_forces" if late else "early_forces",
            graded(abs(balance.lag_s), LAG_S),
            f"The forces {'lag' if late else 'lead'} the motion by {1000 * abs(balance.lag_s):.0f} ms.",
            "Put both on the same clock: check triggers, frame offsets and filter delays.",
            "12 ms",
        )


def _gains(balance: Balance, model: GaitModel) -> Iterator[Finding]:
    off = abs(balance.gain - 1.0)
    both = len(balance.feet) == 2
    if both and off > FORCE_GAIN[0]:
        yield _finding(
            "force_gain",
            graded(off, FORCE_GAIN),
            f"The mean vertical force is {balance.gain:.2f} of what the motion of {model.mass_kg:.1f} kg requires.",
            "Check the person's mass, and the plates' gain and unit.",
            "5 %",
            _HICKS,
        )
    for side, foot in balance.feet.items():
        off = abs(foot.vertical_gain - 1.0)
        limits = PLATE_GAIN if both else ONLY_PLATE_GAIN
        if off > limits[0]:
            yield _finding(
                "plate_gain",
                graded(off, limits),
                f"The {side} plate reads {foot.vertical_gain:.2f} of the vertical force required in single support.",
                "Check this plate's gain, unit and columns.",
                f"{100 * limits[0]:g} %",
            )


def _shear(balance: Balance) -> Iterator[Finding]:
    gain = balance.fore_aft_gain
    (low, high), (least, most) = FORE_AFT_GAIN
    if not low <= gain <= high:
        yield _finding(
            "shear_size",
            "doubtful" if least <= gain <= most else "serious",
            f"The fore-aft force is {gain:.2f} of what braking and push-off require.",
            "Check unit, sign and columns of the shear forces.",
            f"{low:g} to {high:g}",
        )
    for side, foot in balance.feet.items():
        if abs(foot.mean_lateral_shear_bw) > MEAN_SHEAR_BW[0]:
            yield _finding(
                "shear_size",
                graded(abs(foot.mean_lateral_shear_bw), MEAN_SHEAR_BW),
                f"The mediolateral force under the {side} foot differs by {100 * abs(foot.mean_lateral_shear_bw):.0f}"
                " % of body weight from what the motion requires.",
                "Check unit, sign and columns of the shear forces.",
                "3 % body weight",
            )
    angles = {side: foot.shear_angle_deg for side, foot in balance.feet.items()}
    both, one, only = SHEAR_ANGLE_DEG
    mean = float(np.mean(list(angles.values()))) if len(angles) == 2 else 0.0
    single = [side for side, angle in angles.items() if abs(angle) > (one if len(angles) == 2 else only)[0]]
    if len(angles) == 2 and abs(mean) > both[0] and len(single) != 1:
        yield _turned("shear forces of both plates are", mean, both)
    else:
        for side in single:
            yield _turned(f"shear force of the {side} plate is", angles[side], one if len(angles) == 2 else only)


def _turned(what: str, angle_deg: float, limits: tuple[float, float]) -> Finding:
    return _finding(
        "shear_direction",
        graded(abs(angle_deg), limits),
        f"The {what} turned by {angle_deg:+.0f} degrees about the vertical relative to what the motion requires.",
        "Check the orientation of the plates in the laboratory, and the sign of the shear forces.",
        f"{limits[0]:g} degrees",
    )


def _places(balance: Balance) -> Iterator[Finding]:
    place = {s: 0.5 * (f.lateral_of_balance_m + f.lateral_of_midline_m) for s, f in balance.feet.items()}
    apart = {s: f.lateral_of_midline_m - f.lateral_of_balance_m - USUAL_LEG_MOTION_M for s, f in balance.feet.items()}
    to_right = float(np.mean([LATERAL_SIGN[side] * place[side] for side in place])) if len(place) == 2 else 0.0
    if abs(to_right) > SIDEWAYS_M[0]:
        yield _finding(
            "plate_sideways",
            graded(abs(to_right), SIDEWAYS_M),
            f"Both centres of pressure lie {100 * abs(to_right):.1f} cm too far to the"
            f" {'right' if to_right > 0 else 'left'} (lateral in one foot, medial in the other).",
            "Check the origin of the plates in the laboratory of the markers, and the pelvis list.",
            "1.2 cm",
        )
    for side, foot in balance.feet.items():
        if abs(place[side]) > BESIDE_M[0]:
            yield _finding(
                "force_beside_foot",
                graded(abs(place[side]), BESIDE_M),
                f"The centre of pressure of the {side} foot lies {100 * abs(place[side]):.1f} cm too far"
                f" {'lateral' if place[side] > 0 else 'medial'}, judged by the foot's midline and the balance of"
                " moments.",
                "Check the origin of this plate, and which foot was on it.",
                f"{100 * BESIDE_M[0]:g} cm",
            )
        if abs(apart[side]) > LEG_MOTION_M[0]:
            yield _finding(
                "leg_motion",
                graded(abs(apart[side]), LEG_MOTION_M),
                f"The {side} foot stands {100 * abs(apart[side]):.1f} cm too far"
                f" {'medial' if apart[side] > 0 else 'lateral'} of its centre of pressure, judged by the balance of"
                " moments.",
                "Check hip adduction, pelvis list and the markers of this leg.",
                f"{100 * LEG_MOTION_M[0]:g} cm",
            )
        (low, high), (least, most) = ALONG_SHARE
        if not low <= foot.along_share <= high:
            yield _finding(
                "leg_motion",
                "doubtful" if least <= foot.along_share <= most else "serious",
                f"In single support the centre of pressure of the {side} foot lies at {100 * foot.along_share:.0f} %"
                " of foot length from the heel.",
                "Check hip and knee flexion of this leg, and the origin of its plate.",
                f"{100 * low:g} to {100 * high:g} %",
            )
        if foot.advance_m < LEAST_ADVANCE_M:
            yield _finding(
                "plate_reversed",
                "serious",
                f"In single support the centre of pressure of the {side} foot moves {100 * foot.advance_m:+.1f} cm"
                " along the foot; it should travel towards the toes.",
                "Check the axes and the direction of this plate.",
                f"{100 * LEAST_ADVANCE_M:g} cm",
            )
        if foot.sideways_agreement < REVERSED_AGREEMENT and foot.sideways_travel_m > SIDEWAYS_TRAVEL_M:
            yield _finding(
                "plate_reversed",
                "doubtful",
                f"In single support the centre of pressure of the {side} foot moves sideways against what the body's"
                f" balance needs (correlation {foot.sideways_agreement:.2f}).",
                "Check the direction of this plate's medio-lateral axis.",
                f"{REVERSED_AGREEMENT:g}",
            )
        if abs(foot.ahead_of_balance_m) > FORWARD_M[0]:
            yield _finding(
                "plate_forward",
                graded(abs(foot.ahead_of_balance_m), FORWARD_M),
                f"The centre of pressure of the {side} foot lies {100 * foot.ahead_of_balance_m:+.1f} cm ahead of"
                " where the balance of moments requires it.",
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
                "Check the model scaling, the person's height, and the vertical origin.",
                f"{100 * low:g} to {100 * high:g} cm",
            )
    if len(heights) == 2 and abs(heights["left"] - heights["right"]) > SOLE_DIFFERENCE_M[0]:
        difference = heights["left"] - heights["right"]
        yield _finding(
            "foot_on_ground",
            graded(abs(difference), SOLE_DIFFERENCE_M),
            f"In mid-stance the left sole is {100 * difference:+.1f} cm higher than the right one.",
            "Check pelvis list, hip and knee angles, and that both legs of the model are equally long.",
            "2 cm",
        )


def _finding(code: str, severity: Severity, problem: str, remedy: str, limit: str, source: str = _CLEAN) -> Finding:
    return Finding(code, severity, "recording", problem, remedy, limit=limit, source=source)
