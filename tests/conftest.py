from __future__ import annotations

import os
from collections.abc import Generator
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

from workbench.core.changes import UNCHANGED
from workbench.core.events import search_strides
from workbench.core.response import PLANE, ResponseSurface, node_points, response_surface
from workbench.core.results import Simulation
from workbench.core.settings import GaitModification, LoadSettings
from workbench.core.types import Trial
from workbench.trials import open_trial

if TYPE_CHECKING:  # tests of the core do without OpenSim
    from workbench.simulation.walk import Walk

REPOSITORY = Path(__file__).resolve().parents[1]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Browser tests go last: the browser's driver keeps an event loop running in this thread."""
    items.sort(key=lambda item: item.get_closest_marker("ui") is not None)


#: Where the real recordings are; with `MUST_NOT_SKIP` set a test of theirs that is skipped has failed.
DATA = Path(os.environ.get("WORKBENCH_TEST_DATA", REPOSITORY.parent / "shared" / "data"))
MUST_NOT_SKIP = "WORKBENCH_TESTS_MUST_NOT_SKIP"


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    of_recordings = item.get_closest_marker("data") or "data_folder" in getattr(item, "fixturenames", ())
    if os.environ.get(MUST_NOT_SKIP) and report.skipped and not hasattr(report, "wasxfail") and of_recordings:
        report.outcome = "failed"
        report.longrepr = f"{item.nodeid} needs the recordings and was skipped, which {MUST_NOT_SKIP} forbids."
    return report


@pytest.fixture(scope="session")
def data_folder() -> Path:
    """Folder of the real recordings; a test that asks for it is skipped where there is none."""
    folder = DATA
    if not folder.is_dir():
        pytest.skip(f"the real recordings are not at {folder}")
    return folder


@pytest.fixture(scope="session")
def reference() -> Trial:
    return open_trial("reference")


@pytest.fixture(scope="session")
def walk(reference: Trial) -> Walk:
    from workbench.simulation.walk import Walk

    return Walk(reference)


@pytest.fixture(scope="session")
def recorded(walk: Walk) -> Simulation:
    from workbench.simulation.simulate import simulate

    return simulate(walk, GaitModification(), LoadSettings(), side="right")


@pytest.fixture(scope="session")
def toed_in(walk: Walk) -> Simulation:
    from workbench.simulation.simulate import simulate

    return simulate(walk, GaitModification(foot_progression_change_deg=-10.0), LoadSettings(), side="right")


@pytest.fixture(scope="session")
def surface(walk: Walk) -> ResponseSurface:
    """A coarse one: two nodes each way."""
    stride = search_strides(walk.trial, "right").strides[0]
    nodes = {name: np.array([-at, at]) for name, at in zip(PLANE, (10.0, 0.07), strict=True)}
    points = [UNCHANGED, *node_points(PLANE, list(nodes.values()))]
    legs = {point: walk.solve(stride, GaitModification(point)) for point in points}
    return response_surface(
        stride,
        walk.trial.subject,
        GaitModification(),
        nodes,
        legs,
        between=points[1:],  # as if it had been held against direct solutions
    )
