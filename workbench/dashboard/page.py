"""The page: what is analysed and the sliders on top, the views below, the assumptions in a drawer."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any
from urllib.parse import urlencode

import panel as pn
import panel_material_ui as pmui
from panel.util import edit_readonly

from workbench.core.types import Trial
from workbench.core.vocabulary import DISCLAIMER
from workbench.dashboard.body import BodyState
from workbench.dashboard.controls import Assumptions, Readiness, RecordingChoice, TrialChoice
from workbench.dashboard.explore import Explore
from workbench.dashboard.levers import LiveAnswers
from workbench.dashboard.messages import Message
from workbench.session.address import NAMES, apply_query, query_of
from workbench.session.grid import GridState
from workbench.session.plane import PlaneState
from workbench.session.session import Session
from workbench.session.solvers import Later

pn.extension()


#: Small enough on a telephone not to push the header over the tabs.
_DISCLAIMER_STYLE = {
    "color": "inherit",
    "fontSize": {"xs": "11px", "md": "16px"},
    "lineHeight": {"xs": 1.15, "md": 1.5},
}
_ADDRESS_MS = 500.0  # the address follows at rest, not with every move of a slider


class Workbench(pn.viewable.Viewer):
    """The whole page of one user.

    Parameters
    ----------
    session : Session
    grid : GridState
        What the browser answers from.
    body : BodyState
        The body of the session.
    plane : PlaneState
        Its load map and personal target.
    trials : sequence of Trial
        The first one is opened.
    on_close : callable
        Takes what is to be done when the user has gone.
    later : callable
        Runs a function on the thread that owns the page after some milliseconds.
    """

    def __init__(
        self,
        session: Session,
        grid: GridState,
        body: BodyState,
        plane: PlaneState,
        trials: Sequence[Trial],
        on_close: Callable[[Callable[[], None]], None],
        later: Later,
        **params: Any,
    ) -> None:
        super().__init__(**params)
        self._session, self._grid, self._later = session, grid, later
        self._notice = ""
        self._choice = TrialChoice(trials=list(trials))
        # Made when they are first looked at: the first page of a server waits for no import it does not need.
        self._makers: dict[str, Callable[[], Any]] = {
            "Explore": lambda: Explore(session, grid, self._answers, body, later),
            "Map": lambda: _map_view(session, plane, later),
            "Compare": lambda: _compare_view(session, later),
            "Data": lambda: _data_view(session, self._choice, on_close, later, self._show_loads),
            "Save": lambda: _save_view(session, grid),
            "About the numbers": lambda: _about_view(session),
        }
        self._views: dict[str, Any] = {}
        self._dark = False
        self._open()
        self._answers = LiveAnswers(session, grid)

    def _open(self) -> None:
        """Open the trial of the address, or the first one, as the address says."""
        location = pn.state.location
        query = dict(location.query_params) if location is not None else {}
        trial = next((one for one in self._choice.trials if one.name == query.get("trial")), self._choice.trials[0])
        self._session.open(trial)
        asked = query.get("trial", trial.name)
        refused = apply_query(self._session, query)
        if asked != trial.name:
            self._notice = f"The link refers to {asked!r}, which is not open here; showing {trial.name!r}."
        elif refused:
            self._notice = f"Some values in the link were ignored: {', '.join(refused)}."
        if location is None:
            return

        waiting = False

        def write() -> None:
            nonlocal waiting
            waiting = False
            query = urlencode(query_of(self._session))
            location.search = f"?{query}"

        def changed(*_: object) -> None:
            nonlocal waiting
            if not waiting:
                waiting = True
                self._later(write, _ADDRESS_MS)

        self._session.param.watch(changed, ["trial", *NAMES.values()])

    def __panel__(self) -> pn.viewable.Viewable:
        """The page."""
        # Panel's tabs take a hidden view out of the page, and Bokeh's figures do not survive that: here the tabs only
        # choose. A view comes to the page when it is first looked at, and stays there.
        names = list(self._makers)
        tabs = pmui.Tabs(
            *((name, pn.Spacer(height=0)) for name in names), margin=0, styles={"flex": "1 1 520px", "min-width": "0"}
        )
        self._tabs = tabs
        places: dict[str, pn.Column] = {}
        shown = pn.Column(sizing_mode="stretch_width", margin=0)

        def show(*_: object) -> None:
            chosen = names[tabs.active]
            if chosen not in self._views:
                self._views[chosen] = self._makers[chosen]()
                self._views[chosen].dark = self._dark
            for name, view in self._views.items():
                view.looked_at = name == chosen
            if chosen not in places:
                places[chosen] = pn.Column(self._views[chosen], sizing_mode="stretch_width", margin=0)
                shown.append(places[chosen])
            for name, place in places.items():
                place.visible = name == chosen

        tabs.param.watch(lambda _: self._later(show, 1.0), "active")
        show()
        assumptions = Assumptions(self._session, self._grid, self._later)
        page = pmui.Page(
            title="Knee-load workbench",
            sidebar=[assumptions],
            sidebar_width=330,
            sidebar_resizable=False,
            sidebar_open=False,
            sidebar_variant="persistent",
            # The busy sign and its bar have no name for screen readers; the session says itself what it is waiting for.
            sx={".MuiLinearProgress-root": {"display": "none"}},
            main=[
                pn.FlexBox(
                    RecordingChoice(self._session, self._choice, self._later, self._show_data),
                    tabs,
                    Readiness(self._session, self._grid),
                    align_items="center",
                    gap="0 24px",
                    sizing_mode="stretch_width",
                    margin=0,
                ),
                self._answers.levers,
                self._error(),
                shown,
            ],
            header=[pmui.Typography(DISCLAIMER, variant="body1", sx=_DISCLAIMER_STYLE, margin=(0, 16))],
        )
        # The page would go busy with every event, and each time all its models are walked: a tenth of a second with
        # each move of a slider.
        with edit_readonly(page):
            page.busy = False
        page.param.watch(self._turn_dark, "dark_theme")
        page.param.watch(lambda _: setattr(assumptions, "looked_at", True), "sidebar_open")
        return page

    def _show(self, name: str) -> None:
        self._tabs.active = list(self._makers).index(name)

    def _show_loads(self) -> None:
        self._show("Explore")

    def _show_data(self) -> None:
        self._show("Data")

    def _turn_dark(self, event: Any) -> None:
        self._dark = event.new
        for view in self._views.values():
            view.dark = event.new

    def _error(self) -> pn.viewable.Viewable:
        """What went wrong, until something goes right."""
        message = Message()

        def show(*_: object) -> None:
            message.say(self._session.error or self._notice)

        self._session.param.watch(show, "error")
        show()
        return message.pane


def _map_view(session: Session, plane: PlaneState, later: Later) -> Any:
    from workbench.dashboard.map_view import MapView

    return MapView(session, plane, later)


def _compare_view(session: Session, later: Later) -> Any:
    from workbench.dashboard.compare_view import CompareView
    from workbench.session.pins import Pins

    return CompareView(session, Pins(), later)


def _data_view(
    session: Session,
    choice: TrialChoice,
    on_close: Callable[[Callable[[], None]], None],
    later: Later,
    show_loads: Callable[[], None],
) -> Any:
    from workbench.dashboard.data_view import DataView

    return DataView(session, choice, on_close, later, show_loads)


def _save_view(session: Session, grid: GridState) -> Any:
    from workbench.dashboard.save_view import SaveView

    return SaveView(session, grid)


def _about_view(session: Session) -> Any:
    from workbench.dashboard.about_view import AboutView

    return AboutView(session)
