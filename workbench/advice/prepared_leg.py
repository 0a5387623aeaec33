"""The leg of a trial with its response surface: the basis of load map and personal target."""

from __future__ import annotations

import textwrap
from dataclasses import dataclass
from typing import Final

from workbench.core.findings import Finding, in_brief
from workbench.core.response import ResponseSurface
from workbench.core.results import findings_of_recorded
from workbench.core.settings import LoadSettings, Processing
from workbench.core.types import SolvedLeg, Stride, Trial

_TITLE_CHARACTERS: Final = 90  #: in a line over a map


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

    def title(self, settings: LoadSettings) -> str:
        """Whose leg it is, and below it what is serious or doubtful, for a picture."""
        brief = textwrap.wrap(in_brief(self.findings(settings)), _TITLE_CHARACTERS)
        return "\n".join([f"{self.trial.name}, {self.surface.stride.side} leg", *brief])
