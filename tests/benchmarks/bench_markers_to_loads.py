"""How far the loads of a walk from its markers are from implants, from published models, and from Plug-in Gait.

    python -m tests.benchmarks.bench_markers_to_loads ../shared/data

runs the program's own commands and prints the tables of METHODS.
"""

from __future__ import annotations

import contextlib
import io
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from tests import marker_recordings as recordings
from workbench.core.vocabulary import SIDES


def main() -> None:
    """Print every table."""
    data = Path(sys.argv[1])
    with tempfile.TemporaryDirectory() as scratch:
        work = Path(scratch)
        contact(data, work)
        angles(data, work)
        adduction(data, work)
        plug_in_gait(data, work)


def quiet(make: Callable[[], Path]) -> tuple[Path, float]:
    """Import without its words; return the folder and the seconds it took."""
    begun = time.perf_counter()
    with contextlib.redirect_stdout(io.StringIO()):
        folder = make()
    return folder, time.perf_counter() - begun


def contact(data: Path, work: Path) -> None:
    """Contact force against the implant."""
    made = {"PS ss1, published model and angles": (data / "implant_ps", 0.0)}
    made["PS ss1, C3D and static trial"] = quiet(lambda: recordings.ps(data, work / "ps"))
    for trial in ("og1", "og3"):
        made[f"DM {trial}, markers"] = quiet(lambda trial=trial: recordings.dm(data, work / trial, trial))  # type: ignore[misc]
    print("\n| recording | medial N | lateral N | total N | import s |\n|---|---|---|---|---|")
    for name, (folder, seconds) in made.items():
        error = recordings.contact_errors_N(folder)
        print(f"| {name} | {error['medial']:.0f} | {error['lateral']:.0f} | {error['total']:.0f} | {seconds:.0f} |")


def angles(data: Path, work: Path) -> None:
    """Joint angles of PS against the published ones."""
    published = data / "implant_ps" / "PS_ngait_og_ss1_kinematics.mot"
    errors = recordings.angle_errors(work / "ps", published, recordings.PS_STARTS_S)
    print("\n| PS ss1 | rms deg | mean deg |\n|---|---|---|")
    for name, error in errors.items():
        print(f"| {name} | {error.rms:.1f} | {error.mean:+.1f} |")


def adduction(data: Path, work: Path) -> None:
    """KAM of S4's left leg from the markers, and from the export by either of its models."""
    print("\n| S4, KAM1 / KAM2 in %BW·ht | markers | optimised model | manual model |\n|---|---|---|---|")
    for trial in recordings.S4_TRIALS:
        ways = (
            lambda trial=trial: recordings.s4(data, work / f"{trial} markers", trial),
            lambda trial=trial: recordings.s4_export(data, work / f"{trial} export", trial),
            lambda trial=trial: recordings.s4_export(data, work / f"{trial} manual", trial, "manually_scaled.osim"),
        )
        peaks = [recordings.recorded_peaks(quiet(way)[0], "left") for way in ways]
        cells = [" / ".join(f"{one[name]:.2f}" for name in recordings.KAM_PEAKS) for one in peaks]
        print(f"| {trial} | {' | '.join(cells)} |")
    statics = ("static_walk_1.trc", "static_walk_2.trc")
    walks = {"overground, published": data / "overground_walk"}
    walks |= {f"overground, {s}": quiet(lambda s=s: recordings.overground(data, work / s, s))[0] for s in statics}  # type: ignore[misc]
    for name, folder in walks.items():
        peak = recordings.recorded_peaks(folder, "left")
        print(f"| {name} | {' / '.join(f'{peak[kam]:.2f}' for kam in recordings.KAM_PEAKS)} | | |")


def plug_in_gait(data: Path, work: Path) -> None:
    """The Plug-in Gait file's knees and feet."""
    folder, seconds = quiet(lambda: recordings.plug_in_gait(data, work / "pig"))
    print(f"\n| Plug-in Gait ({seconds:.0f} s) | KAM1 | KAM2 | KFM %BW·ht | FPA deg |\n|---|---|---|---|---|")
    for side in SIDES:
        peak = recordings.recorded_peaks(folder, side)
        names = (*recordings.KAM_PEAKS, "kfm_peak_pct_bw_ht", "foot_progression_angle_deg")
        print(f"| {side} | {' | '.join(f'{peak[name]:.2f}' for name in names)} |")


if __name__ == "__main__":
    main()
