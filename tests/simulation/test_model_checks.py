"""A model that is no plausible person is named, or refused where nothing can be computed."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.campaign.faults import _femur, _inertia, _knee, _lock, _mass, _remove, _strength, spoiled_model
from workbench.core.errors import ModelError
from workbench.core.types import Subject
from workbench.provenance import own_model_path
from workbench.simulation.knee_alignment import with_varus
from workbench.simulation.model import GaitModel, read_model
from workbench.simulation.model_checks import plausibility_findings, require_free_joints

PERSON = Subject(mass_kg=75.3, height_m=1.70)


def test_the_own_model_is_plausible() -> None:
    assert list(plausibility_findings(GaitModel.from_file(own_model_path()), PERSON)) == []


@pytest.mark.parametrize(("spoil", "code"), [
    (_strength("", 10.0), "muscle_strength"),
    (_strength("", 0.1), "muscle_strength"),
    (_strength("soleus", 0.001), "muscle_strength"),
    (_remove("soleus"), "muscle_missing"),
    (_knee(0.01, "rl"), "knee_centre"),
    (_knee(-0.01, "r"), "knee_centre"),
    (_inertia(100.0), "inertia"),
    (_mass("femur", 3.0), "segment_mass"),
    (_femur(1.2, "r"), "leg_length"),
])  # fmt: skip
def test_a_spoiled_model_is_named(tmp_path: Path, spoil: Callable[[Any], None], code: str) -> None:
    spoiled_model(own_model_path(), spoil, tmp_path / "model.osim")
    found = [one.code for one in plausibility_findings(GaitModel.from_file(tmp_path / "model.osim"), PERSON)]
    assert code in found


def test_a_crooked_leg_is_told_from_a_displaced_knee(tmp_path: Path) -> None:
    """Scaling gives knees the varus that markers show: that moves no joint centre on its bone."""
    for varus_deg, expected in ((4.0, []), (-8.0, ["knee_alignment"])):
        with_varus(read_model(own_model_path()), {"right": varus_deg}).printToXML(str(tmp_path / "model.osim"))
        found = list(plausibility_findings(GaitModel.from_file(tmp_path / "model.osim"), PERSON))
        assert [one.code for one in found] == expected
        assert not found or "8.0° more valgus" in found[0].problem


def test_a_wrong_height_and_mass_are_named() -> None:
    found = [one.code for one in plausibility_findings(GaitModel.from_file(own_model_path()), Subject(65.0, 2.04))]
    assert found == ["mass_mismatch", "height"]


def test_a_locked_knee_is_refused(tmp_path: Path) -> None:
    spoiled_model(own_model_path(), _lock, tmp_path / "model.osim")
    with pytest.raises(ModelError, match=r"knee_angle_. is locked"):
        require_free_joints(GaitModel.from_file(tmp_path / "model.osim"))
