"""Everything that can be found about a trial before a number is shown."""

from __future__ import annotations

from workbench.core.findings import Finding, worst_first
from workbench.core.settings import GaitModification
from workbench.core.types import Trial
from workbench.simulation.simulate import simulate
from workbench.simulation.walk import Walk


def findings_of(trial: Trial) -> tuple[Finding, ...]:
    """What reading found, and what motion, model and forces say together on every leg that can be analysed.

    The loads are computed for this, on the most typical stride of each leg, as some faults show in them alone.

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
