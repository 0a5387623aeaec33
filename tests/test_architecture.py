"""Import directions, and a docstring for everything public."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tomllib
from graphlib import TopologicalSorter
from pathlib import Path
from tempfile import TemporaryFile

import pytest

REPOSITORY = Path(__file__).resolve().parents[1]
PACKAGE = REPOSITORY / "workbench"
MODULES = sorted(PACKAGE.rglob("*.py"))
INTERFACE = {"panel", "bokeh", "holoviews", "panel_material_ui"}
#: The rooms of the house, and the rooms each may import from: always one that stands before it.
ROOMS: dict[str, set[str]] = {
    "core": set(),
    "provenance": {"core"},
    "trials": {"core"},
    "recordings": {"core", "trials"},
    "simulation": {"core", "provenance", "recordings"},
    "scene": {"core", "simulation"},
    "advice": {"core"},
    "figures": {"core", "advice"},
    "workers": {"core", "provenance", "trials", "simulation", "scene", "advice"},
    "intake": {"core", "provenance", "trials", "recordings", "simulation", "workers"},
    "report": {"core", "provenance", "advice", "figures"},
    "session": {"core", "provenance", "advice", "report", "scene"},
    "dashboard": {"core", "trials", "scene", "advice", "figures", "workers", "intake", "report", "session"},
    "api": {
        "core",
        "trials",
        "recordings",
        "simulation",
        "advice",
        "figures",
        "workers",
        "intake",
        "report",
        "dashboard",
    },
    "cli": {
        "core",
        "figures",
        "trials",
        "recordings",
        "simulation",
        "advice",
        "workers",
        "intake",
        "report",
        "dashboard",
        "api",
    },
}


def name_of(module: Path) -> str:
    parts = module.relative_to(REPOSITORY).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def part_of(module: Path) -> str:
    """The part of the package a module belongs to: its folder, or its own name at the top."""
    parts = module.relative_to(PACKAGE).parts
    return parts[0] if len(parts) > 1 else module.stem


def imports(module: Path) -> set[str]:
    """Everything a module names in an import, wherever in the file it stands."""
    found = set()
    for node in ast.walk(ast.parse(module.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{module}: relative import"
            found |= {f"{node.module}.{alias.name}" for alias in node.names} | {str(node.module)}
    return found


def outside(module: Path) -> set[str]:
    return {name.split(".")[0] for name in imports(module)}


def inside(module: Path) -> set[str]:
    """Parts of the package that a module imports."""
    return {name.split(".")[1] for name in imports(module) if name.startswith("workbench.")}


def loaded_after(statement: str) -> set[str]:
    """Top-level modules in a fresh interpreter after a statement."""
    done = subprocess.run(
        [sys.executable, "-c", f"{statement}\nimport sys\nprint(*{{name.split('.')[0] for name in sys.modules}})"],
        capture_output=True, text=True, check=False, cwd=REPOSITORY,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return set(done.stdout.split())


def all_of(folder: str) -> str:
    """A statement that imports every module of a part."""
    return "\n".join(f"import {name_of(module)}" for module in MODULES if part_of(module) == folder)


#: Lines of a module.
LONGEST = 400


def edges() -> dict[str, set[str]]:
    """For each module the modules of the package that it imports as it is loaded, not within a function."""
    names = {name_of(module) for module in MODULES}
    found: dict[str, set[str]] = {}
    for module in MODULES:
        tree = ast.parse(module.read_text(encoding="utf-8"))
        imported = set()
        for node in tree.body:
            if isinstance(node, ast.Import):
                imported |= {alias.name for alias in node.names}
            elif isinstance(node, ast.ImportFrom):
                whole = {f"{node.module}.{alias.name}" for alias in node.names}
                imported |= whole if whole <= names else {*whole, str(node.module)}
        found[name_of(module)] = (imported & names) - {name_of(module), "workbench"}
    return found


def rooms_used() -> dict[str, set[str]]:
    """For each room those it really imports from, without those that it reaches by way of another one."""
    used: dict[str, set[str]] = {room: set() for room in ROOMS}
    for module in MODULES:
        if part_of(module) in used:
            used[part_of(module)] |= inside(module) & set(ROOMS) - {part_of(module)}

    def reached(room: str) -> set[str]:
        return used[room] | {far for near in used[room] for far in reached(near)}

    return {room: {near for near in used[room] if not any(near in reached(o) for o in used[room])} for room in ROOMS}


def diagram() -> str:
    """The rooms and their imports as CONTRIBUTING shows them."""
    arrows = [f"  {room} --> {near}" for room, others in rooms_used().items() for near in ROOMS if near in others]
    return "\n".join([BEGIN, "```mermaid", "graph TD", *arrows, "```", END])


CONTRIBUTING = REPOSITORY / "CONTRIBUTING.md"
BEGIN, END = "<!-- rooms: begin, written by python -m tests.test_architecture -->", "<!-- rooms: end -->"


def with_diagram(text: str) -> str:
    before, rest = text.split(BEGIN)
    return before + diagram() + rest.split(END)[1]


class TestModules:
    def test_none_is_long(self) -> None:
        assert not [name_of(module) for module in MODULES if len(module.read_text("utf-8").splitlines()) > LONGEST]

    def test_no_two_have_one_name(self) -> None:
        names = [module.stem for module in MODULES if module.stem != "__init__"]
        assert not {name for name in names if names.count(name) > 1}

    def test_no_two_classes_have_one_name(self) -> None:
        trees = [ast.parse(module.read_text(encoding="utf-8")) for module in MODULES]
        names = [node.name for tree in trees for node in tree.body if isinstance(node, ast.ClassDef)]
        assert {name for name in names if names.count(name) > 1} == set()

    def test_none_imports_itself_by_way_of_others(self) -> None:
        assert list(TopologicalSorter(edges()).static_order())  # raises CycleError, which names the circle

    def test_the_dashboard_holds_nothing_that_does_without_a_page(self) -> None:
        for module in MODULES:
            if part_of(module) == "dashboard" and module.stem != "__init__":
                assert outside(module) & INTERFACE, module

    def test_the_guide_shows_the_imports_as_they_are(self) -> None:
        text = CONTRIBUTING.read_text(encoding="utf-8")
        assert text == with_diagram(text), "Renew it: python -m tests.test_architecture"


class TestInAFreshInterpreter:
    def test_the_package_itself_is_light(self) -> None:
        heavy = {"numpy", "scipy", "pandas", "opensim", "daqp", "param"} | INTERFACE
        assert not loaded_after("import workbench") & heavy

    def test_the_core_needs_numpy_and_scipy_alone(self) -> None:
        assert not loaded_after(all_of("core")) & ({"opensim", "pandas", "param"} | INTERFACE)

    def test_trials_are_read_without_opensim_and_pages(self) -> None:
        assert not loaded_after(all_of("trials")) & ({"opensim", "param"} | INTERFACE)

    def test_simulations_are_run_without_pages(self) -> None:
        loaded = loaded_after(all_of("simulation"))
        assert "opensim" in loaded
        assert not loaded & ({"param"} | INTERFACE)

    def test_answers_need_what_draws_them_when_they_are_drawn(self) -> None:
        assert not loaded_after("import workbench.report.answers") & INTERFACE

    def test_the_command_starts_without_opensim(self) -> None:
        assert not loaded_after("import workbench.cli.main\nworkbench.cli.main.build_parser()") & (
            {"opensim", "pandas"} | INTERFACE
        )


class TestWithoutWhatIsHeavy:
    """Readers and the numerical core do without OpenSim and a page; what needs them says what to install."""

    #: What `python -m pip install` is given in CONTRIBUTING for readers and core alone; ezc3d where a C3D file is read.
    ENOUGH = ("numpy", "scipy", "daqp", "platformdirs")

    def test_few_packages_are_enough_for_readers_and_core(self) -> None:
        program = f"""
from importlib.machinery import PathFinder
find = PathFinder.find_spec
def among_few(name, *rest):
    found = find(name, *rest)
    installed = found is not None and "site-packages" in str(found.origin)
    return None if installed and name.split(".")[0] not in {("workbench", *self.ENOUGH)} else found
PathFinder.find_spec = among_few
import workbench
workbench.open_trial("reference")
{all_of("core")}
{all_of("trials")}
"""
        loaded = loaded_after(program)
        assert "numpy" in loaded
        assert not loaded & ({"opensim", "pandas", "param"} | INTERFACE)

    def test_the_guide_says_what_is_enough(self) -> None:
        assert f"python -m pip install {' '.join(self.ENOUGH)}" in CONTRIBUTING.read_text(encoding="utf-8")

    @pytest.mark.parametrize(
        ("missing", "statement", "said"),
        [
            ("opensim", "main(['simulate'])", "a simulation needs opensim, not installed in this Python."),
            ("opensim", "main(['target'])", "a simulation needs opensim, not installed in this Python."),
            ("panel", "main(['serve', '--no-show', '--port', '0'])", "the page needs panel"),
            ("panel", "tell(lambda: workbench.explore())", "the page needs panel"),
            ("pandas", "main(['simulate'])", "this needs pandas, not installed in this Python."),
            ("panel", "tell(lambda: workbench.plot_map(workbench.open_trial()))", "a figure needs panel"),
        ],
    )
    def test_a_missing_package_is_told_with_its_remedy(self, missing: str, statement: str, said: str) -> None:
        program = (
            f"import sys; sys.modules[{missing!r}] = None\n"
            "import workbench\nfrom workbench.cli.main import main\nfrom workbench.core.errors import WorkbenchError\n"
            "def tell(call):\n    try: call()\n    except WorkbenchError as error: sys.exit(f'workbench: {error}')\n"
            f"sys.exit({statement})"
        )
        # Its output goes to a file: a worker that outlived it would keep a pipe open, and the test waiting.
        with TemporaryFile("w+") as output:
            subprocess.run([sys.executable, "-c", program], stdout=output, stderr=output, cwd=REPOSITORY, timeout=60)
            output.seek(0)
            printed = output.read()
        assert printed.startswith(f"workbench: {said}")
        assert printed.endswith(f"Run: python -m pip install {missing}\n")


class TestSource:
    def test_core_needs_numpy_scipy_and_daqp_alone(self) -> None:
        for module in MODULES:
            if part_of(module) == "core":
                assert outside(module) - set(sys.stdlib_module_names) <= {"numpy", "scipy", "daqp", "workbench"}, module

    @pytest.mark.parametrize("part", ROOMS)
    def test_imports_point_one_way(self, part: str) -> None:
        for module in MODULES:
            if part_of(module) == part:
                assert inside(module) <= {part, "__version__", *ROOMS[part]}, module

    def test_every_room_is_named(self) -> None:
        assert {part_of(module) for module in MODULES} - {"__init__", "__main__"} == set(ROOMS)

    def test_the_simulation_alone_imports_opensim(self) -> None:
        assert {part_of(module) for module in MODULES if "opensim" in outside(module)} == {"simulation"}

    def test_the_dashboard_alone_imports_the_interface(self) -> None:
        interface = INTERFACE - {"holoviews", "bokeh"}
        assert {part_of(module) for module in MODULES if outside(module) & interface} == {"dashboard"}

    def test_bokeh_draws_the_live_charts_of_page_notebook_and_saved_file(self) -> None:
        drawing = {part_of(module) for module in MODULES if "bokeh" in outside(module)}
        assert drawing == {"figures", "report", "dashboard"}

    def test_figures_alone_and_the_dashboard_draw_with_holoviews(self) -> None:
        drawing = {part_of(module) for module in MODULES if "holoviews" in outside(module)}
        assert {"figures"} <= drawing <= {"figures", "dashboard"}

    def test_what_is_imported_is_declared_and_what_is_declared_imported(self) -> None:
        project = tomllib.loads((REPOSITORY / "pyproject.toml").read_text(encoding="utf-8"))["project"]
        declared = {re.split(r"[^\w-]", one)[0].replace("-", "_") for one in project["dependencies"]}
        imported = {name for module in MODULES for name in outside(module)} - set(sys.stdlib_module_names)
        by_name = {"matplotlib", "openpyxl"}  # as backends of holoviews and pandas
        assert imported - {"workbench"} | by_name == declared

    def test_every_folder_is_a_package(self) -> None:
        for module in MODULES:
            assert (module.parent / "__init__.py").is_file()


def undocumented(module: Path) -> list[str]:
    """Public functions, classes and methods without a docstring, and the module where it has none."""
    tree = ast.parse(module.read_text(encoding="utf-8"))
    found = [] if ast.get_docstring(tree) or not tree.body else [name_of(module)]
    owners: list[tuple[str, ast.Module | ast.ClassDef]] = [(name_of(module), tree)]
    while owners:
        owner, node = owners.pop()
        for child in node.body:
            if not isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
                continue
            if child.name.startswith("_"):
                continue
            if not ast.get_docstring(child):
                found.append(f"{owner}.{child.name}")
            if isinstance(child, ast.ClassDef):
                owners.append((f"{owner}.{child.name}", child))
    return found


@pytest.mark.parametrize("module", MODULES, ids=name_of)
def test_everything_public_is_documented(module: Path) -> None:
    assert undocumented(module) == []


if __name__ == "__main__":
    CONTRIBUTING.write_text(with_diagram(CONTRIBUTING.read_text(encoding="utf-8")), encoding="utf-8")
