"""Simple bones for models without surface files, shaped by the model's own joint centres.

Every piece is the convex hull of a few balls or ellipsoids: two balls make a tapered shaft, four a blade, a sole and an
ankle a foot. The proportions are drawn by eye; nothing is computed from them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import ConvexHull

from workbench.core.types import Array
from workbench.core.vocabulary import LATERAL_SIGN, Side
from workbench.scene.mesh_files import vertex_normals

Surface = tuple[Array, Array, NDArray[np.uint32]]  #: vertices (v, 3), normals (v, 3), triangles (t, 3)
Ball = tuple[Sequence[float] | Array, float | Sequence[float]]  #: centre; radius or three semi-axes

_THIGH_M = _SHANK_M = 0.40  # lengths for which the figures below are drawn
_HALF_HIP_WIDTH_M = 0.077
_LEG_TO_TRUNK_M = 0.80
_GOLDEN_ANGLE = np.pi * (3.0 - np.sqrt(5.0))
#: From the knee centre down to the plateau, as a fraction of shank length.
PLATEAU_DEPTH = 0.066


@dataclass(frozen=True)
class Anatomy:
    """What is known of the segment that a bone is drawn for, in its frame."""

    side: Side | None
    child_m: Mapping[str, Array]  #: (3,) origin of each segment that hangs on it, by name without the side
    centre_of_mass_m: Array  #: (3,)
    leg_length_m: float  #: hip to ankle
    sole_m: Array | None = None  #: (k, 3) outline of the sole, for calcaneus and toes

    @property
    def lateral(self) -> float:
        """+1 where lateral is +Z."""
        return LATERAL_SIGN[self.side] if self.side else 1.0


def bone(name: str, anatomy: Anatomy) -> Surface:
    """Draw the bone of a segment.

    Parameters
    ----------
    name : str
        Name of the segment without its side (``tibia``); one that is not known becomes plain shafts to its joints.
    anatomy : Anatomy
    """
    draw = {
        "pelvis": _pelvis,
        "femur": _femur,
        "tibia": _tibia,
        "patella": _patella,
        "talus": _talus,
        "calcn": _hindfoot,
        "toes": _toes,
        "torso": _trunk,
    }.get(name, _shafts)
    return joined([_hull(piece) for piece in draw(anatomy)])


def joined(surfaces: Sequence[Surface]) -> Surface:
    """Put surfaces into one."""
    starts = np.cumsum([0, *(len(vertices) for vertices, _, _ in surfaces[:-1])])
    return (
        np.concatenate([vertices for vertices, _, _ in surfaces]),
        np.concatenate([normals for _, normals, _ in surfaces]),
        np.concatenate([surface[2] + np.uint32(start) for surface, start in zip(surfaces, starts, strict=True)]),
    )


def _hull(balls: Sequence[Ball]) -> Surface:
    """Convex hull of balls."""
    points = []
    for centre, size in balls:
        axes = np.broadcast_to(np.asarray(size, dtype=float), (3,))
        points.append(np.asarray(centre) + axes * _sphere(int(np.clip(4500.0 * axes.max(), 64, 420))))
    places = np.concatenate(points)
    hull = ConvexHull(places)
    corners = places[hull.simplices]
    turned = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    inwards = np.einsum("ti,ti->t", turned, hull.equations[:, :3]) < 0.0
    outwards = np.where(inwards[:, None], hull.simplices[:, ::-1], hull.simplices)
    used, renumbered = np.unique(outwards, return_inverse=True)
    triangles = renumbered.reshape(-1, 3).astype(np.uint32)
    return places[used], vertex_normals(places[used], triangles), triangles


def _sphere(count: int) -> Array:
    """Evenly spread points on the unit sphere, (count, 3)."""
    k = np.arange(count) + 0.5
    height = 1.0 - 2.0 * k / count
    radius, angle = np.sqrt(1.0 - height**2), _GOLDEN_ANGLE * k
    return np.stack([radius * np.cos(angle), height, radius * np.sin(angle)], axis=1)


class _Pen:
    """Places balls given as (forward, up, lateral) and radius in the drawing's units into the segment's frame."""

    def __init__(self, scale: float, lateral: float) -> None:
        self.scale = scale
        self.axes = scale * np.array([1.0, 1.0, lateral])

    def __call__(self, centre: Sequence[float], size: float | Sequence[float], origin: Array | float = 0.0) -> Ball:
        return np.asarray(origin) + self.axes * np.asarray(centre), tuple(self.scale * np.broadcast_to(size, 3))


def _femur(anatomy: Anatomy) -> list[list[Ball]]:
    knee = anatomy.child_m.get("tibia", np.array([0.0, -anatomy.leg_length_m / 2.0, 0.0]))
    at = _Pen(float(np.linalg.norm(knee)) / _THIGH_M, anatomy.lateral)
    trochanter = at((-0.006, -0.022, 0.056), (0.017, 0.020, 0.015))
    proximal, middle = at((0.0, -0.085, 0.040), 0.0155), at((0.013, -0.20, 0.024), 0.0135)
    distal = at((0.006, 0.075, 0.003), (0.0165, 0.0165, 0.019), knee)
    medial, lateral = (at((-0.006, 0.0, z), (0.027, 0.0245, 0.0165), knee) for z in (-0.023, 0.023))
    flare = [at((-0.001, 0.012, z), (0.022, 0.018, 0.018), knee) for z in (-0.019, 0.019)]
    return [
        [at((0.0, 0.0, 0.0), 0.0245)],
        [at((0.0, 0.0, 0.0), 0.0145), at((-0.004, -0.030, 0.046), 0.016)],
        [trochanter, proximal],
        [proximal, middle],
        [middle, distal],
        [distal, *flare],
        [medial],
        [lateral],
    ]


def _tibia(anatomy: Anatomy) -> list[list[Ball]]:
    ankle = anatomy.child_m.get("talus", np.array([0.0, -anatomy.leg_length_m / 2.0, 0.0]))
    at = _Pen(float(np.linalg.norm(ankle)) / _SHANK_M, anatomy.lateral)
    plateau = [at((-0.004, -0.041, z), (0.024, 0.011, 0.0205)) for z in (-0.020, 0.020)]
    below = at((0.002, -0.100, 0.0), (0.0165, 0.02, 0.0165))
    shaft = at((0.001, -0.27, 0.0), 0.0115)
    distal = at((0.0, 0.030, -0.003), (0.018, 0.014, 0.0195), ankle)
    fibula_head, fibula = at((-0.016, -0.066, 0.038), 0.0105), at((-0.012, -0.13, 0.036), 0.0062)
    return [
        [*plateau, below],
        [at((0.024, -0.070, 0.003), 0.010), below],
        [below, shaft],
        [shaft, distal],
        [distal, at((0.004, -0.002, -0.026), 0.0095, ankle)],
        [fibula_head, fibula],
        [fibula, at((-0.006, 0.040, 0.028), 0.0062, ankle)],
        [at((-0.006, 0.040, 0.028), 0.0062, ankle), at((-0.006, -0.012, 0.031), 0.0095, ankle)],
    ]


def _patella(anatomy: Anatomy) -> list[list[Ball]]:
    at = _Pen(anatomy.leg_length_m / _LEG_TO_TRUNK_M, anatomy.lateral)
    centre = anatomy.centre_of_mass_m
    tip = at((0.0, -0.014, 0.0), (0.007, 0.010, 0.010), centre)
    return [[at((0.0, 0.004, 0.0), (0.010, 0.017, 0.020), centre), tip]]


def _talus(anatomy: Anatomy) -> list[list[Ball]]:
    at = _Pen(anatomy.leg_length_m / _LEG_TO_TRUNK_M, anatomy.lateral)
    return [[at((0.0, -0.004, 0.0), (0.022, 0.020, 0.019)), at((0.026, -0.018, -0.002), (0.016, 0.014, 0.017))]]


def _hindfoot(anatomy: Anatomy) -> list[list[Ball]]:
    """Heel to toe joint: a wedge from the ankle down to the sole."""
    sole, toe_joint = _sole(anatomy), _toe_joint(anatomy)
    thick = 0.055 * float(np.ptp(sole[:, 0]))
    behind = _inset(sole[sole[:, 0] < toe_joint[0]], sole, thick)
    front = [np.array([toe_joint[0] - thick, sole[0, 1], z]) for z in _width_at(sole, toe_joint[0], thick)]
    ground = [(point + [0.0, thick, 0.0], thick) for point in (*behind, *front)]
    ankle = np.array([0.23, 0.30, 0.0]) * np.ptp(sole[:, 0]) + [sole[:, 0].min(), sole[0, 1], behind[:, 2].mean()]
    heel = ground[int(np.argmin([point[0] for point, _ in ground]))][0]
    knuckles = [(point + [0.0, 1.5 * thick, 0.0], thick) for point in front]
    return [[*ground, *knuckles, (heel + [thick, 2.0 * thick, 0.0], 1.6 * thick), (ankle, 1.5 * thick)]]


def _toes(anatomy: Anatomy) -> list[list[Ball]]:
    sole = _sole(anatomy)
    thick = 0.055 * float(np.ptp(sole[:, 0]))
    front = [np.array([thick, sole[0, 1], z]) for z in _width_at(sole, 0.0, thick)]
    ahead = _inset(sole[sole[:, 0] > thick], sole, thick)
    flat = (thick, 0.8 * thick, 1.6 * thick)
    knuckles: list[Ball] = [(point + [0.0, 1.5 * thick, 0.0], thick) for point in front]
    return [[*knuckles, *((point + [0.0, 0.8 * thick, 0.0], flat) for point in (*ahead, *front))]]


def _sole(anatomy: Anatomy) -> Array:
    if anatomy.sole_m is not None:
        return anatomy.sole_m
    length, lateral = 0.30 * anatomy.leg_length_m, anatomy.lateral
    corners = [(0.0, -0.15), (0.8, -0.2), (1.2, 0.05), (0.7, 0.22), (0.0, 0.15)]
    return np.array([[length * x, -0.1 * length, lateral * length * z] for x, z in corners])


def _toe_joint(anatomy: Anatomy) -> Array:
    sole = _sole(anatomy)
    return anatomy.child_m.get("toes", np.array([sole[:, 0].min() + 0.7 * np.ptp(sole[:, 0]), 0.0, 0.0]))


def _inset(points: Array, sole: Array, by_m: float) -> Array:
    """Move points of the outline inwards, so that balls round them end at the outline."""
    inwards = sole.mean(axis=0) - points
    return points + by_m * np.sign(inwards) * [1.0, 0.0, 1.0]


def _width_at(sole: Array, forward_m: float, by_m: float) -> tuple[float, float]:
    """Where a line across the sole enters and leaves it, moved inwards by `by_m`."""
    crossings = []
    for start, end in zip(sole, np.roll(sole, -1, axis=0), strict=True):
        if (start[0] - forward_m) * (end[0] - forward_m) < 0.0:
            share = (forward_m - start[0]) / (end[0] - start[0])
            crossings.append(float(start[2] + share * (end[2] - start[2])))
    low, high = min(crossings, default=-0.04), max(crossings, default=0.04)
    return low + by_m, high - by_m


def _pelvis(anatomy: Anatomy) -> list[list[Ball]]:
    hips = [anatomy.child_m.get(f"femur_{letter}") for letter in "lr"]
    known = [hip for hip in hips if hip is not None]
    hip = np.abs(known[0]) * [-1.0, -1.0, 1.0] if known else np.array([-0.07, -0.08, _HALF_HIP_WIDTH_M])
    scale = float(hip[2]) / _HALF_HIP_WIDTH_M
    lumbar = anatomy.child_m.get("torso", hip + scale * np.array([-0.04, 0.16, -_HALF_HIP_WIDTH_M])) * [1.0, 1.0, 0.0]
    pieces: list[list[Ball]] = []
    for lateral in (-1.0, 1.0):
        at = _Pen(scale, lateral)
        socket = hip * [1.0, 1.0, lateral]
        front, crest = at((0.062, 0.080, 0.040), 0.010, socket), at((0.004, 0.142, 0.052), 0.009, socket)
        back = at((-0.078, 0.090, -0.032), 0.014, socket)
        cup = at((0.002, 0.012, -0.012), 0.031, socket)
        pubis, ischium = at((0.050, -0.012, -0.066), 0.013, socket), at((-0.022, -0.072, -0.018), 0.017, socket)
        pieces += [
            [cup, front, crest],
            [cup, crest, back],
            [at((0.008, 0.008, -0.016), 0.017, socket), pubis],
            [at((-0.008, -0.004, -0.010), 0.022, socket), ischium],
            [ischium, at((0.040, -0.034, -0.060), 0.010, socket), pubis],
        ]
    middle = _Pen(scale, 1.0)
    upper = [middle((-0.012, -0.012, z), 0.022, lumbar) for z in (-0.032, 0.032)]
    pieces.append([*upper, middle((-0.052, -0.085, 0.0), 0.015, lumbar)])
    return pieces


def _trunk(anatomy: Anatomy) -> list[list[Ball]]:
    at = _Pen(anatomy.leg_length_m / _LEG_TO_TRUNK_M, 1.0)
    arms = [point for name, point in anatomy.child_m.items() if name.startswith("humerus")]
    shoulders = arms or [at.scale * np.array([-0.005, 0.375, z]) for z in (-0.165, 0.165)]
    pieces = [
        [at((-0.02, 0.0, 0.0), (0.026, 0.022, 0.030)), at((-0.035, 0.16, 0.0), (0.024, 0.024, 0.028))],
        [
            at((0.0, 0.20, 0.0), (0.082, 0.085, 0.125)),
            at((-0.004, 0.25, 0.0), (0.088, 0.105, 0.126)),
            at((-0.012, 0.30, 0.0), (0.080, 0.105, 0.108)),
        ],
        [at((-0.030, 0.40, 0.0), 0.026), at((-0.005, 0.51, 0.0), 0.023)],
        [at((0.012, 0.595, 0.0), (0.092, 0.082, 0.072)), at((0.045, 0.520, 0.0), (0.040, 0.026, 0.038))],
    ]
    for shoulder in shoulders:
        inner = at((0.010, 0.395, 0.035 * float(np.sign(shoulder[2]))), 0.016)
        pieces.append([inner, (shoulder, at((0, 0, 0), 0.030)[1])])
    return pieces


def _shafts(anatomy: Anatomy) -> list[list[Ball]]:
    """A shaft from the segment's origin to each joint on it, or a ball round its centre of mass."""
    thick = 0.022 * anatomy.leg_length_m / _LEG_TO_TRUNK_M
    origin = np.zeros(3)
    if not anatomy.child_m:
        return [[(origin, thick), (2.0 * anatomy.centre_of_mass_m, 0.8 * thick)]]
    return [[(origin, thick), (child, 0.8 * thick)] for child in anatomy.child_m.values()]
