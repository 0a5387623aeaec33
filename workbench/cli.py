"""The command ``workbench``."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from workbench import __version__
from workbench.api import terminal_progress
from workbench.core.errors import SettingError, WorkbenchError
from workbench.core.muscles import WEIGHT_PRESETS
from workbench.core.types import MOMENT_FRAMES, GaitModification, LoadSettings, Processing
from workbench.core.vocabulary import SIDES

if TYPE_CHECKING:
    from workbench.core.results import Simulation
    from workbench.core.types import SolvedLeg, Stride
    from workbench.simulation.walk import Walk


class _Parser(argparse.ArgumentParser):
    """A parser whose complaints are one line, like every other message."""

    def error(self, message: str) -> NoReturn:
        raise SettingError(f"{message}.", remedy=f"See {self.prog} --help.")


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
    except BrokenPipeError:
        # The reader (head, less) has gone; nothing more can be said on this pipe.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except KeyboardInterrupt:
        print("workbench: stopped.", file=sys.stderr)
        return 130


def build_parser() -> argparse.ArgumentParser:
    """All commands and their options."""
    # Imported here: these commands use the helpers below.
    from workbench.cli_target import add_map_parser, add_target_parser

    parser = _Parser(
        prog="workbench",
        description="Knee loads of a recorded walk, and of the same walk with another foot angle or step width.",
    )
    parser.add_argument("--version", action="version", version=f"workbench {__version__}")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    common = common_options()

    simulate = commands.add_parser("simulate", parents=[common], help="loads as recorded and with a change of gait")
    _add_trial(simulate)
    add_change_options(simulate)
    _add_strides(simulate)
    _add_output(simulate, csv=True)
    simulate.set_defaults(run=run_simulate)

    validate = commands.add_parser("validate", parents=[common], help="compare with the loads an implant measured")
    validate.add_argument("trial", metavar="TRIAL", help="path of a trial.toml with measured loads")
    validate.add_argument("--calibrate", action="store_true", help="find the contact offset that fits this trial best")
    _add_strides(validate)
    _add_output(validate, csv=False)
    validate.set_defaults(run=run_validate)

    add_target_parser(commands, common)
    add_map_parser(commands, common)

    serve = commands.add_parser("serve", help="open the workbench in a browser")
    serve.add_argument("trials", metavar="TRIAL", nargs="*", default=["reference"])
    serve.add_argument("--port", type=int, default=5006, help="0 takes any free one (default: %(default)s)")
    serve.add_argument("--no-show", action="store_true", help="print the address, open no browser")
    serve.set_defaults(run=run_serve)
    return parser


def common_options() -> _Parser:
    """Settings that every computing command shares; for the ``parents`` of a sub-command."""
    common = _Parser(add_help=False)
    loads, gait, signals = LoadSettings(), GaitModification(), Processing()
    group = common.add_argument_group("settings")
    group.add_argument("--side", choices=SIDES, help="leg to analyse (default: the instrumented one, else the right)")
    group.add_argument(
        "--change-sides", choices=("one", "both"), default=gait.sides, help="which feet change (default: %(default)s)"
    )
    group.add_argument(
        "--pivot",
        type=float,
        default=gait.pivot,
        metavar="0..1",
        help="turning point on the foot (default: %(default)s)",
    )
    aim = group.add_mutually_exclusive_group()
    aim.add_argument(
        "--virtual-point",
        type=float,
        default=gait.virtual_point_statures,
        metavar="STATURES",
        help="height at which the ground force keeps aiming when the steps widen (default: %(default)s)",
    )
    aim.add_argument("--keep-force-direction", action="store_true", help="keep the recorded direction instead")
    group.add_argument(
        "--contact-spacing", type=float, default=1000 * loads.contact_spacing_m, metavar="MM",
        help="distance of the contact points (default: %(default)s)",
    )  # fmt: skip
    group.add_argument(
        "--contact-offset", type=float, default=1000 * loads.contact_offset_m, metavar="MM",
        help="lateral shift of the contact points (default: %(default)s)",
    )  # fmt: skip
    group.add_argument(
        "--alignment", type=float, default=loads.frontal_alignment_deg, metavar="DEG",
        help="varus the model does not have (default: %(default)s)",
    )  # fmt: skip
    group.add_argument(
        "--weights", choices=tuple(WEIGHT_PRESETS), default=loads.weights, help="muscle weights (default: %(default)s)"
    )
    group.add_argument("--passive-muscle-force", action="store_true", help="count the passive force of the fibres")
    group.add_argument(
        "--moment-frame", choices=MOMENT_FRAMES, default=loads.moment_frame, help="axes of KAM and KFM (default: tibia)"
    )
    group.add_argument(
        "--coordinate-cutoff", type=float, default=signals.coordinate_cutoff_hz, metavar="HZ",
        help="low-pass of the joint angles (default: %(default)s)",
    )  # fmt: skip
    group.add_argument(
        "--force-cutoff", type=float, default=signals.force_cutoff_hz, metavar="HZ",
        help="low-pass of the ground forces (default: %(default)s)",
    )  # fmt: skip
    group.add_argument(
        "--contact-threshold", type=float, default=signals.contact_threshold_N, metavar="N",
        help="vertical force at which a foot is on the ground (default: %(default)s)",
    )  # fmt: skip
    return common


def add_change_options(parser: argparse.ArgumentParser) -> None:
    """``--toe-in``, ``--toe-out``, ``--wider``, ``--narrower``."""
    turn = parser.add_mutually_exclusive_group()
    turn.add_argument("--toe-in", type=float, metavar="DEG", help="turn the feet in, 0 to 20 degrees")
    turn.add_argument("--toe-out", type=float, metavar="DEG", help="turn the feet out, 0 to 20 degrees")
    width = parser.add_mutually_exclusive_group()
    width.add_argument("--wider", type=float, metavar="CM", help="widen the steps, 0 to 15 cm")
    width.add_argument("--narrower", type=float, metavar="CM", help="narrow the steps, 0 to 15 cm")


def modification_from(options: argparse.Namespace) -> GaitModification:
    """The change of gait that the options ask for."""
    turn_deg = _signed(options, positive="toe_out", negative="toe_in")
    width_cm = _signed(options, positive="wider", negative="narrower")
    return GaitModification(
        foot_progression_change_deg=turn_deg,
        step_width_change_m=width_cm / 100.0,
        **assumptions_from(options),
    )


def assumptions_from(options: argparse.Namespace) -> dict[str, Any]:
    """The assumptions of a change of gait that the options ask for, as `GaitModification` takes them."""
    return {
        "sides": options.change_sides,
        "pivot": options.pivot,
        "virtual_point_statures": None if options.keep_force_direction else options.virtual_point,
    }


def load_settings_from(options: argparse.Namespace) -> LoadSettings:
    """The load settings that the options ask for."""
    return LoadSettings(
        weights=options.weights,
        contact_spacing_m=options.contact_spacing / 1000.0,
        contact_offset_m=options.contact_offset / 1000.0,
        frontal_alignment_deg=options.alignment,
        passive_muscle_force=options.passive_muscle_force,
        moment_frame=options.moment_frame,
    )


def processing_from(options: argparse.Namespace) -> Processing:
    """Filters and contact threshold that the options ask for."""
    return Processing(
        coordinate_cutoff_hz=options.coordinate_cutoff,
        force_cutoff_hz=options.force_cutoff,
        contact_threshold_N=options.contact_threshold,
    )


def open_walk(options: argparse.Namespace, trial: str) -> Walk:
    """Open a trial with its model; OpenSim is loaded here and not before."""
    from workbench.simulation.walk import Walk
    from workbench.trials import open_trial

    return Walk(open_trial(trial), processing_from(options))


def run_simulate(options: argparse.Namespace) -> int:
    """``workbench simulate``."""
    from workbench import report

    if options.json == options.csv == "-":
        raise SettingError("--json and --csv cannot both go to standard output.", remedy="Write one to a file.")
    modification, settings = modification_from(options), load_settings_from(options)
    simulation = _simulate(options, open_walk(options, options.trial), modification, settings)
    if options.csv:
        write(options.csv, report.curves_csv(simulation))
    if options.json:
        write_json(options.json, report.simulation_document(simulation))
    else:
        print(report.simulation_text(simulation))
    return 0


def run_validate(options: argparse.Namespace) -> int:
    """``workbench validate``."""
    from workbench import report
    from workbench.core import implant

    walk = open_walk(options, options.trial)
    measured = walk.trial.measured_loads
    if measured is None:
        raise SettingError(
            "this trial has no measured loads to compare with.",
            where=walk.trial.name,
            remedy="Name the file under [measured_loads] in trial.toml.",
        )
    if options.side not in (None, measured.side):
        raise SettingError(
            f"the implant is in the {measured.side} knee.", where=walk.trial.name, remedy=f"Use --side {measured.side}."
        )
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
        write_json(options.json, report.validation_document(simulation, comparison, calibration))
    else:
        print(report.validation_text(simulation, comparison, calibration))
    return 0


def run_serve(options: argparse.Namespace) -> int:
    """``workbench serve``."""
    from workbench.dashboard.server import serve

    serve(options.trials, port=options.port, show=not options.no_show)
    return 0


def write_json(target: str, document: dict[str, Any]) -> None:
    """Write a document to a file, or to standard output for ``-``."""
    write(target, json.dumps(document, indent=1, ensure_ascii=False, allow_nan=False) + "\n")


def write(target: str, text: str) -> None:
    """Write text to a file, or to standard output for ``-``.

    Raises
    ------
    SettingError
        If the file cannot be written.
    """
    if target == "-":
        sys.stdout.write(text)
        return
    try:
        Path(target).write_text(text, encoding="utf-8")
    except OSError as error:
        raise SettingError(f"cannot be written: {error.strerror}.", where=target) from None


def _add_trial(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "trial",
        metavar="TRIAL",
        nargs="?",
        default="reference",
        help="path of a trial.toml (default: the built-in walk)",
    )


def _add_strides(parser: argparse.ArgumentParser) -> None:
    which = parser.add_mutually_exclusive_group()
    which.add_argument("--stride", type=int, metavar="N", help="number of the stride (default: the most typical)")
    which.add_argument("--mean", action="store_true", help="mean over all complete strides, with their spread")


def _add_output(parser: argparse.ArgumentParser, *, csv: bool) -> None:
    parser.add_argument("--json", metavar="FILE", help="write JSON to a file, or - for standard output")
    if csv:
        parser.add_argument("--csv", metavar="FILE", help="write the curves as CSV to a file, or -")


def _signed(options: argparse.Namespace, *, positive: str, negative: str) -> float:
    for name, sign in ((positive, 1.0), (negative, -1.0)):
        value: float | None = getattr(options, name)
        if value is None:
            continue
        if not value >= 0:
            raise SettingError(
                f"--{name.replace('_', '-')} is {value:g}; it takes a number from 0 up.",
                remedy="Use the opposite option for the other way.",
            )
        return sign * value
    return 0.0


def _simulate(
    options: argparse.Namespace, walk: Walk, modification: GaitModification, settings: LoadSettings
) -> Simulation:
    from workbench.simulation.simulate import simulate

    if not options.mean:
        return simulate(walk, modification, settings, side=options.side, stride=options.stride)
    from workbench.simulation.pool import SolverPool, solve_all

    progress = terminal_progress()
    with SolverPool(workers=os.cpu_count() or 1) as pool:

        def solve(jobs: Sequence[tuple[Stride, GaitModification]]) -> Sequence[SolvedLeg]:
            return solve_all(pool, [(walk.trial, walk.processing, *job) for job in jobs], progress)

        return simulate(walk, modification, settings, side=options.side, mean=True, solve_all=solve)
