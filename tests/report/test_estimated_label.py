"""Estimated ground forces are named, with their error, wherever numbers leave the workbench."""

from __future__ import annotations

import io
import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from workbench.core.estimate_errors import (
    BAND_LABEL,
    ESTIMATE_ERRORS,
    ESTIMATED_SUFFIX,
    estimated_forces_finding,
    labelled,
)
from workbench.core.response import ResponseSurface
from workbench.core.results import Simulation
from workbench.core.settings import LoadSettings
from workbench.figures.plots import plot_answer
from workbench.report.browser import leg_document
from workbench.report.picture import curves_svg
from workbench.report.simulation_report import curves_csv, curves_table, simulation_document, simulation_text
from workbench.report.standalone import standalone_html
from workbench.report.workbook import workbook


@pytest.fixture(scope="module")
def estimated(recorded: Simulation) -> Simulation:
    """The answer as it would be without plates."""
    findings = (*recorded.findings, estimated_forces_finding())
    return replace(recorded, findings=findings, trial_name=labelled(recorded.trial_name))


def test_recorded_forces_carry_no_label(recorded: Simulation) -> None:
    assert recorded.estimate_band("medial_contact_force_bw") is None
    assert simulation_document(recorded)["estimate_errors"] is None
    for text in (simulation_text(recorded), curves_svg(recorded), leg_document(recorded)["words"]["estimated"]):
        assert "ground forces" not in text


def test_text_and_tables(estimated: Simulation) -> None:
    assert ESTIMATED_SUFFIX in simulation_text(estimated).splitlines()[0]
    assert "typical error of the curve 0.43: estimated ground forces" in simulation_text(estimated)
    assert "The ground forces are estimated from the motion" in leg_document(estimated)["words"]["estimated"]


def test_json_and_csv(estimated: Simulation) -> None:
    document = json.loads(json.dumps(simulation_document(estimated), allow_nan=False))
    assert document["trial"]["estimated_forces"] is True
    assert document["estimate_errors"]["knee_adduction_moment_pct_bw_ht"] == 0.43
    assert ESTIMATED_SUFFIX in document["trial"]["name"]
    table = curves_table(estimated)
    name = "medial_contact_force_bw"
    width = table[f"estimate_high_{name}"] - table[f"estimate_low_{name}"]
    assert np.allclose(width.dropna(), 2.0 * ESTIMATE_ERRORS[name].typical)
    assert "# estimate_errors: " in curves_csv(estimated)


def test_excel(estimated: Simulation) -> None:
    sheets = pd.read_excel(io.BytesIO(workbook(estimated)), sheet_name=None)
    assert "estimated ground forces" in str(sheets["Peaks"]["remark"].iloc[0])
    assert "estimate_low_medial_contact_force_bw" in sheets["Curves"]
    assert "estimated_forces" in set(sheets["Findings"]["code"])


def test_pictures(estimated: Simulation) -> None:
    assert curves_svg(estimated).count('fill-opacity="0.25"') == 4
    assert BAND_LABEL in curves_svg(estimated)
    for chart in plot_answer(estimated):
        assert BAND_LABEL in [area.label for area in chart.traverse(lambda one: one, ["Area"])]


def test_saved_page(estimated: Simulation, surface: ResponseSurface) -> None:
    page = standalone_html(estimated, surface, LoadSettings())
    title = page.split("<title>")[1].split("</title>")[0]
    assert ESTIMATED_SUFFIX in title
    assert f"Dotted area: {BAND_LABEL}" in page
    assert "The ground forces are estimated from the motion" in page
