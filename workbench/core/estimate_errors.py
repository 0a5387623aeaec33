"""Accuracy of ground reactions estimated from the motion, and the finding that reports it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np

from workbench.core.findings import Finding
from workbench.core.types import Array


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


#: What stands behind the name of a trial whose ground reactions are estimated, in every view, table and file.
ESTIMATED_SUFFIX: Final = " (estimated ground forces)"
#: What the band around a recorded curve is.
BAND_LABEL: Final = "± error of the estimated ground forces"
ESTIMATED_CODE: Final = "estimated_forces"


def labelled(name: str) -> str:
    """A trial's name, marked if its ground reactions are estimated.

    Examples
    --------
    >>> labelled("walk1"), labelled(labelled("walk1")) == labelled("walk1")
    ('walk1 (estimated ground forces)', True)
    """
    return name if name.endswith(ESTIMATED_SUFFIX) else name + ESTIMATED_SUFFIX


def estimate_band(name: str, curve: Array, stance_percent: float) -> tuple[Array, Array]:
    """Range of a curve with recorded ground reactions: plus and minus the typical error, over stance.

    Parameters
    ----------
    name : str
        Of `workbench.core.vocabulary.CURVES`.
    curve : (101,) array
        Over the cycle.
    stance_percent : float
        Where toe-off lies; 100 for a lone stance.

    Returns
    -------
    array, array
        (101,) each, lower and upper edge; missing (NaN) in swing, where no error was measured.

    Examples
    --------
    >>> low, high = estimate_band("medial_contact_force_bw", np.full(101, 2.0), 60.0)
    >>> float(low[60].round(2)), float(high[60].round(2)), bool(np.isnan(high[61]))
    (1.67, 2.33, True)
    """
    error = np.where(np.arange(len(curve)) <= stance_percent, ESTIMATE_ERRORS[name].typical, np.nan)
    return curve - error, curve + error


def estimated_forces_finding() -> Finding:
    """The finding attached to every trial with estimated ground reactions.

    Examples
    --------
    >>> estimated_forces_finding().code, estimated_forces_finding().severity
    ('estimated_forces', 'doubtful')
    """
    return Finding(
        ESTIMATED_CODE,
        "doubtful",
        "recording",
        "The ground reactions are estimated from the motion, not measured.",
        remedy="Use the loads with their error band, or record the walk on force plates.",
        source="Four people's recordings with force plates: METHODS, section 9",
    )
