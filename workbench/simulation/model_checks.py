"""Is the model plausible: strengths, masses, inertias, lengths and knee centres compared with published ones."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Final

import numpy as np

from workbench.core.errors import ModelError
from workbench.core.findings import About, Finding, Severity, graded
from workbench.core.types import Subject
from workbench.core.vocabulary import LATERAL_SIGN, SIDE_SUFFIX, SIDES, Side
from workbench.provenance import own_model_path
from workbench.simulation.model import GaitModel, read_model

_RAJAGOPAL: Final = "Rajagopal et al. 2016, IEEE Trans Biomed Eng 63:2068"
#: Sum of the strengths of a leg, and one muscle's, over the published ones.
LEG_STRENGTH: Final = ((0.6, 1.8), (0.3, 3.5))
MUSCLE_STRENGTH: Final = (0.3, 3.5)
MODEL_MASS: Final = (0.05, 0.12)
SEGMENT_SHARE: Final = (0.6, 1.6)  #: share of the body's mass over the published share
GYRATION: Final = (0.5, 2.0)  #: radius of gyration over its share of the published segment's size
KNEE_ASIDE_M: Final = (0.003, 0.006)  #: lateral of the line from hip to ankle, against the published model
VARUS_DEG: Final = (5.0, 12.0)  #: angle of the tibia to the femur, against the published model
KNEE_DIFFERENCE_M: Final = (0.003, 0.006)
LEG_LENGTH: Final = (0.08, 0.15)  #: thigh and shank, share of stature, against the published model
LEG_DIFFERENCE: Final = (0.05, 0.09)
_PUBLISHED_HEIGHT_M: Final = 1.70
_PLANTARFLEXORS: Final = (("soleus",), ("gasmed", "med_gas", "gas_med"))


def require_free_joints(model: GaitModel) -> None:
    """Reject a model whose hip, knee or ankle cannot flex.

    Raises
    ------
    ModelError
    """
    for side, leg in model.legs.items():
        for name in ("hip_flexion", "hip_adduction", "knee_angle", "ankle_angle"):
            if name not in leg.coordinates:
                raise ModelError(
                    f"{name}_{SIDE_SUFFIX[side]} is locked.", where=model.name, remedy="Unlock it in the model."
                )


def plausibility_findings(model: GaitModel, subject: Subject) -> Iterator[Finding]:
    """Compare a model with the published one and with the person."""
    yield from _strength(model)
    yield from _masses(model, subject)
    yield from _lengths(model, subject)


@cache
def _published() -> GaitModel:
    return GaitModel(read_model(own_model_path()))


def _strengths(model: GaitModel, side: Side) -> dict[str, float]:
    return {m.name.rsplit("_", 1)[0]: float(m.muscle.getMaxIsometricForce()) for m in model.legs[side].muscles}


def _strength(model: GaitModel) -> Iterator[Finding]:
    for side in SIDES:
        own, published = _strengths(model, side), _strengths(_published(), side)
        for names in _PLANTARFLEXORS:
            if not any(name in own for name in names):
                yield _finding(
                    "muscle_missing",
                    "serious",
                    f"The {side} leg has no {names[0]}, so other muscles must take over push-off.",
                    "Use a model with all plantarflexors.",
                    "",
                )
        shared = [name for name in own if name in published]
        if len(shared) >= 0.75 * len(published):
            missing = sorted(set(published) - set(own))
            if missing and not set(missing) & {"soleus", "gasmed"}:
                yield _finding(
                    "muscle_missing",
                    "doubtful",
                    f"The {side} leg has no {', '.join(missing)}.",
                    "Use a model with all its muscles.",
                    "",
                )
        ratio = sum(own.values()) / sum(published.values())
        usual, possible = LEG_STRENGTH
        if not usual[0] <= ratio <= usual[1]:
            yield _finding(
                "muscle_strength",
                "doubtful" if possible[0] <= ratio <= possible[1] else "serious",
                f"The muscles of the {side} leg are {ratio:.2g} times as strong as in the published model.",
                "Check the unit and the scaling of the maximal isometric forces.",
                f"{usual[0]:g} to {usual[1]:g}",
            )
            continue
        odd = [name for name in shared if not MUSCLE_STRENGTH[0] <= own[name] / published[name] <= MUSCLE_STRENGTH[1]]
        if odd:
            told = ", ".join(f"{name} {own[name] / published[name]:.2g}" for name in odd[:4])
            yield _finding(
                "muscle_strength",
                "serious",
                f"Strength relative to the published model, {side} leg: {told}.",
                "Check the maximal isometric forces.",
                f"{MUSCLE_STRENGTH[0]:g} to {MUSCLE_STRENGTH[1]:g}",
            )


def _masses(model: GaitModel, subject: Subject) -> Iterator[Finding]:
    off = model.mass_kg / subject.mass_kg - 1.0
    if abs(off) > MODEL_MASS[0]:
        yield _finding(
            "mass_mismatch",
            graded(abs(off), MODEL_MASS),
            f"The model's mass is {model.mass_kg:.1f} kg, the person's {subject.mass_kg:.1f} kg. One of them is wrong,"
            " and so are all loads in body weight.",
            "Correct the mass under [subject], or scale the model to it.",
            "5 %",
        )
    published = _published()
    for letter in SIDE_SUFFIX.values():
        for name in (f"femur_{letter}", f"tibia_{letter}", "pelvis", "torso"):
            if name not in model.body_index or (letter == "l" and name in ("pelvis", "torso")):
                continue
            own, theirs = model.body_index[name] - 1, published.body_index[name] - 1
            share = model.body_mass_kg[own] / model.mass_kg * published.mass_kg / published.body_mass_kg[theirs]
            if not SEGMENT_SHARE[0] <= share <= SEGMENT_SHARE[1]:
                yield _finding(
                    "segment_mass",
                    "serious",
                    f"{name} has {share:.2f} times its usual share of the body's mass.",
                    "Check the segment masses.",
                    f"{SEGMENT_SHARE[0]:g} to {SEGMENT_SHARE[1]:g}",
                )
            radius = [
                np.sqrt(np.trace(m.body_inertia[i]) / max(m.body_mass_kg[i], 1e-9))
                for m, i in ((model, own), (published, theirs))
            ]
            ratio = float(radius[0] / radius[1])
            if not GYRATION[0] <= ratio <= GYRATION[1]:
                yield _finding(
                    "inertia",
                    "serious",
                    f"The radius of gyration of {name} is {ratio:.2g} times the published one.",
                    "Check the moments of inertia (kg m2).",
                    f"{GYRATION[0]:g} to {GYRATION[1]:g}",
                )


def _lengths(model: GaitModel, subject: Subject) -> Iterator[Finding]:
    own, published = _legs(model), _legs(_published())
    length = {side: leg[0] + leg[1] for side, leg in own.items()}
    usual = sum(published["right"][:2]) / _PUBLISHED_HEIGHT_M * subject.height_m
    off = 0.5 * (length["left"] + length["right"]) / usual - 1.0
    if abs(off) > LEG_LENGTH[0]:
        yield _finding(
            "height",
            graded(abs(off), LEG_LENGTH),
            f"The model's leg length differs by {100 * off:+.0f} % from that expected for a height of"
            f" {subject.height_m:.2f} m: the height or the scaling is wrong.",
            "Check the height under [subject]: moments are divided by it.",
            "8 %",
        )
    for part, name in enumerate(("thigh", "shank")):
        difference = abs(own["left"][part] / own["right"][part] - 1.0)
        if difference > LEG_DIFFERENCE[0]:
            yield _finding(
                "leg_length",
                graded(difference, LEG_DIFFERENCE),
                f"The model's left and right {name} differ by {100 * difference:.0f} %.",
                "Check the scaling of both sides.",
                "5 %",
            )
    thigh_share = own["right"][0] / length["right"], published["right"][0] / sum(published["right"][:2])
    if abs(thigh_share[0] - thigh_share[1]) > 0.055:
        yield _finding(
            "leg_length",
            "serious",
            f"The thigh is {100 * thigh_share[0]:.0f} % of the leg, usually {100 * thigh_share[1]:.0f} %.",
            "Check the scaling of thigh and shank.",
            "5.5 %",
        )
    aside = {side: own[side][2] - published[side][2] * length[side] / sum(published[side][:2]) for side in SIDES}
    uneven = abs(aside["left"] - aside["right"])
    for side, value in aside.items():
        if abs(value) > KNEE_ASIDE_M[0]:
            yield _finding(
                "knee_centre",
                graded(abs(value), KNEE_ASIDE_M),
                f"The {side} knee centre lies {100 * abs(value):.1f} cm {'lateral' if value > 0 else 'medial'} of its"
                " position in the published model, relative to the line from hip to ankle.",
                "Check the knee markers; accept this only if the person's alignment was measured.",
                "0.3 cm",
            )
    if uneven > KNEE_DIFFERENCE_M[0] and max(map(abs, aside.values())) <= KNEE_ASIDE_M[0]:
        yield _finding(
            "knee_centre",
            graded(uneven, KNEE_DIFFERENCE_M),
            "The mediolateral positions of the two knee centres, relative to the line from hip to ankle, differ by"
            f" {100 * uneven:.1f} cm.",
            "Check the knee markers of both legs.",
            "0.3 cm",
        )
    for side in SIDES:
        varus = own[side][3] - published[side][3]
        if abs(varus) > VARUS_DEG[0]:
            yield _finding(
                "knee_alignment",
                graded(abs(varus), VARUS_DEG),
                f"The {side} knee has {abs(varus):.1f}° more {'varus' if varus > 0 else 'valgus'} than the published"
                " model.",
                "Accept this only if the person's alignment was measured.",
                f"{VARUS_DEG[0]:.0f}°",
            )


def _legs(model: GaitModel) -> dict[Side, tuple[float, float, float, float]]:
    """Thigh and shank length (m), offset of the knee (m), varus (degrees), with all angles zero.

    The offset is that of the joint centres on the bones: how far lateral of the line from hip to ankle the knee lies
    where the shank is in line with the thigh. The angle between both, varus positive, is told apart from it.
    """
    model.set_state(np.zeros(len(model.coordinates)))
    found: dict[Side, tuple[float, float, float, float]] = {}
    for side in SIDES:
        letter = SIDE_SUFFIX[side]
        (femur, hip), (tibia, knee), (_, ankle) = (
            model.body_pose(model.body_index[f"{body}_{letter}"]) for body in ("femur", "tibia", "talus")
        )
        thigh, shank = femur.T @ (knee - hip), tibia.T @ (ankle - knee)
        share = thigh[1] / (thigh[1] + shank[1])
        aside = LATERAL_SIGN[side] * (thigh[2] - share * (thigh[2] + shank[2]))
        along = femur.T @ tibia[:, 1]
        varus = LATERAL_SIGN[side] * np.degrees(np.arctan2(along[2], along[1]))
        lengths = float(np.linalg.norm(thigh)), float(np.linalg.norm(shank))
        found[side] = (*lengths, float(aside), float(varus))
    return found


def _finding(code: str, severity: Severity, problem: str, remedy: str, limit: str) -> Finding:
    about: About = "model"
    return Finding(code, severity, about, problem, remedy, limit=limit, source=f"Compared with {_RAJAGOPAL}")
