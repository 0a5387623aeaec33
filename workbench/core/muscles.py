"""How the muscles share the joint moments: static optimisation as a convex quadratic programme at each instant."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import daqp
import numpy as np

from workbench.core.errors import SettingError, SimulationError
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


@dataclass(frozen=True)
class MuscleSharing:
    """Result of static optimisation at n instants."""

    activation: Array  #: (n, m) 0 to 1
    reserve_moment_Nm: Array  #: (n, d) what the muscles could not supply


def muscle_weights(names: Sequence[str], preset: str) -> Array:
    """Weights (m,) on squared activation for muscles of these names.

    Raises
    ------
    SettingError
        If there is no such preset.

    Examples
    --------
    >>> muscle_weights(["gasmed_r", "semimem_r", "soleus_r"], "contact").tolist()
    [7.0, 3.0, 1.0]
    """
    if preset not in WEIGHT_PRESETS:
        raise SettingError(
            f"there are no muscle weights called {preset!r}.", remedy=f"Use one of {', '.join(WEIGHT_PRESETS)}."
        )
    by_group = WEIGHT_PRESETS[preset]
    return np.array(
        [
            next((by_group[g] for g, starts in MUSCLE_GROUPS.items() if g in by_group and name.startswith(starts)), 1.0)
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
    moment_Nm: Array, moment_per_activation_Nm: Array, weights: Array, least_activation: Array
) -> MuscleSharing:
    """Find the activations that produce the joint moments with the least weighted sum of squares.

    Minimises ``sum(weights * a**2) + sum((reserve / RESERVE_MOMENT_Nm)**2)`` subject to
    ``moment_per_activation.T @ a + reserve == moment`` and ``least_activation <= a <= 1`` at each instant.

    Parameters
    ----------
    moment_Nm : (n, d) array
        Net joint moment the active muscles have to supply.
    moment_per_activation_Nm : (n, m, d) array
        Moment arm times active force.
    weights : (m,) array
    least_activation : (m,) array

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
    """
    n, m, _ = moment_per_activation_Nm.shape
    if not (np.isfinite(moment_Nm).all() and np.isfinite(moment_per_activation_Nm).all()):
        raise SimulationError("the joint moments or moment arms are not finite.", remedy="Check the motion for jumps.")
    scaled = moment_per_activation_Nm / RESERVE_MOMENT_Nm
    # The reserves are eliminated: what is left is a least-squares problem with bounds, always feasible.
    # A product of two arrays, not of one with itself: that takes numpy's slow path, ten times longer.
    hessian = scaled @ (2.0 * scaled).transpose(0, 2, 1)
    diagonal = np.arange(m)
    hessian[:, diagonal, diagonal] += 2.0 * weights
    linear = -2.0 * np.einsum("nmd,nd->nm", scaled, moment_Nm / RESERVE_MOMENT_Nm)
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
        activation[i], _, flag, _ = solver.solve()
        if flag != 1:
            raise SimulationError(f"the muscle forces cannot be found at instant {i} (solver status {flag}).")
    supplied = np.einsum("nmd,nm->nd", moment_per_activation_Nm, activation)
    return MuscleSharing(activation, moment_Nm - supplied)
