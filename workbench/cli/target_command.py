"""``workbench target`` and ``workbench map``: the change of gait that would help this person, and the load map."""

from __future__ import annotations

import argparse
from typing import Any

from workbench import api
from workbench.api.progress import terminal_progress
from workbench.cli.options import add_personal_option, assumptions_from, load_settings_from, processing_from, write_json
from workbench.cli.recording_options import add_trial, recording_options, terminal_tell, wishes_from
from workbench.core.changes import spoken_kinds, two_kinds
from workbench.core.load_map import OUTCOMES, mapped_quantity, outcome_map
from workbench.core.response import PLANE
from workbench.core.settings import GaitModification
from workbench.intake.kept import open_recorded
from workbench.workers.preparation import prepared_leg


def add_target_parser(commands: Any, common: argparse.ArgumentParser) -> None:
    """Add ``workbench target`` to the sub-commands."""
    parser = commands.add_parser(
        "target",
        parents=[common, recording_options()],
        help="find the change of gait that lowers the knee load most, and how robust that is",
    )
    _add_inputs(parser)
    parser.add_argument(
        "--every-assumption", action="store_true", help="repeat the answer under every equally defensible assumption"
    )
    parser.set_defaults(run=run_target)


def add_map_parser(commands: Any, common: argparse.ArgumentParser) -> None:
    """Add ``workbench map`` to the sub-commands."""
    parser = commands.add_parser(
        "map", parents=[common, recording_options()], help="map one outcome over two changes of gait"
    )
    _add_inputs(parser)
    parser.add_argument(
        "--outcome",
        metavar="NAME",
        default="kam_peak_1_pct_bw_ht",
        help=f"outcome to map (default: %(default)s); one of {', '.join(OUTCOMES)}",
    )
    parser.add_argument(
        "--axes",
        nargs=2,
        metavar=("ACROSS", "UP"),
        default=list(PLANE),
        help=f"the two changes of gait (default: the first two); two of {', '.join(spoken_kinds())}",
    )
    parser.add_argument("--png", metavar="FILE", help="save the map as a picture file (.png, .svg or .pdf)")
    parser.set_defaults(run=run_map)


def run_target(options: argparse.Namespace) -> int:
    """``workbench target``."""
    settings, processing = load_settings_from(options), processing_from(options)
    answer = api.personal_target(
        open_recorded(options.trial, wishes_from(options), terminal_tell),
        side=options.side,
        stride=options.stride,
        settings=settings,
        processing=processing,
        every_assumption=options.every_assumption,
        personal=options.personal,
        **assumptions_from(options),
    )
    if options.json:
        write_json(options.json, answer.document())
    else:
        print(answer)
    return 0


def run_map(options: argparse.Namespace) -> int:
    """``workbench map``."""
    from workbench.report import target_report

    quantity, axes = mapped_quantity(options.outcome), two_kinds(options.axes)
    if options.png:
        from workbench.figures import maps  # only a picture needs what draws it

        maps.picture_kind(options.png)  # refused before the work begins
    settings, processing = load_settings_from(options), processing_from(options)
    assumptions = assumptions_from(options)
    template = GaitModification(**assumptions)
    progress = terminal_progress()
    with prepared_leg(
        open_recorded(options.trial, wishes_from(options), terminal_tell),
        processing,
        template,
        side=options.side,
        stride=options.stride,
        axes=axes,
        personal=settings if options.personal else None,
        chosen=assumptions,
        progress=progress,
    ) as (leg, _):
        pass
    loads = outcome_map(leg.surface, settings, axes, progress=progress)
    if options.png:
        maps.save_map(loads, quantity.name, options.png, title=leg.title(settings))
    if options.json:
        write_json(options.json, target_report.map_document(loads, quantity, leg, settings))
    if not options.png and not options.json:
        print(target_report.map_text(loads, quantity, leg, settings))
    return 0


def _add_inputs(parser: argparse.ArgumentParser) -> None:
    add_trial(parser)
    parser.add_argument("--stride", type=int, metavar="N", help="stride number (default: the most typical)")
    add_personal_option(parser)
    parser.add_argument("--json", metavar="FILE", help="write JSON to a file, or - for standard output")
