"""A change of gait that a person really made, beside the same change simulated from the person's normal walk."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from workbench.core.findings import Finding
from workbench.core.results import LoadsOfStrides
from workbench.core.types import Array, GaitModification, LoadSettings, Processing, Subject
from workbench.core.vocabulary import CURVES, PEAKS, Quantity, Side

#: What a person can change and the recordings show: modified minus normal trials.
MEASURED_CHANGES: dict[str, Quantity] = {
    quantity.name: quantity
    for quantity in (
        Quantity("foot_progression_change_deg", "Foot progression angle", "°", "toe-out positive"),
        Quantity("step_width_change_m", "Step width", "m", "wider positive"),
        Quantity("trunk_lean_change_deg", "Trunk lean", "°", "towards the standing leg positive"),
        Quantity("step_length_change_m", "Step length", "m", "longer positive"),
        Quantity("stance_time_change_s", "Stance time", "s", "longer positive"),
    )
}
#: Those that the simulation takes over; the others are only measured.
SIMULATED_CHANGES = ("foot_progression_change_deg", "step_width_change_m")

#: Changes that are only measured: above these the person did something that the simulation leaves out.
NOTEWORTHY = {"trunk_lean_change_deg": 2.0, "step_length_change_m": 0.05, "stance_time_change_s": 0.05}


@dataclass(frozen=True)
class GaitComparison:
    """Measured and simulated change of gait of one leg.

    Measured: mean over the strides of the modified trials minus that of the normal trials, both computed from
    recordings by the same model and muscles. Simulated: the same change of foot angle and step width, made from the
    strides of the normal trials.
    """

    side: Side
    subject: Subject
    normal: LoadsOfStrides  #: recorded, mean over all strides of the normal trials
    modified: LoadsOfStrides  #: recorded, mean over all strides of the modified trials
    simulated: LoadsOfStrides  #: from the normal strides
    normal_strides: Mapping[str, int]  #: number of strides by trial
    modified_strides: Mapping[str, int]
    change: Mapping[str, float]  #: by the names of `MEASURED_CHANGES`
    modification: GaitModification  #: what was simulated
    settings: LoadSettings
    processing: Processing
    findings: tuple[Finding, ...]
    provenance: tuple[Mapping[str, object], ...]  #: of each trial, normal ones first

    @property
    def measured_change(self) -> dict[str, float]:
        """Modified minus normal trials, by the names of `vocabulary.PEAKS`."""
        return {name: self.modified.peaks[name] - self.normal.peaks[name] for name in PEAKS}

    @property
    def simulated_change(self) -> dict[str, float]:
        """Simulated minus normal trials, by the names of `vocabulary.PEAKS`."""
        return {name: self.simulated.peaks[name] - self.normal.peaks[name] for name in PEAKS}

    @property
    def error(self) -> dict[str, float]:
        """Simulated minus measured change, by the names of `vocabulary.PEAKS`."""
        measured, simulated = self.measured_change, self.simulated_change
        return {name: simulated[name] - measured[name] for name in PEAKS}

    @property
    def curves(self) -> dict[str, tuple[Array, Array]]:
        """Measured and simulated change (101,) over the cycle, by the names of `vocabulary.CURVES`."""
        return {
            name: (
                self.modified.curves[name] - self.normal.curves[name],
                self.simulated.curves[name] - self.normal.curves[name],
            )
            for name in CURVES
        }


def not_simulated(change: Mapping[str, float]) -> tuple[Finding, ...]:
    """Say what else the person changed, which the simulation leaves as it was in the normal walk.

    Parameters
    ----------
    change : mapping
        By the names of `MEASURED_CHANGES`.

    Examples
    --------
    >>> found = not_simulated({"trunk_lean_change_deg": 9.6, "step_length_change_m": 0.01})
    >>> found[0].problem
    'The person also changed: trunk lean +9.6 °. The simulation leaves it as in the normal trials.'
    """
    others = [
        f"{MEASURED_CHANGES[name].label.lower()} {change[name]:+.3g} {MEASURED_CHANGES[name].unit}"
        for name, least in NOTEWORTHY.items()
        if name in change and abs(change[name]) >= least
    ]
    if not others:
        return ()
    return (
        Finding(
            "other_changes",
            "note",
            "modified walk",
            f"The person also changed: {', '.join(others)}. The simulation leaves"
            f" {'them' if len(others) > 1 else 'it'} as in the normal trials.",
        ),
    )


def change_to_simulate(
    change: Mapping[str, float], width_from_turning_m: float
) -> tuple[float, float, tuple[Finding, ...]]:
    """What the sliders must be set to so that foot angle and heel-to-heel width change as measured.

    Parameters
    ----------
    change : mapping
        By the names of `MEASURED_CHANGES`.
    width_from_turning_m : float
        How far turning the feet alone changes the width between the heels.

    Returns
    -------
    float, float
        Change of foot progression angle (degrees) and of step width (m), within what can be simulated.
    tuple of Finding
        Says where the person changed more than that.

    Examples
    --------
    >>> turn_deg, width_m, _ = change_to_simulate(
    ...     {"foot_progression_change_deg": -16.6, "step_width_change_m": 0.14}, width_from_turning_m=0.074
    ... )
    >>> turn_deg, round(width_m, 3)
    (-16.6, 0.066)
    """
    wanted = {
        "foot_progression_change_deg": change["foot_progression_change_deg"],
        "step_width_change_m": change["step_width_change_m"] - width_from_turning_m,
    }
    limits = {"foot_progression_change_deg": 20.0, "step_width_change_m": 0.15}
    taken, findings = {}, []
    for name, value in wanted.items():
        taken[name] = min(max(value, -limits[name]), limits[name])
        if taken[name] != value:
            quantity = MEASURED_CHANGES[name]
            findings.append(
                Finding(
                    "more_than_can_be_simulated",
                    "serious",
                    "modified walk",
                    f"{quantity.label} changed by {value:+.3g} {quantity.unit}; {taken[name]:+.3g} {quantity.unit} is"
                    " simulated, the most that can be.",
                )
            )
    return taken["foot_progression_change_deg"], taken["step_width_change_m"], tuple(findings)
