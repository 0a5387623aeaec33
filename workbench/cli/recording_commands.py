"""``workbench import``, ``workbench check`` and ``workbench fetch``."""

from __future__ import annotations

import argparse
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from workbench.cli.options import write_json
from workbench.cli.recording_options import TRIAL_HELP, recording_options, terminal_tell, wishes_from
from workbench.core.findings import Finding, worst_first

if TYPE_CHECKING:
    from workbench.core.types import Trial


def add_recording_parsers(commands: Any) -> None:
    """Add the commands to the sub-commands."""
    recording = recording_options()
    to_import = commands.add_parser(
        "import", parents=[recording], help="make a trial folder from a recording, and list the decisions made"
    )
    to_import.add_argument("path", metavar="PATH", type=Path, help=TRIAL_HELP)
    to_import.add_argument(
        "-o", "--output", type=Path, metavar="FOLDER", help="default: NAME_trial next to the recording"
    )
    to_import.set_defaults(run=run_import)

    check = commands.add_parser(
        "check",
        parents=[recording],
        help="check a recording; exit status 1 if a finding is serious",
        description="Exit status: 0 without serious findings, 1 with serious findings, 2 if the recording cannot be"
        " used.",
    )
    check.add_argument("trial", metavar="PATH", help=TRIAL_HELP)
    check.add_argument("--json", metavar="FILE", help="write JSON to a file, or - for standard output")
    check.set_defaults(run=run_check)

    fetch = commands.add_parser("fetch", help="download a public recording by name")
    fetch.add_argument("name", metavar="NAME", nargs="?", help="omit to list the recordings")
    fetch.add_argument(
        "-o", "--output", type=Path, metavar="FOLDER", help="default: a folder of that name in the current folder"
    )
    fetch.set_defaults(run=run_fetch)


def run_import(options: argparse.Namespace) -> int:
    """``workbench import``."""
    from workbench.intake.pipeline import import_recording, planned_folder
    from workbench.simulation.walk import Walk

    wishes = wishes_from(options)
    folder = options.output or planned_folder(options.path, wishes)
    trial = import_recording(options.path, wishes, folder, terminal_tell)
    print(_listed(trial, worst_first((*trial.findings, *Walk(trial).findings))))
    print(f"\nWritten to {folder}; open it with: workbench simulate {folder}")
    return 0


def run_check(options: argparse.Namespace) -> int:
    """``workbench check``."""
    from workbench.intake.kept import open_recorded
    from workbench.intake.looked_over import findings_of

    trial = open_recorded(options.trial, wishes_from(options), terminal_tell)
    findings = findings_of(trial)
    if options.json:
        write_json(options.json, {"trial": trial.name, "findings": [asdict(finding) for finding in findings]})
    else:
        print(_listed(trial, findings))
    return 1 if any(finding.severity == "serious" for finding in findings) else 0


def run_fetch(options: argparse.Namespace) -> int:
    """``workbench fetch``."""
    from workbench.intake.public_recordings import fetch, recording, table_text

    if options.name is None:
        print(table_text())
        return 0
    chosen = recording(options.name)
    print(chosen.notice, flush=True)
    folder = fetch(chosen, options.output or Path(options.name))
    print(f"\nSaved in {folder}. {chosen.next_step(folder)}")
    return 0


def _listed(trial: Trial, findings: tuple[Finding, ...]) -> str:
    """The name and the findings, the worst first."""
    lines = [f"{trial.name}: {trial.subject.mass_kg:g} kg, {trial.subject.height_m:g} m"]
    for finding in findings:
        lines.append(f"{finding.severity:9} {finding}")
        if finding.limit:
            lines.append(f"{'':9} Limit: {finding.limit}{f' ({finding.source})' if finding.source else ''}.")
    return "\n".join(lines if findings else [*lines, "No problems found."])
