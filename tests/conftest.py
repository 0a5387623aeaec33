from __future__ import annotations

import os
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="session")
def data_folder() -> Path:
    """Folder of the real recordings; a test that asks for it is skipped where there is none."""
    folder = Path(os.environ.get("WORKBENCH_TEST_DATA", REPOSITORY.parent / "shared" / "data"))
    if not folder.is_dir():
        pytest.skip(f"the real recordings are not at {folder}")
    return folder
