"""Colours and line styles of the whole page, in one place.

The colours of lines and marks stand out by 3 to 1 or more from the light and from the dark surface (WCAG 2.2, 1.4.11)
and stay apart for colour-blind readers; no meaning hangs on a colour alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from bokeh.models import ColorBar
from bokeh.plotting import figure
from bokeh.themes import Theme

from workbench.core.vocabulary import Side

LEFT_COLOUR: Final = "#CC4433"
RIGHT_COLOUR: Final = "#1F77B4"
SIDE_COLOURS: Final[dict[Side, str]] = {"left": LEFT_COLOUR, "right": RIGHT_COLOUR}
MEDIAL_COLOUR: Final = "#AA4499"
LATERAL_COLOUR: Final = "#0B8A6A"
TOTAL_COLOUR: Final = "#7A7466"
RECORDED_COLOUR: Final = "#7C838D"
GROUND_FORCE_COLOUR: Final = "#2E9E3F"

#: Contact force from none to the upper end of the scale; lightness falls all the way, so that it reads without hue.
FORCE_SCALE: Final = ("#FFF6C8", "#FDC14F", "#F0782A", "#C0311F", "#6B0F1E")


@dataclass(frozen=True)
class LineStyle:
    """How a line is drawn, in Bokeh's terms."""

    dash: str
    width: float


RECORDED: Final = LineStyle("dashed", 2.0)
MODIFIED: Final = LineStyle("solid", 3.0)


@dataclass(frozen=True)
class AreaStyle:
    """How an area is filled and hatched, in Bokeh's terms; the hatch tells it from another without colour."""

    fill_alpha: float
    hatch_pattern: str
    hatch_alpha: float
    hatch_scale: float  #: distance of its lines, px
    edge_width: float


BAND: Final = AreaStyle(0.15, "right_diagonal_line", 0.55, 7.0, 1.0)


@dataclass(frozen=True)
class Surface:
    """Colours of what lies behind and beside the data."""

    background: str
    text: str
    muted: str  #: secondary text, 4.5 to 1 or more
    line: str  #: grid and rules
    bone: str


LIGHT: Final = Surface("#F6F7F9", "#1B1F25", "#555D68", "#C9CED6", "#DDD6C8")
DARK: Final = Surface("#15181D", "#EEF1F5", "#A9B2BE", "#3A414B", "#CFC8BA")


def surface(dark: bool) -> Surface:
    """Return the surface of the light or the dark page."""
    return DARK if dark else LIGHT


#: Parts of figures that the page's own theme is to leave alone, as `paint` gives them their colours: it would do so in
#: the browser and send every colour back, a hundred messages while the page opens.
FIGURE_THEME: Final = Theme(
    json={"attrs": {part: {} for part in ("Axis", "BaseColorBar", "Figure", "Grid", "Legend", "Title")}}
)


def paint(plot: figure, *, dark: bool) -> None:
    """Give a figure the letters and colours of the light or the dark page."""
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
