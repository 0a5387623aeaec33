"""The controls of a session: trial, leg, stride, the two sliders, presets and the assumptions."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence
from functools import partial
from html import escape
from typing import Any

import panel as pn
import panel_material_ui as pmui
import param
from bokeh.models import PrintfTickFormatter

from workbench.advice.assumptions import range_in_words
from workbench.advice.target import PROTOCOL, PROTOCOL_POINTS
from workbench.core.changes import KINDS, Changes
from workbench.core.changes.kind import Kind
from workbench.core.declaration import Choice, Number, Setting, settings_of
from workbench.core.errors import WorkbenchError
from workbench.core.settings import GROUPS
from workbench.core.types import Trial
from workbench.dashboard.own_settings_button import OwnLawControls
from workbench.session.session import Session
from workbench.session.solvers import Later

#: Plain text that changes. Panel's Typography shows its own tags when it is changed while the document is held.
TEXT_STYLE = ":host { font-size: 14px; line-height: 1.4; }"

_BAR_STYLE = "progress { width: 100%; height: 10px; }"


def in_turn(later: Later, task: Callable[[], None]) -> Callable[[object], None]:
    """A callback for a button: Panel may call those without the lock on the page that Bokeh's figures need."""
    return lambda _: later(task, 1.0)


_LEAST_PAUSE_S = 0.015


class LiveSlider(pmui.FloatSlider):
    """A slider that sends every move to Python at once."""

    # Panel waits this long (ms) before it passes a widget's event on; an answer takes a tenth of that.
    _debounce = 0


class Follower:
    """Sets a session's parameter as a slider moves, no faster than the page can follow; the last move always counts.

    Between two answers at least as much time is left as the last one took, so that moves do not pile up; moves in
    between are skipped.

    Parameters
    ----------
    slider : FloatSlider
    session : Session
    name : str
        Parameter of the session.
    later : callable
        Runs a function on the thread that owns the page after some milliseconds.
    """

    def __init__(self, slider: Any, session: Session, name: str, later: Later) -> None:
        self._slider, self._session, self._name, self._later = slider, session, name, later
        self._free_at_s, self._waiting, self._setting = 0.0, False, False
        slider.param.watch(self._moved, "value")
        session.param.watch(self._set_elsewhere, name)

    def _moved(self, _: object) -> None:
        if self._waiting or self._setting:
            return
        self._waiting = True
        self._later(self._follow, max(0.0, 1000.0 * (self._free_at_s - time.perf_counter())))

    def _follow(self) -> None:
        self._waiting = False
        began_s = time.perf_counter()
        self._setting = True
        try:
            setattr(self._session, self._name, self._slider.value)
        finally:
            self._setting = False
        now_s = time.perf_counter()
        self._free_at_s = now_s + max(now_s - began_s, _LEAST_PAUSE_S)

    def _set_elsewhere(self, event: Any) -> None:
        """A preset, the map or the address set the parameter."""
        if not self._setting:
            self._setting = True
            try:
                self._slider.value = event.new
            finally:
                self._setting = False


class TrialChoice(param.Parameterized):
    """The trials that can be chosen on one page."""

    trials = param.List(default=[], item_type=Trial, doc="Open trials, in the order they were opened.")

    def add(self, trial: Trial) -> None:
        """Add a trial; it replaces one of the same name."""
        self.trials = [*(one for one in self.trials if one.name != trial.name), trial]


class Controls(pn.viewable.Viewer):
    """The controls of a session.

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
        """The column of controls."""
        return pn.Column(
            *self._recording(),
            pmui.Divider(),
            *self._change(),
            pmui.Divider(),
            *OwnLawControls(self._session, self._later).widgets(),
            self._assumptions(),
            self._progress(),
            sizing_mode="stretch_width",
            margin=0,
        )

    def _recording(self) -> Sequence[Any]:
        session, choice = self._session, self._choice
        trial = pmui.Select(label="Trial", size="small", sizing_mode="stretch_width")
        other = pmui.Button(
            label="Open another recording", variant="outlined", size="small", sizing_mode="stretch_width",
            visible=self._open_other is not None,
        )  # fmt: skip
        if self._open_other is not None:
            other.on_click(in_turn(self._later, self._open_other))
        side = pmui.RadioButtonGroup(
            label="Leg", options={"Left leg": "left", "Right leg": "right"}, value=session.side, size="small",
            sizing_mode="stretch_width",
        )  # fmt: skip
        self._both_ways(side, "side")
        stride = pmui.Select(label="Stride", size="small", sizing_mode="stretch_width")
        spread = pmui.Button(
            label="Show the spread between strides", variant="outlined", size="small", sizing_mode="stretch_width"
        )

        estimated = pn.pane.HTML(
            "<b>The ground forces are estimated from the motion, not measured.</b>", stylesheets=[TEXT_STYLE],
            sizing_mode="stretch_width", margin=(2, 12), visible=False,
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
            spread.label = (
                f"Spread between strides: {100 * session.spread_share:.0f} %"
                if asked
                else "Show the spread between strides"
            )
            spread.disabled = asked or session.spread is not None

        trial.param.watch(lambda event: self._later(partial(open_trial, event), 1.0), "value")
        stride.param.watch(lambda event: self._later(partial(choose_stride, event), 1.0), "value")
        spread.on_click(in_turn(self._later, session.ask_spread))
        choice.param.watch(list_trials, "trials")
        session.param.watch(list_trials, "trial")
        session.param.watch(list_strides, ["strides", "stride_number"])
        session.param.watch(say_share, ["spread", "spread_share"])
        list_trials()
        list_strides()
        return trial, estimated, other, side, stride, spread

    def _change(self) -> Sequence[Any]:
        session = self._session
        sliders = [self._slider(kind) for kind in KINDS.values()]
        presets = []
        for changes in PROTOCOL_POINTS:
            label = KINDS[PROTOCOL].brief(changes[PROTOCOL])
            button = pmui.Button(label=label, variant="outlined", size="small", sizing_mode="stretch_width", margin=2)
            button.on_click(in_turn(self._later, partial(self._preset, changes)))
            presets.append(button)
        reset = pmui.Button(
            label="Reset", variant="contained", size="small", sizing_mode="stretch_width", margin=(6, 12)
        )
        reset.on_click(in_turn(self._later, session.reset_change))
        return *sliders, pn.Row(*presets, sizing_mode="stretch_width", margin=(0, 10)), reset, self._band()

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

    def _slider(self, kind: Kind) -> pn.viewable.Viewable:
        name, (less, more) = kind.shown_name, (kind.less.option, kind.more.option)
        low, high = self._session.param[name].bounds
        slider = LiveSlider(
            label=f"{less} / {more}", start=low, end=high, step=kind.shown_step, value=getattr(self._session, name),
            description="", format=PrintfTickFormatter(format=kind.tick_format), sizing_mode="stretch_width",
            margin=(5, 22),
            marks=[{"value": low, "label": less}, {"value": 0.0, "label": "0"}, {"value": high, "label": more}],
        )  # fmt: skip
        Follower(slider, self._session, name, self._later)
        return slider

    def _preset(self, changes: Changes) -> None:
        self._session.param.update(**{KINDS[name].shown_name: KINDS[name].shown(changes[name]) for name in changes})

    def _assumptions(self) -> pn.viewable.Viewable:
        """What stands behind the numbers, folded; its widgets are made when it is unfolded."""
        card = pmui.Card(
            title="Assumptions", collapsed=True, sizing_mode="stretch_width", margin=(5, 10), title_variant="subtitle1"
        )

        def fill() -> None:
            if not card.objects:
                card.objects = list(self._assumption_widgets())

        card.param.watch(lambda _: self._later(fill, 1.0), "collapsed")
        return card

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
            return [self._both_ways(pmui.Select(size="small", options=options, **common), name)]
        if not isinstance(setting, Number):
            return [self._both_ways(pmui.Checkbox(**common), name)]
        low, high = self._session.param[name].bounds
        slider = pmui.FloatSlider(start=low, end=high, step=setting.step, margin=(5, 22), **common)
        widgets = [self._both_ways(slider, name, event="value_throttled")]
        if setting.without is not None:
            whether = setting.without.shown_name
            box = pmui.Checkbox(
                label=setting.without.label, value=getattr(self._session, whether), sizing_mode="stretch_width"
            )
            widgets.insert(0, self._both_ways(box, whether))
        return widgets

    def _both_ways(self, widget: Any, name: str, event: str = "value") -> Any:
        """Let a widget set a parameter of the session, and follow it where something else sets it."""
        session = self._session

        def asked(change: Any) -> None:
            if change.new != getattr(session, name):
                self._later(partial(setattr, session, name, change.new), 1.0)

        widget.param.watch(asked, event)
        session.param.watch(lambda change: setattr(widget, "value", change.new), name)
        return widget

    def _progress(self) -> pn.viewable.Viewable:
        """How far the preparation of instant answers is."""
        session = self._session
        text = pn.pane.HTML(stylesheets=[TEXT_STYLE, _BAR_STYLE], margin=(2, 12), sizing_mode="stretch_width")

        def show(*_: object) -> None:
            percent = round(100 * session.prepared)
            bar = f'<progress max="100" value="{percent}" aria-label="Preparing instant answers"></progress>'
            if session.prepared >= 1.0 and (error := session.interpolation) is not None:
                text.object = (
                    f"Instant answers ready: within {_at_least(error.contact_force_bw)} BW and"
                    f" {_at_least(error.kam_pct_bw_ht)} % BW·ht of the direct solution."
                )
            elif session.surface is not None:
                text.object = f"{bar}<br>Answers are instant; refining: {percent} %."
            else:
                text.object = f"{bar}<br>Preparing instant answers: {percent} %."

        session.param.watch(show, ["prepared", "surface", "interpolation"])
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
