"""Measured knee loads in the files in which laboratories keep them."""

from __future__ import annotations

import sys
from pathlib import Path
from types import ModuleType, SimpleNamespace
from zipfile import ZipFile

import numpy as np
import pytest

from tests.synthetic import MASS_KG, storage_text, synthetic_walk
from workbench.core.errors import TrialError
from workbench.core.types import MeasuredLoads, Subject
from workbench.core.vocabulary import NEWTON_PER_POUND_FORCE
from workbench.trials import measured_loads, open_trial

TIME_S = np.round(np.arange(0.0, 1.0, 0.02), 6)
MEDIAL_N = 1000.0 + 500.0 * np.sin(2 * np.pi * TIME_S)
LATERAL_N = 400.0 - 450.0 * np.sin(2 * np.pi * TIME_S)  # lift-off: below zero for a while


def open_with(folder: Path, name: str, content: str | bytes, unit: str = "N") -> MeasuredLoads:
    walk = synthetic_walk()
    walk.settings["measured_loads"] = {
        "file": name,
        "side": "left",
        "time": "time",
        "medial": "F_medial",
        "lateral": "F_lateral",
        "unit": unit,
    }
    trial_file = walk.write(folder)
    (folder / name).write_bytes(content if isinstance(content, bytes) else content.encode())
    trial = open_trial(trial_file)
    assert name in trial.source_sha256
    assert trial.measured_loads is not None
    return trial.measured_loads


def csv_text(delimiter: str = ",", decimal: str = ".", divisor: float = 1.0) -> str:
    rows = [("time", "phase", "", "F_lateral", "F_medial", "")]
    for t, m, f in zip(TIME_S, MEDIAL_N / divisor, LATERAL_N / divisor, strict=True):
        rows.append(
            tuple(value.replace(".", decimal) for value in (f"{t:.6f}", "stance", "", f"{f:.6f}", f"{m:.6f}", ""))
        )
    return "\n".join(delimiter.join(row) for row in rows) + "\n"


def assert_as_made(loads: MeasuredLoads) -> None:
    np.testing.assert_allclose(loads.time_s, TIME_S, atol=1e-6)
    np.testing.assert_allclose(loads.medial_N, MEDIAL_N, atol=1e-2)
    np.testing.assert_allclose(loads.lateral_N, LATERAL_N, atol=1e-2)
    assert loads.side == "left"


@pytest.mark.parametrize(("delimiter", "decimal"), [(",", "."), (";", ","), (";", "."), ("\t", ".")])
def test_csv(delimiter: str, decimal: str, tmp_path: Path) -> None:
    assert_as_made(open_with(tmp_path, "knee.csv", csv_text(delimiter, decimal)))


@pytest.mark.parametrize("name", ["knee.mot", "knee.sto"])
def test_storage(name: str, tmp_path: Path) -> None:
    columns = {"time": TIME_S, "F_medial": MEDIAL_N, "F_lateral": LATERAL_N}
    assert_as_made(open_with(tmp_path, name, storage_text(columns, None)))


@pytest.mark.parametrize(
    ("unit", "newtons"),
    [("N", 1.0), ("lbf", NEWTON_PER_POUND_FORCE), ("BW", Subject(MASS_KG, 1.75).body_weight_N)],
)
def test_units(unit: str, newtons: float, tmp_path: Path) -> None:
    assert_as_made(open_with(tmp_path, "knee.csv", csv_text(divisor=newtons), unit))


def test_excel_without_its_package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "openpyxl", None)
    with pytest.raises(TrialError, match="need the Python package openpyxl"):
        open_with(tmp_path, "knee.xlsx", b"PK")


class TestExcel:
    """With a stand-in for openpyxl that gives the cells of one sheet."""

    @pytest.fixture(autouse=True)
    def stand_in(self, monkeypatch: pytest.MonkeyPatch) -> None:
        def load_workbook(*_: object, **__: object) -> SimpleNamespace:
            cells = [("time", "F_medial", "F_lateral"), *zip(TIME_S, MEDIAL_N, LATERAL_N, strict=True), (None,) * 3]
            return SimpleNamespace(worksheets=[SimpleNamespace(iter_rows=lambda values_only: iter(cells))])

        module = ModuleType("openpyxl")
        module.load_workbook = load_workbook  # type: ignore[attr-defined]
        monkeypatch.setitem(sys.modules, "openpyxl", module)

    @pytest.fixture
    def archive(self, tmp_path: Path) -> bytes:
        with ZipFile(tmp_path / "sheet", "w") as file:
            file.writestr("xl/workbook.xml", "cells")
        return (tmp_path / "sheet").read_bytes()

    def test_first_sheet(self, tmp_path: Path, archive: bytes) -> None:
        assert_as_made(open_with(tmp_path, "knee.xlsx", archive))

    def test_not_a_sheet(self, tmp_path: Path) -> None:
        with pytest.raises(TrialError, match="not a readable Excel sheet"):
            open_with(tmp_path, "knee.xlsx", b"junk")

    def test_archive_that_unpacks_to_too_much(
        self, tmp_path: Path, archive: bytes, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(measured_loads, "LARGEST_FILE_MB", 1e-6)
        with pytest.raises(TrialError, match="unzips to"):
            open_with(tmp_path, "knee.xlsx", archive)
