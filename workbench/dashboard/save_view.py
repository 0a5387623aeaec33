"""The Save view: numbers, figures and a standalone page, each with settings and provenance."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from io import BytesIO, StringIO
from typing import Any

import panel as pn
import panel_material_ui as pmui
import param

from workbench.core.errors import WorkbenchError
from workbench.core.results import Simulation
from workbench.dashboard.messages import Message
from workbench.report.picture import curves_svg
from workbench.report.simulation_report import curves_csv, simulation_document
from workbench.report.standalone import standalone_html
from workbench.report.workbook import workbook
from workbench.session.grid import GridState
from workbench.session.session import Session
from workbench.trials.packed import packed_trial


class SaveView(pn.viewable.Viewer):
    """Downloads."""

    dark = param.Boolean(default=False, doc="Whether the page is dark.")
    looked_at = param.Boolean(default=False, doc="Whether the view is visible.")

    def __init__(self, session: Session, grid: GridState, **params: Any) -> None:
        super().__init__(**params)
        self._session, self._grid = session, grid

    def __panel__(self) -> pn.viewable.Viewable:
        """Buttons, each with what it gives, and the figure as vectors."""
        rows = [
            self._row("CSV", "csv", "The curves of natural and modified gait, preceded by settings and provenance.",
                      lambda answer: curves_csv(answer).encode()),
            self._row("Excel", "xlsx", "Peaks, curves, findings, and settings with provenance, one sheet each.",
                      workbook),
            self._row("JSON", "json", "Everything, as in workbench simulate --json.", _json),
            self._row("SVG", "svg", "The four curves as vector graphics, for a paper or a slide.",
                      lambda answer: curves_svg(answer).encode()),
            self._row("Page", "html", "One file with live sliders; needs no server and no network. Available once"
                                      " instant answers are ready.",
                                      self._page, needs_grid=True),
            self._trial_row(),
        ]  # fmt: skip
        return pn.Column(
            pmui.Typography("Save", variant="h6", margin=(4, 8)),
            *rows,
            pmui.Typography(
                "Save any figure of the page as PNG with the arrow next to it. The page's link contains its state: it"
                " opens the same view wherever the trial is open.",
                margin=(12, 8),
            ),
            sizing_mode="stretch_width",
            margin=8,
        )  # fmt: skip

    def _row(
        self, label: str, kind: str, what: str, content: Callable[[Simulation], bytes], *, needs_grid: bool = False
    ) -> pn.viewable.Viewable:
        session = self._session
        button = pmui.FileDownload(
            label=f"Save {label}", filename=f"knee-loads.{kind}", callback=lambda: BytesIO(content(session.answer)),
            size="small", width=150, disabled=True, margin=(4, 8),
        )  # fmt: skip

        def show(*_: object) -> None:
            answer = session.answer
            button.disabled = answer is None or (needs_grid and self._grid.grid is None)
            if answer is not None and self.looked_at:
                button.filename = f"{file_stem(answer)}.{kind}"

        session.param.watch(show, "answer")
        self._grid.param.watch(show, "grid")
        self.param.watch(show, "looked_at")
        show()
        return pn.Row(button, pmui.Typography(what, margin=(10, 8)), margin=0)

    def _trial_row(self) -> pn.viewable.Viewable:
        session, said = self._session, Message()

        def content() -> BytesIO:
            name_file()
            try:
                return BytesIO(packed_trial(session.trial))
            except WorkbenchError as error:  # something has to be downloaded: the reason
                said.say(str(error))
                button.filename = "why-there-is-no-trial.txt"
                return BytesIO(str(error).encode())

        def name_file() -> None:
            said.say("")
            button.filename = f"{_plain(session.trial.name)}.zip"

        button = pmui.FileDownload(
            label="Save Trial", filename="trial.zip", callback=content, size="small", width=150, disabled=True,
            margin=(4, 8),
        )  # fmt: skip

        def show(*_: object) -> None:
            trial = session.trial
            button.disabled = trial is None or trial.folder is None

        session.param.watch(show, "trial")
        show()
        what = "The trial folder as a zip: model, motion, forces, and trial.toml with the decisions made on import."
        return pn.Column(
            pn.Row(button, pmui.Typography(what, margin=(10, 8)), margin=0), said.pane, sizing_mode="stretch_width",
            margin=0,
        )  # fmt: skip

    def _page(self, answer: Simulation) -> bytes:
        session = self._session
        return standalone_html(answer, session.surface, session.settings, self._grid.grid).encode()


def file_stem(answer: Simulation) -> str:
    """A file name with trial, leg and change."""
    change = "" if answer.modification.is_none else str(answer.modification.changes)
    parts = [answer.trial_name, answer.side, change]
    return _plain(" ".join(parts)).lower()


def _plain(text: str) -> str:
    return re.sub(r"[^\w+.-]+", "-", text).strip("-")


def _json(answer: Simulation) -> bytes:
    text = StringIO()
    json.dump(simulation_document(answer), text, indent=1, ensure_ascii=False, allow_nan=False)
    return text.getvalue().encode()
