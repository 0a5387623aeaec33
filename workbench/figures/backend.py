"""The drawing libraries, with a clear message if missing: HoloViews with Bokeh, and the contours of a map."""

from functools import cache
from typing import Literal

from workbench.core.errors import require

require("holoviews", "panel", "bokeh", "contourpy", of="a figure")

import holoviews as hv  # noqa: E402  # said in words where it is missing
from contourpy import contour_generator  # noqa: E402

__all__ = ["Backend", "contour_generator", "hv", "load_backend"]


Backend = Literal["bokeh", "matplotlib"]  #: bokeh on a page and in a notebook, matplotlib in a picture file


@cache
def load_backend(backend: Backend = "bokeh") -> None:
    """Set HoloViews up with Bokeh's local scripts; once per session."""
    if backend == "matplotlib":
        require("matplotlib", of="a picture file")
        before = hv.Store.current_backend
        hv.extension("matplotlib", logo=False)
        if before in hv.Store.loaded_backends():
            hv.Store.set_current_backend(before)
        return
    hv.extension("bokeh", inline=True, logo=False)
    # Panel, around a figure that does not change by itself, brings nothing but style sheets from the internet.
    hv.renderer("bokeh")._render_with_panel = False
