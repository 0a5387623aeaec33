"""A recorded change of gait beside its simulation."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.plate_recordings import s4_trial
from workbench.core.errors import SettingError
from workbench.core.settings import GaitModification
from workbench.core.types import Subject, Trial
from workbench.core.vocabulary import PEAKS
from workbench.report.comparison_report import comparison_document, comparison_text
from workbench.workers.pool import SolverPool
from workbench.workers.trial_comparison import compare


@pytest.fixture(scope="module")
def pool() -> Iterator[SolverPool]:
    with SolverPool(workers=2) as pool:
        yield pool


class TestOneWalk:
    def test_against_itself_nothing_changes(self, pool: SolverPool, reference: Trial) -> None:
        comparison = compare(pool, [reference], [reference])
        assert comparison.modification.is_none
        assert set(comparison.change.values()) == {0.0}
        assert set(comparison.error.values()) == {0.0}

    def test_it_is_of_one_person(self, pool: SolverPool, reference: Trial) -> None:
        other = replace(reference, name="another", subject=Subject(70.0, 1.7))
        with pytest.raises(SettingError, match=r"another: 70 kg.*the same person"):
            compare(pool, [reference], [other])

    def test_nothing_is_compared_with_nothing(self, pool: SolverPool, reference: Trial) -> None:
        with pytest.raises(SettingError, match="nothing to compare"):
            compare(pool, [reference], [])


@pytest.mark.data
class TestAWomanWhoChangedHerGait:
    def test_toe_in_is_simulated_as_measured(self, pool: SolverPool, data_folder: Path, tmp_path: Path) -> None:
        normal, toe_in = (s4_trial(name, data_folder, tmp_path) for name in ("walking1", "walkingTI1"))
        comparison = compare(pool, [normal], [toe_in], side="left")
        assert comparison.change["foot_progression_change_deg"] == pytest.approx(-19.7, abs=0.2)
        # The simulation reaches what was measured: foot angle and heel-to-heel width.
        assert comparison.error["foot_progression_angle_deg"] == pytest.approx(0.0, abs=0.5)
        assert comparison.error["step_width_m"] == pytest.approx(0.0, abs=0.003)
        document = json.loads(json.dumps(comparison_document(comparison), allow_nan=False))
        assert document["schema"] == "workbench.comparison/1"
        for key in ("measured", "simulated", "error"):
            assert set(document[key]) == set(PEAKS)
        assert document["error"]["kam_peak_1_pct_bw_ht"] == pytest.approx(
            document["simulated"]["kam_peak_1_pct_bw_ht"] - document["measured"]["kam_peak_1_pct_bw_ht"]
        )

    def test_the_first_peak_and_the_force_fall_in_both(
        self, pool: SolverPool, data_folder: Path, tmp_path: Path
    ) -> None:
        normal, toe_in = (s4_trial(name, data_folder, tmp_path) for name in ("walking1", "walkingTI1"))
        comparison = compare(pool, [normal], [toe_in], side="left", template=GaitModification())
        for name in ("kam_peak_1_pct_bw_ht", "mcf_peak_1_bw"):
            assert comparison.measured_change[name] < 0.0
            assert comparison.simulated_change[name] < 0.0

    def test_a_leaning_trunk_is_measured_and_simulated(
        self, pool: SolverPool, data_folder: Path, tmp_path: Path
    ) -> None:
        normal, sway = (s4_trial(name, data_folder, tmp_path) for name in ("walking1", "walkingTS1"))
        comparison = compare(pool, [normal], [sway], side="left")
        assert comparison.change["trunk_lean_change_deg"] == pytest.approx(17.8, abs=0.5)
        assert "Trunk lean                   +17" in comparison_text(comparison)
        # She leant towards the left leg alone; nothing of the simulation was chosen on this trial.
        assert comparison.modification.lean_other_side < 0.2
        measured, simulated = comparison.measured_change, comparison.simulated_change
        assert measured["kam_peak_1_pct_bw_ht"] == pytest.approx(-2.26, abs=0.1)
        assert simulated["kam_peak_1_pct_bw_ht"] == pytest.approx(measured["kam_peak_1_pct_bw_ht"], rel=0.4)
