"""One kind of change of gait: its name, unit and sign, its words, and what it does."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from numbers import Real
from typing import Literal

import numpy as np

from workbench.core.errors import SettingError
from workbench.core.types import Array
from workbench.core.vocabulary import Side


@dataclass(frozen=True)
class Direction:
    """One direction of a change, in words."""

    option: str  #: of the command line (``toe-in``); with the shown unit, the keyword in Python (``toe_in_deg``)
    words: str  #: of an amount, which stands where the braces are ("toe-in {}")
    brief: str  #: of an amount where there is little room ("{} in")
    help: str  #: what it does ("turn the feet in")


@dataclass(frozen=True)
class FootMove:
    """How a change moves one foot at n instants, relative to its recorded pose."""

    turn_deg: Array  #: (n,) about the vertical through the pivot, outwards positive
    shift_m: Array  #: (n, 3) forwards, up, outwards
    longer_step_m: float = 0.0  #: by which every step of both feet is longer, at the same cadence
    knee_inwards_m: Array | float = 0.0  #: (n,) by which the knee goes inwards, off the line from hip to ankle

    def __add__(self, other: FootMove) -> FootMove:
        return FootMove(
            self.turn_deg + other.turn_deg,
            self.shift_m + other.shift_m,
            self.longer_step_m + other.longer_step_m,
            self.knee_inwards_m + other.knee_inwards_m,
        )


@dataclass(frozen=True)
class BodyTiming:
    """When the body moves, at n instants."""

    share: Mapping[Side, Array]  #: (n,) how much of the change each foot shows
    side: Side  #: the analysed leg
    stance: Array  #: (n,) swings once a stride towards the analysed leg; 1 on average over the first half of its stance


#: The move of one foot: the value of the change, how much of it the foot shows at each instant (n,), and how many feet
#: share it.
MoveFoot = Callable[[float, Array, int], FootMove]
#: Change of body coordinates at each instant (rad or m, by name): the value, and when.
MoveBody = Callable[[float, BodyTiming], Mapping[str, Array]]


def at_rest(_: float, share: Array, __: int) -> FootMove:
    """The feet stay as recorded.

    Examples
    --------
    >>> at_rest(5.0, np.ones(2), 1).turn_deg.tolist()
    [0.0, 0.0]
    """
    return FootMove(np.zeros(len(share)), np.zeros((len(share), 3)))


def as_recorded(_: float, __: BodyTiming) -> dict[str, Array]:
    """No coordinate of the body is prescribed.

    Examples
    --------
    >>> as_recorded(5.0, BodyTiming({}, "left", np.ones(2)))
    {}
    """
    return {}


@dataclass(frozen=True, kw_only=True)
class Kind:
    """A kind of change of gait: everything needed to offer, compute, draw and export it.

    The feet act on the ground force by themselves: the centre of pressure goes with the foot, and the force follows
    where the foot was shifted. Where parts of the body turn, the balance of the whole moves pelvis and force.
    """

    name: str  #: in files and in Python; ends in the unit
    label: str  #: what changes ("foot progression angle")
    short: str  #: the same where there is little room ("foot angle")
    unit: str  #: of the value, as messages say it ("degrees")
    sign: str  #: which way is positive
    largest: float  #: that can be computed, either way
    reach: float  #: of a response surface, either way
    sought: float  #: that a target looks for, either way
    check: float  #: where a surface is held against a direct solution, beside its corners
    step: float  #: of a map and of a target's finest search
    slope_step: float  #: per which slopes are given
    shown_unit: str  #: on pages and in words
    shown_factor: float  #: shown number of one unit
    shown_suffix: str  #: the shown unit in names
    shown_step: float  #: of a slider, shown
    every: str  #: a step of `step` in words ("degree")
    more: Direction  #: the positive one
    less: Direction
    key: str  #: in the address of the page
    outcome: str | None  #: the number of `vocabulary.PEAKS` that tells what was achieved; None: none does
    move_foot: MoveFoot = field(default=at_rest)
    move_body: MoveBody = field(default=as_recorded)

    @property
    def shown_name(self) -> str:
        """Name of the value in the shown unit.

        Examples
        --------
        >>> from workbench.core.changes import KINDS
        >>> KINDS["step_width_change_m"].shown_name
        'step_width_change_cm'
        """
        return f"{self.name.rpartition('_')[0]}_{self.shown_suffix}"

    @property
    def slug(self) -> str:
        """The short name in file keys."""
        return self.short.replace(" ", "_")

    @property
    def moves(self) -> frozenset[Literal["turn", "shift", "feet", "body"]]:
        """Whether it turns or shifts the feet, or moves the body; settings for the one do not affect the other."""
        move = self.move_foot(self.largest, np.ones(1), 1)
        turned = bool(np.any(move.turn_deg))
        shifted = bool(np.any(move.shift_m)) or bool(move.longer_step_m)
        does = {"turn": turned, "shift": shifted, "feet": turned or shifted, "body": self.move_body is not as_recorded}
        return frozenset(what for what, is_so in does.items() if is_so)  # type: ignore[misc]

    def keyword(self, direction: Direction) -> str:
        """The keyword of a direction in Python.

        Examples
        --------
        >>> from workbench.core.changes import KINDS
        >>> kind = KINDS["step_width_change_m"]
        >>> kind.keyword(kind.more), kind.keyword(kind.less)
        ('wider_cm', 'narrower_cm')
        """
        return f"{direction.option.replace('-', '_')}_{self.shown_suffix}"

    def shown(self, value: float) -> float:
        """A value in the shown unit.

        Examples
        --------
        >>> from workbench.core.changes import KINDS
        >>> KINDS["step_width_change_m"].shown(0.07)
        7.0
        """
        return round(self.shown_factor * value, 9)

    def amount(self, value: float) -> str:
        """The amount, without its direction.

        Examples
        --------
        >>> from workbench.core.changes import KINDS
        >>> [kind.amount(-kind.reach) for kind in list(KINDS.values())[:2]]
        ['15°', '10 cm']
        """
        return f"{abs(self.shown(value)):g}{'' if self.shown_unit in '°%' else ' '}{self.shown_unit}"

    def words(self, value: float) -> str:
        """The change in words.

        Examples
        --------
        >>> from workbench.core.changes import KINDS
        >>> KINDS["foot_progression_change_deg"].words(-10.0), KINDS["step_width_change_m"].words(0.04)
        ('toe-in 10°', '4 cm wider steps')
        """
        return (self.more if value > 0.0 else self.less).words.format(self.amount(value))

    def brief(self, value: float) -> str:
        """The change in words, short form.

        Examples
        --------
        >>> from workbench.core.changes import KINDS
        >>> KINDS["foot_progression_change_deg"].brief(-10.0), KINDS["step_width_change_m"].brief(0.04)
        ('10° in', '4 cm wider')
        """
        return (self.more if value > 0.0 else self.less).brief.format(self.amount(value))

    @property
    def tick_format(self) -> str:
        """How a slider shows the value, as in C's printf.

        Examples
        --------
        >>> from workbench.core.changes import KINDS
        >>> [kind.tick_format for kind in list(KINDS.values())[:2]]
        ['%.1f°', '%.1f cm']
        """
        unit = self.shown_unit.replace("%", "%%")
        return f"%.1f{'' if unit in ('°', '%%') else ' '}{unit}"

    @property
    def axis_label(self) -> str:
        """Axis label, with both directions and the shown unit."""
        return f"{self.less.option}  ←  change of {self.label} ({self.shown_unit})  →  {self.more.option}"

    def grid(self, largest: float, step: float) -> Array:
        """Evenly spaced values from ``-largest`` to ``largest``, zero among them.

        Examples
        --------
        >>> from workbench.core.changes import KINDS
        >>> KINDS["foot_progression_change_deg"].grid(10.0, 5.0).tolist()
        [-10.0, -5.0, 0.0, 5.0, 10.0]
        """
        return np.linspace(-largest, largest, 2 * round(largest / step) + 1)

    def checked(self, value: object, what: str = "") -> float:
        """The value as a number within its limits.

        Raises
        ------
        SettingError
            If it is not a number or lies outside.
        """
        number = number_of(value, what or f"the change of {self.label}")
        if not -self.largest <= number <= self.largest:
            raise SettingError(
                f"the change of {self.label} is {number:g} {self.unit},"
                f" outside {-self.largest:g} to {self.largest:g} {self.unit}."
            )
        return number + 0.0  # no change has no sign


def number_of(value: object, what: str) -> float:
    """A value as a float.

    Raises
    ------
    SettingError
        If it is text, True or False, or anything else that is not a number.

    Examples
    --------
    >>> number_of("ten", "toe_in_deg")
    Traceback (most recent call last):
    workbench.core.errors.SettingError: toe_in_deg is 'ten', which is not a number. Give a number without quotes.
    """
    if isinstance(value, bool) or not isinstance(value, Real):
        raise SettingError(f"{what} is {value!r}, which is not a number.", remedy="Give a number without quotes.")
    return float(value)
