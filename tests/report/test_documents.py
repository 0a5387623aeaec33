"""What README and CONTRIBUTING name is there, and the numbers they state are those that come out."""

from __future__ import annotations

import ast
import re
import shlex
from pathlib import Path

import pytest

import workbench
from workbench.cli.main import build_parser
from workbench.core.types import Trial

REPOSITORY = Path(__file__).resolve().parents[2]
README = (REPOSITORY / "README.md").read_text(encoding="utf-8")
CONTRIBUTING = (REPOSITORY / "CONTRIBUTING.md").read_text(encoding="utf-8")


def section(title: str) -> str:
    return README.split(f"\n## {title}\n")[1].split("\n## ")[0]


def rows() -> list[list[str]]:
    """The validation tables without their heads: what, against, result, reproduced by."""
    lines = [line for line in section("How it is validated").splitlines() if line.startswith("|")]
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    return [row for row in cells if row[0] not in ("what", "---")]


def row(what: str) -> list[str]:
    (found,) = [one for one in rows() if one[0].startswith(what)]
    return found


def defined(tree: ast.Module | ast.ClassDef) -> dict[str, ast.stmt]:
    return {node.name: node for node in tree.body if isinstance(node, ast.FunctionDef | ast.ClassDef)}


def assert_is_a_test(named: str) -> None:
    """The file is there, and the class and the test in it."""
    file, *parts = named.split("::")
    node: ast.Module | ast.ClassDef = ast.parse((REPOSITORY / file).read_text(encoding="utf-8"))
    for part in parts:
        found = defined(node).get(part)
        assert found is not None, named
        if isinstance(found, ast.ClassDef):
            node = found
    assert parts[-1].startswith("test_"), named


@pytest.mark.parametrize("cells", rows(), ids=lambda cells: cells[0])
def test_every_number_says_how_it_is_reproduced(cells: list[str]) -> None:
    _, _, result, by = cells
    assert re.search(r"\d", result)
    named = re.findall(r"`([^`]+)`", by)
    assert any(name.startswith(("workbench ", "tests/", "notebooks/")) for name in named), by
    for name in named:
        if name.startswith("workbench "):
            build_parser().parse_args(shlex.split(name)[1:])
        elif name.startswith("tests/"):
            assert_is_a_test(name)
        elif name.startswith("notebooks/"):
            assert (REPOSITORY / name).is_file(), name
        else:
            assert name == "--side left", name


@pytest.fixture(scope="module")
def walk() -> Trial:
    return workbench.open_trial("reference")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("what", "change", "peak", "column"),
    [
        ("toe-in 10°", {"toe_in_deg": 10}, "kam_peak_1_pct_bw_ht", "change"),
        ("toe-out 10°", {"toe_out_deg": 10}, "kam_peak_2_pct_bw_ht", "change"),
        ("steps 10 cm wider", {"wider_cm": 10}, "kam_peak_1_pct_bw_ht", "percent"),
    ],
)
def test_the_numbers_of_the_built_in_walk_are_those_that_come_out(
    walk: Trial, what: str, change: dict[str, float], peak: str, column: str
) -> None:
    stated = re.search(r"built-in walk −([\d.]+)(?: %)? right, −([\d.]+)(?: %)? left", row(what)[2])
    assert stated is not None
    for side, number in zip(("right", "left"), stated.groups(), strict=True):
        found = workbench.simulate(walk, side=side, **change).summary().loc[peak, column]
        decimals = len(number.partition(".")[2])
        assert f"{-found:.{decimals}f}" == number, side


@pytest.mark.slow
def test_the_first_result_is_what_comes_out(walk: Trial) -> None:
    shown = section("A first result").split("```")[1].strip().splitlines()
    assert shown[0] == "$ workbench simulate --toe-in 10"
    printed = str(workbench.simulate(walk, toe_in_deg=10)).splitlines()
    for line in shown[1:]:
        start = re.split(r"\(\.\.\.\)|\.\.\.", line)[0].rstrip(" ,")
        assert any(one.startswith(start) for one in printed), line


@pytest.mark.parametrize("path", sorted(set(re.findall(r"`((?:[a-z_]+/)+(?:[a-z_]+\.(?:py|md))?)`", CONTRIBUTING))))
def test_every_place_the_guide_names_is_there(path: str) -> None:
    assert (REPOSITORY / path).exists() or (REPOSITORY / "workbench" / path).exists()


@pytest.mark.parametrize(
    ("file", "names"),
    [
        ("core/knee.py", ["external_moments", "split_contact"]),
        ("simulation/modified_motion.py", ["modified"]),
        ("simulation/foot_targets.py", ["foot_targets"]),
        ("simulation/body_sway.py", ["sway"]),
        ("simulation/balanced_motion.py", ["solve"]),
        ("dashboard/charts.py", ["Curves"]),
    ],
)
def test_where_it_is_computed_turned_and_drawn(file: str, names: list[str]) -> None:
    (found,) = [line for line in CONTRIBUTING.splitlines() if line.startswith("|") and f"`{file}`:" in line]
    tree = ast.parse((REPOSITORY / "workbench" / file).read_text(encoding="utf-8"))
    for name in names:
        assert f"`{name}`" in found
        assert name in defined(tree)
