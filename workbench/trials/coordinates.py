"""Joint coordinates from a storage table."""

from __future__ import annotations

import re
from typing import Final

import numpy as np

from workbench.core.errors import TrialError
from workbench.core.findings import Finding
from workbench.core.types import Motion
from workbench.core.vocabulary import PELVIS_TRANSLATIONS, SIDE_SUFFIX
from workbench.trials import recording_checks
from workbench.trials.folder import near_names
from workbench.trials.storage import Table, check_unique, listing

#: Without these no leg can be simulated; subtalar, toe, trunk and arm coordinates depend on the model.
NEEDED_COORDINATES: Final = (
    "pelvis_tilt",
    "pelvis_list",
    "pelvis_rotation",
    *PELVIS_TRANSLATIONS,
    *(
        f"{joint}_{suffix}"
        for suffix in SIDE_SUFFIX.values()
        for joint in ("hip_flexion", "hip_adduction", "hip_rotation", "knee_angle", "ankle_angle")
    ),
)

# The patella's coordinate follows the knee. Programs write it in degrees or in radians without regard to inDegrees,
# and the model derives it anyway.
_DRIVEN = re.compile(r"_beta$")


def motion_from_table(table: Table) -> tuple[Motion, tuple[Finding, ...]]:
    """Take the joint coordinates out of a table and check them.

    Plain names (``knee_angle_r``) and state paths (``/jointset/walker_knee_r/knee_angle_r/value``) are both read;
    speeds, activations and the patella's driven coordinate are left out.

    Parameters
    ----------
    table : Table
        Content of the coordinates file.

    Returns
    -------
    Motion
        Coordinates by plain name, as recorded, in the unit of the file.
    tuple of Finding

    Raises
    ------
    TrialError
        If a needed coordinate is missing or the numbers cannot be joint coordinates in the stated units.
    """
    columns: list[int] = []
    names: list[str] = []
    for index, column in enumerate(table.names):
        name = _coordinate_name(column)
        if name is not None:
            columns.append(index)
            names.append(name)
    check_unique(names, table.label)
    for needed in NEEDED_COORDINATES:
        if needed not in names:
            raise TrialError(
                f"the joint coordinate {needed!r} is missing.",
                where=table.label,
                remedy=near_names(needed, names) or f"The file contains {listing(names)}.",
            )
    time_s = table.time_s
    values = table.values[:, columns]
    recording_checks.finite(
        time_s, values, names, table.label, "Fill the gap in the motion or cut it with start and end."
    )
    findings = recording_checks.sampling(time_s, table.label, "frames")
    knees = np.abs(values[:, [names.index(f"knee_angle_{suffix}") for suffix in SIDE_SUFFIX.values()]])
    in_degrees, about_unit = recording_checks.angle_unit(float(knees.max()), table.in_degrees, table.label)
    height = values[:, names.index("pelvis_ty")]
    findings += about_unit + recording_checks.pelvis_height(height, table.label)
    return Motion(time_s, tuple(names), values, in_degrees), tuple(findings)


def _coordinate_name(column: str) -> str | None:
    """Plain name of a coordinate, None for time and for anything that is not a coordinate value."""
    if column.lower() == "time" or _DRIVEN.search(column.removesuffix("/value")):
        return None
    if "/" not in column:
        return None if "." in column else column
    parts = column.split("/")
    return parts[-2] if parts[-1] == "value" and len(parts) > 1 else None
