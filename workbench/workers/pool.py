"""OpenSim in separate processes: a crash or a hang costs one worker, and no answer is lost.

OpenSim holds the interpreter's lock while it computes and ends the interpreter when it is called in a wrong order.
Neither is acceptable behind a page with sliders.
"""

from __future__ import annotations

import atexit
import hashlib
import threading
from collections import deque
from collections.abc import Callable, Hashable, Iterable
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Concatenate, Final, ParamSpec, TypeVar

from workbench.core.errors import SimulationError, require
from workbench.core.jobs import LegJob
from workbench.core.settings import GaitModification, Processing
from workbench.core.types import Array, SolvedLeg, Stride, Trial
from workbench.provenance import own_model_path
from workbench.workers.worker import Worker, WorkerStoppedError

if TYPE_CHECKING:  # only the workers load OpenSim
    from workbench.simulation.walk import Walk

P = ParamSpec("P")
T = TypeVar("T")

_ATTEMPTS: Final = 2  # a computation whose worker ends is tried once more, on a fresh one


class SolverPool:
    """Workers that answer questions about walks.

    Each question becomes a `concurrent.futures.Future` (``asyncio.wrap_future`` makes it awaitable) that can be
    cancelled until it is answered. A worker that ends or is too slow is replaced and its question asked once more; then
    the future raises `SimulationError`. A `WorkbenchError` raised by the computation comes back as it is.

    Parameters
    ----------
    workers : int
        Number of processes.
    time_limit_s : float
        Longest time for one answer.
    """

    def __init__(self, workers: int = 2, time_limit_s: float = 60.0) -> None:
        require("opensim", of="a simulation")  # here, because a worker could not say it
        self.workers = workers
        self.time_limit_s = time_limit_s
        self._changed = threading.Condition()
        self._queue: deque[_Job] = deque()
        self._running: list[_Job] = []
        self._closed = False
        # Two workers that load OpenSim at once keep each other waiting: the others start after the first answer.
        self._answered = threading.Event()
        self._threads = [
            threading.Thread(target=self._work, args=(i == 0,), name="solver pool", daemon=True) for i in range(workers)
        ]
        for thread in self._threads:
            thread.start()
        atexit.register(self.close)

    def submit(self, *job: *LegJob, group: Hashable = None, urgent: bool = False) -> Future[SolvedLeg]:
        """Ask for the mechanics of one leg, see `Walk.solve`.

        Parameters
        ----------
        *job : trial, processing, stride, modification
            What the walk is opened with (workers keep the last few open), and what it solves.
        group : hashable, optional
            Questions that are given up together, see `cancel_group`.
        urgent : bool
            Whether to go before everything that waits.
        """
        trial, processing, stride, modification = job
        return self._ask(_solve, trial, processing, (stride, modification), group, urgent)

    def ask(
        self,
        question: Callable[Concatenate[Walk, P], T],
        trial: Trial,
        processing: Processing,
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> Future[T]:
        """Ask anything else of a walk.

        Parameters
        ----------
        question : callable
            Takes the walk and the arguments; a function of a module (``Walk.strides``), because it is sent by name.
        trial, processing
            What the walk is opened with.
        *args, **kwargs
            The other arguments.
        """
        if kwargs:
            raise TypeError("a question to the pool takes positional arguments only")
        return self._ask(question, trial, processing, args, None, False)

    def cancel_group(self, group: Hashable) -> None:
        """Give up every question of a group: waiting ones are dropped, pending answers are ignored."""
        with self._changed:
            waiting = [job for job in self._queue if job.group == group]
            self._queue = deque(job for job in self._queue if job.group != group)
            running = [job for job in self._running if job.group == group]
        # Outside the lock: callbacks run at once and may submit.
        for job in waiting:
            job.give_up()
        for job in running:
            job.future.cancel()

    def close(self) -> None:
        """End the workers and cancel unanswered questions."""
        with self._changed:
            self._closed = True
            waiting, running = list(self._queue), list(self._running)
            self._queue.clear()
            self._changed.notify_all()
        self._answered.set()
        for job in waiting:
            job.give_up()
        for job in running:
            job.future.cancel()
        for thread in self._threads:
            thread.join()
        atexit.unregister(self.close)

    def __enter__(self) -> SolverPool:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _ask(
        self,
        question: Callable[..., T],
        trial: Trial,
        processing: Processing,
        arguments: tuple[object, ...],
        group: Hashable,
        urgent: bool,
    ) -> Future[T]:
        job = _Job(_Question(walk_key(trial, processing), trial, processing, question, arguments), group)
        with self._changed:
            if self._closed:
                raise SimulationError("the workers have been closed.")
            if urgent:
                self._queue.appendleft(job)
            else:
                self._queue.append(job)
            self._changed.notify()
        return job.future

    def _take(self) -> _Job | None:
        """Wait for the next job; None when the pool is closed."""
        with self._changed:
            while not self._queue and not self._closed:
                self._changed.wait()
            if self._closed:
                return None
            job = self._queue.popleft()
            self._running.append(job)
            return job

    def _work(self, first: bool) -> None:
        """Feed one worker process, and replace it when it ends."""
        worker = Worker()
        if not first:
            self._answered.wait()
        with suppress(OSError):  # started ahead of the first question, which would meet the same error
            worker.start()
            if not first:
                worker.wait_until_ready(lambda: self._closed)
        while (job := self._take()) is not None:
            error: BaseException | None = None
            answer: Any = None
            for _ in range(_ATTEMPTS):
                if job.future.cancelled():
                    break
                try:
                    answer, error = worker.answer(job, self.time_limit_s, lambda: self._closed)
                    break
                except WorkerStoppedError as stopped:
                    error = SimulationError(f"OpenSim stopped while computing {job.question}: {stopped}.")
                except Exception as failure:  # a question that cannot be sent or an answer that cannot be read
                    error = failure
                worker.kill()
            with self._changed:
                self._running.remove(job)
            job.finish(answer, error)
            self._answered.set()
        worker.kill()


def solve_all(
    pool: SolverPool,
    jobs: Iterable[tuple[Trial, Processing, Stride, GaitModification]],
    progress: Callable[[int, int], None] | None = None,
) -> list[SolvedLeg]:
    """Solve many, in the order of `jobs`; the first error stops it and drops the rest.

    Parameters
    ----------
    pool : SolverPool
    jobs : iterable of (trial, processing, stride, modification)
    progress : callable, optional
        Is told how many are done, of how many.
    """
    group = object()
    futures = [pool.submit(*job, group=group) for job in jobs]
    solved = []
    try:
        for future in futures:
            solved.append(future.result())
            if progress is not None:
                progress(len(solved), len(futures))
    finally:
        pool.cancel_group(group)
    return solved


def walk_key(trial: Trial, processing: Processing) -> str:
    """Hash of everything a `Walk` is made from: the recording, the model file's content and the processing."""
    digest = hashlib.sha256((trial.model_file or own_model_path()).read_bytes())
    reactions = sorted(trial.ground_reactions.items())
    plain = (
        trial.name,
        trial.subject,
        sorted((trial.scale_factors or {}).items()),
        sorted(trial.foot_strikes_s.items()),
        sorted(trial.foot_offs_s.items()),
        trial.measured_loads and trial.measured_loads.side,
        trial.periodic,
        trial.motion.names,
        trial.motion.in_degrees,
        [side for side, _ in reactions],
        processing,
    )
    digest.update(repr(plain).encode())
    arrays: list[Array] = [trial.motion.time_s, trial.motion.values]
    if trial.emg is not None:
        digest.update(repr((trial.emg.muscles, trial.emg.normalised_to)).encode())
        arrays += [trial.emg.time_s, trial.emg.activity]
    for _, reaction in reactions:
        arrays += [reaction.time_s, reaction.force_N, reaction.point_m, reaction.torque_Nm]
    for array in arrays:
        digest.update(repr(array.shape).encode() + array.tobytes())
    return digest.hexdigest()


@dataclass(frozen=True)
class _Question:
    """What a worker is sent."""

    key: str
    trial: Trial
    processing: Processing
    function: Callable[..., Any]
    arguments: tuple[object, ...]

    def __str__(self) -> str:
        if self.function is not _solve:
            return f"{getattr(self.function, '__name__', self.function)} of {self.trial.name}"
        stride, change = self.arguments
        if not (isinstance(stride, Stride) and isinstance(change, GaitModification)):
            return f"a stride of {self.trial.name}"
        return f"stride {stride.number} of the {stride.side} leg of {self.trial.name} with {change.changes}"


@dataclass(eq=False)
class _Job:
    """A question and the future of its answer.

    The future stays pending until the answer is there, so that it can be cancelled all the time.
    """

    question: _Question
    group: Hashable
    future: Future[Any] = field(default_factory=Future)

    def finish(self, answer: Any, error: BaseException | None) -> None:
        """Hand over what was found, unless nobody wants it any more."""
        if not self.future.set_running_or_notify_cancel():
            return
        if error is not None:
            self.future.set_exception(error)
        else:
            self.future.set_result(answer)

    def give_up(self) -> None:
        """Cancel, and tell those who wait."""
        if self.future.cancel():
            self.future.set_running_or_notify_cancel()


def _solve(walk: Walk, stride: Stride, modification: GaitModification) -> SolvedLeg:
    return walk.solve(stride, modification)
