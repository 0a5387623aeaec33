"""The ground reaction on each foot of an export with joint angles, and how each force was assigned to a foot."""

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
    """Ground reactions assigned to the feet from the foot markers.

    An external-loads file is only compared with this, as exports sometimes name the wrong body.

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
            f"no plate contact can be assigned to a foot{f': {reasons}' if reasons else ', none was trodden on'}.",
            where=(sources.forces or Path(where)).name,
            remedy="Use --no-plates to estimate the forces from the motion instead.",
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
        f"Each contact was assigned to the foot whose markers its centre of pressure follows: {given}."
        + (f" Raw plate signals were low-pass filtered at {RAW_FORCE_CUTOFF_HZ:g} Hz." if raw else ""),
    )


def forces_by_name(sources: Sources, subject: Subject) -> FoundForces:
    """Ground reactions assigned to the feet from the external-loads file or the column names, without markers."""
    if sources.forces is None:
        raise TrialError("there are neither markers nor forces.", where=sources.name, remedy="Add one of them.")
    text, _ = read_text(sources.forces)
    table = parse_storage(text, sources.forces.name)
    if sources.external_loads is not None:
        loads, _ = read_text(sources.external_loads)
        plates = parse_external_loads(loads, sources.external_loads.name).plates
        decision = f"Forces were assigned to the feet from {sources.external_loads.name}, as there are no markers."
    else:
        plates = find_plates(table)
        decision = "Forces were assigned to the feet from the column names, as there are no markers."
    reactions, findings = ground_reactions(table, plates, subject)
    return FoundForces(FootForces(reactions, findings=tuple(findings)), decision)


def _compared(xml: Path, recording: Recording, forces: FootForces) -> list[Finding]:
    """Report where an external-loads file assigns a force to the wrong body."""
    said = _bodies(xml)
    wrong = []
    for index, plate in enumerate(recording.plates):
        body = next((b for force, b in said.items() if force.rstrip("_.v").endswith(plate.name.rstrip("_.v"))), None)
        sides = {a.side for a in forces.assigned if a.plate == index and a.side is not None}
        named: Side | None = next((s for s in SIDES if body and body.endswith(f"_{s[0]}")), None)
        if body is not None and sides and (named not in sides or len(sides) > 1):
            wrong.append(f"{plate.name} to {body}, although the {' and the '.join(sorted(sides))} foot was on it")
    if not wrong:
        return []
    return [
        Finding("external_loads_contradicted", "note", "recording",
                f"The file assigns {'; '.join(wrong)}. The assignment from the foot markers was used.",
                "Correct the file before using it elsewhere.", xml.name)
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
