"""Options that several commands share, and how answers are written."""

from __future__ import annotations

import argparse
import json
import sys
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NoReturn

from workbench.core.changes import KINDS, changes_from_words, keywords
from workbench.core.declaration import Choice, Number, Setting, settings_of
from workbench.core.errors import SettingError
from workbench.core.settings import GROUPS, GaitModification, LoadSettings, Processing
from workbench.core.vocabulary import SIDES

if TYPE_CHECKING:
    from workbench.simulation.walk import Walk


_WITHOUT: Final = object()  # stands for a number that is done without


class Parser(argparse.ArgumentParser):
    """A parser whose errors are one line, like every other message."""

    def error(self, message: str) -> NoReturn:
        """Raise what `main` prints."""
        raise SettingError(f"{message}.", remedy=f"See {self.prog} --help.")


def common_options() -> Parser:
    """Settings that every computing command shares; for the ``parents`` of a sub-command."""
    common = Parser(add_help=False)
    common.add_argument("--side", choices=SIDES, help="leg to analyse (default: the instrumented one, else the right)")
    for title, owner in GROUPS.items():
        group = common.add_argument_group(title.lower())
        for setting in settings_of(owner).values():
            _add_setting(group, setting)
    return common


def _add_setting(group: argparse._ArgumentGroup, setting: Setting) -> None:
    option, about = f"--{setting.option}", f"{setting.help} (default: {setting.told(setting.default)})"
    if isinstance(setting, Number):
        word = setting.without.word if setting.without else ""
        group.add_argument(option, type=partial(_number, word), dest=setting.name, metavar=setting.metavar, help=about)
        if setting.without and setting.without.option:
            group.add_argument(
                f"--{setting.without.option}", action="store_const", const=_WITHOUT, dest=setting.without.shown_name,
                help=setting.without.help,
            )  # fmt: skip
    elif isinstance(setting, Choice):
        group.add_argument(option, choices=tuple(setting.choices), dest=setting.name, help=about)
    else:
        group.add_argument(option, action="store_const", const=True, dest=setting.name, help=setting.help)


def _number(word: str, text: str) -> Any:
    """A number, or the word that does without one."""
    if word and text == word:
        return _WITHOUT
    try:
        return float(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number{f' and not {word!r}' if word else ''}") from None


def add_change_options(parser: argparse.ArgumentParser) -> None:
    """Both directions of every kind of change: ``--toe-in``, ``--toe-out``, ``--wider``, ``--narrower``."""
    group = parser.add_argument_group("changes of gait")
    for kind in KINDS.values():
        largest, unit = f"{kind.shown(kind.largest):g}", kind.shown_unit.replace("°", "degrees").replace("%", "percent")
        either = group.add_mutually_exclusive_group()
        for direction in (kind.less, kind.more):
            either.add_argument(
                f"--{direction.option}", type=float, dest=kind.keyword(direction), metavar=kind.shown_suffix.upper(),
                help=f"{direction.help}, 0 to {largest} {unit}",
            )  # fmt: skip


def add_personal_option(parser: argparse.ArgumentParser) -> None:
    """``--personal``: values from this person's own strides replace the defaults."""
    parser.add_argument(
        "--personal", action="store_true",
        help="use assumptions from this person's own strides where certain enough (20 strides or more; see workbench"
             " own-law)",
    )  # fmt: skip


def modification_from(options: argparse.Namespace) -> GaitModification:
    """The change of gait given by the options."""
    asked = {word: amount for word in keywords() if (amount := getattr(options, word)) is not None}
    changes = changes_from_words(asked, said=lambda direction: f"--{direction.option}")
    return GaitModification(changes, **assumptions_from(options))


def assumptions_from(options: argparse.Namespace) -> dict[str, Any]:
    """The assumptions of a change of gait given by the options, as `GaitModification` takes them."""
    return _asked(options, GaitModification)


def load_settings_from(options: argparse.Namespace) -> LoadSettings:
    """The load settings given by the options."""
    return LoadSettings(**_asked(options, LoadSettings))


def processing_from(options: argparse.Namespace) -> Processing:
    """Filters and contact threshold given by the options."""
    return Processing(**_asked(options, Processing))


def _asked(options: argparse.Namespace, owner: type) -> dict[str, Any]:
    """The settings of a class that the options name, in their own units, with those that they imply.

    Raises
    ------
    SettingError
        If two of them contradict each other.
    """
    declared, asked, implied = settings_of(owner), dict[str, Any](), dict[str, tuple[Any, str]]()
    for name, setting in declared.items():
        value, option = getattr(options, name), setting.option
        if isinstance(setting, Number) and setting.without and setting.without.option:
            dropped = getattr(options, setting.without.shown_name)
            if dropped and value is not None:
                raise _contradiction(option, setting.without.option)
            value, option = (dropped, setting.without.option) if dropped else (value, option)
        if value is None:
            continue
        number = isinstance(setting, Number) and value is not _WITHOUT
        asked[name] = None if value is _WITHOUT else value / setting.shown_factor if number else value  # type: ignore[attr-defined]
        if setting.only_with is not None:
            other, needed = setting.only_with
            if other in implied and implied[other][0] != needed:
                raise _contradiction(implied[other][1], option)
            implied[other] = needed, option
    for other, (needed, option) in implied.items():
        if asked.setdefault(other, needed) != needed:
            raise _contradiction(declared[other].option, option)
    return asked


def _contradiction(one: str, other: str) -> SettingError:
    return SettingError(f"--{one} and --{other} cannot be combined.", remedy="Use one of them.")


def open_walk(options: argparse.Namespace, trial: str) -> Walk:
    """Open a trial or a recording with its model; OpenSim is loaded here and not before."""
    from workbench.cli.recording_options import terminal_tell, wishes_from
    from workbench.intake.kept import open_recorded
    from workbench.simulation.walk import Walk

    return Walk(open_recorded(trial, wishes_from(options), terminal_tell), processing_from(options))


def write_json(target: str, document: dict[str, Any]) -> None:
    """Write a document to a file, or to standard output for ``-``."""
    write(target, json.dumps(document, indent=1, ensure_ascii=False, allow_nan=False) + "\n")


def write(target: str, text: str) -> None:
    """Write text to a file, or to standard output for ``-``.

    Raises
    ------
    SettingError
        If the file cannot be written.
    """
    if target == "-":
        sys.stdout.write(text)
        return
    try:
        Path(target).write_text(text, encoding="utf-8")
    except OSError as error:
        raise SettingError(f"cannot be written: {error.strerror}.", where=target) from None
