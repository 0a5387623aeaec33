"""Writing a trial folder: model, motion, ground reactions and a ``trial.toml`` with the decisions made."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import numpy as np

from workbench import __version__
from workbench.core.errors import SettingError
from workbench.core.findings import Finding
from workbench.core.types import Array, GroundReaction, Motion, Subject
from workbench.core.vocabulary import SIDES, Side
from workbench.trials.toml_table import TRIAL_FILE

MOTION_FILE: Final = "motion.mot"
FORCES_FILE: Final = "ground_reactions.mot"
MODEL_FILE: Final = "model.osim"


@dataclass(frozen=True)
class MeasuredLoadsFile:
    """A file of measured loads, and its columns."""

    path: Path
    side: Side
    time: str
    medial: str
    lateral: str
    unit: str
    starts_at_s: float = 0.0  #: time of the trial at which the file's clock stands at zero


@dataclass(frozen=True)
class Prepared:
    """Everything that goes into a trial folder."""

    name: str
    subject: Subject
    motion: Motion | Path  #: a file is copied as it is
    ground_reactions: Mapping[Side, GroundReaction]
    model: Path
    foot_strikes_s: Mapping[Side, tuple[float, ...]] = field(default_factory=dict)
    foot_offs_s: Mapping[Side, tuple[float, ...]] = field(default_factory=dict)
    measured_loads: MeasuredLoadsFile | None = None
    estimated_forces: bool = False
    decisions: Mapping[str, str] = field(default_factory=dict)
    findings: tuple[Finding, ...] = ()
    source_sha256: Mapping[str, str] = field(default_factory=dict)


def write_trial_folder(prepared: Prepared, folder: Path) -> Path:
    """Write a trial folder.

    Parameters
    ----------
    prepared : Prepared
    folder : Path
        Made where it is missing; files of the same names are replaced.

    Returns
    -------
    Path
        Its ``trial.toml``.

    Raises
    ------
    SettingError
        If nothing can be written there.
    """
    try:
        return _written(prepared, folder)
    except OSError as error:
        raise SettingError(
            f"the trial cannot be written ({error.strerror}).",
            where=str(folder),
            remedy="Choose another folder with -o FOLDER.",
        ) from error


def _written(prepared: Prepared, folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(prepared.model, folder / MODEL_FILE)
    if isinstance(prepared.motion, Path):
        shutil.copyfile(prepared.motion, folder / MOTION_FILE)
    else:
        _write_motion(prepared.motion, folder / MOTION_FILE)
    _write_reactions(prepared.ground_reactions, folder / FORCES_FILE)
    if prepared.measured_loads is not None:
        shutil.copyfile(prepared.measured_loads.path, folder / f"measured_loads{prepared.measured_loads.path.suffix}")
    file = folder / TRIAL_FILE
    file.write_text(_toml(prepared), encoding="utf-8")
    return file


def write_table(path: Path, names: Sequence[str], values: Array, *, in_degrees: bool | None = None) -> None:
    """Write a table in OpenSim's format.

    Parameters
    ----------
    path : Path
    names : sequence of str
        The first one is ``time``.
    values : array, shape (n, k)
    in_degrees : bool, optional
        Written into the header for a motion.
    """
    head = [path.stem, "version=1", f"nRows={len(values)}", f"nColumns={len(names)}"]
    head += [] if in_degrees is None else [f"inDegrees={'yes' if in_degrees else 'no'}"]
    with path.open("w", encoding="utf-8", newline="\n") as file:
        file.write("\n".join([*head, "endheader", "\t".join(names)]) + "\n")
        np.savetxt(file, values, fmt="%.8g", delimiter="\t")


def _write_motion(motion: Motion, path: Path) -> None:
    write_table(
        path, ("time", *motion.names), np.column_stack([motion.time_s, motion.values]), in_degrees=motion.in_degrees
    )


def _write_reactions(reactions: Mapping[Side, GroundReaction], path: Path) -> None:
    """One table of both feet; a foot sampled at other times is brought to those of the first."""
    clock = next(iter(reactions.values())).time_s
    names, columns = ["time"], [clock[:, None]]
    for side, reaction in reactions.items():
        for part, values in (("v", reaction.force_N), ("p", reaction.point_m), ("m", reaction.torque_Nm)):
            names += [f"{_prefix(side)}{part}{axis}" for axis in "xyz"]
            if len(reaction.time_s) != len(clock) or np.abs(reaction.time_s - clock).max() > 1e-9:
                values = np.column_stack([np.interp(clock, reaction.time_s, values[:, k]) for k in range(3)])
            columns.append(values)
    write_table(path, names, np.hstack(columns))


def _prefix(side: Side) -> str:
    return f"{side}_ground_force_"


def _toml(prepared: Prepared) -> str:
    lines = [
        f"name = {_text(prepared.name)}",
        "",
        "[subject]",
        f"mass = {prepared.subject.mass_kg:g}     # kg",
        f"height = {prepared.subject.height_m:g}   # m",
        "",
        "[model]",
        f"file = {_text(MODEL_FILE)}",
        "",
        "[motion]",
        f"coordinates = {_text(MOTION_FILE)}",
        "",
        "[ground_reactions]",
        f"file = {_text(FORCES_FILE)}",
    ]
    for side in prepared.ground_reactions:
        force, point, torque = (_text(_prefix(side) + part) for part in "vpm")
        lines.append(f"{side} = {{ force = {force}, point = {point}, torque = {torque} }}")
    if prepared.estimated_forces:
        lines.append("estimated = true   # from the motion alone, without force plates")
    events = [
        f"{side}_foot_{what} = [{', '.join(f'{t:.4f}' for t in times[side])}]"
        for what, times in (("strike", prepared.foot_strikes_s), ("off", prepared.foot_offs_s))
        for side in SIDES
        if times.get(side)
    ]
    if events:
        lines += ["", "[events]   # s", *events]
    if (loads := prepared.measured_loads) is not None:
        lines += [
            "",
            "[measured_loads]",
            f"file = {_text(f'measured_loads{loads.path.suffix}')}",
            *(f"{key} = {_text(getattr(loads, key))}" for key in ("side", "time", "medial", "lateral", "unit")),
        ]
        if loads.starts_at_s:
            lines.append(f"starts_at = {loads.starts_at_s:.4f}   # s of the trial at the zero of the file's clock")
    if prepared.decisions:
        lines += ["", "[decisions]", *(f"{key} = {_text(why)}" for key, why in prepared.decisions.items())]
    for finding in prepared.findings:
        lines += ["", "[[findings]]"]
        lines += [
            f"{key} = {_text(value)}"
            for key in ("code", "severity", "about", "problem", "remedy", "where", "limit", "source")
            if (value := getattr(finding, key))
        ]
    lines += ["", "[provenance]", f"workbench = {_text(__version__)}"]
    lines += ["", "[provenance.sha256]"]
    lines += [f"{_text(name)} = {_text(digest)}" for name, digest in sorted(prepared.source_sha256.items())]
    return "\n".join(lines) + "\n"


def _text(text: str) -> str:
    """A text as TOML writes it; JSON's escapes are TOML's."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
