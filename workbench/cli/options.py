"""Options that several commands share, what they ask for, and how answers are written."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from workbench.core.errors import SettingError
from workbench.core.muscles import WEIGHT_PRESETS
from workbench.core.types import MOMENT_FRAMES, GaitModification, LoadSettings, Processing
from workbench.core.vocabulary import SIDES

if TYPE_CHECKING:
    from workbench.simulation.walk import Walk


class Parser(argparse.ArgumentParser):
    """A parser whose complaints are one line, like every other message."""

    def error(self, message: str) -> NoReturn:
        """Raise what `main` prints."""
        raise SettingError(f"{message}.", remedy=f"See {self.prog} --help.")


def common_options() -> Parser:
    """Settings that every computing command shares; for the ``parents`` of a sub-command."""
    common = Parser(add_help=False)
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
        "--lean-height",
        type=_statures_or_own,
        default=gait.lean_height_statures,
        metavar="STATURES",
        help="height at which the ground force aims as the body sways with the feet, or own: as in the recording"
        " (default: %(default)s)",
    )
    aim.add_argument(
        "--virtual-point",
        type=float,
        metavar="STATURES",
        help="hold the pelvis, and let the ground force keep aiming at this height when the steps widen",
    )
    aim.add_argument(
        "--keep-force-direction", action="store_true", help="hold the pelvis and the recorded direction of the force"
    )
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
        **_force_rule_from(options),
    }


def _force_rule_from(options: argparse.Namespace) -> dict[str, Any]:
    if options.keep_force_direction:
        return {"balance": "held", "virtual_point_statures": None}
    if options.virtual_point is not None:
        return {"balance": "held", "virtual_point_statures": options.virtual_point}
    return {"lean_height_statures": options.lean_height}


def _statures_or_own(text: str) -> float | None:
    return None if text == "own" else float(text)


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
    """Open a trial or a recording with its model; OpenSim is loaded here and not before."""
    from workbench.cli.recording_options import terminal_tell, wishes_from
    from workbench.intake.kept import open_recorded
    from workbench.simulation.walk import Walk

    return Walk(open_recorded(trial, wishes_from(options), terminal_tell), processing_from(options))


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
