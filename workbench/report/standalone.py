"""A standalone page: one file with live sliders that needs no server and no network."""

from __future__ import annotations

import base64
import json
from typing import Any, Final

from bokeh.embed import components
from bokeh.resources import Resources
from markupsafe import Markup

from workbench.core.answer_grid import AnswerGrid, answer_grid
from workbench.core.changes import KINDS
from workbench.core.estimate_errors import BAND_LABEL
from workbench.core.response import ResponseSurface
from workbench.core.results import Simulation
from workbench.core.settings import LoadSettings
from workbench.core.vocabulary import DISCLAIMER
from workbench.figures import palette
from workbench.figures.colours import paint
from workbench.figures.curve_charts import curve_charts, curve_sources, natural_columns, show_side
from workbench.report.browser import (
    grid_bytes,
    grid_document,
    leg_document,
    lever_document,
    script,
    shown_values,
)
from workbench.report.findings_report import findings_lines
from workbench.report.html import render
from workbench.report.simulation_report import simulation_document

_STORE: Final = "saved"
_SOURCE: Final = "saved-curves"
#: Bokeh alone: `render` would add what Panel has registered with it.
_BOKEH: Final = Resources(mode="inline", components=["bokeh"])
_PARTS: Final = ("sentence", "tiles", "table")


def standalone_html(
    answer: Simulation, surface: ResponseSurface, settings: LoadSettings, grid: AnswerGrid | None = None
) -> str:
    """The page of one leg as a single HTML file.

    Parameters
    ----------
    answer : Simulation
        What is on the screen: person, settings and provenance are taken from it.
    surface : ResponseSurface
    settings : LoadSettings
    grid : AnswerGrid, optional
        Of the surface and the settings, where it is known already.
    """
    grid = grid or answer_grid(surface, settings)
    document = simulation_document(answer)
    kept = ("trial", "modification", "findings", "notes", "checks", "provenance")
    drawing, charts = _charts(answer, grid)
    return str(
        render(
            "standalone.html",
            title=f"{answer.trial_name}, {answer.side} leg",
            disclaimer=DISCLAIMER,
            surface=palette.LIGHT,
            bokeh=Markup("".join(f"<script>{text}</script>" for text in _BOKEH.js_raw)),
            estimated=BAND_LABEL if answer.has_estimated_forces else "",
            toe_off=answer.strides[0].whole,
            charts=[Markup(chart) for chart in charts],
            findings=findings_lines(answer.findings),
            record=json.dumps({name: document[name] for name in kept}, ensure_ascii=False, indent=1),
            drawing=Markup(drawing),
            data=_script_json(_models(answer, grid)),
            components=[
                (_script_json(["levers"]), Markup(script("levers"))),
                (_script_json(_PARTS), Markup(script("numbers"))),
            ],
        )
    )


def _charts(answer: Simulation, grid: AnswerGrid) -> tuple[str, tuple[str, ...]]:
    """The script that draws the charts, and the place of each; axes hold every curve of the grid."""
    sources, stride = curve_sources(_SOURCE), answer.strides[0]
    charts = curve_charts(sources)
    sources.natural.data = {**sources.natural.data, **natural_columns(answer, charts)}
    for name, chart in charts.items():
        chart.reach(grid.lowest[name], grid.highest[name])
        paint(chart.figure, dark=False)
    show_side(charts, palette.SIDE_COLOURS[answer.side], stance_percent=stride.stance_percent, whole=stride.whole)
    drawing, places = components(tuple(chart.figure for chart in charts.values()))
    return drawing, places


def _models(answer: Simulation, grid: AnswerGrid) -> dict[str, dict[str, Any]]:
    """What the components of the page read, in place of those that a server would keep in step."""
    numbers = {name: base64.b64encode(values).decode() for name, values in grid_bytes(grid).items()}
    levers = {
        "store": _STORE,
        "source": _SOURCE,
        "levers": [lever_document(KINDS[name]) for name in grid.axes],
        "live": [KINDS[name].shown_name for name in grid.axes],
        "presets": [],
        "values": shown_values(answer.modification.changes),
        "leg": leg_document(answer),
        "grid": grid_document(grid),
        "direct": {},
        **numbers,
    }
    return {"levers": levers, **{part: {"store": _STORE, "part": part, "waiting": ""} for part in _PARTS}}


def _script_json(value: Any) -> Markup:
    """JSON inside a script; nothing in a trial's name may end the script that carries it."""
    return Markup(json.dumps(value, ensure_ascii=False, allow_nan=False).replace("<", "\\u003c"))
