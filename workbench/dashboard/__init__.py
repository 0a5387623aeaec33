"""The page: views on a session, and the server that shows them; the only importer of Panel, Bokeh and HoloViews."""
