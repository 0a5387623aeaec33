"""Colours and line styles of everything that is drawn, on the page and in files.

Lines and marks have a contrast of at least 3:1 with the light and the dark surface (WCAG 2.2, 1.4.11) and are
distinguishable for colour-blind readers; no information relies on colour alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from workbench.core.vocabulary import Side

#: The curves on the page, in reading order; the total is the sum of the first two.
SHOWN: Final = (
    "medial_contact_force_bw",
    "lateral_contact_force_bw",
    "knee_adduction_moment_pct_bw_ht",
    "knee_flexion_moment_pct_bw_ht",
)

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

#: Change of a load from the largest fall (blue) over none to the largest rise (red): ColorBrewer's RdBu, reversed.
CHANGE_SCALE: Final = (
    "#053061",
    "#2166AC",
    "#4393C3",
    "#92C5DE",
    "#D1E5F0",
    "#F7F7F7",
    "#F7F7F7",
    "#FDDBC7",
    "#F4A582",
    "#D6604D",
    "#B2182B",
    "#67001F",
)


@dataclass(frozen=True)
class LineStyle:
    """How a line is drawn, in Bokeh's terms."""

    dash: str
    width: float


RECORDED: Final = LineStyle("dashed", 2.0)
MODIFIED: Final = LineStyle("solid", 3.0)
#: One colour and one dash a walk where several are compared, apart for colour-blind readers.
WALK_STYLES: Final = (
    ("#1F77B4", "solid"),
    ("#CC4433", "dashed"),
    ("#0B8A6A", "dotdash"),
    ("#AA4499", "dotted"),
    ("#B58900", "solid"),
    ("#7A7466", "dashed"),
)


@dataclass(frozen=True)
class AreaStyle:
    """How an area is filled and hatched, in Bokeh's terms; the hatch distinguishes areas without colour."""

    fill_alpha: float
    hatch_pattern: str
    hatch_alpha: float
    hatch_scale: float  #: distance of its lines, px
    edge_width: float


BAND: Final = AreaStyle(0.15, "right_diagonal_line", 0.55, 7.0, 1.0)
#: How far a recorded curve may be off where the ground reactions are estimated.
ESTIMATE_BAND: Final = AreaStyle(0.18, "dot", 0.8, 8.0, 1.0)


@dataclass(frozen=True)
class Surface:
    """Colours of background, axes and text."""

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
