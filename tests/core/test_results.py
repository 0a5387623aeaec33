"""Answers put together: means and spread over strides, changes, checks and notes."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from tests.core.mechanics import STRIDE, SUBJECT, N, axial_push, leg, solved
from workbench.core.findings import Finding
from workbench.core.loads import knee_loads
from workbench.core.results import Simulation, SolvedGait, assemble, loads_of_strides, solved_gait
from workbench.core.settings import GaitModification, LoadSettings, Processing
from workbench.core.types import LegMechanics, Motion, SolvedLeg, Stride, Trial
from workbench.core.vocabulary import CURVES, PEAKS

FOUND = (Finding("noted", "note", "recording", "A note."), Finding("odd", "doubtful", "recording", "Odd."))
TRIAL = Trial("made up", SUBJECT, Motion(np.arange(2.0), (), np.zeros((2, 0)), True), {}, findings=FOUND)
WEIGHT_N = SUBJECT.body_weight_N


def pushed(bw: float, medial_m: float) -> LegMechanics:
    return leg(external_knee_wrench=axial_push(bw * WEIGHT_N, medial_m))


def answer(
    baseline: list[SolvedLeg],
    modified: list[SolvedLeg] | None,
    strides: tuple[Stride, ...] = (STRIDE,),
    settings: LoadSettings | None = None,
) -> Simulation:
    """The answer made of these legs; None for no change."""
    settings = settings or LoadSettings()
    before = solved_gait(baseline, strides, SUBJECT, settings)
    return assemble(
        TRIAL, strides, GaitModification(foot_progression_change_deg=-10.0 * (modified is not None)), settings,
        Processing(), baseline=before,
        modified=before if modified is None else solved_gait(modified, strides, SUBJECT, settings),
        strides_found=7, provenance={"workbench": "x"},
    )  # fmt: skip


class TestSeveralStrides:
    loads = tuple(knee_loads(pushed(bw, 0.01), STRIDE, SUBJECT, LoadSettings()) for bw in (1.0, 1.2, 1.7))

    def test_curves_and_peaks_are_averaged(self) -> None:
        together = loads_of_strides(self.loads)
        np.testing.assert_allclose(together.curves["total_contact_force_bw"], 1.3)
        assert together.peaks["tcf_peak_1_bw"] == pytest.approx(1.3)
        assert set(together.curves) == set(CURVES)
        assert set(together.peaks) == set(PEAKS)

    def test_the_spread_is_the_sample_standard_deviation(self) -> None:
        together = loads_of_strides(self.loads)
        deviation = np.sqrt((0.3**2 + 0.1**2 + 0.4**2) / 2.0)
        assert together.curves_sd is not None
        assert together.peaks_sd is not None
        np.testing.assert_allclose(together.curves_sd["total_contact_force_bw"], deviation)
        assert together.peaks_sd["tcf_peak_2_bw"] == pytest.approx(deviation)

    def test_one_stride_has_no_spread(self) -> None:
        alone = loads_of_strides(self.loads[:1])
        assert alone.curves_sd is None
        assert alone.peaks_sd is None
        assert alone.peaks == self.loads[0].peaks

    def test_the_mean_of_the_peaks_is_not_the_peak_of_the_mean(self) -> None:
        # Two strides that peak at different instants.
        early, late = (np.exp(-(((np.arange(101.0) - at) / 2.0) ** 2)) for at in (10.0, 20.0))
        loads = [
            knee_loads(leg(external_knee_wrench=axial_push(WEIGHT_N * curve, 0.01)), STRIDE, SUBJECT, LoadSettings())
            for curve in (early, late)
        ]
        together = loads_of_strides(loads)
        assert together.peaks["tcf_peak_1_bw"] == pytest.approx(1.0)
        assert together.curves["total_contact_force_bw"].max() == pytest.approx(0.5, abs=0.01)


class TestChange:
    def test_it_is_modified_minus_baseline(self) -> None:
        simulation = answer([solved(pushed(1.0, 0.02))], [solved(pushed(1.1, 0.01))])
        assert simulation.change["tcf_peak_1_bw"] == pytest.approx(0.1)
        assert simulation.change["kam_peak_1_pct_bw_ht"] == pytest.approx(100.0 * (0.011 - 0.02) / 1.75)

    def test_small_changes_of_the_first_kam_peak_are_marked_as_noise(self) -> None:
        # 0.36 % body weight times height are 6.3 mm of lever at one body weight.
        for millimetres, below in ((6.2, True), (-6.2, True), (6.4, False), (-6.4, False)):
            simulation = answer([solved(pushed(1.0, 0.02))], [solved(pushed(1.0, 0.02 + millimetres / 1000.0))])
            assert simulation.below_noise == {"kam_peak_1_pct_bw_ht": below}

    def test_no_change_is_the_same_object(self) -> None:
        simulation = answer([solved(pushed(1.0, 0.02))], None)
        assert simulation.modified is simulation.baseline
        assert set(simulation.change.values()) == {0.0}


class TestChecks:
    def test_each_is_the_worst_over_the_strides(self) -> None:
        before = [solved(pushed(1.0, 0.0), residual_force_pct_bw=value) for value in (2.0, 5.0)]
        after = [solved(pushed(1.0, 0.0), centre_of_pressure_outside_foot_m=value) for value in (0.03, 0.01)]
        checks = answer(before, after, strides=(STRIDE, replace(STRIDE, number=2))).checks
        assert checks["residual_force_pct_bw_baseline"] == 5.0
        assert checks["residual_force_pct_bw_modified"] == 1.0
        assert checks["centre_of_pressure_outside_foot_m_modified"] == 0.03

    def test_a_residual_that_nobody_knows_is_none(self) -> None:
        one = solved(pushed(1.0, 0.0), residual_force_pct_bw=None)
        assert answer([one], [one]).checks["residual_force_pct_bw_baseline"] is None

    def test_residuals_of_interpolated_mechanics_are_unknown(self) -> None:
        strides = (STRIDE, replace(STRIDE, number=2))
        gait = solved_gait([solved(pushed(1.0, 0.0))] * 2, strides, SUBJECT, LoadSettings())
        interpolated = replace(gait.checks[1], residual_force_pct_bw=None)
        partly = SolvedGait(gait.loads, (gait.checks[0], interpolated))
        checks = assemble(
            TRIAL, strides, GaitModification(), LoadSettings(), Processing(),
            baseline=gait, modified=partly, strides_found=2, provenance={},
        ).checks  # fmt: skip
        assert checks["residual_force_pct_bw_baseline"] == 1.0
        assert checks["residual_force_pct_bw_modified"] is None

    def test_lift_off_and_reserves_of_either_gait_are_told(self) -> None:
        lifted, weak = pushed(1.0, 0.03), leg(joint_moment_Nm=np.full((N, 1), -150.0))
        checks = answer([solved(lifted)], [solved(weak)], settings=LoadSettings(compartments_may_lift_off=True)).checks
        assert checks["lift_off_prevented_lateral_bw"] == 0.0
        assert checks["lowest_lateral_force_bw"] == pytest.approx(0.5 - 0.75)
        assert checks["largest_activation"] == pytest.approx(1.0)
        assert checks["largest_reserve_moment_Nm"] == pytest.approx(50.0)  # 2000 N on 50 mm give 100 of the 150 N m
        assert checks["largest_reserve_moment_Nm_baseline"] == pytest.approx(0.0, abs=0.1)
        assert float(checks["lowest_lateral_force_bw_modified"] or 0.0) > 0.0

    def test_what_it_takes_to_prevent_lift_off_is_told_of_the_gait_that_takes_most(self) -> None:
        checks = answer([solved(pushed(1.0, 0.03))], [solved(pushed(1.0, 0.04))]).checks
        assert checks["lowest_lateral_force_bw"] >= 0.0  # type: ignore[operator]
        assert checks["lift_off_prevented_lateral_bw"] == pytest.approx(0.5)  # a lever of 40 mm instead of 20
        assert checks["lift_off_prevented_medial_bw"] == 0.0
        assert checks["lift_off_prevented_muscle_force_bw"] == pytest.approx(1.0)
        assert checks["lift_off_prevented_contact_force_bw"] == pytest.approx(1.0)
        assert checks["lift_off_prevented_activation"] == pytest.approx(0.5 * WEIGHT_N / 2000.0)


class TestWhatIsPassedOn:
    model = Finding("evenly_scaled_model", "doubtful", "model", "Scaled evenly.")

    def test_what_trial_model_and_checks_found_the_worst_first_and_once(self) -> None:
        one = replace(solved(pushed(1.0, 0.0), residual_force_pct_bw=30.0), findings=(self.model, *TRIAL.findings))
        simulation = answer([one], [one])
        assert [finding.code for finding in simulation.findings] == [
            "residual_force", "odd", "evenly_scaled_model", "noted"
        ]  # fmt: skip
        assert simulation.notes[1:] == ("Odd.", "Scaled evenly.", "A note.")

    def test_a_lone_stance_is_told(self) -> None:
        one = [solved(pushed(1.0, 0.0))]
        stance = replace(STRIDE, end_s=STRIDE.toe_off_s)
        assert any("impulses refer to one stance" in note for note in answer(one, one, strides=(stance,)).notes)

    def test_one_stride_needs_one_leg(self) -> None:
        with pytest.raises(ValueError, match="argument"):
            answer([solved(pushed(1.0, 0.0))], None, strides=(STRIDE, STRIDE))

    def test_what_it_was_made_with(self) -> None:
        one = [solved(pushed(1.0, 0.0))]
        simulation = answer(one, one)
        assert (simulation.trial_name, simulation.side, simulation.strides_found) == ("made up", "right", 7)
        assert simulation.provenance == {"workbench": "x"}
        assert simulation.strides == (STRIDE,)
