"""An answer as an Excel file."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from io import BytesIO
from typing import Any, Final

import pandas as pd

from workbench.core.results import Simulation
from workbench.core.vocabulary import DISCLAIMER
from workbench.report.findings_report import findings_table
from workbench.report.simulation_report import curves_table, peaks_table, simulation_document

_CONTROL: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")  # no cell may hold them


def workbook(answer: Simulation) -> bytes:
    """Peaks, curves, findings, and settings with provenance, one sheet each."""
    about = pd.DataFrame(_about(answer), columns=["section", "name", "value"])
    file = BytesIO()
    with pd.ExcelWriter(file, engine="openpyxl") as writer:
        for name, table in (
            ("Peaks", peaks_table(answer).reset_index()),
            ("Curves", curves_table(answer)),
            ("Findings", findings_table(answer.findings)),
            ("About", about),
        ):
            table.map(_without_controls).to_excel(writer, sheet_name=name, index=False)
        for sheet in writer.sheets.values():
            for row in sheet.iter_rows():
                for cell in row:
                    if cell.data_type == "f":  # a text that begins with "=" is a text: nothing here is a formula
                        cell.data_type = "s"
    return file.getvalue()


def _about(answer: Simulation) -> Iterator[tuple[str, str, object]]:
    document: dict[str, Any] = simulation_document(answer)
    for section in ("trial", "modification", "checks", "provenance"):
        for name, value in document[section].items():
            plain = isinstance(value, int | float | str | bool)
            yield section, name, value if plain else json.dumps(value, ensure_ascii=False)
    yield "disclaimer", "", DISCLAIMER


def _without_controls(value: object) -> object:
    return _CONTROL.sub("", value) if isinstance(value, str) else value
