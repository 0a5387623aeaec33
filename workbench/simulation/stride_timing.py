"""Stride duration and the phase of each foot, also for a single recorded stance."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from workbench.core import gait
from workbench.core.types import Array, Stride
from workbench.core.vocabulary import Side, opposite

_STANCE_SHARE = 0.62  # of a stride, where nothing tells how long it was

#: For each foot its times on the ground, (strike, off) in seconds.
Contacts = Mapping[Side, Sequence[tuple[float, float]]]


def stride_duration_s(stride: Stride, contacts: Contacts) -> float:
    """Duration of a stride; for a lone stance, twice the time between the events of the two feet."""
    if stride.whole:
        return stride.duration_s
    start_s, off_s = stride.start_s, stride.toe_off_s
    steps = [
        *(strike - start_s for strike, _ in contacts.get(opposite(stride.side), ()) if start_s < strike < off_s),
        *(off_s - off for _, off in contacts.get(opposite(stride.side), ()) if start_s < off < off_s),
    ]
    return 2.0 * float(np.mean(steps)) if steps else (off_s - start_s) / _STANCE_SHARE


def stance_share(stride: Stride, contacts: Contacts) -> float:
    """Of the stride."""
    return (stride.toe_off_s - stride.start_s) / stride_duration_s(stride, contacts)


def phase(time_s: Array, side: Side, stride: Stride, contacts: Contacts) -> Array:
    """Phase of a foot's own stride, (n,) from 0 at its strike to 1; the other foot strikes half a stride later.

    Where the other foot's strike near that time was recorded it is taken.
    """
    duration_s = stride_duration_s(stride, contacts)
    strike_s = stride.start_s
    if side != stride.side:
        expected_s = stride.start_s + 0.5 * duration_s
        strikes = [strike for strike, _ in contacts.get(side, ()) if abs(strike - expected_s) < 0.2 * duration_s]
        strike_s = min(strikes, key=lambda strike: abs(strike - expected_s), default=expected_s)
    return np.asarray(((time_s - strike_s) / duration_s) % 1.0)


def ahead_of_body(time_s: Array, side: Side, stride: Stride, contacts: Contacts) -> Array:
    """`gait.ahead_of_body` of a foot at n instants."""
    return gait.ahead_of_body(phase(time_s, side, stride, contacts), stance_share(stride, contacts))
