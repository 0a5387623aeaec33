"""How long an answer takes, beside OpenSim's own tools on the same stride in the same run.

    python -m tests.benchmarks.bench_answer [TRIAL] [--side left|right] [--stride N]

The tools are StaticOptimization and JointReaction under AnalyzeTool, on motion already filtered and resampled; their
set-up (loading the model, reading files) is taken off by the same run over two instants.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

from tests import opensim_tools
from workbench.core.changes import Changes
from workbench.core.events import most_typical
from workbench.core.load_map import outcome_map
from workbench.core.loads import knee_loads
from workbench.core.response import SurfaceUpdate, interpolation_error
from workbench.core.settings import GaitModification, LoadSettings
from workbench.core.vocabulary import SIDE_SUFFIX
from workbench.simulation.walk import Walk
from workbench.trials import open_trial
from workbench.workers.pool import SolverPool
from workbench.workers.surfaces import prepare_surface


def timed(action: Callable[[], object]) -> float:
    """Seconds an action takes."""
    start = time.perf_counter()
    action()
    return time.perf_counter() - start


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("trial", nargs="?", default="reference")
    parser.add_argument("--side", choices=("left", "right"))
    parser.add_argument("--stride", type=int)
    options = parser.parse_args()

    trial, settings = open_trial(options.trial), LoadSettings()
    walk = Walk(trial)
    side = options.side or walk.default_side
    strides = walk.strides(side)
    stride = strides[options.stride - 1] if options.stride else most_typical(strides, trial)
    print(f"{trial.name}, {side} stride {stride.number}, 101 instants; {os.cpu_count()} processors")

    # Direct what-if: the model is loaded, nothing else is prepared.
    modifications = [
        GaitModification(foot_progression_change_deg=angle, step_width_change_m=0.01)
        for angle in (-8.0, -3.0, 2.0, 7.0, 11.0)
    ]
    direct = median(
        timed(lambda change=change: knee_loads(walk.solve(stride, change).mechanics, stride, trial.subject, settings))
        for change in modifications
    )

    with SolverPool(workers=2) as pool:
        pool.submit(trial, walk.processing, stride, GaitModification()).result()
        pool.submit(trial, walk.processing, stride, GaitModification()).result()
        start = time.perf_counter()
        reached: dict[int, float] = {}

        def on_update(update: SurfaceUpdate) -> None:
            if update.surface is not None:
                reached.setdefault(len(update.surface.differences), time.perf_counter() - start)

        surface = prepare_surface(pool, trial, walk.processing, stride, GaitModification(), on_update=on_update)
        measured = time.perf_counter() - start

    points = [
        Changes(foot_progression_change_deg=-12.0 + 0.5 * k, step_width_change_m=0.05 - 0.002 * k) for k in range(50)
    ]
    answers = [timed(lambda point=point: surface.loads_at(point, settings)) for point in points]
    interpolations = [timed(lambda point=point: surface.mechanics_at(point)) for point in points]
    whole_map = timed(lambda: outcome_map(surface, settings))

    with tempfile.TemporaryDirectory() as folder:
        tools = _tools_seconds(walk, stride, Path(folder))

    error = interpolation_error(surface, settings)
    assert error is not None
    answer = median(answers)
    rows = [
        ("one answer from the surface", answer, f"at most 10 ms; the slowest of 50 {1000 * max(answers):.1f} ms"),
        ("  of it interpolation", median(interpolations), ""),
        ("first, coarse surface (5 solutions)", reached[4], "2 workers"),
        ("16 nodes and the recorded walk", reached[16], "at most 2.5 s, 2 workers"),
        ("surface with its error measured", measured, "25 solutions"),
        ("map, 31 x 21, all outcomes", whole_map, "at most 8 s"),
        ("direct what-if", direct, f"at most 0.15 s; {tools / direct:.0f} x faster than the tools (90 x wanted)"),
        ("StaticOptimization and JointReaction", tools, f"{tools / answer:.0f} x one answer (1,000 x wanted)"),
    ]
    for label, seconds, note in rows:
        print(f"{label:38}{1000 * seconds:>10.1f} ms   {note}")
    print(
        f"largest interpolation error at {len(error.points)} points: {error.contact_force_bw:.4f} BW,"
        f" KAM {error.kam_pct_bw_ht:.5f} % BW ht"
    )


def _tools_seconds(walk: Walk, stride, folder: Path) -> float:
    """Time of OpenSim's tools over the stride, without their set-up."""
    recorded, inner = walk._sampled(stride)
    model_file = folder / "model.osim"
    walk.model.model.printToXML(str(model_file))
    files = opensim_tools.write_files(folder, model_file, walk.model, recorded)
    start_s, step_s = float(recorded.time_s[inner][0]), float(recorded.time_s[1] - recorded.time_s[0])
    joints = [joint.getName() for joint in walk.model.model.getJointSet()]
    suffix = SIDE_SUFFIX[stride.side]
    knee = next(name for name in (f"walker_knee_{suffix}", f"knee_{suffix}") if name in joints)

    def run(end_s: float) -> float:
        return timed(
            lambda: opensim_tools.analyze(folder, files, stride.side, start_s - 1e-6, end_s + 1e-6, joint=knee)
        )

    return run(stride.end_s) - run(start_s + step_s)


if __name__ == "__main__":
    main()
