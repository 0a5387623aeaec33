"""The workbench as a notebook uses it."""

from __future__ import annotations

import json

import numpy as np
import pytest

import workbench
from workbench import api
from workbench.advice.target import PROTOCOL
from workbench.api import progress
from workbench.cli.main import main
from workbench.core.errors import SettingError
from workbench.core.vocabulary import DISCLAIMER, JOINT_PEAKS, PEAKS
from workbench.report.answers import TargetAnswer
from workbench.trials import open_trial


def test_what_is_public_is_there() -> None:
    for name in workbench.__all__:
        assert getattr(workbench, name).__name__ == name
    assert set(workbench.__all__) <= set(dir(workbench))
    with pytest.raises(AttributeError, match="no attribute 'pain'"):
        workbench.pain  # noqa: B018


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"toe_in_deg": 5, "toe_out_deg": 5}, "not both"),
        ({"wider_cm": 2, "narrower_cm": 2}, "not both"),
        ({"toe_in_deg": -5}, "must be 0 or more"),
        ({"pivot": 2.0}, "the pivot is 2"),
        ({"toein": 10}, "Did you mean toe_in_deg"),
        ({"toe_in_deg": "ten"}, "not a number"),
        ({"side": "R"}, "the side is 'R'"),
    ],
)
def test_a_change_that_makes_no_sense_is_refused(change: dict[str, float], words: str) -> None:
    with pytest.raises(SettingError, match=words):
        workbench.simulate(open_trial("reference"), **change)


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> TargetAnswer:
    """The personal target of the built-in walk."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("WORKBENCH_CACHE", str(tmp_path_factory.mktemp("cache")))
        return workbench.personal_target(workbench.open_trial("reference"))


class TestPersonalTarget:
    @pytest.mark.slow
    def test_it_shows_that_moment_and_force_do_not_agree(self, found: TargetAnswer) -> None:
        table = found.summary()
        for goal, column in (
            ("KAM", "larger_kam_peak_change_percent"),
            ("medial force", "larger_medial_force_peak_change_percent"),
        ):
            assert table["best_for"].eq(goal).to_list() == (table[column] == table[column].min()).to_list()
        assert table.loc["toe-in 10°", "best_for"] == "KAM"
        assert table.loc["toe-out 10°", "best_for"] == "medial force"
        rise = f"{table.loc['toe-in 10°', 'larger_medial_force_peak_change_percent']:+.1f} %"
        fall = f"{table.loc['toe-out 10°', 'larger_medial_force_peak_change_percent']:+.1f} %"
        for display in (str(found), repr(found), found._repr_html_()):
            assert f"medial contact force changes by {rise}; it falls most with toe-out 10°, {fall}" in display
            assert found.target.protocol.band.verdict in display
            assert DISCLAIMER in display

    @pytest.mark.slow
    def test_its_tables_are_of_one_target(self, found: TargetAnswer) -> None:
        best = found.alternatives().loc[("foot_angle", "kam")]
        assert best["best"] == "toe-in 10°"
        assert best["change_percent"] == found.summary()["larger_kam_peak_change_percent"].min()
        assert best["survives"] == found.target.protocol.band.survives
        assert found.assumptions()["larger_kam_peak_change_percent"].max() == best["highest_percent"]
        assert found.own_strides() is None  # the built-in walk is one mean stride
        assert json.loads(json.dumps(found.document()))["schema"] == "workbench.target/1"

    @pytest.mark.slow
    def test_the_response_passes_through_the_candidates(self, found: TargetAnswer) -> None:
        response = found.response()
        assert response.index.to_list() == list(np.arange(-10.0, 11.0))
        assert {*PEAKS, *JOINT_PEAKS} <= set(response.columns)
        for one in found.target.candidates:
            assert response.loc[one.changes[PROTOCOL]].to_dict() == pytest.approx(dict(one.outcomes))
        assert (
            found.response([0.0], step_width_change_m=0.05).loc[0.0, "kam_peak_1_pct_bw_ht"]
            < response.loc[0.0, "kam_peak_1_pct_bw_ht"]
        )
        with pytest.raises(SettingError, match="outside the prepared"):
            found.response([20.0])

    @pytest.mark.slow
    def test_the_command_prints_this_answer(
        self, found: TargetAnswer, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        asked = {}

        def answer(trial: object, **settings: object) -> TargetAnswer:
            asked.update(settings)
            return found

        monkeypatch.setattr(api, "personal_target", answer)
        assert main(["target", "--side", "left", "--stride", "1", "--pivot", "0.6", "--keep-force-direction"]) == 0
        assert capsys.readouterr().out == f"{found}\n"
        assert {name: asked[name] for name in ("side", "stride", "pivot", "virtual_point_statures")} == {
            "side": "left", "stride": 1, "pivot": 0.6, "virtual_point_statures": None,
        }  # fmt: skip

    def test_bad_use_is_refused_before_anything_is_solved(self) -> None:
        trial = open_trial("reference")
        with pytest.raises(SettingError, match="no right stride 99"):
            workbench.personal_target(trial, stride=99)
        with pytest.raises(SettingError, match="there is no 'foot_progression_change_deg'"):
            workbench.personal_target(trial, foot_progression_change_deg=5.0)


def test_a_progress_bar_is_for_a_terminal(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    assert progress.terminal_progress() is None
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    show = progress.terminal_progress()
    assert show is not None
    show(1, 2)
    show(2, 2)
    assert capsys.readouterr().err == f"\r[{'#' * 15:30}] 1 of 2 solved\r[{'#' * 30}] 2 of 2 solved\n"
