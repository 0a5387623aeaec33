"""A recording as a laboratory delivers it: markers, plates, events; metres, newtons, seconds.

Axes as everywhere in the workbench, once a reader has turned them: X forward, Y up, Z to the right.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from workbench.core.errors import TrialError
from workbench.core.findings import Finding
from workbench.core.types import Array, frozen_array
from workbench.core.vocabulary import Side


@dataclass(frozen=True)
class Markers:
    """Marker trajectories."""

    time_s: Array  #: (n,)
    names: tuple[str, ...]  #: (k,) without the subject's prefix
    position_m: Array  #: (n, k, 3); missing (NaN) where a marker was not seen

    def __post_init__(self) -> None:
        object.__setattr__(self, "time_s", frozen_array(self.time_s, (None,), "the markers' time"))
        position = np.array(self.position_m, dtype=float)
        wanted = (len(self.time_s), len(self.names), 3)
        if position.shape != wanted:
            raise TrialError(f"the marker positions have shape {position.shape}, expected {wanted}.")
        position.flags.writeable = False
        object.__setattr__(self, "position_m", position)

    @property
    def rate_hz(self) -> float:
        """Frames per second."""
        return float(1.0 / np.median(np.diff(self.time_s)))


@dataclass(frozen=True)
class ForcePlate:
    """One force plate: the force on the person's foot, in laboratory axes."""

    name: str
    time_s: Array  #: (n,)
    force_N: Array  #: (n, 3) on the foot, vertical positive when loaded
    moment_Nm: Array  #: (n, 3) about the laboratory's origin
    corners_m: Array | None = None  #: (4, 3)
    surface_height_m: float = 0.0  #: of the surface that is trodden on

    def __post_init__(self) -> None:
        object.__setattr__(self, "time_s", frozen_array(self.time_s, (None,), f"the time of {self.name}"))
        n = len(self.time_s)
        object.__setattr__(self, "force_N", frozen_array(self.force_N, (n, 3), f"the force on {self.name}"))
        object.__setattr__(self, "moment_Nm", frozen_array(self.moment_Nm, (n, 3), f"the moment on {self.name}"))
        if self.corners_m is not None:
            object.__setattr__(self, "corners_m", frozen_array(self.corners_m, (4, 3), f"the corners of {self.name}"))


@dataclass(frozen=True)
class ModelOutput:
    """A curve that another program computed and stored with the markers, such as a Plug-in Gait joint moment."""

    kind: str  #: "angle", "moment", "force", "power"
    unit: str  #: as the file says
    values: Array  #: (n, 3) on the markers' clock, in the program's own axes; missing (NaN) where there is none


@dataclass(frozen=True)
class Recording:
    """Everything that was read of one trial."""

    name: str
    markers: Markers | None = None
    plates: tuple[ForcePlate, ...] = ()
    foot_strikes_s: Mapping[Side, tuple[float, ...]] = field(default_factory=dict)  #: as the file says
    foot_offs_s: Mapping[Side, tuple[float, ...]] = field(default_factory=dict)
    mass_kg: float | None = None  #: as the file says
    height_m: float | None = None
    model_outputs: Mapping[str, ModelOutput] = field(default_factory=dict)  #: by the file's label
    treadmill: bool = False  #: the feet run backwards in stance while the pelvis stays
    turned_by: Array | None = None  #: (3, 3) rows forward, up, right in the file's axes; None where nothing was turned
    findings: tuple[Finding, ...] = ()
    source_sha256: Mapping[str, str] = field(default_factory=dict)
