"""Angular momentum of the whole body, and the part of a coordinate with fixed feet and centre of mass."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from workbench.core.types import Array
from workbench.core.vocabulary import PELVIS_TRANSLATIONS, SIDES
from workbench.simulation.model import GaitModel

# Speeds that cost one unit, beside which the pelvis moves freely: those of the feet (rad/s, m/s), of the centre of
# mass, and of the joints.
_FOOT_TURN, _FOOT_SPEED, _CENTRE_SPEED, _JOINT_SPEED = 0.01, 0.001, 0.001, 0.2


def momentum_matrix(model: GaitModel) -> Array:
    """Angular momentum about the centre of mass and linear momentum per coordinate speed, (6, coordinates).

    Ground axes, for the state set last; N m s and N s per rad/s or m/s.
    """
    jacobian = model.system_jacobian()[1:]
    centre = model.centre_of_mass_m()
    found = np.zeros((6, jacobian.shape[2]))
    for body, per_speed in enumerate(jacobian):
        rotation, origin = model.body_pose(body + 1)
        arm = rotation @ model.body_centre_m[body]
        linear = model.body_mass_kg[body] * (per_speed[3:] + np.cross(per_speed[:3], arm, axis=0))
        inertia = rotation @ model.body_inertia[body] @ rotation.T
        found[:3] += inertia @ per_speed[:3] + np.cross((origin + arm - centre)[:, None], linear, axis=0)
        found[3:] += linear
    return found


def momentum_per_rate(model: GaitModel, q: Array, moved: Sequence[int], walkway: Array) -> Array:
    """Angular momentum to the right about the centre of mass that coordinates carry, (k,) kg m2, mean over poses.

    Pelvis and legs move so that the feet and the centre of mass stay in place.

    Parameters
    ----------
    model : GaitModel
    q : (n, coordinates) array
        Poses.
    moved : (k,) sequence
        State indices of the coordinates that move.
    walkway : (3, 3) array
        Rows forward, up, right.
    """
    pelvis = [model.coordinate_index[name] for name in PELVIS_TRANSLATIONS]
    joints = [index for side in SIDES for index in model.legs[side].coordinate_index]
    giving_way = np.array(pelvis + joints)
    soft = np.array([np.inf] * len(pelvis) + [_JOINT_SPEED] * len(joints))
    total = np.zeros(len(moved))
    for pose in q:
        model.set_state(pose)
        momentum = momentum_matrix(model)
        jacobian = model.system_jacobian()
        feet = np.concatenate([jacobian[model.legs[side].calcaneus] for side in SIDES])
        stays = np.concatenate([feet, momentum[3:] / model.mass_kg])
        cost = np.array([*([_FOOT_TURN] * 3 + [_FOOT_SPEED] * 3) * len(SIDES), *[_CENTRE_SPEED] * 3])
        weighted = np.concatenate([stays[:, giving_way] / cost[:, None], np.diag(1.0 / soft)])
        asked = np.concatenate([-stays[:, moved] / cost[:, None], np.zeros((len(soft), len(moved)))])
        rates = np.linalg.lstsq(weighted, asked, rcond=None)[0]
        carried = momentum[:3, moved] + momentum[:3, giving_way] @ rates
        total += walkway[0] @ carried
    return np.asarray(total / len(q))
