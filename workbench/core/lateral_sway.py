"""Lateral balance of a walking body: how it sways over its feet, and how the ground force leans with it.

In the frontal plane the recorded body obeys m x'' = sum of F_i (x - p_i) / h: under each foot the force leans from the
centre of pressure p_i towards the body, as if it aimed at a point h above the ground. Feet moved by s_i move the body
by d with m d'' = sum of F_i (d - s_i) / h, and change each foot's lateral force by F_i (d - s_i) / h. A leaning trunk
carries angular momentum L, and its rate is taken out of the moment of the forces:
m d'' = (sum of F_i (d - s_i) - L') / h. The only free parameter is h, which the recording determines.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from workbench.core.types import USUAL_LEAN_STATURES, Array

_LEAST_EXPLAINED = 0.8  # share of the lateral force's sum of squares
_LOWEST_STATURES, _HIGHEST_STATURES = 0.45, 0.9


@dataclass(frozen=True)
class LeanHeight:
    """Height above the ground at which the ground force aims as the body sways over the feet."""

    height_m: float
    standard_error_m: float | None  #: None where it is the usual one
    explained: float  #: share of the recorded lateral force (sum of squares) that the fitted lean accounts for

    @property
    def is_own(self) -> bool:
        """True where it comes from this recording."""
        return self.standard_error_m is not None


def lean_height(lateral_N: Array, leaning_Nm: Array, stature_m: float) -> LeanHeight:
    """Fit the height h in F = sum of F_i (x - p_i) / h to a recording; the usual one if the fit is poor.

    Least squares through the origin. The fit is taken where it explains four fifths of the lateral force and h lies
    between 0.45 and 0.9 body heights.

    Parameters
    ----------
    lateral_N : (n,) array
        Lateral ground force of all recorded feet together.
    leaning_Nm : (n,) array
        Sum over the feet of the vertical force times the lateral distance of the body from the centre of pressure.
    stature_m : float

    Examples
    --------
    >>> distance_m = np.array([0.05, 0.02, -0.03, -0.06])
    >>> found = lean_height(700.0 * distance_m / 1.02, 700.0 * distance_m, stature_m=1.7)
    >>> round(found.height_m, 3), found.is_own
    (1.02, True)
    >>> lean_height(np.array([10.0, -10.0, 10.0, -10.0]), 700.0 * distance_m, stature_m=1.7).is_own
    False
    """
    power = float(leaning_Nm @ leaning_Nm)
    slope = float(leaning_Nm @ lateral_N) / power if power > 0.0 else 0.0
    misfit = lateral_N - slope * leaning_Nm
    total = float(lateral_N @ lateral_N)
    explained = 1.0 - float(misfit @ misfit) / total if total > 0.0 else 0.0
    plausible = slope > 0.0 and _LOWEST_STATURES <= 1.0 / (slope * stature_m) <= _HIGHEST_STATURES
    if explained < _LEAST_EXPLAINED or not plausible:
        return LeanHeight(USUAL_LEAN_STATURES * stature_m, None, explained)
    error = np.sqrt(float(misfit @ misfit) / (len(misfit) - 1) / power)
    return LeanHeight(1.0 / slope, float(error / slope**2), explained)


def sway_m(
    vertical_N: Array,
    shift_m: Array,
    *,
    mass_kg: float,
    lean_m: float,
    duration_s: float,
    turning_Nm: Array | float = 0.0,
    pushed_N: Array | float = 0.0,
) -> Array:
    """How far the body moves sideways when its feet are moved or its trunk leans, (n,), periodic over the stride.

    Solves m d'' = (sum of F_i (d - s_i) - L') / h with fourth-order differences.

    Parameters
    ----------
    vertical_N : (feet, n) array
        Vertical force under each foot at n instants evenly spaced over one stride, its end left out.
    shift_m : (feet, n) array
        Lateral displacement of each foot; the same direction is positive for both.
    mass_kg : float
    lean_m : float
        The height h.
    duration_s : float
        Of the stride.
    turning_Nm : (n,) array, optional
        L', the rate of the angular momentum that a turning part of the body carries, towards positive shifts.
    pushed_N : (n,) array, optional
        Whatever else changes of the forces, added to the right side.

    Examples
    --------
    >>> standing_right = (np.arange(100) < 50).astype(float)
    >>> vertical_N = 700.0 * np.stack([standing_right, 1.0 - standing_right])
    >>> apart_m = np.stack([np.full(100, 0.05), np.full(100, -0.05)])  # each foot 5 cm outwards
    >>> sway = sway_m(vertical_N, apart_m, mass_kg=71.4, lean_m=1.0, duration_s=1.1)
    >>> (sway[[25, 75]] / 0.05).round(2).tolist()  # the body goes part of the way towards the standing foot
    [0.28, -0.28]
    """
    n = vertical_N.shape[1]
    step_s = duration_s / n
    one = np.eye(n)

    def beside(k: int) -> Array:
        return np.roll(one, k, axis=1)

    near, far = beside(1) + beside(-1), beside(2) + beside(-2)
    curvature = (16.0 * near - far - 30.0 * one) / (12.0 * step_s**2)
    system = mass_kg * curvature - np.diag(vertical_N.sum(axis=0) / lean_m)
    leaning = -((vertical_N * shift_m).sum(axis=0) + turning_Nm) / lean_m
    return np.asarray(np.linalg.solve(system, leaning + pushed_N))


def lateral_force_change_N(vertical_N: Array, sway: Array, shift_m: Array, lean_m: float) -> Array:
    """Change of a foot's lateral force as it moves by `shift_m` and the body by `sway`, (n,).

    Examples
    --------
    >>> lateral_force_change_N(np.array([800.0]), np.array([0.01]), np.array([0.05]), lean_m=1.0).round(6).tolist()
    [-32.0]
    """
    return np.asarray(vertical_N * (sway - shift_m) / lean_m)


def mirrored(values: Array, sign: float) -> Array:
    """A foot's curve over the stride and the other foot's of a symmetric walk, half a stride later, (2, n).

    Parameters
    ----------
    values : (n,) array
        n even.
    sign : float
        -1 for what changes sign from side to side.

    Examples
    --------
    >>> mirrored(np.array([1.0, 2.0, 3.0, 4.0]), -1.0).tolist()
    [[1.0, 2.0, 3.0, 4.0], [-3.0, -4.0, -1.0, -2.0]]
    """
    return np.stack([values, sign * np.roll(values, len(values) // 2)])
