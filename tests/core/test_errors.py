"""Errors a user reads: their text, and that they survive the way home from a worker process."""

from __future__ import annotations

import copy
import pickle

import pytest

from workbench.core.errors import ModelError, SettingError, SimulationError, TrialError, WorkbenchError

KINDS = (WorkbenchError, TrialError, ModelError, SettingError, SimulationError)


def test_the_text_says_where_what_and_what_to_do_in_this_order() -> None:
    error = TrialError("a column is missing.", where="grf.mot", remedy="Export it.")
    assert str(error) == "grf.mot: a column is missing. Export it."


def test_place_and_remedy_are_optional() -> None:
    assert str(TrialError("a column is missing.")) == "a column is missing."
    assert str(TrialError("a column is missing.", where="grf.mot")) == "grf.mot: a column is missing."
    assert str(TrialError("a column is missing.", remedy="Export it.")) == "a column is missing. Export it."


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_is_one_family(kind: type[WorkbenchError]) -> None:
    with pytest.raises(WorkbenchError):
        raise kind("it broke.")


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_pickling_keeps_kind_place_and_remedy(kind: type[WorkbenchError], protocol: int) -> None:
    error = kind("it broke.", where="here", remedy="Mend it.")
    again = pickle.loads(pickle.dumps(error, protocol))
    assert type(again) is kind
    assert (again.problem, again.where, again.remedy) == ("it broke.", "here", "Mend it.")
    assert str(again) == str(error)


def test_copying_keeps_everything() -> None:
    assert str(copy.deepcopy(ModelError("it broke.", where="here"))) == "here: it broke."
