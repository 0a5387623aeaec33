"""Checks that a recording must pass before it is used.

A check raises `TrialError` if results would be wrong, and returns a finding if the user only needs to know. The
limits are wide: they catch a wrong unit, sign, axis or file, not unusual gait.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np

from workbench.core.contacts import CONTACT_THRESHOLD_N, SHORTEST_CONTACT_S, contact_intervals
from workbench.core.errors import TrialError
from workbench.core.findings import Finding
from workbench.core.types import Array, GroundReaction, MeasuredLoads, Motion, Subject
from workbench.core.vocabulary import STANDARD_GRAVITY, Side

#: No measured number in any unit in use is larger; a file that holds one is damaged.
LARGEST_NUMBER: Final = 1e9
FEWEST_SAMPLES: Final = 20
SLOWEST_RATE_HZ: Final = 20.0  #: the 6 Hz low-pass needs several samples a cycle
LONGEST_GAP_S: Final = 0.1  #: a longer one is not bridged: a whole peak may be missing
SHORTEST_OVERLAP_S: Final = 0.3
PEAK_FORCE_BW: Final = (0.5, 2.5)
#: Mean vertical force over a contact; walking gives 0.7 to 0.9 body weights. Error, then warning.
MEAN_FORCE_BW: Final = (0.45, 1.3)
USUAL_MEAN_FORCE_BW: Final = (0.6, 1.0)
LARGEST_POINT_TRAVEL_M: Final = 3.0  #: during one contact; a foot is 0.3 m, a belt carries it about 1 m
#: Peak of the sum of medial and lateral force. Error, then warning: newtons and pounds-force differ by 4.4 only.
PEAK_IMPLANT_FORCE_BW: Final = (0.3, 10.0)
USUAL_PEAK_IMPLANT_FORCE_BW: Final = (1.2, 6.0)
_POUND: Final = 0.45359237  # kg
_MOST_OF_A_STANCE_S: Final = 0.5


def subject(mass: float, height: float, where: str) -> Subject:
    """Return the subject; point out a mass or height in the wrong unit."""
    if mass > 2000.0:
        raise TrialError(f"the mass is {mass:g}: grams?", where=where, remedy="Give the mass in kilograms.")
    if mass > 250.0:
        raise TrialError(f"the mass is {mass:g}: pounds or newtons?", where=where, remedy="Give the mass in kilograms.")
    if height > 1000.0:
        raise TrialError(f"the height is {height:g}: millimetres?", where=where, remedy="Give the height in metres.")
    if height > 50.0:
        raise TrialError(f"the height is {height:g}: centimetres?", where=where, remedy="Give the height in metres.")
    if height > 3.0:
        raise TrialError(f"the height is {height:g}: feet?", where=where, remedy="Give the height in metres.")
    try:
        return Subject(mass, height)
    except TrialError as error:
        raise TrialError(error.problem, where=where, remedy=error.remedy) from error


def finite(time_s: Array, values: Array, names: Sequence[str], where: str, remedy: str) -> None:
    """Reject missing, infinite and absurd numbers; `values` has shape (n, len(names))."""
    bad = ~(np.abs(values) <= LARGEST_NUMBER)
    if not bad.any():
        return
    row, column = (int(i) for i in np.argwhere(bad)[0])
    value = values[row, column]
    what = "is missing (NaN)" if np.isnan(value) else f"is {value:g}, which cannot be a measurement,"
    raise TrialError(f"{names[column]!r} {what} at {time_s[row]:.4f} s.", where=where, remedy=remedy)


def sampling(time_s: Array, where: str, what: str) -> list[Finding]:
    """Check that times increase evenly and are seconds."""
    absurd = ~(np.abs(time_s) <= LARGEST_NUMBER)
    if absurd.any():
        row = int(np.flatnonzero(absurd)[0])
        raise TrialError(
            f"the time in row {row + 1} of the numbers is {time_s[row]:g}.",
            where=where,
            remedy="Correct the time or remove the row.",
        )
    if len(time_s) < FEWEST_SAMPLES:
        raise TrialError(
            f"there are {len(time_s)} {what}, fewer than {FEWEST_SAMPLES}.", where=where, remedy="Use a longer part."
        )
    steps = np.diff(time_s)
    for bad, problem, remedy in (
        (steps == 0.0, "the time {0:.4f} s occurs twice", "Remove one of the two rows."),
        (steps < 0.0, "time runs backwards after {0:.4f} s", "Sort the rows, or keep one recording in the file."),
    ):
        if bad.any():
            at = float(time_s[int(np.flatnonzero(bad)[0])])
            raise TrialError(problem.format(at) + ".", where=where, remedy=remedy)
    step = float(np.median(steps))
    if step >= 0.5:
        raise TrialError(
            f"the {what} lie {step:g} s apart: milliseconds or frame numbers?",
            where=where,
            remedy="Give the time in seconds.",
        )
    gap = int(np.argmax(steps))
    if steps[gap] > max(LONGEST_GAP_S, 1.5 * step):
        raise TrialError(
            f"there is a gap of {steps[gap]:.3f} s after {time_s[gap]:.3f} s.",
            where=where,
            remedy="Fill the gap, or use the part before or after it (for the motion: start and end under [motion]).",
        )
    if 1.0 / step < SLOWEST_RATE_HZ:
        raise TrialError(
            f"there are only {1.0 / step:.1f} {what} per second.",
            where=where,
            remedy=f"At least {SLOWEST_RATE_HZ:g} are needed.",
        )
    if steps[gap] > 1.5 * step:
        return [
            doubt(
                "gap_bridged", where, f"A gap of {steps[gap]:.3f} s after {time_s[gap]:.3f} s was bridged.",
                "Check the curves there, or cut the recording.", f"{1.5 * step:.3f} s (one and a half samples)",
            )
        ]  # fmt: skip
    return []


def angle_unit(largest_knee_angle: float, in_degrees: bool | None, where: str) -> tuple[bool, list[Finding]]:
    """Compare the stated unit with the peak knee angle: the knee flexes 30 to 70 degrees in walking, about 1 rad."""
    if in_degrees is None:
        in_degrees = largest_knee_angle > 7.0
        unit = "degrees" if in_degrees else "radians"
        return in_degrees, [
            doubt(
                "angle_unit_guessed", where,
                f"The header has no inDegrees; the knee angles look like {unit} and were read as such.",
                "Write inDegrees=yes or inDegrees=no in the header.", "7 for the peak knee angle",
            )
        ]  # fmt: skip
    if in_degrees and largest_knee_angle < 3.0:
        raise TrialError(
            f"the header says inDegrees=yes, but the knee never bends beyond {largest_knee_angle:.2f}: radians?",
            where=where,
            remedy="Write inDegrees=no if the angles are in radians.",
        )
    if not in_degrees and largest_knee_angle > 7.0:
        raise TrialError(
            f"the header says inDegrees=no, but the knee bends to {largest_knee_angle:.1f}: degrees?",
            where=where,
            remedy="Write inDegrees=yes if the angles are in degrees.",
        )
    return in_degrees, []


def pelvis_height(height: Array, where: str) -> list[Finding]:
    """Check that the pelvis translation is in metres and upright."""
    typical = float(np.median(height))
    if abs(typical) > 10.0:
        unit = "millimetres" if abs(typical) > 300.0 else "centimetres"
        raise TrialError(
            f"pelvis_ty is about {typical:.0f}: {unit}?", where=where, remedy="Give the pelvis translations in metres."
        )
    if not 0.3 <= typical <= 1.6:
        return [
            doubt(
                "pelvis_height", where, f"pelvis_ty is about {typical:.2f} m, an unusual pelvis height.",
                "Check that Y is vertical and that the ground is at zero.", "0.3 to 1.6 m",
            )
        ]  # fmt: skip
    return []


def no_contact(side: Side, columns: str, where: str) -> TrialError:
    """Return the error for a foot that never touches the ground."""
    return TrialError(
        f"the {side} foot ({columns}) is never on the ground for {SHORTEST_CONTACT_S:g} s"
        f" with {CONTACT_THRESHOLD_N:g} N or more.",
        where=where,
        remedy="Check the columns of this foot, or leave the foot out.",
    )


def force_on_foot(
    time_s: Array, force_N: Array, side: Side, subject: Subject, columns: str, where: str
) -> list[Finding]:
    """Check unit, sign and axis of the force on one foot, shape (n, 3), against body weight."""
    vertical = force_N[:, 1]
    weight = subject.body_weight_N
    low, high = PEAK_FORCE_BW
    extent = np.abs(force_N).max(axis=0)
    who = f"the force on the {side} foot ({columns})"
    if not extent.any():
        raise TrialError(
            f"{who} is zero throughout.", where=where, remedy="Check the columns of this foot, or leave the foot out."
        )
    if np.ptp(vertical) == 0.0 and vertical[0] != 0.0:
        raise TrialError(
            f"{who} never changes: {vertical[0]:g} N throughout.",
            where=where,
            remedy="Check the columns and the plate.",
        )
    peak = float(vertical.max())
    if vertical.min() < -low * weight and peak < low * weight:
        raise TrialError(
            f"{who} points down.",
            where=where,
            remedy="Give the force acting on the foot, positive upward: change the sign of all components.",
        )
    horizontal = int(np.argmax(extent[[0, 2]])) * 2
    if peak < low * weight and extent[horizontal] >= low * weight:
        axis = "xyz"[horizontal]
        raise TrialError(
            f"{who} is largest along {axis}, not y: is {axis.upper()} the vertical axis?",
            where=where,
            remedy="Rotate the data so that X is forward, Y up and Z to the right.",
        )
    if peak < low * weight:
        peak_text = f"{who} peaks at {peak:.3g}"
        if low <= peak <= high:
            raise TrialError(
                f"{peak_text}: kilonewtons or body weights?", where=where, remedy="Give the forces in newtons."
            )
        for unit, newtons in (("pounds-force", 4.4482216152605), ("kilograms", STANDARD_GRAVITY)):
            if 0.9 <= peak * newtons / weight <= 1.4:
                raise TrialError(f"{peak_text}: {unit}?", where=where, remedy="Give the forces in newtons.")
        if peak < CONTACT_THRESHOLD_N:
            raise no_contact(side, columns, where)
        pounds = ": is the mass in pounds?" if 0.9 <= peak / (weight * _POUND) <= 1.4 else "."
        raise TrialError(
            f"{peak_text} N, {peak / weight:.2f} body weights{pounds}",
            where=where,
            remedy="Check the mass and the columns; the whole foot must land on its plate at least once.",
        )
    if peak > high * weight:
        raise TrialError(
            f"{who} peaks at {peak:.0f} N, {peak / weight:.1f} body weights.",
            where=where,
            remedy="Check the unit, the mass, and that no plate is listed twice; running cannot be analysed.",
        )
    return _mean_force(time_s, vertical, side, subject, who, where)


def _mean_force(time_s: Array, vertical_N: Array, side: Side, subject: Subject, who: str, where: str) -> list[Finding]:
    """Check the mean force over a contact against body weight."""
    contacts = contact_intervals(time_s, vertical_N)
    if not contacts:
        raise no_contact(side, who, where)
    if vertical_N.min() >= CONTACT_THRESHOLD_N:
        raise TrialError(
            f"{who} never falls below {CONTACT_THRESHOLD_N:g} N.",
            where=where,
            remedy="Remove the plate's zero offset; a standing trial cannot be analysed.",
        )
    # Most of a stance tells the mean nearly as well as all of it.
    long_enough = [c for c in contacts if c.complete or c.end_s - c.start_s >= _MOST_OF_A_STANCE_S]
    during = [vertical_N[(time_s >= c.start_s) & (time_s <= c.end_s)] for c in long_enough]
    if not during:
        return []
    # The best-loaded contact: a foot partly on another plate lowers the others, and only a wrong mass lowers all.
    mean = float(max(force.mean() for force in during)) / subject.body_weight_N
    least, most = MEAN_FORCE_BW
    if not least <= mean <= most:
        as_pounds = mean / _POUND
        hint = " is the mass in pounds?" if USUAL_MEAN_FORCE_BW[0] <= as_pounds <= USUAL_MEAN_FORCE_BW[1] else ""
        raise TrialError(
            f"{who} is {mean:.2f} body weights on average over a contact (0.7 to 0.9 is normal in walking):"
            + (hint or " mass and force do not match."),
            where=where,
            remedy="Give the mass in kilograms and the force in newtons.",
        )
    if not USUAL_MEAN_FORCE_BW[0] <= mean <= USUAL_MEAN_FORCE_BW[1]:
        return [
            doubt(
                "mean_force", where,
                f"{who[0].upper()}{who[1:]} is {mean:.2f} body weights on average over a contact (0.7 to 0.9 is normal"
                " in walking).",
                "Check the mass.", f"{USUAL_MEAN_FORCE_BW[0]:g} to {USUAL_MEAN_FORCE_BW[1]:g} BW",
            )
        ]  # fmt: skip
    return []


def point_unit(time_s: Array, reaction: GroundReaction, side: Side, where: str) -> None:
    """Check that the centre of pressure is in metres, by how far it travels during a contact."""
    travel = 0.0
    for contact in contact_intervals(time_s, reaction.force_N[:, 1]):
        during = (time_s >= contact.start_s) & (time_s <= contact.end_s)
        if during.any():
            travel = max(travel, float(np.ptp(reaction.point_m[during], axis=0).max()))
    if travel > LARGEST_POINT_TRAVEL_M:
        unit = "millimetres" if travel > 60.0 else "centimetres"
        raise TrialError(
            f"the centre of pressure under the {side} foot travels {travel:.0f} m during one contact: {unit}?",
            where=where,
            remedy="Give the centre of pressure in metres.",
        )


def measured_loads(loads: MeasuredLoads, motion: Motion, subject: Subject, where: str) -> list[Finding]:
    """Check unit, sign and clock of measured contact forces."""
    t, m = loads.time_s, motion.time_s
    if min(t[-1], m[-1]) - max(t[0], m[0]) < SHORTEST_OVERLAP_S:
        raise TrialError(
            f"the measured loads ({t[0]:.2f} to {t[-1]:.2f} s) and the motion ({m[0]:.2f} to {m[-1]:.2f} s)"
            " do not overlap in time.",
            where=where,
            remedy="Shift the measured loads to the clock of the motion.",
        )
    total = loads.medial_N + loads.lateral_N
    peak_bw = float(total.max()) / subject.body_weight_N
    least, most = PEAK_IMPLANT_FORCE_BW
    if total.min() < -least * subject.body_weight_N and peak_bw < least:
        raise TrialError(
            "the measured loads are negative: compression must be positive.",
            where=where,
            remedy="Change the sign of the medial and the lateral force.",
        )
    if not least <= peak_bw <= most:
        raise TrialError(
            f"the measured loads peak at {peak_bw:.3g} body weights, outside {least:g} to {most:g}: wrong unit?",
            where=where,
            remedy='Give their unit as "N", "lbf" or "BW".',
        )
    least, most = USUAL_PEAK_IMPLANT_FORCE_BW
    if not least <= peak_bw <= most:
        return [
            doubt(
                "measured_peak", where,
                f"The measured loads peak at {peak_bw:.2f} body weights (2 to 3 is normal in walking).",
                "Check the unit (N or lbf).", f"{least:g} to {most:g} BW",
            )
        ]  # fmt: skip
    return []


def doubt(code: str, where: str, problem: str, remedy: str, limit: str = "") -> Finding:
    """Return a doubtful finding about the recording."""
    source = "usual range in walking; rule of thumb of this program" if limit else ""
    return Finding(code, "doubtful", "recording", problem, remedy, where, limit, source)
