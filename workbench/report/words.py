"""An answer as a sentence: what was changed, what fell or rose, and whether KAM and force disagree."""

from __future__ import annotations

from collections.abc import Mapping

from workbench.advice.target import MEDIAL_FORCE_GOAL
from workbench.core.changes import KINDS
from workbench.core.results import Simulation

#: Smaller changes are called no change: percent of the recorded peak, and body weights.
NOTICEABLE_PERCENT = 1.0
NOTICEABLE_BW = 0.01


def sentence(simulation: Simulation) -> str:
    """Say what the change of gait does to both KAM peaks and to the larger peak of the medial force.

    The conclusion compares the first KAM peak with the force, as gait changes are mostly judged by that peak.
    """
    if simulation.modification.is_none:
        *ways, last = (kind.label for kind in KINDS.values())
        return f"The recorded walk. Change {', '.join(ways)} or {last} to see the effect."
    done = str(simulation.modification.changes)
    recorded, modified = simulation.baseline.peaks, simulation.modified.peaks
    first, second = (
        100.0 * simulation.change[name] / abs(recorded[name])
        for name in ("kam_peak_1_pct_bw_ht", "kam_peak_2_pct_bw_ht")
    )
    force_bw = _larger_medial_peak(modified) - _larger_medial_peak(recorded)
    reading = _READINGS[_way(first, NOTICEABLE_PERCENT), _way(force_bw, NOTICEABLE_BW)]
    return (
        f"{done[0].upper()}{done[1:]}: first KAM peak {signed(first, 0)} %, second {signed(second, 0)} %,"
        f" larger medial force peak {signed(force_bw, 2)} BW: {reading}."
    )


def _larger_medial_peak(peaks: Mapping[str, float]) -> float:
    return max(peaks[name] for name in MEDIAL_FORCE_GOAL.peaks)


def _way(change: float, noticeable: float) -> int:
    return 0 if abs(change) < noticeable else (1 if change > 0 else -1)


def signed(value: float, digits: int) -> str:
    """A number with its sign, a true minus, and no sign at zero."""
    text = f"{value:+.{digits}f}"
    return text[1:] if float(text) == 0.0 else text.replace("-", "−")


#: By the way of the moment and the way of the force.
_READINGS = {
    (-1, -1): "both the first KAM peak and the force fall",
    (1, 1): "both the first KAM peak and the force rise",
    (-1, 1): "the first KAM peak falls but the force does not",
    (-1, 0): "the first KAM peak falls but the force hardly changes",
    (1, -1): "the first KAM peak rises but the force falls",
    (1, 0): "the first KAM peak rises but the force hardly changes",
    (0, -1): "the first KAM peak hardly changes and the force falls",
    (0, 1): "the first KAM peak hardly changes but the force rises",
    (0, 0): "neither changes noticeably",
}
