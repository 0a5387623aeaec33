"""OpenSim's own tools, run on a sampled motion, as the peer the mechanics are compared with."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import opensim

from workbench.core.types import Array
from workbench.core.vocabulary import LEG_COORDINATES, PELVIS_COORDINATES, SIDE_SUFFIX, Side
from workbench.simulation.model import GaitModel
from workbench.simulation.sampled_motion import SampledMotion


@dataclass(frozen=True)
class ToolFiles:
    """What the tools read."""

    model: Path
    coordinates: Path
    external_loads: Path
    start_s: float
    end_s: float


def write_files(folder: Path, model_file: Path, model: GaitModel, motion: SampledMotion) -> ToolFiles:
    """Write motion, ground reactions and external loads as OpenSim reads them (radians, state-free)."""
    columns = {name: motion.q[:, model.coordinate_index[name]] for name in model.coordinates}
    coordinates = _storage(folder / "coordinates.sto", motion.time_s, columns)
    forces: dict[str, Array] = {}
    loads = opensim.ExternalLoads()
    for side, wrench in motion.ground_reactions.items():
        for label, values in (("v", wrench.force_N), ("p", wrench.point_m), ("m", wrench.torque_Nm)):
            forces |= {f"{side}_{label}{axis}": values[:, k] for k, axis in enumerate("xyz")}
        force = opensim.ExternalForce()
        force.setName(side)
        force.set_applied_to_body(f"calcn_{SIDE_SUFFIX[side]}")
        force.set_force_expressed_in_body("ground")
        force.set_point_expressed_in_body("ground")
        force.set_force_identifier(f"{side}_v")
        force.set_point_identifier(f"{side}_p")
        force.set_torque_identifier(f"{side}_m")
        loads.cloneAndAppend(force)
    data = _storage(folder / "forces.sto", motion.time_s, forces)
    loads.setDataFileName(str(data))
    external = folder / "external_loads.xml"
    loads.printToXML(str(external))
    return ToolFiles(model_file, coordinates, external, float(motion.time_s[0]), float(motion.time_s[-1]))


def inverse_dynamics(folder: Path, files: ToolFiles) -> dict[str, Array]:
    """Columns of the InverseDynamicsTool, with ``time``."""
    tool = opensim.InverseDynamicsTool()
    tool.setModelFileName(str(files.model))
    tool.setCoordinatesFileName(str(files.coordinates))
    tool.setExternalLoadsFileName(str(files.external_loads))
    tool.setLowpassCutoffFrequency(-1.0)
    tool.setStartTime(files.start_s)
    tool.setEndTime(files.end_s)
    excluded = opensim.ArrayStr()
    excluded.append("Muscles")
    tool.setExcludedForces(excluded)
    tool.setResultsDir(str(folder))
    tool.setOutputGenForceFileName("id.sto")
    assert tool.run()
    return read_storage(folder / "id.sto")


def analyze(
    folder: Path, files: ToolFiles, side: Side, start_s: float, end_s: float, *, joint: str
) -> tuple[dict[str, Array], dict[str, Array]]:
    """Activations of StaticOptimization, and JointReaction of the knee on the tibia in the joint's child frame."""
    model = opensim.Model(str(files.model))
    _add_actuators(model, side)
    prepared = folder / "with_actuators.osim"
    model.printToXML(str(prepared))
    for name in ("optimization", "reaction"):
        tool = opensim.AnalyzeTool()
        tool.setName("agreement")
        tool.setModelFilename(str(prepared))
        tool.setCoordinatesFileName(str(files.coordinates))
        tool.setExternalLoadsFileName(str(files.external_loads))
        tool.setLowpassCutoffFrequency(-1.0)
        tool.setInitialTime(start_s)
        tool.setFinalTime(end_s)
        tool.setSolveForEquilibrium(False)
        tool.setReplaceForceSet(False)
        tool.setResultsDir(str(folder))
        if name == "optimization":
            optimization = opensim.StaticOptimization()
            optimization.setUseModelForceSet(True)
            optimization.setUseMusclePhysiology(True)
            optimization.setActivationExponent(2.0)
            optimization.setConvergenceCriterion(1e-6)
            optimization.setMaxIterations(500)
            optimization.setStartTime(start_s)
            optimization.setEndTime(end_s)
            tool.updAnalysisSet().cloneAndAppend(optimization)
        else:
            reaction = opensim.JointReaction()
            reaction.setName("JointReaction")
            reaction.setForcesFileName(str(folder / "agreement_StaticOptimization_force.sto"))
            joints, bodies = opensim.ArrayStr(), opensim.ArrayStr()
            joints.append(joint)
            bodies.append("child")
            reaction.setJointNames(joints)
            reaction.setOnBody(bodies)
            reaction.setInFrame(bodies)
            reaction.setStartTime(start_s)
            reaction.setEndTime(end_s)
            tool.updAnalysisSet().cloneAndAppend(reaction)
        setup = folder / f"{name}.xml"
        tool.printToXML(str(setup))
        assert opensim.AnalyzeTool(str(setup)).run()
    activations = read_storage(folder / "agreement_StaticOptimization_activation.sto")
    return activations, read_storage(folder / "agreement_JointReaction_ReactionLoads.sto")


def read_storage(path: Path) -> dict[str, Array]:
    """Columns of a storage file by name."""
    table = opensim.TimeSeriesTable(str(path))
    columns = {name: table.getDependentColumn(name).to_numpy() for name in table.getColumnLabels()}
    return columns | {"time": np.array(table.getIndependentColumn())}


def _storage(path: Path, time_s: Array, columns: dict[str, Array]) -> Path:
    head = ["data", "version=1", f"nRows={len(time_s)}", f"nColumns={len(columns) + 1}", "inDegrees=no", "endheader"]
    rows = np.column_stack([time_s, *columns.values()])
    lines = ["\t".join(["time", *columns])] + ["\t".join(f"{value:.12g}" for value in row) for row in rows]
    path.write_text("\n".join(head + lines) + "\n", encoding="utf-8")
    return path


def _add_actuators(model: opensim.Model, side: Side) -> None:
    """Reserves of 1 N m on the analysed leg, residuals of 100 at the pelvis, strong motors elsewhere."""
    own = {f"{name}_{SIDE_SUFFIX[side]}" for name in LEG_COORDINATES}
    model.initSystem()
    existing = {
        opensim.CoordinateActuator.safeDownCast(force).get_coordinate()
        for force in model.getForceSet()
        if opensim.CoordinateActuator.safeDownCast(force) is not None
    }
    for coordinate in model.getCoordinateSet():
        name = coordinate.getName()
        if coordinate.get_locked() or name.endswith("_beta") or name in existing:
            continue
        actuator = opensim.CoordinateActuator(name)
        actuator.setName(f"reserve_{name}")
        optimal = 1.0 if name in own else 100.0 if name in PELVIS_COORDINATES else 1000.0
        actuator.setOptimalForce(optimal)
        actuator.setMinControl(-np.inf)
        actuator.setMaxControl(np.inf)
        model.addForce(actuator)
    model.finalizeConnections()
