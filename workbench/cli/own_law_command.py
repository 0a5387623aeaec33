"""``workbench own-law``: what a person's own strides show about the assumptions and the response of the peaks."""

from __future__ import annotations

import argparse
from typing import Any

from workbench import api
from workbench.cli.options import assumptions_from, load_settings_from, processing_from, write_json
from workbench.cli.recording_options import add_trial, recording_options, terminal_tell, wishes_from
from workbench.intake.kept import open_recorded


def add_own_law_parser(commands: Any, common: argparse.ArgumentParser) -> None:
    """Add ``workbench own-law`` to the sub-commands."""
    parser = commands.add_parser(
        "own-law",
        parents=[common, recording_options()],
        help="analyse how this person's ground force and centre of pressure follow the feet, from 20 strides or more",
    )
    add_trial(parser)
    parser.add_argument("--json", metavar="FILE", help="write JSON to a file, or - for standard output")
    parser.set_defaults(run=run_own_law)


def run_own_law(options: argparse.Namespace) -> int:
    """``workbench own-law``."""
    answer = api.own_law(
        open_recorded(options.trial, wishes_from(options), terminal_tell),
        side=options.side,
        settings=load_settings_from(options),
        processing=processing_from(options),
        **assumptions_from(options),
    )
    if options.json:
        write_json(options.json, answer.document())
    else:
        print(answer)
    return 0
