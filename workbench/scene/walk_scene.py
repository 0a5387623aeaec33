"""From a model and a motion to drawing: surfaces of the bodies, their poses and the ground forces."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from workbench.core.errors import ModelError
from workbench.core.settings import GaitModification
from workbench.core.types import Array, Stride, Trial
from workbench.core.vocabulary import LATERAL_SIGN, SIDE_SUFFIX, SIDES, Side
from workbench.scene.bodies import BodyMotion, Float32, Knee, Scene, Sole
from workbench.scene.bones import PLATEAU_DEPTH, Anatomy, Surface, bone, joined
from workbench.scene.mesh_files import read_mesh, vertex_normals
from workbench.simulation.model import GaitModel
from workbench.simulation.quiet_opensim import opensim
from workbench.simulation.sampled_motion import SampledMotion
from workbench.simulation.walk import Walk

_HALF_SPACING_M = 0.020  # between the middle of the knee and the middle of a compartment, as the loads have it


def walk_scene(walk: Walk) -> Scene:
    """Surfaces of a walk's model; a question for the solver pool, see `body_scene` and `geometry_folder`."""
    return body_scene(walk.model, geometry_folder(walk.trial))


def geometry_folder(trial: Trial) -> Path | None:
    """Folder of the bone surfaces: ``WORKBENCH_GEOMETRY``, or ``Geometry`` next to the trial's model.

    None if there is neither; bodies are then drawn as simple shapes.
    """
    if named := os.environ.get("WORKBENCH_GEOMETRY"):
        return Path(named)
    beside = trial.model_file.parent / "Geometry" if trial.model_file is not None else None
    return beside if beside is not None and beside.is_dir() else None


def walk_motion(walk: Walk, stride: Stride, modification: GaitModification) -> BodyMotion:
    """Body poses and ground forces at the 101 instants of a stride; a question for the solver pool."""
    return body_motion(walk.model, walk.motion(stride, modification), walk.walkway, whole=stride.whole)


def body_scene(model: GaitModel, geometry_folder: Path | None = None) -> Scene:
    """Surfaces of every body: from the model's surface files if available, otherwise simple bones.

    Parameters
    ----------
    model : GaitModel
    geometry_folder : Path, optional
        OpenSim's ``Geometry`` folder, with the files the model names.
    """
    model.set_state(np.zeros(len(model.coordinates)))
    files = _mesh_files(model)
    notes: list[str] = []
    surfaces = []
    for body in model.bodies:
        surface = _surface_from_files(files.get(body.getName(), ()), geometry_folder, notes)
        name, side = _name_and_side(body.getName())
        surfaces.append(surface or bone(name, _anatomy(model, body, side)))
    vertices, normals, triangles = joined(surfaces)
    names = tuple(str(body.getName()) for body in model.bodies)
    counts = [len(surface[0]) for surface in surfaces]
    return Scene(
        bodies=names,
        vertices_m=vertices.astype(np.float32),
        normals=normals.astype(np.float32),
        triangles=triangles,
        vertex_body=np.repeat(np.arange(len(names)), counts).astype(np.uint8),
        body_side=tuple(_name_and_side(name)[1] for name in names),
        soles={side: _sole(model, side) for side in SIDES},
        knees={side: _knee(model, side) for side in SIDES},
        notes=tuple(notes),
    )


def body_poses(model: GaitModel, motion: SampledMotion, walkway: Array | None = None) -> Float32:
    """Pose of every body at every instant, (n, bodies, 7): quaternion (w, x, y, z) and origin in metres.

    Parameters
    ----------
    model : GaitModel
    motion : SampledMotion
        n instants.
    walkway : (3, 3) array, optional
        Rows forward, up, right: the axes in which the poses are given; the laboratory's by default.
    """
    poses = np.empty((len(motion.time_s), len(model.bodies), 7))
    for i, q in enumerate(motion.q):
        model.set_state(q)
        for b, body in enumerate(model.bodies):
            transform = body.getTransformInGround(model.state)
            quaternion = transform.R().convertRotationToQuaternion()
            poses[i, b, :4] = [quaternion.get(k) for k in range(4)]
            poses[i, b, 4:] = transform.p().to_numpy()
    if walkway is not None:
        poses[..., 4:] = poses[..., 4:] @ walkway.T
        poses[..., :4] = _turned(walkway, poses[..., :4])
    poses[..., :4] *= np.where(poses[..., :1] < 0.0, -1.0, 1.0)
    return poses.astype(np.float32)


def body_motion(model: GaitModel, motion: SampledMotion, walkway: Array, *, whole: bool) -> BodyMotion:
    """Poses, ground forces and knee centres in walkway axes.

    Parameters
    ----------
    model : GaitModel
    motion : SampledMotion
        n instants.
    walkway : (3, 3) array
        Rows forward, up, right.
    whole : bool
        Whether the motion is a whole stride, not a lone stance.
    """
    poses = body_poses(model, motion, walkway)
    reactions = motion.ground_reactions
    return BodyMotion(
        time_s=motion.time_s - motion.time_s[0],
        whole=whole,
        poses=poses,
        ground_point_m={side: (r.point_m @ walkway.T).astype(np.float32) for side, r in reactions.items()},
        ground_force_N={side: (r.force_N @ walkway.T).astype(np.float32) for side, r in reactions.items()},
        knee_centre_m={side: poses[:, model.legs[side].tibia - 1, 4:] for side in SIDES},
    )


def _turned(walkway: Array, quaternions: Array) -> Array:
    """Quaternions (..., 4) of the same rotations seen from the walkway's axes, which share the vertical."""
    angle = np.arctan2(walkway[0, 2], walkway[0, 0])
    w, y = np.cos(angle / 2.0), np.sin(angle / 2.0)
    a, b, c, d = np.moveaxis(quaternions, -1, 0)
    return np.stack([w * a - y * c, w * b + y * d, w * c + y * a, w * d - y * b], axis=-1)


def _name_and_side(body: str) -> tuple[str, Side | None]:
    for side, letter in SIDE_SUFFIX.items():
        if body.endswith(f"_{letter}"):
            return body[: -len(letter) - 1], side
    return body, None


def _mesh_files(model: GaitModel) -> Mapping[str, list[tuple[str, Any, Array]]]:
    """By body: the file, the transform into the body and the scale factors of each mesh the model names."""
    files: dict[str, list[tuple[str, Any, Array]]] = {}
    for component in model.model.getComponentsList():
        mesh = opensim.Mesh.safeDownCast(component)
        if mesh is not None:
            frame = mesh.getFrame()
            place = frame.findTransformInBaseFrame()
            # Only the name: a model may carry a path of somebody else's disk.
            name = str(mesh.get_mesh_file()).replace("\\", "/").rsplit("/", 1)[-1]
            files.setdefault(frame.findBaseFrame().getName(), []).append(
                (name, place, mesh.get_scale_factors().to_numpy())
            )
    return files


def _surface_from_files(
    files: list[tuple[str, Any, Array]] | tuple[()], folder: Path | None, notes: list[str]
) -> Surface | None:
    surfaces = list(_read_surfaces(files, folder, notes)) if folder is not None else []
    return joined(surfaces) if surfaces else None


def _read_surfaces(
    files: list[tuple[str, Any, Array]] | tuple[()], folder: Path, notes: list[str]
) -> Iterator[Surface]:
    for name, place, scale in files:
        if not (folder / name).is_file():
            continue
        try:
            vertices, triangles = read_mesh(folder / name)
        except ModelError as error:
            notes.append(str(error))
            continue
        if np.prod(scale) < 0.0:  # a mirrored surface would show its inside
            triangles = triangles[:, ::-1]
        rotation = place.R()
        matrix = np.array([[rotation.get(i, j) for j in range(3)] for i in range(3)])
        vertices = (vertices * scale) @ matrix.T + place.p().to_numpy()
        yield vertices, vertex_normals(vertices, triangles), triangles


def _anatomy(model: GaitModel, body: Any, side: Side | None) -> Anatomy:
    children = {}
    for joint in model.model.getJointSet():
        child = joint.getChildFrame().findBaseFrame()
        if joint.getParentFrame().findBaseFrame().getName() == body.getName():
            name, child_side = _name_and_side(str(child.getName()))
            origin = child.findStationLocationInAnotherFrame(model.state, opensim.Vec3(0), body).to_numpy()
            children[name if child_side == side else str(child.getName())] = origin
    letter = SIDE_SUFFIX[side or "right"]
    sole = None
    if side is not None:
        calcaneus = model.bodies[model.legs[side].calcaneus - 1]
        sole = np.array(
            [
                calcaneus.findStationLocationInAnotherFrame(model.state, opensim.Vec3(*corner), body).to_numpy()
                for corner in model.legs[side].foot.outline_m
            ]
        )
    hip, ankle = (model.body_pose(model.body_index[f"{name}_{letter}"])[1] for name in ("femur", "calcn"))
    return Anatomy(side, children, body.getMassCenter().to_numpy(), float(np.linalg.norm(hip - ankle)), sole)


def _sole(model: GaitModel, side: Side) -> Sole:
    leg = model.legs[side]
    return Sole(leg.calcaneus - 1, leg.foot.heel_m, leg.foot.toe_tip_m, leg.foot.axis, leg.foot.outline_m)


def _knee(model: GaitModel, side: Side) -> Knee:
    leg = model.legs[side]
    knee, ankle = (model.body_pose(index)[1] for index in (leg.tibia, leg.calcaneus))
    depth = -PLATEAU_DEPTH * float(np.linalg.norm(ankle - knee))
    out = LATERAL_SIGN[side] * _HALF_SPACING_M
    return Knee(leg.tibia - 1, np.array([0.0, depth, -out]), np.array([0.0, depth, out]))
