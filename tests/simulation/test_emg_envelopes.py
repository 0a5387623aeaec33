"""EMG on a real recording: the treadmill walk, seven muscles of the left leg."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from workbench.core.emg_opinion import emg_opinion
from workbench.core.errors import TrialError
from workbench.core.events import most_typical
from workbench.core.settings import GaitModification, LoadSettings, Processing
from workbench.core.types import Trial
from workbench.simulation.walk import Walk
from workbench.trials import open_trial

MUSCLES = ("soleus_l", "gasmed_l", "gaslat_l", "vasmed_l", "vaslat_l", "recfem_l", "vasint_l")
pytestmark = pytest.mark.data


@pytest.fixture(scope="module")
def trial(data_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Trial:
    folder = shutil.copytree(data_folder / "treadmill_walk", tmp_path_factory.mktemp("emg") / "treadmill_walk")
    file = folder / "trial.toml"
    file.chmod(0o644)
    columns = ", ".join(f'{name} = "{name}_activation"' for name in MUSCLES)
    emg = f'\n[emg]\nfile = "emg.sto"\nkind = "envelope"\nmuscles = {{ {columns} }}\n'
    file.write_text(file.read_text() + emg)
    return open_trial(file)


@pytest.fixture(scope="module")
def walk(trial: Trial) -> Walk:
    return Walk(trial)


def test_activations_go_with_the_emg_and_more_so_when_they_follow_it(walk: Walk) -> None:
    stride = most_typical(walk.strides("left"), walk.trial)
    leg = walk.solve(stride, GaitModification())
    opinion = emg_opinion(leg.mechanics, stride, walk.trial.subject, LoadSettings())
    assert tuple(opinion.emg) == MUSCLES
    for name in ("soleus_l", "gasmed_l", "gaslat_l"):  # 0.83 to 0.86 over all strides, 0.93 and more following
        assert opinion.correlation_optimised[name] > 0.7
        assert opinion.correlation_following[name] > 0.9
    for name in ("mcf_peak_1_bw", "mcf_peak_2_bw"):
        assert opinion.peaks_following[name] == pytest.approx(opinion.peaks_optimised[name], abs=0.3)


def test_the_force_comes_after_the_emg_by_the_delay(walk: Walk) -> None:
    stride = walk.strides("left")[3]
    late, early = (
        Walk(walk.trial, Processing(emg_delay_s=delay_s)).solve(stride, GaitModification()).mechanics.emg_envelope
        for delay_s in (0.04, 0.0)
    )
    step_s = stride.duration_s / 100.0
    shifted = np.interp(np.arange(101) - 0.04 / step_s, np.arange(101), early[:, 0])
    np.testing.assert_allclose(late[10:, 0], shifted[10:], atol=0.02)


def test_the_other_leg_has_none(walk: Walk) -> None:
    assert walk.has_emg("left")
    assert not walk.has_emg("right")


def test_a_muscle_that_the_model_has_not_is_named(trial: Trial) -> None:
    assert trial.emg is not None
    renamed = replace(trial, emg=replace(trial.emg, muscles=("soleus_left", *MUSCLES[1:])))
    with pytest.raises(TrialError, match=r"no muscle 'soleus_left', .* Did you mean soleus_l"):
        Walk(renamed)
