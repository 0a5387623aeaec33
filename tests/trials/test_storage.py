"""OpenSim storage files in the shapes in which they circulate."""

from __future__ import annotations

import numpy as np
import pytest

from workbench.core.errors import TrialError
from workbench.trials.storage import Table, parse_storage

BODY = "time\ta\tb\n0.0\t1\t2\n0.1\t3\t4\n"


def parse(text: str) -> Table:
    return parse_storage(text, "a.mot")


@pytest.mark.parametrize(
    "header",
    [
        "Coordinates\nversion=1\nnRows=2\nnColumns=3\ninDegrees=yes\n\nAngles are in degrees.\n\nendheader\n",
        "inDegrees=yes\nnColumns=40\nDataType=double\nversion=3\nOpenSimVersion=4.5\nendheader\n",
        "walk\nnRows=121120\ninDegrees = Yes\nENDHEADER\n",
        "endheader\n",
    ],
    ids=["version 1", "version 3", "row count that lies", "nothing else"],
)
def test_header_is_read_for_the_unit_of_angles_only(header: str) -> None:
    table = parse(header + BODY)
    assert table.names == ("time", "a", "b")
    np.testing.assert_array_equal(table.values, [[0.0, 1, 2], [0.1, 3, 4]])
    assert table.in_degrees is (True if "inDegrees" in header else None)


def test_old_header_without_equal_signs() -> None:
    table = parse("name loads.mot\ndatacolumns 3\ndatarows 327\nrange 0.9 3.6\nendheader\n" + BODY)
    assert table.in_degrees is None
    assert table.values.shape == (2, 3)


def test_radians() -> None:
    assert parse("inDegrees=no\nendheader\n" + BODY).in_degrees is False


@pytest.mark.parametrize("text", [BODY.replace("\t", "   "), BODY.replace("\n", "\t\r\n"), BODY + "\n\n"])
def test_spaces_trailing_tabs_and_empty_lines(text: str) -> None:
    np.testing.assert_array_equal(parse("endheader\n" + text).column("b"), [2, 4])


def test_missing_values_are_kept_for_the_checks() -> None:
    assert np.isnan(parse("endheader\n" + BODY.replace("4", "NaN")).column("b")[1])


def test_time_is_found_whatever_its_case_and_place() -> None:
    table = parse("endheader\na Time\n5 0.0\n6 0.1\n")
    np.testing.assert_array_equal(table.time_s, [0.0, 0.1])


def test_values_cannot_be_changed() -> None:
    with pytest.raises(ValueError, match="read-only"):
        parse("endheader\n" + BODY).values[0, 0] = 1.0


def test_absent_column_names_the_near_ones() -> None:
    table = parse("endheader\ntime knee_angle_r\n0 1\n")
    with pytest.raises(TrialError, match="Did you mean 'knee_angle_r'"):
        table.column("knee_angel_r")
    with pytest.raises(TrialError, match="The file has the columns time, knee_angle_r"):
        table.column("x")


def test_every_bad_row_is_named_by_its_line_in_the_file() -> None:
    with pytest.raises(TrialError, match="line 4 has 4 numbers for 3 columns"):
        parse("endheader\n" + BODY.replace("0.1\t3", "0.1\t3\t3"))
