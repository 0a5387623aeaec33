"""A person's response surface: mechanics and loads of one leg over two or more changes of gait.

The mechanics vary smoothly with the changes, so a few solutions at Chebyshev nodes are interpolated; the muscles are
then solved exactly.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from functools import reduce
from itertools import product
from typing import Final

import numpy as np

from workbench.core.changes import KINDS, UNCHANGED, Changes, achieved
from workbench.core.errors import SettingError
from workbench.core.loads import KneeLoads, knee_loads
from workbench.core.settings import GaitModification, LoadSettings
from workbench.core.types import Array, LegMechanics, Stride, Subject
from workbench.core.vocabulary import CURVES, JOINT_PEAKS, PEAKS, Quantity

#: The two changes that a surface spans where nothing else is asked for: the first two that there are.
PLANE: Final = tuple(KINDS)[:2]
_NODES: Final = 4


def nodes_over(axes: Sequence[str]) -> dict[str, int]:
    """How many Chebyshev nodes a surface over these changes has along each, by their names.

    Examples
    --------
    >>> nodes_over(["step_width_change_m"])
    {'step_width_change_m': 4}
    """
    return dict.fromkeys(axes, _NODES)


#: The same where nothing else is asked for.
NODES: Final[Mapping[str, int]] = nodes_over(PLANE)


def check_points(axes: Sequence[str]) -> tuple[Changes, ...]:
    """Where the error of a surface is measured: its corners, where a Chebyshev polynomial errs most, and between nodes.

    Examples
    --------
    >>> for one in check_points(["foot_progression_change_deg"]):
    ...     print(one)
    toe-in 15°
    toe-out 15°
    toe-in 10°
    toe-out 10°
    """
    corners = product(*([(name, -KINDS[name].reach), (name, KINDS[name].reach)] for name in axes))
    between = [(name, sign * KINDS[name].check) for name in axes for sign in (-1.0, 1.0)]
    return tuple(Changes(dict(corner)) for corner in corners) + tuple(Changes({name: at}) for name, at in between)


def chebyshev_nodes(count: int, largest: float) -> Array:
    """Zeros of the Chebyshev polynomial of degree `count` between ``-largest`` and ``largest``, ascending.

    An odd count has its middle node at exactly zero.

    Examples
    --------
    >>> chebyshev_nodes(3, 15.0).round(1).tolist()
    [-13.0, 0.0, 13.0]
    """
    nodes = largest * np.cos(np.pi * (np.arange(count)[::-1] + 0.5) / count)
    return np.asarray((nodes - nodes[::-1]) / 2.0, dtype=float)


@dataclass(frozen=True)
class InterpolationError:
    """Largest difference of interpolated from directly solved loads over the cycle, at points between the nodes."""

    contact_force_bw: float  #: over the medial, lateral and total force
    kam_pct_bw_ht: float
    points: tuple[Changes, ...]


@dataclass(frozen=True, eq=False)
class ResponseSurface:
    """One leg's mechanics in one stride over a few changes of gait, by default `PLANE`; other changes are fixed.

    What is interpolated is the difference from the gait without those changes, with that gait itself as one more
    condition: it comes out exactly, and everything around it is the same polynomial.
    """

    stride: Stride
    subject: Subject
    template: GaitModification  #: the assumptions and the fixed changes; those of the axes are zero
    baseline: LegMechanics  #: of the template: the recorded walk, where nothing is fixed
    axes: tuple[str, ...]  #: names of the changes
    nodes: tuple[Array, ...]  #: (a,), (b,) ... nodes of each
    differences: Array  #: (a * b * ..., numbers in a bundle) from the baseline; the last axis varies fastest
    outside_foot_m: Array  #: (1 + a * b * ...,) how far the centre of pressure leaves the foot, the baseline first
    error: InterpolationError | None = None  #: None: not measured

    def mechanics_at(self, changes: Changes) -> LegMechanics:
        """Mechanics with these changes.

        Raises
        ------
        SettingError
            If they lie outside the surface.
        """
        weights = self.weights(changes)
        if not any(changes[name] for name in self.axes):
            return self.baseline
        # Not a matrix product: its threads take longer to gather than the sum itself.
        difference = np.einsum("k,ki->i", weights, self.differences)
        return _unpacked(_packed(self.baseline) + difference, self.baseline)

    def loads_at(self, changes: Changes, settings: LoadSettings) -> KneeLoads:
        """Knee loads with these changes."""
        return knee_loads(self.mechanics_at(changes), self.stride, self.subject, settings)

    def outside_foot_at(self, changes: Changes) -> float:
        """Largest distance of the loaded centre of pressure outside the foot's outline, metres; 0 if inside."""
        without, nodes = self.outside_foot_m[0], self.outside_foot_m[1:]
        return max(0.0, float(without + self.weights(changes) @ (nodes - without)))

    def answers(self, modification: GaitModification) -> bool:
        """Whether it can answer a question: the same assumptions and fixed changes, within its reach."""
        fixed = replace(modification, changes=modification.changes.without(self.axes))
        return fixed == self.template and self._reaches(modification.changes)

    def _reaches(self, changes: Changes) -> bool:
        return all(abs(changes[name]) <= KINDS[name].reach for name in self.axes)

    def weights(self, changes: Changes) -> Array:
        """Weight of each node's difference (a * b * ...,) in the interpolated difference.

        Raises
        ------
        SettingError
            If the changes lie outside the surface.
        """
        others = changes.without(self.axes)
        if not self._reaches(changes) or (others.any and others != self.template.changes):
            reach = " and ".join(f"±{KINDS[name].amount(KINDS[name].reach)}" for name in self.axes)
            raise SettingError(f"{changes}: outside the prepared range of {reach}.")
        at = [(nodes, changes[name]) for name, nodes in zip(self.axes, self.nodes, strict=True)]
        tensor = _kron([lagrange_basis(nodes, place) for nodes, place in at])
        at_zero = _kron([lagrange_basis(nodes, 0.0) for nodes in self.nodes])
        # A polynomial that is one at zero and vanishes at every node takes away what the interpolation leaves at zero.
        vanishing = [value for value in (_node_polynomial(*one) for one in at) if value is not None]
        return np.asarray(tensor - at_zero * (sum(vanishing) / len(vanishing)) if vanishing else tensor)


def _kron(bases: Sequence[Array]) -> Array:
    return reduce(lambda one, other: np.asarray(np.kron(one, other)), bases)


def node_points(axes: Sequence[str], nodes: Sequence[Array]) -> tuple[Changes, ...]:
    """The changes at every node of a surface, the last axis varying fastest.

    Examples
    --------
    >>> [str(one) for one in node_points(PLANE, [np.array([-10.0, 10.0]), np.array([0.05])])]
    ['toe-in 10° and 5 cm wider steps', 'toe-out 10° and 5 cm wider steps']
    """
    return tuple(Changes(dict(zip(axes, map(float, place), strict=True))) for place in product(*nodes))


def response_surface(
    stride: Stride,
    subject: Subject,
    template: GaitModification,
    nodes: Mapping[str, Array],
    solved: Mapping[Changes, LegMechanics],
    outside_foot_m: Mapping[Changes, float],
) -> ResponseSurface:
    """Put a surface together.

    Parameters
    ----------
    stride, subject, template
        What the solutions belong to.
    nodes : mapping
        Nodes of each change that the surface spans, (a,), (b,) ... arrays by its name.
    solved : mapping
        Mechanics with those changes, at least at `node_points` and without them (`UNCHANGED`).
    outside_foot_m : mapping
        How far the centre of pressure leaves the foot, at the same places.
    """
    axes = tuple(nodes)
    points = node_points(axes, list(nodes.values()))
    baseline = solved[UNCHANGED]
    recorded = _packed(baseline)
    return ResponseSurface(
        stride=stride,
        subject=subject,
        template=replace(template, changes=template.changes.without(axes)),
        baseline=baseline,
        axes=axes,
        nodes=tuple(np.asarray(one) for one in nodes.values()),
        differences=np.array([_packed(solved[point]) - recorded for point in points]),
        outside_foot_m=np.array([outside_foot_m[point] for point in (UNCHANGED, *points)]),
    )


@dataclass(frozen=True)
class SurfaceUpdate:
    """How far a surface that is being prepared has come."""

    done: int  #: solutions there are
    total: int  #: solutions there will be
    surface: ResponseSurface | None  #: the best so far; None until it can be used


def interpolation_error(
    surface: ResponseSurface, direct: Mapping[Changes, LegMechanics], settings: LoadSettings
) -> InterpolationError:
    """Compare a surface with direct solutions of the changes of `direct`."""
    force, moment = 0.0, 0.0
    for point, mechanics in direct.items():
        exact = knee_loads(mechanics, surface.stride, surface.subject, settings).curves
        near = surface.loads_at(point, settings).curves
        gap = {name: float(np.abs(near[name] - exact[name]).max()) for name in CURVES}
        force = max(force, *(gap[name] for name in CURVES if name.endswith("_force_bw")))
        moment = max(moment, gap["knee_adduction_moment_pct_bw_ht"])
    return InterpolationError(force, moment, tuple(direct))


#: What a map can show: what is changed is no outcome.
OUTCOMES: Final[Mapping[str, Quantity]] = {
    name: quantity for name, quantity in (PEAKS | JOINT_PEAKS).items() if name not in achieved()
}


def mapped_quantity(outcome: str) -> Quantity:
    """What a load map of this name shows.

    Raises
    ------
    SettingError
        If there is no such outcome.

    Examples
    --------
    >>> mapped_quantity("mcf_peak_2_bw").label
    'Medial force, second peak'
    """
    if outcome not in OUTCOMES:
        raise SettingError(f"there is no outcome called {outcome!r}.", remedy=f"Use one of {', '.join(OUTCOMES)}.")
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
    """The values at which a map is evaluated, as far as a surface reaches, in the steps of each change.

    Examples
    --------
    >>> {name: len(values) for name, values in map_grid(PLANE).items()}
    {'foot_progression_change_deg': 31, 'step_width_change_m': 21}
    """
    return {name: KINDS[name].grid(KINDS[name].reach, KINDS[name].step) for name in axes}


def load_map(
    surface: ResponseSurface,
    outcomes: Callable[[Changes], Mapping[str, float]],
    *,
    grid: Mapping[str, Array] | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> LoadMap:
    """Evaluate outcomes on a grid; all of them at once, because they come from one solution.

    Parameters
    ----------
    surface : ResponseSurface
    outcomes : callable
        Numbers by name with some changes, see `peaks_of` and `workbench.advice.target.outcomes_of`.
    grid : mapping, optional
        (p,) and (q,) arrays by the names of two changes of the surface; by default its first two, in the steps of each.
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
    return LoadMap((first, second), (np.asarray(rows), np.asarray(columns)), values, recorded, surface.error)


def peaks_of(surface: ResponseSurface, settings: LoadSettings) -> Callable[[Changes], dict[str, float]]:
    """The summary numbers of `vocabulary.PEAKS` as a function of the changes."""

    def peaks(changes: Changes) -> dict[str, float]:
        found = surface.loads_at(changes, settings).peaks
        return {name: found[name] for name in PEAKS}

    return peaks


def lagrange_basis(nodes: Array, at: float) -> Array:
    """Values (n,) at one place of the polynomials that are one at their own node and zero at the others.

    Examples
    --------
    >>> lagrange_basis(np.array([-1.0, 0.0, 1.0]), 0.5).tolist()
    [-0.125, 0.75, 0.375]
    """
    gaps = nodes[:, None] - nodes
    np.fill_diagonal(gaps, 1.0)
    steps = np.broadcast_to(at - nodes, gaps.shape).copy()
    np.fill_diagonal(steps, 1.0)
    return np.asarray(np.prod(steps / gaps, axis=1))


def _node_polynomial(nodes: Array, at: float) -> float | None:
    """Polynomial with the nodes as its zeros, one at zero; None where zero is a node."""
    return None if 0.0 in nodes else float(np.prod((at - nodes) / -nodes))


def _numbers(mechanics: LegMechanics) -> dict[str, Array]:
    """Everything of a bundle that is a number, by field."""
    values = {field.name: getattr(mechanics, field.name) for field in fields(mechanics)}
    return {name: np.asarray(value) for name, value in values.items() if isinstance(value, np.ndarray | float)}


def _packed(mechanics: LegMechanics) -> Array:
    return np.concatenate([value.ravel() for value in _numbers(mechanics).values()])


def _unpacked(packed: Array, like: LegMechanics) -> LegMechanics:
    changes: dict[str, Array | float] = {}
    start = 0
    for name, value in _numbers(like).items():
        part = packed[start : start + value.size].reshape(value.shape)
        changes[name] = part if part.ndim else float(part)
        start += value.size
    return replace(like, **changes)  # type: ignore[arg-type]
