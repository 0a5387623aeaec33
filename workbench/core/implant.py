"""Simulated against measured contact force: lag, error, and the contact offset that fits best."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from workbench.core.errors import TrialError
from workbench.core.metrics import Agreement, agreement
from workbench.core.results import Simulation
from workbench.core.settings import LoadSettings
from workbench.core.types import Array, MeasuredLoads, Stride, Subject
from workbench.core.vocabulary import CYCLE_PERCENT

LARGEST_LAG_S = 0.040
_LAG_STEP_S = 0.001
COMPARTMENTS = ("medial", "lateral", "total")


@dataclass(frozen=True)
class ImplantComparison:
    """Agreement over stance by compartment, newtons, at the lag that fits best."""

    lag_s: float  #: how far the implant's clock is behind the force plates'
    agreement_N: dict[str, Agreement]
    measured_N: dict[str, Array]  #: (101,) at the instants of the stride, lag taken out


def compare(simulated_N: dict[str, Array], measured: MeasuredLoads, stride: Stride) -> ImplantComparison:
    """Compare simulated with measured force over stance.

    The lag between 0 and 40 ms that gives the smallest sum of squared medial and lateral errors is taken out.

    Parameters
    ----------
    simulated_N : dict
        ``medial``, ``lateral`` and ``total`` force, (101,) each.
    measured : MeasuredLoads
    stride : Stride

    Raises
    ------
    TrialError
        If the measured loads do not cover the stance.

    Examples
    --------
    >>> stride = Stride("left", 1, start_s=0.0, toe_off_s=0.6, end_s=1.0)
    >>> time_s = np.linspace(0.0, 1.1, 1101)
    >>> late, now = np.sin(3.0 * (time_s - 0.02)), np.sin(0.03 * CYCLE_PERCENT)  # the implant's clock is 20 ms behind
    >>> measured = MeasuredLoads("left", time_s, medial_N=900.0 * late, lateral_N=400.0 * late)
    >>> simulated_N = {"medial": 900.0 * now, "lateral": 400.0 * now, "total": 1300.0 * now}
    >>> comparison = compare(simulated_N, measured, stride)
    >>> comparison.lag_s, round(comparison.agreement_N["lateral"].correlation, 3)
    (0.02, 1.0)
    """
    lags_s = np.arange(0.0, LARGEST_LAG_S + _LAG_STEP_S / 2.0, _LAG_STEP_S)
    stance = stride.stance_percent >= CYCLE_PERCENT
    errors = []
    for lag_s in lags_s:
        shifted = measured_over(measured, stride, float(lag_s))
        gaps = np.stack([(simulated_N[name] - shifted[name])[stance] for name in ("medial", "lateral")])
        errors.append(float(np.mean(gaps**2)))
    lag_s = float(lags_s[int(np.argmin(errors))])
    at_lag = measured_over(measured, stride, lag_s)
    return ImplantComparison(
        lag_s=lag_s,
        agreement_N={
            name: agreement(CYCLE_PERCENT, simulated_N[name], at_lag[name], stride.stance_percent)
            for name in COMPARTMENTS
        },
        measured_N=at_lag,
    )


def measured_over(measured: MeasuredLoads, stride: Stride, lag_s: float) -> dict[str, Array]:
    """Measured force at the 101 instants of a stride, `lag_s` later on the implant's clock, by compartment.

    Raises
    ------
    TrialError
        If the measured loads do not cover the stance.

    Examples
    --------
    >>> measured = MeasuredLoads("left", np.array([0.0, 2.0]), np.array([0.0, 1000.0]), np.array([300.0, 300.0]))
    >>> forces_N = measured_over(measured, Stride("left", 1, start_s=0.5, toe_off_s=1.1, end_s=1.5), lag_s=0.02)
    >>> forces_N["medial"][[0, 100]].round(6).tolist(), float(forces_N["total"][0].round(6))
    ([260.0, 760.0], 560.0)
    """
    time_s = stride.start_s + stride.duration_s * CYCLE_PERCENT / 100.0
    slack_s = stride.duration_s / 100.0
    if measured.time_s[0] > stride.start_s + slack_s or measured.time_s[-1] < stride.toe_off_s - slack_s:
        raise TrialError(
            f"the measured loads run from {measured.time_s[0]:.2f} to {measured.time_s[-1]:.2f} s and do not cover the"
            f" stance from {stride.start_s:.2f} to {stride.toe_off_s:.2f} s.",
            remedy="Bring the measured loads to the clock of the motion, or choose another stride.",
        )
    medial = np.interp(time_s + lag_s, measured.time_s, measured.medial_N)
    lateral = np.interp(time_s + lag_s, measured.time_s, measured.lateral_N)
    return {"medial": medial, "lateral": lateral, "total": medial + lateral}


def calibrated_offset_m(
    simulated_N: dict[str, Array], measured_N: dict[str, Array], stride: Stride, settings: LoadSettings
) -> float:
    """Lateral shift of the contact points that brings both simulated forces closest to the measured, metres.

    Moving both points laterally by ``x`` moves ``total * x / spacing`` from the lateral to the medial side, so the
    least-squares shift has a closed form. It holds as long as no muscle has to hold a compartment down.

    Examples
    --------
    >>> stride = Stride("left", 1, start_s=0.0, toe_off_s=0.6, end_s=1.0)
    >>> simulated_N = {"medial": np.full(101, 700.0), "lateral": np.full(101, 300.0), "total": np.full(101, 1000.0)}
    >>> measured_N = {"medial": np.full(101, 800.0), "lateral": np.full(101, 200.0)}
    >>> calibrated_offset_m(simulated_N, measured_N, stride, LoadSettings())  # 100 of 1000 N, at 40 mm of spacing
    0.004
    """
    stance = stride.stance_percent >= CYCLE_PERCENT
    medial_gap, lateral_gap = ((measured_N[name] - simulated_N[name])[stance] for name in ("medial", "lateral"))
    per_metre = simulated_N["total"][stance] / settings.contact_spacing_m
    return settings.contact_offset_m + float((medial_gap - lateral_gap) @ per_metre / (2.0 * per_metre @ per_metre))


def root_mean_square_bw(agreement_N: Agreement, subject: Subject) -> float:
    """Root-mean-square error in body weight.

    Examples
    --------
    >>> error_N = Agreement(196.133, correlation=0.98, simulated_peaks=(900.0, 800.0), measured_peaks=(850.0, 700.0))
    >>> round(root_mean_square_bw(error_N, Subject(mass_kg=80.0, height_m=1.75)), 3)
    0.25
    """
    return agreement_N.root_mean_square_error / subject.body_weight_N


def simulated_force_N(simulation: Simulation) -> dict[str, Array]:
    """Contact force of the recorded walk by compartment, newtons, (101,) each."""
    weight_N = simulation.subject.body_weight_N
    return {name: weight_N * simulation.baseline.curves[f"{name}_contact_force_bw"] for name in COMPARTMENTS}


def compare_simulation(simulation: Simulation, measured: MeasuredLoads) -> ImplantComparison:
    """Compare the simulated recorded walk of one stride with the measured loads; see `compare`."""
    return compare(simulated_force_N(simulation), measured, simulation.strides[0])


def calibrated(simulation: Simulation, measured: MeasuredLoads) -> LoadSettings:
    """Load settings of a simulation with the contact offset that fits the measured loads, to 0.1 mm."""
    simulated, comparison = simulated_force_N(simulation), compare_simulation(simulation, measured)
    offset_m = calibrated_offset_m(simulated, comparison.measured_N, simulation.strides[0], simulation.settings)
    return replace(simulation.settings, contact_offset_m=round(offset_m, 4))
