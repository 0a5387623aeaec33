"""How long the page takes from a key on the slider to both contact-force figures painted, and to settle after a drag.

Run on a quiet machine: python -m tests.benchmarks.bench_slider
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

from workbench.core.changes import Changes

PRESSES = 40
MEDIAN_MS, NINETY_MS = 80.0, 150.0
DRAG_MOVES, SETTLED_S = 60, 0.3
ANSWERS_S, PAINTED_S = 2.0, 4.0

# When each canvas was last drawn on: every stroke of a line ends in one of these calls.
WATCH = """
() => {
  const stroke = CanvasRenderingContext2D.prototype.stroke;
  window.painted = new Map();
  CanvasRenderingContext2D.prototype.stroke = function (...rest) {
    window.painted.set(this.canvas, performance.now());
    return stroke.apply(this, rest);
  };
}
"""
# The canvases of the four curves; the first two show the contact forces.
FIND_CURVES = """
() => {
  const figures = [];
  const walk = (view) => {
    if (view.model.type === "Figure") figures.push(view);
    for (const child of view.child_views ?? []) walk(child);
  };
  Object.values(Bokeh.index).forEach(walk);
  const titles = ["Medial contact force", "Lateral contact force", "Knee adduction moment", "Knee flexion moment"];
  window.curves = titles.map((title) => {
    const found = figures.find((view) => view.model.title?.text.startsWith(title));
    return found.canvas_view.primary.canvas;
  });
}
"""
PRESS = """
async (key) => {
  const slider = window.slider, before = performance.now();
  window.painted.clear();
  slider.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true, composed: true }));
  while (performance.now() - before < 3000) {
    await new Promise((done) => requestAnimationFrame(done));
    const times = window.curves.slice(0, 2).map((canvas) => window.painted.get(canvas));
    if (times.every((time) => time !== undefined)) return Math.max(...times) - before;
  }
  return null;
}
"""


@contextmanager
def served() -> Iterator[tuple[str, float]]:
    """Run ``workbench serve``; the address, and how long the server took to answer."""
    import urllib.request

    began = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, "-m", "workbench", "serve", "--port", "0", "--no-show"], stdout=subprocess.PIPE, text=True
    )
    try:
        assert process.stdout is not None
        address = re.search(r"http://\S+", process.stdout.readline())
        assert address is not None
        with urllib.request.urlopen(address[0] + "favicon.ico"):
            answered = time.perf_counter() - began
        yield address[0], answered
    finally:
        process.terminate()
        process.wait()


def chromium_program() -> str | None:
    """The browser of the browser tests."""
    return os.environ.get("WORKBENCH_TEST_BROWSER") or shutil.which("chromium") or shutil.which("google-chrome")


def find_slider(page: Any) -> Any:
    """The slider of the foot angle, kept as ``window.slider``."""
    slider = page.get_by_role("slider", name="toe-in / toe-out")
    slider.wait_for()
    slider.evaluate("(element) => { window.slider = element; }")
    return slider


def key_presses(page: Any) -> list[float]:
    """Milliseconds from each key to both figures painted, one press at a time."""
    found = []
    for press in range(PRESSES):
        times = page.evaluate(PRESS, "ArrowLeft" if press % 20 < 10 else "ArrowRight")
        assert times is not None, "nothing was painted within three seconds"
        found.append(times)
        page.wait_for_timeout(250)  # body and footprints follow the curves
    return found


def drag(page: Any, slider: Any) -> tuple[float, float, str]:
    """Seconds from release to the last stroke of a 60-moves-a-second drag, the value in the end, and what is said."""
    box = slider.locator("xpath=../..").bounding_box() or slider.bounding_box()
    middle = box["y"] + box["height"] / 2
    start, end = box["x"] + 0.5 * box["width"], box["x"] + 0.3 * box["width"]
    page.mouse.move(start, middle)
    page.mouse.down()
    for move in range(DRAG_MOVES):
        page.mouse.move(start + (end - start) * (move + 1) / DRAG_MOVES, middle)
        page.wait_for_timeout(1000 / 60)
    released = page.evaluate("() => performance.now()")
    page.mouse.up()
    # The curves only: the body is drawn with WebGL.
    last = released
    quiet_since = time.perf_counter()
    while time.perf_counter() - quiet_since < 1.0:
        newest = page.evaluate("() => Math.max(0, ...window.curves.map((canvas) => window.painted.get(canvas) ?? 0))")
        if newest > last:
            last, quiet_since = newest, time.perf_counter()
        page.wait_for_timeout(20)
    value = float(slider.get_attribute("aria-valuenow") or "nan")
    return (last - released) / 1000.0, value, page.locator("p[role=status]").inner_text()


def main() -> int:
    """Measure, print, and say whether the limits are kept."""
    from playwright.sync_api import sync_playwright

    with served() as (address, answered_s), sync_playwright() as driver:
        chromium = driver.chromium.launch(
            executable_path=chromium_program(), args=["--no-sandbox", "--enable-unsafe-swiftshader"]
        )
        page = chromium.new_page(viewport={"width": 1366, "height": 768})
        page.add_init_script(f"({WATCH})()")
        began = time.perf_counter()
        page.goto(address, wait_until="commit")
        page.locator("p[role=status]").filter(has_text="as it was recorded").wait_for(timeout=60_000)
        painted_s = time.perf_counter() - began
        page.evaluate(FIND_CURVES)
        assert page.evaluate("() => window.curves.every((canvas) => window.painted.has(canvas))"), "no curves yet"
        page.get_by_text("Instant answers ready").wait_for(timeout=120_000)
        prepared_s = time.perf_counter() - began
        page.wait_for_timeout(3000)  # the motions of the body are prepared, too
        slider = find_slider(page)
        slider.focus()
        page.keyboard.press("ArrowLeft")
        page.wait_for_timeout(1000)
        milliseconds = key_presses(page)
        settled_s, value, said = drag(page, slider)
        chromium.close()
    median, ninety = (float(np.percentile(milliseconds, share)) for share in (50, 90))
    found = {
        "server_answers_s": round(answered_s, 2),
        "first_curves_s": round(painted_s, 2),
        "instant_answers_ready_s": round(prepared_s, 1),
        "key_to_painted_median_ms": round(median, 1),
        "key_to_painted_90th_percentile_ms": round(ninety, 1),
        "drag_settles_s": round(settled_s, 2),
        "drag_ends_at": value,
        "drag_says": said,
    }
    print(json.dumps(found, indent=1))
    kept = (
        median <= MEDIAN_MS
        and ninety <= NINETY_MS
        and settled_s <= SETTLED_S
        and said.startswith(str(Changes(foot_progression_change_deg=value)).capitalize() + ":")
        and answered_s <= ANSWERS_S
        and painted_s <= PAINTED_S
    )
    print("within the limits" if kept else "NOT within the limits")
    return 0 if kept else 1


if __name__ == "__main__":
    raise SystemExit(main())
