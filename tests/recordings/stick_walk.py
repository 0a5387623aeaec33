"""A walk of sticks for the tests of the readers: where markers and plates are is known, so that files can be judged.

Nobody's recording: feet that stand and swing, a pelvis that moves on, and forces of a double hump under each foot.
"""

from __future__ import annotations

import pickle
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from workbench.core.types import Array
from workbench.recordings.plate_signals import plate_axes
from workbench.recordings.recording import ForcePlate, Markers

SPEED_M_S, STRIDE_S, STANCE_S, BODY_N = 1.2, 1.1, 0.66, 700.0
#: First foot strike of each foot; its foot comes down this far along the walkway.
STRIKE_S = {"left": 0.5, "right": 1.05}
SIDE_Z_M = {"left": -0.1, "right": 0.1}
#: Rows: the laboratory's axes in those of the workbench; here Z is up and the walk goes along -X.
Z_UP_ALONG_MINUS_X = np.array([[-1.0, 0.0, 0.0], [0.0, 0.0, 1.0], [0.0, 1.0, 0.0]])


@dataclass(frozen=True)
class StickWalk:
    """Markers and plates, X forward, Y up, Z right."""

    markers: Markers
    plates: tuple[ForcePlate, ...]


def stick_walk(*, duration_s: float = 2.6, rate_hz: float = 100.0, plate_hz: float = 500.0) -> StickWalk:
    """A walk over one plate for each foot."""
    time_s = np.arange(0.0, duration_s, 1.0 / rate_hz)
    places = {}
    pelvis = np.column_stack([SPEED_M_S * time_s, np.full_like(time_s, 0.95), np.zeros_like(time_s)])
    for label, offset in (("ASI", (0.1, 0.05, 0.12)), ("PSI", (-0.1, 0.08, 0.05))):
        places |= {f"L{label}": pelvis + [offset[0], offset[1], -offset[2]], f"R{label}": pelvis + offset}
    places["C7"] = pelvis + [0.0, 0.5, 0.0]
    for side in ("left", "right"):
        heel = foot_heel(time_s, side)
        letter = side[0].upper()
        places |= {
            f"{letter}HEE": heel,
            f"{letter}TOE": heel + [0.2, 0.02, 0.0],
            f"{letter}ANK": heel + [0.05, 0.06, 0],
        }
        places[f"{letter}KNE"] = 0.5 * (heel + [0.05, 0.06, 0.0] + pelvis + [0.0, 0.0, SIDE_Z_M[side]])
    markers = Markers(time_s, tuple(places), np.stack(list(places.values()), axis=1))
    return StickWalk(markers, tuple(plate_under(side, duration_s, plate_hz) for side in ("left", "right")))


def foot_heel(time_s: Array, side: str) -> Array:
    """Path of a heel marker, (n, 3)."""
    phase = (time_s - STRIKE_S[side]) / STRIDE_S
    step = np.floor(phase)
    swing = np.clip((phase - step - STANCE_S / STRIDE_S) / (1.0 - STANCE_S / STRIDE_S), 0.0, 1.0)
    ahead = 0.5 - 0.5 * np.cos(np.pi * swing)
    x = strike_x(side) + SPEED_M_S * STRIDE_S * (step + ahead)
    return np.column_stack([x, 0.04 + 0.15 * np.sin(np.pi * swing), np.full_like(x, SIDE_Z_M[side])])


def strike_x(side: str) -> float:
    """Where along the walkway the heel comes down on its plate."""
    return SPEED_M_S * STRIKE_S[side] + 0.25


def plate_under(side: str, duration_s: float, rate_hz: float) -> ForcePlate:
    """A plate 0.6 m long and 0.4 m wide under the stance of a foot."""
    time_s = np.arange(0.0, duration_s, 1.0 / rate_hz)
    share = (time_s - STRIKE_S[side]) / STANCE_S
    on = (share > 0.0) & (share < 1.0)
    hump = np.where(on, np.sin(np.pi * share) + 0.35 * np.sin(3.0 * np.pi * share), 0.0)
    force = BODY_N * np.column_stack(
        [-0.15 * hump * np.cos(np.pi * share), 1.1 * hump, -np.sign(SIDE_Z_M[side]) * 0.04 * hump]
    )
    x, z = strike_x(side), SIDE_Z_M[side]
    point = np.column_stack([x + 0.02 + 0.2 * np.clip(share, 0, 1), np.zeros_like(share), np.full_like(share, z)])
    free = np.column_stack([np.zeros_like(share), 3.0 * hump, np.zeros_like(share)])
    middle = np.array([x + 0.1, 0.0, z])
    corners = middle + np.array([[0.3, 0.0, 0.09], [-0.3, 0.0, 0.09], [-0.3, 0.0, -0.09], [0.3, 0.0, -0.09]])
    return ForcePlate(f"plate {side}", time_s, force, np.cross(point, force) + free, corners)


def write_trc(path: Path, markers: Markers, *, unit: str = "mm", axes: Array | None = None) -> Path:
    """Write markers as TRC in the laboratory's axes."""
    scale = {"mm": 1000.0, "m": 1.0}[unit]
    position = scale * (markers.position_m if axes is None else markers.position_m @ axes)
    rate, k = markers.rate_hz, len(markers.names)
    lines = [
        f"PathFileType\t4\t(X/Y/Z)\t{path.name}",
        "DataRate\tCameraRate\tNumFrames\tNumMarkers\tUnits\tOrigDataRate\tOrigDataStartFrame\tOrigNumFrames",
        f"{rate:.2f}\t{rate:.2f}\t{len(position)}\t{k}\t{unit}\t{rate:.2f}\t1\t{len(position)}",
        "Frame#\tTime\t" + "\t\t\t".join(markers.names) + "\t\t",
        "\t\t" + "\t".join(f"{a}{i + 1}" for i in range(k) for a in "XYZ"),
        "",
    ]
    for frame, (time, row) in enumerate(zip(markers.time_s, position.reshape(len(position), -1), strict=True), start=1):
        lines.append("\t".join([str(frame), f"{time:.5f}", *("" if np.isnan(v) else f"{v:.5f}" for v in row)]))
    path.write_text("\n".join(lines) + "\n")
    return path


def write_c3d(
    path: Path,
    walk: StickWalk,
    *,
    axes: Array = Z_UP_ALONG_MINUS_X,
    kind: int = 2,
    on_plate: bool = False,
    prefix: str = "",
    first_frame: int = 0,
    events: bool = False,
) -> Path:
    """Write a C3D file in mm, N and N mm.

    Parameters
    ----------
    axes : array, shape (3, 3)
        Rows: the laboratory's axes in those of the workbench.
    kind : int
        Type of the plates, 1 to 4.
    on_plate : bool
        The force that acts on the plate instead of that on the foot.
    """
    markers, plates = walk.markers, walk.plates
    points = np.ones((4, len(markers.names), len(markers.time_s)))
    points[:3] = (1000.0 * markers.position_m @ axes).transpose(2, 1, 0)
    parameters: dict[str, dict[str, Any]] = {
        "POINT": {"RATE": [markers.rate_hz], "UNITS": ["mm"], "LABELS": [prefix + name for name in markers.names]}
    }
    analogs = np.zeros((0, 0))
    if plates:
        channels, origins, corners, matrices = zip(*(_encoded(p, axes, kind, on_plate) for p in plates), strict=True)
        count = len(channels[0])
        analogs = np.concatenate(channels)
        units = {1: ["N"] * 3 + ["mm"] * 2 + ["Nmm"], 2: ["N"] * 3 + ["Nmm"] * 3, 3: ["N"] * 8, 4: ["V"] * 6}[kind]
        parameters["ANALOG"] = {
            "RATE": [1.0 / float(plates[0].time_s[1] - plates[0].time_s[0])],
            "LABELS": [f"ch{i + 1}" for i in range(len(analogs))],
            "UNITS": units * len(plates),
        }
        parameters["FORCE_PLATFORM"] = {
            "USED": [len(plates)],
            "TYPE": [kind] * len(plates),
            "ZERO": [1, 0],
            "CORNERS": np.stack(corners, axis=2),
            "ORIGIN": np.stack(origins, axis=1),
            "CHANNEL": np.arange(count * len(plates), dtype=float).reshape(len(plates), count).T + 1.0,
            **({"CAL_MATRIX": np.stack(matrices, axis=2)} if kind == 4 else {}),
        }
    if events:
        start = first_frame / markers.rate_hz
        parameters["EVENT"] = {
            "USED": [2],
            "CONTEXTS": ["Left", "Right"],
            "LABELS": ["Foot Strike", "Foot Strike"],
            "TIMES": np.array([[0.0, 0.0], [STRIKE_S["left"] + start, STRIKE_S["right"] + start]]),
        }
    content = pickle.dumps((str(path), points, analogs, parameters, first_frame))
    subprocess.run([sys.executable, "-c", _WRITER], input=content, check=True)
    return path


#: ezc3d does not share a process with OpenSim: see `workbench.recordings.c3d_content`.
_WRITER = """
import pickle, sys, ezc3d
path, points, analogs, parameters, first_frame = pickle.load(sys.stdin.buffer)
c3d = ezc3d.c3d()
c3d["data"]["points"] = points
c3d["header"]["points"]["first_frame"] = first_frame
if analogs.size:
    c3d["data"]["analogs"] = analogs[None]
for group, entries in parameters.items():
    for name, value in entries.items():
        c3d.add_parameter(group, name, value)
c3d.write(path)
"""


def _encoded(plate: ForcePlate, axes: Array, kind: int, on_plate: bool) -> tuple[Array, Array, Array, Array]:
    """Channels (c, n), origin in mm, corners (3, 4) in mm, calibration matrix."""
    assert plate.corners_m is not None
    # Anticlockwise as seen from above in the test's walk; the standard wants z down, so the order is turned round.
    corners = plate.corners_m[[0, 3, 2, 1]] @ axes
    turn = plate_axes(corners)
    sign = -1.0 if on_plate else 1.0
    force, moment = sign * plate.force_N @ axes, sign * plate.moment_Nm @ axes
    # A pseudovector turns like a vector where the axes are right-handed, which they are.
    moment = moment - np.cross(corners.mean(axis=0), force)
    force, moment = force @ turn, moment @ turn
    origin = np.array([0.002, -0.001, -0.04])
    about_origin = moment + np.cross(origin, force)
    matrix = np.zeros((6, 6))
    if kind == 1:
        vertical = np.where(np.abs(force[:, 2]) > 1e-9, force[:, 2], 1.0)
        x, y = -moment[:, 1] / vertical, moment[:, 0] / vertical
        twist = moment[:, 2] - (x * force[:, 1] - y * force[:, 0])
        channels, origin = np.column_stack([force, 1000 * x, 1000 * y, 1000 * twist]), np.zeros(3)
    elif kind == 3:
        a, b, depth = 0.12, 0.2, -0.04
        about = moment + np.cross([0.0, 0.0, depth], force)
        quarter = 0.25 * force[:, 2]
        across, along = 0.25 * about[:, 0] / b, 0.25 * about[:, 1] / a
        z = [quarter + across - along, quarter + across + along, quarter - across + along, quarter - across - along]
        twist = about[:, 2] / (2.0 * b)
        x12, x34 = 0.5 * force[:, 0] - twist, 0.5 * force[:, 0] + twist
        channels = np.column_stack([x12, x34, 0.5 * force[:, 1], 0.5 * force[:, 1], *z])
        origin = np.array([a, b, depth])
    else:
        channels = np.column_stack([force, 1000.0 * about_origin])
        if kind == 4:
            matrix = np.diag([2.9, 2.9, 11.5, 2200.0, 2000.0, 960.0]) + 0.02
            channels = channels @ np.linalg.inv(matrix).T
    return channels.T, 1000.0 * origin, 1000.0 * corners.T, matrix
