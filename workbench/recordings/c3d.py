"""C3D files: markers, force plates, events and the results of other programs, read with ezc3d; axes as in the file."""

from __future__ import annotations

import hashlib
import re
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np

from workbench.core.errors import TrialError
from workbench.core.findings import Finding
from workbench.core.types import Array
from workbench.core.vocabulary import NEWTON_PER_POUND_FORCE, SIDES, Side
from workbench.recordings.c3d_bytes import Header, checked_bytes, with_analog_rate
from workbench.recordings.c3d_content import c3d_content
from workbench.recordings.labels import clean_labels
from workbench.recordings.marker_file import LENGTH_UNITS, in_metres
from workbench.recordings.plate_signals import CHANNELS, force_and_moment, in_laboratory
from workbench.recordings.recording import ForcePlate, Markers, ModelOutput, Recording

_FORCE_UNITS: Final = {"n": 1.0, "nt": 1.0, "newton": 1.0, "newtons": 1.0, "kn": 1e3, "lbf": NEWTON_PER_POUND_FORCE,
                       "lb": NEWTON_PER_POUND_FORCE}  # fmt: skip
_MOMENT_UNITS: Final = {"nmm": 1e-3, "ntmm": 1e-3, "nm": 1.0, "ntm": 1.0, "ncm": 1e-2}
_OUTPUT_GROUPS: Final = (("ANGLES", "angle", "ANGLE_UNITS"), ("MOMENTS", "moment", "MOMENT_UNITS"),
                         ("FORCES", "force", "FORCE_UNITS"), ("POWERS", "power", "POWER_UNITS"))  # fmt: skip
_OUTPUT_NAME: Final = re.compile(r"(Angles?|Moments?|Forces?|Powers?|GRF)V?$")
#: Ends of the axes that Plug-in Gait draws: origin, anterior, lateral, proximal of pelvis, femur, tibia, foot, toes ...
_AXIS_END: Final = re.compile(r"^(?:PEL|TRX|HED|SPI|CEN|[LR](?:FE|FO|TI|TO|HU|RA|HN|CL|TR|AJ))[OALP]$")
_VIRTUAL: Final = re.compile(r"^(?:CentreOfMass|CentreOfMassFloor|[OXYZ]global|.*COM(?:Floor)?)$")


def read_c3d(path: Path, label: str | None = None) -> Recording:
    """Read a C3D file of any of the three number formats (Intel, DEC, MIPS).

    Parameters
    ----------
    path : Path
    label : str, optional
        Name of the file in messages; by default its own.

    Returns
    -------
    Recording
        Metres, newtons, seconds on the clock of the file's frame numbers (the first frame may be late); axes as in
        the file. The force of each plate may still point down: see `workbench.recordings.axes`.

    Raises
    ------
    TrialError
        If the file is damaged, holds no markers, or a plate cannot be read.
    """
    label = label or path.name
    data, header = checked_bytes(path, label)
    content, of_rate = _content(path, data, header, label)
    if content is None:
        raise TrialError(
            "the C3D file cannot be read.", where=label, remedy="Save it again with the program that recorded it."
        )
    parameters, points, rate = content["parameters"], content["points"], content["rate_hz"]
    if points.shape[1] == 0 or points.shape[2] < 2:
        raise TrialError(
            "the file contains no markers, only analog channels."
            if points.shape[1] == 0
            else "the file contains no frames.",
            where=label,
            remedy="Export a trial with marker trajectories.",
        )
    if not rate > 0.0:
        raise TrialError("the file gives no frame rate.", where=label, remedy="Save it again with POINT:RATE.")
    start_s = content["first_frame"] / rate
    time_s = start_s + np.arange(points.shape[2]) / rate
    labels = _texts(parameters, "POINT", "LABELS")
    labels += _texts(parameters, "POINT", "LABELS2") if points.shape[1] > len(labels) else []
    labels = (labels + [""] * points.shape[1])[: points.shape[1]]
    position = np.transpose(points[:3], (2, 1, 0)).copy()
    position[(position == 0.0).all(axis=2)] = np.nan
    outputs = _model_outputs(parameters, labels, position)
    kept = [i for i, name in enumerate(labels) if name not in outputs and not _is_virtual(name, labels)]
    names, position, findings = clean_labels([labels[i] for i in kept], position[:, kept], label)
    if not names:
        raise TrialError(
            "the file contains no labelled markers.", where=label, remedy="Label the markers, then export again."
        )
    unit = (_texts(parameters, "POINT", "UNITS") or [""])[0]
    position, found = in_metres(position, unit, label)
    plates, of_plates = _plates(content, unit, start_s, label)
    strikes, offs = _events(parameters, content["events"])
    mass, height = _subject(parameters)
    return Recording(
        path.stem, Markers(time_s, names, position), plates, strikes, offs, mass, height, outputs,
        findings=tuple(of_rate + findings + found + of_plates),
        source_sha256={label: hashlib.sha256(data).hexdigest()},
    )  # fmt: skip


def _content(path: Path, data: bytes, header: Header, label: str) -> tuple[dict[str, Any] | None, list[Finding]]:
    """What is in the file; where it names no rate of its analog channels, the header tells it."""
    content = c3d_content(path)
    if content is None or not header.analog_per_frame or content["analogs"].size:
        return content, []
    repaired = with_analog_rate(data, header)
    if repaired is None:
        raise TrialError(
            "the file contains analog channels but not their rate (ANALOG:RATE), so markers and channels cannot be"
            " separated.",
            where=label,
            remedy="Save it again with the program that recorded it.",
        )
    with tempfile.TemporaryDirectory() as scratch:
        copy = Path(scratch) / path.name
        copy.write_bytes(repaired[0])
        content = c3d_content(copy)
    return content, [
        Finding("analog_rate", "note", "recording",
                "The file does not give the rate of its analog channels (ANALOG:RATE). From the frame rate and the"
                f" samples per frame in its header it is {repaired[1]:g} Hz.",
                where=label)
    ]  # fmt: skip


def _texts(parameters: Mapping[str, Any], group: str, name: str) -> list[str]:
    """A text parameter as a list, empty where the file has none."""
    try:
        return [str(text).strip() for text in parameters[group][name]]
    except (KeyError, TypeError):
        return []


def _numbers(parameters: Mapping[str, Any], group: str, name: str) -> Array:
    try:
        return np.asarray(parameters[group][name], dtype=float)
    except (KeyError, TypeError, ValueError):
        return np.zeros(0)


def _model_outputs(parameters: Mapping[str, Any], labels: list[str], position: Array) -> dict[str, ModelOutput]:
    """Angles, moments, forces and powers that stand among the markers."""
    outputs = {}
    for group, kind, units in _OUTPUT_GROUPS:
        unit = (_texts(parameters, "POINT", units) or [""])[0]
        listed = {name for part in ("", "2", "3") for name in _texts(parameters, "POINT", group + part)}
        for index, name in enumerate(labels):
            match = _OUTPUT_NAME.search(name)
            named = match is not None and match[1].rstrip("s").lower() == kind
            if name and name not in outputs and (name in listed or named):
                outputs[name] = ModelOutput(kind, unit, position[:, index])
    return outputs


def _is_virtual(name: str, labels: list[str]) -> bool:
    """True for what a program put among the markers: segment axes and centres of mass."""
    if _VIRTUAL.match(name):
        return True
    return bool(_AXIS_END.match(name)) and all(name[:-1] + end in labels for end in "OALP")


def _plates(
    content: Mapping[str, Any], unit: str, start_s: float, label: str
) -> tuple[tuple[ForcePlate, ...], list[Finding]]:
    parameters, analog = content["parameters"], content["analogs"]
    used = _numbers(parameters, "FORCE_PLATFORM", "USED")
    count = int(used.flat[0]) if used.size else 0
    if count < 1:
        return (), []
    if not analog.size:
        return (), [
            Finding("no_force_channels", "note", "recording",
                    f"The file describes {count} force plates but contains none of their channels.",
                    "Export the analog channels too if the forces were recorded.", label)
        ]  # fmt: skip
    metres = LENGTH_UNITS.get(unit.lower(), 1e-3)
    kinds = _numbers(parameters, "FORCE_PLATFORM", "TYPE").astype(int).ravel()
    corners = _numbers(parameters, "FORCE_PLATFORM", "CORNERS")
    origins = _numbers(parameters, "FORCE_PLATFORM", "ORIGIN")
    channels = _numbers(parameters, "FORCE_PLATFORM", "CHANNEL").astype(int)
    if len(kinds) < count or corners.shape[-1] < count or origins.shape[-1] < count or channels.shape[-1] < count:
        raise TrialError(
            f"the description of the {count} force plates is incomplete (type, corners, origin or channels missing).",
            where=label,
            remedy="Save the file again, or read only the markers with --no-plates.",
        )
    time_s = start_s + np.arange(analog.shape[1]) / content["analog_rate_hz"]
    plates, findings = [], []
    for index in range(count):
        name = f"plate {index + 1}"
        kind = int(kinds[index])
        rows = channels[:, index][: CHANNELS.get(kind, 6)] - 1
        if rows.min() < 0 or rows.max() >= len(analog):
            raise TrialError(f"{name} refers to channels that do not exist.", where=label, remedy="Use --no-plates.")
        signals, zeroed = _zeroed(analog[rows].T, _numbers(parameters, "FORCE_PLATFORM", "ZERO"))
        if not np.isfinite(signals).all():
            raise TrialError(f"{name} has missing samples.", where=label, remedy="Export it again, or use --no-plates.")
        signals = signals * _si_factors(kind, [_unit(parameters, row) for row in rows], metres)
        calibration = _numbers(parameters, "FORCE_PLATFORM", "CAL_MATRIX")
        try:
            force, moment = force_and_moment(
                kind,
                signals,
                origins[:, index] * metres,
                _calibration(calibration, index, metres) if kind == 4 else None,
            )
            at = corners[:, :, index].T * metres
            force, moment = in_laboratory(force, moment, at)
        except TrialError as error:
            raise TrialError(f"{name}: {error.problem}", where=label, remedy=error.remedy) from error
        plates.append(ForcePlate(name, time_s, force, moment, at))
        if zeroed:
            findings.append(
                Finding("plate_zeroed", "note", "recording",
                        f"The file's own zero level (mean of its first samples) was subtracted from {name}.",
                        where=label)
            )  # fmt: skip
    return tuple(plates), findings


def _zeroed(signals: Array, zero: Array) -> tuple[Array, bool]:
    """Channels without their offset in the frames that FORCE_PLATFORM:ZERO names, where the plate was empty then."""
    first, last = (int(v) for v in zero[:2]) if zero.size >= 2 else (1, 0)
    if first < 1 or last <= first or last > len(signals):
        return signals, False
    before = signals[first - 1 : last]
    if np.ptp(before, axis=0).max() > 0.02 * max(float(np.ptp(signals, axis=0).max()), 1e-9):
        return signals, False
    return signals - before.mean(axis=0), True


def _calibration(matrices: Array, index: int, metres: float) -> Array | None:
    """The matrix of a plate of type 4, for force in N and moment in N m."""
    if matrices.ndim != 3 or matrices.shape[2] <= index:
        return None
    return matrices[:, :, index] * np.array([1.0, 1.0, 1.0, metres, metres, metres])[:, None]


def _unit(parameters: Mapping[str, Any], row: int) -> str:
    units = _texts(parameters, "ANALOG", "UNITS")
    return units[row] if row < len(units) else ""


def _si_factors(kind: int, units: list[str], metres: float) -> Array:
    """Factors that bring the channels to N, N m and m; type 4 is in volts before its matrix."""
    if kind == 4:
        return np.ones(6)
    plain = [re.sub(r"[^a-z]", "", unit.lower()) for unit in units]
    force = _FORCE_UNITS.get(plain[0], 1.0)
    if kind == 3:
        return np.full(8, force)
    moments = [_MOMENT_UNITS.get(unit, force * metres) for unit in plain[3:]]
    if kind == 1:
        points = [LENGTH_UNITS.get(unit, metres) for unit in plain[3:5]]
        return np.array([force] * 3 + points + [moments[2]])
    return np.array([force] * 3 + moments)


def _events(
    parameters: Mapping[str, Any], in_header: Sequence[tuple[float, str]]
) -> tuple[dict[Side, tuple[float, ...]], dict[Side, tuple[float, ...]]]:
    """Foot strikes and foot offs by side, s: of the EVENT group, else of the header."""
    found: list[tuple[str, str, float]] = []
    times = _numbers(parameters, "EVENT", "TIMES")
    contexts, labels = _texts(parameters, "EVENT", "CONTEXTS"), _texts(parameters, "EVENT", "LABELS")
    if times.ndim == 2 and times.shape[0] == 2:
        seconds = 60.0 * times[0] + times[1]
        found = [(c.lower(), w.lower(), float(t)) for c, w, t in zip(contexts, labels, seconds, strict=False)]
    if not found:
        for time, code in in_header:
            if match := re.fullmatch(r"([LR])(HS|IC|FS|TO|FO)", code.strip().upper()):
                side = "left" if match[1] == "L" else "right"
                found.append((side, "strike" if match[2] in ("HS", "IC", "FS") else "off", float(time)))
    strikes: dict[Side, tuple[float, ...]] = {}
    offs: dict[Side, tuple[float, ...]] = {}
    for side in SIDES:
        mine = [(what, time) for context, what, time in found if context == side]
        struck = sorted({t for what, t in mine if "strike" in what or "contact" in what})
        left = sorted({t for what, t in mine if "off" in what})
        if struck:
            strikes[side] = tuple(struck)
        if left:
            offs[side] = tuple(left)
    return strikes, offs


def _subject(parameters: Mapping[str, Any]) -> tuple[float | None, float | None]:
    """Mass in kg and height in m, where the file has plausible ones."""
    places = (("PROCESSING", "Bodymass", "Height"), ("SUBJECT", "WEIGHT", "HEIGHT"), ("SUBJECT", "Weight", "Height"))
    for group, weight, size in places:
        mass, height = _numbers(parameters, group, weight), _numbers(parameters, group, size)
        kilograms = float(mass.flat[0]) if mass.size else 0.0
        metres = float(height.flat[0]) if height.size else 0.0
        metres *= 1e-3 if metres > 300.0 else 1e-2 if metres > 3.0 else 1.0
        found = kilograms if 20.0 <= kilograms <= 250.0 else None, metres if 1.0 <= metres <= 2.3 else None
        if found != (None, None):
            return found
    return None, None
