"""Each way in which a recording can be damaged gives a message of its own: what, where, and what to do."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest

from tests.synthetic import SyntheticWalk, synthetic_walk
from workbench.core.errors import TrialError
from workbench.core.legs import find_legs
from workbench.trials import open_trial


class Damage(NamedTuple):
    """What is done to the synthetic walk, and what the message must say."""

    name: str
    message: str
    numbers: Callable[[SyntheticWalk], object] = lambda walk: None  # before it is written
    files: Callable[[Path], object] = lambda folder: None  # after it is written


def rows(columns: dict[str, np.ndarray], keep: Callable[[int], object]) -> None:
    """Reorder, repeat or drop the rows of a table; `keep` gives row numbers from their count."""
    chosen = keep(len(columns["time"]))
    for name in columns:
        columns[name] = columns[name][chosen]


def scale(columns: dict[str, np.ndarray], factor: float, *parts: str) -> None:
    """Multiply the columns whose name holds one of `parts`."""
    for name in columns:
        if any(part in name for part in parts):
            columns[name] = columns[name] * factor


def drop(columns: dict[str, np.ndarray], *parts: str) -> None:
    for name in [n for n in columns if any(part in n for part in parts)]:
        del columns[name]


def put(columns: dict[str, np.ndarray], name: str, row: int, value: float) -> None:
    columns[name][row] = value


def exchange(columns: dict[str, np.ndarray], one: str, other: str) -> None:
    for name in [n for n in columns if one in n]:
        partner = name.replace(one, other)
        columns[name], columns[partner] = columns[partner], columns[name]


def rewrite(name: str, change: Callable[[str], str]) -> Callable[[Path], object]:
    """Change the text of one file."""
    return lambda folder: (folder / name).write_text(change((folder / name).read_text()))


def replace(name: str, old: str, new: str) -> Callable[[Path], object]:
    return rewrite(name, lambda text: text.replace(old, new, 1))


def line(name: str, number: int, change: Callable[[str], str]) -> Callable[[Path], object]:
    """Change one line of a file, counted from 1."""

    def changed(text: str) -> str:
        lines = text.split("\n")
        lines[number - 1] = change(lines[number - 1])
        return "\n".join(lines)

    return rewrite(name, changed)


def setting(table: str, **values: object) -> Callable[[SyntheticWalk], object]:
    """Set keys of one table of trial.toml; None removes a key."""

    def change(walk: SyntheticWalk) -> None:
        keys = walk.settings.setdefault(table, {})
        keys.update(values)
        for key in [k for k, v in keys.items() if v is None]:
            del keys[key]

    return change


def loads(**values: object) -> Callable[[SyntheticWalk], object]:
    complete = {"file": "knee.csv", "side": "left", "time": "t", "medial": "m", "lateral": "l", "unit": "N"}
    return setting("measured_loads", **{**complete, **values})


def knee(medial: float, lateral: float = 300.0, *, start: float = 0.0, head: str = "t,m,l") -> Callable[[Path], object]:
    """Write constant measured loads, 100 Hz for 1 s."""
    body = "\n".join(f"{start + i / 100:.2f},{medial},{lateral}" for i in range(101))
    return lambda folder: (folder / "knee.csv").write_text(f"{head}\n{body}\n")


PLATE = {"force": "ground_force_l_v", "point": "ground_force_l_p", "torque": "ground_torque_l_"}

DAMAGES = [
    # trial.toml
    Damage("toml broken", "is not valid TOML", files=replace("trial.toml", "[subject]", "[subject")),
    Damage("toml in UTF-16", "is in UTF-16", files=lambda f: (f / "trial.toml").write_bytes("a = 1".encode("utf-16"))),
    Damage("toml in Latin-1", "not in UTF-8", files=lambda f: (f / "trial.toml").write_bytes(b'name = "M\xfcller"')),
    Damage("unknown key", "the key 'heigth' is unknown. Did you mean 'height'", setting("subject", heigth=1.7)),
    Damage("unknown table", "the table or key 'evnts' is unknown. Did you mean 'events'", setting("evnts", a=1)),
    Damage("no subject", "'subject' is missing", lambda w: w.settings.pop("subject")),
    Damage("no mass", "'mass' is missing", setting("subject", mass=None)),
    Damage("no coordinates", "'coordinates' is missing", setting("motion", coordinates=None)),
    Damage("no force file", "neither 'file' nor 'external_loads'", setting("ground_reactions", file=None)),
    Damage("mass as text", "'mass' is '70', not a number", setting("subject", mass="70")),
    Damage("mass is true", "'mass' is True, not a number", setting("subject", mass=True)),
    Damage("name is a number", "'name' is 3, not text", lambda w: w.settings.update(name=3)),
    Damage("motion is no table", "'motion' is not a table", lambda w: w.settings.update(motion="ik.mot")),
    Damage("events are no list", "'left_foot_strike' is not a list", setting("events", left_foot_strike=0.8)),
    Damage("plate is no table", "'left' is neither a table of columns", setting("ground_reactions", left="plate 1")),
    Damage("markers", "marker files (.trc) cannot be used here", setting("motion", markers="walk.trc")),
    Damage("c3d motion", "C3D files cannot be used here", setting("motion", c3d="walk.c3d")),
    Damage(
        "c3d forces",
        "force plates cannot be read from C3D",
        setting("ground_reactions", file="walk.c3d"),
        lambda f: (f / "walk.c3d").write_bytes(b"\x02P"),
    ),
    Damage("two sources", "already gives the file and the columns", setting("ground_reactions", external_loads="x")),
    Damage("start after end", "start (2 s) is not before end (1 s)", setting("motion", start=2, end=1)),
    Damage("end after the recording", "is outside the recorded motion (0 to 2.78 s)", setting("motion", end=3.5)),
    Damage("nearly nothing left", "leaves 11 frames", setting("motion", start=1.0, end=1.201)),
    # the subject
    Damage("mass in grams", "the mass is 75000: grams?", setting("subject", mass=75000)),
    Damage("mass in newtons", "the mass is 687: pounds or newtons?", setting("subject", mass=687)),
    Damage("mass in pounds", "0.49 body weights: is the mass in pounds?", setting("subject", mass=154.3)),
    Damage(
        "mass of a hefty person in pounds",
        "(0.7 to 0.9 is normal in walking): is the mass in pounds?",
        setting("subject", mass=148),
    ),
    Damage("mass of a doll", "the mass is 7 kg, outside 20 to 250 kg", setting("subject", mass=7)),
    Damage("height in centimetres", "the height is 175: centimetres?", setting("subject", height=175)),
    Damage("height in millimetres", "the height is 1750: millimetres?", setting("subject", height=1750)),
    Damage("height in feet", "the height is 5.7: feet?", setting("subject", height=5.7)),
    Damage("height of a doll", "the height is 0.3 m, outside 1.0 to 2.3 m", setting("subject", height=0.3)),
    # files
    Damage("file missing", "no file 'ik.mot' in the trial's folder", files=lambda f: (f / "ik.mot").unlink()),
    Damage("file misspelt", "Did you mean 'grf.mot'", setting("ground_reactions", file="grff.mot")),
    Damage("path out of the folder", "points outside the trial's folder", setting("motion", coordinates="../ik.mot")),
    Damage("absolute path", "is an absolute path", setting("motion", coordinates="/home/me/ik.mot")),
    Damage("path with a drive", r"'C:\\data\\ik.mot' is an absolute", setting("motion", coordinates=r"C:\data\ik.mot")),
    Damage("null character", "contains a null character", files=replace("trial.toml", '"ik.mot"', '"\\u0000"')),
    Damage("model of another kind", "'ik.mot' is not an OpenSim model", setting("model", file="ik.mot")),
    Damage("empty file", "the file is empty", files=lambda f: (f / "ik.mot").write_text("")),
    Damage("binary junk", "binary data", files=lambda f: (f / "grf.mot").write_bytes(bytes(range(256)) * 40)),
    Damage("no end of the header", "no 'endheader' line", files=replace("ik.mot", "endheader", "end of header")),
    Damage(
        "only a header",
        "ends after the header",
        files=rewrite("ik.mot", lambda t: t.split("endheader")[0] + "endheader"),
    ),
    Damage("no rows", "no data rows", files=rewrite("ik.mot", lambda t: "\n".join(t.split("\n")[:7]))),
    Damage("commas", "only one name", files=rewrite("ik.mot", lambda t: t.replace("\t", ","))),
    Damage(
        "truncated",
        "line 100 has 3 numbers for 23 columns",
        files=line("ik.mot", 100, lambda t: "\t".join(t.split("\t")[:3])),
    ),
    Damage(
        "text in the numbers",
        "'-' in line 50, column 'time', is not a number",
        files=line("grf.mot", 50, lambda t: "-" + t[8:]),
    ),
    Damage("decimal commas", "uses a decimal comma", files=line("ik.mot", 9, lambda t: t.replace(".", ","))),
    Damage("column without a name", "column 2 has no name", files=replace("ik.mot", "pelvis_tilt", "")),
    Damage(
        "column twice", "'pelvis_tilt' occurs more than once", files=replace("ik.mot", "pelvis_list", "pelvis_tilt")
    ),
    Damage("no time", "no 'time' column", files=replace("ik.mot", "time", "frame")),
    # time
    Damage(
        "time backwards", "time runs backwards after 1.3800 s", lambda w: rows(w.motion, lambda n: np.r_[0:70, 40:n])
    ),
    Damage("time twice", "the time 0.6000 s occurs twice", lambda w: rows(w.motion, lambda n: np.r_[0:31, 30:n])),
    Damage("gap", "a gap of 0.420 s after 0.580 s", lambda w: rows(w.motion, lambda n: np.r_[0:30, 50:n])),
    Damage("milliseconds", "20 s apart: milliseconds or frame numbers?", lambda w: scale(w.motion, 1000.0, "time")),
    Damage("too few frames", "there are 12 frames, fewer than 20", lambda w: rows(w.motion, lambda n: np.arange(12))),
    Damage("too slow", "only 10.0 frames per second", lambda w: rows(w.motion, lambda n: np.arange(0, n, 5))),
    Damage("other clock", "do not overlap in time", lambda w: w.forces.update(time=w.forces["time"] + 100.0)),
    Damage("time missing", "the time in row 6 of the numbers is nan", lambda w: put(w.forces, "time", 5, np.nan)),
    # coordinates
    Damage(
        "coordinate missing", "the joint coordinate 'knee_angle_l' is missing", lambda w: drop(w.motion, "knee_angle_l")
    ),
    Damage(
        "gap in a coordinate",
        "'hip_flexion_r' is missing (NaN) at 0.2000 s",
        lambda w: put(w.motion, "hip_flexion_r", 10, np.nan),
    ),
    Damage(
        "infinite coordinate",
        "'pelvis_tx' is inf, which cannot be a measurement, at 0.0600 s",
        lambda w: put(w.motion, "pelvis_tx", 3, np.inf),
    ),
    Damage(
        "radians called degrees",
        "inDegrees=yes, but the knee never bends beyond 1.0",
        lambda w: scale(w.motion, np.pi / 180, "_r", "_l"),
    ),
    Damage(
        "degrees called radians", "inDegrees=no, but the knee bends to 60.0", lambda w: setattr(w, "in_degrees", False)
    ),
    Damage(
        "pelvis in millimetres", "pelvis_ty is about 951: millimetres?", lambda w: scale(w.motion, 1000.0, "pelvis_t")
    ),
    Damage(
        "pelvis in centimetres", "pelvis_ty is about 95: centimetres?", lambda w: scale(w.motion, 100.0, "pelvis_ty")
    ),
    # ground reaction
    Damage("no force columns", "no columns of forces", lambda w: drop(w.forces, "force")),
    Damage(
        "sides not told",
        'as in left = { force = "ground_force_v"',
        lambda w: (
            drop(w.forces, "_l_"),
            w.forces.update({n.replace("_r", ""): w.forces.pop(n) for n in [*w.forces] if "_r_" in n}),
        ),
    ),
    Damage(
        "column misspelt",
        "no column 'ground_force_lx'",
        setting("ground_reactions", left={**PLATE, "force": "ground_force_l"}),
    ),
    Damage(
        "point missing",
        "no column 'ground_force_l_py'",
        lambda w: (drop(w.forces, "l_py"), setting("ground_reactions", left=PLATE)(w)),
    ),
    Damage(
        "gap in the force",
        "'ground_force_l_vy' is missing (NaN) at 1.0000 s",
        lambda w: put(w.forces, "ground_force_l_vy", 100, np.nan),
    ),
    Damage(
        "gap in the force in the air",
        "'ground_force_l_vx' is missing (NaN) at 0.5000 s",
        lambda w: put(w.forces, "ground_force_l_vx", 50, np.nan),
    ),
    Damage(
        "gap in the point",
        "'ground_force_r_px' is missing (NaN) at 0.5000 s",
        lambda w: put(w.forces, "ground_force_r_px", 50, np.nan),
    ),
    Damage(
        "gap in the torque",
        "'ground_torque_r_y' is missing (NaN) at 0.5000 s",
        lambda w: put(w.forces, "ground_torque_r_y", 50, np.nan),
    ),
    Damage("no force", "(ground_force_l_v) is zero throughout", lambda w: scale(w.forces, 0.0, "_l_v")),
    Damage("constant force", "never changes: 700 N throughout", lambda w: w.forces["ground_force_l_vy"].fill(700.0)),
    Damage("force of the foot on the ground", "points down", lambda w: scale(w.forces, -1.0, "force_l_v", "force_r_v")),
    Damage("kilonewtons", "kilonewtons or body weights?", lambda w: scale(w.forces, 0.001, "_vx", "_vy", "_vz")),
    Damage("pounds-force", "pounds-force?", lambda w: scale(w.forces, 1 / 4.448, "_vx", "_vy", "_vz")),
    Damage("kilograms", "kilograms?", lambda w: scale(w.forces, 1 / 9.81, "_vx", "_vy", "_vz")),
    Damage(
        "Z up",
        "is Z the vertical axis?",
        lambda w: (exchange(w.forces, "_r_vy", "_r_vz"), exchange(w.forces, "_l_vy", "_l_vz")),
    ),
    Damage(
        "X up",
        "is X the vertical axis?",
        lambda w: (exchange(w.forces, "_r_vy", "_r_vx"), exchange(w.forces, "_l_vy", "_l_vx")),
    ),
    Damage("double force", "peaks at 2202 N, 3.2 body weights", lambda w: scale(w.forces, 3.0, "_vy")),
    Damage("foot beside the plate", "0.36 body weights.", lambda w: scale(w.forces, 0.34, "_vy")),
    Damage("only knocks", "is never on the ground", lambda w: scale(w.forces, 0.01, "_vy")),
    Damage(
        "offset of a plate",
        "never falls below 20 N",
        lambda w: w.forces.update(ground_force_l_vy=w.forces["ground_force_l_vy"] + 40),
    ),
    Damage("force and mass apart", "mass and force do not match", lambda w: scale(w.forces, 1.8, "_vy")),
    Damage(
        "point in millimetres",
        "travels 194 m during one contact: millimetres?",
        lambda w: scale(w.forces, 1000.0, "_px", "_pz"),
    ),
    Damage(
        "point in centimetres",
        "travels 19 m during one contact: centimetres?",
        lambda w: scale(w.forces, 100.0, "_px", "_pz"),
    ),
    Damage("feet exchanged", "are left and right swapped?", lambda w: exchange(w.forces, "_r_", "_l_")),
    Damage("no complete stance", "no complete stance of either foot", setting("motion", start=0.4, end=0.85)),
    # events
    Damage(
        "event outside",
        "the left foot strike at 80 s is outside the recording",
        setting("events", left_foot_strike=[0.8, 80]),
    ),
    Damage(
        "events unsorted", "the left foot strikes are not in time order", setting("events", left_foot_strike=[1.9, 0.8])
    ),
    Damage(
        "events do not alternate",
        "after the left foot strike at 0.8 s comes a second foot strike",
        setting("events", left_foot_strike=[0.8, 1.9], left_foot_off=[2.58]),
    ),
    # measured loads
    Damage("loads without a unit", "'unit' is missing", loads(unit=None), knee(1000)),
    Damage("loads of an unknown unit", "'unit' is 'kN'", loads(unit="kN"), knee(1000)),
    Damage("loads of which knee", "'side' is 'L'", loads(side="L"), knee(1000)),
    Damage("loads in newtons called body weight", "peak at 1.3e+03 body weights", loads(unit="BW"), knee(1000)),
    Damage("loads in kilonewtons", "peak at 0.00189 body weights", loads(), knee(1.0, 0.3)),
    Damage("loads in tension", "compression must be positive", loads(), knee(-1000, -300)),
    Damage(
        "loads on another clock", "the measured loads (50.00 to 51.00 s) and the motion", loads(), knee(1000, start=50)
    ),
    Damage("loads without this column", "no column 'l'", loads(), knee(1000, head="t,m,Lateral")),
    Damage("loads missing", "'m' is missing (NaN) at 0.0000 s", loads(), knee(float("nan"))),
    Damage(
        "loads with text",
        "'high' in line 2, column 'm', is not a number",
        loads(),
        lambda f: (f / "knee.csv").write_text("t,m,l\n0,high,3\n"),
    ),
    Damage(
        "loads ragged",
        "line 3 has 2 cells for 3 columns",
        loads(),
        lambda f: (f / "knee.csv").write_text("t,m,l\n0,1,3\n0.1,2\n"),
    ),
    Damage("loads empty", "no rows below the column names", loads(), lambda f: (f / "knee.csv").write_text("t,m,l\n")),
    Damage(
        "loads as PDF",
        "cannot be read from .pdf",
        loads(file="knee.pdf"),
        lambda f: (f / "knee.pdf").write_text("loads"),
    ),
]


def message_of(damage: Damage, folder: Path) -> TrialError:
    walk = synthetic_walk()
    damage.numbers(walk)
    walk.write(folder)
    damage.files(folder)
    with pytest.raises(TrialError) as caught:
        open_trial(folder)
    return caught.value


@pytest.mark.parametrize("damage", DAMAGES, ids=lambda damage: damage.name)
def test_message_says_what_where_and_what_to_do(damage: Damage, tmp_path: Path) -> None:
    error = message_of(damage, tmp_path)
    assert damage.message in str(error)
    assert error.where, "the message must say where"
    assert error.remedy, "the message must say what to do"
    assert str(tmp_path) not in str(error), "a message names files, not the paths of one computer"


def test_messages_differ(tmp_path: Path) -> None:
    messages = {str(message_of(damage, tmp_path / str(i))) for i, damage in enumerate(DAMAGES)}
    assert len(messages) == len(DAMAGES) >= 30


def test_undamaged_walk_opens_without_a_finding(tmp_path: Path) -> None:
    assert open_trial(synthetic_walk().write(tmp_path)).findings == ()


WARNINGS = [
    Damage(
        "one foot",
        "the left leg cannot be analysed: no ground reaction of the left foot",
        lambda w: drop(w.forces, "_l_"),
    ),
    Damage("no torque", "the left foot has no free moment; zero is assumed", lambda w: drop(w.forces, "torque_l")),
    Damage("unit not told", "the knee angles look like degrees", lambda w: setattr(w, "in_degrees", None)),
    Damage(
        "short gap", "a gap of 0.060 s after 0.580 s was bridged", lambda w: rows(w.motion, lambda n: np.r_[0:30, 32:n])
    ),
    Damage("pelvis too low", "check that Y is vertical", lambda w: scale(w.motion, 0.1, "pelvis_ty")),
    Damage("light foot", "check the mass", setting("subject", mass=105)),
    Damage(
        "stance of one foot only",
        "the left leg cannot be analysed: there is no complete stance of the left foot",
        setting("motion", end=1.40),
    ),
    Damage(
        "strike missing",
        "left and right foot strikes do not alternate",
        setting("events", left_foot_strike=[0.8], right_foot_strike=[0.25, 1.35, 2.45]),
    ),
    Damage("loads in pounds-force called newtons", "check the unit (N or lbf)", loads(), knee(225, 67)),
    Damage("loads in newtons called pounds-force", "peak at 8.42 body weights", loads(unit="lbf"), knee(1000, 300)),
    Damage(
        "late strike",
        "the left foot strike at 1 s comes 0.20 s after the foot was loaded (0.80 s",
        setting("events", left_foot_strike=[1.0, 2.0]),
    ),
    Damage(
        "unused plate",
        "nobody stepped on plate 'ground_force_l_v'",
        lambda w: (
            scale(w.forces, 0.0, "_l_v"),
            setting("ground_reactions", right=[{k: v.replace("_l_", "_r_") for k, v in PLATE.items()}, PLATE])(w),
        ),
    ),
    Damage(
        "implant on the other side",
        "The implant is in the left knee, but the left foot has no ground reaction",
        lambda w: (drop(w.forces, "_l_"), loads()(w)),
        knee(1000),
    ),
]


@pytest.mark.parametrize("damage", WARNINGS, ids=lambda damage: damage.name)
def test_milder_faults_are_told_and_the_trial_opens(damage: Damage, tmp_path: Path) -> None:
    walk = synthetic_walk()
    damage.numbers(walk)
    walk.write(tmp_path)
    damage.files(tmp_path)
    trial = open_trial(tmp_path)
    told = (*trial.findings, *find_legs(trial).findings)
    assert any(damage.message.lower() in str(finding).lower() for finding in told)
