"""Every notebook runs from top to bottom without a warning, and is kept without its outputs."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

NOTEBOOKS = Path(__file__).resolve().parents[2] / "notebooks"
PATHS = sorted(NOTEBOOKS.glob("*.ipynb"))
_LONGEST_CELL_S = 120  # each takes a few seconds where nothing else runs


@pytest.fixture
def own_folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Kernels keep nothing in the user's folders, and find nothing there."""
    for name in ("JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR", "IPYTHONDIR", "WORKBENCH_CACHE"):
        monkeypatch.setenv(name, str(tmp_path / name.lower()))


def executed(path: Path) -> Any:
    """The notebook with its outputs."""
    pytest.importorskip("ipykernel", reason="the kernel of the notebooks, ipykernel, is not installed")
    nbformat = pytest.importorskip("nbformat", reason="nbformat is not installed")
    nbclient = pytest.importorskip("nbclient", reason="nbclient is not installed")
    notebook = nbformat.read(path, as_version=4)
    where = {"metadata": {"path": str(NOTEBOOKS)}}
    nbclient.NotebookClient(notebook, timeout=_LONGEST_CELL_S, kernel_name="python3", resources=where).execute()
    return notebook


def printed(notebook: Any, stream: str) -> str:
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", [])]
    return "".join(one.text for one in outputs if one.output_type == "stream" and one.name == stream)


def test_there_are_notebooks() -> None:
    assert [path.stem[:2] for path in PATHS] == ["01", "02", "03", "04", "05"]


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)
def test_it_is_kept_without_outputs(path: Path) -> None:
    for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
        assert not cell.get("outputs")
        assert cell.get("execution_count") is None
        assert cell["metadata"] == {}


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)
def test_its_links_lead_somewhere(path: Path) -> None:
    for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
        for target in re.findall(r"\]\(([^)#]+)\)", "".join(cell["source"])):
            assert target.startswith("https://") or (NOTEBOOKS / target).exists(), target


@pytest.mark.slow
@pytest.mark.usefixtures("own_folders")
@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)
def test_it_runs_without_a_warning(path: Path) -> None:
    assert printed(executed(path), "stderr") == ""


@pytest.mark.slow
@pytest.mark.usefixtures("own_folders")
def test_validation_agrees_with_the_tool_and_says_what_it_leaves_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WORKBENCH_TEST_DATA", str(tmp_path / "nothing"))
    text = printed(executed(NOTEBOOKS / "05_validation.ipynb"), "stdout")
    (differences,) = re.findall(r"largest difference \(N·m\): (\{.*\})", text)
    assert max(json.loads(differences.replace("'", '"')).values()) < 0.01
    assert re.findall(r"Skipped: the recording '(\w+)'", text) == ["toein_response", "implant_ps"]
