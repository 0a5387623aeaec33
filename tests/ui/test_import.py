"""Recordings dropped on the page in a real browser, all the way to the loads."""

from __future__ import annotations

import base64
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.intake.reference_recording import marked, write_recording
from tests.recordings.stick_walk import write_trc
from tests.synthetic import synthetic_walk
from workbench.core.types import Trial
from workbench.recordings.recording import Markers
from workbench.trials import open_trial

from .conftest import BrowserPage, workbench_server

pytestmark = pytest.mark.slow
_LOADS_MS = 180_000  # on a slow and busy machine


@pytest.fixture(scope="module")
def recording(reference: Trial, tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """The built-in walk as five files: markers, forces, a static trial, measured loads, external loads."""
    folder = tmp_path_factory.mktemp("lab")
    write_recording(folder, reference)
    markers = marked(reference)
    standing = Markers(markers.time_s[:60], markers.names, np.repeat(markers.position_m[:1], 60, axis=0))
    write_trc(folder / "static.trc", standing)
    time_s = np.arange(0.0, 3.3, 0.01)
    loads = "\n".join(f"{t:.2f},{900:.0f},{500:.0f}" for t in time_s)
    (folder / "walk_measured_loads.csv").write_text(f"time,medial_N,lateral_N\n{loads}\n")
    (folder / "walk_external_loads.xml").write_text("<OpenSimDocument/>")
    names = ("walk.trc", "walk_grf.mot", "static.trc", "walk_measured_loads.csv", "walk_external_loads.xml")
    return [folder / name for name in names]


def look_at_data(page: Any) -> None:
    page.get_by_role("button", name="Open another recording").click()
    page.get_by_role("heading", name="Findings about the recording").wait_for()


def drop(page: Any, files: list[Path]) -> None:
    """Let files fall on the field, as a hand does."""
    contents = [[path.name, base64.b64encode(path.read_bytes()).decode()] for path in files]
    transfer = page.evaluate_handle(
        """(files) => {
          const transfer = new DataTransfer();
          for (const [name, text] of files) {
            const bytes = Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
            transfer.items.add(new File([bytes], name));
          }
          return transfer;
        }""",
        contents,
    )
    page.locator(".drop").dispatch_event("drop", {"dataTransfer": transfer})


def test_five_files_dropped_together_are_one_walk(
    opened: Callable[..., BrowserPage], recording: list[Path], tmp_path: Path
) -> None:
    shown = opened()
    page = shown.page
    look_at_data(page)
    drop(page, recording)
    page.get_by_text("Recorded markers. The model has not been scaled to them yet.").wait_for()
    page.get_by_text("walk.trc, static.trc, walk_grf.mot, walk_external_loads.xml, walk_measured_loads.csv").wait_for()
    page.get_by_text("% of the recording").wait_for()

    page.get_by_role("button", name="Compute the loads").click()  # without mass and height
    page.get_by_role("alert").filter(has_text="Mass (kg): it is missing.").wait_for()
    page.get_by_label("Mass (kg)").fill("86.04")
    page.get_by_label("Height (m)").fill("280")
    page.get_by_role("button", name="Compute the loads").click()
    refused = page.get_by_role("alert").filter(has_text="280")  # the words of the command line
    refused.wait_for()
    page.get_by_label("Height (m)").fill("1.87")
    page.get_by_role("combobox", name="Knee of the measured loads").click()
    page.get_by_role("menuitem", name="right").click()
    page.get_by_role("button", name="Compute the loads").click()
    page.get_by_role("progressbar", name="Progress of the import").wait_for()

    page.get_by_role("tab", name="Explore", selected=True).wait_for(timeout=_LOADS_MS)
    page.wait_for_url(lambda url: "trial=walk" in url)
    page.locator("p[role=status]").filter(has_text="Natural gait, as recorded").wait_for(timeout=_LOADS_MS)
    page.get_by_text("measured in the implant").wait_for()
    page.get_by_role("button", name="10° in").click()
    page.locator("p[role=status]").filter(has_text="Toe-in 10°").wait_for()

    page.get_by_role("tab", name="Save").click()
    with page.expect_download() as waiting:
        page.get_by_role("button", name="Save Trial").click()
    assert waiting.value.suggested_filename == "walk.zip"
    with zipfile.ZipFile(waiting.value.path()) as archive:
        archive.extractall(tmp_path / "saved")
    saved = open_trial(tmp_path / "saved")
    assert (saved.subject.mass_kg, saved.subject.height_m) == (86.04, 1.87)
    assert saved.measured_loads is not None
    shown.assert_quiet()


def test_the_files_of_a_trial_dropped_together_are_opened(opened: Callable[..., BrowserPage], tmp_path: Path) -> None:
    shown = opened()
    page = shown.page
    look_at_data(page)
    file = synthetic_walk().write(tmp_path / "walk")
    drop(page, sorted(file.parent.iterdir()))
    page.get_by_role("alert").filter(has_text="is open").wait_for()
    assert page.get_by_text("70 kg, 1.75 m").is_visible()
    shown.assert_quiet()


def test_an_import_is_cancelled_and_what_is_no_recording_refused(
    opened: Callable[..., BrowserPage], recording: list[Path], tmp_path: Path
) -> None:
    shown = opened()
    page = shown.page
    look_at_data(page)
    (tmp_path / "walk.b3d").write_bytes(b"1")
    page.locator("input[type=file]").set_input_files(tmp_path / "walk.b3d")
    page.get_by_role("alert").filter(has_text="(.b3d)").wait_for()

    page.locator("input[type=file]").set_input_files(recording[:1])
    page.get_by_text("There are no forces in these files: they will be estimated").wait_for()
    page.locator("input[type=file]").set_input_files(recording[1:2])  # what comes now belongs to the same walk
    page.get_by_text("walk.trc, walk_grf.mot").wait_for()
    page.get_by_label("Mass (kg)").fill("86.04")
    page.get_by_label("Height (m)").fill("1.87")
    page.get_by_role("button", name="Compute the loads").click()
    page.get_by_role("button", name="Cancel").click()
    page.get_by_role("progressbar", name="Progress of the import").wait_for(state="detached")
    page.get_by_role("tab", name="Explore").click()
    page.get_by_role("button", name="5° in").click()
    page.locator("p[role=status]").filter(has_text="Toe-in 5°").wait_for()
    shown.assert_quiet()


def test_what_was_sent_is_gone_when_the_server_is_told_to_stop(
    new_browser_page: Callable[[], BrowserPage], recording: list[Path], tmp_path: Path
) -> None:
    with workbench_server(TMPDIR=str(tmp_path), WORKBENCH_CACHE=str(tmp_path / "cache")) as (address, process):
        page = new_browser_page().page
        page.set_default_timeout(60_000)
        page.goto(address)
        page.get_by_role("tab", name="Data").click()
        page.locator("input[type=file]").set_input_files(recording[:1])
        page.get_by_text("Recorded markers.").wait_for()
        assert list(tmp_path.glob("workbench-*/sent/walk.trc"))
        process.terminate()
        process.wait(30.0)
        assert list(tmp_path.glob("workbench-*")) == []
