"""A synthetic walk for the tests: plausible curves from a few sines, not a recording of anyone.

`synthetic_walk` gives the numbers; a test may change them before `write` puts them into a folder as a trial:

    walk = synthetic_walk()
    walk.forces["ground_force_l_vy"] *= 0.001
    trial_file = walk.write(tmp_path)
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from workbench.core.types import Array
from workbench.core.vocabulary import STANDARD_GRAVITY

MASS_KG = 70.0
HEIGHT_M = 1.75
STRIDE_S = 1.1
STANCE_S = 0.68
SPEED_M_S = 1.25
#: First foot strike of each foot; the next ones follow every STRIDE_S.
FIRST_STRIKE_S = {"r": 0.25, "l": 0.80}


@dataclass
class SyntheticWalk:
    """Columns of a synthetic trial and its trial.toml, all of which a test may change."""

    motion: dict[str, Array]  #: by column name, "time" first
    forces: dict[str, Array]
    settings: dict[str, Any] = field(default_factory=dict)  #: trial.toml
    in_degrees: bool | None = True

    def write(self, folder: Path) -> Path:
        """Write ``trial.toml``, ``ik.mot`` and ``grf.mot``; return the path of the first."""
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "ik.mot").write_text(storage_text(self.motion, self.in_degrees), encoding="utf-8")
        (folder / "grf.mot").write_text(storage_text(self.forces, True), encoding="utf-8")
        path = folder / "trial.toml"
        path.write_text(toml_text(self.settings), encoding="utf-8")
        return path


def synthetic_walk(
    *, duration_s: float = 2.8, motion_hz: float = 50.0, force_hz: float = 100.0, mass_kg: float = MASS_KG
) -> SyntheticWalk:
    """Return an overground walk with both feet on plates all the time; angles in degrees.

    Each foot strikes every 1.1 s, the right one first at 0.25 s, the left one first at 0.80 s, and stands for 0.68 s.
    """
    time_s = np.arange(0.0, duration_s, 1.0 / motion_hz)
    motion = {
        "time": time_s,
        "pelvis_tilt": -5.0 + np.sin(4 * np.pi * time_s / STRIDE_S),
        "pelvis_list": 4.0 * np.sin(2 * np.pi * time_s / STRIDE_S),
        "pelvis_rotation": 5.0 * np.cos(2 * np.pi * time_s / STRIDE_S),
        "pelvis_tx": SPEED_M_S * time_s,
        "pelvis_ty": 0.95 + 0.02 * np.cos(4 * np.pi * time_s / STRIDE_S),
        "pelvis_tz": 0.02 * np.sin(2 * np.pi * time_s / STRIDE_S),
    }
    for side in ("r", "l"):
        cycle = _cycle(time_s, side)
        motion |= {
            f"hip_flexion_{side}": 10.0 + 20.0 * np.cos(2 * np.pi * cycle),
            f"hip_adduction_{side}": 5.0 * np.sin(2 * np.pi * cycle),
            f"hip_rotation_{side}": 2.0 * np.cos(2 * np.pi * cycle),
            f"knee_angle_{side}": 5.0 + _bump(cycle, 0.15, 0.07, 12.0) + _bump(cycle, 0.73, 0.09, 55.0),
            f"knee_angle_{side}_beta": np.zeros_like(time_s),
            f"ankle_angle_{side}": _bump(cycle, 0.45, 0.12, 12.0) - _bump(cycle, 0.65, 0.05, 20.0),
            f"subtalar_angle_{side}": np.zeros_like(time_s),
            f"mtp_angle_{side}": np.zeros_like(time_s),
        }
    time_s = np.arange(0.0, duration_s, 1.0 / force_hz)
    forces = {"time": time_s}
    for side in ("r", "l"):
        forces |= _ground_reaction(time_s, side, mass_kg * STANDARD_GRAVITY)
    settings: dict[str, Any] = {
        "name": "synthetic walk",
        "subject": {"mass": mass_kg, "height": HEIGHT_M},
        "motion": {"coordinates": "ik.mot"},
        "ground_reactions": {"file": "grf.mot"},
    }
    return SyntheticWalk(motion, forces, settings)


def storage_text(columns: dict[str, Array], in_degrees: bool | None) -> str:
    """Return columns as an OpenSim storage file."""
    rows = np.column_stack(list(columns.values()))
    head = ["synthetic", "version=1", f"nRows={len(rows)}", f"nColumns={rows.shape[1]}"]
    if in_degrees is not None:
        head.append(f"inDegrees={'yes' if in_degrees else 'no'}")
    body = ["\t".join(f"{value:.6f}" for value in row) for row in rows]
    return "\n".join([*head, "endheader", "\t".join(columns), *body, ""])


def toml_text(settings: dict[str, Any]) -> str:
    """Return nested settings as TOML."""
    plain = [f"{key} = {_toml_value(value)}" for key, value in settings.items() if not isinstance(value, dict)]
    for name, table in settings.items():
        if isinstance(table, dict):
            plain += [f"[{name}]", *(f"{key} = {_toml_value(value)}" for key, value in table.items())]
    return "\n".join(plain) + "\n"


def _toml_value(value: object) -> str:
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{key} = {_toml_value(item)}" for key, item in value.items()) + " }"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(_toml_value(item) for item in value) + "]"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
    return repr(value)


def _cycle(time_s: Array, side: str) -> Array:
    return np.mod((time_s - FIRST_STRIKE_S[side]) / STRIDE_S, 1.0)


def _bump(cycle: Array, centre: float, width: float, height: float) -> Array:
    distance = np.mod(cycle - centre + 0.5, 1.0) - 0.5
    return height * np.exp(-0.5 * (distance / width) ** 2)


def _ground_reaction(time_s: Array, side: str, weight_N: float) -> dict[str, Array]:
    since_strike = _cycle(time_s, side) * STRIDE_S
    stance = since_strike / STANCE_S
    on = stance < 1.0
    step = np.floor((time_s - FIRST_STRIKE_S[side]) / STRIDE_S)
    heel_x = SPEED_M_S * (FIRST_STRIKE_S[side] + step * STRIDE_S) + 0.2
    lateral = 1.0 if side == "r" else -1.0
    prefix, torque = f"ground_force_{side}_", f"ground_torque_{side}_"
    return {
        f"{prefix}vx": np.where(on, -0.15 * weight_N * np.sin(2 * np.pi * stance), 0.0),
        f"{prefix}vy": np.where(on, weight_N * (1.2 * np.sin(np.pi * stance) + 0.3 * np.sin(3 * np.pi * stance)), 0.0),
        f"{prefix}vz": np.where(on, -lateral * 0.05 * weight_N * np.sin(np.pi * stance), 0.0),
        f"{prefix}px": np.where(on, heel_x + 0.2 * stance, 0.0),
        f"{prefix}py": np.zeros_like(time_s),
        f"{prefix}pz": np.where(on, lateral * (0.08 + 0.005 * np.sin(np.pi * stance)), 0.0),
        f"{torque}x": np.zeros_like(time_s),
        f"{torque}y": np.where(on, lateral * 3.0 * np.sin(2 * np.pi * stance), 0.0),
        f"{torque}z": np.zeros_like(time_s),
    }
