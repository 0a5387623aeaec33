"""Findings: what a reader of the numbers must know about the recording, the model or the modified walk."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Final, Literal

Severity = Literal["serious", "doubtful", "note"]
About = Literal["recording", "model", "modified walk"]

#: The worst first.
SEVERITIES: Final[tuple[Severity, ...]] = ("serious", "doubtful", "note")


@dataclass(frozen=True)
class Finding:
    """One thing that a reader of the numbers must know.

    Serious: the numbers are probably wrong. Doubtful: they may be off. Note: how they were obtained.

    Parameters
    ----------
    code : str
        Machine name, the same for every trial: ``"late_forces"``.
    severity : {"serious", "doubtful", "note"}
    about : {"recording", "model", "modified walk"}
    problem : str
        A whole sentence in the words of a gait laboratory, with the number found.
    remedy : str
        What to do about it; empty where there is nothing to do.
    where : str
        File, column, time or setting.
    limit : str
        The limit that was exceeded, with its unit; empty if there is none.
    source : str
        Where the limit comes from.

    Examples
    --------
    >>> print(Finding("late_forces", "serious", "recording", "The forces lag the markers by 40 ms.", "Align them."))
    The forces lag the markers by 40 ms. Align them.
    """

    code: str
    severity: Severity
    about: About
    problem: str
    remedy: str = ""
    where: str = ""
    limit: str = ""
    source: str = ""

    def __str__(self) -> str:
        return " ".join(
            part for part in (f"{self.where}: {self.problem}" if self.where else self.problem, self.remedy) if part
        )


def graded(value: float, limits: tuple[float, float]) -> Severity:
    """Severity of a number that has exceeded the first of two limits.

    Examples
    --------
    >>> graded(0.05, (0.015, 0.035)), graded(0.02, (0.015, 0.035))
    ('serious', 'doubtful')
    """
    return "serious" if value > limits[1] else "doubtful"


def worst_first(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Findings without repetition, by severity, otherwise in the order given.

    Examples
    --------
    >>> note = Finding("unit", "note", "recording", "Percentages refer to stance.")
    >>> lag = Finding("lag", "serious", "recording", "The forces lag the markers by 40 ms.")
    >>> [finding.code for finding in worst_first([note, lag, note])]
    ['lag', 'unit']
    """
    return tuple(sorted(dict.fromkeys(findings), key=lambda finding: SEVERITIES.index(finding.severity)))


def in_brief(findings: Iterable[Finding]) -> str:
    """How many findings are serious or doubtful, with the worst, for a picture that has no room for all.

    Examples
    --------
    >>> in_brief([Finding("late_forces", "serious", "recording", "The forces lag the markers by 40 ms.")])
    '1 serious finding: The forces lag the markers by 40 ms.'
    >>> in_brief([Finding("unit", "note", "recording", "Percentages refer to stance.")])
    ''
    """
    told = [finding for finding in worst_first(findings) if finding.severity != "note"]
    if not told:
        return ""
    counts = [(severity, sum(finding.severity == severity for finding in told)) for severity in SEVERITIES]
    words = ", ".join(f"{count} {severity}" for severity, count in counts if count)
    return f"{words} {'finding' if len(told) == 1 else 'findings, the worst'}: {told[0].problem}"


def of_trials(found: Iterable[tuple[str, Iterable[Finding]]]) -> tuple[Finding, ...]:
    """Findings of several trials, each with the names of the trials concerned, worst first.

    Parameters
    ----------
    found : iterable of (str, iterable of Finding)
        Name and findings of each trial.

    Examples
    --------
    >>> note = Finding("unit", "note", "recording", "Percentages refer to stance.", where="grf.mot")
    >>> print(*of_trials([("ss1", [note]), ("ss2", [note])]))
    ss1, ss2 (grf.mot): Percentages refer to stance.
    """
    names: dict[Finding, list[str]] = {}
    for name, findings in found:
        for finding in findings:
            if name not in names.setdefault(finding, []):
                names[finding].append(name)
    return worst_first(
        replace(one, where=", ".join(trials) + (f" ({one.where})" if one.where else ""))
        for one, trials in names.items()
    )
