"""The ground reaction on each foot of an export whose joint angles are ready, and who says which foot it is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final
from xml.etree import ElementTree

from workbench.core.errors import TrialError
from workbench.core.findings import Finding
from workbench.core.types import GroundReaction, Subject
from workbench.core.vocabulary import SIDES, Side
from workbench.recordings.marker_maps import MarkerMap
from workbench.recordings.plate_contacts import FootForces, forces_by_foot
from workbench.recordings.reading import read_text, turned_back
from workbench.recordings.recording import Recording
from workbench.recordings.sources import Sources
from workbench.recordings.spoken_names import spoken
from workbench.trials.external_loads import parse_external_loads
from workbench.trials.ground_reactions import find_plates, ground_reactions
from workbench.trials.storage import parse_storage

#: Low-pass of raw plate signals as they are written; far above the 6 Hz that the loads are computed with.
RAW_FORCE_CUTOFF_HZ: Final = 50.0


@dataclass(frozen=True)
class FoundForces:
    """Ground reactions, in the axes of the export's joint angles, with their events."""

    forces: FootForces
    decision: str
    estimated: bool = False


def forces_of_feet(recording: Recording, sources: Sources, user_map: MarkerMap | None, *, turned: bool) -> FoundForces:
    """Ground reactions given to the feet by where the feet's markers were.

    What an external-loads file says is compared with it and not followed: exports name the wrong body.

    Parameters
    ----------
    recording : Recording
    sources : Sources
    user_map : MarkerMap or None
        Says which markers are on which foot where the labels do not.
    turned : bool
        True for X forward, Y up, Z right; False for the axes of the files, in which an export's joint angles are.
    """
    where = (sources.markers or Path(sources.name)).name
    assert recording.markers is not None
    named = replace(recording, markers=spoken(recording.markers, user_map))
    raw = recording.plates and sources.forces is None
    forces = forces_by_foot(named, where, RAW_FORCE_CUTOFF_HZ if raw else None)
    if not forces.ground_reactions:
        reasons = "; ".join(a.reason for a in forces.assigned if a.reason)
        raise TrialError(
            f"no contact with a plate can be given to a foot{f': {reasons}' if reasons else ', none was trodden on'}.",
            where=(sources.forces or Path(where)).name,
            remedy="Leave the plates out with --no-plates to estimate the forces from the motion.",
        )
    reactions = dict(forces.ground_reactions)
    if not turned:
        reactions = {
            side: GroundReaction(
                one.time_s, *(turned_back(v, recording) for v in (one.force_N, one.point_m, one.torque_Nm))
            )
            for side, one in reactions.items()
        }
    findings = list(forces.findings)
    if sources.external_loads is not None:
        findings += _compared(sources.external_loads, recording, forces)
    given = ", ".join(
        f"{recording.plates[a.plate].name} from {a.contact.start_s:.2f} to {a.contact.end_s:.2f} s:"
        f" {a.side or 'left out'}"
        for a in forces.assigned
    )
    return FoundForces(
        replace(forces, ground_reactions=reactions, findings=tuple(findings)),
        f"Each contact belongs to the foot whose markers its centre of pressure follows: {given}."
        + (f" Raw plate signals are low-passed at {RAW_FORCE_CUTOFF_HZ:g} Hz." if raw else ""),
    )


def forces_by_name(sources: Sources, subject: Subject) -> FoundForces:
    """Ground reactions given to the feet by the external-loads file or the columns' names: there are no markers."""
    if sources.forces is None:
        raise TrialError("there are neither markers nor forces.", where=sources.name, remedy="Add one of them.")
    text, _ = read_text(sources.forces)
    table = parse_storage(text, sources.forces.name)
    if sources.external_loads is not None:
        loads, _ = read_text(sources.external_loads)
        plates = parse_external_loads(loads, sources.external_loads.name).plates
        decision = f"Which force acts on which foot is what {sources.external_loads.name} says; there are no markers."
    else:
        plates = find_plates(table)
        decision = "Which force acts on which foot is told by the names of the columns; there are no markers."
    reactions, findings = ground_reactions(table, plates, subject)
    return FoundForces(FootForces(reactions, findings=tuple(findings)), decision)


def _compared(xml: Path, recording: Recording, forces: FootForces) -> list[Finding]:
    """Say it where an external-loads file gives a force to another body than the foot that made it."""
    said = _bodies(xml)
    wrong = []
    for index, plate in enumerate(recording.plates):
        body = next((b for force, b in said.items() if force.rstrip("_.v").endswith(plate.name.rstrip("_.v"))), None)
        sides = {a.side for a in forces.assigned if a.plate == index and a.side is not None}
        named: Side | None = next((s for s in SIDES if body and body.endswith(f"_{s[0]}")), None)
        if body is not None and sides and (named not in sides or len(sides) > 1):
            wrong.append(f"{plate.name} to {body}, though the {' and the '.join(sorted(sides))} foot stood on it")
    if not wrong:
        return []
    return [
        Finding("external_loads_contradicted", "note", "recording",
                f"The file gives {'; '.join(wrong)}. The feet's markers are followed.",
                "Correct the file before it is used elsewhere.", xml.name)
    ]  # fmt: skip


def _bodies(xml: Path) -> Mapping[str, str]:
    """Body by force columns; empty where the file cannot be read, as it is only compared."""
    try:
        text, _ = read_text(xml)
        if "<!" in text.replace("<!--", ""):
            return {}
        root = ElementTree.fromstring(text.lstrip())
    except (TrialError, ElementTree.ParseError, ValueError):
        return {}
    return {
        (force.findtext("force_identifier") or "").strip(): (
            force.findtext("applied_to_body") or force.findtext("isAppliedToBody") or ""
        ).strip()
        for force in root.iter("ExternalForce")
    }
