"""Charts of the curves over the cycle, in Bokeh: the page, the notebook and the saved file fill the same ones."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from bokeh.models import ColumnDataSource, CrosshairTool, HoverTool, Range1d, Span
from bokeh.plotting import figure

from workbench.core.results import Simulation
from workbench.core.types import Array
from workbench.core.vocabulary import CURVES, CYCLE_PERCENT
from workbench.figures import palette
from workbench.figures.palette import SHOWN

HEIGHT: Final = 240
#: Of the natural gait: its curve, what an implant measured, the spread of strides, and the error of estimated forces.
_KINDS: Final = ("recorded", "measured", "low", "high", "estimate_low", "estimate_high")
#: A curve that is not there.
EMPTY: Final = np.full(len(CYCLE_PERCENT), np.nan)


@dataclass(frozen=True)
class CurveSources:
    """What the charts of one leg draw, by the names of `SHOWN`."""

    natural: ColumnDataSource  #: ``percent``, and each of `_KINDS` with each name
    changed: ColumnDataSource  #: ``percent``, and ``modified_`` with each name; the browser alone writes it
    band: ColumnDataSource  #: outlines: ``percent`` and each name


def curve_sources(name: str) -> CurveSources:
    """Empty sources.

    Parameters
    ----------
    name : str
        Of the source of the changed curves, by which the browser finds it.
    """
    natural = {f"{kind}_{curve}": EMPTY.copy() for curve in SHOWN for kind in _KINDS}
    changed = {f"modified_{curve}": EMPTY.copy() for curve in SHOWN}
    return CurveSources(
        natural=ColumnDataSource({"percent": CYCLE_PERCENT, **natural}),
        # Nothing of it goes to the server.
        changed=ColumnDataSource({"percent": CYCLE_PERCENT, **changed}, name=name, syncable=False),
        band=ColumnDataSource({name: np.empty(0) for name in ("percent", *SHOWN)}),
    )


@dataclass(frozen=True)
class CurveChart:
    """A figure and the parts of it that change. What has no data is hidden: Bokeh looks up its colours all the same."""

    figure: Any
    changed: Any
    measured: Any
    spread: Any
    estimate: Any
    band: Any
    toe_off: Span
    cursor: Span

    def reach(self, lowest: float, highest: float) -> None:
        """Let the axis hold what it does not yet; it does not shrink, so that the eye keeps its scale."""
        y_range, margin = self.figure.y_range, 0.08 * (highest - lowest)
        if highest > y_range.end:
            y_range.end = highest + margin
        if lowest < y_range.start:
            y_range.start = lowest - margin

    def rest(self, curve: Array) -> None:
        """Let the axis hold a natural curve, with room above it and no more."""
        reach = float(np.ptp(curve))
        self.figure.y_range.update(
            start=min(0.0, float(curve.min())) - 0.1 * reach, end=float(curve.max()) + 0.25 * reach
        )


def curve_charts(sources: CurveSources) -> dict[str, CurveChart]:
    """One chart for each of `SHOWN`; they zoom along the cycle together."""
    crosshair = Span(dimension="height", line_color=palette.RECORDED_COLOUR, line_width=1)
    x_range = Range1d(0.0, 100.0, bounds=(0.0, 100.0))
    return {name: _chart(name, sources, x_range, crosshair) for name in SHOWN}


def _chart(name: str, sources: CurveSources, x_range: Range1d, crosshair: Span) -> CurveChart:
    quantity, style = CURVES[name], palette.BAND
    plot = figure(
        title=quantity.axis_label,
        x_range=x_range,
        y_range=Range1d(-0.5, 3.0),
        tools="xwheel_zoom,xpan,save,reset",
        active_scroll=None,
        height=HEIGHT,
        sizing_mode="stretch_width",
    )
    plot.toolbar.logo, plot.toolbar.autohide = None, True
    plot.xaxis.ticker = [0, 20, 40, 60, 80, 100]
    plot.min_border_left, plot.min_border_right = 46, 8
    spread = plot.varea(
        "percent", f"low_{name}", f"high_{name}", source=sources.natural, fill_color=palette.RECORDED_COLOUR,
        fill_alpha=0.25, visible=False,
    )  # fmt: skip
    dots = palette.ESTIMATE_BAND
    estimate = plot.varea(
        "percent", f"estimate_low_{name}", f"estimate_high_{name}", source=sources.natural,
        fill_color=palette.RECORDED_COLOUR, fill_alpha=dots.fill_alpha, hatch_color=palette.RECORDED_COLOUR,
        hatch_pattern=dots.hatch_pattern, hatch_alpha=dots.hatch_alpha, hatch_scale=dots.hatch_scale, visible=False,
    )  # fmt: skip
    band = plot.patch(
        "percent", name, source=sources.band, fill_alpha=style.fill_alpha, line_width=style.edge_width,
        hatch_pattern=style.hatch_pattern, hatch_alpha=style.hatch_alpha, hatch_scale=style.hatch_scale, visible=False,
    )  # fmt: skip
    plot.add_layout(Span(location=0.0, dimension="width", line_color=palette.RECORDED_COLOUR, line_width=1))
    measured = plot.line(
        "percent", f"measured_{name}", source=sources.natural, line_color=palette.TOTAL_COLOUR, line_dash="dotted",
        line_width=3, visible=False,
    )  # fmt: skip
    changed = plot.line("percent", f"modified_{name}", source=sources.changed, line_width=palette.MODIFIED.width)
    natural = plot.line(
        "percent", f"recorded_{name}", source=sources.natural, line_color=palette.RECORDED_COLOUR,
        line_dash=palette.RECORDED.dash, line_width=palette.RECORDED.width,
    )  # fmt: skip
    toe_off = Span(dimension="height", line_color=palette.RECORDED_COLOUR, line_dash="dotdash", visible=False)
    cursor = Span(location=0.0, dimension="height", line_color="#E0A100", line_width=2)
    for mark in (toe_off, cursor):
        plot.add_layout(mark)
    plot.add_tools(CrosshairTool(overlay=crosshair, dimensions="height"))
    for kind, called, line in (("recorded", "natural", natural), ("modified", "modified", changed)):
        tip = (f"{called} gait", f"@{kind}_{name}{{0.00}} {quantity.unit} at @percent{{0}} %")
        plot.add_tools(HoverTool(renderers=[line], mode="vline", tooltips=[tip]))
    return CurveChart(plot, changed, measured, spread, estimate, band, toe_off, cursor)


def natural_columns(answer: Simulation, charts: dict[str, CurveChart]) -> dict[str, Array]:
    """Columns of the natural gait with the error of estimated forces; the axes are made to hold them."""
    columns = {}
    for name, chart in charts.items():
        curve, edges = answer.baseline.curves[name], answer.estimate_band(name) or (EMPTY, EMPTY)
        columns[f"recorded_{name}"] = curve
        columns[f"estimate_low_{name}"], columns[f"estimate_high_{name}"] = edges
        chart.estimate.visible = answer.has_estimated_forces
        chart.rest(curve)
        known = np.concatenate(edges)
        if np.isfinite(known).any():
            chart.reach(float(np.nanmin(known)), float(np.nanmax(known)))
    return columns


def show_side(charts: dict[str, CurveChart], colour: str, *, stance_percent: float, whole: bool) -> None:
    """Colour the changed curves, mark toe-off, and say what the cycle is."""
    for chart in charts.values():
        chart.changed.glyph.line_color = colour
        chart.band.glyph.update(fill_color=colour, hatch_color=colour, line_color=colour)
        chart.toe_off.update(location=stance_percent, visible=whole)
    for name in SHOWN[2:]:
        charts[name].figure.xaxis.axis_label = f"% of the {'stride' if whole else 'stance'}"
