from __future__ import annotations

import contextlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.recordings.stick_walk import Z_UP_ALONG_MINUS_X, StickWalk, stick_walk, write_trc
from workbench.core.errors import TrialError
from workbench.recordings.marker_file import parse_trc
from workbench.recordings.reading import read_recording


@pytest.fixture(scope="module")
def walk() -> StickWalk:
    return stick_walk(plate_hz=100.0)


@pytest.fixture(scope="module")
def text(walk: StickWalk, tmp_path_factory: pytest.TempPathFactory) -> str:
    return write_trc(tmp_path_factory.mktemp("trc") / "walk.trc", walk.markers).read_text()


@pytest.mark.parametrize("unit", ["mm", "m"])
@pytest.mark.parametrize("axes", [np.eye(3), Z_UP_ALONG_MINUS_X], ids=["Y up", "Z up"])
def test_markers_are_those_of_the_walk(walk: StickWalk, tmp_path: Path, unit: str, axes: np.ndarray) -> None:
    read = read_recording(write_trc(tmp_path / "walk.trc", walk.markers, unit=unit, axes=axes))
    assert read.markers is not None
    assert np.abs(read.markers.position_m - walk.markers.position_m).max() < 2e-5


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (
            lambda text: text.replace("\tmm\t", "\tm\t"),
            r"span 1\.\d+e\+03 m in the file's unit 'm': are they in mm",
        ),
        (lambda text: "\n".join(text.split("\n")[:3]), "no line that begins with Frame#"),
        (lambda text: "\n".join(text.split("\n")[:6]), "no data rows"),
        (lambda text: text.replace("0.50000\t", "x.50000\t", 1), r"'x\.50000' in line \d+ is not a number"),
        (lambda text: text.replace("0.50000\t", "0,50000\t", 1), "decimal points"),
        (lambda text: text.replace("\t0.50000\t", "\t0.49000\t", 1), "time does not increase"),
        (lambda text: text[: int(0.4 * len(text))].rsplit("\t", 2)[0], "cells for"),
    ],
)
def test_a_damaged_file_is_refused_in_words(text: str, damage: Callable[[str], str], message: str) -> None:
    with pytest.raises(TrialError, match=message):
        parse_trc(damage(text), "walk.trc")


def test_half_a_file_is_said_to_be_cut(text: str) -> None:
    lines = text.split("\n")
    _, findings = parse_trc("\n".join(lines[: len(lines) // 2]), "walk.trc")
    assert [(f.code, f.severity) for f in findings] == [("file_cut_short", "serious")]


def test_times_rounded_to_milliseconds_are_even(walk: StickWalk, tmp_path: Path) -> None:
    text = write_trc(tmp_path / "walk.trc", stick_walk(rate_hz=120.0).markers).read_text()
    head, rows = text.split("\n")[:6], text.split("\n")[6:-1]
    cells = [row.split("\t") for row in rows]
    rounded = ["\t".join([c[0], f"{float(c[1]):.3f}", *c[2:]]) for c in cells]
    markers, findings = parse_trc("\n".join([*head, *rounded]), "walk.trc")
    assert not findings
    assert np.ptp(np.diff(markers.time_s)) < 1e-9


@settings(max_examples=60, deadline=None)
@given(
    at=st.floats(0, 1), length=st.integers(0, 40), put=st.sampled_from(["", "\t", "\n", "nan", "1e999", "Frame#", "é"])
)
def test_whatever_happens_to_a_file_it_is_read_or_refused(text: str, at: float, length: int, put: str) -> None:
    start = int(at * len(text))
    with contextlib.suppress(TrialError):
        markers, _ = parse_trc(text[:start] + put + text[start + length :], "walk.trc")
        assert np.isfinite(markers.time_s).all()
