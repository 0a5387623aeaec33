"""A trial's folder as one zip archive."""

from __future__ import annotations

import hashlib
import zipfile
from io import BytesIO

from workbench.core.errors import TrialError
from workbench.core.types import Trial


def packed_trial(trial: Trial) -> bytes:
    """The original files of a trial in a zip archive.

    Parameters
    ----------
    trial : Trial

    Raises
    ------
    TrialError
        If it came from no folder, or a file has changed or vanished since it was read.

    Examples
    --------
    >>> from workbench.trials import open_trial
    >>> packed_trial(open_trial("reference"))
    Traceback (most recent call last):
    ...
    workbench.core.errors.TrialError: Reference walk: the built-in walk has no folder.
    """
    if trial.folder is None:
        raise TrialError("the built-in walk has no folder.", where=trial.name)
    file = BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for label, digest in trial.source_sha256.items():
            try:
                content = (trial.folder / label).read_bytes()
            except OSError as error:
                raise TrialError(f"the file cannot be read any more ({error.strerror}).", where=label) from error
            if hashlib.sha256(content).hexdigest() != digest:
                raise TrialError(
                    "the file has changed since it was opened.", where=label, remedy="Open the trial again."
                )
            archive.writestr(label, content)
    return file.getvalue()
