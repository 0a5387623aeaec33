"""The solver shared by all visitors: common questions are computed once and kept."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable, Sequence
from concurrent.futures import Future
from functools import partial
from typing import TYPE_CHECKING, Any, Final, TypeVar

from workbench.core.answer_grid import AnswerGrid, answer_grid
from workbench.core.jobs import LegJob
from workbench.core.load_map import LoadMap, outcome_map
from workbench.core.response import ResponseSurface
from workbench.core.settings import GaitModification, LoadSettings, Processing
from workbench.core.types import SolvedLeg, Stride, Trial
from workbench.scene.bodies import BodyMotion, Scene
from workbench.workers.pool import SolverPool, solve_all, walk_key

if TYPE_CHECKING:
    from workbench.simulation.walk import Walk

T = TypeVar("T")

_KEPT: Final = 200  # answers; the largest takes about a megabyte


def _scene(walk: Walk) -> Scene:
    # Imported by the worker: the page's process does without OpenSim.
    from workbench.scene.walk_scene import walk_scene

    return walk_scene(walk)


def _motion(walk: Walk, stride: Stride, modification: GaitModification) -> BodyMotion:
    from workbench.scene.walk_scene import walk_motion

    return walk_motion(walk, stride, modification)


def _map_of_walk(_: object, surface: ResponseSurface, settings: LoadSettings, axes: tuple[str, str]) -> LoadMap:
    """All outcomes over a plane; a question for the solver pool, so that the page's process stays free."""
    return outcome_map(surface, settings, axes)


def _grid_of_walk(_: object, surface: ResponseSurface, settings: LoadSettings) -> AnswerGrid:
    """Loads of the whole plane; likewise."""
    return answer_grid(surface, settings)


class SharedSolver:
    """Passes the questions of sessions and views to a pool, see the protocols of `session`, `body` and `plane`.

    Bodies, motions and the mechanics of recorded walks are kept: every visitor of a walk asks for them first.

    Parameters
    ----------
    pool : SolverPool
    """

    def __init__(self, pool: SolverPool) -> None:
        self._pool = pool
        self._lock = threading.Lock()
        self._asked: OrderedDict[Hashable, Future[Any]] = OrderedDict()

    def submit(self, *job: *LegJob, group: Hashable = None, urgent: bool = False) -> Future[SolvedLeg]:
        """Ask for the mechanics of one leg, see `SolverPool.submit`; that of a recorded walk is never cancelled."""
        trial, processing, stride, modification = job
        if not modification.is_none:
            return self._pool.submit(*job, group=group, urgent=urgent)
        ask = partial(self._pool.submit, *job, urgent=urgent)
        return self._once(("leg", walk_key(trial, processing), stride, modification), ask)

    def cancel_group(self, group: Hashable) -> None:
        """Cancel all questions of a group."""
        self._pool.cancel_group(group)

    def scene(self, trial: Trial, processing: Processing) -> Future[Scene]:
        """Surfaces of a trial's model."""
        key = ("scene", walk_key(trial, processing))
        return self._once(key, lambda: self._pool.ask(_scene, trial, processing))

    def motion(
        self, trial: Trial, processing: Processing, stride: Stride, modification: GaitModification
    ) -> Future[BodyMotion]:
        """Poses and ground forces over a stride."""
        key = ("motion", walk_key(trial, processing), stride, modification)
        return self._once(key, lambda: self._pool.ask(_motion, trial, processing, stride, modification))

    def load_map(
        self,
        trial: Trial,
        processing: Processing,
        surface: ResponseSurface,
        settings: LoadSettings,
        axes: tuple[str, str],
    ) -> Future[LoadMap]:
        """All outcomes over the plane of two changes that the surface spans."""
        return self._pool.ask(_map_of_walk, trial, processing, surface, settings, axes)

    def answer_grid(
        self, trial: Trial, processing: Processing, surface: ResponseSurface, settings: LoadSettings
    ) -> Future[AnswerGrid]:
        """The loads over the plane of both changes; visitors of one leg under the same settings share them."""
        key = ("grid", walk_key(trial, processing), surface.stride, surface.template, settings)
        return self._once(key, lambda: self._pool.ask(_grid_of_walk, trial, processing, surface, settings))

    def solve_all(
        self,
        trial: Trial,
        jobs: Sequence[tuple[Processing, Stride, GaitModification]],
        progress: Callable[[int, int], None],
    ) -> list[SolvedLeg]:
        """Solve many; blocks."""
        return solve_all(self._pool, [(trial, *job) for job in jobs], progress)

    def _once(self, key: Hashable, ask: Callable[[], Future[T]]) -> Future[T]:
        """The answer under this key, asked for unless somebody has; each asker may cancel a future of his own."""
        with self._lock:
            common = self._asked.get(key)
            if common is None:
                common = self._asked[key] = ask()
                if len(self._asked) > _KEPT:
                    self._asked.popitem(last=False)
            self._asked.move_to_end(key)
        own: Future[T] = Future()
        common.add_done_callback(partial(self._hand_over, key, own))
        return own

    def _hand_over(self, key: Hashable, own: Future[T], common: Future[T]) -> None:
        failed = common.cancelled() or common.exception() is not None
        if failed:  # the next one who asks tries again
            with self._lock:
                if self._asked.get(key) is common:
                    del self._asked[key]
        if common.cancelled():
            own.cancel()
            own.set_running_or_notify_cancel()
        elif own.set_running_or_notify_cancel():
            if failed:
                own.set_exception(common.exception())
            else:
                own.set_result(common.result())
