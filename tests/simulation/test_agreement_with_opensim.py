"""Joint moments, activations and knee reactions against OpenSim's own tools on the same motion and forces."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.opensim_tools import analyze, inverse_dynamics, write_files
from workbench.core import knee
from workbench.core.loads import KneeLoads, knee_loads
from workbench.core.settings import LoadSettings, Processing
from workbench.core.types import Array, LegMechanics, Stride
from workbench.core.vocabulary import CYCLE_PERCENT, LATERAL_SIGN, SIDE_SUFFIX, Side
from workbench.simulation.mechanics import fold_couplers, joint_moments, kinetics, leg_mechanics
from workbench.simulation.sampled_motion import SampledMotion, prepare, sample
from workbench.simulation.walk import Walk
from workbench.trials import open_trial

pytestmark = pytest.mark.slow

# Instants beyond both ends of the stride: the tools differentiate a spline through the frames they are given. Their
# last frame is wrong all the same (by 0.03 body weight), so they are asked for one more than is compared.
PADDING = 8
# The differences that the README states: pytest --log-cli-level=INFO shows them.
_LOG = logging.getLogger(__name__)
# StaticOptimization weighs all muscles alike and does not know that contact cannot pull.
AS_OPENSIM = LoadSettings(weights="equal", compartments_may_lift_off=True)


@dataclass(frozen=True)
class Compared:
    """One stance at its instants of the stride, by the workbench and by OpenSim's tools."""

    walk: Walk
    stride: Stride
    mechanics: LegMechanics  #: 101 instants
    loads: KneeLoads
    motion: SampledMotion  #: 101 instants and the padding
    inverse_dynamics: dict[str, Array]  #: at those of `motion`
    activation: dict[str, Array]
    reaction: dict[str, Array]
    instants: Any  #: of the stride that are compared, indices

    def tool(self, columns: dict[str, Array], name: str) -> Array:
        """A column of a tool's answer at the instants compared."""
        time_s = self.motion.time_s[PADDING + self.instants]
        rows = np.searchsorted(columns["time"], time_s - 1e-6)
        np.testing.assert_allclose(columns["time"][rows], time_s, atol=1e-6)
        return columns[name][rows]


@pytest.fixture(
    scope="module",
    params=[
        "reference",
        pytest.param("treadmill_walk", marks=pytest.mark.data),
        pytest.param("overground_walk", marks=pytest.mark.data),
    ],
)
def compared(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Compared:
    name: str = request.param
    folder, side = tmp_path_factory.mktemp(name), "left"
    if name == "reference":
        walk = Walk(open_trial("reference"))
        model_file = folder / "model.osim"
        walk.model.model.printToXML(str(model_file))
    else:
        data: Path = request.getfixturevalue("data_folder")
        walk = Walk(open_trial(data / name / "trial.toml"))
        assert walk.trial.model_file is not None
        model_file = walk.trial.model_file
    strides = walk.strides(side)
    stride = strides[len(strides) // 2]
    step_s = stride.duration_s / 100.0
    time_s = stride.start_s + step_s * np.arange(-PADDING, 101 + PADDING)
    prepared = prepare(walk.trial, walk.model, Processing())
    motion = sample(prepared, walk.model, time_s)
    mechanics, _ = leg_mechanics(
        walk.model, motion.instants(slice(PADDING, -PADDING)), side, walkway=walk.walkway, step_width_m=0.1
    )
    instants = np.flatnonzero(stride.stance_percent >= CYCLE_PERCENT)
    files = write_files(folder, model_file, walk.model, motion)
    activation, reaction = analyze(
        folder, files, side, stride.start_s, stride.start_s + step_s * (instants[-1] + 1), joint=knee_joint(walk, side)
    )
    return Compared(
        walk, stride, mechanics, knee_loads(mechanics, stride, walk.trial.subject, AS_OPENSIM), motion,
        inverse_dynamics(folder, files), activation, reaction, instants,
    )  # fmt: skip


def knee_joint(walk: Walk, side: Side) -> str:
    """Name of the joint between femur and tibia."""
    return next(
        str(joint.getName())
        for joint in walk.model.model.getJointSet()
        if joint.getChildFrame().findBaseFrame().getName() == f"tibia_{SIDE_SUFFIX[side]}"
    )


def test_every_joint_moment_is_that_of_the_inverse_dynamics_tool(compared: Compared) -> None:
    model = compared.walk.model
    stance = compared.motion.instants(slice(PADDING, -PADDING))
    # The tool does not fold the patella into the knee.
    mine = joint_moments(kinetics(model, stance, None))[compared.instants]
    worst: dict[str, dict[str, float]] = {"moment": {}, "force": {}}
    for name in model.coordinates:
        kind = "moment" if model.rotational[name] else "force"
        peer = compared.tool(compared.inverse_dynamics, f"{name}_{kind}")
        worst[kind][name] = float(np.abs(mine[:, model.coordinate_index[name]] - peer).max())
    largest = {kind: max(differences.values()) for kind, differences in worst.items()}
    _LOG.info("largest difference: moment %.4f N m, force at the pelvis %.4f N", largest["moment"], largest["force"])
    assert largest["moment"] < 0.02, worst
    assert largest["force"] < 0.05, worst
    assert np.abs(compared.tool(compared.inverse_dynamics, "knee_angle_l_moment")).max() > 20.0


def test_the_patella_folded_in_is_what_the_muscles_must_supply(compared: Compared) -> None:
    model, side = compared.walk.model, compared.stride.side
    stance = compared.motion.instants(slice(PADDING, -PADDING))
    folded = fold_couplers(model, stance, joint_moments(kinetics(model, stance, None)))
    np.testing.assert_allclose(
        compared.mechanics.joint_moment_Nm, folded[:, list(model.legs[side].coordinate_index)], atol=1e-9
    )


def test_activations_are_those_of_static_optimization(compared: Compared) -> None:
    mine = compared.loads.activation[compared.instants]
    peer = np.stack([compared.tool(compared.activation, name) for name in compared.loads.muscles], axis=1)
    assert peer.max() > 0.3
    difference = np.abs(mine - peer)
    _LOG.info("activations: root mean square of the difference %.5f", np.sqrt(np.mean(difference**2)))
    assert np.sqrt(np.mean(difference**2)) < 0.0005
    assert difference.max() < 0.01


def test_contact_force_is_that_of_joint_reaction(compared: Compared) -> None:
    side, joint = compared.stride.side, knee_joint(compared.walk, compared.stride.side)
    letter = SIDE_SUFFIX[side]
    prefix = f"{joint}_on_tibia_{letter}_in_tibia_{letter}"
    force, moment, point = (
        np.stack([compared.tool(compared.reaction, f"{prefix}_{part}{axis}") for axis in "xyz"], axis=1)
        for part in ("f", "m", "p")
    )
    # The tool takes moments about the centre of the joint, not about the tibia's origin: 1.5 mm beside are 3 N m.
    about_origin = moment + np.cross(point, force)
    assert np.linalg.norm(point, axis=1).max() < 0.02
    peer = knee.split_contact(
        np.hstack([about_origin, force]), lateral_sign=LATERAL_SIGN[side],
        spacing_m=AS_OPENSIM.contact_spacing_m, offset_m=AS_OPENSIM.contact_offset_m,
    )  # fmt: skip
    weight_N = compared.walk.trial.subject.body_weight_N
    assert peer.total_N.max() > 1.5 * weight_N
    for name, newtons in (("medial", peer.medial_N), ("lateral", peer.lateral_N), ("total", peer.total_N)):
        mine = compared.loads.curves[f"{name}_contact_force_bw"][compared.instants]
        difference_bw = mine - newtons / weight_N
        _LOG.info("%s force: root mean square of the difference %.4f BW", name, np.sqrt(np.mean(difference_bw**2)))
        assert np.sqrt(np.mean(difference_bw**2)) < 0.003, name
