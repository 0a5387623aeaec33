"""What is asked of OpenSim: one leg in one stride, in the recorded or a modified gait."""

from __future__ import annotations

from workbench.core.settings import GaitModification, Processing
from workbench.core.types import Stride, Trial

#: The trial, how it is processed, the stride whose leg is solved, and the gait.
LegJob = tuple[Trial, Processing, Stride, GaitModification]
