"""Walks kept for comparison, and the differences between them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import param

from workbench.core.findings import Finding, of_trials
from workbench.core.metrics import Agreement, agreement
from workbench.core.results import Simulation
from workbench.core.types import Array
from workbench.core.vocabulary import CURVES, CYCLE_PERCENT, Side


@dataclass(frozen=True)
class Pin:
    """One walk of a comparison: a recorded one, or the same with a simulated change."""

    label: str
    side: Side
    simulated: bool
    curves: Mapping[str, Array]
    peaks: Mapping[str, float]
    stance_percent: float
    findings: tuple[Finding, ...]  #: with the name of the trial; of a modified walk, with that of the walk

    @property
    def whole(self) -> bool:
        """True for a whole stride, False for a lone stance."""
        return self.stance_percent < 100.0


class Pins(param.Parameterized):
    """The walks of a comparison; the others are compared with the first."""

    kept = param.List(default=[], item_type=Pin, doc="In the order they were added.")

    def add(self, answer: Simulation) -> None:
        """Keep the walk shown: the modified one if there is a change, otherwise the recorded one."""
        pin = pin_of(answer)
        if all(one.label != pin.label for one in self.kept):
            self.kept = [*self.kept, pin]

    def clear(self) -> None:
        """Start again."""
        self.kept = []


def pin_of(answer: Simulation) -> Pin:
    """The walk of an answer, named after trial, leg, stride and change."""
    stride, modification = answer.strides[0], answer.modification
    change = "as recorded" if modification.is_none else str(modification.changes)
    unit = "stride" if stride.whole else "stance"
    label = f"{answer.trial_name}, {answer.side} {unit} {stride.number}: {change}"
    return Pin(
        label=label,
        side=answer.side,
        simulated=not modification.is_none,
        curves=answer.modified.curves,
        peaks=answer.modified.peaks,
        stance_percent=stride.stance_percent,
        findings=of_trials(
            (label if finding.about == "modified walk" else answer.trial_name, [finding]) for finding in answer.findings
        ),
    )


def apart(first: Pin, other: Pin) -> dict[str, Agreement]:
    """Difference of a walk from the first one over stance, by the names of `vocabulary.CURVES`.

    Stances differ in duration, so they are compared in percent of stance.
    """
    at = np.linspace(0.0, 100.0, len(CYCLE_PERCENT))
    found = {}
    for name in CURVES:
        curves = [np.interp(at, 100.0 * CYCLE_PERCENT / pin.stance_percent, pin.curves[name]) for pin in (first, other)]
        found[name] = agreement(at, curves[1], curves[0], 100.0)
    return found


def peak_rows(pins: Sequence[Pin], name: str) -> list[tuple[float, float | None]]:
    """A peak of every walk, and its difference from the first one's (None for the first)."""
    first = pins[0].peaks[name]
    return [(pin.peaks[name], None if i == 0 else pin.peaks[name] - first) for i, pin in enumerate(pins)]
