"""``workbench compare`` on recordings as they come from a laboratory."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from workbench.cli.compare_command import opened
from workbench.cli.main import build_parser, main

PERSON = ("--mass", "62.6", "--height", "1.68")


@pytest.mark.data
@pytest.mark.slow
class TestExportFolder:
    @pytest.fixture(autouse=True)
    def cache(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("WORKBENCH_CACHE", str(tmp_path))

    def test_trials_of_one_folder_are_compared(self, data_folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        export = data_folder / "modified_gait_s4"
        paths = ["--normal", str(export / "walking1"), "--modified", str(export / "walkingTI1")]
        assert main(["compare", *paths, *PERSON, "--side", "left", "--json", "-"]) == 0
        document = json.loads(capsys.readouterr().out)
        assert document["change"]["foot_progression_change_deg"] < -15.0  # told to toe in by 20 degrees

    def test_they_are_named_either_way(self, data_folder: Path) -> None:
        export = str(data_folder / "modified_gait_s4")
        options = build_parser().parse_args(
            ["compare", "--normal", export, "--modified", export, *PERSON, "--trial", "walking1", "walkingTI1"]
        )
        assert [trial.name for trial in opened([export, export], options)] == ["walking1", "walkingTI1"]

    def test_a_folder_without_a_name_is_refused_with_the_names(
        self, data_folder: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        export = str(data_folder / "modified_gait_s4")
        assert main(["compare", "--normal", export, "--modified", export, *PERSON]) == 2
        assert "Choose one with --trial: walking1, walkingTI1" in capsys.readouterr().err
        assert main(["compare", "--normal", export, "--modified", export, *PERSON, "--trial", "walking1"]) == 2
        assert "--trial gives 1 name for 2 folders" in capsys.readouterr().err


def test_options_of_recordings_are_refused_for_trials(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["compare", "--normal", "reference", "--modified", "reference", "--mass", "70"]) == 2
    assert "mass_kg cannot be given for a trial.toml" in capsys.readouterr().err
