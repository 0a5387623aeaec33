"""Interpolation error, as JSON and text."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from workbench.core.response import InterpolationError


def interpolation_document(error: InterpolationError | None) -> Mapping[str, Any] | None:
    """The largest differences of every curve and number, and the changes of gait at which they were computed."""
    if error is None:
        return None
    return {
        "contact_force_bw": error.contact_force_bw,
        "kam_pct_bw_ht": error.kam_pct_bw_ht,
        "curves": dict(error.curves),
        "outcomes": dict(error.outcomes),
        "points": [dict(point) for point in error.points],
    }


def interpolation_lines(error: InterpolationError | None) -> list[str]:
    """The same as a line of text."""
    if error is None:
        return []
    return [
        f"Interpolation error compared with direct solutions: contact force {error.contact_force_bw:.3f} BW,"
        f" KAM {error.kam_pct_bw_ht:.4f} % BW·ht at most."
    ]
