"""From markers to a model of the person and joint angles."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from workbench.core.errors import TrialError
from workbench.core.findings import Finding
from workbench.core.types import Motion, Subject
from workbench.core.vocabulary import Side
from workbench.intake.forces import forces_of_feet
from workbench.intake.tell import Tell
from workbench.intake.trial_folder import Prepared
from workbench.recordings.label_order import contradictions
from workbench.recordings.marker_maps import MarkerMap, suggest_map
from workbench.recordings.reading import read_recording
from workbench.recordings.recording import Markers, Recording
from workbench.recordings.sources import Sources
from workbench.simulation.inverse_kinematics import inverse_kinematics, marker_places
from workbench.simulation.marker_scaling import scale_to_markers
from workbench.simulation.marker_solver import marker_name
from workbench.simulation.model import read_model

_SEEN_SHARE: Final = 0.7  #: of the markers that are ever well seen; frames with fewer at the ends are cut
_OWN_MODEL_SHARE: Final = 0.8  #: of the mapped labels that a model carries if it was scaled with them


def prepare_from_markers(
    sources: Sources, user_map: MarkerMap | None, recording: Recording, subject: Subject, work: Path, tell: Tell
) -> Prepared:
    """Assign the plates to the feet, scale the model, fit it to the markers.

    Raises
    ------
    WorkbenchError
        With what is wrong, where, and what to do.
    """
    assert recording.markers is not None
    assert sources.markers is not None
    found = forces_of_feet(recording, sources, user_map, turned=True) if recording.plates else None
    standing = None if sources.static is None else read_recording(sources.static, plates=False, marker_map=user_map)
    marker_map = _map(recording.markers, standing, user_map)
    markers, findings = seen_part(recording.markers, marker_map, sources.markers.name)
    for file, trajectories in ((sources.markers, markers), (sources.static, standing.markers if standing else None)):
        if file is not None and trajectories is not None:
            findings += contradictions(trajectories, marker_map, file.name)
    work.mkdir(parents=True, exist_ok=True)
    tell("scaling the model", 0.05)
    model, of_scaling, decision = _model(sources, markers, standing, marker_map, subject, work, tell)
    tell("fitting the model to the markers", 0.3)
    fit = inverse_kinematics(model, markers, marker_map, _share(tell, "fitting the model to the markers", 0.3, 0.9))
    if found is None:
        from workbench.intake.without_plates import estimated

        tell("estimating the forces", 0.9)
        found = estimated(model, fit.motion, subject)
    rms = 1000.0 * float(np.mean(fit.rms_m))
    strikes, offs = (_within(events, fit.motion) for events in (found.forces.foot_strikes_s, found.forces.foot_offs_s))
    return Prepared(
        sources.name,
        subject,
        fit.motion,
        found.forces.ground_reactions,
        model,
        strikes,
        offs,
        estimated_forces=found.estimated,
        decisions={
            "markers": _map_words(marker_map),
            "model": decision,
            "joint_angles": f"Joint angles from OpenSim's inverse kinematics; marker error {rms:.0f} mm (root mean"
            " square).",
            "forces": found.decision,
        },
        findings=(*findings, *of_scaling, *fit.findings, *found.forces.findings),
    )


def seen_part(markers: Markers, marker_map: MarkerMap, label: str) -> tuple[Markers, list[Finding]]:
    """The longest part of a walk in which most of the mapped markers are visible.

    Raises
    ------
    TrialError
        If there is hardly any such part.
    """
    columns = [markers.names.index(p.label) for p in marker_map.of(markers.names).placements]
    seen = np.asarray(np.isfinite(markers.position_m[:, columns]).all(axis=2))
    usual = seen.mean(axis=0) > 0.2
    share = seen[:, usual].mean(axis=1) if usual.any() else np.zeros(len(markers.time_s))
    flags = np.concatenate(([0], (share >= _SEEN_SHARE).astype(int), [0]))
    steps: NDArray[np.int_] = np.diff(flags)
    runs = list(zip(np.flatnonzero(steps == 1), np.flatnonzero(steps == -1), strict=True))
    if not runs or max(b - a for a, b in runs) < 20:
        raise TrialError(
            "there is no part of the recording in which most markers are visible.", where=label, remedy="Fill the gaps."
        )
    first, beyond = max(runs, key=lambda run: int(run[1] - run[0]))
    if first == 0 and beyond == len(markers.time_s):
        return markers, []
    time_s = markers.time_s[first:beyond]
    finding = Finding(
        "part_used", "note", "recording",
        f"Most markers are visible from {time_s[0]:.2f} to {time_s[-1]:.2f} s of the recording"
        f" ({markers.time_s[0]:.2f} to {markers.time_s[-1]:.2f} s); only this part is used.",
        where=label,
    )  # fmt: skip
    return replace(markers, time_s=time_s, position_m=markers.position_m[first:beyond]), [finding]


def _map(markers: Markers, standing: Recording | None, user_map: MarkerMap | None) -> MarkerMap:
    """The map of all labels, those of the static trial among them: knees and ankles are often marked there only."""
    extra = () if standing is None or standing.markers is None else standing.markers.names
    labels = [*markers.names, *(name for name in extra if name not in markers.names)]
    if user_map is None:
        return suggest_map(labels)
    chosen = user_map.of(labels)
    if not chosen.placements:
        raise TrialError(
            "none of the marker map's labels occurs in the recording.",
            where=user_map.name,
            remedy=f"The recording contains {', '.join(markers.names[:12])}.",
        )
    return chosen


def _map_words(marker_map: MarkerMap) -> str:
    left_out = f"; not used: {', '.join(marker_map.unmatched)}" if marker_map.unmatched else ""
    return f"Marker set: {marker_map.name!r} ({len(marker_map.labels)} labels{left_out})."


def _model(
    sources: Sources,
    markers: Markers,
    standing: Recording | None,
    marker_map: MarkerMap,
    subject: Subject,
    work: Path,
    tell: Tell,
) -> tuple[Path, tuple[Finding, ...], str]:
    """A model of the person that carries the markers, what there is to say of it, and where it comes from."""
    if sources.model is not None:
        carried = marker_places(read_model(sources.model))
        labels = marker_map.of(markers.names).labels
        if sum(marker_name(label) in carried for label in labels) >= _OWN_MODEL_SHARE * len(labels):
            return sources.model, (), f"{sources.model.name}, used unchanged: it already has the recording's markers."
    findings = [] if standing is None else [f for f in standing.findings if f.severity != "note"]
    static = None if standing is None else standing.markers
    try:
        scaled = scale_to_markers(
            markers, static, marker_map, subject, sources.model, _share(tell, "scaling the model", 0.05, 0.3)
        )
    except TrialError as error:
        raise _with_labels(error, marker_map, sources) from error
    generic = sources.model.name if sources.model else "the project's own model"
    by = f"the static trial {sources.static.name}" if sources.static else "the walk itself, as there is no static trial"
    decision = f"{generic[0].upper()}{generic[1:]}, scaled by OpenSim to the markers of {by}."
    return scaled.write(work / "model.osim"), (*findings, *scaled.findings), decision


def _with_labels(error: TrialError, marker_map: MarkerMap, sources: Sources) -> TrialError:
    """The error with the file, and with the labels that the marker map does not know: they may be what is missing."""
    unknown = marker_map.unmatched
    hint = (
        f"{error.remedy} Not in the marker map: {', '.join(unknown[:12])}{' ...' if len(unknown) > 12 else ''}. Assign"
        " them to landmarks with --markers MAP.toml, or give a static trial with the missing markers (--static FILE)."
    )
    where = (sources.markers or Path(sources.name)).name
    return TrialError(error.problem, where=error.where or where, remedy=hint if unknown else error.remedy)


def _within(events: Mapping[Side, tuple[float, ...]], motion: Motion) -> dict[Side, tuple[float, ...]]:
    """Events within the motion."""
    first, last = motion.time_s[0] - 1e-6, motion.time_s[-1] + 1e-6
    return {side: kept for side, times in events.items() if (kept := tuple(t for t in times if first <= t <= last))}


def _share(tell: Tell, what: str, start: float, end: float) -> Callable[[int, int], None]:
    """Frames done as a share of the whole import."""

    def progress(done: int, total: int) -> None:
        tell(what, start + (end - start) * done / max(total, 1))

    return progress
