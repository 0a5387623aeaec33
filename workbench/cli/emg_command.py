"""``workbench emg``: computed activations beside recorded EMG, and the contact force when muscles follow it."""

from __future__ import annotations

import argparse
from typing import Any

from workbench import api
from workbench.cli.options import load_settings_from, processing_from, write_json
from workbench.cli.recording_options import add_trial, recording_options, terminal_tell, wishes_from
from workbench.intake.kept import open_recorded


def add_emg_parser(commands: Any, common: argparse.ArgumentParser) -> None:
    """Add ``workbench emg`` to the sub-commands."""
    parser = commands.add_parser(
        "emg",
        parents=[common, recording_options()],
        help="computed muscle activations beside recorded EMG, and the contact force when muscles follow it",
    )
    add_trial(parser)
    which = parser.add_mutually_exclusive_group()
    which.add_argument("--stride", type=int, metavar="N", help="number of the stride (default: the most typical)")
    which.add_argument("--mean", action="store_true", help="mean over all strides")
    parser.add_argument("--json", metavar="FILE", help="write JSON to a file, or - for standard output")
    parser.set_defaults(run=run_emg)


def run_emg(options: argparse.Namespace) -> int:
    """``workbench emg``."""
    answer = api.emg(
        open_recorded(options.trial, wishes_from(options), terminal_tell),
        side=options.side,
        stride=options.stride,
        mean=options.mean,
        settings=load_settings_from(options),
        processing=processing_from(options),
    )
    if options.json:
        write_json(options.json, answer.document())
    else:
        print(answer)
    return 0
