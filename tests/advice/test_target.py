"""The protocol, the guard rails and the evidence, on outcomes made up of straight lines."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest

from tests.core.mechanics import solved
from tests.core.synthetic_leg import STRIDE, SUBJECT, at, synthetic_leg
from workbench.advice.assumptions import Assumed, other_assumptions
from workbench.advice.certainty import (
    band_of,
    own_strides,
    simulated_slopes,
    stride_spread,
)
from workbench.advice.law_of_strides import SLOPED_PEAKS
from workbench.advice.people import PEOPLE, toe_in_percentile, toe_in_quantiles
from workbench.advice.personal import personal_target
from workbench.advice.target import (
    KAM_GOAL,
    MEDIAL_FORCE_GOAL,
    PROTOCOL_POINTS,
    RULES,
    TargetRules,
    broken_rules,
    candidates,
    change_percent,
    choose,
    flags_of,
    searches,
)
from workbench.core.changes import UNCHANGED, Changes
from workbench.core.load_map import load_map, outcomes_of
from workbench.core.outcomes import (
    HOLDING_FORCE,
    LATERAL_HELD_DOWN,
    LOWEST_LATERAL,
    OUTSIDE_FOOT,
    joint_peaks,
    leg_outcomes,
)
from workbench.core.response import PLANE, chebyshev_nodes, node_points, response_surface
from workbench.core.settings import GaitModification, LoadSettings
from workbench.core.types import MechanicsChecks, SolvedLeg, Stride
from workbench.core.vocabulary import JOINT_PEAKS, PEAKS

RULES_DEFAULT = TargetRules()
RECORDED = dict.fromkeys((*PEAKS, *JOINT_PEAKS), 1.0) | {
    "kam_peak_1_pct_bw_ht": 4.0,
    "kam_peak_2_pct_bw_ht": 3.0,
    "mcf_peak_1_bw": 2.0,
    "mcf_peak_2_bw": 2.5,
    LOWEST_LATERAL: 0.05,
    LATERAL_HELD_DOWN: 0.1,
    HOLDING_FORCE: 0.2,
    OUTSIDE_FOOT: 0.002,
}


def linear(
    kam_1: tuple[float, float] = (0.0, 0.0),
    kam_2: tuple[float, float] = (0.0, 0.0),
    mcf_2: tuple[float, float] = (0.0, 0.0),
    kam_1_recorded: float = 4.0,
):
    """Outcomes that change by so much per degree and per metre."""

    def outcomes(changes: Changes) -> dict[str, float]:
        turn_deg, widening_m = (changes[name] for name in PLANE)
        changed = dict(RECORDED) | {"kam_peak_1_pct_bw_ht": kam_1_recorded}
        for name, (per_degree, per_metre) in (
            ("kam_peak_1_pct_bw_ht", kam_1),
            ("kam_peak_2_pct_bw_ht", kam_2),
            ("mcf_peak_2_bw", mcf_2),
        ):
            changed[name] += per_degree * turn_deg + per_metre * widening_m
        return changed

    return outcomes


def protocol(outcomes):
    return choose(candidates(outcomes, PROTOCOL_POINTS, RULES_DEFAULT), KAM_GOAL, RULES_DEFAULT, "foot-angle")


def test_the_protocol_tries_five_and_ten_degrees_both_ways() -> None:
    assert (at(-10.0), at(-5.0), at(5.0), at(10.0)) == PROTOCOL_POINTS
    tried = searches(PLANE)
    assert {name: len(search.points) for name, search in tried.items()} == {
        "foot_angle": 4, "finer_foot_angle": 20, "step_width": 20, "both": 80,
    }  # fmt: skip
    assert not any(UNCHANGED in search.points for search in tried.values())
    assert at(0.0, 0.07) in tried["step_width"].points
    assert at(-7.5, 0.025) in tried["both"].points


def test_recommends_what_lowers_the_larger_peak_most() -> None:
    choice = protocol(linear(kam_1=(0.03, 0.0)))  # 4.0 falls by 0.3 with 10 degrees of toe-in: 7.5 %
    assert choice.recommended is choice.best
    assert choice.recommended is not None
    assert choice.recommended.changes == at(-10.0)
    assert choice.recommended.kam_change_percent == pytest.approx(-7.5)
    assert choice.reason == "the larger KAM peak falls most with toe-in 10°, by 7.5 %"


def test_a_peak_that_becomes_the_larger_one_counts() -> None:
    # The first peak falls by 1.0, but the second rises to 3.9: the larger falls by 2.5 % only.
    outcomes = linear(kam_1=(0.1, 0.0), kam_2=(-0.09, 0.0))
    assert change_percent(outcomes(at(-10.0)), RECORDED, KAM_GOAL) == pytest.approx(-2.5)
    choice = protocol(outcomes)
    assert choice.recommended is not None
    assert choice.recommended.changes == at(-5.0)  # 3.5 and 3.45: 12.5 %


@pytest.mark.parametrize(("per_degree", "helps"), [(0.0201, True), (0.0199, False)])
def test_requires_five_percent(per_degree: float, helps: bool) -> None:
    choice = protocol(linear(kam_1=(per_degree, 0.0)))
    assert (choice.recommended is not None) is helps
    if not helps:
        assert choice.reason == "no helpful foot-angle change"
        assert "toe-in 10°" in choice.detail
        assert "a reduction of 5 % is required" in choice.detail


def test_the_same_for_the_medial_force() -> None:
    judged = candidates(linear(mcf_2=(-0.02, 0.0)), PROTOCOL_POINTS, RULES_DEFAULT)
    choice = choose(judged, MEDIAL_FORCE_GOAL, RULES_DEFAULT, "foot-angle")
    assert choice.recommended is not None
    assert choice.recommended.changes == at(10.0)
    assert choice.recommended.medial_force_change_percent == pytest.approx(-8.0)


@pytest.mark.parametrize(
    ("changed", "rule", "words"),
    [
        ({"kam_peak_2_pct_bw_ht": 3.07}, "kam_peak_rises", "KAM, second peak rises by 0.07 % BW·ht (2 %)"),
        ({"mcf_peak_1_bw": 2.6}, "medial_force_rises", "rises by 0.10 BW"),
        ({"lcf_peak_2_bw": 1.11}, "lateral_force_rises", "rises by 0.11 BW"),
        ({LOWEST_LATERAL: -0.2}, "lateral_lift_off", "falls to -0.20 BW"),
        (
            {LATERAL_HELD_DOWN: 0.3, HOLDING_FORCE: 0.6},
            "lateral_lift_off",
            "would fall to -0.30 BW; preventing lift-off takes 0.60 BW more muscle force",
        ),
        ({"kfm_peak_pct_bw_ht": 1.5}, "knee_flexion_moment_rises", "rises by 0.50 % BW·ht (50 %)"),
        ({"hip_adduction_moment_peak_pct_bw_ht": 1.1}, "hip_or_ankle_moment_rises", "Hip adduction moment"),
        ({"ankle_dorsiflexion_moment_peak_pct_bw_ht": 1.1}, "hip_or_ankle_moment_rises", "Ankle moment"),
        (
            {OUTSIDE_FOOT: 0.02},
            "centre_of_pressure_leaves_foot",
            "2.0 cm outside the foot (0.2 cm in the recorded walk)",
        ),
    ],
)
def test_each_guard_rail_gives_its_reason(changed: dict[str, float], rule: str, words: str) -> None:
    (flag,) = flags_of(at(-5.0), RECORDED | changed, RECORDED, RULES_DEFAULT)
    assert flag.rule == rule
    assert rule in RULES
    assert words in flag.reason


def test_a_change_beyond_what_was_tried_is_flagged() -> None:
    assert [flag.rule for flag in flags_of(at(12.0), RECORDED, RECORDED, RULES_DEFAULT)] == ["beyond_what_was_tried"]
    assert flags_of(at(10.0, 0.1), RECORDED, RECORDED, RULES_DEFAULT) == ()


def test_joint_peaks_are_external_and_over_stance() -> None:
    leg = synthetic_leg()
    moments = np.zeros_like(leg.joint_moment_Nm)
    hip, ankle = leg.coordinates.index("hip_adduction"), leg.coordinates.index("ankle_angle")
    moments[20, hip] = -2.0 * SUBJECT.pct_bw_ht_Nm  # the abductors hold the pelvis: an external adduction moment
    moments[80, hip] = -9.0 * SUBJECT.pct_bw_ht_Nm  # swing
    moments[50, ankle] = -7.0 * SUBJECT.pct_bw_ht_Nm
    found = joint_peaks(replace(leg, joint_moment_Nm=moments), STRIDE, SUBJECT)
    assert found == pytest.approx(
        {
            "hip_adduction_moment_peak_pct_bw_ht": 2.0,
            "hip_flexion_moment_peak_pct_bw_ht": 0.0,
            "ankle_dorsiflexion_moment_peak_pct_bw_ht": 7.0,
        }
    )


NOMINAL, LOW, HIGH = (Assumed(GaitModification(pivot=pivot)) for pivot in (0.5, 0.35, 0.65))


def changed_by(percent: float) -> dict[str, float]:
    return RECORDED | {"kam_peak_1_pct_bw_ht": 4.0 * (1.0 + percent / 100.0)}


@pytest.mark.parametrize(("percents", "survives"), [((-7.5, -6.0, -9.0), True), ((-7.5, -3.0, -9.0), False)])
def test_a_recommendation_survives_if_it_holds_under_every_assumption(
    percents: tuple[float, ...], survives: bool
) -> None:
    choice = protocol(linear(kam_1=(0.03, 0.0)))
    under = {one: changed_by(percent) for one, percent in zip((NOMINAL, LOW, HIGH), percents, strict=True)}
    band = band_of(choice, RECORDED, under, None, RULES_DEFAULT)
    assert band.survives is survives
    assert (band.lowest_percent, band.highest_percent) == pytest.approx((min(percents), max(percents)))
    assert ("not robust" in band.verdict) is not survives
    assert "below the test-retest error" in band.verdict  # 0.30 against 0.36
    assert band.most == "pivot"
    assert "The pivot matters most." in band.verdict
    assert band.change == pytest.approx(-0.3)


@pytest.mark.parametrize(("worst", "survives"), [(-3.0, True), (-6.0, False)])
def test_no_recommendation_survives_if_nothing_makes_it_helpful(worst: float, survives: bool) -> None:
    choice = protocol(linear(kam_1=(0.01, 0.0)))
    assert choice.recommended is None
    band = band_of(choice, RECORDED, {NOMINAL: changed_by(-2.5), LOW: changed_by(worst)}, None, RULES_DEFAULT)
    assert band.survives is survives


def strides_with(slopes: Sequence[float]) -> list[dict[Changes, dict[str, float]]]:
    points = (UNCHANGED, *PROTOCOL_POINTS)
    return [{point: linear(kam_1=(slope, 0.0))(point) for point in points} for slope in slopes]


def test_the_spread_counts_what_each_stride_would_recommend() -> None:
    spread = stride_spread(strides_with([0.03, 0.03, 0.01, -0.03]), at(-10.0), KAM_GOAL, RULES_DEFAULT)
    assert spread.changes_percent == pytest.approx((-7.5, -7.5, -2.5, 7.5))
    assert spread.recommended == {at(-10.0): 2, None: 1, at(10.0): 1}
    choice = protocol(linear(kam_1=(0.03, 0.0)))
    band = band_of(choice, RECORDED, {NOMINAL: changed_by(-7.5)}, spread, RULES_DEFAULT)
    assert not band.survives
    assert "50 % of the strides examined" in band.verdict


def own(kam_per_degree: float, kam_per_metre: float, noise: float, count: int = 60):
    random = np.random.default_rng(7)
    turns, widths = random.normal(5.0, 1.0, count), random.normal(0.12, 0.02, count)
    errors = random.normal(0.0, noise, (count, 4))
    return [
        {
            "foot_progression_angle_deg": turn,
            "step_width_m": width,
            "kam_peak_1_pct_bw_ht": 3.0 + kam_per_degree * turn + kam_per_metre * width + e[0],
            "kam_peak_2_pct_bw_ht": 2.0 + e[1],
            "mcf_peak_1_bw": 2.0 + e[2],
            "mcf_peak_2_bw": 2.5 + e[3],
        }
        for turn, width, e in zip(turns, widths, errors, strict=True)
    ]


def test_own_strides_find_the_slopes() -> None:
    simulated = simulated_slopes(linear(kam_1=(0.02, -4.0)))
    assert simulated["kam_peak_1_pct_bw_ht", "foot_progression_angle_deg"] == pytest.approx(0.2)
    assert simulated["kam_peak_1_pct_bw_ht", "step_width_m"] == pytest.approx(-0.4)
    found = own_strides(own(0.02, -4.0, 1e-9), simulated)
    assert found is not None
    assert [slope.measured for slope in found.slopes] == pytest.approx([0.2, -0.4, *[0.0] * 6], abs=1e-6)
    assert found.strides == 60


def test_own_strides_agree_disagree_or_cannot_tell() -> None:
    simulated = simulated_slopes(linear(kam_1=(0.02, -4.0)))

    def words(peaks) -> list[str]:
        found = own_strides(peaks, simulated)
        assert found is not None
        return [slope.agreement for slope in found.slopes[:2]]

    assert words(own(0.02, -4.0, 0.01)) == ["agree", "agree"]
    assert words(own(-0.05, -4.0, 0.01)) == ["disagree", "agree"]
    assert words(own(0.02, -4.0, 3.0)) == ["cannot tell", "cannot tell"]
    found = own_strides(own(-0.05, -4.0, 0.01), simulated)
    assert found is not None
    assert found.sentence.startswith(
        "Slopes over the person's own 60 strides: in agreement with the simulation: first KAM peak"
    )
    assert own_strides(own(0.02, -4.0, 0.1, count=19), simulated) is None


def test_the_confidence_interval_holds_the_truth_as_often_as_it_says() -> None:
    simulated = simulated_slopes(linear())
    random = np.random.default_rng(3)
    hits = 0
    for _ in range(300):
        peaks = own(0.0, 0.0, 0.0, count=25)
        for one in peaks:
            for peak in SLOPED_PEAKS:
                one[peak] += random.normal(0.0, 0.2)
        found = own_strides(peaks, simulated)
        assert found is not None
        hits += sum(slope.low <= 0.0 <= slope.high for slope in found.slopes)
    assert 0.92 <= hits / 2400 <= 0.98


def test_places_a_response_among_people() -> None:
    percent, fall = toe_in_quantiles()
    assert PEOPLE == 107
    assert (np.diff(fall) > 0).all()
    assert toe_in_percentile(float(fall[8])) == pytest.approx(50.0) == percent[8]
    assert toe_in_percentile(-9.0) == 0.0
    assert toe_in_percentile(9.0) == 100.0


@pytest.mark.data
def test_the_quantiles_are_those_of_the_measured_people(data_folder) -> None:
    measured = np.loadtxt(data_folder / "toein_response" / "y_TIP1diff.csv")
    percent, fall = toe_in_quantiles()
    assert len(measured) == PEOPLE
    np.testing.assert_allclose(fall, np.percentile(measured, percent), atol=5e-4)


def synthetic_surface():
    turns, widenings = chebyshev_nodes(2, 15.0), chebyshev_nodes(2, 0.1)
    points = (UNCHANGED, *node_points(PLANE, [turns, widenings]))
    legs = {point: solved(synthetic_leg(point)) for point in points}
    nodes = dict(zip(PLANE, (turns, widenings), strict=True))
    return response_surface(STRIDE, SUBJECT, GaitModification(), nodes, legs)


def test_a_map_shows_where_rules_are_broken() -> None:
    surface = synthetic_surface()
    outcomes = outcomes_of(surface, LoadSettings())
    grid = dict(zip(PLANE, (np.array([-14.0, 0.0, 14.0]), np.array([-0.05, 0.0])), strict=True))
    loads = load_map(surface, outcomes, grid=grid)
    assert set(loads.values) == {*PEAKS, *JOINT_PEAKS, LOWEST_LATERAL, LATERAL_HELD_DOWN, HOLDING_FORCE, OUTSIDE_FOOT}
    broken = broken_rules(loads, RULES_DEFAULT)
    assert set(broken) == set(RULES)
    np.testing.assert_array_equal(broken["beyond_what_was_tried"], [[1, 1], [0, 0], [1, 1]])
    assert not any(where[1, 1] for where in broken.values())


@pytest.mark.parametrize("count", [1, 25])
def test_puts_the_personal_target_together(count: int) -> None:
    asked: list[tuple[Stride, GaitModification]] = []

    def solve_all(jobs):
        asked.extend(jobs)
        checks = MechanicsChecks(None, None, None, 0.0)
        return [SolvedLeg(synthetic_leg(gait.changes), checks) for _, _, gait in jobs]

    # The gait differs a little from stride to stride, as the regression needs it.
    strides = [replace(STRIDE, number=k + 1, start_s=k + 0.0, toe_off_s=k + 0.66, end_s=k + 1.1) for k in range(count)]
    surface = synthetic_surface()
    if count == 25:
        random = np.random.default_rng(1)
        plain = solve_all

        def solve_all(jobs):
            return [
                replace(
                    leg,
                    mechanics=replace(
                        leg.mechanics,
                        step_width_m=leg.mechanics.step_width_m + random.normal(0.0, 0.01),
                        foot_progression_angle_deg=leg.mechanics.foot_progression_angle_deg + random.normal(0.0, 1.0),
                    ),
                )
                for leg in plain(jobs)
            ]

    target = personal_target(surface, strides, LoadSettings(), solve_all)
    direct = leg_outcomes(synthetic_leg(), 0.0, STRIDE, SUBJECT, LoadSettings())
    assert target.recorded == pytest.approx(direct)
    assert [one.changes for one in target.candidates] == list(PROTOCOL_POINTS)
    assert len(target.alternatives) == 7
    assert (target.own_strides is None) is (count == 1)
    assert (target.protocol.band.spread is None) is (count == 1)
    if target.protocol.band.spread:
        assert len(target.protocol.band.spread.changes_percent) == 6
    pivots = {gait.pivot for _, _, gait in asked}
    assert pivots == {0.35, 0.5, 0.65}
    assert {gait.virtual_point_statures for _, _, gait in asked} == {1.0, None}
    for answer in (target.protocol, *target.alternatives.values()):
        first, *others = answer.band.changes_percent
        assert first == NOMINAL
        # Nothing leans: when a lean peaks is asked by no change of these.
        assert set(others) == {one for one in other_assumptions(NOMINAL) if one["lean_peak"] == NOMINAL["lean_peak"]}
    fall = direct["kam_peak_1_pct_bw_ht"] - outcomes_of(surface, LoadSettings())(at(-10.0))["kam_peak_1_pct_bw_ht"]
    assert target.toe_in_fall_pct_bw_ht == pytest.approx(fall)
