"""Computed muscle activations beside the recorded EMG, in the Data view of a trial that has some."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape

import numpy as np
import panel as pn
from bokeh.models import Range1d
from bokeh.plotting import figure

from workbench.core.emg_opinion import EmgOpinion, doubts, emg_opinion
from workbench.core.errors import WorkbenchError
from workbench.core.vocabulary import CYCLE_PERCENT, PEAKS, Side
from workbench.dashboard.messages import TABLE_STYLE
from workbench.figures import colours, palette
from workbench.report.emg_report import told
from workbench.report.html import render
from workbench.session.session import Session

_COLUMNS = 2
_HEIGHT = 150
_STYLE = "h2 { font-size: 17px; font-weight: 600; margin: 4px 0 6px; }"


def emg_panel(session: Session, *, dark: bool) -> list[pn.viewable.Viewable]:
    """Charts and a table of the leg on the screen; nothing where it has no EMG.

    Parameters
    ----------
    session : Session
    dark : bool
        Whether the page is dark.
    """
    leg, stride = session.recorded_leg, session.stride
    if leg is None or stride is None or not leg.mechanics.emg_muscles:
        return []
    try:
        opinion = emg_opinion(leg.mechanics, stride, session.trial.subject, session.settings)
    except WorkbenchError as error:
        return [pn.pane.HTML(f"<h2>Muscles beside the EMG</h2><p>{escape(str(error))}</p>")]
    charts = [
        pn.pane.Bokeh(_chart(opinion, name, session.side, dark=dark), height=_HEIGHT, sizing_mode="stretch_width")
        for name in opinion.emg
    ]
    grid = pn.GridBox(*charts, ncols=_COLUMNS, sizing_mode="stretch_width")
    text = pn.pane.HTML(emg_html(opinion, session), stylesheets=[TABLE_STYLE, _STYLE], sizing_mode="stretch_width")
    return [text, grid]


def emg_html(opinion: EmgOpinion, session: Session) -> str:
    """What is drawn, how well it agrees, and what the contact force is when the muscles follow the EMG."""
    processing = session.processing

    def both(optimised: Mapping[str, float], following: Mapping[str, float], name: str) -> tuple[str, str]:
        return told(optimised[name]), told(following[name])

    return str(
        render(
            "emg.html",
            side=session.side,
            cutoff=f"{processing.emg_cutoff_hz:g}",
            delay=f"{1000 * processing.emg_delay_s:g}",
            correlations=[
                (name, *both(opinion.correlation_optimised, opinion.correlation_following, name))
                for name in opinion.emg
            ],
            peaks=[
                (quantity.label, *both(opinion.peaks_optimised, opinion.peaks_following, name))
                for name, quantity in PEAKS.items()
                if name.startswith(("mcf", "lcf"))
            ],
            findings=doubts(opinion.correlation_optimised, session.side),
        )
    )


def _chart(opinion: EmgOpinion, name: str, side: Side, *, dark: bool) -> figure:
    curves = {"dotted": opinion.emg[name], "solid": opinion.optimised[name], "dashed": opinion.following[name]}
    top = max(0.05, *(float(np.max(curve)) for curve in curves.values()))
    chart = figure(
        height=_HEIGHT, title=name, toolbar_location=None, x_range=Range1d(0, 100),
        y_range=Range1d(0.0, 1.1 * top), tools="",
        x_axis_label="Cycle (%)", y_axis_label="Activation", sizing_mode="stretch_width",
    )  # fmt: skip
    for dash, curve in curves.items():
        chart.line(CYCLE_PERCENT, curve, line_dash=dash, line_width=2, color=palette.SIDE_COLOURS[side])
    colours.paint(chart, dark=dark)
    return chart
