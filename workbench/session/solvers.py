"""The tasks that a session and its views give to the OpenSim processes."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from typing import Any, Protocol

from workbench.core.answer_grid import AnswerGrid
from workbench.core.jobs import LegJob
from workbench.core.load_map import LoadMap
from workbench.core.response import NODES, OnUpdate, ResponseSurface
from workbench.core.settings import GaitModification, LoadSettings, Processing
from workbench.core.types import SolvedLeg, Stride, Trial
from workbench.scene.bodies import BodyMotion, Scene

#: Runs a function on the thread that owns the page.
Schedule = Callable[[Callable[[], None]], None]
#: The same after some milliseconds.
Later = Callable[[Callable[[], None], float], None]


class LegSolver(Protocol):
    """Solves single legs, for instance `workbench.workers.pool.SolverPool`."""

    def submit(self, *job: *LegJob, group: Any = None, urgent: bool = False) -> Future[SolvedLeg]:
        """Ask for the mechanics of one leg."""

    def cancel_group(self, group: Any) -> None:
        """Cancel all questions of a group."""


class SurfacePreparer(Protocol):
    """Prepares response surfaces in the background, one at a time; `workbench.workers.surfaces.SurfaceMaker`."""

    def request(
        self, *job: *LegJob, on_update: OnUpdate | None = None, nodes: Mapping[str, int] = NODES
    ) -> Future[ResponseSurface]:
        """Prepare a surface over some changes; the previous one is cancelled."""

    def cancel(self) -> None:
        """Cancel the surface being prepared."""


class PlaneSolver(Protocol):
    """Fills maps and solves many legs, for instance `workbench.workers.shared_solver.SharedSolver`."""

    def load_map(
        self,
        trial: Trial,
        processing: Processing,
        surface: ResponseSurface,
        settings: LoadSettings,
        axes: tuple[str, str],
    ) -> Future[LoadMap]:
        """All outcomes over the plane of two changes that the surface spans."""

    def solve_all(
        self,
        trial: Trial,
        jobs: Sequence[tuple[Processing, Stride, GaitModification]],
        progress: Callable[[int, int], None],
    ) -> list[SolvedLeg]:
        """Solve many; blocks."""


class GridSolver(Protocol):
    """Tables the loads of a surface, for instance `workbench.workers.shared_solver.SharedSolver`."""

    def answer_grid(
        self, trial: Trial, processing: Processing, surface: ResponseSurface, settings: LoadSettings
    ) -> Future[AnswerGrid]:
        """The loads over the plane of both changes, for the browser."""


class BodySolver(Protocol):
    """Moves the body, for instance `workbench.workers.shared_solver.SharedSolver`."""

    def scene(self, trial: Trial, processing: Processing) -> Future[Scene]:
        """Surfaces of a trial's model."""

    def motion(
        self, trial: Trial, processing: Processing, stride: Stride, modification: GaitModification
    ) -> Future[BodyMotion]:
        """Poses and ground forces over a stride."""
