"""Markers of a recording as moving points, shown before there is a model."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np

from workbench.core.types import Array
from workbench.core.vocabulary import Side
from workbench.scene.bodies import BodyMotion, Scene

#: A graphics card need not take the poses of more bodies than this.
MOST_MARKERS: Final = 78
_RADIUS_M: Final = 0.022
_CORNERS: Final = np.array([(1, 0, 0), (-1, 0, 0), (0, 1, 0), (0, -1, 0), (0, 0, 1), (0, 0, -1)], dtype=float)
_FACES: Final = np.array(
    [(0, 2, 4), (2, 1, 4), (1, 3, 4), (3, 0, 4), (2, 0, 5), (1, 2, 5), (3, 1, 5), (0, 3, 5)], dtype=np.uint32
)


def marker_scene(names: Sequence[str], sides: Sequence[Side | None]) -> Scene:
    """A small body for each marker; the first body, without a surface, is their centre.

    Parameters
    ----------
    names : sequence of str
        k labels; those beyond `MOST_MARKERS` are left out.
    sides : sequence of {"left", "right"} or None
        Of each marker.

    Examples
    --------
    >>> scene = marker_scene(["LHEE", "C7"], ["left", None])
    >>> scene.bodies, scene.body_side, len(scene.vertices_m)
    (('middle', 'LHEE', 'C7'), (None, 'left', None), 36)
    """
    count = min(len(names), MOST_MARKERS)
    vertices, faces = _ball()
    return Scene(
        bodies=("middle", *names[:count]),
        vertices_m=np.tile(_RADIUS_M * vertices, (count, 1)).astype(np.float32),
        normals=np.tile(vertices, (count, 1)).astype(np.float32),
        triangles=np.concatenate([faces + len(vertices) * i for i in range(count)]).astype(np.uint32),
        vertex_body=np.repeat(np.arange(1, count + 1), len(vertices)).astype(np.uint8),
        body_side=(None, *sides[:count]),
        soles={},
        knees={},
    )


def marker_motion(time_s: Array, position_m: Array) -> BodyMotion:
    """The poses of a `marker_scene`.

    Parameters
    ----------
    time_s : (n,) array
    position_m : (n, k, 3) array
        Without gaps, X forward, Y up, Z right.

    Examples
    --------
    >>> motion = marker_motion(np.array([0.0, 0.1]), np.zeros((2, 3, 3)))
    >>> motion.poses.shape, motion.poses[0, 0].tolist()
    ((2, 4, 7), [1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0])
    """
    shown = position_m[:, :MOST_MARKERS]
    places = np.concatenate([shown.mean(axis=1, keepdims=True), shown], axis=1)
    turns = np.broadcast_to([1.0, 0.0, 0.0, 0.0], (*places.shape[:2], 4))
    poses = np.concatenate([turns, places], axis=2).astype(np.float32)
    return BodyMotion(time_s - time_s[0], True, poses, {}, {}, {})


def _ball() -> tuple[Array, np.ndarray[tuple[int, ...], np.dtype[np.uint32]]]:
    """An octahedron, each face divided once: unit vectors (18 of them) and their faces."""
    corners, faces = [tuple(c) for c in _CORNERS], []
    for a, b, c in _FACES:
        middles = []
        for i, j in ((a, b), (b, c), (c, a)):
            middle = _CORNERS[i] + _CORNERS[j]
            place = tuple(middle / np.linalg.norm(middle))
            if place not in corners:
                corners.append(place)
            middles.append(corners.index(place))
        ab, bc, ca = middles
        faces += [(a, ab, ca), (ab, b, bc), (ca, bc, c), (ab, bc, ca)]
    return np.array(corners), np.array(faces, dtype=np.uint32)
