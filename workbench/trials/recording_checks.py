"""What a recording must be like before it is used.

A check raises `TrialError` where a result would be wrong, and returns a finding where the user should only know. The
limits are wide: they catch a wrong unit, sign, axis or file, not unusual gait.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Final

import numpy as np

from workbench.core.contacts import CONTACT_THRESHOLD_N, SHORTEST_CONTACT_S, contact_intervals
from workbench.core.errors import TrialError
from workbench.core.events import find_strides
from workbench.core.findings import Finding
from workbench.core.types import Array, GroundReaction, MeasuredLoads, Motion, Subject, Trial
from workbench.core.vocabulary import SIDE_SUFFIX, SIDES, STANDARD_GRAVITY, Side, opposite

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
LATEST_STRIKE_S: Final = 0.1  #: a given foot strike further into the contact than this is doubtful
_POUND: Final = 0.45359237  # kg
_MOST_OF_A_STANCE_S: Final = 0.5


def subject(mass: float, height: float, where: str) -> Subject:
    """Return the subject; a mass or height in another unit is named."""
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
    """Refuse missing, infinite and absurd numbers; `values` has shape (n, len(names))."""
    bad = ~(np.abs(values) <= LARGEST_NUMBER)
    if not bad.any():
        return
    row, column = (int(i) for i in np.argwhere(bad)[0])
    value = values[row, column]
    what = "is missing (NaN)" if np.isnan(value) else f"is {value:g}, which is no measurement,"
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
        (steps == 0.0, "the time {0:.4f} s is there twice", "Remove one of the two rows."),
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
            remedy="Fill it, or use the part before or after it (start and end under [motion] if it is the motion).",
        )
    if 1.0 / step < SLOWEST_RATE_HZ:
        raise TrialError(
            f"there are only {1.0 / step:.1f} {what} a second.",
            where=where,
            remedy=f"At least {SLOWEST_RATE_HZ:g} are needed.",
        )
    if steps[gap] > 1.5 * step:
        return [
            _doubt(
                "gap_bridged", where, f"A gap of {steps[gap]:.3f} s after {time_s[gap]:.3f} s is bridged.",
                "Look at the curves there, or cut the recording.", f"{1.5 * step:.3f} s (one and a half samples)",
            )
        ]  # fmt: skip
    return []


def angle_unit(largest_knee_angle: float, in_degrees: bool | None, where: str) -> tuple[bool, list[Finding]]:
    """Compare the stated unit with the largest knee angle: walking bends the knee by 30 to 70 degrees, about 1 rad."""
    if in_degrees is None:
        in_degrees = largest_knee_angle > 7.0
        unit = "degrees" if in_degrees else "radians"
        return in_degrees, [
            _doubt(
                "angle_unit_guessed", where,
                f"The header has no inDegrees; the knee angles look like {unit} and are read so.",
                "Write inDegrees=yes or inDegrees=no in the header.", "7 for the largest knee angle",
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
            _doubt(
                "pelvis_height", where, f"pelvis_ty is about {typical:.2f} m, no usual pelvis height.",
                "Check that Y is the vertical axis and the ground at zero.", "0.3 to 1.6 m",
            )
        ]  # fmt: skip
    return []


def no_contact(side: Side, columns: str, where: str) -> TrialError:
    """Return the error for a foot that never touches the ground."""
    return TrialError(
        f"the {side} foot ({columns}) never stands on the ground for {SHORTEST_CONTACT_S:g} s"
        f" with {CONTACT_THRESHOLD_N:g} N or more.",
        where=where,
        remedy="Check the columns of this foot, or leave it out.",
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
            f"{who} is zero throughout.", where=where, remedy="Check the columns of this foot, or leave it out."
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
            remedy="Give the force of the ground on the foot, positive upward: change the sign of all components.",
        )
    horizontal = int(np.argmax(extent[[0, 2]])) * 2
    if peak < low * weight and extent[horizontal] >= low * weight:
        axis = "xyz"[horizontal]
        raise TrialError(
            f"{who} is largest along {axis}, not along y: is {axis.upper()} the vertical axis?",
            where=where,
            remedy="Turn the data so that X is forward, Y up and Z to the right.",
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
            remedy="Check the mass and the columns; a foot must stand wholly on its plate at least once.",
        )
    if peak > high * weight:
        raise TrialError(
            f"{who} peaks at {peak:.0f} N, {peak / weight:.1f} body weights.",
            where=where,
            remedy="Check the unit, the mass, and that no plate is named twice; running is not analysed.",
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
            remedy="Take the zero offset off the plate; a standing trial cannot be analysed.",
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
            f"{who} is {mean:.2f} body weights on average over a contact, where walking gives 0.7 to 0.9:"
            + (hint or " mass and force do not belong together."),
            where=where,
            remedy="Give the mass in kilograms and the force in newtons.",
        )
    if not USUAL_MEAN_FORCE_BW[0] <= mean <= USUAL_MEAN_FORCE_BW[1]:
        return [
            _doubt(
                "mean_force", where,
                f"{who[0].upper()}{who[1:]} is {mean:.2f} body weights on average over a contact, where walking gives"
                " 0.7 to 0.9.",
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
            remedy="Give the points of application in metres.",
        )


def overlap(motion: Motion, reactions: Mapping[Side, GroundReaction], where: str) -> None:
    """Check that motion and forces were recorded at the same time."""
    m = motion.time_s
    for side, reaction in reactions.items():
        f = reaction.time_s
        if min(m[-1], f[-1]) - max(m[0], f[0]) < SHORTEST_OVERLAP_S:
            raise TrialError(
                f"the motion ({m[0]:.2f} to {m[-1]:.2f} s) and the force on the {side} foot"
                f" ({f[0]:.2f} to {f[-1]:.2f} s) do not overlap in time.",
                where=where,
                remedy="Use files of one recording, on one clock.",
            )


def feet_not_swapped(trial: Trial) -> None:
    """Check that the loaded leg is the straighter one.

    A leg that carries half of body weight is bent by 5 to 25 degrees in walking and the other one, in swing, by 60.
    With the feet exchanged it is the other way round. The comparison between the legs holds for crouched gait too.
    """
    knee: dict[Side, Array] = {}
    for side in SIDES:
        angle = np.abs(trial.motion.values[:, trial.motion.names.index(f"knee_angle_{SIDE_SUFFIX[side]}")])
        knee[side] = angle if trial.motion.in_degrees else np.degrees(angle)
    differences = []
    for side, reaction in trial.ground_reactions.items():
        time_s = reaction.time_s
        motion_s = trial.motion.time_s
        loaded = (
            (reaction.force_N[:, 1] > 0.5 * trial.subject.body_weight_N)
            & (time_s >= motion_s[0])
            & (time_s <= motion_s[-1])
        )
        if loaded.any():
            own, other = (np.interp(time_s[loaded], motion_s, knee[s]).mean() for s in (side, opposite(side)))
            differences.append(own - other)
    if differences and min(differences) > 10.0:
        raise TrialError(
            "the knee of the loaded leg is bent further than that of the other leg: are left and right exchanged?",
            where=trial.name,
            remedy="Check which columns of the ground reaction belong to which foot.",
        )


def events(trial: Trial, where: str, recorded_s: tuple[float, float]) -> list[Finding]:
    """Check given foot strikes and foot offs against the recording, first to last time, and each other."""
    first_s, last_s = recorded_s
    slack_s = 0.05
    for side in SIDES:
        strikes, offs = trial.foot_strikes_s.get(side, ()), trial.foot_offs_s.get(side, ())
        for what, times in (("foot strike", strikes), ("foot off", offs)):
            for time in times:
                if not first_s - slack_s <= time <= last_s + slack_s:
                    raise TrialError(
                        f"the {side} {what} at {time:g} s lies outside the recording"
                        f" ({first_s:.2f} to {last_s:.2f} s).",
                        where=where,
                        remedy="Give the events in seconds, on the clock of the motion.",
                    )
            if any(b <= a for a, b in pairwise(times)):
                raise TrialError(
                    f"the {side} {what}s are not in time order.", where=where, remedy="Sort them and remove doubles."
                )
        merged = sorted([(t, "foot strike") for t in strikes] + [(t, "foot off") for t in offs])
        if strikes and offs:
            for (t, kind), (_, following) in pairwise(merged):
                if kind == following:
                    raise TrialError(
                        f"after the {side} {kind} at {t:g} s comes another {kind}.",
                        where=where,
                        remedy="Foot strikes and foot offs of one foot must alternate: add the missing one.",
                    )
    found = _strikes_during_contact(trial, where)
    left, right = (trial.foot_strikes_s.get(side, ()) for side in SIDES)
    if left and right:
        order = [side for _, side in sorted([(t, "left") for t in left] + [(t, "right") for t in right])]
        if any(a == b for a, b in pairwise(order)):
            found.append(
                _doubt(
                    "strikes_do_not_alternate", where, "Left and right foot strikes do not alternate.",
                    "Look for one that is missing.",
                )
            )  # fmt: skip
    return found


def _strikes_during_contact(trial: Trial, where: str) -> list[Finding]:
    """Tell of given foot strikes at which the foot had long been on the ground: another clock, or another foot."""
    found = []
    for side, reaction in trial.ground_reactions.items():
        contacts = [c for c in contact_intervals(reaction.time_s, reaction.force_N[:, 1]) if c.start_recorded]
        for time in trial.foot_strikes_s.get(side, ()):
            late = [c.start_s for c in contacts if c.start_s + LATEST_STRIKE_S < time < c.end_s]
            if late:
                found.append(
                    _doubt(
                        "late_strike", where,
                        f"The {side} foot strike at {time:g} s comes {time - late[0]:.2f} s after the foot came on the"
                        f" ground at {late[0]:.2f} s by its vertical force.",
                        "Check that the events are on the clock of the motion, and whose they are.",
                        f"{LATEST_STRIKE_S:g} s",
                    )
                )  # fmt: skip
    return found


def strides(trial: Trial) -> None:
    """Check that at least one foot has a stride or a complete stance."""
    failures = {}
    for side in trial.ground_reactions:
        try:
            find_strides(trial, side)
        except TrialError as error:
            failures[side] = error
    if len(failures) == len(trial.ground_reactions):
        first = next(iter(failures.values()))
        if len(failures) == 1:
            raise first
        raise TrialError(
            "there is no complete stance of either foot within the recorded motion and forces.",
            where=trial.name,
            remedy=f"{first.remedy}",
        ) from first


def measured_loads(loads: MeasuredLoads, motion: Motion, subject: Subject, where: str) -> list[Finding]:
    """Check unit, sign and clock of measured contact forces."""
    t, m = loads.time_s, motion.time_s
    if min(t[-1], m[-1]) - max(t[0], m[0]) < SHORTEST_OVERLAP_S:
        raise TrialError(
            f"the measured loads ({t[0]:.2f} to {t[-1]:.2f} s) and the motion ({m[0]:.2f} to {m[-1]:.2f} s)"
            " do not overlap in time.",
            where=where,
            remedy="Put the measured loads on the clock of the motion.",
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
            f"the measured loads peak at {peak_bw:.3g} body weights, outside {least:g} to {most:g}: another unit?",
            where=where,
            remedy='Give their unit as "N", "lbf" or "BW".',
        )
    least, most = USUAL_PEAK_IMPLANT_FORCE_BW
    if not least <= peak_bw <= most:
        return [
            _doubt(
                "measured_peak", where,
                f"The measured loads peak at {peak_bw:.2f} body weights, where walking gives 2 to 3.",
                "Check the unit (N or lbf).", f"{least:g} to {most:g} BW",
            )
        ]  # fmt: skip
    return []


def _doubt(code: str, where: str, problem: str, remedy: str, limit: str = "") -> Finding:
    source = "what is usual in walking; a rule of this program" if limit else ""
    return Finding(code, "doubtful", "recording", problem, remedy, where, limit, source)
