"""The server behind ``workbench serve``: one page per visitor, one pool of solvers for all."""

from __future__ import annotations

import asyncio
import signal
import socket
import sys
import threading
import webbrowser
from collections.abc import Callable, Sequence
from contextlib import ExitStack, suppress
from functools import cache
from typing import TYPE_CHECKING, Any

from workbench.core.errors import SettingError, WorkbenchError
from workbench.core.types import Trial
from workbench.dashboard.bounded_messages import bound_messages
from workbench.trials import REFERENCE, open_trial

if TYPE_CHECKING:
    from workbench.workers.pool import SolverPool
    from workbench.workers.shared_solver import SharedSolver

_ADDRESS = "localhost"  # recordings of people: nobody else's computer is answered
_LOOK_S = 0.02  # how often a task looks whether the browser is listening
_MAKING = threading.Lock()


def serve(trials: Sequence[str], *, port: int = 5006, show: bool = True) -> None:
    """Serve the page until it is stopped.

    Parameters
    ----------
    trials : sequence of str
        What `workbench.trials.open_trial` takes; the first one is shown.
    port : int
        0 takes any free one.
    show : bool
        Whether to open a browser.

    Raises
    ------
    WorkbenchError
        If a trial cannot be opened, or the port is in use.
    """
    # The built-in walk cannot fail, and reading it would keep the server from answering.
    for trial in trials:
        if trial != REFERENCE:
            opened(trial)
    port = free_port(port)
    bound_messages()
    solver_pool()  # its workers load OpenSim while the page's own parts are imported
    # Imported here: it takes a second, and whoever gave a wrong trial or port need not wait for it.
    from panel.io.server import get_server

    try:
        server = get_server(
            {"/": lambda: _application(trials)},
            title="Knee-load workbench",
            address=_ADDRESS,
            port=port,
            websocket_origin=[f"{_ADDRESS}:{port}", f"127.0.0.1:{port}"],
            websocket_max_message_size=50 * 1024 * 1024,
        )
    except OSError as error:
        raise _port_in_use(port) from error
    address = f"http://{_ADDRESS}:{port}/"
    sys.stdout.write(f"The workbench is running at {address} (stop it with Ctrl-C)\n")
    sys.stdout.flush()
    server.start()
    threading.Thread(target=_warm_up, args=(trials,), name="warm-up", daemon=True).start()
    # A server that is told to stop ends as a program does: what visitors sent is removed, no process stays behind.
    signal.signal(signal.SIGTERM, lambda *_: server.io_loop.add_callback_from_signal(server.io_loop.stop))
    if show:
        server.io_loop.call_later(0.2, webbrowser.open, address)
    server.io_loop.start()


@cache
def opened(trial: str) -> Trial:
    """Open a trial once for all visitors."""
    return open_trial(trial)


def solver_pool() -> SolverPool:
    """The pool of this process; its workers start with the first call."""
    with _MAKING:
        return _solver_pool()


@cache
def _solver_pool() -> SolverPool:
    from workbench.workers.pool import SolverPool

    return SolverPool()


def shared_solver() -> SharedSolver:
    """The shared solver of this process."""
    with _MAKING:
        return _shared_solver()


@cache
def _shared_solver() -> SharedSolver:
    from workbench.workers.shared_solver import SharedSolver

    return SharedSolver(_solver_pool())


def free_port(port: int) -> int:
    """Return the port; for 0 any free one.

    Raises
    ------
    SettingError
        If it is in use or invalid.
    """
    if not 0 <= port <= 65535:
        raise SettingError(f"the port is {port}, outside 0 to 65535.")
    try:
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((_ADDRESS, port))
            number: int = probe.getsockname()[1]
            return number
    except OSError as error:
        raise _port_in_use(port) from error


def _port_in_use(port: int) -> SettingError:
    return SettingError(
        f"port {port} is in use or not allowed.", remedy="Choose another with --port, or use --port 0 for any free one."
    )


def _warm_up(trials: Sequence[str]) -> None:
    """Load and ask what the first visitor will, while nobody waits."""
    from workbench.session.session import Session

    session = Session(shared_solver())
    with suppress(WorkbenchError):  # whoever opens the page is told
        session.open(opened(trials[0]))
    for trial in trials:
        opened(trial)
    import workbench.dashboard.page  # noqa: F401


def _application(trials: Sequence[str]) -> Any:
    """Make the page of one visitor."""
    import panel as pn
    from tornado.ioloop import IOLoop

    from workbench.dashboard.body import BodyState
    from workbench.dashboard.page import Workbench
    from workbench.figures.colours import FIGURE_THEME
    from workbench.session.grid import GridState
    from workbench.session.plane import PlaneState
    from workbench.session.session import Session
    from workbench.workers.surfaces import SurfaceMaker

    document = pn.state.curdoc
    document.theme = FIGURE_THEME
    loop = IOLoop.current()

    def on_page(task: Callable[[], None]) -> None:
        loop.add_callback(_run, document, task)

    def later(task: Callable[[], None], after_ms: float) -> None:
        # By way of add_callback: this may be called from any thread.
        loop.add_callback(loop.call_later, after_ms / 1000.0, _run, document, task)

    solver = shared_solver()
    session = Session(solver, surfaces=SurfaceMaker(solver_pool()), schedule=on_page, later=later)
    grid = GridState(session, solver, schedule=on_page)
    body = BodyState(session, solver, schedule=on_page, later=later)
    plane = PlaneState(session, solver, SurfaceMaker(solver_pool()), schedule=on_page)

    closing = ExitStack()

    def on_close(task: Callable[[], None]) -> None:
        closing.callback(task)

    for close in (session.close, grid.close, body.close, plane.close):
        on_close(close)
    pn.state.on_session_destroyed(lambda _: closing.close())
    return Workbench(session, grid, body, plane, [opened(trial) for trial in trials], on_close, later).__panel__()


async def _run(document: Any, task: Callable[[], None]) -> None:
    """Run a task that changes the page, with the lock on it, once the browser is listening.

    Before that Panel puts changes off by callbacks of the document, some of which never run. And Panel sends what its
    own parts change by a way of its own, on which two messages that meet may stay behind until the next one (panel
    1.9.4, `_dispatch_msgs`); while a document is held it leaves the sending to Bokeh, in the order of the changes.
    """
    from panel.io.state import set_curdoc, state

    context = document.session_context
    while True:
        if context is None or context.destroyed:
            return
        with set_curdoc(document):
            if context.session is not None and state.loaded:
                break
        await asyncio.sleep(_LOOK_S)

    def run() -> None:
        with set_curdoc(document):
            document.hold("collect")
            try:
                task()
            finally:
                document.unhold()

    await context.session.with_document_locked(run)
