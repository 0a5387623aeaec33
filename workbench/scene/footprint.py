"""Footprints from above: each sole at foot flat, its angle, and the path of the centre of pressure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from workbench.core.types import Array
from workbench.core.vocabulary import LATERAL_SIGN, SIDES, Side
from workbench.scene.bodies import BodyMotion, Scene, Sole, rotation_matrices

Instants = NDArray[np.intp]

_ON_GROUND = 0.05  # of the largest vertical force
_PRESSED = 0.1  # likewise; below, the centre of pressure is a quotient of small numbers
_FLAT = (0.2, 0.5)  # of the contact: after the forefoot came down, before the heel rises
_REST_HEIGHT_M = 0.02  # a forefoot within this of its lowest rests on the ground, where no force says so
_GAP_M = 0.05  # successive centres of pressure further apart belong to different contacts


@dataclass(frozen=True)
class Footprint:
    """One foot on the ground, seen from above: forward along the walkway and to the right of it, metres."""

    side: Side
    outline_m: Array  #: (k, 2) corners of the sole at foot flat
    heel_m: Array  #: (2,) posterior calcaneus
    toe_tip_m: Array  #: (2,)
    progression_angle_deg: float  #: mean over the contact, toe-out positive
    pressure_path_m: Array  #: (m, 2) centre of pressure relative to the foot, from strike to toe-off; NaN parts pieces


@dataclass(frozen=True)
class Footprints:
    """Both feet of one gait."""

    feet: Mapping[Side, Footprint]
    step_width_m: float  #: left heel left of right heel is positive


def footprints(
    scene: Scene,
    motion: BodyMotion,
    *,
    progression_angle_deg: Mapping[Side, float] | None = None,
    step_width_m: float | None = None,
) -> Footprints:
    """Footprints of both feet on the ground.

    On a treadmill the belt carries the foot; positions are taken relative to the belt, so that the prints of a
    treadmill walk lie as those of the same walk overground.

    Parameters
    ----------
    scene : Scene
    motion : BodyMotion
        n instants of one stride or stance.
    progression_angle_deg : mapping, optional
        Angles that are reported elsewhere, by side, to be named here too; by default the mean over the contact.
    step_width_m : float, optional
        Likewise; by default the distance of the heels at foot flat.
    """
    poses = {side: _Foot(scene.soles[side], motion, side) for side in SIDES}
    drift = np.mean([foot.velocity for foot in poses.values()], axis=0)
    known = progression_angle_deg or {}
    feet = {side: foot.print(drift, known.get(side)) for side, foot in poses.items()}
    apart = float(feet["right"].heel_m[1] - feet["left"].heel_m[1])
    return Footprints(feet, apart if step_width_m is None else step_width_m)


class _Foot:
    """One foot over the stride: its pose seen from above, and when it is on the ground."""

    def __init__(self, sole: Sole, motion: BodyMotion, side: Side) -> None:
        self.sole, self.motion, self.side = sole, motion, side
        self.rotation = rotation_matrices(motion.poses[:, sole.body, :4])
        self.origin = motion.poses[:, sole.body, 4:].astype(float)
        self.contact = self._contact()
        first, last = (int(share * (len(self.contact) - 1)) for share in _FLAT)
        self.flat = self._longest_run(self.contact[first : last + 1])

    def _contact(self) -> Instants:
        """Instants on the ground, in order from strike to toe-off, across the end of the cycle where it is closed."""
        force = self.motion.ground_force_N.get(self.side)
        if force is not None:
            on = force[:, 1] > _ON_GROUND * force[:, 1].max()
        else:
            height = self._place(self.sole.heel_m + self.sole.axis * 0.7 * self._length)[:, 1]
            on = height < height.min() + _REST_HEIGHT_M
        if self.motion.whole:
            on = on[:-1]  # the last instant is the first one again
        instants = np.flatnonzero(on)
        breaks = np.flatnonzero(np.diff(instants) > 1)
        if on[0] and on[-1] and len(breaks):  # it strikes late in the cycle and leaves early in it
            instants = np.roll(instants, -(int(breaks[-1]) + 1))
        return instants

    @property
    def _length(self) -> float:
        return float(np.linalg.norm(self.sole.toe_tip_m - self.sole.heel_m))

    @staticmethod
    def _longest_run(instants: Instants) -> Instants:
        """Instants that follow each other in time."""
        return max(np.split(instants, np.flatnonzero(np.diff(instants) != 1) + 1), key=len)

    def _place(self, point: Array) -> Array:
        return np.asarray(self.origin + self.rotation @ point)

    @property
    def velocity(self) -> Array:
        """Velocity of the ground under the stance foot, (2,) forward and right, m/s."""
        place = self._place(self.sole.heel_m)[self.flat][:, [0, 2]]
        if len(place) < 2:
            return np.zeros(2)
        return np.asarray(np.polyfit(self.motion.time_s[self.flat], place, 1)[0])

    def print(self, drift: Array, known_angle_deg: float | None) -> Footprint:
        """The sole at foot flat on ground that moves with `drift`."""
        time_s = self.motion.time_s[self.flat]

        def lay(point: Array) -> Array:
            return np.asarray((self._place(point)[self.flat][:, [0, 2]] - np.outer(time_s, drift)).mean(axis=0))

        heel, toe_tip = lay(self.sole.heel_m), lay(self.sole.toe_tip_m)
        axis = (self.rotation @ self.sole.axis)[self.contact]
        angle = np.degrees(np.arctan2(LATERAL_SIGN[self.side] * axis[:, 2], axis[:, 0]))
        return Footprint(
            side=self.side,
            outline_m=np.array([lay(corner) for corner in self.sole.outline_m]),
            heel_m=heel,
            toe_tip_m=toe_tip,
            progression_angle_deg=float(angle.mean()) if known_angle_deg is None else known_angle_deg,
            pressure_path_m=self._pressure_path(heel, toe_tip),
        )

    def _pressure_path(self, heel: Array, toe_tip: Array) -> Array:
        """Centre of pressure along the foot's axis and across it, laid along the axis of the print."""
        point = self.motion.ground_point_m.get(self.side)
        if point is None:
            return np.empty((0, 2))
        vertical = self.motion.ground_force_N[self.side][:, 1]
        pressed = self.contact[vertical[self.contact] > _PRESSED * vertical.max()]
        in_foot = np.einsum("nji,nj->ni", self.rotation, point - self.origin)[pressed] - self.sole.heel_m
        across = np.cross(self.sole.axis, [0.0, 1.0, 0.0])
        forward = (toe_tip - heel) / np.linalg.norm(toe_tip - heel)
        rightward = np.array([-forward[1], forward[0]])
        path = heel + np.outer(in_foot @ self.sole.axis, forward) + np.outer(in_foot @ across, rightward)
        jumps = np.flatnonzero(np.linalg.norm(np.diff(path, axis=0), axis=1) > _GAP_M) + 1
        return np.insert(path, jumps, np.nan, axis=0)
