"""What draws, with a message in words where it is missing: HoloViews with Bokeh, and the contours of a map."""

from functools import cache

from workbench.core.errors import require

require("holoviews", "panel", "bokeh", "contourpy", of="a figure")

import holoviews as hv  # noqa: E402  # said in words where it is missing
from contourpy import contour_generator  # noqa: E402

__all__ = ["contour_generator", "hv", "load_bokeh"]


@cache
def load_bokeh() -> None:
    """Let HoloViews draw with Bokeh, with the scripts of this machine; once in a session."""
    hv.extension("bokeh", inline=True, logo=False)
    # Panel, around a figure that does not change by itself, brings nothing but style sheets from the internet.
    hv.renderer("bokeh")._render_with_panel = False
