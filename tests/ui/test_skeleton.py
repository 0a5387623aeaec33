"""The body view in a real browser: it draws, follows the frame, and asks nobody for anything."""

from __future__ import annotations

import io
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pytest
from PIL import Image

from workbench.core.settings import GaitModification
from workbench.dashboard.skeleton import Skeleton, force_limit_bw
from workbench.scene.bodies import BodyMotion, Scene
from workbench.scene.walk_scene import walk_motion, walk_scene
from workbench.simulation.walk import Walk
from workbench.trials import open_trial

from .conftest import BrowserPage

LOADS_BW = np.column_stack([np.linspace(0.0, 3.0, 101), np.linspace(1.0, 0.0, 101)])
BODY_WEIGHT_N = 860.0


@dataclass(frozen=True)
class Content:
    scene: Scene
    recorded: BodyMotion
    modified: BodyMotion


@pytest.fixture(scope="module")
def content() -> Content:
    walk = Walk(open_trial("reference"))
    stride = walk.strides("right")[0]
    return Content(
        walk_scene(walk),
        walk_motion(walk, stride, GaitModification()),
        walk_motion(walk, stride, GaitModification(foot_progression_change_deg=15.0)),
    )


@dataclass
class App:
    """Makes a body view for each session and keeps them."""

    content: Content
    parameters: dict[str, Any]
    made: list[Skeleton] = field(default_factory=list)

    def __call__(self) -> Skeleton:
        skeleton = Skeleton(height=500, sizing_mode="stretch_width", **self.parameters)
        skeleton.set_scene(self.content.scene)
        skeleton.set_recorded(self.content.recorded, LOADS_BW, side="right", body_weight_N=BODY_WEIGHT_N)
        self.made.append(skeleton)
        return skeleton


Opener = Callable[..., Skeleton]


@pytest.fixture
def open_view(content: Content, serve: Callable[[Callable[[], Any]], str]) -> Opener:
    """Open a body view in a page and wait until it has drawn; return the Python side of it."""

    def open_in(browser_page: BrowserPage, **parameters: Any) -> Skeleton:
        app = App(content, parameters)
        browser_page.page.goto(serve(app))
        browser_page.page.locator("canvas").wait_for()
        settle(browser_page)
        return app.made[-1]

    return open_in


def settle(browser_page: BrowserPage, milliseconds: int = 700) -> None:
    browser_page.page.wait_for_timeout(milliseconds)


def picture(browser_page: BrowserPage) -> np.ndarray[Any, Any]:
    """The stage as it is on the screen, (height, width, 3)."""
    shot = browser_page.page.locator(".stage").first.screenshot()
    return np.asarray(Image.open(io.BytesIO(shot)).convert("RGB"), dtype=float)


def coloured(image: np.ndarray[Any, Any], channel: int) -> int:
    """How many pixels are clearly red (0) or blue (2)."""
    others = np.delete(image, channel, axis=2).max(axis=2)
    return int((image[..., channel] - others > 30.0).sum())


def changed(before: np.ndarray[Any, Any], after: np.ndarray[Any, Any]) -> int:
    return int((np.abs(after - before).max(axis=2) > 20.0).sum())


def wait_for(condition: Callable[[], bool], browser_page: BrowserPage, seconds: float = 5.0) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        settle(browser_page, 50)


@pytest.mark.parametrize("dark", [False, True])
def test_it_draws_both_legs_and_asks_nobody(browser_page: BrowserPage, open_view: Opener, dark: bool) -> None:
    open_view(browser_page, dark=dark, frame=12.0)
    image = picture(browser_page)
    assert bool(image.mean() < 60.0) is dark
    assert coloured(image, 0) > 1000
    assert coloured(image, 2) > 1000
    browser_page.assert_quiet()


def test_python_moves_the_frame(browser_page: BrowserPage, open_view: Opener) -> None:
    skeleton = open_view(browser_page)
    before = picture(browser_page)
    skeleton.frame = 50.0
    settle(browser_page)
    assert changed(before, picture(browser_page)) > 3000
    assert "50 %" in browser_page.page.locator("output").inner_text()
    browser_page.assert_quiet()


def test_a_modified_walk_is_drawn_over_the_recorded_one(
    browser_page: BrowserPage, open_view: Opener, content: Content
) -> None:
    skeleton = open_view(browser_page, view="front", frame=20.0)
    alone = picture(browser_page)
    skeleton.set_modified(content.modified, 0.5 * LOADS_BW)
    settle(browser_page)
    both = picture(browser_page)
    assert changed(alone, both) > 1000
    loads = browser_page.page.locator(".loads").inner_text()
    assert loads.split() == ["lateral", "0.40", "BW", "natural", "0.80", "medial", "0.30", "BW", "natural", "0.60"]
    skeleton.recorded_visible = False
    settle(browser_page)
    assert changed(both, picture(browser_page)) > 300
    skeleton.recorded_visible = True
    skeleton.set_modified(None, None)
    settle(browser_page)
    assert changed(alone, picture(browser_page)) < 50
    browser_page.assert_quiet()


def test_the_slider_moves_the_picture_and_tells_python(browser_page: BrowserPage, open_view: Opener) -> None:
    skeleton = open_view(browser_page)
    before = picture(browser_page)
    browser_page.page.locator("input[type=range]").fill("40")
    wait_for(lambda: skeleton.frame == 40.0, browser_page)
    assert changed(before, picture(browser_page)) > 3000
    browser_page.assert_quiet()


def test_playing_runs_in_the_browser_and_pauses(browser_page: BrowserPage, open_view: Opener) -> None:
    skeleton = open_view(browser_page, speed=1.0)
    browser_page.page.get_by_role("button", name="Play").click()
    wait_for(lambda: skeleton.playing and skeleton.frame > 5.0, browser_page)
    browser_page.page.get_by_role("button", name="Pause").click()
    wait_for(lambda: not skeleton.playing, browser_page)
    settle(browser_page, 300)
    rest = skeleton.frame
    before = picture(browser_page)
    settle(browser_page, 300)
    assert skeleton.frame == rest
    assert changed(before, picture(browser_page)) == 0
    browser_page.assert_quiet()


def test_the_keyboard_alone_is_enough(browser_page: BrowserPage, open_view: Opener) -> None:
    skeleton = open_view(browser_page)
    canvas = browser_page.page.locator("canvas")
    assert "Arrow keys" in canvas.get_attribute("aria-label")
    canvas.focus()
    seen = [picture(browser_page)]
    for key in ("ArrowLeft", "ArrowUp", "+", ".", "2", "4", "5"):
        canvas.press(key)
        settle(browser_page, 500)
        seen.append(picture(browser_page))
        assert changed(seen[-2], seen[-1]) > 300, key
    wait_for(lambda: skeleton.view == "knee" and skeleton.frame == 1.0, browser_page)
    canvas.press(" ")
    wait_for(lambda: skeleton.playing, browser_page)
    browser_page.assert_quiet()


def test_mouse_turns_and_wheel_zooms(browser_page: BrowserPage, open_view: Opener) -> None:
    open_view(browser_page)
    mouse = browser_page.page.mouse
    before = picture(browser_page)
    mouse.move(400, 250)
    mouse.down()
    mouse.move(520, 260, steps=4)
    mouse.up()
    settle(browser_page, 300)
    turned = picture(browser_page)
    assert changed(before, turned) > 3000
    mouse.wheel(0, -400)
    settle(browser_page, 300)
    assert changed(turned, picture(browser_page)) > 3000
    browser_page.assert_quiet()


def test_it_comes_back_after_the_graphics_context_was_lost(browser_page: BrowserPage, open_view: Opener) -> None:
    open_view(browser_page)
    before = picture(browser_page)
    browser_page.page.locator("canvas").evaluate(
        """canvas => {
            const loss = canvas.getContext("webgl2").getExtension("WEBGL_lose_context");
            loss.loseContext();
            setTimeout(() => loss.restoreContext(), 100);
        }"""
    )
    settle(browser_page)
    assert changed(before, picture(browser_page)) < 50
    browser_page.assert_quiet()


def test_it_follows_the_size_of_the_page(browser_page: BrowserPage, open_view: Opener) -> None:
    open_view(browser_page)
    browser_page.page.set_viewport_size({"width": 600, "height": 700})
    settle(browser_page)
    image = picture(browser_page)
    assert image.shape[1] < 610
    assert coloured(image, 2) > 800
    browser_page.assert_quiet()


def test_without_webgl_2_it_says_so(
    browser_page: BrowserPage, content: Content, serve: Callable[[Callable[[], Any]], str]
) -> None:
    browser_page.page.add_init_script(
        """const original = HTMLCanvasElement.prototype.getContext;
        HTMLCanvasElement.prototype.getContext = function (kind, ...rest) {
            return kind === "webgl2" ? null : original.call(this, kind, ...rest);
        };"""
    )
    browser_page.page.goto(serve(App(content, {})))
    message = browser_page.page.get_by_role("status").filter(has_text="WebGL 2")
    message.wait_for()
    assert "The curves and the footprints show the same walk" in message.inner_text()
    browser_page.assert_quiet()


def test_one_view_in_two_pages_stays_in_step(
    new_browser_page: Callable[[], BrowserPage], content: Content, serve: Callable[[Callable[[], Any]], str]
) -> None:
    skeleton = App(content, {})()
    address = serve(lambda: skeleton)
    pages = [new_browser_page() for _ in range(2)]
    for one in pages:
        one.page.goto(address)
        one.page.locator("canvas").wait_for()
        settle(one)
    before = picture(pages[1])
    pages[0].page.locator("input[type=range]").fill("60")
    wait_for(lambda: skeleton.frame == 60.0, pages[0])
    settle(pages[1])
    assert changed(before, picture(pages[1])) > 3000
    for one in pages:
        one.assert_quiet()


def test_the_scale_leaves_headroom_over_the_recorded_loads() -> None:
    assert force_limit_bw(LOADS_BW) == 4.0
    assert force_limit_bw(np.array([[0.01, np.nan]])) == 0.5
