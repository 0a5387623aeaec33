"""The built-in reference walk."""

from __future__ import annotations

from typing import Any

import numpy as np
import opensim
import pytest

from workbench.core.events import find_strides
from workbench.core.types import Trial
from workbench.core.vocabulary import PELVIS_TRANSLATIONS, SIDE_SUFFIX, SIDES, Side
from workbench.provenance import own_model_path
from workbench.simulation.scaling import scale_model
from workbench.trials.reference_walk import PERIOD_S, reference_spread, reference_walk

OUTLINE = ("heel", "medial_heel", "medial_forefoot", "toe_tip", "lateral_forefoot", "lateral_heel")


@pytest.fixture(scope="module")
def walk() -> Trial:
    return reference_walk()


def test_is_a_closed_cycle(walk: Trial) -> None:
    n = 100
    np.testing.assert_array_equal(walk.motion.values[:-n], walk.motion.values[n:])
    for reaction in walk.ground_reactions.values():
        np.testing.assert_array_equal(reaction.force_N[:-n], reaction.force_N[n:])
        np.testing.assert_array_equal(reaction.point_m[:-n], reaction.point_m[n:])
    assert walk.motion.time_s[n] - walk.motion.time_s[0] == pytest.approx(PERIOD_S)
    assert walk.periodic


def test_seam_of_the_cycle_is_smooth(walk: Trial) -> None:
    """No coordinate is bent more where one stride passes into the next than it is elsewhere."""
    bend = np.abs(np.diff(walk.motion.values, 3, axis=0))
    seam = np.isin(np.arange(len(bend)) % 100, (47, 48, 49))  # the seam lies between samples 49 and 50 of each cycle
    assert np.all(bend[seam].max(axis=0) <= 1.25 * bend[~seam].max(axis=0))


def test_one_stride_of_each_foot(walk: Trial) -> None:
    for side in SIDES:
        (stride,) = find_strides(walk, side)
        assert stride.duration_s == pytest.approx(PERIOD_S)
        assert 60.0 < stride.stance_percent < 66.0
        assert stride.start_s - walk.motion.time_s[0] > 0.49 * PERIOD_S
        assert walk.motion.time_s[-1] - stride.end_s > 0.5 * PERIOD_S


@pytest.mark.parametrize("side", SIDES)
def test_events_lie_where_the_force_crosses_20_newton(walk: Trial, side: Side) -> None:
    reaction = walk.ground_reactions[side]
    for strike in walk.foot_strikes_s[side]:
        after = int(np.searchsorted(reaction.time_s, strike))
        assert reaction.force_N[after, 1] >= 20.0
        assert reaction.force_N[after - 1, 1] == 0.0
    for off in walk.foot_offs_s[side]:
        after = int(np.searchsorted(reaction.time_s, off))
        assert reaction.force_N[after - 1, 1] >= 20.0
        assert reaction.force_N[after, 1] == 0.0


@pytest.mark.parametrize("side", SIDES)
def test_nothing_pushes_on_a_foot_in_the_air(walk: Trial, side: Side) -> None:
    reaction = walk.ground_reactions[side]
    air = reaction.force_N[:, 1] < 20.0
    assert not reaction.force_N[air].any()
    assert not reaction.torque_Nm[air].any()
    assert np.abs(reaction.point_m[:, [0, 2]]).max() < 0.5


def test_ground_carries_body_weight(walk: Trial) -> None:
    cycle = slice(0, 100)
    mean_N = sum(reaction.force_N[cycle, 1].mean() for reaction in walk.ground_reactions.values())
    assert mean_N == pytest.approx(walk.subject.body_weight_N, rel=0.01)
    across_N = [sum(r.force_N[cycle, axis].mean() for r in walk.ground_reactions.values()) for axis in (0, 2)]
    assert np.abs(across_N).max() < 0.005 * walk.subject.body_weight_N


def test_spread_has_the_phases_of_the_mean() -> None:
    spread = reference_spread()
    np.testing.assert_array_equal(spread["percent_stride"], np.arange(100))
    assert spread["knee_angle_r"].between(0.0, 5.0).all()
    assert spread["cop_r_x"].isna().any()


def test_says_whose_walk_it_is(walk: Trial) -> None:
    notes = " ".join(map(str, walk.findings))
    for said in ("54", "standard deviation", "Uhlrich", "Apache", "estimate", "treadmill"):
        assert said in notes


@pytest.fixture(scope="module")
def model(walk: Trial) -> Any:
    assert walk.scale_factors is not None
    return scale_model(opensim.Model(str(own_model_path())), walk.scale_factors, walk.subject.mass_kg)


@pytest.mark.parametrize("side", SIDES)
def test_centre_of_pressure_lies_under_the_foot(walk: Trial, model: Any, side: Side) -> None:
    """Seen from above; in the first four percent of the stride it lies up to 36 mm behind the heel, as recorded.

    See the README of the reference walk.
    """
    state = model.initSystem()
    reaction = walk.ground_reactions[side]
    foot = [f"{name}_{SIDE_SUFFIX[side]}" for name in OUTLINE]
    loaded = np.flatnonzero(reaction.force_N[:100, 1] > 0.05 * walk.subject.body_weight_N)
    outside_m = {}
    for i in loaded:
        for name, value in zip(walk.motion.names, walk.motion.values[i], strict=True):
            coordinate = model.getCoordinateSet().get(name)
            if not coordinate.getLocked(state):
                coordinate.setValue(state, value if name in PELVIS_TRANSLATIONS else np.radians(value), False)
        model.realizePosition(state)
        outline = np.array([model.getMarkerSet().get(name).getLocationInGround(state).to_numpy() for name in foot])
        outside_m[i] = _distance_outside(reaction.point_m[i, [0, 2]], outline[:, [0, 2]])
    strike_s = walk.foot_strikes_s[side][0] % PERIOD_S
    late = [d for i, d in outside_m.items() if (reaction.time_s[i] - strike_s) % PERIOD_S > 0.05 * PERIOD_S]
    assert max(outside_m.values()) < 0.037
    assert max(late) < 0.008


def _distance_outside(point: np.ndarray, corners: np.ndarray) -> float:
    """Distance of a point from a polygon, 0 inside."""
    begin, end = corners, np.roll(corners, -1, axis=0)
    along = end - begin
    share = np.clip(np.sum((point - begin) * along, axis=1) / np.sum(along**2, axis=1), 0.0, 1.0)
    distance = np.linalg.norm(point - begin - share[:, None] * along, axis=1).min()
    crosses = (begin[:, 1] > point[1]) != (end[:, 1] > point[1])
    at = begin[:, 0] + (point[1] - begin[:, 1]) / np.where(crosses, along[:, 1], 1.0) * along[:, 0]
    inside = np.count_nonzero(crosses & (point[0] < at)) % 2 == 1
    return 0.0 if inside else float(distance)
