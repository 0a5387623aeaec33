"""Size of a person's segments relative to the generic model, from marker positions alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from workbench.core.errors import TrialError
from workbench.core.types import Array
from workbench.core.vocabulary import SIDE_SUFFIX, SIDES, Side
from workbench.recordings.functional_joints import carried_point, knee_on_line, rigid_fit

#: Markers of the trunk that tell its length, as far as they are seen.
_TRUNK: Final = ("c7", "neck", "jugular_notch", "left_shoulder", "right_shoulder", "left_clavicle", "right_clavicle",
                 "left_shoulder_centre", "right_shoulder_centre", "t10", "xiphoid")  # fmt: skip
#: Front end of the foot's length, the first that is seen.
_FOREFOOT: Final = ("toe_tip", "hallux", "second_metatarsal", "first_metatarsal", "fifth_metatarsal", "fifth_toe")
_HIPS: Final = ("left_hip_centre", "right_hip_centre")
_HIP_SPACING_M: Final = (0.10, 0.21)  #: children to wide adults; outside, hip centres in a file are not believed
_RECORDED: Final = "from the recording"
_HIP_WEIGHT: Final = 3.0  #: against one for a spine
#: Mean over the three people with knee and ankle markers that were at hand (PS, S4, and the walk of Rajagopal et al.):
#: hips by regression lie higher, and knees too, than in the generic model.
_THIGH_OF_STATURE: Final = 0.962
_SHANK_OF_STATURE: Final = 1.035
_PELVIS_RANGE: Final = (0.5, 1.8)  #: small children to the broadest adults
_ROUNDS: Final = 100

Clusters = Mapping[Side, tuple[Array, Array]]  #: (n, k, 3) tracking markers of thigh and shank
Points = Mapping[str, Array]  #: (n, 3) by landmark in a recording, (3,) in the model


@dataclass(frozen=True)
class SegmentRatios:
    """Length of a person's segments in units of the generic model's."""

    pelvis: tuple[float, float, float]  #: depth, height, width
    thigh: Mapping[Side, float]  #: may lack a side, or both
    shank: Mapping[Side, float]
    foot: Mapping[Side, float]
    trunk: float | None
    hip_from: str  #: how the hip centres were found, in words


def segment_ratios(measured: Points, model: Points, clusters: Clusters | None = None) -> SegmentRatios:
    """Compare a recording's segment lengths with the model's, as the median over the frames.

    The pelvis is measured between the spines, or between the hip centres where the recording has them. Otherwise the
    hip centres keep their place in the model's pelvis, scaled with it. Thigh and shank end at the middle of the
    epicondyles and malleoli, or at the lateral ones where only these have markers.

    Parameters
    ----------
    measured : mapping
        Positions (n, 3) in metres by landmark; missing where not seen.
    model : mapping
        Positions (3,) by landmark in the model's default pose, the hip centres among them, ``"lumbar_joint"``,
        ``"left_knee_joint"`` and ``"right_knee_joint"``.
    clusters : mapping, optional
        Tracking markers of a walk, to find the knee where no marker shows it.

    Raises
    ------
    TrialError
        If the markers do not determine pelvis and hips.
    """
    seen = {name: position for name, position in measured.items() if np.isfinite(position).all(axis=1).any()}
    hips, hip_from = _hips(seen)
    names = (*_spines(seen), *_HIPS)
    pelvis_points = {name: hips[name] if name in hips else seen[name] for name in names}
    pelvis = _pelvis_factors(pelvis_points, model, hips_recorded=hip_from == _RECORDED)
    placed = _carried(pelvis_points, model, pelvis)
    thigh, shank, foot = {}, {}, {}
    for side in SIDES:
        knee, ankle = _joint(seen, side, "knee"), _joint(seen, side, "ankle")
        if not knee and clusters and side in clusters:
            length = _functional_thigh(seen, model, hips, side, *clusters[side])
            if length:
                thigh[side] = length
        if knee:
            own = _middle(model, knee)
            thigh[side] = _ratio(hips[f"{side}_hip_centre"], _middle(seen, knee), model[f"{side}_hip_centre"], own)
        if knee and ankle:
            if len(knee) != len(ankle):  # like with like: both middles, or both lateral sides
                knee, ankle = knee[:1], ankle[:1]
            shank[side] = _ratio(*(_middle(points, which) for points in (seen, model) for which in (knee, ankle)))
        front = next((f"{side}_{name}" for name in _FOREFOOT if f"{side}_{name}" in seen), None)
        if front and f"{side}_heel" in seen:
            foot[side] = _ratio(*(points[name] for points in (seen, model) for name in (f"{side}_heel", front)))
    trunk = [_ratio(placed, seen[name], model["lumbar_joint"], model[name]) for name in _TRUNK if name in seen]
    return SegmentRatios(pelvis, thigh, shank, foot, float(np.mean(trunk)) if trunk else None, hip_from)


def scale_factors_of(ratios: SegmentRatios, stature: float) -> dict[str, tuple[float, float, float]]:
    """Return scale factors by body of the own model.

    Left and right get the mean of both sides: their difference is mostly marker placement. A segment without markers is
    scaled by body height.

    Parameters
    ----------
    ratios : SegmentRatios
    stature : float
        The person's stature in units of the generic model's.
    """

    def mean(values: Mapping[Side, float], otherwise: float) -> float:
        return float(np.mean(list(values.values()))) if values else otherwise

    thigh = mean(ratios.thigh, _THIGH_OF_STATURE * stature)
    shank = mean(ratios.shank, _SHANK_OF_STATURE * stature)
    foot = mean(ratios.foot, stature)
    by_body = {"femur": thigh, "patella": thigh, "tibia": shank, "talus": foot, "calcn": foot, "toes": foot}
    factors = {"pelvis": ratios.pelvis, "torso": (ratios.trunk or stature,) * 3}
    for body, factor in by_body.items():
        for letter in SIDE_SUFFIX.values():
            factors[f"{body}_{letter}"] = (factor, factor, factor)
    return factors


def _spines(seen: Points) -> tuple[str, ...]:
    """Landmarks that fix the pelvis; none where they do not suffice."""
    front = tuple(f"{side}_asis" for side in SIDES if f"{side}_asis" in seen)
    rear = tuple(f"{side}_psis" for side in SIDES if f"{side}_psis" in seen)
    rear += ("sacrum",) if "sacrum" in seen else ()
    return front + rear if len(front) == 2 and rear not in ((), ("left_psis",), ("right_psis",)) else ()


def _hips(seen: Points) -> tuple[dict[str, Array], str]:
    """Hip centres in every frame: from the recording where they are credible, else by regression."""
    own = {name: seen[name] for name in _HIPS if name in seen}
    low, high = _HIP_SPACING_M
    if len(own) == 2:
        spacing = float(np.nanmedian(np.linalg.norm(own[_HIPS[0]] - own[_HIPS[1]], axis=1)))
        if low <= spacing <= high:
            return own, _RECORDED
        if not _spines(seen):
            raise TrialError(
                f"the hip centres lie {1000 * spacing:.0f} mm apart.",
                remedy=f"Expected {1000 * low:.0f} to {1000 * high:.0f} mm.",
            )
    if not _spines(seen):
        raise TrialError(
            "the markers do not determine the pelvis.",
            remedy="Needed: both ASIS and either the sacrum or both PSIS, or both hip centres.",
        )
    left, right = seen["left_asis"], seen["right_asis"]
    rear = seen["sacrum"] if "left_psis" not in seen else (seen["left_psis"] + seen["right_psis"]) / 2.0
    regressed = hip_centres(left, right, rear)
    why = "regression of Harrington et al. 2007"
    if len(own) == 2:
        why += f" (in the recording they are {1000 * spacing:.0f} mm apart)"
    return dict(zip(_HIPS, regressed, strict=True)), why


def hip_centres(left_asis: Array, right_asis: Array, rear: Array) -> tuple[Array, Array]:
    """Return left and right hip centre (n, 3) from the spines, each (n, 3), in metres.

    Regression on magnetic resonance images of 32 people by Harrington et al. 2007, J Biomech 40:595 (their simplest
    equations: depth and width of the pelvis), in axes from the spines.

    Examples
    --------
    >>> left, right = hip_centres(*np.array([[[0.0, 1, -0.12]], [[0.0, 1, 0.12]], [[-0.15, 1, 0.0]]]))
    >>> np.round(right, 4).tolist()
    [[-0.0459, 0.9171, 0.0865]]
    """
    middle = (left_asis + right_asis) / 2.0
    width = np.linalg.norm(right_asis - left_asis, axis=-1, keepdims=True)
    rightwards = (right_asis - left_asis) / width
    depth = np.linalg.norm(middle - rear, axis=-1, keepdims=True)
    forward = middle - rear
    forward = forward - (forward * rightwards).sum(axis=-1, keepdims=True) * rightwards
    forward = forward / np.linalg.norm(forward, axis=-1, keepdims=True)
    upward = np.cross(rightwards, forward)
    centre = middle - (0.24 * depth + 0.0099) * forward - (0.30 * width + 0.0109) * upward
    aside = (0.33 * width + 0.0073) * rightwards
    return centre - aside, centre + aside


def _pelvis_factors(points: Points, model: Points, *, hips_recorded: bool) -> tuple[float, float, float]:
    """Stretch of the pelvis that brings the model's spines and hip centres nearest to the measured ones.

    Rigid fit and stretch along the three axes in turn, on the mean shape of the pelvis. Hip centres count more than the
    skin over the spines; recorded ones give the width alone. Two hip centres without spines stretch all axes alike.
    """
    names = list(points)
    own = np.array([model[name] for name in names])
    width = _ratio(*(points[name] for name in _HIPS), *(model[name] for name in _HIPS))
    if len(names) == len(_HIPS):
        return (width, width, width)
    frames = np.stack([points[name] for name in names], axis=1)
    frames = frames[np.isfinite(frames).all(axis=(1, 2))]
    if not len(frames):
        raise TrialError("there is no frame with all pelvis markers visible.", remedy="Fill their gaps.")
    weights = np.ones((len(names), 1))
    weights[[names.index(name) for name in _HIPS]] = _HIP_WEIGHT
    factors = np.ones(3)
    for _ in range(_ROUNDS):
        inside = []
        for frame in frames[:: max(1, len(frames) // 50)]:
            rotation, shift = rigid_fit(own * factors, frame, weights[:, 0])
            inside.append((frame - shift) @ rotation)
        shape = np.mean(inside, axis=0)
        share = weights / weights.sum()
        a, b = own - (share * own).sum(axis=0), shape - (share * shape).sum(axis=0)
        factors = (weights * a * b).sum(axis=0) / (weights * a * a).sum(axis=0)
        if hips_recorded:
            factors[2] = width
    x, y, z = (float(factor) for factor in factors)
    low, high = _PELVIS_RANGE
    if not all(low <= factor <= high for factor in (x, y, z)):
        raise TrialError(
            f"according to the markers the pelvis is {x:.2f}, {y:.2f} and {z:.2f} times as deep, high and wide as the"
            " model's.",
            remedy="Check the labels of ASIS and PSIS, and the unit.",
        )
    return x, y, z


def _carried(points: Points, model: Points, factors: tuple[float, float, float]) -> Array:
    """Lumbar joint in every frame, carried by the pelvis; missing where the pelvis is not seen."""
    names = list(points)
    own = np.array([model[name] for name in names]) * factors
    frames = np.stack([points[name] for name in names], axis=1)
    found = np.full((len(frames), 3), np.nan)
    for i, frame in enumerate(frames):
        if np.isfinite(frame).all():
            rotation, shift = rigid_fit(own, frame) if len(names) > 2 else (np.eye(3), (frame - own).mean(axis=0))
            found[i] = rotation @ (model["lumbar_joint"] * factors) + shift
    return found


def _functional_thigh(
    seen: Points, model: Points, hips: Points, side: Side, thigh: Array, shank: Array
) -> float | None:
    """Thigh from the hip centre to the axis of the knee, or None where that is not found.

    The shank cannot be had in this way: on three people with knee and ankle markers it came out 3 % too long.
    """
    hip, ankle = f"{side}_hip_centre", f"{side}_ankle_centre"
    foot = [f"{side}_{name}" for name in ("heel", *_FOREFOOT) if f"{side}_{name}" in seen]
    if len(foot) < 3:
        return None
    scale = _ratio(*(points[name] for points in (seen, model) for name in foot[:2]))
    own = scale * np.array([model[name] for name in foot])
    ankles = carried_point(own, np.stack([seen[name] for name in foot], axis=1), scale * model[ankle])
    knee = knee_on_line(thigh, shank, hips[hip], ankles)
    return None if knee is None else _ratio(hips[hip], knee, model[hip], model[f"{side}_knee_joint"])


def _joint(seen: Points, side: Side, joint: str) -> tuple[str, ...]:
    """Landmarks whose middle is the joint, or the lateral one alone (first)."""
    if f"{side}_{joint}_centre" in seen and f"{side}_lateral_{joint}" not in seen:
        return (f"{side}_{joint}_centre",)
    lateral, medial = f"{side}_lateral_{joint}", f"{side}_medial_{joint}"
    if lateral not in seen:
        return ()
    return (lateral, medial) if medial in seen else (lateral,)


def _middle(points: Points, names: Sequence[str]) -> Array:
    return np.mean([points[name] for name in names], axis=0)


def _ratio(one: Array, other: Array, model_one: Array, model_other: Array) -> float:
    measured = float(np.nanmedian(np.linalg.norm(one - other, axis=-1)))
    return measured / float(np.linalg.norm(model_one - model_other))
