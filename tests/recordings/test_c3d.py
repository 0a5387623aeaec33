from __future__ import annotations

import pickle
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tests.recordings.stick_walk import STRIKE_S, StickWalk, stick_walk, write_c3d
from workbench.core.errors import TrialError
from workbench.recordings.reading import read_recording


@pytest.fixture(scope="module")
def walk() -> StickWalk:
    return stick_walk()


class TestPlates:
    @pytest.mark.parametrize("on_plate", [False, True], ids=["force on the foot", "force on the plate"])
    @pytest.mark.parametrize("kind", [1, 2, 3, 4])
    def test_force_and_moment_are_those_of_the_walk(
        self, walk: StickWalk, tmp_path: Path, kind: int, on_plate: bool
    ) -> None:
        read = read_recording(write_c3d(tmp_path / "walk.c3d", walk, kind=kind, on_plate=on_plate))
        for found, true in zip(read.plates, walk.plates, strict=True):
            assert np.abs(found.force_N - true.force_N).max() < 0.01
            assert np.abs(found.moment_Nm - true.moment_Nm).max() < 0.01
        assert ("force_reversed" in {f.code for f in read.findings}) == on_plate

    @pytest.mark.data
    @pytest.mark.parametrize("name", ["implant_ps/PS_ngait_og_ss1.c3d", "c3d/btk_PiG_Motion3_FF.c3d"])
    def test_forces_agree_with_those_of_ezc3d(self, data_folder: Path, name: str) -> None:
        read = read_recording(data_folder / name)
        code = (
            "import ezc3d, pickle, sys; c3d = ezc3d.c3d(sys.argv[1], extract_forceplat_data=True);"
            "sys.stdout.buffer.write(pickle.dumps([p['force'] for p in c3d['data']['platform']]))"
        )
        done = subprocess.run([sys.executable, "-c", code, str(data_folder / name)], capture_output=True, check=True)
        for plate, force in zip(read.plates, pickle.loads(done.stdout), strict=True):
            assert read.turned_by is not None
            assert np.abs(plate.force_N - force.T @ read.turned_by.T).max() < 1e-3


class TestMarkers:
    def test_positions_are_those_of_the_walk(self, walk: StickWalk, tmp_path: Path) -> None:
        read = read_recording(write_c3d(tmp_path / "walk.c3d", walk, prefix="S4:"))
        assert read.markers is not None
        assert read.markers.names == walk.markers.names
        assert np.abs(read.markers.position_m - walk.markers.position_m).max() < 1e-6

    def test_a_late_first_frame_moves_the_clock_of_markers_and_plates(self, walk: StickWalk, tmp_path: Path) -> None:
        read = read_recording(write_c3d(tmp_path / "walk.c3d", walk, first_frame=200, events=True))
        assert read.markers is not None
        assert read.markers.time_s[0] == pytest.approx(2.0)
        assert read.plates[0].time_s[0] == pytest.approx(2.0)
        assert read.foot_strikes_s["left"] == pytest.approx((2.0 + STRIKE_S["left"],))

    def test_a_marker_out_of_sight_is_missing(self, walk: StickWalk, tmp_path: Path) -> None:
        position = walk.markers.position_m.copy()
        position[10:20, 3] = np.nan
        hidden = replace(walk, markers=replace(walk.markers, position_m=position))
        read = read_recording(write_c3d(tmp_path / "walk.c3d", hidden))
        assert read.markers is not None
        assert np.array_equal(np.isnan(read.markers.position_m), np.isnan(position))


class TestDamagedFiles:
    @pytest.mark.parametrize("share", [0.3, 0.6, 0.95])
    def test_a_file_cut_short_is_refused(self, walk: StickWalk, tmp_path: Path, share: float) -> None:
        path = write_c3d(tmp_path / "walk.c3d", walk)
        path.write_bytes(path.read_bytes()[: int(share * path.stat().st_size)])
        with pytest.raises(TrialError, match="truncated"):
            read_recording(path)

    def test_another_kind_of_file_is_refused(self, tmp_path: Path) -> None:
        (tmp_path / "walk.c3d").write_bytes(b"no such thing" * 200)
        with pytest.raises(TrialError, match="not a C3D file"):
            read_recording(tmp_path / "walk.c3d")


class TestRateOfTheChannels:
    def test_it_follows_from_the_header_where_the_parameters_leave_it_out(
        self, walk: StickWalk, tmp_path: Path
    ) -> None:
        path = write_c3d(tmp_path / "walk.c3d", walk)
        whole = read_recording(path)
        _blank(path, b"RATE", b"\x00" * 4)
        _blank(path, b"USED", b"\x00" * 2)
        read = read_recording(path)
        assert np.array_equal(read.plates[0].time_s, whole.plates[0].time_s)
        assert np.array_equal(read.plates[0].force_N, whole.plates[0].force_N)
        (said,) = [f.problem for f in read.findings if f.code == "analog_rate"]
        assert "in its header it is 500 Hz" in said

    @pytest.mark.data
    def test_it_is_put_in_where_the_file_has_no_such_parameter(self, data_folder: Path) -> None:
        read = read_recording(data_folder / "c3d" / "btk_561xxa01_anonym.C3D")
        assert read.mass_kg == 30.0
        for plate in read.plates:
            assert 1.1 < plate.force_N[:, 1].max() / (30.0 * 9.81) < 1.3
            assert len(plate.time_s) == 361


def _blank(path: Path, parameter: bytes, with_bytes: bytes) -> None:
    """Overwrite the first value of a parameter of the ANALOG group."""
    data = bytearray(path.read_bytes())
    group = -int.from_bytes(data[(name := data.index(b"ANALOG")) - 1 : name], signed=True)
    at = data.index(bytes([group]) + parameter) + 1 + len(parameter) + 4
    at += data[at - 1]
    data[at : at + len(with_bytes)] = with_bytes
    path.write_bytes(data)


@pytest.mark.data
def test_the_number_format_of_dec_computers_is_read(data_folder: Path) -> None:
    read = read_recording(data_folder / "c3d" / "btk_Eb015vr.c3d")
    assert read.mass_kg == pytest.approx(82.7)
    assert max(float(plate.force_N[:, 1].max()) for plate in read.plates) == pytest.approx(817, abs=2)


@pytest.mark.data
def test_what_plug_in_gait_computed_stands_apart_from_the_markers(data_folder: Path) -> None:
    read = read_recording(data_folder / "c3d" / "btk_PiG_Motion3_FF.c3d")
    assert read.markers is not None
    assert len(read.markers.names) == 16
    assert read.model_outputs["LKneeMoment"].kind == "moment"
    assert read.mass_kg == pytest.approx(74.0)
    assert read.height_m == pytest.approx(1.76)
