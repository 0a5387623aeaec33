"""Faults visible in single columns of a recording: spikes, jumps, frozen channels, impossible joint ranges."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import numpy as np

from workbench.core.contacts import contact_intervals
from workbench.core.errors import TrialError
from workbench.core.findings import Finding, Severity, graded
from workbench.core.types import Array, Trial

#: Beyond the joint speeds of walking (under 500 degrees/s, Winter 2009), a jump of this size is a wrapped angle.
JUMP_DEG: Final = 150.0
FREE_MOMENT_NM: Final = (20.0, 100.0)  #: under 10 in walking (Almosnino et al. 2009, Gait Posture 30:71); refused
SPIKE_DEG: Final = 1.0  #: smaller ones are noise
SPIKE_LEFT_DEG: Final = (0.25, 1.0)  #: of a one-frame spike behind the low-pass
#: Peak of what the 6 Hz low-pass, second order run both ways, makes of an impulse of one degree second, degrees.
_LEFT_OF_IMPULSE: Final = 13.3
HELD_SHARE: Final = 0.6  #: of the frames without any change
LATEST_EVENT_S: Final = 0.06
#: Smallest and largest range of motion in walking, and the farthest an angle may go, degrees (wide around Winter 2009
#: and crouched or stiff gait).
JOINT_RANGE_DEG: Final = {
    "hip_flexion": (15.0, 80.0, -50.0, 90.0),
    "hip_adduction": (2.0, 30.0, -25.0, 25.0),
    "hip_rotation": (1.0, 45.0, -45.0, 45.0),
    "knee_angle": (15.0, 100.0, -20.0, 110.0),
    "ankle_angle": (8.0, 75.0, -50.0, 45.0),
}


def refuse_absurd(trial: Trial) -> None:
    """Reject the impossible: an angle that jumps by a full turn, a free moment of over 100 N m.

    Raises
    ------
    TrialError
    """
    for name, values in _angles(trial).items():
        steps = np.abs(np.diff(values))
        if steps.max() > JUMP_DEG:
            at = float(trial.motion.time_s[int(np.argmax(steps)) + 1])
            raise TrialError(
                f"{name} jumps by {steps.max():.0f} degrees from one frame to the next at {at:.3f} s.",
                where=trial.name,
                remedy="Unwrap the angle (subtract 360 degrees), or run inverse kinematics again.",
            )
    for side, reaction in trial.ground_reactions.items():
        largest = float(np.abs(reaction.torque_Nm).max())
        if largest > FREE_MOMENT_NM[1]:
            raise TrialError(
                f"the free moment under the {side} foot reaches {largest:.0f} N m: newton millimetres?",
                where=trial.name,
                remedy="Give moments in newton metres, about the centre of pressure.",
            )


def signal_findings(trial: Trial) -> Iterator[Finding]:
    """Check the columns of the motion, the forces, the events and the measured loads."""
    yield from _motion(trial)
    yield from _forces(trial)
    yield from _events(trial)
    yield from _implant(trial)


def _angles(trial: Trial) -> dict[str, Array]:
    """Every angle in degrees; the heading, which passes half a turn where one walks towards -X, without that jump."""
    factor = 1.0 if trial.motion.in_degrees else float(np.degrees(1.0))
    angles = {
        name: factor * trial.motion.values[:, column]
        for column, name in enumerate(trial.motion.names)
        if not name.startswith("pelvis_t") or name == "pelvis_tilt"
    }
    return {name: np.unwrap(one, period=360.0) if name == "pelvis_rotation" else one for name, one in angles.items()}


def _motion(trial: Trial) -> Iterator[Finding]:
    time_s = trial.motion.time_s
    for name, values in _angles(trial).items():
        joint = name[:-2] if name[-2:] in ("_r", "_l") else ""
        if joint in JOINT_RANGE_DEG:
            yield from _range(joint, name, values)
        spike = _largest_spike(values)
        if spike is not None and (joint in JOINT_RANGE_DEG or name.startswith("pelvis")):
            at, size = spike
            left = size * _LEFT_OF_IMPULSE * float(np.median(np.diff(time_s)))
            if left > SPIKE_LEFT_DEG[0]:
                yield _finding(
                    "spike",
                    f"{name} has a spike of {size:.1f} degrees in one frame at {time_s[at]:.3f} s; {left:.1f} remain"
                    " after low-pass filtering.",
                    "Check the markers there; fill that frame again.",
                    f"{SPIKE_LEFT_DEG[0]:g} degrees after filtering",
                    graded(left, SPIKE_LEFT_DEG),
                )
    moving = np.array([v for n, v in _angles(trial).items() if n[:-2] in JOINT_RANGE_DEG])
    held = (np.diff(moving, axis=1) == 0.0).all(axis=0)
    longest = _longest_run(held)
    if longest >= 4:
        yield _finding(
            "frozen_motion",
            f"No joint moves for {longest + 1} frames: a gap seems to have been filled with the last frame.",
            "Fill the gap with a spline, or cut it with start and end.",
            "4 frames",
            "serious",
        )


def _range(joint: str, name: str, values: Array) -> Iterator[Finding]:
    least, most, low, high = JOINT_RANGE_DEG[joint]
    lowest, highest = float(values.min()), float(values.max())
    travel = highest - lowest
    if travel < 0.05:
        yield _finding("flat_angle", f"{name} never moves.", "Check the column.", "0.05 degrees", "serious")
    elif not least <= travel <= most or lowest < low or highest > high:
        yield _finding(
            "joint_range",
            f"{name} goes from {lowest:.0f} to {highest:.0f} degrees.",
            "Check its sign, its column, and that no two angles are swapped.",
            f"{low:g} to {high:g} degrees, travel {least:g} to {most:g}",
            "serious",
        )
    elif joint == "knee_angle" and float(values.mean()) < -5.0:
        yield _finding(
            "knee_sign", f"{name} is {values.mean():.0f} degrees on average.", "Flexion is positive.", "", "serious"
        )


def _largest_spike(values: Array) -> tuple[int, float] | None:
    """A frame away from the line of its neighbours far more than any other frame is."""
    off = np.zeros_like(values)
    off[2:-2] = values[2:-2] - (4 * (values[1:-3] + values[3:-1]) - values[:-4] - values[4:]) / 6.0
    at = int(np.argmax(np.abs(off)))
    others = np.abs(np.delete(off, slice(max(at - 2, 0), at + 3)))
    if abs(off[at]) > max(SPIKE_DEG, 4.0 * float(others.max(initial=0.0))):
        return at, float(abs(off[at]))
    return None


def _longest_run(flags: Array) -> int:
    longest = run = 0
    for flag in flags:
        run = run + 1 if flag else 0
        longest = max(longest, run)
    return longest


def _forces(trial: Trial) -> Iterator[Finding]:
    for side, reaction in trial.ground_reactions.items():
        loaded = reaction.force_N[:, 1] > 0.2 * trial.subject.body_weight_N
        if np.count_nonzero(loaded) < 10:
            continue
        for what, values, axes in (
            ("force", reaction.force_N, (0, 2)),
            ("centre of pressure", reaction.point_m, (0, 2)),
        ):
            for axis in axes:
                if np.mean(np.diff(values[loaded, axis]) == 0.0) > HELD_SHARE:
                    yield _finding(
                        "flat_channel",
                        f"The {what} of the {side} foot along {'xyz'[axis]} does not change while the foot is loaded.",
                        "Check the channel and the column.",
                        f"{100 * HELD_SHARE:g} % of the samples",
                        "serious",
                    )
        largest = float(np.abs(reaction.torque_Nm[loaded, 1]).max())
        if largest > FREE_MOMENT_NM[0]:
            yield _finding(
                "free_moment",
                f"The free moment under the {side} foot reaches {largest:.0f} N m.",
                "Check its unit, and that it refers to the centre of pressure.",
                f"{FREE_MOMENT_NM[0]:g} N m",
                "doubtful",
                "It stays below 10 N m in walking: Almosnino et al. 2009, Gait Posture 30:71",
            )
        weight = trial.subject.body_weight_N
        swing = reaction.force_N[:, 1] < 1.0
        if np.count_nonzero(swing) > 10:
            offset = float(np.abs(np.median(reaction.force_N[swing][:, [0, 2]], axis=0)).max())
            if offset > 0.01 * weight:
                yield _finding(
                    "plate_offset",
                    f"The {side} plate reads a shear force of {offset:.0f} N with nobody on it.",
                    "Zero the plate.",
                    "1 % body weight",
                    "doubtful",
                )


def _events(trial: Trial) -> Iterator[Finding]:
    for what, given in (("foot strike", trial.foot_strikes_s), ("toe-off", trial.foot_offs_s)):
        for side, times in given.items():
            if side not in trial.ground_reactions:
                continue
            reaction = trial.ground_reactions[side]
            contacts = contact_intervals(reaction.time_s, reaction.force_N[:, 1])
            ends = [
                c.start_s if what == "foot strike" else c.end_s
                for c in contacts
                if (c.start_recorded if what == "foot strike" else c.end_recorded)
            ]
            if not ends:
                continue
            late = [t - min(ends, key=lambda end, t=t: abs(end - t)) for t in times]  # type: ignore[misc]
            close = [x for x in late if LATEST_EVENT_S < abs(x) < 0.35]
            if close:
                yield _finding(
                    "late_event" if close[0] > 0 else "early_event",
                    f"The {side} {what} is given {1000 * abs(close[0]):.0f} ms {'after' if close[0] > 0 else 'before'}"
                    " the vertical force passes its threshold.",
                    "Correct the event, or leave the events out; they are then detected from the force.",
                    f"{1000 * LATEST_EVENT_S:g} ms",
                    "serious",
                )


def _implant(trial: Trial) -> Iterator[Finding]:
    loads = trial.measured_loads
    if loads is None:
        return
    total = loads.medial_N + loads.lateral_N
    carrying = total > 0.5 * trial.subject.body_weight_N
    if carrying.any():
        share = float(loads.medial_N[carrying].sum() / total[carrying].sum())
        if share < 0.5:
            yield _finding(
                "implant_columns",
                f"The implant carries {100 * share:.0f} % of its load medially: are medial and lateral swapped?",
                "Check the columns under [measured_loads].",
                "50 %",
                "doubtful",
                "Medial share 54 to 76 % in four implanted knees (Fregly et al. 2012, J Orthop Res 30:503)",
            )


def _finding(code: str, problem: str, remedy: str, limit: str, severity: Severity, source: str = "") -> Finding:
    return Finding(code, severity, "recording", problem, remedy, limit=limit, source=source or _DEFAULT_SOURCE)


_DEFAULT_SOURCE: Final = (
    "Wide limits around normal walking: Winter 2009, Biomechanics and Motor Control of Human Movement"
)
