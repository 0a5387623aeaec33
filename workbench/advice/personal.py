"""The personal target of one leg, from its response surface and a few more solutions."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Final

import numpy as np

from workbench.advice.assumptions import Assumed, bears_on, other_assumptions
from workbench.advice.certainty import (
    Band,
    OwnStrides,
    band_of,
    own_strides,
    simulated_slopes,
    stride_spread,
)
from workbench.advice.law_of_strides import FEWEST_STRIDES, gaits_of
from workbench.advice.people import toe_in_percentile
from workbench.advice.target import (
    KAM_GOAL,
    MEDIAL_FORCE_GOAL,
    PROTOCOL,
    PROTOCOL_POINTS,
    Candidate,
    ChosenChange,
    Search,
    TargetRules,
    candidates,
    choose,
    searches,
)
from workbench.core.changes import KINDS, UNCHANGED
from workbench.core.load_map import outcomes_of
from workbench.core.outcomes import Outcomes, leg_outcomes
from workbench.core.response import InterpolationError, ResponseSurface, interpolation_error
from workbench.core.settings import GaitModification, LoadSettings, Processing
from workbench.core.types import SolvedLeg, Stride

#: How a recording is processed, a stride of it, and the gait in which it is solved.
Job = tuple[Processing, Stride, GaitModification]
#: Solves them, in order.
SolveAll = Callable[[Sequence[Job]], Sequence[SolvedLeg]]

_SPREAD_STRIDES: Final = 6
_OF_PROTOCOL: Final = KINDS[PROTOCOL].slug
_GOALS: Final = {"kam": KAM_GOAL, "medial_force": MEDIAL_FORCE_GOAL}


@dataclass(frozen=True)
class JudgedChoice:
    """A choice and how certain it is."""

    choice: ChosenChange
    band: Band


@dataclass(frozen=True)
class PersonalTarget:
    """Which change would help this person, by the protocol and in wider searches."""

    recorded: Outcomes
    candidates: tuple[Candidate, ...]  #: of the protocol
    protocol: JudgedChoice
    #: By set of changes (a key of `target.searches`) and goal ("kam", "medial_force").
    alternatives: Mapping[tuple[str, str], JudgedChoice]
    toe_in_fall_pct_bw_ht: float  #: simulated fall of the first KAM peak with 10 degrees of toe-in
    toe_in_percentile: float  #: where that lies among measured people
    own_strides: OwnStrides | None  #: None with fewer than twenty strides
    rules: TargetRules
    searches: Mapping[str, Search]  #: the sets of changes that were tried, by name
    error: InterpolationError | None  #: of the surface


def personal_target(
    surface: ResponseSurface,
    strides: Sequence[Stride],
    settings: LoadSettings,
    solve_all: SolveAll,
    rules: TargetRules | None = None,
    *,
    processing: Processing | None = None,
    every_assumption: bool = False,
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
    processing : Processing, optional
        That of the surface.
    every_assumption : bool
        Whether to repeat the answer under all alternatives, or under those alone that belong to the shown range.
    """
    rules, processing = rules or TargetRules(), processing or Processing()
    outcomes = cache(outcomes_of(surface, settings))
    recorded = outcomes(UNCHANGED)
    tried = searches(surface.axes)
    judged = {name: candidates(outcomes, search.points, rules) for name, search in tried.items()}
    choices = {
        (name, goal_name): choose(judged[name], goal, rules, search.what)
        for name, search in tried.items()
        for goal_name, goal in _GOALS.items()
    }

    template, stride = surface.template, surface.stride
    bests = dict.fromkeys(choice.best.changes for choice in choices.values())
    shown = Assumed(template, settings, processing)
    assumed = [
        (one, best)
        for one in other_assumptions(shown, every=every_assumption)
        for best in bests
        if bears_on(one, shown.changed(best))
    ]
    others = list(dict.fromkeys(one for one, _ in assumed))  # without those that no change of these asks for
    # What changes the recorded walk as well is held against that walk under the same assumption.
    assumed += [(one, UNCHANGED) for one in others if one.gait == template]
    resolved = [(one, changes) for one, changes in assumed if (one.gait, one.processing) != (template, processing)]
    sample = _evenly(strides, _SPREAD_STRIDES)
    tried_again = (UNCHANGED, *PROTOCOL_POINTS) if len(sample) > 1 else ()
    repeated = [(one, changes) for one in sample for changes in tried_again]
    every = list(strides) if len(strides) >= FEWEST_STRIDES else []
    jobs = [
        *((one.processing, stride, one.gait.changed(changes)) for one, changes in resolved),
        *((processing, one, template.changed(changes)) for one, changes in repeated),
        *((processing, one, template) for one in every),
    ]
    solved = solve_all(jobs)
    found = [
        leg_outcomes(leg.mechanics, leg.checks.centre_of_pressure_outside_foot_m, one, surface.subject, settings)
        for (_, one, _), leg in zip(jobs, solved, strict=True)
    ]
    by_assumption = dict(zip(resolved, found[: len(resolved)], strict=True))
    for one, changes in assumed:
        if (one, changes) not in by_assumption:  # other loads of the same mechanics
            by_assumption[one, changes] = outcomes_of(surface, one.loads)(changes)
    by_repeat = dict(zip(repeated, found[len(resolved) : len(resolved) + len(repeated)], strict=True))
    by_stride = [{changes: by_repeat[one, changes] for changes in tried_again} for one in sample if by_repeat]

    answers = {}
    for (name, goal_name), choice in choices.items():
        best = choice.best.changes
        spread = stride_spread(by_stride, best, choice.goal, rules) if by_stride and name == _OF_PROTOCOL else None
        under = {shown: choice.best.outcomes} | {
            one: by_assumption.get((one, best), choice.best.outcomes) for one in others
        }
        before = {one: by_assumption[one, UNCHANGED] for one in others if (one, UNCHANGED) in by_assumption}
        answers[name, goal_name] = JudgedChoice(choice, band_of(choice, recorded, under, spread, rules, before))

    toe_in = PROTOCOL_POINTS[0]
    fall = recorded["kam_peak_1_pct_bw_ht"] - outcomes(toe_in)["kam_peak_1_pct_bw_ht"]
    return PersonalTarget(
        recorded=recorded,
        candidates=judged[_OF_PROTOCOL],
        protocol=answers.pop((_OF_PROTOCOL, "kam")),
        alternatives=answers,
        toe_in_fall_pct_bw_ht=fall,
        toe_in_percentile=toe_in_percentile(fall),
        own_strides=own_strides(
            found[len(found) - len(every) :], simulated_slopes(outcomes), gaits_of(solved[len(solved) - len(every) :])
        ),
        rules=rules,
        searches=tried,
        error=interpolation_error(surface, settings),
    )


def _evenly(strides: Sequence[Stride], most: int) -> list[Stride]:
    """At most so many strides, spread over the recording."""
    count = min(most, len(strides))
    return [strides[int(index)] for index in np.linspace(0, len(strides) - 1, count).round().astype(int)]
