"""The page: views on a session, and the server that shows them; the only importer of Panel, Bokeh and HoloViews."""

from workbench.core.errors import require

require("panel", "panel_material_ui", "bokeh", "param", of="the page")
