"""When the feet were on the ground, from the motion alone: for a walk without force plates."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np

from workbench.core.contacts import SHORTEST_CONTACT_S, Contact
from workbench.core.types import Array
from workbench.core.vocabulary import SIDES, Side

# Shares of walking speed, of the heel past the ground at foot strike and of the forefoot at toe-off. Chosen on the
# plates of four people (METHODS, section 9).
_HEEL_AT_STRIKE: Final = 0.35
_FOREFOOT_AT_TOE_OFF: Final = 1.0
#: The forefoot rests, and shows how fast the ground moves, between these fractions of its way back.
_FOOT_FLAT: Final = (0.35, 0.6)
#: Taken where the recording holds no whole stance, or no whole double support.
_USUAL_STANCE_S: Final = 0.7
_USUAL_DOUBLE_SUPPORT_S: Final = 0.15


def kinematic_contacts(time_s: Array, heel_m: Array, forefoot_m: Array, pelvis_m: Array) -> tuple[Contact, ...]:
    """Find the contacts of one foot, overground or on a treadmill.

    A foot strikes when its heel, on its way forward, has slowed to 0.35 walking speeds past the ground, and leaves when
    its forefoot passes 1.0 walking speed. Ground and walking speed are those of the forefoot, in the laboratory
    and past the pelvis, while it rests: as in the coordinate-based method of Zeni et al. 2008 (Gait Posture 27:710)
    the belt of a treadmill and the floor are treated alike. Against the plates under four people strike and
    toe-off are each off by 14 ms (root mean square, each person counted once), by 20 ms at most.

    Parameters
    ----------
    time_s : (n,) array
        Evenly spaced times.
    heel_m, forefoot_m, pelvis_m : (n,) arrays
        Places along the direction of walking, laboratory axes.

    Returns
    -------
    tuple of Contact
        In time order, those cut by an end of the recording among them.

    Examples
    --------
    >>> time_s = np.arange(0.0, 2.0, 0.01)  # two strides on a belt: 0.64 s back with it, 0.36 s forward
    >>> foot_m = np.interp(time_s % 1.0, [0.0, 0.64, 1.0], [0.4, -0.4, 0.4])
    >>> contacts = kinematic_contacts(time_s, foot_m, foot_m, np.zeros(200))
    >>> [(round(contact.start_s, 2), round(contact.end_s, 2), contact.complete) for contact in contacts]
    [(0.0, 0.64, False), (1.01, 1.64, True)]
    """
    step_s = float(time_s[1] - time_s[0])
    heel_speed, forefoot_speed, pelvis_speed = (np.gradient(place, step_s) for place in (heel_m, forefoot_m, pelvis_m))
    backwards = forefoot_speed < pelvis_speed
    change = np.diff(np.concatenate(([0], backwards.astype(np.int8), [0])))
    contacts = []
    for first, beyond in zip(np.flatnonzero(change == 1), np.flatnonzero(change == -1), strict=True):
        cut = first == 0 or beyond == len(time_s)
        if not cut and (beyond - first) * step_s < SHORTEST_CONTACT_S:
            continue
        begin, end = (int(first + fraction * (beyond - 1 - first)) for fraction in _FOOT_FLAT)
        ground = float(np.median(forefoot_speed[begin : end + 1]))
        walking = float(np.median(pelvis_speed[begin : end + 1])) - ground
        if walking <= 0.0:
            continue
        contacts.append(
            _contact(
                time_s,
                heel_speed - ground - _HEEL_AT_STRIKE * walking,
                forefoot_speed - ground - _FOREFOOT_AT_TOE_OFF * walking,
                begin,
                end,
            )
        )
    return tuple(contacts)


def whole_spans(
    contacts: Mapping[Side, Sequence[Contact]], first_s: float, last_s: float
) -> Mapping[Side, tuple[tuple[float, float], ...]]:
    """Foot strike and toe-off of every contact; those outside the recording are extrapolated.

    A stance that was not seen whole lasts as long as those that were. Where both feet stand as the recording begins
    or ends, the leading foot came, or the trailing foot goes, a usual double support away from what was seen.

    Parameters
    ----------
    contacts : mapping of side to contacts
        In time order.
    first_s, last_s : float
        Ends of the recording.

    Examples
    --------
    >>> left = [Contact(0.0, 0.6, start_recorded=False, end_recorded=True)]
    >>> right = [Contact(0.48, 1.17, start_recorded=True, end_recorded=True)]
    >>> [tuple(round(t, 2) for t in span) for span in whole_spans({"left": left, "right": right}, 0.0, 1.3)["left"]]
    [(-0.09, 0.6)]
    """
    every = [contact for side in SIDES for contact in contacts.get(side, ())]
    stances = [contact.end_s - contact.start_s for contact in every if contact.complete]
    stance_s = float(np.mean(stances)) if stances else _USUAL_STANCE_S
    spans = {
        side: [
            [
                contact.start_s if contact.start_recorded else min(contact.end_s - stance_s, first_s),
                contact.end_s if contact.end_recorded else max(contact.start_s + stance_s, last_s),
            ]
            for contact in contacts.get(side, ())
        ]
        for side in SIDES
    }
    doubles = [
        off.end_s - strike.start_s
        for strike in every
        for off in every
        if strike.start_recorded and off.end_recorded and off.start_s < strike.start_s < off.end_s < strike.end_s
    ]
    double_s = float(np.mean(doubles)) if doubles else _USUAL_DOUBLE_SUPPORT_S
    if all(spans.values()):
        begin, end = [spans[side][0] for side in SIDES], [spans[side][-1] for side in SIDES]
        if all(span[0] <= first_s for span in begin):
            trailing, leading = sorted(begin, key=lambda span: span[1])
            leading[0] = trailing[1] - double_s
        if all(span[1] >= last_s for span in end):
            trailing, leading = sorted(end, key=lambda span: span[0])
            trailing[1] = leading[0] + double_s
    return {side: tuple((start, off) for start, off in spans[side]) for side in SIDES}


def _contact(time_s: Array, heel: Array, forefoot: Array, begin: int, end: int) -> Contact:
    """Contact around foot flat, from where the heel falls to zero to where the forefoot rises to zero."""
    moving = np.flatnonzero(heel[: begin + 1] > 0.0)
    leaving = np.flatnonzero(forefoot[end:] > 0.0) + end
    start = _zero(time_s, heel, int(moving[-1])) if len(moving) else float(time_s[0])
    off = _zero(time_s, forefoot, int(leaving[0]) - 1) if len(leaving) and leaving[0] > end else float(time_s[-1])
    return Contact(start, off, bool(len(moving)), bool(len(leaving)))


def _zero(time_s: Array, values: Array, before: int) -> float:
    share = values[before] / (values[before] - values[before + 1])
    return float(time_s[before] + share * (time_s[before + 1] - time_s[before]))
