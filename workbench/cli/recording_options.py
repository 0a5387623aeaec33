"""Options for what a recording does not contain, for every command that opens one."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from workbench.cli.options import Parser
from workbench.core.vocabulary import SIDES

if TYPE_CHECKING:
    from workbench.recordings.sources import Wishes

TRIAL_HELP = (
    "a trial.toml or its folder, a C3D or TRC file, a motion (.mot, .sto), or an OpenCap or AddBiomechanics export"
    " folder"
)


def recording_options(*, several: bool = False) -> Parser:
    """Options for the ``parents`` of a sub-command.

    Parameters
    ----------
    several : bool
        Whether the command takes several recordings.
    """
    parser = Parser(add_help=False)
    group = parser.add_argument_group("recording", "not needed for a trial.toml")
    group.add_argument("--mass", type=float, metavar="KG", help="mass of the person, if no file gives it")
    group.add_argument("--height", type=float, metavar="M", help="height of the person, if no file gives it")
    group.add_argument("--static", type=Path, metavar="FILE", help="static trial (default: one found next to the walk)")
    group.add_argument("--markers", type=Path, metavar="MAP.toml", help="marker map (default: found from the labels)")
    group.add_argument("--model", type=Path, metavar="FILE", help="OpenSim model (default: the project's own, scaled)")
    group.add_argument("--forces", type=Path, metavar="FILE", help="ground reaction forces, .mot or .sto")
    group.add_argument(
        "--external-loads", type=Path, metavar="XML", help="OpenSim external loads, compared with the foot positions"
    )
    group.add_argument("--no-plates", action="store_true", help="estimate the forces from the motion alone")
    group.add_argument("--measured-loads", type=Path, metavar="FILE", help="loads measured by an implant")
    group.add_argument("--measured-side", choices=SIDES, help="the knee with the implant")
    if several:
        about = "trial of each folder with several, in the order of the folders (or write FOLDER/NAME)"
        group.add_argument("--trial", dest="trial_name", nargs="+", metavar="NAME", help=about)
    else:
        about = "trial to use, if an export folder contains several (or write FOLDER/NAME)"
        group.add_argument("--trial", dest="trial_name", metavar="NAME", help=about)
    return parser


def add_trial(parser: argparse.ArgumentParser) -> None:
    """``TRIAL``, by default the built-in walk."""
    parser.add_argument(
        "trial",
        metavar="TRIAL",
        nargs="?",
        default="reference",
        help=f"{TRIAL_HELP} (default: the built-in walk)",
    )


def wishes_from(options: argparse.Namespace) -> Wishes:
    """What the options say of the recording."""
    from workbench.recordings.sources import Wishes

    return Wishes(
        mass_kg=options.mass,
        height_m=options.height,
        static=options.static,
        marker_map=options.markers,
        model=options.model,
        forces=options.forces,
        external_loads=options.external_loads,
        plates=not options.no_plates,
        measured_loads=options.measured_loads,
        measured_side=options.measured_side,
        trial=options.trial_name,
    )


def terminal_tell(what: str, share: float) -> None:
    """Show the stage of an import on standard error where that is a terminal."""
    if sys.stderr.isatty():
        end = "\n" if share >= 1.0 else ""
        print(f"\r\033[K[{'#' * int(30 * share):30}] {what}", end=end, file=sys.stderr, flush=True)
