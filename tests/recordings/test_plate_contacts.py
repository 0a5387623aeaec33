from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tests.recordings.stick_walk import STANCE_S, STRIKE_S, StickWalk, stick_walk
from workbench.core.vocabulary import SIDES
from workbench.recordings.plate_contacts import forces_by_foot
from workbench.recordings.reading import read_recording
from workbench.recordings.recording import ForcePlate, Recording


@pytest.fixture(scope="module")
def walk() -> StickWalk:
    return stick_walk()


def recording(walk: StickWalk, *plates: ForcePlate) -> Recording:
    return Recording("walk", walk.markers, plates or walk.plates)


def moved(plate: ForcePlate, x: float = 0.0, z: float = 0.0) -> ForcePlate:
    """A plate, with what stood on it, elsewhere."""
    by = np.array([x, 0.0, z])
    assert plate.corners_m is not None
    return replace(
        plate, moment_Nm=plate.moment_Nm + np.cross(by, plate.force_N), corners_m=plate.corners_m + by
    )  # fmt: skip


class TestOneFootOnEachPlate:
    def test_each_contact_is_given_to_the_foot_that_made_it(self, walk: StickWalk) -> None:
        found = forces_by_foot(recording(walk, *reversed(walk.plates)), "walk.c3d")
        assert [a.side for a in found.assigned] == ["right", "left"]
        for side, plate in zip(SIDES, walk.plates, strict=True):
            assert np.abs(found.ground_reactions[side].force_N - plate.force_N).max() < 20.0
            reaction = found.ground_reactions[side]
            moment = np.cross(reaction.point_m, reaction.force_N) + reaction.torque_Nm
            loaded = plate.force_N[:, 1] > 50.0
            assert np.abs(moment - plate.moment_Nm)[loaded].max() < 1e-6

    def test_foot_strikes_are_those_of_the_force(self, walk: StickWalk) -> None:
        found = forces_by_foot(recording(walk), "walk.c3d")
        for side in SIDES:
            assert min(abs(t - STRIKE_S[side]) for t in found.foot_strikes_s[side]) < 0.01
            assert min(abs(t - STRIKE_S[side] - STANCE_S) for t in found.foot_offs_s[side]) < 0.01

    def test_a_foot_strike_beyond_the_plates_is_found_from_the_markers(self, walk: StickWalk) -> None:
        following = STRIKE_S["left"] + 1.1
        assert min(abs(t - following) for t in forces_by_foot(recording(walk), "x").foot_strikes_s["left"]) < 0.03

    def test_events_of_the_file_are_kept_where_they_agree_with_the_force(self, walk: StickWalk) -> None:
        marked = replace(recording(walk), foot_strikes_s={"left": (STRIKE_S["left"] + 0.02,)})
        assert STRIKE_S["left"] + 0.02 in forces_by_foot(marked, "walk.c3d").foot_strikes_s["left"]

    def test_an_event_of_the_file_far_from_the_force_is_said_and_not_followed(self, walk: StickWalk) -> None:
        marked = replace(recording(walk), foot_offs_s={"left": (STRIKE_S["left"] + STANCE_S - 0.2,)})
        found = forces_by_foot(marked, "walk.c3d")
        assert "event_off_force" in {f.code for f in found.findings}
        assert min(abs(t - STRIKE_S["left"] - STANCE_S) for t in found.foot_offs_s["left"]) < 0.01


class TestLeftOut:
    def reasons(self, *plates: ForcePlate, walk: StickWalk) -> list[str]:
        return [a.reason for a in forces_by_foot(recording(walk, *plates), "walk.c3d").assigned]

    def test_both_feet_on_one_plate(self, walk: StickWalk) -> None:
        left, right = walk.plates
        both = replace(left, force_N=left.force_N + right.force_N, moment_Nm=left.moment_Nm + right.moment_Nm)
        assert self.reasons(both, walk=walk) == [
            "the force moves from one foot to the other: both feet were on the plate"
        ]

    def test_a_foot_partly_beside_the_plate(self, walk: StickWalk) -> None:
        left, right = walk.plates
        assert left.corners_m is not None
        short = replace(left, corners_m=left.corners_m + [0.3, 0.0, 0.0])
        assert self.reasons(short, right, walk=walk) == ["part of the left foot was off the plate", ""]

    def test_a_plate_whose_place_is_wrong(self, walk: StickWalk) -> None:
        left, right = walk.plates
        (reason, _) = self.reasons(moved(left, z=-0.5), right, walk=walk)
        assert "50 cm from the nearest foot" in reason

    def test_what_is_left_out_is_said(self, walk: StickWalk) -> None:
        left, right = walk.plates
        found = forces_by_foot(recording(walk, moved(left, z=-0.5), right), "walk.c3d")
        assert next(f.problem for f in found.findings if f.code == "contact_left_out").startswith(
            "The contact on plate left from 0.50 to 1.16 s was left out:"
        )


class TestTwoPlates:
    def test_heel_and_toes_on_two_plates_are_one_foot(self, walk: StickWalk) -> None:
        left, right = walk.plates
        share = np.clip((left.time_s - STRIKE_S["left"]) / STANCE_S, 0.0, 1.0)[:, None]
        assert left.corners_m is not None
        middle = left.corners_m.mean(axis=0)
        rear, front = left.corners_m.copy(), left.corners_m.copy()
        rear[[0, 3], 0], front[[1, 2], 0] = middle[0], middle[0]
        halves = [
            replace(left, name=name, force_N=s * left.force_N, moment_Nm=s * left.moment_Nm, corners_m=corners)
            for name, s, corners in (("rear", 1.0 - share, rear), ("front", share, front))
        ]
        found = forces_by_foot(recording(walk, *halves, right), "walk.c3d")
        assert [a.side for a in found.assigned] == ["left", "left", "right"]
        assert np.abs(found.ground_reactions["left"].force_N - left.force_N).max() < 25.0


@pytest.mark.data
class TestRecordings:
    def test_a_published_trial_is_met_within_2_n_and_2_mm(self, data_folder: Path) -> None:
        """PS: the published forces are low-passed; ours are too where they are written (50 Hz, second order twice)."""
        from workbench.trials.storage import parse_storage

        folder = data_folder / "implant_ps"
        read = read_recording(folder / "PS_ngait_og_ss1.c3d")
        reaction = forces_by_foot(read, "PS", 50.0).ground_reactions["left"]
        table = parse_storage((folder / "PS_ngait_og_ss1_kinetics.mot").read_text(), "kinetics")
        first = 617 / 120  # the published clock starts at frame 618 of the C3D file
        rows = np.rint((table.time_s + first - reaction.time_s[0]) * 1200).astype(int)
        kept = rows < len(reaction.time_s)
        published = {
            part: np.column_stack([table.column(f"1_ground_force_{part}{a}") for a in "xyz"])[kept] for part in "vp"
        }
        loaded = published["v"][:, 1] > 100.0
        assert np.abs(reaction.force_N[rows[kept]] - published["v"])[loaded].max() < 2.0
        assert np.abs(reaction.point_m[rows[kept]] - published["p"])[loaded].max() < 0.002

    def test_partial_contacts_are_left_out(self, data_folder: Path) -> None:
        for name in ("test_walking", "walking2", "walking5"):
            found = forces_by_foot(read_recording(data_folder / "c3d" / f"{name}.c3d"), name)
            assert {a.side: a.reason for a in found.assigned} == {
                "right": "", None: "part of the left foot was off the plate"
            }, name  # fmt: skip

    def test_events_of_plug_in_gait_are_met(self, data_folder: Path) -> None:
        read = read_recording(data_folder / "c3d" / "btk_PiG_Motion3_FF.c3d")
        bare = forces_by_foot(replace(read, foot_strikes_s={}, foot_offs_s={}), "PiG")
        for side in SIDES:
            for event in read.foot_strikes_s[side][1:]:
                assert min(abs(event - t) for t in bare.foot_strikes_s[side]) < 0.03
