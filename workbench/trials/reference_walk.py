"""The built-in walk: one person's mean stride on a treadmill, ready to be analysed."""

from __future__ import annotations

import csv
import hashlib
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from workbench.core.contacts import CONTACT_THRESHOLD_N
from workbench.core.findings import Finding
from workbench.core.types import Array, GroundReaction, Motion, Subject, Trial
from workbench.core.vocabulary import SIDE_SUFFIX, SIDES, Side

if TYPE_CHECKING:  # it takes half a second to import, and the walk needs nothing of it
    import pandas as pd

_FOLDER: Final = Path(__file__).resolve().parent / "reference"
_MEAN: Final = "mean_stride.csv"
_SPREAD: Final = "mean_stride_sd.csv"
_SCALE: Final = "scale_factors.csv"

PERIOD_S: Final = 1.1124  #: mean duration of the 54 strides
_PHASES: Final = 100
_CYCLES: Final = 3
# The table begins with the right foot strike. Beginning half a cycle later leaves half a cycle before the first strike
# of the right foot and a whole one before that of the left, and a cycle behind the strides that begin with them.
_FIRST_PHASE: Final = 50
# The recording puts the first centre of pressure up to 37 mm behind the heel (reference/README.md). For this many
# phases after foot strike it is held where it then is under the heel, moving back with the belt.
_HEEL_PHASES: Final[dict[Side, int]] = {"right": 6, "left": 5}
_BELT_SPEED_M_S: Final = 1.25  #: backward speed of the forefoot at foot flat

_SUBJECT: Final = Subject(mass_kg=86.04, height_m=1.87)
_FINDINGS: Final = tuple(
    Finding(code, "note", "recording", problem)
    for code, problem in (
        ("mean_stride", "Mean gait of one person, not a single recorded stride: the average of 54 consecutive strides"
        " of a healthy man on a treadmill, with its standard deviation."),
        ("owner", "The recording is from Uhlrich et al. 2022 (Scientific Reports 12:9842), Apache License 2.0."),
        ("height_estimated", "The height of 1.87 m is estimated from the scaled segments; the mass of 86.04 kg was"
        " measured."),
        ("pressure_under_heel", "In the first 6 % of the stride the centre of pressure is kept under the heel; it was"
        " recorded up to 37 mm behind it."),
        ("model_scaled", "The model is the project's own, scaled with the scale factors of the person's published"
        " model."),
    )
)  # fmt: skip


def reference_walk() -> Trial:
    """Return the built-in reference walk.

    The mean of 54 strides is repeated three times, so that a whole stride of either foot lies in the middle with at
    least half a cycle before it and a whole one after it. Angles and forces were filtered before they were averaged (8
    and 15 Hz). On the treadmill the pelvis stays in place and the stance feet move backwards with the belt; the origin
    is below the mean position of the pelvis. A ramp closes the cycle by removing the person's drift over one stride:
    1.3 mm along the belt, 0.9 mm across it, at most 0.08 degrees in any angle.

    In the first 5 to 6 % of the stride the centre of pressure is kept under the heel, where the recording has it up to
    37 mm behind the heel. Below 20 N of vertical force a foot counts as off the ground: force and torque are exactly
    zero and the centre of pressure is held at the nearest contact in time.

    Returns
    -------
    Trial
        `periodic`; angles in degrees, X forward, Y up, Z right. `mtp_angle_*` is zero, as the model's
        toe joint is locked; the angles of the patellae are left to the model's coupler.
    """
    table = _read(_MEAN)
    phase = (_FIRST_PHASE + np.arange(_CYCLES * _PHASES + 1)) % _PHASES
    time_s = PERIOD_S / _PHASES * np.arange(float(len(phase)))
    names = tuple(name for name in table if not name.startswith(("percent", "grf", "cop", "free_moment")))
    table = _closed(table, names)
    values = np.zeros((len(phase), len(names) + 2))
    values[:, : len(names)] = np.column_stack([table[name] for name in names])[phase]
    vertical_N = {side: table[f"grf_{SIDE_SUFFIX[side]}_y"] for side in SIDES}
    return Trial(
        name="Reference walk",
        subject=_SUBJECT,
        motion=Motion(time_s, (*names, "mtp_angle_r", "mtp_angle_l"), values, in_degrees=True),
        ground_reactions={side: _ground_reaction(table, side, phase, time_s) for side in SIDES},
        scale_factors=_scale_factors(),
        foot_strikes_s={side: _crossings(vertical_N[side], rising=True) for side in SIDES},
        foot_offs_s={side: _crossings(vertical_N[side], rising=False) for side in SIDES},
        periodic=True,
        findings=_FINDINGS,
        source_sha256={name: hashlib.sha256((_FOLDER / name).read_bytes()).hexdigest() for name in (_MEAN, _SCALE)},
    )


def reference_spread() -> pd.DataFrame:
    """Return the standard deviation of the 54 strides behind the reference walk.

    Returns
    -------
    DataFrame
        100 rows, one for each percent of the stride from right foot strike to right foot strike
        (``percent_stride``); angles in degrees, ``pelvis_t*`` and ``cop_*`` in m, ``grf_*`` in N,
        ``free_moment_*`` in N·m. The centre of pressure is missing (NaN) in swing.
    """
    import pandas as pd

    return pd.read_csv(_FOLDER / _SPREAD)


def _read(name: str) -> dict[str, Array]:
    """The columns of a table by name; an empty cell is NaN."""
    with (_FOLDER / name).open(newline="", encoding="utf-8") as file:
        head, *rows = csv.reader(file)
    values = np.array([[float(cell or "nan") for cell in row] for row in rows])
    return dict(zip(head, values.T, strict=True))


def _closed(table: dict[str, Array], names: tuple[str, ...]) -> dict[str, Array]:
    """Return the table with the drift of the person from stride to stride taken out, so that the cycle closes.

    Over the recording the person drifted, so the mean stride does not end exactly where it begins. A ramp over the
    stride, zero in its middle, takes that step out of each coordinate. The centre of pressure goes with the pelvis:
    axes that move steadily leave the mechanics as they are.
    """
    closed = dict(table)
    ramp = (np.arange(float(_PHASES)) - 0.5 * (_PHASES - 1)) / _PHASES
    for name in names:
        drift = -_step_at_seam(table[name]) * ramp
        followers = [f"cop_r_{name[-1]}", f"cop_l_{name[-1]}"] if name in ("pelvis_tx", "pelvis_tz") else []
        for column in (name, *followers):
            closed[column] = table[column] - drift
    return closed


def _step_at_seam(values: Array) -> float:
    """Return by how much a periodic curve jumps from its last sample to its first.

    Least squares of a smooth curve (fourth order) and a step over the four samples on either side.
    """
    reach = 4
    at = np.arange(-reach, reach)
    design = np.column_stack([*((at + 0.5) ** power for power in range(5)), at >= 0])
    solution = np.linalg.lstsq(design, values[at], rcond=None)[0]
    return float(solution[-1])


def _scale_factors() -> dict[str, tuple[float, float, float]]:
    with (_FOLDER / _SCALE).open(newline="", encoding="utf-8") as file:
        rows = csv.DictReader(line for line in file if not line.startswith("#"))
        return {row["body"]: (float(row["x"]), float(row["y"]), float(row["z"])) for row in rows}


def _ground_reaction(table: dict[str, Array], side: Side, phase: NDArray[np.int_], time_s: Array) -> GroundReaction:
    letter = SIDE_SUFFIX[side]
    force_N = np.column_stack([table[f"grf_{letter}_{axis}"] for axis in "xyz"])
    contact = force_N[:, 1] >= CONTACT_THRESHOLD_N
    upwards = np.array([0.0, 1.0, 0.0])
    torque_Nm = table[f"free_moment_{letter}"][:, None] * upwards
    point_m = np.zeros_like(force_N)
    point_m[:, 0], point_m[:, 2] = table[f"cop_{letter}_x"], table[f"cop_{letter}_z"]
    strike = int(np.flatnonzero(contact & ~np.roll(contact, 1))[0])
    under_heel = (strike + _HEEL_PHASES[side]) % _PHASES
    for before in range(1, _HEEL_PHASES[side] + 1):
        carried_m = before * PERIOD_S / _PHASES * _BELT_SPEED_M_S
        point_m[under_heel - before] = point_m[under_heel] + np.array([carried_m, 0.0, 0.0])
    point_m = point_m[_nearest_in_cycle(contact)]
    force_N, torque_Nm = contact[:, None] * force_N, contact[:, None] * torque_Nm
    return GroundReaction(time_s, force_N[phase], point_m[phase], torque_Nm[phase])


def _nearest_in_cycle(valid: NDArray[np.bool_]) -> NDArray[np.int_]:
    """Return the index of the valid phase nearest to each phase, going round the cycle, (n,)."""
    n = len(valid)
    chosen = np.flatnonzero(valid)
    apart = np.abs(np.arange(n)[:, None] - chosen)
    nearest: NDArray[np.int_] = chosen[np.argmin(np.minimum(apart, n - apart), axis=1)]
    return nearest


def _crossings(vertical_N: Array, *, rising: bool) -> tuple[float, ...]:
    """Return when the vertical force crosses the contact threshold in one direction, in every cycle, s."""
    following = np.roll(vertical_N, -1)
    before, after = (vertical_N, following) if rising else (following, vertical_N)
    at = np.flatnonzero((before < CONTACT_THRESHOLD_N) & (after >= CONTACT_THRESHOLD_N))
    share = (CONTACT_THRESHOLD_N - vertical_N[at]) / (following[at] - vertical_N[at])
    phase = (at + share - _FIRST_PHASE) % _PHASES
    return tuple(float(t) for t in np.add.outer(np.arange(_CYCLES), phase / _PHASES).ravel() * PERIOD_S)
