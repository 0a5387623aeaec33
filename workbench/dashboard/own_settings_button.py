"""The button for this person's own settings instead of the defaults, with its text."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

import panel as pn
import panel_material_ui as pmui

from workbench.advice.law_of_strides import FEWEST_STRIDES
from workbench.core.declaration import documented
from workbench.session.session import Session
from workbench.session.solvers import Later

_STYLE = ":host { font-size: 14px; line-height: 1.4; }"


class OwnLawControls:
    """One click switches to the person's own settings, another one back.

    Parameters
    ----------
    session : Session
    later : callable
        Runs a function on the thread that owns the page after some milliseconds.
    """

    def __init__(self, session: Session, later: Later) -> None:
        self._session, self._later = session, later
        self._button = pmui.Button(variant="outlined", size="small", sizing_mode="stretch_width")
        self._text = pn.pane.HTML(stylesheets=[_STYLE], margin=(0, 12), sizing_mode="stretch_width")
        self._button.on_click(lambda _: later(self._clicked, 1.0))
        session.param.watch(self._show, ["own_law", "own_law_share", "strides", "answer"])
        self._show()

    def widgets(self) -> Sequence[pn.viewable.Viewable]:
        """Button and text."""
        return self._button, self._text

    def _clicked(self) -> None:
        if self._session.own_law is None:
            self._session.ask_own_law()
        else:
            self._session.drop_own_law()

    def _show(self, *_: object) -> None:
        session = self._session
        count, asked = len(session.strides), 0.0 < session.own_law_share < 1.0
        if session.own_law is not None:
            label = "Return to the default settings"
        elif asked:
            label = f"This person's own settings: {100 * session.own_law_share:.0f} %"
        elif count < FEWEST_STRIDES:
            label = f"Own settings need {FEWEST_STRIDES} strides; this recording has {count}"
        else:
            label = "Use this person's own settings"
        self._button.param.update(label=label, disabled=asked or (session.own_law is None and count < FEWEST_STRIDES))
        self._text.object = f'<div aria-live="polite">{escape(own_law_in_words(session))}</div>'


def own_law_in_words(session: Session) -> str:
    """Which settings come from the person's own strides and which do not; empty if not requested."""
    law = session.own_law
    if law is None:
        return ""
    return " ".join(str(finding) for finding in law.findings(documented(session.modification)))
