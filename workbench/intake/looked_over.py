"""All findings about a trial before any number is shown."""

from __future__ import annotations

from workbench.core.findings import Finding, worst_first
from workbench.core.settings import GaitModification
from workbench.core.types import Trial
from workbench.simulation.simulate import simulate
from workbench.simulation.walk import Walk


def findings_of(trial: Trial) -> tuple[Finding, ...]:
    """Findings from reading, and from motion, model and forces together, for every leg that can be analysed.

    The loads are computed for the most typical stride of each leg, as some faults show only there.

    Returns
    -------
    tuple of Finding
        The worst first.

    Raises
    ------
    WorkbenchError
        If the trial cannot be simulated.
    """
    walk = Walk(trial)
    found = [finding for side in walk.sides for finding in simulate(walk, GaitModification(), side=side).findings]
    return worst_first((*trial.findings, *found))
