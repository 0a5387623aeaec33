"""Ground reactions of a walk without force plates, estimated from its motion."""

from __future__ import annotations

from pathlib import Path

from workbench.core.types import Motion, Subject
from workbench.core.vocabulary import Side
from workbench.intake.forces import FoundForces
from workbench.recordings.plate_contacts import FootForces
from workbench.simulation.estimated_forces import estimate_ground_reactions
from workbench.simulation.model import GaitModel


def estimated(model: Path, motion: Motion, subject: Subject) -> FoundForces:
    """Forces and events from the motion alone; see `workbench.simulation.estimated_forces`."""
    found = estimate_ground_reactions(GaitModel.from_file(model), motion, subject)
    strikes: dict[Side, tuple[float, ...]] = {
        side: tuple(c.start_s for c in contacts if c.start_recorded) for side, contacts in found.contacts.items()
    }
    offs: dict[Side, tuple[float, ...]] = {
        side: tuple(c.end_s for c in contacts if c.end_recorded) for side, contacts in found.contacts.items()
    }
    forces = FootForces(found.ground_reactions, strikes, offs, findings=found.findings)
    return FoundForces(
        forces, "The ground reactions were estimated from the motion of the whole body, without force plates.", True
    )
