"""The leg of a trial with its response surface: what the load map and the personal target are drawn from."""

from __future__ import annotations

from dataclasses import dataclass

from workbench.core.response import ResponseSurface
from workbench.core.types import Processing, Stride, Trial


@dataclass(frozen=True, eq=False)
class PreparedLeg:
    """The leg that is analysed, with its response surface."""

    trial: Trial
    processing: Processing
    strides: tuple[Stride, ...]  #: all that were recorded of this leg
    surface: ResponseSurface  #: of the stride that is analysed
