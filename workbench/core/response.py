"""A person's response surface: the mechanics of one leg over foot progression angle and step width, and its loads.

The mechanics are smooth in both changes, so a few solutions at Chebyshev nodes stand for all; the muscles are solved
exactly on what is interpolated.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, replace
from typing import Final

import numpy as np

from workbench.core.errors import SettingError
from workbench.core.loads import KneeLoads, knee_loads
from workbench.core.types import Array, GaitModification, LegMechanics, LoadSettings, Stride, Subject
from workbench.core.vocabulary import CURVES, PEAKS

LARGEST_TURN_DEG: Final = 15.0  #: the surface reaches so far to both sides
LARGEST_WIDENING_M: Final = 0.10
#: Grid of a load map.
MAP_TURNS_DEG: Final = np.linspace(-LARGEST_TURN_DEG, LARGEST_TURN_DEG, 31)
MAP_WIDENINGS_M: Final = np.linspace(-LARGEST_WIDENING_M, LARGEST_WIDENING_M, 21)
MAP_TURNS_DEG.flags.writeable = False
MAP_WIDENINGS_M.flags.writeable = False
#: Where the error of a surface is measured: its corners, where a Chebyshev polynomial errs most, and between nodes.
CHECK_POINTS: Final = (
    (-LARGEST_TURN_DEG, -LARGEST_WIDENING_M),
    (-LARGEST_TURN_DEG, LARGEST_WIDENING_M),
    (LARGEST_TURN_DEG, -LARGEST_WIDENING_M),
    (LARGEST_TURN_DEG, LARGEST_WIDENING_M),
    (-10.0, 0.0),
    (10.0, 0.0),
    (0.0, -0.07),
    (0.0, 0.07),
)


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
    points: tuple[tuple[float, float], ...]  #: (degrees, metres)


@dataclass(frozen=True, eq=False)
class ResponseSurface:
    """One leg's mechanics in one stride, over the change of foot progression angle and of step width.

    What is interpolated is the difference from the recorded walk, with the recorded walk itself (no change) as one
    more condition: it comes out exactly, and everything around it is the same polynomial.
    """

    stride: Stride
    subject: Subject
    template: GaitModification  #: the assumptions; its two changes are zero
    baseline: LegMechanics  #: the recorded walk
    turns_deg: Array  #: (a,) nodes of the change of foot progression angle
    widenings_m: Array  #: (b,) nodes of the change of step width
    differences: Array  #: (a * b, numbers in a bundle) from the baseline; step width varies fastest
    outside_foot_m: Array  #: (1 + a * b,) how far the centre of pressure leaves the foot, recorded first
    error: InterpolationError | None = None  #: None: not measured

    def mechanics_at(self, turn_deg: float, widening_m: float) -> LegMechanics:
        """Mechanics with a change of foot progression angle (degrees) and of step width (metres).

        Raises
        ------
        SettingError
            If the change lies outside the surface.
        """
        weights = self.weights(turn_deg, widening_m)
        if turn_deg == 0.0 and widening_m == 0.0:
            return self.baseline
        # Not a matrix product: its threads take longer to gather than the sum itself.
        change = np.einsum("k,ki->i", weights, self.differences)
        return _unpacked(_packed(self.baseline) + change, self.baseline)

    def loads_at(self, turn_deg: float, widening_m: float, settings: LoadSettings) -> KneeLoads:
        """Knee loads with a change of foot progression angle (degrees) and of step width (metres)."""
        return knee_loads(self.mechanics_at(turn_deg, widening_m), self.stride, self.subject, settings)

    def outside_foot_at(self, turn_deg: float, widening_m: float) -> float:
        """Largest distance of the loaded centre of pressure outside the foot's outline, metres; 0 if inside."""
        recorded, nodes = self.outside_foot_m[0], self.outside_foot_m[1:]
        return max(0.0, float(recorded + self.weights(turn_deg, widening_m) @ (nodes - recorded)))

    def weights(self, turn_deg: float, widening_m: float) -> Array:
        """Weight of each node's difference (a * b,) in the interpolated difference.

        Raises
        ------
        SettingError
            If the change lies outside the surface.
        """
        if not (abs(turn_deg) <= LARGEST_TURN_DEG and abs(widening_m) <= LARGEST_WIDENING_M):
            raise SettingError(
                f"a change of {turn_deg:+g}° and {100 * widening_m:+g} cm lies outside the prepared"
                f" ±{LARGEST_TURN_DEG:g}° and ±{100 * LARGEST_WIDENING_M:g} cm."
            )
        tensor = np.kron(lagrange_basis(self.turns_deg, turn_deg), lagrange_basis(self.widenings_m, widening_m))
        at_zero = np.kron(lagrange_basis(self.turns_deg, 0.0), lagrange_basis(self.widenings_m, 0.0))
        # A polynomial that is one at zero and vanishes at every node takes away what the interpolation leaves at zero.
        vanishing = [
            value
            for value in (_node_polynomial(self.turns_deg, turn_deg), _node_polynomial(self.widenings_m, widening_m))
            if value is not None
        ]
        return np.asarray(tensor - at_zero * (sum(vanishing) / len(vanishing)) if vanishing else tensor)

    def modification(self, turn_deg: float, widening_m: float) -> GaitModification:
        """The change of gait at a point of the surface, with all its assumptions."""
        return replace(self.template, foot_progression_change_deg=turn_deg, step_width_change_m=widening_m)


def response_surface(
    stride: Stride,
    subject: Subject,
    template: GaitModification,
    baseline: LegMechanics,
    turns_deg: Array,
    widenings_m: Array,
    solved: Mapping[tuple[float, float], LegMechanics],
    outside_foot_m: Mapping[tuple[float, float], float],
) -> ResponseSurface:
    """Put a surface together.

    Parameters
    ----------
    stride, subject, template
        What the solutions belong to.
    baseline : LegMechanics
        Without a change.
    turns_deg, widenings_m : (a,), (b,) arrays
        Nodes of the two changes.
    solved : mapping
        Mechanics by node, at least at every pair of `turns_deg` and `widenings_m`.
    outside_foot_m : mapping
        How far the centre of pressure leaves the foot, at the same nodes and at ``(0.0, 0.0)``.
    """
    nodes = [(float(turn), float(widening)) for turn in turns_deg for widening in widenings_m]
    recorded = _packed(baseline)
    return ResponseSurface(
        stride=stride,
        subject=subject,
        template=replace(template, foot_progression_change_deg=0.0, step_width_change_m=0.0),
        baseline=baseline,
        turns_deg=np.asarray(turns_deg),
        widenings_m=np.asarray(widenings_m),
        differences=np.array([_packed(solved[node]) - recorded for node in nodes]),
        outside_foot_m=np.array([outside_foot_m[node] for node in [(0.0, 0.0), *nodes]]),
    )


def interpolation_error(
    surface: ResponseSurface, direct: Mapping[tuple[float, float], LegMechanics], settings: LoadSettings
) -> InterpolationError:
    """Compare a surface with direct solutions at the points (degrees, metres) of `direct`."""
    force, moment = 0.0, 0.0
    for point, mechanics in direct.items():
        exact = knee_loads(mechanics, surface.stride, surface.subject, settings).curves
        near = surface.loads_at(*point, settings).curves
        gap = {name: float(np.abs(near[name] - exact[name]).max()) for name in CURVES}
        force = max(force, *(gap[name] for name in CURVES if name.endswith("_force_bw")))
        moment = max(moment, gap["knee_adduction_moment_pct_bw_ht"])
    return InterpolationError(force, moment, tuple(direct))


@dataclass(frozen=True)
class LoadMap:
    """Outcomes over the plane of both changes."""

    turns_deg: Array  #: (p,)
    widenings_m: Array  #: (q,)
    values: Mapping[str, Array]  #: (p, q) by the names of the outcomes
    recorded: Mapping[str, float]  #: the same of the recorded walk
    error: InterpolationError | None


def load_map(
    surface: ResponseSurface,
    outcomes: Callable[[float, float], Mapping[str, float]],
    *,
    turns_deg: Array = MAP_TURNS_DEG,
    widenings_m: Array = MAP_WIDENINGS_M,
    progress: Callable[[int, int], None] | None = None,
) -> LoadMap:
    """Evaluate outcomes on a grid; all of them at once, because they come from one solution.

    Parameters
    ----------
    surface : ResponseSurface
    outcomes : callable
        Numbers by name at a point (degrees, metres), see `peaks_of` and `workbench.advice.target.outcomes_of`.
    turns_deg, widenings_m : (p,), (q,) arrays
    progress : callable, optional
        Is told how many of the p columns are done.
    """
    recorded = outcomes(0.0, 0.0)
    values = {name: np.empty((len(turns_deg), len(widenings_m))) for name in recorded}
    for i, turn in enumerate(turns_deg):
        for j, widening in enumerate(widenings_m):
            for name, value in outcomes(float(turn), float(widening)).items():
                values[name][i, j] = value
        if progress is not None:
            progress(i + 1, len(turns_deg))
    return LoadMap(np.asarray(turns_deg), np.asarray(widenings_m), values, recorded, surface.error)


def peaks_of(surface: ResponseSurface, settings: LoadSettings) -> Callable[[float, float], dict[str, float]]:
    """The summary numbers of `vocabulary.PEAKS` as a function of the two changes."""

    def peaks(turn_deg: float, widening_m: float) -> dict[str, float]:
        found = surface.loads_at(turn_deg, widening_m, settings).peaks
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
