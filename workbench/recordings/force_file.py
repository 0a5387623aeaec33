"""Force plates from a table in OpenSim's format, with any of the usual column names."""

from __future__ import annotations

import re
from typing import Final

import numpy as np

from workbench.core.contacts import CONTACT_THRESHOLD_N
from workbench.core.errors import TrialError
from workbench.core.findings import Finding
from workbench.core.types import Array
from workbench.recordings.recording import ForcePlate
from workbench.trials.storage import Table, listing

_AXES: Final = "xyz"


def plates_of(table: Table) -> tuple[tuple[ForcePlate, ...], list[Finding]]:
    """Find every force in a table with its point of application and its free moment.

    Forces are three columns that end in ``vx, vy, vz`` (``ground_force_1_vx``, ``1_ground_force_vx``,
    ``ground_force_r_vx``), their points three that end in ``px, py, pz``, their moments ``ground_torque_1_x``,
    ``ground_force_1_mx`` or ``ground_moment_1_x``.

    Parameters
    ----------
    table : Table
        Laboratory axes as in the file; N, m, N m.

    Returns
    -------
    tuple of ForcePlate
        The moment is about the laboratory's origin; zero while the plate is empty.
    list of Finding

    Raises
    ------
    TrialError
        If there is no force, or one without its point.
    """
    names = set(table.names)
    prefixes = [n[:-2] for n in table.names if n.endswith("vx") and {n[:-2] + "vy", n[:-2] + "vz"} <= names]
    if not prefixes:
        raise TrialError(
            "there are no columns of forces (three names that end in vx, vy and vz).",
            where=table.label,
            remedy=f"The file contains {listing(table.names)}.",
        )
    plates, findings = [], []
    for prefix in prefixes:
        name = prefix.rstrip("_.")
        if not all(prefix + "p" + axis in names for axis in _AXES):
            raise TrialError(
                f"the force {name!r} has no point of application ({prefix}px, {prefix}py, {prefix}pz).",
                where=table.label,
                remedy="Export the centre of pressure too.",
            )
        force, point = _triple(table, prefix + "v"), _triple(table, prefix + "p")
        torques = [p for p in _torque_names(prefix) if all(p + axis in names for axis in _AXES)]
        torque = _triple(table, torques[0]) if torques else np.zeros_like(force)
        if not torques:
            findings.append(
                Finding("no_free_moment", "doubtful", "recording",
                        f"The force {name!r} has no free moment; zero is assumed.", "Export it too.", table.label)
            )  # fmt: skip
        if not np.isfinite(force).all():
            row = int(np.argwhere(~np.isfinite(force))[0][0])
            raise TrialError(
                f"the force {name!r} is missing at {table.time_s[row]:.4f} s.",
                where=table.label,
                remedy="Gaps in the force cannot be filled: cut the recording or export it again.",
            )
        loaded = (
            np.linalg.norm(force, axis=1) >= CONTACT_THRESHOLD_N
        )  # below, the centre of pressure is a quotient of noise
        if not np.isfinite(np.hstack([point, torque])[loaded]).all():
            raise TrialError(
                f"the centre of pressure or the moment of {name!r} is missing while the plate is loaded.",
                where=table.label,
                remedy="Export it again.",
            )
        point, torque = (np.where(loaded[:, None], values, 0.0) for values in (point, torque))
        height = float(np.median(point[loaded, 1])) if loaded.any() else 0.0
        moment = np.cross(point, force) * loaded[:, None] + torque
        plates.append(ForcePlate(name, table.time_s, force, moment, None, height))
    return tuple(plates), findings


def _torque_names(prefix: str) -> list[str]:
    """How the columns of the moment that belongs to a force may begin."""
    renamed = [re.sub("force", word, prefix, flags=re.IGNORECASE) for word in ("torque", "moment")]
    return [name for name in (*renamed, prefix + "m") if name != prefix]


def _triple(table: Table, prefix: str) -> Array:
    return np.column_stack([table.column(prefix + axis) for axis in _AXES])
