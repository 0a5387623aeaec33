"""The Map view: one outcome over two changes of gait, and the personal target."""

from __future__ import annotations

from functools import partial
from typing import Any, Final

import holoviews as hv
import numpy as np
import panel as pn
import panel_material_ui as pmui
import param
from bokeh.models import HoverTool, SaveTool
from holoviews.streams import Pipe, Tap

from workbench.advice.certainty import TOO_FEW_STRIDES
from workbench.advice.people import PEOPLE, PEOPLE_SOURCE
from workbench.advice.personal import PersonalTarget
from workbench.core.changes import KINDS
from workbench.core.load_map import OUTCOMES, mapped_quantity
from workbench.dashboard.controls import TEXT_STYLE
from workbench.dashboard.layout import side_by_side
from workbench.dashboard.messages import TABLE_STYLE
from workbench.figures import colours
from workbench.figures.backend import load_backend
from workbench.figures.elements import change_dimension, styled
from workbench.figures.maps import map_layers
from workbench.report.html import render
from workbench.session.plane import PlaneState
from workbench.session.session import Session
from workbench.session.solvers import Later

_HEIGHT: Final = 460  # px
_SLIDERS: Final[dict[str, Any]] = {
    "marker": "diamond",
    "size": 20,
    "fill_color": "#FFD400",
    "line_color": "#000000",
    "line_width": 1.5,
}
_LEGEND: Final = (
    "<ul><li>⊕ recorded walk</li><li><b>◆</b> slider setting</li><li><b>━</b> no change of the outcome</li>"
    "<li><b>⋅⋅⋅</b> a guard rail is violated</li></ul><p>Tap the map to set the sliders.</p>"
)
_LEGEND_STYLE: Final = """
:host { font-size: 14px; } p { margin: 2px 0; }
ul { display: flex; gap: 2px 20px; flex-wrap: wrap; margin: 0; padding: 0; list-style: none; }
"""


class MapView(pn.viewable.Viewer):
    """Load map and personal target of a session."""

    dark = param.Boolean(default=False, doc="Whether the page is dark.")
    looked_at = param.Boolean(default=False, doc="Whether the view is visible; a hidden map is not computed.")
    outcome = param.Selector(
        default="kam_peak_1_pct_bw_ht",
        objects={one.label: name for name, one in OUTCOMES.items()},
        doc="The outcome mapped.",
    )

    def __init__(self, session: Session, state: PlaneState, later: Later, **params: Any) -> None:
        super().__init__(**params)
        self._session, self._state, self._later = session, state, later
        self.param.watch(lambda event: setattr(state, "wanted", event.new), "looked_at")
        self._across, self._up = (_AxisChoice(value=name) for name in state.axes)
        self._across.param.watch(self._axes_chosen, "value")
        self._up.param.watch(self._axes_chosen, "value")

    def __panel__(self) -> pn.viewable.Viewable:
        """Map on the left, target on the right."""
        outcome = pmui.Select.from_param(self.param.outcome, label="Outcome", size="small", width=250, description="")
        chosen = pn.FlexBox(outcome, *(self._axes() if len(KINDS) > 2 else ()), sizing_mode="stretch_width", margin=0)
        legend = pn.pane.HTML(_LEGEND, stylesheets=[_LEGEND_STYLE], margin=(0, 8))
        drawn = _MapFigure(self._session, self._state, self, self._later).pane
        return side_by_side(pn.Column(chosen, legend, self._progress(), drawn), pn.Column(self._target()))

    def _axes(self) -> list[pn.viewable.Viewable]:
        """Which changes lie across and up the map."""
        return [
            pmui.Select.from_param(choice.param.value, label=label, size="small", width=180, description="")
            for label, choice in (("Across", self._across), ("Up", self._up))
        ]

    def _axes_chosen(self, event: Any) -> None:
        """Draw over other changes; whoever chooses the one that the other axis has exchanges them."""
        if self._across.value == self._up.value:
            other = self._up if event.obj is self._across else self._across
            other.value = event.old
        else:
            self._state.axes = (self._across.value, self._up.value)

    def _progress(self) -> pn.viewable.Viewable:
        text = pn.pane.HTML(stylesheets=[TEXT_STYLE], margin=(0, 8), sizing_mode="stretch_width")

        def show(*_: object) -> None:
            state, session = self._state, self._session
            text.visible = state.loads is None
            if session.prepared < 1.0:
                text.object = f"The map needs the instant answers: {100 * session.prepared:.0f} % ready."
            elif 0.0 < state.loads_share < 1.0:
                text.object = f"Solving the changes of gait for this map: {100 * state.loads_share:.0f} %."
            else:
                text.object = "Computing the map…"

        self._state.param.watch(show, ["loads", "loads_share"])
        self._session.param.watch(show, "prepared")
        show()
        return text

    def _target(self) -> pn.viewable.Viewable:
        pane = pn.pane.HTML(sizing_mode="stretch_width", stylesheets=[TABLE_STYLE, _TARGET_STYLE])

        def show(*_: object) -> None:
            state = self._state
            pane.object = target_html(state.target, state.target_share)

        self._state.param.watch(show, ["target", "target_share"])
        show()
        return pane


class _AxisChoice(param.Parameterized):
    """The change of gait along one axis."""

    value = param.Selector(
        default=next(iter(KINDS)),
        objects={kind.short: name for name, kind in KINDS.items()},
        doc="Name of the change.",
    )


class _MapFigure:
    """The figure of one display: the map of `figures.maps`, and on it where the sliders stand."""

    def __init__(self, session: Session, state: PlaneState, view: MapView, later: Later) -> None:
        self._session, self._state, self._view, self._later = session, state, view, later
        load_backend()
        self._figure: Any = None
        self._places = Pipe(data=self._place())
        self._point = hv.DynamicMap(self._drawn_point, streams=[self._places])
        self._tap = Tap(source=self._point)
        self._tap.add_subscriber(self._tapped)
        self._drawn = pn.pane.HoloViews(
            None, sizing_mode="stretch_width", height=_HEIGHT, min_width=300, linked_axes=False
        )
        # Hidden by what is around it: Panel hands a change of visibility on to the figure, which does not take it.
        self.pane = pn.Column(self._drawn, sizing_mode="stretch_width", margin=0, visible=False)
        state.param.watch(self._show, "loads")
        view.param.watch(self._show, "outcome")
        view.param.watch(self._colour, "dark")
        view.param.watch(self._show_point, "looked_at")
        session.param.watch(self._show_point, [kind.shown_name for kind in KINDS.values()])
        self._show()

    def _place(self) -> tuple[float, ...]:
        return tuple(getattr(self._session, KINDS[name].shown_name) for name in self._state.axes)

    def _drawn_point(self, data: tuple[float, float]) -> Any:
        return styled(hv.Points([data], [change_dimension(KINDS[name]) for name in self._state.axes]), **_SLIDERS)

    def _tapped(self, x: float | None, y: float | None) -> None:
        if x is None or y is None:
            return
        kinds = [KINDS[name] for name in self._state.axes]
        values = {
            kind.shown_name: _on_grid(place, kind.shown_step, kind.shown(kind.reach))
            for kind, place in zip(kinds, (x, y), strict=True)
        }
        # A stream tells of a tap without the lock on the page.
        self._later(partial(self._session.param.update, **values), 0.0)

    def _show_point(self, *_: object) -> None:
        if self._view.looked_at and self._drawn.object is not None:
            self._places.send(self._place())

    def _show(self, *_: object) -> None:
        loads = self._state.loads
        if loads is None:
            self.pane.visible = False
            return
        self._places.send(self._place())
        unit = mapped_quantity(self._view.outcome).unit
        drawn = styled(
            map_layers(loads, self._view.outcome) * self._point,
            responsive=True, height=_HEIGHT, min_width=300, title=f"Change ({unit})", toolbar="right",
            show_legend=False, default_tools=["save"], active_tools=[], hooks=[self._paint],
        )  # fmt: skip
        self._drawn.object = drawn
        self.pane.visible = True

    def _paint(self, plot: Any, _: object) -> None:
        toolbar = plot.state.toolbar
        # A tap sets the sliders: nothing else is to be dragged or tapped.
        toolbar.update(logo=None, tools=[one for one in toolbar.tools if isinstance(one, HoverTool | SaveTool)])
        self._figure = plot.state
        self._colour()

    def _colour(self, *_: object) -> None:
        if self._figure is not None:
            colours.paint(self._figure, dark=self._view.dark)


def _on_grid(value: float, step: float, largest: float) -> float:
    return float(np.clip(step * round(value / step), -largest, largest))


_TARGET_STYLE = """
h2 { font-size: 18px; font-weight: 600; margin: 4px 0 8px; } h3 { font-size: 15px; margin: 14px 0 4px; }
td.text { white-space: normal; } .answer { font-size: 18px; } p { line-height: 1.4; }
"""


def target_html(target: PersonalTarget | None, share: float = 1.0) -> str:
    """The personal target with its reasons, guard rails and alternatives; progress if it is not solved yet."""
    return str(
        render(
            "target_page.html",
            target=target,
            share=share,
            people=PEOPLE,
            source=PEOPLE_SOURCE,
            too_few_strides=TOO_FEW_STRIDES,
        )
    )
