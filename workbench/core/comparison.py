"""A change of gait that a person really made, next to the same change simulated from the person's normal walk."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from workbench.core.changes import KINDS, Changes
from workbench.core.findings import Finding
from workbench.core.results import LoadsOfStrides
from workbench.core.settings import GaitModification, LoadSettings, Processing
from workbench.core.types import Array, Subject
from workbench.core.vocabulary import CURVES, PEAKS, Quantity, Side

#: Kinds of change that are measured from the pose of the body, not from the loads of the leg.
POSTURES = ("trunk_lean_change_deg", "step_length_change_m", "knee_medialisation_m", "pelvic_drop_change_deg")
#: What a person can change and the recordings show: modified minus normal trials.
MEASURED_CHANGES: dict[str, Quantity] = {
    quantity.name: quantity
    for quantity in (
        *(
            Quantity(kind.name, PEAKS[kind.outcome].label, PEAKS[kind.outcome].unit, kind.sign)
            if kind.outcome is not None
            else Quantity(kind.name, kind.label.capitalize(), "°" if kind.unit == "degrees" else kind.unit, kind.sign)
            for kind in KINDS.values()
            if kind.outcome is not None or kind.name in POSTURES
        ),
        Quantity("stance_time_change_s", "Stance time", "s", "positive = longer"),
    )
}
#: Those that the simulation takes over; the others are only measured.
SIMULATED_CHANGES = tuple(name for name in MEASURED_CHANGES if name in KINDS)

#: Changes that are only measured: above these the person did something that the simulation leaves out.
NOTEWORTHY = {"stance_time_change_s": 0.05}


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
    """List what else the person changed; the simulation keeps it as in the normal walk.

    Parameters
    ----------
    change : mapping
        By the names of `MEASURED_CHANGES`.

    Examples
    --------
    >>> found = not_simulated({"stance_time_change_s": 0.08, "step_length_change_m": 0.06})
    >>> found[0].problem
    'The person also changed: stance time +0.08 s. The simulation keeps it as in the normal trials.'
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
            f"The person also changed: {', '.join(others)}. The simulation keeps {'them' if len(others) > 1 else 'it'}"
            " as in the normal trials.",
        ),
    )


def change_to_simulate(
    change: Mapping[str, float], already: Mapping[str, float] | None = None
) -> tuple[Changes, tuple[Finding, ...]]:
    """The changes to simulate so that everything that can be simulated changes as measured.

    Parameters
    ----------
    change : mapping
        By the names of `MEASURED_CHANGES`.
    already : mapping, optional
        Side effects of the other changes: turning the feet moves the heels and so changes step width.

    Returns
    -------
    Changes
        Within what can be simulated.
    tuple of Finding
        Says where the person changed more than that.

    Examples
    --------
    >>> measured = {"foot_progression_change_deg": -16.6, "step_width_change_m": 0.14}
    >>> print(change_to_simulate(measured, {"step_width_change_m": 0.074})[0])
    toe-in 16.6° and 6.6 cm wider steps
    """
    taken, findings = {}, []
    for name in SIMULATED_CHANGES:
        if name not in change:
            continue
        value, largest = change[name] - (already or {}).get(name, 0.0), KINDS[name].largest
        taken[name] = min(max(value, -largest), largest)
        if taken[name] != value:
            quantity = MEASURED_CHANGES[name]
            findings.append(
                Finding(
                    "more_than_can_be_simulated",
                    "serious",
                    "modified walk",
                    f"{quantity.label} changed by {value:+.3g} {quantity.unit}; {taken[name]:+.3g} {quantity.unit} is"
                    " simulated, the largest change that can be.",
                )
            )
    return Changes(taken), tuple(findings)
