"""The process that looks at files and imports them."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from concurrent.futures import CancelledError

import pytest

from workbench.core.errors import SimulationError, TrialError
from workbench.intake.importer import Importer
from workbench.intake.tell import Tell


def told(number: int, *, tell: Tell) -> int:
    tell("reading", 0.0)
    tell("scaling", 0.5)
    return number


def refuses(*, tell: Tell) -> None:
    raise TrialError("the file is empty.", where="walk.c3d", remedy="Export it again.")


def fails(*, tell: Tell) -> None:
    raise KeyError("POINT")


def crashes(*, tell: Tell) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def sleeps(seconds: float, *, tell: Tell) -> None:
    tell("sleeping", 0.5)
    time.sleep(seconds)


def process(*, tell: Tell) -> int:
    return os.getpid()


HERE = __name__


@pytest.fixture(scope="module")
def importer() -> Iterator[Importer]:
    made = Importer()
    yield made
    made.stop()


def test_it_answers_and_tells_what_it_does(importer: Importer) -> None:
    heard: list[tuple[str, float]] = []
    assert importer.ask(f"{HERE}:told", 7, tell=lambda *said: heard.append(said)).result(60.0) == 7
    assert heard == [("reading", 0.0), ("scaling", 0.5)]


def test_refusals_come_back_as_they_are(importer: Importer) -> None:
    with pytest.raises(TrialError, match=r"walk\.c3d: the file is empty\. Export it again\."):
        importer.ask(f"{HERE}:refuses").result(60.0)


def test_any_other_failure_is_told_in_words(importer: Importer) -> None:
    with pytest.raises(TrialError, match=r"cannot be imported \(KeyError: 'POINT'\)"):
        importer.ask(f"{HERE}:fails").result(60.0)


def test_a_crash_is_told_and_the_next_question_is_answered(importer: Importer) -> None:
    with pytest.raises(SimulationError, match="SIGKILL"):
        importer.ask(f"{HERE}:crashes").result(60.0)
    assert importer.ask(f"{HERE}:told", 8).result(60.0) == 8


def test_what_is_given_up_ends_its_process(importer: Importer) -> None:
    number = importer.ask(f"{HERE}:process").result(60.0)
    heard: list[str] = []
    future = importer.ask(f"{HERE}:sleeps", 60.0, tell=lambda what, _: heard.append(what))
    while not heard:
        time.sleep(0.01)
    importer.stop()
    with pytest.raises(CancelledError):
        future.result(10.0)
    for _ in range(500):
        try:
            os.kill(number, 0)
        except ProcessLookupError:
            break
        time.sleep(0.01)
    else:
        raise AssertionError("the process goes on")


def test_what_takes_too_long_is_given_up() -> None:
    slow = Importer(time_limit_s=0.5)
    with pytest.raises(TrialError, match="took longer than"):
        slow.ask(f"{HERE}:sleeps", 60.0).result(60.0)
    slow.stop()
