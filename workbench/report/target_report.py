"""The personal target and the load map as tables, text and JSON, each with settings and provenance."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from typing import Any

import numpy as np
import pandas as pd
from markupsafe import Markup

from workbench.advice.assumptions import ASSUMPTIONS, Assumed, difference_in_words
from workbench.advice.certainty import TOO_FEW_STRIDES, Band, OwnStrides
from workbench.advice.people import PEOPLE, PEOPLE_SOURCE, toe_in_quantiles
from workbench.advice.personal import JudgedChoice, PersonalTarget
from workbench.advice.prepared_leg import PreparedLeg
from workbench.advice.target import PROTOCOL, Candidate, TargetRules, broken_rules
from workbench.core.changes import KINDS, UNCHANGED, Changes, achieved
from workbench.core.declaration import documented
from workbench.core.load_map import LoadMap, outcomes_of
from workbench.core.response import ResponseSurface
from workbench.core.settings import LoadSettings
from workbench.core.vocabulary import DISCLAIMER, PEAKS, TEST_RETEST_ERROR, Quantity
from workbench.provenance import provenance
from workbench.report.findings_report import findings_document, findings_lines
from workbench.report.html import render
from workbench.report.interpolation_report import interpolation_document, interpolation_lines


def candidates_table(target: PersonalTarget) -> pd.DataFrame:
    """The changes of the protocol, one row each: change of both larger peaks, best goal, violated guard rails.

    KAM and medial contact force each have a column and a best change, as they need not agree.
    """
    best = {
        "KAM": target.protocol.choice.best.changes,
        "medial force": target.alternatives["foot_angle", "medial_force"].choice.best.changes,
    }
    rows = [
        {
            PROTOCOL: one.changes[PROTOCOL],
            "larger_kam_peak_change_percent": one.kam_change_percent,
            "larger_medial_force_peak_change_percent": one.medial_force_change_percent,
            "best_for": " and ".join(goal for goal, changes in best.items() if changes == one.changes),
            "against": "; ".join(flag.reason for flag in one.flags),
        }
        for one in target.candidates
    ]
    return pd.DataFrame(rows, index=pd.Index([str(one.changes) for one in target.candidates], name="change"))


def alternatives_table(target: PersonalTarget) -> pd.DataFrame:
    """The best of each set of changes for each goal, protocol first: one row each, with its robustness."""
    answers = {("foot_angle", "kam"): target.protocol, **target.alternatives}
    rows = [
        {
            "changed": target.searches[tried].label,
            "goal": answer.choice.goal.label,
            "best": str(answer.choice.best.changes),
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
    """The protocol's best change under each assumption: pivot, rule for the ground force, what else is assumed."""
    shown, *_ = target.protocol.band.changes_percent
    rows = [
        {
            "pivot": one["pivot"],
            "ground_force": one.gait.force_rule,
            "assumed": difference_in_words(one, shown) or "as the answer",
            "larger_kam_peak_change_percent": percent,
        }
        for one, percent in target.protocol.band.changes_percent.items()
    ]
    return pd.DataFrame(rows)


def own_strides_table(target: PersonalTarget) -> pd.DataFrame | None:
    """Slopes of the peaks over the person's own strides and simulated; None below twenty strides."""
    if target.own_strides is None:
        return None
    rows = [
        {
            "peak": one.peak,
            "unit": f"{PEAKS[one.peak].unit} per {_slope_step(one.change)} of {PEAKS[one.change].label.lower()}",
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
    values: Sequence[float] | None = None,
    over: str = PROTOCOL,
    others: Mapping[str, float] = UNCHANGED,
) -> pd.DataFrame:
    """Every outcome over one change, by default in its steps over the range a target covers, others fixed."""
    kind = KINDS[over]
    places = kind.grid(kind.sought, kind.step).tolist() if values is None else [float(value) for value in values]
    outcomes = outcomes_of(surface, settings)
    rows = [outcomes(Changes({**others, over: place})) for place in places]
    return pd.DataFrame(rows, index=pd.Index(places, name=over))


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
        "interpolation_error": interpolation_document(target.error),
        "disclaimer": DISCLAIMER,
        "provenance": provenance(leg.trial),
    }


def map_document(loads: LoadMap, quantity: Quantity, leg: PreparedLeg, settings: LoadSettings) -> dict[str, Any]:
    """The JSON document of a load map, schema ``workbench.map/1``; ``value[i][j]`` at value i and j of its axes."""
    return {
        "schema": "workbench.map/1",
        **_head(leg, settings),
        "outcome": quantity.name,
        "label": quantity.label,
        "unit": quantity.unit,
        **{name: grid.tolist() for name, grid in zip(loads.axes, loads.grid, strict=True)},
        "value": loads.values[quantity.name].tolist(),
        "recorded": loads.recorded[quantity.name],
        **{f"recorded_{name}": loads.recorded[name] for name in achieved()},
        "broken_rules": {
            name: where.astype(int).tolist() for name, where in broken_rules(loads, TargetRules()).items()
        },
        "interpolation_error": interpolation_document(loads.error),
        "disclaimer": DISCLAIMER,
        "provenance": provenance(leg.trial),
    }


def target_text(target: PersonalTarget, leg: PreparedLeg, settings: LoadSettings) -> str:
    """The personal target as text for a terminal."""
    lines = [_headline(leg), "", answer_sentence(target)]
    lines += [f"  {sentence}" for sentence in doubt_sentences(target)]
    lines += ["", f"{'change':12}{'larger KAM':>12}{'larger MCF':>12}  violated guard rails"]
    for one in target.candidates:
        flags = "; ".join(flag.reason for flag in one.flags) or "-"
        changes = f"{one.kam_change_percent:>+10.1f} %{one.medial_force_change_percent:>+10.1f} %"
        lines.append(f"{one.changes!s:12}{changes}  {flags}")
    lines += ["", "Beyond the protocol:"]
    for (tried, _), other in target.alternatives.items():
        detail = other.choice.detail if other.choice.recommended else f"{other.choice.reason}: {other.choice.detail}"
        sure = "robust" if other.band.survives else "not robust"
        lines.append(f"  {target.searches[tried].label}: {detail} ({sure})")
    lines += ["", *people_sentences(target), *interpolation_lines(target.error)]
    lines += ["", *findings_lines(leg.findings(settings)), DISCLAIMER]
    return "\n".join(lines)


def target_html(target: PersonalTarget, leg: PreparedLeg, settings: LoadSettings) -> str:
    """The personal target for a notebook: the answer, the four changes, the doubts."""
    headings = {
        "larger_kam_peak_change_percent": "larger KAM peak (%)",
        "larger_medial_force_peak_change_percent": "larger medial force peak (%)",
        "best_for": "best for",
        "against": "violated guard rails",
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
        return f"Recommended: no change ({choice.reason}); {choice.detail}"
    fall = -choice.recommended.change_percent(choice.goal)
    return f"Recommended: {choice.recommended.changes}; it lowers {choice.goal.label} most, by {fall:.1f} %"


def doubt_sentences(target: PersonalTarget) -> list[str]:
    """Effect on the medial contact force of the change that lowers the KAM most, and how robust the answer is."""
    best = target.protocol.choice.best
    for_force = target.alternatives["foot_angle", "medial_force"].choice.best
    percent, least = best.medial_force_change_percent, for_force.medial_force_change_percent
    what = f"with {best.changes} the larger peak of the medial contact force changes by {percent:+.1f} %"
    if for_force.changes != best.changes:
        way = "falls most" if least < 0.0 else "rises least"
        sentence = f"KAM and contact force disagree: {what}; it {way} with {for_force.changes}, {least:+.1f} %."
    elif percent < 0.0:
        sentence = f"KAM and contact force agree: {what}, the largest reduction of the four."
    else:
        sentence = f"KAM and contact force disagree: {what}, and none of the other three lowers it."
    return [sentence, target.protocol.band.verdict]


def people_sentences(target: PersonalTarget) -> list[str]:
    """The simulated response compared with measured people and with the person's own strides."""
    among = (
        f"Here, 10° of toe-in lowers the first KAM peak by {target.toe_in_fall_pct_bw_ht:.2f} % BW·ht: percentile"
        f" {target.toe_in_percentile:.0f} of {PEOPLE} measured people."
    )
    own = target.own_strides
    return [
        among,
        own.sentence if own else TOO_FEW_STRIDES,
    ]


def map_text(loads: LoadMap, quantity: Quantity, leg: PreparedLeg, settings: LoadSettings) -> str:
    """A load map as a coarse table for a terminal: every fifth row, every fourth column."""
    rows, columns = (KINDS[name] for name in loads.axes)
    values = loads.values[quantity.name]
    lines = [
        _headline(leg),
        f"{quantity.axis_label}; recorded {loads.recorded[quantity.name]:.3f}",
        "",
        f"{columns.label}, {columns.shown_unit}:".ljust(18)
        + "".join(f"{columns.shown(value):>+9.0f}" for value in loads.grid[1][::4]),
    ]
    for value, row in zip(loads.grid[0][::5], values[::5], strict=True):
        amount = f"{rows.shown(value):+.0f}{rows.shown_unit}"
        lines.append(f"{amount:>10}".ljust(18) + "".join(f"{one:>9.3f}" for one in row[::4]))
    lines += ["", *interpolation_lines(loads.error), *findings_lines(leg.findings(settings)), DISCLAIMER]
    return "\n".join(lines)


def _head(leg: PreparedLeg, settings: LoadSettings) -> dict[str, Any]:
    stride, subject = leg.surface.stride, leg.trial.subject
    findings = leg.findings(settings)
    template = leg.surface.template
    fixed = {name: value for name, value in template.changes.items() if value}
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
        "settings": {**fixed, **documented(template), **documented(settings), **documented(leg.processing)},
        "findings": findings_document(findings),
        "notes": [str(finding) for finding in findings],
    }


def _candidate_document(one: Candidate) -> dict[str, Any]:
    return {
        **one.changes,
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
        **band.changes,
        "change_percent": {"lowest": band.lowest_percent, "highest": band.highest_percent},
        "assumptions": [
            {**_assumption_document(one, band.changes_percent), "change_percent": percent}
            for one, percent in band.changes_percent.items()
        ],
        "strides": None
        if spread is None
        else {
            "change_percent": list(spread.changes_percent),
            "mean_percent": float(np.mean(spread.changes_percent)),
            "sd_percent": float(np.std(spread.changes_percent, ddof=1)),
            "recommended": {
                "no helpful change" if changes is None else str(changes): count
                for changes, count in spread.recommended.items()
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
        "matters_most": band.most,
        "survives": band.survives,
        "verdict": band.verdict,
    }


def _assumption_document(one: Assumed, spanned: Iterable[Assumed]) -> dict[str, Any]:
    """The assumptions that belong to the shown range, and those that differ over what is spanned."""
    every = [one, *spanned]
    told = {
        name for name, setting in ASSUMPTIONS.items() if setting.in_range or len({each[name] for each in every}) > 1
    }
    rule = "keep direction" if one["virtual_point_statures"] is None else "virtual point"
    if one["balance"] == "solved":
        rule = "balance solved"
    return {name: one[name] for name in ASSUMPTIONS if name in told} | {"force_rule": rule}


def _own_strides_document(own: OwnStrides | None) -> dict[str, Any] | None:
    if own is None:
        return None
    document = asdict(own)
    for name, deviation in document.pop("spread").items():
        stem, _, unit = name.rpartition("_")
        document[f"{stem}_sd_{unit}"] = deviation
    document["slopes"] = [{**asdict(one), "per": _slope_step(one.change)} for one in own.slopes]
    return document


def _slope_step(outcome: str) -> str:
    """The step per which a slope is given, in words."""
    kind = next(one for one in KINDS.values() if one.outcome == outcome)
    return kind.amount(kind.slope_step)


def _headline(leg: PreparedLeg) -> str:
    stride, subject = leg.surface.stride, leg.trial.subject
    return (
        f"{leg.trial.name}: {stride.side} leg, {'stride' if stride.whole else 'stance'} {stride.number} of"
        f" {len(leg.strides)}; {subject.mass_kg:g} kg, {subject.height_m:g} m"
    )
