"""Build the project's leg-and-trunk model from the tables beside this script.

``python models/build_model.py`` writes ``knee_load_model.osim``; ``--check`` says whether the file still is what the
tables give. The tables hold the right side and the midline; the left side is their mirror image in the plane z = 0.
"""

from __future__ import annotations

import argparse
import csv
import itertools
import math
import re
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree

import opensim

FOLDER = Path(__file__).resolve().parent
TABLES = FOLDER / "tables"
MODEL_FILE = FOLDER / "knee_load_model.osim"

PUBLICATIONS = (
    "Rajagopal et al. 2016, IEEE Trans Biomed Eng 63:2068; Lai et al. 2017, Ann Biomed Eng 45:2762; "
    "Uhlrich et al. 2022, Sci Rep 12:9842"
)
RELATIVE_TOLERANCE = 1e-9  # --check: looser than the last digit of a printed double
ABSOLUTE_TOLERANCE = 1e-12

Row = dict[str, str]


def read_table(name: str) -> list[Row]:
    """Return the rows of one table, without its comment lines."""
    with (TABLES / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(line for line in file if not line.startswith("#")))


def left_name(name: str) -> str:
    """Return the left twin of a right name: ``femur_r`` gives ``femur_l``, ``knee_angle_r_beta`` ``knee_angle_l_beta``.

    Names of the midline are returned as they are.
    """
    return re.sub(r"_r(?=$|_)", "_l", name)


def both_sides(rows: list[Row], *, polar: str = "", axial: str = "", names: tuple[str, ...]) -> Iterator[Row]:
    """Yield every row and, right after it, the mirror image of each right-sided row.

    Parameters
    ----------
    rows : list of dict
        Rows of one table.
    polar : str
        Columns that hold a place or a direction, as a template such as ``"{}_m"``: z changes its sign.
        Several are separated by blanks.
    axial : str
        Columns that hold a rotation (body-fixed x, y, z angles): x and y change their signs. This is exact for a
        sequence of rotations too, as mirroring turns each of its steps.
    names : tuple of str
        Columns that hold names; the first is the row's own.
    """
    flipped = [template.format("z") for template in polar.split()]
    flipped += [template.format(axis) for template in axial.split() for axis in "xy"]
    for row in rows:
        yield row
        twin = row | {column: left_name(row[column]) for column in names}
        if twin[names[0]] != row[names[0]]:
            yield twin | {column: str(0.0 - float(row[column])) for column in flipped}


def vector(row: Row, template: str) -> opensim.Vec3:
    """Return the three columns that `template` names, e.g. ``"com_{}_m"``."""
    return opensim.Vec3(*(float(row[template.format(axis)]) for axis in "xyz"))


def add_bodies(model: opensim.Model) -> None:
    """Add the fourteen segments, each with a simple shape to be seen."""
    for row in both_sides(read_table("segments"), polar="com_{}_m", names=("body",)):
        inertia = opensim.Inertia(*(float(row[f"i{axis}{axis}_kgm2"]) for axis in "xyz"))
        body = opensim.Body(row["body"], float(row["mass_kg"]), vector(row, "com_{}_m"), inertia)
        model.addBody(body)
    for row in both_sides(read_table("shapes"), polar="{}_m", names=("body",)):
        body = model.getBodySet().get(row["body"])
        frame = opensim.PhysicalOffsetFrame(f"{row['body']}_shape", body, opensim.Transform(vector(row, "{}_m")))
        frame.attachGeometry(shape(row))
        body.addComponent(frame)


def shape(row: Row) -> opensim.Geometry:
    """Return the shape of one segment: an ellipsoid, a brick or a cylinder along y."""
    half = [float(row[f"half_{axis}_m"]) for axis in "xyz"]
    if row["shape"] == "ellipsoid":
        geometry = opensim.Ellipsoid(*half)
    elif row["shape"] == "brick":
        geometry = opensim.Brick(opensim.Vec3(*half))
    else:
        geometry = opensim.Cylinder(half[0], half[1])
    geometry.setName("shape")
    geometry.setColor(opensim.Vec3(0.87, 0.83, 0.75))
    return geometry


def add_joints(model: opensim.Model) -> None:
    """Add the joints with their coordinates."""
    motions: dict[str, list[Row]] = {}
    for row in read_table("joint_motion"):
        motions.setdefault(row["joint"], []).append(row)
        if left_name(row["joint"]) != row["joint"]:
            motions.setdefault(left_name(row["joint"]), []).append(mirrored_axis(row))
    coordinates: dict[str, list[Row]] = {}
    for row in both_sides(read_table("coordinates"), names=("coordinate", "joint")):
        coordinates.setdefault(row["joint"], []).append(row)

    joints = both_sides(
        read_table("joints"),
        polar="parent_{}_m child_{}_m",
        axial="orientation_{}_rad",
        names=("joint", "parent", "child"),
    )
    for row in joints:
        name = row["joint"]
        parent = model.getGround() if row["parent"] == "ground" else model.getBodySet().get(row["parent"])
        orientation = vector(row, "orientation_{}_rad")
        place = (
            parent,
            vector(row, "parent_{}_m"),
            orientation,
            model.getBodySet().get(row["child"]),
            vector(row, "child_{}_m"),
            orientation,
        )
        if row["type"] == "custom":
            joint = opensim.CustomJoint(name, *place, spatial_transform(motions[name]))
            for _ in coordinates[name]:
                joint.append_coordinates(opensim.Coordinate())
        else:
            joint = opensim.PinJoint(name, *place)
        for index, settings in enumerate(coordinates[name]):
            set_coordinate(joint.upd_coordinates(index), settings)
        model.addJoint(joint)


def mirrored_axis(row: Row) -> Row:
    """Return the mirror image of one axis of a custom joint.

    A shift d along a becomes a shift d along the mirrored a. A turn about a becomes the same turn about minus the
    mirrored a, because mirroring reverses the sense of a rotation.
    """
    columns = ("axis_x", "axis_y") if row["transform_axis"].startswith("rotation") else ("axis_z",)
    flipped = {column: str(0.0 - float(row[column])) for column in columns}
    return row | {"joint": left_name(row["joint"]), "coordinate": left_name(row["coordinate"])} | flipped


def spatial_transform(rows: list[Row]) -> opensim.SpatialTransform:
    """Return the motion of a custom joint: three rotations, then three translations."""
    order = [f"{kind}{number}" for kind in ("rotation", "translation") for number in (1, 2, 3)]
    transform = opensim.SpatialTransform()
    for row in rows:
        axis = transform.updTransformAxis(order.index(row["transform_axis"]))
        names = opensim.ArrayStr()
        if row["coordinate"]:
            names.append(row["coordinate"])
        axis.setCoordinateNames(names)
        axis.setAxis(vector(row, "axis_{}"))
        axis.set_function(axis_function(row))
    return transform


def axis_function(row: Row) -> opensim.Function:
    """Return what one axis of a custom joint does with its coordinate."""
    if row["function"] == "linear":
        return opensim.LinearFunction(float(row["value"]), 0.0)
    if row["function"] == "constant":
        return opensim.Constant(float(row["value"]))
    spline = opensim.SimmSpline()
    for point in read_table("coupled_motion"):
        spline.addPoint(float(point["knee_angle_rad"]), float(point[row["function"]]))
    return spline


def set_coordinate(coordinate: opensim.Coordinate, row: Row) -> None:
    """Set name, range, default and lock of a coordinate."""
    coordinate.setName(row["coordinate"])
    unit = {"deg": math.pi / 180.0, "m": 1.0}[row["unit"]]
    coordinate.setRangeMin(unit * float(row["minimum"]))
    coordinate.setRangeMax(unit * float(row["maximum"]))
    coordinate.setDefaultValue(unit * float(row["default"]))
    coordinate.setDefaultClamped(row["clamped"] == "yes")
    coordinate.setDefaultLocked(row["locked"] == "yes")


def add_patella_couplers(model: opensim.Model) -> None:
    """Let the patella angle follow the knee angle, one to one (its path is in the joint)."""
    for side in "rl":
        knee = f"knee_angle_{side}"
        driver = opensim.ArrayStr()
        driver.append(knee)
        coupler = opensim.CoordinateCouplerConstraint()
        coupler.setName(f"patellofemoral_{knee}_con")
        coupler.setIndependentCoordinateNames(driver)
        coupler.setDependentCoordinateName(f"{knee}_beta")
        coupler.setFunction(opensim.LinearFunction(1.0, 0.0))
        model.addConstraint(coupler)


def add_wrap_cylinders(model: opensim.Model) -> dict[str, opensim.WrapObject]:
    """Add the cylinders that muscles wrap over; return them by name."""
    rows = both_sides(read_table("wrap_cylinders"), polar="{}_m", axial="rotation_{}_rad", names=("wrap", "body"))
    wraps = {}
    for row in rows:
        cylinder = opensim.WrapCylinder()
        cylinder.setName(row["wrap"])
        cylinder.set_translation(vector(row, "{}_m"))
        cylinder.set_xyz_body_rotation(vector(row, "rotation_{}_rad"))
        cylinder.set_radius(float(row["radius_m"]))
        cylinder.set_length(float(row["length_m"]))
        cylinder.set_quadrant(row["quadrant"])
        body = model.getBodySet().get(row["body"])
        body.addWrapObject(cylinder)
        wraps[row["wrap"]] = body.getWrapObject(row["wrap"])
    return wraps


def add_muscles(model: opensim.Model) -> None:
    """Add the eighty muscles with their paths and wraps."""
    wraps = add_wrap_cylinders(model)
    paths = group_by(both_sides(read_table("muscle_paths"), polar="{}_m", names=("muscle", "body")), "muscle")
    wrapped = group_by(both_sides(read_table("muscle_wraps"), names=("muscle", "wrap")), "muscle")
    rows = list(both_sides(read_table("muscles"), names=("muscle",)))
    for row in sorted(rows, key=lambda row: row["muscle"].endswith("_l")):  # right leg first, as the family has it
        name = row["muscle"]
        muscle = opensim.Millard2012EquilibriumMuscle(
            name,
            float(row["max_isometric_force_N"]),
            float(row["optimal_fibre_length_m"]),
            float(row["tendon_slack_length_m"]),
            float(row["pennation_rad"]),
        )
        curve = opensim.FiberForceLengthCurve(
            float(row["passive_strain_at_zero_force"]),
            float(row["passive_strain_at_one_norm_force"]),
            float(row["passive_stiffness_at_low_force"]),
            float(row["passive_stiffness_at_one_norm_force"]),
            float(row["passive_curviness"]),
        )
        curve.setName("passive_fibre_force")
        muscle.setFiberForceLengthCurve(curve)
        muscle.set_ignore_tendon_compliance(False)
        muscle.set_default_activation(0.01)
        muscle.setMinimumActivation(0.01)
        muscle.setFiberDamping(0.01)
        for point in paths[name]:
            body = model.getBodySet().get(point["body"])
            muscle.addNewPathPoint(f"{name}-P{point['point']}", body, vector(point, "{}_m"))
        model.addForce(muscle)
        path = opensim.GeometryPath.safeDownCast(muscle.updPath())
        for index, wrap in enumerate(wrapped.get(name, [])):
            path.addPathWrap(wraps[wrap["wrap"]])
            path_wrap = path.updWrapSet().get(index)
            path_wrap.setName(wrap["wrap"])
            path_wrap.set_method(wrap["method"])
            if wrap["first_point"]:
                path_wrap.set_range(0, int(wrap["first_point"]))
                path_wrap.set_range(1, int(wrap["last_point"]))


def group_by(rows: Iterator[Row], column: str) -> dict[str, list[Row]]:
    """Return the rows by the value of one column, in their order."""
    groups: dict[str, list[Row]] = {}
    for row in rows:
        groups.setdefault(row[column], []).append(row)
    return groups


def add_markers(model: opensim.Model) -> None:
    """Add the points of the foot and the landmarks."""
    for row in both_sides(read_table("markers"), polar="{}_m", names=("marker", "body")):
        body = model.getBodySet().get(row["body"])
        model.addMarker(opensim.Marker(row["marker"], body, vector(row, "{}_m")))


def build_model() -> opensim.Model:
    """Return the model the tables describe."""
    model = opensim.Model()
    model.setName("knee_load_model")
    model.setAuthors("The knee-load workbench developers")
    model.set_credits("Figures by the authors of the cited publications; see models/README.md.")
    model.set_publications(PUBLICATIONS)
    model.set_gravity(opensim.Vec3(0.0, -9.80665, 0.0))
    add_bodies(model)
    add_joints(model)
    add_patella_couplers(model)
    add_muscles(model)
    add_markers(model)
    model.finalizeConnections()
    return model


def differences(one: Path, other: Path) -> list[str]:
    """Say where two model files differ; numbers may differ in their last digits, the format version freely."""
    trees = [ElementTree.parse(path).getroot().find("Model") for path in (one, other)]
    pairs = itertools.zip_longest(*([] if tree is None else list(tree.iter()) for tree in trees))
    for first, second in pairs:
        if first is None or second is None or (first.tag, first.attrib) != (second.tag, second.attrib):
            return [f"structure: {first!r} against {second!r}"]  # what follows no longer corresponds
        if not same_text(first.text or "", second.text or ""):
            return [f"<{first.tag}>: {first.text!r} against {second.text!r}"]
    return []


def same_text(one: str, other: str) -> bool:
    """Tell whether two texts agree word by word, numbers within the tolerance."""
    words = list(itertools.zip_longest(one.split(), other.split(), fillvalue=""))
    return all(first == second or close(first, second) for first, second in words)


def close(one: str, other: str) -> bool:
    """Tell whether two words are the same number within the tolerance."""
    try:
        return math.isclose(float(one), float(other), rel_tol=RELATIVE_TOLERANCE, abs_tol=ABSOLUTE_TOLERANCE)
    except ValueError:
        return False


def main(arguments: list[str] | None = None) -> int:
    """Write or check the model file; return the exit status."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="exit with 1 if the file is not what the tables give")
    options = parser.parse_args(arguments)
    opensim.Logger.setLevelString("Error")
    model = build_model()
    if not options.check:
        model.printToXML(str(MODEL_FILE))
        return 0
    if not MODEL_FILE.is_file():
        sys.stderr.write(f"{MODEL_FILE.name} is missing: run python models/build_model.py\n")
        return 1
    with tempfile.TemporaryDirectory() as folder:
        fresh = Path(folder) / MODEL_FILE.name
        model.printToXML(str(fresh))
        found = differences(MODEL_FILE, fresh)
    for difference in found:
        sys.stderr.write(f"{MODEL_FILE.name} is not what the tables give: {difference}\n")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
