"""Ground reactions from the motion alone: for a walk without force plates."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from workbench.core import gait, hand_over
from workbench.core.contacts import Contact
from workbench.core.errors import TrialError
from workbench.core.estimate_errors import estimated_forces_finding
from workbench.core.findings import Finding
from workbench.core.kinematic_contacts import kinematic_contacts, whole_spans
from workbench.core.settings import Processing
from workbench.core.types import Array, GroundReaction, Motion, Subject, Trial
from workbench.core.vocabulary import SIDES, Side
from workbench.simulation.foot import Foot
from workbench.simulation.mechanics import Kinetics, kinetics
from workbench.simulation.model import GaitModel
from workbench.simulation.sampled_motion import prepare, sample

_RATE_HZ: Final = 100.0
#: A sole further from the floor than this while the foot stands: the floor is not where the laboratory's Y is zero.
_OFF_THE_FLOOR_M: Final = 0.05
#: Over whole strides the ground carries the body weight, whatever the gait; more is lost in the accelerations.
_LARGEST_IMBALANCE: Final = 0.05


@dataclass(frozen=True)
class EstimatedForces:
    """Estimated ground reactions, with the findings about them."""

    ground_reactions: Mapping[Side, GroundReaction]  #: 100 a second over the whole motion; zero in the air
    contacts: Mapping[Side, tuple[Contact, ...]]  #: foot strike and toe-off they were made with
    findings: tuple[Finding, ...]


@dataclass(frozen=True)
class _Body:
    """The moving body: what the ground must do to it, and where its feet are; n instants."""

    time_s: Array  #: (n,)
    force_N: Array  #: (n, 3) ground reaction on the whole body
    moment_Nm: Array  #: (n, 3) about the laboratory's origin
    centre_of_mass_m: Array  #: (n, 3)
    pelvis_m: Array  #: (n, 3)
    heel_m: Mapping[Side, Array]  #: (n, 3)
    forefoot_m: Mapping[Side, Array]  #: (n, 3) second metatarsal head
    foot_axis: Mapping[Side, Array]  #: (n, 3) horizontal unit vector from heel to forefoot


def estimate_ground_reactions(
    model: GaitModel,
    motion: Motion,
    subject: Subject,
    contacts: Mapping[Side, Sequence[Contact]] | None = None,
    *,
    processing: Processing | None = None,
    floor_height_m: float = 0.0,
) -> EstimatedForces:
    """Estimate the ground reaction on each foot from the motion of the whole body.

    Newton's and Euler's equations of the whole body, with the model's masses scaled to the person's, give the total
    force and moment (Ren et al. 2008, J Biomech 41:2750). In single support it all acts on one foot. In double support
    the sagittal moment, with a usual curve beside it, shares it between the feet. The centre of pressure rolls
    along the line from heel to second metatarsal head; see `workbench.core.hand_over` for the rules and METHODS,
    section 9, for their errors. The free moment is left zero: what remains of the body's vertical moment is further
    from the recorded one than that.

    Parameters
    ----------
    model : GaitModel
        Scaled to the person.
    motion : Motion
        Joint coordinates of a walk, overground or on a treadmill.
    subject : Subject
    contacts : mapping of side to contacts, optional
        When the feet are on the ground, of both feet; found from the motion where absent.
    processing : Processing, optional
        Its low-pass of the coordinates is used.
    floor_height_m : float
        Height of the floor in the laboratory.

    Returns
    -------
    EstimatedForces

    Raises
    ------
    TrialError
        If the motion shows no whole stance, or lacks a coordinate the mechanics need.
    """
    body = _moving_body(model, motion, subject, processing or Processing())
    walkway = gait.walkway_axes(sum(body.foot_axis[side].mean(axis=0) for side in SIDES))
    found = contacts or {side: _contacts(body, side, walkway[0]) for side in SIDES}
    for side in SIDES:
        if not found.get(side):
            raise TrialError(
                f"the motion contains no stance of the {side} foot, so forces cannot be estimated.",
                remedy="Use a longer part of the walk, at least one stride.",
            )
    time_s = body.time_s
    spans = whole_spans(found, float(time_s[0]), float(time_s[-1]))
    points = {
        side: _rolled_point(
            body, side, hand_over.rolled_over(time_s, spans[side]), model.legs[side].foot, floor_height_m
        )
        for side in SIDES
    }
    total_point = _balance_point(body, floor_height_m)
    shares = hand_over.shared_by_moment(
        time_s,
        spans,
        hand_over.usual_shares(time_s, spans),
        total_point @ walkway[0],
        {side: points[side] @ walkway[0] for side in SIDES},
    )
    forces, moved = hand_over.horizontal_forces(
        body.force_N,
        shares,
        points,
        body.centre_of_mass_m - np.array([0.0, floor_height_m, 0.0]),
        total_point,
        walkway,
        subject.height_m,
    )
    reactions = {
        side: GroundReaction(
            time_s,
            forces[side],
            points[side] + _held_in_foot(moved[side] - points[side], body.foot_axis[side], model.legs[side].foot),
            np.zeros_like(points[side]),
        )
        for side in SIDES
    }
    findings = (estimated_forces_finding(), *_doubts(body, spans, shares, model, subject, floor_height_m))
    return EstimatedForces(reactions, {side: tuple(found[side]) for side in SIDES}, findings)


def _moving_body(model: GaitModel, motion: Motion, subject: Subject, processing: Processing) -> _Body:
    prepared = prepare(Trial("motion", subject, motion, ground_reactions={}), model, processing)
    count = int((prepared.end_s - prepared.start_s) * _RATE_HZ + 1e-6) + 1
    time_s = prepared.start_s + np.arange(count) / _RATE_HZ
    kinetic = kinetics(model, sample(prepared, model, time_s), None)
    to_person = subject.mass_kg / model.mass_kg
    load = -to_person * kinetic.outside_load  # gravity and inertia: the ground supplies the opposite
    force = load[..., 3:].sum(axis=1)
    moment = (load[..., :3] + np.cross(kinetic.origin_m, load[..., 3:])).sum(axis=1)
    centres = kinetic.origin_m + np.einsum("nbij,bj->nbi", kinetic.rotation, model.body_centre_m)
    heel, forefoot, axis = {}, {}, {}
    for side, leg in model.legs.items():
        heel[side] = _landmark(kinetic, leg.calcaneus, leg.foot.heel_m)
        forefoot[side] = _landmark(kinetic, leg.calcaneus, leg.foot.second_metatarsal_head_m)
        level = (kinetic.rotation[:, leg.calcaneus - 1] @ leg.foot.axis) * np.array([1.0, 0.0, 1.0])
        axis[side] = level / np.linalg.norm(level, axis=1)[:, None]
    return _Body(
        time_s,
        force,
        moment,
        np.einsum("nbi,b->ni", centres, model.body_mass_kg) / model.mass_kg,
        kinetic.origin_m[:, model.body_index["pelvis"] - 1],
        heel,
        forefoot,
        axis,
    )


def _landmark(kinetic: Kinetics, body: int, place_m: Array) -> Array:
    return np.asarray(kinetic.origin_m[:, body - 1] + kinetic.rotation[:, body - 1] @ place_m)


def _contacts(body: _Body, side: Side, forward: Array) -> tuple[Contact, ...]:
    places = (body.heel_m[side], body.forefoot_m[side], body.pelvis_m)
    return kinematic_contacts(body.time_s, *(place @ forward for place in places))


def _rolled_point(body: _Body, side: Side, along: Array, foot: Foot, floor_m: float) -> Array:
    """Point (n, 3) on the floor, `along` foot lengths from the heel of a sole laid flat on the end that stands."""
    from_heel = along * foot.length_m
    heel, forefoot = body.heel_m[side], body.forefoot_m[side]
    to_forefoot = float((foot.second_metatarsal_head_m - foot.heel_m) @ foot.axis)
    on_heel = (heel[:, 1] < forefoot[:, 1])[:, None]
    axis = body.foot_axis[side]
    point = np.where(on_heel, heel + from_heel[:, None] * axis, forefoot + (from_heel - to_forefoot)[:, None] * axis)
    point[:, 1] = floor_m
    return point


def _balance_point(body: _Body, floor_m: float) -> Array:
    """Point of the floor where the horizontal moment of the whole ground reaction vanishes, (n, 3).

    In flight there is none; it then is the point below the centre of mass.
    """
    vertical = body.force_N[:, 1]
    pressed = vertical > 0.1 * vertical.mean()
    safe = np.where(pressed, vertical, 1.0)
    x = (body.moment_Nm[:, 2] + floor_m * body.force_N[:, 0]) / safe
    z = (floor_m * body.force_N[:, 2] - body.moment_Nm[:, 0]) / safe
    point = np.where(pressed[:, None], np.stack([x, np.zeros_like(x), z], axis=1), body.centre_of_mass_m)
    point[:, 1] = floor_m
    return point


def _held_in_foot(shift_m: Array, axis: Array, foot: Foot) -> Array:
    """The shift with its part across the foot kept within the narrower half of the sole; none along it."""
    across = np.cross(axis, gait.UP)
    breadths = np.abs((foot.outline_m - foot.heel_m) @ foot.axes[2])
    half_m = float(breadths[breadths > 0.1 * breadths.max()].min())
    sideways = np.clip(np.einsum("ni,ni->n", shift_m, across), -half_m, half_m)
    return np.asarray(sideways[:, None] * across)


def _doubts(
    body: _Body,
    spans: hand_over.Spans,
    shares: Mapping[Side, Array],
    model: GaitModel,
    subject: Subject,
    floor_m: float,
) -> tuple[Finding, ...]:
    findings = []
    standing = [np.minimum(body.heel_m[side][:, 1], body.forefoot_m[side][:, 1])[shares[side] > 0.99] for side in SIDES]
    height_m = float(np.median(np.concatenate(standing))) - floor_m
    if abs(height_m) > _OFF_THE_FLOOR_M:
        place = "above" if height_m > 0.0 else "below"
        findings.append(
            Finding(
                "feet_off_the_floor",
                "serious",
                "recording",
                f"The standing foot is {100.0 * abs(height_m):.0f} cm {place} the floor.",
                remedy="Give the height of the floor, or check the vertical axis and the model's scale.",
                limit=f"{100.0 * _OFF_THE_FLOOR_M:.0f} cm",
            )
        )
    strikes = [strike for strike, _ in max(spans.values(), key=len) if strike >= body.time_s[0]]
    if len(strikes) > 1:
        strides = (body.time_s >= strikes[0]) & (body.time_s < strikes[-1])
        carried = float(body.force_N[strides, 1].mean()) / subject.body_weight_N
        if abs(carried - 1.0) > _LARGEST_IMBALANCE:
            findings.append(
                Finding(
                    "strides_out_of_balance",
                    "serious",
                    "recording",
                    f"According to the motion, the ground carries {100.0 * carried:.0f} % of body weight on average"
                    " over whole strides.",
                    remedy="Check the units and times of the motion, and that this is level walking.",
                    limit=f"100 ± {100.0 * _LARGEST_IMBALANCE:.0f} %",
                    source="Conservation of momentum over whole strides",
                )
            )
    flying = float(np.mean(shares["left"] + shares["right"] < 0.5))
    if flying > 0.0:
        findings.append(
            Finding(
                "no_foot_on_the_ground",
                "doubtful",
                "recording",
                f"For {100.0 * flying:.0f} % of the time neither foot is on the ground.",
                remedy="Check the foot strikes; the estimate was not tested on running.",
            )
        )
    return tuple(findings)
