"""The person's own law from a recording: strides solved in worker processes, and the simulated slopes."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from workbench.advice.certainty import simulated_slopes, slope_points
from workbench.advice.law_of_strides import own_law_of, personalised
from workbench.core.events import most_typical
from workbench.core.legs import find_legs
from workbench.core.outcomes import leg_outcomes
from workbench.core.own_law import OwnLaw
from workbench.core.settings import GaitModification, LoadSettings, Processing
from workbench.core.types import SolvedLeg, Stride, Trial
from workbench.core.vocabulary import Side
from workbench.workers.pool import SolverPool, solve_all

Progress = Callable[[int, int], None]


def measure_own_law(
    pool: SolverPool,
    trial: Trial,
    processing: Processing,
    settings: LoadSettings,
    side: Side | None = None,
    progress: Progress | None = None,
) -> OwnLaw:
    """Derive the person's own law from all recorded strides of a leg.

    Raises
    ------
    SettingError
        If there are fewer than twenty strides.
    """
    legs = find_legs(trial, processing.contact_threshold_N)

    def recorded(strides: Sequence[Stride]) -> list[SolvedLeg]:
        return solve_all(pool, [(trial, processing, one, GaitModification()) for one in strides], progress)

    return own_law_of(legs.strides(side or legs.first), recorded, trial.subject, settings)


def beside_simulation(
    pool: SolverPool,
    trial: Trial,
    processing: Processing,
    settings: LoadSettings,
    law: OwnLaw,
    template: GaitModification,
) -> dict[str, dict[tuple[str, str], float]]:
    """Simulated slopes of the peaks with the assumptions given ("default") and with the person's own ("personal")."""
    strides = find_legs(trial, processing.contact_threshold_N).strides(law.side)
    stride = most_typical(strides, trial)
    _, own = personalised(trial, template, law)

    points = [changes for pair in slope_points().values() for changes in pair]

    def slopes(assumed: GaitModification) -> dict[tuple[str, str], float]:
        legs = solve_all(pool, [(trial, processing, stride, assumed.changed(changes)) for changes in points])
        found = [leg_outcomes(leg.mechanics, 0.0, stride, trial.subject, settings) for leg in legs]
        return simulated_slopes(dict(zip(points, found, strict=True)).__getitem__)

    return {"default": slopes(template), "personal": slopes(own)}
