"""The leg of a trial with its response surface: the basis of load map and personal target."""

from __future__ import annotations

from dataclasses import dataclass

from workbench.core.findings import Finding
from workbench.core.response import ResponseSurface
from workbench.core.results import findings_of_recorded
from workbench.core.settings import LoadSettings, Processing
from workbench.core.types import SolvedLeg, Stride, Trial


@dataclass(frozen=True, eq=False)
class PreparedLeg:
    """The leg that is analysed, with its response surface."""

    trial: Trial
    processing: Processing
    strides: tuple[Stride, ...]  #: all that were recorded of this leg
    surface: ResponseSurface  #: of the stride that is analysed
    recorded: SolvedLeg  #: the recorded walk of that stride

    def findings(self, settings: LoadSettings) -> tuple[Finding, ...]:
        """Findings about the recorded walk, worst first."""
        surface = self.surface
        return findings_of_recorded(self.trial, surface.stride, self.recorded, settings, surface.template)
