"""The whole page in a real browser, used as a person would use it, on the server that ``workbench serve`` starts."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from .conftest import BrowserPage

pytestmark = pytest.mark.slow
_READY_MS = 120_000  # until the instant answers are prepared, on a slow and busy machine


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory, browser: Any) -> Iterator[str]:
    """Address of a server with a cache of its own."""
    import os

    folder = tmp_path_factory.mktemp("cache")
    process = subprocess.Popen(
        [sys.executable, "-m", "workbench", "serve", "--port", "0", "--no-show"],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        env={**os.environ, "WORKBENCH_CACHE": str(folder)},
    )
    assert process.stdout is not None
    found = re.search(r"http://\S+", process.stdout.readline())
    assert found is not None
    yield found[0]
    process.terminate()
    process.wait()
    process.stdout.close()


@pytest.fixture
def opened(new_browser_page: Callable[[], BrowserPage], address: str) -> Callable[..., BrowserPage]:
    """Open the page and wait for the recorded walk."""

    def open_page(query: str = "") -> BrowserPage:
        shown = new_browser_page()
        shown.page.set_viewport_size({"width": 1366, "height": 768})
        shown.page.set_default_timeout(30_000)
        shown.page.goto(address + query)
        shown.page.locator("p[role=status]").filter(has_not_text="Computing").wait_for()
        return shown

    return open_page


def sentence(page: Any) -> str:
    return str(page.locator("p[role=status]").inner_text())


def wait_for_sentence(page: Any, text: str) -> None:
    page.locator("p[role=status]").filter(has_text=text).wait_for()


def test_explore_tells_what_ten_degrees_of_toe_in_do(opened: Callable[..., BrowserPage]) -> None:
    shown = opened()
    page = shown.page
    assert "not treatment advice" in page.get_by_text("Simulated, not measured").first.inner_text()
    page.get_by_role("button", name="10° in").click()
    wait_for_sentence(page, "Toes in 10°: first KAM peak −")
    assert page.get_by_role("columnheader", name="Modified").is_visible()
    page.get_by_role("button", name="Reset").click()
    wait_for_sentence(page, "as it was recorded")
    shown.assert_quiet()


def test_an_address_that_cannot_be_leaves_the_page_working(opened: Callable[..., BrowserPage]) -> None:
    shown = opened("?toe=sideways&stride=99")
    page = shown.page
    page.get_by_text("The address holds what cannot be set: stride, toe.").wait_for()
    page.get_by_role("button", name="5° out").click()
    wait_for_sentence(page, "Toes out 5°")
    shown.assert_quiet()


def test_two_visitors_do_not_see_each_other(opened: Callable[..., BrowserPage]) -> None:
    one, other = opened(), opened()
    one.page.get_by_role("button", name="10° out").click()
    wait_for_sentence(one.page, "Toes out 10°")
    other.page.get_by_role("button", name="5° in").click()
    wait_for_sentence(other.page, "Toes in 5°")
    assert sentence(one.page).startswith("Toes out 10°")
    for shown in (one, other):
        shown.assert_quiet()
