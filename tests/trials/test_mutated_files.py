"""Whatever happens to a file on its way, the reader gives a Trial or says what is wrong."""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.synthetic import synthetic_walk
from workbench.core.errors import TrialError
from workbench.core.types import Trial
from workbench.trials import open_trial

FILES = ("trial.toml", "ik.mot", "grf.mot", "loads.xml", "knee.csv")
ODD_NUMBERS = (
    "nan",
    "inf",
    "-1e308",
    "1e999",
    "0",
    "-0.0",
    "1e12",
    "-7",
    "0x1p3",
    "1_0",
    "",
    '"',
    "١",
    "1,5",
    "99999999999999999999",
)
ODD_BYTES = (b"\0", b"\xff", b"\r", b"\x1a", b"\xe2\x80\xa8", b"<!ENTITY", b"endheader\n", b"=", b"\t")


@pytest.fixture(scope="module")
def folder() -> Iterator[dict[str, bytes]]:
    """Content of a small valid trial that uses every reader."""
    walk = synthetic_walk(duration_s=2.0)
    walk.settings["ground_reactions"] = {"external_loads": "loads.xml"}
    walk.settings["events"] = {"left_foot_strike": [0.8, 1.9], "left_foot_off": [1.48]}
    columns = {"file": "knee.csv", "side": "left", "time": "t", "medial": "m", "lateral": "l", "unit": "N"}
    walk.settings["measured_loads"] = columns
    with tempfile.TemporaryDirectory() as name:
        path = Path(name)
        walk.write(path)
        (path / "knee.csv").write_text("t,m,l\n" + "".join(f"{i / 50},900,{300 - i}\n" for i in range(60)))
        force = "".join(
            f"<ExternalForce><applied_to_body>calcn_{s}</applied_to_body>"
            f"<force_identifier>ground_force_{s}_v</force_identifier>"
            f"<point_identifier>ground_force_{s}_p</point_identifier>"
            f"<torque_identifier>ground_torque_{s}_</torque_identifier></ExternalForce>\n"
            for s in ("l", "r")
        )
        (path / "loads.xml").write_text(f"<ExternalLoads>\n{force}<datafile>grf.mot</datafile>\n</ExternalLoads>\n")
        assert isinstance(open_trial(path), Trial)
        yield {file: (path / file).read_bytes() for file in FILES}


def mutate(data: bytes, how: str, where: float, number: str, junk: bytes) -> bytes:
    at = int(where * len(data))
    lines = data.split(b"\n")
    row = int(where * len(lines))
    if how == "flip" and data:
        at = min(at, len(data) - 1)
        return data[:at] + bytes([data[at] ^ (1 + int(where * 1e6) % 255)]) + data[at + 1 :]
    if how == "insert":
        return data[:at] + junk + data[at:]
    if how == "truncate":
        return data[:at]
    if how == "remove line":
        return b"\n".join(lines[:row] + lines[row + 1 :])
    if how == "repeat line":
        return b"\n".join(lines[:row] + lines[row : row + 1] * 2 + lines[row + 1 :])
    if how == "number":
        # Replace what stands between two separators.
        end = at
        while end < len(data) and data[end : end + 1] not in b"\t\n ,>]":
            end += 1
        start = at
        while start > 0 and data[start - 1 : start] not in b"\t\n ,<[":
            start -= 1
        return data[:start] + number.encode() + data[end:]
    return data


@settings(
    max_examples=300, deadline=None, derandomize=True, database=None, suppress_health_check=[HealthCheck.too_slow]
)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(FILES),
            st.sampled_from(("flip", "insert", "truncate", "remove line", "repeat line", "number")),
            st.floats(0.0, 1.0, exclude_max=True),
            st.sampled_from(ODD_NUMBERS),
            st.sampled_from(ODD_BYTES),
        ),
        min_size=1,
        max_size=3,
    )
)
def test_a_trial_or_a_message(folder: dict[str, bytes], mutations: list[tuple[str, str, float, str, bytes]]) -> None:
    files = dict(folder)
    for name, how, where, number, junk in mutations:
        files[name] = mutate(files[name], how, where, number, junk)
    with tempfile.TemporaryDirectory() as name:
        for file, data in files.items():
            (Path(name) / file).write_bytes(data)
        with contextlib.suppress(TrialError):
            assert isinstance(open_trial(name), Trial)
