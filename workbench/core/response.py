"""A person's response surface: mechanics and loads of one leg over two or more changes of gait.

The mechanics vary smoothly with the changes, so a few solutions at Chebyshev nodes are interpolated; the muscles are
then solved exactly.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from functools import lru_cache, reduce
from itertools import product
from typing import Final

import numpy as np

from workbench.core.changes import KINDS, UNCHANGED, Changes
from workbench.core.errors import SettingError
from workbench.core.findings import Finding
from workbench.core.loads import KneeLoads, knee_loads
from workbench.core.outcomes import judged_leg
from workbench.core.settings import GaitModification, LoadSettings
from workbench.core.types import Array, LegMechanics, MechanicsChecks, SolvedLeg, Stride, Subject
from workbench.core.vocabulary import CURVES

#: The two changes that a surface spans where nothing else is asked for: the first two that there are.
PLANE: Final = tuple(KINDS)[:2]
_NODES: Final = 4


def nodes_over(axes: Sequence[str]) -> dict[str, int]:
    """Number of Chebyshev nodes of a surface along each of these changes, by name.

    Examples
    --------
    >>> nodes_over(["step_width_change_m"])
    {'step_width_change_m': 4}
    """
    return dict.fromkeys(axes, _NODES)


#: The same where nothing else is asked for.
NODES: Final[Mapping[str, int]] = nodes_over(PLANE)


#: Is told of every solution that a surface gains.
OnUpdate = Callable[["SurfaceUpdate"], None]


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
    """Largest difference of interpolated from directly solved loads, at points between the nodes of a surface."""

    curves: Mapping[str, float]  #: over the cycle, by the names of `vocabulary.CURVES`
    outcomes: Mapping[str, float]  #: of every number of `outcomes.leg_outcomes`: peaks, and what guard rails look at
    points: tuple[Changes, ...]

    @property
    def contact_force_bw(self) -> float:
        """Of the medial, lateral and total contact force over the cycle."""
        return max(error for name, error in self.curves.items() if name.endswith("_force_bw"))

    @property
    def kam_pct_bw_ht(self) -> float:
        """Of the knee adduction moment over the cycle."""
        return self.curves["knee_adduction_moment_pct_bw_ht"]


#: What an interpolated answer may lie from a direct one before a reader is told: a tenth of the errors of such models.
_DOUBTFUL_BW: Final = 0.05
_DOUBTFUL_KAM_PCT_BW_HT: Final = 0.05


def interpolation_findings(error: InterpolationError | None) -> tuple[Finding, ...]:
    """Finding about an interpolated answer; none if it is as good as a direct one.

    Examples
    --------
    >>> coarse = InterpolationError({name: 0.08 for name in CURVES}, {}, ())
    >>> [finding.code for finding in interpolation_findings(coarse)]
    ['interpolated']
    """
    if error is None or (error.contact_force_bw <= _DOUBTFUL_BW and error.kam_pct_bw_ht <= _DOUBTFUL_KAM_PCT_BW_HT):
        return ()
    return (
        Finding(
            "interpolated", "doubtful", "modified walk",
            f"The instant answer may differ from the direct solution by {error.contact_force_bw:.2f} BW and"
            f" {error.kam_pct_bw_ht:.2f} % BW·ht.",
            "Solve it directly: workbench simulate, or workbench.simulate in Python.",
            limit=f"{_DOUBTFUL_BW:g} BW and {_DOUBTFUL_KAM_PCT_BW_HT:g} % BW·ht",
            source="rule of thumb of this program",
        ),
    )  # fmt: skip


#: Figures of `MechanicsChecks` that a surface carries, with an interpolated answer as with a direct one.
CARRIED: Final = (
    "centre_of_pressure_outside_foot_m",
    "foot_missed_mm",
    "foot_missed_deg",
    "instants_not_converged",
)
_OUTSIDE_FOOT: Final = CARRIED.index("centre_of_pressure_outside_foot_m")


@dataclass(frozen=True, eq=False)
class Solutions:
    """Direct solutions of p changes of gait."""

    points: tuple[Changes, ...]  #: (p,)
    mechanics: Array  #: (p, numbers in a bundle)
    figures: Array  #: (p, figures) by `CARRIED`


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
    figures: Array  #: (1 + a * b * ..., figures) by `CARRIED`, the baseline first
    between: Solutions | None = None  #: direct solutions to measure its error by; None while it is being refined

    @property
    def complete(self) -> bool:
        """Whether it is complete, so that its error can be computed."""
        return self.between is not None

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
        return float(self._figures_at(changes)[_OUTSIDE_FOOT])

    def checks_at(self, changes: Changes) -> MechanicsChecks:
        """The checks of a direct solution; residuals at the pelvis are not interpolated.

        Instants that did not converge are counted at the node with most of them.
        """
        figures = dict(zip(CARRIED, map(float, self._figures_at(changes)), strict=True))
        figures["instants_not_converged"] = float(self.figures[:, CARRIED.index("instants_not_converged")].max())
        return MechanicsChecks(None, None, None, **figures)

    def _figures_at(self, changes: Changes) -> Array:
        without, nodes = self.figures[0], self.figures[1:]
        return np.maximum(0.0, without + self.weights(changes) @ (nodes - without))

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
    solved: Mapping[Changes, SolvedLeg],
    between: Sequence[Changes] = (),
) -> ResponseSurface:
    """Put a surface together.

    Parameters
    ----------
    stride, subject, template
        What the solutions belong to.
    nodes : mapping
        Nodes of each change that the surface spans, (a,), (b,) ... arrays by its name.
    solved : mapping
        The leg with those changes, at least at `node_points` and without them (`UNCHANGED`).
    between : sequence of Changes
        Where else it is solved, to measure the error by; none while the surface is being refined.
    """
    axes = tuple(nodes)
    points = node_points(axes, list(nodes.values()))
    baseline = solved[UNCHANGED].mechanics
    at_nodes = solutions_of(solved, (UNCHANGED, *points))
    return ResponseSurface(
        stride=stride,
        subject=subject,
        template=replace(template, changes=template.changes.without(axes)),
        baseline=baseline,
        axes=axes,
        nodes=tuple(np.asarray(one) for one in nodes.values()),
        differences=at_nodes.mechanics[1:] - at_nodes.mechanics[0],
        figures=at_nodes.figures,
        between=solutions_of(solved, tuple(between)) if between else None,
    )


def solutions_of(solved: Mapping[Changes, SolvedLeg], points: tuple[Changes, ...]) -> Solutions:
    """Selected solved legs as arrays."""
    legs = [solved[point] for point in points]
    return Solutions(
        points,
        np.array([_packed(leg.mechanics) for leg in legs]),
        np.array([[float(getattr(leg.checks, name)) for name in CARRIED] for leg in legs]),
    )


@dataclass(frozen=True)
class SurfaceUpdate:
    """How far a surface that is being prepared has come."""

    done: int  #: solutions there are
    total: int  #: solutions there will be
    surface: ResponseSurface | None  #: the best so far; None until it can be used


@lru_cache(maxsize=16)  # a page asks for it with every answer
def interpolation_error(surface: ResponseSurface, settings: LoadSettings) -> InterpolationError | None:
    """Compare a surface with direct solutions between its nodes, under the current settings.

    Parameters
    ----------
    surface : ResponseSurface
    settings : LoadSettings
        Of the loads that are drawn from it.

    Returns
    -------
    InterpolationError or None
        None while the surface is being refined.
    """
    between = surface.between
    if between is None:
        return None
    curves: dict[str, float] = dict.fromkeys(CURVES, 0.0)
    outcomes: dict[str, float] = {}
    stride, subject = surface.stride, surface.subject
    for point, packed, figures in zip(between.points, between.mechanics, between.figures, strict=True):
        direct = _unpacked(packed, surface.baseline)
        exact, near = (
            judged_leg(mechanics, outside_m, stride, subject, settings)
            for mechanics, outside_m in (
                (direct, float(figures[_OUTSIDE_FOOT])),
                (surface.mechanics_at(point), surface.outside_foot_at(point)),
            )
        )
        for name in CURVES:
            gap = float(np.abs(near.loads.curves[name] - exact.loads.curves[name]).max())
            curves[name] = max(curves[name], gap)
        for name, value in exact.outcomes.items():
            outcomes[name] = max(outcomes.get(name, 0.0), abs(near.outcomes[name] - value))
    return InterpolationError(curves, outcomes, between.points)


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
