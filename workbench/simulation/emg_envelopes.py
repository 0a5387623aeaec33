"""The smoothed EMG of one leg at the instants that are analysed."""

from __future__ import annotations

import difflib

import numpy as np

from workbench.core.errors import TrialError
from workbench.core.settings import Processing
from workbench.core.types import Array, Trial
from workbench.simulation.model import GaitModel, Leg
from workbench.simulation.sampled_motion import low_pass


class EmgEnvelopes:
    """Low-passed EMG of a trial, later by the electromechanical delay; empty where there is none.

    Parameters
    ----------
    trial : Trial
    model : GaitModel
    processing : Processing
        Cut-off and delay.

    Raises
    ------
    TrialError
        If the model has no muscle of a name that the trial gives.
    """

    def __init__(self, trial: Trial, model: GaitModel, processing: Processing) -> None:
        self._emg = emg = trial.emg
        if emg is None:
            return
        known = {muscle.name for leg in model.legs.values() for muscle in leg.muscles}
        for name in emg.muscles:
            if name not in known:
                near = difflib.get_close_matches(name, sorted(known), n=3, cutoff=0.5)
                raise TrialError(
                    f"the model has no muscle {name!r}, for which [emg] names a column.",
                    where=trial.name,
                    remedy=f"Did you mean {' or '.join(near)}?"
                    if near
                    else f"Its muscles: {', '.join(sorted(known))}.",
                )
        rate_hz = (len(emg.time_s) - 1) / float(emg.time_s[-1] - emg.time_s[0])
        self._envelope = np.clip(low_pass(emg.activity, rate_hz, processing.emg_cutoff_hz), 0.0, None)
        self._delay_s = processing.emg_delay_s

    @property
    def normalised_to(self) -> str:
        """What 1 is; see `Electromyography`."""
        return "maximum" if self._emg is None else self._emg.normalised_to

    def of(self, leg: Leg, time_s: Array) -> tuple[tuple[str, ...], Array]:
        """Muscles of a leg whose EMG covers these instants, and their envelopes, (n, k)."""
        emg = self._emg
        at_s = time_s - self._delay_s if emg is not None else time_s
        if emg is None or at_s[0] < emg.time_s[0] or at_s[-1] > emg.time_s[-1]:
            return (), np.zeros((len(time_s), 0))
        of_leg = {muscle.name for muscle in leg.muscles}
        columns = [column for column, name in enumerate(emg.muscles) if name in of_leg]
        envelopes = np.zeros((len(time_s), len(columns)))
        for place, column in enumerate(columns):
            envelopes[:, place] = np.interp(at_s, emg.time_s, self._envelope[:, column])
        return tuple(emg.muscles[column] for column in columns), envelopes
