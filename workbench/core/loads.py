"""From the mechanics of a leg to its knee loads: the step repeated when a load setting changes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial

import numpy as np

from workbench.core import knee, metrics
from workbench.core.emg_sharing import followed_emg
from workbench.core.muscles import Contacts, MuscleSharing, muscle_weights, share_moments
from workbench.core.settings import LoadSettings
from workbench.core.types import Array, LegMechanics, Stride, Subject
from workbench.core.vocabulary import CYCLE_PERCENT, LATERAL_SIGN


@dataclass(frozen=True)
class HeldDown:
    """What it cost the muscles to prevent lift-off, (101,) each; zero where no compartment would lift off.

    Relative to the solution in which compartments may lift off.
    """

    medial_N: Array  #: pull of the medial compartment that was prevented
    lateral_N: Array  #: pull of the lateral compartment that was prevented
    muscle_force_N: Array  #: more tension, summed over the muscles that cross the knee
    contact_force_N: Array  #: more contact force, medial and lateral together
    activation: Array  #: largest rise of one muscle's activation


@dataclass(frozen=True)
class KneeLoads:
    """Knee loads of one stride (or stance) at 101 instants, with their summary numbers."""

    percent: Array  #: (101,) of the stride, or of the stance where no whole stride was recorded
    curves: Mapping[str, Array]  #: (101,) each, by the names of `vocabulary.CURVES`
    peaks: Mapping[str, float]  #: by the names of `vocabulary.PEAKS`
    activation: Array  #: (101, m)
    muscle_force_N: Array  #: (101, m) tension along the tendon
    muscles: tuple[str, ...]  #: (m,)
    reserve_moment_Nm: Array  #: (101, d) what the muscles could not supply
    coordinates: tuple[str, ...]  #: (d,)
    held_down: HeldDown


def knee_loads(mechanics: LegMechanics, stride: Stride, subject: Subject, settings: LoadSettings) -> KneeLoads:
    """Solve the muscle forces and the balance at the knee.

    Parameters
    ----------
    mechanics : LegMechanics
        At the 101 instants of `stride`.
    stride : Stride
    subject : Subject
        For the units: % body weight times height, and body weight.
    settings : LoadSettings
    """
    passive = mechanics.passive_force_N if settings.passive_muscle_force else np.zeros_like(mechanics.passive_force_N)
    wanted = mechanics.joint_moment_Nm - np.einsum("nmd,nm->nd", mechanics.moment_arm_m, passive)
    split = partial(
        knee.split_contact,
        lateral_sign=LATERAL_SIGN[mechanics.side],
        spacing_m=settings.contact_spacing_m,
        offset_m=settings.contact_offset_m,
    )
    shift = knee.alignment_moment(mechanics.external_knee_wrench, settings.frontal_alignment_deg, subject.height_m)
    # Both compartments are linear in the activations: what is there without them, and what each muscle adds.
    without = split(
        knee.contact_wrench(mechanics.external_knee_wrench, mechanics.muscle_knee_wrench, passive),
        alignment_shift_Nm=shift,
    )
    of_muscles = split(-(mechanics.muscle_knee_wrench * mechanics.active_force_N[:, :, None]).reshape(-1, 6))
    compartments = Contacts(
        np.stack([without.medial_N, without.lateral_N], axis=-1),
        np.stack([of_muscles.medial_N, of_muscles.lateral_N], axis=-1).reshape(*passive.shape, 2),
    )
    share = partial(
        share_moments,
        wanted,
        mechanics.moment_arm_m * mechanics.active_force_N[:, :, None],
        muscle_weights(
            mechanics.muscles,
            settings.weights,
            {"gastrocnemius": settings.gastrocnemius_weight, "hamstrings": settings.hamstrings_weight},
        ),
        mechanics.least_activation,
        None if settings.compartments_may_lift_off else compartments,
    )
    sharing = share()
    if settings.muscle_sharing == "emg":
        sharing = share(followed_emg(mechanics, sharing.activation, settings.emg_weight))
    tension = sharing.activation * mechanics.active_force_N + passive
    forces = split(
        knee.contact_wrench(mechanics.external_knee_wrench, mechanics.muscle_knee_wrench, tension),
        alignment_shift_Nm=shift,
    )
    adduction, flexion = knee.external_moments(
        _moment_in_frame(mechanics, settings.moment_frame), LATERAL_SIGN[mechanics.side]
    )
    curves = {
        "knee_adduction_moment_pct_bw_ht": adduction / subject.pct_bw_ht_Nm,
        "knee_flexion_moment_pct_bw_ht": flexion / subject.pct_bw_ht_Nm,
        "medial_contact_force_bw": forces.medial_N / subject.body_weight_N,
        "lateral_contact_force_bw": forces.lateral_N / subject.body_weight_N,
        "total_contact_force_bw": forces.total_N / subject.body_weight_N,
    }
    return KneeLoads(
        percent=CYCLE_PERCENT,
        curves=curves,
        peaks=summary(curves, mechanics, stride),
        activation=sharing.activation,
        muscle_force_N=tension,
        muscles=mechanics.muscles,
        reserve_moment_Nm=sharing.reserve_moment_Nm,
        coordinates=mechanics.coordinates,
        held_down=_held_down(mechanics, sharing, compartments),
    )


def summary(curves: Mapping[str, Array], mechanics: LegMechanics, stride: Stride) -> dict[str, float]:
    """Peaks, impulse, foot progression angle and step width, by the names of `vocabulary.PEAKS`."""
    percent, stance = CYCLE_PERCENT, stride.stance_percent
    kam = curves["knee_adduction_moment_pct_bw_ht"]
    kam_peaks = metrics.peaks_of_stance(percent, kam, stance)
    numbers = {
        "kam_peak_1_pct_bw_ht": kam_peaks[0],
        "kam_peak_2_pct_bw_ht": kam_peaks[1],
        "kam_impulse_pct_bw_ht_s": metrics.positive_impulse(percent, kam, stance, stride.duration_s),
        "kfm_peak_pct_bw_ht": metrics.peaks_of_stance(percent, curves["knee_flexion_moment_pct_bw_ht"], stance)[0],
    }
    for short, name in (("mcf", "medial"), ("lcf", "lateral"), ("tcf", "total")):
        first, second = metrics.peaks_of_stance(percent, curves[f"{name}_contact_force_bw"], stance)
        numbers |= {f"{short}_peak_1_bw": first, f"{short}_peak_2_bw": second}
    numbers["foot_progression_angle_deg"] = float(mechanics.foot_progression_angle_deg[percent <= stance].mean())
    numbers["step_width_m"] = mechanics.step_width_m
    return numbers


def _held_down(mechanics: LegMechanics, sharing: MuscleSharing, compartments: Contacts) -> HeldDown:
    rise = sharing.activation - sharing.activation_if_free
    free, held = (compartments.forces_N(a) for a in (sharing.activation_if_free, sharing.activation))
    prevented = np.clip(held, None, 0.0) - np.clip(free, None, 0.0)
    crosses_knee = mechanics.muscle_knee_wrench.any(axis=-1)
    return HeldDown(
        medial_N=prevented[:, 0],
        lateral_N=prevented[:, 1],
        muscle_force_N=np.sum(rise * mechanics.active_force_N * crosses_knee, axis=1),
        contact_force_N=np.sum(held - free, axis=1),
        activation=rise.max(axis=1),
    )


def _moment_in_frame(mechanics: LegMechanics, frame: str) -> Array:
    moment = mechanics.external_knee_wrench[:, :3]
    if frame == "femur":
        return np.einsum("nij,nj->ni", mechanics.tibia_to_femur, moment)
    if frame == "walkway":
        return np.einsum("nij,nj->ni", mechanics.tibia_to_walkway, moment)
    return moment
