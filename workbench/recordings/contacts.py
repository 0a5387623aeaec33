"""Whose foot stood on which plate: every contact is given to a foot, or left out and said."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy import signal

from workbench.core.contacts import CONTACT_THRESHOLD_N, Contact, contact_intervals
from workbench.core.findings import Finding
from workbench.core.types import Array, GroundReaction
from workbench.core.vocabulary import SIDES, Side, opposite
from workbench.recordings.gait_events import FootPath, foot_path, kinematic_events
from workbench.recordings.types import ForcePlate, Markers, Recording

Frames = NDArray[np.intp]

_LARGEST_OFFSET_N: Final = 60.0  #: an empty plate reads less; more is a load
_NOTED_OFFSET_N: Final = 3.0
_SURE_SHARE: Final = 0.9  #: of the impulse nearer to one foot than to the other
_FURTHEST_M: Final = 0.12  #: from the line between heel and toe markers; half a foot's breadth is 0.05 m
_BESIDE_M: Final = 0.03  #: heel or toe marker beyond the edge of the plate; shoes reach less beyond the markers
_LOW_M: Final = 0.06  #: a foot this little above its lowest is on the ground
_MISSED_S: Final = 0.12  #: foot on the ground this long before or after the force: it stood beside the plate
_EVENT_TOLERANCE_S: Final = 0.05
_OVERLAP_S: Final = 0.1


@dataclass(frozen=True)
class Assigned:
    """One contact of one plate."""

    plate: int
    contact: Contact
    side: Side | None  #: None where it is left out
    reason: str = ""  #: why it is left out


@dataclass(frozen=True)
class FootForces:
    """What the plates say of each foot."""

    ground_reactions: Mapping[Side, GroundReaction] = field(default_factory=dict)
    foot_strikes_s: Mapping[Side, tuple[float, ...]] = field(default_factory=dict)
    foot_offs_s: Mapping[Side, tuple[float, ...]] = field(default_factory=dict)
    assigned: tuple[Assigned, ...] = ()
    findings: tuple[Finding, ...] = ()


def without_offset(plate: ForcePlate) -> tuple[ForcePlate, float]:
    """Take off what a plate reads while nobody stands on it; returns the vertical part taken off, N.

    Examples
    --------
    >>> force = np.zeros((200, 3)); force[:, 1] = -14.0; force[80:140, 1] = 700.0
    >>> plate, offset = without_offset(ForcePlate("plate 1", np.arange(200) / 100.0, force, np.zeros((200, 3))))
    >>> offset, float(plate.force_N[0, 1])
    (-14.0, 0.0)
    """
    vertical = plate.force_N[:, 1]
    quiet = np.abs(vertical) < _LARGEST_OFFSET_N
    if quiet.sum() < 20 or quiet.mean() < 0.05:
        return plate, 0.0
    middle = float(np.median(vertical[quiet]))
    empty = quiet & (np.abs(vertical - middle) < 5.0)
    if abs(middle) < 0.5 or empty.sum() < 20:
        return plate, 0.0
    return (
        replace(
            plate,
            force_N=plate.force_N - np.median(plate.force_N[empty], axis=0),
            moment_Nm=plate.moment_Nm - np.median(plate.moment_Nm[empty], axis=0),
        ),
        middle,
    )


def centre_of_pressure(plate: ForcePlate) -> Array:
    """Point of the plate's surface at which the force acts, (n, 3) m; missing below the contact threshold."""
    force, moment, height = plate.force_N, plate.moment_Nm, plate.surface_height_m
    vertical = np.where(force[:, 1] >= CONTACT_THRESHOLD_N, force[:, 1], np.nan)
    return np.column_stack(
        [
            (moment[:, 2] + height * force[:, 0]) / vertical,
            np.full(len(force), height),
            (height * force[:, 2] - moment[:, 0]) / vertical,
        ]
    )


def low_passed(plate: ForcePlate, cutoff_hz: float) -> ForcePlate:
    """Low-pass force and moment, second order run both ways; a plate sampled too slowly for it stays as it is."""
    rate = 1.0 / float(np.median(np.diff(plate.time_s)))
    if rate <= 4.0 * cutoff_hz or len(plate.time_s) < 20:
        return plate
    sos = signal.butter(2, cutoff_hz, fs=rate, output="sos")
    force, moment = (signal.sosfiltfilt(sos, values, axis=0) for values in (plate.force_N, plate.moment_Nm))
    return replace(plate, force_N=force, moment_Nm=moment)


def forces_by_foot(recording: Recording, label: str, cutoff_hz: float | None = None) -> FootForces:
    """Give every contact with a plate to a foot.

    A contact belongs to the foot whose heel-to-toe line the centre of pressure follows. It is left out where the
    force passes from one foot to the other, where both feet are on the plate, where part of the foot is beside it, and
    where it is far from both feet. What one foot does on several plates at a time is added.

    Parameters
    ----------
    recording : Recording
        With markers; X forward, Y up, Z right.
    label : str
        The file, for the findings.
    cutoff_hz : float, optional
        Low-pass of the forces that are returned, against the ringing of raw plates. Contacts and events are found on
        the raw signal, as filtering moves them.

    Returns
    -------
    FootForces
        Forces are zero outside the contacts that count. Events: from the force where it counts, from the file where it
        has events that agree, else from the markers.
    """
    markers = recording.markers
    if markers is None:
        return FootForces()
    findings: list[Finding] = []
    plates = []
    for plate in recording.plates:
        zeroed, offset_N = without_offset(plate)
        plates.append(zeroed)
        if abs(offset_N) > _NOTED_OFFSET_N:
            findings.append(
                Finding("plate_offset", "note", "recording",
                        f"{plate.name.capitalize()} reads {offset_N:.0f} N while it is empty; this is taken off.",
                        "Zero the plate before a recording.", label, f"{_NOTED_OFFSET_N:g} N")
            )  # fmt: skip
    feet = {side: path for side in SIDES if (path := foot_path(markers, side)) is not None}
    by_markers = {side: kinematic_events(markers, side) for side in SIDES}
    assigned = [
        Assigned(index, contact, *_foot_of(plate, contact, markers, feet))
        for index, plate in enumerate(plates)
        for contact in contact_intervals(plate.time_s, plate.force_N[:, 1], shortest_contact_s=0.1)
    ]
    assigned = [_checked(a, assigned, plates, markers, feet, by_markers) for a in assigned]
    findings += [_left_out(a, plates, label) for a in assigned if a.side is None]
    smooth = plates if cutoff_hz is None else [low_passed(plate, cutoff_hz) for plate in plates]
    reactions = {
        side: reaction for side in SIDES if (reaction := _reaction([a for a in assigned if a.side == side], smooth))
    }
    strikes, offs, found = _events(recording, assigned, by_markers, label)
    return FootForces(reactions, strikes, offs, tuple(assigned), tuple(findings + found))


def _left_out(contact: Assigned, plates: Sequence[ForcePlate], label: str) -> Finding:
    name = plates[contact.plate].name
    return Finding(
        "contact_left_out", "note", "recording",
        f"The contact with {name} from {contact.contact.start_s:.2f} to {contact.contact.end_s:.2f} s is left out:"
        f" {contact.reason}.", where=label,
    )  # fmt: skip


def _during(time_s: Array, contact: Contact) -> Frames:
    return np.flatnonzero((time_s >= contact.start_s) & (time_s <= contact.end_s))


def _foot_of(
    plate: ForcePlate, contact: Contact, markers: Markers, feet: Mapping[Side, FootPath]
) -> tuple[Side | None, str]:
    """The foot that made a contact, or None and why it cannot be told."""
    frames = _during(markers.time_s, contact)
    point = centre_of_pressure(plate)
    at = np.searchsorted(plate.time_s, markers.time_s[frames]).clip(0, len(plate.time_s) - 1)
    force, point = plate.force_N[at, 1], point[at]
    distance = {side: _to_foot(point, foot, frames) for side, foot in feet.items()}
    near = np.array([np.where(np.isfinite(distance[s]), distance[s], np.inf) for s in SIDES if s in distance])
    useful = np.isfinite(near).any(axis=0) & np.isfinite(force) & (force > 0.1 * max(float(force.max(initial=0)), 1.0))
    if not len(near) or useful.sum() < 3:
        return None, "the feet were out of sight"
    sides = [s for s in SIDES if s in distance]
    nearest = np.argmin(near[:, useful], axis=0)
    weight = force[useful]
    share = np.array([weight[nearest == k].sum() for k in range(len(sides))]) / weight.sum()
    best = int(np.argmax(share))
    typical = float(np.median(near[best, useful][nearest == best]))
    if typical > _FURTHEST_M:
        return None, f"its centre of pressure is {100 * typical:.0f} cm from the nearest foot"
    if share[best] < _SURE_SHARE:
        return None, "the force passes from one foot to the other: both feet were on the plate"
    return sides[best], ""


def _to_foot(point_m: Array, foot: FootPath, frames: Frames) -> Array:
    """Horizontal distance of the centre of pressure from the line between heel and toes, (m,)."""
    heel, toe = foot.heel_m[frames][:, [0, 2]], foot.toe_m[frames][:, [0, 2]]
    along, to_point = toe - heel, point_m[:, [0, 2]] - heel
    length = np.maximum(np.sum(along**2, axis=1), 1e-9)
    share = np.clip(np.sum(along * to_point, axis=1) / length, 0.0, 1.0)
    return np.linalg.norm(to_point - share[:, None] * along, axis=1)


def _checked(
    given: Assigned, every: Sequence[Assigned], plates: Sequence[ForcePlate], markers: Markers,
    feet: Mapping[Side, FootPath], by_markers: Mapping[Side, tuple[tuple[float, ...], tuple[float, ...]]],
) -> Assigned:  # fmt: skip
    """Leave a contact out where another foot, or part of the own one, was on the ground it does not cover."""
    if given.side is None:
        return given
    frames = _during(markers.time_s, given.contact)
    own = [
        a for a in every
        if a.side == given.side and a.contact.start_s < given.contact.end_s and a.contact.end_s > given.contact.start_s
    ]  # fmt: skip
    corners = [plates[a.plate].corners_m for a in own]
    known = [c for c in corners if c is not None]
    if len(known) == len(corners):
        other = feet.get(opposite(given.side))
        if other is not None and _seconds_on(other, known[:1], frames, markers) > _OVERLAP_S:
            elsewhere = [
                a for a in every
                if a.side == opposite(given.side) and a.contact.start_s < given.contact.end_s
                and a.contact.end_s > given.contact.start_s
            ]  # fmt: skip
            if not elsewhere:
                return replace(given, side=None, reason="the other foot was on the plate too")
        if _beside(feet[given.side], known, frames):
            return replace(given, side=None, reason=f"part of the {given.side} foot was beside the plate")
        return given
    strikes, offs = by_markers[given.side]
    start, end = min(a.contact.start_s for a in own), max(a.contact.end_s for a in own)
    if all(a.contact.complete for a in own):
        struck = [t for t in strikes if start - 0.4 < t < start - _MISSED_S]
        left = [t for t in offs if end + _MISSED_S < t < end + 0.4]
        if struck or left:
            return replace(given, side=None, reason=f"the {given.side} foot was on the ground before or after it")
    return given


def _on_ground(foot: FootPath, frames: Frames) -> NDArray[np.bool_]:
    """True in the frames in which the whole foot is low."""
    with np.errstate(invalid="ignore"):
        low = [
            part[frames, 1] < np.nanpercentile(part[:, 1], 5) + _LOW_M for part in (foot.heel_m, foot.toe_m)
        ]  # fmt: skip
    return low[0] & low[1]


def _outside(point_m: Array, corners_m: Array) -> Array:
    """How far points are outside a plate, (n,) m, negative inside."""
    middle = corners_m.mean(axis=0)[[0, 2]]
    edges = [(corners_m[1] - corners_m[0])[[0, 2]], (corners_m[3] - corners_m[0])[[0, 2]]]
    reach = [
        np.abs((point_m[:, [0, 2]] - middle) @ (edge / np.linalg.norm(edge))) - 0.5 * np.linalg.norm(edge)
        for edge in edges
    ]
    return np.maximum(*reach)


def _beside(foot: FootPath, plates: Sequence[Array], frames: Frames) -> bool:
    """True where heel or toe is off all the plates while the foot is flat."""
    flat = frames[_on_ground(foot, frames)]
    if len(flat) < 3:
        return False
    for part in (foot.heel_m, foot.toe_m):
        outside = np.min([_outside(part[flat], corners) for corners in plates], axis=0)
        if np.nanmedian(outside) > _BESIDE_M:
            return True
    return False


def _seconds_on(foot: FootPath, plates: Sequence[Array], frames: Frames, markers: Markers) -> float:
    """How long the flat foot was inside a plate, s."""
    flat = frames[_on_ground(foot, frames)]
    if not len(flat):
        return 0.0
    middle = 0.5 * (foot.heel_m[flat] + foot.toe_m[flat])
    inside = np.min([_outside(middle, corners) for corners in plates], axis=0) < 0.0
    return float(np.count_nonzero(inside) / markers.rate_hz)


def _reaction(mine: Sequence[Assigned], plates: Sequence[ForcePlate]) -> GroundReaction | None:
    """Sum of a foot's contacts as force, centre of pressure and free moment; zero outside them."""
    if not mine:
        return None
    time_s = plates[mine[0].plate].time_s
    force, moment = np.zeros((len(time_s), 3)), np.zeros((len(time_s), 3))
    weighted, weight = np.zeros(len(time_s)), np.zeros(len(time_s))
    for given in mine:
        plate = plates[given.plate]
        inside = (plate.time_s >= given.contact.start_s) & (plate.time_s <= given.contact.end_s)
        force += np.where(inside[:, None], plate.force_N, 0.0)
        moment += np.where(inside[:, None], plate.moment_Nm, 0.0)
        vertical = np.where(inside, np.maximum(plate.force_N[:, 1], 0.0), 0.0)
        weighted += vertical * plate.surface_height_m
        weight += vertical
    loaded = force[:, 1] >= CONTACT_THRESHOLD_N
    if not loaded.any():
        return None
    height = np.where(weight > 0, weighted / np.maximum(weight, 1e-9), plates[mine[0].plate].surface_height_m)
    divisor = np.where(loaded, force[:, 1], 1.0)
    point = np.column_stack(
        [
            (moment[:, 2] + height * force[:, 0]) / divisor,
            height,
            (height * force[:, 2] - moment[:, 0]) / divisor,
        ]
    )
    valid = np.flatnonzero(loaded)
    position = np.searchsorted(valid, np.arange(len(time_s)))
    before, after = valid[np.maximum(position - 1, 0)], valid[np.minimum(position, len(valid) - 1)]
    point = point[np.where(np.abs(time_s - time_s[before]) < np.abs(time_s[after] - time_s), before, after)]
    torque = np.zeros_like(force)
    torque[loaded, 1] = (moment - np.cross(point, force))[loaded, 1]
    return GroundReaction(time_s, np.where(loaded[:, None], force, 0.0), point, torque)


def _events(
    recording: Recording, assigned: Sequence[Assigned],
    by_markers: Mapping[Side, tuple[tuple[float, ...], tuple[float, ...]]], label: str,
) -> tuple[dict[Side, tuple[float, ...]], dict[Side, tuple[float, ...]], list[Finding]]:  # fmt: skip
    """Foot strikes and foot offs of both feet, alternating, from the best source of each."""
    findings: list[Finding] = []
    from_markers = False
    strikes: dict[Side, tuple[float, ...]] = {}
    offs: dict[Side, tuple[float, ...]] = {}
    for side in SIDES:
        mine = _merged([a.contact for a in assigned if a.side == side])
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
                    "Foot strikes and foot offs without a force are found from the markers of feet and pelvis;"
                    " plates under 16 recordings say that strikes are off by 22 ms and foot offs by 34 ms (root mean"
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
    return Finding(
        "event_off_force", "doubtful", "recording",
        f"The file's {side} foot {what} at {time:.3f} s lies {1000 * abs(time - nearest):.0f} ms from where the force"
        f" passes {CONTACT_THRESHOLD_N:g} N; the force is followed.", "Correct the event.", label,
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
    off = [s - t for t in times for s in sure if abs(s - t) < _MISSED_S]
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
