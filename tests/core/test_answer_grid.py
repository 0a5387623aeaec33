"""The grid gives the surface's own answers back, and says how far off it is between its nodes."""

from __future__ import annotations

import numpy as np
import pytest

from workbench.core.answer_grid import GRID_CURVES, AnswerGrid, answer_grid
from workbench.core.changes import UNCHANGED, Changes
from workbench.core.response import PLANE, ResponseSurface
from workbench.core.settings import LoadSettings


@pytest.fixture(scope="module")
def grid(surface: ResponseSurface) -> AnswerGrid:
    return answer_grid(surface, LoadSettings())


@pytest.mark.parametrize("place", [(0.0, 0.0), (-15.0, 0.1), (9.0, -0.025)])
def test_it_is_exact_at_its_nodes(grid: AnswerGrid, surface: ResponseSurface, place: tuple[float, float]) -> None:
    changes = Changes(dict(zip(PLANE, place, strict=True)))
    exact, shown = surface.loads_at(changes, LoadSettings()), grid.curves_at(changes)
    for name in GRID_CURVES:
        np.testing.assert_allclose(shown[name], exact.curves[name], atol=1e-9)
    assert grid.peaks_at(changes) == pytest.approx({name: exact.peaks[name] for name in grid.peaks_at(changes)})


def test_between_its_nodes_it_is_as_near_as_it_says(grid: AnswerGrid, surface: ResponseSurface) -> None:
    """The points are others than those at which the error was measured."""
    assert grid.error.contact_force_bw < 0.01
    assert grid.error.moment_pct_bw_ht < 0.005
    for turn, width in ((-7.6, 0.033), (3.3, -0.061), (11.4, 0.082)):
        changes = Changes(dict(zip(PLANE, (turn, width), strict=True)))
        exact, shown = surface.loads_at(changes, LoadSettings()).curves, grid.curves_at(changes)
        for name in GRID_CURVES:
            limit = grid.error.contact_force_bw if name.endswith("_bw") else grid.error.moment_pct_bw_ht
            assert np.abs(shown[name] - exact[name]).max() <= 2.0 * limit + 1e-4


def test_axes_hold_every_node(grid: AnswerGrid, surface: ResponseSurface) -> None:
    natural = surface.loads_at(UNCHANGED, LoadSettings()).curves
    for name in GRID_CURVES:
        assert grid.lowest[name] <= natural[name].min()
        assert grid.highest[name] >= natural[name].max()
