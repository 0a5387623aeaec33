"""The page: the session's controls on the left, its views beside them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import panel as pn
import panel_material_ui as pmui

from workbench.core.types import Trial
from workbench.core.vocabulary import DISCLAIMER
from workbench.dashboard.body import BodyState
from workbench.dashboard.controls import Controls, TrialChoice
from workbench.dashboard.explore import Explore
from workbench.session import Session

pn.extension("filedropper")


class Workbench(pn.viewable.Viewer):
    """The whole page of one user.

    Parameters
    ----------
    session : Session
    body : BodyState
        The body of the session.
    trials : sequence of Trial
        The first one is opened.
    """

    def __init__(self, session: Session, body: BodyState, trials: Sequence[Trial], **params: Any) -> None:
        super().__init__(**params)
        self._session = session
        self._choice = TrialChoice(trials=list(trials))
        self._explore = Explore(session, body)
        session.open(trials[0])

    def __panel__(self) -> pn.viewable.Viewable:
        """The page."""
        page = pmui.Page(
            title="Knee-load workbench",
            sidebar=[Controls(self._session, self._choice)],
            sidebar_width=310,
            main=[self._error(), self._explore],
            header=[pmui.Typography(DISCLAIMER, variant="body1", sx={"color": "inherit"}, margin=(0, 16))],
        )
        page.param.watch(lambda event: setattr(self._explore, "dark", event.new), "dark_theme")
        return page

    def _error(self) -> pn.viewable.Viewable:
        """What went wrong, until something goes right."""
        alert = pmui.Alert(alert_type="error", visible=False, sizing_mode="stretch_width", margin=(4, 8))

        def show(*_: object) -> None:
            alert.param.update(object=self._session.error, visible=bool(self._session.error))

        self._session.param.watch(show, "error")
        show()
        return alert
