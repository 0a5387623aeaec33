"""From a trial on disk to a Trial."""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
import pytest

from tests.synthetic import HEIGHT_M, MASS_KG, SyntheticWalk, synthetic_walk
from workbench.core.errors import TrialError
from workbench.core.legs import find_legs
from workbench.trials import load_trial_file, open_trial


@pytest.fixture
def walk() -> SyntheticWalk:
    return synthetic_walk()


def test_everything_arrives(walk: SyntheticWalk, tmp_path: Path) -> None:
    trial = load_trial_file(walk.write(tmp_path))
    assert trial.name == "synthetic walk"
    assert (trial.subject.mass_kg, trial.subject.height_m) == (MASS_KG, HEIGHT_M)
    assert trial.model_file is None
    assert trial.motion.in_degrees
    knee = trial.motion.values[:, trial.motion.names.index("knee_angle_l")]
    np.testing.assert_allclose(knee, walk.motion["knee_angle_l"], atol=1e-6)
    np.testing.assert_allclose(
        trial.ground_reactions["left"].force_N[:, 1], walk.forces["ground_force_l_vy"], atol=1e-6
    )
    assert not trial.periodic


def test_estimated_forces_are_said_to_be_estimated(walk: SyntheticWalk, tmp_path: Path) -> None:
    assert not load_trial_file(walk.write(tmp_path / "measured")).estimated_forces
    walk.settings["ground_reactions"]["estimated"] = True
    trial = load_trial_file(walk.write(tmp_path / "estimated"))
    assert trial.estimated_forces
    assert "estimated_forces" in {finding.code for finding in trial.findings}


def test_estimated_is_true_or_false(walk: SyntheticWalk, tmp_path: Path) -> None:
    walk.settings["ground_reactions"]["estimated"] = "yes"
    with pytest.raises(TrialError, match=r"'estimated' is 'yes'\. Write true or false"):
        load_trial_file(walk.write(tmp_path))


@pytest.mark.parametrize("as_text", [True, False])
@pytest.mark.parametrize("of", ["file", "folder"])
def test_opened_by_file_or_folder(walk: SyntheticWalk, tmp_path: Path, of: str, as_text: bool) -> None:
    path = walk.write(tmp_path)
    path = path if of == "file" else path.parent
    assert open_trial(str(path) if as_text else path).name == "synthetic walk"


def test_name_is_that_of_the_folder_where_none_is_given(walk: SyntheticWalk, tmp_path: Path) -> None:
    del walk.settings["name"]
    assert open_trial(walk.write(tmp_path / "ss1")).name == "ss1"


@pytest.mark.parametrize("name", ["nowhere", "nowhere/trial.toml", "", "a\0b"])
def test_no_such_trial(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(TrialError, match=r"no such trial|cannot be a file name"):
        open_trial(name)


def test_another_file_than_a_toml(walk: SyntheticWalk, tmp_path: Path) -> None:
    walk.write(tmp_path)
    with pytest.raises(TrialError, match=r"a trial is opened from its \.toml file"):
        open_trial(tmp_path / "ik.mot")


def test_hash_of_every_file_read(walk: SyntheticWalk, tmp_path: Path) -> None:
    (tmp_path / "model.osim").write_text("<OpenSimDocument/>")
    (tmp_path / "unread.txt").write_text("notes")
    walk.settings["model"] = {"file": "model.osim"}
    trial = open_trial(walk.write(tmp_path))
    assert trial.source_sha256 == {
        name: hashlib.sha256((tmp_path / name).read_bytes()).hexdigest()
        for name in ("grf.mot", "ik.mot", "model.osim", "trial.toml")
    }
    assert trial.model_file == (tmp_path / "model.osim").resolve()


class TestCoordinates:
    def test_state_paths(self, walk: SyntheticWalk, tmp_path: Path) -> None:
        plain = open_trial(walk.write(tmp_path / "plain"))
        renamed = {"time": walk.motion.pop("time")}
        for name, values in walk.motion.items():
            renamed[f"/jointset/joint/{name}/value"] = values
            renamed[f"/jointset/joint/{name}/speed"] = values * 1e12
        renamed["/forceset/soleus_r/activation"] = renamed["time"] * np.nan
        walk.motion = renamed
        by_path = open_trial(walk.write(tmp_path / "paths"))
        assert by_path.motion.names == plain.motion.names
        np.testing.assert_array_equal(by_path.motion.values, plain.motion.values)

    def test_coordinates_that_follow_the_knee_are_left_out(self, walk: SyntheticWalk, tmp_path: Path) -> None:
        assert "knee_angle_r_beta" not in open_trial(walk.write(tmp_path)).motion.names

    def test_radians_stay_radians(self, walk: SyntheticWalk, tmp_path: Path) -> None:
        for name in [n for n in walk.motion if n != "time" and not n.startswith("pelvis_t")]:
            walk.motion[name] = np.radians(walk.motion[name])
        walk.in_degrees = False
        trial = open_trial(walk.write(tmp_path))
        assert not trial.motion.in_degrees
        assert trial.motion.values[:, trial.motion.names.index("knee_angle_r")].max() == pytest.approx(
            np.radians(60), abs=0.01
        )

    def test_start_and_end_crop_the_motion_only(self, walk: SyntheticWalk, tmp_path: Path) -> None:
        walk.settings["motion"] |= {"start": 0.2, "end": 2.5}
        trial = open_trial(walk.write(tmp_path))
        assert (trial.motion.time_s[0], trial.motion.time_s[-1]) == (0.2, 2.5)
        assert trial.ground_reactions["left"].time_s[0] == 0.0

    def test_fault_in_the_part_cut_away_does_not_matter(self, walk: SyntheticWalk, tmp_path: Path) -> None:
        walk.motion["knee_angle_l"][3] = np.nan
        with pytest.raises(TrialError, match="'knee_angle_l' is missing"):
            open_trial(walk.write(tmp_path))
        walk.settings["motion"]["start"] = 0.1
        assert open_trial(walk.write(tmp_path)).motion.time_s[0] == 0.1


class TestGroundReactions:
    def test_columns_named_by_the_trial(self, walk: SyntheticWalk, tmp_path: Path) -> None:
        usual = open_trial(walk.write(tmp_path / "usual"))
        walk.forces = {
            n.replace("_l_", "_").replace("ground", "1_ground") if "_l_" in n else n.replace("_r_", "_"): v
            for n, v in walk.forces.items()
        }
        walk.settings["ground_reactions"] |= {
            side: {
                "force": f"{prefix}ground_force_v",
                "point": f"{prefix}ground_force_p",
                "torque": f"{prefix}ground_torque_",
            }
            for side, prefix in (("left", "1_"), ("right", ""))
        }
        named = open_trial(walk.write(tmp_path / "named"))
        for side in ("left", "right"):
            np.testing.assert_array_equal(named.ground_reactions[side].point_m, usual.ground_reactions[side].point_m)

    def test_external_loads(self, walk: SyntheticWalk, tmp_path: Path) -> None:
        force = "".join(
            f"<ExternalForce name='{s}'><applied_to_body>calcn_{s}</applied_to_body>"
            f"<force_identifier>ground_force_{s}_v</force_identifier>"
            f"<point_identifier>ground_force_{s}_p</point_identifier></ExternalForce>"
            for s in ("l", "r")
        )
        tmp_path.joinpath("setup").mkdir()
        tmp_path.joinpath("setup", "loads.xml").write_text(
            f"<ExternalLoads><objects>{force}</objects><datafile>../grf.mot</datafile></ExternalLoads>"
        )
        walk.settings["ground_reactions"] = {"external_loads": "setup/loads.xml"}
        trial = open_trial(walk.write(tmp_path))
        assert set(trial.ground_reactions) == {"left", "right"}
        assert set(trial.source_sha256) == {"trial.toml", "ik.mot", "grf.mot", "setup/loads.xml"}

    def test_external_loads_do_not_lead_out_of_the_folder(self, walk: SyntheticWalk, tmp_path: Path) -> None:
        trial_file = walk.write(tmp_path / "trial")
        (tmp_path / "grf.mot").write_text("secret")
        walk.settings["ground_reactions"] = {"external_loads": "loads.xml"}
        walk.write(trial_file.parent)
        (trial_file.parent / "loads.xml").write_text(
            "<ExternalLoads><ExternalForce><applied_to_body>calcn_l</applied_to_body><force_identifier>v"
            "</force_identifier><point_identifier>p</point_identifier></ExternalForce>"
            "<datafile>../grf.mot</datafile></ExternalLoads>"
        )
        with pytest.raises(TrialError, match=r"loads.xml: '../grf.mot' points outside"):
            open_trial(trial_file)

    def test_several_plates_under_one_foot(self, walk: SyntheticWalk, tmp_path: Path) -> None:
        one = open_trial(walk.write(tmp_path / "one"))
        zero = {n.replace("_l_", "_spare_"): v * 0.0 for n, v in walk.forces.items() if "_l_" in n}
        walk.forces |= zero
        columns = {s: {"force": f"ground_force_{s}_v", "point": f"ground_force_{s}_p"} for s in ("l", "r", "spare")}
        walk.settings["ground_reactions"] |= {"left": [columns["l"], columns["spare"]], "right": columns["r"]}
        several = open_trial(walk.write(tmp_path / "several"))
        np.testing.assert_array_equal(several.ground_reactions["left"].force_N, one.ground_reactions["left"].force_N)


class TestEvents:
    def test_given_events_arrive(self, walk: SyntheticWalk, tmp_path: Path) -> None:
        walk.settings["events"] = {"left_foot_strike": [0.8, 1.9], "right_foot_off": [0.93]}
        trial = open_trial(walk.write(tmp_path))
        assert trial.foot_strikes_s == {"left": (0.8, 1.9)}
        assert trial.foot_offs_s == {"right": (0.93,)}

    def test_none_given(self, walk: SyntheticWalk, tmp_path: Path) -> None:
        assert open_trial(walk.write(tmp_path)).foot_strikes_s == {}

    def test_events_of_the_part_cut_away_are_no_fault(self, walk: SyntheticWalk, tmp_path: Path) -> None:
        walk.settings["events"] = {"right_foot_strike": [0.25, 1.35, 2.45]}
        walk.settings["motion"]["start"] = 1.2
        assert open_trial(walk.write(tmp_path)).foot_strikes_s["right"][0] == 0.25


@pytest.mark.data
class TestRealRecordings:
    def test_treadmill(self, data_folder: Path) -> None:
        trial = open_trial(data_folder / "treadmill_walk")
        assert trial.findings == ()
        assert trial.motion.in_degrees
        assert trial.motion.values.shape == (3028, 23)
        # Right and left belt lie where the feet of a person walking along +X are.
        assert trial.ground_reactions["right"].point_m[:, 2].min() > trial.ground_reactions["left"].point_m[:, 2].max()

    def test_overground(self, data_folder: Path) -> None:
        trial = open_trial(data_folder / "overground_walk")
        assert not trial.motion.in_degrees
        assert "knee_angle_l" in trial.motion.names
        (found,) = (*trial.findings, *find_legs(trial).findings)
        assert "no complete stance of the right foot" in found.problem
        # The file has points hundreds of metres away while the foot is in the air.
        assert max(np.abs(r.point_m).max() for r in trial.ground_reactions.values()) < 2.0
        assert "grf_external_loads.xml" in trial.source_sha256

    def test_implant(self, data_folder: Path) -> None:
        trial = open_trial(data_folder / "implant_ps")
        assert set(trial.ground_reactions) == {"left"}
        assert trial.measured_loads is not None
        assert trial.measured_loads.side == "left"
        assert trial.measured_loads.lateral_N.min() == pytest.approx(-204.55)
        assert trial.foot_strikes_s == {"left": (0.0, 1.0917)}
        (found,) = (*trial.findings, *find_legs(trial).findings)
        assert found.code == "leg_not_analysed"
