"""Accuracy of ground reactions estimated from the motion, and the finding that reports it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from workbench.core.findings import Finding


@dataclass(frozen=True)
class EstimateError:
    """Root-mean-square difference of a curve over stance, estimated against recorded ground reactions.

    Examples
    --------
    >>> EstimateError("mm", typical=19.0, largest=32.0)
    EstimateError(unit='mm', typical=19.0, largest=32.0)
    """

    unit: str
    typical: float  #: quadratic mean of four people, each counted once
    largest: float  #: of the eight recordings


#: By quantity; the names are those of the curves where there is a curve. `tests/benchmarks/bench_estimated_forces.py`
#: measures them again.
ESTIMATE_ERRORS: Final[Mapping[str, EstimateError]] = {
    "vertical_force_pct_bw": EstimateError("% BW", 5.9, 10.5),
    "fore_aft_force_pct_bw": EstimateError("% BW", 2.4, 3.1),
    "medio_lateral_force_pct_bw": EstimateError("% BW", 1.29, 2.06),
    "centre_of_pressure_along_foot_mm": EstimateError("mm", 19.0, 32.0),
    "centre_of_pressure_across_foot_mm": EstimateError("mm", 7.3, 13.0),
    "knee_adduction_moment_pct_bw_ht": EstimateError("% BW·ht", 0.43, 0.62),
    "knee_flexion_moment_pct_bw_ht": EstimateError("% BW·ht", 0.82, 1.19),
    "medial_contact_force_bw": EstimateError("BW", 0.33, 0.49),
    "lateral_contact_force_bw": EstimateError("BW", 0.143, 0.195),
    "total_contact_force_bw": EstimateError("BW", 0.33, 0.50),
}


def estimated_forces_finding() -> Finding:
    """The finding attached to every trial with estimated ground reactions.

    Examples
    --------
    >>> estimated_forces_finding().code, estimated_forces_finding().severity
    ('estimated_forces', 'doubtful')
    """
    return Finding(
        "estimated_forces",
        "doubtful",
        "recording",
        "The ground reactions are estimated from the motion, not measured.",
        remedy="Use the loads with their error band, or record the walk on force plates.",
        source="Four people's recordings with force plates: METHODS, section 9",
    )
