"""Checks that motion, forces and events must pass together before a trial is used.

As in `workbench.trials.recording_checks`, a check raises `TrialError` where a result would be wrong, and returns a
finding where the user should only know.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from typing import Final

import numpy as np

from workbench.core.contacts import contact_intervals
from workbench.core.errors import TrialError
from workbench.core.events import find_strides
from workbench.core.findings import Finding
from workbench.core.types import Array, GroundReaction, Motion, Trial
from workbench.core.vocabulary import SIDE_SUFFIX, SIDES, Side, opposite
from workbench.trials.recording_checks import SHORTEST_OVERLAP_S, doubt

LATEST_STRIKE_S: Final = 0.1  #: a given foot strike further into the contact than this is doubtful


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
                remedy="Use files from the same recording, on the same clock.",
            )


def feet_not_swapped(trial: Trial) -> None:
    """Check that the loaded leg is the straighter one.

    In walking, a knee under half of body weight is flexed by 5 to 25 degrees and the other, in swing, by 60; with the
    feet swapped it is the other way round. This also holds for crouch gait.
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
            "the knee of the loaded leg is more flexed than that of the other leg: are left and right swapped?",
            where=trial.name,
            remedy="Check which columns of the ground reaction belong to which foot.",
        )


def events(trial: Trial, where: str, recorded_s: tuple[float, float]) -> list[Finding]:
    """Check given foot strikes and toe-offs against the recording, first to last time, and each other."""
    first_s, last_s = recorded_s
    slack_s = 0.05
    for side in SIDES:
        strikes, offs = trial.foot_strikes_s.get(side, ()), trial.foot_offs_s.get(side, ())
        for what, times in (("foot strike", strikes), ("toe-off", offs)):
            for time in times:
                if not first_s - slack_s <= time <= last_s + slack_s:
                    raise TrialError(
                        f"the {side} {what} at {time:g} s is outside the recording ({first_s:.2f} to {last_s:.2f} s).",
                        where=where,
                        remedy="Give the events in seconds, on the clock of the motion.",
                    )
            if any(b <= a for a, b in pairwise(times)):
                raise TrialError(
                    f"the {side} {what}s are not in time order.", where=where, remedy="Sort them and remove duplicates."
                )
        merged = sorted([(t, "foot strike") for t in strikes] + [(t, "toe-off") for t in offs])
        if strikes and offs:
            for (t, kind), (_, following) in pairwise(merged):
                if kind == following:
                    raise TrialError(
                        f"after the {side} {kind} at {t:g} s comes a second {kind}.",
                        where=where,
                        remedy="Foot strikes and toe-offs of one foot must alternate: add the missing one.",
                    )
    found = _strikes_during_contact(trial, where)
    left, right = (trial.foot_strikes_s.get(side, ()) for side in SIDES)
    if left and right:
        order = [side for _, side in sorted([(t, "left") for t in left] + [(t, "right") for t in right])]
        if any(a == b for a, b in pairwise(order)):
            found.append(
                doubt(
                    "strikes_do_not_alternate", where, "Left and right foot strikes do not alternate.",
                    "Check for a missing one.",
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
                    doubt(
                        "late_strike", where,
                        f"The {side} foot strike at {time:g} s comes {time - late[0]:.2f} s after the foot was loaded"
                        f" ({late[0]:.2f} s, from its vertical force).",
                        "Check that the events are on the clock of the motion and belong to this foot.",
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
