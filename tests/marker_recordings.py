"""Recordings that go from their markers to loads by the program's own commands, and what they are judged by."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import opensim

from workbench.cli.main import main
from workbench.core.vocabulary import Side
from workbench.trials.trial_file import load_trial_file

_NOT_ANGLES = ("pelvis_tx", "pelvis_ty", "pelvis_tz")
S4_TRIALS = ("walking1", "walkingTI1", "walkingTO1", "walkingTS1")
PS_STARTS_S = 5.1417  #: where the published files of PS begin, on the clock of the C3D
KAM_PEAKS = ("kam_peak_1_pct_bw_ht", "kam_peak_2_pct_bw_ht")


def imported(folder: Path, recording: Path, *options: object) -> Path:
    """Run `workbench import`; return the trial folder."""
    assert main(["import", str(recording), "-o", str(folder), *map(str, options)]) == 0
    return folder


def ps(data: Path, folder: Path) -> Path:
    """PS from its C3D and static trial."""
    own = data / "implant_ps"
    return imported(
        folder, own / "PS_ngait_og_ss1.c3d", "--static", own / "Static_for_scaling.trc", "--mass", 75, "--height", 1.80,
        "--measured-loads", own / "PS_ngait_og_ss1_measured_loads.csv", "--measured-side", "left",
    )  # fmt: skip


def dm(data: Path, folder: Path, trial: str) -> Path:
    """DM (``"og1"``, ``"og3"``) from markers without knees and ankles, and three plates."""
    stem = str(data / "overground_dm" / f"DM_ngait_{trial}")
    return imported(
        folder, Path(f"{stem}_new.trc"), "--mass", 70, "--height", 1.72, "--forces", f"{stem}_grf.sto",
        "--external-loads", f"{stem}_external_loads.xml", "--measured-loads", f"{stem}_measured_loads.csv",
        "--measured-side", "right",
    )  # fmt: skip


def s4(data: Path, folder: Path, trial: str) -> Path:
    """S4 from the markers, with the static trial that lies beside them."""
    own = data / "modified_gait_s4"
    return imported(
        folder, own / f"MarkerData/{trial}.trc", "--forces", own / f"ID/{trial}_grf.mot", "--mass", 62.6,
        "--height", 1.68,
    )  # fmt: skip


def s4_export(data: Path, folder: Path, trial: str, model: str | None = None) -> Path:
    """S4 with the joint angles of the export: of its optimised model, or of the one named."""
    own = data / "modified_gait_s4"
    named = () if model is None else ("--model", own / "Models" / model)
    return imported(folder, own, "--trial", trial, "--mass", 62.6, "--height", 1.68, *named)


def overground(data: Path, folder: Path, static: str) -> Path:
    """The overground walk from its markers, with one of two static trials; the first is of another session."""
    own = data / "overground_walk"
    return imported(
        folder, own / "markers.trc", "--static", data / "scaling_rajagopal" / static, "--forces", own / "grf_walk.mot",
        "--mass", 85.27, "--height", 1.83,
    )  # fmt: skip


def plug_in_gait(data: Path, folder: Path) -> Path:
    """A Plug-in Gait file that carries its own angles and moments."""
    return imported(folder, data / "c3d" / "btk_PiG_Motion3_FF.c3d")


def contact_errors_N(folder: Path) -> dict[str, float]:
    """Root mean square difference from the implant over stance, by compartment: `workbench validate`."""
    agreement = _answer("validate", folder)["agreement"]
    return {name: agreement[name]["root_mean_square_error_N"] for name in ("medial", "lateral", "total")}


def recorded_peaks(folder: Path, side: Side) -> dict[str, float]:
    """The recorded walk's outcomes: `workbench simulate`."""
    return dict(_answer("simulate", folder, "--side", side)["summary"]["baseline"])


def _answer(command: str, folder: Path, *options: str) -> Any:
    file = folder / f"{command}.json"
    assert main([command, str(folder), *options, "--json", str(file)]) == 0
    return json.loads(file.read_text(encoding="utf-8"))


@dataclass(frozen=True)
class AngleError:
    """Difference from a published inverse kinematics, degrees."""

    rms: float
    mean: float


def angle_errors(folder: Path, published: Path, starts_s: float = 0.0) -> dict[str, AngleError]:
    """Compare joint angles with published ones, by coordinate; `starts_s` is where the published clock is zero."""
    motion = load_trial_file(folder).motion
    table = opensim.TimeSeriesTable(str(published))
    time_s = np.array(table.getIndependentColumn()) + starts_s
    within = (motion.time_s >= time_s[0]) & (motion.time_s <= time_s[-1])
    found = {}
    for name in table.getColumnLabels():
        if name in motion.names and name not in _NOT_ANGLES and "_beta" not in name:
            theirs = np.interp(motion.time_s, time_s, table.getDependentColumn(name).to_numpy())
            apart = (motion.values[:, motion.names.index(name)] - theirs)[within]
            found[name] = AngleError(float(np.sqrt(np.mean(apart**2))), float(np.mean(apart)))
    return found
