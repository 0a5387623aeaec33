"""Mechanics of a leg: standing by hand, moving against Simbody's inverse dynamics, muscles against their paths."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import opensim
import pytest

from workbench.core.settings import GaitModification
from workbench.core.types import Array
from workbench.core.vocabulary import LATERAL_SIGN, PELVIS_COORDINATES, SIDE_SUFFIX, SIDES, Side
from workbench.simulation.mechanics import fold_couplers, joint_moments, kinetics, leg_mechanics, pelvis_residuals
from workbench.simulation.model import GaitModel
from workbench.simulation.sampled_motion import SampledMotion, Wrench, apply_couplers
from workbench.simulation.walk import Walk

WALKWAY = np.eye(3)


def motion(
    model: GaitModel, q: Array, u: Array | None = None, udot: Array | None = None, **push: Wrench
) -> SampledMotion:
    """Instants (n, coordinates) with the patellae where the knees put them; forces by side."""
    q = np.atleast_2d(np.array(q, dtype=float))
    u, udot = (np.zeros_like(q) if one is None else np.atleast_2d(one).copy() for one in (u, udot))
    apply_couplers(model, q, u, udot)
    return SampledMotion(np.arange(float(len(q))), q, u, udot, push)  # type: ignore[arg-type]


def push(force: tuple[float, float, float], point: tuple[float, float, float], torque_Nm: float = 0.0) -> Wrench:
    return Wrench(np.array([force]), np.array([point]), np.array([[0.0, torque_Nm, 0.0]]))


def posture(model: GaitModel, **values: float) -> Array:
    q = np.zeros(len(model.coordinates))
    q[model.coordinate_index["pelvis_ty"]] = 0.95
    for name, value in values.items():
        q[model.coordinate_index[name]] = value
    return q


def walking_postures(model: GaitModel, seed: int, n: int) -> tuple[Array, Array, Array]:
    """Random postures, speeds and accelerations in the range of walking."""
    rng = np.random.default_rng(seed)
    q = rng.uniform(-0.25, 0.25, (n, len(model.coordinates)))
    for letter in "rl":
        q[:, model.coordinate_index[f"knee_angle_{letter}"]] = rng.uniform(0.05, 1.2, n)
    return q, rng.uniform(-3.0, 3.0, q.shape), rng.uniform(-20.0, 20.0, q.shape)


class TestStandingStill:
    def test_the_pelvis_misses_what_the_ground_does_not_carry(self, own_model: GaitModel) -> None:
        still = motion(
            own_model, posture(own_model),
            right=push((12.0, 300.0, -20.0), (0.05, 0.0, 0.1)), left=push((3.0, 250.0, 30.0), (-0.05, 0.0, -0.1)),
        )  # fmt: skip
        residual = pelvis_residuals(own_model, kinetics(own_model, still, None))
        weight_N = own_model.mass_kg * 9.80665
        np.testing.assert_allclose(residual[0, 3:], [-15.0, weight_N - 550.0, -10.0], atol=0.02)

    def test_moments_at_the_pelvis_are_those_about_its_origin(self, own_model: GaitModel) -> None:
        weight_N = own_model.mass_kg * 9.80665
        place, torque_Nm = np.array([0.04, 0.0, 0.07]), 5.0
        still = motion(own_model, posture(own_model), right=push((0.0, weight_N, 0.0), tuple(place), torque_Nm))
        own_model.set_state(still.q[0])
        centre = own_model.model.calcMassCenterPosition(own_model.state).to_numpy()
        _, pelvis = own_model.body_pose(own_model.body_index["pelvis"])
        outside = np.cross(place - pelvis, [0.0, weight_N, 0.0]) + np.cross(centre - pelvis, [0.0, -weight_N, 0.0])
        outside[1] += torque_Nm
        found = pelvis_residuals(own_model, kinetics(own_model, still, None))[0]
        residual = dict(zip(PELVIS_COORDINATES, found, strict=True))
        # Upright, tilt turns about Z (backwards positive), list about X, rotation about Y.
        assert residual["pelvis_tilt"] == pytest.approx(-outside[2], abs=0.01)
        assert residual["pelvis_list"] == pytest.approx(-outside[0], abs=0.01)
        assert residual["pelvis_rotation"] == pytest.approx(-outside[1], abs=0.01)

    @pytest.mark.parametrize("side", SIDES)
    def test_the_knee_carries_the_moment_of_the_ground_force_less_that_of_shank_and_foot(
        self, own_model: GaitModel, side: Side
    ) -> None:
        lateral, letter = LATERAL_SIGN[side], SIDE_SUFFIX[side]
        force, place = np.array([30.0, 700.0, -lateral * 40.0]), np.array([0.03, 0.0, lateral * 0.06])
        wrench = push(tuple(force), tuple(place))
        still = motion(own_model, posture(own_model, **{f"knee_angle_{letter}": 0.3}), **{side: wrench})
        mechanics, _ = leg_mechanics(own_model, still, side, walkway=WALKWAY, step_width_m=0.1)
        own_model.set_state(still.q[0])
        rotation, knee = own_model.body_pose(own_model.legs[side].tibia)
        moment, total = np.cross(place - knee, force), force.copy()
        for name in (f"tibia_{letter}", f"talus_{letter}", f"calcn_{letter}", f"toes_{letter}"):
            body = own_model.model.getBodySet().get(name)
            centre = body.findStationLocationInGround(own_model.state, body.getMassCenter()).to_numpy()
            weight = np.array([0.0, -9.80665 * body.getMass(), 0.0])
            moment, total = moment + np.cross(centre - knee, weight), total + weight
        np.testing.assert_allclose(mechanics.external_knee_wrench[0, :3], rotation.T @ moment, atol=2e-3)
        np.testing.assert_allclose(mechanics.external_knee_wrench[0, 3:], rotation.T @ total, atol=2e-3)

    def test_only_its_own_ground_force_loads_a_leg(self, own_model: GaitModel) -> None:
        wrenches = {side: push((0.0, 400.0, 0.0), (0.0, 0.0, LATERAL_SIGN[side] * 0.1)) for side in SIDES}
        both = motion(own_model, posture(own_model), **wrenches)
        alone = replace(both, ground_reactions={"right": wrenches["right"]})
        one, same = (
            leg_mechanics(own_model, each, "right", walkway=WALKWAY, step_width_m=0.1)[0] for each in (both, alone)
        )
        np.testing.assert_allclose(one.joint_moment_Nm, same.joint_moment_Nm, atol=1e-9)
        np.testing.assert_allclose(one.external_knee_wrench, same.external_knee_wrench, atol=1e-9)


class TestInverseDynamics:
    def simbody(self, model: GaitModel, moved: SampledMotion, instant: int) -> Array:
        """What Simbody's own operator needs at every coordinate, gravity and ground reactions as applied forces."""
        model.set_state(moved.q[instant], moved.u[instant])
        n_bodies = len(model.bodies) + 1
        zero = opensim.SpatialVec(opensim.Vec3(0), opensim.Vec3(0))
        applied = opensim.VectorOfSpatialVec(n_bodies, zero)
        for body in model.bodies:
            index = int(body.getMobilizedBodyIndex())
            rotation, _ = model.body_pose(index)
            weight = body.getMass() * model.gravity
            moment = np.cross(rotation @ body.getMassCenter().to_numpy(), weight)
            applied.set(index, opensim.SpatialVec(opensim.Vec3(*moment), opensim.Vec3(*weight)))
        for side, wrench in moved.ground_reactions.items():
            index = model.legs[side].calcaneus
            _, origin = model.body_pose(index)
            force = wrench.force_N[instant]
            moment = wrench.torque_Nm[instant] + np.cross(wrench.point_m[instant] - origin, force)
            before = applied.get(index)
            applied.set(
                index,
                opensim.SpatialVec(
                    opensim.Vec3(*(before.get(0).to_numpy() + moment)),
                    opensim.Vec3(*(before.get(1).to_numpy() + force)),
                ),
            )
        residual = opensim.Vector()
        model.matter.calcResidualForceIgnoringConstraints(
            model.state,
            opensim.Vector(len(model.coordinates), 0.0),
            applied,
            opensim.Vector.createFromMat(moved.udot[instant]),
            residual,
        )
        return residual.to_numpy()

    def test_any_motion_needs_what_simbody_says(self, own_model: GaitModel) -> None:
        q, u, udot = walking_postures(own_model, 1, 5)
        rng = np.random.default_rng(2)
        wrenches = {
            side: Wrench(rng.normal(0.0, 400.0, (5, 3)), rng.normal(0.0, 0.3, (5, 3)), rng.normal(0.0, 10.0, (5, 3)))
            for side in SIDES
        }
        moved = motion(own_model, q, u, udot, **wrenches)
        mine = joint_moments(kinetics(own_model, moved, None))
        for instant in range(5):
            peer = self.simbody(own_model, moved, instant)
            assert np.abs(peer).max() > 100.0
            np.testing.assert_allclose(mine[instant], peer, rtol=1e-9, atol=1e-8)


class TestMuscles:
    @pytest.fixture
    def moved(self, own_model: GaitModel) -> SampledMotion:
        q, u, udot = walking_postures(own_model, 3, 4)
        return motion(own_model, q, u, udot)

    @pytest.mark.parametrize("side", SIDES)
    def test_moment_arms_are_those_of_the_paths_patella_included(
        self, own_model: GaitModel, moved: SampledMotion, side: Side
    ) -> None:
        mechanics, _ = leg_mechanics(own_model, moved, side, walkway=WALKWAY, step_width_m=0.1)
        leg = own_model.legs[side]
        coordinates = own_model.model.getCoordinateSet()
        names = [f"{name}_{SIDE_SUFFIX[side]}" for name in leg.coordinates]
        quadriceps_arms = []
        for instant in range(len(moved.q)):
            own_model.set_state(moved.q[instant])
            for row, muscle in enumerate(leg.muscles):
                peer = [muscle.path.computeMomentArm(own_model.state, coordinates.get(name)) for name in names]
                np.testing.assert_allclose(mechanics.moment_arm_m[instant, row], peer, atol=2e-6, err_msg=muscle.name)
                if muscle.name.startswith("vas"):
                    quadriceps_arms.append(peer[names.index(f"knee_angle_{SIDE_SUFFIX[side]}")])
        # Not trivially so: the extensors pull on the tibia through the patella alone.
        assert max(quadriceps_arms) < -0.015

    def test_moment_arms_are_the_shortening_of_the_path_per_turn(
        self, own_model: GaitModel, moved: SampledMotion
    ) -> None:
        mechanics, _ = leg_mechanics(own_model, moved, "left", walkway=WALKWAY, step_width_m=0.1)
        step = 1e-5
        for name, place in zip(mechanics.coordinates, own_model.legs["left"].coordinate_index, strict=True):
            lengths = []
            for sign in (1.0, -1.0):
                q = moved.q[:1].copy()
                q[0, place] += sign * step
                posture = motion(own_model, q).q[0]
                own_model.set_state(posture)
                lengths.append([muscle.path.getLength(own_model.state) for muscle in own_model.legs["left"].muscles])
            slope = -np.subtract(*np.array(lengths)) / (2.0 * step)
            column = mechanics.coordinates.index(name)
            # Round a cylinder OpenSim finds the path approximately, there slope and force differ by up to half a
            # millimetre; round two of them (the gastrocnemii at the knee) it does not find the shortest, in its own
            # tools either, and the slope of the length is no peer.
            for wraps, tolerance_m in ((0, 2e-6), (1, 6e-4)):
                these = [m.path.getWrapSet().getSize() == wraps for m in own_model.legs["left"].muscles]
                assert sum(these) > 10
                np.testing.assert_allclose(
                    mechanics.moment_arm_m[0, these, column], slope[these], atol=tolerance_m, err_msg=name
                )

    @pytest.mark.data
    def test_points_that_move_with_a_joint_pull_on_it(self, data_folder: Path) -> None:
        # In gait2392 the patella is left out: points of the extensors slide along the tibia as the knee bends, and what
        # slides them acts on the knee itself.
        model = GaitModel.from_file(data_folder / "models" / "gait2392_thelen2003muscle.osim")
        leg, bent = model.legs["right"], posture(model, knee_angle_r=-0.6, hip_flexion_r=0.3)
        mechanics, _ = leg_mechanics(model, motion(model, bent), "right", walkway=WALKWAY, step_width_m=0.1)
        model.set_state(bent)
        coordinates = model.model.getCoordinateSet()
        peer = [
            [muscle.path.computeMomentArm(model.state, coordinates.get(f"{name}_r")) for name in leg.coordinates]
            for muscle in leg.muscles
        ]
        np.testing.assert_allclose(mechanics.moment_arm_m[0], peer, atol=1e-7)
        knee = mechanics.coordinates.index("knee_angle")
        assert mechanics.moment_arm_m[0, mechanics.muscles.index("vas_int_r"), knee] > 0.03

    @pytest.mark.parametrize("side", SIDES)
    def test_a_muscle_that_does_not_cross_the_knee_pulls_nothing_across_it(
        self, own_model: GaitModel, moved: SampledMotion, side: Side
    ) -> None:
        mechanics, _ = leg_mechanics(own_model, moved, side, walkway=WALKWAY, step_width_m=0.1)
        wrench = dict(zip(mechanics.muscles, np.abs(mechanics.muscle_knee_wrench).max(axis=(0, 2)), strict=True))
        letter = SIDE_SUFFIX[side]
        for name in ("soleus", "tibant", "perlong", "glmax1", "glmed2", "iliacus", "addlong"):
            assert wrench[f"{name}_{letter}"] < 1e-9
        for name in ("gasmed", "semimem", "bfsh", "recfem", "vaslat", "grac", "tfl", "sart"):
            assert wrench[f"{name}_{letter}"] > 0.5

    def test_a_newton_of_tension_pulls_across_the_knee_with_about_a_newton(
        self, own_model: GaitModel, moved: SampledMotion
    ) -> None:
        mechanics, _ = leg_mechanics(own_model, moved, "right", walkway=WALKWAY, step_width_m=0.1)
        for name in ("semimem_r", "bfsh_r", "gasmed_r", "grac_r"):
            force = mechanics.muscle_knee_wrench[:, mechanics.muscles.index(name), 3:]
            np.testing.assert_allclose(np.linalg.norm(force, axis=1), 1.0, atol=1e-6)

    @pytest.mark.parametrize("side", SIDES)
    def test_the_wrench_does_the_work_of_the_moment_arm_at_the_knee(
        self, own_model: GaitModel, moved: SampledMotion, side: Side
    ) -> None:
        # Shank and foot move as one when only the knee bends: power of the wrench = moment arm times knee speed.
        mechanics, kinetic = leg_mechanics(own_model, moved, side, walkway=WALKWAY, step_width_m=0.1)
        leg = own_model.legs[side]
        column = mechanics.coordinates.index("knee_angle")
        tibia = kinetic.rotation[:, leg.tibia - 1]
        per_knee = kinetic.jacobian[:, leg.tibia - 1, :, leg.coordinate_index[column]].reshape(-1, 2, 3)
        velocity = (per_knee @ tibia).reshape(-1, 6)  # in tibia axes
        for row, name in enumerate(mechanics.muscles):
            if name.startswith(("vas", "recfem")):
                continue  # they do part of their work on the patella
            power = np.einsum("nk,nk->n", mechanics.muscle_knee_wrench[:, row], velocity)
            np.testing.assert_allclose(power, mechanics.moment_arm_m[:, row, column], atol=1e-9, err_msg=name)

    def test_capacity_follows_activation_length_and_speed(self, own_model: GaitModel) -> None:
        # Shortening muscles are weaker than muscles at rest, lengthening ones stronger (ankle plantar flexion 2 rad/s).
        q = posture(own_model)
        place = own_model.coordinate_index["ankle_angle_r"]
        force = {}
        for speed in (-2.0, 0.0, 2.0):
            u = np.zeros_like(q)
            u[place] = speed
            mechanics, _ = leg_mechanics(
                own_model, motion(own_model, q, u, right=push((0.0, 0.0, 0.0), (0.0, 0.0, 0.0))), "right",
                walkway=WALKWAY, step_width_m=0.1,
            )  # fmt: skip
            force[speed] = mechanics.active_force_N[0, mechanics.muscles.index("soleus_r")]
        assert force[-2.0] < 0.8 * force[0.0] < force[0.0] < force[2.0]
        muscle: Any = own_model.model.getMuscles().get("soleus_r")
        assert force[0.0] < muscle.getMaxIsometricForce()


class TestCouplersFolded:
    def test_generalised_forces_do_the_same_work(self, own_model: GaitModel) -> None:
        q, _, _ = walking_postures(own_model, 5, 3)
        still = motion(own_model, q)
        rng = np.random.default_rng(6)
        generalised = rng.normal(size=q.shape)
        folded = fold_couplers(own_model, still, generalised)
        speeds = rng.normal(size=q.shape)
        driven = speeds.copy()
        apply_couplers(own_model, still.q.copy(), driven, np.zeros_like(q))
        free = [i for i in range(q.shape[1]) if i not in {coupler.driven for coupler in own_model.couplers}]
        whole = np.einsum("nj,nj->n", generalised, driven)
        np.testing.assert_allclose(np.einsum("nj,nj->n", folded[:, free], speeds[:, free]), whole, atol=1e-12)
        for coupler in own_model.couplers:
            np.testing.assert_array_equal(folded[:, coupler.driven], 0.0)


class TestFeet:
    def mechanics(self, model: GaitModel, side: Side, **values: float) -> Any:
        wrench = push((0.0, 700.0, 0.0), (0.0, 0.0, 0.0))
        return leg_mechanics(
            model, motion(model, posture(model, **values), **{side: wrench}), side, walkway=WALKWAY, step_width_m=0.1
        )[0]

    @pytest.mark.parametrize("side", SIDES)
    def test_turning_the_whole_body_turns_one_foot_in_and_the_other_out(self, own_model: GaitModel, side: Side) -> None:
        before = self.mechanics(own_model, side).foot_progression_angle_deg[0]
        # Turned to the left: the right foot turns in, the left foot out.
        after = self.mechanics(own_model, side, pelvis_rotation=np.radians(10.0)).foot_progression_angle_deg[0]
        assert after - before == pytest.approx(-10.0 if side == "right" else 10.0, abs=1e-6)
        assert before == pytest.approx(4.0, abs=0.1)  # of the foot axis in the calcaneus: 13.7 mm over 198 mm

    @pytest.mark.parametrize("side", SIDES)
    def test_the_centre_of_pressure_is_told_from_the_heel_along_the_foot_and_laterally(
        self, own_model: GaitModel, side: Side
    ) -> None:
        leg = own_model.legs[side]
        along, beside = 0.11, 0.013
        body = posture(own_model, pelvis_rotation=0.2)
        own_model.set_state(body)
        rotation, origin = own_model.body_pose(leg.calcaneus)
        outwards = LATERAL_SIGN[side] * np.cross(leg.foot.axis, [0.0, 1.0, 0.0])
        place = origin + rotation @ (leg.foot.heel_m + along * leg.foot.axis + beside * outwards)
        wrench = push((0.0, 700.0, 0.0), tuple(place))
        mechanics, _ = leg_mechanics(
            own_model, motion(own_model, body, **{side: wrench}), side, walkway=WALKWAY, step_width_m=0.1
        )
        np.testing.assert_allclose(mechanics.centre_of_pressure_in_foot_m, [[along, beside]], atol=1e-9)
        # Lateral is away from the other foot.
        own_model.set_state(posture(own_model))
        rotation, _ = own_model.body_pose(leg.calcaneus)
        assert LATERAL_SIGN[side] * (rotation @ outwards)[2] > 0.9

    def test_a_foot_without_forces_has_no_centre_of_pressure(self, own_model: GaitModel) -> None:
        still = motion(own_model, posture(own_model))
        mechanics, _ = leg_mechanics(own_model, still, "left", walkway=WALKWAY, step_width_m=0.1)
        assert np.isnan(mechanics.centre_of_pressure_in_foot_m).all()


def test_the_frames_of_the_tibia_are_rotations_that_fit_together(built_in: Walk) -> None:
    (stride,) = built_in.strides("left")
    mechanics = built_in.solve(stride, GaitModification()).mechanics
    for rotation in (mechanics.tibia_to_femur, mechanics.tibia_to_walkway):
        np.testing.assert_allclose(
            rotation @ rotation.transpose(0, 2, 1), np.broadcast_to(np.eye(3), rotation.shape), atol=1e-9
        )
    # Bending the knee turns the tibia in the femur about Z by the angle of the knee (the other two angles are small).
    bent = np.degrees(np.arctan2(mechanics.tibia_to_femur[:, 0, 1], mechanics.tibia_to_femur[:, 0, 0]))
    knee = built_in.motion(stride, GaitModification()).q[:, built_in.model.coordinate_index["knee_angle_l"]]
    assert np.corrcoef(bent, np.degrees(knee))[0, 1] > 0.99
    assert np.ptp(bent) == pytest.approx(np.ptp(np.degrees(knee)), abs=5.0)
    # Upright in mid-stance: the tibia's long axis points up in the walkway.
    assert mechanics.tibia_to_walkway[30, 1, 1] > 0.95
