"""How the muscles share the joint moments: static optimisation as a convex quadratic programme at each instant.

Contact can only press: where the cheapest sharing would let a compartment of the knee pull, the muscles hold it down.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import daqp
import numpy as np
from numpy.typing import NDArray

from workbench.core.errors import SimulationError
from workbench.core.types import Array

#: Starts of muscle names by group, in the Rajagopal and gait2392 families.
MUSCLE_GROUPS: Final[dict[str, tuple[str, ...]]] = {
    "gastrocnemius": ("gaslat", "gasmed", "med_gas", "lat_gas"),
    "hamstrings": ("semimem", "semiten", "bflh", "bifemlh"),
}

#: Starts of the names of all muscles of both families.
KNOWN_MUSCLES: Final = (
    "add", "bfl", "bfs", "bifem", "edl", "ehl", "ercspn", "ext", "fdl", "fhl", "flex_", "gasl", "gasm", "gem", "glm",
    "glut_", "grac", "iliacus", "intobl", "lat_gas", "med_gas", "pect", "per", "piri", "psoas", "quad_fem", "recf",
    "rect_", "sar", "semimem", "semiten", "soleus", "tfl", "tib", "vas_", "vasi", "vasl", "vasm",
)  # fmt: skip

#: Weight on squared activation by group; muscles of no group weigh 1.
WEIGHT_PRESETS: Final[dict[str, dict[str, float]]] = {
    # Steele et al. 2012 (Gait Posture 35:556) and DeMers et al. 2014 (J Orthop Res 32:769): weighting the muscles that
    # cross the knee, the gastrocnemii most, brings contact force down to what instrumented knees measure.
    "contact": {"gastrocnemius": 7.0, "hamstrings": 3.0},
    # Crowninshield and Brand 1981 (J Biomech 14:793) with exponent 2; what OpenSim's StaticOptimization does.
    "equal": {},
}

RESERVE_MOMENT_Nm: Final = 1.0
#: Price of a newton of pull in a contact, in units of squared activation; its square costs the same. Muscles hold the
#: last newton down for 0.008 at most (19 recorded stances, either preset, knees 10 mm and 5 degrees off): a contact
#: pulls only where no muscle can hold it down.
PULL_COST_PER_N: Final = 1.0
_ROUNDING_N: Final = 1e-6  # asked of a contact that would pull, so that rounding does not leave it below zero


@dataclass(frozen=True)
class Contacts:
    """Contact forces as linear functions of the activations, newtons, compression positive; c contacts."""

    without_muscles_N: Array  #: (n, c) at zero activation
    per_activation_N: Array  #: (n, m, c)

    def forces_N(self, activation: Array) -> Array:
        """Contact forces (n, c) with these activations (n, m)."""
        return self.without_muscles_N + np.einsum("nmc,nm->nc", self.per_activation_N, activation)


@dataclass(frozen=True)
class Followed:
    """Activations that some muscles are to follow, for instance those that their EMG tells."""

    muscles: NDArray[np.intp]  #: (k,) their places
    activation: Array  #: (n, k)
    weight: float


@dataclass(frozen=True)
class MuscleSharing:
    """Result of static optimisation at n instants."""

    activation: Array  #: (n, m) 0 to 1
    reserve_moment_Nm: Array  #: (n, d) what the muscles could not supply
    activation_if_free: Array  #: (n, m) the same where contacts may pull; `activation` itself where none would


def muscle_weights(names: Sequence[str], preset: str, by_group: Mapping[str, float | None] | None = None) -> Array:
    """Weights (m,) on squared activation for muscles of these names.

    Parameters
    ----------
    names : sequence of str
    preset : str
        A key of `WEIGHT_PRESETS`.
    by_group : mapping, optional
        Weights by the names of `MUSCLE_GROUPS` that take the place of the preset's; None keeps the preset's.

    Examples
    --------
    >>> muscle_weights(["gasmed_r", "semimem_r", "soleus_r"], "contact").tolist()
    [7.0, 3.0, 1.0]
    >>> muscle_weights(["gasmed_r", "semimem_r", "soleus_r"], "contact", {"gastrocnemius": 5.0}).tolist()
    [5.0, 3.0, 1.0]
    """
    chosen = {group: weight for group, weight in (by_group or {}).items() if weight is not None}
    weights = WEIGHT_PRESETS[preset] | chosen
    return np.array(
        [
            next((weights[g] for g, starts in MUSCLE_GROUPS.items() if g in weights and name.startswith(starts)), 1.0)
            for name in names
        ]
    )


def unknown_muscles(names: Sequence[str]) -> tuple[str, ...]:
    """Names that occur in neither family, in the order given.

    Examples
    --------
    >>> unknown_muscles(["gasmed_r", "soleus_l", "calf_r"])
    ('calf_r',)
    """
    return tuple(name for name in names if not name.startswith(KNOWN_MUSCLES))


def share_moments(
    moment_Nm: Array,
    moment_per_activation_Nm: Array,
    weights: Array,
    least_activation: Array,
    contacts: Contacts | None = None,
    followed: Followed | None = None,
) -> MuscleSharing:
    """Find the activations that produce the joint moments with the least weighted sum of squares.

    Minimises ``sum(weights * a**2) + sum((reserve / RESERVE_MOMENT_Nm)**2)`` subject to
    ``moment_per_activation.T @ a + reserve == moment`` and ``least_activation <= a <= 1`` at each instant and, where
    contacts are given, ``contacts.forces_N(a) >= 0``; a contact that cannot be held down pulls, at `PULL_COST_PER_N`.

    Parameters
    ----------
    moment_Nm : (n, d) array
        Net joint moment the active muscles have to supply.
    moment_per_activation_Nm : (n, m, d) array
        Moment arm times active force.
    weights : (m,) array
    least_activation : (m,) array
    contacts : Contacts, optional
        Forces that can only press; none by default.
    followed : Followed, optional
        Activations that some muscles are to follow: the weighted squared difference from them takes the place of the
        weighted square of their activation.

    Raises
    ------
    SimulationError
        If the programme cannot be solved (an infinite or missing number got in).

    Examples
    --------
    >>> moment_per_activation_Nm = np.array([[[30.0], [10.0]]])  # one instant, two muscles, one joint
    >>> sharing = share_moments(np.array([[15.0]]), moment_per_activation_Nm, np.ones(2), np.zeros(2))
    >>> sharing.activation.round(2).tolist(), sharing.reserve_moment_Nm.round(2).tolist()
    ([[0.45, 0.15]], [[0.01]])

    A contact that is pulled apart with 100 N and that only the second muscle presses, with 500 N at full activation:

    >>> contacts = Contacts(np.array([[-100.0]]), np.array([[[0.0], [500.0]]]))
    >>> held = share_moments(np.array([[15.0]]), moment_per_activation_Nm, np.ones(2), np.zeros(2), contacts)
    >>> held.activation.round(2).tolist(), held.activation_if_free.round(2).tolist()
    ([[0.43, 0.2]], [[0.45, 0.15]])
    """
    m = moment_per_activation_Nm.shape[1]
    if not (np.isfinite(moment_Nm).all() and np.isfinite(moment_per_activation_Nm).all()):
        raise SimulationError("the joint moments or moment arms are not finite.", remedy="Check the motion for jumps.")
    scaled = moment_per_activation_Nm / RESERVE_MOMENT_Nm
    # The reserves are eliminated: what is left is a least-squares problem with bounds, always feasible.
    # A product of two arrays, not of one with itself: that takes numpy's slow path, ten times longer.
    hessian = scaled @ (2.0 * scaled).transpose(0, 2, 1)
    diagonal = np.arange(m)
    linear = -2.0 * np.einsum("nmd,nd->nm", scaled, moment_Nm / RESERVE_MOMENT_Nm)
    if followed is not None:
        weights = weights.copy()
        weights[followed.muscles] = followed.weight
        linear[:, followed.muscles] -= 2.0 * followed.weight * followed.activation
    hessian[:, diagonal, diagonal] += 2.0 * weights
    free = _within_bounds(hessian, linear, least_activation)
    # An optimum that keeps the contacts pressed is the optimum with that condition, too.
    activation = free if contacts is None else _held_down(hessian, linear, least_activation, contacts, free)
    supplied = np.einsum("nmd,nm->nd", moment_per_activation_Nm, activation)
    return MuscleSharing(activation, moment_Nm - supplied, free)


def _within_bounds(hessian: Array, linear: Array, least_activation: Array) -> Array:
    """Minimise ``a @ hessian @ a / 2 + linear @ a`` within the bounds of the activations, (n, m)."""
    n, m = linear.shape
    # One workspace for all instants: each starts from the bounds that were active at the one before.
    solver = daqp.Model()
    activation = np.empty((n, m))
    for i in range(n):
        if i == 0:
            solver.setup(
                hessian[i], linear[i], np.zeros((0, m)), np.ones(m), least_activation, np.zeros(m, dtype=np.int32)
            )
        else:
            solver.update(H=hessian[i], f=linear[i])
        activation[i] = _solved(solver, i)
    return activation


def _held_down(hessian: Array, linear: Array, least_activation: Array, contacts: Contacts, free: Array) -> Array:
    """The same with contacts that only press: `free` wherever its contacts do, (n, m).

    Each contact has a pull as one more unknown. Its price per newton is higher than what the muscles ever ask, so that
    it is zero, not small, wherever they can hold the contact down.
    """
    activation = free.copy()
    m, c = contacts.per_activation_N.shape[1:]
    quadratic = np.zeros((m + c, m + c))
    quadratic[range(m, m + c), range(m, m + c)] = 2.0 * PULL_COST_PER_N
    lower = np.concatenate([least_activation, np.zeros(c)])
    upper = np.concatenate([np.ones(m), np.full(2 * c, np.inf)])
    for i in np.flatnonzero((contacts.forces_N(free) < 0.0).any(axis=1)):
        quadratic[:m, :m] = hessian[i]
        solver = daqp.Model()
        solver.setup(
            quadratic,
            np.concatenate([linear[i], np.full(c, PULL_COST_PER_N)]),
            np.hstack([contacts.per_activation_N[i].T, np.eye(c)]),
            upper,
            np.concatenate([lower, _ROUNDING_N - contacts.without_muscles_N[i]]),
            np.zeros(m + 2 * c, dtype=np.int32),
        )
        activation[i] = _solved(solver, int(i))[:m]
    return activation


def _solved(solver: Any, instant: int) -> Array:
    values, _, flag, _ = solver.solve()
    if flag != 1:
        raise SimulationError(f"the muscle forces could not be found at instant {instant} (solver status {flag}).")
    return np.asarray(values)
