"""``workbench target`` and ``workbench map``: the change of gait that would help this person, and the whole plane."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np

from workbench.api import progress_bar
from workbench.cli import load_settings_from, write_json
from workbench.core.certainty import Assumption, Band, OwnStrides
from workbench.core.errors import SettingError, TrialError
from workbench.core.events import most_typical, search_strides
from workbench.core.people import PEOPLE, PEOPLE_SOURCE, toe_in_quantiles
from workbench.core.personal import Answer, PersonalTarget, SolveAll, personal_target
from workbench.core.response import InterpolationError, LoadMap, ResponseSurface, load_map
from workbench.core.target import Candidate, Point, TargetRules, broken_rules, describe, outcomes_of
from workbench.core.types import Array, GaitModification, LoadSettings, Processing, SolvedLeg, Stride, Trial
from workbench.core.vocabulary import DISCLAIMER, JOINT_PEAKS, PEAKS, TEST_RETEST_ERROR, Quantity, Side
from workbench.provenance import provenance

_OUTCOMES: Final[dict[str, Quantity]] = {
    name: quantity
    for name, quantity in (PEAKS | JOINT_PEAKS).items()
    if name not in ("foot_progression_angle_deg", "step_width_m")  # what is changed is no outcome
}
_SETS: Final = {
    "foot_angle": "foot angle, ±5° and ±10°",
    "finer_foot_angle": "foot angle, every degree to ±10°",
    "step_width": "step width, every cm to ±10 cm",
    "both": "both together",
}


def add_target_parser(commands: Any, common: argparse.ArgumentParser) -> None:
    """Add ``workbench target`` to the sub-commands."""
    parser = commands.add_parser(
        "target", parents=[common], help="the change of gait that would lower the knee load most, and how sure that is"
    )
    _add_inputs(parser)
    parser.set_defaults(run=run_target)


def add_map_parser(commands: Any, common: argparse.ArgumentParser) -> None:
    """Add ``workbench map`` to the sub-commands."""
    parser = commands.add_parser("map", parents=[common], help="one outcome over foot progression angle and step width")
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
    settings = load_settings_from(options)
    with _prepared_leg(options) as leg:
        target = personal_target(leg.surface, leg.strides, settings, leg.solve_all)
    document = target_document(target, leg, settings)
    if options.json:
        write_json(options.json, document)
    else:
        print(target_text(target, leg))
    return 0


def run_map(options: argparse.Namespace) -> int:
    """``workbench map``."""
    if options.outcome not in _OUTCOMES:
        raise SettingError(
            f"there is no outcome called {options.outcome!r}.", remedy=f"Use one of {', '.join(_OUTCOMES)}."
        )
    settings = load_settings_from(options)
    with _prepared_leg(options) as leg:
        pass
    show = progress_bar if sys.stderr.isatty() else None
    loads = load_map(leg.surface, outcomes_of(leg.surface, settings), progress=show)
    if options.png:
        draw_map(loads, options.outcome, leg, options.png)
    if options.json:
        write_json(options.json, map_document(loads, options.outcome, leg, settings))
    if not options.png and not options.json:
        print(map_text(loads, options.outcome, leg))
    return 0


@dataclass(frozen=True)
class PreparedLeg:
    """The leg that is analysed, with its response surface and a way to solve more."""

    trial: Trial
    processing: Processing
    strides: tuple[Stride, ...]
    surface: ResponseSurface
    solve_all: SolveAll


@contextmanager
def _prepared_leg(options: argparse.Namespace) -> Iterator[PreparedLeg]:
    """Open the trial, choose the leg and the stride, and prepare the response surface in worker processes."""
    from workbench.trials import open_trial

    processing = Processing(options.coordinate_cutoff, options.force_cutoff, options.contact_threshold)
    template = GaitModification(
        sides=options.change_sides,
        pivot=options.pivot,
        virtual_point_statures=None if options.keep_force_direction else options.virtual_point,
    )
    trial = open_trial(options.trial)
    strides, stride = _chosen_stride(trial, processing, options)

    # OpenSim is loaded here and not before.
    from workbench.simulation.pool import SolverPool, solve_all
    from workbench.simulation.surface import SurfaceCache, SurfaceUpdate, prepare_surface

    terminal = sys.stderr.isatty()

    def on_update(update: SurfaceUpdate) -> None:
        if terminal:
            progress_bar(update.done, update.total)

    with SolverPool() as pool:
        surface = prepare_surface(pool, trial, processing, stride, template, on_update, cache=SurfaceCache())

        def solve(jobs: Any) -> list[SolvedLeg]:
            return solve_all(pool, [(trial, processing, *job) for job in jobs], progress_bar if terminal else None)

        yield PreparedLeg(trial, processing, strides, surface, solve)


def _chosen_stride(
    trial: Trial, processing: Processing, options: argparse.Namespace
) -> tuple[tuple[Stride, ...], Stride]:
    side = options.side or _default_side(trial, processing)
    strides = search_strides(trial, side, threshold_N=processing.contact_threshold_N).strides
    if options.stride is None:
        return strides, most_typical(strides, trial)
    for stride in strides:
        if stride.number == options.stride:
            return strides, stride
    raise SettingError(
        f"there is no {side} stride {options.stride}.", where=trial.name, remedy=f"Choose 1 to {len(strides)}."
    )


def _default_side(trial: Trial, processing: Processing) -> Side:
    """The instrumented leg, else the right where it can be analysed, else the left."""
    if trial.measured_loads:
        return trial.measured_loads.side
    try:
        search_strides(trial, "right", threshold_N=processing.contact_threshold_N)
    except TrialError:
        return "left"
    return "right"


def target_document(target: PersonalTarget, leg: PreparedLeg, settings: LoadSettings) -> dict[str, Any]:
    """The JSON document of a personal target, schema ``workbench.target/1``."""
    choice = target.protocol.choice
    percent, fall = toe_in_quantiles()
    return {
        "schema": "workbench.target/1",
        **_head(leg, settings),
        "rules": asdict(target.rules),
        "recorded": dict(target.recorded),
        "candidates": [_candidate_document(one) for one in target.candidates],
        "recommended": _candidate_document(choice.recommended) if choice.recommended else None,
        "reason": choice.reason,
        "detail": choice.detail,
        "band": _band_document(target.protocol.band),
        "alternatives": [
            {"changes": changes, "goal": goal, **_answer_document(answer)}
            for (changes, goal), answer in target.alternatives.items()
        ],
        "people": {
            "toe_in_10_deg_fall_of_kam_peak_1_pct_bw_ht": target.toe_in_fall_pct_bw_ht,
            "percentile": target.toe_in_percentile,
            "people": PEOPLE,
            "quantiles": {"percent": percent.tolist(), "fall_pct_bw_ht": fall.tolist()},
            "source": PEOPLE_SOURCE,
        },
        "own_strides": _own_strides_document(target.own_strides),
        "interpolation_error": _error_document(target.error),
        "disclaimer": DISCLAIMER,
        "provenance": provenance(leg.trial),
    }


def map_document(loads: LoadMap, outcome: str, leg: PreparedLeg, settings: LoadSettings) -> dict[str, Any]:
    """The JSON document of a load map, schema ``workbench.map/1``; ``value[i][j]`` at angle i and step width j."""
    quantity = _OUTCOMES[outcome]
    return {
        "schema": "workbench.map/1",
        **_head(leg, settings),
        "outcome": outcome,
        "label": quantity.label,
        "unit": quantity.unit,
        "foot_progression_change_deg": loads.turns_deg.tolist(),
        "step_width_change_m": loads.widenings_m.tolist(),
        "value": loads.values[outcome].tolist(),
        "recorded": loads.recorded[outcome],
        "recorded_foot_progression_angle_deg": loads.recorded["foot_progression_angle_deg"],
        "recorded_step_width_m": loads.recorded["step_width_m"],
        "broken_rules": {
            name: where.astype(int).tolist() for name, where in broken_rules(loads, TargetRules()).items()
        },
        "interpolation_error": _error_document(loads.error),
        "disclaimer": DISCLAIMER,
        "provenance": provenance(leg.trial),
    }


def target_text(target: PersonalTarget, leg: PreparedLeg) -> str:
    """The personal target as a person reads it in a terminal."""
    choice, band = target.protocol.choice, target.protocol.band
    answer = f"Recommended: {describe(choice.recommended.point)}" if choice.recommended else "Recommended: nothing"
    lines = [
        _headline(leg),
        "",
        answer,
        f"  {choice.reason}" + (f": {choice.detail}" if not choice.recommended else ""),
    ]
    lines += [f"  {band.verdict}", "", f"{'change':12}{'larger KAM':>12}{'larger MCF':>12}  what speaks against it"]
    for one in target.candidates:
        flags = "; ".join(flag.reason for flag in one.flags) or "-"
        changes = f"{one.kam_change_percent:>+10.1f} %{one.medial_force_change_percent:>+10.1f} %"
        lines.append(f"{describe(one.point):12}{changes}  {flags}")
    lines += ["", "Beside the protocol:"]
    for (tried, _), other in target.alternatives.items():
        detail = other.choice.detail if other.choice.recommended else f"{other.choice.reason}: {other.choice.detail}"
        sure = "survives" if other.band.survives else "does not survive"
        lines.append(f"  {_SETS[tried]}: {detail} ({sure} its band)")
    lines += [
        "",
        f"Among {PEOPLE} people: 10° of toe-in lowers the first KAM peak by {target.toe_in_fall_pct_bw_ht:.2f} % BW·ht;"
        f" percentile {target.toe_in_percentile:.0f}.",
    ]
    if target.own_strides:
        lines.append(target.own_strides.sentence)
    else:
        lines.append("The person's own strides: fewer than twenty, too few to compare with.")
    lines += [*_error_lines(target.error), "", DISCLAIMER]
    return "\n".join(lines)


def map_text(loads: LoadMap, outcome: str, leg: PreparedLeg) -> str:
    """A load map as a coarse table in a terminal: every fifth angle, every fourth step width."""
    quantity, values = _OUTCOMES[outcome], loads.values[outcome]
    lines = [
        _headline(leg),
        f"{quantity.axis_label}; recorded {loads.recorded[outcome]:.3f}",
        "",
        "steps, cm".ljust(10) + "".join(f"{100 * width:>+9.0f}" for width in loads.widenings_m[::4]),
    ]
    for turn, row in zip(loads.turns_deg[::5], values[::5], strict=True):
        lines.append(f"{turn:>+7.0f}°  " + "".join(f"{value:>9.3f}" for value in row[::4]))
    lines += ["", *_error_lines(loads.error), DISCLAIMER]
    return "\n".join(lines)


def draw_map(loads: LoadMap, outcome: str, leg: PreparedLeg, file: str) -> None:
    """Draw a load map with the line of no change, the person's own point and where a rule is broken.

    Raises
    ------
    SettingError
        If the file cannot be written.
    """
    # Imported here: only a picture file needs it.
    from matplotlib.figure import Figure

    quantity, values = _OUTCOMES[outcome], loads.values[outcome]
    turns, widths = loads.turns_deg, 100.0 * loads.widenings_m
    figure = Figure(figsize=(7.5, 5.5), layout="constrained")
    axes = figure.add_subplot()
    reach = float(np.abs(values - loads.recorded[outcome]).max()) or 1.0
    centre = loads.recorded[outcome]
    image = axes.pcolormesh(turns, widths, values.T, cmap="RdBu_r", vmin=centre - reach, vmax=centre + reach)
    axes.contour(turns, widths, values.T, levels=[centre], colors="black", linewidths=1.5)
    broken: Array = np.sum(list(broken_rules(loads, TargetRules()).values()), axis=0)
    axes.contourf(turns, widths, np.minimum(broken, 1.0).T, levels=[0.5, 1.5], colors="none", hatches=["...."])
    axes.plot(0.0, 0.0, marker="o", color="black", markersize=8)
    axes.set_xlabel("Change of foot progression angle (°, toe-out positive)")
    axes.set_ylabel("Change of step width (cm)")
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
    parser.add_argument(
        "trial",
        metavar="TRIAL",
        nargs="?",
        default="reference",
        help="path of a trial.toml (default: the built-in walk)",
    )
    parser.add_argument("--stride", type=int, metavar="N", help="number of the stride (default: the most typical)")
    parser.add_argument("--json", metavar="FILE", help="write JSON to a file, or - for standard output")


def _head(leg: PreparedLeg, settings: LoadSettings) -> dict[str, Any]:
    stride, subject = leg.surface.stride, leg.trial.subject
    assumptions = asdict(leg.surface.template)
    for changed in ("foot_progression_change_deg", "step_width_change_m"):
        del assumptions[changed]
    return {
        "trial": {
            "name": leg.trial.name,
            "side": stride.side,
            "mass_kg": subject.mass_kg,
            "height_m": subject.height_m,
            "stride": stride.number,
            "stride_s": stride.duration_s,
            "stance_percent": stride.stance_percent,
            "strides_found": len(leg.strides),
        },
        "settings": {**assumptions, **asdict(settings), **asdict(leg.processing)},
    }


def _point_document(point: Point) -> dict[str, float]:
    return {"foot_progression_change_deg": point[0], "step_width_change_m": point[1]}


def _candidate_document(one: Candidate) -> dict[str, Any]:
    return {
        **_point_document(one.point),
        **one.outcomes,
        "larger_kam_peak_change_percent": one.kam_change_percent,
        "larger_medial_force_peak_change_percent": one.medial_force_change_percent,
        "flags": [asdict(flag) for flag in one.flags],
    }


def _answer_document(answer: Answer) -> dict[str, Any]:
    choice = answer.choice
    return {
        "recommended": _candidate_document(choice.recommended) if choice.recommended else None,
        "reason": choice.reason,
        "detail": choice.detail,
        "band": _band_document(answer.band),
    }


def _band_document(band: Band) -> dict[str, Any]:
    spread = band.spread
    return {
        **_point_document(band.point),
        "change_percent": {"lowest": band.lowest_percent, "highest": band.highest_percent},
        "assumptions": [
            {**_assumption_document(one), "change_percent": percent} for one, percent in band.changes_percent.items()
        ],
        "strides": None
        if spread is None
        else {
            "change_percent": list(spread.changes_percent),
            "mean_percent": float(np.mean(spread.changes_percent)),
            "sd_percent": float(np.std(spread.changes_percent, ddof=1)),
            "recommended": {
                "no helpful change" if point is None else describe(point): count
                for point, count in spread.recommended.items()
            },
        },
        "change": band.change,
        "test_retest_error": None
        if band.noise is None
        else {
            "value": band.noise,
            "source": TEST_RETEST_ERROR["kam_peak_1_pct_bw_ht"][1],
            "change_is_below": abs(band.change) < band.noise,
        },
        "survives": band.survives,
        "verdict": band.verdict,
    }


def _assumption_document(one: Assumption) -> dict[str, Any]:
    return asdict(one) | {"force_rule": "keep direction" if one.virtual_point_statures is None else "virtual point"}


def _own_strides_document(own: OwnStrides | None) -> dict[str, Any] | None:
    if own is None:
        return None
    per = {"foot_progression_angle_deg": "10 degrees", "step_width_m": "0.10 m"}
    document = asdict(own)
    document["slopes"] = [{**asdict(one), "per": per[one.change]} for one in own.slopes]
    return document


def _error_document(error: InterpolationError | None) -> Mapping[str, Any] | None:
    return None if error is None else json.loads(json.dumps(asdict(error)))


def _error_lines(error: InterpolationError | None) -> list[str]:
    if error is None:
        return []
    return [
        f"Interpolation error against direct solutions: contact force {error.contact_force_bw:.3f} BW,"
        f" KAM {error.kam_pct_bw_ht:.4f} % BW·ht at most."
    ]


def _headline(leg: PreparedLeg) -> str:
    stride, subject = leg.surface.stride, leg.trial.subject
    return (
        f"{leg.trial.name}: {stride.side} leg, {'stride' if stride.whole else 'stance'} {stride.number} of"
        f" {len(leg.strides)}; {subject.mass_kg:g} kg, {subject.height_m:g} m"
    )
