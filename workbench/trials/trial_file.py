"""A trial on disk: ``trial.toml`` and the files next to it."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Final, cast

import numpy as np

from workbench.core.errors import TrialError
from workbench.core.estimate_errors import estimated_forces_finding, labelled
from workbench.core.findings import SEVERITIES, About, Finding, Severity
from workbench.core.types import Motion, Trial
from workbench.core.vocabulary import SIDES, Side
from workbench.trials import recording_checks, walk_checks
from workbench.trials.coordinates import motion_from_table
from workbench.trials.external_loads import Plate, parse_external_loads
from workbench.trials.folder import TrialFolder, near_names
from workbench.trials.ground_reactions import find_plates, ground_reactions
from workbench.trials.measured_loads import UNITS, read_measured_loads
from workbench.trials.signal_checks import refuse_absurd, signal_findings
from workbench.trials.storage import Table, listing, parse_storage

TRIAL_FILE: Final = "trial.toml"

_EVENT_KEYS: Final = tuple(f"{side}_foot_{what}" for side in SIDES for what in ("strike", "off"))
#: Keys by table; True where the key must be there.
_KEYS: Final[dict[str, dict[str, bool]]] = {
    "": {
        "name": False,
        "subject": True,
        "model": False,
        "motion": True,
        "ground_reactions": True,
        "events": False,
        "measured_loads": False,
        "decisions": False,
        "findings": False,
        "provenance": False,
    },
    "subject": {"mass": True, "height": True},
    "model": {"file": False},
    "motion": {"coordinates": False, "markers": False, "c3d": False, "start": False, "end": False},
    "ground_reactions": {"file": False, "external_loads": False, "left": False, "right": False, "estimated": False},
    "events": dict.fromkeys(_EVENT_KEYS, False),
    "measured_loads": dict.fromkeys(("file", "side", "time", "medial", "lateral", "unit"), True) | {"starts_at": False},
    "findings": {
        **dict.fromkeys(("code", "severity", "about", "problem"), True),
        **dict.fromkeys(("remedy", "where", "limit", "source"), False),
    },
    "plate": {"force": True, "point": True, "torque": False},
}


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
    settings = _Table(_parse(folder, folder.locate(file.name, file.name)), "", file.name)
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
    findings += signal_findings(replace(trial, measured_loads=loads))
    return replace(
        trial,
        measured_loads=loads,
        findings=tuple(findings),
        source_sha256=dict(sorted(folder.sha256.items())),
        folder=folder.root,
        decisions=_decisions(settings),
    )


class _Table:
    """One table of the file: gives values of the right type, or a message with the place."""

    def __init__(self, values: Mapping[str, Any], name: str, file: str, keys: str | None = None) -> None:
        self.values = values
        self.where = f"{file} [{name}]" if name else file
        self._name = name
        self._file = file
        known = _KEYS[name if keys is None else keys]
        what = "table or key" if not name else "key"
        for key in values:
            if key not in known:
                raise TrialError(
                    f"the {what} {key!r} is unknown.",
                    where=self.where,
                    remedy=near_names(key, known) or f"Known: {listing(known)}.",
                )
        for key, needed in known.items():
            if needed and key not in values:
                raise TrialError(
                    f"{key!r} is missing.",
                    where=self.where,
                    remedy=f"Add it; the README shows a complete {TRIAL_FILE}.",
                )

    def has(self, key: str) -> bool:
        return key in self.values

    def table(self, key: str) -> _Table:
        value = self.values[key]
        if not isinstance(value, dict):
            raise TrialError(f"{key!r} is not a table.", where=self.where, remedy=f"Write [{key}] on its own line.")
        return _Table(value, key, self._file)

    def text(self, key: str, default: str | None = None) -> str:
        value = self.values.get(key, default)
        if not isinstance(value, str) or not value.strip():
            raise TrialError(f"{key!r} is {value!r}, not text.", where=self.where, remedy='Put it in quotes: "...".')
        return value.strip()

    def number(self, key: str, default: float | None = None) -> float:
        return self._as_number(key, self.values.get(key, default))

    def _as_number(self, key: str, value: object) -> float:
        # NaN fails the comparison too; an integer may have more digits than a float holds.
        if (
            isinstance(value, bool)
            or not isinstance(value, int | float)
            or not abs(value) <= recording_checks.LARGEST_NUMBER
        ):
            shown = repr(value)[:40] if isinstance(value, str | float | bool) else f"of type {type(value).__name__}"
            raise TrialError(
                f"{key!r} is {shown}, not a number.", where=self.where, remedy="Write a number without quotes."
            )
        return float(value)

    def flag(self, key: str) -> bool:
        value = self.values.get(key, False)
        if not isinstance(value, bool):
            raise TrialError(f"{key!r} is {value!r}.", where=self.where, remedy="Write true or false without quotes.")
        return value

    def choice(self, key: str, allowed: tuple[str, ...]) -> str:
        value = self.text(key)
        if value not in allowed:
            raise TrialError(
                f"{key!r} is {value!r}.", where=self.where, remedy=f"Use one of {', '.join(map(repr, allowed))}."
            )
        return value

    def times(self, key: str) -> tuple[float, ...]:
        value = self.values.get(key, [])
        if not isinstance(value, list):
            raise TrialError(f"{key!r} is not a list.", where=self.where, remedy=f"Write {key} = [0.5, 1.6].")
        return tuple(self._as_number(key, item) for item in value)

    def file(self, folder: TrialFolder, key: str) -> Path:
        return folder.locate(self.text(key), self.where)

    def plates(self, side: Side) -> tuple[Plate, ...]:
        value = self.values[side]
        tables = value if isinstance(value, list) else [value]
        if not tables or not all(isinstance(table, dict) for table in tables):
            raise TrialError(
                f"{side!r} is neither a table of columns nor a list of such tables.",
                where=self.where,
                remedy=f'Write {side} = {{ force = "...", point = "...", torque = "..." }}.',
            )
        plates = []
        for table in tables:
            columns = _Table(table, f"{self._name}.{side}", self._file, "plate")
            torque = columns.text("torque") if columns.has("torque") else None
            plates.append(Plate(columns.text("force"), columns.text("point"), torque))
        return tuple(plates)


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


def _model_file(folder: TrialFolder, model: _Table) -> Path:
    path = model.file(folder, "file")
    if path.suffix.lower() != ".osim":
        raise TrialError(
            f"{path.name!r} is not an OpenSim model.", where=model.where, remedy="Give a file that ends in .osim."
        )
    folder.read(path)  # for its hash, and to find out now whether it can be read
    return path


def _motion(folder: TrialFolder, settings: _Table, findings: list[Finding]) -> tuple[Motion, tuple[float, float]]:
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


def _cropped(table: Table, settings: _Table, first_s: float, last_s: float) -> Table:
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


def _force_columns(folder: TrialFolder, settings: _Table) -> tuple[Path, dict[Side, tuple[Plate, ...]]]:
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


def _recorded_findings(settings: _Table) -> list[Finding]:
    """What was found when the trial was imported."""
    tables = settings.values.get("findings", [])
    if not isinstance(tables, list) or not all(isinstance(table, dict) for table in tables):
        raise TrialError(
            "'findings' is not a list of tables.", where=settings.where, remedy="Import the recording again."
        )
    findings = []
    for values in tables:
        table = _Table(values, "findings", settings.where)
        severity = cast(Severity, table.choice("severity", SEVERITIES))
        about = cast(About, table.choice("about", ("recording", "model", "modified walk")))
        rest = {key: table.text(key) for key in ("remedy", "where", "limit", "source") if table.has(key)}
        findings.append(Finding(table.text("code"), severity, about, table.text("problem"), **rest))
    return findings


def _decisions(settings: _Table) -> dict[str, str]:
    """What was decided when the trial was imported, by stage."""
    values = settings.values.get("decisions", {})
    if not isinstance(values, dict):
        raise TrialError("'decisions' is not a table.", where=settings.where, remedy="Import the recording again.")
    return {stage: str(why) for stage, why in values.items()}


def _event_times(settings: _Table | None, what: str) -> dict[Side, tuple[float, ...]]:
    if settings is None:
        return {}
    times = {side: settings.times(f"{side}_foot_{what}") for side in SIDES}
    return {side: given for side, given in times.items() if given}
