"""The personal target of one leg, put together from its response surface and a few more solutions."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Final

import numpy as np

from workbench.advice.assumptions import Assumption, assumption_of, other_assumptions
from workbench.advice.certainty import (
    FEWEST_OWN_STRIDES,
    Band,
    OwnStrides,
    band_of,
    own_strides,
    simulated_slopes,
    stride_spread,
)
from workbench.advice.people import toe_in_percentile
from workbench.advice.target import (
    BOTH_POINTS,
    FINE_POINTS,
    KAM_GOAL,
    MEDIAL_FORCE_GOAL,
    PROTOCOL_POINTS,
    UNCHANGED,
    WIDTH_POINTS,
    Candidate,
    Choice,
    Outcomes,
    Point,
    TargetRules,
    candidates,
    choose,
    leg_outcomes,
    outcomes_of,
)
from workbench.core.response import InterpolationError, ResponseSurface
from workbench.core.types import GaitModification, LoadSettings, SolvedLeg, Stride

#: Solves strides in gaits, in order.
SolveAll = Callable[[Sequence[tuple[Stride, GaitModification]]], Sequence[SolvedLeg]]

_SPREAD_STRIDES: Final = 6
_SETS: Final = {
    "foot_angle": (PROTOCOL_POINTS, "foot-angle"),
    "finer_foot_angle": (FINE_POINTS, "foot-angle"),
    "step_width": (WIDTH_POINTS, "step-width"),
    "both": (BOTH_POINTS, "foot-angle or step-width"),
}
_GOALS: Final = {"kam": KAM_GOAL, "medial_force": MEDIAL_FORCE_GOAL}


@dataclass(frozen=True)
class JudgedChoice:
    """A choice and how sure it is."""

    choice: Choice
    band: Band


@dataclass(frozen=True)
class PersonalTarget:
    """What would help this person, by the protocol and beside it."""

    recorded: Outcomes
    candidates: tuple[Candidate, ...]  #: of the protocol
    protocol: JudgedChoice
    #: By set of changes ("foot_angle", "finer_foot_angle", "step_width", "both") and goal ("kam", "medial_force").
    alternatives: Mapping[tuple[str, str], JudgedChoice]
    toe_in_fall_pct_bw_ht: float  #: simulated fall of the first KAM peak with 10 degrees of toe-in
    toe_in_percentile: float  #: where that lies among measured people
    own_strides: OwnStrides | None  #: None with fewer than twenty strides
    rules: TargetRules
    error: InterpolationError | None  #: of the surface


def personal_target(
    surface: ResponseSurface,
    strides: Sequence[Stride],
    settings: LoadSettings,
    solve_all: SolveAll,
    rules: TargetRules | None = None,
) -> PersonalTarget:
    """Find the personal target.

    Parameters
    ----------
    surface : ResponseSurface
        Of the stride that is analysed.
    strides : sequence of Stride
        All recorded strides of this leg: for the spread between them, and with twenty or more for the regression.
    settings : LoadSettings
    solve_all : callable
        Solves strides in gaits; called once.
    rules : TargetRules, optional
    """
    rules = rules or TargetRules()
    outcomes = cache(outcomes_of(surface, settings))
    recorded = outcomes(*UNCHANGED)
    choices: dict[tuple[str, str], Choice] = {}
    judged = {name: candidates(outcomes, points, rules) for name, (points, _) in _SETS.items()}
    for name, (_, what) in _SETS.items():
        for goal_name, goal in _GOALS.items():
            choices[name, goal_name] = choose(judged[name], goal, rules, what)

    template, stride = surface.template, surface.stride
    bests = dict.fromkeys(choice.best.point for choice in choices.values())
    assumed = [
        (one, point)
        for one in other_assumptions(template)
        for point in bests
        # The force rule is about the step width only.
        if one.pivot != template.pivot or point[1]
    ]
    sample = _evenly(strides, _SPREAD_STRIDES)
    repeated = [(one, point) for one in sample for point in (UNCHANGED, *PROTOCOL_POINTS)] if len(sample) > 1 else []
    every = list(strides) if len(strides) >= FEWEST_OWN_STRIDES else []
    jobs = [
        *((stride, _modification(template, point, one)) for one, point in assumed),
        *((one, _modification(template, point)) for one, point in repeated),
        *((one, _modification(template, UNCHANGED)) for one in every),
    ]
    found = [
        leg_outcomes(leg.mechanics, leg.checks.centre_of_pressure_outside_foot_m, one, surface.subject, settings)
        for (one, _), leg in zip(jobs, solve_all(jobs), strict=True)
    ]
    by_assumption = dict(zip(assumed, found[: len(assumed)], strict=True))
    by_repeat = dict(zip(repeated, found[len(assumed) : len(assumed) + len(repeated)], strict=True))
    by_stride = [
        {point: by_repeat[one, point] for point in (UNCHANGED, *PROTOCOL_POINTS)} for one in sample if by_repeat
    ]

    answers = {}
    for (name, goal_name), choice in choices.items():
        point = choice.best.point
        spread = stride_spread(by_stride, point, choice.goal, rules) if by_stride and name == "foot_angle" else None
        nominal = assumption_of(template)
        under = {nominal: choice.best.outcomes} | {
            one: by_assumption.get((one, point), choice.best.outcomes) for one in other_assumptions(template)
        }
        answers[name, goal_name] = JudgedChoice(choice, band_of(choice, recorded, under, spread, rules))

    toe_in = (-10.0, 0.0)
    fall = recorded["kam_peak_1_pct_bw_ht"] - outcomes(*toe_in)["kam_peak_1_pct_bw_ht"]
    return PersonalTarget(
        recorded=recorded,
        candidates=judged["foot_angle"],
        protocol=answers.pop(("foot_angle", "kam")),
        alternatives=answers,
        toe_in_fall_pct_bw_ht=fall,
        toe_in_percentile=toe_in_percentile(fall),
        own_strides=own_strides(found[len(assumed) + len(repeated) :], simulated_slopes(outcomes)),
        rules=rules,
        error=surface.error,
    )


def _modification(template: GaitModification, point: Point, assumption: Assumption | None = None) -> GaitModification:
    changed = replace(template, foot_progression_change_deg=point[0], step_width_change_m=point[1])
    return changed if assumption is None else assumption.applied_to(changed)


def _evenly(strides: Sequence[Stride], most: int) -> list[Stride]:
    """At most so many strides, spread over the recording."""
    count = min(most, len(strides))
    return [strides[int(index)] for index in np.linspace(0, len(strides) - 1, count).round().astype(int)]
