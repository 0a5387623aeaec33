"""OpenSim ExternalLoads files: which columns of which file act on which foot."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final
from xml.etree import ElementTree

from workbench.core.errors import TrialError
from workbench.core.vocabulary import Side

_FOOT: Final[dict[str, Side]] = {"calcn_l": "left", "calcn_r": "right"}
_NOT_GIVEN: Final = ("", "unassigned")


@dataclass(frozen=True)
class Plate:
    """The columns of one force plate or belt, each name without its last letter x, y or z."""

    force: str
    point: str
    torque: str | None  #: None where no free moment was recorded


@dataclass(frozen=True)
class ExternalLoads:
    """What an ExternalLoads file says."""

    data_file: str  #: as it is written there
    plates: dict[Side, tuple[Plate, ...]]


def parse_external_loads(text: str, label: str) -> ExternalLoads:
    """Read an ExternalLoads file of document version 30000 or 40000.

    Parameters
    ----------
    text : str
        Content of the file.
    label : str
        Its name, for messages.

    Returns
    -------
    ExternalLoads
        The file of the forces and the columns of each foot.

    Raises
    ------
    TrialError
        If it is not such a file, names no data, acts on another body than a foot, or is not expressed in ground.
    """
    # Refused before parsing: a document type can define entities that grow without bound or read other files,
    # and no ExternalLoads file has one.
    if re.search(r"<!\s*(DOCTYPE|ENTITY)", text, re.IGNORECASE):
        raise TrialError(
            "the file declares a document type or entities, which is not accepted.",
            where=label,
            remedy="Export the external loads from OpenSim again.",
        )
    try:
        root = ElementTree.fromstring(text.lstrip())
    except (ElementTree.ParseError, ValueError) as error:
        raise TrialError(f"the XML is invalid ({error}).", where=label, remedy="Export it again.") from error
    loads = root if root.tag == "ExternalLoads" else root.find("ExternalLoads")
    if loads is None:
        raise TrialError(
            f"the file contains <{root.tag}>, not ExternalLoads.", where=label, remedy="Give an ExternalLoads file."
        )
    forces = [f for f in loads.iter("ExternalForce") if _is_applied(f)]
    if not forces:
        raise TrialError(
            "the file contains no ExternalForce.", where=label, remedy="Give the ExternalLoads file of this trial."
        )
    sources = {name for name in [_text(loads, "datafile")] if name}
    sources = sources or {name for force in forces if (name := _text(force, "data_source_name"))}
    if len(sources) != 1:
        raise TrialError(
            "the external loads name no data file."
            if not sources
            else f"the external loads take their forces from {len(sources)} files; only one file can be read.",
            where=label,
            remedy="Put the name of the force file into <datafile>.",
        )
    plates: dict[Side, tuple[Plate, ...]] = {}
    for force in forces:
        side, plate = _plate(force, label)
        plates[side] = (*plates.get(side, ()), plate)
    return ExternalLoads(sources.pop(), plates)


def _plate(force: ElementTree.Element, label: str) -> tuple[Side, Plate]:
    name = force.get("name", "without name")
    body = _text(force, "applied_to_body") or _text(force, "isAppliedToBody")
    if body not in _FOOT:
        raise TrialError(
            f"the external force {name!r} acts on the body {body!r}.",
            where=label,
            remedy="Only forces on calcn_l and calcn_r are read: remove this one.",
        )
    for tag in ("force_expressed_in_body", "point_expressed_in_body"):
        frame = _text(force, tag)
        if frame not in ("", "ground", "/ground"):
            raise TrialError(
                f"{tag} of the external force {name!r} is {frame!r}.", where=label, remedy="Express it in ground."
            )
    columns = {key: _text(force, f"{key}_identifier") for key in ("force", "point", "torque")}
    for key in ("force", "point"):
        if columns[key].lower() in _NOT_GIVEN:
            raise TrialError(
                f"the external force {name!r} has no {key}_identifier.",
                where=label,
                remedy=f"Name the columns of the {key}.",
            )
    torque = None if columns["torque"].lower() in _NOT_GIVEN else columns["torque"]
    return _FOOT[body], Plate(columns["force"], columns["point"], torque)


def _is_applied(force: ElementTree.Element) -> bool:
    return _text(force, "isDisabled").lower() != "true" and _text(force, "appliesForce").lower() != "false"


def _text(element: ElementTree.Element, tag: str) -> str:
    return (element.findtext(tag) or "").strip()
