"""The clean recordings of the campaign, each as columns that a fault may spoil."""

from __future__ import annotations

import tempfile
from pathlib import Path

import numpy as np

from tests.plate_recordings import plate_recordings
from tests.synthetic import SyntheticWalk
from workbench.core.types import Trial
from workbench.core.vocabulary import SIDE_SUFFIX
from workbench.simulation.walk import model_for_trial
from workbench.trials import open_trial

EVERYTHING_S = (-np.inf, np.inf)
TREADMILL_S = (10.5, 14.5)


def clean_recordings(data: Path | None, folder: Path) -> dict[str, SyntheticWalk]:
    """Return the clean recordings by name: the built-in walk, and those in `data`; models go to `folder`."""
    with tempfile.TemporaryDirectory() as scratch:
        trials = {"built-in": open_trial("reference")} if data is None else plate_recordings(data, Path(scratch))
        return {
            name: _columns(name, trial, TREADMILL_S if name == "treadmill" else EVERYTHING_S, folder)
            for name, trial in trials.items()
        }


def copied(walk: SyntheticWalk) -> SyntheticWalk:
    """Return a copy whose columns and settings can be changed."""
    settings = {key: dict(value) if isinstance(value, dict) else value for key, value in walk.settings.items()}
    return SyntheticWalk(
        {name: column.copy() for name, column in walk.motion.items()},
        {name: column.copy() for name, column in walk.forces.items()},
        settings,
        walk.in_degrees,
    )


def _columns(name: str, trial: Trial, span_s: tuple[float, float], folder: Path) -> SyntheticWalk:
    first_s, last_s = span_s
    kept = (trial.motion.time_s >= first_s) & (trial.motion.time_s <= last_s)
    motion = {"time": trial.motion.time_s[kept]}
    motion |= {column: trial.motion.values[kept, i] for i, column in enumerate(trial.motion.names)}
    forces = {}
    for side, reaction in trial.ground_reactions.items():
        letter = SIDE_SUFFIX[side]
        kept = (reaction.time_s >= first_s) & (reaction.time_s <= last_s)
        forces["time"] = reaction.time_s[kept]
        for i, axis in enumerate("xyz"):
            forces[f"ground_force_{letter}_v{axis}"] = reaction.force_N[kept, i]
            forces[f"ground_force_{letter}_p{axis}"] = reaction.point_m[kept, i]
            forces[f"ground_torque_{letter}_{axis}"] = reaction.torque_Nm[kept, i]
    settings = {
        "name": name,
        "subject": {"mass": trial.subject.mass_kg, "height": trial.subject.height_m},
        "model": {"file": str(_model(name, trial, folder))},
        "motion": {"coordinates": "ik.mot"},
        "ground_reactions": {"file": "grf.mot"},
    }
    events = {}
    for what, given in (("strike", trial.foot_strikes_s), ("off", trial.foot_offs_s)):
        for side, times in given.items():
            events[f"{side}_foot_{what}"] = [t for t in times if forces["time"][0] <= t <= forces["time"][-1]]
    if events:
        settings["events"] = events
    if trial.measured_loads is not None:
        loads = trial.measured_loads
        settings["measured_loads"] = {
            "file": "loads.csv", "side": loads.side, "time": "time", "medial": "medial", "lateral": "lateral",
            "unit": "N",
        }  # fmt: skip
        rows = np.column_stack([loads.time_s, loads.medial_N, loads.lateral_N])
        (folder / "loads.csv").write_text(
            "time,medial,lateral\n" + "\n".join(",".join(f"{v:.5f}" for v in row) for row in rows) + "\n"
        )
    return SyntheticWalk(motion, forces, settings, trial.motion.in_degrees)


def _model(name: str, trial: Trial, folder: Path) -> Path:
    """File of the trial's model; the built-in walk's is written to `folder`."""
    path = folder / f"{name.replace(' ', '_')}.osim"
    if trial.model_file is not None:
        path.write_bytes(trial.model_file.read_bytes())
    else:
        model_for_trial(trial).model.printToXML(str(path))
    return path
