"""A sample of the campaign: a wrong recording is refused or named, and a clean one passes in peace."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.campaign.faults import faults
from tests.campaign.recordings import clean_recordings
from tests.campaign.run import Outcome, campaign, one_recording

#: What no check sees in one recording of one person (README.md).
NOT_SEEN = {"plate turned", "plate reversed", "angle offset", "angle sign", "free moment", "muscle"}


@pytest.mark.slow
def test_nothing_wrong_by_a_tenth_passes_in_silence(tmp_path: Path) -> None:
    outcomes = list(campaign(None, tmp_path, slice(0, None, 12)))
    assert [one for one in outcomes if one.outcome == "crash"] == []
    assert [told(one) for one in outcomes if unseen(one)] == []
    named = sum(one.outcome in ("refused", "named") for one in outcomes)
    assert named > 0.75 * len(outcomes)


#: Kinds, and words of their sizes, that every laboratory meets some day.
USUAL = {
    "left and right swapped": "", "forces late": r"\+40|\+100", "plate turned": r"90 deg",
    "plate shifted sideways": r"both plates [+-]5", "metres": "", "Y and Z swapped": "", "action for reaction": "",
    "gap of 30 frames": "", "mass": r"0\.85|1\.15", "half a file": "",
}  # fmt: skip


@pytest.mark.slow
def test_the_usual_faults_of_a_laboratory_are_named(tmp_path: Path) -> None:
    (walk,) = clean_recordings(None, tmp_path).values()
    usual = [fault for fault in faults(walk) if fault.kind in USUAL and re.search(USUAL[fault.kind], fault.size)]
    outcomes = list(one_recording("built-in", walk, tmp_path / "usual", usual))
    assert len(outcomes) == len(usual) + 1
    assert [told(one) for one in outcomes if one.outcome in ("silent", "other finding", "crash")] == []


@pytest.mark.slow
@pytest.mark.data
def test_no_serious_finding_on_a_clean_recording(tmp_path: Path, data_folder: Path) -> None:
    clean = [one for one in campaign(data_folder, tmp_path, slice(0, 0)) if one.outcome == "clean"]
    assert len(clean) == 8
    assert {one.codes for one in clean} <= {"", "centre_of_pressure"}  # the treadmill's, behind the heel at strike


def test_the_campaign_is_large_enough(tmp_path: Path) -> None:
    (walk,) = clean_recordings(None, tmp_path).values()
    assert len(list(faults(walk))) * 8 > 1000


def unseen(outcome: Outcome) -> bool:
    return outcome.outcome == "silent" and outcome.error_percent > 10.0 and outcome.kind not in NOT_SEEN


def told(outcome: Outcome) -> str:
    return f"{outcome.kind} {outcome.size}: {outcome.error_percent:.0f} %, {outcome.codes}"
