"""Which foot was on which plate: every contact is assigned to a foot, or left out with a finding."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from workbench.core.contacts import Contact, contact_intervals
from workbench.core.findings import Finding
from workbench.core.types import Array, GroundReaction
from workbench.core.vocabulary import SIDES, Side, opposite
from workbench.recordings.foot_events import foot_events
from workbench.recordings.gait_events import FootPath, foot_path, kinematic_events
from workbench.recordings.plate_forces import centre_of_pressure, foot_reaction, low_passed, without_offset
from workbench.recordings.recording import ForcePlate, Markers, Recording

Frames = NDArray[np.intp]

_NOTED_OFFSET_N: Final = 3.0
_SURE_SHARE: Final = 0.9  #: of the impulse nearer to one foot than to the other
_FURTHEST_M: Final = 0.12  #: from the line between heel and toe markers; half a foot's breadth is 0.05 m
_BESIDE_M: Final = 0.03  #: heel or toe marker beyond the edge of the plate; shoes reach less beyond the markers
_LOW_M: Final = 0.06  #: a foot this little above its lowest is on the ground
_MISSED_S: Final = 0.12  #: foot on the ground this long before or after the force: it stood beside the plate
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
    """Forces and events of each foot from the plates."""

    ground_reactions: Mapping[Side, GroundReaction] = field(default_factory=dict)
    foot_strikes_s: Mapping[Side, tuple[float, ...]] = field(default_factory=dict)
    foot_offs_s: Mapping[Side, tuple[float, ...]] = field(default_factory=dict)
    assigned: tuple[Assigned, ...] = ()
    findings: tuple[Finding, ...] = ()


def forces_by_foot(recording: Recording, label: str, cutoff_hz: float | None = None) -> FootForces:
    """Assign every contact with a plate to a foot.

    A contact belongs to the foot whose heel-to-toe line the centre of pressure follows. It is left out where the
    force passes from one foot to the other, where both feet are on the plate, where part of the foot is off the plate,
    and where it is far from both feet. Forces of one foot on several plates at a time are added.

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
                        f"{plate.name.capitalize()} reads {offset_N:.0f} N while empty; this offset was subtracted.",
                        "Zero the plate before recording.", label, f"{_NOTED_OFFSET_N:g} N")
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
    mine = {side: [a for a in assigned if a.side == side] for side in SIDES}
    reactions = {
        side: reaction
        for side in SIDES
        if (reaction := foot_reaction([(smooth[a.plate], a.contact) for a in mine[side]]))
    }
    contacts = {side: [a.contact for a in mine[side]] for side in SIDES}
    strikes, offs, found = foot_events(recording, contacts, by_markers, label)
    return FootForces(reactions, strikes, offs, tuple(assigned), tuple(findings + found))


def _left_out(contact: Assigned, plates: Sequence[ForcePlate], label: str) -> Finding:
    name = plates[contact.plate].name
    return Finding(
        "contact_left_out", "note", "recording",
        f"The contact on {name} from {contact.contact.start_s:.2f} to {contact.contact.end_s:.2f} s was left out:"
        f" {contact.reason}.",
        where=label,
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
        return None, "the foot markers were not visible"
    sides = [s for s in SIDES if s in distance]
    nearest = np.argmin(near[:, useful], axis=0)
    weight = force[useful]
    share = np.array([weight[nearest == k].sum() for k in range(len(sides))]) / weight.sum()
    best = int(np.argmax(share))
    typical = float(np.median(near[best, useful][nearest == best]))
    hidden = [side for side in SIDES if side not in distance or np.isfinite(distance[side]).mean() < 0.5]
    if typical > _FURTHEST_M and hidden:
        return None, f"the markers of the {hidden[0]} foot were not visible"
    if typical > _FURTHEST_M:
        return None, f"its centre of pressure is {100 * typical:.0f} cm from the nearest foot"
    if share[best] < _SURE_SHARE:
        return None, "the force moves from one foot to the other: both feet were on the plate"
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
            return replace(given, side=None, reason=f"part of the {given.side} foot was off the plate")
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
