"""One user's state: the trial on the screen, the change of gait, the settings, and the answer to them.

Knows neither widgets nor OpenSim: the solver is handed in, and a page, a notebook or a test watches the parameters.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import CancelledError, Future
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Protocol

import param

from workbench.advice.assumptions import (
    Assumption,
    CurveBand,
    assumption_of,
    curve_band,
    difference_in_words,
    other_assumptions,
)
from workbench.core.errors import WorkbenchError
from workbench.core.events import most_typical, search_strides
from workbench.core.legs import find_legs
from workbench.core.loads import knee_loads
from workbench.core.muscles import WEIGHT_PRESETS
from workbench.core.response import LARGEST_TURN_DEG, LARGEST_WIDENING_M, ResponseSurface
from workbench.core.results import LoadsOfStrides, Simulation, SolvedGait, assemble, loads_of_strides, solved_gait
from workbench.core.types import (
    MOMENT_FRAMES,
    GaitModification,
    LoadSettings,
    Processing,
    SolvedLeg,
    Stride,
    Trial,
)
from workbench.core.vocabulary import SIDES
from workbench.provenance import provenance

_GAIT, _LOADS = GaitModification(), LoadSettings()
#: Parameters of the session that make up the change of gait, and those that only change how loads are drawn from it.
CHANGE = ("foot_progression_change_deg", "step_width_change_cm")
GAIT_ASSUMPTIONS = ("change_sides", "pivot", "balance", "aim_at_virtual_point", "virtual_point_statures")
LOAD_SETTINGS = (
    "weights",
    "contact_spacing_mm",
    "contact_offset_mm",
    "frontal_alignment_deg",
    "passive_muscle_force",
    "moment_frame",
)
_REST_MS = 300.0  # a slider that has not moved for so long is at rest


class Solver(Protocol):
    """What a session asks of the processes that run OpenSim."""

    def submit(
        self,
        trial: Trial,
        processing: Processing,
        stride: Stride,
        modification: GaitModification,
        *,
        group: Any = None,
        urgent: bool = False,
    ) -> Future[SolvedLeg]:
        """Ask for the mechanics of one leg."""

    def cancel_group(self, group: Any) -> None:
        """Give up all questions of a group."""


class SurfaceProgress(Protocol):
    """How far a response surface has come, see `workbench.workers.surfaces.SurfaceUpdate`."""

    @property
    def done(self) -> int:
        """Solutions there are."""

    @property
    def total(self) -> int:
        """Solutions there will be."""

    @property
    def surface(self) -> ResponseSurface | None:
        """The best surface so far."""


class Surfaces(Protocol):
    """Prepares response surfaces in the background, one at a time."""

    def request(
        self,
        trial: Trial,
        processing: Processing,
        stride: Stride,
        template: GaitModification,
        on_update: Callable[[SurfaceProgress], None] | None = None,
    ) -> Future[ResponseSurface]:
        """Prepare a surface; the one before is given up."""

    def cancel(self) -> None:
        """Give up the surface that is being prepared."""


@dataclass(eq=False)
class _BandQuestion:
    """A change of gait whose band is computed or known; by itself it names the group of its solutions."""

    modification: GaitModification
    others: tuple[Assumption, ...]
    legs: dict[Assumption, SolvedLeg] = field(default_factory=dict)
    failures: dict[Assumption, WorkbenchError] = field(default_factory=dict)
    missing: str = ""  # what its band leaves out, in words

    @property
    def share(self) -> float:
        """How much of it is solved."""
        return (len(self.legs) + len(self.failures)) / len(self.others)


class Session(param.Parameterized):
    """State of one user; every change of a parameter leads to a new `answer`, the newest question winning.

    While a response surface is being prepared each answer is solved directly; once there is one, answers within its
    reach are there before the parameter's setter returns.

    Parameters
    ----------
    solver : Solver
        Runs OpenSim, for instance `workbench.workers.pool.SolverPool`.
    surfaces : Surfaces, optional
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

    trial = param.Parameter(default=None, doc="The open trial, a workbench.core.types.Trial.")
    side = param.Selector(default="right", objects=list(SIDES), doc="The analysed leg.")
    stride_number = param.Integer(default=1, bounds=(1, None), doc="Number of the analysed stride of this leg.")
    foot_progression_change_deg = param.Number(
        default=0.0, bounds=(-20.0, 20.0), doc="Change of foot progression angle, degrees; toe-out positive."
    )
    step_width_change_cm = param.Number(
        default=0.0, bounds=(-15.0, 15.0), doc="Change of step width, cm; wider positive."
    )
    change_sides = param.Selector(default=_GAIT.sides, objects=["both", "one"], doc="Which feet change.")
    pivot = param.Number(
        default=_GAIT.pivot,
        bounds=(0.0, 1.0),
        doc="Point about which the foot turns, fraction of its length from the heel.",
    )
    balance = param.Selector(
        default=_GAIT.balance,
        objects=["solved", "held"],
        doc="Whether the body sways with the feet and the ground force with both, or the pelvis is held.",
    )
    aim_at_virtual_point = param.Boolean(
        default=True,
        doc="Pelvis held: whether the ground force keeps aiming at one point when the steps widen, or its direction.",
    )
    virtual_point_statures = param.Number(
        default=_GAIT.virtual_point_statures, bounds=(0.7, 10.0), doc="Height of that point, statures."
    )
    weights = param.Selector(default=_LOADS.weights, objects=list(WEIGHT_PRESETS), doc="Weights of the muscles.")
    contact_spacing_mm = param.Number(
        default=1000.0 * _LOADS.contact_spacing_m, bounds=(20.0, 80.0), doc="Contact points' distance, mm."
    )
    contact_offset_mm = param.Number(default=0.0, bounds=(-20.0, 20.0), doc="Lateral shift of the contact points, mm.")
    frontal_alignment_deg = param.Number(
        default=0.0, bounds=(-15.0, 15.0), doc="Varus the model does not have, degrees."
    )
    passive_muscle_force = param.Boolean(default=False, doc="Whether the passive force of the muscle fibres counts.")
    moment_frame = param.Selector(default=_LOADS.moment_frame, objects=list(MOMENT_FRAMES), doc="Axes of KAM and KFM.")

    strides = param.Parameter(default=(), doc="Strides of the analysed leg, in time order.")
    answer = param.Parameter(
        default=None, doc="Recorded and modified walk side by side, a Simulation; None until there is one."
    )
    busy = param.Boolean(default=False, doc="Whether an answer is on its way.")
    error = param.String(default="", doc="What went wrong with the last question, in words; empty if nothing did.")
    surface = param.Parameter(
        default=None,
        doc="The response surface of this leg and these assumptions, a ResponseSurface; None until usable.",
    )
    prepared = param.Magnitude(default=0.0, doc="How much of the response surface is computed.")
    spread = param.Parameter(
        default=None,
        doc="Mean and spread over all strides of this leg as recorded, a LoadsOfStrides; None until asked.",
    )
    spread_share = param.Magnitude(default=0.0, doc="How much of the spread is computed.")
    band_wanted = param.Boolean(default=False, doc="Whether to find how far the assumptions move the modified walk.")
    band = param.Parameter(
        default=None,
        doc="Range of the modified walk of `answer` over the assumptions, a CurveBand; None until known, and where"
        " nothing is changed.",
    )
    band_share = param.Magnitude(default=0.0, doc="How much of the band is computed.")

    def __init__(
        self,
        solver: Solver,
        *,
        surfaces: Surfaces | None = None,
        schedule: Callable[[Callable[[], None]], None] | None = None,
        later: Callable[[Callable[[], None], float], None] | None = None,
        **params: Any,
    ) -> None:
        super().__init__(**params)
        self._solver = solver
        self._surfaces = surfaces
        self._surface_ticket = 0
        self._spread_group: object | None = None
        self._band_question: _BandQuestion | None = None
        self._schedule = schedule or (lambda task: task())
        self._later = later or (lambda task, _: task())
        self._processing = Processing()
        self._ticket = 0
        self._baseline: SolvedLeg | None = None
        self._baseline_gait: tuple[LoadSettings, SolvedGait] | None = None
        self._modified: tuple[GaitModification, SolvedLeg] | None = None
        self._provenance: dict[str, object] = {}
        self._opening = False
        self.param.watch(self._leg_changed, ["side", "stride_number"])
        self.param.watch(self._assumptions_changed, list(GAIT_ASSUMPTIONS))
        self.param.watch(self._settings_changed, list(LOAD_SETTINGS))
        self.param.watch(self._question_changed, list(CHANGE))
        self.param.watch(self._band_wanted_changed, "band_wanted")

    @property
    def modification(self) -> GaitModification:
        """The change of gait that the parameters describe."""
        return GaitModification(
            foot_progression_change_deg=self.foot_progression_change_deg,
            step_width_change_m=self.step_width_change_cm / 100.0,
            sides=self.change_sides,
            pivot=self.pivot,
            balance=self.balance,
            virtual_point_statures=self.virtual_point_statures if self.aim_at_virtual_point else None,
        )

    @property
    def settings(self) -> LoadSettings:
        """The load settings that the parameters describe."""
        return LoadSettings(
            weights=self.weights,
            contact_spacing_m=self.contact_spacing_mm / 1000.0,
            contact_offset_m=self.contact_offset_mm / 1000.0,
            frontal_alignment_deg=self.frontal_alignment_deg,
            passive_muscle_force=self.passive_muscle_force,
            moment_frame=self.moment_frame,
        )

    @property
    def processing(self) -> Processing:
        """How the recording is filtered and cut."""
        return self._processing

    @property
    def stride(self) -> Stride | None:
        """The analysed stride; None before a trial is open."""
        return next((one for one in self.strides if one.number == self.stride_number), None)

    def open(self, trial: Trial) -> None:
        """Show another trial, nothing changed, on the leg that fits it best.

        Raises
        ------
        TrialError
            If no leg of it can be analysed; the trial shown before stays.
        """
        legs = find_legs(trial, self._processing.contact_threshold_N)
        strides = legs.strides(legs.first)
        self._opening = True
        try:
            self.param.update(
                trial=trial,
                side=legs.first,
                strides=strides,
                stride_number=most_typical(strides, trial).number,
                foot_progression_change_deg=0.0,
                step_width_change_cm=0.0,
            )
        finally:
            self._opening = False
        self._provenance = provenance(trial)
        self._start_leg()

    def reset_change(self) -> None:
        """Take the change of gait back."""
        self.param.update(foot_progression_change_deg=0.0, step_width_change_cm=0.0)

    def ask_spread(self) -> None:
        """Solve every stride of this leg as recorded, in the background, for `spread`."""
        self._drop_spread()
        group, strides, settings = object(), self.strides, self.settings
        self._spread_group = group
        solved: dict[int, SolvedLeg] = {}

        def arrived(place: int, future: Future[SolvedLeg]) -> None:
            if self._spread_group is not group:
                return
            try:
                solved[place] = future.result()
            except WorkbenchError as error:
                self._drop_spread()
                self.error = str(error)
                return
            self.spread_share = len(solved) / len(strides)
            if len(solved) == len(strides):
                legs = [solved[i] for i in range(len(strides))]
                loads = solved_gait(legs, strides, self.trial.subject, settings).loads
                spread: LoadsOfStrides = loads_of_strides(loads)
                self.spread = spread

        def done(place: int, future: Future[SolvedLeg]) -> None:
            if not future.cancelled():
                self._schedule(partial(arrived, place, future))

        for place, stride in enumerate(strides):
            future = self._solver.submit(self.trial, self._processing, stride, GaitModification(), group=group)
            future.add_done_callback(partial(done, place))

    def close(self) -> None:
        """Give up whatever is on its way; nothing changes any more."""
        self._ticket += 1
        self._surface_ticket += 1
        self._solver.cancel_group(self)
        if self._surfaces is not None:
            self._surfaces.cancel()
        if self._spread_group is not None:
            self._solver.cancel_group(self._spread_group)
            self._spread_group = None
        if self._band_question is not None:
            self._solver.cancel_group(self._band_question)
            self._band_question = None

    def _leg_changed(self, *events: Any) -> None:
        if self._opening or self.trial is None:
            return
        event = next((one for one in events if one.name == "side"), None)
        if event is not None:
            try:
                search = search_strides(self.trial, self.side, threshold_N=self._processing.contact_threshold_N)
            except WorkbenchError as error:
                self._opening = True
                try:
                    self.side = event.old
                finally:
                    self._opening = False
                self._fail(error)
                return
            self._opening = True
            try:
                self.param.update(strides=search.strides, stride_number=most_typical(search.strides, self.trial).number)
            finally:
                self._opening = False
        self._start_leg()

    def _start_leg(self) -> None:
        """Ask for the recorded walk of the leg and stride now chosen; all earlier questions are void."""
        self._solver.cancel_group(self)
        self._drop_surface()
        self._drop_spread()
        self._drop_band()
        self._baseline, self._baseline_gait, self._modified = None, None, None
        stride = self.stride
        if stride is None:
            self._fail(WorkbenchError(f"there is no {self.side} stride {self.stride_number}."))
            return

        def arrived(leg: SolvedLeg) -> None:
            self._baseline = leg
            self._question_changed()
            self._schedule(self._request_surface)  # a page that is being opened goes first

        self._ask(GaitModification(), arrived)

    def _assumptions_changed(self, *_: Any) -> None:
        if self._baseline is not None:
            self._drop_surface()
            self._question_changed()
            self._request_surface()

    def _settings_changed(self, *_: Any) -> None:
        self._drop_spread()
        self._question_changed()

    def _request_surface(self) -> None:
        """Have the surface of the leg and the assumptions now chosen prepared in the background."""
        if self._surfaces is None or self.stride is None or self._baseline is None:
            return
        self._surface_ticket += 1
        ticket = self._surface_ticket

        def updated(progress: SurfaceProgress) -> None:
            self._schedule(partial(self._surface_updated, ticket, progress))

        def done(future: Future[ResponseSurface]) -> None:
            if not future.cancelled() and isinstance(failure := future.exception(), WorkbenchError):
                self._schedule(partial(self._surface_failed, ticket, failure))

        future = self._surfaces.request(self.trial, self._processing, self.stride, self.modification, updated)
        future.add_done_callback(done)

    def _surface_updated(self, ticket: int, progress: SurfaceProgress) -> None:
        if ticket != self._surface_ticket:
            return
        better = progress.surface is not self.surface
        self.param.update(surface=progress.surface, prepared=progress.done / progress.total)
        if better and not self.modification.is_none and self._in_reach(self.modification):
            self._question_changed()

    def _surface_failed(self, ticket: int, error: WorkbenchError) -> None:
        """Without a surface the direct solutions go on."""
        if ticket == self._surface_ticket:
            self.param.update(surface=None, prepared=0.0, error=str(error))

    def _drop_surface(self) -> None:
        self._surface_ticket += 1
        if self._surfaces is not None:
            self._surfaces.cancel()
        self.param.update(surface=None, prepared=0.0)

    def _drop_spread(self) -> None:
        if self._spread_group is not None:
            self._solver.cancel_group(self._spread_group)
        self._spread_group = None
        self.param.update(spread=None, spread_share=0.0)

    def _in_reach(self, modification: GaitModification) -> bool:
        """Whether the surface answers this question."""
        return (
            self.surface is not None
            and abs(modification.foot_progression_change_deg) <= LARGEST_TURN_DEG
            and abs(modification.step_width_change_m) <= LARGEST_WIDENING_M
        )

    def _question_changed(self, *_: Any) -> None:
        if self._opening or self._baseline is None:
            return
        modification = self.modification
        if self._band_question is not None and self._band_question.modification != modification:
            self._drop_band()
        if modification.is_none or self._in_reach(modification):
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
        future = self._solver.submit(self.trial, self._processing, stride, modification, group=self, urgent=True)

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
        stride, settings, trial = self.stride, self.settings, self.trial
        if stride is None or self._baseline is None:
            return
        try:
            if self._baseline_gait is None or self._baseline_gait[0] != settings:
                self._baseline_gait = settings, solved_gait([self._baseline], [stride], trial.subject, settings)
            baseline = self._baseline_gait[1]
            if modification.is_none:
                modified = baseline
            elif leg is None:
                mechanics = self.surface.mechanics_at(
                    modification.foot_progression_change_deg, modification.step_width_change_m
                )
                modified = SolvedGait((knee_loads(mechanics, stride, trial.subject, settings),), (None,))
            else:
                modified = solved_gait([leg], [stride], trial.subject, settings)
            answer: Simulation = assemble(
                trial,
                [stride],
                modification,
                settings,
                self._processing,
                baseline=baseline,
                modified=modified,
                strides_found=len(self.strides),
                provenance=self._provenance,
            )
        except WorkbenchError as error:
            self._fail(error)
            return
        band, missing = self._band_of(answer)
        self.param.update(answer=answer, band=band, busy=False, error=missing)
        self._ask_band()

    def _fail(self, error: WorkbenchError) -> None:
        self.param.update(error=str(error), busy=False)

    def _band_wanted_changed(self, *_: Any) -> None:
        if self.band_wanted:
            self._ask_band()
            return
        missing = self._band_question.missing if self._band_question is not None else ""
        self._drop_band()
        if missing and self.error == missing:
            self.error = ""

    def _ask_band(self) -> None:
        """Find the band of the answer on the screen once the sliders rest, unless that is done or not wanted."""
        answer = self.answer
        if not self.band_wanted or self._band_question is not None or answer is None or self.busy:
            return
        modification = answer.modification
        others = tuple(one for one in other_assumptions(modification) if one.bears_on(modification))
        if not others or modification != self.modification:
            return
        question = self._band_question = _BandQuestion(modification, others)
        self._later(partial(self._solve_band, question), _REST_MS)

    def _solve_band(self, question: _BandQuestion) -> None:
        """Solve the question's change of gait under the other assumptions."""
        stride = self.stride
        if self._band_question is not question or stride is None:
            return

        def done(one: Assumption, future: Future[SolvedLeg]) -> None:
            if not future.cancelled():
                self._schedule(partial(self._part_of_band_arrived, question, one, future))

        for one in question.others:
            modified = one.applied_to(question.modification)
            # Somebody waits for it; a slider that moves again still goes first, and takes these questions back.
            future = self._solver.submit(self.trial, self._processing, stride, modified, group=question, urgent=True)
            future.add_done_callback(partial(done, one))

    def _part_of_band_arrived(self, question: _BandQuestion, one: Assumption, future: Future[SolvedLeg]) -> None:
        if self._band_question is not question:
            return
        try:
            question.legs[one] = future.result()
        except WorkbenchError as error:
            question.failures[one] = error
        band, missing = self._band_of(self.answer)
        self.param.update(band=band, band_share=question.share, error=missing or self.error)

    def _band_of(self, answer: Simulation) -> tuple[CurveBand | None, str]:
        """The range of an answer over the assumptions, and in words what it had to leave out.

        None until all of it is solved, and where nothing of it could be.
        """
        question = self._band_question
        if question is None or question.share < 1.0:
            return None, ""
        shown, stride = assumption_of(question.modification), answer.strides[0]
        curves, failures = {}, dict(question.failures)
        for one in question.others:
            if one in question.legs:
                try:
                    loads = knee_loads(question.legs[one].mechanics, stride, answer.subject, answer.settings)
                    curves[one] = loads.curves
                except WorkbenchError as error:
                    failures[one] = error
        question.missing = " ".join(
            f"The range over the assumptions leaves out {difference_in_words(one, shown)}: {error}"
            for one, error in failures.items()
        )
        return curve_band(shown, answer.modified.curves, curves) if curves else None, question.missing

    def _drop_band(self) -> None:
        if self._band_question is not None:
            self._solver.cancel_group(self._band_question)
        self._band_question = None
        self.param.update(band=None, band_share=0.0)
