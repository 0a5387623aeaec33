"""Answers as text, JSON and CSV, each with units, settings and provenance."""

from __future__ import annotations

import json
from collections.abc import Mapping

import numpy as np
import pandas as pd

from workbench.core.declaration import documented
from workbench.core.estimate_errors import ESTIMATE_ERRORS
from workbench.core.implant import COMPARTMENTS, ImplantComparison, root_mean_square_bw
from workbench.core.results import LoadsOfStrides, Simulation
from workbench.core.types import Array
from workbench.core.vocabulary import CURVES, CYCLE_PERCENT, DISCLAIMER, PEAKS, TEST_RETEST_ERROR
from workbench.report.findings_report import findings_document, findings_lines
from workbench.report.interpolation_report import interpolation_document

_BLOCKS = "▁▂▃▄▅▆▇█"
#: The curve that a peak is of, by the beginning of the peak's name.
_CURVE_OF_PEAK = {
    "kam_peak": "knee_adduction_moment_pct_bw_ht",
    "kfm_peak": "knee_flexion_moment_pct_bw_ht",
    "mcf_peak": "medial_contact_force_bw",
    "lcf_peak": "lateral_contact_force_bw",
    "tcf_peak": "total_contact_force_bw",
}


def simulation_document(simulation: Simulation) -> dict[str, object]:
    """The JSON document of a simulation, schema ``workbench.simulation/1``."""
    strides = simulation.strides
    return {
        "schema": "workbench.simulation/1",
        "trial": {
            "name": simulation.trial_name,
            "side": simulation.side,
            "mass_kg": simulation.subject.mass_kg,
            "height_m": simulation.subject.height_m,
            "unit": "stride" if all(stride.whole for stride in strides) else "stance",
            "stride": strides[0].number if len(strides) == 1 else None,
            "stride_start_s": strides[0].start_s if len(strides) == 1 else None,
            "stride_s": float(np.mean([stride.duration_s for stride in strides])),
            "stance_percent": float(np.mean([stride.stance_percent for stride in strides])),
            "strides": len(strides),
            "strides_found": simulation.strides_found,
            "estimated_forces": simulation.has_estimated_forces,
        },
        "modification": {
            **simulation.modification.document(),
            **documented(simulation.settings),
            **documented(simulation.processing),
        },
        "percent": CYCLE_PERCENT.tolist(),
        "baseline": _lists(simulation.baseline.curves),
        "modified": _lists(simulation.modified.curves),
        "spread": _spread(simulation.baseline),
        "estimate_errors": _estimate_errors(simulation),
        "summary": {
            "baseline": dict(simulation.baseline.peaks),
            "modified": dict(simulation.modified.peaks),
            "change": simulation.change,
        },
        "below_test_retest_error": simulation.below_noise,
        "checks": dict(simulation.checks),
        "interpolation_error": interpolation_document(simulation.interpolation),
        "findings": findings_document(simulation.findings),
        "notes": list(simulation.notes),
        "disclaimer": DISCLAIMER,
        "provenance": dict(simulation.provenance),
    }


def peaks_table(simulation: Simulation) -> pd.DataFrame:
    """Peaks and impulses: one row each, with recorded, modified, change, percent and a remark."""
    rows = []
    for name, quantity in PEAKS.items():
        recorded, modified = simulation.baseline.peaks[name], simulation.modified.peaks[name]
        change = modified - recorded
        rows.append(
            {
                "quantity": quantity.label,
                "unit": quantity.unit,
                "recorded": recorded,
                "modified": modified,
                "change": change,
                "percent": 100.0 * change / abs(recorded) if recorded else np.nan,
                "remark": _remark(simulation, name, change),
            }
        )
    return pd.DataFrame(rows, index=pd.Index(list(PEAKS), name="name"))


def curves_table(simulation: Simulation) -> pd.DataFrame:
    """Curves over the cycle: ``percent`` and, for each quantity, recorded and modified."""
    columns: dict[str, Array] = {"percent": CYCLE_PERCENT}
    for name in CURVES:
        columns[f"recorded_{name}"] = simulation.baseline.curves[name]
        columns[f"modified_{name}"] = simulation.modified.curves[name]
        if simulation.baseline.curves_sd is not None:
            columns[f"recorded_sd_{name}"] = simulation.baseline.curves_sd[name]
        if (edges := simulation.estimate_band(name)) is not None:
            columns[f"estimate_low_{name}"], columns[f"estimate_high_{name}"] = edges
    return pd.DataFrame(columns)


def curves_csv(simulation: Simulation) -> str:
    """The curves as CSV, preceded by settings and provenance in lines that begin with ``#``."""
    document = simulation_document(simulation)
    kept = (
        "schema", "trial", "estimate_errors", "modification", "summary", "checks", "findings", "notes", "disclaimer",
        "provenance",
    )  # fmt: skip
    head = "".join(f"# {key}: {json.dumps(document[key], ensure_ascii=False)}\n" for key in kept)
    return head + curves_table(simulation).to_csv(index=False)


def simulation_text(simulation: Simulation) -> str:
    """The answer as text for a terminal: what was done, a table, the curves in one line each."""
    lines = [_headline(simulation), _what_changed(simulation), ""]
    changed = not simulation.modification.is_none
    head = f"{'':26}{'natural':>10}" + (f"{'modified':>10}{'change':>9}{'%':>8}" if changed else "") + "  unit"
    lines.append(head)
    for _, row in peaks_table(simulation).iterrows():
        line = f"{row.quantity:26}{row.recorded:>10.3f}"
        if changed:
            percent = "" if row.unit == "°" else f"{row.percent:+.1f}"
            line += f"{row.modified:>10.3f}{row.change:>+9.3f}{percent:>8}"
        lines.append(f"{line}  {row.unit}{'  ' + row.remark if row.remark else ''}")
    lines += ["", "Curves over the cycle, 0 to 100 % (natural gait" + (", modified gait)" if changed else ")")]
    for name, quantity in CURVES.items():
        recorded, modified = simulation.baseline.curves[name], simulation.modified.curves[name]
        low, high = min(recorded.min(), modified.min()), max(recorded.max(), modified.max())
        lines.append(f"{quantity.label:24} {_strip(recorded, low, high)}  {low:.2f} to {high:.2f} {quantity.unit}")
        if changed:
            lines.append(f"{'':24} {_strip(modified, low, high)}")
    lines += ["", *_residual_line(simulation), *findings_lines(simulation.findings), "", DISCLAIMER]
    return "\n".join(lines)


def validation_document(
    simulation: Simulation, comparison: ImplantComparison, calibration: Mapping[str, float] | None
) -> dict[str, object]:
    """The JSON document of a validation, schema ``workbench.validation/1``; forces in newtons and body weight."""
    document = simulation_document(simulation)
    weight_N = simulation.subject.body_weight_N
    agreement = {
        name: {
            "root_mean_square_error_N": one.root_mean_square_error,
            "root_mean_square_error_bw": root_mean_square_bw(one, simulation.subject),
            "r": one.correlation,
            "simulated_peaks_bw": [peak / weight_N for peak in one.simulated_peaks],
            "measured_peaks_bw": [peak / weight_N for peak in one.measured_peaks],
            "simulated_peaks_N": list(one.simulated_peaks),
            "measured_peaks_N": list(one.measured_peaks),
        }
        for name, one in comparison.agreement_N.items()
    }
    return {
        "schema": "workbench.validation/1",
        "trial": document["trial"],
        "settings": document["modification"],
        "lag_s": comparison.lag_s,
        "agreement": agreement,
        "calibration": dict(calibration) if calibration else None,
        "percent": document["percent"],
        "simulated": {
            f"{name}_contact_force_bw": simulation.baseline.curves[f"{name}_contact_force_bw"].tolist()
            for name in COMPARTMENTS
        },
        "measured": {
            f"{name}_contact_force_bw": (comparison.measured_N[name] / weight_N).tolist() for name in COMPARTMENTS
        },
        "findings": document["findings"],
        "notes": document["notes"],
        "provenance": document["provenance"],
    }


def validation_text(
    simulation: Simulation, comparison: ImplantComparison, calibration: Mapping[str, float] | None
) -> str:
    """The comparison with an implant as text for a terminal."""
    weight_N = simulation.subject.body_weight_N
    lines = [
        _headline(simulation),
        f"Simulated and measured contact force over stance, after removing a lag of {1000 * comparison.lag_s:.0f} ms"
        " of the implant's clock.",
    ]
    if calibration:
        lines.append(
            f"Calibrated on this trial: --contact-spacing {calibration['contact_spacing_mm']:.1f}"
            f" --contact-offset {calibration['contact_offset_mm']:.1f}"
        )
    lines += ["", f"{'':10}{'error N':>9}{'error BW':>10}{'r':>7}{'peaks simulated BW':>22}{'measured BW':>16}"]
    for name, one in comparison.agreement_N.items():
        simulated = " / ".join(f"{peak / weight_N:.2f}" for peak in one.simulated_peaks)
        measured = " / ".join(f"{peak / weight_N:.2f}" for peak in one.measured_peaks)
        lines.append(
            f"{name:10}{one.root_mean_square_error:>9.0f}{root_mean_square_bw(one, simulation.subject):>10.3f}"
            f"{one.correlation:>7.2f}{simulated:>22}{measured:>16}"
        )
    lines += ["", *findings_lines(simulation.findings)]
    return "\n".join(lines)


def _lists(curves: Mapping[str, Array]) -> dict[str, list[float]]:
    return {name: values.tolist() for name, values in curves.items()}


def _estimate_errors(simulation: Simulation) -> dict[str, float] | None:
    """Typical root-mean-square error of each curve over stance, in its unit; None where the forces were recorded."""
    if not simulation.has_estimated_forces:
        return None
    return {name: ESTIMATE_ERRORS[name].typical for name in CURVES}


def _spread(loads: LoadsOfStrides) -> dict[str, object] | None:
    """Standard deviation between the strides of the recorded walk, None for one stride."""
    if loads.curves_sd is None or loads.peaks_sd is None:
        return None
    return {"curves_sd": _lists(loads.curves_sd), "summary_sd": dict(loads.peaks_sd)}


def _remark(simulation: Simulation, name: str, change: float) -> str:
    if name == "step_width_m" and simulation.modification.changes.bears("turn"):
        return "measured between the heels, which move as the feet turn"
    remarks = []
    if change and simulation.below_noise.get(name, False):
        error, source = TEST_RETEST_ERROR[name]
        remarks.append(f"below test-retest error {error:g} ({source.split(',')[0]})")
    curve = next((curve for start, curve in _CURVE_OF_PEAK.items() if name.startswith(start)), None)
    if curve is not None and simulation.has_estimated_forces:
        remarks.append(f"typical error of the curve {ESTIMATE_ERRORS[curve].typical:g}: estimated ground forces")
    return "; ".join(remarks)


def _headline(simulation: Simulation) -> str:
    strides = simulation.strides
    unit = "stride" if all(stride.whole for stride in strides) else "stance"
    if len(strides) > 1:
        what = f"mean of {len(strides)} {unit}s"
    else:
        what = f"{unit} {strides[0].number} of {simulation.strides_found}, from {strides[0].start_s:.2f} s"
    return (
        f"{simulation.trial_name}: {simulation.side} leg, {what}; {simulation.subject.mass_kg:g} kg,"
        f" {simulation.subject.height_m:g} m"
    )


def _what_changed(simulation: Simulation) -> str:
    modification, settings = simulation.modification, simulation.settings
    assumed = (
        f"assumed: {'both feet' if modification.sides == 'both' else 'one foot'}, pivot {modification.pivot:g} × foot"
        f" length, {modification.force_rule}; "
        if not modification.is_none
        else ""
    )
    weights = [f"muscle weights '{settings.weights}'"]
    weights += [
        f"{group} {weight:g}"
        for group, weight in (
            ("gastrocnemius", settings.gastrocnemius_weight),
            ("hamstrings", settings.hamstrings_weight),
        )
        if weight is not None
    ]
    return (
        f"Change: {'none' if modification.is_none else modification.changes} ({assumed}{', '.join(weights)}, contact"
        f" points {1000 * settings.contact_spacing_m:g} mm apart, offset {1000 * settings.contact_offset_m:g} mm"
        f"{', compartments may lift off' if settings.compartments_may_lift_off else ''})"
    )


def _residual_line(simulation: Simulation) -> list[str]:
    """The figure that tells most about a recording, whether or not it is beyond its limit."""
    before, after = (simulation.checks[f"residual_force_pct_bw_{gait}"] for gait in ("baseline", "modified"))
    if not isinstance(before, float) or not isinstance(after, float):
        return []
    modified = "" if simulation.modification.is_none else f", {after:.1f} % in the modified walk"
    return [f"Residual force at the pelvis: up to {before:.1f} % BW in the recorded walk{modified}."]


def _strip(curve: Array, low: float, high: float) -> str:
    """A curve as one line of block characters, every second percent."""
    scaled = (curve[::2] - low) / (high - low) if high > low else np.zeros(51)
    return "".join(_BLOCKS[min(int(value * len(_BLOCKS)), len(_BLOCKS) - 1)] for value in scaled)
