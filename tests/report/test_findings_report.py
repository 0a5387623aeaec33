"""What a reader has to know is the same list wherever the numbers are read."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Iterator
from dataclasses import replace
from html import escape, unescape
from pathlib import Path
from time import monotonic, sleep

import numpy as np
import pandas as pd
import pytest

import workbench
from tests.report.test_target_report import APART
from tests.synthetic import synthetic_walk
from workbench.advice.prepared_leg import PreparedLeg
from workbench.cli.main import main
from workbench.core.findings import Finding
from workbench.core.load_map import load_map
from workbench.core.outcomes import LATERAL_HELD_DOWN, LOWEST_LATERAL, OUTSIDE_FOOT
from workbench.core.response import PLANE, ResponseSurface
from workbench.core.results import Simulation
from workbench.core.settings import GaitModification, LoadSettings, Processing
from workbench.core.types import Trial
from workbench.core.vocabulary import JOINT_PEAKS, PEAKS
from workbench.dashboard.compare_view import pins_html
from workbench.dashboard.data_view import checks_html
from workbench.dashboard.messages import Badge
from workbench.dashboard.notebook import _findings_html
from workbench.report import simulation_report, target_report
from workbench.report.answers import Answer
from workbench.report.comparison_answer import ComparisonAnswer
from workbench.report.comparison_report import comparison_document, comparison_text
from workbench.report.findings_report import findings_badge, findings_document, findings_lines
from workbench.report.picture import curves_svg
from workbench.report.standalone import standalone_html
from workbench.report.workbook import workbook
from workbench.session.pins import pin_of
from workbench.session.session import Session
from workbench.workers.pool import SolverPool
from workbench.workers.trial_comparison import compare

EVENLY_SCALED = "the project's model was scaled uniformly to the person's height"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A trial without a model of its own."""
    folder = tmp_path_factory.mktemp("trial")
    synthetic_walk().write(folder)
    return folder


@pytest.fixture(scope="module")
def trial(folder: Path) -> Trial:
    return workbench.open_trial(folder)


@pytest.fixture(scope="module")
def pool() -> Iterator[SolverPool]:
    with SolverPool(workers=1) as pool:
        yield pool


@pytest.fixture(scope="module")
def session(trial: Trial, pool: SolverPool) -> Iterator[Session]:
    """What the page and the notebook's view show, from a worker process."""
    shown = Session(pool, later=lambda task, _: task())
    shown.open(trial)
    end_s = monotonic() + 60.0
    while shown.busy and monotonic() < end_s:
        sleep(0.05)
    yield shown
    shown.close()


@pytest.fixture(scope="module")
def leg(session: Session, trial: Trial, answer: Answer) -> PreparedLeg:
    assert session._baseline is not None
    return PreparedLeg(trial, Processing(), answer.simulation.strides, _surface_of(session), session._baseline)


@pytest.fixture(scope="module")
def answer(trial: Trial) -> Answer:
    return workbench.simulate(trial)


def said(findings: tuple[Finding, ...]) -> list[str]:
    return [str(one) for one in findings]


def in_html(html: str) -> str:
    return unescape(re.sub(r"<[^>]*>", "", html))


def test_page_notebook_command_json_csv_and_sheet_say_the_same(
    session: Session, answer: Answer, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shown: Simulation = session.answer
    expected = said(shown.findings)
    assert any(EVENLY_SCALED in one for one in expected)

    assert main(["simulate", str(folder), "--json", "-"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert document["findings"] == findings_document(shown.findings)
    assert document["notes"] == expected

    assert main(["simulate", str(folder), "--csv", str(folder / "curves.csv")]) == 0
    text = capsys.readouterr().out.splitlines()
    assert [line for line in text if line in findings_lines(shown.findings)] == findings_lines(shown.findings)
    head = (folder / "curves.csv").read_text(encoding="utf-8")
    assert json.loads(re.search("^# findings: (.*)$", head, re.MULTILINE)[1]) == document["findings"]  # type: ignore[index]

    sheet = pd.read_excel(io.BytesIO(workbook(shown)), sheet_name="Findings", keep_default_na=False)
    assert sheet.to_dict("records") == [
        {name: one[name] for name in sheet.columns} for one in document["findings"]
    ]  # fmt: skip

    on_page = [Badge(session).__panel__().object, checks_html(shown.findings, shown.checks)]
    in_notebook = [_findings_html(session), answer._repr_html_()]
    for html in (*on_page, pins_html([pin_of(shown)]), *in_notebook):
        told = in_html(html).replace(f"{shown.trial_name}: ", "")
        places = [told.rindex(one) for one in expected]
        assert places == sorted(places)


def test_the_saved_page_says_it(session: Session, recorded: Simulation, surface: ResponseSurface) -> None:
    html = standalone_html(replace(recorded, findings=session.answer.findings), surface, LoadSettings())
    read = unescape(html)
    assert [line for line in findings_lines(session.answer.findings) if f"<li>{line}</li>" not in read] == []
    record = json.loads(read.split('<pre id="record">', 1)[1].split("</pre>", 1)[0])
    assert record["findings"] == findings_document(session.answer.findings)


def test_pictures_say_the_worst(session: Session, leg: PreparedLeg) -> None:
    worst = session.answer.findings[0]
    assert worst.severity == "serious"
    assert escape(worst.problem, quote=False) in curves_svg(session.answer)
    assert worst.problem in leg.title(LoadSettings()).replace("\n", " ")


def test_target_and_map_say_what_there_is_to_say_of_the_recorded_walk(leg: PreparedLeg, answer: Answer) -> None:
    settings, findings = LoadSettings(), answer.simulation.findings
    assert leg.findings(settings) == findings
    quantity, nothing = (
        PEAKS["kam_peak_1_pct_bw_ht"],
        dict.fromkeys([*PEAKS, *JOINT_PEAKS, LOWEST_LATERAL, LATERAL_HELD_DOWN, OUTSIDE_FOOT], 0.0),
    )
    loads = load_map(leg.surface, lambda _: nothing)
    lines = findings_lines(findings)
    for text in (
        target_report.map_text(loads, quantity, leg, settings),
        target_report.target_text(APART, leg, settings),
    ):
        assert [line for line in text.splitlines() if line in lines] == lines
    for document in (
        target_report.map_document(loads, quantity, leg, settings),
        target_report.target_document(APART, leg, settings),
    ):
        assert document["findings"] == findings_document(findings)
    told = in_html(target_report.target_html(APART, leg, settings))
    assert all(one in told for one in said(findings))


def test_a_comparison_says_it_with_the_trial_it_is_about(pool: SolverPool, trial: Trial, answer: Answer) -> None:
    other = replace(trial, name="another")
    comparison = compare(pool, [trial], [other], side="right")
    both = {f"{trial.name}, another: {one}" for one in said(answer.simulation.findings) if EVENLY_SCALED in one}
    assert both
    assert both <= set(said(comparison.findings))
    assert all(one.where.startswith((trial.name, "another")) for one in comparison.findings)
    lines = findings_lines(comparison.findings)
    assert [line for line in comparison_text(comparison).splitlines() if line in lines] == lines
    assert comparison_document(comparison)["findings"] == findings_document(comparison.findings)
    told = in_html(ComparisonAnswer(comparison)._repr_html_())
    assert all(one in told for one in said(comparison.findings))


def _surface_of(session: Session) -> ResponseSurface:
    """As much of a surface as the findings ask for."""
    assert session._baseline is not None
    assert session.stride is not None
    nothing = np.zeros(0)
    return ResponseSurface(
        session.stride, session.trial.subject, GaitModification(), session._baseline.mechanics, PLANE,
        (nothing, nothing), nothing, nothing,
    )  # fmt: skip


class TestHostileNames:
    """What stands in a file is text: it is neither run nor calculated."""

    name = "=HYPERLINK(1)<img src=x onerror=alert(1)>\x07"

    def test_in_a_notebook(self, answer: Answer) -> None:
        html = Answer(replace(answer.simulation, trial_name=self.name))._repr_html_()
        assert "<img" not in html
        assert "&lt;img" in html

    @pytest.mark.parametrize("first", ["=1+1", "+1", "-1", "@SUM(1)"])
    def test_in_a_sheet(self, answer: Answer, first: str) -> None:
        from openpyxl import load_workbook

        hostile = replace(answer.simulation, trial_name=first + "\x07\x1b")
        sheet = load_workbook(io.BytesIO(workbook(hostile)))["About"]
        (cell,) = [row[2] for row in sheet.iter_rows() if row[0].value == "trial" and row[1].value == "name"]
        assert (cell.value, cell.data_type) == (first, "s")

    def test_in_a_csv_file(self, answer: Answer) -> None:
        text = simulation_report.curves_csv(replace(answer.simulation, trial_name="x\n=1+1"))
        assert not [line for line in text.splitlines() if line.startswith(("=", "+", "-", "@"))]


def test_a_walk_that_passes_everything_shows_no_badge() -> None:
    assert findings_badge(()) == ""
