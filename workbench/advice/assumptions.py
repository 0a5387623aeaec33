"""The assumptions behind a what-if, the others that are as defensible, and how far those move its curves."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final, Literal

import numpy as np

from workbench.core.types import Array, GaitModification
from workbench.core.vocabulary import CURVES

#: Ends of the band of the pivot; within it one walk reproduces the responses published for groups.
PIVOT_BAND: Final = (0.35, 0.65)


@dataclass(frozen=True)
class Assumption:
    """What a simulated response rests on."""

    pivot: float
    virtual_point_statures: float | None  #: pelvis held; None: the ground force keeps its direction
    balance: Literal["solved", "held"] = "solved"

    def applied_to(self, modification: GaitModification) -> GaitModification:
        """The same change of gait under this assumption.

        Examples
        --------
        >>> Assumption(0.35, None).applied_to(GaitModification(foot_progression_change_deg=-10.0)).pivot
        0.35
        """
        return replace(
            modification,
            pivot=self.pivot,
            virtual_point_statures=self.virtual_point_statures,
            balance=self.balance,
        )

    def bears_on(self, modification: GaitModification) -> bool:
        """Whether it changes anything.

        The pivot is about turned feet; where the pelvis is held, the rule for the force is about step width.

        Examples
        --------
        >>> toe_in = GaitModification(foot_progression_change_deg=-10.0)
        >>> Assumption(0.35, 1.0).bears_on(toe_in), Assumption(0.5, None).bears_on(toe_in)
        (True, False)
        >>> Assumption(0.5, 1.0, "held").bears_on(toe_in)
        True
        """
        if self.balance != modification.balance:
            return not modification.is_none
        other_pivot = self.pivot != modification.pivot
        other_rule = self.balance == "held" and self.virtual_point_statures != modification.virtual_point_statures
        return (other_pivot and modification.foot_progression_change_deg != 0.0) or (
            other_rule and modification.step_width_change_m != 0.0
        )


def assumption_of(modification: GaitModification) -> Assumption:
    """What a change of gait rests on."""
    return Assumption(modification.pivot, modification.virtual_point_statures, modification.balance)


def other_assumptions(template: GaitModification) -> list[Assumption]:
    """The ends of the pivot's band, and the other rule for pelvis and ground force.

    Examples
    --------
    >>> [(one.pivot, one.balance) for one in other_assumptions(GaitModification())]
    [(0.35, 'solved'), (0.65, 'solved'), (0.5, 'held')]
    """
    own = assumption_of(template)
    if template.balance == "solved":
        other_rule = replace(own, balance="held", virtual_point_statures=None)
    else:
        kept = template.virtual_point_statures is None
        other_rule = replace(own, virtual_point_statures=GaitModification().virtual_point_statures if kept else None)
    return [*(replace(own, pivot=pivot) for pivot in PIVOT_BAND if pivot != template.pivot), other_rule]


@dataclass(frozen=True, eq=False)
class CurveBand:
    """How far the assumptions move the curves of a modified walk."""

    lowest: Mapping[str, Array]  #: (101,) each, by the names and in the units of `vocabulary.CURVES`
    highest: Mapping[str, Array]
    assumptions: tuple[Assumption, ...]  #: that it spans, the one of the shown walk first


def curve_band(
    shown: Assumption, curves: Mapping[str, Array], others: Mapping[Assumption, Mapping[str, Array]]
) -> CurveBand:
    """Lowest and highest of a walk's curves over its own and over other assumptions, instant by instant.

    Parameters
    ----------
    shown : Assumption
        Of the walk on the screen.
    curves : mapping
        Its curves, (101,) each, by the names of `vocabulary.CURVES`; the band always contains them.
    others : mapping
        Curves of the same change of gait under other assumptions.

    Examples
    --------
    >>> def flat(value):
    ...     return {name: np.full(101, value) for name in CURVES}
    >>> band = curve_band(Assumption(0.5, 1.0), flat(3.0), {Assumption(0.35, 1.0): flat(3.4)})
    >>> float(band.lowest["medial_contact_force_bw"][0]), float(band.highest["medial_contact_force_bw"][0])
    (3.0, 3.4)
    """
    every = {name: np.array([curves[name], *(one[name] for one in others.values())]) for name in CURVES}
    return CurveBand(
        lowest={name: values.min(axis=0) for name, values in every.items()},
        highest={name: values.max(axis=0) for name, values in every.items()},
        assumptions=(shown, *others),
    )


def difference_in_words(one: Assumption, shown: Assumption) -> str:
    """What an assumption says otherwise than the one of the shown walk.

    Examples
    --------
    >>> difference_in_words(Assumption(0.35, 1.0), Assumption(0.5, 1.0))
    'the foot turning about 0.35 of its length'
    """
    parts = []
    if one.pivot != shown.pivot:
        parts.append(f"the foot turning about {one.pivot:g} of its length")
    if one.balance == "solved" != shown.balance:
        parts.append("the body swaying with the feet")
    elif one.balance == "held" and _rule(one) != _rule(shown):
        kept = one.virtual_point_statures is None
        pelvis = "the pelvis held and " if shown.balance == "solved" else ""
        parts.append(f"{pelvis}the ground force {'keeping its direction' if kept else 'aiming at one point'}")
    return " and ".join(parts)


def range_in_words(band: CurveBand) -> str:
    """What a band spans.

    Examples
    --------
    >>> range_in_words(CurveBand({}, {}, (Assumption(0.5, 1.0), Assumption(0.35, 1.0), Assumption(0.65, 1.0))))
    'the foot turns about 0.35 to 0.65 of its length from the heel'
    """
    pivots = [one.pivot for one in band.assumptions]
    parts = []
    if min(pivots) < max(pivots):
        parts.append(f"the foot turns about {min(pivots):g} to {max(pivots):g} of its length from the heel")
    if len({one.balance for one in band.assumptions}) > 1:
        parts.append("the body sways with the feet or the pelvis is held")
    elif len({_rule(one) for one in band.assumptions}) > 1:
        parts.append("the ground force keeps aiming at one point or keeps its direction")
    return ", ".join(parts)


def _rule(one: Assumption) -> tuple[str, float | None]:
    """What tells two rules for pelvis and ground force apart."""
    return one.balance, one.virtual_point_statures if one.balance == "held" else None
