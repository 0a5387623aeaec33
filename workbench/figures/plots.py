"""Answers as HoloViews objects: curves, walks side by side, measured and simulated change.

Pure functions: numbers in, a HoloViews object out, drawn with Bokeh. In a notebook the first call loads Bokeh's scripts
from this machine; nothing is fetched from the internet.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from workbench.advice.personal import PersonalTarget
from workbench.advice.target import KAM_GOAL, MEDIAL_FORCE_GOAL, PROTOCOL, larger_peak
from workbench.core.changes import KINDS
from workbench.core.comparison import GaitComparison
from workbench.core.errors import SettingError
from workbench.core.estimate_errors import BAND_LABEL
from workbench.core.results import LoadsOfStrides, Simulation
from workbench.core.types import Array, Stride
from workbench.core.vocabulary import CURVES, CYCLE_PERCENT, DISCLAIMER, PEAKS, Quantity
from workbench.figures.backend import hv, load_backend
from workbench.figures.elements import SMALL, change_dimension, dimension, in_sentence, styled
from workbench.figures.palette import (
    ESTIMATE_BAND,
    MODIFIED,
    RECORDED,
    RECORDED_COLOUR,
    SHOWN,
    SIDE_COLOURS,
    WALK_STYLES,
    LineStyle,
)

_WIDTH, _HEIGHT = 440, 320  # px, of one chart


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
        the leg: with the change of gait, where there is one. Areas: one standard deviation between strides; with
        a dotted edge: the error of ground reactions that are estimated.

    Examples
    --------
    >>> import workbench
    >>> from workbench.figures.plots import plot_answer
    >>> answer = workbench.simulate(workbench.open_trial("reference"), toe_in_deg=10)
    >>> medial, *_ = plot_answer(answer.simulation)
    >>> [curve.label for curve in medial.traverse(lambda one: one, ["Curve"])]
    ['simulated, natural gait', 'simulated, changed gait']
    """
    load_backend()
    cycle, changed = _cycle(simulation.strides), not simulation.modification.is_none
    charts = []
    for name in SHOWN:
        parts: list[Any] = list(_toe_off(simulation.strides))
        # The forces in the natural gait are simulated, too; its moments follow from the recording.
        natural = "simulated, natural gait" if _is_force(name) else "recorded gait"
        walks = [(natural, simulation.baseline, RECORDED_COLOUR, RECORDED)]
        if changed:
            walks.append(("simulated, changed gait", simulation.modified, SIDE_COLOURS[simulation.side], MODIFIED))
        if (edges := simulation.estimate_band(name)) is not None:
            parts.append(_estimate_band(cycle, name, *edges))
        for label, loads, colour, _ in walks:
            parts += _spread(cycle, name, label, loads, colour)
        parts += [
            _curve(cycle, dimension(CURVES[name]), loads.curves[name], label, colour, style)
            for label, loads, colour, style in walks
        ]
        charts.append(_chart(parts, CURVES[name]))
    what = simulation.modification.changes if changed else "as recorded"
    return _in_pairs(charts, f"{simulation.trial_name}, {simulation.side} leg: {what}")


def plot_compare(simulations: Sequence[Simulation]) -> hv.Layout:
    """The curves of several answers: the modified walk of each, or the recorded one if there is no change.

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
    walks = [(label, one.modified.curves) for label, one in zip(_labels(simulations), simulations, strict=True)]
    charts = compare_charts(walks, whole=all(stride.whole for one in simulations for stride in one.strides))
    return _in_pairs(list(charts.values()), "Walks compared")


def compare_charts(
    walks: Sequence[tuple[str, Mapping[str, Array]]],
    *,
    whole: bool = True,
    marks: Mapping[str, tuple[float, str]] | None = None,
) -> dict[str, hv.Overlay]:
    """The curves of several walks, each with its own colour and dash.

    Parameters
    ----------
    walks : sequence of (str, mapping)
        One to six: what the legend calls each, and its curves, (101,) arrays by the names of `vocabulary.CURVES`.
    whole : bool
        Whether the curves span whole strides, or stances.
    marks : mapping, optional
        Values to hold a chart against, by the name of its curve: the value and what it is.

    Returns
    -------
    dict
        A chart for each of `palette.SHOWN`, without a size.

    Raises
    ------
    SettingError
        If there is no walk, or more than can be told apart.
    """
    if not 1 <= len(walks) <= len(WALK_STYLES):
        raise SettingError(
            f"{len(walks)} answers are given.",
            remedy=f"Give one to {len(WALK_STYLES)}: more cannot be distinguished.",
        )
    load_backend()
    cycle, charts = _cycle_axis(whole), {}
    for name in SHOWN:
        value = dimension(CURVES[name])
        parts = [
            _curve(cycle, value, curves[name], label, colour, LineStyle(dash, 2.5))
            for (label, curves), (colour, dash) in zip(walks, WALK_STYLES, strict=False)
        ]
        if marks is not None and name in marks:
            level, label = marks[name]
            parts.insert(0, styled(hv.HLine(level), color=RECORDED_COLOUR, line_width=1, line_dash="dotted"))
            text = hv.Text(99.0, level, label, fontsize=8, halign="right", valign="bottom")
            parts.insert(0, styled(text, text_color=RECORDED_COLOUR))
        charts[name] = _chart(parts, CURVES[name])
    return charts


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
    load_backend()
    cycle = hv.Dimension("percent", label="Stride (stance if no whole stride was recorded)", unit="%")
    charts = []
    for name in SHOWN:
        measured, simulated = comparison.curves[name]
        quantity = CURVES[name]
        change = dimension(quantity, f"Change of {in_sentence(quantity.label)}")
        labels = (
            ("recorded change of gait, simulated force", "simulated change of gait")
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
    load_backend()
    turn = change_dimension(KINDS[PROTOCOL])
    charts = []
    for goal in (KAM_GOAL, MEDIAL_FORCE_GOAL):
        first = PEAKS[goal.peaks[0]]
        quantity = Quantity(first.name, first.label.removesuffix(", first peak") + ", peaks", first.unit, first.sign)
        parts = [
            _curve(turn, dimension(quantity), outcomes[name], label, colour, LineStyle(dash, 2.5), at=values)
            for name, label, (colour, dash) in zip(goal.peaks, ("first peak", "second peak"), WALK_STYLES, strict=False)
        ]
        if goal is KAM_GOAL:
            required = target.rules.required_fall_percent
            limit = (1.0 - required / 100.0) * larger_peak(target.recorded, goal)
            level = np.full(len(values), limit)
            label = f"{required:g} % below the larger recorded peak"
            parts.append(
                _curve(turn, dimension(quantity), level, label, RECORDED_COLOUR, LineStyle("dotted", 2.0), at=values)
            )
        charts.append(_chart(parts, quantity))
    return _in_pairs(charts, "Peaks against the change of foot angle")


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
    return styled(curve, color=colour, line_dash=style.dash, line_width=style.width, tools=["hover"])


def _spread(cycle: hv.Dimension, name: str, label: str, loads: LoadsOfStrides, colour: str) -> Iterator[Any]:
    """One standard deviation to both sides of the mean, where several strides were averaged."""
    if loads.curves_sd is not None:
        mean, deviation, value = loads.curves[name], loads.curves_sd[name], dimension(CURVES[name])
        columns = (CYCLE_PERCENT, mean - deviation, mean + deviation)
        area = hv.Area(columns, cycle, [value, f"{name}_high"], label=f"{label} ± SD between strides")
        yield styled(area, color=colour, alpha=0.2, line_alpha=0.0)


def _estimate_band(cycle: hv.Dimension, name: str, low: Array, high: Array) -> Any:
    """How far the recorded curve may be off, in stance alone."""
    known = np.isfinite(low)
    columns = (CYCLE_PERCENT[known], low[known], high[known])
    area = hv.Area(columns, cycle, [dimension(CURVES[name]), f"{name}_estimate_high"], label=BAND_LABEL)
    return styled(
        area, color=RECORDED_COLOUR, alpha=ESTIMATE_BAND.fill_alpha, line_color=RECORDED_COLOUR, line_dash="dotted",
        line_width=ESTIMATE_BAND.edge_width,
    )  # fmt: skip


def _toe_off(strides: Sequence[Stride]) -> Iterator[Any]:
    """Where the foot leaves the ground, in the mean over the strides; a lone stance ends there."""
    if all(stride.whole for stride in strides):
        percent = float(np.mean([stride.stance_percent for stride in strides]))
        line = hv.VLine(percent, label="toe-off")
        yield styled(line, color=RECORDED_COLOUR, line_width=1.5, line_dash="dotdash")


def _chart(parts: Sequence[Any], quantity: Quantity) -> Any:
    zero = styled(hv.HLine(0.0), color=RECORDED_COLOUR, line_width=1)
    across, up = parts[-1].kdims[0].pprint_label, parts[-1].vdims[0].pprint_label
    toe_off = ", vertical line: toe-off" if any(isinstance(part, hv.VLine) for part in parts) else ""
    return styled(
        hv.Overlay([zero, *parts]),
        title=f"{quantity.label}: {quantity.sign}", xlabel=across + toe_off, ylabel=up,
        padding=(0.0, 0.1), show_grid=True, fontsize=SMALL,
        legend_position="top", legend_cols=2, legend_opts={"border_line_color": None, "location": "top_left"},
    )  # fmt: skip


def _in_pairs(charts: Sequence[Any], title: str) -> Any:
    sized = [styled(chart, width=_WIDTH, height=_HEIGHT) for chart in charts]
    return styled(hv.Layout(sized).cols(2), title=f"{title}. {DISCLAIMER}", fontsize={"title": 11})


def _cycle(strides: Sequence[Stride]) -> hv.Dimension:
    return _cycle_axis(all(stride.whole for stride in strides))


def _cycle_axis(whole: bool) -> hv.Dimension:
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


def _is_force(name: str) -> bool:
    return name.endswith("_force_bw")
