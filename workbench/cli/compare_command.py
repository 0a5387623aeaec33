"""``workbench compare``: what a person really changed, and the same change simulated."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from workbench import api
from workbench.cli.options import assumptions_from, load_settings_from, processing_from, write_json
from workbench.cli.recording_options import TRIAL_HELP, recording_options, terminal_tell, wishes_from
from workbench.core.errors import SettingError

if TYPE_CHECKING:
    from workbench.core.types import Trial


def add_compare_parser(commands: Any, common: argparse.ArgumentParser) -> None:
    """Add ``workbench compare`` to the sub-commands."""
    parser = commands.add_parser(
        "compare",
        parents=[common, recording_options(several=True)],
        help="compare a recorded change of gait with its simulation",
        description=f"Each TRIAL is {TRIAL_HELP}; FOLDER/NAME selects one trial of a folder.",
    )
    parser.add_argument(
        "--normal", nargs="+", required=True, metavar="TRIAL", help="trials of the person's natural gait"
    )
    parser.add_argument("--modified", nargs="+", required=True, metavar="TRIAL", help="trials of the modified gait")
    parser.add_argument("--json", metavar="FILE", help="write JSON to a file, or - for standard output")
    parser.set_defaults(run=run_compare)


def run_compare(options: argparse.Namespace) -> int:
    """``workbench compare``."""
    trials = opened([*options.normal, *options.modified], options)
    answer = api.compare(
        normal=trials[: len(options.normal)],
        modified=trials[len(options.normal) :],
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


def opened(paths: Sequence[str], options: argparse.Namespace) -> list[Trial]:
    """Open every trial: the options apply to recordings, the names to the folders in turn.

    Raises
    ------
    SettingError
        If there are not as many names as folders that need one.
    """
    from workbench.intake.kept import is_trial, open_recorded
    from workbench.recordings.sources import Wishes, trials_of

    names, wishes = list(options.trial_name or []), replace(wishes_from(options), trial=None)
    folders = [path for path in paths if not is_trial(path) and len(trials_of(Path(path))) > 1]
    if names and len(names) != len(folders):
        raise SettingError(
            f"--trial gives {len(names)} {'name' if len(names) == 1 else 'names'} for {len(folders)} folders with"
            " several trials.",
            remedy="Give one for each, in the order of --normal and --modified, or write FOLDER/NAME.",
        )
    all_are_trials = all(is_trial(path) for path in paths)
    trials = []
    for path in paths:
        name = names.pop(0) if names and path in folders else None
        own = wishes if all_are_trials or not is_trial(path) else Wishes()
        trials.append(open_recorded(path, replace(own, trial=name), terminal_tell))
    return trials
