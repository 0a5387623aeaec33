"""A model as the workbench sees it: the whole family is taken, and what is missing is said at once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import opensim
import pytest

from workbench.core.errors import ModelError
from workbench.core.types import Array
from workbench.core.vocabulary import LATERAL_SIGN, LEG_COORDINATES, SIDE_SUFFIX, SIDES, Side
from workbench.provenance import own_model_path
from workbench.simulation.model import GaitModel, read_model


@dataclass(frozen=True)
class Family:
    """A published model and what it is known to have."""

    file: str  #: below the data folder; empty for the project's own
    mass_kg: float
    muscles: int  #: of one leg
    couplers: int
    subtalar_moves: bool
    locked: frozenset[str]


MTP = frozenset({"mtp_angle_r", "mtp_angle_l"})
SUBTALAR = frozenset({"subtalar_angle_r", "subtalar_angle_l"})
WRISTS = frozenset({"wrist_flex_r", "wrist_flex_l", "wrist_dev_r", "wrist_dev_l"})
FAMILIES = {
    "own model": Family("", 75.337, 40, 2, True, MTP),
    "Rajagopal 2015": Family("models/Rajagopal2015_no_arms.osim", 75.337, 40, 2, False, MTP | SUBTALAR),
    "Lai Uhlrich 2023": Family("models/RajagopalLaiUhlrich2023.osim", 75.337, 40, 2, False, MTP | SUBTALAR | WRISTS),
    "gait2392": Family("models/gait2392_thelen2003muscle.osim", 75.165, 43, 0, True, frozenset()),
    "welded subtalar joint, arms": Family("overground_walk/model.osim", 85.27, 40, 2, False, frozenset()),
    "locked subtalar joint": Family("implant_ps/Rajagopal2015-scaled.osim", 75.0, 40, 2, False, MTP | SUBTALAR),
    "free subtalar joint": Family("treadmill_walk/model.osim", 86.04, 40, 2, True, MTP),
}
EVERY = [
    pytest.param(name, marks=() if not one.file else pytest.mark.data, id=name.replace(" ", "-"))
    for name, one in FAMILIES.items()
]


@pytest.fixture(scope="module")
def own() -> GaitModel:
    return GaitModel.from_file(own_model_path())


@pytest.fixture(scope="module")
def load(request: pytest.FixtureRequest, own: GaitModel) -> Callable[[str], GaitModel]:
    """Load a model of the family by its name, once."""
    loaded = {"own model": own}

    def get(name: str) -> GaitModel:
        if name not in loaded:
            folder: Path = request.getfixturevalue("data_folder")
            loaded[name] = GaitModel.from_file(folder / FAMILIES[name].file)
        return loaded[name]

    return get


@pytest.mark.parametrize("name", EVERY)
class TestFamily:
    def test_it_has_what_it_is_known_to_have(self, name: str, load: Callable[[str], GaitModel]) -> None:
        model, known = load(name), FAMILIES[name]
        assert model.mass_kg == pytest.approx(known.mass_kg, abs=1e-3)
        assert model.locked == known.locked
        assert len(model.couplers) == known.couplers
        np.testing.assert_allclose(model.gravity, [0.0, -9.80665, 0.0], atol=2e-4)
        expected = LEG_COORDINATES if known.subtalar_moves else LEG_COORDINATES[:5]
        for side in SIDES:
            assert model.legs[side].coordinates == expected
            assert len(model.legs[side].muscles) == known.muscles

    def test_state_places_are_those_of_the_names(self, name: str, load: Callable[[str], GaitModel]) -> None:
        model = load(name)
        places = [model.coordinate_index[one] for one in model.coordinates]
        assert sorted(places) == list(range(len(places)))
        assert places != sorted(places), "in these models the order of coordinates is not that of the state"
        coordinates = model.model.getCoordinateSet()
        for one in model.coordinates:
            q = np.zeros(len(places))
            q[model.coordinate_index[one]] = 0.1
            model.set_state(q, 2.0 * q)
            values = {other: coordinates.get(other).getValue(model.state) for other in model.coordinates}
            speeds = {other: coordinates.get(other).getSpeedValue(model.state) for other in model.coordinates}
            assert values == {other: 0.1 if other == one else 0.0 for other in model.coordinates}
            assert speeds == {other: 0.2 if other == one else 0.0 for other in model.coordinates}

    def test_each_leg_moves_its_own_bodies_and_no_others(self, name: str, load: Callable[[str], GaitModel]) -> None:
        model = load(name)
        q = np.zeros(len(model.coordinates))
        model.set_state(q)
        rest = {body: model.body_pose(body)[0] for body in model.body_index.values()}
        for side in SIDES:
            leg = model.legs[side]
            q[:] = 0.0
            q[leg.coordinate_index[LEG_COORDINATES.index("knee_angle")]] = 0.5
            model.set_state(q)
            for body_name, body in model.body_index.items():
                moved = not np.allclose(model.body_pose(body)[0], rest[body], atol=1e-6)
                assert moved == (body in leg.beyond_knee), body_name

    def test_bodies_lie_where_opensim_says(self, name: str, load: Callable[[str], GaitModel]) -> None:
        model = load(name)
        rng = np.random.default_rng(1)
        model.set_state(rng.uniform(-0.2, 0.2, len(model.coordinates)))
        point = np.array([0.03, -0.2, 0.05])
        for body_name, index in model.body_index.items():
            rotation, origin = model.body_pose(index)
            body = model.model.getBodySet().get(body_name)
            peer = body.findStationLocationInGround(model.state, opensim.Vec3(*point)).to_numpy()
            np.testing.assert_allclose(origin + rotation @ point, peer, atol=1e-12)

    def test_the_foot_is_a_foot(self, name: str, load: Callable[[str], GaitModel]) -> None:
        model = load(name)
        for side in SIDES:
            foot = model.legs[side].foot
            assert 0.22 < foot.length_m < 0.34
            lateral = LATERAL_SIGN[side]
            # The axis points forward and, in the calcaneus frame, a few degrees outwards.
            angle_deg = np.degrees(np.arctan2(lateral * foot.axis[2], foot.axis[0]))
            assert 0.0 < angle_deg < 12.0
            np.testing.assert_allclose(foot.axes @ foot.axes.T, np.eye(3), atol=1e-12)
            assert np.linalg.det(foot.axes) == pytest.approx(1.0)
            across = lateral * foot.outline_m[:, 2]
            assert 0.06 < across.max() - across.min() < 0.14
        # Left mirrors right; the feet of a scaled model may differ in size.
        mirrored = model.legs["left"].foot.outline_m * [1.0, 1.0, -1.0]
        np.testing.assert_allclose(model.legs["right"].foot.outline_m, mirrored, rtol=0.1)

    def test_muscles_that_cross_the_knee_are_known(self, name: str, load: Callable[[str], GaitModel]) -> None:
        model = load(name)
        crossing = (
            "recfem",
            "rect_fem",
            "vas",
            "gas",
            "med_gas",
            "lat_gas",
            "semi",
            "bf",
            "bifem",
            "gra",
            "sar",
            "tfl",
        )
        for side in SIDES:
            leg = model.legs[side]
            for muscle in leg.muscles:
                known = muscle.name.startswith(crossing)
                assert bool(muscle.distal_bodies) == known, muscle.name
                assert set(muscle.distal_bodies) <= set(leg.beyond_knee)
                assert muscle.name.endswith(f"_{SIDE_SUFFIX[side]}")


class TestCouplers:
    def test_the_patella_follows_the_knee(self, own: GaitModel) -> None:
        names = {place: name for name, place in own.coordinate_index.items()}
        pairs = {names[one.driven]: names[one.driver] for one in own.couplers}
        assert pairs == {f"knee_angle_{s}_beta": f"knee_angle_{s}" for s in "rl"}

    def test_slope_and_curvature_are_the_derivatives_of_the_value(self, own: GaitModel) -> None:
        angle, step = np.radians(np.linspace(1.0, 100.0, 40)), 1e-5
        for coupler in own.couplers:
            value, slope, curvature = own.coupler_values(coupler, angle)
            above, below = (own.coupler_values(coupler, angle + sign * step) for sign in (1.0, -1.0))
            np.testing.assert_allclose(slope, (above[0] - below[0]) / (2.0 * step), atol=1e-7)
            np.testing.assert_allclose(curvature, (above[1] - below[1]) / (2.0 * step), atol=1e-3)
            assert value.shape == slope.shape == curvature.shape == (40,)
            assert np.ptp(value) > 0.5


class TestSystem:
    def test_body_velocities_are_jacobian_times_speeds(self, own: GaitModel) -> None:
        rng = np.random.default_rng(2)
        q, u = rng.uniform(-0.3, 0.3, (2, len(own.coordinates)))
        own.set_state(q, u)
        velocity = own.system_jacobian() @ u
        np.testing.assert_array_equal(velocity[0], 0.0)  # the ground
        for body in own.bodies:
            peer = body.getVelocityInGround(own.state)
            mine = velocity[int(body.getMobilizedBodyIndex())]
            np.testing.assert_allclose(mine[:3], peer.get(0).to_numpy(), atol=1e-12)
            np.testing.assert_allclose(mine[3:], peer.get(1).to_numpy(), atol=1e-12)

    def bias_by_differences(self, own: GaitModel, q: Array, u: Array) -> Array:
        step = 1e-6
        velocities = []
        for sign in (1.0, -1.0):
            own.set_state(q + sign * step * u, u)
            velocities.append(own.system_jacobian() @ u)
        return (velocities[0] - velocities[1]) / (2.0 * step)

    def test_the_bias_is_what_velocity_adds_to_acceleration(self, own: GaitModel) -> None:
        rng = np.random.default_rng(3)
        q, u = rng.uniform(0.05, 0.5, len(own.coordinates)), rng.uniform(-3.0, 3.0, len(own.coordinates))
        knees = [own.coordinate_index[f"knee_angle_{letter}"] for letter in "rl"]
        u[knees] = 0.0
        own.set_state(q, u)
        bias = own.system_bias()
        assert np.abs(bias).max() > 1.0
        np.testing.assert_allclose(bias, self.bias_by_differences(own, q, u), atol=1e-6)
        # Where three rotations depend on one coordinate, as in the knee, Simbody's own derivative of the axes is a
        # little off; OpenSim's tools share it. At 1 rad/s it stays below a fiftieth of a radian per second squared.
        u[knees] = 1.0
        own.set_state(q, u)
        np.testing.assert_allclose(own.system_bias(), self.bias_by_differences(own, q, u), atol=0.05)

    def test_acceleration_is_jacobian_times_that_of_the_coordinates_plus_the_bias(self, own: GaitModel) -> None:
        rng = np.random.default_rng(4)
        q, u = rng.uniform(0.05, 0.5, len(own.coordinates)), rng.uniform(-3.0, 3.0, len(own.coordinates))
        own.set_state(q, u)
        mine = own.system_bias()
        jacobian = own.system_jacobian()
        own.model.realizeAcceleration(own.state)
        mine = jacobian @ own.state.getUDot().to_numpy() + mine
        for body in own.bodies:
            peer = body.getAccelerationInGround(own.state)
            row = mine[int(body.getMobilizedBodyIndex())]
            np.testing.assert_allclose(row[:3], peer.get(0).to_numpy(), rtol=1e-9, atol=1e-8)
            np.testing.assert_allclose(row[3:], peer.get(1).to_numpy(), rtol=1e-9, atol=1e-8)

    def test_masses_centres_and_inertias_are_those_of_the_bodies(self, own: GaitModel) -> None:
        for row, body in enumerate(own.bodies):
            assert int(body.getMobilizedBodyIndex()) == row + 1
            assert own.body_mass_kg[row] == body.getMass()
            np.testing.assert_array_equal(own.body_centre_m[row], body.getMassCenter().to_numpy())
            inertia = own.body_inertia[row]
            np.testing.assert_array_equal(inertia, inertia.T)
            np.testing.assert_array_equal(np.diag(inertia), body.getInertia().getMoments().to_numpy())
            xy, xz, yz = body.getInertia().getProducts().to_numpy()
            assert (inertia[0, 1], inertia[0, 2], inertia[1, 2]) == (xy, xz, yz)


class TestWhatCannotBeUsed:
    def test_everything_that_is_missing_is_named_in_one_message(self) -> None:
        with pytest.raises(ModelError) as raised:
            GaitModel(opensim.Model())
        message = str(raised.value)
        for part in ("coordinate pelvis_tx", "coordinate knee_angle_l", "coordinate hip_flexion_r", "body tibia_l",
                     "body calcn_r", "muscles"):  # fmt: skip
            assert f"no {part}" in message
        assert "Rajagopal or gait2392" in message
        assert "subtalar" not in message  # not every model of the family has the joint

    def test_a_model_without_the_knee(self, tmp_path: Path) -> None:
        text = own_model_path().read_text(encoding="utf-8")
        file = tmp_path / "kneeless.osim"
        file.write_text(text.replace("knee_angle_r", "elbow").replace("tibia_l", "shank"), encoding="utf-8")
        with pytest.raises(ModelError, match=r"the model has no body tibia_l, no coordinate knee_angle_r\."):
            GaitModel.from_file(file)

    def test_a_model_of_bones_alone(self, own: GaitModel) -> None:
        bare = opensim.Model(str(own_model_path()))
        forces = bare.updForceSet()
        while forces.getSize():
            forces.remove(forces.getSize() - 1)
        with pytest.raises(ModelError, match="the model has no muscles"):
            GaitModel(bare)

    @pytest.mark.parametrize("side", SIDES)
    def test_one_leg_without_muscles(self, side: Side) -> None:
        lame: Any = opensim.Model(str(own_model_path()))
        forces = lame.updForceSet()
        for index in reversed(range(forces.getSize())):
            if forces.get(index).getName().endswith(f"_{SIDE_SUFFIX[side]}"):
                forces.remove(index)
        with pytest.raises(ModelError, match=f"the model has no muscles on the {side} leg"):
            GaitModel(lame)

    def test_a_path_given_by_a_function_carries_no_forces(self) -> None:
        model: Any = opensim.Model(str(own_model_path()))
        muscle = opensim.Millard2012EquilibriumMuscle.safeDownCast(model.updMuscles().get("soleus_r"))
        path = opensim.FunctionBasedPath()
        path.setLengthFunction(opensim.LinearFunction(0.05, 0.3))
        coordinates = opensim.StdVectorString()
        coordinates.append("/jointset/ankle_r/ankle_angle_r")
        path.setCoordinatePaths(coordinates)
        muscle.set_path(path)
        with pytest.raises(ModelError, match="muscle soleus_r has a function-based path"):
            GaitModel(model)

    def test_a_missing_file(self, tmp_path: Path) -> None:
        with pytest.raises(ModelError, match=r"none\.osim: the model file does not exist"):
            read_model(tmp_path / "none.osim")

    @pytest.mark.parametrize(
        "content", [b"", b"\x00\xff\x13junk" * 500, b"<html><body>Not found</body></html>"],
        ids=["empty", "binary", "a web page"],
    )  # fmt: skip
    def test_a_file_that_is_no_model(self, tmp_path: Path, content: bytes) -> None:
        file = tmp_path / "model.osim"
        file.write_bytes(content)
        with pytest.raises(ModelError, match=r"model\.osim: this is not an OpenSim model\. Give an \.osim file"):
            read_model(file)

    @pytest.mark.parametrize(
        ("before", "after", "reason"),
        [
            ("<mass>", "<mass>x", "mass"),
            (">/bodyset/femur_r<", ">/bodyset/nothing<", "/bodyset/nothing"),
            ("<objects>", "<!-- <objects>", "Xml"),
        ],
        ids=["a mass that is not a number", "a joint on a body that is not there", "a comment never closed"],
    )
    def test_a_damaged_model_is_refused_with_what_opensim_found(
        self, tmp_path: Path, before: str, after: str, reason: str
    ) -> None:
        text = own_model_path().read_text(encoding="utf-8")
        assert before in text
        file = tmp_path / "damaged.osim"
        file.write_text(text.replace(before, after, 1), encoding="utf-8")
        with pytest.raises(ModelError, match=r"OpenSim cannot (read|build) the model: ") as raised:
            GaitModel.from_file(file)
        message = str(raised.value)
        assert reason in message
        assert "\n" not in message
        assert "exception" not in message
