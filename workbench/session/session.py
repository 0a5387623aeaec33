"""One user's state: the open trial, the change of gait, the settings, and the answer.

Knows neither widgets nor OpenSim: the solver is handed in, and a page, a notebook or a test watches the parameters.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import CancelledError, Future
from dataclasses import replace
from functools import partial
from typing import Any

import param

from workbench.core.errors import WorkbenchError
from workbench.core.events import most_typical, search_strides
from workbench.core.legs import find_legs
from workbench.core.loads import knee_loads
from workbench.core.response import ResponseSurface, interpolation_error
from workbench.core.results import Simulation, SolvedGait, assemble, solved_gait
from workbench.core.settings import GaitModification, LoadSettings
from workbench.core.types import SolvedLeg, Trial
from workbench.provenance import own_law_provenance, provenance
from workbench.session.band import REST_MS, AssumptionBand
from workbench.session.own_settings import OwnLawOfSession
from workbench.session.prepared import PreparedAnswers
from workbench.session.question import CHANGE, GAIT_ASSUMPTIONS, LOAD_SETTINGS, PROCESSING, Question
from workbench.session.solvers import Later, LegSolver, Schedule, SurfacePreparer
from workbench.session.spread import SpreadOfStrides


class Session(Question):
    """State of one user; every change of a parameter leads to a new `answer`, the newest question winning.

    While a response surface is being prepared each answer is solved directly; once there is one, answers within its
    reach are there before the parameter's setter returns.

    Parameters
    ----------
    solver : LegSolver
        Runs OpenSim, for instance `workbench.workers.pool.SolverPool`.
    surfaces : SurfacePreparer, optional
        Prepares response surfaces, for instance `workbench.workers.surfaces.SurfaceMaker`; none without.
    schedule : callable, optional
        Runs a function on the thread that owns the page; by default at once on the thread of the solver.
    later : callable, optional
        The same after some milliseconds: what is not instant waits until the sliders rest; by default at once.

    Examples
    --------
    >>> import time
    >>> from workbench.workers.pool import SolverPool
    >>> from workbench.trials import open_trial
    >>> with SolverPool(workers=1) as pool:
    ...     session = Session(pool)
    ...     session.open(open_trial("reference"))
    ...     session.foot_progression_change_deg = -10.0
    ...     while session.busy:
    ...         time.sleep(0.05)
    ...     session.close()
    >>> round(session.answer.change["kam_peak_1_pct_bw_ht"], 1)
    -0.3
    """

    answer = param.Parameter(default=None, doc="Recorded and modified walk, a Simulation; None until there is one.")
    busy = param.Boolean(default=False, doc="Whether an answer is pending.")
    error = param.String(default="", doc="What went wrong with the last question, in words; empty if nothing.")
    surface = param.Parameter(
        default=None,
        doc="The response surface of this leg and these assumptions, a ResponseSurface; None until usable.",
    )
    interpolation = param.Parameter(
        default=None,
        doc="Error of the surface relative to direct solutions under the current settings, an InterpolationError; None"
        " until computed.",
    )
    prepared = param.Magnitude(default=0.0, doc="Fraction of the response surface computed.")
    spread = param.Parameter(
        default=None,
        doc="Mean and spread over all recorded strides of this leg, a LoadsOfStrides; None until requested.",
    )
    spread_share = param.Magnitude(default=0.0, doc="Fraction of the spread computed.")
    own_law = param.Parameter(
        default=None, doc="Results from this person's own strides, an OwnLaw; None unless used for the answers."
    )
    own_law_share = param.Magnitude(default=0.0, doc="Fraction of the own law computed.")
    band_wanted = param.Boolean(
        default=False, doc="Whether to compute how much the assumptions move the modified walk."
    )
    band = param.Parameter(
        default=None,
        doc="Range of the modified walk of `answer` over the assumptions, a CurveBand; None until ready, and without a"
        " change.",
    )
    band_share = param.Magnitude(default=0.0, doc="Fraction of the band computed.")

    def __init__(
        self,
        solver: LegSolver,
        *,
        surfaces: SurfacePreparer | None = None,
        schedule: Schedule | None = None,
        later: Later | None = None,
        **params: Any,
    ) -> None:
        super().__init__(**params)
        self._solver = solver
        self._schedule = schedule or (lambda task: task())
        self._later = later or (lambda task, _: task())
        self._surface = PreparedAnswers(self, surfaces, self._schedule)
        self._spread = SpreadOfStrides(self, solver, self._schedule)
        self._band = AssumptionBand(self, solver, self._schedule, self._later)
        self._own_law = OwnLawOfSession(self, solver, self._schedule)
        self._ticket = 0
        self._baseline: SolvedLeg | None = None
        self._baseline_gait: tuple[LoadSettings, SolvedGait] | None = None
        self._modified: tuple[GaitModification, SolvedLeg] | None = None
        self._provenance: dict[str, object] = {}
        self._opening = False
        self.param.watch(self._leg_changed, ["side", "stride_number", *PROCESSING])
        self.param.watch(self._assumptions_changed, list(GAIT_ASSUMPTIONS))
        self.param.watch(self._settings_changed, list(LOAD_SETTINGS))
        self.param.watch(self._question_changed, list(CHANGE))
        self.param.watch(self._surface_came, "surface")
        self.param.watch(self._own_law_changed, "own_law")

    def open(self, trial: Trial) -> None:
        """Show another trial, without any change, on its default leg.

        Raises
        ------
        TrialError
            If no leg of it can be analysed; the trial shown before stays.
        """
        legs = find_legs(trial, self.processing.contact_threshold_N)
        strides = legs.strides(legs.first)
        self._quietly(
            {
                "trial": trial,
                "side": legs.first,
                "strides": strides,
                "stride_number": most_typical(strides, trial).number,
                **dict.fromkeys(CHANGE, 0.0),
            }
        )
        self._provenance = provenance(trial)
        self._start_leg()

    @property
    def recorded_leg(self) -> SolvedLeg | None:
        """Mechanics of the recorded walk on the screen; None until they are there."""
        return self._baseline

    def reset_change(self) -> None:
        """Reset the change of gait."""
        self.param.update(**dict.fromkeys(CHANGE, 0.0))

    def ask_spread(self) -> None:
        """Solve every stride of this leg as recorded, in the background, for `spread`."""
        self._spread.ask()

    def ask_own_law(self) -> None:
        """Use this person's own values instead of the default assumptions; computed in the background."""
        self._own_law.ask()

    def drop_own_law(self) -> None:
        """Return to the assumptions as they were before the person's own were taken."""
        self._own_law.give_back()

    def hide_spread(self) -> None:
        """Take the spread away again."""
        self._spread.drop()

    def close(self) -> None:
        """Cancel all pending work; nothing changes any more."""
        self._ticket += 1
        self._solver.cancel_group(self)
        for part in (self._surface, self._spread, self._band, self._own_law):
            part.close()

    def _leg_changed(self, *events: Any) -> None:
        if self._opening or self.trial is None:
            return
        before = {event.name: event.old for event in events}
        if before.keys() - {"stride_number"}:
            try:
                search = search_strides(self.trial, self.side, threshold_N=self.processing.contact_threshold_N)
            except WorkbenchError as error:
                self._quietly(before)
                self._fail(error)
                return
            number = self.stride_number
            if "side" in before or number not in [one.number for one in search.strides]:
                number = most_typical(search.strides, self.trial).number
            self._quietly({"strides": search.strides, "stride_number": number})
        self._start_leg()

    def _quietly(self, values: Mapping[str, Any]) -> None:
        """Set parameters that ask nothing by themselves."""
        self._opening = True
        try:
            self.param.update(**values)
        finally:
            self._opening = False

    def _start_leg(self) -> None:
        """Ask for the recorded walk of the leg and stride now chosen; all earlier questions are void."""
        self._solver.cancel_group(self)
        for part in (self._surface, self._spread, self._band):
            part.drop()
        self._baseline, self._baseline_gait, self._modified = None, None, None
        self._own_law.give_back()  # it is of one leg
        stride = self.stride
        if stride is None:
            self._fail(WorkbenchError(f"there is no {self.side} stride {self.stride_number}."))
            return

        def arrived(leg: SolvedLeg) -> None:
            self._baseline = leg
            self._question_changed()
            self._schedule(self._surface.request)  # a page that is being opened goes first

        self._ask(GaitModification(), arrived)

    def _assumptions_changed(self, *_: Any) -> None:
        if self._baseline is not None:
            self._surface.drop()
            self._question_changed()
            self._surface.request()

    def _own_law_changed(self, *_: Any) -> None:
        self._question_changed()

    def _settings_changed(self, *_: Any) -> None:
        self._spread.drop()
        self._measure_later()
        self._question_changed()

    def _measure_later(self) -> None:
        """Find once the sliders rest how far the surface is off: that takes as long as sixteen answers."""
        self.interpolation = None
        if self.surface is not None and self.surface.complete:
            self._later(partial(self._measure, self.surface, self.settings), REST_MS)

    def _measure(self, surface: ResponseSurface, settings: LoadSettings) -> None:
        if surface is self.surface and settings == self.settings:
            self.interpolation = interpolation_error(surface, settings)
            if not self.modification.is_none:
                self._question_changed()

    def _surface_came(self, *_: Any) -> None:
        self._measure_later()
        if self.surface is not None and not self.modification.is_none and self.surface.answers(self.modification):
            self._question_changed()

    def _question_changed(self, *_: Any) -> None:
        if self._opening or self._baseline is None:
            return
        modification = self.modification
        self._band.drop_unless(modification)
        if self._surface.outdated:  # another change is held now than the surface holds
            self._later(self._surface.request, REST_MS)
        if modification.is_none or (self.surface is not None and self.surface.answers(modification)):
            self._solver.cancel_group(self)
            self._ticket += 1
            self._publish(modification, None)
        elif self._modified is not None and self._modified[0] == modification:
            self._publish(modification, self._modified[1])
        else:
            self._ask(modification, lambda leg: self._modified_arrived(modification, leg))

    def _modified_arrived(self, modification: GaitModification, leg: SolvedLeg) -> None:
        self._modified = modification, leg
        self._publish(modification, leg)

    def _ask(self, modification: GaitModification, arrived: Callable[[SolvedLeg], None]) -> None:
        stride = self.stride
        if stride is None:
            return
        self._ticket += 1
        ticket = self._ticket
        self._solver.cancel_group(self)
        self.busy = True
        future = self._solver.submit(self.trial, self.processing, stride, modification, group=self, urgent=True)

        def done(finished: Future[SolvedLeg]) -> None:
            if not finished.cancelled():
                self._schedule(lambda: self._finished(ticket, finished, arrived))

        if future.done():  # it was known: whoever opens a page sees it at once
            self._finished(ticket, future, arrived)
        else:
            future.add_done_callback(done)

    def _finished(self, ticket: int, future: Future[SolvedLeg], arrived: Callable[[SolvedLeg], None]) -> None:
        """Take an answer in, unless a newer question was asked meanwhile."""
        if ticket != self._ticket:
            return
        try:
            leg = future.result()
        except CancelledError:
            return
        except WorkbenchError as error:
            self._fail(error)
            return
        arrived(leg)

    def _publish(self, modification: GaitModification, leg: SolvedLeg | None) -> None:
        """Compute the loads of the modified gait and show them beside the recorded ones.

        Without a solved leg nothing is changed, or the surface answers.
        """
        stride, settings = self.stride, self.settings
        if stride is None or self._baseline is None:
            return
        trial = replace(self.trial, own_law=self.own_law)
        try:
            if self._baseline_gait is None or self._baseline_gait[0] != settings:
                self._baseline_gait = settings, solved_gait([self._baseline], [stride], trial.subject, settings)
            baseline = self._baseline_gait[1]
            if modification.is_none:
                modified = baseline
            elif leg is None:
                mechanics = self.surface.mechanics_at(modification.changes)
                loads = knee_loads(mechanics, stride, trial.subject, settings)
                modified = SolvedGait((loads,), (self.surface.checks_at(modification.changes),))
            else:
                modified = solved_gait([leg], [stride], trial.subject, settings)
            answer: Simulation = assemble(
                trial,
                [stride],
                modification,
                settings,
                self.processing,
                baseline=baseline,
                modified=modified,
                strides_found=len(self.strides),
                provenance=self._provenance | own_law_provenance(trial),
                interpolation=self.interpolation if leg is None and not modification.is_none else None,
            )
        except WorkbenchError as error:
            self._fail(error)
            return
        band, missing = self._band.of(answer)
        self.param.update(answer=answer, band=band, busy=False, error=missing)
        self._band.ask()

    def _fail(self, error: WorkbenchError) -> None:
        self.param.update(error=str(error), busy=False)
