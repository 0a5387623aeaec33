"""The pool answers in order, survives what OpenSim does to a process, and leaves nothing behind."""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import CancelledError
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from workbench.core.errors import SimulationError, TrialError
from workbench.core.settings import GaitModification, Processing
from workbench.core.types import Stride, Trial
from workbench.simulation.walk import Walk
from workbench.trials import open_trial
from workbench.workers.pool import SolverPool, solve_all, walk_key

PROCESSING = Processing()


# Questions the tests ask; workers find them by name.


def say(walk: Walk, word: str) -> str:
    return f"{walk.trial.name}: {word}"


def wait(walk: Walk, seconds: float, started: str = "") -> int:
    if started:
        Path(started).touch()
    time.sleep(seconds)
    return os.getpid()


def abort(walk: Walk) -> None:
    os.abort()


def abort_once(walk: Walk, mark: str) -> str:
    if not Path(mark).exists():
        Path(mark).touch()
        os.abort()
    return "done"


def crash_opensim(walk: Walk) -> None:
    """A place far outside a vector: OpenSim does not look, and the system ends the process."""
    import opensim

    opensim.Vector(3, 0.0).get(2_000_000_000)


def fail(walk: Walk) -> None:
    raise ValueError("a text\nand more")


def refuse(walk: Walk) -> None:
    raise TrialError("no.", where="here", remedy="Try another.")


@pytest.fixture(scope="module")
def trial() -> Trial:
    return open_trial("reference")


@pytest.fixture(scope="module")
def stride(trial: Trial) -> Stride:
    return Walk(trial).strides("right")[0]


@pytest.fixture(scope="module")
def pool() -> Iterator[SolverPool]:
    with SolverPool(workers=2, time_limit_s=60.0) as shared:
        yield shared


@pytest.fixture
def single() -> Iterator[SolverPool]:
    with SolverPool(workers=1, time_limit_s=60.0) as own:
        yield own


def until(condition: Callable[[], bool], seconds: float = 30.0) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.01)


def test_answers_as_the_walk_itself_would(pool: SolverPool, trial: Trial, stride: Stride) -> None:
    modification = GaitModification(foot_progression_change_deg=-5.0, step_width_change_m=0.02)
    there = pool.submit(trial, PROCESSING, stride, modification).result(60)
    here = Walk(trial).solve(stride, modification)
    assert there.checks == here.checks
    for name in ("joint_moment_Nm", "moment_arm_m", "muscle_knee_wrench", "active_force_N"):
        np.testing.assert_array_equal(getattr(there.mechanics, name), getattr(here.mechanics, name))


def test_answers_anything_that_can_be_asked_of_a_walk(pool: SolverPool, trial: Trial) -> None:
    assert pool.ask(Walk.strides, trial, PROCESSING, "left").result(60) == Walk(trial).strides("left")
    assert pool.ask(say, trial, PROCESSING, "good day").result(60) == f"{trial.name}: good day"


def test_solves_all_in_order_and_tells_progress(pool: SolverPool, trial: Trial, stride: Stride) -> None:
    changes = [GaitModification(foot_progression_change_deg=angle) for angle in (0.0, 9.0, -9.0)]
    told: list[tuple[int, int]] = []
    solved = solve_all(
        pool, [(trial, PROCESSING, stride, change) for change in changes], lambda *step: told.append(step)
    )
    angle = [one.mechanics.foot_progression_angle_deg[20] for one in solved]
    np.testing.assert_allclose(np.array(angle) - angle[0], [0.0, 9.0, -9.0], atol=0.5)
    assert told == [(1, 3), (2, 3), (3, 3)]


def test_an_error_of_the_computation_comes_back_as_it_is(pool: SolverPool, trial: Trial) -> None:
    with pytest.raises(TrialError) as caught:
        pool.ask(refuse, trial, PROCESSING).result(60)
    assert (caught.value.problem, caught.value.where, caught.value.remedy) == ("no.", "here", "Try another.")
    with pytest.raises(SimulationError, match=r"^fail of .* failed: ValueError: a text$"):
        pool.ask(fail, trial, PROCESSING).result(60)


def test_a_walk_that_cannot_be_opened_is_the_trials_error(pool: SolverPool, trial: Trial, stride: Stride) -> None:
    motion = trial.motion
    broken = replace(trial, motion=replace(motion, names=tuple(f"x{name}" for name in motion.names)))
    with pytest.raises(TrialError, match="knee_angle"):
        pool.submit(broken, PROCESSING, stride, GaitModification()).result(60)


def test_a_crash_is_tried_again_on_a_fresh_worker(pool: SolverPool, trial: Trial, tmp_path: Path) -> None:
    assert pool.ask(abort_once, trial, PROCESSING, str(tmp_path / "mark")).result(60) == "done"


@pytest.mark.parametrize("question", [abort, crash_opensim])
def test_a_repeated_crash_is_a_readable_error_and_the_pool_goes_on(
    single: SolverPool, trial: Trial, stride: Stride, question: Any
) -> None:
    crash = single.ask(question, trial, PROCESSING)
    after = single.submit(trial, PROCESSING, stride, GaitModification())
    with pytest.raises(SimulationError, match=r"^OpenSim stopped while computing .*signal SIG"):
        crash.result(60)
    assert after.result(60).mechanics.n == 101


def test_a_killed_worker_is_replaced_and_its_work_done(trial: Trial, tmp_path: Path) -> None:
    started = tmp_path / "started"
    before = set(multiprocessing.active_children())
    with SolverPool(workers=1) as pool:
        answer = pool.ask(wait, trial, PROCESSING, 1.0, str(started))
        until(started.exists)
        (worker,) = set(multiprocessing.active_children()) - before
        victim = worker.pid
        assert victim is not None
        os.kill(victim, signal.SIGKILL)
        assert answer.result(60) != victim
    assert set(multiprocessing.active_children()) <= before


@pytest.mark.slow
def test_a_hanging_computation_ends_at_the_time_limit(trial: Trial) -> None:
    with SolverPool(workers=1, time_limit_s=10.0) as pool:
        start = time.monotonic()
        with pytest.raises(SimulationError, match="exceeded the time limit"):
            pool.ask(wait, trial, PROCESSING, 600.0).result(60)
        assert time.monotonic() - start < 40.0
        assert pool.ask(say, trial, PROCESSING, "still here").result(60)


def test_the_newest_request_wins(single: SolverPool, trial: Trial, stride: Stride) -> None:
    turns = [{"foot_progression_change_deg": angle} for angle in range(8)]
    old = [single.submit(trial, PROCESSING, stride, GaitModification(turn), group="old") for turn in turns]
    old[0].result(60)
    single.cancel_group("old")
    new = single.submit(trial, PROCESSING, stride, GaitModification(foot_progression_change_deg=1.5), group="new")
    assert all(future.cancelled() for future in old[2:])
    assert new.result(60).mechanics.n == 101
    assert not single._queue


def test_an_urgent_question_goes_first(single: SolverPool, trial: Trial, stride: Stride) -> None:
    order: list[str] = []
    lock = threading.Lock()

    def note(name: str) -> Callable[[object], None]:
        def done(_: object) -> None:
            with lock:
                order.append(name)

        return done

    running = single.ask(wait, trial, PROCESSING, 0.5)
    later = single.submit(trial, PROCESSING, stride, GaitModification())
    urgent = single.submit(trial, PROCESSING, stride, GaitModification(foot_progression_change_deg=1.0), urgent=True)
    later.add_done_callback(note("later"))
    urgent.add_done_callback(note("urgent"))
    running.result(60)
    later.result(60)
    assert order == ["urgent", "later"]


def test_a_cancelled_hang_does_not_hold_up_the_next(single: SolverPool, trial: Trial, tmp_path: Path) -> None:
    started = tmp_path / "started"
    hang = single.ask(wait, trial, PROCESSING, 600.0, str(started))
    until(started.exists)
    assert hang.cancel()
    start = time.monotonic()
    assert single.ask(say, trial, PROCESSING, "next").result(60)
    assert time.monotonic() - start < 40.0


def test_a_question_that_cannot_be_sent_fails_alone(single: SolverPool, trial: Trial) -> None:
    with pytest.raises(Exception, match=r"pickle|local"):
        single.ask(lambda walk: None, trial, PROCESSING).result(60)
    assert single.ask(say, trial, PROCESSING, "next").result(60)


def test_serves_asynchronous_code(pool: SolverPool, trial: Trial) -> None:
    async def both() -> list[str]:
        asked = [asyncio.wrap_future(pool.ask(say, trial, PROCESSING, word)) for word in ("one", "two")]
        return list(await asyncio.gather(*asked))

    assert asyncio.run(both()) == [f"{trial.name}: one", f"{trial.name}: two"]


def test_closing_cancels_what_is_left_and_ends_every_process(trial: Trial, tmp_path: Path) -> None:
    before = set(multiprocessing.active_children())
    pool = SolverPool(workers=1)
    running = pool.ask(wait, trial, PROCESSING, 600.0, str(tmp_path / "started"))
    waiting = pool.ask(say, trial, PROCESSING, "never")
    until((tmp_path / "started").exists)
    pool.close()
    for future in (running, waiting):
        with pytest.raises(CancelledError):
            future.result(1)
    assert set(multiprocessing.active_children()) <= before
    with pytest.raises(SimulationError, match="closed"):
        pool.ask(say, trial, PROCESSING, "too late")
    pool.close()


def test_an_interpreter_that_forgets_to_close_ends_cleanly(tmp_path: Path) -> None:
    script = tmp_path / "forgetful.py"
    script.write_text(
        "import multiprocessing\n"
        "from workbench.workers.pool import SolverPool\n"
        "if __name__ == '__main__':\n"
        "    pool = SolverPool(workers=1)\n"
        "    while not multiprocessing.active_children():\n"
        "        pass\n"
        "    print(multiprocessing.active_children()[0].pid)\n",
        encoding="utf-8",
    )
    ended = subprocess.run([sys.executable, str(script)], capture_output=True, text=True, timeout=60, check=True)
    assert ended.stderr == ""
    with pytest.raises(ProcessLookupError):
        os.kill(int(ended.stdout), 0)


def test_workers_do_not_run_the_script_that_asks(tmp_path: Path) -> None:
    script = tmp_path / "without_a_guard.py"
    script.write_text(
        "from workbench.core.settings import Processing\n"
        "from workbench.workers.pool import SolverPool\n"
        "from workbench.simulation.walk import Walk\n"
        "from workbench.trials import open_trial\n"
        "with SolverPool(workers=1) as pool:\n"
        "    print(len(pool.ask(Walk.strides, open_trial('reference'), Processing(), 'left').result()))\n",
        encoding="utf-8",
    )
    ended = subprocess.run([sys.executable, str(script)], capture_output=True, text=True, timeout=60, check=True)
    assert (ended.stdout, ended.stderr) == ("1\n", "")


def test_the_key_follows_the_content(trial: Trial) -> None:
    assert walk_key(trial, PROCESSING) == walk_key(open_trial("reference"), Processing())
    heavier = replace(trial, subject=replace(trial.subject, mass_kg=trial.subject.mass_kg + 1.0))
    values = trial.motion.values.copy()
    values[5, 5] += 1e-9
    moved = replace(trial, motion=replace(trial.motion, values=values))
    keys = {walk_key(t, PROCESSING) for t in (trial, heavier, moved)} | {walk_key(trial, Processing(8.0))}
    assert len(keys) == 4
