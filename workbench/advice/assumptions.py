"""The assumptions behind a simulated change, equally defensible alternatives, and how much these move its curves.

An assumption is any setting with alternatives: of the changed gait, of the loads, or of how the recording is filtered
and cut. Its equally defensible values are declared with it. One is replaced at a time.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

import numpy as np

from workbench.core.declaration import Setting, settings_of
from workbench.core.settings import GaitModification, LoadSettings, Processing
from workbench.core.types import Array
from workbench.core.vocabulary import CURVES


@dataclass(frozen=True)
class Assumed:
    """Everything behind an answer that could be chosen otherwise.

    Examples
    --------
    >>> shown = Assumed(GaitModification(pivot=0.35))
    >>> shown["pivot"], shown["weights"], shown["coordinate_cutoff_hz"]
    (0.35, 'contact', 6.0)
    """

    gait: GaitModification
    loads: LoadSettings = field(default_factory=LoadSettings)
    processing: Processing = field(default_factory=Processing)

    def __getitem__(self, name: str) -> Any:
        return getattr(getattr(self, _PARTS[name]), name)

    def changed(self, changes: Mapping[str, float]) -> Assumed:
        """The same with these changes of gait."""
        return replace(self, gait=self.gait.changed(changes))

    def taken(self, setting: Setting, value: object) -> Assumed:
        """The same with one assumption taken otherwise, and what goes along with it."""
        part = _PARTS[setting.name]
        others = {**setting.along, **dict.fromkeys(setting.alike, value)}
        return replace(self, **{part: replace(getattr(self, part), **others, **{setting.name: value})})

    def comes_to(self, setting: Setting) -> Any:
        """What the value of a setting comes to."""
        return getattr(getattr(self, _PARTS[setting.name]), setting.comes_to or setting.name)


_OWNERS: Final[Mapping[str, type]] = {"gait": GaitModification, "loads": LoadSettings, "processing": Processing}
#: The part of `Assumed` that holds each setting.
_PARTS: Final[Mapping[str, str]] = {name: part for part, owner in _OWNERS.items() for name in settings_of(owner)}
#: All settings that could be chosen otherwise, by name.
ASSUMPTIONS: Final[Mapping[str, Setting]] = {
    name: setting
    for owner in _OWNERS.values()
    for name, setting in settings_of(owner).items()
    if owner is GaitModification or setting.alternatives
}


def other_assumptions(shown: Assumed, *, every: bool = False) -> list[Assumed]:
    """The same changes of gait, each time with one assumption replaced.

    Parameters
    ----------
    shown : Assumed
    every : bool
        Whether to go through all alternatives, or through those alone that belong to the range that is shown.

    Examples
    --------
    >>> shown = Assumed(GaitModification())
    >>> for one in other_assumptions(shown):
    ...     print(difference_in_words(one, shown))
    only the analysed foot changes
    the foot turns about a point 0.35 of its length from the heel
    the foot turns about a point 0.65 of its length from the heel
    1 of the change fades out in mid-swing
    the ground force keeps its recorded direction and the pelvis is held
    the lean peaks at 0.25 of stance
    the lean peaks at 0.5 of stance
    the height at which the ground force aims is fitted to the recording
    the knee angle is held to 0.5°
    the knee angle is held to 2°
    all muscles weigh the same
    motion and forces are low-passed at 4 Hz
    motion and forces are low-passed at 10 Hz
    a foot is on the ground from 10 N
    a foot is on the ground from 50 N
    """
    return [
        other
        for setting in ASSUMPTIONS.values()
        if (setting.in_range or every) and _counts(setting, shown)
        for value in setting.alternatives
        if (other := shown.taken(setting, value)).comes_to(setting) != shown.comes_to(setting)
    ]


def _counts(setting: Setting, assumed: Assumed) -> bool:
    """Whether a setting means anything beside the others."""
    return setting.only_with is None or assumed[setting.only_with[0]] == setting.only_with[1]


def differences(one: Assumed, shown: Assumed) -> dict[str, Setting]:
    """Assumptions that differ from the shown ones and have an effect, by name."""
    return {
        name: setting
        for name, setting in ASSUMPTIONS.items()
        if one[name] != shown[name] and setting.alternatives and _counts(setting, one)
    }


def bears_on(other: Assumed, shown: Assumed) -> bool:
    """Whether other assumptions have an effect: the pivot matters for turned feet, the peak of the lean for the body.

    Examples
    --------
    >>> def named(changes):
    ...     shown = Assumed(GaitModification(changes))
    ...     others = (one for one in other_assumptions(shown) if bears_on(one, shown))
    ...     return list(dict.fromkeys(name for one in others for name in differences(one, shown)))
    >>> named({"foot_progression_change_deg": -10.0})[:3]
    ['sides', 'pivot', 'swing_fade']
    >>> "pivot" in named({"step_width_change_m": 0.05})
    False
    """
    changes = shown.gait.changes
    return changes.any and any(
        setting.bears_on == "any" or changes.bears(setting.bears_on) for setting in differences(other, shown).values()
    )


def matters_most(shown: Assumed, moved: Mapping[Assumed, float]) -> str:
    """The name of the assumption that moves an answer most; empty where none does.

    Parameters
    ----------
    shown : Assumed
    moved : mapping
        How far each other assumption moves the answer, in any one unit, 0 or more.

    Examples
    --------
    >>> shown = Assumed(GaitModification())
    >>> front, held = (Assumed(GaitModification(pivot=0.65)), Assumed(GaitModification(balance="held")))
    >>> matters_most(shown, {front: 0.1, held: 0.3})
    'balance'
    """
    if not moved or max(moved.values()) <= 0.0:
        return ""
    varied = differences(max(moved, key=lambda one: moved[one]), shown)
    # What means nothing beside the shown assumptions goes along with another one.
    return next((name for name, setting in varied.items() if _counts(setting, shown)), "")


@dataclass(frozen=True, eq=False)
class CurveBand:
    """How much the assumptions move the curves of a modified walk."""

    lowest: Mapping[str, Array]  #: (101,) each, by the names and in the units of `vocabulary.CURVES`
    highest: Mapping[str, Array]
    assumptions: tuple[Assumed, ...]  #: that it spans, that of the shown walk first
    most: str = ""  #: name of the setting that moves the curves most, each measured by its own range


def curve_band(shown: Assumed, curves: Mapping[str, Array], others: Mapping[Assumed, Mapping[str, Array]]) -> CurveBand:
    """Lowest and highest of a walk's curves over its own and other assumptions, instant by instant.

    Parameters
    ----------
    shown : Assumed
        Of the walk on the screen.
    curves : mapping
        Its curves, (101,) each, by the names of `vocabulary.CURVES`; the band always contains them.
    others : mapping
        Curves of the same change of gait under other assumptions.

    Examples
    --------
    >>> def flat(value):
    ...     return {name: np.full(101, value) for name in CURVES}
    >>> shown, rear = Assumed(GaitModification()), Assumed(GaitModification(pivot=0.35))
    >>> band = curve_band(shown, flat(3.0), {rear: flat(3.4)})
    >>> float(band.lowest["medial_contact_force_bw"][0]), float(band.highest["medial_contact_force_bw"][0])
    (3.0, 3.4)
    >>> band.most
    'pivot'
    """
    every = {name: np.array([curves[name], *(one[name] for one in others.values())]) for name in CURVES}
    ranges = {name: float(np.ptp(curves[name])) or 1.0 for name in CURVES}
    moved = {
        other: max(float(np.abs(found[name] - curves[name]).max()) / ranges[name] for name in CURVES)
        for other, found in others.items()
    }
    return CurveBand(
        lowest={name: values.min(axis=0) for name, values in every.items()},
        highest={name: values.max(axis=0) for name, values in every.items()},
        assumptions=(shown, *others),
        most=matters_most(shown, moved),
    )


def difference_in_words(one: Assumed, shown: Assumed) -> str:
    """How the assumptions differ from those of the shown walk.

    Examples
    --------
    >>> difference_in_words(Assumed(GaitModification(pivot=0.35)), Assumed(GaitModification()))
    'the foot turns about a point 0.35 of its length from the heel'
    """
    return " and ".join(setting.assumed(one[name]) for name, setting in differences(one, shown).items())


def range_in_words(band: CurveBand) -> str:
    """What a band covers, and what matters most.

    Examples
    --------
    >>> shown, rear = Assumed(GaitModification()), Assumed(GaitModification(pivot=0.35))
    >>> range_in_words(CurveBand({}, {}, (shown, rear), most="pivot"))
    'the foot turns about a point 0.35 to 0.5 of its length from the heel; the pivot matters most'
    """
    shown, *_ = band.assumptions
    varied = {name: setting for one in band.assumptions for name, setting in differences(one, shown).items()}
    spanned = {
        name: {one[name] for one in band.assumptions if _counts(setting, one)} for name, setting in varied.items()
    }
    words = ", ".join(ASSUMPTIONS[name].assumed(*values) for name, values in spanned.items() if len(values) > 1)
    return f"{words}; {ASSUMPTIONS[band.most].what} matters most" if band.most else words
