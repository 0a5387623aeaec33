"""The pictures of the README: every view of the page on the built-in walk, toes turned in by 10 degrees.

python -m tests.ui.take_screenshots
"""

from __future__ import annotations

from io import BytesIO
from pathlib import Path
from typing import Any

from PIL import Image

from tests.benchmarks.bench_slider import chromium_program, served

FOLDER = Path(__file__).resolve().parent / "screenshots"
_SIZE = {"width": 1400, "height": 920}


def take(page: Any, name: str) -> None:
    """Write what is on the page, in few enough colours to be a small file."""
    page.mouse.move(0, _SIZE["height"] - 1)
    page.wait_for_timeout(1500)  # fading colours, and the body behind the curves
    picture = Image.open(BytesIO(page.screenshot()))
    picture.convert("RGB").quantize(256, method=Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE).save(
        FOLDER / f"{name}.png", optimize=True
    )


def main() -> None:
    """Go through the views as a person would."""
    from playwright.sync_api import sync_playwright

    FOLDER.mkdir(exist_ok=True)
    with served() as (address, _), sync_playwright() as driver:
        chromium = driver.chromium.launch(
            executable_path=chromium_program(), args=["--no-sandbox", "--enable-unsafe-swiftshader"]
        )
        page = chromium.new_page(viewport=_SIZE)
        page.set_default_timeout(120_000)
        page.goto(address)
        page.get_by_text("Instant answers ready").wait_for()
        page.get_by_role("button", name="10° in").click()
        page.get_by_text("modified 11.0° toe-in").first.wait_for()
        medial = page.locator(".bk-Canvas:visible").first.bounding_box()
        page.mouse.click(medial["x"] + 0.33 * medial["width"], medial["y"] + 0.4 * medial["height"])
        take(page, "explore")
        page.get_by_role("tab", name="Map").click()
        page.get_by_role("heading", name="Changes of the protocol").wait_for()
        take(page, "map")
        page.get_by_role("tab", name="Compare").click()
        keep = page.get_by_role("button", name="Keep this walk")
        page.get_by_role("button", name="Reset").click()
        page.wait_for_url(lambda url: "toe=" not in url)
        keep.click()
        page.get_by_text("stride 1: as recorded").wait_for()
        page.get_by_role("button", name="10° in").click()
        page.wait_for_url(lambda url: "toe=-10" in url)
        keep.click()
        page.get_by_text("toe-in 10° (simulated)").wait_for()
        take(page, "compare")
        page.get_by_role("tab", name="Data").click()
        page.get_by_role("heading", name="Findings about the recording").wait_for()
        take(page, "data")
        page.get_by_role("tab", name="Save").click()
        page.get_by_role("button", name="Save JSON").wait_for()
        take(page, "save")
        page.get_by_role("tab", name="About the numbers").click()
        page.get_by_role("heading", name="The modified gait").wait_for()
        take(page, "about")
        page.get_by_role("tab", name="Explore").click()
        page.get_by_role("button", name="Toggle theme").click()
        take(page, "explore_dark")
        chromium.close()


if __name__ == "__main__":
    main()
