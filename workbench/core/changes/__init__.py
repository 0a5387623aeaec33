"""Changes of gait: their kinds and values."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from difflib import get_close_matches
from typing import Final

from workbench.core.changes import foot_progression, knee_position, pelvic_drop, step_length, step_width, trunk_lean
from workbench.core.changes.kind import BodyTiming, Direction, FootMove, Kind, at_rest, number_of
from workbench.core.errors import SettingError
from workbench.core.types import Array
from workbench.core.vocabulary import PEAKS, Quantity

#: Every kind of change, in the order in which they are shown: a new one is a module of this folder and a name here.
KINDS: Final[dict[str, Kind]] = {
    one.name: one
    for one in (
        foot_progression.KIND,
        step_width.KIND,
        trunk_lean.KIND,
        step_length.KIND,
        knee_position.KIND,
        pelvic_drop.KIND,
    )
}


class Changes(Mapping[str, float]):
    """Values of named changes of gait; those not named are zero. Frozen and hashable.

    Parameters
    ----------
    values : mapping, optional
        By the names of `KINDS`, in their units and signs.
    **named : float
        The same as keywords.

    Raises
    ------
    SettingError
        If a change is unknown, or a value lies outside its limits.

    Examples
    --------
    >>> toe_in = Changes(foot_progression_change_deg=-10.0)
    >>> toe_in["foot_progression_change_deg"], toe_in["step_width_change_m"], toe_in.any
    (-10.0, 0.0, True)
    >>> toe_in == Changes({"foot_progression_change_deg": -10, "step_width_change_m": 0.0})
    True
    >>> Changes(step_widht_change_m=0.04)
    Traceback (most recent call last):
    workbench.core.errors.SettingError: there is no 'step_widht_change_m'. Did you mean step_width_change_m?
    """

    __slots__ = ("_values",)

    def __init__(self, values: Mapping[str, float] | None = None, /, **named: float) -> None:
        given = {**(values or {}), **named}
        for name in given:
            if name not in KINDS:
                raise unknown(name, KINDS)
        checked = {name: kind.checked(given[name]) for name, kind in KINDS.items() if name in given}
        self._values = {name: value for name, value in checked.items() if value}

    @property
    def any(self) -> bool:
        """Whether anything changes.

        Examples
        --------
        >>> Changes(step_width_change_m=0.0).any
        False
        """
        return bool(self._values)

    def __getitem__(self, name: str) -> float:
        return self._values.get(name, 0.0) if name in KINDS else self._values[name]

    def __iter__(self) -> Iterator[str]:
        return iter(KINDS)

    def __len__(self) -> int:
        return len(KINDS)

    def __eq__(self, other: object) -> bool:
        return self._values == other._values if isinstance(other, Changes) else NotImplemented

    def __hash__(self) -> int:
        return hash(tuple(self._values.items()))

    def __repr__(self) -> str:
        return f"Changes({', '.join(f'{name}={value!r}' for name, value in self._values.items())})"

    def __reduce__(self) -> tuple[type[Changes], tuple[dict[str, float]]]:
        return Changes, (self._values,)

    def __str__(self) -> str:
        """The changes in words.

        Examples
        --------
        >>> print(Changes(foot_progression_change_deg=-10.0, step_width_change_m=0.04))
        toe-in 10° and 4 cm wider steps
        >>> print(Changes())
        no change
        """
        parts = [KINDS[name].words(value) for name, value in self._values.items()]
        return " and ".join([", ".join(parts[:-1]), parts[-1]] if len(parts) > 1 else parts) or "no change"

    def without(self, names: Iterable[str]) -> Changes:
        """The other changes alone.

        Examples
        --------
        >>> both = Changes(foot_progression_change_deg=-10.0, step_width_change_m=0.04)
        >>> both.without(["step_width_change_m"])
        Changes(foot_progression_change_deg=-10.0)
        """
        left_out = set(names)
        return Changes({name: value for name, value in self._values.items() if name not in left_out})

    def foot_move(self, share: Array, feet: int) -> FootMove:
        """How one foot must move for all of them together.

        Parameters
        ----------
        share : (n,) array
            How much of the change the foot shows at each instant, 0 to 1.
        feet : int
            How many feet change.

        Examples
        --------
        >>> import numpy as np
        >>> move = Changes(foot_progression_change_deg=-10.0, step_width_change_m=0.04).foot_move(np.ones(1), feet=2)
        >>> move.turn_deg.tolist(), move.shift_m.tolist()
        ([-10.0], [[0.0, 0.0, 0.02]])
        """
        moves = [KINDS[name].move_foot(value, share, feet) for name, value in self._values.items()]
        return sum(moves, at_rest(0.0, share, feet))

    def body_move(self, timing: BodyTiming) -> dict[str, Array]:
        """What all of them together add to the body's coordinates, (n,) each in rad or m, by name.

        Examples
        --------
        >>> import numpy as np
        >>> timing = BodyTiming({}, "left", np.ones(1))
        >>> Changes(step_width_change_m=0.04).body_move(timing)  # the feet alone
        {}
        """
        moved: dict[str, Array] = {}
        for name, value in self._values.items():
            for coordinate, added in KINDS[name].move_body(value, timing).items():
                moved[coordinate] = moved.get(coordinate, 0.0) + added
        return moved

    def bears(self, what: str) -> bool:
        """Whether any of them turns (``"turn"``) or shifts (``"shift"``) the feet, either, or moves the ``"body"``.

        Examples
        --------
        >>> Changes(foot_progression_change_deg=5.0).bears("turn"), Changes(step_width_change_m=0.1).bears("turn")
        (True, False)
        """
        return any(what in KINDS[name].moves for name in self._values)


UNCHANGED: Final = Changes()


def achieved() -> dict[str, Quantity]:
    """The numbers of `vocabulary.PEAKS` that describe the change itself and are not outcomes.

    Examples
    --------
    >>> list(achieved())
    ['foot_progression_angle_deg', 'step_width_m']
    """
    return {kind.outcome: PEAKS[kind.outcome] for kind in KINDS.values() if kind.outcome is not None}


def keywords() -> dict[str, tuple[Kind, Direction, float]]:
    """The words for changes in Python, each with its kind, its direction and its sign.

    Examples
    --------
    >>> {word: sign for word, (_, _, sign) in list(keywords().items())[:4]}
    {'toe_out_deg': 1.0, 'toe_in_deg': -1.0, 'wider_cm': 1.0, 'narrower_cm': -1.0}
    """
    return {
        kind.keyword(direction): (kind, direction, sign)
        for kind in KINDS.values()
        for direction, sign in ((kind.more, 1.0), (kind.less, -1.0))
    }


def changes_from_words(words: Mapping[str, object], said: Callable[[Direction], str] | None = None) -> Changes:
    """Changes from non-negative amounts per direction, in shown units, as given in Python and on the command line.

    Parameters
    ----------
    words : mapping
        Amounts by the words of `keywords`.
    said : callable, optional
        Name of a direction in messages; by default its word.

    Raises
    ------
    SettingError
        If both directions of a kind are given, or an amount is negative or not a number.

    Examples
    --------
    >>> changes_from_words({"toe_in_deg": 10, "wider_cm": 4})
    Changes(foot_progression_change_deg=-10.0, step_width_change_m=0.04)
    """
    known, values = keywords(), dict[str, float]()
    for word, amount in words.items():
        kind, direction, sign = known[word]
        what = said(direction) if said else word
        number = number_of(amount, what)
        if not number >= 0.0:
            raise SettingError(
                f"{what} is {number:g}; it must be 0 or more.",
                remedy="Use the opposite option for the other direction.",
            )
        if number and values.get(kind.name):
            raise SettingError(f"give {kind.less.option} or {kind.more.option}, not both.")
        if number or kind.name not in values:
            values[kind.name] = sign * number / kind.shown_factor
    return Changes(values)


def kind_called(word: str) -> Kind:
    """The kind of change for a word: its name or its short name.

    Raises
    ------
    SettingError
        If there is none.

    Examples
    --------
    >>> kind_called("foot-angle").name, kind_called("step width").name
    ('foot_progression_change_deg', 'step_width_change_m')
    """
    plain = word.replace("-", "_").replace(" ", "_")
    for kind in KINDS.values():
        if plain in (kind.name, kind.shown_name, kind.slug):
            return kind
    raise unknown(word, spoken_kinds())


def spoken_kinds() -> list[str]:
    """Names of the kinds of change on the command line.

    Examples
    --------
    >>> spoken_kinds()[:2]
    ['foot-angle', 'step-width']
    """
    return [kind.slug.replace("_", "-") for kind in KINDS.values()]


def two_kinds(words: Sequence[str]) -> tuple[str, str]:
    """The names of two different kinds of change, for the axes of a map.

    Raises
    ------
    SettingError
        If they are not two, or one does not exist.

    Examples
    --------
    >>> two_kinds(["step width", "foot angle"])
    ('step_width_change_m', 'foot_progression_change_deg')
    """
    names = [kind_called(word).name for word in words]
    if len(set(names)) != 2 or len(names) != 2:
        raise SettingError("a map needs two different axes.", remedy=f"Choose two of {', '.join(spoken_kinds())}.")
    return names[0], names[1]


def unknown(name: str, known: Iterable[str]) -> SettingError:
    """The error for an unknown name, with the closest known one."""
    names = list(known)
    close = get_close_matches(name, names, n=1, cutoff=0.5)
    remedy = f"Did you mean {close[0]}?" if close else f"There are {', '.join(names)}."
    return SettingError(f"there is no {name!r}.", remedy=remedy)
