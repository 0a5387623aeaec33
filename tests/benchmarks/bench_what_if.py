"""A direct what-if beside OpenSim's own tools on the same frames in the same run.

    python -m tests.benchmarks.bench_what_if [TRIAL]

The what-if is one leg, 101 frames, from the loaded model alone: the modified motion, its mechanics, the muscle forces
and the knee loads. The tools are StaticOptimization and JointReaction under AnalyzeTool on the same modified motion and
forces, already filtered and resampled. Of the tools only `run` is timed: loading the model and reading their set-up is
not counted. The what-if is asked before and after the tools, so that a busy machine slows both. Times are those of the
processor (all of it runs in one thread), which other programs disturb least; on an idle machine a clock on the wall
shows the same, and it stands beside. Ends with status 1 where the ratio is below 90 or the what-if takes more than
0.15 s.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
import opensim

from tests import opensim_tools
from workbench.core.events import most_typical
from workbench.core.loads import knee_loads
from workbench.core.settings import GaitModification, LoadSettings
from workbench.core.types import Array, Stride
from workbench.simulation.walk import Walk
from workbench.trials import open_trial

LEAST_RATIO = 90.0
LONGEST_S = 0.15
CHANGES = [
    GaitModification(foot_progression_change_deg=turn, step_width_change_m=width)
    for turn, width in ((-10.0, 0.0), (-7.0, 0.03), (10.0, 0.0), (4.0, -0.05))
]


def now_s() -> Array:
    """Seconds of the processor and on the wall, (2,)."""
    return np.array([time.process_time(), time.perf_counter()])


def what_if_s(walk: Walk, stride: Stride) -> list[Array]:
    """Seconds of changes of gait that were not asked before; of the walk only the model is warm."""
    settings, times = LoadSettings(weights="equal", compartments_may_lift_off=True), []
    for change in CHANGES:
        walk._recorded.clear()  # nothing prepared beforehand
        start = now_s()
        knee_loads(walk.solve(stride, change).mechanics, stride, walk.trial.subject, settings)
        times.append(now_s() - start)
    return times


def tools_s(walk: Walk, stride: Stride, folder: Path) -> tuple[Array, Array]:
    """Seconds StaticOptimization and JointReaction run over the 101 frames of the first change."""
    motion = walk.motion(stride, CHANGES[0])
    model_file = folder / "model.osim"
    walk.model.model.printToXML(str(model_file))
    files = opensim_tools.write_files(folder, model_file, walk.model, motion)
    joint = next(
        str(one.getName())
        for one in walk.model.model.getJointSet()
        if one.getChildFrame().findBaseFrame().getName() == f"tibia_{stride.side[0]}"
    )
    times: list[Array] = []
    run = opensim.AnalyzeTool.run

    def timed_run(tool: Any, *arguments: Any) -> Any:
        start = now_s()
        done = run(tool, *arguments)
        times.append(now_s() - start)
        return done

    opensim.AnalyzeTool.run = timed_run
    try:
        activation, _ = opensim_tools.analyze(
            folder, files, stride.side, motion.time_s[0], motion.time_s[-1], joint=joint
        )
    finally:
        opensim.AnalyzeTool.run = run
    frames = len(np.unique(activation["time"]))
    assert frames >= 100, f"the tools did {frames} frames"
    return times[0], times[1]


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description="A direct what-if beside OpenSim's own tools.")
    parser.add_argument("trial", nargs="?", default="reference")
    trial = open_trial(parser.parse_args().trial)
    walk = Walk(trial)
    stride = most_typical(walk.strides(walk.default_side), trial)
    print(f"{trial.name}, {stride.side} stride {stride.number}, 101 frames; {os.cpu_count()} processors")
    before = what_if_s(walk, stride)
    with tempfile.TemporaryDirectory() as folder:
        optimization_s, reaction_s = tools_s(walk, stride, Path(folder))
    mine_s = np.median(before + what_if_s(walk, stride), axis=0)
    ratio = (optimization_s + reaction_s)[0] / mine_s[0]
    rows = (
        ("direct what-if", mine_s, f"below {LONGEST_S:g} s wanted"),
        ("StaticOptimization", optimization_s, ""),
        ("JointReaction", reaction_s, ""),
        ("both tools", optimization_s + reaction_s, f"{ratio:.1f} times the what-if; {LEAST_RATIO:g} times wanted"),
    )
    for label, seconds, remark in rows:
        print(f"{label:22}{seconds[0]:>9.3f} s {seconds[1]:>9.3f} s on the wall   {remark}")
    return 0 if ratio >= LEAST_RATIO and mine_s[0] < LONGEST_S else 1


if __name__ == "__main__":
    raise SystemExit(main())
