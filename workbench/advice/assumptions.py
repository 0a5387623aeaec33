"""The assumptions behind a simulated change, equally defensible alternatives, and how much these move its curves.

An assumption is a setting of `GaitModification`; its equally defensible values are declared with it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np

from workbench.core.declaration import Setting, settings_of
from workbench.core.settings import GaitModification
from workbench.core.types import Array
from workbench.core.vocabulary import CURVES

ASSUMPTIONS: Final[Mapping[str, Setting]] = settings_of(GaitModification)


def other_assumptions(modification: GaitModification, *, every: bool = False) -> list[GaitModification]:
    """The same changes of gait, each time with one assumption replaced.

    Parameters
    ----------
    modification : GaitModification
    every : bool
        Whether to go through all alternatives, or through those alone that belong to the range that is shown.

    Examples
    --------
    >>> [(one.pivot, one.balance) for one in other_assumptions(GaitModification())]
    [(0.35, 'solved'), (0.65, 'solved'), (0.5, 'held'), (0.5, 'solved'), (0.5, 'solved')]
    >>> len(other_assumptions(GaitModification(), every=True))
    10
    """
    present = modification.document()
    return [
        GaitModification(**{**present, **setting.along, name: value})
        for name, setting in ASSUMPTIONS.items()
        if (setting.in_range or every) and _counts(setting, modification)
        for value in setting.alternatives
        if value != present[name]
    ]


def _counts(setting: Setting, modification: GaitModification) -> bool:
    """Whether a setting means anything beside the others."""
    return setting.only_with is None or getattr(modification, setting.only_with[0]) == setting.only_with[1]


def differences(one: GaitModification, shown: GaitModification) -> dict[str, Setting]:
    """Assumptions that differ from the shown ones and have an effect, by name."""
    return {
        name: setting
        for name, setting in ASSUMPTIONS.items()
        if getattr(one, name) != getattr(shown, name) and _counts(setting, one)
    }


def bears_on(other: GaitModification, modification: GaitModification) -> bool:
    """Whether other assumptions have an effect: the pivot matters for turned feet, the peak of the lean for the body.

    Examples
    --------
    >>> toe_in = GaitModification(foot_progression_change_deg=-10.0)
    >>> [bears_on(one, toe_in) for one in other_assumptions(toe_in)]
    [True, True, True, False, False]
    >>> wider = GaitModification(step_width_change_m=0.05)
    >>> [bears_on(one, wider) for one in other_assumptions(wider)]
    [False, False, True, False, False]
    """
    return not modification.is_none and any(
        setting.bears_on == "any" or modification.changes.bears(setting.bears_on)
        for setting in differences(other, modification).values()
    )


@dataclass(frozen=True, eq=False)
class CurveBand:
    """How much the assumptions move the curves of a modified walk."""

    lowest: Mapping[str, Array]  #: (101,) each, by the names and in the units of `vocabulary.CURVES`
    highest: Mapping[str, Array]
    assumptions: tuple[GaitModification, ...]  #: that it spans, that of the shown walk first


def curve_band(
    shown: GaitModification, curves: Mapping[str, Array], others: Mapping[GaitModification, Mapping[str, Array]]
) -> CurveBand:
    """Lowest and highest of a walk's curves over its own and other assumptions, instant by instant.

    Parameters
    ----------
    shown : GaitModification
        Of the walk on the screen.
    curves : mapping
        Its curves, (101,) each, by the names of `vocabulary.CURVES`; the band always contains them.
    others : mapping
        Curves of the same change of gait under other assumptions.

    Examples
    --------
    >>> def flat(value):
    ...     return {name: np.full(101, value) for name in CURVES}
    >>> band = curve_band(GaitModification(), flat(3.0), {GaitModification(pivot=0.35): flat(3.4)})
    >>> float(band.lowest["medial_contact_force_bw"][0]), float(band.highest["medial_contact_force_bw"][0])
    (3.0, 3.4)
    """
    every = {name: np.array([curves[name], *(one[name] for one in others.values())]) for name in CURVES}
    return CurveBand(
        lowest={name: values.min(axis=0) for name, values in every.items()},
        highest={name: values.max(axis=0) for name, values in every.items()},
        assumptions=(shown, *others),
    )


def difference_in_words(one: GaitModification, shown: GaitModification) -> str:
    """How the assumptions differ from those of the shown walk.

    Examples
    --------
    >>> difference_in_words(GaitModification(pivot=0.35), GaitModification())
    'the foot turns about a point 0.35 of its length from the heel'
    >>> difference_in_words(GaitModification(balance="held", virtual_point_statures=None), GaitModification())
    'the ground force keeps its recorded direction and the pelvis is held'
    """
    return " and ".join(setting.assumed(getattr(one, name)) for name, setting in differences(one, shown).items())


def range_in_words(band: CurveBand) -> str:
    """What a band covers.

    Examples
    --------
    >>> range_in_words(CurveBand({}, {}, (GaitModification(), *other_assumptions(GaitModification())[:3])))
    'the foot turns about a point 0.35 to 0.65 of its length from the heel, the body sways with the feet or the pelvis
    is held'
    """
    spanned = {
        name: {getattr(one, name) for one in band.assumptions if _counts(setting, one)}
        for name, setting in ASSUMPTIONS.items()
    }
    return ", ".join(ASSUMPTIONS[name].assumed(*values) for name, values in spanned.items() if len(values) > 1)
