"""The footprint view: both soles from above, recorded and modified, with angle, step width and centre of pressure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from bokeh.models import Arrow, ColumnDataSource, LabelSet, TeeHead
from bokeh.plotting import figure

from workbench.core.types import Array
from workbench.core.vocabulary import LATERAL_SIGN, SIDES, Side
from workbench.figures.colours import paint
from workbench.figures.palette import MODIFIED, RECORDED, RECORDED_COLOUR, SIDE_COLOURS, LineStyle, surface
from workbench.scene.footprint import Footprint, Footprints

_CM = 100.0
_GAIT = {"recorded": "natural", "modified": "modified"}
# Corners of what is always in sight, so that the scales rest while a slider moves.
_SIGHT_CM = ((-34.0, -17.0), (34.0, 44.0))
_LABEL_ACROSS_CM = 17.0
_ANGLE_ALONG_CM = {"recorded": 36.0, "modified": 39.5}
_WIDTH_ALONG_CM = {"recorded": -7.0, "modified": -13.0}


@dataclass(frozen=True)
class FootprintView:
    """A figure and its sources; make one per document, and `update` it as often as wanted."""

    figure: Any  #: bokeh figure
    sources: Mapping[str, ColumnDataSource]


def footprint_view(*, dark: bool = False, height: int = 480, key: str = "") -> FootprintView:
    """Build an empty figure: right of the walkway to the right, forward upwards, in centimetres with equal scales.

    The feet stand side by side, each measured from its recorded heel: step length is omitted, so that angle and step
    width are large enough to see.

    Parameters
    ----------
    dark : bool
        Whether the page is dark.
    height : int
        Height in pixels; the width follows the page.
    key : str
        Where the browser fills the sources of the modified gait, the key of its answers; their names begin with it.
    """
    sources = {
        name: ColumnDataSource(data, name=f"{key}-{name}", syncable=not key)
        for name, data in _columns(None, None).items()
    }
    plot = _empty_figure(height)
    # The recorded walk lies on top: its thin outline shows over the filled one.
    _add_gait(plot, "modified", MODIFIED, sources, fill_alpha=0.28)
    _add_gait(plot, "recorded", RECORDED, sources, fill_alpha=0.0)
    plot.legend.update(location="center", orientation="horizontal", margin=0)
    plot.add_layout(plot.legend[0], "above")
    view = FootprintView(plot, sources)
    recolour(view, dark=dark)
    return view


def recolour(view: FootprintView, *, dark: bool) -> None:
    """Switch a figure on a page between light and dark."""
    plain, plot = surface(dark), view.figure
    paint(plot, dark=dark)
    for gait, ink, letters in (("modified", plain.text, plain.text), ("recorded", RECORDED_COLOUR, plain.muted)):
        for part in plot.select(name=gait):
            if isinstance(part, LabelSet):
                part.text_color = letters
            elif isinstance(part, Arrow):
                part.line_color = part.start.line_color = part.end.line_color = ink
            else:
                part.glyph.line_color = ink


def update(view: FootprintView, recorded: Footprints | None, modified: Footprints | None) -> None:
    """Show other footprints in a figure that is already on a page.

    Parameters
    ----------
    view : FootprintView
    recorded, modified : Footprints or None
        None leaves that walk out.
    """
    for name, columns in _columns(recorded, modified).items():
        view.sources[name].data = columns


def packed_prints(recorded: Footprints, modified: Footprints) -> tuple[list[dict[str, Any]], Array]:
    """Columns of the modified gait as one row of numbers, and what each of them is; `prints.js` reads both.

    Parameters
    ----------
    recorded, modified : Footprints

    Returns
    -------
    layout : list of dict
        For each piece of the row its source, column, place in the column (None: the whole column) and length.
    row : (n,) array
        Centimetres, degrees for angles; NaN parts the pieces of a path.
    """
    layout: list[dict[str, Any]] = []
    row: list[Array] = []

    def add(source: str, column: str, place: int | None, values: Array) -> None:
        layout.append({"source": source, "column": column, "place": place, "length": len(values)})
        row.append(np.asarray(values, dtype=float))

    columns = _columns(recorded, modified)
    for what in ("soles", "axes", "paths"):
        for column in ("across", "along"):
            natural, shapes = (columns[f"{gait}_{what}"][column] for gait in ("recorded", "modified"))
            for place, (shape, own) in enumerate(zip(shapes, natural, strict=True)):
                # Paths of one person differ by an instant or two; the browser mixes them number by number.
                add(f"modified_{what}", column, place, _as_long_as(own, shape) if what == "paths" else shape)
    for column, values in columns["modified_width"].items():
        add("modified_width", column, None, np.asarray(values))
    angles = np.array([foot.progression_angle_deg for foot in modified.feet.values()])
    add("angles", "", None, angles)
    add("width", "", None, np.array([_CM * modified.step_width_m]))
    return layout, np.concatenate(row)


def _as_long_as(own: Array, other: Array) -> Array:
    """Another path with the number of points of one's own, parted where that is."""
    points = other[np.isfinite(other)]
    whole = np.isfinite(own)
    placed = np.full(len(own), np.nan)
    if len(points):
        placed[whole] = np.interp(np.linspace(0.0, 1.0, int(whole.sum())), np.linspace(0.0, 1.0, len(points)), points)
    return placed


def print_words(recorded: Footprints) -> dict[str, Any]:
    """What the browser needs to say what the figure shows."""
    return {
        "feet": [{"side": side, "angle": _angle(foot)} for side, foot in recorded.feet.items()],
        "width": f"{_CM * recorded.step_width_m:.1f} cm",
        "labels": {name: values for name, values in _label_columns("modified", recorded).items() if name != "text"},
        "colours": [SIDE_COLOURS[side] for side in recorded.feet],
    }


def _empty_figure(height: int) -> Any:
    plot = figure(
        height=height,
        sizing_mode="stretch_width",
        match_aspect=True,
        aspect_scale=1,
        tools="pan,wheel_zoom,reset,save",
        x_axis_label="Across the walkway, to the right (cm)",
        y_axis_label="Forward of the recorded heel (cm)",
    )
    plot.toolbar.logo = None
    plot.scatter(*np.transpose(_SIGHT_CM), alpha=0.0)
    return plot


def _add_gait(
    plot: Any,
    gait: str,
    style: LineStyle,
    sources: Mapping[str, ColumnDataSource],
    *,
    fill_alpha: float,
) -> None:
    """Soles, axes, paths of the pressure, step width and labels of one gait, the last three named for `recolour`."""
    places = {"xs": "across", "ys": "along"}
    outline = {"line_dash": style.dash, "line_width": style.width, "line_color": "colour"}
    soles, axes, paths, width, labels = (
        sources[f"{gait}_{what}"] for what in ("soles", "axes", "paths", "width", "labels")
    )
    plot.patches(
        **places,
        source=soles,
        fill_color="colour",
        fill_alpha=fill_alpha,
        legend_label=f"{_GAIT[gait]} foot",
        **outline,
    )
    plot.multi_line(**places, source=axes, **(outline | {"line_width": 1.5}))
    plot.multi_line(
        **places,
        source=paths,
        name=gait,
        line_width=style.width,
        line_dash="dotted" if style is RECORDED else "solid",
        legend_label="centre of pressure",
    )
    plot.add_layout(
        Arrow(
            start=TeeHead(size=8),
            end=TeeHead(size=8),
            x_start="left",
            x_end="right",
            y_start="along",
            y_end="along",
            source=width,
            name=gait,
            line_width=1.5,
            line_dash=style.dash,
        )
    )
    for side in SIDES:
        plot.segment(x0=side, x1=side, y0="along", y1=f"{side}_heel", source=width, name=gait, line_dash="dotted")
    plot.add_layout(
        LabelSet(
            x="across",
            y="along",
            text="text",
            source=labels,
            name=gait,
            text_align="center",
            text_font_size="11px",
            y_offset=3,
        )
    )


def _columns(recorded: Footprints | None, modified: Footprints | None) -> dict[str, dict[str, list[Any]]]:
    """Columns of every source, centimetres."""
    first = recorded or modified
    origins = {} if first is None else _origins(first)
    columns: dict[str, dict[str, list[Any]]] = {}
    for gait, prints in (("recorded", recorded), ("modified", modified)):
        feet = [] if prints is None else list(prints.feet.values())
        inks = [RECORDED_COLOUR if gait == "recorded" else SIDE_COLOURS[foot.side] for foot in feet]
        shapes = {
            "soles": [_rounded(foot.outline_m) for foot in feet],
            "axes": [np.array([foot.heel_m, foot.heel_m + 1.15 * (foot.toe_tip_m - foot.heel_m)]) for foot in feet],
            "paths": [foot.pressure_path_m for foot in feet],
        }
        for what, points in shapes.items():
            placed = [_placed(shape, origins[foot.side]) for shape, foot in zip(points, feet, strict=True)]
            columns[f"{gait}_{what}"] = {
                "across": [shape[:, 0] for shape in placed],
                "along": [shape[:, 1] for shape in placed],
                "colour": inks,
            }
        columns[f"{gait}_width"] = _width_columns(gait, prints, origins)
        columns[f"{gait}_labels"] = _label_columns(gait, prints)
    return columns


def _origins(prints: Footprints) -> dict[Side, Array]:
    """For each foot its own heel along the walkway, and the middle between both heels across it."""
    middle = np.mean([foot.heel_m[1] for foot in prints.feet.values()])
    return {side: np.array([foot.heel_m[0], middle]) for side, foot in prints.feet.items()}


def _placed(points_m: Array, origin_m: Array) -> Array:
    """Forward and right in metres to across and along in centimetres."""
    return np.asarray(_CM * (points_m - origin_m)[..., ::-1])


def _rounded(outline: Array) -> Array:
    """The sole with its corners cut, three times over, to a smooth line that stays inside it."""
    for _ in range(3):
        ahead = np.roll(outline, -1, axis=0)
        outline = np.stack([0.8 * outline + 0.2 * ahead, 0.2 * outline + 0.8 * ahead], axis=1).reshape(-1, 2)
    return outline


def _width_columns(gait: str, prints: Footprints | None, origins: Mapping[Side, Array]) -> dict[str, list[Any]]:
    if prints is None:
        return {name: [] for name in ("left", "right", "left_heel", "right_heel", "along")}
    heels = {side: _placed(foot.heel_m, origins[side]) for side, foot in prints.feet.items()}
    return {
        **{side: [heel[0]] for side, heel in heels.items()},
        **{f"{side}_heel": [heel[1]] for side, heel in heels.items()},
        "along": [_WIDTH_ALONG_CM[gait]],
    }


def _label_columns(gait: str, prints: Footprints | None) -> dict[str, list[Any]]:
    if prints is None:
        return {"across": [], "along": [], "text": []}
    return {
        "across": [*(LATERAL_SIGN[side] * _LABEL_ACROSS_CM for side in prints.feet), 0.0],
        "along": [_ANGLE_ALONG_CM[gait]] * len(prints.feet) + [_WIDTH_ALONG_CM[gait]],
        "text": [
            *(f"{_GAIT[gait]} {_angle(foot)}" for foot in prints.feet.values()),
            f"{_GAIT[gait]} {_CM * prints.step_width_m:.1f} cm",
        ],
    }


def _angle(foot: Footprint) -> str:
    """The foot progression angle as it is said."""
    rounded = round(foot.progression_angle_deg, 1)
    direction = "toe-out" if rounded > 0.0 else "toe-in" if rounded < 0.0 else "straight"
    return f"{abs(rounded):.1f}° {direction}" if rounded else direction
