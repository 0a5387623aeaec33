"""How certain an answer is: the band over assumptions, the spread between strides, and the person's own strides."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np

from workbench.advice.assumptions import ASSUMPTIONS, Assumed, matters_most
from workbench.advice.law_of_strides import FEWEST_STRIDES, SLOPE_STEPS, SLOPED_PEAKS, covariates, slopes
from workbench.advice.target import (
    KAM_GOAL,
    PROTOCOL_POINTS,
    ChosenChange,
    Goal,
    TargetRules,
    candidate,
    change_percent,
    choose,
    larger_peak,
)
from workbench.core.changes import KINDS, UNCHANGED, Changes
from workbench.core.outcomes import Outcomes
from workbench.core.types import StrideGait
from workbench.core.vocabulary import TEST_RETEST_ERROR

_SHARE_OF_STRIDES: Final = 0.75


@dataclass(frozen=True)
class StrideSpread:
    """The same change of gait in several strides of the recording."""

    changes_percent: tuple[float, ...]  #: of the goal, one per stride
    recommended: Mapping[Changes | None, int]  #: in how many strides the protocol recommends what; None: nothing


@dataclass(frozen=True)
class Band:
    """How certain a choice is."""

    changes: Changes  #: the recommended change, or the best one where none is
    changes_percent: Mapping[Assumed, float]  #: of the goal, under the assumptions of the answer first
    spread: StrideSpread | None  #: None: one stride only
    change: float  #: of the goal's larger peak, in its own unit
    noise: float | None  #: published test-retest standard error of measurement, same unit
    most: str  #: name of the assumption that moves the change most; empty where none does
    survives: bool
    verdict: str

    @property
    def lowest_percent(self) -> float:
        """Largest reduction over the assumptions."""
        return min(self.changes_percent.values())

    @property
    def highest_percent(self) -> float:
        """Smallest reduction over the assumptions."""
        return max(self.changes_percent.values())


def band_of(
    choice: ChosenChange,
    recorded: Outcomes,
    by_assumption: Mapping[Assumed, Outcomes],
    spread: StrideSpread | None,
    rules: TargetRules,
    recorded_under: Mapping[Assumed, Outcomes] | None = None,
) -> Band:
    """Compare a choice with its assumptions, the spread between strides and the measurement error.

    A recommendation is robust if the goal falls by the required amount under every assumption and in three of four
    strides; "no helpful change" is robust if none of these makes a change helpful.

    Parameters
    ----------
    choice : ChosenChange
    recorded : mapping
        Outcomes without a change.
    by_assumption : mapping
        Outcomes of the choice's best candidate under each assumption (a gait without changes), that of the answer
        first.
    spread : StrideSpread or None
    rules : TargetRules
    recorded_under : mapping, optional
        Outcomes without a change under assumptions that change those too.
    """
    goal, best = choice.goal, choice.best
    before = recorded_under or {}
    changes = {
        one: change_percent(outcomes, before.get(one, recorded), goal) for one, outcomes in by_assumption.items()
    }
    shown = next(iter(changes))
    most = matters_most(shown, {one: abs(percent - changes[shown]) for one, percent in changes.items()})
    helpful = [percent <= -rules.required_fall_percent for percent in changes.values()]
    strides = [percent <= -rules.required_fall_percent for percent in spread.changes_percent] if spread else []
    share = sum(strides) / len(strides) if strides else None
    if choice.recommended:
        survives = all(helpful) and (share is None or share >= _SHARE_OF_STRIDES)
    else:
        survives = not any(helpful) and (share is None or share <= 1.0 - _SHARE_OF_STRIDES)
    change = larger_peak(best.outcomes, goal) - larger_peak(recorded, goal)
    noise = TEST_RETEST_ERROR["kam_peak_1_pct_bw_ht"][0] if goal is KAM_GOAL else None
    return Band(
        changes=best.changes,
        changes_percent=changes,
        spread=spread,
        change=change,
        noise=noise,
        most=most,
        survives=survives,
        verdict=_verdict(choice, changes, most, share, change, noise, survives, rules),
    )


def _verdict(
    choice: ChosenChange,
    changes: Mapping[Assumed, float],
    most: str,
    share: float | None,
    change: float,
    noise: float | None,
    survives: bool,
    rules: TargetRules,
) -> str:
    what = str(choice.best.changes)
    answer = f"recommendation of {what}" if choice.recommended else f"result of no helpful change (best: {what})"
    sentence = (
        f"The {answer} is {'robust' if survives else 'not robust'}: across the assumptions {choice.goal.label} changes"
        f" by {min(changes.values()):+.1f} to {max(changes.values()):+.1f} % ({-rules.required_fall_percent:+g} % is"
        " required)"
    )
    if share is not None:
        sentence += f", and {100.0 * share:.0f} % of the strides examined reach that"
    sentence += "."
    if most:
        what = ASSUMPTIONS[most].what
        sentence += f" {what[0].upper()}{what[1:]} matters most."
    if noise is not None and choice.recommended:
        where = "below" if abs(change) < noise else "above"
        sentence += (
            f" The change of {change:+.2f} % BW·ht is {where} the test-retest error between two laboratory sessions"
            f" ({noise:g} for the first peak)."
        )
    return sentence


def stride_spread(
    by_stride: Sequence[Mapping[Changes, Outcomes]], tried: Changes, goal: Goal, rules: TargetRules
) -> StrideSpread:
    """Repeat the protocol in several strides.

    Parameters
    ----------
    by_stride : sequence of mappings
        For each stride its outcomes without a change, at the points of the protocol and with `tried`.
    tried : Changes
        The change of gait whose spread is wanted.
    goal : Goal
    rules : TargetRules
    """
    chosen: Counter[Changes | None] = Counter()
    changes = []
    for outcomes in by_stride:
        recorded = outcomes[UNCHANGED]
        judged = [candidate(one, outcomes[one], recorded, rules) for one in PROTOCOL_POINTS]
        choice = choose(judged, goal, rules, "foot-angle")
        chosen[choice.recommended.changes if choice.recommended else None] += 1
        changes.append(change_percent(outcomes[tried], recorded, goal))
    return StrideSpread(tuple(changes), dict(chosen))


#: Said where there are too few strides for `own_strides`.
TOO_FEW_STRIDES: Final = (
    "The recording has fewer than twenty strides: too few to compare the simulation with the person's own variation."
)
Agreement = Literal["agree", "disagree", "cannot tell"]


@dataclass(frozen=True)
class SlopeComparison:
    """Slope of a peak against one change of gait: over the person's own strides, and simulated."""

    peak: str  #: a name of `PEAKS`
    change: str  #: a name of `SLOPE_STEPS`
    measured: float  #: in the peak's own unit, per step
    low: float  #: 95 % confidence interval
    high: float
    simulated: float
    agreement: Agreement


@dataclass(frozen=True)
class OwnStrides:
    """Natural variation between a person's strides compared with the simulated response."""

    strides: int
    spread: Mapping[str, float]  #: standard deviation between the strides, by the names of `SLOPE_STEPS`
    slopes: tuple[SlopeComparison, ...]
    sentence: str


def own_strides(
    peaks: Sequence[Mapping[str, float]],
    simulated: Mapping[tuple[str, str], float],
    gaits: Sequence[StrideGait] = (),
) -> OwnStrides | None:
    """Compare the slopes of the peaks over a person's strides with the simulated ones.

    Partial regression on foot progression angle, step width and, where known, walking speed, step length and position
    along the belt; see `workbench.advice.law_of_strides.slopes`.

    Parameters
    ----------
    peaks : sequence of mappings
        Summary numbers of each recorded stride.
    simulated : mapping
        Simulated slope by (peak, change), per step of `SLOPE_STEPS`; see `simulated_slopes`.
    gaits : sequence of StrideGait
        Of the same strides, or none.

    Returns
    -------
    OwnStrides or None
        None with fewer than twenty strides.

    Examples
    --------
    >>> random = np.random.default_rng(1)
    >>> strides = [  # the first peak rises by 0.2 with 10 degrees of toe-out and falls by 0.5 with 10 cm
    ...     {
    ...         "foot_progression_angle_deg": angle,
    ...         "step_width_m": width,
    ...         "kam_peak_1_pct_bw_ht": 3.0 + 0.02 * angle - 5.0 * width + noise,
    ...         "kam_peak_2_pct_bw_ht": 2.5 + noise,
    ...         "mcf_peak_1_bw": 2.0 + noise,
    ...         "mcf_peak_2_bw": 2.5 + noise,
    ...     }
    ...     for angle, width, noise in random.normal([5.0, 0.12, 0.0], [2.0, 0.02, 0.05], (40, 3)).tolist()
    ... ]
    >>> simulated = {(peak, change): -0.5 for peak in SLOPED_PEAKS for change in SLOPE_STEPS}
    >>> found = own_strides(strides, simulated)
    >>> [(one.change, round(one.measured, 1), one.agreement) for one in found.slopes[:2]]
    [('foot_progression_angle_deg', 0.2, 'disagree'), ('step_width_m', -0.5, 'agree')]
    """
    if len(peaks) < FEWEST_STRIDES:
        return None
    others = covariates(gaits) if gaits else np.zeros((len(peaks), 0))
    compared = tuple(
        SlopeComparison(
            one.peak, one.change, one.slope, one.low, one.high, simulated[one.peak, one.change],
            _agreement(one.slope, one.high - one.slope, simulated[one.peak, one.change]),
        )
        for one in slopes(peaks, others)
    )  # fmt: skip
    return OwnStrides(
        strides=len(peaks),
        spread={name: float(np.std([one[name] for one in peaks], ddof=1)) for name in SLOPE_STEPS},
        slopes=compared,
        sentence=_own_sentence(len(peaks), compared),
    )


def simulated_slopes(outcomes: Callable[[Changes], Outcomes]) -> dict[tuple[str, str], float]:
    """Slopes of the KAM and MCF peaks around the recorded gait, per step of `SLOPE_STEPS`, by (peak, change).

    Examples
    --------
    >>> def outcomes(changes):
    ...     turn_deg, widening_m = changes["foot_progression_change_deg"], changes["step_width_change_m"]
    ...     first, second = 3.0 + 0.02 * turn_deg - 4.0 * widening_m, 2.5 - 0.03 * turn_deg - 3.0 * widening_m
    ...     kam = {"kam_peak_1_pct_bw_ht": first, "kam_peak_2_pct_bw_ht": second}
    ...     return kam | {"mcf_peak_1_bw": 2.0, "mcf_peak_2_bw": 2.5}
    >>> slopes = simulated_slopes(outcomes)
    >>> round(slopes["kam_peak_2_pct_bw_ht", "foot_progression_angle_deg"], 3)  # % BW ht per 10 degrees of toe-out
    -0.3
    """
    return {
        (peak, outcome): outcomes(above)[peak] - outcomes(below)[peak]
        for outcome, (above, below) in slope_points().items()
        for peak in SLOPED_PEAKS
    }


def slope_points() -> dict[str, tuple[Changes, Changes]]:
    """The two gaits between which each simulated slope is taken: half a step more and half a step less."""
    halves = {kind.outcome: (kind.name, 0.5 * kind.slope_step) for kind in KINDS.values() if kind.outcome is not None}
    return {outcome: (Changes({name: half}), Changes({name: -half})) for outcome, (name, half) in halves.items()}


def _agreement(slope: float, half: float, expected: float) -> Agreement:
    if abs(slope - expected) > half:
        return "disagree"
    # Where zero fits as well as the simulated slope, the strides tell nothing about it.
    return "agree" if abs(slope) > half else "cannot tell"


_SLOPE_WORDS: Final = {
    "kam_peak_1_pct_bw_ht": "first KAM peak",
    "kam_peak_2_pct_bw_ht": "second KAM peak",
    "mcf_peak_1_bw": "first medial force peak",
    "mcf_peak_2_bw": "second medial force peak",
    **{kind.outcome: kind.short for kind in KINDS.values() if kind.outcome is not None},
}


def _own_sentence(strides: int, slopes: Sequence[SlopeComparison]) -> str:
    def listed(wanted: Agreement) -> str:
        return ", ".join(
            f"{_SLOPE_WORDS[one.peak]} with {_SLOPE_WORDS[one.change]}" for one in slopes if one.agreement == wanted
        )

    parts = [
        f"{words}: {names}"
        for words, names in (
            ("in agreement with the simulation", listed("agree")),
            ("in disagreement", listed("disagree")),
            ("too little variation to decide", listed("cannot tell")),
        )
        if names
    ]
    return f"Slopes over the person's own {strides} strides: " + "; ".join(parts) + "."
