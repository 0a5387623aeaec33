"""The modified walk keeps its balance: force is mass times acceleration as well as in the recording."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tests.plate_recordings import s4_trial
from workbench.core.loads import knee_loads
from workbench.core.settings import GaitModification, LoadSettings
from workbench.core.vocabulary import LATERAL_SIGN, SIDES, Side
from workbench.simulation.walk import Walk

NONE = GaitModification()
CORNERS = [
    GaitModification(foot_progression_change_deg=turn, step_width_change_m=width)
    for turn in (-15.0, 15.0)
    for width in (-0.1, 0.1)
]
ONE_FOOT = GaitModification(foot_progression_change_deg=-10.0, step_width_change_m=0.06, sides="one")


def residual_pct_bw(walk: Walk, side: Side, change: GaitModification) -> float:
    found = walk.solve(walk.strides(side)[0], change).checks.residual_force_rms_pct_bw
    assert found is not None
    return found


@pytest.mark.parametrize("change", [*CORNERS, ONE_FOOT])
def test_nothing_unexplained_is_added_at_the_pelvis(built_in: Walk, change: GaitModification) -> None:
    assert residual_pct_bw(built_in, "left", change) < residual_pct_bw(built_in, "left", NONE) + 0.2


def test_with_the_pelvis_held_it_is(built_in: Walk) -> None:
    held = replace(CORNERS[1], balance="held")
    assert residual_pct_bw(built_in, "left", held) > residual_pct_bw(built_in, "left", NONE) + 2.0


def test_the_body_goes_part_of_the_way_towards_the_standing_foot(built_in: Walk) -> None:
    wider = GaitModification(step_width_change_m=0.1)
    place = built_in.model.coordinate_index["pelvis_tz"]
    for side in SIDES:
        stride = built_in.strides(side)[0]
        recorded, modified = (built_in.motion(stride, each) for each in (NONE, wider))
        middle = round(stride.stance_percent / 2.0)
        outwards_m = LATERAL_SIGN[side] * (modified.q - recorded.q)[middle, place]
        assert 0.2 < outwards_m / 0.05 < 0.3


def test_the_forces_change_as_the_body_accelerates(built_in: Walk) -> None:
    stride = built_in.strides("right")[0]
    recorded, modified = (built_in.motion(stride, each) for each in (NONE, GaitModification(step_width_change_m=0.1)))
    added = sum(
        (modified.ground_reactions[side].force_N - recorded.ground_reactions[side].force_N) @ built_in.walkway[2]
        for side in SIDES
    )
    # Over a closed stride the body gains no sideways speed.
    assert abs(np.mean(added[:-1])) < 0.002 * built_in.trial.subject.body_weight_N
    assert np.abs(added).max() > 0.01 * built_in.trial.subject.body_weight_N


def test_the_recording_tells_the_height_the_force_leans_from(built_in: Walk) -> None:
    for side in SIDES:
        found = built_in.lean_height(built_in.strides(side)[0])
        assert found.is_own
        assert found.height_m / built_in.trial.subject.height_m == pytest.approx(0.61, abs=0.02)


@pytest.mark.data
class TestRealModifiedWalk:
    """One woman's toe-in and toe-out walk beside what is simulated from her normal one, left leg.

    She turned by -20 and +14 degrees and widened her steps by 3 and 10 cm beyond what the turned heels give. The signs
    were used to choose the rule: a calibration, not a validation.
    """

    @pytest.fixture(scope="class")
    @classmethod
    def walk(cls, data_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Walk:
        return Walk(s4_trial("walking1", data_folder, tmp_path_factory.mktemp("s4")))

    def change(self, walk: Walk, change: GaitModification) -> dict[str, float]:
        stride = walk.strides("left")[0]
        before, after = (
            knee_loads(walk.solve(stride, each).mechanics, stride, walk.trial.subject, LoadSettings()).peaks
            for each in (NONE, change)
        )
        return {name: after[name] - before[name] for name in before}

    def test_toe_in(self, walk: Walk) -> None:
        # Measured: first peak -0.79, second +1.15 % BW ht; flexion -0.32; medial force -0.47 and +0.71 BW.
        found = self.change(walk, GaitModification(foot_progression_change_deg=-19.8, step_width_change_m=0.031))
        assert found["kam_peak_1_pct_bw_ht"] == pytest.approx(-0.79, abs=0.2)
        assert 0.3 < found["kam_peak_2_pct_bw_ht"] < 1.15
        assert found["kfm_peak_pct_bw_ht"] < 0.0
        assert found["mcf_peak_1_bw"] < 0.0 < found["mcf_peak_2_bw"]

    def test_toe_out(self, walk: Walk) -> None:
        # Measured: first peak -0.30, second -0.64; her knee was 4 degrees straighter and she walked 6 % slower.
        found = self.change(walk, GaitModification(foot_progression_change_deg=13.7, step_width_change_m=0.104))
        assert found["kam_peak_2_pct_bw_ht"] == pytest.approx(-0.64, abs=0.3)
        assert found["mcf_peak_2_bw"] < 0.0

    def test_in_balance_at_the_corners(self, walk: Walk) -> None:
        stride = walk.strides("left")[0]
        rms = [walk.solve(stride, each).checks.residual_force_rms_pct_bw or 0.0 for each in (NONE, *CORNERS)]
        assert max(rms[1:]) < rms[0] + 0.2
