from __future__ import annotations

import pytest

from workbench.simulation.model import GaitModel
from workbench.simulation.walk import Walk
from workbench.trials import open_trial


@pytest.fixture(scope="session")
def built_in() -> Walk:
    """The built-in walk, opened once; it keeps no memory of what was asked before."""
    return Walk(open_trial("reference"))


@pytest.fixture(scope="session")
def own_model() -> GaitModel:
    """The project's own model, unscaled."""
    from workbench.provenance import own_model_path

    return GaitModel.from_file(own_model_path())
