"""A trial on disk: ``trial.toml`` and the files next to it."""

from __future__ import annotations

import re
import tomllib
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import numpy as np

from workbench.core.errors import TrialError
from workbench.core.estimate_errors import estimated_forces_finding, labelled
from workbench.core.findings import SEVERITIES, About, Finding, Severity
from workbench.core.types import Motion, Trial
from workbench.core.vocabulary import SIDES, Side
from workbench.trials import recording_checks, walk_checks
from workbench.trials.coordinates import motion_from_table
from workbench.trials.emg_file import KINDS, NORMALISATIONS, read_emg
from workbench.trials.external_loads import Plate, parse_external_loads
from workbench.trials.folder import TrialFolder
from workbench.trials.ground_reactions import find_plates, ground_reactions
from workbench.trials.measured_loads import UNITS, read_measured_loads
from workbench.trials.signal_checks import refuse_absurd, signal_findings
from workbench.trials.storage import Table, parse_storage
from workbench.trials.toml_table import TRIAL_FILE, TomlTable


def load_trial_file(path: str | Path) -> Trial:
    """Read and check a trial.

    Parameters
    ----------
    path : str or Path
        A ``trial.toml`` (any name that ends in ``.toml``), or the folder that holds one.

    Returns
    -------
    Trial
        The recording, with what the checks found in `findings`, and the hash of every file read.

    Raises
    ------
    TrialError
        If the trial cannot be used; the text says what is wrong, where, and what to do.
    """
    file = _trial_file(Path(path))
    folder = TrialFolder(file.parent)
    settings = TomlTable(_parse(folder, folder.locate(file.name, file.name)), "", file.name)
    findings = _recorded_findings(settings)

    name = settings.text("name", folder.root.name)
    about = settings.table("subject")
    subject = recording_checks.subject(about.number("mass"), about.number("height"), about.where)

    model_file = None
    if settings.has("model") and settings.table("model").has("file"):
        model_file = _model_file(folder, settings.table("model"))

    motion, recorded_s = _motion(folder, settings.table("motion"), findings)
    reactions_table = settings.table("ground_reactions")
    estimated = reactions_table.flag("estimated")
    if estimated:
        findings.append(estimated_forces_finding())
    force_file, plates = _force_columns(folder, reactions_table)
    table = parse_storage(folder.read_text(force_file), folder.label(force_file))
    reactions, found = ground_reactions(table, plates or find_plates(table), subject)
    findings += found
    walk_checks.overlap(motion, reactions, file.name)

    events = settings.table("events") if settings.has("events") else None
    trial = Trial(
        name=labelled(name) if estimated else name,
        subject=subject,
        motion=motion,
        ground_reactions=reactions,
        model_file=model_file,
        foot_strikes_s=_event_times(events, "strike"),
        foot_offs_s=_event_times(events, "off"),
        estimated_forces=estimated,
    )
    findings += walk_checks.events(trial, f"{file.name} [events]", recorded_s)
    refuse_absurd(trial)
    walk_checks.feet_not_swapped(trial)
    walk_checks.strides(trial)

    loads = None
    if settings.has("measured_loads"):
        measured = settings.table("measured_loads")
        implant = cast("Side", measured.choice("side", SIDES))
        loads, found = read_measured_loads(
            folder,
            measured.file(folder, "file"),
            side=implant,
            columns=(measured.text("time"), measured.text("medial"), measured.text("lateral")),
            unit=measured.choice("unit", UNITS),
            subject=subject,
            motion=motion,
            starts_at_s=measured.number("starts_at", 0.0),
        )
        findings += found
        if implant not in reactions:
            findings.append(
                Finding(
                    "implant_leg_not_recorded", "doubtful", "recording",
                    f"The implant is in the {implant} knee, but the {implant} foot has no ground reaction.",
                    "To compare with the implant, name that foot's columns under [ground_reactions].",
                )
            )  # fmt: skip
    emg = None
    if settings.has("emg"):
        about_emg = settings.table("emg")
        emg, found = read_emg(
            folder,
            about_emg.file(folder, "file"),
            time=about_emg.text("time", "time"),
            columns=about_emg.texts("muscles"),
            kind=about_emg.choice("kind", KINDS),
            normalised_to=about_emg.choice("normalised_to", NORMALISATIONS, "maximum"),
            motion=motion,
            where=about_emg.where,
        )
        findings += found
    findings += signal_findings(replace(trial, measured_loads=loads))
    return replace(
        trial,
        measured_loads=loads,
        emg=emg,
        findings=tuple(findings),
        source_sha256=dict(sorted(folder.sha256.items())),
        folder=folder.root,
        decisions=_decisions(settings),
    )


def _trial_file(path: Path) -> Path:
    try:
        file = path / TRIAL_FILE if path.is_dir() else path
        found = file.is_file()
    except (OSError, ValueError) as error:
        raise TrialError("this is not a valid file name.", where=str(path)[:80], remedy="Check the name.") from error
    if not found:
        raise TrialError(
            "there is no such trial.",
            where=str(path)[:200],
            remedy=f'Give a {TRIAL_FILE}, the folder that holds one, or "reference" for the built-in walk.',
        )
    if file.suffix.lower() != ".toml":
        raise TrialError(
            "a trial is opened from its .toml file.",
            where=file.name,
            remedy=f"Add a {TRIAL_FILE} next to the recording; the README shows one.",
        )
    return file.resolve()


def _parse(folder: TrialFolder, path: Path) -> dict[str, Any]:
    text = folder.read_text(path, encodings=("utf-8-sig",))
    try:
        return tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError, ValueError) as error:
        raise TrialError(
            f"the file is not valid TOML ({error}).",
            where=folder.label(path),
            remedy="Correct the line: text goes in quotes, numbers do not.",
        ) from error


def _model_file(folder: TrialFolder, model: TomlTable) -> Path:
    path = model.file(folder, "file")
    if path.suffix.lower() != ".osim":
        raise TrialError(
            f"{path.name!r} is not an OpenSim model.", where=model.where, remedy="Give a file that ends in .osim."
        )
    folder.read(path)  # for its hash, and to find out now whether it can be read
    return path


def _motion(folder: TrialFolder, settings: TomlTable, findings: list[Finding]) -> tuple[Motion, tuple[float, float]]:
    """Read the motion; return it cropped, with the first and last time recorded."""
    for key, kind in (("markers", "marker files (.trc)"), ("c3d", "C3D files")):
        if settings.has(key):
            raise TrialError(
                f"{kind} cannot be used here; joint coordinates are needed.",
                where=settings.where,
                remedy='Run inverse kinematics in OpenSim and give the result as coordinates = "ik.mot".',
            )
    if not settings.has("coordinates"):
        raise TrialError("'coordinates' is missing.", where=settings.where, remedy='Add coordinates = "ik.mot".')
    path = settings.file(folder, "coordinates")
    table = parse_storage(folder.read_text(path), folder.label(path))
    recorded_s = table.time_s[np.isfinite(table.time_s)]
    if len(recorded_s) and (settings.has("start") or settings.has("end")):
        # Cut before the checks, so that a fault in the part cut away does not matter.
        table = _cropped(table, settings, float(recorded_s.min()), float(recorded_s.max()))
    motion, found = motion_from_table(table)
    findings += found
    return motion, (float(recorded_s.min()), float(recorded_s.max()))


def _cropped(table: Table, settings: TomlTable, first_s: float, last_s: float) -> Table:
    """Return the rows from start to end."""
    start_s, end_s = settings.number("start", first_s), settings.number("end", last_s)
    if start_s >= end_s:
        raise TrialError(
            f"start ({start_s:g} s) is not before end ({end_s:g} s).", where=settings.where, remedy="Correct them."
        )
    if start_s < first_s - 1e-3 or end_s > last_s + 1e-3:
        raise TrialError(
            f"start to end ({start_s:g} to {end_s:g} s) is outside the recorded motion ({first_s:g} to {last_s:g} s).",
            where=settings.where,
            remedy="Choose a range within it.",
        )
    kept = (table.time_s >= start_s) & (table.time_s <= end_s)
    if np.count_nonzero(kept) < recording_checks.FEWEST_SAMPLES:
        raise TrialError(
            f"start to end ({start_s:g} to {end_s:g} s) leaves {np.count_nonzero(kept)} frames.",
            where=settings.where,
            remedy="Keep at least one stance, with some time before and after it.",
        )
    return replace(table, values=table.values[kept])


def _force_columns(folder: TrialFolder, settings: TomlTable) -> tuple[Path, dict[Side, tuple[Plate, ...]]]:
    """File of the forces and the columns of each foot; none where they are to be found by their names."""
    named = {side: settings.plates(side) for side in SIDES if settings.has(side)}
    if settings.has("external_loads"):
        if settings.has("file") or named:
            raise TrialError(
                "'external_loads' already gives the file and the columns.",
                where=settings.where,
                remedy="Give either external_loads, or file with left and right.",
            )
        path = settings.file(folder, "external_loads")
        loads = parse_external_loads(folder.read_text(path), folder.label(path))
        return folder.locate(loads.data_file, folder.label(path), base=path.parent), loads.plates
    if not settings.has("file"):
        raise TrialError(
            "neither 'file' nor 'external_loads' is given.", where=settings.where, remedy='Add file = "grf.mot".'
        )
    path = settings.file(folder, "file")
    if re.fullmatch(r"\.c3d", path.suffix, re.IGNORECASE):
        raise TrialError(
            "force plates cannot be read from C3D files here.",
            where=settings.where,
            remedy="Export the ground reaction from OpenSim as .mot.",
        )
    return path, named


def _recorded_findings(settings: TomlTable) -> list[Finding]:
    """What was found when the trial was imported."""
    tables = settings.values.get("findings", [])
    if not isinstance(tables, list) or not all(isinstance(table, dict) for table in tables):
        raise TrialError(
            "'findings' is not a list of tables.", where=settings.where, remedy="Import the recording again."
        )
    findings = []
    for values in tables:
        table = TomlTable(values, "findings", settings.where)
        severity = cast(Severity, table.choice("severity", SEVERITIES))
        about = cast(About, table.choice("about", ("recording", "model", "modified walk")))
        rest = {key: table.text(key) for key in ("remedy", "where", "limit", "source") if table.has(key)}
        findings.append(Finding(table.text("code"), severity, about, table.text("problem"), **rest))
    return findings


def _decisions(settings: TomlTable) -> dict[str, str]:
    """What was decided when the trial was imported, by stage."""
    values = settings.values.get("decisions", {})
    if not isinstance(values, dict):
        raise TrialError("'decisions' is not a table.", where=settings.where, remedy="Import the recording again.")
    return {stage: str(why) for stage, why in values.items()}


def _event_times(settings: TomlTable | None, what: str) -> dict[Side, tuple[float, ...]]:
    if settings is None:
        return {}
    times = {side: settings.times(f"{side}_foot_{what}") for side in SIDES}
    return {side: given for side, given in times.items() if given}
