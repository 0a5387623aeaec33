"""Geometry of the body view and the footprints: surfaces and poses of the segments, forces on the feet."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from workbench.core.types import Array
from workbench.core.vocabulary import Side

Float32 = NDArray[np.float32]


@dataclass(frozen=True)
class Sole:
    """Landmarks of one foot in the frame of its calcaneus, metres."""

    body: int  #: place of the calcaneus in `Scene.bodies`
    heel_m: Array  #: (3,)
    toe_tip_m: Array  #: (3,) end of the foot axis
    axis: Array  #: (3,) unit vector from the heel to the second metatarsal head
    outline_m: Array  #: (k, 3) corners of the sole, in order


@dataclass(frozen=True)
class Knee:
    """The plateau of one tibia, in the frame of the tibia, metres."""

    body: int  #: place of the tibia in `Scene.bodies`
    medial_m: Array  #: (3,) centre of the medial compartment
    lateral_m: Array  #: (3,)


@dataclass(frozen=True)
class Scene:
    """Surfaces of a model's bodies; v vertices and t triangles over all of them."""

    bodies: tuple[str, ...]
    vertices_m: Float32  #: (v, 3) in the frame of the vertex's body
    normals: Float32  #: (v, 3) unit vectors, in the same frame
    triangles: NDArray[np.uint32]  #: (t, 3) counter-clockwise from outside
    vertex_body: NDArray[np.uint8]  #: (v,) place in `bodies`
    body_side: tuple[Side | None, ...]  #: of each body; None in the middle
    soles: Mapping[Side, Sole]
    knees: Mapping[Side, Knee]
    notes: tuple[str, ...] = ()  #: surfaces that could not be read, in words


@dataclass(frozen=True)
class BodyMotion:
    """Poses of the bodies and ground forces, at n instants, in walkway axes: X progression, Y up, Z right.

    The axes start at the laboratory's origin. Quaternions have a positive scalar part (nobody's segment turns by
    180 degrees from standing), so motions of one walk may be interpolated number by number.
    """

    time_s: Array  #: (n,) from the first instant
    whole: bool  #: True where the last instant is the first one of the next cycle
    poses: Float32  #: (n, bodies, 7) quaternion (w, x, y, z) and origin (m)
    ground_point_m: Mapping[Side, Float32]  #: (n, 3) centre of pressure
    ground_force_N: Mapping[Side, Float32]  #: (n, 3)
    knee_centre_m: Mapping[Side, Float32]  #: (n, 3) origin of the tibia


def rotation_matrices(quaternions: Float32) -> Array:
    """Rotation matrices (..., 3, 3) of quaternions (..., 4), scalar first.

    Examples
    --------
    >>> quarter_turn_about_y = np.array([[0.5**0.5, 0.0, 0.5**0.5, 0.0]], dtype=np.float32)
    >>> (rotation_matrices(quarter_turn_about_y) @ [1.0, 0.0, 0.0]).round(6).tolist()  # forward turns to the left
    [[0.0, 0.0, -1.0]]
    """
    w, x, y, z = np.moveaxis(quaternions.astype(float), -1, 0)
    rows = [
        [1 - 2 * (y * y + z * z), 2 * (x * y - w * z), 2 * (x * z + w * y)],
        [2 * (x * y + w * z), 1 - 2 * (x * x + z * z), 2 * (y * z - w * x)],
        [2 * (x * z - w * y), 2 * (y * z + w * x), 1 - 2 * (x * x + y * y)],
    ]
    return np.stack([np.stack(row, axis=-1) for row in rows], axis=-2)
