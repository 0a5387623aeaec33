"""From the columns of plates to one wrench a foot."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.synthetic import MASS_KG, synthetic_walk
from workbench.core.errors import TrialError
from workbench.core.types import Array, GroundReaction, Subject
from workbench.trials.external_loads import Plate, parse_external_loads
from workbench.trials.ground_reactions import find_plates, ground_reactions
from workbench.trials.storage import Table, parse_storage

SUBJECT = Subject(MASS_KG, 1.75)
LEFT = Plate("ground_force_l_v", "ground_force_l_p", "ground_torque_l_")
RIGHT = Plate("ground_force_r_v", "ground_force_r_p", "ground_torque_r_")


def table(columns: dict[str, Array]) -> Table:
    return Table(tuple(columns), np.column_stack(list(columns.values())), None, "grf.mot")


def moment_about_origin(reaction: GroundReaction) -> Array:
    return np.cross(reaction.point_m, reaction.force_N) + reaction.torque_Nm


def split(columns: dict[str, Array], share: Array) -> dict[str, Array]:
    """Share the left foot between two plates, 6 cm apart and with the same total wrench."""
    divided = {"time": columns["time"]}
    for number, part, shift in ((1, share, 0.06 * (1 - share)), (2, 1 - share, -0.06 * share)):
        for axis in "xyz":
            divided[f"{number}_v{axis}"] = part * columns[f"ground_force_l_v{axis}"]
            divided[f"{number}_p{axis}"] = columns[f"ground_force_l_p{axis}"] + (shift if axis == "x" else 0.0)
            divided[f"{number}_t{axis}"] = part * columns[f"ground_torque_l_{axis}"]
    return divided


PAIR = (Plate("1_v", "1_p", "1_t"), Plate("2_v", "2_p", "2_t"))


class TestUsualNames:
    @pytest.mark.parametrize(
        "pattern",
        [
            "ground_force_{}_v",
            "{}_ground_force_v",
            "ground_force_calcn_{}_v",
        ],
    )
    @pytest.mark.parametrize(("left", "right"), [("l", "r"), ("L", "R"), ("left", "right")])
    def test_found(self, pattern: str, left: str, right: str) -> None:
        columns = {"time": np.zeros(2)}
        for side in (left, right):
            force = pattern.format(side)
            for prefix in (force, force[:-1] + "p", force[:-1].replace("force", "torque")):
                columns |= {prefix + axis: np.zeros(2) for axis in "xyz"}
        plates = find_plates(table(columns))
        assert [plates[side][0].force for side in ("left", "right")] == [pattern.format(s) for s in (left, right)]
        assert all(plate.torque for (plate,) in plates.values())

    def test_one_foot_only(self) -> None:
        columns = {n: v for n, v in synthetic_walk().forces.items() if "_r_" not in n}
        assert find_plates(table(columns)) == {"left": (LEFT,)}

    def test_numbered_belts_do_not_tell_the_side(self) -> None:
        columns = {"time": np.zeros(2)}
        for prefix in ("ground_force_v", "1_ground_force_v"):
            columns |= {prefix + axis: np.zeros(2) for axis in "xyz"}
        with pytest.raises(TrialError, match="the file holds ground_force_v, 1_ground_force_v"):
            find_plates(table(columns))


class TestOutOfContact:
    """Below 20 N the centre of pressure is held at the nearest point in contact."""

    @pytest.fixture
    def nonsense(self) -> dict[str, Array]:
        columns = synthetic_walk().forces
        air = columns["ground_force_r_vy"] < 20.0
        for axis in "xyz":
            columns[f"ground_force_r_p{axis}"][air] = 331.7
        columns["ground_force_r_px"][:5] = np.nan
        columns["ground_torque_r_y"][:5] = np.nan
        return columns

    def test_points_stay_under_the_foot(self, nonsense: dict[str, Array]) -> None:
        reactions, _ = ground_reactions(table(nonsense), {"right": (RIGHT,)}, SUBJECT)
        point = reactions["right"].point_m
        loaded = reactions["right"].force_N[:, 1] >= 20.0
        first, last = np.flatnonzero(loaded)[[0, -1]]
        np.testing.assert_array_equal(point[:first], np.broadcast_to(point[first], (first, 3)))
        np.testing.assert_array_equal(point[last:], np.broadcast_to(point[last], (len(point) - last, 3)))
        ends = np.flatnonzero(np.diff(loaded.astype(int)))
        swing = np.arange(ends[1] + 1, ends[2] + 1)
        nearest = np.where(swing - ends[1] < ends[2] + 1 - swing, ends[1], ends[2] + 1)
        np.testing.assert_array_equal(point[swing], point[nearest])

    def test_missing_torque_is_zero(self, nonsense: dict[str, Array]) -> None:
        reactions, _ = ground_reactions(table(nonsense), {"right": (RIGHT,)}, SUBJECT)
        np.testing.assert_array_equal(reactions["right"].torque_Nm[:5], 0.0)

    def test_everything_else_is_as_recorded(self, nonsense: dict[str, Array]) -> None:
        reactions, _ = ground_reactions(table(nonsense), {"right": (RIGHT,)}, SUBJECT)
        reaction = reactions["right"]
        loaded = nonsense["ground_force_r_vy"] >= 20.0
        for index, axis in enumerate("xyz"):
            np.testing.assert_array_equal(reaction.force_N[:, index], nonsense[f"ground_force_r_v{axis}"])
            np.testing.assert_array_equal(reaction.point_m[loaded, index], nonsense[f"ground_force_r_p{axis}"][loaded])
            np.testing.assert_array_equal(reaction.torque_Nm[5:, index], nonsense[f"ground_torque_r_{axis}"][5:])


class TestSeveralPlates:
    """A foot across two plates: the sum has the same force and the same moment about every point."""

    @pytest.mark.parametrize("share", [0.5, "moving"])
    def test_same_wrench_as_one_plate(self, share: object) -> None:
        columns = synthetic_walk().forces
        if share == "moving":
            share = np.clip(np.linspace(-1.0, 2.0, len(columns["time"])), 0.0, 1.0)
        one = ground_reactions(table(columns), {"left": (LEFT,)}, SUBJECT)[0]["left"]
        two = ground_reactions(table(split(columns, np.asarray(share))), {"left": PAIR}, SUBJECT)[0]["left"]
        loaded = one.force_N[:, 1] >= 20.0
        np.testing.assert_allclose(two.force_N, one.force_N, atol=1e-9)
        np.testing.assert_allclose(two.point_m[loaded], one.point_m[loaded], atol=1e-3)
        # A plate below its threshold holds its point, which moves the sum by less than 20 N x 0.1 m.
        np.testing.assert_allclose(moment_about_origin(two)[loaded], moment_about_origin(one)[loaded], atol=2.0)

    def test_height_of_the_plates_is_kept(self) -> None:
        columns = split(synthetic_walk().forces, np.asarray(0.4))
        columns["1_py"] = columns["1_py"] - 0.006
        columns["2_py"] = columns["2_py"] - 0.006
        reaction = ground_reactions(table(columns), {"left": PAIR}, SUBJECT)[0]["left"]
        np.testing.assert_allclose(reaction.point_m[:, 1], -0.006)

    def test_plate_nobody_stood_on(self) -> None:
        columns = split(synthetic_walk().forces, np.asarray(1.0))
        columns["2_px"][:] = np.nan
        reactions, findings = ground_reactions(table(columns), {"left": PAIR}, SUBJECT)
        assert np.isfinite(reactions["left"].point_m).all()
        assert "Nobody stepped on plate '2_v'" in str(findings[0])


@pytest.mark.data
def test_recorded_walk_over_three_plates(data_folder: Path) -> None:
    """Subject DM: the left foot takes plates 2 and 3 in turn, the right one plate 1."""
    folder = data_folder / "overground_dm"
    loads = parse_external_loads((folder / "DM_ngait_og1_external_loads.xml").read_text(), "loads.xml")
    text = (folder / loads.data_file).read_text()
    reactions, _ = ground_reactions(parse_storage(text, loads.data_file), loads.plates, Subject(70.0, 1.72))
    assert set(reactions) == {"left", "right"}
    for reaction in reactions.values():
        assert 1.0 < reaction.force_N[:, 1].max() / Subject(70.0, 1.72).body_weight_N < 1.3
        assert np.abs(reaction.point_m).max() < 1.5
