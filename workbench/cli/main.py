"""The command ``workbench``."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

from workbench import __version__
from workbench.api.progress import terminal_progress
from workbench.cli.compare_command import add_compare_parser
from workbench.cli.emg_command import add_emg_parser
from workbench.cli.options import (
    Parser,
    add_change_options,
    add_personal_option,
    assumptions_from,
    common_options,
    load_settings_from,
    modification_from,
    open_walk,
    write,
    write_json,
)
from workbench.cli.own_law_command import add_own_law_parser
from workbench.cli.recording_commands import add_recording_parsers
from workbench.cli.recording_options import TRIAL_HELP, add_trial, recording_options, terminal_tell, wishes_from
from workbench.cli.target_command import add_map_parser, add_target_parser
from workbench.core.changes import KINDS
from workbench.core.errors import SettingError, WorkbenchError
from workbench.core.settings import GaitModification, LoadSettings

if TYPE_CHECKING:
    from workbench.core.results import Simulation
    from workbench.core.types import SolvedLeg, Stride
    from workbench.simulation.walk import Walk


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; 0 for an answer, 2 for bad use or bad input with one message on standard error."""
    try:
        options = build_parser().parse_args(arguments)
        status: int = options.run(options)
        sys.stdout.flush()
        return status
    except WorkbenchError as error:
        print(f"workbench: {error}", file=sys.stderr)
        return 2
    except ModuleNotFoundError as error:
        missing = (error.name or "").split(".")[0]
        if missing in ("", "workbench"):
            raise
        print(
            f"workbench: this needs {missing}, not installed in this Python. Run: python -m pip install {missing}",
            file=sys.stderr,
        )
        return 2
    except BrokenPipeError:
        # The reader (head, less) has gone; nothing more can be said on this pipe.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except KeyboardInterrupt:
        print("workbench: stopped.", file=sys.stderr)
        return 130


def build_parser() -> argparse.ArgumentParser:
    """All commands and their options."""
    parser = Parser(
        prog="workbench",
        description="Knee loads of a recorded walk, and of the same walk with another "
        f"{' or '.join(one.short for one in KINDS.values())}.",
    )
    parser.add_argument("--version", action="version", version=f"workbench {__version__}")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    common, recording = common_options(), recording_options()

    simulate = commands.add_parser(
        "simulate", parents=[common, recording], help="loads of the natural and the modified gait"
    )
    add_trial(simulate)
    add_change_options(simulate)
    _add_strides(simulate)
    add_personal_option(simulate)
    _add_output(simulate, csv=True)
    simulate.set_defaults(run=run_simulate)

    validate = commands.add_parser(
        "validate", parents=[common, recording], help="compare with the loads measured by an implant"
    )
    validate.add_argument("trial", metavar="TRIAL", help=f"trial with measured loads: {TRIAL_HELP}")
    validate.add_argument("--calibrate", action="store_true", help="find the contact offset that fits this trial best")
    _add_strides(validate)
    _add_output(validate, csv=False)
    validate.set_defaults(run=run_validate)

    add_target_parser(commands, common)
    add_map_parser(commands, common)
    add_compare_parser(commands, common)
    add_own_law_parser(commands, common)
    add_emg_parser(commands, common)
    add_recording_parsers(commands)

    serve = commands.add_parser("serve", parents=[recording], help="open the workbench in a browser")
    serve.add_argument("trials", metavar="TRIAL", nargs="*", default=["reference"])
    serve.add_argument("--port", type=int, default=5006, help="0 for any free one (default: %(default)s)")
    serve.add_argument("--no-show", action="store_true", help="print the address without opening a browser")
    serve.set_defaults(run=run_serve)
    return parser


def run_simulate(options: argparse.Namespace) -> int:
    """``workbench simulate``."""
    from workbench.report import simulation_report

    if options.json == options.csv == "-":
        raise SettingError("--json and --csv cannot both go to standard output.", remedy="Write one of them to a file.")
    modification, settings = modification_from(options), load_settings_from(options)
    simulation = _simulate(options, open_walk(options, options.trial), modification, settings)
    if options.csv:
        write(options.csv, simulation_report.curves_csv(simulation))
    if options.json:
        write_json(options.json, simulation_report.simulation_document(simulation))
    else:
        print(simulation_report.simulation_text(simulation))
    return 0


def run_validate(options: argparse.Namespace) -> int:
    """``workbench validate``."""
    from workbench.core import implant
    from workbench.report import simulation_report

    walk = open_walk(options, options.trial)
    measured = walk.trial.measured_loads
    if measured is None:
        raise SettingError(
            "this trial has no measured loads.",
            where=walk.trial.name,
            remedy="Give their file under [measured_loads] in trial.toml.",
        )
    if options.side not in (None, measured.side):
        raise SettingError(
            f"the implant is in the {measured.side} knee.", where=walk.trial.name, remedy=f"Use --side {measured.side}."
        )
    options.side = measured.side
    settings = load_settings_from(options)
    simulation = _simulate(options, walk, GaitModification(), settings)
    comparison = implant.compare_simulation(simulation, measured)
    calibration = None
    if options.calibrate:
        settings = implant.calibrated(simulation, measured)
        simulation = _simulate(options, walk, GaitModification(), settings)
        comparison = implant.compare_simulation(simulation, measured)
        calibration = {
            "contact_spacing_mm": 1000.0 * settings.contact_spacing_m,
            "contact_offset_mm": 1000.0 * settings.contact_offset_m,
        }
    if options.json:
        write_json(options.json, simulation_report.validation_document(simulation, comparison, calibration))
    else:
        print(simulation_report.validation_text(simulation, comparison, calibration))
    return 0


def run_serve(options: argparse.Namespace) -> int:
    """``workbench serve``."""
    from workbench.dashboard.server import serve
    from workbench.intake.kept import imported

    wishes = wishes_from(options)
    trials = [str(imported(trial, wishes, terminal_tell)) for trial in options.trials]
    serve(trials, port=options.port, show=not options.no_show)
    return 0


def _add_strides(parser: argparse.ArgumentParser) -> None:
    which = parser.add_mutually_exclusive_group()
    which.add_argument("--stride", type=int, metavar="N", help="stride number (default: the most typical)")
    which.add_argument("--mean", action="store_true", help="mean over all complete strides, with spread")


def _add_output(parser: argparse.ArgumentParser, *, csv: bool) -> None:
    parser.add_argument("--json", metavar="FILE", help="write JSON to a file, or - for standard output")
    if csv:
        parser.add_argument("--csv", metavar="FILE", help="write the curves as CSV to a file, or -")


def _simulate(
    options: argparse.Namespace, walk: Walk, modification: GaitModification, settings: LoadSettings
) -> Simulation:
    from workbench.simulation.simulate import simulate

    personal = getattr(options, "personal", False)
    if not options.mean and not personal:
        return simulate(walk, modification, settings, side=options.side, stride=options.stride)
    from workbench.advice.law_of_strides import personalised
    from workbench.workers.law_measurement import measure_own_law
    from workbench.workers.pool import SolverPool, solve_all

    progress = terminal_progress()
    with SolverPool(workers=os.cpu_count() or 1) as pool:

        def solve(jobs: Sequence[tuple[Stride, GaitModification]]) -> Sequence[SolvedLeg]:
            return solve_all(pool, [(walk.trial, walk.processing, *job) for job in jobs], progress)

        law = None
        if personal:
            side = options.side or walk.default_side
            law = measure_own_law(pool, walk.trial, walk.processing, settings, side, progress)
            _, modification = personalised(walk.trial, modification, law, assumptions_from(options))
        return simulate(
            walk, modification, settings, side=options.side, stride=options.stride, mean=options.mean, own_law=law,
            solve_all=solve,
        )  # fmt: skip
