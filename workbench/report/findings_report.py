"""Findings for every answer: text, JSON, HTML and table."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict

import pandas as pd
from markupsafe import Markup

from workbench.core.findings import SEVERITIES, Finding
from workbench.report.html import render

_COLUMNS = ("severity", "about", "problem", "remedy", "where", "limit", "source", "code")


def findings_document(findings: Sequence[Finding]) -> list[dict[str, str]]:
    """The findings for JSON."""
    return [asdict(finding) for finding in findings]


def findings_lines(findings: Sequence[Finding]) -> list[str]:
    """One line for each finding, for a terminal."""
    return [f"{one.severity.capitalize()} ({one.about}): {one}" for one in findings]


def findings_table(findings: Sequence[Finding]) -> pd.DataFrame:
    """One row for each finding, for a spreadsheet."""
    return pd.DataFrame([[asdict(one)[name] for name in _COLUMNS] for one in findings], columns=list(_COLUMNS))


def findings_summary(findings: Sequence[Finding]) -> str:
    """Number of findings of each severity, for instance ``1 serious, 2 doubtful, 4 notes``; empty for none.

    Examples
    --------
    >>> lag = Finding("late_forces", "serious", "recording", "The forces lag the markers by 40 ms.")
    >>> findings_summary([lag])
    '1 serious'
    """
    counts = Counter(one.severity for one in findings)
    words = {"serious": "serious", "doubtful": "doubtful", "note": "note" if counts["note"] == 1 else "notes"}
    return ", ".join(f"{counts[severity]} {words[severity]}" for severity in SEVERITIES if counts[severity])


def findings_html(findings: Sequence[Finding]) -> Markup:
    """All findings as a list, with the severity in words."""
    return render("findings.html", findings=findings)


def findings_badge(findings: Sequence[Finding]) -> Markup:
    """One line with their number and the worst one; it unfolds to the list."""
    return render("findings_badge.html", findings=findings, summary=findings_summary(findings))
