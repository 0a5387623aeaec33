"""The answer in words, tiles and a table, following the sliders within the browser."""

from __future__ import annotations

import panel as pn
import param

from workbench.report.browser import script


class Numbers(pn.custom.JSComponent):
    """One way to show the answers of a `store`, see `workbench.dashboard.levers`."""

    store = param.String(doc="Key of the answers.")
    part = param.Selector(default="table", objects=["sentence", "tiles", "table"], doc="How they are shown.")
    waiting = param.String(default="Solving the recorded walk…", doc="What the sentence says before the first answer.")

    _esm = script("numbers")
