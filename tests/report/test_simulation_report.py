"""Answers as text, JSON and CSV."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from io import StringIO

import numpy as np
import pandas as pd
import pytest

from tests.core.mechanics import STRIDE, SUBJECT, axial_push, leg, solved
from workbench.core.findings import Finding
from workbench.core.implant import compare_simulation
from workbench.core.results import Simulation, assemble, solved_gait
from workbench.core.settings import GaitModification, LoadSettings, Processing
from workbench.core.types import MeasuredLoads, Motion, Stride, Trial
from workbench.core.vocabulary import CURVES, DISCLAIMER, PEAKS
from workbench.report import simulation_report

WEIGHT_N = SUBJECT.body_weight_N
TRIAL = Trial("made up", SUBJECT, Motion(np.arange(2.0), (), np.zeros((2, 0)), True), {},
              findings=(Finding("bumps", "note", "recording", "Made of two bumps."),))  # fmt: skip
BUMPS = np.exp(-(((np.arange(101.0) - 15.0) / 6.0) ** 2)) + 0.8 * np.exp(-(((np.arange(101.0) - 45.0) / 6.0) ** 2))


def answer(
    modification: GaitModification,
    *,
    medial_m: float = 0.05,
    modified_m: float = 0.047,
    strides: tuple[Stride, ...] = (STRIDE,),
    settings: LoadSettings | None = None,
    **checks: float | None,
) -> Simulation:
    """A leg whose ground force passes so far medial of the knee, in either gait."""
    settings, gaits = settings or LoadSettings(), []
    for lever_m in (medial_m, modified_m):
        legs = [
            solved(leg(external_knee_wrench=axial_push(WEIGHT_N * BUMPS * (1.0 + 0.1 * i), lever_m)), **checks)
            for i in range(len(strides))
        ]
        gaits.append(solved_gait(legs, strides, SUBJECT, settings))
    return assemble(
        TRIAL, strides, modification, settings, Processing(), baseline=gaits[0],
        modified=gaits[0] if modification.is_none else gaits[1], strides_found=3,
        provenance={"workbench": "0.0", "sha256": {"walk.mot": "ab" * 32}},
    )  # fmt: skip


TOE_IN = GaitModification(foot_progression_change_deg=-10.0)


class TestPeaksTable:
    def test_one_row_for_each_number_with_change_and_percent(self) -> None:
        table = simulation_report.peaks_table(answer(TOE_IN))
        assert list(table.index) == list(PEAKS)
        first = table.loc["kam_peak_1_pct_bw_ht"]
        assert first.recorded == pytest.approx(5.0 / 1.75)
        assert first.modified == pytest.approx(4.7 / 1.75)
        assert first.change == pytest.approx(-0.3 / 1.75)
        assert first.percent == pytest.approx(-6.0)
        assert first.unit == "% BW·ht"

    def test_percent_are_of_the_size_of_the_recorded_value(self) -> None:
        # Lift-off that grows from -0.5 to -0.6 body weight is a fall, by a fifth.
        plain = answer(TOE_IN)
        before, after = (
            replace(plain.baseline, peaks={**plain.baseline.peaks, "lcf_peak_1_bw": value}) for value in (-0.5, -0.6)
        )
        row = simulation_report.peaks_table(replace(plain, baseline=before, modified=after)).loc["lcf_peak_1_bw"]
        assert row.percent == pytest.approx(-20.0)

    def test_there_is_no_percent_of_nothing(self) -> None:
        table = simulation_report.peaks_table(answer(TOE_IN))
        assert table.loc["kfm_peak_pct_bw_ht"].recorded == 0.0
        assert math.isnan(table.loc["kfm_peak_pct_bw_ht"].percent)

    def test_a_change_below_the_test_retest_error_is_remarked_on(self) -> None:
        small = simulation_report.peaks_table(answer(TOE_IN))["remark"]
        assert small["kam_peak_1_pct_bw_ht"] == "below test-retest error 0.36 (Birmingham et al. 2007)"
        assert (small.drop(["kam_peak_1_pct_bw_ht", "step_width_m"]) == "").all()
        large = simulation_report.peaks_table(answer(TOE_IN, modified_m=0.043))[
            "remark"
        ]  # 0.40 % body weight times height
        assert (large.drop("step_width_m") == "").all()

    def test_a_step_width_that_changes_because_the_feet_turn_is_explained(self) -> None:
        name = "step_width_m"
        assert "which move as the feet turn" in simulation_report.peaks_table(answer(TOE_IN)).loc[name, "remark"]
        wider = GaitModification(step_width_change_m=0.05)
        assert simulation_report.peaks_table(answer(wider)).loc[name, "remark"] == ""

    def test_no_change_is_not_remarked_on(self) -> None:
        assert (simulation_report.peaks_table(answer(GaitModification()))["remark"] == "").all()


class TestText:
    def test_it_tells_who_what_and_with_which_assumptions(self) -> None:
        text = simulation_report.simulation_text(answer(replace(TOE_IN, step_width_change_m=0.04)))
        assert text.startswith("made up: right leg, stride 1 of 3, from 0.00 s; 80 kg, 1.75 m\n")
        assert "Change: toe-in 10° and 4 cm wider steps (assumed: both feet, pivot 0.5 × foot length" in text
        assert "body sways with the feet, ground force aims at a height of 0.7 × body height" in text
        assert "muscle weights 'contact', contact points 40 mm apart, offset 0 mm" in text
        assert "Note (recording): Made of two bumps." in text
        assert text.endswith(DISCLAIMER)

    def test_other_changes_are_named_the_right_way_round(self) -> None:
        other = GaitModification(
            foot_progression_change_deg=7.5, step_width_change_m=-0.03, sides="one", balance="held",
            virtual_point_statures=None,
        )  # fmt: skip
        text = simulation_report.simulation_text(answer(other))
        assert "toe-out 7.5° and 3 cm narrower steps (assumed: one foot" in text
        assert "ground force keeps its recorded direction" in text

    def test_the_row_of_a_peak(self) -> None:
        rows = simulation_report.simulation_text(answer(TOE_IN)).splitlines()
        row = next(row for row in rows if row.startswith("KAM, first peak"))
        assert row.split()[3:8] == ["2.857", "2.686", "-0.171", "-6.0", "%"]
        assert row.endswith("% BW·ht  below test-retest error 0.36 (Birmingham et al. 2007)")

    def test_without_a_change_there_is_one_column(self) -> None:
        text = simulation_report.simulation_text(answer(GaitModification()))
        assert "Change: none (muscle weights" in text
        rows = text.splitlines()
        head = next(row for row in rows if "recorded" in row)
        assert "modified" not in head
        assert next(row for row in rows if row.startswith("KAM, first peak")).endswith("2.857  % BW·ht")

    def test_curves_are_drawn_on_their_own_scale(self) -> None:
        rows = simulation_report.simulation_text(answer(TOE_IN)).splitlines()
        number = next(i for i, row in enumerate(rows) if row.startswith("Knee adduction moment"))
        recorded, modified = (rows[number + i][25:76] for i in (0, 1))
        assert len(recorded) == len(modified) == 51
        assert recorded[15 // 2] == "█"
        assert modified[15 // 2] != "▁"
        assert recorded[80 // 2] == "▁"
        assert rows[number].endswith("0.00 to 2.86 % BW·ht")

    def test_checks_that_matter_are_told(self) -> None:
        text = simulation_report.simulation_text(
            answer(TOE_IN, residual_force_pct_bw=12.34, centre_of_pressure_outside_foot_m=0.031)
        )
        assert "Doubtful (recording): The residual force at the pelvis reaches 12.3 % BW in the recorded walk." in text
        # 50 mm medial of points 20 mm beside the middle: each newton of pull takes two of muscle.
        assert (
            "Muscles prevent lift-off of the lateral compartment, which would otherwise pull with up to 0.75 BW in the"
            " recorded walk" in text
        )
        assert "lifts off in the model" not in text
        assert "centre of pressure lies up to 3.1 cm outside" in text

    def test_lift_off_is_told_where_it_is_allowed(self) -> None:
        settings = LoadSettings(compartments_may_lift_off=True, gastrocnemius_weight=5.0)
        text = simulation_report.simulation_text(answer(TOE_IN, settings=settings))
        assert "lateral compartment lifts off in the model, pulling with up to 0.75 BW" in text
        assert "prevent lift-off" not in text
        assert "muscle weights 'contact', gastrocnemius 5, contact points" in text
        assert "offset 0 mm, compartments may lift off)" in text

    def test_checks_that_do_not_are_not(self) -> None:
        text = simulation_report.simulation_text(
            answer(TOE_IN, medial_m=0.01, modified_m=0.01, residual_force_pct_bw=None)
        )
        assert "Residuals at the pelvis were not computed" in text
        assert "lifts off in the model" not in text
        assert "prevent lift-off" not in text
        assert "outside the foot" not in text

    def test_a_mean_and_a_stance_say_so(self) -> None:
        several = answer(TOE_IN, strides=(STRIDE, replace(STRIDE, number=2)))
        assert "mean of 2 strides" in simulation_report.simulation_text(several)
        stance = answer(TOE_IN, strides=(replace(STRIDE, end_s=STRIDE.toe_off_s),))
        assert "stance 1 of 3" in simulation_report.simulation_text(stance)


class TestDocument:
    def test_it_is_json_without_missing_numbers(self) -> None:
        document = simulation_report.simulation_document(answer(TOE_IN, residual_force_pct_bw=None))
        again = json.loads(json.dumps(document, allow_nan=False))
        assert again["schema"] == "workbench.simulation/1"
        assert again["checks"]["residual_force_pct_bw_baseline"] is None
        assert again["below_test_retest_error"] == {"kam_peak_1_pct_bw_ht": True}
        assert again["summary"]["change"]["kam_peak_1_pct_bw_ht"] == pytest.approx(-0.3 / 1.75)
        assert again["spread"] is None

    def test_several_strides_have_a_spread(self) -> None:
        document = simulation_report.simulation_document(answer(TOE_IN, strides=(STRIDE, replace(STRIDE, number=2))))
        assert document["trial"]["strides"] == 2  # type: ignore[index]
        assert document["trial"]["stride"] is None  # type: ignore[index]
        spread = document["spread"]
        assert isinstance(spread, dict)
        # Two values, 5.0 and 5.5 over 1.75.
        assert spread["summary_sd"]["kam_peak_1_pct_bw_ht"] == pytest.approx(0.5 / 1.75 / np.sqrt(2.0))

    def test_a_stance_is_named_as_the_unit(self) -> None:
        stance = answer(TOE_IN, strides=(replace(STRIDE, end_s=STRIDE.toe_off_s),))
        document = simulation_report.simulation_document(stance)
        assert document["trial"]["unit"] == "stance"  # type: ignore[index]
        assert document["trial"]["stance_percent"] == pytest.approx(100.0)  # type: ignore[index]


class TestCsv:
    def test_curves_come_back_to_the_last_digit(self) -> None:
        simulation = answer(TOE_IN)
        table = pd.read_csv(StringIO(simulation_report.curves_csv(simulation)), comment="#", dtype=str).astype(float)
        np.testing.assert_array_equal(table["percent"], np.arange(101.0))
        for name in CURVES:
            np.testing.assert_array_equal(table[f"recorded_{name}"], simulation.baseline.curves[name])
            np.testing.assert_array_equal(table[f"modified_{name}"], simulation.modified.curves[name])

    def test_the_head_tells_where_the_numbers_come_from(self) -> None:
        simulation = answer(TOE_IN)
        head = [line[2:] for line in simulation_report.curves_csv(simulation).splitlines() if line.startswith("# ")]
        told = {key: json.loads(value) for key, value in (line.split(": ", 1) for line in head)}
        document = json.loads(json.dumps(simulation_report.simulation_document(simulation)))
        for key in (
            "schema",
            "trial",
            "modification",
            "summary",
            "checks",
            "findings",
            "notes",
            "disclaimer",
            "provenance",
        ):
            assert told[key] == document[key]
        assert told["provenance"]["sha256"] == {"walk.mot": "ab" * 32}

    def test_several_strides_have_their_spread_beside_them(self) -> None:
        several = answer(TOE_IN, strides=(STRIDE, replace(STRIDE, number=2)))
        table = pd.read_csv(StringIO(simulation_report.curves_csv(several)), comment="#", dtype=str).astype(float)
        assert several.baseline.curves_sd is not None
        for name in CURVES:
            np.testing.assert_array_equal(table[f"recorded_sd_{name}"], several.baseline.curves_sd[name])


class TestValidation:
    clock_s = np.arange(-0.2, 1.3, 0.005)

    def measured(self, bias_N: float) -> MeasuredLoads:
        # What the leg of `answer` carries at 10 mm of lever: three quarters medially, a quarter laterally.
        total = WEIGHT_N * np.interp(self.clock_s, np.arange(101.0) / 100.0, BUMPS, left=0.0, right=0.0)
        return MeasuredLoads("right", self.clock_s, 0.75 * total + bias_N, 0.25 * total)

    def test_errors_are_told_in_newtons_and_body_weight(self) -> None:
        simulation = answer(GaitModification(), medial_m=0.01)
        comparison = compare_simulation(simulation, self.measured(bias_N=100.0))
        document = json.loads(
            json.dumps(simulation_report.validation_document(simulation, comparison, None), allow_nan=False)
        )
        medial = document["agreement"]["medial"]
        assert medial["root_mean_square_error_N"] == pytest.approx(100.0, abs=1.0)
        assert medial["root_mean_square_error_bw"] == pytest.approx(100.0 / WEIGHT_N, abs=0.002)
        assert medial["r"] > 0.999
        assert medial["simulated_peaks_bw"] == pytest.approx([0.75, 0.6], abs=1e-3)
        assert medial["measured_peaks_bw"] == pytest.approx([0.75 + 100.0 / WEIGHT_N, 0.6 + 100.0 / WEIGHT_N], abs=2e-3)
        assert document["agreement"]["lateral"]["root_mean_square_error_N"] < 1.0
        assert document["calibration"] is None

    def test_the_text_has_a_row_for_each_compartment_and_the_two_numbers(self) -> None:
        simulation = answer(GaitModification(), medial_m=0.01)
        comparison = compare_simulation(simulation, self.measured(bias_N=100.0))
        calibration = {"contact_spacing_mm": 40.0, "contact_offset_mm": -3.2}
        text = simulation_report.validation_text(simulation, comparison, calibration)
        assert "Calibrated on this trial: --contact-spacing 40.0 --contact-offset -3.2" in text
        row = next(line for line in text.splitlines() if line.startswith("medial"))
        assert row.split()[1] == "100"
        assert row.split()[4:] == ["0.75", "/", "0.60", "0.88", "/", "0.73"]
        assert "Calibrated" not in simulation_report.validation_text(simulation, comparison, None)
