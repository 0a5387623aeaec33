"""How sure an answer is: the band of its assumptions, the spread between strides, and the person's own strides."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
from scipy import special

from workbench.advice.target import (
    KAM_GOAL,
    PROTOCOL_POINTS,
    Choice,
    Goal,
    Outcomes,
    TargetRules,
    candidate,
    change_percent,
    choose,
    larger_peak,
)
from workbench.core.changes import KINDS, UNCHANGED, Changes
from workbench.core.settings import GaitModification
from workbench.core.vocabulary import TEST_RETEST_ERROR

FEWEST_OWN_STRIDES: Final = 20
_SHARE_OF_STRIDES: Final = 0.75


@dataclass(frozen=True)
class StrideSpread:
    """The same change of gait in several strides of the recording."""

    changes_percent: tuple[float, ...]  #: of the goal, one per stride
    recommended: Mapping[Changes | None, int]  #: in how many strides the protocol recommends what; None: nothing


@dataclass(frozen=True)
class Band:
    """How sure the answer to a choice is."""

    changes: Changes  #: the recommended change, or the best one where none is
    changes_percent: Mapping[GaitModification, float]  #: of the goal
    spread: StrideSpread | None  #: None: one stride only
    change: float  #: of the goal's larger peak, in its own unit
    noise: float | None  #: published test-retest standard error of measurement, same unit
    survives: bool
    verdict: str

    @property
    def lowest_percent(self) -> float:
        """Largest fall over the assumptions."""
        return min(self.changes_percent.values())

    @property
    def highest_percent(self) -> float:
        """Least fall over the assumptions."""
        return max(self.changes_percent.values())


def band_of(
    choice: Choice,
    recorded: Outcomes,
    by_assumption: Mapping[GaitModification, Outcomes],
    spread: StrideSpread | None,
    rules: TargetRules,
) -> Band:
    """Weigh a choice against its assumptions, the spread between strides and the noise of measuring.

    A recommendation survives if it falls by the required amount under every assumption and in three of four strides;
    "no helpful change" survives if nothing of that makes it helpful.

    Parameters
    ----------
    choice : Choice
    recorded : mapping
        Outcomes without a change.
    by_assumption : mapping
        Outcomes of the choice's best candidate under each assumption (a gait without changes).
    spread : StrideSpread or None
    rules : TargetRules
    """
    goal, best = choice.goal, choice.best
    changes = {one: change_percent(outcomes, recorded, goal) for one, outcomes in by_assumption.items()}
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
        survives=survives,
        verdict=_verdict(choice, changes, share, change, noise, survives, rules),
    )


def _verdict(
    choice: Choice,
    changes: Mapping[GaitModification, float],
    share: float | None,
    change: float,
    noise: float | None,
    survives: bool,
    rules: TargetRules,
) -> str:
    what = str(choice.best.changes)
    answer = f"that {what} would help" if choice.recommended else f"that no change would help (best: {what})"
    parts = [
        f"The answer {answer} {'survives' if survives else 'does not survive'} its uncertainty: over the assumptions"
        f" {choice.goal.label} changes by {min(changes.values()):+.1f} to {max(changes.values()):+.1f} %"
        f" ({-rules.required_fall_percent:+g} % is required)"
    ]
    if share is not None:
        parts.append(f"and in {100.0 * share:.0f} % of the strides looked at by enough")
    sentence = ", ".join(parts) + "."
    if noise is not None and choice.recommended:
        where = "below" if abs(change) < noise else "above"
        sentence += (
            f" The change of {change:+.2f} % BW·ht lies {where} the test-retest error between two sessions in the"
            f" laboratory, {noise:g} for the first peak."
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


Agreement = Literal["agree", "disagree", "cannot tell"]


@dataclass(frozen=True)
class SlopeComparison:
    """How a KAM peak goes with one change of gait: over the person's own strides, and simulated."""

    peak: str  #: a name of `PEAKS`
    change: str  #: a name of `SLOPE_STEPS`
    measured: float  #: % BW ht per step
    low: float  #: 95 % confidence interval
    high: float
    simulated: float
    agreement: Agreement


@dataclass(frozen=True)
class OwnStrides:
    """Natural variation between a person's strides beside the simulated response."""

    strides: int
    spread: Mapping[str, float]  #: standard deviation between the strides, by the names of `SLOPE_STEPS`
    slopes: tuple[SlopeComparison, ...]
    sentence: str


#: Steps in which slopes are given, by the number of `PEAKS` that tells the change.
SLOPE_STEPS: Final[dict[str, float]] = {
    kind.outcome: kind.slope_step for kind in KINDS.values() if kind.outcome is not None
}


def own_strides(peaks: Sequence[Mapping[str, float]], simulated: Mapping[tuple[str, str], float]) -> OwnStrides | None:
    """Regress the KAM peaks of a person's strides on foot progression angle and step width.

    Ordinary least squares on both at once, 95 % confidence interval from Student's t distribution.

    Parameters
    ----------
    peaks : sequence of mappings
        Summary numbers of each recorded stride.
    simulated : mapping
        Simulated slope by (peak, change), per step of `SLOPE_STEPS`; see `simulated_slopes`.

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
    ...     }
    ...     for angle, width, noise in random.normal([5.0, 0.12, 0.0], [2.0, 0.02, 0.05], (40, 3)).tolist()
    ... ]
    >>> simulated = {(peak, change): -0.5 for peak in KAM_GOAL.peaks for change in SLOPE_STEPS}
    >>> found = own_strides(strides, simulated)
    >>> [(one.change, round(one.measured, 1), one.agreement) for one in found.slopes[:2]]
    [('foot_progression_angle_deg', 0.2, 'disagree'), ('step_width_m', -0.5, 'agree')]
    """
    if len(peaks) < FEWEST_OWN_STRIDES:
        return None
    changes = list(SLOPE_STEPS)
    predictors = np.array([[one[name] for name in changes] for one in peaks])
    design = np.column_stack([np.ones(len(peaks)), (predictors - predictors.mean(axis=0)) / list(SLOPE_STEPS.values())])
    freedom = len(peaks) - design.shape[1]
    covariance = np.linalg.inv(design.T @ design)
    quantile = float(special.stdtrit(freedom, 0.975))
    slopes = []
    for peak in KAM_GOAL.peaks:
        values = np.array([one[peak] for one in peaks])
        fitted = covariance @ design.T @ values
        variance = float(np.sum((values - design @ fitted) ** 2)) / freedom
        for column, change in enumerate(changes, start=1):
            half = quantile * float(np.sqrt(variance * covariance[column, column]))
            slope, expected = float(fitted[column]), simulated[peak, change]
            slopes.append(
                SlopeComparison(
                    peak, change, slope, slope - half, slope + half, expected, _agreement(slope, half, expected)
                )
            )
    spread = predictors.std(axis=0, ddof=1)
    return OwnStrides(
        strides=len(peaks),
        spread=dict(zip(changes, spread.tolist(), strict=True)),
        slopes=tuple(slopes),
        sentence=_own_sentence(len(peaks), slopes),
    )


def simulated_slopes(outcomes: Callable[[Changes], Outcomes]) -> dict[tuple[str, str], float]:
    """Slopes of the KAM peaks around the recorded gait, per step of `SLOPE_STEPS`, by (peak, change).

    Examples
    --------
    >>> def outcomes(changes):
    ...     turn_deg, widening_m = changes.values()
    ...     first, second = 3.0 + 0.02 * turn_deg - 4.0 * widening_m, 2.5 - 0.03 * turn_deg - 3.0 * widening_m
    ...     return {"kam_peak_1_pct_bw_ht": first, "kam_peak_2_pct_bw_ht": second}
    >>> slopes = simulated_slopes(outcomes)
    >>> round(slopes["kam_peak_2_pct_bw_ht", "foot_progression_angle_deg"], 3)  # % BW ht per 10 degrees of toe-out
    -0.3
    """
    slopes: dict[tuple[str, str], float] = {}
    for kind in KINDS.values():
        if kind.outcome is not None:
            above, below = (outcomes(Changes({kind.name: sign * 0.5 * kind.slope_step})) for sign in (1.0, -1.0))
            slopes |= {(peak, kind.outcome): above[peak] - below[peak] for peak in KAM_GOAL.peaks}
    return slopes


def _agreement(slope: float, half: float, expected: float) -> Agreement:
    if abs(slope - expected) > half:
        return "disagree"
    # Where zero fits as well as the simulated slope, the strides tell nothing about it.
    return "agree" if abs(slope) > half else "cannot tell"


_SLOPE_WORDS: Final = {
    "kam_peak_1_pct_bw_ht": "first KAM peak",
    "kam_peak_2_pct_bw_ht": "second KAM peak",
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
            ("they agree with the simulation", listed("agree")),
            ("they disagree with it", listed("disagree")),
            ("they vary too little to tell", listed("cannot tell")),
        )
        if names
    ]
    return f"Over the person's own {strides} strides: " + "; ".join(parts) + "."
