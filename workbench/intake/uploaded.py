"""Files dropped on the page: the walks in them, what is known about one, and what must be asked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Final

import numpy as np

from workbench.core.errors import TrialError
from workbench.core.types import Trial
from workbench.intake.pipeline import import_sources
from workbench.intake.seen import Answers, FoundWalk, Look
from workbench.intake.tell import Tell, silent
from workbench.recordings.map_text import corrected, map_text
from workbench.recordings.marker_maps import MarkerMap, suggest_map
from workbench.recordings.reading import read_markers, read_recording
from workbench.recordings.recording import Markers
from workbench.recordings.sources import (
    MARKER_KINDS,
    Wishes,
    find_sources,
    is_static,
    marker_walks,
    trial_stem,
    trials_of,
)
from workbench.trials import open_trial
from workbench.trials.storage import listing
from workbench.trials.upload import trial_file_in, unpack

_MOST_FRAMES: Final = 400  # of a preview
_HEAD: Final = 20_000  # characters; the names of a motion's columns stand within


def look(files: Mapping[str, bytes], folder: Path, name: str | None = None, *, tell: Tell = silent) -> Look | Trial:
    """Unpack files and inspect one of the walks in them.

    Parameters
    ----------
    files : mapping
        Content by name; empty for another look at what is there.
    folder : Path
        Where they are unpacked.
    name : str, optional
        Which walk; by default the first one that can be read.
    tell : callable, optional
        See `workbench.intake.pipeline.import_recording`.

    Returns
    -------
    Look or Trial
        The trial where a ``trial.toml`` is among them.

    Raises
    ------
    TrialError
        With what is wrong, where, and what to do.
    """
    tell("unpacking", 0.0)
    unpack(files, folder)
    if (file := trial_file_in(folder)) is not None:
        return open_trial(file)
    walks = walks_in(folder)
    tell("reading", 0.0)
    refusal: TrialError | None = None
    for walk in [one for one in walks if one.name == name] or walks:
        try:
            return _look_at(walk, walks)
        except TrialError as error:  # of several walks the first that can be read is shown; the others can be chosen
            refusal = refusal or error
    assert refusal is not None
    raise refusal


def walks_in(folder: Path) -> tuple[FoundWalk, ...]:
    """Every walk among unpacked files: from exports, and single files by their common stem.

    Raises
    ------
    TrialError
        If there is none.
    """
    found: list[FoundWalk] = []
    exports: list[Path] = []
    places = [folder, *sorted((p for p in folder.rglob("*") if p.is_dir()), key=lambda p: len(p.parts))]
    for place in places:
        if any(place.is_relative_to(export) for export in exports):
            continue
        if names := trials_of(place):
            exports.append(place)
            found += [FoundWalk(name, place, name) for name in names]
        else:
            found += _loose_walks(place)
    if found:
        return tuple(found)
    files = [p for p in sorted(folder.rglob("*")) if p.is_file()]
    if len(files) == 1:
        find_sources(files[0], Wishes())  # says why it is not read
    raise TrialError(
        "there is no walk among the files"
        + (f" ({listing((p.name for p in files), 6)})." if files else ": none has a supported type."),
        remedy="Drop a C3D or TRC file with its related files, or a zip of an OpenCap session, an AddBiomechanics"
        " export or a trial folder.",
    )


def _look_at(walk: FoundWalk, walks: tuple[FoundWalk, ...]) -> Look:
    sources = find_sources(walk.path, Wishes(trial=walk.trial))
    seen = Look(walks, walk, sources, sources.mass_kg, sources.height_m, sources.forces is not None)
    return seen if sources.markers is None else _with_markers(seen)


def import_upload(walk: FoundWalk, answers: Answers, folder: Path, *, tell: Tell = silent) -> Trial:
    """Make a trial folder from one of the walks.

    Parameters
    ----------
    walk : FoundWalk
    answers : Answers
    folder : Path
        Where it is written; see `workbench.intake.pipeline.import_recording`.
    tell : callable, optional

    Raises
    ------
    WorkbenchError
        With what is wrong, where, and what to do.
    """
    marker_map = None
    if answers.landmarks:
        sources = find_sources(walk.path, Wishes(trial=walk.trial))
        assert sources.markers is not None
        labels = read_markers(sources.markers).markers
        assert labels is not None
        marker_map = folder.parent / f"{folder.name}_markers.toml"
        marker_map.write_text(map_text(corrected(_known(labels.names), answers.landmarks)), encoding="utf-8")
    wishes = Wishes(
        answers.mass_kg,
        answers.height_m,
        marker_map=marker_map,
        plates=answers.plates,
        measured_side=answers.measured_side,
        trial=walk.trial,
    )
    sources = replace(find_sources(walk.path, wishes), static=answers.static)
    return import_sources(sources, wishes, folder, tell)


def _loose_walks(place: Path) -> list[FoundWalk]:
    """Walks of one folder: joint angles with their model first, then markers that have none."""
    files = [p for p in sorted(place.iterdir()) if p.is_file()]
    markers = marker_walks(place) or {p.stem: p for p in files if p.suffix.lower() in MARKER_KINDS}
    by_stem = {trial_stem(p): p for p in markers.values()}
    motions = {trial_stem(p): p for p in files if p.suffix.lower() in (".mot", ".sto") and _holds_angles(p)}
    with_model = any(p.suffix.lower() == ".osim" for p in files)
    ready = {stem: p for stem, p in motions.items() if with_model or stem not in by_stem}
    return [FoundWalk(stem, path) for stem, path in sorted({**by_stem, **ready}.items())]


def _holds_angles(path: Path) -> bool:
    with path.open("rb") as file:
        head = file.read(_HEAD)
    return not is_static(path) and (b"knee_angle" in head or b"pelvis_tilt" in head)


def _known(labels: tuple[str, ...]) -> MarkerMap:
    """The published map of these labels; an empty one where none is known."""
    try:
        return suggest_map(labels)
    except TrialError:
        return MarkerMap("given by the user", (), unmatched=labels)


def _with_markers(seen: Look) -> Look:
    """The look with its markers in walkway axes, or in those of the file where nobody knows yet what they are."""
    path = seen.sources.markers
    assert path is not None
    raw = read_markers(path)
    assert raw.markers is not None
    names = raw.markers.names
    marker_map: MarkerMap | None = _known(names)
    problem = ""
    try:
        recording = read_recording(path, seen.sources.forces)
    except TrialError as error:
        assert marker_map is not None
        if not marker_map.unmatched or seen.sources.coordinates is not None:
            raise
        recording, problem = replace(raw, markers=_upright(raw.markers)), str(error)
    if marker_map is not None and not marker_map.placements:
        problem = problem or f"none of the marker labels is known: {listing(names, 6)}."
        marker_map = None
    return replace(
        seen,
        mass_kg=seen.mass_kg or recording.mass_kg,
        height_m=seen.height_m or recording.height_m,
        plates=seen.plates or bool(recording.plates),
        markers=_thinned(recording.markers or raw.markers),
        marker_map=marker_map,
        labels=names,
        problem=problem,
    )


def _thinned(markers: Markers) -> Markers:
    """Few enough frames to be sent to a page at once; gaps are bridged, as it is only looked at."""
    step = max(1, -(-len(markers.time_s) // _MOST_FRAMES))
    time_s, position = markers.time_s[::step], np.array(markers.position_m[::step])
    seen = np.asarray(np.isfinite(position).all(axis=2))
    kept = np.flatnonzero(seen.any(axis=0))
    for k in kept:
        for axis in range(3):
            position[:, k, axis] = np.interp(time_s, time_s[seen[:, k]], position[seen[:, k], k, axis])
    return Markers(time_s, tuple(markers.names[k] for k in kept), position[:, kept])


def _upright(markers: Markers) -> Markers:
    """Markers turned so that the axis along which a body is longest points up; for the eye alone."""
    centred = markers.position_m - np.nanmean(markers.position_m, axis=1, keepdims=True)
    up = int(np.argmax(np.nanmean(np.square(centred), axis=(0, 1))))
    return replace(markers, position_m=np.roll(markers.position_m, 1 - up, axis=2))
