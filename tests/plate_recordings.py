"""The recordings with force plates under both feet or one, as trials: what estimated forces are judged by."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path

from workbench.core.types import Trial
from workbench.trials import open_trial
from workbench.trials.trial_file import load_trial_file

_S4 = """
name = "S4 {name}"
[subject]
mass = 62.6
height = 1.68
[model]
file = "manually_scaled.osim"
[motion]
coordinates = "{name}_manual_scaling_ik.mot"
[ground_reactions]
file = "{name}_grf.mot"
right = {{ force = "ground_force_1_v", point = "ground_force_1_p", torque = "ground_force_1_m" }}
left = {{ force = "ground_force_2_v", point = "ground_force_2_p", torque = "ground_force_2_m" }}
"""

#: Person behind each recording. The right foot of S4 is only partly on its plate, and PS's right stance is not whole.
PEOPLE: Mapping[str, str] = {
    "built-in": "treadmill",
    "treadmill": "treadmill",
    "overground": "overground",
    "PS ss1": "PS",
    "S4 walking1": "S4",
    "S4 walkingTI1": "S4",
    "S4 walkingTO1": "S4",
    "S4 walkingTS1": "S4",
}


def plate_recordings(data_folder: Path, scratch: Path) -> dict[str, Trial]:
    """Every recording by the names of `PEOPLE`; `scratch` takes the trial folders of S4."""
    trials = {
        "built-in": open_trial("reference"),
        "treadmill": load_trial_file(data_folder / "treadmill_walk"),
        "overground": load_trial_file(data_folder / "overground_walk"),
        "PS ss1": load_trial_file(data_folder / "implant_ps"),
    }
    for name in ("walking1", "walkingTI1", "walkingTO1", "walkingTS1"):
        trials[f"S4 {name}"] = s4_trial(name, data_folder, scratch)
    return trials


def s4_trial(name: str, data_folder: Path, scratch: Path) -> Trial:
    """One trial of the woman who changed her gait, with the export's manually scaled model."""
    s4, folder = data_folder / "modified_gait_s4", scratch / name
    folder.mkdir()
    for file in (
        s4 / "Models/manually_scaled.osim",
        s4 / f"IK/{name}_manual_scaling_ik.mot",
        s4 / f"ID/{name}_grf.mot",
    ):
        shutil.copy(file, folder)
    (folder / "trial.toml").write_text(_S4.format(name=name), encoding="utf-8")
    return load_trial_file(folder)
