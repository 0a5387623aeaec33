"""A worker process: it keeps walks open and answers questions about them until its pipe closes."""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from multiprocessing.connection import Connection
from multiprocessing.context import SpawnProcess
from types import ModuleType
from typing import TYPE_CHECKING, Any, Final

from workbench.core.errors import SimulationError, WorkbenchError
from workbench.core.settings import Processing
from workbench.core.types import Trial

if TYPE_CHECKING:  # only the process itself loads OpenSim
    from workbench.simulation.walk import Walk
    from workbench.workers.pool import _Job, _Question

_OPEN_WALKS: Final = 3  # a worker keeps so many walks open; each holds an OpenSim model
_LOOK_S: Final = 0.05  # how often a waiting thread looks whether its answer is still wanted
_NICENESS: Final = 5  # what a person looks at goes first: the page, and the browser that draws it
_GRACE_S: Final = 2.0  # a cancelled computation may go on so long: ending it costs a new worker, about two seconds


class WorkerStoppedError(Exception):
    """The worker ended or was too slow; says which."""


class Worker:
    """A spawned process and the parent's end of its pipe; started when it is needed, and again after `kill`."""

    def __init__(self) -> None:
        self._process: SpawnProcess | None = None
        self._connection: Connection
        self._ready = False

    def start(self) -> None:
        """Start the process; it takes about two seconds to load OpenSim, which `answer` waits for."""
        context = multiprocessing.get_context("spawn")
        self._connection, theirs = context.Pipe()
        process = context.Process(target=_serve, args=(theirs,), name="workbench solver", daemon=True)
        with without_the_script():
            process.start()
        theirs.close()  # so that the end of the process is the end of the pipe
        self._process, self._ready = process, False

    def wait_until_ready(self, closed: Callable[[], bool]) -> None:
        """Wait until OpenSim is loaded: no question should wait for that while another worker is free."""
        while not self._connection.poll(_LOOK_S):
            if closed():
                return
        with suppress(EOFError):  # it has ended; the first question will say how
            self._connection.recv()
            self._ready = True

    def kill(self) -> None:
        """End the process and collect it."""
        if self._process is not None:
            self._process.kill()
            self._process.join()
            self._process.close()
            self._connection.close()
            self._process = None

    def answer(self, job: _Job, time_limit_s: float, closed: Callable[[], bool]) -> tuple[Any, WorkbenchError | None]:
        """Return the answer, or the error the computation raised."""
        deadline_s = time.monotonic() + time_limit_s
        if self._process is None:
            self.start()
        if not self._ready:
            self._receive(job, deadline_s, closed)
            self._ready = True
        try:
            self._connection.send(job.question)
        except OSError as error:
            raise WorkerStoppedError(self._how_it_ended()) from error
        answer, failure = self._receive(job, deadline_s, closed)
        return answer, failure

    def _receive(self, job: _Job, deadline_s: float, closed: Callable[[], bool]) -> Any:
        given_up = False
        try:
            while not self._connection.poll(_LOOK_S):
                now_s = time.monotonic()
                if closed():
                    raise WorkerStoppedError("the workers were closed")
                if job.future.cancelled() and not given_up:
                    given_up = True
                    deadline_s = min(deadline_s, now_s + _GRACE_S)
                if now_s > deadline_s:
                    raise WorkerStoppedError("it exceeded the time limit")
            return self._connection.recv()
        except (EOFError, OSError) as error:
            raise WorkerStoppedError(self._how_it_ended()) from error

    def _how_it_ended(self) -> str:
        assert self._process is not None
        return how_it_ended(self._process)


def how_it_ended(process: SpawnProcess) -> str:
    """Say why a process no longer responds."""
    process.join(1.0)
    code = process.exitcode
    if code is None:
        return "its process stopped responding"
    if code < 0:
        return f"its process was ended by signal {signal.Signals(-code).name}"
    return f"its process ended with status {code}"


_starting = threading.Lock()


@contextmanager
def without_the_script() -> Iterator[None]:
    """Prevent a process started here from running the user's script again, as spawned processes do.

    The workers need nothing of it, and one that is not written under ``if __name__ == "__main__":`` would ask for
    workers in each of them.
    """
    with _starting:
        script = sys.modules["__main__"]
        sys.modules["__main__"] = ModuleType("__main__")
        try:
            yield
        finally:
            sys.modules["__main__"] = script


def _serve(connection: Connection) -> None:
    """Answer questions until the pipe ends; what a worker process runs."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's to handle
    from workbench.simulation.walk import Walk

    walks: OrderedDict[str, Walk] = OrderedDict()
    first = True  # this answer is waited for
    try:
        connection.send(None)
        while True:
            question = connection.recv()
            connection.send(_answer(walks, Walk, question))
            if first and hasattr(os, "nice"):  # not on Windows
                first = False
                os.nice(_NICENESS)
    except (EOFError, OSError):
        return


def _answer(
    walks: OrderedDict[str, Walk], open_walk: Callable[[Trial, Processing], Walk], question: _Question
) -> tuple[Any, WorkbenchError | None]:
    try:
        if question.key not in walks:
            walks[question.key] = open_walk(question.trial, question.processing)
            if len(walks) > _OPEN_WALKS:
                walks.popitem(last=False)
        walks.move_to_end(question.key)
        return question.function(walks[question.key], *question.arguments), None
    except WorkbenchError as error:
        return None, error
    except Exception as error:  # OpenSim's own errors are RuntimeErrors with a text
        text = str(error).strip().splitlines()
        return None, SimulationError(f"{question} failed: {type(error).__name__}: {text[0] if text else 'no text'}")
