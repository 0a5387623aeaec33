"""Loads at the knee: external moments, contact force, and its split between the compartments."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from workbench.core.types import Array

# Hip to knee and knee to ankle as fractions of stature (Drillis and Contini, in Winter 2009, fig. 4.1).
_THIGH, _SHANK = 0.245, 0.246


@dataclass(frozen=True)
class CompartmentForces:
    """Tibiofemoral contact force, newtons, compression positive; (n,) each; total = medial + lateral.

    Examples
    --------
    >>> CompartmentForces(medial_N=np.array([900.0]), lateral_N=np.array([-100.0])).total_N.tolist()  # lateral lift-off
    [800.0]
    """

    medial_N: Array
    lateral_N: Array

    @property
    def total_N(self) -> Array:
        """Sum of the compartments."""
        return self.medial_N + self.lateral_N


def external_moments(moment_on_shank_Nm: Array, lateral_sign: float) -> tuple[Array, Array]:
    """External knee adduction and flexion moment, (n,) each, from the external moment on shank and foot.

    The ground reaction passing medial to the knee turns the shank inwards (adduction), passing behind it bends the
    knee (flexion).

    Parameters
    ----------
    moment_on_shank_Nm : (n, 3) array
        Moment of ground reaction, gravity and inertia on shank and foot about the knee centre, in axes X forward,
        Y up, Z right.
    lateral_sign : float
        +1 for the right leg, -1 for the left.

    Examples
    --------
    >>> adduction, flexion = external_moments(np.array([[40.0, 0.0, -10.0]]), lateral_sign=1.0)
    >>> adduction.tolist(), flexion.tolist()
    ([40.0], [10.0])
    """
    return lateral_sign * moment_on_shank_Nm[:, 0], -moment_on_shank_Nm[:, 2]


def contact_wrench(external_wrench: Array, muscle_wrench_per_N: Array, tension_N: Array) -> Array:
    """Moment and force (n, 6) of the femur on the tibia that balance everything else on shank and foot.

    Parameters
    ----------
    external_wrench : (n, 6) array
        Ground reaction, gravity and inertia on shank and foot about the tibia's origin, moment first, tibia axes.
    muscle_wrench_per_N : (n, m, 6) array
        The same of each muscle per newton of tension.
    tension_N : (n, m) array

    Examples
    --------
    >>> ground = np.array([[30.0, 0.0, 0.0, 0.0, 800.0, 0.0]])  # adducts with 30 N m and pushes up with 800 N
    >>> muscle_per_N = np.array([[[-0.02, 0.0, 0.0, 0.0, 1.0, 0.0]]])  # pulls the tibia up, 20 mm lateral
    >>> femur_on_tibia = contact_wrench(ground, muscle_per_N, tension_N=np.array([[1000.0]]))
    >>> femur_on_tibia[0, [0, 4]].round(6).tolist()  # 10 N m of adduction are left; the femur presses with 1800 N
    [-10.0, -1800.0]
    """
    return -(external_wrench + np.einsum("nmk,nm->nk", muscle_wrench_per_N, tension_N))


def split_contact(
    wrench: Array, *, lateral_sign: float, spacing_m: float, offset_m: float, alignment_shift_Nm: Array | float = 0.0
) -> CompartmentForces:
    """Split the axial contact force between two contact points by balance of moments about the frontal axis.

    Schipplein and Andriacchi 1991 (J Orthop Res 9:113), Winby et al. 2009 (J Biomech 42:2294). A negative force means
    that the compartment would have to pull: lift-off, reported as it is.

    Parameters
    ----------
    wrench : (n, 6) array
        Moment and force of the femur on the tibia about the tibia frame's origin, tibia axes.
    lateral_sign : float
        +1 for the right leg, -1 for the left.
    spacing_m : float
        Distance between the contact points (40 mm: Lerner et al. 2015, J Biomech 48:644).
    offset_m : float
        Lateral shift of both points from the tibia frame's origin.
    alignment_shift_Nm : (n,) array or float
        Adduction moment from varus added to the model, see `alignment_moment`.

    Examples
    --------
    >>> femur_on_tibia = np.array([[-10.0, 0.0, 0.0, 0.0, -1000.0, 0.0]])  # adduction presses the medial side
    >>> forces = split_contact(femur_on_tibia, lateral_sign=1.0, spacing_m=0.040, offset_m=0.0)
    >>> forces.medial_N.tolist(), forces.lateral_N.tolist(), forces.total_N.tolist()
    ([750.0], [250.0], [1000.0])
    """
    axial = -wrench[:, 4]
    # Contact moment that presses the lateral side, about the tibia's origin.
    lateral_moment = lateral_sign * wrench[:, 0] - alignment_shift_Nm
    lateral = (lateral_moment - axial * (offset_m - spacing_m / 2.0)) / spacing_m
    return CompartmentForces(medial_N=axial - lateral, lateral_N=lateral)


def alignment_moment(external_wrench: Array, alignment_deg: float, height_m: float) -> Array:
    """Adduction moment (n,) about the knee from varus added to the model, N m.

    On the line from hip to ankle a varus of `alignment_deg` puts the knee lateral by
    ``sin(angle) * thigh * shank / (thigh + shank)``, about 3.8 mm per degree for 1.75 m; the axial external force
    acts with that lever. The muscles go with the bones, so their part does not change.

    Parameters
    ----------
    external_wrench : (n, 6) array
        As in `contact_wrench`.
    alignment_deg : float
        Varus positive.
    height_m : float
        Stature.

    Examples
    --------
    >>> body_weight_upwards = np.array([[0.0, 0.0, 0.0, 0.0, 750.0, 0.0]])
    >>> alignment_moment(body_weight_upwards, alignment_deg=1.0, height_m=1.75).round(1).tolist()
    [2.8]
    """
    lever_m = np.sin(np.radians(alignment_deg)) * height_m * _THIGH * _SHANK / (_THIGH + _SHANK)
    return np.asarray(lever_m * external_wrench[:, 4])
