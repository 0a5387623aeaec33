"""The body and the footprints as geometry to draw; knows no page."""
