"""Everything that can be found about a trial before a number is shown."""

from __future__ import annotations

from workbench.core.findings import Finding, worst_first
from workbench.core.types import Trial


def recorded_findings(trial: Trial) -> tuple[Finding, ...]:
    """What reading found, the worst first."""
    return worst_first(Finding("recording", "doubtful", "recording", text) for text in trial.warnings)


def findings_of(trial: Trial) -> tuple[Finding, ...]:
    """What reading found, and what the motion with its model and forces tells."""
    return recorded_findings(trial)
