"""Settings of a modified gait: the changes, and the assumptions behind them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

from workbench.core.changes import KINDS, UNCHANGED, Changes, changes_from_words, keywords, unknown
from workbench.core.declaration import Choice, Number, Without, check_all, declared, documented, settings_of
from workbench.core.settings.tolerances import KNEE_HOLD, PELVIS_HOLD
from workbench.core.types import USUAL_LEAN_STATURES


@dataclass(frozen=True, init=False)
class GaitModification:
    """Virtual changes of gait, with every assumption behind them.

    Parameters
    ----------
    changes : Changes, optional
        By default nothing is changed.
    **named
        Single changes by the names of `workbench.core.changes.KINDS`, and the assumptions below.

    Raises
    ------
    SettingError
        If a change or assumption is unknown, or a number lies outside its limits; the message names them.

    Examples
    --------
    >>> toe_in = GaitModification(foot_progression_change_deg=-10.0, pivot=0.35)
    >>> toe_in.sides, toe_in.balance, toe_in.is_none
    ('both', 'solved', False)
    >>> toe_in["foot_progression_change_deg"], toe_in["step_width_change_m"]
    (-10.0, 0.0)
    >>> GaitModification(step_width_change_m=4.0)
    Traceback (most recent call last):
    workbench.core.errors.SettingError: the change of step width is 4 m, outside -0.15 to 0.15 m.
    """

    changes: Changes = UNCHANGED
    #: Whether both feet change or only the analysed one (which then takes the whole step-width change).
    sides: Literal["both", "one"] = declared(
        "both",
        Choice(
            what="sides",
            label="Feet that change",
            help="which feet change",
            option="change-sides",
            known_as="change_sides",
            source="both feet turn in gait-retraining trials (Uhlrich 2025)",
            choices={"both": "Both feet", "one": "Only this foot"},
            alternatives=("both", "one"),
            clauses={"both": "both feet change", "one": "only the analysed foot changes"},
            in_range=True,
            bears_on="feet",
        ),
    )
    #: The point of the foot axis about which the foot turns, as a fraction of foot length from the heel.
    pivot: float = declared(
        0.5,
        Number(
            what="the pivot",
            label="Pivot, fraction of foot length from the heel",
            help="point about which the foot turns, as a fraction of foot length from the heel",
            option="pivot",
            source="reproduces published group responses at both peaks (section 2); the range is their spread",
            unit="× foot length",
            low=0.0,
            high=1.0,
            step=0.05,
            metavar="0..1",
            alternatives=(0.35, 0.65),
            clause="the foot turns about a point {} of its length from the heel",
            in_range=True,
            bears_on="turn",
        ),
    )
    #: Pelvis held: height, in body heights, of the point at which the ground reaction keeps aiming when the feet shift;
    #: None keeps its recorded direction.
    virtual_point_statures: float | None = declared(
        1.0,
        Number(
            what="the virtual point",
            label="Height of the virtual point, × body height",
            help="hold the pelvis, and let the ground force keep aiming at a point this high as the feet shift",
            option="virtual-point",
            source="between the recorded direction and the centre of mass, neither of which fits group results"
            " (section 2)",
            unit="× body height",
            low=0.7,
            high=10.0,
            step=0.1,
            metavar="HEIGHTS",
            without=Without(
                option="keep-force-direction",
                help="hold the pelvis, and keep the recorded direction of the ground force",
                shown_name="aim_at_virtual_point",
                label="Pelvis held: ground force aims at a virtual point",
                told="recorded direction",
                clause="the ground force keeps its recorded direction",
            ),
            only_with=("balance", "held"),
            alternatives=(1.0, None),
            in_range=True,
            clause="the ground force aims {} × body height above the floor",
            bears_on="shift",
        ),
    )
    #: How far the change fades out in mid-swing: 1 returns to the recorded path, 0 holds the change throughout; None
    #: is 0 with the balance solved, 1 with the pelvis held.
    swing_fade: float | None = declared(
        None,
        Number(
            what="the swing fade",
            label="Fade-out of the change in mid-swing",
            help="how much of the change fades out in mid-swing: 1 = back to the recorded path, 0 = held throughout;"
            " auto: 0 with balance solved, 1 with the pelvis held",
            option="swing-fade",
            source="bringing the feet back in swing would take a moment that nothing supplies, unless the pelvis is"
            " held (section 2)",
            unit="of the change",
            low=0.0,
            high=1.0,
            step=0.1,
            metavar="0..1|auto",
            without=Without(
                word="auto",
                help="",
                shown_name="swing_fade_chosen",
                label="Set the fade-out in mid-swing",
                told="automatic",
                clause="the change fades out in mid-swing if the pelvis is held",
                start=0.0,
            ),
            alternatives=(0.0, 1.0),
            clause="{} of the change fades out in mid-swing",
            in_range=True,
            comes_to="fade_in_swing",
            bears_on="feet",
        ),
    )
    #: Solved: the body sways with the feet and the ground reaction leans with both, so that force is mass times
    #: acceleration as it was in the recording. Held: the pelvis keeps its place, and the ground reaction follows
    #: `virtual_point_statures`.
    balance: Literal["solved", "held"] = declared(
        "solved",
        Choice(
            what="balance",
            label="When the feet move",
            help="solved: the body sways with the feet and the ground force follows; held: the pelvis keeps its path",
            option="balance",
            source="keeps force = mass × acceleration, as in the recording (section 2)",
            choices={"solved": "Body and ground force follow", "held": "Pelvis held"},
            alternatives=("held",),
            along={"virtual_point_statures": None},
            in_range=True,
            clauses={"solved": "the body sways with the feet", "held": "the pelvis is held"},
            bears_on="feet",
        ),
    )
    #: How much of the lean of trunk and pelvis the stance of the other leg shows too, towards that leg.
    lean_other_side: float = declared(
        0.0,
        Number(
            what="the lean towards the other leg",
            label="Lean in the other leg's stance, fraction",
            help="fraction of the lean that is repeated in the other leg's stance: 1 = lean to both sides",
            option="lean-other-side",
            source="people lean towards the painful leg in its stance (Simic 2012); to both sides: Mündermann 2008",
            unit="× the lean",
            low=0.0,
            high=1.0,
            step=0.1,
            metavar="0..1",
        ),
    )
    #: Where in stance trunk and pelvis lean most.
    lean_peak: float = declared(
        0.35,
        Number(
            what="the peak of the lean",
            label="Peak of the lean, fraction of stance",
            help="fraction of stance at which trunk and pelvis lean most",
            option="lean-peak",
            source="as in normal walking; a later peak unloads more (Simic 2012)",
            unit="× stance",
            low=0.1,
            high=0.9,
            step=0.05,
            metavar="0..1",
            alternatives=(0.25, 0.5),
            in_range=True,
            clause="the lean peaks at {} of stance",
            bears_on="body",
        ),
    )
    #: Balance solved: the height, in body heights, at which the ground reaction aims as the body sways over the feet;
    #: None fits it to the recording (`workbench.core.lateral_sway.lean_height`).
    lean_height_statures: float | None = declared(
        USUAL_LEAN_STATURES,
        Number(
            what="the lean height",
            label="Height at which the ground force aims, × body height",
            help="height at which the ground force aims as the body sways with the feet; own: fitted to the recording",
            option="lean-height",
            source="regression on recordings (section 2)",
            unit="× body height",
            low=0.45,
            high=2.0,
            step=0.05,
            metavar="HEIGHTS|own",
            without=Without(
                word="own",
                help="",
                shown_name="lean_height_given",
                label="Set the aiming height (otherwise fitted to the recording)",
                told="fitted to the recording",
                clause="the height at which the ground force aims is fitted to the recording",
            ),
            only_with=("balance", "solved"),
            alternatives=(None,),
            in_range=True,
            bears_on="feet",
            clause="the ground force aims {} × body height above the floor",
        ),
    )
    #: Pelvis held: how far the pelvis gives way, forwards and sideways, at the cost of one unit.
    pelvis_hold_m: float = declared(
        0.005,
        PELVIS_HOLD,
    )
    #: How far the knee angle gives way at the cost of one unit; other joints give way by 10 degrees.
    knee_hold_deg: float = declared(
        1.0,
        KNEE_HOLD,
    )

    def __init__(self, changes: Mapping[str, float] | None = None, **named: Any) -> None:
        assumptions = settings_of(type(self))
        for name in named:
            if name not in KINDS and name not in assumptions:
                raise unknown(name, [*KINDS, *assumptions])
        changed = {name: value for name, value in named.items() if name in KINDS}
        object.__setattr__(self, "changes", Changes({**(changes or {}), **changed}))
        for name, setting in assumptions.items():
            object.__setattr__(self, name, named.get(name, setting.default))
        check_all(self)

    def __getitem__(self, change: str) -> float:
        return self.changes[change]

    @property
    def is_none(self) -> bool:
        """True if nothing is changed.

        Examples
        --------
        >>> GaitModification(pivot=0.35).is_none  # an assumption, but no change
        True
        """
        return not self.changes.any

    def changed(self, changes: Mapping[str, float]) -> GaitModification:
        """The same assumptions and changes, with these changes set.

        Examples
        --------
        >>> wider = GaitModification(step_width_change_m=0.04, pivot=0.35)
        >>> print(wider.changed({"foot_progression_change_deg": 5.0}).changes)
        toe-out 5° and 4 cm wider steps
        """
        return replace(self, changes=Changes({**self.changes, **changes}))

    @property
    def unchanged(self) -> GaitModification:
        """The assumptions alone.

        Examples
        --------
        >>> GaitModification(step_width_change_m=0.04, pivot=0.35).unchanged == GaitModification(pivot=0.35)
        True
        """
        return replace(self, changes=UNCHANGED)

    @property
    def fade_in_swing(self) -> float:
        """How far the change fades out in mid-swing, 0 to 1.

        Examples
        --------
        >>> GaitModification().fade_in_swing, GaitModification(balance="held").fade_in_swing
        (0.0, 1.0)
        """
        if self.swing_fade is not None:
            return self.swing_fade
        return 0.0 if self.balance == "solved" else 1.0

    @property
    def force_rule(self) -> str:
        """What the ground reaction does, in words.

        Examples
        --------
        >>> GaitModification().force_rule
        'body sways with the feet, ground force aims at a height of 0.7 × body height'
        >>> GaitModification(balance="held", virtual_point_statures=None).force_rule
        'pelvis held, ground force keeps its recorded direction'
        """
        if self.balance == "solved":
            own = self.lean_height_statures is None
            height = "as fitted to the recording" if own else f"of {self.lean_height_statures:g} × body height"
            return f"body sways with the feet, ground force aims at a height {height}"
        if self.virtual_point_statures is None:
            return "pelvis held, ground force keeps its recorded direction"
        return (
            f"pelvis held, for step width the ground force aims {self.virtual_point_statures:g} × body height above"
            " the floor"
        )

    def document(self) -> dict[str, Any]:
        """Changes and assumptions by name, for files.

        Examples
        --------
        >>> list(GaitModification().document())[:2]
        ['foot_progression_change_deg', 'step_width_change_m']
        """
        return {**self.changes, **documented(self)}


def modification_from_words(named: Mapping[str, Any]) -> GaitModification:
    """A change of gait from the words that Python and the command line use, beside its assumptions.

    Raises
    ------
    SettingError
        If a word is unknown (the closest one is suggested), or a value cannot be computed.

    Examples
    --------
    >>> modification_from_words({"toe_in_deg": 10, "pivot": 0.35}) == GaitModification(
    ...     foot_progression_change_deg=-10.0, pivot=0.35
    ... )
    True
    >>> modification_from_words({"toein": 10})
    Traceback (most recent call last):
    workbench.core.errors.SettingError: there is no 'toein'. Did you mean toe_in_deg?
    """
    words, assumptions = keywords(), settings_of(GaitModification)
    for name in named:
        if name not in words and name not in assumptions:
            raise unknown(name, [*words, *assumptions])
    changes = changes_from_words({name: value for name, value in named.items() if name in words})
    return GaitModification(changes, **{name: value for name, value in named.items() if name in assumptions})


def assumptions_alone(named: Mapping[str, Any]) -> GaitModification:
    """The assumptions behind a change of gait that is still to be found.

    Raises
    ------
    SettingError
        If a name is unknown, or a value cannot be computed.

    Examples
    --------
    >>> assumptions_alone({"pivot": 0.35}).pivot
    0.35
    """
    known = settings_of(GaitModification)
    for name in named:
        if name not in known:
            raise unknown(name, known)
    return GaitModification(**named)
