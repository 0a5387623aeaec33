"""An OpenSim model as the workbench sees it: legs, coordinates, muscles, feet."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import permutations
from pathlib import Path
from typing import Any

import numpy as np
from scipy.spatial.transform import Rotation

from workbench.core.errors import ModelError
from workbench.core.types import Array
from workbench.core.vocabulary import LATERAL_SIGN, LEG_COORDINATES, PELVIS_COORDINATES, SIDE_SUFFIX, SIDES, Side
from workbench.simulation.foot import Foot, foot_of
from workbench.simulation.quiet_opensim import opensim

_REQUIRED_LEG_COORDINATES = LEG_COORDINATES[:5]  # the subtalar joint may be locked or welded
_REQUIRED_LEG_BODIES = ("femur", "tibia", "calcn")

#: Axis of each rotation of the pelvis.
PELVIS_AXES = {"Z": "tilt", "X": "list", "Y": "rotation"}


@dataclass(frozen=True)
class Coupler:
    """A coordinate driven by another through a function (the patella by the knee)."""

    driven: int  #: state index of the driven coordinate
    driver: int  #: state index of the coordinate that drives it
    function: Any  #: opensim.Function


@dataclass(frozen=True)
class LegMuscle:
    """A muscle of one leg with the OpenSim handles that its mechanics need."""

    name: str
    muscle: Any  #: opensim.Muscle
    path: Any  #: opensim.GeometryPath
    distal_bodies: tuple[int, ...]  #: bodies beyond the knee that the path touches; empty if it does not cross it
    bodies: tuple[int, ...]  #: all that the path touches; 0 is the ground
    has_moving_points: bool  #: whether a point of the path moves along its body with a coordinate
    rigid_tendon: Any  #: the muscle as one that knows its passive force with a rigid tendon, or None

    def passive_force_N(self, state: Any) -> float:
        """Passive tension along the tendon at the fibre length of a rigid tendon; 0 if the model does not define it."""
        return float(self.rigid_tendon.getPassiveFiberForceAlongTendon(state)) if self.rigid_tendon else 0.0


@dataclass(frozen=True)
class Leg:
    """The parts of the model needed for the mechanics of one leg."""

    side: Side
    coordinates: tuple[str, ...]  #: free leg coordinates, plain names without the side
    coordinate_index: tuple[int, ...]  #: their state indices
    muscles: tuple[LegMuscle, ...]
    femur: int  #: mobilized body indices
    tibia: int
    calcaneus: int
    beyond_knee: tuple[int, ...]  #: tibia and every body distal to it
    foot: Foot

    @property
    def lateral_sign(self) -> float:
        """+1 where lateral is +Z."""
        return LATERAL_SIGN[self.side]


class GaitModel:
    """A loaded OpenSim model with the maps the mechanics need; one per process, not thread-safe.

    Parameters
    ----------
    model : opensim.Model
        A leg model of the Rajagopal or gait2392 family.

    Raises
    ------
    ModelError
        If the model lacks something; the message lists everything that is missing at once.
    """

    def __init__(self, model: Any) -> None:
        self.name = str(model.getName())
        self.model = model
        _require_parts(model)
        for muscle in model.getMuscles():
            if opensim.Millard2012EquilibriumMuscle.safeDownCast(muscle) is not None:
                # Rigid tendon: passive fibre force is then a function of path length, without a muscle state.
                muscle.set_ignore_tendon_compliance(True)
        try:
            self.state = model.initSystem()
        except RuntimeError as error:
            raise ModelError(f"OpenSim cannot build the model: {_gist(error)}", where=self.name) from None
        self.matter = model.getMatterSubsystem()
        self.coordinates = tuple(c.getName() for c in model.getCoordinateSet())
        self.coordinate_index = _state_indices(model, self.state)
        self.rotational = {
            c.getName(): c.getMotionType() == opensim.Coordinate.Rotational for c in model.getCoordinateSet()
        }
        self.locked = frozenset(c.getName() for c in model.getCoordinateSet() if c.get_locked())
        self.couplers = _couplers(model, self.coordinate_index)
        self.bodies = tuple(sorted(model.getBodyList(), key=lambda body: int(body.getMobilizedBodyIndex())))
        self.body_index = {body.getName(): int(body.getMobilizedBodyIndex()) for body in self.bodies}
        self.body_mass_kg = np.array([body.getMass() for body in self.bodies])
        self._body_centres = [opensim.Vec3(body.getMassCenter()) for body in self.bodies]
        self.body_centre_m = np.array([centre.to_numpy() for centre in self._body_centres])
        self.body_inertia = np.array([_inertia(body) for body in self.bodies])
        self.gravity = model.getGravity().to_numpy()
        self.mass_kg = float(self.body_mass_kg.sum())
        children = _children(model)
        self.legs: Mapping[Side, Leg] = {side: _leg(self, side, children) for side in SIDES}

    @cached_property
    def pelvis_sequence(self) -> str | None:
        """Order of the pelvis' rotations, each about the axes the one before has turned: "ZXY" is tilt, list, rotation.

        None where the pelvis does not move by these three angles alone.
        """
        angles = {"Z": 0.3, "X": 0.2, "Y": 0.4}
        q = np.zeros(len(self.coordinates))
        for axis, name in PELVIS_AXES.items():
            q[self.coordinate_index[f"pelvis_{name}"]] = angles[axis]
        self.set_state(q)
        rotation, _ = self.body_pose(self.body_index["pelvis"])
        for sequence in map("".join, permutations(PELVIS_AXES)):
            expected = Rotation.from_euler(sequence, [angles[axis] for axis in sequence]).as_matrix()
            if np.allclose(rotation, expected, atol=1e-9):
                return sequence
        return None

    @classmethod
    def from_file(cls, file: Path) -> GaitModel:
        """Load an ``.osim`` file; raises ModelError with a readable message if that fails."""
        return cls(read_model(file))

    def set_state(self, q: Array, u: Array | None = None) -> None:
        """Set all coordinates (and speeds) in state order and realize positions (velocities)."""
        self.state.setQ(opensim.Vector.createFromMat(q))
        if u is None:
            self.model.realizePosition(self.state)
        else:
            self.state.setU(opensim.Vector.createFromMat(u))
            self.model.realizeVelocity(self.state)

    def default_value(self, name: str) -> float:
        """Return the default value (rad or m) of a coordinate."""
        return float(self.model.getCoordinateSet().get(name).getDefaultValue())

    def is_needed(self, name: str) -> bool:
        """Whether the loads of a leg depend on this coordinate (those of trunk and arms do not matter)."""
        leg = {f"{coordinate}_{letter}" for coordinate in LEG_COORDINATES for letter in SIDE_SUFFIX.values()}
        return name in leg or name in PELVIS_COORDINATES

    def coupler_values(self, coupler: Coupler, driver_value: Array) -> tuple[Array, Array, Array]:
        """Value, slope and curvature of a coupling function at (n,) values of its driver."""
        vector = opensim.Vector(1, 0.0)
        first, second = opensim.StdVectorInt([0]), opensim.StdVectorInt([0, 0])
        rows = np.empty((len(driver_value), 3))
        for row, value in zip(rows, driver_value, strict=True):
            vector.set(0, float(value))
            row[:] = (
                coupler.function.calcValue(vector),
                coupler.function.calcDerivative(first, vector),
                coupler.function.calcDerivative(second, vector),
            )
        return rows[:, 0], rows[:, 1], rows[:, 2]

    def body_pose(self, index: int) -> tuple[Array, Array]:
        """Rotation (3, 3) and origin (3,) in ground of a body, for the state set last."""
        transform = self.bodies[index - 1].getTransformInGround(self.state)
        get = transform.R().get  # spelled out: a loop takes half as long again
        rotation = np.array(
            (get(0, 0), get(0, 1), get(0, 2), get(1, 0), get(1, 1), get(1, 2), get(2, 0), get(2, 1), get(2, 2))
        )
        return rotation.reshape(3, 3), transform.p().to_numpy()

    def body_origin_m(self, index: int) -> Array:
        """Origin (3,) in ground of a body, for the state set last."""
        return np.asarray(self.bodies[index - 1].getPositionInGround(self.state).to_numpy())

    def centre_of_mass_m(self) -> Array:
        """Centre of mass of the whole body in ground (3,), for the state set last."""
        return np.asarray(self.matter.calcSystemMassCenterLocationInGround(self.state).to_numpy())

    def body_centre_from_origin_m(self, index: int) -> Array:
        """Vector (3,) in ground axes from a body's origin to its centre of mass, for the state set last."""
        vector = self.bodies[index - 1].expressVectorInGround(self.state, self._body_centres[index - 1])
        return np.asarray(vector.to_numpy())

    def system_jacobian(self) -> Array:
        """Body velocities per coordinate speed, (bodies + ground, 6, coordinates), angular before linear."""
        jacobian = opensim.Matrix()
        self.matter.calcSystemJacobian(self.state, jacobian)
        dense = jacobian.to_numpy()
        return dense.reshape(len(self.bodies) + 1, 6, dense.shape[1])

    def system_bias(self) -> Array:
        """Body accelerations at zero coordinate acceleration, (bodies + ground, 6)."""
        bias = opensim.Vector()
        self.matter.calcBiasForSystemJacobian(self.state, bias)
        return bias.to_numpy().reshape(-1, 6)


def read_model(file: Path) -> Any:
    """Read an ``.osim`` file into an ``opensim.Model``.

    Raises
    ------
    ModelError
        If the file is missing, is not an OpenSim model, or OpenSim refuses it.
    """
    if not file.is_file():
        raise ModelError("the model file does not exist.", where=str(file), remedy="Check [model] file in trial.toml.")
    head = file.read_bytes()[:4096]
    if b"OpenSimDocument" not in head:
        raise ModelError(
            "this is not an OpenSim model.", where=file.name, remedy="Give an .osim file written by OpenSim 4 or 3."
        )
    try:
        return opensim.Model(str(file))
    except RuntimeError as error:
        raise ModelError(f"OpenSim cannot read the model: {_gist(error)}", where=file.name) from None


def _gist(error: Exception) -> str:
    """The line of OpenSim's message that says what is wrong, without the C++ function it was raised in."""
    lines = [re.sub(r"^std::exception in '.*?': ", "", line).strip() for line in str(error).splitlines()]
    told = [line for line in lines if line and not line.startswith("SimTK Exception thrown at")]
    return re.sub(r"^Error detected by Simbody method \S+: ", "", told[0]) if told else type(error).__name__


def _require_parts(model: Any) -> None:
    coordinates = {c.getName() for c in model.getCoordinateSet()}
    bodies = {body.getName() for body in model.getBodySet()}
    missing = [f"coordinate {name}" for name in PELVIS_COORDINATES if name not in coordinates]
    for letter in SIDE_SUFFIX.values():
        missing += [
            f"coordinate {name}_{letter}" for name in _REQUIRED_LEG_COORDINATES if f"{name}_{letter}" not in coordinates
        ]
        missing += [f"body {name}_{letter}" for name in _REQUIRED_LEG_BODIES if f"{name}_{letter}" not in bodies]
    if not model.getMuscles().getSize():
        missing.append("muscles")
    if missing:
        raise ModelError(
            f"the model has no {', no '.join(missing)}.",
            where=str(model.getName()) or "model",
            remedy="Use a model of the Rajagopal or gait2392 family with these names.",
        )


def _state_indices(model: Any, state: Any) -> dict[str, int]:
    """Map each coordinate name to its place in Q and U: OpenSim's coordinate order is not the state's order."""
    indices = {}
    for coordinate in model.getCoordinateSet():
        coordinate.setLocked(state, False)  # a locked coordinate does not take a value
        state.setQ(opensim.Vector(state.getNQ(), 0.0))
        model.setStateVariableValue(state, f"{coordinate.getAbsolutePathString()}/value", 1.0)
        indices[coordinate.getName()] = int(np.argmax(state.getQ().to_numpy()))
    state.setQ(opensim.Vector(state.getNQ(), 0.0))
    model.realizePosition(state)
    if sorted(indices.values()) != list(range(state.getNQ())) or state.getNQ() != state.getNU():
        raise ModelError(
            "the model has generalised coordinates that are not single angles or distances (a ball or free joint?).",
            where=str(model.getName()),
            remedy="Use custom, pin or weld joints.",
        )
    return indices


def _couplers(model: Any, index: Mapping[str, int]) -> tuple[Coupler, ...]:
    couplers = []
    for constraint in model.getConstraintSet():
        coupler = opensim.CoordinateCouplerConstraint.safeDownCast(constraint)
        if coupler is None or not coupler.get_isEnforced():
            continue
        drivers = coupler.getIndependentCoordinateNames()
        if drivers.getSize() == 1:
            driven = str(coupler.getDependentCoordinateName())
            couplers.append(Coupler(index[driven], index[drivers.get(0)], coupler.getFunction()))
    return tuple(couplers)


def _inertia(body: Any) -> Array:
    inertia = body.getInertia()
    moments, products = inertia.getMoments().to_numpy(), inertia.getProducts().to_numpy()
    xy, xz, yz = products
    return np.array([[moments[0], xy, xz], [xy, moments[1], yz], [xz, yz, moments[2]]])


def _children(model: Any) -> dict[str, list[str]]:
    children: dict[str, list[str]] = {}
    for joint in model.getJointSet():
        parent = joint.getParentFrame().findBaseFrame().getName()
        children.setdefault(parent, []).append(joint.getChildFrame().findBaseFrame().getName())
    return children


def _descendants(root: str, children: Mapping[str, list[str]]) -> set[str]:
    found = {root}
    for child in children.get(root, []):
        found |= _descendants(child, children)
    return found


def _path_bodies(path: Any) -> set[str]:
    points, wraps = path.getPathPointSet(), path.getWrapSet()
    bodies = {points.get(i).getParentFrame().findBaseFrame().getName() for i in range(points.getSize())}
    bodies |= {wraps.get(i).getWrapObject().getFrame().findBaseFrame().getName() for i in range(wraps.getSize())}
    return bodies


def _has_moving_points(path: Any) -> bool:
    points = path.getPathPointSet()
    return any(opensim.MovingPathPoint.safeDownCast(points.get(i)) is not None for i in range(points.getSize()))


def _leg(gait_model: GaitModel, side: Side, children: Mapping[str, list[str]]) -> Leg:
    letter = SIDE_SUFFIX[side]
    index = gait_model.body_index
    leg_bodies = _descendants(f"femur_{letter}", children)
    shank_and_foot = _descendants(f"tibia_{letter}", children)
    muscles = []
    for generic in gait_model.model.getMuscles():
        path = opensim.GeometryPath.safeDownCast(generic.getPath())
        name = generic.getName()
        if path is None:
            raise ModelError(
                f"muscle {name} has a function-based path, which exerts no forces on the bones.",
                where=gait_model.name,
                remedy="Use the model with its original muscle paths.",
            )
        bodies = _path_bodies(path)
        if not bodies & leg_bodies:
            continue
        beyond = bodies & shank_and_foot
        crosses_knee = bool(beyond) and bool(bodies - shank_and_foot)
        distal = tuple(sorted(index[b] for b in beyond)) if crosses_knee else ()
        rigid_tendon = opensim.Millard2012EquilibriumMuscle.safeDownCast(generic)
        muscles.append(
            LegMuscle(
                name,
                generic,
                path,
                distal,
                tuple(index.get(b, 0) for b in bodies),
                _has_moving_points(path),
                rigid_tendon,
            )
        )
    if not muscles:
        raise ModelError(f"the model has no muscles on the {side} leg.", where=gait_model.name)
    free = tuple(
        name
        for name in LEG_COORDINATES
        if f"{name}_{letter}" in gait_model.coordinate_index and f"{name}_{letter}" not in gait_model.locked
    )
    return Leg(
        side=side,
        coordinates=free,
        coordinate_index=tuple(gait_model.coordinate_index[f"{name}_{letter}"] for name in free),
        muscles=tuple(muscles),
        femur=index[f"femur_{letter}"],
        tibia=index[f"tibia_{letter}"],
        calcaneus=index[f"calcn_{letter}"],
        beyond_knee=tuple(sorted(index[b] for b in shank_and_foot)),
        foot=foot_of(gait_model.model, gait_model.state, side),
    )
