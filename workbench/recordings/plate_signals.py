"""From the channels of a force plate to force and moment in the laboratory: plates of types 1 to 4 of the C3D standard.

Types and signs: Motion Lab Systems, The C3D File Format User Guide, chapter "Force platforms"
(https://www.c3d.org/docs/C3D_User_Guide.pdf). A plate's own axes: x and y in its surface, z down.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from workbench.core.errors import TrialError
from workbench.core.types import Array

#: How many channels each type of plate has.
CHANNELS: Final[dict[int, int]] = {1: 6, 2: 6, 3: 8, 4: 6}


def plate_axes(corners_m: Array) -> Array:
    """Columns: the plate's x, y and z axes in the laboratory, from its four corners.

    The first corner lies at (+x, +y), the others follow at (-x, +y), (-x, -y), (+x, -y).

    Parameters
    ----------
    corners_m : array, shape (4, 3)

    Returns
    -------
    array, shape (3, 3)

    Raises
    ------
    TrialError
        If the corners do not form a rectangle.

    Examples
    --------
    >>> corners = np.array([[0.4, 0.6, 0.0], [0.0, 0.6, 0.0], [0.0, 0.0, 0.0], [0.4, 0.0, 0.0]])
    >>> plate_axes(corners).round(6) + 0.0  # seen from above the corners run anticlockwise: z is up
    array([[1., 0., 0.],
           [0., 1., 0.],
           [0., 0., 1.]])
    """
    x = corners_m[0] + corners_m[3] - corners_m[1] - corners_m[2]
    y = corners_m[0] + corners_m[1] - corners_m[2] - corners_m[3]
    if min(np.linalg.norm(x), np.linalg.norm(y)) < 0.05:
        raise TrialError("the corners of the plate do not form a rectangle.", remedy="Correct them in the file.")
    x = x / np.linalg.norm(x)
    z = np.cross(x, y / np.linalg.norm(y))
    if np.linalg.norm(z) < 0.9:
        raise TrialError("the corners of the plate do not form a rectangle.", remedy="Correct them in the file.")
    z = z / np.linalg.norm(z)
    return np.column_stack([x, np.cross(z, x), z])


def force_and_moment(
    kind: int, channels: Array, origin_m: Array, calibration: Array | None = None
) -> tuple[Array, Array]:
    """Force and moment about the middle of the plate's surface, in the plate's axes.

    Parameters
    ----------
    kind : int
        Type of the plate, 1 to 4.
    channels : array, shape (n, channels)
        N, N m and (type 1, the centre of pressure) m; before calibration for type 4.
    origin_m : array, shape (3,)
        The file's ORIGIN: for types 2 and 4 from the transducer's origin to the middle of the surface; for type 3 half
        the distances between the sensors, and the depth of the sensors.
    calibration : array, shape (6, 6), optional
        Type 4 only.

    Returns
    -------
    force_N, moment_Nm : arrays, shape (n, 3)

    Raises
    ------
    TrialError
        If the type is none of these.

    Examples
    --------
    A weight of 100 N stands 0.1 m along x on a plate of type 1:

    >>> force_and_moment(1, np.array([[0.0, 0.0, 100.0, 0.1, 0.0, 0.0]]), np.zeros(3))[1] + 0.0
    array([[  0., -10.,   0.]])
    """
    if kind not in CHANNELS:
        raise TrialError(
            f"the force plate is of type {kind}.",
            remedy=f"Types {', '.join(map(str, CHANNELS))} can be read: export the forces as .mot instead.",
        )
    if kind == 1:
        force = channels[:, :3]
        x, y = channels[:, 3], channels[:, 4]
        return force, np.column_stack(
            [y * force[:, 2], -x * force[:, 2], x * force[:, 1] - y * force[:, 0] + channels[:, 5]]
        )
    # The depth of the transducer below the surface is negative by the standard (z is down); files often lack the sign.
    depth = np.array([*origin_m[:2], -abs(origin_m[2])])
    if kind == 3:
        x12, x34, y14, y23, z1, z2, z3, z4 = channels.T
        a, b = abs(origin_m[0]), abs(origin_m[1])
        force = np.column_stack([x12 + x34, y14 + y23, z1 + z2 + z3 + z4])
        moment = np.column_stack([b * (z1 + z2 - z3 - z4), a * (-z1 + z2 + z3 - z4), b * (x34 - x12) + a * (y14 - y23)])
        return force, moment - np.cross(np.array([0.0, 0.0, depth[2]]), force)
    if kind == 4:
        if calibration is None or calibration.shape != (6, 6):
            raise TrialError("the plate of type 4 has no calibration matrix.", remedy="Export the forces as .mot.")
        channels = channels @ calibration.T
    force = channels[:, :3]
    if origin_m[2] > 0.0:
        depth = -origin_m
    return force, channels[:, 3:6] - np.cross(depth, force)


def in_laboratory(force: Array, moment: Array, corners_m: Array) -> tuple[Array, Array]:
    """Turn force and moment of a plate into laboratory axes; the moment is then about the laboratory's origin."""
    axes = plate_axes(corners_m)
    force, moment = force @ axes.T, moment @ axes.T
    return force, moment + np.cross(corners_m.mean(axis=0), force)
