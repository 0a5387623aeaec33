"""A measured change of gait and its simulation, as text, table and JSON."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from workbench.core.changes import achieved
from workbench.core.comparison import MEASURED_CHANGES, SIMULATED_CHANGES, GaitComparison
from workbench.core.declaration import documented
from workbench.core.vocabulary import CYCLE_PERCENT, DISCLAIMER, PEAKS, TEST_RETEST_ERROR
from workbench.report.findings_report import findings_document, findings_lines

#: What is changed is no outcome.
_OUTCOMES = [name for name in PEAKS if name not in achieved()]


def comparison_document(comparison: GaitComparison) -> dict[str, object]:
    """The JSON document, schema ``workbench.comparison/1``; changes are of the means over all strides."""
    return {
        "schema": "workbench.comparison/1",
        "side": comparison.side,
        "subject": {"mass_kg": comparison.subject.mass_kg, "height_m": comparison.subject.height_m},
        "trials": {"normal": dict(comparison.normal_strides), "modified": dict(comparison.modified_strides)},
        "change": dict(comparison.change),
        "measured": comparison.measured_change,
        "simulated": comparison.simulated_change,
        "error": comparison.error,
        "normal": dict(comparison.normal.peaks),
        "percent": CYCLE_PERCENT.tolist(),
        "measured_curves": {name: measured.tolist() for name, (measured, _) in comparison.curves.items()},
        "simulated_curves": {name: simulated.tolist() for name, (_, simulated) in comparison.curves.items()},
        "modification": {
            **comparison.modification.document(),
            **documented(comparison.settings),
            **documented(comparison.processing),
        },
        "findings": findings_document(comparison.findings),
        "disclaimer": DISCLAIMER,
        "provenance": [dict(one) for one in comparison.provenance],
    }


def comparison_table(comparison: GaitComparison) -> pd.DataFrame:
    """One row for each peak: normal, measured change, simulated change, error, and whether the signs agree."""
    measured, simulated, error = comparison.measured_change, comparison.simulated_change, comparison.error
    rows = [
        {
            "quantity": PEAKS[name].label,
            "unit": PEAKS[name].unit,
            "normal": comparison.normal.peaks[name],
            "measured": measured[name],
            "simulated": simulated[name],
            "error": error[name],
            "sign": _sign(measured[name] * simulated[name]),
            "remark": _remark(name, measured[name]),
        }
        for name in _OUTCOMES
    ]
    return pd.DataFrame(rows, index=pd.Index(_OUTCOMES, name="name"))


def curves_of_changes(comparison: GaitComparison) -> pd.DataFrame:
    """Measured and simulated change of each curve over the cycle, 101 rows."""
    columns = {"percent": CYCLE_PERCENT}
    for name, (measured, simulated) in comparison.curves.items():
        columns |= {f"measured_{name}": measured, f"simulated_{name}": simulated}
    return pd.DataFrame(columns)


def comparison_text(comparison: GaitComparison) -> str:
    """The comparison as text for a terminal."""
    lines = [
        f"Measured and simulated change of gait, {comparison.side} leg,"
        f" {comparison.subject.mass_kg:g} kg, {comparison.subject.height_m:g} m",
        f"Normal: {_listed(comparison.normal_strides)}. Modified: {_listed(comparison.modified_strides)}.",
        "",
        f"{'What the person changed':26}{'change':>10}  unit",
    ]
    for name, value in comparison.change.items():
        quantity = MEASURED_CHANGES[name]
        taken = "simulated" if name in SIMULATED_CHANGES else "measured only"
        lines.append(f"{quantity.label:26}{value:>+10.3f}  {quantity.unit:4} {taken}; {quantity.sign}")
    lines += ["", f"{'Change of':26}{'normal':>10}{'measured':>10}{'simulated':>11}{'error':>9}  {'sign':10}unit"]
    for _, row in comparison_table(comparison).iterrows():
        line = (
            f"{row.quantity:26}{row.normal:>10.3f}{row.measured:>+10.3f}{row.simulated:>+11.3f}{row.error:>+9.3f}"
            f"  {row.sign:10}{row.unit}"
        )
        lines.append(f"{line}  {row.remark}" if row.remark else line)
    lines += ["", *findings_lines(comparison.findings)]
    lines += [
        "Measured change: between the two groups of trials, both computed with the same model and muscles. The contact"
        " forces are simulated in both.",
        DISCLAIMER,
    ]
    return "\n".join(lines)


def _sign(product: float) -> str:
    return "same" if product > 0.0 else "opposite" if product < 0.0 else ""


def _listed(strides: Mapping[str, int]) -> str:
    return ", ".join(f"{name} ({count} {'stance' if count == 1 else 'stances'})" for name, count in strides.items())


def _remark(name: str, change: float) -> str:
    if name not in TEST_RETEST_ERROR or abs(change) >= TEST_RETEST_ERROR[name][0]:
        return ""
    error, source = TEST_RETEST_ERROR[name]
    return f"measured change below test-retest error {error:g} ({source.split(',')[0]})"
