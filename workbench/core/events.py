"""Foot strike and toe-off, and the strides between them.

Events given with the trial are used as they are; otherwise they are found from the vertical ground reaction force as it
was recorded, unfiltered, because filtering moves the moment at which a threshold is crossed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from workbench.core.contacts import CONTACT_THRESHOLD_N, Contact, contact_intervals
from workbench.core.errors import SettingError, TrialError
from workbench.core.findings import Finding
from workbench.core.types import Array, Stride, Trial
from workbench.core.vocabulary import CYCLE_PERCENT, Side

STRIDE_DURATION_S: Final = (0.4, 3.0)
STANCE_DURATION_S: Final = (0.3, 2.0)
STANCE_PERCENT: Final = (40.0, 85.0)
#: A foot that never carries this share of body weight stood only partly on its plate.
LEAST_PEAK_BW: Final = 0.5


@dataclass(frozen=True)
class StrideSearch:
    """The strides of one foot, and why others were left out."""

    strides: tuple[Stride, ...]  #: whole strides; where there is none, complete stances
    findings: tuple[Finding, ...]  #: one for each stride or stance that was left out


def find_strides(trial: Trial, side: Side, *, threshold_N: float = CONTACT_THRESHOLD_N) -> tuple[Stride, ...]:
    """Return the strides of one foot; see `search_strides`, which also lists what was left out.

    Parameters
    ----------
    trial : Trial
        The recording.
    side : {"left", "right"}
        The foot.
    threshold_N : float
        Vertical force from which a foot is on the ground.

    Returns
    -------
    tuple of Stride
        At least one, in time order, numbered from 1.

    Raises
    ------
    TrialError
        If the foot has no ground reaction, or neither a whole stride nor a complete stance.

    Examples
    --------
    >>> from workbench.trials import open_trial
    >>> [stride.number for stride in find_strides(open_trial("reference"), "left")]
    [1]
    """
    return search_strides(trial, side, threshold_N=threshold_N).strides


def search_strides(trial: Trial, side: Side, *, threshold_N: float = CONTACT_THRESHOLD_N) -> StrideSearch:
    """Find the strides of one foot that can be analysed.

    A stride runs from foot strike to the next foot strike of the same foot and must lie within the recorded motion
    and the recorded forces. Foot strikes and toe-offs given with the trial take precedence over those of the vertical
    force. Strides of implausible length, with an implausible share of stance (a foot on the wrong belt or plate), or
    with too little force for a whole foot on the plate are left out with a finding. Where no whole stride is left,
    complete stances are returned instead, ending at toe-off.

    Strides of a periodic trial may run past the end of the recording: the recording repeats itself.

    Parameters
    ----------
    trial : Trial
        The recording.
    side : {"left", "right"}
        The foot.
    threshold_N : float
        Vertical force from which a foot is on the ground.

    Returns
    -------
    StrideSearch
        At least one stride, in time order, numbered from 1, and the findings.

    Raises
    ------
    TrialError
        If the foot has no ground reaction, or neither a whole stride nor a complete stance.

    Examples
    --------
    >>> from workbench.trials import open_trial
    >>> (stride,) = search_strides(open_trial("reference"), "right").strides
    >>> round(stride.duration_s, 2), round(stride.stance_percent), stride.whole
    (1.11, 63, True)
    """
    time_s, vertical_N = _vertical_force(trial, side)
    contacts = contact_intervals(time_s, vertical_N, threshold_N)
    strikes = _strikes(trial, side, contacts)
    offs = _foot_offs(trial, side, contacts)
    first_s, last_s = _usable_span(trial, time_s)
    # An event is often written with fewer digits than the time of the frame it names.
    slack_s = 0.5 * float(np.median(np.diff(trial.motion.time_s)))

    left_out: list[Finding] = []
    whole: list[Stride] = []
    stances: list[Stride] = []
    for index, strike in enumerate(strikes):
        start_s = max(strike, first_s)
        if strike < first_s - slack_s or strike > last_s:
            continue
        following = strikes[index + 1] if index + 1 < len(strikes) else None
        off = next((t for t in offs if t > start_s and (following is None or t < following)), None)
        if off is None or off > last_s + slack_s:
            continue
        off_s = min(off, last_s)
        reason = _stance_objection(trial, time_s, vertical_N, start_s, off_s)
        if reason is not None:
            left_out.append(_left_out(f"The {side} stance at {start_s:.2f} s was left out: {reason}."))
            continue
        stances.append(Stride(side, len(stances) + 1, start_s, off_s, off_s))
        if following is None or following > last_s + slack_s:
            continue
        stride = Stride(side, len(whole) + 1, start_s, off_s, min(following, last_s))
        reason = _stride_objection(stride)
        if reason is not None:
            left_out.append(_left_out(f"The {side} stride at {start_s:.2f} s was left out: {reason}."))
            continue
        whole.append(stride)
    if not stances:
        raise TrialError(
            f"there is no complete stance of the {side} foot within the recorded motion and forces"
            f" ({first_s:.2f} to {last_s:.2f} s).",
            where=trial.name,
            remedy=" ".join(
                [
                    *map(str, left_out),
                    "Use a longer part of the recording, or give foot strikes and toe-offs under [events].",
                ]
            ),
        )
    return StrideSearch(tuple(whole or stances), tuple(left_out))


def most_typical(strides: Sequence[Stride], trial: Trial) -> Stride:
    """Return the stride whose vertical force is closest to the mean of all.

    Each curve is resampled to 101 points of its own stride; the distance is the root-mean-square difference from the
    mean curve. Of equal strides the one with the lowest number is returned.

    Parameters
    ----------
    strides : sequence of Stride
        Strides of one foot, at least one.
    trial : Trial
        The recording they come from.

    Returns
    -------
    Stride
        One of `strides`.

    Raises
    ------
    TrialError
        If there is no stride.

    Examples
    --------
    >>> from workbench.trials import open_trial
    >>> walk = open_trial("reference")
    >>> most_typical(find_strides(walk, "right"), walk).number
    1
    """
    if not strides:
        raise TrialError("there is no stride to choose from.", where=trial.name)
    ordered = sorted(strides, key=lambda stride: stride.number)
    time_s, vertical_N = _vertical_force(trial, ordered[0].side)
    curves = np.array(
        [np.interp(s.start_s + s.duration_s * CYCLE_PERCENT / 100.0, time_s, vertical_N) for s in ordered]
    )
    distance = np.sqrt(np.mean((curves - curves.mean(axis=0)) ** 2, axis=1))
    # Rounded, so that the last bits of a sum do not decide between equal strides.
    return ordered[int(np.argmin(np.round(distance, 9)))]


def chosen_stride(strides: Sequence[Stride], number: int | None, trial: Trial) -> Stride:
    """Return the stride with this number, or the most typical one if None.

    Parameters
    ----------
    strides : sequence of Stride
        Strides of one foot, at least one.
    number : int or None
        1-based; None for the most typical stride.
    trial : Trial
        The recording they come from.

    Raises
    ------
    SettingError
        If there is no stride of this number.

    Examples
    --------
    >>> from workbench.trials import open_trial
    >>> walk = open_trial("reference")
    >>> chosen_stride(find_strides(walk, "left"), 7, walk)
    Traceback (most recent call last):
    workbench.core.errors.SettingError: Reference walk: there is no left stride 7. Choose 1 to 1.
    """
    if number is None:
        return most_typical(strides, trial)
    for stride in strides:
        if stride.number == number:
            return stride
    raise SettingError(
        f"there is no {strides[0].side} stride {number}.", where=trial.name, remedy=f"Choose 1 to {len(strides)}."
    )


def _vertical_force(trial: Trial, side: Side) -> tuple[Array, Array]:
    """Time and vertical force of one foot; repeated where the trial is one closed cycle."""
    reaction = trial.ground_reactions.get(side)
    if reaction is None:
        raise TrialError(
            f"no ground reaction of the {side} foot was recorded.",
            where=trial.name,
            remedy="Analyse the other foot, or name this foot's columns under [ground_reactions].",
        )
    time_s, vertical_N = reaction.time_s, reaction.force_N[:, 1]
    if not trial.periodic:
        return time_s, vertical_N
    period_s = _period(trial)
    within = time_s < time_s[0] + period_s - 1e-9  # without the closing sample, which the next round starts with
    rounds = (-1.0, 0.0, 1.0, 2.0)
    return (
        np.concatenate([time_s[within] + k * period_s for k in rounds]),
        np.tile(vertical_N[within], len(rounds)),
    )


def _period(trial: Trial) -> float:
    """Length of the closed cycle in s: between two strikes of one foot, else the recorded length."""
    for strikes in trial.foot_strikes_s.values():
        if len(strikes) > 1:
            return float(strikes[1] - strikes[0])
    return float(trial.motion.time_s[-1] - trial.motion.time_s[0])


def _usable_span(trial: Trial, force_time_s: Array) -> tuple[float, float]:
    """First and last time with both motion and force."""
    motion_s = trial.motion.time_s
    if trial.periodic:
        return float(motion_s[0]), float(motion_s[0]) + 2.0 * _period(trial)
    return float(max(motion_s[0], force_time_s[0])), float(min(motion_s[-1], force_time_s[-1]))


def _strikes(trial: Trial, side: Side, contacts: Sequence[Contact]) -> tuple[float, ...]:
    given = trial.foot_strikes_s.get(side, ())
    found = tuple(given) if given else tuple(c.start_s for c in contacts if c.start_recorded)
    return _one_cycle(trial, found) if trial.periodic and found else found


def _foot_offs(trial: Trial, side: Side, contacts: Sequence[Contact]) -> tuple[float, ...]:
    given = trial.foot_offs_s.get(side, ())
    if given and trial.periodic:
        return tuple(sorted(off + k * _period(trial) for off in given for k in (0, 1)))
    return tuple(given) if given else tuple(c.end_s for c in contacts if c.end_recorded)


def _one_cycle(trial: Trial, strikes: tuple[float, ...]) -> tuple[float, ...]:
    """First strike within the recorded cycle, and the same strike one cycle later."""
    begin_s = float(trial.motion.time_s[0])
    first = next((strike for strike in strikes if strike >= begin_s - 1e-9), strikes[0])
    return first, first + _period(trial)


def _left_out(problem: str) -> Finding:
    return Finding("stride_left_out", "note", "recording", problem)


def _stance_objection(trial: Trial, time_s: Array, vertical_N: Array, start_s: float, off_s: float) -> str | None:
    shortest, longest = STANCE_DURATION_S
    duration = off_s - start_s
    if not shortest <= duration <= longest:
        return f"it lasts {duration:.2f} s (plausible: {shortest:g} to {longest:g} s)"
    during = vertical_N[(time_s >= start_s) & (time_s <= off_s)]
    peak_bw = float(during.max(initial=0.0)) / trial.subject.body_weight_N
    if peak_bw < LEAST_PEAK_BW:
        return (
            f"its vertical force peaks at only {peak_bw:.2f} body weights: the foot was probably partly off the plate"
        )
    return None


def _stride_objection(stride: Stride) -> str | None:
    shortest, longest = STRIDE_DURATION_S
    if not shortest <= stride.duration_s <= longest:
        return f"it lasts {stride.duration_s:.2f} s (plausible: {shortest:g} to {longest:g} s)"
    least, most = STANCE_PERCENT
    if not least <= stride.stance_percent <= most:
        return (
            f"stance is {stride.stance_percent:.0f} % of it (plausible: {least:g} to {most:g} %); a contact was"
            " missed, or a foot hit the wrong plate or belt"
        )
    return None
