"""Faults in the columns of a recording are named; absurd ones are refused."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from tests.synthetic import SyntheticWalk, synthetic_walk
from workbench.core.errors import TrialError
from workbench.trials import open_trial

Spoil = Callable[[SyntheticWalk], None]


def spike(walk: SyntheticWalk) -> None:
    walk.motion["knee_angle_r"][40] += 8.0


def held(walk: SyntheticWalk) -> None:
    for name, column in walk.motion.items():
        if name != "time":
            column[60:90] = column[60]


def flat(walk: SyntheticWalk) -> None:
    walk.motion["hip_adduction_l"][:] = 0.0


def exchanged(walk: SyntheticWalk) -> None:
    walk.motion["hip_flexion_r"], walk.motion["hip_adduction_r"] = (
        walk.motion["hip_adduction_r"],
        walk.motion["hip_flexion_r"],
    )


def no_shear(walk: SyntheticWalk) -> None:
    walk.forces["ground_force_r_vx"][:] = 0.0


def early_toe_off(walk: SyntheticWalk) -> None:
    walk.settings["events"] = {"right_foot_strike": [0.25, 1.35], "right_foot_off": [0.73, 1.83]}


@pytest.mark.parametrize(("spoil", "code"), [
    (spike, "spike"),
    (held, "frozen_motion"),
    (flat, "flat_angle"),
    (exchanged, "joint_range"),
    (no_shear, "flat_channel"),
    (early_toe_off, "early_event"),
])  # fmt: skip
def test_a_fault_is_named(tmp_path: Path, spoil: Spoil, code: str) -> None:
    walk = synthetic_walk()
    spoil(walk)
    assert code in [one.code for one in open_trial(walk.write(tmp_path)).findings]


def test_a_jump_of_a_turn_is_refused(tmp_path: Path) -> None:
    walk = synthetic_walk()
    walk.motion["hip_rotation_l"][70:] += 360.0
    with pytest.raises(TrialError, match=r"hip_rotation_l jumps by 360 degrees"):
        open_trial(walk.write(tmp_path))


def test_a_heading_that_passes_half_a_turn_is_none(tmp_path: Path) -> None:
    walk = synthetic_walk()
    walk.motion["pelvis_rotation"] = (walk.motion["pelvis_rotation"] + 360.0) % 360.0 - 180.0  # towards -X
    assert np.abs(np.diff(walk.motion["pelvis_rotation"])).max() > 300.0
    codes = [one.code for one in open_trial(walk.write(tmp_path)).findings]
    assert "spike" not in codes


def test_a_free_moment_in_newton_millimetres_is_refused(tmp_path: Path) -> None:
    walk = synthetic_walk()
    walk.forces["ground_torque_r_y"] *= 1000.0
    with pytest.raises(TrialError, match=r"newton millimetres"):
        open_trial(walk.write(tmp_path))


def test_a_fast_but_smooth_movement_is_no_spike(tmp_path: Path) -> None:
    walk = synthetic_walk()
    walk.motion["ankle_angle_r"] -= 10.0 * np.exp(-0.5 * ((walk.motion["time"] - 1.0) / 0.04) ** 2)
    assert "spike" not in [one.code for one in open_trial(walk.write(tmp_path)).findings]
