"""``workbench compare``: what a person really changed, and the same change simulated."""

from __future__ import annotations

import argparse
from typing import Any

from workbench import api
from workbench.cli.options import assumptions_from, load_settings_from, processing_from, write_json


def add_compare_parser(commands: Any, common: argparse.ArgumentParser) -> None:
    """Add ``workbench compare`` to the sub-commands."""
    parser = commands.add_parser(
        "compare", parents=[common], help="compare a recorded change of gait with its simulation"
    )
    parser.add_argument(
        "--normal", nargs="+", required=True, metavar="TRIAL", help="trials of the person's natural gait"
    )
    parser.add_argument("--modified", nargs="+", required=True, metavar="TRIAL", help="trials of the modified gait")
    parser.add_argument("--json", metavar="FILE", help="write JSON to a file, or - for standard output")
    parser.set_defaults(run=run_compare)


def run_compare(options: argparse.Namespace) -> int:
    """``workbench compare``."""
    answer = api.compare(
        normal=[api.open_trial(path) for path in options.normal],
        modified=[api.open_trial(path) for path in options.modified],
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
