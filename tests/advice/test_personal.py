"""The personal target on a real recording: plausible among people, and much the same from stride to stride."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from workbench.advice.assumptions import Assumed, other_assumptions
from workbench.advice.people import toe_in_percentile
from workbench.advice.personal import personal_target
from workbench.advice.target import KAM_GOAL, PROTOCOL_POINTS, TargetRules, candidate, choose
from workbench.core.changes import UNCHANGED
from workbench.core.events import most_typical, search_strides
from workbench.core.outcomes import leg_outcomes
from workbench.core.settings import GaitModification, LoadSettings, Processing
from workbench.trials import open_trial
from workbench.workers.pool import SolverPool, solve_all
from workbench.workers.surfaces import SurfaceCache, prepare_surface

pytestmark = [pytest.mark.data, pytest.mark.slow]

SETTINGS, RULES, PROCESSING = LoadSettings(), TargetRules(), Processing()


def test_the_recommendation_is_stable_from_stride_to_stride(data_folder: Path) -> None:
    trial = open_trial(data_folder / "treadmill_walk" / "trial.toml")
    strides = search_strides(trial, "right").strides[::6]
    points = (UNCHANGED, *PROTOCOL_POINTS)
    jobs = [(trial, PROCESSING, stride, GaitModification(point)) for stride in strides for point in points]
    with SolverPool() as pool:
        solved = iter(solve_all(pool, jobs))
    chosen, falls = [], []
    for stride in strides:
        found = {point: leg_outcomes(next(solved).mechanics, 0.0, stride, trial.subject, SETTINGS) for point in points}
        recorded = found[UNCHANGED]
        judged = [candidate(point, found[point], recorded, RULES) for point in PROTOCOL_POINTS]
        choice = choose(judged, KAM_GOAL, RULES, "foot-angle")
        chosen.append(str(choice.recommended.changes) if choice.recommended else choice.reason)
        falls.append(recorded["kam_peak_1_pct_bw_ht"] - found[PROTOCOL_POINTS[0]]["kam_peak_1_pct_bw_ht"])
    most_common = max(set(chosen), key=chosen.count)
    assert chosen.count(most_common) >= 0.7 * len(strides), chosen
    assert 5.0 <= toe_in_percentile(float(np.mean(falls))) <= 95.0, falls
    assert all(5.0 <= toe_in_percentile(float(fall)) <= 95.0 for fall in falls), falls


def test_the_whole_answer_on_the_treadmill_walk(data_folder: Path, tmp_path: Path) -> None:
    trial = open_trial(data_folder / "treadmill_walk" / "trial.toml")
    strides = search_strides(trial, "right").strides
    with SolverPool() as pool:
        surface = prepare_surface(
            pool, trial, PROCESSING, most_typical(strides, trial), GaitModification(), cache=SurfaceCache(tmp_path)
        )
        target = personal_target(
            surface, strides, SETTINGS, lambda jobs: solve_all(pool, [(trial, *job) for job in jobs])
        )
    assert target.error is not None
    assert target.error.kam_pct_bw_ht < 0.01
    assert 5.0 <= target.toe_in_percentile <= 95.0
    assert target.own_strides is not None
    assert target.own_strides.strides == len(strides) >= 50
    assert target.protocol.band.spread is not None
    shown = Assumed(GaitModification())
    assert next(iter(target.protocol.band.changes_percent)) == shown
    assert set(target.protocol.band.changes_percent) <= {shown, *other_assumptions(shown)}
    assert target.protocol.band.lowest_percent <= target.protocol.choice.best.kam_change_percent
    assert target.protocol.band.highest_percent >= target.protocol.choice.best.kam_change_percent
