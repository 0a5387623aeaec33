"""What the body view draws: surfaces for every body, poses as OpenSim has them, surfaces from files."""

from __future__ import annotations

import struct
from dataclasses import replace
from pathlib import Path

import numpy as np
import opensim
import pytest
from scipy.spatial.transform import Rotation

from workbench.core.errors import ModelError
from workbench.core.gait import walkway_axes
from workbench.core.settings import GaitModification
from workbench.core.vocabulary import LATERAL_SIGN, SIDES
from workbench.provenance import own_model_path
from workbench.scene.bodies import Scene, rotation_matrices
from workbench.scene.mesh_files import read_mesh, vertex_normals
from workbench.scene.walk_scene import body_motion, body_poses, body_scene, geometry_folder, walk_motion, walk_scene
from workbench.simulation.model import GaitModel
from workbench.simulation.walk import Walk
from workbench.trials import open_trial

SQUARE = [[0, 0, 0], [1, 0, 0], [1, 0, 1], [0, 0, 1], [0.5, 1, 0.5]]
PYRAMID = [[0, 1, 2, 3], [0, 4, 1], [1, 4, 2], [2, 4, 3], [3, 4, 0]]


@pytest.fixture(scope="module")
def walk() -> Walk:
    return Walk(open_trial("reference"))


@pytest.fixture(scope="module")
def scene(walk: Walk) -> Scene:
    return walk_scene(walk)


def vtp_text(form: str = "ascii") -> str:
    points = " ".join(str(number) for point in SQUARE for number in point)
    corners = " ".join(str(corner) for polygon in PYRAMID for corner in polygon)
    ends = " ".join(str(end) for end in np.cumsum([len(polygon) for polygon in PYRAMID]))
    array = f'DataArray type="Float32" format="{form}"'
    return (
        f'<?xml version="1.0"?><VTKFile type="PolyData"><PolyData><Piece NumberOfPoints="5" NumberOfPolys="5">'
        f'<PointData><{array} Name="Normals_">0 1 0</DataArray></PointData>'
        f'<Points><{array} NumberOfComponents="3">{points}</DataArray></Points>'
        f'<Polys><{array} Name="connectivity">{corners}</DataArray><{array} Name="offsets">{ends}</DataArray></Polys>'
        f"</Piece></PolyData></VTKFile>"
    )


def pyramid_file(folder: Path, name: str) -> Path:
    """The same pyramid in each of the three forms."""
    file = folder / name
    if file.suffix == ".vtp":
        file.write_text(vtp_text(), encoding="utf-8")
    elif file.suffix == ".obj":
        lines = [f"v {x} {y} {z}" for x, y, z in SQUARE]
        lines += ["f " + " ".join(f"{corner + 1}/1/1" for corner in polygon) for polygon in PYRAMID]
        file.write_text("# a pyramid\n" + "\n".join(lines), encoding="utf-8")
    else:
        fans = [(polygon[0], polygon[k], polygon[k + 1]) for polygon in PYRAMID for k in range(1, len(polygon) - 1)]
        data = b"".join(struct.pack("<12fH", 0, 0, 0, *np.array(SQUARE, float)[list(fan)].ravel(), 0) for fan in fans)
        file.write_bytes(bytes(80) + struct.pack("<I", len(fans)) + data)
    return file


@pytest.mark.parametrize("name", ["pyramid.vtp", "pyramid.obj", "pyramid.stl"])
def test_surface_files_hold_the_same_pyramid(tmp_path: Path, name: str) -> None:
    vertices, triangles = read_mesh(pyramid_file(tmp_path, name))
    assert len(triangles) == 6  # the square is cut into two
    corners = vertices[triangles]
    volume = np.einsum("ti,ti->t", corners[:, 0], np.cross(corners[:, 1], corners[:, 2])).sum() / 6.0
    assert volume == pytest.approx(1.0 / 3.0)
    normals = vertex_normals(vertices, triangles)
    np.testing.assert_allclose(np.linalg.norm(normals, axis=1), 1.0)
    np.testing.assert_allclose(normals[np.argmax(vertices[:, 1])], [0.0, 1.0, 0.0], atol=1e-6)


def test_ascii_stl_is_read(tmp_path: Path) -> None:
    file = tmp_path / "one.stl"
    file.write_text(
        "solid one\nfacet normal 0 0 1\nouter loop\n"
        "vertex 0 0 0\nvertex 1 0 0\nvertex 0 1 0\nendloop\nendfacet\nendsolid",
        encoding="utf-8",
    )
    vertices, triangles = read_mesh(file)
    np.testing.assert_array_equal(vertices, [[0, 0, 0], [1, 0, 0], [0, 1, 0]])
    np.testing.assert_array_equal(triangles, [[0, 1, 2]])


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("bone.vtp", vtp_text("appended"), "ASCII"),
        ("bone.vtp", "<VTKFile><PolyData/></VTKFile>", "no polygons"),
        ("bone.vtp", "<VTKFile>", "cannot be read"),
        ("bone.vtp", vtp_text().replace("0 4 1", "0 9 1"), "missing vertices"),
        ("bone.obj", "v 0 0 0\n", "empty"),
        ("bone.obj", "v 0 x 0\n", "cannot be read"),
        ("bone.stl", "solid\nendsolid", "empty"),
        ("bone.ply", "ply", ".vtp, .obj and .stl"),
    ],
)
def test_surfaces_that_cannot_be_read_are_refused_in_words(tmp_path: Path, name: str, text: str, said: str) -> None:
    (tmp_path / name).write_text(text, encoding="utf-8")
    with pytest.raises(ModelError, match=said):
        read_mesh(tmp_path / name)


def assert_decent(scene: Scene) -> None:
    """Closed shapes of a person's size, for every body, seen from outside."""
    assert set(np.unique(scene.vertex_body)) == set(range(len(scene.bodies)))
    assert scene.vertices_m.dtype == np.float32
    assert np.isfinite(scene.vertices_m).all()
    assert np.abs(scene.vertices_m).max() < 1.0
    np.testing.assert_allclose(np.linalg.norm(scene.normals, axis=1), 1.0, atol=1e-5)
    assert scene.triangles.max() < len(scene.vertices_m)
    corners = scene.vertices_m[scene.triangles].astype(float)
    owner = scene.vertex_body[scene.triangles]
    assert (owner == owner[:, :1]).all()
    volume = np.einsum("ti,ti->t", corners[:, 0], np.cross(corners[:, 1], corners[:, 2])) / 6.0
    for body in range(len(scene.bodies)):
        assert volume[owner[:, 0] == body].sum() > 1e-6, scene.bodies[body]


def test_every_body_of_our_model_has_a_shape(scene: Scene) -> None:
    assert_decent(scene)
    assert scene.notes == ()
    sides = dict(zip(scene.bodies, scene.body_side, strict=True))
    assert sides["femur_r"] == "right"
    assert sides["toes_l"] == "left"
    assert sides["torso"] is None


@pytest.mark.data
@pytest.mark.parametrize(
    "file",
    [
        "models/RajagopalLaiUhlrich2023.osim",
        "models/Rajagopal2015_no_arms.osim",
        "models/gait2392_thelen2003muscle.osim",
        "implant_ps/Rajagopal2015-scaled.osim",
    ],
)
def test_every_model_of_the_family_shows_a_body(data_folder: Path, file: str) -> None:
    assert_decent(body_scene(GaitModel.from_file(data_folder / file)))


def test_legs_are_mirror_images_and_the_plateau_is_below_the_knee(scene: Scene) -> None:
    right, left = (scene.vertices_m[scene.vertex_body == scene.bodies.index(f"tibia_{side}")] for side in "rl")
    np.testing.assert_allclose(right.min(axis=0)[:2], left.min(axis=0)[:2], atol=0.02)
    for side in SIDES:
        knee = scene.knees[side]
        assert LATERAL_SIGN[side] * knee.lateral_m[2] > 0.0 > LATERAL_SIGN[side] * knee.medial_m[2]
        assert -0.05 < knee.medial_m[1] < -0.01


def test_files_of_the_geometry_folder_are_used_placed_and_scaled(tmp_path: Path) -> None:
    model = opensim.Model(str(own_model_path()))
    for body, name, scale in (("tibia_r", "bone.vtp", 0.1), ("tibia_l", "bone.vtp", -0.1), ("talus_r", "bad.vtp", 1.0)):
        mesh = opensim.Mesh(f"C:\\elsewhere\\{name}")
        mesh.set_scale_factors(opensim.Vec3(scale, 0.1, 0.1))
        frame = opensim.PhysicalOffsetFrame(
            f"{body}_shown", model.getBodySet().get(body), opensim.Transform(opensim.Vec3(0.0, -0.3, 0.0))
        )
        frame.attachGeometry(mesh)
        model.addComponent(frame)
    pyramid_file(tmp_path, "bone.vtp")
    (tmp_path / "bad.vtp").write_text("<VTKFile>", encoding="utf-8")
    scene = body_scene(GaitModel(model), tmp_path)
    assert_decent(scene)
    tibia = scene.vertices_m[scene.vertex_body == scene.bodies.index("tibia_r")]
    np.testing.assert_allclose(tibia, 0.1 * np.array(SQUARE) - [0.0, 0.3, 0.0], atol=1e-6)
    assert len(scene.notes) == 1
    assert "bad.vtp" in scene.notes[0]


def test_the_geometry_folder_is_the_named_one_or_the_one_beside_the_model(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("WORKBENCH_GEOMETRY", raising=False)
    reference = open_trial("reference")
    own_model = replace(reference, model_file=tmp_path / "model.osim")
    assert geometry_folder(reference) is None
    assert geometry_folder(own_model) is None
    (tmp_path / "Geometry").mkdir()
    assert geometry_folder(own_model) == tmp_path / "Geometry"
    monkeypatch.setenv("WORKBENCH_GEOMETRY", str(tmp_path / "elsewhere"))
    assert geometry_folder(own_model) == geometry_folder(reference) == tmp_path / "elsewhere"


def test_poses_are_those_of_opensim(walk: Walk) -> None:
    motion = walk.motion(walk.strides("right")[0], GaitModification()).instants(slice(0, 101, 25))
    poses = body_poses(walk.model, motion)
    assert poses.shape == (5, len(walk.model.bodies), 7)
    assert poses.dtype == np.float32
    for i, q in enumerate(motion.q):
        walk.model.set_state(q)
        for b in range(len(walk.model.bodies)):
            rotation, origin = walk.model.body_pose(b + 1)
            np.testing.assert_allclose(rotation_matrices(poses[i, b, :4]), rotation, atol=1e-6)
            np.testing.assert_allclose(poses[i, b, 4:], origin, atol=1e-6)


@pytest.mark.parametrize("direction", [(1.0, 0.0, 0.0), (0.0, 0.0, 1.0), (-1.0, 0.0, 0.3)])
def test_poses_are_given_in_walkway_axes(walk: Walk, direction: tuple[float, float, float]) -> None:
    motion = walk.motion(walk.strides("right")[0], GaitModification()).instants(slice(0, 3))
    walkway = walkway_axes(np.array(direction))
    plain, turned = body_poses(walk.model, motion), body_poses(walk.model, motion, walkway)
    np.testing.assert_allclose(
        rotation_matrices(turned[..., :4]), walkway @ rotation_matrices(plain[..., :4]), atol=1e-6
    )
    np.testing.assert_allclose(turned[..., 4:], plain[..., 4:] @ walkway.T, atol=1e-6)
    assert (turned[..., 0] >= 0.0).all()
    expected = Rotation.from_quat(turned[0, :, [1, 2, 3, 0]].T).as_matrix()
    np.testing.assert_allclose(rotation_matrices(turned[0, :, :4]), expected, atol=1e-6)


def test_the_modified_walk_turns_the_feet_and_takes_the_forces_along(walk: Walk) -> None:
    stride = walk.strides("right")[0]
    recorded = walk_motion(walk, stride, GaitModification())
    modified = walk_motion(walk, stride, GaitModification(foot_progression_change_deg=10.0))
    assert recorded.whole
    assert recorded.time_s[0] == 0.0
    assert recorded.time_s[-1] == pytest.approx(stride.duration_s)
    instant = 30
    foot = walk.model.legs["right"].calcaneus - 1
    axis = walk.model.legs["right"].foot.axis
    before, after = (rotation_matrices(motion.poses[instant, foot, :4]) @ axis for motion in (recorded, modified))
    turn = np.degrees(np.arctan2(after[2], after[0]) - np.arctan2(before[2], before[0]))
    assert turn == pytest.approx(10.0, abs=1.0)
    moved = modified.ground_point_m["right"][instant] - recorded.ground_point_m["right"][instant]
    assert 0.0 < np.linalg.norm(moved) < 0.05
    knee = walk.model.legs["right"].tibia - 1
    np.testing.assert_array_equal(recorded.knee_centre_m["right"], recorded.poses[:, knee, 4:])


def test_a_side_without_forces_has_no_arrow(walk: Walk) -> None:
    motion = walk.motion(walk.strides("right")[0], GaitModification()).instants(slice(0, 2))
    alone = type(motion)(motion.time_s, motion.q, motion.u, motion.udot, {"right": motion.ground_reactions["right"]})
    assert set(body_motion(walk.model, alone, np.eye(3), whole=False).ground_force_N) == {"right"}
