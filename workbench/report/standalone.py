"""A standalone page: one file with live sliders that needs no server and no network."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import numpy as np

from workbench.core.changes import KINDS, achieved
from workbench.core.changes.kind import Kind
from workbench.core.estimate_errors import BAND_LABEL
from workbench.core.response import ResponseSurface, node_points
from workbench.core.results import Simulation
from workbench.core.settings import LoadSettings
from workbench.core.types import Array
from workbench.core.vocabulary import CURVES, DISCLAIMER, PEAKS
from workbench.figures import palette
from workbench.figures.palette import SHOWN
from workbench.report.findings_report import findings_lines
from workbench.report.simulation_report import simulation_document

#: Nodes of each change at which the loads are written into the file; the browser interpolates linearly between them.
_COUNTS: Final = (13, 9)
_TEMPLATE: Final = Path(__file__).with_suffix(".html")
#: What is changed is known from the sliders.
_PEAKS: Final = {name: one for name, one in PEAKS.items() if name not in achieved()}


def standalone_html(answer: Simulation, surface: ResponseSurface, settings: LoadSettings) -> str:
    """The page of one leg as a single HTML file.

    Parameters
    ----------
    answer : Simulation
        What is on the screen: person, settings and provenance are taken from it.
    surface : ResponseSurface
    settings : LoadSettings
    """
    kinds = [KINDS[name] for name in surface.axes]
    places = [np.linspace(-kind.reach, kind.reach, count) for kind, count in zip(kinds, _COUNTS, strict=True)]
    loads = [surface.loads_at(changes, settings) for changes in node_points(surface.axes, places)]
    curves = np.array([[one.curves[name] for name in SHOWN] for one in loads])
    peaks = np.array([[one.peaks[name] for name in _PEAKS] for one in loads])
    document = simulation_document(answer)
    data: dict[str, Any] = {
        "title": f"{answer.trial_name}, {answer.side} leg",
        "disclaimer": DISCLAIMER,
        "sliders": [_slider(kind, nodes, answer) for kind, nodes in zip(kinds, places, strict=True)],
        "held": surface.template.changes.any,
        "curves": [{"label": CURVES[name].axis_label} for name in SHOWN],
        "peaks": [{"label": one.label, "unit": one.unit} for one in _PEAKS.values()],
        "curveValues": _packed(curves),
        "peakValues": _packed(peaks),
        "recordedCurves": [answer.baseline.curves[name].tolist() for name in SHOWN],
        "estimateBands": [_edges(answer.estimate_band(name)) for name in SHOWN],
        "estimateLabel": BAND_LABEL if answer.has_estimated_forces else "",
        "recordedPeaks": [answer.baseline.peaks[name] for name in _PEAKS],
        "toeOff": answer.strides[0].stance_percent if answer.strides[0].whole else None,
        "colours": {"modified": palette.SIDE_COLOURS[answer.side], "recorded": palette.RECORDED_COLOUR},
        "findings": findings_lines(answer.findings),
        "record": {
            name: document[name] for name in ("trial", "modification", "findings", "notes", "checks", "provenance")
        },
    }
    return _filled(_TEMPLATE.read_text(encoding="utf-8"), data)


def _edges(band: tuple[Array, Array] | None) -> list[list[float]] | None:
    """Lower and upper edge as far as they are known: over stance."""
    return None if band is None else [edge[np.isfinite(edge)].tolist() for edge in band]


def _slider(kind: Kind, nodes: Array, answer: Simulation) -> dict[str, Any]:
    """One change: the places that were computed, where it stands, and its words, shown."""
    return {
        "nodes": [kind.shown(float(node)) for node in nodes],
        "start": kind.shown(answer.modification[kind.name]),
        "step": kind.shown_step,
        "unit": kind.shown_unit,
        "less": {"name": kind.less.option, "words": kind.less.words},
        "more": {"name": kind.more.option, "words": kind.more.words},
    }


def _packed(values: np.ndarray[Any, Any]) -> str:
    """Little-endian float32 in base64."""
    return base64.b64encode(values.astype("<f4").tobytes()).decode()


def _filled(template: str, data: Mapping[str, Any]) -> str:
    # Nothing in a trial's name may end the script that carries it.
    text = json.dumps(data, ensure_ascii=False, allow_nan=False).replace("<", "\\u003c")
    return template.replace("/*DATA*/null", text)
