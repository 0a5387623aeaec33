"""Positions of anatomical landmarks on the generic model, and how well skin markers follow them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from workbench.core.vocabulary import LATERAL_SIGN, SIDE_SUFFIX, SIDES

Point = tuple[float, float, float]


@dataclass(frozen=True)
class Landmark:
    """A point of the body, represented by a marker or a key point."""

    name: str  #: ``"left_asis"``, ``"sacrum"``
    body: str  #: body of the model
    location_m: Point  #: centre of the marker in the frame of the unscaled body
    weight: float  #: in inverse kinematics


# Right side and midline: body, forward, up, right (m), weight. Places: the marker set of Rajagopal et al. 2016 (IEEE
# Trans Biomed Eng 63:2068) as distributed for the Grand Challenge recordings (Modenese et al. 2021, Gait Posture
# 88:318); malleoli, jugular notch and acromion: its 2023 release (Uhlrich et al. 2022, Sci Rep 12:9842). Weights: those
# of the published inverse kinematics of the walk of Rajagopal et al., halved.
_RIGHT: Final[dict[str, tuple[str, Point, float]]] = {
    "asis": ("pelvis", (0.0112, 0.0056, 0.1280), 10.0),
    "psis": ("pelvis", (-0.1650, 0.0500, 0.0500), 10.0),
    "hip_centre": ("femur", (0.0, 0.0, 0.0), 5.0),
    "lateral_knee": ("femur", (-0.0036, -0.4024, 0.0570), 5.0),
    "medial_knee": ("femur", (-0.0036, -0.4024, -0.0590), 5.0),
    "knee_centre": ("femur", (-0.0036, -0.4024, -0.0010), 5.0),
    "patella": ("tibia", (0.0593, -0.0202, 0.0024), 2.0),
    "lateral_ankle": ("tibia", (-0.0110, -0.3860, 0.0530), 5.0),
    "medial_ankle": ("tibia", (0.0010, -0.3860, -0.0380), 5.0),
    "ankle_centre": ("tibia", (-0.0050, -0.3860, 0.0075), 5.0),
    "heel": ("calcn", (-0.0244, 0.0140, -0.0086), 5.0),
    "first_metatarsal": ("calcn", (0.1714, -0.0050, -0.0482), 2.0),
    "second_metatarsal": ("calcn", (0.1830, 0.0250, 0.0051), 2.0),
    "fifth_metatarsal": ("calcn", (0.1600, -0.0080, 0.0620), 2.0),
    "hallux": ("toes", (0.0880, 0.0200, -0.0200), 1.0),
    "toe_tip": ("toes", (0.0893, 0.0150, 0.0107), 1.0),
    "fifth_toe": ("toes", (0.0100, 0.0050, 0.0600), 1.0),
    "shoulder": ("torso", (-0.0030, 0.4250, 0.1300), 1.0),
    "shoulder_centre": ("torso", (0.0032, 0.3715, 0.1700), 1.0),
    "clavicle": ("torso", (0.0520, 0.3560, 0.0240), 1.0),
}
_MIDLINE: Final[dict[str, tuple[str, Point, float]]] = {
    "sacrum": ("pelvis", (-0.1650, 0.0500, 0.0), 10.0),
    "mid_hip": ("pelvis", (-0.0563, -0.0785, 0.0), 5.0),
    "c7": ("torso", (-0.0771, 0.4230, 0.0), 1.0),
    "neck": ("torso", (-0.0300, 0.4100, 0.0), 1.0),
    "t10": ("torso", (-0.0997, 0.1883, 0.0), 1.0),
    "jugular_notch": ("torso", (0.0401, 0.3725, 0.0), 1.0),
    "xiphoid": ("torso", (0.0973, 0.2045, 0.0), 1.0),
}

#: Landmarks that exist on both sides, without the side.
PAIRED: Final = tuple(_RIGHT)
MIDLINE: Final = tuple(_MIDLINE)
#: Bodies that exist on both sides, without the side's letter.
PAIRED_BODIES: Final = ("femur", "tibia", "calcn", "toes")
MIDLINE_BODIES: Final = ("pelvis", "torso")
#: A marker that only follows its body: where it sits is found from the recording.
TRACKING_WEIGHT: Final = 2.0


def _all() -> dict[str, Landmark]:
    found = {name: Landmark(name, *entry) for name, entry in _MIDLINE.items()}
    for name, (body, (x, y, z), weight) in _RIGHT.items():
        for side in SIDES:
            own_body = f"{body}_{SIDE_SUFFIX[side]}" if body in PAIRED_BODIES else body
            found[f"{side}_{name}"] = Landmark(f"{side}_{name}", own_body, (x, y, LATERAL_SIGN[side] * z), weight)
    return found


LANDMARKS: Final[Mapping[str, Landmark]] = _all()
