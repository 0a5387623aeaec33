"""A trunk that leans moves the body: momentum, balance, and what is known of people who lean."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.plate_recordings import s4_trial
from workbench.core import gait
from workbench.core.loads import knee_loads
from workbench.core.settings import GaitModification, LoadSettings
from workbench.core.vocabulary import LATERAL_SIGN, SIDES, Side
from workbench.simulation.body_momentum import momentum_matrix, momentum_per_rate
from workbench.simulation.posture import stance_posture
from workbench.simulation.walk import Walk

NONE = GaitModification()
LEANT = GaitModification(trunk_lean_change_deg=10.0)


def change(walk: Walk, side: Side, modification: GaitModification) -> dict[str, float]:
    stride = walk.strides(side)[0]
    before, after = (
        knee_loads(walk.solve(stride, each).mechanics, stride, walk.trial.subject, LoadSettings()).peaks
        for each in (NONE, modification)
    )
    return {name: after[name] - before[name] for name in before}


def test_the_momentum_is_that_of_simbody(built_in: Walk) -> None:
    model, motion = built_in.model, built_in.motion(built_in.strides("left")[0], NONE)
    for i in (10, 60):
        model.set_state(motion.q[i], motion.u[i])
        ours = momentum_matrix(model) @ motion.u[i]
        model.model.realizeDynamics(model.state)
        simbody = model.matter.calcSystemCentralMomentum(model.state)
        np.testing.assert_allclose(ours, np.concatenate([simbody.get(k).to_numpy() for k in (0, 1)]), atol=1e-9)


def test_a_trunk_that_leans_to_the_right_carries_momentum_to_the_right(built_in: Walk) -> None:
    q = built_in.motion(built_in.strides("left")[0], NONE).q[[30]]
    (inertia,) = momentum_per_rate(built_in.model, q, [built_in.model.coordinate_index["lumbar_bending"]], np.eye(3))
    # Head, arms and trunk about the centre of mass of the body: 2/3 of the mass, a quarter of a metre above it.
    assert 3.0 < inertia < 10.0


class TestLean:
    def test_is_reached_and_is_the_spine_s(self, built_in: Walk) -> None:
        for side in SIDES:
            stride = built_in.strides(side)[0]
            recorded, leant = (stance_posture(built_in, stride, each) for each in (NONE, LEANT))
            assert recorded.trunk_lean_deg is not None
            assert leant.trunk_lean_deg is not None
            assert leant.trunk_lean_deg - recorded.trunk_lean_deg == pytest.approx(10.0, abs=0.3)

    def test_nothing_unexplained_is_added_at_the_pelvis(self, built_in: Walk) -> None:
        stride = built_in.strides("left")[0]
        recorded, *leant = (
            built_in.solve(stride, each).checks
            for each in (NONE, LEANT, GaitModification(trunk_lean_change_deg=12.0, lean_other_side=1.0))
        )
        assert recorded.residual_force_rms_pct_bw is not None
        for checks in leant:
            assert checks.residual_force_rms_pct_bw is not None
            assert checks.residual_force_rms_pct_bw < recorded.residual_force_rms_pct_bw + 0.2
            assert checks.foot_missed_mm < 2.0

    def test_the_pelvis_gives_way_and_the_force_leans_outwards(self, built_in: Walk) -> None:
        side: Side = "right"
        stride = built_in.strides(side)[0]
        recorded, leant = (built_in.motion(stride, each) for each in (NONE, LEANT))
        early = round(0.35 * stride.stance_percent)
        outwards = LATERAL_SIGN[side] * built_in.walkway[2]
        place = built_in.model.coordinate_index["pelvis_tz"]
        assert -0.05 < LATERAL_SIGN[side] * (leant.q - recorded.q)[early, place] < -0.02
        added = (leant.ground_reactions[side].force_N - recorded.ground_reactions[side].force_N) @ outwards
        assert 0.005 < added[early] / built_in.trial.subject.body_weight_N < 0.03

    def test_lowers_the_first_peak_in_proportion(self, built_in: Walk) -> None:
        # Larger lean, larger fall (Simic et al. 2012, PMID 22556125); both ways by 10 degrees, more than
        # half of the peak (Muendermann et al. 2008, J Biomech 41:165).
        for side in SIDES:
            small, large = (
                change(built_in, side, GaitModification(trunk_lean_change_deg=each))["kam_peak_1_pct_bw_ht"]
                for each in (5.0, 10.0)
            )
            assert -1.6 < large < -1.0
            assert small / large == pytest.approx(0.5, abs=0.05)
        both = change(built_in, "left", GaitModification(trunk_lean_change_deg=10.0, lean_other_side=1.0))
        assert both["kam_peak_1_pct_bw_ht"] < -1.8

    def test_beside_other_changes_adds_to_them(self, built_in: Walk) -> None:
        toe_in = GaitModification(foot_progression_change_deg=-10.0)
        together = change(built_in, "right", LEANT.changed({"foot_progression_change_deg": -10.0}))
        apart = [change(built_in, "right", each) for each in (LEANT, toe_in)]
        for name in ("kam_peak_1_pct_bw_ht", "kam_peak_2_pct_bw_ht"):
            assert together[name] == pytest.approx(sum(each[name] for each in apart), abs=0.1)


class TestStepLength:
    longer, shorter = (GaitModification(step_length_change_m=each) for each in (0.05, -0.05))

    def test_is_reached_at_the_recorded_cadence(self, built_in: Walk) -> None:
        for side in SIDES:
            stride = built_in.strides(side)[0]
            recorded, longer = (stance_posture(built_in, stride, each).step_length_m for each in (NONE, self.longer))
            assert longer - recorded == pytest.approx(0.05, abs=0.003)

    def test_nothing_unexplained_is_added_at_the_pelvis(self, built_in: Walk) -> None:
        stride = built_in.strides("left")[0]
        recorded, *changed = (built_in.solve(stride, each).checks for each in (NONE, self.longer, self.shorter))
        assert recorded.residual_force_rms_pct_bw is not None
        for checks in changed:
            assert checks.residual_force_rms_pct_bw is not None
            assert checks.residual_force_rms_pct_bw < recorded.residual_force_rms_pct_bw + 0.3
            assert checks.foot_missed_mm < 5.0

    def test_a_longer_step_brakes_and_pushes_more_and_rises_and_falls_more(self, built_in: Walk) -> None:
        stride = built_in.strides("right")[0]
        recorded, longer = (built_in.motion(stride, each).ground_reactions["right"] for each in (NONE, self.longer))
        weight_N = built_in.trial.subject.body_weight_N
        forward = np.stack([each.force_N @ built_in.walkway[0] for each in (recorded, longer)]) / weight_N
        assert forward[1].min() < forward[0].min() - 0.005
        assert forward[1].max() > forward[0].max() + 0.005
        vertical = np.stack([each.force_N[:, 1] for each in (recorded, longer)]) / weight_N
        middle = round(0.5 * stride.stance_percent)
        assert vertical[1].max() > vertical[0].max() + 0.01
        assert vertical[1, middle] < vertical[0, middle] - 0.01

    def test_shorter_steps_lower_the_sagittal_moment_more_than_the_frontal_one(self, built_in: Walk) -> None:
        # Shorter strides lower KAM and KFM (Edd et al. 2020, J Biomech Eng 142:074505); stride length bears on sagittal
        # moments more than on frontal ones (Ardestani et al. 2016, doi 10.1016/j.gaitpost.2016.02.005).
        for side in SIDES:
            shorter, longer = (change(built_in, side, each) for each in (self.shorter, self.longer))
            assert shorter["kfm_peak_pct_bw_ht"] < -0.3
            assert shorter["kfm_peak_pct_bw_ht"] < 2.0 * shorter["kam_peak_1_pct_bw_ht"] < 0.0
            assert longer["kfm_peak_pct_bw_ht"] > 0.3


class TestKneeInwards:
    inwards, outwards = (GaitModification(knee_medialisation_m=each) for each in (0.01, -0.01))

    def test_is_reached_and_the_foot_stays_but_for_its_roll(self, built_in: Walk) -> None:
        for side in SIDES:
            stride = built_in.strides(side)[0]
            recorded, moved = (stance_posture(built_in, stride, each).knee_inwards_m for each in (NONE, self.inwards))
            assert moved - recorded == pytest.approx(0.01, abs=0.0015)
            checks = built_in.solve(stride, self.inwards).checks
            assert checks.foot_missed_mm < 2.0
            assert checks.foot_missed_deg < 2.0

    def test_lowers_both_peaks(self, built_in: Walk) -> None:
        # Medial thrust lowered the KAM by a third to a half (Fregly et al. 2007, IEEE Trans Biomed Eng).
        for side in SIDES:
            inwards, outwards = (change(built_in, side, each) for each in (self.inwards, self.outwards))
            for peak in ("kam_peak_1_pct_bw_ht", "kam_peak_2_pct_bw_ht"):
                assert -0.9 < inwards[peak] < -0.3
                assert inwards[peak] + outwards[peak] == pytest.approx(0.0, abs=0.15)


class TestPelvicDrop:
    def test_is_reached_while_the_trunk_stays(self, built_in: Walk) -> None:
        stride = built_in.strides("left")[0]
        dropped = GaitModification(pelvic_drop_change_deg=4.0)
        before, after = (stance_posture(built_in, stride, each) for each in (NONE, dropped))
        assert after.pelvic_drop_deg - before.pelvic_drop_deg == pytest.approx(4.0, abs=0.2)
        assert before.trunk_lean_deg is not None
        assert after.trunk_lean_deg == pytest.approx(before.trunk_lean_deg, abs=0.3)

    def test_raises_the_first_peak(self, built_in: Walk) -> None:
        # 4 degrees of drop: 0.40 to 0.55 N m/kg (Dunphy et al. 2016), about 0.9 % BW ht.
        for side in SIDES:
            more, less = (
                change(built_in, side, GaitModification(pelvic_drop_change_deg=each))["kam_peak_1_pct_bw_ht"]
                for each in (4.0, -4.0)
            )
            assert 0.1 < more < 0.9
            assert more + less == pytest.approx(0.0, abs=0.05)


def test_the_swing_has_the_average_that_was_asked_for() -> None:
    stance = np.linspace(0.0, 0.31, 51)
    for peak in (0.25, 0.5):
        for other_side in (0.0, 0.5, 1.0):
            swing = gait.swing_towards_stance(stance, 0.62, peak=peak, other_side=other_side)
            assert swing.mean() == pytest.approx(1.0, abs=1e-9)


@pytest.mark.data
def test_one_woman_s_lean_lowers_her_first_peak_as_much_as_it_did(data_folder: Path, tmp_path: Path) -> None:
    # S4 leant by 17.6 degrees towards the left leg: first peak -2.2 % BW ht. Not used to choose anything.
    walk = Walk(s4_trial("walking1", data_folder, tmp_path))
    found = change(walk, "left", GaitModification(trunk_lean_change_deg=17.6))
    assert found["kam_peak_1_pct_bw_ht"] == pytest.approx(-2.2, abs=0.4 * 2.2)
    assert found["mcf_peak_1_bw"] < -0.5
    assert found["lcf_peak_1_bw"] > 0.3
