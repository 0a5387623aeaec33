"""How the two feet share the total ground reaction, for a walk without force plates."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Final

import numpy as np

from workbench.core.types import Array
from workbench.core.vocabulary import SIDES, Side, opposite

Spans = Mapping[Side, Sequence[tuple[float, float]]]

# Chosen on the plates of four people; METHODS, section 9, says which and how flat the optimum is.
_MOMENT_WEIGHT: Final = 0.8  #: of the moment balance against the usual curve, in double support
_AIM_STATURES: Final = 0.75  #: height at which the fore-aft forces of both feet aim
_FORCE_SHARE: Final = 0.5  #: of the gap between moment balance and foot that the horizontal force closes
_POINT_SHARE: Final = 0.1  #: and the centre of pressure
_FADE_S: Final = 0.02  #: within this of strike and toe-off the share follows the usual curve alone

#: Centre of pressure along the foot, in foot lengths from the heel, at each twentieth of stance.
_ROLL_OVER: Final = np.array(
    [0.03, 0.08, 0.18, 0.26, 0.32, 0.36, 0.40, 0.44, 0.48, 0.53, 0.57]
    + [0.61, 0.64, 0.68, 0.71, 0.75, 0.77, 0.79, 0.80, 0.81, 0.80]
)


def usual_share(progress: Array) -> Array:
    """Share of the vertical force on the leading foot against the progress of double support, 0 to 1.

    Half way between a straight line and a cubic step: what the plates under four people show within 0.05 on average.
    Steeper curves (a fifth-order step; Ren et al. 2008, J Biomech 41:2750, use an exponential) hand over too late
    and then too fast.

    Examples
    --------
    >>> usual_share(np.array([0.0, 0.2, 0.5, 0.8, 1.0])).round(3).tolist()
    [0.0, 0.152, 0.5, 0.848, 1.0]
    """
    x = np.clip(progress, 0.0, 1.0)
    return np.asarray(0.5 * x + 0.5 * x**2 * (3.0 - 2.0 * x))


def usual_shares(time_s: Array, spans: Spans) -> dict[Side, Array]:
    """Share of each foot, (n,): all in single support, the usual curve in double support, none in the air.

    Parameters
    ----------
    time_s : (n,) array
    spans : mapping of side to (foot strike, toe-off) in s

    Examples
    --------
    >>> shares = usual_shares(np.array([0.3, 0.55, 0.9]), {"left": [(0.0, 0.6)], "right": [(0.5, 1.1)]})
    >>> shares["left"].round(2).tolist(), shares["right"].round(2).tolist()
    ([1.0, 0.5, 0.0], [0.0, 0.5, 1.0])
    """
    shares = {side: np.zeros_like(time_s) for side in SIDES}
    for side in SIDES:
        for strike, off in spans[side]:
            shares[side][(time_s >= strike) & (time_s <= off)] = 1.0
    for leading, strike, off in double_supports(spans):
        both = (time_s >= strike) & (time_s <= off)
        shares[leading][both] = usual_share((time_s[both] - strike) / (off - strike))
        shares[opposite(leading)][both] = 1.0 - shares[leading][both]
    # Who stands on both feet from one end of the recording to the other stands on each alike.
    in_all = np.maximum(shares["left"] + shares["right"], 1.0)
    return {side: shares[side] / in_all for side in SIDES}


def double_supports(spans: Spans) -> tuple[tuple[Side, float, float], ...]:
    """Leading foot, its strike, and the toe-off of the other foot, of every double support.

    Examples
    --------
    >>> double_supports({"left": [(0.0, 0.6)], "right": [(0.5, 1.1)]})
    (('right', 0.5, 0.6),)
    """
    return tuple(
        (leading, strike, other_off)
        for leading in SIDES
        for strike, off in spans[leading]
        for other_strike, other_off in spans[opposite(leading)]
        if other_strike < strike < other_off < off
    )


def shared_by_moment(
    time_s: Array,
    spans: Spans,
    shares: Mapping[Side, Array],
    total_forward_m: Array,
    forward_m: Mapping[Side, Array],
) -> dict[Side, Array]:
    """Shares in double support drawn to the sagittal balance of moments.

    The centre of pressure of the whole body divides the way between those of the two feet as the vertical forces do.

    Parameters
    ----------
    time_s : (n,) array
    spans : mapping of side to (foot strike, toe-off) in s
    shares : mapping of side to (n,) array
        See `usual_shares`.
    total_forward_m : (n,) array
        Centre of pressure of the whole body along the direction of walking.
    forward_m : mapping of side to (n,) array
        That of each foot.

    Examples
    --------
    >>> time_s = np.array([0.5, 0.55, 0.6])
    >>> spans = {"left": [(0.0, 0.6)], "right": [(0.5, 1.1)]}
    >>> feet = {"left": np.zeros(3), "right": np.full(3, 0.6)}
    >>> shares = shared_by_moment(time_s, spans, usual_shares(time_s, spans), np.array([0.1, 0.4, 0.6]), feet)
    >>> shares["right"].round(3).tolist()  # two thirds by the moment, a half by the curve
    [0.0, 0.633, 1.0]
    """
    shared = {side: shares[side].copy() for side in SIDES}
    for leading, strike, off in double_supports(spans):
        both = (time_s >= strike) & (time_s <= off)
        trailing = opposite(leading)
        step_m = forward_m[leading][both] - forward_m[trailing][both]
        if not (step_m > 0.0).all():  # a foot beside the other one: the moment cannot tell them apart
            continue
        balance = np.clip((total_forward_m[both] - forward_m[trailing][both]) / step_m, 0.0, 1.0)
        from_events_s = np.minimum(time_s[both] - strike, off - time_s[both])
        weight = _MOMENT_WEIGHT * np.clip(from_events_s / _FADE_S, 0.0, 1.0)
        shared[leading][both] += weight * (balance - shared[leading][both])
        shared[trailing][both] = 1.0 - shared[leading][both]
    return shared


def rolled_over(time_s: Array, spans: Sequence[tuple[float, float]]) -> Array:
    """Centre of pressure along the foot, (n,) in foot lengths from the heel, by the progress of stance.

    The mean of four people. In the air it keeps the nearer end.

    Examples
    --------
    >>> rolled_over(np.array([0.0, 0.3, 0.6]), [(0.0, 0.6)]).tolist()
    [0.03, 0.57, 0.8]
    """
    place = np.full_like(time_s, _ROLL_OVER[0])
    gaps = [0.5 * (off + strike) for (_, off), (strike, _) in pairwise(spans)]
    for number, (strike, off) in enumerate(spans):
        begin = gaps[number - 1] if number else -np.inf
        end = gaps[number] if number < len(gaps) else np.inf
        near = (time_s >= begin) & (time_s < end)
        progress = (time_s[near] - strike) / (off - strike)
        place[near] = np.interp(progress, np.linspace(0.0, 1.0, len(_ROLL_OVER)), _ROLL_OVER)
    return place


def horizontal_forces(
    total_N: Array,
    shares: Mapping[Side, Array],
    points_m: Mapping[Side, Array],
    centre_of_mass_m: Array,
    total_point_m: Array,
    walkway: Array,
    height_m: float,
) -> tuple[dict[Side, Array], dict[Side, Array]]:
    """Forces of both feet, and their centres of pressure moved a little towards the balance of moments.

    The vertical force is shared. Fore-aft, each foot's force aims from its centre of pressure over the body's centre
    of mass, so that in double support the trailing foot pushes while the leading one brakes; what the sum of the two
    lacks is shared like the vertical force. Sideways the force is shared.

    The centre of pressure that follows from the whole body's moments and the one under the feet differ, by errors of
    the mass distribution, of the accelerations and of the foot. Half of the gap is closed by turning the horizontal
    force about the body's centre of mass, a tenth by moving the centre of pressure, and the rest is left unexplained.

    Parameters
    ----------
    total_N : (n, 3) array
        Ground reaction on the whole body, laboratory axes.
    shares : mapping of side to (n,) array
    points_m : mapping of side to (n, 3) array
        Centre of pressure under each foot.
    centre_of_mass_m : (n, 3) array
        Of the whole body, above the floor.
    total_point_m : (n, 3) array
        Centre of pressure of the whole body by the balance of moments.
    walkway : (3, 3) array
        Rows forward, up, right.
    height_m : float
        Stature.

    Examples
    --------
    >>> total, point = np.array([[0.0, 800.0, 20.0]]), np.array([[0.1, 0.0, 0.1]])
    >>> forces, points = horizontal_forces(
    ...     total,
    ...     {"left": np.zeros(1), "right": np.ones(1)},
    ...     {"left": np.zeros((1, 3)), "right": point},
    ...     np.array([[0.1, 1.0, 0.0]]),
    ...     point,
    ...     np.eye(3),
    ...     1.75,
    ... )
    >>> forces["right"].tolist(), forces["left"].tolist()  # the moments agree: all of it stands on the right foot
    ([[0.0, 800.0, 20.0]], [[0.0, 0.0, 0.0]])
    """
    forward = walkway[0]
    under_feet = sum(shares[side][:, None] * points_m[side] for side in SIDES)
    gap = (total_point_m - under_feet) * np.array([1.0, 0.0, 1.0])
    vertical = total_N[:, 1]
    total = total_N + _FORCE_SHARE * (vertical / centre_of_mass_m[:, 1])[:, None] * gap
    aimed = {
        side: shares[side] * vertical * ((centre_of_mass_m - points_m[side]) @ forward) / (_AIM_STATURES * height_m)
        for side in SIDES
    }
    lacking = total @ forward - sum(aimed.values())
    forces, points = {}, {}
    for side in SIDES:
        share = shares[side][:, None]
        fore_aft = aimed[side] + shares[side] * lacking
        across = total - np.outer(total @ forward, forward)
        forces[side] = share * across + np.outer(fore_aft, forward)
        points[side] = points_m[side] + _POINT_SHARE * np.where(share > 0.0, gap, 0.0)
    return forces, points
