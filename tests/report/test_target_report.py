"""The personal target as sentences and tables, from made-up candidates."""

from __future__ import annotations

import pytest

from tests.core.synthetic_leg import at
from workbench.advice.assumptions import Assumed
from workbench.advice.certainty import Band, OwnStrides, SlopeComparison
from workbench.advice.personal import JudgedChoice, PersonalTarget
from workbench.advice.target import KAM_GOAL, MEDIAL_FORCE_GOAL, Candidate, Flag, Goal, TargetRules, choose, searches
from workbench.core.changes import Changes
from workbench.core.response import PLANE
from workbench.core.settings import GaitModification
from workbench.report import target_report

RULES = TargetRules()
NOMINAL = Assumed(GaitModification())
DIRECTION_KEPT = Assumed(GaitModification(balance="held", virtual_point_statures=None))
SETS = ("foot_angle", "finer_foot_angle", "step_width", "both")


def target(changes: dict[Changes, tuple[float, float]], own: OwnStrides | None = None) -> PersonalTarget:
    """A target from the change of the larger KAM peak and of the larger medial force peak, percent, of each."""
    judged = tuple(
        Candidate(one, {"kam_peak_1_pct_bw_ht": 3.0}, kam, force, (Flag("kam_peak_rises", "a < b"),) if kam > 0 else ())
        for one, (kam, force) in changes.items()
    )

    def answer(goal: Goal) -> JudgedChoice:
        choice = choose(judged, goal, RULES, "foot-angle")
        percent = choice.best.change_percent(goal)
        band = Band(
            choice.best.changes,
            {NOMINAL: percent, DIRECTION_KEPT: percent - 1.0},
            None,
            -0.2,
            0.36,
            "virtual_point_statures",
            True,
            "It is sure.",
        )
        return JudgedChoice(choice, band)

    kam, force = answer(KAM_GOAL), answer(MEDIAL_FORCE_GOAL)
    alternatives = {("foot_angle", "medial_force"): force} | {
        (name, aim): one for name in SETS[1:] for aim, one in (("kam", kam), ("medial_force", force))
    }
    return PersonalTarget({}, judged, kam, alternatives, 0.2, 49.0, own, RULES, searches(PLANE), None)


APART = target({at(-10.0): (-6.8, 11.9), at(10.0): (4.8, -13.9)})


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        (
            {at(-10.0): (-6.8, 11.9), at(10.0): (4.8, -13.9)},
            "KAM and contact force disagree: with toe-in 10° the larger peak of the medial contact force changes by"
            " +11.9 %; it falls most with toe-out 10°, -13.9 %.",
        ),
        (
            {at(-10.0): (-6.8, 11.9), at(10.0): (4.8, 2.0)},
            "KAM and contact force disagree: with toe-in 10° the larger peak of the medial contact force changes by"
            " +11.9 %; it rises least with toe-out 10°, +2.0 %.",
        ),
        (
            {at(-10.0): (-6.8, -3.0), at(10.0): (4.8, 2.0)},
            "KAM and contact force agree: with toe-in 10° the larger peak of the medial contact force changes by -3.0"
            " %, the largest reduction of the four.",
        ),
        (
            {at(-10.0): (-6.8, 1.0), at(10.0): (4.8, 2.0)},
            "KAM and contact force disagree: with toe-in 10° the larger peak of the medial contact force changes by"
            " +1.0 %"
            ", and none of the other three lowers it.",
        ),
    ],
    ids=["falls elsewhere", "rises least elsewhere", "agree", "rises everywhere"],
)
def test_what_the_best_change_for_the_moment_does_to_the_force(
    changes: dict[Changes, tuple[float, float]], sentence: str
) -> None:
    assert target_report.doubt_sentences(target(changes)) == [sentence, "It is sure."]


def test_the_answer_names_the_change_or_says_that_none_helps() -> None:
    assert (
        target_report.answer_sentence(APART) == "Recommended: toe-in 10°; it lowers the larger KAM peak most, by 6.8 %"
    )
    none = target({at(-5.0): (-3.0, 1.0), at(5.0): (2.0, -1.0)})
    assert target_report.answer_sentence(none) == (
        "Recommended: no change (no helpful foot-angle change); the best one, toe-in 5°, changes the larger KAM peak by"
        " -3.0 %; a reduction of 5 % is required"
    )


def test_moment_and_force_each_have_their_best_change() -> None:
    table = target_report.candidates_table(APART)
    assert list(table.index) == ["toe-in 10°", "toe-out 10°"]
    assert list(table["best_for"]) == ["KAM", "medial force"]
    assert list(table["larger_medial_force_peak_change_percent"]) == [11.9, -13.9]
    assert list(table["against"]) == ["", "a < b"]
    both = target_report.candidates_table(target({at(-10.0): (-6.8, -3.0), at(10.0): (4.8, 2.0)}))
    assert list(both["best_for"]) == ["KAM and medial force", ""]


def test_the_protocol_stands_first_among_the_alternatives() -> None:
    table = target_report.alternatives_table(APART)
    assert list(table.index) == [(name, aim) for name in SETS for aim in ("kam", "medial_force")]
    first = table.loc[("foot_angle", "kam")]
    assert (first["best"], first["change_percent"], first["lowest_percent"]) == ("toe-in 10°", -6.8, -7.8)
    assert first["helpful"]
    assert first["survives"]


def test_each_assumption_is_named() -> None:
    table = target_report.assumptions_table(APART)
    assert list(table["ground_force"]) == [
        "body sways with the feet, ground force aims at a height of 0.7 × body height",
        "pelvis held, ground force keeps its recorded direction",
    ]
    assert list(table["larger_kam_peak_change_percent"]) == [-6.8, -7.8]


def test_own_strides_stand_beside_the_simulated_slope_or_are_too_few() -> None:
    assert target_report.own_strides_table(APART) is None
    assert "fewer than twenty" in target_report.people_sentences(APART)[1]
    slope = SlopeComparison("kam_peak_1_pct_bw_ht", "step_width_m", -0.3, -0.5, -0.1, -0.4, "agree")
    enough = target({at(-10.0): (-6.8, 11.9)}, OwnStrides(54, {}, (slope,), "They agree."))
    table = target_report.own_strides_table(enough)
    assert table is not None
    (row,) = table.to_dict("records")
    assert row == {
        "peak": "kam_peak_1_pct_bw_ht",
        "unit": "% BW·ht per 10 cm of step width",
        "measured": -0.3,
        "low": -0.5,
        "high": -0.1,
        "simulated": -0.4,
        "agreement": "agree",
    }
    assert target_report.people_sentences(enough)[1] == "They agree."
