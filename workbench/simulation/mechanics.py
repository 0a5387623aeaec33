"""From model and motion to plain arrays: joint moments, moment arms, muscle capacity, wrenches at the knee.

OpenSim gives, at each instant, where the bodies are, how they accelerate, and what a newton of muscle tension does to
each of them; the sums over bodies are numpy.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from workbench.core import gait
from workbench.core.types import Array, LegMechanics
from workbench.core.vocabulary import PELVIS_COORDINATES, Side
from workbench.simulation.model import GaitModel, Leg
from workbench.simulation.quiet_opensim import opensim
from workbench.simulation.sampled_motion import SampledMotion


@dataclass(frozen=True)
class Kinetics:
    """Bodies' poses and the loads that move them, at n instants; b bodies without the ground."""

    rotation: Array  #: (n, b, 3, 3) body axes in ground
    origin_m: Array  #: (n, b, 3) in ground
    jacobian: Array  #: (n, b, 6, coordinates) angular first
    outside_load: Array  #: (n, b, 6) moment about the body's origin and force: ground reaction, gravity and inertia
    moment_arm_m: Array  #: (n, m, coordinates) of the muscles asked for
    muscle_wrench: Array  #: (n, m, 6) on shank and foot per newton, about the tibia's origin, ground axes
    active_force_N: Array  #: (n, m)
    passive_force_N: Array  #: (n, m)


def kinetics(model: GaitModel, motion: SampledMotion, leg: Leg | None) -> Kinetics:
    """Realize the model at each instant and collect the terms of the equations of motion.

    Parameters
    ----------
    model : GaitModel
    motion : SampledMotion
        n instants.
    leg : Leg or None
        The leg whose muscles are wanted; None for none.
    """
    n, b = len(motion.time_s), len(model.bodies)
    coordinates = motion.q.shape[1]
    muscles = leg.muscles if leg else ()
    knee_body = leg.tibia - 1 if leg else 0
    m = len(muscles)
    # Each muscle that crosses the knee, with each body beyond the knee that it touches.
    beyond_knee = [(k, body) for k, muscle in enumerate(muscles) for body in muscle.distal_bodies]
    on_body = np.empty((n, len(beyond_knee), 6))
    rotation, origin = np.empty((n, b, 3, 3)), np.empty((n, b, 3))
    jacobian, acceleration = np.empty((n, b, 6, coordinates)), np.empty((n, b, 6))
    arms = np.zeros((n, m, coordinates))
    active, passive = np.zeros((n, m)), np.zeros((n, m))
    state, matter = model.state, model.matter
    nothing = opensim.SpatialVec(opensim.Vec3(0), opensim.Vec3(0))
    mobility = opensim.Vector(coordinates, 0.0)
    generalised = opensim.Vector(coordinates, 0.0)
    # The loop takes most of the time of an answer; what is looked up in it again and again is looked up here.
    to_mobilities = matter.multiplyBySystemJacobianTranspose
    forces = opensim.VectorOfSpatialVec(b + 1, nothing)
    clear, force_on = forces.set, forces.get
    transforms, turned = [body.getTransformInGround for body in model.bodies], rotation.reshape(n, b, 9)
    pulls = [muscle.path.addInEquivalentForces for muscle in muscles]
    full_forces = [muscle.muscle.calcInextensibleTendonActiveFiberForce for muscle in muscles]
    for i in range(n):
        model.set_state(motion.q[i], motion.u[i])
        for body, transform_of in enumerate(transforms):
            transform = transform_of(state)
            get = transform.R().get
            turned[i, body] = (
                get(0, 0), get(0, 1), get(0, 2), get(1, 0), get(1, 1), get(1, 2), get(2, 0), get(2, 1), get(2, 2),
            )  # fmt: skip
            origin[i, body] = transform.p().to_numpy()
        full = model.system_jacobian()
        jacobian[i] = full[1:]
        acceleration[i] = (full @ motion.udot[i] + model.system_bias())[1:]
        pair = 0
        for k, muscle in enumerate(muscles):
            pulls[k](state, 1.0, forces, mobility)
            to_mobilities(state, forces, generalised)
            arms[i, k] = generalised.to_numpy()
            if muscle.has_moving_points:  # they act on coordinates, too; of the others nothing was added
                arms[i, k] += mobility.to_numpy()
                mobility.setToZero()
            for body in muscle.distal_bodies:
                force = force_on(body)
                on_body[i, pair, :3], on_body[i, pair, 3:] = force.get(0).to_numpy(), force.get(1).to_numpy()
                pair += 1
            for body in muscle.bodies:
                clear(body, nothing)
            active[i, k] = full_forces[k](state, 1.0)
            passive[i, k] = muscle.passive_force_N(state)
    outside = _ground_reaction_load(model, motion, origin) + _gravity_and_inertia(
        model, rotation, acceleration, jacobian, motion.u
    )
    wrench = np.zeros((n, m, 6))
    for pair, (k, body) in enumerate(beyond_knee):
        wrench[:, k] += _moved_to(on_body[:, pair], origin[:, body - 1] - origin[:, knee_body])
    return Kinetics(rotation, origin, jacobian, outside, arms, wrench, active, passive)


def joint_moments(kinetic: Kinetics) -> Array:
    """Generalised force each coordinate needs, (n, coordinates), N m or N: inverse dynamics.

    Muscles and joints must supply what ground reaction, gravity and inertia do not;
    driven coordinates (the patellae) are folded into their drivers.
    """
    return -np.einsum("nbij,nbi->nj", kinetic.jacobian, kinetic.outside_load)


def fold_couplers(model: GaitModel, motion: SampledMotion, generalised: Array) -> Array:
    """Move generalised forces (n, ..., coordinates) of driven coordinates onto their drivers (chain rule)."""
    folded = generalised.copy()
    for coupler in model.couplers:
        _, slope, _ = model.coupler_values(coupler, motion.q[:, coupler.driver])
        slope = slope.reshape(-1, *(1,) * (generalised.ndim - 2))
        folded[..., coupler.driver] += slope * folded[..., coupler.driven]
        folded[..., coupler.driven] = 0.0
    return folded


def _moved_to(wrench: Array, arm: Array) -> Array:
    """Moment and force (n, 6) about a point from which their own lies `arm` (n, 3) away."""
    moment, force = wrench[:, :3], wrench[:, 3:]
    return np.concatenate([moment + np.cross(arm, force), force], axis=1)


def _ground_reaction_load(model: GaitModel, motion: SampledMotion, origin: Array) -> Array:
    load = np.zeros((*origin.shape[:2], 6))
    for side, reaction in motion.ground_reactions.items():
        calcaneus = model.legs[side].calcaneus - 1
        arm = reaction.point_m - origin[:, calcaneus]
        load[:, calcaneus, :3] += reaction.torque_Nm + np.cross(arm, reaction.force_N)
        load[:, calcaneus, 3:] += reaction.force_N
    return load


def _gravity_and_inertia(model: GaitModel, rotation: Array, acceleration: Array, jacobian: Array, u: Array) -> Array:
    """Weight, and minus mass times acceleration (d'Alembert), about each body's origin, (n, b, 6)."""
    omega = np.einsum("nbij,nj->nbi", jacobian, u)[..., :3]
    alpha, linear = acceleration[..., :3], acceleration[..., 3:]
    centre = np.einsum("nbij,bj->nbi", rotation, model.body_centre_m)
    inertia = np.einsum("nbij,bjk,nblk->nbil", rotation, model.body_inertia, rotation)
    centre_acceleration = linear + np.cross(alpha, centre) + np.cross(omega, np.cross(omega, centre))
    force = model.body_mass_kg[:, None] * (model.gravity - centre_acceleration)
    spin = np.einsum("nbij,nbj->nbi", inertia, omega)
    moment = -np.einsum("nbij,nbj->nbi", inertia, alpha) - np.cross(omega, spin) + np.cross(centre, force)
    return np.concatenate([moment, force], axis=-1)


def leg_mechanics(
    model: GaitModel,
    motion: SampledMotion,
    side: Side,
    *,
    walkway: Array,
    step_width_m: float = np.nan,
) -> tuple[LegMechanics, Kinetics]:
    """Collect one leg's mechanics, and the whole body's kinetics they come from.

    Parameters
    ----------
    model : GaitModel
    motion : SampledMotion
        n instants.
    side : {"left", "right"}
    walkway : (3, 3) array
        Rows forward, up, right.
    step_width_m : float
        Of the step that ends with this foot's strike, see `workbench.core.gait.step_width_m`; not needed for the rest.
    """
    leg = model.legs[side]
    kinetic = kinetics(model, motion, leg)
    columns = list(leg.coordinate_index)
    moments = fold_couplers(model, motion, joint_moments(kinetic))[:, columns]
    arms = fold_couplers(model, motion, kinetic.moment_arm_m)[:, :, columns]
    tibia = kinetic.rotation[:, leg.tibia - 1]
    femur = kinetic.rotation[:, leg.femur - 1]
    external = _knee_load(kinetic, leg)
    mechanics = LegMechanics(
        side=side,
        coordinates=leg.coordinates,
        muscles=tuple(muscle.name for muscle in leg.muscles),
        joint_moment_Nm=moments,
        moment_arm_m=arms,
        active_force_N=kinetic.active_force_N,
        passive_force_N=kinetic.passive_force_N,
        least_activation=np.array([muscle.muscle.getMinControl() for muscle in leg.muscles]),
        muscle_knee_wrench=_in_axes(tibia[:, None], kinetic.muscle_wrench),
        external_knee_wrench=_in_axes(tibia, external),
        tibia_to_femur=femur.transpose(0, 2, 1) @ tibia,
        tibia_to_walkway=walkway @ tibia,
        foot_progression_angle_deg=gait.foot_progression_angle_deg(
            kinetic.rotation[:, leg.calcaneus - 1] @ leg.foot.axis, walkway, leg.lateral_sign
        ),
        centre_of_pressure_in_foot_m=_centre_of_pressure_in_foot(motion, kinetic, leg),
        step_width_m=step_width_m,
    )
    return mechanics, kinetic


def pelvis_residuals(model: GaitModel, kinetic: Kinetics) -> Array:
    """Residuals, (n, 6): three moments N m and three forces N at the pelvis coordinates."""
    columns = [model.coordinate_index[name] for name in PELVIS_COORDINATES]
    return joint_moments(kinetic)[:, columns]


def _knee_load(kinetic: Kinetics, leg: Leg) -> Array:
    """Outside load on shank and foot about the tibia's origin, ground axes, (n, 6)."""
    bodies = np.array(leg.beyond_knee) - 1
    load = kinetic.outside_load[:, bodies]
    arm = kinetic.origin_m[:, bodies] - kinetic.origin_m[:, None, leg.tibia - 1]
    moment = load[..., :3] + np.cross(arm, load[..., 3:])
    return np.concatenate([moment.sum(axis=1), load[..., 3:].sum(axis=1)], axis=-1)


def _in_axes(rotation: Array, wrench: Array) -> Array:
    """Express moment and force (..., 6) given in ground axes in the axes of a body."""
    parts = wrench.reshape(*wrench.shape[:-1], 2, 3)
    return np.asarray(parts @ rotation).reshape(wrench.shape)


def _centre_of_pressure_in_foot(motion: SampledMotion, kinetic: Kinetics, leg: Leg) -> Array:
    """Where the ground reaction acts, along the foot's axis from the heel and lateral of it, metres, (n, 2)."""
    reaction = motion.ground_reactions.get(leg.side)
    if reaction is None:
        return np.full((len(motion.time_s), 2), np.nan)
    rotation = kinetic.rotation[:, leg.calcaneus - 1]
    in_foot = np.einsum("nji,nj->ni", rotation, reaction.point_m - kinetic.origin_m[:, leg.calcaneus - 1])
    from_heel = in_foot - leg.foot.heel_m
    lateral = leg.lateral_sign * np.cross(leg.foot.axis, gait.UP)
    return np.stack([from_heel @ leg.foot.axis, from_heel @ lateral], axis=1)
