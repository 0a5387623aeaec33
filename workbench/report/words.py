"""An answer as a sentence: what was changed, which loads change clearly, and which do not."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from workbench.core.changes import KINDS
from workbench.core.results import Simulation
from workbench.core.vocabulary import PEAKS, TEST_RETEST_ERROR

#: The smallest clear change of a contact force, body weights. No test-retest error of simulated forces is published:
#: 0.05 is about 2 % of a peak, ten times the error of an interpolated answer, and a sixth of the model's error against
#: instrumented knees.
CLEAR_FORCE_BW: Final = 0.05
#: The smallest clear change of a knee moment, % body weight x height: the test-retest error of the first KAM peak.
CLEAR_MOMENT_PCT_BW_HT: Final = TEST_RETEST_ERROR["kam_peak_1_pct_bw_ht"][0]


@dataclass(frozen=True)
class Reading:
    """A quantity that the sentence is about."""

    name: str
    peaks: tuple[str, ...]  #: of `vocabulary.PEAKS`, the first one before the second
    always: bool  #: False: only where it clearly rises

    @property
    def unit(self) -> str:
        """Unit of its peaks."""
        return PEAKS[self.peaks[0]].unit

    @property
    def clear(self) -> float:
        """The smallest change of a peak that is called clear, in its unit."""
        return CLEAR_FORCE_BW if self.unit == "BW" else CLEAR_MOMENT_PCT_BW_HT


READINGS: Final = (
    Reading("KAM", ("kam_peak_1_pct_bw_ht", "kam_peak_2_pct_bw_ht"), always=True),
    Reading("medial force", ("mcf_peak_1_bw", "mcf_peak_2_bw"), always=True),
    Reading("lateral force", ("lcf_peak_1_bw", "lcf_peak_2_bw"), always=False),
    Reading("knee flexion moment", ("kfm_peak_pct_bw_ht",), always=False),
)


def sentence(simulation: Simulation) -> str:
    """Say what the change of gait does to both KAM peaks and both medial peaks, and what else clearly rises.

    A change inside its error is called no clear change.
    """
    if simulation.modification.is_none:
        return natural_gait_in_words()
    done = str(simulation.modification.changes)
    changes = simulation.change
    said = [
        reading_in_words(reading, changes.__getitem__)
        for reading in READINGS
        if reading.always or any(changes[peak] >= reading.clear for peak in reading.peaks)
    ]
    return f"{done[0].upper()}{done[1:]}: {'; '.join(said)}."


def natural_gait_in_words() -> str:
    """What stands in place of the sentence where nothing is changed."""
    *ways, last = (kind.label for kind in KINDS.values())
    change = f"Change {', '.join(ways)} or {last} to see the effect."
    return f"Natural gait, as recorded; the loads are simulated. {change}"


def reading_in_words(reading: Reading, change: Callable[[str], float]) -> str:
    """One quantity of the sentence.

    Parameters
    ----------
    reading : Reading
    change : callable
        Change of a peak, by its name, in its unit.

    Examples
    --------
    >>> changes = {"mcf_peak_1_bw": 0.02, "mcf_peak_2_bw": 0.34}
    >>> reading_in_words(READINGS[1], changes.__getitem__)
    'medial force peaks +0.02 (no clear change) and +0.34 BW'
    """
    label = f"{reading.name} peaks" if len(reading.peaks) > 1 else reading.name
    changes = [change(peak) for peak in reading.peaks]
    if all(abs(one) < reading.clear for one in changes):
        return f"{label}: no clear change ({' and '.join(signed(one, 2) for one in changes)} {reading.unit})"
    said = (signed(one, 2) + ("" if abs(one) >= reading.clear else " (no clear change)") for one in changes)
    return f"{label} {' and '.join(said)} {reading.unit}"


def signed(value: float, digits: int) -> str:
    """A number with its sign, a true minus, and no sign at zero."""
    text = f"{value:+.{digits}f}"
    return text[1:] if float(text) == 0.0 else text.replace("-", "−")
