"""The personal target and the load map as tables, text and JSON, each with its settings and where it comes from."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any, Final

import numpy as np
import pandas as pd
from markupsafe import Markup

from workbench.advice.assumptions import Assumption
from workbench.advice.certainty import Band, OwnStrides
from workbench.advice.people import PEOPLE, PEOPLE_SOURCE, toe_in_quantiles
from workbench.advice.personal import JudgedChoice, PersonalTarget
from workbench.advice.prepared_leg import PreparedLeg
from workbench.advice.target import Candidate, Point, TargetRules, broken_rules, describe, outcomes_of
from workbench.core.response import InterpolationError, LoadMap, ResponseSurface
from workbench.core.types import GaitModification, LoadSettings
from workbench.core.vocabulary import DISCLAIMER, TEST_RETEST_ERROR, Quantity
from workbench.provenance import provenance
from workbench.report.findings_report import findings_document, findings_lines
from workbench.report.html import render

_SETS: Final = {
    "foot_angle": "foot angle, ±5° and ±10°",
    "finer_foot_angle": "foot angle, every degree to ±10°",
    "step_width": "step width, every cm to ±10 cm",
    "both": "both together",
}
_SLOPE_UNITS: Final = {
    "foot_progression_angle_deg": "% BW·ht per 10° of foot progression angle",
    "step_width_m": "% BW·ht per 10 cm of step width",
}


def candidates_table(target: PersonalTarget) -> pd.DataFrame:
    """The changes of the protocol, one row each: change of both larger peaks, best for which, and what speaks against.

    The KAM and the medial contact force each have a column, and each its own best: the moment is not the force.
    """
    best = {
        "KAM": target.protocol.choice.best.point,
        "medial force": target.alternatives["foot_angle", "medial_force"].choice.best.point,
    }
    rows = [
        {
            "foot_progression_change_deg": one.point[0],
            "larger_kam_peak_change_percent": one.kam_change_percent,
            "larger_medial_force_peak_change_percent": one.medial_force_change_percent,
            "best_for": " and ".join(goal for goal, point in best.items() if point == one.point),
            "against": "; ".join(flag.reason for flag in one.flags),
        }
        for one in target.candidates
    ]
    return pd.DataFrame(rows, index=pd.Index([describe(one.point) for one in target.candidates], name="change"))


def alternatives_table(target: PersonalTarget) -> pd.DataFrame:
    """The best of each set of changes for each goal, that of the protocol first: one row each, with how sure it is."""
    answers = {("foot_angle", "kam"): target.protocol, **target.alternatives}
    rows = [
        {
            "changed": _SETS[tried],
            "goal": answer.choice.goal.label,
            "best": describe(answer.choice.best.point),
            "change_percent": answer.choice.best.change_percent(answer.choice.goal),
            "lowest_percent": answer.band.lowest_percent,
            "highest_percent": answer.band.highest_percent,
            "helpful": answer.choice.recommended is not None,
            "survives": answer.band.survives,
        }
        for (tried, _), answer in answers.items()
    ]
    return pd.DataFrame(rows, index=pd.MultiIndex.from_tuples(list(answers), names=["changes", "aim"]))


def assumptions_table(target: PersonalTarget) -> pd.DataFrame:
    """The protocol's best change under each assumption: pivot, rule for the ground force, change of the larger peak."""
    rows = [
        {
            "pivot": one.pivot,
            "ground_force": one.applied_to(GaitModification()).force_rule,
            "larger_kam_peak_change_percent": percent,
        }
        for one, percent in target.protocol.band.changes_percent.items()
    ]
    return pd.DataFrame(rows)


def own_strides_table(target: PersonalTarget) -> pd.DataFrame | None:
    """Slopes of the KAM peaks over the person's own strides beside the simulated ones; None below twenty strides."""
    if target.own_strides is None:
        return None
    rows = [
        {
            "peak": one.peak,
            "unit": _SLOPE_UNITS[one.change],
            "measured": one.measured,
            "low": one.low,
            "high": one.high,
            "simulated": one.simulated,
            "agreement": one.agreement,
        }
        for one in target.own_strides.slopes
    ]
    return pd.DataFrame(rows)


def response_table(
    surface: ResponseSurface,
    settings: LoadSettings,
    foot_progression_changes_deg: Sequence[float] | None = None,
    step_width_change_m: float = 0.0,
) -> pd.DataFrame:
    """Every outcome over the change of foot progression angle, by default every degree from -10 to 10."""
    turns_deg = np.arange(-10.0, 11.0) if foot_progression_changes_deg is None else foot_progression_changes_deg
    outcomes = outcomes_of(surface, settings)
    rows = [outcomes(float(turn), step_width_change_m) for turn in turns_deg]
    return pd.DataFrame(rows, index=pd.Index([float(turn) for turn in turns_deg], name="foot_progression_change_deg"))


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


def map_document(loads: LoadMap, quantity: Quantity, leg: PreparedLeg, settings: LoadSettings) -> dict[str, Any]:
    """The JSON document of a load map, schema ``workbench.map/1``; ``value[i][j]`` at angle i and step width j."""
    return {
        "schema": "workbench.map/1",
        **_head(leg, settings),
        "outcome": quantity.name,
        "label": quantity.label,
        "unit": quantity.unit,
        "foot_progression_change_deg": loads.turns_deg.tolist(),
        "step_width_change_m": loads.widenings_m.tolist(),
        "value": loads.values[quantity.name].tolist(),
        "recorded": loads.recorded[quantity.name],
        "recorded_foot_progression_angle_deg": loads.recorded["foot_progression_angle_deg"],
        "recorded_step_width_m": loads.recorded["step_width_m"],
        "broken_rules": {
            name: where.astype(int).tolist() for name, where in broken_rules(loads, TargetRules()).items()
        },
        "interpolation_error": _error_document(loads.error),
        "disclaimer": DISCLAIMER,
        "provenance": provenance(leg.trial),
    }


def target_text(target: PersonalTarget, leg: PreparedLeg, settings: LoadSettings) -> str:
    """The personal target as a person reads it in a terminal."""
    lines = [_headline(leg), "", answer_sentence(target)]
    lines += [f"  {sentence}" for sentence in doubt_sentences(target)]
    lines += ["", f"{'change':12}{'larger KAM':>12}{'larger MCF':>12}  what speaks against it"]
    for one in target.candidates:
        flags = "; ".join(flag.reason for flag in one.flags) or "-"
        changes = f"{one.kam_change_percent:>+10.1f} %{one.medial_force_change_percent:>+10.1f} %"
        lines.append(f"{describe(one.point):12}{changes}  {flags}")
    lines += ["", "Beside the protocol:"]
    for (tried, _), other in target.alternatives.items():
        detail = other.choice.detail if other.choice.recommended else f"{other.choice.reason}: {other.choice.detail}"
        sure = "survives" if other.band.survives else "does not survive"
        lines.append(f"  {_SETS[tried]}: {detail} ({sure} its band)")
    lines += ["", *people_sentences(target), *_error_lines(target.error)]
    lines += ["", *findings_lines(leg.findings(settings)), "", DISCLAIMER]
    return "\n".join(lines)


def target_html(target: PersonalTarget, leg: PreparedLeg, settings: LoadSettings) -> str:
    """The personal target as a notebook shows it: the answer, the four changes, what makes it doubtful."""
    headings = {
        "larger_kam_peak_change_percent": "larger KAM peak (%)",
        "larger_medial_force_peak_change_percent": "larger medial force peak (%)",
        "best_for": "best for",
        "against": "what speaks against it",
    }
    table = candidates_table(target)[list(headings)].rename(columns=headings).rename_axis(None)
    return render(
        "target_notebook.html",
        headline=_headline(leg),
        answer=answer_sentence(target),
        table=Markup(table.to_html(float_format=lambda value: f"{value:+.1f}")),
        sentences=[*doubt_sentences(target), *people_sentences(target)],
        findings=leg.findings(settings),
        disclaimer=DISCLAIMER,
    )


def answer_sentence(target: PersonalTarget) -> str:
    """What the protocol recommends, and why."""
    choice = target.protocol.choice
    if choice.recommended is None:
        return f"Recommended: nothing; {choice.reason}: {choice.detail}"
    fall = -choice.recommended.change_percent(choice.goal)
    return f"Recommended: {describe(choice.recommended.point)}; it lowers {choice.goal.label} most, by {fall:.1f} %"


def doubt_sentences(target: PersonalTarget) -> list[str]:
    """What the change that lowers the KAM most does to the medial contact force, and whether the answer is sure."""
    best = target.protocol.choice.best
    for_force = target.alternatives["foot_angle", "medial_force"].choice.best
    percent, least = best.medial_force_change_percent, for_force.medial_force_change_percent
    what = f"with {describe(best.point)} the larger peak of the medial contact force changes by {percent:+.1f} %"
    if for_force.point != best.point:
        way = "falls most" if least < 0.0 else "rises least"
        sentence = f"The moment is not the force: {what}; it {way} with {describe(for_force.point)}, {least:+.1f} %."
    elif percent < 0.0:
        sentence = f"Moment and force agree: {what}, more than with the others."
    else:
        sentence = f"The moment is not the force: {what}, and no other of the four lowers it."
    return [sentence, target.protocol.band.verdict]


def people_sentences(target: PersonalTarget) -> list[str]:
    """The simulated response among measured people and beside the person's own strides."""
    among = (
        f"Among {PEOPLE} people: 10° of toe-in lowers the first KAM peak by {target.toe_in_fall_pct_bw_ht:.2f} % BW·ht;"
        f" percentile {target.toe_in_percentile:.0f}."
    )
    own = target.own_strides
    return [
        among,
        own.sentence if own else "The person's own strides: fewer than twenty, too few to compare with.",
    ]


def map_text(loads: LoadMap, quantity: Quantity, leg: PreparedLeg, settings: LoadSettings) -> str:
    """A load map as a coarse table in a terminal: every fifth angle, every fourth step width."""
    values = loads.values[quantity.name]
    lines = [
        _headline(leg),
        f"{quantity.axis_label}; recorded {loads.recorded[quantity.name]:.3f}",
        "",
        "steps, cm".ljust(10) + "".join(f"{100 * width:>+9.0f}" for width in loads.widenings_m[::4]),
    ]
    for turn, row in zip(loads.turns_deg[::5], values[::5], strict=True):
        lines.append(f"{turn:>+7.0f}°  " + "".join(f"{value:>9.3f}" for value in row[::4]))
    lines += ["", *_error_lines(loads.error), *findings_lines(leg.findings(settings)), DISCLAIMER]
    return "\n".join(lines)


def _head(leg: PreparedLeg, settings: LoadSettings) -> dict[str, Any]:
    stride, subject = leg.surface.stride, leg.trial.subject
    findings = leg.findings(settings)
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
        "findings": findings_document(findings),
        "notes": [str(finding) for finding in findings],
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


def _answer_document(answer: JudgedChoice) -> dict[str, Any]:
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
    if one.balance == "solved":
        return asdict(one) | {"force_rule": "balance solved"}
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
