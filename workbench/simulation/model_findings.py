"""Findings about the model: its origin, its simplifications, and how well it fits the person."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from workbench.core.findings import Finding
from workbench.core.muscles import unknown_muscles
from workbench.core.types import Trial
from workbench.simulation.model import GaitModel


def model_findings(trial: Trial, model: GaitModel, not_recorded: Sequence[str]) -> Iterator[Finding]:
    """Findings about a trial's model.

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
            "The trial has no model of its own, so the project's model was scaled uniformly to the person's height."
            " Peaks can differ by a third or more from those of the model used for the joint angles.",
            "Rely only on changes, or give the model under [model] in trial.toml.",
        )  # fmt: skip
    if any("subtalar_angle" not in leg.coordinates for leg in model.legs.values()):
        yield Finding(
            "no_subtalar_joint", "note", "model",
            "The model's subtalar joint is fixed: in a modified gait the foot rolls with the shank.",
        )  # fmt: skip
    if not_recorded:
        yield Finding(
            "coordinates_not_recorded", "note", "recording",
            f"Not recorded, set to the model's default: {', '.join(not_recorded)}.",
        )  # fmt: skip
    muscles = [muscle for leg in model.legs.values() for muscle in leg.muscles]
    if unknown := unknown_muscles([muscle.name for muscle in muscles]):
        yield Finding(
            "unknown_muscles", "doubtful", "model",
            f"Muscles with unknown names get weight 1 in static optimisation: {', '.join(unknown)}.",
            "Name the muscles as in the Rajagopal or gait2392 models.",
        )  # fmt: skip
    without = [muscle.name for muscle in muscles if muscle.rigid_tendon is None]
    if without:
        which = "the model's muscles" if len(without) == len(muscles) else ", ".join(without)
        yield Finding(
            "passive_force_unknown", "note", "model",
            f"The passive force of {which} is ignored: it is available only for Millard muscles.",
        )  # fmt: skip
