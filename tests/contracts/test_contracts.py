"""A change of gait and a setting are declared once: made up ones arrive everywhere, and every real one does."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from workbench.cli.main import build_parser
from workbench.core.changes import KINDS
from workbench.core.declaration import Setting, settings_of
from workbench.core.settings import GROUPS, SETTINGS
from workbench.session.address import NAMES
from workbench.session.question import parameters_of
from workbench.session.session import Session

REPOSITORY = Path(__file__).resolve().parents[2]


@pytest.mark.slow
def test_a_change_and_a_setting_that_are_made_up_arrive_everywhere() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "tests.contracts.made_up", "tests/contracts/arrives.py"],
        capture_output=True, text=True, check=False, cwd=REPOSITORY,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-1000:]


@pytest.mark.parametrize("setting", SETTINGS.values(), ids=lambda one: one.name)
def test_every_setting_reaches_command_line_session_and_address(setting: Setting) -> None:
    assert f"--{setting.option}" in _help()
    for name in parameters_of(setting):
        assert name in Session.param
        assert NAMES[name] == name


@pytest.mark.parametrize("kind", KINDS.values(), ids=lambda one: one.name)
def test_every_change_reaches_command_line_session_and_address(kind) -> None:
    for direction in (kind.more, kind.less):
        assert f"--{direction.option}" in _help()
    assert NAMES[kind.key] == kind.shown_name
    assert Session.param[kind.shown_name].bounds == (-kind.shown(kind.reach), kind.shown(kind.reach))


def _help() -> str:
    commands = next(one for one in build_parser()._actions if one.choices and "simulate" in one.choices)
    return commands.choices["simulate"].format_help()


def rows_of_methods() -> list[str]:
    """The table of METHODS as it must be: every setting with default, limits and source."""
    rows = []
    for title, owner in GROUPS.items():
        rows += [f"| *{title}* | | | | |"]
        for name, setting in settings_of(owner).items():
            others = ", ".join(setting.told(value) for value in setting.alternatives)
            others += " (shown)" if setting.in_range else ""
            told = setting.told(setting.default)
            rows.append(
                f"| `{name}` (`--{setting.option}`) | {told} | {setting.limits} | {others} | {setting.source} |"
            )
    return rows


def test_the_table_of_methods_is_that_of_the_declarations() -> None:
    text = (REPOSITORY / "workbench" / "METHODS.md").read_text(encoding="utf-8")
    table = re.search(r"\n\| Setting \|.*\n\|[-| ]+\|\n((?:\|.*\n)+)", text)
    assert table, "METHODS has no table of settings"
    wanted = rows_of_methods()
    assert table[1].splitlines() == wanted, "\n".join(wanted)
