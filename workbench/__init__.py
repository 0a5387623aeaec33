"""Knee-load workbench: knee loads of a recorded walk, and of the same walk with another foot angle or step width."""

from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"
__all__ = [
    "Answer",
    "ComparisonAnswer",
    "EmgAnswer",
    "GaitModification",
    "LoadSettings",
    "OwnLawAnswer",
    "Processing",
    "TargetAnswer",
    "compare",
    "emg",
    "explore",
    "open_trial",
    "own_law",
    "personal_target",
    "plot_compare",
    "plot_map",
    "simulate",
]

if TYPE_CHECKING:
    from workbench.api import (
        compare,
        emg,
        explore,
        open_trial,
        own_law,
        personal_target,
        plot_compare,
        plot_map,
        simulate,
    )
    from workbench.core.settings import GaitModification, LoadSettings, Processing
    from workbench.report.answers import Answer, TargetAnswer
    from workbench.report.comparison_answer import ComparisonAnswer
    from workbench.report.emg_report import EmgAnswer
    from workbench.report.own_law_report import OwnLawAnswer


def __getattr__(name: str) -> Any:
    # Loaded on first use: importing the package stays instant, and brings neither OpenSim nor the page with it.
    if name in (
        "compare",
        "emg",
        "explore",
        "open_trial",
        "own_law",
        "personal_target",
        "plot_compare",
        "plot_map",
        "simulate",
    ):
        from workbench import api

        return getattr(api, name)
    if name in ("Answer", "TargetAnswer"):
        from workbench.report import answers

        return getattr(answers, name)
    if name == "ComparisonAnswer":
        from workbench.report.comparison_answer import ComparisonAnswer

        return ComparisonAnswer
    if name == "EmgAnswer":
        from workbench.report.emg_report import EmgAnswer

        return EmgAnswer
    if name == "OwnLawAnswer":
        from workbench.report.own_law_report import OwnLawAnswer

        return OwnLawAnswer
    if name in ("GaitModification", "LoadSettings", "Processing"):
        from workbench.core import settings

        return getattr(settings, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return [*__all__, "__version__"]
