"""The knee where it has no marker: the axis about which shank and thigh rotate relative to each other."""

from __future__ import annotations

from typing import Final

import numpy as np

from workbench.core.types import Array

_FEWEST_FRAMES: Final = 30
_LEAST_FLEXION: Final = np.radians(25.0)  #: range of the knee below which the axis is not found


def rigid_fit(points: Array, targets: Array, weights: Array | None = None) -> tuple[Array, Array]:
    """Return the rotation and shift that bring points closest to targets (Kabsch 1976, Acta Cryst A32:922).

    Parameters
    ----------
    points, targets : array, shape (k, 3)
    weights : array, shape (k,), optional

    Returns
    -------
    rotation : array, shape (3, 3)
    shift : array, shape (3,)

    Examples
    --------
    >>> corner = np.array([[0.0, 0, 0], [1, 0, 0], [0, 1, 0]])
    >>> rotation, shift = rigid_fit(corner, corner + [0.0, 0.0, 2.0])
    >>> np.allclose(rotation, np.eye(3)), np.allclose(shift, [0.0, 0.0, 2.0])
    (True, True)
    """
    share = np.ones(len(points)) if weights is None else weights
    share = share / share.sum()
    middle, target_middle = share @ points, share @ targets
    u, _, v = np.linalg.svd((share[:, None] * (points - middle)).T @ (targets - target_middle))
    mirror = np.diag([1.0, 1.0, np.sign(np.linalg.det(v.T @ u.T))])
    rotation = v.T @ mirror @ u.T
    return rotation, target_middle - rotation @ middle


def carried_point(points: Array, frames: Array, carried: Array) -> Array:
    """Return the position of a point of a rigid body in every frame, (n, 3); missing if fewer than three are seen.

    Parameters
    ----------
    points : array, shape (k, 3)
        Of the body.
    frames : array, shape (n, k, 3)
        The same points in the laboratory.
    carried : array, shape (3,)
        Another point of the body.
    """
    found = np.full((len(frames), 3), np.nan)
    for i, frame in enumerate(frames):
        there = np.isfinite(frame).all(axis=1)
        if there.sum() >= 3:
            rotation, shift = rigid_fit(points[there], frame[there])
            found[i] = rotation @ carried + shift
    return found


def knee_on_line(thigh: Array, shank: Array, hip: Array, ankle: Array) -> Array | None:
    """Return the point of the knee's axis nearest to the line from hip to ankle in every frame, (n, 3).

    The axis is the one whose points move least in both segments (symmetrical axis of rotation, Ehrig et al. 2007,
    J Biomech 40:2150). Over a walk its position along the shank is good to about 1 cm; across the shank it is not.

    Parameters
    ----------
    thigh, shank : array, shape (n, k, 3)
        At least three markers each.
    hip, ankle : array, shape (n, 3)

    Returns
    -------
    array or None
        None where there are too few markers or the knee hardly flexes.
    """
    one, other = _segment_poses(thigh), _segment_poses(shank)
    if one is None or other is None:
        return None
    seen = np.isfinite(one[1][:, 0]) & np.isfinite(other[1][:, 0])
    rotations = np.concatenate([one[0], -other[0]], axis=2)[seen]
    if len(rotations) < _FEWEST_FRAMES or _range_of_turn(one[0][seen], other[0][seen]) < _LEAST_FLEXION:
        return None
    u, size, v = np.linalg.svd(rotations.reshape(-1, 6), full_matrices=False)
    shifts = (other[1] - one[1])[seen].reshape(-1)
    centre = ((u[:, :5].T @ shifts) / size[:5]) @ v[:5]  # the sixth direction runs along the axis
    point = (one[0] @ centre[:3] + one[1] + other[0] @ centre[3:] + other[1]) / 2.0
    along = one[0] @ (v[5, :3] / np.linalg.norm(v[5, :3]))
    return _nearest_to_line(point, along, hip, ankle)


def _segment_poses(markers: Array) -> tuple[Array, Array] | None:
    """Rotation and shift of a segment from its mean shape to every frame; missing where a marker is."""
    whole = np.isfinite(markers).all(axis=(1, 2))
    if markers.shape[1] < 3 or not whole.any():
        return None
    shape = markers[whole][int(whole.sum()) // 2]
    for _ in range(2):
        fits = [rigid_fit(shape, frame) for frame in markers[whole]]
        shape = np.mean(
            [(frame - shift) @ rotation for frame, (rotation, shift) in zip(markers[whole], fits, strict=True)], axis=0
        )
    rotations, shifts = np.full((len(markers), 3, 3), np.nan), np.full((len(markers), 3), np.nan)
    for i in np.flatnonzero(whole):
        rotations[i], shifts[i] = rigid_fit(shape, markers[i])
    return rotations, shifts


def _range_of_turn(one: Array, other: Array) -> float:
    """Largest turn of the joint from its first pose, rad."""
    relative = np.einsum("nji,njk->nik", one, other)
    turns = np.einsum("ij,nij->n", relative[0], relative)
    return float(np.arccos(np.clip((turns - 1.0) / 2.0, -1.0, 1.0)).max())


def _nearest_to_line(point: Array, along: Array, start: Array, end: Array) -> Array:
    """Point of the axis (point + t along) nearest to the line from start to end, row by row."""
    line = (end - start) / np.linalg.norm(end - start, axis=1, keepdims=True)
    between = start - point
    cosine = (along * line).sum(axis=1)
    t = ((along * between).sum(axis=1) - cosine * (line * between).sum(axis=1)) / (1.0 - cosine**2)
    return np.asarray(point + t[:, None] * along)
