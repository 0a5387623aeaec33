"""Legs and pelvis of a modified walk in balance: the feet reach their targets, and F = m a holds as well as recorded.

All instants are solved together, because an acceleration belongs to three of them: the pelvis takes the path for which
the whole body's centre of mass, legs included, accelerates as the ground forces require.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray
from scipy import linalg

from workbench.core import lateral_sway
from workbench.core.lateral_sway import LeanHeight
from workbench.core.types import Array
from workbench.core.vocabulary import SIDES, Side
from workbench.simulation.body_sway import Sway
from workbench.simulation.foot_targets import FootPoses, FootTarget, foot_sd, rotation_vector
from workbench.simulation.knee_place import knee_beside_line_m, knee_share, knee_slope
from workbench.simulation.model import GaitModel
from workbench.simulation.posed_body import PosedBody, moved_coordinates, posed
from workbench.simulation.sampled_motion import SampledMotion

# Misfits that cost one unit each, beside those of the feet. The joints are held softly near the recording, the knee
# more than the others; where the body goes is told by its centre of mass, so that the pelvis is nearly free.
_OTHER_JOINT_SD = np.radians(10.0)
_PELVIS_SD_M = np.array([0.02, 0.02, 0.05])  # forward, up, right of the walkway
_CENTRE_SD_M = np.array([0.02, np.inf, 0.001])  # forward, up, right of the walkway
_FORCE_SD_BW = 0.005
_KNEE_POSITION_SD_M = 0.001  # of a knee that is brought inwards
_LEAST_BENT_M = 0.03  # by which a knee in early stance lies ahead of the line from hip to ankle at the least

_MOST_STEPS = 12
_FIRST_DAMPING, _MOST_DAMPING = 1e-6, 1e6
# Largest last step, rad or m. Each is a twentieth of the one before or less: curves are within 0.0003 % BW ht and
# 0.0001 BW of where they would settle (ten changes of two walks).
_SETTLED = 1e-3


def lean_height(recorded: SampledMotion, centre_m: Array, walkway: Array, stature_m: float) -> LeanHeight:
    """Height at which this recording's ground force aims as the body sways, `lateral_sway.lean_height`.

    Parameters
    ----------
    recorded : SampledMotion
        n instants of one stride or stance.
    centre_m : (n, 3) array
        Centre of mass of the whole body.
    walkway : (3, 3) array
        Rows forward, up, right.
    stature_m : float
    """
    right = walkway[2]
    reactions = recorded.ground_reactions.values()
    lateral = np.sum([each.force_N @ right for each in reactions], axis=0)
    leaning = np.sum([each.force_N[:, 1] * ((centre_m - each.point_m) @ right) for each in reactions], axis=0)
    return lateral_sway.lean_height(lateral, leaning, stature_m)


def solve(
    model: GaitModel,
    start_q: Array,
    recorded_centre_m: Array,
    targets: Mapping[Side, FootTarget],
    swayed: Sway,
    *,
    at_start: PosedBody | None = None,
    knee_hold_deg: float,
    time_s: Array,
    walkway: Array,
    weight_N: float,
) -> tuple[Array, NDArray[np.bool_]]:
    """Change of every coordinate (n, coordinates), zero for those not involved; and where it did not converge, (n,).

    Where a knee is to leave its place it is solved twice: where it would be is told by the first. `at_start` is the
    body at `start_q`, where that is known.
    """
    problem = _Problem(model, start_q, recorded_centre_m, targets, swayed, knee_hold_deg, time_s, walkway, weight_N)
    guess, unsettled = _descended(problem, np.zeros((len(start_q), len(problem.unknown))), at_start)
    if problem.aim_at_knees(guess):
        guess, unsettled = _descended(problem, guess)
    change = np.zeros_like(start_q)
    change[:, problem.unknown] = guess
    return change, unsettled


def _descended(problem: _Problem, guess: Array, at_guess: PosedBody | None = None) -> tuple[Array, NDArray[np.bool_]]:
    """The least squares' solution (n, N) from a guess, and where it did not converge (n,).

    Gauss and Newton with damping over all instants at once; the normal equations are a band, as the acceleration of
    the centre of mass (a second difference) joins each instant to its neighbours only.
    """
    cost, downhill, band = problem.linearised(guess, at_guess)
    damping = _FIRST_DAMPING
    for _ in range(_MOST_STEPS):
        while True:
            damped = band.copy()
            damped[0] *= 1.0 + damping
            step = linalg.solveh_banded(damped, downhill.ravel(), lower=True).reshape(guess.shape)
            if np.abs(step).max() < _SETTLED:
                break
            new_cost, new_downhill, new_band = problem.linearised(guess + step)
            if new_cost <= cost or damping > _MOST_DAMPING:
                break
            damping *= 10.0
        guess = guess + step
        if np.abs(step).max() < _SETTLED:
            break
        cost, downhill, band, damping = new_cost, new_downhill, new_band, damping / 10.0
    return guess, np.abs(step).max(axis=1) >= _SETTLED


class _Problem:
    """The least squares over all instants: N unknown coordinates at each of n."""

    def __init__(
        self,
        model: GaitModel,
        start_q: Array,
        recorded_centre_m: Array,
        targets: Mapping[Side, FootTarget],
        swayed: Sway,
        knee_hold_deg: float,
        time_s: Array,
        walkway: Array,
        weight_N: float,
    ) -> None:
        self._model, self._start_q, self._recorded_centre_m = model, start_q, recorded_centre_m
        self._targets, self._walkway = targets, walkway
        self.unknown = moved_coordinates(model)
        names = [name for side in SIDES for name in model.legs[side].coordinates]
        knee_sd = np.radians(knee_hold_deg)
        joints = [knee_sd if name == "knee_angle" else _OTHER_JOINT_SD for name in names]
        self._prior = np.diag(1.0 / np.array([*_PELVIS_SD_M, *joints]))
        self._prior[:3, :3] = walkway / _PELVIS_SD_M[:, None]  # the pelvis' coordinates are those of the laboratory
        n, step_s = len(time_s), float(time_s[1] - time_s[0])
        self._second_difference = np.diff(np.eye(n), 2, axis=0) / step_s**2
        self._joined = self._second_difference.T @ self._second_difference
        self._per_acceleration = model.mass_kg / weight_N / _FORCE_SD_BW
        self._place, self._acceleration = swayed.centre_m, swayed.acceleration_m_s2[1:-1]
        self._around = np.zeros((n, len(self.unknown)))
        self._feet: Mapping[Side, FootPoses] = {
            side: FootPoses(one.rotation, one.origin_m) for side, one in targets.items()
        }
        self._knees: dict[Side, tuple[float, Array]] = {}  # the knee's share of the leg, and where it is to be (n,)

    def aim_at_knees(self, guess: Array) -> bool:
        """From now on bring the knees where they are wanted, beside where they are by `guess`; False if nowhere.

        The leg turns about the line from hip to ankle by one angle, so that a knee leaves its place as far as it is
        bent: by what is wanted where it is bent as in early stance, by nothing where it is straight.
        """
        model, q = self._model, self._coordinates(guess)
        for side, target in self._targets.items():
            if target.knee_right_m is None:
                continue
            leg, beside_m = model.legs[side], np.empty((len(guess), 2))
            model.set_state(q[0])
            share = knee_share(model, leg)
            for i, each in enumerate(q):
                model.set_state(each)
                beside_m[i] = [knee_beside_line_m(model, leg, share, self._walkway[axis]) for axis in (0, 2)]
            bent_m = max(float(beside_m[target.early, 0].mean()), _LEAST_BENT_M)
            self._knees[side] = share, beside_m[:, 1] + target.knee_right_m * beside_m[:, 0] / bent_m
        if not self._knees:
            return False
        # Everything else is held where it is, so that no knee that goes nowhere moves anything.
        body = posed(model, q, {}, self._walkway[2])
        self._around, self._feet = guess, body.feet
        self._place = (body.centre_m - self._recorded_centre_m) @ self._walkway.T
        self._acceleration = self._second_difference @ self._place
        return True

    def _coordinates(self, guess: Array) -> Array:
        q = self._start_q.copy()
        q[:, self.unknown] += guess
        return q

    def linearised(self, guess: Array, at_guess: PosedBody | None = None) -> tuple[float, Array, Array]:
        """Cost, its downhill direction (n, N), and the normal matrix as the lower band that `solveh_banded` takes."""
        shares = {side: share for side, (share, _) in self._knees.items()}
        body = at_guess or posed(self._model, self._coordinates(guess), shares, self._walkway[2])
        misfit, slope, moved, centre_slope = self._evaluated(body)
        off_place = (moved - self._place) / _CENTRE_SD_M
        off_balance = (self._second_difference @ moved - self._acceleration) * self._per_acceleration
        held = (guess - self._around) @ self._prior.T
        cost = sum(float(np.vdot(each, each)) for each in (misfit, off_place, off_balance, held))
        pull = off_place / _CENTRE_SD_M + (self._second_difference.T @ off_balance) * self._per_acceleration
        downhill = (
            np.einsum("nki,nk->ni", slope, misfit) - held @ self._prior - np.einsum("nki,nk->ni", centre_slope, pull)
        )
        blocks = [
            np.diagonal(self._joined, -k)[:, None, None]
            * self._per_acceleration**2
            * (centre_slope[k:].transpose(0, 2, 1) @ centre_slope[: len(guess) - k])
            for k in range(3)
        ]
        scaled = centre_slope / _CENTRE_SD_M[:, None]
        blocks[0] = (
            blocks[0]
            + slope.transpose(0, 2, 1) @ slope
            + scaled.transpose(0, 2, 1) @ scaled
            + self._prior.T @ self._prior
        )
        return cost, downhill, _lower_band(blocks)

    def _evaluated(self, body: PosedBody) -> tuple[Array, Array, Array, Array]:
        """Weighted misfits of feet and knees and their slopes, moves of the centre of mass (n, 3) and theirs."""
        misfit, slope = [], []
        for side in SIDES:
            target, leg, foot = self._feet[side], self._model.legs[side], body.feet[side]
            into_foot = leg.foot.axes @ target.rotation.transpose(0, 2, 1)
            turn = rotation_vector(target.rotation @ foot.rotation.transpose(0, 2, 1))
            weight = 1.0 / foot_sd(leg, under_knee=side in self._knees)
            turned = np.einsum("nij,nj->ni", into_foot, turn)
            speeds = body.jacobian[:, leg.calcaneus]
            misfit.append(weight * np.concatenate([turned, target.origin_m - foot.origin_m], axis=1))
            slope.append(weight[:, None] * np.concatenate([into_foot @ speeds[:, :3], speeds[:, 3:]], axis=1))
        for side, (knee_at, wanted_m) in self._knees.items():
            misfit.append((wanted_m - body.knee_m[side])[:, None] / _KNEE_POSITION_SD_M)
            towards = knee_slope(body.jacobian, self._model.legs[side], knee_at, self._walkway[2])
            slope.append(towards[:, None] / _KNEE_POSITION_SD_M)
        return (
            np.concatenate(misfit, axis=1),
            np.concatenate(slope, axis=1),
            (body.centre_m - self._recorded_centre_m) @ self._walkway.T,
            self._walkway @ body.centre_slope,
        )


def _lower_band(blocks: Sequence[Array]) -> Array:
    """Lower band of a symmetric matrix made of blocks (n - k, N, N), k below the diagonal."""
    n, size, _ = blocks[0].shape
    band = np.zeros((len(blocks) * size, n, size))
    row, column = np.indices((size, size)).reshape(2, -1)
    for k, block in enumerate(blocks):
        below = k * size + row - column
        kept = below >= 0
        band[below[kept], : n - k, column[kept]] = block[:, row[kept], column[kept]].T
    return band.reshape(len(blocks) * size, n * size)
