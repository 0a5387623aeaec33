"""How far the feet of a modified gait are from their targets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from workbench.core.types import Array
from workbench.core.vocabulary import LATERAL_SIGN, SIDES, Side
from workbench.simulation.foot_targets import FootPoses, FootTarget
from workbench.simulation.model import Leg

Contacts = Mapping[Side, Sequence[tuple[float, float]]]


@dataclass(frozen=True)
class FeetMissed:
    """Distance between the feet as reached and their targets."""

    largest_mm: float  #: distance of a heel on the ground from its place
    largest_deg: float  #: angle of a foot on the ground from the one it was to have
    width_m: float  #: by how much the heels lie further apart at their strikes than they were to


def feet_missed(
    legs: Mapping[Side, Leg],
    reached: Mapping[Side, FootPoses],
    time_s: Array,
    targets: Mapping[Side, FootTarget],
    instants: slice,
    contacts: Contacts,
    walkway: Array,
) -> FeetMissed:
    """Compare the feet of a motion with their targets.

    Parameters
    ----------
    legs : mapping
        The model's.
    reached : mapping
        Poses of both feet at n instants of a stride.
    time_s : (n,) array
    targets : mapping
        Targets at these instants, and at others.
    instants : slice
        The stride's among the targets'.
    contacts : mapping
        For each foot its times on the ground, (strike, off) in seconds.
    walkway : (3, 3) array
        Rows forward, up, right.
    """
    largest_mm, largest_deg, width_m = 0.0, 0.0, 0.0
    for side in SIDES:
        rotation, origin = targets[side].rotation[instants], targets[side].origin_m[instants]
        foot = legs[side].foot
        heel_m = reached[side].origin_m - origin + (reached[side].rotation - rotation) @ foot.heel_m  # (n, 3)
        cosine = (np.einsum("nij,nij->n", rotation, reached[side].rotation) - 1.0) / 2.0
        if targets[side].knee_right_m is not None:  # the foot rolls about its axis: neither axis nor ankle is to leave
            heel_m = reached[side].origin_m - origin
            cosine = np.einsum("ni,ni->n", rotation @ foot.axis, reached[side].rotation @ foot.axis)
        on_ground, strike = _on_ground(time_s, contacts.get(side, ()))
        largest_mm = max(largest_mm, 1000.0 * float(np.linalg.norm(heel_m, axis=1)[on_ground].max(initial=0.0)))
        angle_deg = np.degrees(np.arccos(np.clip(cosine, -1.0, 1.0)))
        largest_deg = max(largest_deg, float(angle_deg[on_ground].max(initial=0.0)))
        # The strike of the other foot within the stride stands in for the one before it.
        if strike is not None:
            width_m += LATERAL_SIGN[side] * float(heel_m[strike] @ walkway[2])
    return FeetMissed(largest_mm, largest_deg, width_m)


def _on_ground(time_s: Array, contacts: Sequence[tuple[float, float]]) -> tuple[NDArray[np.bool_], int | None]:
    """Whether a foot is on the ground (n,), and the instant nearest to its first strike among them."""
    half_step_s = 0.5 * (time_s[1] - time_s[0])
    on_ground = np.zeros(len(time_s), dtype=bool)
    for strike, off in contacts:
        on_ground |= (strike <= time_s) & (time_s <= off)
    strikes = [strike for strike, _ in contacts if time_s[0] - half_step_s <= strike < time_s[-1] - half_step_s]
    return on_ground, int(np.argmin(np.abs(time_s - min(strikes)))) if strikes else None
