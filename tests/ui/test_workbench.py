"""The whole page in a real browser, used as a person would use it, on the server that ``workbench serve`` starts."""

from __future__ import annotations

import json
import re
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.synthetic import synthetic_walk
from workbench.core.answer_grid import AnswerGrid, answer_grid
from workbench.core.changes import Changes
from workbench.core.settings import GaitModification, LoadSettings, Processing
from workbench.core.types import Trial
from workbench.report.words import READINGS, reading_in_words
from workbench.workers.preparation import prepared_leg

from .conftest import BrowserPage

pytestmark = pytest.mark.slow
_READY_MS = 120_000  # until the instant answers are prepared, on a slow and busy machine


def sentence(page: Any) -> str:
    return str(page.locator("p[role=status]").inner_text())


def wait_for_sentence(page: Any, text: str) -> None:
    page.locator("p[role=status]").filter(has_text=text).wait_for()


def open_assumptions(page: Any) -> None:
    """Open the drawer of the assumptions."""
    page.get_by_role("button", name="Open drawer").click()
    page.mouse.move(700, 400)  # away from the button's tooltip
    page.get_by_role("checkbox", name="Include passive muscle force").wait_for()


def look_at(page: Any, view: str) -> None:
    page.get_by_role("tab", name=view).click()


def test_explore_tells_what_ten_degrees_of_toe_in_do(opened: Callable[..., BrowserPage]) -> None:
    shown = opened()
    page = shown.page
    assert "not treatment advice" in page.get_by_text("Simulated, not measured").first.inner_text()
    page.get_by_role("button", name="10° in").click()
    wait_for_sentence(page, "Toe-in 10°: KAM peaks")
    assert page.get_by_role("columnheader", name="Modified gait").is_visible()
    page.get_by_role("button", name="Reset").click()
    wait_for_sentence(page, "Natural gait, as recorded")
    shown.assert_quiet()


def test_the_page_is_used_with_the_keyboard_alone(opened: Callable[..., BrowserPage]) -> None:
    shown = opened()
    page = shown.page
    for _ in range(40):  # to the slider, as a person would
        page.keyboard.press("Tab")
        if page.evaluate(_FOCUSED) == "toe-in / toe-out":
            break
    else:
        raise AssertionError("the slider cannot be reached with the tabulator key")
    for _ in range(6):
        page.keyboard.press("ArrowRight")
    wait_for_sentence(page, "Toe-out 3°")
    page.keyboard.press("Tab")
    page.keyboard.press("ArrowRight")
    wait_for_sentence(page, "Toe-out 3° and 0.5 cm wider steps")
    page.get_by_role("tab", name="Explore").focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    page.get_by_label("Outcome").first.wait_for()
    shown.assert_quiet()


#: Label of the focused element, through all shadow roots.
_FOCUSED = """
() => {
  let element = document.activeElement;
  while (element?.shadowRoot?.activeElement) element = element.shadowRoot.activeElement;
  return element?.getAttribute("aria-label");
}
"""


#: The answers that all parts of the page follow.
_ANSWERS = "[...kneeLoadAnswers.values()][0]"
#: Move the first slider by a number of steps, each after the one before is painted, and hold it.
_DRAG = """
async (steps) => {
  const found = (root) => {
    for (const one of root.querySelectorAll("*")) {
      if (one.matches('input[aria-label^="toe-in"]')) return one;
      const inside = one.shadowRoot && found(one.shadowRoot);
      if (inside) return inside;
    }
  };
  const slider = found(document);
  slider.dispatchEvent(new PointerEvent("pointerdown"));
  for (let k = 0; k < steps; k++) {
    slider.value = Number(slider.value) - 0.5;
    slider.dispatchEvent(new Event("input"));
    await new Promise(requestAnimationFrame);
  }
  await new Promise(requestAnimationFrame);
  return Number(slider.value);
}
"""


def test_the_browser_answers_by_itself_while_a_slider_is_dragged(
    opened: Callable[..., BrowserPage], surface_of_the_page: AnswerGrid
) -> None:
    shown = opened()
    page = shown.page
    page.get_by_text("Instant answers ready").wait_for(timeout=_READY_MS)
    page.get_by_text("Right foot 1.1° toe-in. Step width").wait_for()
    page.wait_for_timeout(1000)
    page.evaluate(
        "() => { globalThis.sent = 0; const send = WebSocket.prototype.send;"
        " WebSocket.prototype.send = function (...all) { sent += 1; return send.apply(this, all); }; }"
    )
    assert page.evaluate(_DRAG, 15) == -7.5
    assert page.evaluate("() => sent") == 0
    peaks = page.evaluate(f"() => {_ANSWERS}.shown.peaks")
    expected = surface_of_the_page.peaks_at(Changes(foot_progression_change_deg=-7.5))
    assert peaks == pytest.approx(expected, abs=1e-6, rel=1e-6)
    # Words and numbers are those that Python would give.
    natural = page.evaluate(f"() => {_ANSWERS}.leg.peaks")
    changes = {name: peaks[name] - natural[name] for name in peaks}
    for reading in READINGS[:2]:
        assert reading_in_words(reading, changes.__getitem__) in sentence(page)
    page.get_by_text(re.compile(r"Right foot 1.1° toe-in, modified 8.[56]° toe-in.")).wait_for()
    page.evaluate("() => document.activeElement.blur()")
    shown.assert_quiet()


@pytest.fixture(scope="module")
def surface_of_the_page(reference: Trial) -> AnswerGrid:
    """What the page's own workers table for the leg that it opens with."""
    with prepared_leg(reference, Processing(), GaitModification(), side=None, stride=None, progress=None) as (leg, _):
        return answer_grid(leg.surface, LoadSettings())


def test_the_body_walks_and_the_footprints_turn(opened: Callable[..., BrowserPage]) -> None:
    shown = opened()
    page = shown.page
    page.get_by_text("Right foot 1.1° toe-in. Step width").wait_for()
    page.get_by_role("button", name="10° in").click()
    page.get_by_text("Right foot 1.1° toe-in, modified 11.0° toe-in.").wait_for()
    page.get_by_role("button", name="Play").click()
    page.get_by_text(re.compile(r"^[1-9]\d? % of the stride$")).wait_for()
    page.get_by_role("button", name="Pause").click()
    shown.assert_quiet()


def test_an_assumption_is_unfolded_and_changed(opened: Callable[..., BrowserPage]) -> None:
    shown = opened()
    page = shown.page
    peak = page.get_by_role("row", name="Medial force, second peak").get_by_role("cell").first
    before = peak.inner_text()
    open_assumptions(page)
    page.get_by_role("checkbox", name="Include passive muscle force").check()
    changed = page.get_by_role("row", name="Medial force, second peak").filter(has_not_text=before)
    changed.wait_for()
    shown.assert_quiet()


def test_an_address_holds_the_state(opened: Callable[..., BrowserPage]) -> None:
    shown = opened("?toe=-5&wider=3&side=left")
    page = shown.page
    wait_for_sentence(page, "Toe-in 5° and 3 cm wider steps")
    assert page.get_by_text("simulated, modified gait (left leg)").is_visible()
    page.get_by_role("button", name="Reset").click()
    page.wait_for_url(lambda url: "toe=" not in url)
    assert "side=left" in page.url
    shown.assert_quiet()


def test_an_address_that_cannot_be_leaves_the_page_working(opened: Callable[..., BrowserPage]) -> None:
    shown = opened("?toe=sideways&stride=99")
    page = shown.page
    page.get_by_text("Some values in the link were ignored: stride, toe.").wait_for()
    page.get_by_role("button", name="5° out").click()
    wait_for_sentence(page, "Toe-out 5°")
    shown.assert_quiet()


def test_two_visitors_do_not_see_each_other(opened: Callable[..., BrowserPage]) -> None:
    one, other = opened(), opened()
    one.page.get_by_role("button", name="10° out").click()
    wait_for_sentence(one.page, "Toe-out 10°")
    other.page.get_by_role("button", name="5° in").click()
    wait_for_sentence(other.page, "Toe-in 5°")
    assert sentence(one.page).startswith("Toe-out 10°")
    for shown in (one, other):
        shown.assert_quiet()


def test_a_tap_on_the_map_sets_the_sliders(opened: Callable[..., BrowserPage]) -> None:
    shown = opened()
    page = shown.page
    look_at(page, "Map")
    page.get_by_text("Instant answers ready").wait_for(timeout=_READY_MS)
    page.get_by_role("heading", name="Changes of the protocol").wait_for(timeout=_READY_MS)
    assert page.get_by_role("rowheader", name="toe-in 10°").count() >= 1
    box = page.locator(".bk-Canvas:visible").first.bounding_box()
    page.mouse.click(box["x"] + 0.3 * box["width"], box["y"] + 0.25 * box["height"])
    look_at(page, "Explore")
    wait_for_sentence(page, "wider steps: KAM peaks")
    shown.assert_quiet()


def test_two_walks_are_compared(opened: Callable[..., BrowserPage]) -> None:
    shown = opened()
    page = shown.page
    look_at(page, "Compare")
    keep = page.get_by_role("button", name="Keep this walk")
    keep.click()
    page.get_by_text("stride 1: as recorded").wait_for()
    page.get_by_role("button", name="10° in").click()
    page.wait_for_url(lambda url: "toe=-10" in url)
    keep.click()
    page.get_by_text("toe-in 10° (simulated)").wait_for()
    page.get_by_role("heading", name="Root-mean-square difference").wait_for()
    page.get_by_text("Kinney et al. 2013").first.wait_for()
    shown.assert_quiet()


def test_a_trial_is_dropped_and_a_damaged_one_refused(opened: Callable[..., BrowserPage], tmp_path: Path) -> None:
    shown = opened()
    page = shown.page
    look_at(page, "Data")
    page.get_by_role("heading", name="Findings about the recording").wait_for()
    damaged = tmp_path / "damaged.zip"
    with zipfile.ZipFile(damaged, "w") as archive:
        archive.writestr("trial.toml", "this is not toml")
    page.locator("input[type=file]").set_input_files(damaged)
    page.get_by_role("alert").filter(has_text="trial.toml").wait_for()
    # The walk shown before is still there and still answers.
    look_at(page, "Explore")
    page.get_by_role("button", name="5° in").click()
    wait_for_sentence(page, "Toe-in 5°")

    look_at(page, "Data")
    written = synthetic_walk().write(tmp_path / "walk").parent
    good = tmp_path / "good.zip"
    with zipfile.ZipFile(good, "w") as archive:
        for file in written.iterdir():
            archive.write(file, f"walk/{file.name}")
    page.locator("input[type=file]").set_input_files(good)
    page.get_by_role("alert").filter(has_text="is open").wait_for()
    page.get_by_role("rowheader", name="Person").wait_for()
    assert page.get_by_text("70 kg, 1.75 m").is_visible()
    shown.assert_quiet()


@pytest.mark.parametrize(("label", "kind"), [("CSV", "csv"), ("Excel", "xlsx"), ("JSON", "json"), ("SVG", "svg")])
def test_numbers_and_figures_are_saved(opened: Callable[..., BrowserPage], label: str, kind: str) -> None:
    shown = opened("?toe=-10")
    page = shown.page
    wait_for_sentence(page, "Toe-in 10°")
    look_at(page, "Save")
    with page.expect_download() as waiting:
        page.get_by_role("button", name=f"Save {label}").click()
    assert waiting.value.suggested_filename == f"reference-walk-right-toe-in-10.{kind}"
    content = Path(waiting.value.path()).read_bytes()
    assert len(content) > 2000
    if kind == "json":
        document = json.loads(content)
        assert document["schema"] == "workbench.simulation/1"
        assert document["modification"]["foot_progression_change_deg"] == -10.0
    shown.assert_quiet()


def test_the_saved_page_has_live_sliders_without_a_server(
    opened: Callable[..., BrowserPage], new_browser_page: Callable[[], BrowserPage], tmp_path: Path
) -> None:
    page = opened().page
    look_at(page, "Save")
    page.get_by_text("Instant answers ready").wait_for(timeout=_READY_MS)
    with page.expect_download() as waiting:
        page.get_by_role("button", name="Save Page").click()
    file = tmp_path / "page.html"
    waiting.value.save_as(file)

    saved = new_browser_page()
    saved.page.goto(file.as_uri())
    saved.page.get_by_role("slider", name="toe-in / toe-out").focus()
    for _ in range(20):
        saved.page.keyboard.press("ArrowLeft")
    saved.page.get_by_text("toe-in 10°").first.wait_for()
    peak = saved.page.get_by_role("row", name="KAM, first peak").get_by_role("cell").nth(2).inner_text()
    assert peak.startswith("−")
    assert saved.errors == []
    assert [url for url in saved.outside_requests if not url.startswith("file:")] == []


def test_about_the_numbers_says_how_accurate_they_are(opened: Callable[..., BrowserPage]) -> None:
    shown = opened()
    look_at(shown.page, "About the numbers")
    shown.page.get_by_role("heading", name="How accurate the numbers are").wait_for()
    shown.assert_quiet()


def test_the_page_turns_dark(opened: Callable[..., BrowserPage]) -> None:
    shown = opened()
    page = shown.page
    page.get_by_text("Instant answers ready").wait_for(timeout=_READY_MS)
    page.get_by_role("button", name="Toggle theme").click()
    dark = "() => getComputedStyle(document.querySelector('main') ?? document.body).backgroundColor"
    page.wait_for_function(f"() => !['rgb(255, 255, 255)', 'rgba(0, 0, 0, 0)'].includes(({dark})())")
    page.get_by_role("button", name="5° in").click()
    wait_for_sentence(page, "Toe-in 5°")
    shown.assert_quiet()


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_no_view_hinders_people_with_disabilities(opened: Callable[..., BrowserPage], dark: bool) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    shown = opened("?toe=-5")
    page = shown.page
    page.get_by_text("Instant answers ready").wait_for(timeout=_READY_MS)
    open_assumptions(page)
    page.get_by_role("checkbox", name="Include passive muscle force").wait_for()
    if dark:
        page.get_by_role("button", name="Toggle theme").click()
        page.mouse.move(700, 400)
        page.wait_for_timeout(2000)  # a colour or a tooltip that is still fading has no contrast of its own
    found = {}
    for view, sign in _SIGNS.items():
        look_at(page, view)
        page.get_by_role(sign[0], name=sign[1]).first.wait_for(timeout=_READY_MS)
        found |= {
            f"{view}: {one['id']}": one["nodes"]
            for one in axe.run(page).response["violations"]
            if one["impact"] in ("serious", "critical")
        }
    assert found == {}
    shown.assert_quiet()


#: What is there once a view is: role and name.
_SIGNS = {
    "Explore": ("columnheader", "Modified gait"),
    "Map": ("heading", "Changes of the protocol"),
    "Compare": ("heading", "In the literature"),
    "Data": ("heading", "Findings about the recording"),
    "Save": ("button", "Save JSON"),
    "About the numbers": ("heading", "How accurate the numbers are"),
}


def test_the_range_over_the_assumptions_is_shown_on_request(opened: Callable[..., BrowserPage]) -> None:
    shown = opened()
    page = shown.page
    page.get_by_role("button", name="10° in").click()
    wait_for_sentence(page, "Toe-in 10°")
    entry = page.get_by_role("listitem").filter(has_text="range over assumptions")
    assert entry.count() == 0
    open_assumptions(page)
    box = page.get_by_role("checkbox", name="Show the effect of the assumptions")
    box.check()
    page.get_by_text("the foot turns about a point 0.35 to 0.65 of its length").wait_for(timeout=_READY_MS)
    entry.wait_for()
    assert page.get_by_text("Computing the range over assumptions").count() == 0
    page.wait_for_url(lambda url: "band=True" in url)
    page.get_by_role("button", name="Reset").click()
    page.get_by_text("the recorded walk does not depend on these assumptions").wait_for()
    entry.wait_for(state="detached")
    box.uncheck()
    page.get_by_text("the recorded walk does not depend on these assumptions").wait_for(state="detached")
    shown.assert_quiet()
