"""How far estimated ground reactions, and the knee loads from them, are from those of force plates.

    python -m tests.benchmarks.bench_estimated_forces ../shared/data

prints the table of the README and the figures of `workbench.core.estimate_errors.ESTIMATE_ERRORS`.
"""

from __future__ import annotations

import sys
import tempfile
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from tests.plate_recordings import PEOPLE, plate_recordings
from workbench.core.loads import knee_loads
from workbench.core.settings import GaitModification, LoadSettings
from workbench.core.types import Array, Stride, Trial
from workbench.core.vocabulary import CYCLE_PERCENT
from workbench.simulation.estimated_forces import EstimatedForces, estimate_ground_reactions
from workbench.simulation.walk import Walk

_AS_RECORDED = GaitModification()
_MOST_STRIDES = 6  # of each foot
_LOADED_BW = 0.05  # below, the centre of pressure is a quotient of small numbers

#: Curve, unit, digits.
CURVES = {
    "vertical_force_pct_bw": ("% BW", 1),
    "fore_aft_force_pct_bw": ("% BW", 1),
    "medio_lateral_force_pct_bw": ("% BW", 2),
    "centre_of_pressure_along_foot_mm": ("mm", 0),
    "centre_of_pressure_across_foot_mm": ("mm", 0),
    "knee_adduction_moment_pct_bw_ht": ("% BW·ht", 2),
    "knee_flexion_moment_pct_bw_ht": ("% BW·ht", 2),
    "medial_contact_force_bw": ("BW", 2),
    "lateral_contact_force_bw": ("BW", 2),
    "total_contact_force_bw": ("BW", 2),
}
PEAKS = ("kam_peak_1_pct_bw_ht", "kam_peak_2_pct_bw_ht", "mcf_peak_1_bw", "mcf_peak_2_bw")


@dataclass(frozen=True)
class Comparison:
    """One recording: estimated minus recorded."""

    rms: dict[str, float]  #: root mean square over the stances, by the names of `CURVES`
    peaks: dict[str, float]  #: mean difference, by the names of `PEAKS`
    strikes_s: tuple[float, ...]  #: of each foot strike found from the motion
    offs_s: tuple[float, ...]


def compare(trial: Trial) -> Comparison:
    """Estimate the forces of a recorded walk as if it had none, and compare stance by stance."""
    recorded = Walk(trial)
    estimate = estimate_ground_reactions(recorded.model, trial.motion, trial.subject)
    estimated = Walk(replace(trial, ground_reactions=estimate.ground_reactions))
    sides = recorded.sides if not trial.name.startswith("S4") else ("left",)
    strides = [stride for side in sides for stride in recorded.strides(side)[:_MOST_STRIDES]]
    both = [(_curves(recorded, stride), _curves(estimated, stride)) for stride in strides]
    rms, peaks = {}, {}
    for name in both[0][0][0]:
        differences = np.concatenate([after[0][name] - before[0][name] for before, after in both])
        rms[name] = float(np.sqrt(np.nanmean(differences**2)))
    for name in both[0][0][1]:
        peaks[name] = float(np.mean([after[1][name] - before[1][name] for before, after in both]))
    return Comparison(rms, peaks, *_event_errors(strides, estimate, trial))


def _curves(walk: Walk, stride: Stride) -> tuple[dict[str, Array], dict[str, float]]:
    """Curves over stance, and peaks."""
    subject = walk.trial.subject
    stance = stride.stance_percent >= CYCLE_PERCENT
    mechanics = walk.solve(stride, _AS_RECORDED).mechanics
    force = walk.motion(stride, _AS_RECORDED).ground_reactions[stride.side].force_N / subject.body_weight_N
    forward, _, right = walk.walkway
    loaded = np.where(force[:, 1] > _LOADED_BW, 1.0, np.nan)
    curves = {
        "vertical_force_pct_bw": 100.0 * force[:, 1],
        "fore_aft_force_pct_bw": 100.0 * force @ forward,
        "medio_lateral_force_pct_bw": 100.0 * force @ right,
        "centre_of_pressure_along_foot_mm": 1e3 * loaded * mechanics.centre_of_pressure_in_foot_m[:, 0],
        "centre_of_pressure_across_foot_mm": 1e3 * loaded * mechanics.centre_of_pressure_in_foot_m[:, 1],
    }
    loads = knee_loads(mechanics, stride, subject, LoadSettings())
    curves |= loads.curves
    return {name: curve[stance] for name, curve in curves.items()}, {name: loads.peaks[name] for name in PEAKS}


def _event_errors(
    strides: list[Stride], estimate: EstimatedForces, trial: Trial
) -> tuple[tuple[float, ...], tuple[float, ...]]:
    strikes, offs = [], []
    first_s = float(trial.motion.time_s[0])
    for stride in strides:
        contacts = estimate.contacts[stride.side]
        off = min((contact.end_s - stride.toe_off_s for contact in contacts), key=abs)
        offs.append(off)
        if stride.start_s > first_s + 0.1:
            strikes.append(min((contact.start_s - stride.start_s for contact in contacts), key=abs))
    return tuple(strikes), tuple(offs)


def by_person(values: dict[str, float]) -> float:
    """Quadratic mean over people, each counted once however many recordings there are."""
    people: dict[str, list[float]] = {}
    for name, value in values.items():
        people.setdefault(PEOPLE[name], []).append(value**2)
    return float(np.sqrt(np.mean([np.mean(squares) for squares in people.values()])))


def main() -> None:
    """Print both tables."""
    with tempfile.TemporaryDirectory() as scratch:
        trials = plate_recordings(Path(sys.argv[1]), Path(scratch))
        found = {name: compare(trial) for name, trial in trials.items()}
    heads = [*CURVES, *(f"{peak} difference" for peak in PEAKS), "foot strike ms", "toe-off ms"]
    print("| recording | " + " | ".join(heads) + " |")
    print("|---" * (len(heads) + 1) + "|")
    for name, comparison in found.items():
        cells = [f"{comparison.rms[curve]:.{digits}f}" for curve, (_, digits) in CURVES.items()]
        cells += [f"{comparison.peaks[peak]:+.2f}" for peak in PEAKS]
        for errors in (comparison.strikes_s, comparison.offs_s):
            cells.append(f"{1e3 * np.mean(errors):+.0f} ± {1e3 * np.std(errors):.0f}" if errors else "-")
        print(f"| {name} | " + " | ".join(cells) + " |")
    print()
    for curve, (unit, _) in CURVES.items():
        values = {name: comparison.rms[curve] for name, comparison in found.items()}
        print(f'    "{curve}": EstimateError("{unit}", {by_person(values):.3g}, {max(values.values()):.3g}),')
    for what in ("strikes_s", "offs_s"):
        errors = {
            name: 1e3 * float(np.sqrt(np.mean(np.square(getattr(comparison, what)))))
            for name, comparison in found.items()
            if getattr(comparison, what)
        }
        print(what, f"{by_person(errors):.1f} ms by person, {max(errors.values()):.1f} ms at most")


if __name__ == "__main__":
    main()
