"""``workbench target`` and ``workbench map``: the change of gait that would help this person, and the whole plane."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any, Final

import numpy as np

from workbench import api
from workbench.advice.prepared_leg import PreparedLeg
from workbench.advice.target import TargetRules, broken_rules, outcomes_of
from workbench.api.progress import terminal_progress
from workbench.cli.options import add_personal_option, assumptions_from, load_settings_from, processing_from, write_json
from workbench.cli.recording_options import add_trial, recording_options, terminal_tell, wishes_from
from workbench.core.changes import KINDS, achieved
from workbench.core.errors import SettingError
from workbench.core.response import LoadMap, load_map
from workbench.core.settings import GaitModification
from workbench.core.types import Array
from workbench.core.vocabulary import DISCLAIMER, JOINT_PEAKS, PEAKS, Quantity
from workbench.intake.kept import open_recorded
from workbench.workers.preparation import prepared_leg

_OUTCOMES: Final[dict[str, Quantity]] = {
    name: quantity
    for name, quantity in (PEAKS | JOINT_PEAKS).items()
    if name not in achieved()  # what is changed is no outcome
}


def add_target_parser(commands: Any, common: argparse.ArgumentParser) -> None:
    """Add ``workbench target`` to the sub-commands."""
    parser = commands.add_parser(
        "target",
        parents=[common, recording_options()],
        help="the change of gait that would lower the knee load most, and how sure that is",
    )
    _add_inputs(parser)
    parser.add_argument(
        "--every-assumption", action="store_true", help="repeat the answer under every assumption that is as defensible"
    )
    parser.set_defaults(run=run_target)


def add_map_parser(commands: Any, common: argparse.ArgumentParser) -> None:
    """Add ``workbench map`` to the sub-commands."""
    parser = commands.add_parser(
        "map", parents=[common, recording_options()], help="one outcome over two changes of gait"
    )
    _add_inputs(parser)
    parser.add_argument(
        "--outcome",
        metavar="NAME",
        default="kam_peak_1_pct_bw_ht",
        help=f"what is mapped (default: %(default)s); one of {', '.join(_OUTCOMES)}",
    )
    parser.add_argument("--png", metavar="FILE", help="draw the map into a picture file")
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

    if options.outcome not in _OUTCOMES:
        raise SettingError(
            f"there is no outcome called {options.outcome!r}.", remedy=f"Use one of {', '.join(_OUTCOMES)}."
        )
    quantity = _OUTCOMES[options.outcome]
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
        personal=settings if options.personal else None,
        chosen=assumptions,
        progress=progress,
    ) as (leg, _):
        pass
    loads = load_map(leg.surface, outcomes_of(leg.surface, settings), progress=progress)
    if options.png:
        draw_map(loads, quantity, leg, options.png)
    if options.json:
        write_json(options.json, target_report.map_document(loads, quantity, leg, settings))
    if not options.png and not options.json:
        print(target_report.map_text(loads, quantity, leg, settings))
    return 0


def draw_map(loads: LoadMap, quantity: Quantity, leg: PreparedLeg, file: str) -> None:
    """Draw a load map with the line of no change, the person's own point and where a rule is broken.

    Raises
    ------
    SettingError
        If the file cannot be written.
    """
    # Imported here: only a picture file needs it.
    from matplotlib.figure import Figure

    values, centre = loads.values[quantity.name], loads.recorded[quantity.name]
    first, second = (KINDS[name] for name in loads.axes)
    rows, columns = first.shown_factor * loads.grid[0], second.shown_factor * loads.grid[1]
    figure = Figure(figsize=(7.5, 5.5), layout="constrained")
    axes = figure.add_subplot()
    reach = float(np.abs(values - centre).max()) or 1.0
    image = axes.pcolormesh(rows, columns, values.T, cmap="RdBu_r", vmin=centre - reach, vmax=centre + reach)
    axes.contour(rows, columns, values.T, levels=[centre], colors="black", linewidths=1.5)
    broken: Array = np.sum(list(broken_rules(loads, TargetRules()).values()), axis=0)
    axes.contourf(rows, columns, np.minimum(broken, 1.0).T, levels=[0.5, 1.5], colors="none", hatches=["...."])
    axes.plot(0.0, 0.0, marker="o", color="black", markersize=8)
    axes.set_xlabel(f"Change of {first.label} ({first.shown_unit}, {first.sign})")
    axes.set_ylabel(f"Change of {second.label} ({second.shown_unit}, {second.sign})")
    axes.set_title(
        f"{leg.trial.name}, {leg.surface.stride.side} leg\n"
        "line and point: as recorded; dotted: something else rises or a rule is broken",
        fontsize=10,
    )
    figure.colorbar(image, ax=axes, label=quantity.axis_label)
    figure.supxlabel(DISCLAIMER, fontsize=8)
    try:
        figure.savefig(Path(file), dpi=150, format="png")
    except OSError as error:
        raise SettingError(f"cannot be written: {error.strerror}.", where=file) from None


def _add_inputs(parser: argparse.ArgumentParser) -> None:
    add_trial(parser)
    parser.add_argument("--stride", type=int, metavar="N", help="number of the stride (default: the most typical)")
    add_personal_option(parser)
    parser.add_argument("--json", metavar="FILE", help="write JSON to a file, or - for standard output")
