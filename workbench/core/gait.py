"""Geometry of walking on arrays: direction of progression, foot progression angle, step width, the turned foot."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from workbench.core.types import Array

UP = np.array([0.0, 1.0, 0.0])


def walkway_axes(progression: Array) -> Array:
    """Rows: forward, up and right of somebody who walks along `progression`, (3, 3).

    Parameters
    ----------
    progression : (3,) array
        Direction of walking in laboratory axes (Y up); its vertical part is ignored.

    Examples
    --------
    >>> walkway_axes(np.array([2.0, 0.1, 0.0])).tolist()
    [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]]
    """
    forward = np.array([progression[0], 0.0, progression[2]])
    forward = forward / np.linalg.norm(forward)
    return np.stack([forward, UP, np.cross(forward, UP)])


def progression_direction(pelvis_m: Array, foot_m: Array, foot_on_ground: Array, time_s: Array) -> Array:
    """Direction of walking, (3,) unit vector: how the pelvis moves past the foot that stands on the ground.

    On a walkway the foot rests and the pelvis travels; on a treadmill the belt carries the foot backwards and the
    pelvis stays. The difference of the two is the direction of progression in both.

    Parameters
    ----------
    pelvis_m, foot_m : (n, 3) arrays
        Positions in the laboratory.
    foot_on_ground : (n,) array of bool
    time_s : (n,) array

    Examples
    --------
    >>> time_s = np.linspace(0.0, 0.5, 6)
    >>> pelvis_m = np.zeros((6, 3))  # on a treadmill: the pelvis stays,
    >>> foot_m = np.outer(time_s, [-1.2, 0.0, 0.0])  # and the belt carries the foot backwards at 1.2 m/s
    >>> direction = progression_direction(pelvis_m, foot_m, np.ones(6, dtype=bool), time_s)
    >>> direction.round(6).tolist()  # forwards, along X
    [1.0, 0.0, 0.0]
    """
    travelled = np.gradient((pelvis_m - foot_m)[:, [0, 2]], time_s, axis=0)[foot_on_ground].mean(axis=0)
    direction = np.array([travelled[0], 0.0, travelled[1]])
    return np.asarray(direction / np.linalg.norm(direction))


def foot_progression_angle_deg(foot_axis: Array, walkway: Array, lateral_sign: float) -> Array:
    """Angle between the foot's axis and the direction of walking in the horizontal plane, degrees, toe-out positive.

    Parameters
    ----------
    foot_axis : (n, 3) array
        From the posterior calcaneus to the second metatarsal head, laboratory axes.
    walkway : (3, 3) array
        Rows forward, up, right, see `walkway_axes`.
    lateral_sign : float
        +1 for the right foot, -1 for the left.

    Examples
    --------
    >>> to_the_right = np.array([[1.0, 0.0, 0.1]])
    >>> walkway = walkway_axes(np.array([1.0, 0.0, 0.0]))
    >>> foot_progression_angle_deg(to_the_right, walkway, lateral_sign=1.0).round(1).tolist()  # right foot: toe-out
    [5.7]
    """
    forward, _, right = walkway
    return np.asarray(np.degrees(np.arctan2(lateral_sign * (foot_axis @ right), foot_axis @ forward)))


def step_width_m(left_heel_m: Array, right_heel_m: Array, walkway: Array) -> float:
    """Distance of the heels at successive foot strikes across the direction of walking, metres.

    Parameters
    ----------
    left_heel_m, right_heel_m : (3,) arrays
        Each at its own foot strike, laboratory axes.
    walkway : (3, 3) array
        Rows forward, up, right, see `walkway_axes`.

    Returns
    -------
    float
        Positive where the left heel is left of the right one, negative where the steps cross.

    Examples
    --------
    >>> walkway = walkway_axes(np.array([1.0, 0.0, 0.0]))
    >>> left_heel_m, right_heel_m = np.array([0.0, 0.0, -0.05]), np.array([0.7, 0.0, 0.07])  # Z is to the right
    >>> round(step_width_m(left_heel_m, right_heel_m, walkway), 3)
    0.12
    """
    return float((right_heel_m - left_heel_m) @ walkway[2])


def turn_about_vertical(angle_deg: Array) -> Array:
    """Rotation matrices (n, 3, 3) about the vertical; positive turns forward (X) towards the right (Z).

    Examples
    --------
    >>> forward = np.array([1.0, 0.0, 0.0])
    >>> (turn_about_vertical(np.array([90.0])) @ forward).round(6).tolist()
    [[0.0, 0.0, 1.0]]
    """
    cosine, sine = np.cos(np.radians(angle_deg)), np.sin(np.radians(angle_deg))
    zero, one = np.zeros_like(cosine), np.ones_like(cosine)
    rows = [[cosine, zero, -sine], [zero, one, zero], [sine, zero, cosine]]
    return np.moveaxis(np.array(rows), -1, 0)


def share_of_change(time_s: Array, contacts: Sequence[tuple[float, float]], swing_fade: float) -> Array:
    """How much of the change a foot shows at each instant, (n,) in 0 to 1.

    The whole change while the foot is on the ground; between two contacts it fades to ``1 - swing_fade`` in
    mid-swing and back, with continuous acceleration (fifth-order polynomial). Before the first and after the last
    known contact it is held.

    Examples
    --------
    >>> on_ground = [(0.0, 0.6), (1.0, 1.6)]  # foot strike and toe-off, s
    >>> share_of_change(np.array([0.3, 0.6, 0.7, 0.8, 1.0]), on_ground, swing_fade=0.8).round(2).tolist()
    [1.0, 1.0, 0.6, 0.2, 1.0]
    """
    share = np.ones_like(time_s)
    for (_, off), (strike, _) in pairwise(contacts):
        if strike <= off:  # no toe-off is known of this swing: the change is held
            continue
        phase = (time_s - off) / (strike - off)
        swinging = (phase > 0.0) & (phase < 1.0)
        x = 1.0 - np.abs(2.0 * phase[swinging] - 1.0)
        share[swinging] -= swing_fade * x**3 * (10.0 - 15.0 * x + 6.0 * x**2)
    return share


def ahead_of_body(phase: Array, stance_share: float) -> Array:
    """How far a foot is ahead with longer steps, as a fraction of the change of step length, (n,).

    Relative to a body at the new mean speed: half ahead at foot strike, falling behind at a constant rate in stance
    (the foot rests on the ground), and brought forward again in swing with continuous acceleration.

    Parameters
    ----------
    phase : (n,) array
        Of the stride, 0 at this foot's strike, 1 at its next.
    stance_share : float
        Of the stride.

    Examples
    --------
    >>> ahead_of_body(np.array([0.0, 0.25, 0.5, 0.8, 1.0]), stance_share=0.6).tolist()
    [0.5, 0.0, -0.5, -0.1, 0.5]
    """
    x = np.clip((phase - stance_share) / (1.0 - stance_share), 0.0, 1.0)
    return np.asarray((0.5 - 2.0 * phase + 2.0 * x**3 * (10.0 - 15.0 * x + 6.0 * x**2)).round(12))


def swing_towards_stance(phase: Array, stance_share: float, *, peak: float, other_side: float) -> Array:
    """Lean of a body part towards one foot's stance, once per stride, (n,), 1 on average over its first half.

    The first harmonic of the stride: it needs the smallest angular acceleration for that average.

    Parameters
    ----------
    phase : (n,) array
        Of the stride, 0 at this foot's strike, 1 at its next.
    stance_share : float
        Of the stride.
    peak : float
        Where it is largest, as a share of this foot's stance.
    other_side : float
        How far it swings to the other side half a stride later: 0 for back to the recorded place only, 1 for as far.

    Examples
    --------
    >>> phase = np.array([0.0, 0.21, 0.71])
    >>> swing_towards_stance(phase, 0.6, peak=0.35, other_side=0.0).round(2).tolist()
    [0.7, 1.12, 0.0]
    >>> swing_towards_stance(phase, 0.6, peak=0.35, other_side=1.0).round(2).tolist()
    [0.31, 1.26, -1.26]
    """

    def wave(at: Array) -> Array:
        swing = np.cos(2.0 * np.pi * (at - peak * stance_share))
        return np.asarray(0.5 * ((1.0 + other_side) * swing + (1.0 - other_side)))

    first_half = np.linspace(0.0, 0.5 * stance_share, 51)
    return np.asarray(wave(phase) / wave(first_half).mean())


def re_aimed_force(force_N: Array, shift_m: Array, height_m: float) -> Array:
    """Turn the horizontal ground force so that it keeps aiming at the same point `height_m` above the ground.

    The line from the centre of pressure along the force passes a point at that height; when the centre of pressure
    moves by `shift_m` the line is turned to pass it again, the vertical force unchanged.

    Parameters
    ----------
    force_N : (n, 3) array
    shift_m : (n, 3) array
        Horizontal displacement of the centre of pressure.

    Examples
    --------
    >>> wider_by_5_cm = np.array([[0.0, 0.0, 0.05]])
    >>> re_aimed_force(np.array([[0.0, 800.0, -40.0]]), wider_by_5_cm, height_m=2.0).tolist()
    [[0.0, 800.0, -60.0]]
    """
    return np.asarray(force_N - force_N[:, 1:2] * shift_m / height_m)


def distance_outside(points: Array, outline: Array) -> Array:
    """Distance (n,) by which points (n, 2) lie outside a convex outline (k, 2); negative inside.

    Examples
    --------
    >>> outline = np.array([[0.0, 0.0], [0.25, 0.0], [0.25, 0.1], [0.0, 0.1]])  # 25 cm long, 10 cm wide
    >>> distance_outside(np.array([[0.1, 0.05], [0.28, 0.14], [0.1, 0.12]]), outline).round(3).tolist()
    [-0.05, 0.05, 0.02]
    """
    centre = outline.mean(axis=0)
    edges = np.roll(outline, -1, axis=0) - outline
    normals = np.stack([edges[:, 1], -edges[:, 0]], axis=1)
    normals = normals / np.linalg.norm(normals, axis=1)[:, None]
    outward = np.sign(np.einsum("ki,ki->k", normals, outline - centre))
    normals = normals * outward[:, None]
    from_corners = points[:, None] - outline[None]
    beyond = np.einsum("nki,ki->nk", from_corners, normals).max(axis=1)
    along = np.clip(np.einsum("nki,ki->nk", from_corners, edges) / np.einsum("ki,ki->k", edges, edges), 0.0, 1.0)
    to_outline = np.linalg.norm(from_corners - along[..., None] * edges, axis=2).min(axis=1)
    return np.asarray(np.where(beyond > 0.0, to_outline, beyond))
