"""One what-if from end to end."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import workbench
from tests.synthetic import synthetic_walk
from workbench.core.errors import SettingError
from workbench.core.findings import Finding
from workbench.core.loads import knee_loads
from workbench.core.settings import GaitModification, LoadSettings
from workbench.core.types import SolvedLeg, Stride
from workbench.core.vocabulary import CURVES, PEAKS
from workbench.provenance import own_model_path, provenance
from workbench.simulation.simulate import chosen_strides, simulate
from workbench.simulation.walk import Walk
from workbench.trials import open_trial

TOE_IN = GaitModification(foot_progression_change_deg=-10.0)


@pytest.fixture(scope="module")
def walk(built_in: Walk) -> Walk:
    """The built-in walk as a recording with two strides of the right leg, the second with 4 % more force."""
    trial = built_in.trial
    second_s = built_in.strides("right")[0].end_s
    reactions = {
        side: replace(one, force_N=one.force_N * np.where(one.time_s > second_s, 1.04, 1.0)[:, None])
        for side, one in trial.ground_reactions.items()
    }
    return Walk(replace(trial, ground_reactions=reactions, periodic=False, foot_strikes_s={}, foot_offs_s={}))


class TestStrides:
    def test_by_number(self, walk: Walk) -> None:
        assert len(walk.strides("right")) == 2
        for stride in walk.strides("right"):
            assert chosen_strides(walk, "right", stride.number, mean=False) == (stride,)

    def test_all_for_the_mean(self, walk: Walk) -> None:
        assert chosen_strides(walk, "right", None, mean=True) == walk.strides("right")

    def test_the_most_typical_by_default(self, walk: Walk) -> None:
        (chosen,) = chosen_strides(walk, "right", None, mean=False)
        assert chosen in walk.strides("right")

    @pytest.mark.parametrize("number", [0, -1, 999])
    def test_a_number_that_is_not_there_is_refused_with_those_that_are(self, walk: Walk, number: int) -> None:
        last = len(walk.strides("right"))
        with pytest.raises(SettingError, match=rf"there is no right stride {number}\. Choose 1 to {last}\."):
            chosen_strides(walk, "right", number, mean=False)


class TestSimulation:
    def test_it_is_the_loads_of_the_recorded_and_of_the_modified_mechanics(self, built_in: Walk) -> None:
        settings = LoadSettings(weights="equal", contact_offset_m=0.002)
        simulation = simulate(built_in, TOE_IN, settings, side="right")
        (stride,) = built_in.strides("right")
        for change, found in ((GaitModification(), simulation.baseline), (TOE_IN, simulation.modified)):
            peer = knee_loads(built_in.solve(stride, change).mechanics, stride, built_in.trial.subject, settings)
            assert found.peaks == peer.peaks
            for name in CURVES:
                np.testing.assert_array_equal(found.curves[name], peer.curves[name])
        assert simulation.side == "right"
        assert simulation.settings == settings
        assert simulation.modification == TOE_IN

    def test_no_change_is_one_object(self, built_in: Walk) -> None:
        simulation = simulate(built_in, GaitModification())
        assert simulation.modified is simulation.baseline
        assert set(simulation.change.values()) == {0.0}

    @pytest.mark.slow
    def test_the_mean_over_strides_is_the_mean_of_each_alone(self, walk: Walk) -> None:
        together = simulate(walk, TOE_IN, side="right", mean=True)
        numbers = [stride.number for stride in walk.strides("right")]
        alone = [simulate(walk, TOE_IN, side="right", stride=number) for number in numbers]
        assert alone[0].baseline.peaks["tcf_peak_1_bw"] < alone[1].baseline.peaks["tcf_peak_1_bw"]
        assert together.strides == walk.strides("right")
        assert together.strides_found == len(numbers)
        for gait in ("baseline", "modified"):
            for name in CURVES:
                curves = [getattr(one, gait).curves[name] for one in alone]
                np.testing.assert_allclose(getattr(together, gait).curves[name], np.mean(curves, axis=0), atol=1e-12)
                spread = getattr(together, gait).curves_sd
                np.testing.assert_allclose(spread[name], np.std(curves, axis=0, ddof=1), atol=1e-12)
            for name in PEAKS:
                peaks = [getattr(one, gait).peaks[name] for one in alone]
                assert getattr(together, gait).peaks[name] == pytest.approx(np.mean(peaks), abs=1e-12)

    @pytest.mark.slow
    def test_strides_can_be_solved_elsewhere_and_progress_is_told_here(self, walk: Walk) -> None:
        told: list[tuple[int, int]] = []
        here = simulate(walk, TOE_IN, side="right", mean=True, progress=lambda *done: told.append(done))
        assert told == [(1, 4), (2, 4), (3, 4), (4, 4)]
        asked: list[tuple[Stride, GaitModification]] = []

        def elsewhere(jobs: Sequence[tuple[Stride, GaitModification]]) -> list[SolvedLeg]:
            asked.extend(jobs)
            return [walk.solve(stride, change) for stride, change in jobs]

        one = simulate(walk, TOE_IN, side="right", mean=True, solve_all=elsewhere)
        strides = walk.strides("right")
        assert sorted(asked, key=str) == sorted(
            ((stride, change) for stride in strides for change in (GaitModification(), TOE_IN)), key=str
        )
        assert one.baseline.peaks == here.baseline.peaks
        assert one.modified.peaks == here.modified.peaks

    def test_what_the_trial_and_the_model_had_to_say_is_passed_on(self, built_in: Walk) -> None:
        trial = replace(
            built_in.trial,
            findings=(Finding("odd", "doubtful", "recording", "Something is odd."), *built_in.trial.findings),
        )
        notes = simulate(Walk(trial), GaitModification()).notes
        assert "Something is odd." in notes
        assert any("Mean gait" in note for note in notes)


class TestProvenance:
    def test_every_file_is_hashed_and_every_version_named(self, tmp_path: Path) -> None:
        file = synthetic_walk().write(tmp_path)
        found = provenance(open_trial(file))
        hashes = found["sha256"]
        assert isinstance(hashes, dict)
        for path in (tmp_path / "ik.mot", tmp_path / "grf.mot", file, own_model_path()):
            assert hashes[path.name] == hashlib.sha256(path.read_bytes()).hexdigest()
        assert found["workbench"] == workbench.__version__
        assert found["model"] == own_model_path().name
        assert set(found["versions"]) == {"opensim", "numpy", "scipy", "daqp"}  # type: ignore[call-overload]

    def test_one_changed_digit_is_another_hash(self, tmp_path: Path) -> None:
        walk = synthetic_walk()
        one = provenance(open_trial(walk.write(tmp_path / "one")))["sha256"]
        walk.motion["pelvis_list"] = walk.motion["pelvis_list"] + 1e-3
        other = provenance(open_trial(walk.write(tmp_path / "other")))["sha256"]
        assert isinstance(one, dict)
        assert isinstance(other, dict)
        assert {name for name in one if one[name] != other[name]} == {"ik.mot"}

    def test_it_comes_with_the_answer(self, built_in: Walk) -> None:
        assert simulate(built_in, GaitModification()).provenance == provenance(built_in.trial)
