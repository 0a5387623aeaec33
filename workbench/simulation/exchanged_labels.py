"""Swapped labels: swap them back and see whether the model fits."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Final

import numpy as np

from workbench.core.findings import Finding
from workbench.core.types import Array
from workbench.recordings.marker_maps import Placement, mirrored_labels
from workbench.simulation.marker_solver import fit_markers, marker_name

_FRAMES: Final = 5  #: in which an exchange is tried
_SUSPECTS: Final = 6  #: markers with the largest errors
_COLLAPSE: Final = 0.6  #: an exchange explains the errors if it brings their root mean square below this share


def said_of_exchange(
    model: Any, used: Sequence[Placement], position_m: Array, time_s: Array, misfit_m: Array
) -> list[Finding]:
    """Find two labels, or left and right, that were swapped.

    Tried in the frames with the largest errors: all labels left for right, and every two of the markers that fit worst.

    Parameters
    ----------
    model : opensim.Model
        Bare, with the markers.
    used : sequence of Placement
    position_m : array, shape (n, k, 3)
    time_s : array, shape (n,)
    misfit_m : array, shape (n, k)
    """
    labels = [p.label for p in used]
    names, weights = tuple(marker_name(label) for label in labels), np.array([p.weight for p in used])
    rms = np.sqrt(np.nanmean(misfit_m**2, axis=1))
    frames = np.sort(np.argsort(rms)[::-1][: _FRAMES * 4 : 4])

    def error(order: Sequence[int | None]) -> float:
        """Root mean square error with each position assigned to the marker of this number, or to none."""
        exchanged = np.full_like(position_m[frames], np.nan)
        for place, marker in enumerate(order):
            if marker is not None:
                exchanged[:, place] = position_m[frames, marker]
        poses = fit_markers(model, names, weights, np.arange(len(frames), dtype=float), exchanged)
        return float(np.sqrt(np.nanmean(poses.misfit_m**2)))

    before = error(range(len(labels)))
    twins = mirrored_labels(used)
    after = error([labels.index(twins[label]) if label in twins else None for label in labels])
    if after < _COLLAPSE * before:
        return [_said("left and right are swapped in all labels", "Swap left and right.", before, after)]
    worst = np.nan_to_num(misfit_m[frames]).max(axis=0)
    suspects = np.argsort(worst)[::-1][:_SUSPECTS]
    best, pair = before, None
    for one, other in itertools.combinations(suspects.tolist(), 2):
        order: list[int | None] = list(range(len(labels)))
        order[one], order[other] = other, one
        after = error(order)
        if after < best:
            best, pair = after, (labels[one], labels[other])
    if pair and best < _COLLAPSE * before:
        when = f" around {time_s[frames[len(frames) // 2]]:.2f} s"
        of_trunk = all(p.body == "torso" for p in used if p.label in pair)
        said = _said(f"{pair[0]} and {pair[1]} are swapped{when}", "Swap the two labels.", before, best)
        return [replace(said, severity="doubtful") if of_trunk else said]  # the legs' loads do not depend on the trunk
    return []


def _said(what: str, remedy: str, before: float, after: float) -> Finding:
    return Finding(
        "exchanged_markers",
        "serious",
        "recording",
        f"{what}; after swapping them back, the marker error is {1000 * after:.0f} mm instead of {1000 * before:.0f}"
        " mm.",
        remedy,
        limit=f"{100 * _COLLAPSE:.0f} % of the error",
    )
