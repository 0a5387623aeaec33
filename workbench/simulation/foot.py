"""The foot of a model: its landmarks and its sole."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from workbench.core.errors import ModelError
from workbench.core.types import Array
from workbench.core.vocabulary import LATERAL_SIGN, SIDE_SUFFIX, Side
from workbench.simulation.quiet_opensim import opensim

# Foot of the Rajagopal family in units of the distance heel to toe joint (calcn origin to toes origin), as (forward,
# up, lateral) in the calcaneus frame: shape where a model carries no foot markers. The figures are those of
# models/tables/markers.csv, whose marker heights are the sole's; here the sole lies in the plane of the origin.
_FOOT_SHAPE = {
    "heel": (-0.084, 0.0, -0.048),
    "second_metatarsal_head": (1.023, 0.0, 0.029),
    "toe_tip": (1.375, 0.0, 0.066),
    "medial_heel": (0.084, 0.0, -0.224),
    "lateral_heel": (0.084, 0.0, 0.134),
    "medial_forefoot": (1.035, 0.0, -0.235),
    "lateral_forefoot": (0.839, 0.0, 0.280),
}


@dataclass(frozen=True)
class Foot:
    """Landmarks of one foot in the calcaneus frame, metres."""

    heel_m: Array  #: (3,) posterior calcaneus
    second_metatarsal_head_m: Array  #: (3,)
    toe_tip_m: Array  #: (3,) end of the foot axis
    outline_m: Array  #: (k, 3) corners of the sole, in order

    @cached_property
    def axis(self) -> Array:
        """Unit vector from the heel to the second metatarsal head, (3,)."""
        along = self.second_metatarsal_head_m - self.heel_m
        return along / np.linalg.norm(along)

    @cached_property
    def axes(self) -> Array:
        """Rows: along the foot axis, upwards, to the right, (3, 3)."""
        upwards = np.array([0.0, 1.0, 0.0]) - self.axis[1] * self.axis
        upwards = upwards / np.linalg.norm(upwards)
        return np.stack([self.axis, upwards, np.cross(self.axis, upwards)])

    @property
    def length_m(self) -> float:
        """Distance from the heel to the toe tip along the foot axis."""
        return float((self.toe_tip_m - self.heel_m) @ self.axis)


def foot_of(model: Any, state: Any, side: Side) -> Foot:
    """Foot landmarks from the model's markers where it carries them, else from the family's proportions."""
    letter = SIDE_SUFFIX[side]
    calcaneus = model.getBodySet().get(f"calcn_{letter}")
    markers = {marker.getName(): marker for marker in model.getMarkerSet()}
    if all(f"{name}_{letter}" in markers for name in _FOOT_SHAPE):
        points = {
            name: markers[f"{name}_{letter}"].findLocationInFrame(state, calcaneus).to_numpy() for name in _FOOT_SHAPE
        }
    else:
        toe_joint = _toe_joint(model, state, letter, calcaneus)
        scale = np.array([1.0, 1.0, LATERAL_SIGN[side]]) * toe_joint
        points = {name: scale * np.array(shape) for name, shape in _FOOT_SHAPE.items()}
    corners = ("heel", "medial_heel", "medial_forefoot", "toe_tip", "lateral_forefoot", "lateral_heel")
    return Foot(
        heel_m=points["heel"],
        second_metatarsal_head_m=points["second_metatarsal_head"],
        toe_tip_m=points["toe_tip"],
        outline_m=np.array([points[corner] for corner in corners]),
    )


def _toe_joint(model: Any, state: Any, letter: str, calcaneus: Any) -> float:
    """Forward distance from the calcaneus origin to the toe joint, metres."""
    for joint in model.getJointSet():
        if joint.getChildFrame().findBaseFrame().getName() == f"toes_{letter}":
            origin = joint.getParentFrame().findStationLocationInAnotherFrame(state, opensim.Vec3(0), calcaneus)
            return float(origin.to_numpy()[0])
    raise ModelError(
        f"the model has neither toes_{letter} nor foot markers, so foot axis and foot length are unknown.",
        where=str(model.getName()),
        remedy=f"Add markers heel_{letter}, second_metatarsal_head_{letter}, toe_tip_{letter} and the foot's corners.",
    )
