"""The load map as a HoloViews object, drawn with Bokeh on screen and with matplotlib in picture files."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import numpy as np

from workbench.advice.target import TargetRules, broken_rules
from workbench.core.changes import KINDS
from workbench.core.errors import SettingError
from workbench.core.load_map import LoadMap, mapped_quantity
from workbench.core.vocabulary import DISCLAIMER, Quantity
from workbench.figures.backend import Backend, contour_generator, hv, load_backend
from workbench.figures.elements import SMALL, change_dimension, dimension, in_sentence, styled
from workbench.figures.palette import CHANGE_SCALE

_WIDTH, _HEIGHT = 480, 360  # px, within the axes
_INCHES, _DOTS_PER_INCH = (7.5, 5.5), 150  # of a picture file
_PICTURES: Final = ("png", "svg", "pdf")

#: How each part is drawn, by backend.
_LINE: Final[dict[Backend, dict[str, Any]]] = {
    "bokeh": {"color": "#000000", "line_width": 2.5},
    "matplotlib": {"color": "#000000", "linewidth": 2.0},
}
_DOTS: Final[dict[Backend, dict[str, Any]]] = {
    "bokeh": {"color": "#000000", "alpha": 0.55, "size": 2.5},
    "matplotlib": {"color": "#000000", "alpha": 0.7, "s": 6},
}
_RECORDED: Final[dict[Backend, dict[str, Any]]] = {
    "bokeh": {"marker": "circle_cross", "size": 14, "fill_color": "#FFFFFF", "line_color": "#000000",
              "line_width": 1.5},
    "matplotlib": {"marker": "o", "s": 70, "facecolors": "#FFFFFF", "edgecolors": "#000000", "linewidth": 1.5},
}  # fmt: skip


def plot_map(
    loads: LoadMap,
    outcome: str,
    *,
    title: str = "",
    rules: TargetRules | None = None,
    backend: Backend = "bokeh",
) -> hv.Overlay:
    """One outcome over two changes of gait, as the change from the recorded walk.

    Parameters
    ----------
    loads : LoadMap
        Of `workbench.core.load_map.outcome_map`.
    outcome : str
        A name of `workbench.core.load_map.OUTCOMES`.
    title : str
        Whose map it is.
    rules : TargetRules, optional
        Guard rails; dots mark where one is broken.
    backend : {"bokeh", "matplotlib"}
        What draws it.

    Returns
    -------
    holoviews.Overlay
        Blue where the outcome falls, red where it rises, black the line of no change, circle the recorded walk.

    Raises
    ------
    SettingError
        If the outcome is unknown.
    """
    layers = map_layers(loads, outcome, rules=rules, backend=backend)
    heading = "\n".join([change_of(mapped_quantity(outcome)).pprint_label, *([title] if title else []), DISCLAIMER])
    size: dict[str, Any] = (
        {"frame_width": _WIDTH, "frame_height": _HEIGHT, "toolbar": "above", "legend_position": "bottom"}
        if backend == "bokeh"
        else {"fig_inches": _INCHES, "aspect": 1.3, "legend_position": "bottom", "legend_cols": 3}
    )
    return styled(layers, backend=backend, title=heading, fontsize={**SMALL, "title": 10}, **size)


def map_layers(
    loads: LoadMap, outcome: str, *, rules: TargetRules | None = None, backend: Backend = "bokeh"
) -> hv.Overlay:
    """The elements of a map, without a size: changes, the line of no change, violated guard rails, the recorded walk.

    Parameters
    ----------
    loads, outcome, rules, backend
        See `plot_map`.
    """
    quantity = mapped_quantity(outcome)
    load_backend(backend)
    kinds = [KINDS[name] for name in loads.axes]
    across, up = (kind.shown_factor * grid for kind, grid in zip(kinds, loads.grid, strict=True))
    change = (loads.values[outcome] - loads.recorded[outcome]).T
    reach = float(np.abs(change).max()) or 1.0
    dimensions = [change_dimension(kind) for kind in kinds]
    value = change_of(quantity)
    shown: dict[str, Any] = {"cmap": list(CHANGE_SCALE), "clim": (-reach, reach), "colorbar": True}
    # The title says what the colours mean; on the page their scale does.
    if backend == "bokeh":
        places = [(kind.short, f"${axis}{{+0.0}} {kind.shown_unit}") for kind, axis in zip(kinds, "xy", strict=True)]
        told = (quantity.label, f"@image{{+0.00}} {quantity.unit}")
        shown |= {"clabel": "", "tools": ["hover"], "hover_tooltips": [*places, told]}
    else:
        shown |= {"clabel": value.pprint_label}
    parts = [styled(hv.Image((across, up, change), dimensions, value), backend=backend, **shown)]
    lines: Any = contour_generator(across, up, change).lines(0.0)
    if lines:
        gap = np.full((1, 2), np.nan)
        points = np.vstack([part for line in lines for part in (line, gap)])
        unchanged = hv.Curve(points, *dimensions, label="no change")
        parts.append(styled(unchanged, backend=backend, **_LINE[backend]))
    broken = np.any(list(broken_rules(loads, rules or TargetRules()).values()), axis=0)
    if broken.any():
        i, j = np.nonzero(broken)
        dots = hv.Points((across[i], up[j]), dimensions, label="a guard rail is violated")
        parts.append(styled(dots, backend=backend, **_DOTS[backend]))
    recorded = hv.Points([(0.0, 0.0)], dimensions, label="recorded walk")
    return hv.Overlay([*parts, styled(recorded, backend=backend, **_RECORDED[backend])])


def save_map(loads: LoadMap, outcome: str, file: str | Path, *, title: str = "") -> None:
    """Write a map as a picture; the extension gives the format: png, svg or pdf.

    Raises
    ------
    SettingError
        If there is no such outcome or kind of picture, or the file cannot be written.
    """
    kind = picture_kind(file)
    drawn = plot_map(loads, outcome, title=title, backend="matplotlib")
    figure = hv.renderer("matplotlib").get_plot(drawn).state
    try:
        figure.savefig(file, format=kind, dpi=_DOTS_PER_INCH, bbox_inches="tight")
    except OSError as error:
        raise SettingError(f"cannot be written: {error.strerror}.", where=str(file)) from None


def picture_kind(file: str | Path) -> str:
    """The picture format of a file's extension.

    Raises
    ------
    SettingError
        If no such picture can be written.

    Examples
    --------
    >>> picture_kind("map.SVG")
    'svg'
    """
    kind = Path(file).suffix.lstrip(".").lower()
    if kind not in _PICTURES:
        raise SettingError(
            f"pictures cannot be written as {f'.{kind}' if kind else 'a file without an extension'}.",
            where=str(file),
            remedy=f"Use the extension {', '.join(f'.{one}' for one in _PICTURES)}.",
        )
    return kind


def change_of(quantity: Quantity) -> hv.Dimension:
    """The axis of a change of a quantity, with its unit."""
    return dimension(quantity, f"Change of {in_sentence(quantity.label)}")
