"""What is to be known of an answer, and what went wrong."""

from __future__ import annotations

from html import escape
from typing import Any

import panel as pn

from workbench.core.findings import Finding
from workbench.report.findings_report import findings_badge
from workbench.session.session import Session

#: One style for every table of the page; colours follow the theme.
TABLE_STYLE = """
:host { font-size: 14px; color: var(--mui-palette-text-primary, inherit); }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
caption { text-align: left; padding: 2px 8px 6px; opacity: 0.8; }
th, td { padding: 3px 8px; text-align: right; white-space: nowrap; }
th { font-weight: 600; border-bottom: 1px solid rgba(128, 128, 128, 0.6); }
tbody th { font-weight: 400; border-bottom: none; }
th:first-child, td.text { text-align: left; }
tbody tr { border-bottom: 1px solid rgba(128, 128, 128, 0.2); }
.mark { opacity: 0.85; }
p { margin: 0 0 6px; }
p.note { opacity: 0.85; margin: 6px 8px; }
"""


#: Findings by severity, which stands in words too; white on each has 4.5 to 1 or more.
FINDINGS_STYLE = """
ul.findings { margin: 4px 0; padding-left: 20px; } .findings li { margin: 4px 0; } .findings { font-size: 14px; }
summary { cursor: pointer; } small { opacity: 0.85; }
.serious, .doubtful, .note { padding: 1px 8px; border-radius: 4px; color: #FFFFFF; }
b.serious { background: #B3261E; } b.doubtful { background: #8F5A00; } b.note { background: #555D68; }
"""


class Badge(pn.viewable.Viewer):
    """Number of findings of the answer, and the worst; unfolds to the list."""

    def __init__(self, session: Session, **params: Any) -> None:
        super().__init__(**params)
        self._session = session

    def __panel__(self) -> pn.viewable.Viewable:
        """A line that follows the session."""
        pane = pn.pane.HTML(sizing_mode="stretch_width", stylesheets=[FINDINGS_STYLE], margin=(0, 8))
        shown: list[tuple[Finding, ...]] = []

        def show(*_: object) -> None:
            answer = self._session.answer
            # Written anew only where it says something else: it would fold up under the reader with every slider move.
            if answer is not None and shown != [answer.findings]:
                shown[:] = [answer.findings]
                pane.object = str(findings_badge(answer.findings))

        self._session.param.watch(show, "answer")
        show()
        return pane


_MESSAGE_STYLE = """
p { font-size: 15px; line-height: 1.4; margin: 0; padding: 8px 14px; border-radius: 4px; border-left: 6px solid; }
p.error { border-color: #B3261E; background: rgba(179, 38, 30, 0.12); }
p.done { border-color: #1B7F3B; background: rgba(27, 127, 59, 0.12); }
"""


class Message:
    """A line for errors and confirmations; announced by screen readers, hidden while empty."""

    def __init__(self) -> None:
        self.pane = pn.pane.HTML(
            visible=False, sizing_mode="stretch_width", stylesheets=[_MESSAGE_STYLE], margin=(4, 8)
        )

    def say(self, text: str, kind: str = "error") -> None:
        """Show a text; of the kind ``error`` or ``done``."""
        said = f'<p role="alert" class="{kind}">{escape(text)}</p>' if text else ""
        self.pane.param.update(object=said, visible=bool(text))
