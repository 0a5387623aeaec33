from __future__ import annotations

import io
import json
import re
from dataclasses import replace
from xml.etree import ElementTree

import numpy as np
import pandas as pd
import pytest

from workbench.core.answer_grid import answer_grid
from workbench.core.response import ResponseSurface
from workbench.core.results import Simulation
from workbench.core.settings import LoadSettings
from workbench.core.vocabulary import TEST_RETEST_ERROR
from workbench.dashboard.save_view import file_stem
from workbench.figures.palette import SHOWN
from workbench.report.browser import leg_document
from workbench.report.picture import curves_svg
from workbench.report.standalone import standalone_html
from workbench.report.workbook import workbook


def test_the_workbook_holds_peaks_curves_and_provenance(toed_in: Simulation) -> None:
    sheets = pd.read_excel(io.BytesIO(workbook(toed_in)), sheet_name=None)
    assert list(sheets) == ["Peaks", "Curves", "Findings", "About"]
    assert sheets["Peaks"].set_index("name").loc["kam_peak_1_pct_bw_ht", "change"] == pytest.approx(
        toed_in.change["kam_peak_1_pct_bw_ht"]
    )
    assert len(sheets["Curves"]) == 101
    assert {"provenance", "disclaimer", "modification"} <= set(sheets["About"]["section"])


def test_the_picture_is_a_drawing_of_four_curves_twice(toed_in: Simulation) -> None:
    root = ElementTree.fromstring(curves_svg(replace(toed_in, trial_name="A & <B>")))
    paths = [one for one in root.iter() if one.tag.endswith("path")]
    assert len(paths) == 2 * len(SHOWN)
    assert "nan" not in "".join(one.attrib["d"] for one in paths)


def test_a_file_name_tells_what_is_in_it(toed_in: Simulation) -> None:
    assert file_stem(toed_in) == "reference-walk-right-toe-in-10"


@pytest.fixture(scope="module")
def page(toed_in: Simulation, surface: ResponseSurface) -> str:
    return standalone_html(replace(toed_in, trial_name="</script><b>"), surface, LoadSettings())


def test_the_page_of_its_own_asks_nobody_for_anything(page: str) -> None:
    policy = re.search(r'Content-Security-Policy" content="([^"]*)"', page)[1]  # type: ignore[index]
    assert policy.startswith("default-src 'none';")
    assert "http" not in policy


def test_a_name_cannot_end_the_script_of_the_page(page: str) -> None:
    assert "</script><b>" not in page


def test_the_page_holds_the_loads_of_the_grid(page: str, surface: ResponseSurface) -> None:
    import base64

    [data] = re.findall(r"const saved = (\{.*\});\n", page)
    levers = json.loads(data)["levers"]
    peaks = np.frombuffer(base64.b64decode(levers["peaks"]), "<f4")
    np.testing.assert_array_equal(peaks, answer_grid(surface, LoadSettings()).peaks.astype("<f4").ravel())
    assert levers["values"]["foot_progression_change_deg"] == -10.0
    assert "&#34;workbench&#34;" in page  # the provenance, for the reader


def test_the_table_knows_the_test_retest_error_and_its_source(toed_in: Simulation) -> None:
    rows = {row["name"]: row for row in leg_document(toed_in)["words"]["peaks"]}
    assert rows["kam_peak_1_pct_bw_ht"]["noise"] == TEST_RETEST_ERROR["kam_peak_1_pct_bw_ht"][0]
    assert "Birmingham" in rows["kam_peak_1_pct_bw_ht"]["note"]
    assert rows["mcf_peak_1_bw"]["noise"] is None
