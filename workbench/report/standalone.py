"""A page of its own: one file with live sliders that needs no server and no network."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import numpy as np

from workbench.core.response import LARGEST_TURN_DEG, LARGEST_WIDENING_M, ResponseSurface
from workbench.core.results import Simulation
from workbench.core.types import LoadSettings
from workbench.core.vocabulary import CURVES, DISCLAIMER, PEAKS
from workbench.figures import palette
from workbench.figures.palette import SHOWN
from workbench.report.findings_report import findings_lines
from workbench.report.simulation_report import simulation_document

#: Nodes at which the loads are written into the file; the browser interpolates linearly between them.
TURNS_DEG: Final = np.linspace(-LARGEST_TURN_DEG, LARGEST_TURN_DEG, 13)
WIDENINGS_M: Final = np.linspace(-LARGEST_WIDENING_M, LARGEST_WIDENING_M, 9)
_TEMPLATE: Final = Path(__file__).with_suffix(".html")
#: What is changed is known from the sliders.
_PEAKS: Final = {name: one for name, one in PEAKS.items() if name not in ("foot_progression_angle_deg", "step_width_m")}


def standalone_html(answer: Simulation, surface: ResponseSurface, settings: LoadSettings) -> str:
    """The page of one leg as a single HTML file.

    Parameters
    ----------
    answer : Simulation
        What is on the screen: person, settings and provenance are taken from it.
    surface : ResponseSurface
    settings : LoadSettings
    """
    loads = [surface.loads_at(float(turn), float(widening), settings) for turn in TURNS_DEG for widening in WIDENINGS_M]
    curves = np.array([[one.curves[name] for name in SHOWN] for one in loads])
    peaks = np.array([[one.peaks[name] for name in _PEAKS] for one in loads])
    document = simulation_document(answer)
    data: dict[str, Any] = {
        "title": f"{answer.trial_name}, {answer.side} leg",
        "disclaimer": DISCLAIMER,
        "turns": TURNS_DEG.tolist(),
        "widenings": (100.0 * WIDENINGS_M).tolist(),
        "curves": [{"label": CURVES[name].axis_label} for name in SHOWN],
        "peaks": [{"label": one.label, "unit": one.unit} for one in _PEAKS.values()],
        "curveValues": _packed(curves),
        "peakValues": _packed(peaks),
        "recordedCurves": [answer.baseline.curves[name].tolist() for name in SHOWN],
        "recordedPeaks": [answer.baseline.peaks[name] for name in _PEAKS],
        "toeOff": answer.strides[0].stance_percent if answer.strides[0].whole else None,
        "start": [
            answer.modification.foot_progression_change_deg,
            100.0 * answer.modification.step_width_change_m,
        ],
        "colours": {"modified": palette.SIDE_COLOURS[answer.side], "recorded": palette.RECORDED_COLOUR},
        "findings": findings_lines(answer.findings),
        "record": {
            name: document[name] for name in ("trial", "modification", "findings", "notes", "checks", "provenance")
        },
    }
    return _filled(_TEMPLATE.read_text(encoding="utf-8"), data)


def _packed(values: np.ndarray[Any, Any]) -> str:
    """Little-endian float32 in base64."""
    return base64.b64encode(values.astype("<f4").tobytes()).decode()


def _filled(template: str, data: Mapping[str, Any]) -> str:
    # Nothing in a trial's name may end the script that carries it.
    text = json.dumps(data, ensure_ascii=False, allow_nan=False).replace("<", "\\u003c")
    return template.replace("/*DATA*/null", text)
