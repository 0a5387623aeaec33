"""Results from a person's own strides: settings with their errors, and the slopes of the peaks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from workbench.core.findings import Finding
from workbench.core.vocabulary import PEAKS, Side


@dataclass(frozen=True)
class OwnSetting:
    """One assumption of a change of gait, from a person's own strides."""

    name: str  #: of the setting
    what: str  #: in words: "the lean height"
    unit: str  #: in words
    value: float | None  #: None where the strides give no number
    standard_error: float | None
    usual: float  #: the default
    needed: float  #: the half-width of the 95 % confidence interval up to which it counts as settled
    doubt: str  #: why the default is kept; empty where the strides settle it

    @property
    def settled(self) -> bool:
        """Whether the person's own value may replace the default."""
        return not self.doubt

    @property
    def told(self) -> str:
        """Value and standard error in words.

        Examples
        --------
        >>> OwnSetting("pivot", "the pivot", "× foot length", 0.6, 0.05, 0.5, 0.15, "").told
        '0.60 ± 0.05 × foot length'
        """
        if self.value is None or self.standard_error is None:
            return "not determined"
        return f"{self.value:.2f} ± {self.standard_error:.2f} {self.unit}"


@dataclass(frozen=True)
class OwnSlope:
    """Slope of a peak against one change of gait over a person's own strides, other things being equal."""

    peak: str  #: a name of `vocabulary.PEAKS`
    change: str  #: what changes, a name of `vocabulary.PEAKS`
    step: float  #: per which the slope is given, in the unit of what changes
    slope: float  #: of the peak, in its own unit
    low: float  #: 95 % confidence interval
    high: float

    @property
    def settled(self) -> bool:
        """Whether the interval excludes zero."""
        return self.low > 0.0 or self.high < 0.0

    def __str__(self) -> str:
        peak, change = PEAKS[self.peak], PEAKS[self.change]
        return (
            f"{peak.label} {self.slope:+.2f} ({self.low:+.2f} to {self.high:+.2f}) {peak.unit} per {self.step:g}"
            f" {change.unit} of {change.label.lower()}"
        )


@dataclass(frozen=True)
class OwnLaw:
    """Results from the strides of one leg; see `workbench.advice.law_of_strides`."""

    side: Side
    strides: int
    spread: Mapping[str, float]  #: standard deviation between the strides
    settings: tuple[OwnSetting, ...]
    slopes: tuple[OwnSlope, ...]

    @property
    def assumptions(self) -> dict[str, float]:
        """Settings determined by the person's strides, by name, for `GaitModification`."""
        return {one.name: one.value for one in self.settings if one.settled and one.value is not None}

    def findings(self, assumptions: Mapping[str, Any]) -> Iterator[Finding]:
        """Findings: the values used with these assumptions, and those that the strides do not determine.

        Parameters
        ----------
        assumptions : mapping
            By the names of the settings.
        """
        strides = f"{self.strides} {self.side} strides"
        for one in self.settings:
            if one.settled and assumptions.get(one.name) == one.value:
                yield Finding(
                    f"own_{one.name}", "note", "modified walk",
                    f"{one.what.capitalize()} is from this person's own strides: {one.told} (standard error over"
                    f" {strides}), instead of {one.usual:g}.",
                )  # fmt: skip
            elif not one.settled:
                yield Finding(
                    f"own_{one.name}_not_settled", "note", "modified walk",
                    f"This person's {strides} do not determine {one.what} well enough ({one.doubt}), so the default of"
                    f" {one.usual:g} {one.unit} is kept.",
                )  # fmt: skip

        told = [str(one) for one in self.slopes if one.settled]
        if told:
            yield Finding(
                "own_slopes", "note", "modified walk",
                f"Slopes over this person's own {strides}, other things being equal: {'; '.join(told)}. Compare with"
                " the"
                " simulated change.",
            )  # fmt: skip

    def document(self) -> dict[str, Any]:
        """The law for files."""
        return {
            "side": self.side,
            "strides": self.strides,
            "spread": dict(self.spread),
            "settings": [{**asdict(one), "settled": one.settled} for one in self.settings],
            "slopes": [{**asdict(one), "settled": one.settled} for one in self.slopes],
        }
