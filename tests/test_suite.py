"""What the tests themselves promise."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import MUST_NOT_SKIP, REPOSITORY
from tests.oldest_dependencies import constraints

ONE_OF_DATA = "tests/trials/test_trial_file.py::TestRealRecordings::test_implant"


@pytest.mark.slow
@pytest.mark.parametrize(("forbidden", "status"), [("", 0), ("1", 1)])
def test_a_skipped_test_of_recordings_fails_where_it_must_not_be(tmp_path: Path, forbidden: str, status: int) -> None:
    nowhere = {"WORKBENCH_TEST_DATA": str(tmp_path / "nowhere"), MUST_NOT_SKIP: forbidden}
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", ONE_OF_DATA],
        capture_output=True, text=True, check=False, cwd=REPOSITORY, env={**os.environ, **nowhere},
    )  # fmt: skip
    assert done.returncode == status, done.stdout


def test_the_oldest_versions_are_the_lower_bounds() -> None:
    found = constraints('[project]\ndependencies = ["numpy>=2.1", "opensim>=4.6,<4.7", "panel[x]>=1.9.4,<2"]')
    assert found == ["numpy==2.1", "opensim==4.6", "panel==1.9.4"]
