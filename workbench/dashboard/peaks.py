"""The table of peaks and the sentence above it."""

from __future__ import annotations

from html import escape
from typing import Any

import panel as pn

from workbench.core.estimate_errors import ESTIMATE_ERRORS
from workbench.core.findings import Finding
from workbench.core.results import Simulation
from workbench.core.vocabulary import PEAKS, TEST_RETEST_ERROR
from workbench.report.findings_report import findings_badge
from workbench.report.words import sentence, signed
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


class Peaks(pn.viewable.Viewer):
    """Peaks and impulses of a session's answer, with change, percent and a mark for changes below test-retest error."""

    def __init__(self, session: Session, **params: Any) -> None:
        super().__init__(**params)
        self._session = session

    def __panel__(self) -> pn.viewable.Viewable:
        """A table that follows the session."""
        pane = pn.pane.HTML(sizing_mode="stretch_width", stylesheets=[TABLE_STYLE], margin=0)

        def show(*_: object) -> None:
            if self._session.answer is not None:
                pane.object = peaks_html(self._session.answer)

        self._session.param.watch(show, "answer")
        show()
        return pane


class Sentence(pn.viewable.Viewer):
    """The answer in words."""

    def __init__(self, session: Session, **params: Any) -> None:
        super().__init__(**params)
        self._session = session

    def __panel__(self) -> pn.viewable.Viewable:
        """A line that follows the session, read out by screen readers as it changes."""
        pane = pn.pane.HTML(
            '<p role="status">Computing the recorded walk…</p>',
            sizing_mode="stretch_width",
            stylesheets=["p { font-size: 18px; line-height: 1.35; margin: 0; min-height: 2.7em; }"],
            margin=(4, 8),
        )

        def show(*_: object) -> None:
            if self._session.answer is not None:
                pane.object = f'<p role="status">{escape(sentence(self._session.answer))}</p>'

        self._session.param.watch(show, "answer")
        show()
        return pane


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


def peaks_html(answer: Simulation) -> str:
    """The table as HTML; without a change only the natural gait."""
    changed = not answer.modification.is_none
    heads = ["Natural", *(["Modified", "Change", "%"] if changed else []), "Unit"]
    rows = []
    for name, quantity in PEAKS.items():
        recorded, modified = answer.baseline.peaks[name], answer.modified.peaks[name]
        change = modified - recorded
        digits = 1 if quantity.unit == "°" else 2
        cells = [f"{recorded:.{digits}f}".replace("-", "−")]
        if changed:
            below = answer.below_noise.get(name, False) and change != 0.0
            mark = ' <span class="mark">‡</span>' if below else ""
            # The percentage of an angle says nothing: its zero is a convention.
            percent = "" if quantity.unit == "°" or not recorded else signed(100.0 * change / abs(recorded), 0)
            cells += [f"{modified:.{digits}f}".replace("-", "−"), signed(change, digits) + mark, percent]
        cells.append(quantity.unit)
        columns = "".join(f"<td>{cell}</td>" for cell in cells)
        rows.append(f'<tr><th scope="row">{quantity.label}</th>{columns}</tr>')
    head = "".join(f'<th scope="col">{one}</th>' for one in heads)
    notes = "".join(
        f'<p class="note">‡ smaller than the test-retest error between sessions, {error:g} {PEAKS[name].unit}'
        f" ({escape(source)}); meaningful only as a change within one session.</p>"
        for name, (error, source) in TEST_RETEST_ERROR.items()
        if changed and answer.below_noise.get(name, False)
    )
    if answer.has_estimated_forces:
        kam, medial = (ESTIMATE_ERRORS[name] for name in ("knee_adduction_moment_pct_bw_ht", "medial_contact_force_bw"))
        notes += (
            f'<p class="note">The ground forces are estimated from the motion: the curve of the KAM is typically'
            f" {kam.typical:g} {kam.unit} off, that of the medial force {medial.typical:g} {medial.unit}.</p>"
        )
    head = f'<thead><tr><th scope="col">Quantity</th>{head}</tr></thead>'
    return f"<table>{head}<tbody>{''.join(rows)}</tbody></table>{notes}"
