"""The view "About the numbers": methods, assumptions, limits and sources."""

from __future__ import annotations

from typing import Any, Final

import panel as pn
import param

from workbench.core.changes import achieved
from workbench.core.settings import SETTINGS
from workbench.core.vocabulary import CURVES, DISCLAIMER, PEAKS, TEST_RETEST_ERROR
from workbench.dashboard.messages import TABLE_STYLE
from workbench.report.html import render
from workbench.session.session import Session

_STYLE: Final = """
:host { font-size: 16px; line-height: 1.5; } section { max-width: 78ch; } h2 { font-size: 19px; margin: 18px 0 4px; }
p.warning { font-size: 18px; font-weight: 600; } td, td.text { white-space: normal; text-align: left; }
"""


class AboutView(pn.viewable.Viewer):
    """How the numbers are computed, and their limits."""

    dark = param.Boolean(default=False, doc="Whether the page is dark.")
    looked_at = param.Boolean(default=False, doc="Whether the view is visible.")

    def __init__(self, session: Session, **params: Any) -> None:
        super().__init__(**params)
        self._session = session

    def __panel__(self) -> pn.viewable.Viewable:
        """The text, with the figures of the trial on the screen."""
        pane = pn.pane.HTML(stylesheets=[TABLE_STYLE, _STYLE], sizing_mode="stretch_width", margin=(0, 16))

        def show(*_: object) -> None:
            if self.looked_at:
                pane.object = about_html(self._session)

        self._session.param.watch(show, ["surface", "interpolation", "answer"])
        self.param.watch(show, "looked_at")
        show()
        return pane


def about_html(session: Session) -> str:
    """The whole text."""
    text = render(
        "about.html",
        disclaimer=DISCLAIMER,
        settings=session.settings,
        change=session.modification,
        pivots=SETTINGS["pivot"].alternatives,
        error=session.interpolation,
        retest=[(PEAKS[name], value, source) for name, (value, source) in TEST_RETEST_ERROR.items()],
        quantities=[*CURVES.values(), *achieved().values()],
    )
    return str(text)
