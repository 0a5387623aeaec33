"""Text and colours of Bokeh's figures, from the program's palette."""

from __future__ import annotations

from typing import Final

from bokeh.models import ColorBar
from bokeh.plotting import figure
from bokeh.themes import Theme

from workbench.figures.palette import surface

#: Parts of figures that the page's own theme is to leave alone, as `paint` gives them their colours: it would do so in
#: the browser and send every colour back, a hundred messages while the page opens.
FIGURE_THEME: Final = Theme(
    json={"attrs": {part: {} for part in ("Axis", "BaseColorBar", "Figure", "Grid", "Legend", "Title")}}
)


def paint(plot: figure, *, dark: bool) -> None:
    """Apply text and colours of the light or the dark page to a figure."""
    plain = surface(dark)
    plot.update(background_fill_color=plain.background, border_fill_color=plain.background, outline_line_color=None)
    plot.title.update(text_color=plain.text, text_font_size="13px")
    for axis in plot.axis:
        axis.update(
            axis_label_text_color=plain.text, axis_label_text_font_size="13px", axis_label_text_font_style="normal",
            axis_line_color=None, major_label_text_color=plain.muted, major_label_text_font_size="12px",
            major_tick_line_color=None, minor_tick_line_color=None,
        )  # fmt: skip
    for grid in plot.grid:
        grid.update(grid_line_color=plain.line, grid_line_alpha=0.6)
    for legend in plot.legend:
        legend.update(
            background_fill_color=plain.background, background_fill_alpha=0.6, border_line_color=None,
            label_text_color=plain.text, label_text_font_size="13px",
        )  # fmt: skip
    for bar in plot.select(ColorBar):
        bar.update(
            background_fill_alpha=0.0, title_text_color=plain.text, title_text_font_style="normal",
            major_label_text_color=plain.muted,
        )  # fmt: skip
