from __future__ import annotations

import io
import json
import re
from dataclasses import replace
from xml.etree import ElementTree

import numpy as np
import pandas as pd
import pytest

from tests.core.synthetic_leg import at
from workbench.core.response import ResponseSurface
from workbench.core.results import Simulation
from workbench.core.settings import LoadSettings
from workbench.dashboard.peaks import peaks_html
from workbench.dashboard.save_view import file_stem
from workbench.figures.palette import SHOWN
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
    assert not re.search(r"(src|href)\s*=", page)
    assert page.count("http") == page.count("http://www.w3.org/2000/svg") + page.count("http-equiv")


def test_a_name_cannot_end_the_script_of_the_page(page: str) -> None:
    assert page.count("</script>") == 1


def test_the_page_holds_the_loads_at_its_nodes(page: str, surface: ResponseSurface) -> None:
    import base64

    data = json.loads(re.search(r"const data = (\{.*\});\n", page)[1])  # type: ignore[index]
    curves = np.frombuffer(base64.b64decode(data["curveValues"]), "<f4")
    turns, widths = (one["nodes"] for one in data["sliders"])
    curves = curves.reshape(len(turns), len(widths), len(SHOWN), 101)
    direct = surface.loads_at(at(turns[2], widths[5] / 100.0), LoadSettings())
    np.testing.assert_allclose(curves[2, 5, 0], direct.curves[SHOWN[0]], atol=1e-5)
    assert data["record"]["provenance"]["workbench"]


def test_the_table_marks_what_lies_below_test_retest_error(toed_in: Simulation) -> None:
    html = peaks_html(toed_in)
    assert "‡" in html
    assert "Birmingham" in html


def test_the_table_of_an_unchanged_walk_has_one_column_of_numbers(recorded: Simulation) -> None:
    html = peaks_html(recorded)
    assert "Modified" not in html
    assert "‡" not in html
