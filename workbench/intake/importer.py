"""Inspections and imports in a separate process, so that a bad file harms nothing else."""

from __future__ import annotations

import multiprocessing
import os
import pkgutil
import signal
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import suppress
from multiprocessing.connection import Connection
from multiprocessing.context import SpawnProcess
from typing import Any, Final

from workbench.core.errors import SimulationError, TrialError, WorkbenchError
from workbench.intake.tell import Tell, silent
from workbench.workers.worker import how_it_ended, without_the_script

_LOOK_S: Final = 0.05
_END_S: Final = 5.0  # a killed process is collected well within
_TELL_S: Final = 0.1  # no oftener: each word crosses two processes and a socket
#: So many are at work at once in one server; the others wait their turn.
_PLACES = threading.BoundedSemaphore(max(1, min(2, os.cpu_count() or 1)))


class Importer:
    """Answers one question at a time for one visitor; a new one cancels the previous one.

    Parameters
    ----------
    time_limit_s : float
        Longest time for one answer.
    """

    def __init__(self, time_limit_s: float = 900.0) -> None:
        self._time_limit_s = time_limit_s
        self._lock = threading.Lock()
        self._line: _Line | None = None
        self._future: Future[Any] | None = None

    def ask(self, question: str, *arguments: object, tell: Tell = silent) -> Future[Any]:
        """Call a function with the arguments and ``tell``.

        Parameters
        ----------
        question : str
            Its name, ``"package.module:function"``: what it needs is imported in the other process alone.
        *arguments
            Whatever can be pickled.
        tell : callable, optional
            Called on a thread of its own with what is being done and how far it is.

        Returns
        -------
        Future
            With the answer, or the `WorkbenchError` that says why there is none.
        """
        future: Future[Any] = Future()
        with self._lock:
            busy = self._future is not None and not self._future.done()
        if busy:
            self.stop()
        with self._lock:
            self._future = future
        threading.Thread(
            target=self._answer, args=(future, question, arguments, tell), name="import", daemon=True
        ).start()
        return future

    def stop(self) -> None:
        """Cancel pending work, and end the process."""
        with self._lock:
            future, line = self._future, self._line
            self._future = self._line = None
        if future is not None:
            future.cancel()
        if line is not None:
            line.end()

    def _answer(self, future: Future[Any], question: str, arguments: tuple[object, ...], tell: Tell) -> None:
        answer: Any = None
        error: BaseException | None = None
        if not _PLACES.acquire(blocking=False):
            tell("waiting for other imports", 0.0)
            _PLACES.acquire()
        try:
            if not future.cancelled():
                with self._lock:
                    if self._line is None or not self._line.is_alive:
                        self._line = _Line()
                    line = self._line
                answer, error = line.answer(question, arguments, tell, self._time_limit_s, future.cancelled)
        except Exception as failure:  # nobody else would ever hear of it
            error = failure
        finally:
            _PLACES.release()
        if future.set_running_or_notify_cancel():
            if error is not None:
                future.set_exception(error)
            else:
                future.set_result(answer)


class _Line:
    """A process and the parent's end of its pipe."""

    def __init__(self) -> None:
        context = multiprocessing.get_context("spawn")
        self._connection, theirs = context.Pipe()
        self._process: SpawnProcess = context.Process(
            target=_serve, args=(theirs,), name="workbench import", daemon=True
        )
        with without_the_script():
            self._process.start()
        theirs.close()

    @property
    def is_alive(self) -> bool:
        with suppress(ValueError):  # it is closed
            return self._process.is_alive()
        return False

    def end(self) -> None:
        with suppress(ValueError):
            self._process.kill()
            self._process.join(_END_S)

    def answer(
        self,
        question: str,
        arguments: tuple[object, ...],
        tell: Tell,
        time_limit_s: float,
        cancelled: Callable[[], bool],
    ) -> tuple[Any, WorkbenchError | None]:
        deadline_s = time.monotonic() + time_limit_s
        try:
            self._connection.send((question, arguments))
            while True:
                while not self._connection.poll(_LOOK_S):
                    if cancelled():
                        return None, None
                    if time.monotonic() > deadline_s:
                        self.end()
                        raise TrialError(
                            f"the import took longer than {time_limit_s / 60.0:.0f} minutes and was cancelled.",
                            remedy="Cut the recording to the walk.",
                        )
                kind, *content = self._connection.recv()
                if kind == "told":
                    tell(*content)
                else:
                    answer, error = content
                    return answer, error
        except (EOFError, OSError) as failure:
            raise SimulationError(f"the import stopped: {how_it_ended(self._process)}.") from failure


def _serve(connection: Connection) -> None:
    """Answer questions until the pipe ends; what the process runs."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's to handle
    try:
        while True:
            question, arguments = connection.recv()
            connection.send(("answer", *_answered(connection, question, arguments)))
            import workbench.intake.from_markers  # noqa: F401  # OpenSim is loaded while a person reads the answer
    except (EOFError, OSError):
        return


def _answered(
    connection: Connection, question: str, arguments: tuple[object, ...]
) -> tuple[Any, WorkbenchError | None]:
    last: tuple[str, float] = "", -_TELL_S

    def tell(what: str, share: float) -> None:
        nonlocal last
        now_s = time.monotonic()
        if what != last[0] or now_s - last[1] >= _TELL_S:
            last = what, now_s
            connection.send(("told", what, share))

    try:
        return pkgutil.resolve_name(question)(*arguments, tell=tell), None
    except WorkbenchError as error:
        return None, error
    except ConnectionError:  # the page has gone
        raise
    except OSError as error:
        return None, TrialError(
            f"a file cannot be read or written on the server ({error.strerror or type(error).__name__}).",
            remedy="Tell the server's administrator; its disk may be full.",
        )
    except Exception as error:  # a foreign file can do anything
        text = str(error).strip().splitlines()
        return None, TrialError(
            f"the recording cannot be imported ({type(error).__name__}: {text[0][:200] if text else 'no text'}).",
            remedy="Please report this with the file.",
        )
