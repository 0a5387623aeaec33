"""Foot strikes and toe-offs of a recording, each from the best source: force, file or markers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np

from workbench.core.contacts import CONTACT_THRESHOLD_N, Contact
from workbench.core.findings import Finding
from workbench.core.vocabulary import SIDES, Side
from workbench.recordings.recording import Recording

Times = Mapping[Side, tuple[float, ...]]

_EVENT_TOLERANCE_S: Final = 0.05
_SAME_EVENT_S: Final = 0.12  #: an event of the markers this near to one of the force is the same


def foot_events(
    recording: Recording,
    contacts: Mapping[Side, Sequence[Contact]],
    by_markers: Mapping[Side, tuple[tuple[float, ...], tuple[float, ...]]],
    label: str,
) -> tuple[Times, Times, list[Finding]]:
    """Foot strikes and toe-offs of both feet, alternating, each from the best source."""
    findings: list[Finding] = []
    from_markers = False
    strikes: dict[Side, tuple[float, ...]] = {}
    offs: dict[Side, tuple[float, ...]] = {}
    for side in SIDES:
        mine = _merged(contacts.get(side, ()))
        sure = {
            "strike": [c.start_s for c in mine if c.start_recorded],
            "off": [c.end_s for c in mine if c.end_recorded],
        }
        loose: dict[str, list[float]] = {}
        for what, in_file, seen in (
            ("strike", recording.foot_strikes_s.get(side, ()), by_markers[side][0]),
            ("off", recording.foot_offs_s.get(side, ()), by_markers[side][1]),
        ):
            times = list(in_file) or _shifted(list(seen), sure[what])
            apart = [t for t in in_file for s in sure[what] if _EVENT_TOLERANCE_S < abs(t - s) < 0.3]
            findings += [_disagreement(side, what, t, sure[what], label) for t in apart]
            sure[what] = [_told_by_file(s, in_file) for s in sure[what]]
            loose[what] = times
        timeline = sorted(
            [(t, what) for what in ("strike", "off") for t in sure[what]]
            + [
                (t, what) for what in ("strike", "off") for t in loose[what]
                if not any(c.start_s - 0.3 < t < c.end_s + 0.3 if what == "strike" and not c.start_recorded
                           else c.start_s - 0.3 < t < c.end_s + 0.15 for c in mine)
            ]
        )  # fmt: skip
        kept = _alternating(timeline, {(t, what) for what in sure for t in sure[what]})
        told = {"strike": recording.foot_strikes_s.get(side, ()), "off": recording.foot_offs_s.get(side, ())}
        from_markers |= any(t not in sure[what] and t not in told[what] for t, what in kept)
        strikes[side] = tuple(t for t, what in kept if what == "strike")
        offs[side] = tuple(t for t, what in kept if what == "off")
    if from_markers:
        findings.append(
            Finding("events_from_markers", "note", "recording",
                    "Foot strikes and toe-offs without force data were found from foot and pelvis markers. Compared"
                    " with force plates (16 recordings), strikes are off by 22 ms and toe-offs by 34 ms (root mean"
                    " square), more in very slow gait.",
                    where=label)
        )  # fmt: skip
    return (
        {side: times for side, times in strikes.items() if times},
        {side: times for side, times in offs.items() if times},
        findings,
    )


def _told_by_file(time: float, in_file: Sequence[float]) -> float:
    """The file's event where it agrees with the force's, else the force's."""
    near = [t for t in in_file if abs(t - time) <= _EVENT_TOLERANCE_S]
    return min(near, key=lambda t: abs(t - time)) if near else time


def _disagreement(side: Side, what: str, time: float, sure: Sequence[float], label: str) -> Finding:
    nearest = min(sure, key=lambda s: abs(s - time))
    event = "foot strike" if what == "strike" else "toe-off"
    return Finding(
        "event_off_force", "doubtful", "recording",
        f"The file's {side} {event} at {time:.3f} s is {1000 * abs(time - nearest):.0f} ms from where the force crosses"
        f" {CONTACT_THRESHOLD_N:g} N; the force was used.", "Correct the event.", label,
        f"{1000 * _EVENT_TOLERANCE_S:.0f} ms",
    )  # fmt: skip


def _merged(contacts: Sequence[Contact]) -> list[Contact]:
    """Contacts of one foot, those on several plates at a time made one."""
    merged: list[Contact] = []
    for contact in sorted(contacts, key=lambda c: c.start_s):
        if merged and contact.start_s < merged[-1].end_s + 0.05:
            last = merged.pop()
            later = contact if contact.end_s > last.end_s else last
            contact = Contact(last.start_s, later.end_s, last.start_recorded, later.end_recorded)
        merged.append(contact)
    return merged


def _shifted(times: list[float], sure: Sequence[float]) -> list[float]:
    """Events of the markers, moved by what they are off where the force tells."""
    off = [s - t for t in times for s in sure if abs(s - t) < _SAME_EVENT_S]
    return [t + float(np.median(off)) for t in times] if off else times


def _alternating(timeline: Sequence[tuple[float, str]], sure: set[tuple[float, str]]) -> list[tuple[float, str]]:
    """Events of one foot of which no two of a kind follow each other; what the force tells stays."""
    kept: list[tuple[float, str]] = []
    for event in timeline:
        if kept and kept[-1][1] == event[1]:
            if event in sure and kept[-1] not in sure:
                kept[-1] = event
            elif event in sure:
                # Two of the force in a row: the event between them was not seen, so what came before stands alone.
                kept.append(event)
            continue
        kept.append(event)
    return _without_doubles(kept)


def _without_doubles(events: list[tuple[float, str]]) -> list[tuple[float, str]]:
    """Start again behind the last place where an event between two of a kind is missing."""
    for index in range(len(events) - 1, 0, -1):
        if events[index][1] == events[index - 1][1]:
            return events[index:]
    return events
