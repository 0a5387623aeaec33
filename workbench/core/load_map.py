"""Outcomes of a response surface over the plane of two changes of gait."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from workbench.core.changes import KINDS, UNCHANGED, Changes, achieved
from workbench.core.errors import SettingError
from workbench.core.outcomes import Outcomes, leg_outcomes
from workbench.core.response import InterpolationError, ResponseSurface, interpolation_error
from workbench.core.settings import LoadSettings
from workbench.core.types import Array
from workbench.core.vocabulary import JOINT_PEAKS, PEAKS, Quantity

#: What a map can show: what is changed is no outcome.
OUTCOMES: Final[Mapping[str, Quantity]] = {
    name: quantity for name, quantity in (PEAKS | JOINT_PEAKS).items() if name not in achieved()
}


def mapped_quantity(outcome: str) -> Quantity:
    """The quantity shown by a load map of this name.

    Raises
    ------
    SettingError
        If the outcome is unknown.

    Examples
    --------
    >>> mapped_quantity("mcf_peak_2_bw").label
    'Medial force, second peak'
    """
    if outcome not in OUTCOMES:
        raise SettingError(f"there is no outcome {outcome!r}.", remedy=f"Choose one of {', '.join(OUTCOMES)}.")
    return OUTCOMES[outcome]


@dataclass(frozen=True)
class LoadMap:
    """Outcomes over the plane of two changes."""

    axes: tuple[str, str]  #: names of the changes
    grid: tuple[Array, Array]  #: (p,), (q,) values of each
    values: Mapping[str, Array]  #: (p, q) by the names of the outcomes
    recorded: Mapping[str, float]  #: the same without the changes
    error: InterpolationError | None

    def points(self) -> Iterator[tuple[int, int, Changes]]:
        """Every point of the map, with its place in `values`."""
        for i, first in enumerate(self.grid[0]):
            for j, second in enumerate(self.grid[1]):
                yield i, j, Changes({self.axes[0]: float(first), self.axes[1]: float(second)})


def map_grid(axes: Sequence[str]) -> dict[str, Array]:
    """The values at which a map is evaluated, over the range of a surface, in the steps of each change.

    Examples
    --------
    >>> {name: len(values) for name, values in map_grid(list(KINDS)[:2]).items()}
    {'foot_progression_change_deg': 31, 'step_width_change_m': 21}
    """
    return {name: KINDS[name].grid(KINDS[name].reach, KINDS[name].step) for name in axes}


def outcome_map(
    surface: ResponseSurface,
    settings: LoadSettings,
    axes: Sequence[str] | None = None,
    *,
    progress: Callable[[int, int], None] | None = None,
) -> LoadMap:
    """All outcomes over two changes of gait, with the error of the surface.

    Parameters
    ----------
    surface : ResponseSurface
    settings : LoadSettings
    axes : sequence of str, optional
        Two changes of the surface; by default its first two.
    progress : callable, optional
        See `load_map`.
    """
    return load_map(
        surface,
        outcomes_of(surface, settings),
        grid=map_grid(axes or surface.axes[:2]),
        error=interpolation_error(surface, settings),
        progress=progress,
    )


def outcomes_of(surface: ResponseSurface, settings: LoadSettings) -> Callable[[Changes], Outcomes]:
    """All outcomes as a function of the changes, for `load_map` and the search of a target."""

    def outcomes(changes: Changes) -> Outcomes:
        return leg_outcomes(
            surface.mechanics_at(changes),
            surface.outside_foot_at(changes),
            surface.stride,
            surface.subject,
            settings,
        )

    return outcomes


def load_map(
    surface: ResponseSurface,
    outcomes: Callable[[Changes], Mapping[str, float]],
    *,
    grid: Mapping[str, Array] | None = None,
    error: InterpolationError | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> LoadMap:
    """Evaluate outcomes on a grid; all of them at once, because they come from one solution.

    Parameters
    ----------
    surface : ResponseSurface
    outcomes : callable
        Numbers by name with some changes, see `outcomes_of`.
    grid : mapping, optional
        (p,) and (q,) arrays by the names of two changes of the surface; by default its first two, in the steps of each.
    error : InterpolationError, optional
        Of the surface.
    progress : callable, optional
        Is told how many of the p columns are done.
    """
    if grid is None:
        grid = map_grid(surface.axes[:2])
    (first, rows), (second, columns) = grid.items()
    recorded = dict(outcomes(UNCHANGED))
    values = {name: np.empty((len(rows), len(columns))) for name in recorded}
    for i, row in enumerate(rows):
        for j, column in enumerate(columns):
            for name, value in outcomes(Changes({first: float(row), second: float(column)})).items():
                values[name][i, j] = value
        if progress is not None:
            progress(i + 1, len(rows))
    return LoadMap((first, second), (np.asarray(rows), np.asarray(columns)), values, recorded, error)
