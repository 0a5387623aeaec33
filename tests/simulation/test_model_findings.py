"""What is said of a model before its numbers are read."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

from workbench.core.types import Trial
from workbench.simulation.model import GaitModel
from workbench.simulation.model_findings import model_findings


def said(trial: Trial, model: object) -> dict[str, str]:
    return {one.code: one.problem for one in model_findings(trial, model, ())}  # type: ignore[arg-type]


def with_muscles(model: GaitModel, **changes: object) -> SimpleNamespace:
    """The model with its first muscle of the right leg changed."""
    leg = model.legs["right"]
    first, *others = leg.muscles
    return SimpleNamespace(legs={"right": replace(leg, muscles=(replace(first, **changes), *others))})


def test_a_muscle_of_no_known_family_is_named(reference: Trial, own_model: GaitModel) -> None:
    assert "unknown_muscles" not in said(reference, own_model)
    problem = said(reference, with_muscles(own_model, name="muscle_17"))["unknown_muscles"]
    assert problem == "Muscles with unknown names get weight 1 in static optimisation: muscle_17."


def test_a_muscle_whose_passive_force_is_not_known_is_named(reference: Trial, own_model: GaitModel) -> None:
    assert "passive_force_unknown" not in said(reference, own_model)
    other = with_muscles(own_model, rigid_tendon=None)
    assert (
        f"The passive force of {other.legs['right'].muscles[0].name} is ignored"
        in (said(reference, other)["passive_force_unknown"])
    )


def test_a_model_scaled_evenly_is_said_to_be(reference: Trial, own_model: GaitModel) -> None:
    assert "evenly_scaled_model" not in said(reference, own_model)
    assert "evenly_scaled_model" in said(replace(reference, scale_factors=None), own_model)
