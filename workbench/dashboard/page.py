"""The page: the session's controls on the left, its views beside them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import panel as pn
import panel_material_ui as pmui

from workbench.core.types import Trial
from workbench.core.vocabulary import DISCLAIMER
from workbench.dashboard.body import BodyState
from workbench.dashboard.controls import Controls, TrialChoice
from workbench.dashboard.data_view import DataView
from workbench.dashboard.explore import Explore
from workbench.dashboard.map_view import MapView
from workbench.dashboard.plane import PlaneState
from workbench.session import Session

pn.extension("filedropper")


class Workbench(pn.viewable.Viewer):
    """The whole page of one user.

    Parameters
    ----------
    session : Session
    body : BodyState
        The body of the session.
    plane : PlaneState
        Its load map and personal target.
    trials : sequence of Trial
        The first one is opened.
    on_close : callable
        Takes what is to be done when the user has gone.
    """

    def __init__(
        self,
        session: Session,
        body: BodyState,
        plane: PlaneState,
        trials: Sequence[Trial],
        on_close: Callable[[Callable[[], None]], None],
        **params: Any,
    ) -> None:
        super().__init__(**params)
        self._session, self._plane = session, plane
        self._choice = TrialChoice(trials=list(trials))
        self._views: dict[str, Explore | MapView | DataView] = {
            "Explore": Explore(session, body),
            "Map": MapView(session, plane),
            "Data": DataView(session, self._choice, on_close),
        }
        session.open(trials[0])

    def __panel__(self) -> pn.viewable.Viewable:
        """The page."""
        # Panel's tabs take a hidden view out of the page, and Bokeh's figures do not survive that: the tabs only
        # choose, each view is made when it is first looked at and hidden afterwards.
        tabs = pmui.Tabs(*((name, pn.Spacer(height=0)) for name in self._views), margin=0, sizing_mode="stretch_width")
        places = {name: pmui.Column(sizing_mode="stretch_width", margin=0, visible=False) for name in self._views}

        def show(*_: object) -> None:
            chosen = list(self._views)[tabs.active]
            if not places[chosen].objects:
                places[chosen].append(self._views[chosen])
            for name, place in places.items():
                place.visible = name == chosen
            self._plane.wanted = chosen == "Map"

        tabs.param.watch(show, "active")
        show()
        page = pmui.Page(
            title="Knee-load workbench",
            sidebar=[Controls(self._session, self._choice)],
            sidebar_width=310,
            main=[tabs, self._error(), *places.values()],
            header=[pmui.Typography(DISCLAIMER, variant="body1", sx={"color": "inherit"}, margin=(0, 16))],
        )
        page.param.watch(self._turn_dark, "dark_theme")
        return page

    def _turn_dark(self, event: Any) -> None:
        for view in self._views.values():
            view.dark = event.new

    def _error(self) -> pn.viewable.Viewable:
        """What went wrong, until something goes right."""
        alert = pmui.Alert(alert_type="error", visible=False, sizing_mode="stretch_width", margin=(4, 8))

        def show(*_: object) -> None:
            alert.param.update(object=self._session.error, visible=bool(self._session.error))

        self._session.param.watch(show, "error")
        show()
        return alert
