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

    @pytest.mark.data
    @pytest.mark.parametrize(
        ("name", "reason"), [("btk_561xxa01_anonym.C3D", r"analog channels but not their rate \(ANALOG:RATE\)")]
    )
    def test_a_file_without_a_rate_is_refused_for_that(self, data_folder: Path, name: str, reason: str) -> None:
        with pytest.raises(TrialError, match=reason):
            read_recording(data_folder / "c3d" / name)


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
