"""The Map view: one outcome over two changes of gait, and the personal target beside it."""

from __future__ import annotations

from html import escape
from typing import Any, Final

import numpy as np
import panel as pn
import panel_material_ui as pmui
import param
from bokeh.events import Tap
from bokeh.models import BasicTicker, ColorBar, ColumnDataSource, HoverTool, LinearColorMapper
from bokeh.plotting import figure
from contourpy import LineType, contour_generator

from workbench.advice.people import PEOPLE, PEOPLE_SOURCE
from workbench.advice.personal import JudgedChoice, PersonalTarget
from workbench.advice.target import TargetRules, broken_rules
from workbench.core.changes import KINDS, achieved
from workbench.core.changes.kind import Kind
from workbench.core.response import PLANE, LoadMap
from workbench.core.vocabulary import JOINT_PEAKS, PEAKS
from workbench.dashboard import colours
from workbench.dashboard.controls import TEXT_STYLE
from workbench.dashboard.peaks import TABLE_STYLE
from workbench.figures.palette import CHANGE_SCALE
from workbench.report.words import signed
from workbench.session.plane import PlaneState
from workbench.session.session import Session

#: What is changed is no outcome.
OUTCOMES: Final = {name: quantity for name, quantity in (PEAKS | JOINT_PEAKS).items() if name not in achieved()}
_GOALS: Final = {"kam": "larger KAM peak", "medial_force": "larger medial force peak"}
_LEGEND: Final = (
    "<ul><li>⊕ as recorded</li><li><b>◆</b> on the sliders</li><li><b>━</b> no change of the outcome</li>"
    "<li><b>⋅⋅⋅</b> a guard rail breaks</li></ul><p>Tap the map to set the sliders.</p>"
)
_LEGEND_STYLE: Final = """
:host { font-size: 14px; } p { margin: 2px 0; }
ul { display: flex; gap: 20px; flex-wrap: wrap; margin: 0; padding: 0; list-style: none; }
"""


class MapView(pn.viewable.Viewer):
    """Load map and personal target of a session."""

    dark = param.Boolean(default=False, doc="Whether the page is dark.")
    looked_at = param.Boolean(default=False, doc="Whether the view is in front; a hidden map is not computed.")
    outcome = param.Selector(
        default="kam_peak_1_pct_bw_ht",
        objects={one.label: name for name, one in OUTCOMES.items()},
        doc="What is mapped.",
    )

    def __init__(self, session: Session, state: PlaneState, **params: Any) -> None:
        super().__init__(**params)
        self._session, self._state = session, state
        self.param.watch(lambda event: setattr(state, "wanted", event.new), "looked_at")

    def __panel__(self) -> pn.viewable.Viewable:
        """Map on the left, target on the right."""
        outcome = pmui.Select.from_param(self.param.outcome, label="Outcome", size="small", width=330, description="")
        return pn.Row(
            pn.Column(outcome, pn.pane.HTML(_LEGEND, stylesheets=[_LEGEND_STYLE], margin=(0, 8)), self._progress(),
                        _MapFigure(self._session, self._state, self).pane, margin=8, sizing_mode="stretch_width"),
            pn.Column(self._target(), margin=8, sizing_mode="stretch_width"),
            sizing_mode="stretch_width",
        )  # fmt: skip

    def _progress(self) -> pn.viewable.Viewable:
        text = pn.pane.HTML(stylesheets=[TEXT_STYLE], margin=(0, 8), sizing_mode="stretch_width")

        def show(*_: object) -> None:
            state, session = self._state, self._session
            text.visible = state.loads is None
            text.object = (
                "Computing the map…"
                if session.prepared >= 1.0
                else f"The map needs the prepared answers: {100 * session.prepared:.0f} % of them are there."
            )

        self._state.param.watch(show, "loads")
        self._session.param.watch(show, "prepared")
        show()
        return text

    def _target(self) -> pn.viewable.Viewable:
        pane = pn.pane.HTML(sizing_mode="stretch_width", stylesheets=[TABLE_STYLE, _TARGET_STYLE])

        def show(*_: object) -> None:
            state = self._state
            if state.target is None:
                pane.object = (
                    f"<h2>Personal target</h2><p>Solving the changes of gait and their assumptions:"
                    f" {100 * state.target_share:.0f} %.</p>"
                )
            else:
                pane.object = target_html(state.target)

        self._state.param.watch(show, ["target", "target_share"])
        show()
        return pane


class _MapFigure:
    """The figure of one display."""

    def __init__(self, session: Session, state: PlaneState, view: MapView) -> None:
        self._session, self._state, self._view = session, state, view
        self._image = ColumnDataSource({"image": [], "change": []})
        self._unchanged = ColumnDataSource({"xs": [], "ys": []})
        self._broken = ColumnDataSource({"x": [], "y": []})
        self._point = ColumnDataSource({"x": [0.0], "y": [0.0]})
        self._axes: tuple[Kind, Kind] = (KINDS[PLANE[0]], KINDS[PLANE[1]])
        across, up = (kind.shown(kind.reach) for kind in self._axes)
        plot = figure(
            x_range=(-across, across), y_range=(-up, up), height=460, min_width=380, sizing_mode="stretch_width",
            x_axis_label=self._axes[0].axis_label, y_axis_label=self._axes[1].axis_label,
            tools="save", toolbar_location="right",
        )  # fmt: skip
        plot.toolbar.logo = None
        self._mapper = LinearColorMapper(palette=CHANGE_SCALE, low=-1.0, high=1.0)
        image = plot.image(
            "image", source=self._image, x=-across, y=-up, dw=2 * across, dh=2 * up, color_mapper=self._mapper
        )
        plot.scatter("x", "y", source=self._broken, size=3, color="#000000", alpha=0.55)
        plot.multi_line(
            "xs",
            "ys",
            source=self._unchanged,
            line_color="#000000",
            line_width=2.5,
        )
        plot.scatter([0.0], [0.0], marker="circle_cross", size=14, fill_color="#FFFFFF", line_color="#000000",
                     line_width=1.5)  # fmt: skip
        plot.scatter("x", "y", source=self._point, marker="diamond", size=20, fill_color="#FFD400",
                     line_color="#000000", line_width=1.5)  # fmt: skip
        self._bar = ColorBar(color_mapper=self._mapper, ticker=BasicTicker(desired_num_ticks=7), width=14,
                             title_standoff=8)  # fmt: skip
        plot.add_layout(self._bar, "right")
        self._hover = HoverTool(renderers=[image], tooltips=[])
        plot.add_tools(self._hover)
        plot.on_event(Tap, self._tapped)
        self._plot = plot
        self.pane = pn.pane.Bokeh(plot, sizing_mode="stretch_width", height=460)
        state.param.watch(self._show, "loads")
        view.param.watch(self._show, "outcome")
        view.param.watch(self._colour, "dark")
        view.param.watch(self._show_point, "looked_at")
        session.param.watch(self._show_point, [kind.shown_name for kind in self._axes])
        self._colour()
        self._show()
        self._show_point()

    def _tapped(self, event: Tap) -> None:
        if event.x is None or event.y is None:
            return
        self._session.param.update(
            **{
                kind.shown_name: _on_grid(place, kind.shown_step, kind.shown(kind.reach))
                for kind, place in zip(self._axes, (event.x, event.y), strict=True)
            }
        )

    def _show_point(self, *_: object) -> None:
        if not self._view.looked_at:
            return
        across, up = (getattr(self._session, kind.shown_name) for kind in self._axes)
        self._point.data = {"x": [across], "y": [up]}

    def _show(self, *_: object) -> None:
        loads: LoadMap | None = self._state.loads
        if loads is None:
            self._image.data = {"image": [], "change": []}
            self._unchanged.data = {"xs": [], "ys": []}
            self._broken.data = {"x": [], "y": []}
            return
        quantity = OUTCOMES[self._view.outcome]
        change = (loads.values[self._view.outcome] - loads.recorded[self._view.outcome]).T
        reach = float(np.abs(change).max()) or 1.0
        self._mapper.update(low=-reach, high=reach)
        self._bar.title = f"Change ({quantity.unit})"
        self._hover.tooltips = [
            *((kind.short, f"${axis}{{+0.0}} {kind.shown_unit}") for kind, axis in zip(self._axes, "xy", strict=True)),
            (quantity.label, f"@image{{+0.00}} {quantity.unit}"),
        ]
        across, up = (kind.shown_factor * grid for kind, grid in zip(self._axes, loads.grid, strict=True))
        self._image.data = {"image": [change], "change": [change]}
        lines: Any = contour_generator(across, up, change, line_type=LineType.Separate).lines(0.0)
        self._unchanged.data = {"xs": [line[:, 0] for line in lines], "ys": [line[:, 1] for line in lines]}
        broken = np.any(list(broken_rules(loads, TargetRules()).values()), axis=0)
        i, j = np.nonzero(broken)
        self._broken.data = {"x": across[i], "y": up[j]}

    def _colour(self, *_: object) -> None:
        colours.paint(self._plot, dark=self._view.dark)


def _on_grid(value: float, step: float, largest: float) -> float:
    return float(np.clip(step * round(value / step), -largest, largest))


_TARGET_STYLE = """
h2 { font-size: 18px; font-weight: 600; margin: 4px 0 8px; } h3 { font-size: 15px; margin: 14px 0 4px; }
td.text { white-space: normal; } .answer { font-size: 18px; } p { line-height: 1.4; }
"""


def target_html(target: PersonalTarget) -> str:
    """The personal target with its reasons, guard rails and alternatives."""
    choice, band = target.protocol.choice, target.protocol.band
    recommended = choice.recommended
    head = str(recommended.changes).capitalize() if recommended else "No helpful foot-angle change"
    reason = choice.detail[0].upper() + choice.detail[1:]
    rows = "".join(
        f'<tr><th scope="row">{one.changes}</th><td>{signed(one.kam_change_percent, 1)} %</td>'
        f"<td>{signed(one.medial_force_change_percent, 1)} %</td>"
        f'<td class="text">{escape("; ".join(flag.reason for flag in one.flags)) or "nothing"}</td></tr>'
        for one in target.candidates
    )
    others = "".join(
        _alternative_row(target.searches[tried].label, goal, answer)
        for (tried, goal), answer in target.alternatives.items()
    )
    own = target.own_strides.sentence if target.own_strides else (
        "Fewer than twenty strides were recorded: too few to compare the simulation with the person's own variation."
    )  # fmt: skip
    return (
        f'<h2>Personal target</h2><p class="answer">{head}</p><p>{escape(reason)}.</p><p>{escape(band.verdict)}</p>'
        "<h3>What the protocol tries</h3>"
        '<table><thead><tr><th scope="col">Change</th><th scope="col">Larger KAM</th>'
        f'<th scope="col">Larger medial force</th><th scope="col">What speaks against it</th></tr></thead>'
        f"<tbody>{rows}</tbody></table>"
        "<h3>Beside the protocol</h3>"
        '<table><thead><tr><th scope="col">Tried</th><th scope="col">To lower</th><th scope="col">Best</th>'
        f'<th scope="col">Holds</th></tr></thead><tbody>{others}</tbody></table>'
        f"<h3>Among measured people</h3><p>10° of toe-in lowers the first KAM peak by"
        f" {target.toe_in_fall_pct_bw_ht:.2f} % BW·ht here: percentile {target.toe_in_percentile:.0f} of {PEOPLE}"
        " people.</p>"
        f'<p class="note">{escape(PEOPLE_SOURCE)}.</p><p>{escape(own)}</p>'
        '<p class="note">The protocol is that of Uhlrich et al. 2025 (Lancet Rheumatol 7:e708): the change of ±5° or'
        f" ±10° that lowers the larger KAM peak most, if by {target.rules.required_fall_percent:g} % or more.</p>"
    )


def _alternative_row(tried: str, goal: str, answer: JudgedChoice) -> str:
    best = answer.choice.best
    found = (
        f"{best.changes} ({signed(best.change_percent(answer.choice.goal), 1)} %)"
        if answer.choice.recommended
        else "no helpful change"
    )
    holds = "over all assumptions" if answer.band.survives else "not over all assumptions"
    return (
        f'<tr><th scope="row">{tried[0].upper()}{tried[1:]}</th><td class="text">{_GOALS[goal]}</td>'
        f'<td class="text">{found}</td><td class="text">{holds}</td></tr>'
    )
