"""Figures show the numbers of the answers, with their units, and say what is simulated."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import holoviews as hv
import numpy as np
import pytest

from workbench.core.comparison import GaitComparison
from workbench.core.errors import SettingError
from workbench.core.results import LoadsOfStrides, Simulation
from workbench.core.settings import GaitModification, LoadSettings
from workbench.core.vocabulary import CURVES, CYCLE_PERCENT, DISCLAIMER
from workbench.figures import plots
from workbench.figures.palette import RECORDED_COLOUR, SHOWN, SIDE_COLOURS

FORCES, MOMENTS = SHOWN[:2], SHOWN[2:]


def curves(chart: hv.Overlay) -> dict[str, hv.Curve]:
    return {part.label: part for part in chart if isinstance(part, hv.Curve)}


def values(curve: hv.Curve) -> Any:
    return curve.dimension_values(1)


def title(figure: Any) -> str:
    return str(hv.Store.lookup_options("bokeh", figure, "plot").kwargs["title"])


def style(part: Any) -> dict[str, Any]:
    return dict(hv.Store.lookup_options("bokeh", part, "style").kwargs)


class TestPlotAnswer:
    def test_the_curves_are_those_of_the_answer(self, toed_in: Simulation) -> None:
        for name, chart in zip(SHOWN, plots.plot_answer(toed_in), strict=True):
            natural, changed = curves(chart).values()
            np.testing.assert_array_equal(natural.dimension_values(0), CYCLE_PERCENT)
            np.testing.assert_array_equal(values(natural), toed_in.baseline.curves[name])
            np.testing.assert_array_equal(values(changed), toed_in.modified.curves[name])

    def test_axes_have_units_and_titles_signs(self, toed_in: Simulation) -> None:
        for name, chart in zip(SHOWN, plots.plot_answer(toed_in), strict=True):
            drawn = hv.render(chart)
            assert drawn.yaxis[0].axis_label == CURVES[name].axis_label
            assert drawn.xaxis[0].axis_label == "Stride (%), vertical line: toe-off"
            assert CURVES[name].sign in drawn.title.text

    def test_no_force_is_called_recorded(self, toed_in: Simulation) -> None:
        charts = dict(zip(SHOWN, plots.plot_answer(toed_in), strict=True))
        for name in FORCES:
            assert list(curves(charts[name])) == ["simulated, natural gait", "simulated, changed gait"]
        for name in MOMENTS:
            assert list(curves(charts[name])) == ["recorded gait", "simulated, changed gait"]

    def test_its_title_says_whose_what_and_how_sure(self, toed_in: Simulation) -> None:
        assert title(plots.plot_answer(toed_in)) == f"{toed_in.trial_name}, right leg: toe-in 10°. {DISCLAIMER}"

    def test_dashed_grey_is_natural_and_the_colour_of_the_leg_is_changed(self, toed_in: Simulation) -> None:
        natural, changed = map(style, curves(plots.plot_answer(toed_in)[0, 0]).values())
        assert (natural["color"], natural["line_dash"]) == (RECORDED_COLOUR, "dashed")
        assert (changed["color"], changed["line_dash"]) == (SIDE_COLOURS["right"], "solid")

    def test_without_a_change_there_is_one_curve(self, recorded: Simulation) -> None:
        for chart in plots.plot_answer(recorded):
            assert len(curves(chart)) == 1

    def test_toe_off_is_marked_in_a_stride_and_ends_a_stance(self, toed_in: Simulation) -> None:
        (line,) = plots.plot_answer(toed_in)[0, 0].traverse(lambda one: one, [hv.VLine])
        assert line.data == pytest.approx(toed_in.strides[0].stance_percent)
        stride = toed_in.strides[0]
        stance = replace(toed_in, strides=(replace(stride, end_s=stride.toe_off_s),))
        chart = plots.plot_answer(stance)[0, 0]
        assert chart.traverse(lambda one: one, [hv.VLine]) == []
        assert hv.render(chart).xaxis[0].axis_label == "Stance (%)"

    def test_areas_span_one_standard_deviation(self, toed_in: Simulation) -> None:
        several = replace(toed_in, baseline=varied(toed_in.baseline, 0.1), modified=varied(toed_in.modified, 0.2))
        name = SHOWN[0]
        areas = plots.plot_answer(several)[0, 0].traverse(lambda one: one, [hv.Area])
        for area, loads, sd in zip(areas, (several.baseline, several.modified), (0.1, 0.2), strict=True):
            np.testing.assert_array_equal(area.dimension_values(1), loads.curves[name] - sd)
            np.testing.assert_array_equal(area.dimension_values(2), loads.curves[name] + sd)
            assert "SD" in area.label
        hv.render(plots.plot_answer(several))


def varied(loads: LoadsOfStrides, sd: float) -> LoadsOfStrides:
    return replace(loads, curves_sd={name: np.full(len(CYCLE_PERCENT), sd) for name in CURVES})


class TestPlotCompare:
    def test_each_walk_has_its_numbers_its_colour_and_its_name(self, recorded: Simulation, toed_in: Simulation) -> None:
        for name, chart in zip(SHOWN, plots.plot_compare([recorded, toed_in]), strict=True):
            drawn = curves(chart)
            assert list(drawn) == ["1: natural gait", "2: toe-in 10° (simulated)"]
            for curve, answer in zip(drawn.values(), (recorded, toed_in), strict=True):
                np.testing.assert_array_equal(values(curve), answer.modified.curves[name])
            assert len({(style(one)["color"], style(one)["line_dash"]) for one in drawn.values()}) == 2

    def test_trial_and_leg_are_named_where_they_differ(self, recorded: Simulation) -> None:
        other = replace(recorded, trial_name="another", side="left")
        labels = list(curves(plots.plot_compare([recorded, other])[0, 0]))
        assert labels[1] == "2: another, left leg, natural gait"

    @pytest.mark.parametrize("count", [0, 7])
    def test_none_and_too_many_are_refused(self, recorded: Simulation, count: int) -> None:
        with pytest.raises(SettingError, match=f"{count} answers are given. Give one to 6"):
            plots.plot_compare([recorded] * count)

    def test_it_is_drawn(self, recorded: Simulation, toed_in: Simulation) -> None:
        hv.render(plots.plot_compare([recorded, toed_in]))


def test_measured_and_simulated_change_stand_side_by_side(recorded: Simulation, toed_in: Simulation) -> None:
    comparison = GaitComparison(
        "left", recorded.subject, recorded.baseline, varied(toed_in.modified, 0.0), toed_in.modified, {"a": 1},
        {"b": 1}, {}, GaitModification(foot_progression_change_deg=-8.0), LoadSettings(), recorded.processing, (), (),
    )  # fmt: skip
    figure = plots.plot_comparison(comparison)
    assert title(figure) == f"Change of gait, left leg: toe-in 8°. {DISCLAIMER}"
    for name, chart in zip(SHOWN, figure, strict=True):
        drawn = curves(chart)
        for curve, change in zip(drawn.values(), comparison.curves[name], strict=True):
            np.testing.assert_array_equal(values(curve), change)
        label = CURVES[name].axis_label
        assert hv.render(chart).yaxis[0].axis_label == f"Change of {label[0].lower()}{label[1:]}"
        assert ("measured change" in drawn) == (name in MOMENTS)  # no force was measured


def test_a_notebook_fetches_nothing_from_the_internet(recorded: Simulation) -> None:
    for figure in (plots.plot_answer(recorded), plots.plot_compare([recorded])):
        shown, _ = hv.renderer("bokeh").components(figure)
        assert "root_ids" in shown["text/html"] or "roots" in shown["text/html"]
        assert "//cdn." not in shown["text/html"]
