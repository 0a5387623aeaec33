"""Scaling a model to a person."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import numpy as np

from workbench.core.errors import ModelError
from workbench.simulation.quiet_opensim import opensim

#: Stature and mass of the person the own model stands for (Rajagopal et al. 2016, IEEE Trans Biomed Eng 63:2068).
GENERIC_HEIGHT_M: Final = 1.70
GENERIC_MASS_KG: Final = 75.337

_MIDLINE_BODIES: Final = ("pelvis", "torso")
_LEG_BODIES: Final = ("femur", "tibia", "patella", "talus", "calcn", "toes")
# A person outside this is no adult or child the generic model can stand for; most often a unit is wrong.
_FACTOR_RANGE: Final = (0.4, 2.5)
_MASS_RANGE_KG: Final = (10.0, 400.0)

ScaleFactors = Mapping[str, tuple[float, float, float]]


def scale_model(model: Any, scale_factors: ScaleFactors, mass_kg: float) -> Any:
    """Return a copy of a model scaled to a person.

    What ``opensim.Model.scale`` does: joint centres, muscle path points, wrap cylinders, markers and the coupled
    translations of the knee and patella are scaled with their body; optimal fibre and tendon slack length keep
    their ratio to the length of the whole muscle in the default pose; inertias follow the scaling (for unequal
    factors OpenSim takes the body for a cylinder along its longest axis). Muscle strength is not changed.

    Parameters
    ----------
    model : opensim.Model
        The model to start from; it is not changed.
    scale_factors : mapping
        Factors along x, y, z of the body frame, by body name. A body that is not named keeps its size.
    mass_kg : float
        Mass of the scaled model in kilograms. The share of each body in it stays as in `model`.

    Returns
    -------
    opensim.Model
        The scaled model. Its system is not built: ``initSystem`` is up to the caller.

    Raises
    ------
    ModelError
        If a body is unknown, a factor or the mass is implausible, or OpenSim cannot scale the model.
    """
    _check(model, scale_factors, mass_kg)
    scaled = model.clone()
    scale_set = opensim.ScaleSet()
    for body, factors in scale_factors.items():
        scale = opensim.Scale()
        scale.setSegmentName(body)
        scale.setScaleFactors(opensim.Vec3(*(float(factor) for factor in factors)))
        scale.setApply(True)
        scale_set.cloneAndAppend(scale)
    keep_mass_distribution = True
    try:
        done = scaled.scale(scaled.initSystem(), scale_set, keep_mass_distribution, float(mass_kg))
    except RuntimeError as error:
        raise ModelError(f"OpenSim cannot scale the model: {error}", where=str(model.getName())) from None
    if not done:
        raise ModelError("OpenSim cannot scale the model.", where=str(model.getName()))
    # A fresh copy: the old system still holds the unscaled joints.
    return scaled.clone()


def uniform_scale_factors(height_m: float) -> dict[str, tuple[float, float, float]]:
    """Return scale factors of the project's model for a person of known height only.

    Every segment is scaled uniformly by the ratio of body heights.

    Parameters
    ----------
    height_m : float
        Stature in metres.

    Returns
    -------
    dict
        Factors along x, y, z, by body name.
    """
    factor = height_m / GENERIC_HEIGHT_M
    bodies = (*_MIDLINE_BODIES, *(f"{body}_{side}" for side in "rl" for body in _LEG_BODIES))
    return dict.fromkeys(bodies, (factor, factor, factor))


def _check(model: Any, scale_factors: ScaleFactors, mass_kg: float) -> None:
    known = {body.getName() for body in model.getBodySet()}
    unknown = sorted(set(scale_factors) - known)
    if unknown:
        raise ModelError(
            f"scale factors are given for {', '.join(unknown)}, which are not bodies of the model.",
            where=str(model.getName()),
            remedy=f"Its bodies are {', '.join(sorted(known))}.",
        )
    low, high = _FACTOR_RANGE
    for body, factors in scale_factors.items():
        if len(factors) != 3 or not all(np.isfinite(factor) and low <= factor <= high for factor in factors):
            raise ModelError(
                f"the scale factors of {body} are {tuple(factors)}.",
                where=str(model.getName()),
                remedy=f"Give three factors between {low:g} and {high:g}.",
            )
    lightest, heaviest = _MASS_RANGE_KG
    if not lightest <= mass_kg <= heaviest:
        raise ModelError(
            f"the mass to scale to is {mass_kg:g} kg, outside {lightest:g} to {heaviest:g} kg.",
            where=str(model.getName()),
            remedy="Give the mass in kilograms.",
        )
