"""The leg of a trial with its response surface: the basis of load map and personal target."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from workbench.advice.law_of_strides import own_law_of, personalised
from workbench.advice.personal import Job, SolveAll
from workbench.advice.prepared_leg import PreparedLeg
from workbench.core.events import chosen_stride
from workbench.core.legs import find_legs
from workbench.core.response import PLANE, nodes_over
from workbench.core.settings import GaitModification, LoadSettings, Processing
from workbench.core.types import SolvedLeg, Stride, Trial
from workbench.core.vocabulary import Side

if TYPE_CHECKING:
    from workbench.core.response import SurfaceUpdate


@contextmanager
def prepared_leg(
    trial: Trial,
    processing: Processing,
    template: GaitModification,
    *,
    side: Side | None = None,
    stride: int | None = None,
    personal: LoadSettings | None = None,
    chosen: Collection[str] = (),
    axes: Sequence[str] = PLANE,
    progress: Callable[[int, int], None] | None = None,
) -> Iterator[tuple[PreparedLeg, SolveAll]]:
    """Choose the leg and the stride, and prepare the response surface in worker processes.

    Parameters
    ----------
    trial : Trial
    processing : Processing
    template : GaitModification
        The assumptions and the fixed changes, see `prepare_surface`.
    side : {"left", "right"}, optional
        By default the instrumented leg, else the right where it can be analysed.
    stride : int, optional
        Number of the stride; by default the most typical one.
    personal : LoadSettings, optional
        Take the assumptions that the person's own strides settle; with these settings the slopes of the peaks are told.
    chosen : collection of str
        Assumptions that somebody chose: those stay.
    axes : sequence of str
        Names of the changes that the surface spans.
    progress : callable, optional
        Is told how many solutions are done, of how many: of the surface, and of each call of what is yielded second.

    Yields
    ------
    PreparedLeg
    callable
        Solves more strides in gaits, until the context ends.

    Raises
    ------
    SettingError, TrialError, SimulationError
        With what is wrong, where, and what to do.
    """
    legs = find_legs(trial, processing.contact_threshold_N)
    strides = legs.strides(side or legs.first)
    analysed = chosen_stride(strides, stride, trial)

    # OpenSim is loaded here and not before.
    from workbench.workers.pool import SolverPool, solve_all
    from workbench.workers.surfaces import SurfaceCache, prepare_surface

    def on_update(update: SurfaceUpdate) -> None:
        if progress is not None:
            progress(update.done, update.total)

    with SolverPool() as pool:
        if personal is not None:

            def recorded_legs(wanted: Sequence[Stride]) -> list[SolvedLeg]:
                none = GaitModification()
                return solve_all(pool, [(trial, processing, one, none) for one in wanted], progress)

            law = own_law_of(strides, recorded_legs, trial.subject, personal)
            trial, template = personalised(trial, template, law, chosen)
        surface = prepare_surface(
            pool, trial, processing, analysed, template, on_update, nodes=nodes_over(axes), cache=SurfaceCache()
        )

        def solve(jobs: Sequence[Job]) -> list[SolvedLeg]:
            return solve_all(pool, [(trial, *job) for job in jobs], progress)

        (recorded,) = solve_all(pool, [(trial, processing, analysed, GaitModification())])
        yield PreparedLeg(trial, processing, strides, surface, recorded), solve
