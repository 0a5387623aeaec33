"""A real browser for the tests that need one."""

from __future__ import annotations

import contextlib
import importlib.util
import os
import re
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import panel as pn
import pytest

_BROWSERS = ("chromium", "chromium-browser", "google-chrome")
_ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--use-gl=angle",
    "--use-angle=swiftshader",
    "--enable-unsafe-swiftshader",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
_HERE = {"localhost", "127.0.0.1"}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark everything that asks for a browser."""
    for item in items:
        if "browser" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.ui)


@dataclass
class BrowserPage:
    """A page of a headless browser, and what it complained of and asked for elsewhere."""

    page: Any  #: playwright.sync_api.Page
    errors: list[str] = field(default_factory=list)  #: console errors and uncaught exceptions
    outside_requests: list[str] = field(default_factory=list)  #: addresses that are not on this machine

    def assert_quiet(self) -> None:
        """Nothing went wrong, and nothing was asked of anybody else's server."""
        assert self.errors == []
        assert self.outside_requests == []


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """A headless Chromium, named by WORKBENCH_TEST_BROWSER or found on the path."""
    program = os.environ.get("WORKBENCH_TEST_BROWSER") or next(filter(None, map(shutil.which, _BROWSERS)), None)
    if program is None:
        pytest.skip("there is no Chromium on the path and none in WORKBENCH_TEST_BROWSER")
    if importlib.util.find_spec("playwright") is None:
        pytest.skip("the Python package playwright is not installed")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as driver:
        chromium = driver.chromium.launch(executable_path=program, args=list(_ARGUMENTS))
        yield chromium
        chromium.close()


@pytest.fixture
def new_browser_page(browser: Any) -> Iterator[Callable[[], BrowserPage]]:
    """Make pages, for a test that needs several."""
    opened: list[BrowserPage] = []

    def new_page() -> BrowserPage:
        recorder = BrowserPage(browser.new_page(viewport={"width": 1000, "height": 700}))
        page = recorder.page
        page.set_default_timeout(10_000)
        page.on("console", lambda message: message.type == "error" and recorder.errors.append(message.text))
        page.on("pageerror", lambda error: recorder.errors.append(str(error)))
        page.on("request", lambda request: _note_outside(request.url, recorder.outside_requests))
        opened.append(recorder)
        return recorder

    yield new_page
    for recorder in opened:
        recorder.page.close()


@pytest.fixture
def browser_page(new_browser_page: Callable[[], BrowserPage]) -> BrowserPage:
    """One page that records console errors and every request that leaves this machine."""
    return new_browser_page()


@pytest.fixture
def serve() -> Iterator[Callable[[Callable[[], Any]], str]]:
    """Serve a function that makes a page, in a thread; return its address."""
    servers: list[Any] = []

    def start(make: Callable[[], Any]) -> str:
        with socket.socket() as probe:
            probe.bind(("localhost", 0))
            port = probe.getsockname()[1]
        # A function: anything else that can be called would be shown itself.
        servers.append(pn.serve(lambda: make(), port=port, threaded=True, show=False, verbose=False))
        for _ in range(100):
            with contextlib.suppress(OSError), socket.create_connection(("localhost", port), timeout=1.0):
                return f"http://localhost:{port}/"
            time.sleep(0.05)
        raise TimeoutError("the server does not answer")

    yield start
    for server in servers:
        server.stop()


@contextlib.contextmanager
def workbench_server(**environment: str) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    """A server as ``workbench serve`` starts it: its address and its process."""
    process = subprocess.Popen(
        [sys.executable, "-m", "workbench", "serve", "--port", "0", "--no-show"],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        env={**os.environ, **environment},
    )
    assert process.stdout is not None
    with process.stdout:
        found = re.search(r"http://\S+", process.stdout.readline())
        assert found is not None
        yield found[0], process
        process.terminate()
        process.wait()


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory, browser: Any) -> Iterator[str]:
    """Address of a server with a cache of its own."""
    with workbench_server(WORKBENCH_CACHE=str(tmp_path_factory.mktemp("cache"))) as (address, _):
        yield address


@pytest.fixture
def opened(new_browser_page: Callable[[], BrowserPage], address: str) -> Callable[..., BrowserPage]:
    """Open the page and wait for the recorded walk."""

    def open_page(query: str = "") -> BrowserPage:
        shown = new_browser_page()
        shown.page.set_viewport_size({"width": 1366, "height": 768})
        shown.page.set_default_timeout(30_000)
        shown.page.goto(address + query)
        shown.page.locator("p[role=status]").filter(has_not_text="Solving").wait_for()
        return shown

    return open_page


def _note_outside(url: str, outside: list[str]) -> None:
    parts = urlsplit(url)
    if parts.scheme not in ("data", "blob") and parts.hostname not in _HERE:
        outside.append(url)
