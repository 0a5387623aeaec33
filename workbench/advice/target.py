"""The personal target: which change of gait would help this person most, its side effects, and how certain that is.

The protocol is that of Uhlrich et al. 2025 (Lancet Rheumatol 7:e708): among 5 and 10 degrees of toe-in and toe-out, the
change that lowers the larger KAM peak most, if by 5 % or more.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Final

import numpy as np

from workbench.core.changes import KINDS, UNCHANGED, Changes
from workbench.core.changes.kind import Kind
from workbench.core.load_map import LoadMap
from workbench.core.outcomes import (
    HOLDING_FORCE,
    LATERAL_HELD_DOWN,
    LOWEST_LATERAL,
    OUTSIDE_FOOT,
    Outcomes,
)
from workbench.core.types import Array
from workbench.core.vocabulary import JOINT_PEAKS, PEAKS

_LATERAL: Final = ("lcf_peak_1_bw", "lcf_peak_2_bw")
_LIFT_OFF_BW: Final = 0.01  # less is rounding

#: What the protocol changes, and what it tries.
PROTOCOL: Final = "foot_progression_change_deg"
PROTOCOL_POINTS: Final = tuple(Changes({PROTOCOL: degrees}) for degrees in (-10.0, -5.0, 5.0, 10.0))
_COARSE: Final = 4  # steps each way where several changes are tried together


@dataclass(frozen=True)
class Search:
    """A set of changes of gait to choose from."""

    label: str
    what: str  #: what changes, for the reason
    points: tuple[Changes, ...]


def searches(axes: Sequence[str]) -> dict[str, Search]:
    """The protocol first, then each change in finer steps, then all together in coarser steps.

    Examples
    --------
    >>> for name, search in searches(["foot_progression_change_deg", "step_width_change_m"]).items():
    ...     print(f"{name}: {search.label}; {len(search.points)} of them")
    foot_angle: foot angle, ±5° and ±10°; 4 of them
    finer_foot_angle: foot angle, every degree up to ±10°; 20 of them
    step_width: step width, every cm up to ±10 cm; 20 of them
    both: both together; 80 of them
    """
    kinds = [KINDS[name] for name in axes]
    protocol = KINDS[PROTOCOL]
    found = {protocol.slug: Search(f"{protocol.short}, ±5° and ±10°", _hyphened(protocol), PROTOCOL_POINTS)}
    for kind in kinds:
        points = [Changes({kind.name: _tidy(value)}) for value in kind.grid(kind.sought, kind.step)]
        label = f"{kind.short}, every {kind.every} up to ±{kind.amount(kind.sought)}"
        slug = f"finer_{kind.slug}" if kind is protocol else kind.slug
        found[slug] = Search(label, _hyphened(kind), tuple(point for point in points if point.any))
    coarse = [[_tidy(value) for value in kind.grid(kind.sought, kind.sought / _COARSE)] for kind in kinds]
    together = [Changes(dict(zip(axes, place, strict=True))) for place in product(*coarse)]
    found["both"] = Search(
        "both together" if len(kinds) == 2 else "all together",
        " or ".join(_hyphened(kind) for kind in kinds),
        tuple(point for point in together if point.any),
    )
    return found


def _hyphened(kind: Kind) -> str:
    return kind.short.replace(" ", "-")


def _tidy(value: float) -> float:
    return round(float(value), 9)


@dataclass(frozen=True)
class Goal:
    """What a change of gait should lower: the larger of two peaks."""

    label: str
    peaks: tuple[str, str]


KAM_GOAL: Final = Goal("the larger KAM peak", ("kam_peak_1_pct_bw_ht", "kam_peak_2_pct_bw_ht"))
MEDIAL_FORCE_GOAL: Final = Goal("the larger peak of the medial contact force", ("mcf_peak_1_bw", "mcf_peak_2_bw"))


@dataclass(frozen=True)
class TargetRules:
    """Limits of the choice and of the guard rails.

    Parameters
    ----------
    required_fall_percent : float
        By how much the larger peak has to fall (Uhlrich et al. 2022, J Biomech 144:111312).
    moment_rise_percent : float
        Rise of a moment, or of the medial force, that is flagged.
    lateral_rise_bw : float
        Rise of the larger lateral contact force peak that is flagged.
    tried_turn_deg : float
        Largest change of foot progression angle tried in people by that protocol.
    edge_m : float
        How much farther than recorded the centre of pressure may leave the foot's outline.
    """

    required_fall_percent: float = 5.0
    moment_rise_percent: float = 2.0
    lateral_rise_bw: float = 0.10
    tried_turn_deg: float = 10.0
    edge_m: float = 0.005


@dataclass(frozen=True)
class Flag:
    """A guard rail violated by a change of gait."""

    rule: str  #: a key of `RULES`
    reason: str


#: Guard rails by name, and what each is about.
RULES: Final[dict[str, str]] = {
    "kam_peak_rises": "a peak of the knee adduction moment rises",
    "medial_force_rises": "the larger peak of the medial contact force rises",
    "lateral_force_rises": "the larger peak of the lateral contact force rises",
    "lateral_lift_off": "the lateral compartment lifts off, or muscles must prevent lift-off",
    "knee_flexion_moment_rises": "the knee flexion moment rises",
    "hip_or_ankle_moment_rises": "a moment at the hip or the ankle rises",
    "centre_of_pressure_leaves_foot": "the centre of pressure reaches the edge of the foot or moves beyond it",
    "beyond_what_was_tried": "the change is larger than any tested in people",
}


@dataclass(frozen=True)
class Candidate:
    """A change of gait with its outcomes and the guard rails it violates."""

    changes: Changes
    outcomes: Outcomes
    kam_change_percent: float  #: of the larger KAM peak
    medial_force_change_percent: float  #: of the larger peak of the medial contact force
    flags: tuple[Flag, ...]

    def change_percent(self, goal: Goal) -> float:
        """Change of the goal's larger peak."""
        return self.kam_change_percent if goal is KAM_GOAL else self.medial_force_change_percent


@dataclass(frozen=True)
class ChosenChange:
    """The best of several changes of gait for a goal."""

    goal: Goal
    best: Candidate  #: the one with the largest fall or least rise
    recommended: Candidate | None  #: the same, if it falls by enough
    reason: str
    detail: str  #: the reason with its numbers


def larger_peak(outcomes: Outcomes, goal: Goal) -> float:
    """The larger of a goal's two peaks; which one that is may differ between two gaits.

    Examples
    --------
    >>> larger_peak({"mcf_peak_1_bw": 2.1, "mcf_peak_2_bw": 2.9}, MEDIAL_FORCE_GOAL)
    2.9
    """
    return max(outcomes[name] for name in goal.peaks)


def change_percent(outcomes: Outcomes, recorded: Outcomes, goal: Goal) -> float:
    """Change of the larger peak in percent of the larger recorded peak.

    Examples
    --------
    >>> recorded = {"kam_peak_1_pct_bw_ht": 3.0, "kam_peak_2_pct_bw_ht": 2.0}
    >>> turned = {"kam_peak_1_pct_bw_ht": 2.4, "kam_peak_2_pct_bw_ht": 2.7}
    >>> round(change_percent(turned, recorded, KAM_GOAL), 1)  # the second peak is now the larger one
    -10.0
    """
    before = larger_peak(recorded, goal)
    return 100.0 * (larger_peak(outcomes, goal) - before) / abs(before)


def flags_of(changes: Changes, outcomes: Outcomes, recorded: Outcomes, rules: TargetRules) -> tuple[Flag, ...]:
    """Guard rails violated by a change of gait, with numbers."""
    found: list[Flag] = []

    def rises(rule: str, name: str, label: str, unit: str) -> None:
        rise = outcomes[name] - recorded[name]
        if rise > rules.moment_rise_percent / 100.0 * abs(recorded[name]):
            percent = f" ({100.0 * rise / abs(recorded[name]):.0f} %)" if recorded[name] else ""
            found.append(Flag(rule, f"{label} rises by {rise:.2f} {unit}{percent}"))

    for name in KAM_GOAL.peaks:
        rises("kam_peak_rises", name, PEAKS[name].label, PEAKS[name].unit)
    medial = larger_peak(outcomes, MEDIAL_FORCE_GOAL) - (before := larger_peak(recorded, MEDIAL_FORCE_GOAL))
    if medial > rules.moment_rise_percent / 100.0 * abs(before):
        found.append(Flag("medial_force_rises", f"{MEDIAL_FORCE_GOAL.label} rises by {medial:.2f} BW"))
    lateral = max(outcomes[name] for name in _LATERAL) - max(recorded[name] for name in _LATERAL)
    if lateral > rules.lateral_rise_bw:
        found.append(
            Flag("lateral_force_rises", f"the larger peak of the lateral contact force rises by {lateral:.2f} BW")
        )
    if outcomes[LOWEST_LATERAL] < min(0.0, recorded[LOWEST_LATERAL] - _LIFT_OFF_BW):
        found.append(Flag("lateral_lift_off", f"the lateral force falls to {outcomes[LOWEST_LATERAL]:.2f} BW"))
    if outcomes[LATERAL_HELD_DOWN] > recorded[LATERAL_HELD_DOWN] + _LIFT_OFF_BW:
        found.append(
            Flag(
                "lateral_lift_off",
                f"the lateral force would fall to {-outcomes[LATERAL_HELD_DOWN]:.2f} BW; preventing lift-off takes"
                f" {outcomes[HOLDING_FORCE]:.2f} BW more muscle force",
            )
        )
    kfm = PEAKS["kfm_peak_pct_bw_ht"]
    rises("knee_flexion_moment_rises", kfm.name, kfm.label, kfm.unit)
    for name, quantity in JOINT_PEAKS.items():
        rises("hip_or_ankle_moment_rises", name, quantity.label, quantity.unit)
    outside_m = outcomes[OUTSIDE_FOOT]
    if outside_m > recorded[OUTSIDE_FOOT] + rules.edge_m:
        found.append(
            Flag(
                "centre_of_pressure_leaves_foot",
                f"the centre of pressure lies {100.0 * outside_m:.1f} cm outside the foot"
                f" ({100.0 * recorded[OUTSIDE_FOOT]:.1f} cm in the recorded walk)",
            )
        )
    if abs(changes[PROTOCOL]) > rules.tried_turn_deg:
        found.append(
            Flag(
                "beyond_what_was_tried",
                f"changes of foot angle above {rules.tried_turn_deg:g}° were not tested in people",
            )
        )
    return tuple(found)


def candidate(changes: Changes, outcomes: Outcomes, recorded: Outcomes, rules: TargetRules) -> Candidate:
    """Judge one change of gait."""
    return Candidate(
        changes=changes,
        outcomes=outcomes,
        kam_change_percent=change_percent(outcomes, recorded, KAM_GOAL),
        medial_force_change_percent=change_percent(outcomes, recorded, MEDIAL_FORCE_GOAL),
        flags=flags_of(changes, outcomes, recorded, rules),
    )


def candidates(
    outcomes: Callable[[Changes], Outcomes], points: Iterable[Changes], rules: TargetRules
) -> tuple[Candidate, ...]:
    """Judge changes of gait, in the order of `points`."""
    recorded = outcomes(UNCHANGED)
    return tuple(candidate(point, outcomes(point), recorded, rules) for point in points)


def choose(judged: Sequence[Candidate], goal: Goal, rules: TargetRules, what: str) -> ChosenChange:
    """Choose the change of gait that lowers a goal most, if by enough.

    Parameters
    ----------
    judged : sequence of Candidate
    goal : Goal
    rules : TargetRules
    what : str
        What changes ("foot-angle"), for the reason.

    Examples
    --------
    >>> toe_in = Candidate(PROTOCOL_POINTS[0], {}, kam_change_percent=-6.8, medial_force_change_percent=11.9, flags=())
    >>> toe_out = Candidate(PROTOCOL_POINTS[3], {}, kam_change_percent=4.8, medial_force_change_percent=-13.9, flags=())
    >>> choose([toe_in, toe_out], KAM_GOAL, TargetRules(), "foot-angle").reason
    'the larger KAM peak falls most with toe-in 10°, by 6.8 %'
    >>> choose([toe_in, toe_out], MEDIAL_FORCE_GOAL, TargetRules(), "foot-angle").reason
    'the larger peak of the medial contact force falls most with toe-out 10°, by 13.9 %'
    >>> choose([toe_out], KAM_GOAL, TargetRules(), "foot-angle").reason
    'no helpful foot-angle change'
    """
    best = min(judged, key=lambda one: one.change_percent(goal))
    change = best.change_percent(goal)
    if change > -rules.required_fall_percent:
        return ChosenChange(
            goal,
            best,
            None,
            f"no helpful {what} change",
            f"the best one, {best.changes}, changes {goal.label} by {change:+.1f} %; a reduction of"
            f" {rules.required_fall_percent:g} % is required",
        )
    reason = f"{goal.label} falls most with {best.changes}, by {-change:.1f} %"
    return ChosenChange(goal, best, best, reason, reason)


def broken_rules(loads: LoadMap, rules: TargetRules) -> dict[str, Array]:
    """Where on a map of `outcomes_of` each rule is violated, (p, q) of 0 and 1 by the names of `RULES`."""
    broken = {name: np.zeros(tuple(len(one) for one in loads.grid)) for name in RULES}
    for i, j, changes in loads.points():
        here = {name: float(values[i, j]) for name, values in loads.values.items()}
        for flag in flags_of(changes, here, loads.recorded, rules):
            broken[flag.rule][i, j] = 1.0
    return broken
