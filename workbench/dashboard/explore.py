"""The Explore view: one change of gait, its curves, peaks, words and body."""

from __future__ import annotations

from typing import Any

import panel as pn
import param

from workbench.core.estimate_errors import BAND_LABEL
from workbench.dashboard.body import Body, BodyState
from workbench.dashboard.charts import Curves
from workbench.dashboard.levers import LiveAnswers
from workbench.dashboard.messages import Badge
from workbench.dashboard.numbers import Numbers
from workbench.figures import palette
from workbench.session.grid import GridState
from workbench.session.session import Session
from workbench.session.solvers import Later

#: Two columns where there is room for the body beside the curves.
_BESIDE = """
:host { display: grid !important; gap: 12px; grid-template-columns: minmax(0, 1fr); align-items: start; }
@media (min-width: 1100px) { :host { grid-template-columns: minmax(0, 2fr) minmax(0, 1fr); } }
"""
_LEGEND = """
:host { font-size: 14px; }
ul { display: flex; gap: 4px 22px; flex-wrap: wrap; margin: 0; padding: 0; list-style: none; }
li { display: flex; gap: 7px; align-items: center; }
"""


class Explore(pn.viewable.Viewer):
    """Natural against changed gait."""

    dark = param.Boolean(default=False, doc="Whether the page is dark.")
    looked_at = param.Boolean(default=False, doc="Whether the view is visible.")

    def __init__(
        self,
        session: Session,
        grid: GridState,
        answers: LiveAnswers,
        body: BodyState,
        later: Later,
        **params: Any,
    ) -> None:
        super().__init__(**params)
        self._session, self._key, self._later = session, answers.key, later
        self._curves = Curves(session, grid, answers.levers.source, dark=self.dark)
        self._body = Body(session, body, answers.key, dark=self.dark)
        self.param.watch(self._turn_dark, "dark")
        # One cursor: the body plays and scrubs, a tap on a curve moves it, and every curve shows it.
        self._body.skeleton.param.watch(lambda event: setattr(self._curves, "frame", event.new), "frame")
        self._curves.param.watch(lambda event: setattr(self._body.skeleton, "frame", event.new), "frame")

    def __panel__(self) -> pn.viewable.Viewable:
        """Curves and numbers beside body and footprints; below them where the page is narrow."""
        loads = pn.Column(
            self._legend(),
            self._curves,
            self._numbers("tiles"),
            self._numbers("table"),
            sizing_mode="stretch_width",
            margin=0,
        )
        body = pn.Column(pn.Spacer(height=800), sizing_mode="stretch_width", margin=0)

        def fill(*_: object) -> None:
            """Add the body once the curves are shown, so that the curves do not wait for it."""
            if self._session.answer is not None:
                self._session.param.unwatch(watcher)
                self._later(lambda: body.param.update(objects=[self._body]), 1.0)

        watcher = self._session.param.watch(fill, "answer")
        fill()
        return pn.Column(
            self._numbers("sentence"),
            Badge(self._session),
            pn.Column(loads, body, stylesheets=[_BESIDE], sizing_mode="stretch_width", margin=0),
            sizing_mode="stretch_width",
            margin=(4, 8),
        )

    def _numbers(self, part: str) -> Numbers:
        return Numbers(store=self._key, part=part, sizing_mode="stretch_width", margin=(4, 8))

    def _turn_dark(self, *_: object) -> None:
        self._curves.dark = self._body.dark = self.dark

    def _legend(self) -> pn.viewable.Viewable:
        pane = pn.pane.HTML(stylesheets=[_LEGEND], margin=(0, 8), sizing_mode="stretch_width")

        def show(*_: object) -> None:
            session = self._session
            entries = [
                _entry(palette.RECORDED_COLOUR, "7 4", 2, "simulated, natural gait"),
                _entry(palette.SIDE_COLOURS[session.side], "", 3, f"simulated, modified gait ({session.side} leg)"),
            ]
            if session.trial is not None and session.trial.measured_loads is not None:
                entries.append(_entry(palette.TOTAL_COLOUR, "2 3", 3, "measured in the implant"))
            if session.trial is not None and session.trial.estimated_forces:
                entries.append(_dotted(palette.RECORDED_COLOUR, BAND_LABEL))
            if session.trial is not None and session.trial.estimated_forces:
                entries.append(_dotted(palette.RECORDED_COLOUR, BAND_LABEL))
            if session.spread is not None:
                entries.append(_entry(palette.RECORDED_COLOUR, "", 10, "mean ± SD of all strides", opacity=0.3))
            if session.band is not None:
                entries.append(_hatched(palette.SIDE_COLOURS[session.side], "range over assumptions"))
            if session.stride is not None and session.stride.whole:
                entries.append(_entry(palette.RECORDED_COLOUR, "6 3 1 3", 1, "toe-off", upright=True))
            pane.object = f"<ul>{''.join(entries)}</ul>"

        self._session.param.watch(show, ["side", "trial", "spread", "band", "strides", "stride_number"])
        show()
        return pane


def _entry(colour: str, dash: str, width: float, label: str, *, opacity: float = 1.0, upright: bool = False) -> str:
    ends = 'x1="14" y1="0" x2="14" y2="14"' if upright else 'x1="0" y1="7" x2="28" y2="7"'
    return (
        f'<li><svg width="28" height="14" aria-hidden="true"><line {ends} stroke="{colour}" stroke-width="{width}"'
        f' stroke-dasharray="{dash}" stroke-opacity="{opacity}"/></svg>{label}</li>'
    )


def _dotted(colour: str, label: str) -> str:
    """An entry for the error of estimated ground forces, as it is drawn in the charts."""
    dots = "".join(f'<circle cx="{x}" cy="{y}" r="1.5"/>' for x in (4, 11, 18, 25) for y in (4, 10))
    return (
        f'<li><svg width="28" height="14" aria-hidden="true" fill="{colour}">'
        f'<rect width="28" height="14" fill-opacity="{palette.ESTIMATE_BAND.fill_alpha}"/>{dots}</svg>{label}</li>'
    )


def _hatched(colour: str, label: str) -> str:
    """An entry for the band, as it is drawn in the charts."""
    style = palette.BAND
    hatch = "".join(f"M{x} 13L{x + 12} 1" for x in range(-5, 28, 7))
    return (
        f'<li><svg width="28" height="14" aria-hidden="true" stroke="{colour}">'
        f'<rect x="0.5" y="1" width="27" height="12" fill="{colour}" fill-opacity="{style.fill_alpha}"'
        f' stroke-width="{style.edge_width}"/><path d="{hatch}" stroke-opacity="{style.hatch_alpha}"/></svg>'
        f"{label}</li>"
    )
