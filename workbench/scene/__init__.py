"""The body and the footprints as geometry to draw, independent of the page."""
