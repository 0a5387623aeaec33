"""From recorded coordinates and ground forces to smooth motion at the instants that are analysed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from scipy import interpolate, signal
from scipy.spatial.transform import Rotation

from workbench.core.errors import TrialError
from workbench.core.settings import Processing
from workbench.core.types import Array, GroundReaction, Trial
from workbench.core.vocabulary import Side
from workbench.simulation.model import PELVIS_AXES, GaitModel

_FINER = 4  # samples of the smooth motion for each recorded frame


@dataclass(frozen=True)
class Wrench:
    """A ground reaction at the analysed instants, laboratory axes, acting on the foot."""

    force_N: Array  #: (n, 3)
    point_m: Array  #: (n, 3) centre of pressure
    torque_Nm: Array  #: (n, 3) about the centre of pressure


@dataclass(frozen=True)
class SampledMotion:
    """Coordinates in the model's state order, and ground reactions, at n instants."""

    time_s: Array  #: (n,)
    q: Array  #: (n, coordinates) rad, m
    u: Array  #: (n, coordinates) rad/s, m/s
    udot: Array  #: (n, coordinates) rad/s2, m/s2
    ground_reactions: Mapping[Side, Wrench]
    unsettled: NDArray[np.bool_] | None = None  #: (n,) the pose did not converge; None: nothing searched

    def instants(self, chosen: slice) -> SampledMotion:
        """The same motion at some of its instants."""
        return SampledMotion(
            self.time_s[chosen],
            self.q[chosen],
            self.u[chosen],
            self.udot[chosen],
            {
                side: Wrench(wrench.force_N[chosen], wrench.point_m[chosen], wrench.torque_Nm[chosen])
                for side, wrench in self.ground_reactions.items()
            },
            None if self.unsettled is None else self.unsettled[chosen],
        )


@dataclass(frozen=True)
class ReactionSplines:
    """One foot's ground reaction as splines of time."""

    wrench: interpolate.BSpline  #: (6,) force and moment about the laboratory's origin
    point: interpolate.BSpline  #: (3,) centre of pressure
    start_s: float
    end_s: float


@dataclass(frozen=True)
class PreparedTrial:
    """A trial filtered and turned into splines, ready to be evaluated at any instant."""

    coordinates: interpolate.BSpline  #: (coordinates,) of time, state order, couplers not yet applied
    start_s: float
    end_s: float
    ground_reactions: Mapping[Side, ReactionSplines]
    missing: tuple[str, ...] = field(default=())  #: model coordinates the recording does not hold; kept at default


def low_pass(values: Array, sampling_rate_hz: float, cutoff_hz: float) -> Array:
    """Low-pass filter along the first axis: Butterworth, fourth order in all, zero lag.

    Second order run forwards and backwards, with the cut-off raised so that the pair has its -3 dB point at
    `cutoff_hz` (Winter, Biomechanics and Motor Control of Human Movement, 4th ed., section 3.4.4.2). If the cut-off is
    at or above 0.9 of the recording's Nyquist frequency, the data are returned unfiltered.
    """
    if cutoff_hz >= 0.45 * sampling_rate_hz:
        return values
    # Raised on the scale of tangents, to which a digital filter bends its frequencies.
    raised = np.tan(np.pi * cutoff_hz / sampling_rate_hz) / (np.sqrt(2.0) - 1.0) ** 0.25
    corrected_hz = sampling_rate_hz / np.pi * np.arctan(raised)
    sections = signal.butter(2, corrected_hz, fs=sampling_rate_hz, output="sos")
    padding = min(len(values) - 1, round(2.0 * sampling_rate_hz / cutoff_hz))
    return np.asarray(signal.sosfiltfilt(sections, values, axis=0, padlen=padding), dtype=float)


def prepare(trial: Trial, model: GaitModel, processing: Processing) -> PreparedTrial:
    """Filter a trial and fit splines to it.

    Raises
    ------
    TrialError
        If the recording lacks a coordinate the mechanics need.
    """
    values, missing = _state_ordered(trial, model)
    time_s, values = _uniform(trial.motion.time_s, values)
    reactions = {side: _prepare_reaction(reaction, processing) for side, reaction in trial.ground_reactions.items()}
    return PreparedTrial(
        coordinates=_smooth(model, time_s, values, processing.coordinate_cutoff_hz),
        start_s=float(time_s[0]),
        end_s=float(time_s[-1]),
        ground_reactions=reactions,
        missing=missing,
    )


def sample(prepared: PreparedTrial, model: GaitModel, time_s: Array) -> SampledMotion:
    """Evaluate a prepared trial at the given instants (seconds), couplers applied."""
    q, u, udot = (np.asarray(prepared.coordinates(time_s, nu=order)) for order in range(3))
    apply_couplers(model, q, u, udot)
    return SampledMotion(
        time_s=time_s,
        q=q,
        u=u,
        udot=udot,
        ground_reactions={side: _sample_reaction(spline, time_s) for side, spline in prepared.ground_reactions.items()},
    )


def apply_couplers(model: GaitModel, q: Array, u: Array, udot: Array) -> None:
    """Overwrite driven coordinates (the patellae) by their coupling function of the driver, in place."""
    for coupler in model.couplers:
        angle, speed, acceleration = q[:, coupler.driver], u[:, coupler.driver], udot[:, coupler.driver]
        value, slope, curvature = model.coupler_values(coupler, angle)
        q[:, coupler.driven] = value
        u[:, coupler.driven] = slope * speed
        udot[:, coupler.driven] = curvature * speed**2 + slope * acceleration


def _state_ordered(trial: Trial, model: GaitModel) -> tuple[Array, tuple[str, ...]]:
    motion = trial.motion
    column = {name: i for i, name in enumerate(motion.names)}
    driven = {coupler.driven for coupler in model.couplers}
    values = np.zeros((len(motion.time_s), len(model.coordinates)))
    missing = []
    for name in model.coordinates:
        place = model.coordinate_index[name]
        if name in column:
            to_radians = np.pi / 180.0 if motion.in_degrees and model.rotational[name] else 1.0
            values[:, place] = to_radians * motion.values[:, column[name]]
            if name == "pelvis_rotation":  # some programs write -179 degrees after 179
                values[:, place] = np.unwrap(values[:, place])
        else:
            values[:, place] = model.default_value(name)
            if place not in driven and name not in model.locked:
                missing.append(name)
    needed = [name for name in missing if model.is_needed(name)]
    if needed:
        raise TrialError(
            f"the motion has no column for {', '.join(needed)}, which the model {model.name} needs.",
            where=trial.name,
            remedy="Export every coordinate from inverse kinematics, or use the model the motion was computed with.",
        )
    return values, tuple(missing)


def _smooth(model: GaitModel, time_s: Array, values: Array, cutoff_hz: float) -> interpolate.BSpline:
    """Coordinates after the low-pass as a spline, the pelvis' angles as seen by somebody who looks along the walk.

    Three angles in sequence mix with the direction in which the person walks: filtered and interpolated as they are,
    they would depend on it. Seen along the mean heading they do not, and are far from where they jump by a whole turn.
    """
    rate_hz = 1.0 / (time_s[1] - time_s[0])
    sequence = model.pelvis_sequence
    if sequence is None:
        return interpolate.make_interp_spline(time_s, low_pass(values, rate_hz, cutoff_hz), k=5)
    angles = [model.coordinate_index[f"pelvis_{PELVIS_AXES[axis]}"] for axis in sequence]
    pelvis = Rotation.from_euler(sequence, values[:, angles])
    forward = pelvis.apply([1.0, 0.0, 0.0]).mean(axis=0)
    heading = Rotation.from_euler("Y", np.arctan2(-forward[2], forward[0]))
    seen = values.copy()
    seen[:, angles] = _unwrapped(heading.inv() * pelvis, sequence)
    spline = interpolate.make_interp_spline(time_s, low_pass(seen, rate_hz, cutoff_hz), k=5)
    # Turned back between the frames too, where the spline of the turned angles would go another way.
    dense_s = np.linspace(time_s[0], time_s[-1], _FINER * (len(time_s) - 1) + 1)
    dense = spline(dense_s)
    dense[:, angles] = _unwrapped(heading * Rotation.from_euler(sequence, dense[:, angles]), sequence)
    return interpolate.make_interp_spline(dense_s, dense, k=5)


def _unwrapped(rotation: Rotation, sequence: str) -> Array:
    """Angles (n, 3) of rotations, without jumps by a whole turn."""
    return np.asarray(np.unwrap(rotation.as_euler(sequence), axis=0))


def _uniform(time_s: Array, values: Array) -> tuple[Array, Array]:
    """Resample to a uniform rate where the clock jitters by more than a thousandth of a step."""
    step = (time_s[-1] - time_s[0]) / (len(time_s) - 1)
    grid = time_s[0] + step * np.arange(len(time_s))
    if np.max(np.abs(grid - time_s)) < 1e-3 * step:
        return grid, values
    return grid, np.asarray(interpolate.make_interp_spline(time_s, values, k=3)(grid))


def _prepare_reaction(reaction: GroundReaction, processing: Processing) -> ReactionSplines:
    """Filter force and moment about a fixed point, and leave the centre of pressure to be found from them.

    The centre of pressure is not filtered itself: near foot strike it is a quotient of two small numbers. Force and
    moment about the laboratory's origin are smooth, and together they are the same wrench.
    """
    time_s, wrench = _uniform(
        reaction.time_s,
        np.hstack([reaction.force_N, reaction.torque_Nm + np.cross(reaction.point_m, reaction.force_N)]),
    )
    point = np.column_stack([np.interp(time_s, reaction.time_s, p) for p in reaction.point_m.T])
    wrench = low_pass(wrench, 1.0 / (time_s[1] - time_s[0]), processing.force_cutoff_hz)
    point = _centre_of_pressure(wrench, point, processing.contact_threshold_N)
    return ReactionSplines(
        wrench=interpolate.make_interp_spline(time_s, wrench, k=3),
        point=interpolate.make_interp_spline(time_s, point, k=1),
        start_s=float(time_s[0]),
        end_s=float(time_s[-1]),
    )


def _centre_of_pressure(wrench: Array, recorded_point: Array, threshold_N: float) -> Array:
    """Point of the plate's plane where the horizontal moment vanishes; carried where there is no load.

    Below the threshold it is a quotient of noise.
    """
    force, moment = wrench[:, :3], wrench[:, 3:]
    height = recorded_point[:, 1]
    loaded = force[:, 1] > threshold_N
    if not loaded.any():
        return recorded_point
    vertical = np.where(loaded, force[:, 1], 1.0)
    x = (moment[:, 2] + height * force[:, 0]) / vertical
    z = (height * force[:, 2] - moment[:, 0]) / vertical
    # The foot in the air keeps the centre of pressure of the contact nearest in time.
    frames = np.arange(len(loaded))
    contacts = frames[loaded]
    after = np.clip(np.searchsorted(contacts, frames), 0, len(contacts) - 1)
    before = np.clip(after - 1, 0, len(contacts) - 1)
    closer_before = frames - contacts[before] < contacts[after] - frames
    nearest = np.where(loaded, frames, np.where(closer_before, contacts[before], contacts[after]))
    return np.column_stack([x[nearest], height, z[nearest]])


def _sample_reaction(splines: ReactionSplines, time_s: Array) -> Wrench:
    inside = (time_s >= splines.start_s) & (time_s <= splines.end_s)
    at = np.clip(time_s, splines.start_s, splines.end_s)
    wrench = np.where(inside[:, None], splines.wrench(at), 0.0)
    point = np.asarray(splines.point(at))
    force = wrench[:, :3]
    return Wrench(force, point, wrench[:, 3:] - np.cross(point, force))
