"""Response surfaces prepared by the pool: usable after five solutions, then refined, checked, and cached on disk."""

from __future__ import annotations

import hashlib
import os
import tempfile
import threading
import zipfile
from collections.abc import Mapping, Sequence
from concurrent.futures import CancelledError, Future, as_completed
from contextlib import suppress
from dataclasses import fields, replace
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import Any

import numpy as np
from platformdirs import user_cache_path

import workbench
from workbench.core.changes import KINDS, UNCHANGED, Changes
from workbench.core.jobs import LegJob
from workbench.core.response import (
    NODES,
    OnUpdate,
    ResponseSurface,
    Solutions,
    SurfaceUpdate,
    chebyshev_nodes,
    check_points,
    node_points,
    response_surface,
)
from workbench.core.settings import GaitModification, Processing
from workbench.core.types import Array, LegMechanics, SolvedLeg, Stride, Subject, Trial
from workbench.workers.pool import SolverPool, walk_key


class SurfaceMaker:
    """Prepares one surface at a time; a new request replaces the previous one.

    Parameters
    ----------
    pool : SolverPool
    cache : SurfaceCache, optional
        Where surfaces are kept; by default on disk, see `cache_folder`.
    """

    def __init__(self, pool: SolverPool, cache: SurfaceCache | None = None) -> None:
        self._pool = pool
        self._cache = cache or SurfaceCache()
        self._lock = threading.Lock()
        self._newest: Future[ResponseSurface] | None = None

    def request(
        self, *job: *LegJob, on_update: OnUpdate | None = None, nodes: Mapping[str, int] = NODES
    ) -> Future[ResponseSurface]:
        """Prepare a surface in the background and cancel the previous one.

        Parameters
        ----------
        *job : trial, processing, stride, template
            See `prepare_surface`, as of `nodes`.
        on_update : callable, optional
            Called from another thread; not after a newer request or `cancel`.
        """
        future: Future[ResponseSurface] = Future()
        with self._lock:
            before, self._newest = self._newest, future
        if before is not None:
            self._give_up(before)

        def tell(update: SurfaceUpdate) -> None:
            if future.cancelled():
                raise CancelledError
            if on_update is not None:
                on_update(update)

        def work() -> None:
            try:
                surface = prepare_surface(self._pool, *job, tell, nodes=nodes, cache=self._cache, group=future)
            except CancelledError:
                future.cancel()
                future.set_running_or_notify_cancel()
            except Exception as error:
                if future.set_running_or_notify_cancel():
                    future.set_exception(error)
            else:
                if future.set_running_or_notify_cancel():
                    future.set_result(surface)

        threading.Thread(target=work, name="response surface", daemon=True).start()
        return future

    def cancel(self) -> None:
        """Cancel the surface being prepared."""
        with self._lock:
            before, self._newest = self._newest, None
        if before is not None:
            self._give_up(before)

    def _give_up(self, future: Future[ResponseSurface]) -> None:
        future.cancel()
        self._pool.cancel_group(future)


def prepare_surface(
    pool: SolverPool,
    trial: Trial,
    processing: Processing,
    stride: Stride,
    template: GaitModification,
    on_update: OnUpdate | None = None,
    *,
    nodes: Mapping[str, int] = NODES,
    cache: SurfaceCache | None = None,
    group: object | None = None,
) -> ResponseSurface:
    """Solve the nodes of a surface, and the points for its error.

    The outer nodes come first; with the unchanged walk they make a first, coarse surface.

    Parameters
    ----------
    pool : SolverPool
    trial, processing, stride
        See `SolverPool.submit`.
    template : GaitModification
        The assumptions and the fixed changes; those that the surface spans are ignored.
    on_update : callable, optional
        Is told after every solution.
    nodes : mapping
        The changes that the surface spans, each with its number of Chebyshev nodes, at least 2.
    cache : SurfaceCache, optional
        Where to look first and where to keep the result; None for nowhere.
    group : hashable, optional
        The pool's name for this work, to cancel it by.

    Raises
    ------
    WorkbenchError
        If a node cannot be solved.
    concurrent.futures.CancelledError
        If it was cancelled.
    """
    axes = tuple(nodes)
    template = replace(template, changes=template.changes.without(axes))
    fine = {name: chebyshev_nodes(count, KINDS[name].reach) for name, count in nodes.items()}
    coarse = {name: places[[0, -1]] for name, places in fine.items()}
    first, wanted, checked = (
        [UNCHANGED, *node_points(axes, list(coarse.values()))],
        [UNCHANGED, *node_points(axes, list(fine.values()))],
        check_points(axes),
    )
    points = list(dict.fromkeys([*first, *wanted, *checked]))
    tell = on_update or _silent

    key = surface_key(trial, processing, stride, template, nodes)
    kept = cache.load(key, stride, trial.subject, template) if cache else None
    if kept is not None:
        tell(SurfaceUpdate(len(points), len(points), kept))
        return kept

    group = group or object()
    solved: dict[Changes, SolvedLeg] = {}
    surface: ResponseSurface | None = None

    def made(places: Mapping[str, Array], between: Sequence[Changes] = ()) -> ResponseSurface:
        return response_surface(stride, trial.subject, template, places, solved, between)

    try:
        asked = {
            pool.submit(trial, processing, stride, _with(template, axes, point), group=group): point for point in points
        }
        for future in as_completed(asked):
            solved[asked[future]] = future.result()
            if surface is None and all(point in solved for point in first):
                surface = made(coarse)
            if surface is not None and len(surface.differences) < len(wanted) - 1 and all(p in solved for p in wanted):
                surface = made(fine)
            if len(solved) < len(points):
                tell(SurfaceUpdate(len(solved), len(points), surface))
    finally:
        pool.cancel_group(group)
    complete = made(fine, checked)
    tell(SurfaceUpdate(len(points), len(points), complete))
    if cache:
        cache.save(key, complete)
    return complete


def surface_key(
    trial: Trial, processing: Processing, stride: Stride, template: GaitModification, nodes: Mapping[str, int]
) -> str:
    """Hash of everything a surface depends on: recording, model, settings, and the programs that compute it."""
    plain = (walk_key(trial, processing), stride, template, tuple(nodes.items()), _programs())
    return hashlib.sha256(repr(plain).encode()).hexdigest()


@cache
def _programs() -> str:
    """Version of the package, of OpenSim, and hash of the sources: between releases the version says too little."""
    digest = hashlib.sha256(f"{workbench.__version__} {metadata.version('opensim')}".encode())
    package = Path(workbench.__file__).parent
    for part in ("core", "simulation"):
        for source in sorted((package / part).rglob("*.py")):
            digest.update(source.read_bytes())
    return digest.hexdigest()


def cache_folder() -> Path:
    """Folder of the cached surfaces: ``WORKBENCH_CACHE``, else the user's cache folder."""
    if chosen := os.environ.get("WORKBENCH_CACHE"):
        return Path(chosen)
    return user_cache_path("knee-load-workbench", appauthor=False)


class SurfaceCache:
    """Surfaces on disk, by key; unreadable ones are computed again, the least recently used are removed first.

    Parameters
    ----------
    folder : Path, optional
        By default `cache_folder`.
    largest_mb : float
        Size of all of them together. One takes about 12 MB.
    """

    def __init__(self, folder: Path | None = None, largest_mb: float = 400.0) -> None:
        self.folder = folder or cache_folder()
        self.largest_mb = largest_mb

    def load(self, key: str, stride: Stride, subject: Subject, template: GaitModification) -> ResponseSurface | None:
        """Return the surface of this key; None if there is none that can be read."""
        path = self._path(key)
        try:
            # Opened here: numpy leaves a file open that it cannot read to the end.
            with path.open("rb") as file, np.load(file, allow_pickle=False) as arrays:
                surface = _from_arrays(dict(arrays), stride, subject, template)
            path.touch()  # the longest unused go first
        except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):
            return None
        return surface

    def save(self, key: str, surface: ResponseSurface) -> None:
        """Cache a surface, if the folder can be written."""
        with suppress(OSError):
            self.folder.mkdir(parents=True, exist_ok=True)
            # Written aside and renamed: another process never sees half a file.
            handle, aside = tempfile.mkstemp(dir=self.folder, suffix=".part")
            try:
                with os.fdopen(handle, "wb") as file:
                    np.savez(file, **_as_arrays(surface))  # type: ignore[arg-type]  # its stub lacks **arrays
                Path(aside).replace(self._path(key))
            finally:
                Path(aside).unlink(missing_ok=True)
            self._trim()

    def _path(self, key: str) -> Path:
        return self.folder / f"surface-{key}.npz"

    def _trim(self) -> None:
        files = sorted(self.folder.glob("surface-*.npz"), key=lambda file: file.stat().st_mtime, reverse=True)
        used_mb = 0.0
        for file in files:
            used_mb += file.stat().st_size / 1e6
            if used_mb > self.largest_mb:
                file.unlink(missing_ok=True)


def _as_arrays(surface: ResponseSurface) -> dict[str, np.ndarray[Any, Any]]:
    values = {one.name: getattr(surface.baseline, one.name) for one in fields(LegMechanics)}
    # Named texts, because an empty tuple does not say of what it is.
    bundle = {
        f"baseline_{name}": np.array(value, dtype=str) if isinstance(value, tuple) else np.asarray(value)
        for name, value in values.items()
    }
    between = surface.between
    assert between is not None
    return bundle | {
        "axes": np.array(surface.axes),
        **{f"nodes_{name}": nodes for name, nodes in zip(surface.axes, surface.nodes, strict=True)},
        "differences": surface.differences,
        "figures": surface.figures,
        "between_points": np.array([[point[name] for name in surface.axes] for point in between.points]),
        "between_mechanics": between.mechanics,
        "between_figures": between.figures,
    }


def _from_arrays(
    arrays: dict[str, np.ndarray[Any, Any]], stride: Stride, subject: Subject, template: GaitModification
) -> ResponseSurface:
    values: dict[str, Any] = {}
    for one in fields(LegMechanics):
        array = arrays[f"baseline_{one.name}"]
        if array.dtype.kind == "U":
            values[one.name] = tuple(array.tolist()) if array.ndim else str(array)
        else:
            values[one.name] = array if array.ndim else float(array)
    axes = tuple(arrays["axes"].tolist())
    points = [Changes(dict(zip(axes, point, strict=True))) for point in arrays["between_points"].tolist()]
    return ResponseSurface(
        stride=stride,
        subject=subject,
        template=template,
        baseline=LegMechanics(**values),
        axes=axes,
        nodes=tuple(arrays[f"nodes_{name}"] for name in axes),
        differences=arrays["differences"],
        figures=arrays["figures"],
        between=Solutions(tuple(points), arrays["between_mechanics"], arrays["between_figures"]),
    )


def _with(template: GaitModification, axes: Sequence[str], point: Changes) -> GaitModification:
    return template.changed({name: point[name] for name in axes})


def _silent(_: SurfaceUpdate) -> None:
    return
