"""The examples in the docstrings say what the code does, and whatever a user calls has one."""

from __future__ import annotations

import doctest
import importlib
import inspect
import pkgutil
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType

import pytest

import workbench
from workbench import api
from workbench.advice import certainty, people, target
from workbench.core import changes, events, gait, implant, knee, metrics, muscles, response, types
from workbench.core.errors import WorkbenchError
from workbench.report.answers import TargetAnswer
from workbench.session.session import Session

#: Whose importing starts something, or needs the page.
_LEFT_OUT = ("workbench.__main__", "workbench.dashboard")
_MODULES = sorted(
    module.name
    for module in pkgutil.walk_packages(workbench.__path__, "workbench.")
    if not module.name.startswith(_LEFT_OUT)
)
_FINDER = doctest.DocTestFinder(exclude_empty=True)
_SOLVES = (
    "workbench.api",
    "workbench.api.drawing",
    "workbench.figures.plots",
    "workbench.report.answers",
    "workbench.report.comparison_answer",
    "workbench.session.session",
)


def examples(module: ModuleType) -> list[doctest.DocTest]:
    return [found for found in _FINDER.find(module) if found.examples]


def asked_once(find: Callable[..., TargetAnswer]) -> Callable[..., TargetAnswer]:
    """The same, with the answer to a question kept: every example begins with it."""
    answers: dict[str, TargetAnswer] = {}

    def ask(trial: types.Trial, **settings: object) -> TargetAnswer:
        question = f"{trial.name} {settings}"
        if question not in answers:
            answers[question] = find(trial, **settings)
        return answers[question]

    return ask


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=[pytest.mark.slow] if name in _SOLVES else []) for name in _MODULES]
)
def test_examples(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WORKBENCH_CACHE", str(tmp_path))
    found = examples(importlib.import_module(name))
    monkeypatch.setattr(api, "personal_target", asked_once(api.personal_target))
    runner = doctest.DocTestRunner(optionflags=doctest.NORMALIZE_WHITESPACE)
    for example in found:
        runner.run(example)
    assert runner.summarize(verbose=False).failed == 0


def public(owner: type) -> Iterator[tuple[str, object]]:
    """A class and what it defines itself for its users."""
    yield owner.__name__, owner
    for name, member in vars(owner).items():
        if not name.startswith("_") and (inspect.isfunction(member) or isinstance(member, property)):
            yield f"{owner.__name__}.{name}", member


def of_users() -> Iterator[tuple[str, object]]:
    """What the package exports, with its methods, and the closed forms of the core that a reader looks for."""
    for name in workbench.__all__:
        exported = getattr(workbench, name)
        yield from public(exported) if inspect.isclass(exported) else [(name, exported)]
    yield "Session", Session
    yield from public(types.Subject)
    yield from public(changes.Changes)
    yield "WorkbenchError", WorkbenchError
    for module in (gait, knee, metrics, people):
        for name, function in inspect.getmembers(module, inspect.isfunction):
            if function.__module__ == module.__name__ and not name.startswith("_"):
                yield f"{module.__name__}.{name}", function
    for function in (
        certainty.own_strides,
        certainty.simulated_slopes,
        events.contact_intervals,
        events.search_strides,
        events.most_typical,
        implant.compare,
        implant.calibrated_offset_m,
        muscles.muscle_weights,
        muscles.share_moments,
        response.chebyshev_nodes,
        response.lagrange_basis,
        target.change_percent,
        target.choose,
        changes.changes_from_words,
    ):
        yield f"{function.__module__}.{function.__name__}", function


@pytest.mark.parametrize("what", [pytest.param(what, id=name) for name, what in of_users()])
def test_whatever_a_user_calls_has_an_example(what: object) -> None:
    assert ">>>" in (what.__doc__ or "")
