"""Surfaces come soon, are right between their nodes, give way to newer ones, and are kept on disk."""

from __future__ import annotations

import multiprocessing
import os
import signal
import time
from collections.abc import Iterator
from concurrent.futures import CancelledError
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tests.core.synthetic_leg import at
from workbench.core.changes import UNCHANGED
from workbench.core.errors import TrialError
from workbench.core.loads import knee_loads
from workbench.core.response import PLANE, ResponseSurface, SurfaceUpdate, check_points, interpolation_error
from workbench.core.settings import GaitModification, LoadSettings, Processing
from workbench.core.types import Stride, Trial
from workbench.core.vocabulary import CURVES
from workbench.simulation.walk import Walk
from workbench.trials import open_trial
from workbench.workers.pool import SolverPool, solve_all
from workbench.workers.surfaces import NODES, SurfaceCache, SurfaceMaker, prepare_surface, surface_key

PROCESSING = Processing()
TEMPLATE = GaitModification()
FEW = dict.fromkeys(PLANE, 2)


@pytest.fixture(scope="module")
def trial() -> Trial:
    return open_trial("reference")


@pytest.fixture(scope="module")
def stride(trial: Trial) -> Stride:
    return Walk(trial).strides("right")[0]


@pytest.fixture(scope="module")
def pool() -> Iterator[SolverPool]:
    with SolverPool(workers=2) as shared:
        yield shared


@pytest.fixture(scope="module")
def prepared(pool: SolverPool, trial: Trial, stride: Stride) -> tuple[ResponseSurface, list[SurfaceUpdate]]:
    updates: list[SurfaceUpdate] = []
    return prepare_surface(pool, trial, PROCESSING, stride, TEMPLATE, updates.append), updates


@pytest.fixture
def cache(tmp_path: Path) -> SurfaceCache:
    return SurfaceCache(tmp_path / "cache")


def test_is_usable_after_five_solutions_and_refined(
    prepared: tuple[ResponseSurface, list[SurfaceUpdate]], stride: Stride
) -> None:
    surface, updates = prepared
    assert [update.done for update in updates] == list(range(1, 26))
    nodes = [0 if update.surface is None else len(update.surface.differences) for update in updates]
    assert nodes == sorted(nodes)
    assert set(nodes) == {0, 4, 16}
    assert nodes.index(4) <= 12  # the first five are asked for first; on a busy machine one of them comes late
    assert updates[-1].surface is surface
    error = interpolation_error(surface, LoadSettings())
    assert error is not None
    assert error.points == check_points(PLANE)
    for update in updates:
        if update.surface is not None:
            assert update.surface.mechanics_at(UNCHANGED) is update.surface.baseline


@pytest.mark.slow
def test_agrees_with_direct_solutions_at_twenty_points(
    pool: SolverPool, trial: Trial, stride: Stride, prepared: tuple[ResponseSurface, list[SurfaceUpdate]]
) -> None:
    surface, settings = prepared[0], LoadSettings()
    random = np.random.default_rng(20)
    points = [at(float(t), float(w)) for t, w in random.uniform([-15.0, -0.1], [15.0, 0.1], (20, 2))]
    solved = solve_all(pool, [(trial, PROCESSING, stride, GaitModification(point)) for point in points])
    for point, leg in zip(points, solved, strict=True):
        direct = knee_loads(leg.mechanics, stride, trial.subject, settings).curves
        near = surface.loads_at(point, settings).curves
        for name in CURVES:
            limit = 0.01  # BW, and % BW ht
            if name != "knee_flexion_moment_pct_bw_ht":
                assert np.abs(near[name] - direct[name]).max() <= limit, (point, name)


def test_nothing_jumps_beside_no_change(
    pool: SolverPool, trial: Trial, stride: Stride, prepared: tuple[ResponseSurface, list[SurfaceUpdate]]
) -> None:
    surface = prepared[0]
    tiny = pool.submit(trial, PROCESSING, stride, GaitModification(at(0.01, 0.0001))).result(60).mechanics
    np.testing.assert_allclose(tiny.moment_arm_m, surface.baseline.moment_arm_m, atol=1e-4)
    np.testing.assert_allclose(tiny.joint_moment_Nm, surface.baseline.joint_moment_Nm, atol=1.0)
    near = surface.mechanics_at(at(0.01, 0.0001))
    np.testing.assert_allclose(near.joint_moment_Nm, surface.baseline.joint_moment_Nm, atol=1.0)


def test_is_kept_and_found_again(pool: SolverPool, trial: Trial, stride: Stride, cache: SurfaceCache) -> None:
    first = prepare_surface(pool, trial, PROCESSING, stride, TEMPLATE, nodes=FEW, cache=cache)
    updates: list[SurfaceUpdate] = []
    start = time.monotonic()
    again = prepare_surface(pool, trial, PROCESSING, stride, TEMPLATE, updates.append, nodes=FEW, cache=cache)
    assert time.monotonic() - start < 0.3
    assert [(update.done == update.total, update.surface is again) for update in updates] == [(True, True)]
    np.testing.assert_array_equal(again.differences, first.differences)
    settings = LoadSettings(weights="equal")
    assert interpolation_error(again, settings) == interpolation_error(first, settings)
    assert again.checks_at(at(7.0)) == first.checks_at(at(7.0))
    assert again.baseline.muscles == first.baseline.muscles
    loads = [surface.loads_at(at(7.0, -0.03), LoadSettings()).peaks for surface in (first, again)]
    assert loads[0] == loads[1]
    assert not list(cache.folder.glob("*.part"))


@pytest.mark.parametrize("damage", ["empty", "junk", "cut", "flipped"])
def test_a_damaged_file_is_as_good_as_none(
    trial: Trial,
    stride: Stride,
    cache: SurfaceCache,
    damage: str,
    prepared: tuple[ResponseSurface, list[SurfaceUpdate]],
) -> None:
    cache.save("key", prepared[0])
    assert cache.load("key", stride, trial.subject, TEMPLATE) is not None
    (file,) = cache.folder.iterdir()
    data = bytearray(file.read_bytes())
    data[len(data) // 2] ^= 0xFF
    content = {"empty": b"", "junk": b"PK junk", "cut": bytes(data[:-1000]), "flipped": bytes(data)}[damage]
    file.write_bytes(content)
    assert cache.load("key", stride, trial.subject, TEMPLATE) is None
    cache.save("key", prepared[0])
    assert cache.load("key", stride, trial.subject, TEMPLATE) is not None


def test_the_cache_stays_within_its_size(
    cache: SurfaceCache, stride: Stride, trial: Trial, prepared: tuple[ResponseSurface, list[SurfaceUpdate]]
) -> None:
    cache.largest_mb = 30.0  # two files of about twelve
    for index, key in enumerate("abc"):
        cache.save(key, prepared[0])
        os.utime(cache.folder / f"surface-{key}.npz", (index, index))
    cache.save("d", prepared[0])
    assert {file.name for file in cache.folder.iterdir()} == {"surface-c.npz", "surface-d.npz"}
    assert cache.load("d", stride, trial.subject, TEMPLATE) is not None
    assert cache.load("a", stride, trial.subject, TEMPLATE) is None


def test_a_folder_that_cannot_be_written_does_no_harm(
    tmp_path: Path, prepared: tuple[ResponseSurface, list[SurfaceUpdate]]
) -> None:
    (tmp_path / "file").touch()
    SurfaceCache(tmp_path / "file" / "cache").save("key", prepared[0])


def test_the_key_follows_everything_that_counts(trial: Trial, stride: Stride) -> None:
    base = surface_key(trial, PROCESSING, stride, TEMPLATE, NODES)
    assert base == surface_key(open_trial("reference"), Processing(), stride, GaitModification(), NODES)
    others = {
        surface_key(trial, Processing(8.0), stride, TEMPLATE, NODES),
        surface_key(trial, PROCESSING, replace(stride, number=2), TEMPLATE, NODES),
        surface_key(trial, PROCESSING, stride, GaitModification(pivot=0.4), NODES),
        surface_key(trial, PROCESSING, stride, TEMPLATE, {**NODES, PLANE[0]: 3}),
        surface_key(trial, PROCESSING, stride, TEMPLATE, {PLANE[0]: 4}),
    }
    assert len(others | {base}) == 6


def test_the_newest_request_wins(pool: SolverPool, trial: Trial, stride: Stride, cache: SurfaceCache) -> None:
    maker = SurfaceMaker(pool, cache)
    told: list[str] = []
    old = maker.request(trial, PROCESSING, stride, GaitModification(pivot=0.4), on_update=lambda _: told.append("old"))
    new = maker.request(
        trial, PROCESSING, stride, GaitModification(pivot=0.6), on_update=lambda _: told.append("new"), nodes=FEW
    )
    surface = new.result(60)
    assert surface.template.pivot == 0.6
    assert old.cancelled()
    with pytest.raises(CancelledError):
        old.result(1)
    assert set(told) <= {"new"} or told.index("new") >= told.count("old")


def test_cancel_gives_up(pool: SolverPool, trial: Trial, stride: Stride, cache: SurfaceCache) -> None:
    maker = SurfaceMaker(pool, cache)
    future = maker.request(trial, PROCESSING, stride, TEMPLATE)
    maker.cancel()
    assert future.cancelled()
    assert pool.submit(trial, PROCESSING, stride, TEMPLATE).result(60).mechanics.n == 101
    assert not cache.folder.exists()


def test_a_killed_worker_leaves_the_surface_complete(trial: Trial, stride: Stride, cache: SurfaceCache) -> None:
    before = set(multiprocessing.active_children())
    with SolverPool(workers=2) as pool:
        killed: list[int] = []

        def kill_one(update: SurfaceUpdate) -> None:
            if not killed:
                victim = next(iter(set(multiprocessing.active_children()) - before)).pid
                assert victim is not None
                os.kill(victim, signal.SIGKILL)
                killed.append(victim)

        surface = prepare_surface(pool, trial, PROCESSING, stride, TEMPLATE, kill_one, nodes=FEW, cache=cache)
    assert killed
    assert np.isfinite(surface.differences[:, :100]).all()


def test_a_trial_that_cannot_be_opened_says_why(pool: SolverPool, trial: Trial, stride: Stride) -> None:
    motion = trial.motion
    broken = replace(trial, motion=replace(motion, names=tuple(f"x{name}" for name in motion.names)))
    with pytest.raises(TrialError, match="knee_angle"):
        prepare_surface(pool, broken, PROCESSING, stride, TEMPLATE)
    with pytest.raises(TrialError, match="knee_angle"):
        SurfaceMaker(pool).request(broken, PROCESSING, stride, TEMPLATE).result(60)
