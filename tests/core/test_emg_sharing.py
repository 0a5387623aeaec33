"""Muscles that follow their EMG: as far as the moments allow, and told how well activations agree."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from tests.core.mechanics import STRIDE, SUBJECT, leg
from workbench.core.emg_opinion import emg_opinion
from workbench.core.emg_sharing import agreement
from workbench.core.errors import SettingError
from workbench.core.loads import knee_loads
from workbench.core.muscles import Followed, share_moments
from workbench.core.settings import LoadSettings
from workbench.core.types import LegMechanics

PHASE = np.linspace(0.0, 2.0 * np.pi, 101)
BURST = np.clip(np.sin(PHASE), 0.0, None)


def flexing(**emg: object) -> LegMechanics:
    """A knee that is bent with up to 20 N m, by its one flexor alone unless the extensor acts against it."""
    return leg(joint_moment_Nm=(10.0 - 10.0 * np.cos(PHASE))[:, None], **emg)


WITH_EMG = flexing(emg_muscles=("extensor",), emg_envelope=BURST[:, None])


def test_without_weight_on_others_the_emg_is_met_and_the_moment_too() -> None:
    wanted = np.full((3, 1), 15.0)
    per_activation = np.broadcast_to([[30.0], [10.0], [-20.0]], (3, 3, 1))
    emg = np.array([[0.3], [0.0], [0.6]])
    followed = Followed(np.array([2]), emg, weight=1e4)
    shared = share_moments(wanted, per_activation, np.ones(3), np.zeros(3), followed=followed)
    np.testing.assert_allclose(shared.activation[:, 2], emg[:, 0], atol=0.01)
    assert np.abs(shared.reserve_moment_Nm).max() < 0.1
    free = share_moments(wanted, per_activation, np.ones(3), np.zeros(3))
    assert free.activation[:, 2].max() == 0.0


def test_co_contraction_that_the_emg_tells_raises_the_contact_force() -> None:
    mvc = replace(WITH_EMG, emg_normalised_to="mvc", emg_envelope=0.3 * BURST[:, None])
    optimised = knee_loads(mvc, STRIDE, SUBJECT, LoadSettings())
    following = knee_loads(mvc, STRIDE, SUBJECT, LoadSettings(muscle_sharing="emg", emg_weight=100.0))
    added = following.curves["total_contact_force_bw"] - optimised.curves["total_contact_force_bw"]
    # 0.3 of 2000 N in the extensor, and as much in the flexor that balances it.
    assert added.max() * SUBJECT.body_weight_N == pytest.approx(1200.0, rel=0.05)


def test_a_size_that_is_not_known_is_that_of_the_optimised_muscle() -> None:
    relative = flexing(emg_muscles=("flexor",), emg_envelope=7.0 * BURST[:, None])
    opinion = emg_opinion(relative, STRIDE, SUBJECT, LoadSettings())
    emg, optimised = opinion.emg["flexor"], opinion.optimised["flexor"]
    assert np.sqrt(np.mean(emg**2)) == pytest.approx(np.sqrt(np.mean(optimised**2)))


def test_agreement_is_the_correlation_over_the_cycle() -> None:
    activation = np.column_stack([BURST, 0.5 * BURST + 0.1])
    assert agreement(activation, WITH_EMG) == pytest.approx({"extensor": 1.0})
    assert np.isnan(agreement(np.zeros((101, 2)), WITH_EMG)["extensor"])


def test_a_leg_without_emg_says_what_to_do() -> None:
    with pytest.raises(SettingError, match=r"there is no EMG of the right leg .*\[emg\] in trial.toml"):
        knee_loads(flexing(), STRIDE, SUBJECT, LoadSettings(muscle_sharing="emg"))


def test_optimised_muscles_do_not_know_of_the_emg() -> None:
    plain, with_emg = (knee_loads(one, STRIDE, SUBJECT, LoadSettings()) for one in (flexing(), WITH_EMG))
    np.testing.assert_array_equal(plain.activation, with_emg.activation)
