"""A fault in plates, clock or joint angles is named by the balance of the whole body."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from workbench.core.findings import Finding
from workbench.core.types import GroundReaction, Trial
from workbench.core.vocabulary import SIDES
from workbench.simulation.balance import measured_balance
from workbench.simulation.balance_checks import balance_findings
from workbench.simulation.walk import Walk


def test_the_built_in_walk_keeps_its_balance(walk: Walk) -> None:
    balance = measured_balance(walk.model, walk._prepared, walk.trial, walk.walkway)
    assert balance is not None
    assert list(balance_findings(balance, walk.trial, walk.model)) == []
    assert balance.gain == pytest.approx(1.0, abs=0.01)  # the mean force of a whole stride is the weight
    assert balance.lag_s == pytest.approx(0.0, abs=0.005)


def test_late_forces_are_timed(reference: Trial) -> None:
    assert codes(spoiled(reference, delay_s=0.04)) == ["late_forces"]
    assert "lag the motion by 40 ms" in problems(spoiled(reference, delay_s=0.04))
    assert "lead the motion by 60 ms" in problems(spoiled(reference, delay_s=-0.06))


@pytest.mark.parametrize("shift_m", [-0.03, 0.03])
def test_plates_shifted_sideways(reference: Trial, shift_m: float) -> None:
    assert "plate_sideways" in codes(spoiled(reference, shift_m=(0.0, 0.0, shift_m)))
    assert f"to the {'right' if shift_m > 0 else 'left'}" in problems(spoiled(reference, shift_m=(0.0, 0.0, shift_m)))


@pytest.mark.parametrize(("scale", "code"), [
    ((0.0, 1.0, 1.0), "shear_size"),
    ((-1.0, 1.0, 1.0), "shear_size"),
    ((1.0, 1.0, 0.0), "shear_size"),
    ((4.448, 1.0, 4.448), "shear_size"),
    ((0.85, 0.85, 0.85), "force_gain"),
    ((1.25, 1.25, 1.25), "force_gain"),
])  # fmt: skip
def test_gains_of_the_plates(reference: Trial, scale: tuple[float, float, float], code: str) -> None:
    assert code in codes(spoiled(reference, scale=scale))


def test_one_plate_that_reads_too_little_is_named(reference: Trial) -> None:
    reactions = dict(reference.ground_reactions)
    left = reactions["left"]
    reactions["left"] = replace(left, force_N=0.8 * left.force_N)
    found = problems(replace(reference, ground_reactions=reactions))
    assert "The left plate reads 0.80 of" in found
    assert "The right plate" not in found


def test_an_offset_of_a_hip_angle_is_no_plate(reference: Trial) -> None:
    values = reference.motion.values.copy()
    values[:, reference.motion.names.index("hip_adduction_r")] += 5.0
    moved = replace(reference, motion=replace(reference.motion, values=values))
    assert "leg_motion" in codes(moved)


def spoiled(
    trial: Trial,
    *,
    delay_s: float = 0.0,
    shift_m: tuple[float, float, float] = (0.0, 0.0, 0.0),
    scale: tuple[float, float, float] = (1.0, 1.0, 1.0),
) -> Trial:
    reactions = {}
    for side in SIDES:
        one = trial.ground_reactions[side]
        reactions[side] = GroundReaction(
            one.time_s + delay_s, one.force_N * np.array(scale), one.point_m + np.array(shift_m), one.torque_Nm
        )
    # Events given with the trial are those of the forces.
    return replace(trial, ground_reactions=reactions, foot_strikes_s={}, foot_offs_s={}, periodic=False)


def codes(trial: Trial) -> list[str]:
    return [one.code for one in findings(trial)]


def problems(trial: Trial) -> str:
    return " ".join(one.problem for one in findings(trial))


def findings(trial: Trial) -> list[Finding]:
    walk = Walk(trial)
    balance = measured_balance(walk.model, walk._prepared, walk.trial, walk.walkway)
    assert balance is not None
    return list(balance_findings(balance, trial, walk.model))
