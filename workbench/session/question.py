"""The user's question: trial, leg, changes of gait and every setting, as parameters made from the declarations."""

from __future__ import annotations

from typing import Any, Final, TypeVar

import param

from workbench.core.changes import KINDS, Changes
from workbench.core.declaration import Choice, Number, Setting, settings_of
from workbench.core.settings import GaitModification, LoadSettings, Processing
from workbench.core.types import Stride
from workbench.core.vocabulary import SIDES

T = TypeVar("T", GaitModification, LoadSettings, Processing)


def _capital(text: str) -> str:
    return text[0].upper() + text[1:]


def parameters_of(setting: Setting) -> dict[str, Any]:
    """The parameters that hold a setting, by their names; a second one where a number can be done without."""
    doc = f"{_capital(setting.help)}."
    if isinstance(setting, Number):
        bounds = setting.shown(setting.low), setting.shown(setting.high)
        without = setting.without
        usual: Any = without.start if without is not None and setting.default is None else setting.default
        held = {setting.shown_name: param.Number(default=setting.shown(usual), bounds=bounds, doc=doc)}
        if without is None:
            return held
        told = f"{without.label}, or {without.told}."
        return {without.shown_name: param.Boolean(default=setting.default is not None, doc=told)} | held
    if isinstance(setting, Choice):
        choices = list(setting.choices)
        return {setting.shown_name: param.Selector(default=setting.default, objects=choices, doc=doc)}
    return {setting.shown_name: param.Boolean(default=setting.default, doc=doc)}


def _names_of(owner: type) -> tuple[str, ...]:
    return tuple(name for setting in settings_of(owner).values() for name in parameters_of(setting))


#: Parameters that make up the change of gait, those behind it, those that only change how loads are drawn from it, and
#: from the recording.
CHANGE: Final = tuple(kind.shown_name for kind in KINDS.values())
GAIT_ASSUMPTIONS: Final = _names_of(GaitModification)
LOAD_SETTINGS: Final = _names_of(LoadSettings)
PROCESSING: Final = _names_of(Processing)


class Question(param.Parameterized):
    """The question; every change of gait and every setting is a parameter, in the unit shown."""

    trial = param.Parameter(default=None, doc="The open trial, a workbench.core.types.Trial.")
    side = param.Selector(default="right", objects=list(SIDES), doc="The analysed leg.")
    strides = param.Parameter(default=(), doc="Strides of the analysed leg, in time order.")
    stride_number = param.Integer(default=1, bounds=(1, None), doc="Number of the analysed stride of this leg.")

    @property
    def changes(self) -> Changes:
        """The changes of gait that the parameters describe."""
        return Changes({kind.name: getattr(self, kind.shown_name) / kind.shown_factor for kind in KINDS.values()})

    @property
    def modification(self) -> GaitModification:
        """The changes of gait with their assumptions."""
        return self._made(GaitModification, changes=self.changes)

    @property
    def settings(self) -> LoadSettings:
        """The load settings that the parameters describe."""
        return self._made(LoadSettings)

    @property
    def processing(self) -> Processing:
        """How the recording is filtered and cut."""
        return self._made(Processing)

    @property
    def stride(self) -> Stride | None:
        """The analysed stride; None before a trial is open."""
        return next((one for one in self.strides if one.number == self.stride_number), None)

    def _made(self, owner: type[T], **others: Any) -> T:
        return owner(**others, **{name: self._value(setting) for name, setting in settings_of(owner).items()})

    def _value(self, setting: Setting) -> Any:
        held = getattr(self, setting.shown_name)
        if not isinstance(setting, Number):
            return held
        if setting.without is not None and not getattr(self, setting.without.shown_name):
            return None
        return held / setting.shown_factor


for _kind in KINDS.values():
    _largest = _kind.shown(_kind.reach)  # what the page answers at once, in every view alike
    Question.param.add_parameter(
        _kind.shown_name,
        param.Number(
            default=0.0,
            bounds=(-_largest, _largest),
            doc=f"Change of {_kind.label}, {_kind.shown_unit}; {_kind.sign}.",
        ),
    )
for _owner in (GaitModification, LoadSettings, Processing):
    for _setting in settings_of(_owner).values():
        for _name, _parameter in parameters_of(_setting).items():
            Question.param.add_parameter(_name, _parameter)
