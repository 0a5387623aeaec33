"""What a model is taken for, and how well it fits the person, as a reader of the numbers has to know it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from workbench.core.findings import Finding
from workbench.core.muscles import unknown_muscles
from workbench.core.types import Trial
from workbench.simulation.model import GaitModel


def model_findings(trial: Trial, model: GaitModel, not_recorded: Sequence[str]) -> Iterator[Finding]:
    """What there is to say about a trial's model.

    Parameters
    ----------
    trial : Trial
    model : GaitModel
        The trial's own, or the project's as it was scaled.
    not_recorded : sequence of str
        Coordinates of the model that the recording does not hold.
    """
    if trial.model_file is None and trial.scale_factors is None:
        yield Finding(
            "evenly_scaled_model", "doubtful", "model",
            "No model came with the trial: the project's own is scaled evenly to the person's height. Peaks can be off"
            " by a third or more from those of the model the joint angles came from.",
            "Read changes only, or give the model under [model] in trial.toml.",
        )  # fmt: skip
    if any("subtalar_angle" not in leg.coordinates for leg in model.legs.values()):
        yield Finding(
            "no_subtalar_joint", "note", "model",
            "The model's subtalar joint does not move: in a modified gait the foot rolls with the shank.",
        )  # fmt: skip
    if not_recorded:
        yield Finding(
            "coordinates_not_recorded", "note", "recording",
            f"Not recorded, kept at the model's default: {', '.join(not_recorded)}.",
        )  # fmt: skip
    muscles = [muscle for leg in model.legs.values() for muscle in leg.muscles]
    if unknown := unknown_muscles([muscle.name for muscle in muscles]):
        yield Finding(
            "unknown_muscles", "doubtful", "model",
            f"Muscles with names of no known family weigh 1 in the sharing of moments: {', '.join(unknown)}.",
            "Name the muscles as in the Rajagopal or gait2392 models.",
        )  # fmt: skip
    without = [muscle.name for muscle in muscles if muscle.rigid_tendon is None]
    if without:
        which = "the model's muscles" if len(without) == len(muscles) else ", ".join(without)
        yield Finding(
            "passive_force_unknown", "note", "model",
            f"The passive force of {which} is not counted, whatever the setting: it is known of Millard muscles only.",
        )  # fmt: skip
