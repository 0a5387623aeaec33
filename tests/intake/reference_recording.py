"""The built-in walk as a laboratory would have recorded it: markers on its model, and two belts that name no foot."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np

from tests.recordings.stick_walk import write_trc
from workbench.core.settings import Processing
from workbench.core.types import Trial
from workbench.core.vocabulary import SIDES
from workbench.intake.trial_folder import write_table
from workbench.recordings.landmarks import LANDMARKS
from workbench.recordings.recording import Markers
from workbench.simulation.mechanics import kinetics
from workbench.simulation.sampled_motion import prepare, sample
from workbench.simulation.walk import model_for_trial

#: Labels by landmark.
LABELS = {
    "left_asis": "LASI", "right_asis": "RASI", "left_psis": "LPSI", "right_psis": "RPSI",
    "left_lateral_knee": "LKNE", "right_lateral_knee": "RKNE", "left_medial_knee": "LKNM",
    "right_medial_knee": "RKNM", "left_lateral_ankle": "LANK", "right_lateral_ankle": "RANK",
    "left_medial_ankle": "LANM", "right_medial_ankle": "RANM", "left_heel": "LHEE", "right_heel": "RHEE",
    "left_second_metatarsal": "LTOE", "right_second_metatarsal": "RTOE", "c7": "C7", "jugular_notch": "CLAV",
    "left_shoulder": "LSHO", "right_shoulder": "RSHO",
}  # fmt: skip
MAP = "\n".join(
    ['name = "test set"', "[landmarks]"]
    + [f'{name} = ["{LABELS[f"left_{name}"]}", "{LABELS[f"right_{name}"]}"]'
       for name in ("asis", "psis", "lateral_knee", "medial_knee", "lateral_ankle", "medial_ankle", "heel",
                    "second_metatarsal", "shoulder")]
    + ['c7 = "C7"', 'jugular_notch = "CLAV"', ""]
)  # fmt: skip


def marked(trial: Trial, labels: Mapping[str, str] | None = None) -> Markers:
    """Markers where the landmarks of the trial's model are; labels by landmark."""
    labels = LABELS if labels is None else labels
    model = model_for_trial(trial)
    factors = trial.scale_factors or {}
    time_s = trial.motion.time_s
    moved = kinetics(model, sample(prepare(trial, model, Processing()), model, time_s), None)
    places = []
    for name in labels:
        landmark = LANDMARKS[name]
        body = model.body_index[landmark.body] - 1
        place = np.array(landmark.location_m) * np.array(factors.get(landmark.body, (1.0, 1.0, 1.0)))
        places.append(moved.origin_m[:, body] + moved.rotation[:, body] @ place)
    return Markers(time_s, tuple(labels.values()), np.stack(places, axis=1))


def write_recording(folder: Path, trial: Trial) -> Path:
    """Write ``walk.trc``, ``walk_grf.mot`` and ``map.toml``; return the first. Plate 1 is the left foot."""
    names, columns = ["time"], [next(iter(trial.ground_reactions.values())).time_s[:, None]]
    for number, side in enumerate(SIDES, start=1):
        reaction = trial.ground_reactions[side]
        for part, values in (("v", reaction.force_N), ("p", reaction.point_m), ("m", reaction.torque_Nm)):
            names += [f"ground_force_{number}_{part}{axis}" for axis in "xyz"]
            columns.append(values)
    write_table(folder / "walk_grf.mot", names, np.hstack(columns))
    (folder / "map.toml").write_text(MAP)
    return write_trc(folder / "walk.trc", marked(trial))
