"""Movement of the whole body over the moved feet, and the change of each foot's force, so that F = m a holds.

Lateral and forward by `workbench.core.lateral_sway`, over the stride; vertical from legs of recorded length over feet
further ahead or behind.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from scipy import interpolate

from workbench.core import lateral_sway
from workbench.core.types import Array, Stride
from workbench.core.vocabulary import STANDARD_GRAVITY, Side, opposite
from workbench.simulation.sampled_motion import SampledMotion
from workbench.simulation.stride_timing import Contacts, ahead_of_body, stride_duration_s

_INSTANTS = 100  # of one stride, its end left out
_CARRIED_TOLERANCE = 0.05  # of body weight, by which the recorded feet may miss it over a stride
_RISES_A_STRIDE = 2  # the body rises and falls smoothly once a step

#: At (k,) times, (k,) kg m2: its rate is the angular momentum that a part of the body carries to the right.
Carried = Callable[[Array], Array]


@dataclass(frozen=True)
class Reach:
    """Position of the analysed hip over its foot at the recorded instants, and the change of step length."""

    longer_step_m: float
    forward_m: Array  #: (n,) hip ahead of the heel, along the walkway
    height_m: Array  #: (n,) above it


@dataclass(frozen=True)
class Sway:
    """Changes at n instants along the walkway's axes: forward, up, right."""

    centre_m: Array  #: (n, 3) of the centre of mass's place
    acceleration_m_s2: Array  #: (n, 3) of its acceleration
    force_N: Mapping[Side, Array]  #: (n, 3) of the force on each recorded foot


def sway(
    recorded: SampledMotion,
    shift_m: Mapping[Side, float],
    stride: Stride,
    contacts: Contacts,
    mass_kg: float,
    lean_m: float,
    walkway: Array,
    *,
    carried: Carried | None = None,
    reach: Reach | None = None,
) -> Sway:
    """Solve the balance over the stride and read it at the recorded instants.

    Where both feet were recorded over the whole stride their forces are used; otherwise the analysed foot's stance is
    mirrored into a symmetric stride.

    Parameters
    ----------
    recorded : SampledMotion
        n instants that contain the stride.
    shift_m : mapping
        How far each foot on the ground is displaced along the walkway's right.
    stride : Stride
    contacts : mapping
        For each foot its times on the ground, (strike, off) in seconds.
    mass_kg, lean_m : float
        Mass of the whole body, and the height the force leans from.
    walkway : (3, 3) array
        Rows forward, up, right.
    carried : callable, optional
        Of what turns beside the feet, at (k,) times: that whose rate is the angular momentum it carries to the right,
        (k,) kg m2. Periodic over the stride.
    reach : Reach, optional
        Where steps are longer or shorter.
    """
    duration_s = stride_duration_s(stride, contacts)
    phase_s = duration_s * np.arange(_INSTANTS) / _INSTANTS
    forces = _over_the_stride(recorded, stride, phase_s, mass_kg, walkway)  # (feet, 100, 3)
    order = (stride.side, opposite(stride.side))
    at = (recorded.time_s - stride.start_s) % duration_s

    def periodic(values: Array) -> interpolate.CubicSpline:
        return interpolate.CubicSpline(np.append(phase_s, duration_s), np.append(values, values[0]), bc_type="periodic")

    total = forces.sum(axis=0)
    rise = periodic(np.zeros(_INSTANTS))
    if reach is not None:
        rise = periodic(_rise_m(reach, recorded, stride, contacts, phase_s, forces[:, :, 1]))
    # Every foot's force grows in proportion, as the body is pushed up and down.
    growth = mass_kg * rise(phase_s, 2) / total[:, 1]
    vertical = forces[:, :, 1] * (1.0 + growth)
    turning = periodic(carried(stride.start_s + phase_s)).derivative(2) if carried else None

    def swayed(shifts: Array, axis: int, turning_Nm: Array | float) -> interpolate.CubicSpline:
        moved = lateral_sway.sway_m(
            vertical, shifts, mass_kg=mass_kg, lean_m=lean_m, duration_s=duration_s,
            turning_Nm=turning_Nm, pushed_N=growth * total[:, axis],
        )  # fmt: skip
        return periodic(moved)

    sideways = swayed(
        np.stack([np.full(_INSTANTS, shift_m[side]) for side in order]), 2, turning(phase_s) if turning else 0.0
    )
    forwards = periodic(np.zeros(_INSTANTS))
    if reach is not None:
        ahead = [ahead_of_body(stride.start_s + phase_s, side, stride, contacts) for side in order]
        forwards = swayed(reach.longer_step_m * np.stack(ahead), 0, 0.0)
    carried_by = periodic(total[:, 1])(at)
    grown = mass_kg * rise(at, 2) / carried_by
    # What turns is carried by both feet, each as it is loaded.
    per_load = turning(at) / carried_by / lean_m if turning else 0.0

    def change_N(side: Side, force_N: Array) -> Array:
        load = force_N[:, 1] * (1.0 + grown)
        change = grown[:, None] * (force_N @ walkway.T)
        change[:, 2] += lateral_sway.lateral_force_change_N(load, sideways(at), np.full(len(at), shift_m[side]), lean_m)
        change[:, 2] -= load * per_load
        if reach is not None:
            shift = reach.longer_step_m * ahead_of_body(recorded.time_s, side, stride, contacts)
            change[:, 0] += lateral_sway.lateral_force_change_N(load, forwards(at), shift, lean_m)
        return change

    return Sway(
        centre_m=np.stack([forwards(at), rise(at), sideways(at)], axis=1),
        acceleration_m_s2=np.stack([forwards(at, 2), rise(at, 2), sideways(at, 2)], axis=1),
        force_N={side: change_N(side, each.force_N) for side, each in recorded.ground_reactions.items()},
    )


def _over_the_stride(recorded: SampledMotion, stride: Stride, phase_s: Array, mass_kg: float, walkway: Array) -> Array:
    """Force on the analysed and the other foot along the walkway's axes, (2, k, 3)."""
    forces = {
        side: np.stack([np.interp(stride.start_s + phase_s, recorded.time_s, one) for one in walkway @ each.force_N.T])
        for side, each in recorded.ground_reactions.items()
    }
    for force in forces.values():
        force[1] = np.clip(force[1], 0.0, None)
    borne = sum(float(force[1].mean()) for force in forces.values()) / (mass_kg * STANDARD_GRAVITY)
    order = (stride.side, opposite(stride.side))
    if stride.whole and len(forces) == len(order) and abs(borne - 1.0) < _CARRIED_TOLERANCE:
        return np.stack([forces[side].T for side in order])
    standing = phase_s <= stride.toe_off_s - stride.start_s
    mirrored = [
        lateral_sway.mirrored(np.where(standing, one, 0.0), sign)
        for one, sign in zip(forces[stride.side], (1.0, 1.0, -1.0), strict=True)
    ]
    return np.stack(mirrored, axis=-1)


def _rise_m(
    reach: Reach, recorded: SampledMotion, stride: Stride, contacts: Contacts, phase_s: Array, vertical_N: Array
) -> Array:
    """How much higher the body is carried, (k,), the same half a stride later: each leg keeps its length.

    In double support the legs count as they are loaded. What rises and falls in step with the recorded body, once a
    step, is taken; the knees take the rest.
    """
    time_s = stride.start_s + phase_s
    forward, height = (np.interp(time_s, recorded.time_s, one) for one in (reach.forward_m, reach.height_m))
    further = forward - reach.longer_step_m * ahead_of_body(time_s, stride.side, stride, contacts)
    on_one = np.sqrt(np.clip(height**2 + forward**2 - further**2, 0.25 * height**2, None)) - height
    loaded = lateral_sway.mirrored(vertical_N[0] * on_one, 1.0).sum(axis=0)
    rise = loaded / lateral_sway.mirrored(vertical_N[0], 1.0).sum(axis=0)
    recorded_fall = np.fft.rfft(vertical_N.sum(axis=0))[_RISES_A_STRIDE]  # highest where the force is least
    in_step = -recorded_fall / abs(recorded_fall)
    harmonics = np.zeros_like(np.fft.rfft(rise))
    harmonics[_RISES_A_STRIDE] = in_step * (np.fft.rfft(rise)[_RISES_A_STRIDE] * in_step.conj()).real
    return np.asarray(np.fft.irfft(harmonics, n=len(rise)))
