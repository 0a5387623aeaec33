"""Answers as HoloViews objects: curves, the load map, walks side by side, measured beside simulated change.

Pure functions: numbers in, a HoloViews object out, drawn with Bokeh. In a notebook the first of them loads Bokeh's
scripts from this machine into the page; nothing is fetched from the internet.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

import numpy as np

from workbench.advice.personal import PersonalTarget
from workbench.advice.target import KAM_GOAL, MEDIAL_FORCE_GOAL, PROTOCOL, TargetRules, broken_rules, larger_peak
from workbench.core.changes import KINDS
from workbench.core.changes.kind import Kind
from workbench.core.comparison import GaitComparison
from workbench.core.errors import SettingError
from workbench.core.response import LoadMap
from workbench.core.results import LoadsOfStrides, Simulation
from workbench.core.types import Array, Stride
from workbench.core.vocabulary import CURVES, CYCLE_PERCENT, DISCLAIMER, JOINT_PEAKS, PEAKS, Quantity
from workbench.figures.backend import contour_generator, hv, load_bokeh
from workbench.figures.palette import (
    CHANGE_SCALE,
    MODIFIED,
    RECORDED,
    RECORDED_COLOUR,
    SHOWN,
    SIDE_COLOURS,
    WALK_STYLES,
    LineStyle,
)

_WIDTH, _HEIGHT = 440, 320  # px, of one chart
_MAP_WIDTH, _MAP_HEIGHT = 480, 360  # px, within the axes
_SMALL: Final = {"title": 8, "legend": 8, "labels": 10}


def plot_answer(simulation: Simulation) -> hv.Layout:
    """The four curves of a simulation, recorded and modified.

    Parameters
    ----------
    simulation : Simulation

    Returns
    -------
    holoviews.Layout
        Medial force, lateral force, KAM and KFM over the cycle, in body weights (compression positive) and % body
        weight x height (external, adduction and flexion positive). Grey dashed: as recorded; solid, in the colour of
        the leg: with the change of gait, where there is one. Areas: one standard deviation between strides.

    Examples
    --------
    >>> import workbench
    >>> from workbench.figures.plots import plot_answer
    >>> answer = workbench.simulate(workbench.open_trial("reference"), toe_in_deg=10)
    >>> medial, *_ = plot_answer(answer.simulation)
    >>> [curve.label for curve in medial.traverse(lambda one: one, ["Curve"])]
    ['simulated, natural gait', 'simulated, changed gait']
    """
    load_bokeh()
    cycle, changed = _cycle(simulation.strides), not simulation.modification.is_none
    charts = []
    for name in SHOWN:
        parts: list[Any] = list(_toe_off(simulation.strides))
        # The forces in the natural gait are simulated, too; its moments follow from the recording.
        natural = "simulated, natural gait" if _is_force(name) else "recorded gait"
        walks = [(natural, simulation.baseline, RECORDED_COLOUR, RECORDED)]
        if changed:
            walks.append(("simulated, changed gait", simulation.modified, SIDE_COLOURS[simulation.side], MODIFIED))
        for label, loads, colour, _ in walks:
            parts += _spread(cycle, name, label, loads, colour)
        parts += [
            _curve(cycle, _dimension(CURVES[name]), loads.curves[name], label, colour, style)
            for label, loads, colour, style in walks
        ]
        charts.append(_chart(parts, CURVES[name]))
    what = simulation.modification.changes if changed else "as recorded"
    return _in_pairs(charts, f"{simulation.trial_name}, {simulation.side} leg: {what}")


def plot_compare(simulations: Sequence[Simulation]) -> hv.Layout:
    """The curves of several answers: of each the modified walk, or the recorded one where nothing is modified.

    Parameters
    ----------
    simulations : sequence of Simulation
        One to six.

    Returns
    -------
    holoviews.Layout
        As `plot_answer`; each walk has its own colour and dash.

    Raises
    ------
    SettingError
        If there is none, or more than can be told apart.
    """
    if not 1 <= len(simulations) <= len(WALK_STYLES):
        raise SettingError(
            f"{len(simulations)} answers are given.",
            remedy=f"Give one to {len(WALK_STYLES)}: more cannot be told apart.",
        )
    load_bokeh()
    labels = _labels(simulations)
    cycle = _cycle([stride for one in simulations for stride in one.strides])
    charts = [
        _chart(
            [
                _curve(cycle, _dimension(CURVES[name]), one.modified.curves[name], label, colour, LineStyle(dash, 2.5))
                for one, label, (colour, dash) in zip(simulations, labels, WALK_STYLES, strict=False)
            ],
            CURVES[name],
        )
        for name in SHOWN
    ]
    return _in_pairs(charts, "Walks compared")


def plot_comparison(comparison: GaitComparison) -> hv.Layout:
    """Measured and simulated change of each curve over the cycle.

    Parameters
    ----------
    comparison : GaitComparison

    Returns
    -------
    holoviews.Layout
        Changes from the normal trials, modified minus normal, in the units of `plot_answer`. Grey dashed: between the
        recorded walks; solid, in the colour of the leg: simulated from the normal trials.
    """
    load_bokeh()
    cycle = hv.Dimension("percent", label="Stride (stance where no whole stride was recorded)", unit="%")
    charts = []
    for name in SHOWN:
        measured, simulated = comparison.curves[name]
        quantity = CURVES[name]
        change = _dimension(quantity, f"Change of {_lower(quantity.label)}")
        labels = (
            ("simulated, recorded change of gait", "simulated, simulated change of gait")
            if _is_force(name)
            else ("measured change", "simulated change")
        )
        parts = [
            _curve(cycle, change, measured, labels[0], RECORDED_COLOUR, RECORDED),
            _curve(cycle, change, simulated, labels[1], SIDE_COLOURS[comparison.side], MODIFIED),
        ]
        charts.append(_chart(parts, quantity))
    return _in_pairs(charts, f"Change of gait, {comparison.side} leg: {comparison.modification.changes}")


def plot_response(values: Array, outcomes: Mapping[str, Array], target: PersonalTarget) -> hv.Layout:
    """Both peaks of the KAM and of the medial force over the change of foot progression angle.

    Parameters
    ----------
    values : (n,) array
        Of the change of foot progression angle, degrees, toe-out positive.
    outcomes : mapping
        (n,) arrays by the names of `vocabulary.PEAKS`.
    target : PersonalTarget
        Whose required fall is drawn.

    Returns
    -------
    holoviews.Layout
    """
    load_bokeh()
    turn = _change(KINDS[PROTOCOL])
    charts = []
    for goal in (KAM_GOAL, MEDIAL_FORCE_GOAL):
        first = PEAKS[goal.peaks[0]]
        quantity = Quantity(first.name, first.label.removesuffix(", first peak") + ", peaks", first.unit, first.sign)
        parts = [
            _curve(turn, _dimension(quantity), outcomes[name], label, colour, LineStyle(dash, 2.5), at=values)
            for name, label, (colour, dash) in zip(goal.peaks, ("first peak", "second peak"), WALK_STYLES, strict=False)
        ]
        if goal is KAM_GOAL:
            required = target.rules.required_fall_percent
            limit = (1.0 - required / 100.0) * larger_peak(target.recorded, goal)
            level = np.full(len(values), limit)
            label = f"{required:g} % below the larger recorded peak"
            parts.append(
                _curve(turn, _dimension(quantity), level, label, RECORDED_COLOUR, LineStyle("dotted", 2.0), at=values)
            )
        charts.append(_chart(parts, quantity))
    return _in_pairs(charts, "Peaks over the change of foot angle")


def plot_map(loads: LoadMap, outcome: str, *, title: str = "", rules: TargetRules | None = None) -> hv.Overlay:
    """One outcome over two changes of gait, as the change from the recorded walk.

    Parameters
    ----------
    loads : LoadMap
        Of `workbench.advice.target.outcomes_of`.
    outcome : str
        A name of `vocabulary.PEAKS` or `vocabulary.JOINT_PEAKS`.
    title : str
        Whose map it is.
    rules : TargetRules, optional
        Guard rails; dots mark where one is broken.

    Returns
    -------
    holoviews.Overlay
        Blue where the outcome falls, red where it rises, black the line of no change, circle the recorded walk.

    Raises
    ------
    SettingError
        If there is no such outcome.
    """
    quantity = mapped_quantity(outcome)
    load_bokeh()
    kinds = [KINDS[name] for name in loads.axes]
    across, up = (kind.shown_factor * grid for kind, grid in zip(kinds, loads.grid, strict=True))
    change = (loads.values[outcome] - loads.recorded[outcome]).T
    reach = float(np.abs(change).max()) or 1.0
    dimensions = [_change(kind) for kind in kinds]
    value = _dimension(quantity, f"Change of {_lower(quantity.label)}")
    parts = [
        _styled(
            hv.Image((across, up, change), dimensions, value),
            cmap=list(CHANGE_SCALE), clim=(-reach, reach), colorbar=True, clabel="", tools=["hover"],
        )
    ]  # fmt: skip
    lines: Any = contour_generator(across, up, change).lines(0.0)
    if lines:
        gap = np.full((1, 2), np.nan)
        points = np.vstack([part for line in lines for part in (line, gap)])
        unchanged = hv.Curve(points, *dimensions, label="no change")
        parts.append(_styled(unchanged, color="#000000", line_width=2.5))
    broken = np.any(list(broken_rules(loads, rules or TargetRules()).values()), axis=0)
    if broken.any():
        i, j = np.nonzero(broken)
        dots = hv.Points((across[i], up[j]), dimensions, label="a guard rail is broken")
        parts.append(_styled(dots, color="#000000", alpha=0.55, size=2))
    recorded = hv.Points([(0.0, 0.0)], dimensions, label="recorded walk")
    parts.append(
        _styled(recorded, marker="circle_cross", size=14, fill_color="#FFFFFF", line_color="#000000", line_width=1.5)
    )
    return _styled(
        hv.Overlay(parts),
        title="\n".join([value.pprint_label, *([title] if title else []), DISCLAIMER]),
        frame_width=_MAP_WIDTH, frame_height=_MAP_HEIGHT, legend_position="bottom", toolbar="above",
        fontsize={**_SMALL, "title": 10},
    )  # fmt: skip


def mapped_quantity(outcome: str) -> Quantity:
    """What a load map of this name shows.

    Raises
    ------
    SettingError
        If there is no such outcome.
    """
    known = PEAKS | JOINT_PEAKS
    if outcome not in known:
        raise SettingError(f"there is no outcome called {outcome!r}.", remedy=f"Use one of {', '.join(known)}.")
    return known[outcome]


def _styled(element: Any, **options: Any) -> Any:
    # The backend is named: somebody may have chosen another one for figures of their own.
    return element.opts(backend="bokeh", **options)


def _dimension(quantity: Quantity, label: str = "") -> hv.Dimension:
    return hv.Dimension(quantity.name, label=label or quantity.label, unit=quantity.unit)


def _curve(
    across: hv.Dimension,
    up: hv.Dimension,
    values: Array,
    label: str,
    colour: str,
    style: LineStyle,
    *,
    at: Array = CYCLE_PERCENT,
) -> Any:
    curve = hv.Curve((at, values), across, up, label=label)
    return _styled(curve, color=colour, line_dash=style.dash, line_width=style.width, tools=["hover"])


def _spread(cycle: hv.Dimension, name: str, label: str, loads: LoadsOfStrides, colour: str) -> Iterator[Any]:
    """One standard deviation to both sides of the mean, where several strides were averaged."""
    if loads.curves_sd is not None:
        mean, deviation, value = loads.curves[name], loads.curves_sd[name], _dimension(CURVES[name])
        columns = (CYCLE_PERCENT, mean - deviation, mean + deviation)
        area = hv.Area(columns, cycle, [value, f"{name}_high"], label=f"{label} ± SD between strides")
        yield _styled(area, color=colour, alpha=0.2, line_alpha=0.0)


def _toe_off(strides: Sequence[Stride]) -> Iterator[Any]:
    """Where the foot leaves the ground, in the mean over the strides; a lone stance ends there."""
    if all(stride.whole for stride in strides):
        percent = float(np.mean([stride.stance_percent for stride in strides]))
        style = {"color": RECORDED_COLOUR, "line_width": 1.5}
        yield _styled(hv.VLine(percent, label="toe-off"), line_dash="dotdash", **style)


def _chart(parts: Sequence[Any], quantity: Quantity) -> Any:
    zero = _styled(hv.HLine(0.0), color=RECORDED_COLOUR, line_width=1)
    across, up = parts[-1].kdims[0].pprint_label, parts[-1].vdims[0].pprint_label
    toe_off = ", vertical line: toe-off" if any(isinstance(part, hv.VLine) for part in parts) else ""
    return _styled(
        hv.Overlay([zero, *parts]),
        title=f"{quantity.label}: {quantity.sign}", xlabel=across + toe_off, ylabel=up,
        width=_WIDTH, height=_HEIGHT, padding=(0.0, 0.1), show_grid=True, fontsize=_SMALL,
        legend_position="top", legend_cols=2, legend_opts={"border_line_color": None, "location": "top_left"},
    )  # fmt: skip


def _in_pairs(charts: Sequence[Any], title: str) -> Any:
    return _styled(hv.Layout(charts).cols(2), title=f"{title}. {DISCLAIMER}", fontsize={"title": 11})


def _cycle(strides: Sequence[Stride]) -> hv.Dimension:
    whole = all(stride.whole for stride in strides)
    return hv.Dimension("percent", label="Stride" if whole else "Stance", unit="%")


def _labels(simulations: Sequence[Simulation]) -> list[str]:
    """What tells the walks apart: the change of gait, with trial and leg where they differ."""
    several_trials = len({one.trial_name for one in simulations}) > 1
    several_legs = len({one.side for one in simulations}) > 1
    labels = []
    for place, one in enumerate(simulations, 1):
        change = "natural gait" if one.modification.is_none else f"{one.modification.changes} (simulated)"
        names = [one.trial_name] * several_trials + [f"{one.side} leg"] * several_legs
        labels.append(f"{place}: {', '.join([*names, change])}")
    return labels


def _change(kind: Kind) -> hv.Dimension:
    """The axis of a change of gait."""
    label = f"Change of {kind.label}, {kind.less.option} − / {kind.more.option} +"
    return hv.Dimension(kind.shown_name, label=label, unit=kind.shown_unit)


def _is_force(name: str) -> bool:
    return name.endswith("_force_bw")


def _lower(label: str) -> str:
    """A label within a sentence; abbreviations stay."""
    return label if label[:2].isupper() else label[0].lower() + label[1:]
