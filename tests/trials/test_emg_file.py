"""EMG of a trial: envelopes as they are, raw signals rectified, and messages where it cannot be."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.synthetic import synthetic_walk
from workbench.core.errors import TrialError
from workbench.core.types import Trial
from workbench.trials import open_trial

TIME_S = np.arange(0.0, 1.0, 0.001)
BURST = np.clip(np.sin(2 * np.pi * TIME_S), 0.0, None)


def open_with(folder: Path, activity: np.ndarray, time_s: np.ndarray = TIME_S, **emg: Any) -> Trial:
    walk = synthetic_walk()
    walk.settings["emg"] = {"file": "emg.csv", "kind": "envelope", "muscles": {"soleus_l": "sol"}} | emg
    trial_file = walk.write(folder)
    rows = "\n".join(f"{t:.6f},{a:.9f}" for t, a in zip(time_s, activity, strict=True))
    (folder / "emg.csv").write_text(f"time,sol\n{rows}\n")
    return open_trial(trial_file)


def test_an_envelope_is_set_against_its_own_maximum(tmp_path: Path) -> None:
    emg = open_with(tmp_path, 0.25 * BURST - 0.001).emg
    assert emg is not None
    assert emg.muscles == ("soleus_l",)
    assert emg.activity.max() == 1.0
    assert emg.activity.min() == 0.0


def test_what_was_set_against_a_maximal_contraction_keeps_its_size(tmp_path: Path) -> None:
    emg = open_with(tmp_path, 0.25 * BURST, normalised_to="mvc").emg
    assert emg is not None
    assert emg.activity.max() == pytest.approx(0.25)


def test_a_raw_signal_is_rectified_without_its_drift(tmp_path: Path) -> None:
    raw = 3.0 + BURST * np.sin(2 * np.pi * 100.0 * TIME_S)
    emg = open_with(tmp_path, raw, kind="raw").emg
    assert emg is not None
    middle = emg.activity[200:300, 0]
    assert middle.max() > 0.9
    assert middle.mean() == pytest.approx(2.0 / np.pi, abs=0.1)  # of a rectified sine
    assert emg.activity[700:800, 0].max() < 0.1


@pytest.mark.parametrize(
    ("activity", "emg", "message"),
    [
        (BURST[::20], {"kind": "raw"}, "50 Hz; raw signals need 500 Hz or more"),
        (0.0 * BURST, {}, "'sol' is never above zero"),
        (300.0 * BURST, {"normalised_to": "mvc"}, "reaches 300 where 1 is a maximal voluntary contraction"),
        (BURST, {"muscles": {"soleus_l": "soleus"}}, "soleus"),
        (BURST, {"muscles": {}}, "'muscles' names no muscle"),
        (BURST, {"muscles": "soleus_l"}, "'muscles' is no table of names"),
        (BURST, {"kind": "filtered"}, "'kind' is 'filtered'"),
    ],
)
def test_what_cannot_be_used_is_refused(tmp_path: Path, activity: np.ndarray, emg: Any, message: str) -> None:
    time_s = TIME_S if len(activity) == len(TIME_S) else TIME_S[::20]
    with pytest.raises(TrialError, match=message):
        open_with(tmp_path, activity, time_s, **emg)


def test_another_clock_is_refused(tmp_path: Path) -> None:
    with pytest.raises(TrialError, match="do not overlap"):
        open_with(tmp_path, BURST, TIME_S + 100.0)
