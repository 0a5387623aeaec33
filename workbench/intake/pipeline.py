"""From the files of a laboratory to a trial folder, stage by stage."""

from __future__ import annotations

import csv
import hashlib
import io
import re
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Final

from workbench.core.errors import TrialError
from workbench.core.findings import Finding, worst_first
from workbench.core.types import Subject, Trial
from workbench.intake.forces import forces_by_name, forces_of_feet
from workbench.intake.tell import Tell, silent
from workbench.intake.trial_folder import MeasuredLoadsFile, Prepared, write_trial_folder
from workbench.recordings.marker_maps import MarkerMap, read_map
from workbench.recordings.reading import read_recording, read_text
from workbench.recordings.recording import Recording
from workbench.recordings.sources import Sources, Wishes, find_sources, side_in_name
from workbench.trials import open_trial, recording_checks
from workbench.trials.coordinates import motion_from_table
from workbench.trials.storage import parse_storage

_STRIKE_AT_ZERO_S: Final = 0.05  #: a record of loads that begins this close to zero begins at a foot strike


def import_recording(path: Path, wishes: Wishes, folder: Path, tell: Tell = silent) -> Trial:
    """Make a trial folder from a recording, and open it.

    Parameters
    ----------
    path : Path
        See `workbench.recordings.sources.find_sources`.
    wishes : Wishes
    folder : Path
        Where the trial folder is written; nothing is written where the recording is refused.
    tell : callable, optional
        Called with each stage, and often enough within long ones that raising from it cancels soon.

    Returns
    -------
    Trial
        With everything that was found on the way in its findings.

    Raises
    ------
    WorkbenchError
        With what is wrong, where, and what to do.
    """
    return import_sources(find_sources(path, wishes), wishes, folder, tell)


def import_sources(sources: Sources, wishes: Wishes, folder: Path, tell: Tell = silent) -> Trial:
    """Make a trial folder from chosen files; see `import_recording`."""
    with tempfile.TemporaryDirectory() as work:
        prepared = prepare(sources, wishes, Path(work), tell)
        tell("writing the trial", 0.98)
        trial = open_trial(write_trial_folder(prepared, folder))
    tell("done", 1.0)
    return trial


def planned_folder(path: Path, wishes: Wishes) -> Path:
    """Default place of a trial folder: next to the recording."""
    sources = find_sources(path, wishes)
    folder = path if path.is_file() else path if path.is_dir() else path.parent  # FOLDER/NAME: a trial of an export
    return folder.parent / f"{sources.name}_trial"


def prepare(sources: Sources, wishes: Wishes, work: Path, tell: Tell = silent) -> Prepared:
    """Everything that goes into the trial folder of a recording."""
    tell("reading", 0.0)
    user_map = None if wishes.marker_map is None else read_map(wishes.marker_map)
    recording = (
        None
        if sources.markers is None
        else read_recording(sources.markers, sources.forces, plates=wishes.plates, marker_map=user_map)
    )
    subject, about = _subject(sources, recording)
    if sources.coordinates is not None:
        prepared = _ready(sources, recording, user_map, subject)
    elif recording is not None:
        from workbench.intake.from_markers import prepare_from_markers

        prepared = prepare_from_markers(sources, user_map, recording, subject, work, tell)
    else:
        raise TrialError("there are neither markers nor joint angles.", where=sources.name)
    decisions = {
        "files": " ".join(sources.decisions) or f"{', '.join(p.name for p in sources.files)} (from their names).",
        "subject": about,
        **({"axes": _axes(recording)} if recording is not None else {}),
        **prepared.decisions,
    }
    read = () if recording is None else recording.findings
    loads, of_loads = _measured_loads(sources, wishes, prepared)
    return replace(
        prepared,
        decisions=decisions,
        measured_loads=loads,
        findings=worst_first((*read, *prepared.findings, *of_loads)),
        source_sha256={p.name: hashlib.sha256(p.read_bytes()).hexdigest() for p in sources.files},
    )


def _axes(recording: Recording) -> str:
    return next((f.problem for f in recording.findings if f.code == "axes"), "As in the file.")


def _subject(sources: Sources, recording: Recording | None) -> tuple[Subject, str]:
    """Mass and height: as the user says, else as a file says."""
    mass = sources.mass_kg or (recording.mass_kg if recording else None)
    height = sources.height_m or (recording.height_m if recording else None)
    missing = [
        text for value, text in ((mass, "the mass (--mass KG)"), (height, "the height (--height M)")) if value is None
    ]
    if mass is None or height is None:
        raise TrialError(
            f"no file gives {' and '.join(text.split(' (')[0] for text in missing)} of the person.",
            where=sources.name,
            remedy=f"Give {' and '.join(missing)}; in Python mass_kg=..., height_m=....",
        )
    said = "given by the user" if sources.mass_kg and sources.height_m else "from the files, unless given by the user"
    return recording_checks.subject(mass, height, sources.name), f"Mass {mass:g} kg and height {height:g} m ({said})."


def _ready(sources: Sources, recording: Recording | None, user_map: MarkerMap | None, subject: Subject) -> Prepared:
    """A recording whose joint angles another program computed."""
    if sources.coordinates is None or sources.model is None:
        raise TrialError(
            "the model used for the joint angles is missing.",
            where=sources.name,
            remedy="Give it with --model FILE.osim.",
        )
    text, _ = read_text(sources.coordinates)
    motion, _ = motion_from_table(parse_storage(text, sources.coordinates.name))
    if recording is not None and recording.plates:
        found = forces_of_feet(recording, sources, user_map, turned=False)
    elif sources.forces is not None:
        found = forces_by_name(sources, subject)
    else:
        from workbench.intake.without_plates import estimated

        found = estimated(sources.model, motion, subject)
    return Prepared(
        sources.name, subject, sources.coordinates, found.forces.ground_reactions, sources.model,
        found.forces.foot_strikes_s, found.forces.foot_offs_s, estimated_forces=found.estimated,
        decisions={"forces": found.decision}, findings=found.forces.findings,
    )  # fmt: skip


def _measured_loads(
    sources: Sources, wishes: Wishes, prepared: Prepared
) -> tuple[MeasuredLoadsFile | None, list[Finding]]:
    """The implant's loads with their columns, unit and clock."""
    path = sources.measured_loads
    if path is None:
        return None, []
    side = wishes.measured_side or side_in_name(path.stem)
    if side is None:
        if wishes.measured_loads is not None:
            raise TrialError(
                "it is not known in which knee the loads were measured.",
                where=path.name,
                remedy="Add --measured-side left or --measured-side right.",
            )
        finding = Finding(
            "measured_loads_unused", "note", "recording",
            "There are measured loads next to the recording, but it is not known in which knee.",
            "Add --measured-side left or right to use them.", path.name,
        )  # fmt: skip
        return None, [finding]
    names, first = _loads_columns(path)
    columns = {key: _column(names, pattern, key, path) for key, pattern in _COLUMNS.items()}
    unit = next((u for u, words in _UNITS.items() if re.search(words, columns["medial"], re.IGNORECASE)), "N")
    start, findings = 0.0, []
    strikes = prepared.foot_strikes_s.get(side, ())
    time = first.get(columns["time"], 0.0)
    begins = min((t for t in strikes), default=None)
    if begins is not None and abs(time) < _STRIKE_AT_ZERO_S and begins > 1.0 and "gait_cycle" in " ".join(names):
        start = begins
        findings.append(
            Finding("loads_clock", "note", "recording",
                    f"The times of the measured loads start from zero; zero is assumed to be the first {side} foot"
                    f" strike, {begins:.3f} s.",
                    "Check this against the laboratory's records.", path.name)
        )  # fmt: skip
    return MeasuredLoadsFile(path, side, **columns, unit=unit, starts_at_s=start), findings


_COLUMNS: Final = {"time": r"^time|^t$", "medial": r"med", "lateral": r"lat"}
_UNITS: Final = {"lbf": r"lbf|pound", "BW": r"(^|_)bw($|_)", "N": r"(^|_)n($|_)"}


def _loads_columns(path: Path) -> tuple[list[str], dict[str, float]]:
    """Names of the columns and their first numbers."""
    if path.suffix.lower() in (".mot", ".sto"):
        table = parse_storage(read_text(path)[0], path.name)
        return list(table.names), dict(zip(table.names, map(float, table.values[0]), strict=True))
    if path.suffix.lower() == ".csv":
        text, _ = read_text(path)
        head = text.split("\n", 1)[0]
        rows = list(csv.reader(io.StringIO(text), delimiter=max(";\t,", key=head.count)))[:2]
    else:
        import pandas as pd

        try:
            sheet = pd.read_excel(path, nrows=1)
        except Exception as error:  # a file of unknown origin
            raise TrialError(
                "the file is not a readable Excel sheet.", where=path.name, remedy="Save it as CSV."
            ) from error
        rows = [[str(c) for c in sheet.columns], *[[str(v) for v in row] for row in sheet.to_numpy()]]
    names = [name.strip() for name in rows[0]] if rows else []
    values: dict[str, float] = {}
    for name, cell in zip(names, rows[1] if len(rows) > 1 else [], strict=False):
        try:
            values[name] = float(cell)
        except ValueError:
            continue
    return names, values


def _column(names: list[str], pattern: str, what: str, path: Path) -> str:
    found = [name for name in names if re.search(pattern, name, re.IGNORECASE)]
    if not found:
        raise TrialError(
            f"there is no column {what}.", where=path.name,
            remedy=f"Name the columns time, medial and lateral; the file contains {', '.join(names[:12])}.",
        )  # fmt: skip
    return found[0]
