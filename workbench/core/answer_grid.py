"""The loads of a leg over two changes of gait, as splines that a browser can evaluate while a slider moves.

A surface interpolates mechanics and solves the muscles anew for each answer, which needs Python. Here the loads
themselves are tabled on a fine grid and joined by bicubic splines: moments are smooth over the grid, and contact forces
have small kinks where a muscle starts or stops working, which set the spacing of the nodes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from workbench.core.changes import KINDS, Changes
from workbench.core.response import ResponseSurface, node_points
from workbench.core.settings import GaitModification, LoadSettings
from workbench.core.types import Array
from workbench.core.vocabulary import CURVES, CYCLE_PERCENT, PEAKS

#: Nodes along the first and the second change, evenly spaced over the reach of a surface, with one at no change.
NODES: Final = (31, 9)
DEGREE: Final = 3
#: The total force is the sum of the other two.
GRID_CURVES: Final = tuple(name for name in CURVES if name != "total_contact_force_bw")
_CHECKS: Final = 12  # answers between the nodes that the splines are held against


@dataclass(frozen=True)
class GridError:
    """Largest difference of the splines from the surface's own answers, at points between the nodes."""

    contact_force_bw: float  #: over the cycle, of the medial and the lateral force
    moment_pct_bw_ht: float  #: over the cycle, of both knee moments


@dataclass(frozen=True, eq=False)
class AnswerGrid:
    """Loads of one leg, stride and set of assumptions over two changes of gait, as B-spline coefficients."""

    axes: tuple[str, str]  #: names of the changes
    template: GaitModification  #: the assumptions and the fixed changes, see `ResponseSurface`
    settings: LoadSettings
    knots: tuple[Array, Array]  #: of each change, in its own unit; those at the ends are repeated
    curves: Array  #: (a, b, curves, 101) coefficients, by `GRID_CURVES`, in the units of `vocabulary.CURVES`
    peaks: Array  #: (a, b, peaks) coefficients, by `vocabulary.PEAKS`
    lowest: Mapping[str, float]  #: of each curve at the nodes, in its unit: what an axis has to hold
    highest: Mapping[str, float]
    error: GridError

    def curves_at(self, changes: Changes) -> dict[str, Array]:
        """Curves (101,) with these changes, by the names of `GRID_CURVES`."""
        return dict(zip(GRID_CURVES, self._at(self.curves, changes), strict=True))

    def peaks_at(self, changes: Changes) -> dict[str, float]:
        """Peaks with these changes, by the names of `vocabulary.PEAKS`."""
        return dict(zip(PEAKS, map(float, self._at(self.peaks, changes)), strict=True))

    def _at(self, coefficients: Array, changes: Changes) -> Array:
        from scipy.interpolate import BSpline  # the page's own process does without scipy

        for knots, name in zip(self.knots, self.axes, strict=True):
            coefficients = BSpline(knots, coefficients, DEGREE, extrapolate=False)(changes[name])
        return np.asarray(coefficients)


def answer_grid(surface: ResponseSurface, settings: LoadSettings) -> AnswerGrid:
    """Table the loads of a surface over its first two changes.

    Parameters
    ----------
    surface : ResponseSurface
    settings : LoadSettings
    """
    axes = surface.axes[0], surface.axes[1]
    places = [
        np.linspace(-KINDS[name].reach, KINDS[name].reach, count) for name, count in zip(axes, NODES, strict=True)
    ]
    loads = [surface.loads_at(changes, settings) for changes in node_points(axes, places)]
    curves = np.array([[one.curves[name] for name in GRID_CURVES] for one in loads])
    peaks = np.array([[one.peaks[name] for name in PEAKS] for one in loads])
    knots, curve_coefficients = _splines(places, curves.reshape(*NODES, len(GRID_CURVES), len(CYCLE_PERCENT)))
    _, peak_coefficients = _splines(places, peaks.reshape(*NODES, len(PEAKS)))
    unmeasured = AnswerGrid(
        axes=axes,
        template=surface.template,
        settings=settings,
        knots=knots,
        curves=curve_coefficients,
        peaks=peak_coefficients,
        lowest=dict(zip(GRID_CURVES, curves.min(axis=(0, 2)).tolist(), strict=True)),
        highest=dict(zip(GRID_CURVES, curves.max(axis=(0, 2)).tolist(), strict=True)),
        error=GridError(0.0, 0.0),
    )
    return _measured(unmeasured, surface)


def _splines(places: Sequence[Array], values: Array) -> tuple[tuple[Array, Array], Array]:
    """Knots of both axes and tensor-product coefficients of splines through values (a, b, ...)."""
    from scipy.interpolate import make_interp_spline

    first = make_interp_spline(places[0], values, k=DEGREE, axis=0)
    second = make_interp_spline(places[1], first.c, k=DEGREE, axis=1)
    # The axis of a spline comes first in its coefficients.
    return (first.t, second.t), np.moveaxis(second.c, 0, 1)


def _measured(grid: AnswerGrid, surface: ResponseSurface) -> AnswerGrid:
    """The grid with its error, at points spread evenly between the nodes (a Halton sequence)."""
    worst = np.zeros(len(GRID_CURVES))
    for point in range(1, _CHECKS + 1):
        shares = (_radical_inverse(point, 2), _radical_inverse(point, 3))
        changes = Changes(
            {name: (2.0 * share - 1.0) * KINDS[name].reach for name, share in zip(grid.axes, shares, strict=True)}
        )
        exact, shown = surface.loads_at(changes, grid.settings).curves, grid.curves_at(changes)
        worst = np.maximum(worst, [float(np.abs(shown[name] - exact[name]).max()) for name in GRID_CURVES])
    by_name = dict(zip(GRID_CURVES, worst.tolist(), strict=True))
    forces = [error for name, error in by_name.items() if CURVES[name].unit == "BW"]
    moments = [error for name, error in by_name.items() if CURVES[name].unit != "BW"]
    return replace(grid, error=GridError(max(forces), max(moments)))


def _radical_inverse(number: int, base: int) -> float:
    """The digits of a number mirrored at the point.

    Examples
    --------
    >>> _radical_inverse(6, 2)  # 110 becomes 0.011
    0.375
    """
    value, share = 0.0, 1.0 / base
    while number:
        number, digit = divmod(number, base)
        value += digit * share
        share /= base
    return value
