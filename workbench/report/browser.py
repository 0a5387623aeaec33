"""What the browser needs to answer by itself while a slider moves; `browser.js` reads it."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import numpy as np

from workbench.core.answer_grid import GRID_CURVES, AnswerGrid
from workbench.core.changes import KINDS, Changes
from workbench.core.changes.kind import Direction, Kind
from workbench.core.estimate_errors import ESTIMATE_ERRORS
from workbench.core.results import LoadsOfStrides, Simulation
from workbench.core.vocabulary import CYCLE_PERCENT, DISCLAIMER, PEAKS, TEST_RETEST_ERROR
from workbench.report.words import READINGS, natural_gait_in_words

_FOLDER: Final = Path(__file__).parent


def script(name: str) -> str:
    """Text of a component of this room, behind the module that all of them share."""
    return with_answers((_FOLDER / f"{name}.js").read_text(encoding="utf-8"))


def with_answers(component: str) -> str:
    """Text of a component, behind the module that all of them share: a view has no other way to give it to them."""
    return (_FOLDER / "browser.js").read_text(encoding="utf-8") + component


def leg_document(answer: Simulation) -> dict[str, Any]:
    """The natural gait of a leg, and the words for everything that is shown of it."""
    return {
        "instants": len(CYCLE_PERCENT),
        **_loads(answer.baseline),
        "words": {
            "levers": [lever_document(kind) for kind in KINDS.values()],
            "unchanged": natural_gait_in_words(),
            "disclaimer": DISCLAIMER,
            "estimated": _estimated(answer),
            "caption": f"{answer.trial_name}, {answer.side} leg: simulated loads.",
            "readings": [
                {
                    "name": reading.name,
                    "unit": reading.unit,
                    "peaks": list(reading.peaks),
                    "clear": [reading.clear] * len(reading.peaks),
                    "always": reading.always,
                }
                for reading in READINGS
            ],
            "peaks": [
                {
                    "name": name,
                    "label": quantity.label,
                    "unit": quantity.unit,
                    "digits": 1 if quantity.unit == "°" else 2,
                    **_noise(name),
                    # The percentage of an angle says nothing: its zero is a convention.
                    "percent": quantity.unit != "°",
                }
                for name, quantity in PEAKS.items()
            ],
        },
    }


def direct_document(answer: Simulation) -> dict[str, Any]:
    """One answer of the server's, with the changes that it is for."""
    return {"values": shown_values(answer.modification.changes), **_loads(answer.modified)}


def grid_document(grid: AnswerGrid) -> dict[str, Any]:
    """What belongs to the coefficients of `grid_bytes`."""
    return {
        "axes": [
            {"name": KINDS[name].shown_name, "knots": [KINDS[name].shown(float(knot)) for knot in knots]}
            for name, knots in zip(grid.axes, grid.knots, strict=True)
        ],
        "curves": list(GRID_CURVES),
        "peaks": list(PEAKS),
        "held": shown_values(grid.template.changes),
    }


def grid_bytes(grid: AnswerGrid) -> dict[str, bytes]:
    """Coefficients of curves and peaks, little-endian float32, the last axis varying fastest."""
    return {name: getattr(grid, name).astype("<f4").tobytes() for name in ("curves", "peaks")}


def shown_values(changes: Changes) -> dict[str, float]:
    """Every kind of change by its shown name, in the shown unit."""
    return {kind.shown_name: kind.shown(changes[kind.name]) for kind in KINDS.values()}


def lever_document(kind: Kind) -> dict[str, Any]:
    """A slider: its reach, step and words, in the shown unit."""
    return {
        "name": kind.shown_name,
        "label": kind.label,
        "unit": kind.shown_unit,
        "space": "" if kind.shown_unit in "°%" else " ",
        "reach": kind.shown(kind.reach),
        "step": kind.shown_step,
        "less": _direction(kind.less),
        "more": _direction(kind.more),
    }


def _direction(direction: Direction) -> dict[str, str]:
    return {"name": direction.option, "words": direction.words, "brief": direction.brief}


def _estimated(answer: Simulation) -> str:
    """What estimated ground forces leave uncertain; empty where they were measured."""
    if not answer.has_estimated_forces:
        return ""
    kam, medial = (ESTIMATE_ERRORS[name] for name in ("knee_adduction_moment_pct_bw_ht", "medial_contact_force_bw"))
    return (
        f"The ground forces are estimated from the motion; typical errors of the curves: {kam.typical:g} {kam.unit}"
        f" (KAM), {medial.typical:g} {medial.unit} (medial force)."
    )


def _noise(name: str) -> dict[str, Any]:
    """The published test-retest error of a peak, and what to say of smaller changes."""
    if name not in TEST_RETEST_ERROR:
        return {"noise": None, "note": ""}
    error, source = TEST_RETEST_ERROR[name]
    note = (
        f"‡ smaller than the test-retest error between sessions, {error:g} {PEAKS[name].unit} ({source}):"
        " meaningful only as a change within one session."
    )
    return {"noise": error, "note": note}


def _loads(loads: LoadsOfStrides) -> dict[str, Any]:
    return {
        "curves": {name: np.asarray(loads.curves[name]).tolist() for name in GRID_CURVES},
        "peaks": dict(loads.peaks),
    }
