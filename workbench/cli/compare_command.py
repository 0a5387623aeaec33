"""``workbench compare``: what a person really changed, beside the same change simulated."""

from __future__ import annotations

import argparse
import os
from typing import Any

from workbench.api import open_trial, terminal_progress
from workbench.cli.options import assumptions_from, load_settings_from, processing_from, write_json
from workbench.core.settings import GaitModification


def add_compare_parser(commands: Any, common: argparse.ArgumentParser) -> None:
    """Add ``workbench compare`` to the sub-commands."""
    parser = commands.add_parser(
        "compare", parents=[common], help="a change of gait that was recorded, beside its simulation"
    )
    parser.add_argument("--normal", nargs="+", required=True, metavar="TRIAL", help="trials of the person's usual gait")
    parser.add_argument("--modified", nargs="+", required=True, metavar="TRIAL", help="trials of the changed gait")
    parser.add_argument("--json", metavar="FILE", help="write JSON to a file, or - for standard output")
    parser.set_defaults(run=run_compare)


def run_compare(options: argparse.Namespace) -> int:
    """``workbench compare``."""
    from workbench.report.comparison_report import comparison_document, comparison_text
    from workbench.workers.pool import SolverPool
    from workbench.workers.trial_comparison import compare

    normal, modified = ([open_trial(path) for path in group] for group in (options.normal, options.modified))
    with SolverPool(workers=os.cpu_count() or 1) as pool:
        comparison = compare(
            pool,
            normal,
            modified,
            side=options.side,
            settings=load_settings_from(options),
            processing=processing_from(options),
            template=GaitModification(**assumptions_from(options)),
            progress=terminal_progress(),
        )
    if options.json:
        write_json(options.json, comparison_document(comparison))
    else:
        print(comparison_text(comparison))
    return 0
