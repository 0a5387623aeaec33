"""Recorded muscle activity (EMG) of a trial: columns of a file, each for one muscle of the model."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Final, Literal, cast

import numpy as np
from scipy import signal

from workbench.core.errors import TrialError
from workbench.core.findings import Finding
from workbench.core.types import Electromyography, Motion
from workbench.trials import recording_checks
from workbench.trials.folder import TrialFolder
from workbench.trials.measured_loads import read_columns

KINDS: Final = ("envelope", "raw")
NORMALISATIONS: Final = ("maximum", "mvc")

#: Movement artefacts lie below, most of the signal's power above (De Luca et al. 2010, J Biomech 43:1573).
_HIGH_PASS_HZ: Final = 30.0
_LEAST_RATE_HZ: Final = 500.0


def read_emg(
    folder: TrialFolder,
    path: Path,
    *,
    time: str,
    columns: Mapping[str, str],
    kind: str,
    normalised_to: str,
    motion: Motion,
    where: str,
) -> tuple[Electromyography, tuple[Finding, ...]]:
    """Read muscle activity; raw signals are rectified here, the envelope is drawn where the walk is opened.

    Parameters
    ----------
    folder : TrialFolder
        The trial's folder.
    path : Path
        A file in it: .sto, .mot, .csv or .xlsx.
    time : str
        The column of the times, s.
    columns : mapping
        The column of each muscle of the model.
    kind : {"envelope", "raw"}
        Whether the signals are rectified already.
    normalised_to : {"maximum", "mvc"}
        ``"mvc"`` where 1 is a maximal voluntary contraction; otherwise each signal is set against its own maximum.
    motion : Motion
        For its clock.
    where : str
        Table of the trial file, for messages.

    Raises
    ------
    TrialError
        If file, columns or numbers cannot be used.
    """
    label = folder.label(path)
    if not columns:
        raise TrialError(
            "'muscles' names no muscle.", where=where, remedy='Write muscles = { soleus_l = "column of the file" }.'
        )
    values = read_columns(folder, path, [time, *columns.values()])
    time_s, activity = values[:, 0], values[:, 1:]
    findings = recording_checks.sampling(time_s, label, "samples of the EMG")
    recording_checks.finite(time_s, activity, list(columns.values()), label, "Remove the rows, or fill them.")
    if min(time_s[-1], motion.time_s[-1]) <= max(time_s[0], motion.time_s[0]):
        raise TrialError(
            f"the EMG ({time_s[0]:g} to {time_s[-1]:g} s) and the motion ({motion.time_s[0]:g} to"
            f" {motion.time_s[-1]:g} s) do not overlap.",
            where=label,
            remedy="Give both on one clock.",
        )
    if kind == "raw":
        activity = _rectified(time_s, activity, label)
    activity = np.clip(activity, 0.0, None)
    largest = activity.max(axis=0)
    silent = [column for column, peak in zip(columns.values(), largest, strict=True) if peak <= 0.0]
    if silent:
        raise TrialError(
            f"{', '.join(map(repr, silent))} is never above zero.",
            where=label,
            remedy="Leave the column out, or check the electrode.",
        )
    if normalised_to == "maximum":
        activity = activity / largest
    elif largest.max() > 2.0:
        raise TrialError(
            f"the EMG reaches {largest.max():.3g} where 1 is a maximal voluntary contraction.",
            where=label,
            remedy='Divide by the maximal contraction, or write normalised_to = "maximum".',
        )
    emg = Electromyography(time_s, tuple(columns), activity, cast('Literal["maximum", "mvc"]', normalised_to))
    return emg, tuple(findings)


def _rectified(time_s: np.ndarray, activity: np.ndarray, label: str) -> np.ndarray:
    rate_hz = (len(time_s) - 1) / float(time_s[-1] - time_s[0])
    if rate_hz < _LEAST_RATE_HZ:
        raise TrialError(
            f"the EMG is sampled at {rate_hz:.0f} Hz; raw signals need {_LEAST_RATE_HZ:.0f} Hz or more.",
            where=label,
            remedy='If it is rectified already, write kind = "envelope".',
        )
    sections = signal.butter(4, _HIGH_PASS_HZ, "highpass", fs=rate_hz, output="sos")
    return np.abs(signal.sosfiltfilt(sections, activity, axis=0))
