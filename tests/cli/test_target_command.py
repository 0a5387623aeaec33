"""``workbench target`` and ``workbench map`` from outside."""

from __future__ import annotations

import json
import math
from pathlib import Path

import pytest

from workbench.cli.main import main
from workbench.core.vocabulary import JOINT_PEAKS, PEAKS


@pytest.fixture(autouse=True, scope="module")
def _own_cache(tmp_path_factory: pytest.TempPathFactory):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("WORKBENCH_CACHE", str(tmp_path_factory.mktemp("cache")))
        yield


@pytest.mark.slow
def test_target_writes_its_document(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["target", "--json", "-"]) == 0
    output = capsys.readouterr()
    assert output.err == ""
    document = json.loads(output.out)
    assert document["schema"] == "workbench.target/1"
    angles = [one["foot_progression_change_deg"] for one in document["candidates"]]
    assert angles == [-10.0, -5.0, 5.0, 10.0]
    for one in document["candidates"]:
        assert one["step_width_change_m"] == 0.0
        assert {*PEAKS, *JOINT_PEAKS} <= set(one)
        assert math.isfinite(one["larger_kam_peak_change_percent"])
        assert all(flag["reason"] for flag in one["flags"])
    changes = [one["larger_kam_peak_change_percent"] for one in document["candidates"]]
    if document["recommended"] is None:
        assert min(changes) > -5.0
        assert document["reason"] == "no helpful foot-angle change"
    else:
        assert document["recommended"]["larger_kam_peak_change_percent"] == min(changes) <= -5.0
    band = document["band"]
    assert band["change_percent"]["lowest"] <= band["change_percent"]["highest"]
    assert isinstance(band["survives"], bool)
    assert document["people"]["people"] == 107
    assert document["own_strides"] is None
    assert document["interpolation_error"]["kam_pct_bw_ht"] < 0.01


@pytest.mark.slow
def test_map_writes_document_and_picture(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    picture, file = tmp_path / "map.png", tmp_path / "map.json"
    assert main(["map", "--outcome", "mcf_peak_1_bw", "--json", str(file), "--png", str(picture)]) == 0
    document = json.loads(file.read_text(encoding="utf-8"))
    assert document["schema"] == "workbench.map/1"
    assert document["outcome"] == "mcf_peak_1_bw"
    assert (len(document["foot_progression_change_deg"]), len(document["step_width_change_m"])) == (31, 21)
    assert len(document["value"]) == 31
    assert {len(row) for row in document["value"]} == {21}
    assert document["value"][15][10] == document["recorded"]
    assert picture.read_bytes().startswith(b"\x89PNG")
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["map", "--outcome", "pain"], "no outcome 'pain'"),
        (["map", "--axes", "foot-angle", "hat-size"], "no 'hat-size'"),
        (["map", "--axes", "foot-angle", "foot-angle"], "two different axes"),
        (["map", "--png", "map.jpg"], "cannot be written as .jpg"),
        (["target", "--stride", "99"], "no right stride 99"),
        (["target", "nowhere/trial.toml"], "nowhere"),
        (["target", "--pivot", "2"], "the pivot is 2"),
    ],
)
def test_bad_use_is_one_message_and_status_two(
    arguments: list[str], words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(arguments) == 2
    output = capsys.readouterr()
    assert output.out == ""
    assert words in output.err
    assert output.err.count("\n") == 1


@pytest.mark.slow
@pytest.mark.data
def test_takes_the_leg_that_can_be_analysed(data_folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["target", str(data_folder / "overground_walk" / "trial.toml"), "--json", "-"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert document["trial"]["side"] == "left"  # one stance, no stride
    assert len(document["candidates"]) == 4
