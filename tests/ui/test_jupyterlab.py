"""The first notebook in a real JupyterLab: run all, move a slider, and the curves follow."""

from __future__ import annotations

import contextlib
import importlib.util
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

import pytest

from .conftest import BrowserPage

pytestmark = pytest.mark.slow

NOTEBOOK = Path(__file__).resolve().parents[2] / "notebooks" / "01_first_look.ipynb"

#: The modified KAM curve of the newest figure in the page.
_CURVE = """() => {
    const name = "modified_knee_adduction_moment_pct_bw_ht";
    const sources = (window.Bokeh?.documents ?? []).flatMap((one) => [...one._all_models.values()])
        .filter((model) => model.type === "ColumnDataSource" && model.columns().includes(name));
    return sources.length ? [...sources.at(-1).get_array(name)] : [];
}"""
_IDLE = """() => {
    const panel = jupyterapp.shell.currentWidget;
    return panel?.sessionContext?.session?.kernel?.status === "idle";
}"""
#: Not awaited: it ends with the last cell.
_RUN_ALL = "() => { jupyterapp.commands.execute('notebook:run-all-cells'); }"
_LAST_OUTPUT = "() => document.body.textContent.includes('residual_force_pct_bw_baseline')"
_MOVED = f"(before) => ({_CURVE})().some((value, i) => Math.abs(value - before[i]) > 0.1)"
_LONG_MS = 120_000
#: Panel sends a message to a notebook in fragments; a page drawn in between complains of the incomplete one.
_KNOWN_ERRORS = ("fragment", "is not iterable")


@pytest.fixture
def jupyterlab(tmp_path: Path) -> Iterator[str]:
    """A JupyterLab of its own on a copy of the notebook; its address."""
    if importlib.util.find_spec("jupyterlab") is None:
        pytest.skip("JupyterLab is not installed (the extra 'dev')")
    shutil.copy(NOTEBOOK, tmp_path)
    with socket.socket() as probe:
        probe.bind(("localhost", 0))
        port = probe.getsockname()[1]
    address = f"http://localhost:{port}"
    # Nothing of the user's own settings, and nothing left behind in them.
    folders = {name: str(tmp_path / name.lower()) for name in ("JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "IPYTHONDIR")}
    with (tmp_path / "jupyterlab.log").open("w") as log:
        server = subprocess.Popen(
            [
                *(sys.executable, "-m", "jupyterlab", "--no-browser", f"--port={port}", "--ServerApp.port_retries=0"),
                *("--IdentityProvider.token=", f"--ServerApp.root_dir={tmp_path}", "--allow-root"),
                *("--LabApp.expose_app_in_browser=True", "--LabApp.extension_manager=readonly"),
            ],
            env=os.environ | folders,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
        try:
            for _ in range(300):
                with contextlib.suppress(URLError), urlopen(f"{address}/api", timeout=2.0):
                    break
                time.sleep(0.1)
            else:
                pytest.fail(f"JupyterLab does not answer: {(tmp_path / 'jupyterlab.log').read_text()[-2000:]}")
            yield f"{address}/lab/tree/{NOTEBOOK.name}"
        finally:
            # Its kernels first: they end their own worker processes.
            server.send_signal(signal.SIGTERM)
            try:
                server.wait(timeout=15.0)
            except subprocess.TimeoutExpired:
                os.killpg(server.pid, signal.SIGKILL)
                server.wait()


def test_the_curves_follow_the_slider(jupyterlab: str, browser_page: BrowserPage) -> None:
    page = browser_page.page
    page.set_viewport_size({"width": 1300, "height": 1000})
    page.goto(jupyterlab)
    page.locator(".jp-Notebook .jp-Cell").first.wait_for(timeout=_LONG_MS)
    page.wait_for_function(_IDLE, timeout=_LONG_MS)
    page.evaluate(_RUN_ALL)
    page.wait_for_function(_LAST_OUTPUT, timeout=_LONG_MS)
    # A cell of the notebook has asked for ten degrees of toe-in.
    assert page.locator(".jp-OutputArea-output[data-mime-type='application/vnd.jupyter.stderr']").count() == 0
    slider = page.locator("input[type=range]").first
    slider.scroll_into_view_if_needed()
    page.wait_for_function(f"() => ({_CURVE})().length === 101 && !({_CURVE})().some(Number.isNaN)", timeout=_LONG_MS)
    toe_in, before = page.evaluate(_CURVE), drawn(browser_page)

    slider.focus()
    for _ in range(40):  # half a degree each
        page.keyboard.press("ArrowRight")
    page.wait_for_function(_MOVED, arg=toe_in, timeout=_LONG_MS)
    page.get_by_text("Toe-out 10°").first.wait_for(timeout=_LONG_MS)
    page.wait_for_timeout(500)
    assert drawn(browser_page) != before
    assert [error for error in browser_page.errors if not any(known in error for known in _KNOWN_ERRORS)] == []
    assert browser_page.outside_requests == []


def drawn(browser_page: BrowserPage) -> bytes:
    """The first chart as it is on the screen."""
    picture: bytes = browser_page.page.locator(".bk-Canvas").first.screenshot()
    return picture
