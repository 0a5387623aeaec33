from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from tests.recordings.stick_walk import stick_walk
from workbench.recordings.gaps import fill_gaps
from workbench.recordings.recording import Markers
from workbench.recordings.spikes import without_spikes

CLEAN = stick_walk().markers


def spoiled(label: str, frames: slice, shift_m: float) -> Markers:
    position = CLEAN.position_m.copy()
    position[frames, CLEAN.names.index(label), 1] += shift_m
    return replace(CLEAN, position_m=position)


def test_feet_that_strike_are_no_spikes() -> None:
    assert without_spikes(CLEAN) == (CLEAN, ())


@pytest.mark.parametrize("frames", [slice(90, 91), slice(90, 92)])
@pytest.mark.parametrize("label", ["LASI", "RKNE", "LHEE"])
def test_a_spike_is_bridged(label: str, frames: slice) -> None:
    markers, (finding,) = without_spikes(spoiled(label, frames, 0.04))
    assert finding.severity == "note"
    assert f"{label} by" in finding.problem
    filled, _ = fill_gaps(markers)
    assert np.abs(filled.position_m - CLEAN.position_m).max() < 0.003


def test_a_jump_for_good_is_said_and_kept() -> None:
    jumped = spoiled("RTOE", slice(90, None), 0.05)
    markers, (finding,) = without_spikes(jumped)
    assert finding.code == "marker_jumps"
    assert finding.severity == "doubtful"
    assert "RTOE by" in finding.problem
    assert np.array_equal(markers.position_m, jumped.position_m)
