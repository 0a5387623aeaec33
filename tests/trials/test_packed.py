from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest

from tests.synthetic import synthetic_walk
from workbench.core.errors import TrialError
from workbench.trials import open_trial
from workbench.trials.packed import packed_trial


def test_the_archive_opens_as_the_same_trial(tmp_path: Path) -> None:
    trial = open_trial(synthetic_walk().write(tmp_path / "walk"))
    with zipfile.ZipFile(io.BytesIO(packed_trial(trial))) as archive:
        archive.extractall(tmp_path / "again")
    assert open_trial(tmp_path / "again").source_sha256 == trial.source_sha256


def test_a_file_that_has_changed_since_is_not_saved_under_the_old_numbers(tmp_path: Path) -> None:
    file = synthetic_walk().write(tmp_path / "walk")
    trial = open_trial(file)
    (file.parent / "grf.mot").write_text("other")
    with pytest.raises(TrialError, match="has changed since it was opened"):
        packed_trial(trial)
    (file.parent / "grf.mot").unlink()
    with pytest.raises(TrialError, match="cannot be read any more"):
        packed_trial(trial)
