"""How a setting is declared: once, as a field of its class, with its limits, labels and source."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from difflib import get_close_matches
from typing import Any, Literal, TypeVar

from workbench.core.changes.kind import number_of
from workbench.core.errors import SettingError

T = TypeVar("T")

#: What a setting is about: the whole modified gait, feet that turn, or feet that shift.
BearsOn = Literal["any", "turn", "shift", "feet", "body"]


@dataclass(frozen=True, kw_only=True)
class Setting:
    """A setting: true or false, unless it is a `Number` or a `Choice`."""

    what: str  #: in messages ("the pivot")
    label: str  #: on the page
    help: str  #: what it is, in a line
    option: str  #: of the command line, without the dashes
    source: str  #: of the default
    alternatives: tuple[Any, ...] = ()  #: values that are as defensible
    clause: str = ""  #: where there are some: what is assumed, the shown number in the braces
    in_range: bool = False  #: whether the alternatives belong to the range that is shown without asking for more
    bears_on: BearsOn = "any"
    only_with: tuple[str, Any] | None = None  #: another setting's value without which this one means nothing
    along: Mapping[str, Any] = field(default_factory=dict)  #: other settings that go along with the alternatives
    alike: tuple[str, ...] = ()  #: other settings that take the same alternative
    comes_to: str = ""  #: property of the owner that tells what a value comes to, where two can be the same
    known_as: str = ""  #: name in the shown unit, or on its own, where the field's would not do
    name: str = ""  #: of the field
    default: Any = None  #: of the field

    @property
    def shown_name(self) -> str:
        """Name of the session's parameter, and in the address."""
        return self.known_as or self.name

    @property
    def limits(self) -> str:
        """The allowed values, in words."""
        return "yes or no"

    def check(self, value: object) -> None:
        """Reject values that cannot be computed.

        Raises
        ------
        SettingError
            With the value and what is allowed.
        """
        if not isinstance(value, bool):
            raise SettingError(f"{self.what} is {value!r}.", remedy="Use True or False.")

    def assumed(self, *values: Any) -> str:
        """The assumption behind one value, or behind a range of values.

        Examples
        --------
        >>> from workbench.core.settings import SETTINGS
        >>> SETTINGS["pivot"].assumed(0.5, 0.65, 0.35)
        'the foot turns about a point 0.35 to 0.65 of its length from the heel'
        >>> SETTINGS["virtual_point_statures"].assumed(1.0, None)
        'the ground force aims 1 × body height above the floor or the ground force keeps its recorded direction'
        """
        return f"{self.what} is {' or '.join(self.told(value) for value in values)}"

    def told(self, value: object) -> str:
        """A value in words.

        Examples
        --------
        >>> from workbench.core.settings import SETTINGS
        >>> SETTINGS["passive_muscle_force"].told(False), SETTINGS["contact_spacing_m"].told(0.04)
        ('no', '40 mm')
        """
        return "yes" if value else "no"


@dataclass(frozen=True, kw_only=True)
class Without:
    """What None stands for where a number is optional."""

    help: str
    shown_name: str  #: of the session's truth value that says whether there is a number
    label: str  #: of its box on the page
    told: str  #: None in words
    clause: str  #: what is assumed then
    option: str = ""  #: of the command line, without the dashes; or
    word: str = ""  #: in place of the number
    start: float | None = None  #: number of a control that was without, where None is the default


@dataclass(frozen=True, kw_only=True)
class Number(Setting):
    """A setting that is a number."""

    unit: str  #: as messages say it
    low: float
    high: float
    step: float  #: of its control, shown
    shown_unit: str = ""  #: where it differs: on pages and the command line
    shown_factor: float = 1.0  #: shown number of one unit
    metavar: str  #: of the option
    without: Without | None = None  #: None where there must be a number

    @property
    def limits(self) -> str:
        """The allowed values, in words."""
        low, high = self.shown_factor * self.low, self.shown_factor * self.high
        unit = self.shown_unit or self.unit
        return f"{low:g} to {high:g} {unit}{f', or {self.without.told}' if self.without else ''}"

    def check(self, value: object) -> None:
        """Reject anything that is not a number within the limits; see `Setting.check`."""
        if value is None and self.without is not None:
            return
        number = number_of(value, self.what)
        if not self.low <= number <= self.high:
            raise SettingError(
                f"{self.what} is {number:g} {self.unit}, outside {self.low:g} to {self.high:g} {self.unit}."
            )

    def shown(self, value: float) -> float:
        """A value in the shown unit."""
        return round(self.shown_factor * value, 9)

    def assumed(self, *values: Any) -> str:
        """The assumption behind one value, or behind a range of values; see `Setting.assumed`."""
        numbers = sorted(self.shown(value) for value in values if value is not None)
        span = f"{numbers[0]:g} to {numbers[-1]:g}" if len(numbers) > 1 else "".join(f"{one:g}" for one in numbers)
        parts = [self.clause.format(span)] if numbers else []
        if self.without is not None and None in values:
            parts.append(self.without.clause)
        return " or ".join(parts)

    def told(self, value: object) -> str:
        """A value in words; see `Setting.told`."""
        if value is None:
            return self.without.told if self.without else "none"
        return f"{self.shown(number_of(value, self.what)):g} {self.shown_unit or self.unit}"


@dataclass(frozen=True, kw_only=True)
class Choice(Setting):
    """A setting that is one of a few words."""

    choices: Mapping[str, str]  #: what the page calls each, by word
    clauses: Mapping[str, str] = field(default_factory=dict)  #: what is assumed with each, where there are alternatives

    @property
    def limits(self) -> str:
        """The allowed values, in words."""
        return ", ".join(self.choices)

    def check(self, value: object) -> None:
        """Reject other words; see `Setting.check`."""
        if value not in self.choices:
            raise SettingError(f"{self.what} is {value!r}.", remedy=f"Use one of {', '.join(self.choices)}.")

    def assumed(self, *values: Any) -> str:
        """The assumption behind one value, or behind a range of values; see `Setting.assumed`."""
        return " or ".join(self.clauses[value] for value in self.choices if value in values)

    def told(self, value: object) -> str:
        """A value in words; see `Setting.told`."""
        return str(value)


def declared(default: T, setting: Setting) -> T:
    """A field of a dataclass that is a setting."""
    made: T = field(default=default, metadata={"setting": setting})
    return made


def settings_of(owner: Any) -> Mapping[str, Setting]:
    """The settings that a class declares, by name, in order."""
    return {
        one.name: replace(one.metadata["setting"], name=one.name, default=one.default)
        for one in fields(owner)
        if "setting" in one.metadata
    }


def check_all(settings: object) -> None:
    """Check every setting of an object.

    Raises
    ------
    SettingError
        If one cannot be computed.
    """
    for name, setting in settings_of(type(settings)).items():
        setting.check(getattr(settings, name))


def documented(settings: object) -> dict[str, Any]:
    """The settings of an object by name, for files."""
    return {name: getattr(settings, name) for name in settings_of(type(settings))}


def suggested(name: str, known: Mapping[str, object]) -> str | None:
    """The closest known name, if any."""
    return next(iter(get_close_matches(name, list(known), n=1, cutoff=0.5)), None)
