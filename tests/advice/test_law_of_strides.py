"""The person's own law: found where it is there, not claimed where it is not."""

from __future__ import annotations

from concurrent.futures import Future
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from workbench.advice.law_of_strides import FEWEST_STRIDES, SLOPED_PEAKS, own_law, personalised
from workbench.core.errors import SettingError
from workbench.core.own_law import OwnLaw
from workbench.core.settings import GaitModification, LoadSettings, Processing
from workbench.core.types import SolvedLeg, StrideGait, Trial
from workbench.session.session import Session
from workbench.simulation.walk import Walk
from workbench.trials import open_trial
from workbench.workers.law_measurement import measure_own_law
from workbench.workers.pool import SolverPool

HEIGHT_M, FOOT_M, LEAN, PIVOT = 1.75, 0.26, 0.6, 0.4
ALONG = np.linspace(0.3, 0.75, 21)  # of the foot, where the centre of pressure goes in stance


def strides(count: int = 40, *, turn_sd_deg: float = 4.0, place_sd_m: float = 0.008) -> list[StrideGait]:
    """Strides that obey the law, with what confounds it: faster strides lean otherwise and land elsewhere."""
    random = np.random.default_rng(7)
    gaits = []
    for _ in range(count):
        turn_deg, place_m, faster, along_m = random.normal(0.0, [turn_sd_deg, place_sd_m, 0.05, 0.1])
        place_m += 0.3 * faster
        pressure_m = place_m + (ALONG - PIVOT) * FOOT_M * np.radians(turn_deg)
        lean = -pressure_m / (LEAN * HEIGHT_M) - 0.4 * faster + random.normal(0.0, 0.002, 21)
        gaits.append(StrideGait(-pressure_m, lean, ALONG, FOOT_M, 5.0 + turn_deg, 1.2 + faster, 0.65, along_m))
    return gaits


def peaks_of(gaits: list[StrideGait]) -> list[dict[str, float]]:
    random = np.random.default_rng(8)
    found = []
    for one in gaits:
        width_m = random.normal(0.12, 0.015)
        peak = 3.0 + 0.03 * one.foot_progression_deg - 4.0 * width_m + 2.0 * one.speed_m_s + random.normal(0.0, 0.02)
        of_peaks = dict.fromkeys(SLOPED_PEAKS, peak)
        found.append(of_peaks | {"foot_progression_angle_deg": one.foot_progression_deg, "step_width_m": width_m})
    return found


def law_of(gaits: list[StrideGait]) -> OwnLaw:
    return own_law("right", gaits, peaks_of(gaits), HEIGHT_M)


def test_the_law_is_found_behind_what_confounds_it() -> None:
    law = law_of(strides())
    lean, pivot = law.settings
    assert lean.settled
    assert lean.value == pytest.approx(LEAN, abs=3 * lean.standard_error)
    assert pivot.settled
    assert pivot.value == pytest.approx(PIVOT, abs=3 * pivot.standard_error)
    assert lean.standard_error < 0.02
    slopes = {one.change: one for one in law.slopes if one.peak == "kam_peak_1_pct_bw_ht"}
    assert slopes["foot_progression_angle_deg"].low < 0.3 < slopes["foot_progression_angle_deg"].high
    assert slopes["step_width_m"].low < -0.4 < slopes["step_width_m"].high


def test_speed_taken_for_the_law_would_be_wrong() -> None:
    blind = [replace(one, speed_m_s=1.2) for one in strides()]
    lean = law_of(blind).settings[0]
    assert abs(lean.value - LEAN) > 3 * law_of(strides()).settings[0].standard_error


def test_too_few_strides_are_refused() -> None:
    with pytest.raises(SettingError, match="19 right strides are too few for this person's own settings: 20"):
        law_of(strides(FEWEST_STRIDES - 1))


@pytest.mark.parametrize(
    ("gaits", "doubt"),
    [
        (strides(turn_sd_deg=0.2), "the foot angle varies by only 0.2° between strides; 0.5° are needed"),
        (strides(turn_sd_deg=1.0, place_sd_m=0.03), "95 % interval; at most ± 0.15 is acceptable"),
    ],
)
def test_what_the_strides_do_not_settle_keeps_its_default(gaits: list[StrideGait], doubt: str) -> None:
    law = law_of(gaits)
    assert doubt in law.settings[1].doubt
    _, gait = personalised(open_trial("reference"), GaitModification(), law)
    assert gait.pivot == 0.5
    assert gait.lean_height_statures == law.settings[0].value
    told = {one.code: str(one) for one in law.findings(gait.document())}
    assert "do not determine the pivot" in told["own_pivot_not_settled"]
    assert "the default of 0.5 × foot length is kept" in told["own_pivot_not_settled"]
    assert "is from this person's own strides" in told["own_lean_height_statures"]


def test_what_somebody_chose_stays() -> None:
    law = law_of(strides())
    trial, gait = personalised(open_trial("reference"), GaitModification(pivot=0.35), law, chosen=["pivot"])
    assert gait.pivot == 0.35
    assert trial.own_law is law
    assert "own_pivot" not in {one.code for one in law.findings(gait.document())}


class Solver:
    """Hands out one solved stride with another gait each time."""

    def __init__(self, leg: SolvedLeg, gaits: list[StrideGait]) -> None:
        self.leg, self.gaits = leg, gaits

    def submit(self, trial: Any, processing: Any, stride: Any, modification: Any, **_: Any) -> Future[SolvedLeg]:
        future: Future[SolvedLeg] = Future()
        future.set_result(replace(self.leg, gait=self.gaits[stride.number - 1]))
        return future

    def cancel_group(self, group: Any) -> None:
        pass


def test_one_click_takes_it_on_the_page_and_one_gives_it_back(reference: Trial, walk: Walk) -> None:
    from workbench.dashboard.own_settings_button import own_law_in_words

    stride = walk.strides("right")[0]
    session = Session(Solver(walk.solve(stride, GaitModification()), strides()))
    session.open(reference)
    session.ask_own_law()
    assert "1 right stride is too few" in session.error
    session.strides = tuple(replace(stride, number=number) for number in range(1, 41))
    session.ask_own_law()
    lean = session.own_law.settings[0]
    assert session.modification.lean_height_statures == lean.value
    assert f"is from this person's own strides: {lean.told}" in own_law_in_words(session)
    assert any("is from this person's own strides" in note for note in session.answer.notes)
    assert session.answer.provenance["own_law"]["strides"] == 40
    session.drop_own_law()
    assert session.modification == GaitModification()
    assert "own_law" not in session.answer.provenance


@pytest.mark.data
@pytest.mark.slow
def test_the_treadmill_walker_leans_as_published_for_him_and_his_feet_tell_no_pivot(data_folder: Path) -> None:
    trial = open_trial(data_folder / "treadmill_walk" / "trial.toml")
    with SolverPool() as pool:
        lean, pivot = measure_own_law(pool, trial, Processing(), LoadSettings(), "right").settings
    assert lean.value == pytest.approx(0.59, abs=0.06)  # an earlier regression on the same strides: 0.59 +- 0.04
    assert lean.standard_error < 0.03
    assert not pivot.settled
