"""What ezc3d finds in a C3D file, as plain arrays; run as a process of its own.

ezc3d and OpenSim are both wrapped by SWIG and share its table of types: once both have worked in one process, OpenSim
may refuse its own vectors. A file that ends the reader does not end the workbench either.
"""

from __future__ import annotations

import pickle
import subprocess
import sys
from pathlib import Path
from typing import Any, Final

#: A damaged file can keep ezc3d busy for ever; a sound one takes a second.
_LONGEST_S: Final = 20.0
_LONGEST_S_PER_MB: Final = 0.5


def c3d_content(path: Path) -> dict[str, Any] | None:
    """Header, parameters (group, name: value) and data of a C3D file; None where ezc3d cannot read it.

    Returns
    -------
    dict or None
        ``first_frame`` (counted from 0), ``rate_hz``, ``analog_rate_hz``, ``events`` (time and label),
        ``parameters``, ``points`` (4, k, n) and ``analogs`` (c, n).
    """
    limit_s = _LONGEST_S + _LONGEST_S_PER_MB * path.stat().st_size / 1e6
    try:
        done = subprocess.run(
            [sys.executable, "-P", str(Path(__file__)), str(path)], capture_output=True, check=True, timeout=limit_s
        )
    except (subprocess.CalledProcessError, subprocess.TimeoutExpired):
        return None
    content: dict[str, Any] = pickle.loads(done.stdout)  # of this file's own process
    return content


def _read(path: str) -> dict[str, Any]:
    import ezc3d
    import numpy as np

    c3d = ezc3d.c3d(path)
    header, data = c3d["header"], c3d["data"]
    return {
        "first_frame": int(header["points"]["first_frame"]),
        "rate_hz": float(header["points"]["frame_rate"]),
        "analog_rate_hz": float(header["analogs"]["frame_rate"]),
        "events": list(zip(header["events"]["events_time"], header["events"]["events_label"], strict=False)),
        "parameters": {
            group: {name: entry["value"] for name, entry in of_group.items() if name != "__METADATA__"}
            for group, of_group in c3d["parameters"].items()
        },
        "points": np.asarray(data["points"], dtype=float),
        "analogs": np.asarray(data["analogs"], dtype=float)[0],
    }


if __name__ == "__main__":
    sys.stdout.buffer.write(pickle.dumps(_read(sys.argv[1])))
