"""Which way is up, which way the person walks, and the turn to X forward, Y up, Z to the right."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

import numpy as np

from workbench.core.errors import TrialError
from workbench.core.findings import Finding
from workbench.core.types import Array
from workbench.core.vocabulary import SIDES, Side
from workbench.recordings.labels import foot_markers, side_of
from workbench.recordings.recording import ForcePlate, Markers, Recording

_SMALLEST_FORCE_N: Final = 100.0  #: a plate that never carries this was not trodden on
_SMALLEST_WALK_M: Final = 0.5  #: a pelvis that goes less far walks on a treadmill, or stands
_SNAP_DEG: Final = 20.0  #: a walk this close to an axis of the laboratory is left along that axis
_NAMES: Final = ("X", "Y", "Z")


def turn_to_walkway(recording: Recording, label: str) -> Recording:
    """Return the recording with X forward, Y up and Z to the right, and findings about how it was rotated.

    Up is the axis along which the body's other markers lie above those of the feet; the force on the foot must point
    the same way. Forward is the direction in which the pelvis moves; on a treadmill, or standing, it follows from left
    and right.

    Parameters
    ----------
    recording : Recording
        As a reader returned it. Without markers it is assumed to be in these axes already.
    label : str
        The file, for messages.

    Raises
    ------
    TrialError
        If up or forward cannot be found, markers and forces disagree about up, or the person walks backwards.

    Examples
    --------
    >>> from workbench.recordings.recording import Markers
    >>> walk = np.linspace(0.0, -2.0, 50)[:, None, None] * [0.0, 1.0, 0.0]  # along -Y, up is Z
    >>> places = np.array([[0.1, 0.1, 0.05], [-0.1, 0.1, 0.05], [0.1, 0.0, 1.0], [-0.1, 0.0, 1.0]])
    >>> markers = Markers(np.arange(50) / 50.0, ("LHEE", "RHEE", "LASI", "RASI"), walk + places)
    >>> turned = turn_to_walkway(Recording("walk", markers), "walk.trc").markers
    >>> (turned.position_m[-1] - turned.position_m[0])[0].round(2) + 0.0  # X forward
    array([2., 0., 0.])
    """
    if recording.markers is None:
        return recording
    markers = recording.markers
    up = _up_of_markers(markers, label)
    plates, findings = _reactions(recording.plates, up, label)
    rotation, treadmill, found = _rotation(markers, up, label)
    if np.allclose(rotation, np.eye(3)):
        text = "The file's axes are already X forward, Y up and Z to the right."
    else:
        text = (
            f"{_axis(up)} is up and the person walks along {_axis(rotation[0])}; rotated to X forward, Y up, Z right."
        )
    findings.append(Finding("axes", "note", "recording", text, where=label))
    return replace(
        recording,
        markers=replace(markers, position_m=markers.position_m @ rotation.T),
        plates=tuple(_turned(plate, rotation) for plate in plates),
        treadmill=treadmill,
        turned_by=rotation,
        findings=(*recording.findings, *findings, *found),
    )


def _turned(plate: ForcePlate, rotation: Array) -> ForcePlate:
    corners = None if plate.corners_m is None else plate.corners_m @ rotation.T
    return replace(
        plate,
        force_N=plate.force_N @ rotation.T,
        moment_Nm=plate.moment_Nm @ rotation.T,
        corners_m=corners,
        surface_height_m=plate.surface_height_m if corners is None else float(corners[:, 1].mean()),
    )


def _up_of_markers(markers: Markers, label: str) -> Array:
    """Unit vector along the axis that is up."""
    feet = [i for i, n in enumerate(markers.names) if n in {m for s in SIDES for m in foot_markers(markers.names, s)}]
    others = [i for i in range(len(markers.names)) if i not in feet]
    if not feet or not others:
        raise TrialError(
            "no marker name identifies a marker on the foot, so neither the vertical axis nor the contacts can be"
            " found.",
            where=label,
            remedy="Name the foot markers in a marker map (--markers MAP.toml), or label them LHEE, LTOE, and so on.",
        )
    low, high = _middle(markers.position_m[:, feet]), _middle(markers.position_m[:, others])
    rise = np.nanmedian(high - low, axis=0)
    if not np.isfinite(rise).all():
        raise TrialError(
            "foot and body markers are never visible in the same frame.", where=label, remedy="Fill the gaps."
        )
    axis = int(np.argmax(np.abs(rise)))
    if np.abs(rise[axis]) < 0.8 * np.linalg.norm(rise):
        raise TrialError(
            "the vertical axis cannot be determined: the body lies"
            f" {rise[0]:.2f}, {rise[1]:.2f}, {rise[2]:.2f} m from the feet.",
            where=label,
            remedy="Rotate the data so that X is forward, Y up and Z to the right.",
        )
    return np.sign(rise[axis]) * np.eye(3)[axis]


def _middle(position: Array) -> Array:
    """Mean over the markers that are seen, (n, 3), missing where none is."""
    seen = np.isfinite(position)
    count = seen.sum(axis=1)
    return np.where(count > 0, np.where(seen, position, 0.0).sum(axis=1) / np.maximum(count, 1), np.nan)


def _reactions(plates: Sequence[ForcePlate], up: Array, label: str) -> tuple[list[ForcePlate], list[Finding]]:
    """Plates with the force that acts on the foot; refuses forces whose vertical is not the markers'."""
    turned: list[ForcePlate] = []
    downward = []
    vertical = int(np.argmax(np.abs(up)))
    for plate in plates:
        strength = np.linalg.norm(plate.force_N, axis=1)
        loaded = strength > max(_SMALLEST_FORCE_N, 0.3 * float(strength.max(initial=0.0)))
        if not loaded.any():
            turned.append(plate)
            continue
        mean = plate.force_N[loaded].mean(axis=0)
        axis = int(np.argmax(np.abs(mean)))
        if axis != vertical:
            raise TrialError(
                f"the force of {plate.name} is largest along {_NAMES[axis]}, but the markers show that"
                f" {_NAMES[vertical]} is vertical.",
                where=label,
                remedy="Export markers and forces in the same axes.",
            )
        if mean @ up < 0.0:
            downward.append(plate.name)
            plate = replace(plate, force_N=-plate.force_N, moment_Nm=-plate.moment_Nm)
        turned.append(plate)
    if not downward:
        return turned, []
    return turned, [
        Finding("force_reversed", "note", "recording",
                f"The force of {', '.join(downward)} points down (foot on plate); its sign was reversed.",
                "Check this if the file was meant to contain the force on the foot.", label)
    ]  # fmt: skip


def right_of(markers: Markers) -> Array | None:
    """Mean vector from the left markers to their partners on the right, (3,); None where no marker has a partner."""
    pairs = []
    sides: dict[str, dict[Side, int]] = {}
    for index, name in enumerate(markers.names):
        side = side_of(name)
        if side is not None:
            word = name.lower().replace(side, "")
            key = "".join(c for c in word if c.isalnum())
            key = key[1:] if word == name.lower() and key[:1] == side[0] else key
            key = key[:-1] if word == name.lower() and key[-1:] == side[0] and len(key) > 1 else key
            sides.setdefault(key, {})[side] = index
    for both in sides.values():
        if len(both) == 2:
            across = markers.position_m[:, both["right"]] - markers.position_m[:, both["left"]]
            if np.isfinite(across).all(axis=1).any():
                pairs.append(np.nanmean(across, axis=0))
    return np.median(pairs, axis=0) if pairs else None


def _rotation(markers: Markers, up: Array, label: str) -> tuple[Array, bool, list[Finding]]:
    """Rows forward, up, right; whether it was a treadmill; findings."""
    findings: list[Finding] = []
    others = [i for i, n in enumerate(markers.names) if n not in foot_markers(markers.names, side_of(n) or "left")]
    path = _middle(markers.position_m[:, others])
    # The same markers at both ends, so that one coming into view does not move the middle.
    steady = [i for i in others if np.isfinite(markers.position_m[:, i]).all(axis=1).mean() > 0.8]
    if steady:
        path = _middle(markers.position_m[:, steady])
    path = path[np.isfinite(path).all(axis=1)]
    tenth = max(1, len(path) // 20)
    gone = path[-tenth:].mean(axis=0) - path[:tenth].mean(axis=0)
    gone -= (gone @ up) * up
    across = right_of(markers)
    if across is not None:
        across = across - (across @ up) * up
        across = None if np.linalg.norm(across) < 0.02 else across
    by_sides = None if across is None else np.cross(up, across) / np.linalg.norm(across)
    walked = float(np.linalg.norm(gone)) >= _SMALLEST_WALK_M
    if walked:
        forward = gone / np.linalg.norm(gone)
        if by_sides is not None and forward @ by_sides < -0.5:
            raise TrialError(
                "according to the marker names the person walks backwards: are left and right swapped, or is an axis"
                " mirrored?",
                where=label,
                remedy="Correct the labels or the axes; backward walking cannot be analysed.",
            )
        if by_sides is not None and forward @ by_sides < 0.7:
            findings.append(
                Finding("walks_sideways", "doubtful", "recording",
                        f"The pelvis travels at {np.degrees(np.arccos(forward @ by_sides)):.0f}° to the direction in"
                        " which the body faces.",
                        "Check the labels, and that the person walked straight.", label, "45°")
            )  # fmt: skip
    elif by_sides is not None:
        forward = by_sides
    else:
        raise TrialError(
            "the direction the person faces cannot be determined: the pelvis does not travel, and no marker name says"
            " left or right.",
            where=label,
            remedy="Label the markers with their side (LASI, RASI, ...).",
        )
    axes = np.eye(3)
    nearest = max((sign * axis for axis in axes for sign in (1.0, -1.0)), key=lambda a: float(a @ forward))
    if nearest @ forward > np.cos(np.radians(_SNAP_DEG)):
        forward = nearest
    rotation = np.vstack([forward, up, np.cross(forward, up)])
    treadmill = not walked and _belt_speed(markers, rotation) > 0.2
    if treadmill:
        findings.append(
            Finding("treadmill", "note", "recording",
                    f"The stance feet travel backwards at {_belt_speed(markers, rotation):.2f} m/s while the pelvis"
                    " stays in place: a treadmill.",
                    where=label)
        )  # fmt: skip
    return rotation, treadmill, findings


def _belt_speed(markers: Markers, rotation: Array) -> float:
    """How fast the feet run backwards while they are low, m/s; 0 where no foot moves."""
    speeds = []
    for side in SIDES:
        names = foot_markers(markers.names, side)
        if not names:
            continue
        foot = _middle(markers.position_m[:, [markers.names.index(n) for n in names]]) @ rotation.T
        speed = np.gradient(foot[:, 0], markers.time_s)
        low = foot[:, 1] < np.nanpercentile(foot[:, 1], 40)
        if np.isfinite(speed[low]).any():
            speeds.append(float(-np.nanmedian(speed[low])))
    return float(np.median(speeds)) if speeds else 0.0


def _axis(vector: Array) -> str:
    """Name of an axis, with its sign, or the direction."""
    index = int(np.argmax(np.abs(vector)))
    if np.abs(vector[index]) > 0.999:
        return f"{'-' if vector[index] < 0 else ''}{_NAMES[index]}"
    return f"({', '.join(f'{v:.2f}' for v in vector)})"
