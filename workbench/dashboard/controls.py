"""The controls of a session: trial, leg, stride, the two sliders, presets and the assumptions."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import partial
from html import escape
from typing import Any

import panel as pn
import panel_material_ui as pmui
import param

from workbench.advice.assumptions import range_in_words
from workbench.core.declaration import Choice, Number, Setting, settings_of
from workbench.core.errors import WorkbenchError
from workbench.core.settings import GROUPS
from workbench.core.types import Trial
from workbench.dashboard.own_settings_button import OwnLawControls
from workbench.session.grid import GridState
from workbench.session.session import Session
from workbench.session.solvers import Later

#: Plain text that changes. Panel's Typography shows its own tags when it is changed while the document is held.
TEXT_STYLE = ":host { font-size: 14px; line-height: 1.4; }"

_SPREAD = "Spread between strides"
_BAR_STYLE = "progress { width: 100%; height: 10px; }"


def in_turn(later: Later, task: Callable[[], None]) -> Callable[[object], None]:
    """A callback for a button: Panel may call those without the lock on the page that Bokeh's figures need."""
    return lambda _: later(task, 1.0)


def both_ways(session: Session, later: Later, widget: Any, name: str, event: str = "value") -> Any:
    """Let a widget set a parameter of the session, and follow it where something else sets it.

    Parameters
    ----------
    session : Session
    later : callable
        Runs a function on the thread that owns the page after some milliseconds.
    widget : Any
        A widget of Panel's; returned.
    name : str
        Of the session's parameter.
    event : str
        Of the widget's parameter that a person sets.
    """

    def asked(change: Any) -> None:
        if change.new != getattr(session, name):
            later(partial(setattr, session, name, change.new), 1.0)

    def follow(*_: object) -> None:
        widget.value = getattr(session, name)  # what was asked may have been refused meanwhile

    widget.param.watch(asked, event)
    session.param.watch(follow, name)
    return widget


class TrialChoice(param.Parameterized):
    """The trials that can be chosen on one page."""

    trials = param.List(default=[], item_type=Trial, doc="Open trials, in the order they were opened.")

    def add(self, trial: Trial) -> None:
        """Add a trial; it replaces one of the same name."""
        self.trials = [*(one for one in self.trials if one.name != trial.name), trial]


class RecordingChoice(pn.viewable.Viewer):
    """Which trial, leg and stride is analysed.

    Parameters
    ----------
    session : Session
    choice : TrialChoice
    later : callable
        Runs a function on the thread that owns the page after some milliseconds.
    open_other : callable, optional
        Brings the place to the front where a recording of one's own is dropped; no button without.
    """

    def __init__(
        self,
        session: Session,
        choice: TrialChoice,
        later: Later,
        open_other: Callable[[], None] | None = None,
        **params: Any,
    ) -> None:
        super().__init__(**params)
        self._session, self._choice, self._later, self._open_other = session, choice, later, open_other

    def __panel__(self) -> pn.viewable.Viewable:
        """A strip that wraps where there is little room."""
        return pn.FlexBox(*self._recording(), align_items="center", gap="6px", margin=0)

    def _recording(self) -> Sequence[Any]:
        session, choice = self._session, self._choice
        trial = pmui.Select(label="Trial", size="small", width=260)
        side = pmui.RadioButtonGroup(
            options={"Left leg": "left", "Right leg": "right"}, value=session.side, size="small", width=200,
        )  # fmt: skip
        both_ways(session, self._later, side, "side")
        stride = pmui.Select(label="Stride", size="small", width=210)
        spread = pmui.Button(label=_SPREAD, variant="outlined", size="small")
        other = pmui.Button(
            label="Open another recording", variant="outlined", size="small", visible=self._open_other is not None
        )
        if self._open_other is not None:
            other.on_click(in_turn(self._later, self._open_other))
        estimated = pn.pane.HTML(
            "<b>The ground forces are estimated from the motion, not measured.</b>", stylesheets=[TEXT_STYLE],
            margin=(2, 12), visible=False,
        )  # fmt: skip

        def list_trials(*_: object) -> None:
            estimated.visible = session.trial is not None and session.trial.estimated_forces
            names = {one.name: one.name for one in choice.trials}
            if session.trial is not None and session.trial.name not in names:
                return  # it is being added
            trial.param.update(options=names, value=session.trial.name if session.trial else None)

        def list_strides(*_: object) -> None:
            unit = "Stride" if all(one.whole for one in session.strides) else "Stance"
            options = {f"{unit} {one.number}, from {one.start_s:.2f} s": one.number for one in session.strides}
            stride.param.update(options=options, value=session.stride_number, visible=len(options) > 1)
            spread.visible = len(options) > 1

        def open_trial(event: Any) -> None:
            chosen = next((one for one in choice.trials if one.name == event.new), None)
            if chosen is None or session.trial is None or chosen.name == session.trial.name:
                return
            try:
                session.open(chosen)
            except WorkbenchError as error:
                session.error = str(error)
                list_trials()

        def choose_stride(event: Any) -> None:
            if event.new is not None:
                session.stride_number = event.new

        def say_share(*_: object) -> None:
            asked = 0.0 < session.spread_share < 1.0
            shown = "Hide the spread" if session.spread is not None else _SPREAD
            spread.label = f"Spread between strides: {100 * session.spread_share:.0f} %" if asked else shown
            spread.disabled = asked

        def turn_spread() -> None:
            if session.spread is None:
                session.ask_spread()
            else:
                session.hide_spread()

        trial.param.watch(lambda event: self._later(partial(open_trial, event), 1.0), "value")
        stride.param.watch(lambda event: self._later(partial(choose_stride, event), 1.0), "value")
        spread.on_click(in_turn(self._later, turn_spread))
        choice.param.watch(list_trials, "trials")
        session.param.watch(list_trials, "trial")
        session.param.watch(list_strides, ["strides", "stride_number"])
        session.param.watch(say_share, ["spread", "spread_share"])
        list_trials()
        list_strides()
        return trial, estimated, other, side, stride, spread


class Assumptions(pn.viewable.Viewer):
    """What stands behind the numbers, how far it moves them, and whether answers are instant.

    Parameters
    ----------
    session : Session
    grid : GridState
    later : callable
        Runs a function on the thread that owns the page after some milliseconds.
    """

    looked_at = param.Boolean(default=False, doc="Whether the drawer that holds it was opened.")

    def __init__(self, session: Session, grid: GridState, later: Later, **params: Any) -> None:
        super().__init__(**params)
        self._session, self._grid, self._later = session, grid, later

    def __panel__(self) -> pn.viewable.Viewable:
        """The column of assumptions."""
        return pn.Column(
            self._band(),
            pmui.Divider(),
            *OwnLawControls(self._session, self._later).widgets(),
            self._assumptions(),
            sizing_mode="stretch_width",
            margin=0,
        )

    def _band(self) -> pn.viewable.Viewable:
        """Whether the range over the assumptions is shown, and how far it is."""
        session = self._session
        box = pmui.Checkbox(
            label="Show the effect of the assumptions", value=session.band_wanted, size="small",
            sizing_mode="stretch_width", margin=(4, 12, 0, 12),
        )  # fmt: skip
        text = pn.pane.HTML(stylesheets=[TEXT_STYLE], margin=(0, 12), sizing_mode="stretch_width")

        def ask() -> None:
            session.band_wanted = box.value  # the last of several clicks

        def follow(*_: object) -> None:
            box.value = session.band_wanted

        def show(*_: object) -> None:
            text.object = f'<div aria-live="polite">{escape(band_in_words(session))}</div>'

        box.param.watch(lambda _: self._later(ask, 1.0), "value")
        session.param.watch(follow, "band_wanted")
        session.param.watch(show, ["band_wanted", "band", "band_share", "answer", "busy", "error"])
        show()
        return pn.Column(box, text, sizing_mode="stretch_width", margin=0)

    def _assumptions(self) -> pn.viewable.Viewable:
        """What stands behind the numbers; its widgets are made when it is first looked at."""
        place = pn.Column(sizing_mode="stretch_width", margin=0)

        def fill() -> None:
            if not place.objects:
                place.objects = list(self._assumption_widgets())

        self.param.watch(lambda _: self._later(fill, 1.0), "looked_at")
        return place

    def _assumption_widgets(self) -> Sequence[pn.viewable.Viewable]:
        widgets: list[pn.viewable.Viewable] = []
        for title, owner in GROUPS.items():
            widgets.append(pmui.Typography(title, variant="subtitle2", margin=(8, 10, 0, 10)))
            for setting in settings_of(owner).values():
                widgets += self._setting_widgets(setting)
        return widgets

    def _setting_widgets(self, setting: Setting) -> list[pn.viewable.Viewable]:
        """The control of a setting; a box before it where a number can be done without."""
        name = setting.shown_name
        # No descriptions: the page's tooltips and number fields have parts without names for screen readers.
        common = {"label": setting.label, "value": getattr(self._session, name), "sizing_mode": "stretch_width"}
        if isinstance(setting, Choice):
            options = {called: word for word, called in setting.choices.items()}
            return [both_ways(self._session, self._later, pmui.Select(size="small", options=options, **common), name)]
        if not isinstance(setting, Number):
            return [both_ways(self._session, self._later, pmui.Checkbox(**common), name)]
        low, high = self._session.param[name].bounds
        slider = pmui.FloatSlider(start=low, end=high, step=setting.step, margin=(5, 22), **common)
        widgets = [both_ways(self._session, self._later, slider, name, event="value_throttled")]
        if setting.without is not None:
            whether = setting.without.shown_name
            box = pmui.Checkbox(
                label=setting.without.label, value=getattr(self._session, whether), sizing_mode="stretch_width"
            )
            widgets.insert(0, both_ways(self._session, self._later, box, whether))
        return widgets


class Readiness(pn.viewable.Viewer):
    """How far the preparation of instant answers is, and how exact they are.

    Parameters
    ----------
    session : Session
    grid : GridState
    """

    def __init__(self, session: Session, grid: GridState, **params: Any) -> None:
        super().__init__(**params)
        self._session, self._grid = session, grid

    def __panel__(self) -> pn.viewable.Viewable:
        """How far the preparation of instant answers is."""
        session = self._session
        text = pn.pane.HTML(stylesheets=[TEXT_STYLE, _BAR_STYLE], margin=(2, 12))

        def show(*_: object) -> None:
            percent = round(100 * session.prepared)
            bar = f'<progress max="100" value="{percent}" aria-label="Preparing instant answers"></progress>'
            grid, error = self._grid.grid, session.interpolation
            if grid is not None and error is not None:
                force = error.contact_force_bw + grid.error.contact_force_bw
                moment = error.kam_pct_bw_ht + grid.error.moment_pct_bw_ht
                text.object = (
                    f"Instant answers ready: within {_at_least(force)} BW and"
                    f" {_at_least(moment)} % BW·ht of the direct solution."
                )
            else:
                text.object = f"{bar}<br>Preparing instant answers: {percent} %."

        session.param.watch(show, ["prepared", "surface", "interpolation"])
        self._grid.param.watch(show, "grid")
        show()
        return text


def band_in_words(session: Session) -> str:
    """What the range over the assumptions covers, its progress, or why there is none; empty if not requested."""
    if not session.band_wanted or session.answer is None:
        return ""
    if session.modification.is_none:
        return "No change is set: the recorded walk does not depend on these assumptions."
    if session.band is not None:
        return f"Hatched range: {range_in_words(session.band)}."
    unanswered = session.answer.modification != session.modification and not session.busy
    if session.band_share == 1.0 or unanswered:
        return "No range: see the message above the charts."
    return f"Computing the range over the assumptions: {100 * session.band_share:.0f} %."


def _at_least(error: float) -> str:
    """An error rounded up to thousandths, so that none reads as zero."""
    return f"{math.ceil(max(error, 1e-9) * 1000.0) / 1000.0:.3f}"
