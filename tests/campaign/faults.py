"""What can be wrong with a recording or a model, in several sizes, and the codes of the findings that name it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from tests.synthetic import SyntheticWalk
from workbench.core.vocabulary import SIDE_SUFFIX, Side, opposite
from workbench.simulation.quiet_opensim import opensim

Spoil = Callable[[SyntheticWalk], None]
SpoilModel = Callable[[object], None]


@dataclass(frozen=True)
class Fault:
    """One fault in one size."""

    kind: str
    size: str
    codes: tuple[str, ...]  #: findings that name it
    spoil: Spoil | None = None
    spoil_model: SpoilModel | None = None


def faults(walk: SyntheticWalk) -> Iterator[Fault]:
    """All faults that can be made in a recording."""
    sides: tuple[Side, ...] = tuple(
        side for side in ("left", "right") if f"ground_force_{SIDE_SUFFIX[side]}_vy" in walk.forces
    )  # type: ignore[assignment]
    yield from _plates(sides)
    yield from _forces(sides)
    yield from _clock()
    yield from _motion()
    yield from _subject()
    yield from _sides(sides)
    yield from _events(walk)
    yield from _loads(walk)
    yield from _model()


def _plates(sides: tuple[Side, ...]) -> Iterator[Fault]:
    place = ("plate_sideways", "force_beside_foot", "plate_forward")
    for which in (sides, *((side,) for side in sides)) if len(sides) > 1 else (sides,):
        who = "both plates" if len(which) > 1 else f"{which[0]} plate"
        for cm in (-5, -3, -2, 2, 3, 5):
            yield Fault("plate shifted sideways", f"{who} {cm:+d} cm", place, _shift(which, "z", cm / 100))
        for cm in (-10, -5, 5, 10):
            yield Fault("plate shifted forward", f"{who} {cm:+d} cm", place, _shift(which, "x", cm / 100))
        turned = ("shear_direction", "shear_size", "plate_reversed", *place)
        for degrees in (-90, -10, -5, 5, 10, 90, 180):
            yield Fault("plate turned", f"{who} {degrees:+d} deg", turned, _turn(which, degrees))
        shear = ("shear_size", "shear_direction", "flat_channel")
        for axis in "xz":
            for factor in (0.0, -1.0, 0.1, 4.448):
                yield Fault("shear force wrong", f"{who} v{axis} x{factor:g}", shear, _scale(which, f"v{axis}", factor))
        for factor in (0.0, -1.0):
            yield Fault("shear force wrong", f"{who} both x{factor:g}", shear, _scale(which, "vxz", factor))
        yield Fault("plate reversed", f"{who} CoP along", ("plate_reversed", *place), _reverse(which, "x"))
        yield Fault("plate reversed", f"{who} CoP across", ("plate_reversed", *place), _reverse(which, "z"))
        gain = ("force_gain", "mass_or_gain", "plate_gain")
        for factor in (0.8, 0.9, 1.1, 1.25):
            yield Fault("force gain", f"{who} x{factor:g}", gain, _scale(which, "vxyz", factor))
            yield Fault("vertical gain", f"{who} x{factor:g}", gain, _scale(which, "vy", factor))
        free = ("free_moment",)
        for factor in (-1.0, 10.0, 1000.0):
            yield Fault("free moment", f"{who} x{factor:g}", free, _torque(which, factor))
    yield Fault("action for reaction", "all forces x-1", (), _scale(sides, "vxyz", -1.0))
    for factor in (1000.0, 100.0):
        yield Fault("metres", f"CoP x{factor:g}", (), _points(factor))


def _forces(sides: tuple[Side, ...]) -> Iterator[Fault]:
    def exchange(walk: SyntheticWalk) -> None:
        for side in sides:
            for head in (f"ground_force_{SIDE_SUFFIX[side]}_v", f"ground_force_{SIDE_SUFFIX[side]}_p"):
                walk.forces[f"{head}y"], walk.forces[f"{head}z"] = walk.forces[f"{head}z"], walk.forces[f"{head}y"]

    yield Fault("Y and Z swapped", "forces", (), exchange)
    for side in sides:
        yield Fault("flat channel", f"{side} vx held", ("flat_channel", "shear_size"), _hold(side, "vx"))
        yield Fault("flat channel", f"{side} pz held", ("flat_channel",), _hold(side, "pz"))
        yield Fault("flat channel", f"{side} px held", ("flat_channel",), _hold(side, "px"))
        for offset in (20.0, 50.0):
            yield Fault(
                "force offset", f"{side} vx {offset:g} N", ("shear_size", "plate_offset"), _offset(side, "vx", offset)
            )
            yield Fault(
                "force offset", f"{side} vz {offset:g} N", ("shear_size", "plate_offset"), _offset(side, "vz", offset)
            )
    for unit, factor in (("lbf", 1 / 4.448), ("kN", 0.001), ("kgf", 1 / 9.81), ("BW", 1 / 800)):
        yield Fault("force unit", unit, ("force_gain",), _scale(sides, "vxyz", factor))


def _clock() -> Iterator[Fault]:
    clock = ("late_forces", "early_forces", "force_clock")
    for ms in (-100, -40, -20, 10, 20, 40, 60, 100, 200):

        def delay(walk: SyntheticWalk, ms: int = ms) -> None:
            walk.forces["time"] = walk.forces["time"] + ms / 1000

        yield Fault("forces late", f"{ms:+d} ms", clock, delay)
    for factor in (0.9, 0.95, 1.05, 1.1, 2.0):

        def stretch(walk: SyntheticWalk, factor: float = factor) -> None:
            start = walk.forces["time"][0]
            walk.forces["time"] = start + factor * (walk.forces["time"] - start)

        yield Fault("force clock", f"x{factor:g}", clock, stretch)
    for part in (0.5, 0.6):

        def cut(walk: SyntheticWalk, part: float = part) -> None:
            n = int(part * len(walk.motion["time"]))
            walk.motion.update({name: column[:n] for name, column in walk.motion.items()})

        yield Fault("half a file", f"motion to {100 * part:g} %", ("not_analysed", "stance_only"), cut)

    def gap(walk: SyntheticWalk, fill: bool) -> None:
        n = len(walk.motion["time"])
        first, count = n // 2, min(30, n // 4)
        for name, column in walk.motion.items():
            if fill and name != "time":
                column[first : first + count] = column[first]
            elif not fill:
                walk.motion[name] = np.delete(column, slice(first, first + count))

    yield Fault("gap of 30 frames", "left out", (), lambda walk: gap(walk, fill=False))
    yield Fault("gap of 30 frames", "held", ("frozen_motion",), lambda walk: gap(walk, fill=True))


def _motion() -> Iterator[Fault]:
    for joint in ("hip_flexion", "hip_adduction", "knee_angle", "ankle_angle"):
        for letter in "rl":
            for degrees in (5.0, 20.0):
                yield Fault(
                    "one-frame spike",
                    f"{joint}_{letter} {degrees:g} deg",
                    ("spike",),
                    _spike(f"{joint}_{letter}", degrees),
                )
            yield Fault("jump of a turn", f"{joint}_{letter}", ("jump",), _jump(f"{joint}_{letter}"))
    joint_offset = (
        "foot_on_ground",
        "force_beside_foot",
        "plate_sideways",
        "plate_forward",
        "leg_motion",
        "pelvis_list",
    )
    for name in ("pelvis_list", "hip_adduction_r", "hip_adduction_l"):
        for degrees in (-3.0, 3.0, 5.0):
            yield Fault("angle offset", f"{name} {degrees:+g} deg", joint_offset, _angle_offset(name, degrees))
    for name, degrees in (
        ("knee_angle_r", 10.0),
        ("knee_angle_l", 10.0),
        ("hip_flexion_r", 8.0),
        ("hip_flexion_l", 8.0),
    ):
        yield Fault("angle offset", f"{name} {degrees:+g} deg", joint_offset, _angle_offset(name, degrees))
    for name, offset in (("pelvis_tz", 0.03), ("pelvis_tz", -0.05), ("pelvis_ty", 0.05), ("pelvis_tx", 0.05)):

        def move(walk: SyntheticWalk, name: str = name, offset: float = offset) -> None:
            walk.motion[name] = walk.motion[name] + offset

        yield Fault("pelvis shifted", f"{name} {100 * offset:+g} cm", joint_offset, move)
    ranges = ("joint_range", "knee_sign")
    for letter in "rl":
        for a, b in (
            ("hip_flexion", "hip_adduction"),
            ("hip_adduction", "hip_rotation"),
            ("hip_flexion", "knee_angle"),
        ):
            yield Fault(
                "angles exchanged",
                f"{a} and {b} {letter}",
                (*ranges, "force_beside_foot", "foot_on_ground"),
                _exchange(f"{a}_{letter}", f"{b}_{letter}"),
            )
        for joint in ("knee_angle", "hip_flexion", "hip_adduction", "hip_rotation", "ankle_angle"):
            yield Fault(
                "angle sign", f"{joint}_{letter}", (*ranges, "force_beside_foot", "foot_on_ground"),
                _angle_scale(f"{joint}_{letter}", -1.0),
            )  # fmt: skip
        for joint in ("hip_adduction", "hip_flexion", "knee_angle"):
            yield Fault("flat channel", f"{joint}_{letter}", ("flat_angle",), _angle_scale(f"{joint}_{letter}", 0.0))
    yield Fault(
        "angle sign", "pelvis_list", (*ranges, "foot_on_ground", "force_beside_foot"), _angle_scale("pelvis_list", -1.0)
    )

    def unit(walk: SyntheticWalk) -> None:
        walk.in_degrees = not walk.in_degrees

    yield Fault("degrees and radians", "header", (), unit)

    def millimetres(walk: SyntheticWalk) -> None:
        for axis in "xyz":
            walk.motion[f"pelvis_t{axis}"] = 1000 * walk.motion[f"pelvis_t{axis}"]

    yield Fault("metres", "pelvis in mm", (), millimetres)
    yield Fault("Y and Z swapped", "pelvis", (), _exchange("pelvis_ty", "pelvis_tz"))


def _subject() -> Iterator[Fault]:
    for key, factors in (("mass", (0.8, 0.85, 0.9, 1.1, 1.15, 1.25, 2.2046)), ("height", (0.8, 0.9, 1.1, 1.2))):
        for factor in factors:

            def scale(walk: SyntheticWalk, key: str = key, factor: float = factor) -> None:
                walk.settings["subject"][key] *= factor

            codes = ("mass_or_gain", "force_gain", "mass_mismatch") if key == "mass" else ("height",)
            yield Fault(key, f"x{factor:g}", codes, scale)


def _sides(sides: tuple[Side, ...]) -> Iterator[Fault]:
    def legs(walk: SyntheticWalk) -> None:
        for name in [n for n in walk.motion if n.endswith("_r")]:
            other = f"{name[:-2]}_l"
            walk.motion[name], walk.motion[other] = walk.motion[other], walk.motion[name]

    def plates(walk: SyntheticWalk) -> None:
        old = dict(walk.forces)
        for side in ("left", "right"):
            for name in [n for n in old if f"_{SIDE_SUFFIX[side]}_" in n]:
                del walk.forces[name]
        for side in sides:
            a, b = SIDE_SUFFIX[side], SIDE_SUFFIX[opposite(side)]
            walk.forces |= {n.replace(f"_{a}_", f"_{b}_"): old[n] for n in old if f"_{a}_" in n}

    def both(walk: SyntheticWalk) -> None:
        legs(walk)
        plates(walk)

    codes = ("force_beside_foot", "swapped_legs")
    yield Fault("left and right swapped", "motion", codes, legs)
    yield Fault("left and right swapped", "forces", codes, plates)
    yield Fault("left and right swapped", "both", codes, both)


def _events(walk: SyntheticWalk) -> Iterator[Fault]:
    if not walk.settings.get("events"):
        return
    for what in ("foot_strike", "foot_off"):
        for early in (-0.2, -0.1, 0.1):

            def move(walk: SyntheticWalk, what: str = what, early: float = early) -> None:
                events = walk.settings["events"]
                last = walk.forces["time"][-1]
                for key in [k for k in events if k.endswith(what)]:
                    events[key] = [t + early for t in events[key] if 0 <= t + early <= last]

            yield Fault("events shifted", f"{what} {early:+g} s", ("late_event", "early_event"), move)


def _loads(walk: SyntheticWalk) -> Iterator[Fault]:
    if "measured_loads" not in walk.settings:
        return

    def exchange(walk: SyntheticWalk) -> None:
        loads = walk.settings["measured_loads"]
        loads["medial"], loads["lateral"] = loads["lateral"], loads["medial"]

    yield Fault("implant columns exchanged", "", ("implant_columns",), exchange)
    for unit in ("lbf", "BW"):

        def rename(walk: SyntheticWalk, unit: str = unit) -> None:
            walk.settings["measured_loads"]["unit"] = unit

        yield Fault("implant unit", unit, ("implant_unit",), rename)


def _model() -> Iterator[Fault]:
    for factor in (0.1, 0.5, 2.0, 10.0, 1000.0):
        yield Fault("strengths", f"x{factor:g}", ("muscle_strength",), spoil_model=_strength("", factor))
    for muscle, factors in (
        ("soleus", (0.0, 0.001, 10.0)),
        ("gasmed", (0.001,)),
        ("vaslat", (0.001,)),
        ("recfem", (0.001,)),
    ):
        for factor in factors:
            yield Fault(
                "muscle",
                f"{muscle} x{factor:g}",
                ("muscle_strength", "muscle_missing"),
                spoil_model=_strength(muscle, factor),
            )
    yield Fault("muscle", "soleus missing", ("muscle_missing",), spoil_model=_remove("soleus"))
    yield Fault("muscle", "gasmed, gaslat missing", ("muscle_missing",), spoil_model=_remove("gas"))
    for cm in (-5, -2, -1, 1, 2, 5):
        yield Fault(
            "knee centre aside", f"both {cm:+d} cm lateral", ("knee_centre",), spoil_model=_knee(cm / 100, "rl")
        )
        yield Fault(
            "knee centre aside", f"right {cm:+d} cm lateral", ("knee_centre",), spoil_model=_knee(cm / 100, "r")
        )
        yield Fault("knee centre aside", f"left {cm:+d} cm lateral", ("knee_centre",), spoil_model=_knee(cm / 100, "l"))
    yield Fault("knee locked", "both", ("locked_joint",), spoil_model=_lock)
    for factor in (100.0, 0.0):
        yield Fault("inertia", f"shanks x{factor:g}", ("inertia",), spoil_model=_inertia(factor))
    for factor in (0.3, 3.0):
        yield Fault(
            "segment mass", f"thighs x{factor:g}", ("segment_mass", "mass_mismatch"), spoil_model=_mass("femur", factor)
        )
    yield Fault("segment mass", "torso x0.5", ("segment_mass", "mass_mismatch"), spoil_model=_mass("torso", 0.5))
    for factor in (0.85, 1.2):
        yield Fault(
            "femur length",
            f"right x{factor:g}",
            ("leg_length", "height", "foot_on_ground"),
            spoil_model=_femur(factor, "r"),
        )
        yield Fault(
            "femur length",
            f"both x{factor:g}",
            ("leg_length", "height", "foot_on_ground"),
            spoil_model=_femur(factor, "rl"),
        )


# Recording


def _loaded(walk: SyntheticWalk, side: Side) -> np.ndarray:
    return walk.forces[f"ground_force_{SIDE_SUFFIX[side]}_vy"] > 20.0


def _shift(which: tuple[Side, ...], axis: str, metres: float) -> Spoil:
    def spoil(walk: SyntheticWalk) -> None:
        for side in which:
            walk.forces[f"ground_force_{SIDE_SUFFIX[side]}_p{axis}"] += metres

    return spoil


def _turn(which: tuple[Side, ...], degrees: float) -> Spoil:
    """Turn force and centre of pressure about the vertical through the middle of the plate."""

    def spoil(walk: SyntheticWalk) -> None:
        c, s = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
        for side in which:
            head = f"ground_force_{SIDE_SUFFIX[side]}_"
            on = _loaded(walk, side)
            middle = {axis: float(np.mean(walk.forces[f"{head}p{axis}"][on])) for axis in "xz"}
            for what, about in (("v", {"x": 0.0, "z": 0.0}), ("p", middle)):
                x, z = (walk.forces[f"{head}{what}{axis}"] - about[axis] for axis in "xz")
                walk.forces[f"{head}{what}x"] = np.where(on, c * x + s * z, x) + about["x"]
                walk.forces[f"{head}{what}z"] = np.where(on, -s * x + c * z, z) + about["z"]

    return spoil


def _scale(which: tuple[Side, ...], what: str, factor: float) -> Spoil:
    def spoil(walk: SyntheticWalk) -> None:
        for side in which:
            for axis in what[1:]:
                walk.forces[f"ground_force_{SIDE_SUFFIX[side]}_v{axis}"] *= factor

    return spoil


def _torque(which: tuple[Side, ...], factor: float) -> Spoil:
    def spoil(walk: SyntheticWalk) -> None:
        for side in which:
            walk.forces[f"ground_torque_{SIDE_SUFFIX[side]}_y"] *= factor

    return spoil


def _reverse(which: tuple[Side, ...], axis: str) -> Spoil:
    def spoil(walk: SyntheticWalk) -> None:
        for side in which:
            name = f"ground_force_{SIDE_SUFFIX[side]}_p{axis}"
            on = _loaded(walk, side)
            middle = float(np.mean(walk.forces[name][on]))
            walk.forces[name] = np.where(on, 2 * middle - walk.forces[name], walk.forces[name])

    return spoil


def _points(factor: float) -> Spoil:
    def spoil(walk: SyntheticWalk) -> None:
        for name in [n for n in walk.forces if n[-2:] in ("px", "py", "pz")]:
            walk.forces[name] *= factor

    return spoil


def _hold(side: Side, what: str) -> Spoil:
    def spoil(walk: SyntheticWalk) -> None:
        name = f"ground_force_{SIDE_SUFFIX[side]}_{what}"
        on = _loaded(walk, side)
        held = float(np.mean(walk.forces[name][on]))
        walk.forces[name] = np.where(on, held, walk.forces[name])

    return spoil


def _offset(side: Side, what: str, newtons: float) -> Spoil:
    def spoil(walk: SyntheticWalk) -> None:
        walk.forces[f"ground_force_{SIDE_SUFFIX[side]}_{what}"] += newtons

    return spoil


def _in_unit(walk: SyntheticWalk, degrees: float) -> float:
    return degrees if walk.in_degrees else float(np.radians(degrees))


def _middle(walk: SyntheticWalk, letter: str) -> int:
    """Frame in the middle of a whole stance of the foot, or of the recording."""
    name = f"ground_force_{letter}_vy"
    time_s = walk.motion["time"]
    if name not in walk.forces:
        return len(time_s) // 2
    vertical = np.interp(time_s, walk.forces["time"], walk.forces[name])
    loaded = np.flatnonzero(vertical > 0.8 * vertical.max())
    return int(loaded[len(loaded) // 2])


def _spike(name: str, degrees: float) -> Spoil:
    def spoil(walk: SyntheticWalk) -> None:
        walk.motion[name][_middle(walk, name[-1])] += _in_unit(walk, degrees)

    return spoil


def _jump(name: str) -> Spoil:
    def spoil(walk: SyntheticWalk) -> None:
        walk.motion[name][_middle(walk, name[-1]) :] += _in_unit(walk, 360.0)

    return spoil


def _angle_offset(name: str, degrees: float) -> Spoil:
    def spoil(walk: SyntheticWalk) -> None:
        walk.motion[name] = walk.motion[name] + _in_unit(walk, degrees)

    return spoil


def _angle_scale(name: str, factor: float) -> Spoil:
    def spoil(walk: SyntheticWalk) -> None:
        walk.motion[name] = walk.motion[name] * factor

    return spoil


def _exchange(a: str, b: str) -> Spoil:
    def spoil(walk: SyntheticWalk) -> None:
        walk.motion[a], walk.motion[b] = walk.motion[b], walk.motion[a]

    return spoil


# Model


def spoiled_model(file: Path, spoil: SpoilModel, target: Path) -> None:
    """Write a spoiled copy of a model."""
    model = opensim.Model(str(file))
    model.finalizeFromProperties()
    spoil(model)
    model.finalizeConnections()
    model.printToXML(str(target))


def _strength(name: str, factor: float) -> SpoilModel:
    def spoil(model: object) -> None:
        muscles = model.getMuscles()  # type: ignore[attr-defined]
        for i in range(muscles.getSize()):
            muscle = muscles.get(i)
            if muscle.getName().startswith(name):
                muscle.setMaxIsometricForce(max(factor * muscle.getMaxIsometricForce(), 1e-3))

    return spoil


def _remove(name: str) -> SpoilModel:
    def spoil(model: object) -> None:
        forces = model.updForceSet()  # type: ignore[attr-defined]
        for i in reversed(range(forces.getSize())):
            if forces.get(i).getName().startswith(name):
                forces.remove(i)

    return spoil


def _knee(lateral_m: float, letters: str) -> SpoilModel:
    def spoil(model: object) -> None:
        joints = model.updJointSet()  # type: ignore[attr-defined]
        for letter in letters:
            for i in range(joints.getSize()):
                joint = joints.get(i)
                if joint.getName() in (f"walker_knee_{letter}", f"knee_{letter}"):
                    frame = opensim.PhysicalOffsetFrame.safeDownCast(joint.get_frames(0))
                    place = frame.get_translation()
                    shift = lateral_m if letter == "r" else -lateral_m
                    frame.set_translation(opensim.Vec3(place.get(0), place.get(1), place.get(2) + shift))

    return spoil


def _lock(model: object) -> None:
    for letter in "rl":
        model.updCoordinateSet().get(f"knee_angle_{letter}").set_locked(True)  # type: ignore[attr-defined]


def _inertia(factor: float) -> SpoilModel:
    def spoil(model: object) -> None:
        for letter in "rl":
            body = model.updBodySet().get(f"tibia_{letter}")  # type: ignore[attr-defined]
            m = body.getInertia().getMoments()
            body.setInertia(opensim.Inertia(m.get(0) * factor, m.get(1) * factor, m.get(2) * factor))

    return spoil


def _mass(name: str, factor: float) -> SpoilModel:
    def spoil(model: object) -> None:
        bodies = model.updBodySet()  # type: ignore[attr-defined]
        for i in range(bodies.getSize()):
            if bodies.get(i).getName().startswith(name):
                bodies.get(i).setMass(factor * bodies.get(i).getMass())

    return spoil


def _femur(factor: float, letters: str) -> SpoilModel:
    def spoil(model: object) -> None:
        joints = model.updJointSet()  # type: ignore[attr-defined]
        for i in range(joints.getSize()):
            joint = joints.get(i)
            if joint.getName() in [f"walker_knee_{letter}" for letter in letters]:
                frame = opensim.PhysicalOffsetFrame.safeDownCast(joint.get_frames(0))
                place = frame.get_translation()
                frame.set_translation(opensim.Vec3(place.get(0), factor * place.get(1), place.get(2)))

    return spoil
