"""Scaling a model to a person."""

from __future__ import annotations

from typing import Any

import numpy as np
import opensim
import pytest

from workbench.core.errors import ModelError
from workbench.provenance import own_model_path
from workbench.simulation.scaling import (
    GENERIC_HEIGHT_M,
    GENERIC_MASS_KG,
    scale_model,
    uniform_scale_factors,
)


@pytest.fixture(scope="module")
def model() -> Any:
    return opensim.Model(str(own_model_path()))


def test_uniform_scaling_stretches_everything_alike(model: Any) -> None:
    factor = 1.1
    scaled = scale_model(model, uniform_scale_factors(factor * GENERIC_HEIGHT_M), 90.0)
    state, generic_state = scaled.initSystem(), model.initSystem()
    assert scaled.getTotalMass(state) == pytest.approx(90.0, abs=1e-9)
    for body in scaled.getBodyList():
        generic = model.getBodySet().get(body.getName())
        assert body.getMass() == pytest.approx(generic.getMass() * 90.0 / GENERIC_MASS_KG)
        pelvis, generic_pelvis = scaled.getBodySet().get("pelvis"), model.getBodySet().get("pelvis")
        place = body.findStationLocationInAnotherFrame(state, opensim.Vec3(0), pelvis).to_numpy()
        before = generic.findStationLocationInAnotherFrame(generic_state, opensim.Vec3(0), generic_pelvis).to_numpy()
        np.testing.assert_allclose(place, factor * before, atol=1e-8)
        np.testing.assert_allclose(
            body.getInertia().getMoments().to_numpy(),
            factor**2 * 90.0 / GENERIC_MASS_KG * generic.getInertia().getMoments().to_numpy(),
            rtol=1e-9,
        )
    for muscle in scaled.getMuscles():
        generic = model.getMuscles().get(muscle.getName())
        assert muscle.getOptimalFiberLength() == pytest.approx(factor * generic.getOptimalFiberLength())
        assert muscle.getTendonSlackLength() == pytest.approx(factor * generic.getTendonSlackLength())
        assert muscle.getMaxIsometricForce() == generic.getMaxIsometricForce()


def test_one_body_scales_its_joints_and_leaves_the_rest(model: Any) -> None:
    scaled = scale_model(model, {"tibia_r": (1.0, 1.2, 1.0)}, GENERIC_MASS_KG)
    ankle = {side: scaled.getJointSet().get(f"ankle_{side}").get_frames(0).get_translation() for side in "rl"}
    np.testing.assert_allclose(ankle["r"].to_numpy(), [-0.01, -0.48, 0.0], atol=1e-12)
    np.testing.assert_allclose(ankle["l"].to_numpy(), [-0.01, -0.40, 0.0], atol=1e-12)


def test_the_model_itself_stays_as_it_is(model: Any) -> None:
    scale_model(model, uniform_scale_factors(1.9), 100.0)
    assert model.getTotalMass(model.initSystem()) == pytest.approx(GENERIC_MASS_KG)
    assert model.getMuscles().get("soleus_r").getOptimalFiberLength() == pytest.approx(0.044)


def test_generic_stature_changes_nothing(model: Any) -> None:
    assert set(uniform_scale_factors(GENERIC_HEIGHT_M).values()) == {(1.0, 1.0, 1.0)}
    assert set(uniform_scale_factors(1.8)) == {body.getName() for body in model.getBodyList()}


@pytest.mark.parametrize(
    ("factors", "mass_kg", "said"),
    [
        ({"shin": (1.0, 1.0, 1.0)}, 80.0, "shin"),
        ({"tibia_r": (1.0, 0.0, 1.0)}, 80.0, "tibia_r"),
        ({"tibia_r": (1.0, float("nan"), 1.0)}, 80.0, "tibia_r"),
        ({"tibia_r": (1.0, 1.0)}, 80.0, "tibia_r"),
        ({}, 0.0, "0 kg"),
        ({}, float("nan"), "nan kg"),
    ],
)
def test_nonsense_is_refused_in_words(model: Any, factors: dict[str, Any], mass_kg: float, said: str) -> None:
    with pytest.raises(ModelError, match=said):
        scale_model(model, factors, mass_kg)


def test_missing_model_is_said(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("workbench.__file__", str(tmp_path / "workbench" / "__init__.py"))
    with pytest.raises(ModelError, match="build_model"):
        own_model_path()


def test_model_inside_an_installed_package_is_found(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    installed = tmp_path / "workbench" / "models" / own_model_path().name
    installed.parent.mkdir(parents=True)
    installed.touch()
    monkeypatch.setattr("workbench.__file__", str(tmp_path / "workbench" / "__init__.py"))
    assert own_model_path() == installed
