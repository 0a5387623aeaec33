"""What marker names reveal: the side, the part of the foot, and other names for the same marker."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

import numpy as np

from workbench.core.findings import Finding
from workbench.core.types import Array
from workbench.core.vocabulary import SIDES, Side

_SIDE: Final[dict[Side, re.Pattern[str]]] = {
    side: re.compile(rf"^{letter}(?=[A-Z0-9_. ]|$)|^{letter.lower()}[_. ]|[_. ]{letter}$|[_. ]{letter.lower()}$"
                     rf"|^{side}|{side.capitalize()}|_{side}$|(?<=[a-z]){letter}$|^{letter}(?=ankle|heel|toe)")
    for side, letter in zip(SIDES, "LR", strict=True)
}  # fmt: skip
_HEEL: Final = re.compile(r"HEE|CAL|HINDFOOT|FCC")
_TOE: Final = re.compile(r"TOE|MT[1-5]|MET|[1-5]META|META[1-5]|D[1-5]M|HLX|HALLUX|BIGTOE|SMALLTOE|SMH|FM[1-5]|MH[1-5]")
_FOOT: Final = re.compile(r"FOOT|FT[0-9]|FOO$")
_AS_LONG: Final = 0.8  #: a double replaces the first of its name if that was seen for less than this share of it
_NO_FOOT: Final = re.compile(r"METACARP|FIN$|HAND|WRIST|CLUSTER|_JC|JC$")


def side_of(label: str) -> Side | None:
    """Return a marker's side from its name; None on the midline or if the name does not show it.

    Examples
    --------
    >>> [side_of(label) for label in ("LASI", "R.Heel", "r_calc", "heel_l", "left_ankle", "C7", "Lumbar")]
    ['left', 'right', 'right', 'left', 'left', None, None]
    """
    found = [side for side in SIDES if _SIDE[side].search(label)]
    return found[0] if len(found) == 1 else None


def part_of_foot(label: str) -> str | None:
    """Return "heel", "toe" or "foot" from a marker's name; None if it is not on a foot.

    Examples
    --------
    >>> [part_of_foot(label) for label in ("LHEE", "RMT2", "L_Hindfoot", "LFT1", "RKNE")]
    ['heel', 'toe', 'heel', 'foot', None]
    """
    name = label.upper()
    if _NO_FOOT.search(name):
        return None
    return next((part for part, words in (("heel", _HEEL), ("toe", _TOE), ("foot", _FOOT)) if words.search(name)), None)


def foot_markers(names: Sequence[str], side: Side, part: str | None = None) -> tuple[str, ...]:
    """Names of the markers on one foot, or on one part of it ("heel", "toe").

    Examples
    --------
    >>> foot_markers(("LHEE", "LTOE", "RHEE", "LKNE"), "left")
    ('LHEE', 'LTOE')
    """
    return tuple(
        name
        for name in names
        if side_of(name) == side and (part_of_foot(name) == part if part else part_of_foot(name) is not None)
    )


def clean_labels(labels: Sequence[str], position: Array, where: str) -> tuple[tuple[str, ...], Array, list[Finding]]:
    """Remove the subject's prefix, unlabelled markers and duplicates.

    Parameters
    ----------
    labels : sequence of str
        k names as the file has them.
    position : array, shape (n, k, 3)
        Missing (NaN) where not seen.
    where : str
        The file, for the findings.

    Returns
    -------
    tuple of str, array, list of Finding

    Examples
    --------
    >>> seen, unseen = np.zeros((2, 1, 3)), np.full((2, 1, 3), np.nan)
    >>> names, kept, findings = clean_labels(["S4:LASI", "*12", "LASI"], np.hstack([unseen, seen, seen]), "walk.c3d")
    >>> names, kept.shape, findings[0].code
    (('LASI',), (2, 1, 3), 'duplicate_markers')
    """
    plain = [label.strip().rsplit(":", 1)[-1].strip() for label in labels]
    seen = np.isfinite(position).all(axis=2).sum(axis=0)
    named = [i for i, label in enumerate(plain) if label and not re.match(r"^(\*|U\d+$|unlabel|noname)", label, re.I)]
    best: dict[str, int] = {}
    doubles: list[str] = []
    for index in named:
        label = plain[index]
        if label in best:
            doubles.append(label)
            # Programs append what they computed under the names of what was measured, so the first one counts.
            if seen[index] * _AS_LONG <= seen[best[label]]:
                continue
        best[label] = index
    columns = sorted(best.values())
    findings = []
    if doubles:
        findings.append(
            Finding("duplicate_markers", "note", "recording",
                    f"The labels {', '.join(sorted(set(doubles)))} occur more than once; the first is used, or the one"
                    " seen far longer.",
                    "Check that it is the measured marker.", where)
        )  # fmt: skip
    return tuple(plain[i] for i in columns), position[:, columns], findings
