"""Which legs of a trial can be analysed, and which one is shown first."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from workbench.core.contacts import CONTACT_THRESHOLD_N
from workbench.core.errors import TrialError
from workbench.core.events import StrideSearch, search_strides
from workbench.core.findings import Finding
from workbench.core.types import Stride, Trial
from workbench.core.vocabulary import SIDES, Side


@dataclass(frozen=True)
class Legs:
    """The legs of a trial: those with strides, and why the others have none."""

    searches: Mapping[Side, StrideSearch]  #: at least one
    failures: Mapping[Side, TrialError]
    first: Side  #: the leg that is shown first

    @property
    def sides(self) -> tuple[Side, ...]:
        """Legs that can be analysed."""
        return tuple(side for side in SIDES if side in self.searches)

    def strides(self, side: Side) -> tuple[Stride, ...]:
        """Strides of one leg, in time order.

        Raises
        ------
        TrialError
            If that foot has no complete stance on a plate.
        """
        if side not in self.searches:
            raise self.failures[side]
        return self.searches[side].strides

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What was left out, and why."""
        found = [finding for side in self.sides for finding in self.searches[side].findings]
        for side, error in self.failures.items():
            problem = f"The {side} leg cannot be analysed: {error.problem}"
            found.append(Finding("leg_not_analysed", "note", "recording", problem, error.remedy or ""))
        return tuple(found)


def find_legs(trial: Trial, threshold_N: float = CONTACT_THRESHOLD_N) -> Legs:
    """Search both legs for strides.

    The leg shown first is the one with the implant where it can be analysed, else the right where it can be, else the
    left.

    Parameters
    ----------
    trial : Trial
    threshold_N : float
        Vertical force from which a foot is on the ground.

    Raises
    ------
    TrialError
        If neither leg can be analysed.

    Examples
    --------
    >>> from workbench.trials import open_trial
    >>> legs = find_legs(open_trial("reference"))
    >>> legs.sides, legs.first
    (('left', 'right'), 'right')
    """
    searches: dict[Side, StrideSearch] = {}
    failures: dict[Side, TrialError] = {}
    for side in SIDES:
        try:
            searches[side] = search_strides(trial, side, threshold_N=threshold_N)
        except TrialError as error:
            failures[side] = error
    if not searches:
        raise next(iter(failures.values()))
    wished: tuple[Side, ...] = ("right", "left")
    if trial.measured_loads is not None:
        wished = (trial.measured_loads.side, *wished)
    return Legs(searches, failures, next(side for side in wished if side in searches))
