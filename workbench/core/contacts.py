"""When a foot was on the ground: from the trial's events, otherwise from the vertical force."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from workbench.core.types import Array, Trial
from workbench.core.vocabulary import Side

#: Vertical force from which a foot counts as on the ground. Below it the centre of pressure is a quotient of noise.
CONTACT_THRESHOLD_N: Final = 20.0
#: A contact shorter than this is a knock on the plate, not a step.
SHORTEST_CONTACT_S: Final = 0.2
#: A force that falls below the threshold for less than this, and comes back, was a drop-out: no swing is that short.
LONGEST_DROPOUT_S: Final = 0.1
#: Anything shorter than this is noise. It is removed before drop-outs are bridged, or a spike in late swing would be
#: joined to the contact that follows and move its foot strike forward.
LONGEST_SPIKE_S: Final = 0.03


@dataclass(frozen=True)
class Contact:
    """One time a foot was on the ground."""

    start_s: float  #: foot strike; the first sample where the recording began during the contact
    end_s: float  #: toe-off; the last sample where the recording ended during the contact
    start_recorded: bool  #: False where the foot was on the ground already as the recording began
    end_recorded: bool  #: False where the recording ended before toe-off

    @property
    def complete(self) -> bool:
        """True if both the foot strike and the toe-off were recorded.

        Examples
        --------
        >>> Contact(0.0, 0.41, start_recorded=False, end_recorded=True).complete
        False
        """
        return self.start_recorded and self.end_recorded


def contact_intervals(
    time_s: Array,
    vertical_force_N: Array,
    threshold_N: float = CONTACT_THRESHOLD_N,
    *,
    shortest_contact_s: float = SHORTEST_CONTACT_S,
    longest_dropout_s: float = LONGEST_DROPOUT_S,
    longest_spike_s: float = LONGEST_SPIKE_S,
) -> tuple[Contact, ...]:
    """Find when a foot was on the ground.

    First spikes shorter than `longest_spike_s` are removed, then drop-outs shorter than `longest_dropout_s` are
    bridged, then contacts shorter than `shortest_contact_s` are removed. A contact cut by an end of the recording is
    kept whatever its length, as the rest of it was not seen.

    Parameters
    ----------
    time_s : array, shape (n,)
        Increasing times in s.
    vertical_force_N : array, shape (n,)
        Ground reaction on the foot in N, upward positive, as recorded.
    threshold_N : float
        Force from which the foot is on the ground.
    shortest_contact_s, longest_dropout_s, longest_spike_s : float
        See above.

    Returns
    -------
    tuple of Contact
        In time order. Times lie where the straight line between two samples crosses the threshold.

    Examples
    --------
    >>> time_s = np.arange(0.0, 1.0, 0.01)
    >>> force_N = np.where((time_s > 0.195) & (time_s < 0.805), 800.0, 0.0)
    >>> (contact,) = contact_intervals(time_s, force_N)
    >>> round(contact.start_s, 3), round(contact.end_s, 3), contact.complete
    (0.19, 0.81, True)
    """
    loaded = np.asarray(vertical_force_N) >= threshold_N
    if not loaded.any():
        return ()
    steps = np.diff(np.concatenate(([0], loaded.astype(np.int8), [0])))
    # Inclusive sample numbers of each run above the threshold.
    runs = [(int(a), int(b) - 1) for a, b in zip(np.flatnonzero(steps == 1), np.flatnonzero(steps == -1), strict=True)]
    contacts = [_crossings(time_s, vertical_force_N, threshold_N, first, last) for first, last in runs]
    contacts = [c for c in contacts if c.end_s - c.start_s >= longest_spike_s]
    bridged: list[Contact] = []
    for contact in contacts:
        if bridged and contact.start_s - bridged[-1].end_s < longest_dropout_s:
            previous = bridged.pop()
            contact = Contact(previous.start_s, contact.end_s, previous.start_recorded, contact.end_recorded)
        bridged.append(contact)
    return tuple(c for c in bridged if not c.complete or c.end_s - c.start_s >= shortest_contact_s)


def contacts_of(trial: Trial, side: Side, threshold_N: float = CONTACT_THRESHOLD_N) -> tuple[Contact, ...]:
    """The contacts of one foot that count: between the foot strikes and toe-offs given with the trial.

    What is not given (either, or both) is taken from the vertical force. A strike without a toe-off after it lasts to
    the end of the recording, a toe-off without a strike before it began before the recording.

    Parameters
    ----------
    trial : Trial
    side : {"left", "right"}
        The foot; without a ground reaction it has no contacts unless its events are given.
    threshold_N : float
        Vertical force from which a foot is on the ground.

    Examples
    --------
    >>> from workbench.trials import open_trial
    >>> [(round(one.start_s, 2), round(one.end_s, 2)) for one in contacts_of(open_trial("reference"), "right")[:2]]
    [(0.0, 0.14), (0.55, 1.25)]
    """
    reaction = trial.ground_reactions.get(side)
    found = () if reaction is None else contact_intervals(reaction.time_s, reaction.force_N[:, 1], threshold_N)
    strikes, offs = trial.foot_strikes_s.get(side, ()), trial.foot_offs_s.get(side, ())
    if not strikes and not offs:
        return found
    strikes = strikes or tuple(one.start_s for one in found if one.start_recorded)
    offs = offs or tuple(one.end_s for one in found if one.end_recorded)
    first_s, last_s = float(trial.motion.time_s[0]), float(trial.motion.time_s[-1])
    contacts = []
    if offs and (not strikes or offs[0] < strikes[0]):
        contacts.append(Contact(min(first_s, offs[0]), offs[0], start_recorded=False, end_recorded=True))
    for strike, following in zip(strikes, (*strikes[1:], np.inf), strict=True):
        off = next((time for time in offs if strike < time < following), None)
        end_s = max(strike, min(following, last_s)) if off is None else off
        contacts.append(Contact(strike, end_s, start_recorded=True, end_recorded=off is not None))
    return tuple(contacts)


def _crossings(time_s: Array, force_N: Array, threshold_N: float, first: int, last: int) -> Contact:
    """Contact over the samples `first` to `last`, its ends moved to where the force crosses the threshold."""

    def crossing(below: int, above: int) -> float:
        share = (threshold_N - force_N[below]) / (force_N[above] - force_N[below])
        return float(time_s[below] + share * (time_s[above] - time_s[below]))

    start_recorded = first > 0
    end_recorded = last < len(time_s) - 1
    return Contact(
        crossing(first - 1, first) if start_recorded else float(time_s[first]),
        crossing(last + 1, last) if end_recorded else float(time_s[last]),
        start_recorded,
        end_recorded,
    )
