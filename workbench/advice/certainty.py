"""How sure an answer is: the band of its assumptions, the spread between strides, and the person's own strides."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
from scipy import special

from workbench.advice.assumptions import Assumption
from workbench.advice.target import (
    KAM_GOAL,
    PROTOCOL_POINTS,
    UNCHANGED,
    Choice,
    Goal,
    Outcomes,
    Point,
    TargetRules,
    candidate,
    change_percent,
    choose,
    describe,
    larger_peak,
)
from workbench.core.vocabulary import TEST_RETEST_ERROR

FEWEST_OWN_STRIDES: Final = 20
_SHARE_OF_STRIDES: Final = 0.75


@dataclass(frozen=True)
class StrideSpread:
    """The same change of gait in several strides of the recording."""

    changes_percent: tuple[float, ...]  #: of the goal, one per stride
    recommended: Mapping[Point | None, int]  #: in how many strides the protocol recommends what; None: nothing


@dataclass(frozen=True)
class Band:
    """How sure the answer to a choice is."""

    point: Point  #: the recommended change, or the best one where none is
    changes_percent: Mapping[Assumption, float]  #: of the goal
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
    by_assumption: Mapping[Assumption, Outcomes],
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
        Outcomes of the choice's best candidate under each assumption.
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
        point=best.point,
        changes_percent=changes,
        spread=spread,
        change=change,
        noise=noise,
        survives=survives,
        verdict=_verdict(choice, changes, share, change, noise, survives, rules),
    )


def _verdict(
    choice: Choice,
    changes: Mapping[Assumption, float],
    share: float | None,
    change: float,
    noise: float | None,
    survives: bool,
    rules: TargetRules,
) -> str:
    what = describe(choice.best.point)
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
    by_stride: Sequence[Mapping[Point, Outcomes]], point: Point, goal: Goal, rules: TargetRules
) -> StrideSpread:
    """Repeat the protocol in several strides.

    Parameters
    ----------
    by_stride : sequence of mappings
        For each stride its outcomes without a change, at the points of the protocol and at `point`.
    point : (float, float)
        The change of gait whose spread is wanted.
    goal : Goal
    rules : TargetRules
    """
    chosen: Counter[Point | None] = Counter()
    changes = []
    for outcomes in by_stride:
        recorded = outcomes[UNCHANGED]
        judged = [candidate(one, outcomes[one], recorded, rules) for one in PROTOCOL_POINTS]
        choice = choose(judged, goal, rules, "foot-angle")
        chosen[choice.recommended.point if choice.recommended else None] += 1
        changes.append(change_percent(outcomes[point], recorded, goal))
    return StrideSpread(tuple(changes), dict(chosen))


Agreement = Literal["agree", "disagree", "cannot tell"]


@dataclass(frozen=True)
class SlopeComparison:
    """How a KAM peak goes with one change of gait: over the person's own strides, and simulated."""

    peak: str  #: a name of `PEAKS`
    change: str  #: "foot_progression_angle_deg" or "step_width_m"
    measured: float  #: % BW ht per 10 degrees, or per 10 cm
    low: float  #: 95 % confidence interval
    high: float
    simulated: float
    agreement: Agreement


@dataclass(frozen=True)
class OwnStrides:
    """Natural variation between a person's strides beside the simulated response."""

    strides: int
    foot_progression_angle_sd_deg: float
    step_width_sd_m: float
    slopes: tuple[SlopeComparison, ...]
    sentence: str


#: Steps in which slopes are given.
SLOPE_STEPS: Final[dict[str, float]] = {"foot_progression_angle_deg": 10.0, "step_width_m": 0.10}


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
    return OwnStrides(len(peaks), float(spread[0]), float(spread[1]), tuple(slopes), _own_sentence(len(peaks), slopes))


def simulated_slopes(outcomes: Callable[[float, float], Outcomes]) -> dict[tuple[str, str], float]:
    """Slopes of the KAM peaks around the recorded gait, per 10 degrees and per 10 cm, by (peak, change).

    Examples
    --------
    >>> def outcomes(turn_deg, widening_m):
    ...     first, second = 3.0 + 0.02 * turn_deg - 4.0 * widening_m, 2.5 - 0.03 * turn_deg - 3.0 * widening_m
    ...     return {"kam_peak_1_pct_bw_ht": first, "kam_peak_2_pct_bw_ht": second}
    >>> slopes = simulated_slopes(outcomes)
    >>> round(slopes["kam_peak_2_pct_bw_ht", "foot_progression_angle_deg"], 3)  # % BW ht per 10 degrees of toe-out
    -0.3
    """
    half_steps: dict[str, Point] = {
        "foot_progression_angle_deg": (0.5 * SLOPE_STEPS["foot_progression_angle_deg"], 0.0),
        "step_width_m": (0.0, 0.5 * SLOPE_STEPS["step_width_m"]),
    }
    slopes: dict[tuple[str, str], float] = {}
    for change, (turn_deg, widening_m) in half_steps.items():
        above, below = outcomes(turn_deg, widening_m), outcomes(-turn_deg, -widening_m)
        slopes |= {(peak, change): above[peak] - below[peak] for peak in KAM_GOAL.peaks}
    return slopes


def _agreement(slope: float, half: float, expected: float) -> Agreement:
    if abs(slope - expected) > half:
        return "disagree"
    # Where zero fits as well as the simulated slope, the strides tell nothing about it.
    return "agree" if abs(slope) > half else "cannot tell"


_SLOPE_WORDS: Final = {
    "kam_peak_1_pct_bw_ht": "first KAM peak",
    "kam_peak_2_pct_bw_ht": "second KAM peak",
    "foot_progression_angle_deg": "foot angle",
    "step_width_m": "step width",
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
