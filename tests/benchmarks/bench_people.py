"""What the present defaults give on every walker there is: README's and METHODS' tables of people.

    python -m tests.benchmarks.bench_people DATA

DATA is the folder of other people's recordings. First the response to 10 degrees of toe-in and to steps 10 cm wider, by
walker and leg; then the contact force against instrumented knees; then foot progression angle and knee adduction moment
against those that a laboratory's Plug-in-Gait computed from the same markers and forces.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import ezc3d
import numpy as np

from tests.plate_recordings import s4_trial
from workbench.core import implant
from workbench.core.errors import WorkbenchError
from workbench.core.loads import knee_loads
from workbench.core.settings import GaitModification, LoadSettings
from workbench.core.types import Array, Stride, Subject, Trial
from workbench.core.vocabulary import CYCLE_PERCENT, STANDARD_GRAVITY, Side
from workbench.intake.kept import open_recorded
from workbench.recordings.sources import Wishes
from workbench.simulation.simulate import simulate
from workbench.simulation.walk import Walk
from workbench.trials import open_trial

TOE_IN, WIDER = GaitModification(foot_progression_change_deg=-10.0), GaitModification(step_width_change_m=0.10)
PEAKS = ("kam_peak_1_pct_bw_ht", "kam_peak_2_pct_bw_ht", "mcf_peak_1_bw", "mcf_peak_2_bw")
STRIDES = 4  # of a long recording, spread evenly


@dataclass(frozen=True)
class Walker:
    """A recording, and what it was used for before it is shown here."""

    name: str
    used: bool  #: whether a default was chosen on this person
    trial: Trial


def walkers(data: Path, scratch: Path) -> Iterator[Walker]:
    """Every recording of walking with ground forces."""
    yield Walker("built-in walk", True, open_trial("reference"))
    yield Walker("treadmill, the same man", True, open_trial(data / "treadmill_walk" / "trial.toml"))
    yield Walker("overground", True, open_trial(data / "overground_walk" / "trial.toml"))
    yield Walker("S4", True, s4_trial("walking1", data, scratch))
    yield Walker("PS", True, open_trial(data / "implant_ps" / "trial.toml"))
    for name in ("og1", "og3"):
        wishes = Wishes(mass_kg=70.0, height_m=1.72, measured_side="right")
        yield Walker(f"DM {name}", False, open_recorded(data / "overground_dm" / f"DM_ngait_{name}_new.trc", wishes))


def peaks(walk: Walk, strides: tuple[Stride, ...], change: GaitModification) -> Array:
    """Mean over strides of the peaks, in the order of `PEAKS`."""
    subject, settings = walk.trial.subject, LoadSettings()
    found = [knee_loads(walk.solve(one, change).mechanics, one, subject, settings).peaks for one in strides]
    return np.mean([[one[name] for name in PEAKS] for one in found], axis=0)


def print_responses(walk: Walk, walker: Walker) -> dict[str, float]:
    """One row for each leg; first KAM peak's change in percent with wider steps by leg."""
    percent = {}
    for side in walk.sides:
        every = walk.strides(side)
        strides = tuple(every[i] for i in np.unique(np.linspace(0, len(every) - 1, STRIDES).round().astype(int)))
        try:
            recorded, toe_in, wider = (peaks(walk, strides, change) for change in (GaitModification(), TOE_IN, WIDER))
        except WorkbenchError as error:
            print(f"| {walker.name} | {side} | {error} |")
            continue
        percent[side] = float(100.0 * (wider - recorded)[0] / recorded[0])
        cells = [
            f"{recorded[0]:.2f} / {recorded[1]:.2f}",
            *(f"{a:+.2f} / {b:+.2f}" for a, b in ((toe_in - recorded)[:2], (wider - recorded)[:2])),
            " / ".join(f"{one:+.0f} %" for one in 100.0 * (wider - recorded)[:2] / recorded[:2]),
            *(f"{a:+.2f} / {b:+.2f}" for a, b in ((toe_in - recorded)[2:], (wider - recorded)[2:])),
        ]
        used = "yes" if walker.used else "no"
        print(f"| {walker.name} | {side} | {len(strides)} | {used} | {' | '.join(cells)} |", flush=True)
    return percent


def print_implant(walk: Walk, walker: Walker) -> None:
    """One row: root mean square error over stance, and peaks."""
    measured = walk.trial.measured_loads
    if measured is None:
        return
    found = implant.compare_simulation(simulate(walk, GaitModification(), side=measured.side), measured)
    weight_N = walk.trial.subject.body_weight_N
    errors = " | ".join(f"{found.agreement_N[name].root_mean_square_error:.0f} N" for name in implant.COMPARTMENTS)
    medial = found.agreement_N["medial"]
    simulated, implanted = (
        " / ".join(f"{peak / weight_N:.2f}" for peak in one) for one in (medial.simulated_peaks, medial.measured_peaks)
    )
    print(f"| {walker.name} | {'yes' if walker.used else 'no'} | {errors} | {simulated} | {implanted} |", flush=True)


def plug_in_gait(file: Path, side: Side, stride: Stride, subject: Subject) -> tuple[float, Array]:
    """A laboratory's own mean foot progression angle (toe-out positive) and KAM (% BW ht) over a stance."""
    content = ezc3d.c3d(str(file))
    labels, points = content["parameters"]["POINT"]["LABELS"]["value"], content["data"]["points"]
    header = content["header"]["points"]
    time_s = header["first_frame"] / header["frame_rate"] + np.arange(points.shape[2]) / header["frame_rate"]
    letter = side[0].upper()

    def channel(name: str, axis: int) -> Array:
        place = next(i for i, label in enumerate(labels) if label.startswith(f"{letter}{name}"))
        values = points[axis, place]
        known = np.isfinite(values)
        return np.interp(stance_s, time_s[known], values[known])

    stance_s = stride.start_s + stride.duration_s * CYCLE_PERCENT[stride.stance_percent >= CYCLE_PERCENT] / 100.0
    # Internal rotation of the foot is positive there; moments are in N mm per kg, external adduction positive.
    toe_out_deg = -channel("FootProgressAngles", 2)
    kam = channel("KneeMoment", 1) / 1000.0 / (STANDARD_GRAVITY * subject.height_m) * 100.0
    return float(toe_out_deg.mean()), kam


def print_plug_in_gait(data: Path) -> None:
    """Rows by stride: foot progression angle and KAM, the laboratory's and those of the workbench."""
    file = data / "c3d" / "btk_PiG_Motion3_FF.c3d"
    walk = Walk(open_recorded(file, Wishes(mass_kg=74.0, height_m=1.76)))
    for side in walk.sides:
        for stride in walk.strides(side):
            mechanics = walk.solve(stride, GaitModification()).mechanics
            loads = knee_loads(mechanics, stride, walk.trial.subject, LoadSettings())
            angle_deg, kam = plug_in_gait(file, side, stride, walk.trial.subject)
            own = loads.curves["knee_adduction_moment_pct_bw_ht"][: len(kam)]
            half = len(kam) // 2
            error = float(np.sqrt(np.mean((own - kam) ** 2)))
            print(
                f"| {side} {stride.number}, from {stride.start_s:.2f} s |"
                f" {loads.peaks['foot_progression_angle_deg']:.1f}° | {angle_deg:.1f}° |"
                f" {loads.peaks[PEAKS[0]]:.2f} / {loads.peaks[PEAKS[1]]:.2f} |"
                f" {kam[:half].max():.2f} / {kam[half:].max():.2f} | {error:.2f} |"
            )


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("data", type=Path)
    data = parser.parse_args().data
    with tempfile.TemporaryDirectory() as scratch:
        opened = [(walker, Walk(walker.trial)) for walker in walkers(data, Path(scratch))]
        print("| walker | leg | strides | a default was chosen on this person | KAM1 / KAM2 recorded, % BW·ht"
              " | toe-in 10°: KAM1 / KAM2 | +10 cm: KAM1 / KAM2 | the same, % | toe-in 10°: MCF1 / MCF2, BW"
              " | +10 cm: MCF1 / MCF2, BW |\n" + "|---" * 10 + "|")  # fmt: skip
        percent = [print_responses(walk, walker) for walker, walk in opened]
        every = [value for one in percent for value in one.values()]
        print(
            f"\nSteps 10 cm wider change KAM1 by {np.mean(every):.1f} % on average over {len(every)} legs"
            f" ({min(every):+.0f} to {max(every):+.0f} %).\n"
        )
        print("| implant | a default was chosen on this person | medial | lateral | total | medial peaks, BW"
              " | measured |\n" + "|---" * 7 + "|")  # fmt: skip
        for walker, walk in opened:
            print_implant(walk, walker)
    print("\n| stride | FPA | Plug-in-Gait | KAM1 / KAM2 | Plug-in-Gait | RMS over stance |\n" + "|---" * 6 + "|")
    print_plug_in_gait(data)


if __name__ == "__main__":
    main()
