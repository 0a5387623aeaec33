"""Motion against forces: the ground reaction that Newton-Euler equations require, and the one the plates measured.

The total force is compared over the instants at which every foot on the ground is on a plate. Each centre of pressure
is placed twice in single support: against the moment balance about the whole body's centre of mass, and against the
foot's midline. A shifted plate moves both; a leg whose angles are offset moves only the second.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from workbench.core import gait
from workbench.core.contacts import CONTACT_THRESHOLD_N, Contact, contact_intervals
from workbench.core.types import Array, Trial
from workbench.core.vocabulary import LATERAL_SIGN, Side
from workbench.simulation.mechanics import kinetics
from workbench.simulation.model import GaitModel
from workbench.simulation.sampled_motion import PreparedTrial, SampledMotion, sample

LONGEST_LOOK_S: Final = 4.0  #: of a longer recording the middle is looked at
FEWEST_INSTANTS: Final = 12
_STEP_S: Final = 0.02
_STANCE_S: Final = 0.65  # at least, where not all of it was recorded


@dataclass(frozen=True)
class FootBalance:
    """One foot in single support; lateral is away from the other foot."""

    vertical_gain: float  #: measured over needed
    lateral_of_balance_m: float  #: centre of pressure against the moment balance of the whole body
    ahead_of_balance_m: float
    lateral_of_midline_m: float  #: against the line from heel to second metatarsal head
    shear_angle_deg: float  #: measured shear turned to the right of the needed one, at all instants, about the vertical
    mean_lateral_shear_bw: float  #: measured less needed
    along_share: float  #: mean centre of pressure from heel (0) to tip of the toes (1)
    advance_m: float  #: of the centre of pressure along the foot, from the first third to the last
    sole_height_m: float  #: lowest point of the sole above the centre of pressure
    sideways_travel_m: float  #: of the centre of pressure about its mean in each contact, root mean square
    sideways_agreement: float  #: correlation of that with where the body's balance needs it


@dataclass(frozen=True)
class Balance:
    """Forces that were measured against those the motion needs; (n,) instants at which both are known."""

    time_s: Array
    needed_N: Array  #: (n, 3) forward, up, right
    measured_N: Array  #: (n, 3)
    feet: Mapping[Side, FootBalance]
    lag_s: float  #: forces behind the motion
    lag_change_s: float  #: from the first half to the second

    @property
    def gain(self) -> float:
        """Mean measured over mean needed vertical force."""
        return float(self.measured_N[:, 1].mean() / self.needed_N[:, 1].mean())

    @property
    def fore_aft_gain(self) -> float:
        """Slope of the measured on the needed force along the first axis."""
        return float(np.polyfit(self.needed_N[:, 0], self.measured_N[:, 0], 1)[0])


def measured_balance(
    model: GaitModel,
    prepared: PreparedTrial,
    trial: Trial,
    walkway: Array,
    threshold_N: float = CONTACT_THRESHOLD_N,
) -> Balance | None:
    """Compare motion and forces; None where too little of them can be compared.

    Parameters
    ----------
    model : GaitModel
    prepared : PreparedTrial
    trial : Trial
    walkway : (3, 3) array
        Rows forward, up, right.
    threshold_N : float
        Vertical force from which a foot is on the ground.
    """
    span = _span(prepared)
    time_s = np.arange(*span, _STEP_S)
    if len(time_s) < FEWEST_INSTANTS:
        return None
    single, known = known_instants(trial, time_s, threshold_N)
    if np.count_nonzero(known) < FEWEST_INSTANTS:
        return None
    motion = sample(prepared, model, time_s)
    kinetic = kinetics(model, replace(motion, ground_reactions={}), None)
    load_Nm, load_N = kinetic.outside_load[..., :3], kinetic.outside_load[..., 3:]
    needed_N = -load_N.sum(axis=1)
    body_centre_m = kinetic.origin_m + np.einsum("nbij,bj->nbi", kinetic.rotation, model.body_centre_m)
    centre_m = np.einsum("b,nbi->ni", model.body_mass_kg, body_centre_m) / model.mass_kg
    about_centre = kinetic.origin_m - centre_m[:, None]
    needed_Nm = -(load_Nm + np.cross(about_centre, load_N)).sum(axis=1)
    measured_N = _measured(prepared, time_s, 0.0)
    shear_deg = shear_angles(
        needed_N[known] @ walkway.T,
        {side: reaction.force_N[known] @ walkway.T for side, reaction in motion.ground_reactions.items()},
    )
    feet = {}
    for side, alone in single.items():
        chosen = alone & (motion.ground_reactions[side].force_N[:, 1] > 0.3 * trial.subject.body_weight_N)
        if np.count_nonzero(chosen) >= FEWEST_INSTANTS // 2:
            feet[side] = _foot(
                model,
                motion,
                kinetic.rotation,
                kinetic.origin_m,
                centre_m,
                needed_N,
                needed_Nm,
                shear_deg[side],
                side,
                chosen,
                trial,
                walkway,
            )
    lag = _lag(prepared, time_s[known], needed_N[known])
    # Late forces end single support late: with the first answer the instants are chosen again.
    shifted = known_instants(trial, time_s + lag, threshold_N)[1]
    if lag and np.count_nonzero(shifted) >= FEWEST_INSTANTS:
        lag = _lag(prepared, time_s[shifted], needed_N[shifted])
    half = np.count_nonzero(known) // 2
    halves = [_lag(prepared, time_s[known][part], needed_N[known][part]) for part in (slice(half), slice(half, None))]
    return Balance(
        time_s[known],
        needed_N[known] @ walkway.T,
        measured_N[known] @ walkway.T,
        feet,
        lag,
        halves[1] - halves[0],
    )


def known_instants(
    trial: Trial, time_s: Array, threshold_N: float
) -> tuple[dict[Side, NDArray[np.bool_]], NDArray[np.bool_]]:
    """Instants of single support by foot, and those at which every foot on the ground is on a plate, (n,).

    From the forces, not the events, as the force is missing where a foot was off the plate.
    """
    contacts = {
        side: contact_intervals(reaction.time_s, reaction.force_N[:, 1], threshold_N)
        for side, reaction in trial.ground_reactions.items()
    }
    single = {
        side: _within(time_s, [_single_support(_begun(c, trial.foot_strikes_s.get(side, ()))) for c in found])
        for side, found in contacts.items()
    }
    known = np.any(list(single.values()), axis=0)
    if len(contacts) == 2:
        known |= np.all([_within(time_s, [(c.start_s, c.end_s) for c in f]) for f in contacts.values()], axis=0)
    return single, known


def _span(prepared: PreparedTrial) -> tuple[float, float]:
    starts = [prepared.start_s, *(r.start_s for r in prepared.ground_reactions.values())]
    ends = [prepared.end_s, *(r.end_s for r in prepared.ground_reactions.values())]
    start_s, end_s = max(starts) + 0.05, min(ends) - 0.05
    if end_s - start_s > LONGEST_LOOK_S:
        middle = 0.5 * (start_s + end_s)
        start_s, end_s = middle - 0.5 * LONGEST_LOOK_S, middle + 0.5 * LONGEST_LOOK_S
    return start_s, end_s


def _begun(contact: Contact, strikes_s: tuple[float, ...]) -> Contact:
    """The contact, as begun in the recording where a foot strike is given at its first sample."""
    return replace(
        contact, start_recorded=contact.start_recorded or any(abs(t - contact.start_s) < 0.02 for t in strikes_s)
    )


def _single_support(contact: Contact) -> tuple[float, float]:
    """The middle half of a stance, in which the other foot is in the air."""
    stance_s = max(contact.end_s - contact.start_s, _STANCE_S)
    first = contact.start_s + 0.25 * stance_s if contact.start_recorded else contact.end_s - 0.5 * _STANCE_S
    last = contact.end_s - 0.25 * stance_s if contact.end_recorded else contact.start_s + 0.5 * _STANCE_S
    return first, last


def _within(time_s: Array, intervals: list[tuple[float, float]]) -> NDArray[np.bool_]:
    inside = np.zeros(len(time_s), dtype=bool)
    for first, last in intervals:
        inside |= (time_s >= first) & (time_s <= last)
    return inside


def _measured(prepared: PreparedTrial, time_s: Array, later_s: float) -> Array:
    total = np.zeros((len(time_s), 3))
    for spline in prepared.ground_reactions.values():
        total += spline.wrench(np.clip(time_s + later_s, spline.start_s, spline.end_s))[:, :3]
    return total


def _lag(prepared: PreparedTrial, time_s: Array, needed_N: Array) -> float:
    """By how much the forces come after the motion: the shift at which they fit best."""
    shifts = np.arange(-0.2, 0.2001, 0.005)
    misfit = [np.mean((needed_N - _measured(prepared, time_s, shift)) ** 2) for shift in shifts]
    best = int(np.argmin(misfit))
    return float(shifts[best])


def _foot(
    model: GaitModel,
    motion: SampledMotion,
    rotation: Array,
    origin_m: Array,
    centre_m: Array,
    needed_N: Array,
    needed_Nm: Array,
    shear_deg: float,
    side: Side,
    chosen: NDArray[np.bool_],
    trial: Trial,
    walkway: Array,
) -> FootBalance:
    leg, reaction = model.legs[side], motion.ground_reactions[side]
    force, point = reaction.force_N[chosen], reaction.point_m[chosen]
    off_balance = needed_Nm[chosen] - np.cross(point - centre_m[chosen], force) - reaction.torque_Nm[chosen]
    off_balance = off_balance @ walkway.T
    calcaneus, ankle = rotation[chosen, leg.calcaneus - 1], origin_m[chosen, leg.calcaneus - 1]
    axis = calcaneus @ leg.foot.axis * np.array([1.0, 0.0, 1.0])
    axis /= np.linalg.norm(axis, axis=1)[:, None]
    outward = LATERAL_SIGN[side] * np.cross(axis, gait.UP)
    from_heel = point - ankle - calcaneus @ leg.foot.heel_m
    sole = ankle[:, None] + np.einsum("nij,kj->nki", calcaneus, leg.foot.outline_m)
    needed, shear = ((v @ walkway.T)[:, 2] for v in (needed_N[chosen], force))
    starts = _starts(motion.time_s[chosen])
    placed = point @ walkway[2]
    balanced = placed - off_balance[:, 0] / force[:, 1]
    placed, balanced = (np.concatenate([v - v.mean() for v in np.split(each, starts)]) for each in (placed, balanced))
    return FootBalance(
        vertical_gain=float(force[:, 1].mean() / needed_N[chosen, 1].mean()),
        lateral_of_balance_m=LATERAL_SIGN[side] * float(np.mean(off_balance[:, 0] / force[:, 1])),
        ahead_of_balance_m=-float(np.mean(off_balance[:, 2] / force[:, 1])),
        lateral_of_midline_m=float(np.mean((from_heel * outward).sum(axis=1))),
        shear_angle_deg=shear_deg,
        mean_lateral_shear_bw=float(np.mean(shear - needed)) / trial.subject.body_weight_N,
        along_share=float(np.mean((from_heel * axis).sum(axis=1)))
        / float(np.linalg.norm(leg.foot.toe_tip_m - leg.foot.heel_m)),
        advance_m=_advance(motion.time_s[chosen], (from_heel * axis).sum(axis=1)),
        sole_height_m=float(np.mean(sole[:, :, 1].min(axis=1) - point[:, 1])),
        sideways_travel_m=float(placed.std()),
        sideways_agreement=float((placed * balanced).mean() / max(placed.std() * balanced.std(), 1e-9)),
    )


def shear_angles(needed_N: Array, measured_N: Mapping[Side, Array]) -> dict[Side, float]:
    """By how much the shear under each foot is turned to the right of what the motion needs, degrees.

    The horizontal force that is needed is composed of the feet's, each turned and stretched so that the squares of what
    is left are least; braking and push-off tell most.

    Parameters
    ----------
    needed_N : array, shape (n, 3)
        Forward, up, right.
    measured_N : mapping
        Force under each foot, (n, 3).

    Examples
    --------
    >>> left, right = np.random.default_rng(1).normal(size=(2, 50, 3))
    >>> turned = right @ np.array([[0.0, 0.0, 1.0], [0.0, 1.0, 0.0], [-1.0, 0.0, 0.0]])  # forward to the right
    >>> {side: round(angle) for side, angle in shear_angles(left + right, {"left": left, "right": turned}).items()}
    {'left': 0, 'right': 90}
    """
    columns = np.column_stack([force[:, 0] + 1j * force[:, 2] for force in measured_N.values()])
    turns = np.linalg.lstsq(columns, needed_N[:, 0] + 1j * needed_N[:, 2], rcond=None)[0]
    return {side: -float(np.degrees(np.angle(turn))) for side, turn in zip(measured_N, turns, strict=True)}


def _starts(time_s: Array) -> NDArray[np.intp]:
    """Where contacts begin in instants of several, but for the first."""
    return np.flatnonzero(np.diff(time_s) > 1.5 * _STEP_S) + 1


def _advance(time_s: Array, along_m: Array) -> float:
    """How far a curve rises over single support by its straight line, over 0.35 s; contacts are taken together."""
    starts = _starts(time_s)
    slopes = [
        np.polyfit(part - part[0], place, 1)[0]
        for part, place in zip(np.split(time_s, starts), np.split(along_m, starts), strict=True)
        if len(part) >= 5
    ]
    return 0.35 * float(np.mean(slopes)) if slopes else 0.1
