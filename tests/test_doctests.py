"""The examples in the docstrings say what the code does, and those a reader looks for are there."""

from __future__ import annotations

import doctest
import importlib
import pkgutil
from types import ModuleType

import pytest

import workbench
from workbench import api
from workbench.core import gait, knee, metrics, muscles, target

#: Whose importing starts something, or needs the page.
_LEFT_OUT = ("workbench.__main__", "workbench.dashboard")
_MODULES = sorted(
    module.name
    for module in pkgutil.walk_packages(workbench.__path__, "workbench.")
    if not module.name.startswith(_LEFT_OUT)
)
_FINDER = doctest.DocTestFinder(exclude_empty=True)


def examples(module: ModuleType) -> list[doctest.DocTest]:
    return [found for found in _FINDER.find(module) if found.examples]


@pytest.mark.parametrize("name", _MODULES)
def test_examples(name: str) -> None:
    runner = doctest.DocTestRunner(optionflags=doctest.NORMALIZE_WHITESPACE)
    for example in examples(importlib.import_module(name)):
        runner.run(example)
    assert runner.summarize(verbose=False).failed == 0


@pytest.mark.parametrize(
    "function",
    [
        api.open_trial,
        api.simulate,
        gait.foot_progression_angle_deg,
        knee.external_moments,
        knee.split_contact,
        metrics.peaks_of_stance,
        muscles.share_moments,
        target.describe,
    ],
)
def test_main_functions_have_an_example(function: object) -> None:
    assert ">>>" in (function.__doc__ or "")
