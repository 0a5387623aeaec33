"""The bytes of a C3D file: whether it is complete, and the analog rate if its parameters omit it.

Layout: Motion Lab Systems, The C3D File Format User Guide, chapters "Header section" and "Parameter section"
(https://www.c3d.org/docs/C3D_User_Guide.pdf).
"""

from __future__ import annotations

import math
import struct
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from workbench.core.errors import TrialError

_BLOCK: Final = 512
_INTEL, _DEC, _MIPS = 84, 85, 86
_REMEDY: Final = "Save it again with the program that recorded it."


@dataclass(frozen=True)
class Header:
    """The header's description of the data."""

    processor: int
    points: int
    analog_per_frame: int  #: channels times samples per frame
    first_frame: int
    last_frame: int
    data_block: int  #: counted from 1
    samples_per_frame: int
    rate_hz: float
    real: bool  #: four-byte numbers; else two

    @property
    def order(self) -> str:
        """Byte order, as in `struct`."""
        return ">" if self.processor == _MIPS else "<"

    @property
    def frames(self) -> int:
        """Number of frames; the last frame number in the header is at most 65535, even if there are more."""
        return self.last_frame - self.first_frame + 1


def checked_bytes(path: Path, label: str) -> tuple[bytes, Header]:
    """The file's bytes and header, after checking its first block and its length.

    Raises
    ------
    TrialError
        If the file is not a C3D file, or was cut short.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise TrialError(f"the file cannot be read ({error.strerror}).", where=label) from error
    if len(data) < 2 * _BLOCK or data[1] != 0x50:
        raise TrialError("the file is not a C3D file.", where=label, remedy="Export it again as C3D.")
    at = _BLOCK * (data[0] - 1)
    processor = data[at + 3] if 0 < at + 3 < len(data) else 0
    if processor not in (_INTEL, _DEC, _MIPS):
        raise TrialError("the file does not state its number format (Intel, DEC or MIPS).", where=label, remedy=_REMEDY)
    header = _header(data, processor)
    if header.data_block < 2 or header.frames < 1:
        raise TrialError("the file contains no frames.", where=label, remedy="Save it again.")
    per_frame = (4 * header.points + header.analog_per_frame) * (4 if header.real else 2)
    start = _BLOCK * (header.data_block - 1)
    if header.last_frame < 65535 and len(data) < start + header.frames * per_frame:
        there = max(0, (len(data) - start) // max(per_frame, 1))
        raise TrialError(
            f"the file ends after {there} of {header.frames} frames: it was truncated.",
            where=label,
            remedy="Copy or export it again.",
        )
    return data, header


def _header(data: bytes, processor: int) -> Header:
    order = ">" if processor == _MIPS else "<"
    points, analog, first, last = struct.unpack(f"{order}4H", data[2:10])
    block, samples = struct.unpack(f"{order}2H", data[16:20])
    # The sign of the scale says whether numbers are whole or real.
    return Header(
        processor, points, analog, first, last, block, samples, _real(data[20:24], processor),
        _real(data[12:16], processor) < 0.0,
    )  # fmt: skip


def _real(data: bytes, processor: int) -> float:
    """A number of four bytes; DEC's has its words exchanged, and is four times as large as the same bits of IEEE."""
    if processor == _DEC:
        return float(struct.unpack("<f", data[2:4] + data[:2])[0]) / 4.0
    return float(struct.unpack(">f" if processor == _MIPS else "<f", data)[0])


def with_analog_rate(data: bytes, header: Header) -> tuple[bytes, float] | None:
    """The file with ANALOG:RATE and ANALOG:USED from its header, and that rate in Hz; None if not in the header.

    The header counts the samples of a channel within one frame of the points, and all samples within it: the rate is
    that of the points times the first, the number of channels the second by the first.
    """
    parameters, end = _parameters(data, header)
    used, rate = parameters.get(("ANALOG", "USED")), parameters.get(("ANALOG", "RATE"))
    samples = header.samples_per_frame
    if used is None or samples < 1 or header.analog_per_frame % samples or header.processor == _DEC:
        return None
    if not header.rate_hz > 0.0:
        return None
    rate_hz = header.rate_hz * samples
    repaired = bytearray(data)
    struct.pack_into(f"{header.order}H", repaired, used.at, header.analog_per_frame // samples)
    if rate is not None:
        struct.pack_into(f"{header.order}f", repaired, rate.at, rate_hz)
        return bytes(repaired), rate_hz
    # A parameter more behind the last one, where its block has room: length and group, name, way to the next, real.
    entry = struct.pack("2b4s", 4, used.group, b"RATE") + struct.pack(f"{header.order}HbBfB", 9, 4, 0, rate_hz, 0)
    if end.at + len(entry) + 2 > _BLOCK * (header.data_block - 1):
        return None
    struct.pack_into(f"{header.order}H", repaired, end.step_at, end.at - end.step_at)
    repaired[end.at : end.at + len(entry) + 2] = entry + bytes(2)
    return bytes(repaired), rate_hz


@dataclass(frozen=True)
class _Parameter:
    group: int
    at: int  #: of its first value


@dataclass(frozen=True)
class _End:
    step_at: int  #: where the last parameter says how far it is to the next
    at: int  #: behind the last parameter


def _parameters(data: bytes, header: Header) -> tuple[dict[tuple[str, str], _Parameter], _End]:
    """Parameters by the names of group and parameter, and the end of the last."""
    groups: dict[int, str] = {}
    found: list[tuple[str, _Parameter]] = []
    at, step_at = _BLOCK * (data[0] - 1) + 4, 0
    while at + 4 < len(data):
        length, number = struct.unpack("2b", data[at : at + 2])
        length = abs(length)
        name = data[at + 2 : at + 2 + length].decode("ascii", "replace").upper()
        if not length or at + length + 8 > len(data):
            break
        at += 2 + length
        step_at = at
        (step,) = struct.unpack(f"{header.order}H", data[at : at + 2])
        kind, dimensions = struct.unpack("bB", data[at + 2 : at + 4])
        if number < 0:
            groups[-number] = name
            size = 3 + data[at + 2]
        else:
            sizes = data[at + 4 : at + 4 + dimensions]
            found.append((name, _Parameter(number, at + 4 + dimensions)))
            size = 4 + dimensions + abs(kind) * math.prod(sizes)
            size += 1 + (data[at + size] if at + size < len(data) else 0)
        if not step:
            at += size
            break
        at += step
    named = {(groups.get(one.group, ""), name): one for name, one in found}
    return named, _End(step_at, at)
