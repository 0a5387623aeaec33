"""Recordings: readers, checks, and the built-in reference walk."""

from __future__ import annotations

from pathlib import Path

from workbench.core.types import Trial
from workbench.trials.trial_file import load_trial_file

__all__ = ["REFERENCE", "load_trial_file", "open_trial"]

#: Name under which `open_trial` gives the built-in reference walk.
REFERENCE = "reference"


def open_trial(path_or_name: str | Path) -> Trial:
    """Open a recorded walk and check it.

    Parameters
    ----------
    path_or_name : str or Path
        A ``trial.toml``, the folder that holds one, or ``"reference"`` for the built-in reference walk.

    Returns
    -------
    Trial
        The recording. Its `findings` list what the checks found short of making it unusable.

    Raises
    ------
    TrialError
        If the recording cannot be used; the text says what is wrong, where, and what to do.
    """
    if path_or_name == REFERENCE:
        # Imported here: someone who opens a file of their own does not need the built-in data.
        from workbench.trials.reference_walk import reference_walk

        return reference_walk()
    return load_trial_file(path_or_name)
