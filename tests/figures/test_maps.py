"""The load map shows the numbers of the answers, with their units, on the page and in picture files."""

from __future__ import annotations

from pathlib import Path

import holoviews as hv
import numpy as np
import pytest

from workbench.core.errors import SettingError
from workbench.core.load_map import LoadMap, load_map, outcomes_of
from workbench.core.response import ResponseSurface
from workbench.core.settings import LoadSettings
from workbench.core.vocabulary import DISCLAIMER
from workbench.figures import maps


@pytest.fixture(scope="module")
def loads(surface: ResponseSurface) -> LoadMap:
    grid = {
        "foot_progression_change_deg": np.linspace(-10.0, 10.0, 5), "step_width_change_m": np.linspace(-0.06, 0.06, 3)
    }  # fmt: skip
    return load_map(surface, outcomes_of(surface, LoadSettings()), grid=grid)


class TestPlotMap:
    OUTCOME = "kam_peak_1_pct_bw_ht"

    def test_it_shows_changes_from_the_recorded_walk(self, loads: LoadMap) -> None:
        image = maps.plot_map(loads, self.OUTCOME).Image.I
        change = loads.values[self.OUTCOME] - loads.recorded[self.OUTCOME]
        np.testing.assert_allclose(image.dimension_values(2, flat=False), change.T)
        np.testing.assert_allclose(image.dimension_values(0, expanded=False), [-10.0, -5.0, 0.0, 5.0, 10.0])
        np.testing.assert_allclose(image.dimension_values(1, expanded=False), [-6.0, 0.0, 6.0])

    def test_its_scale_is_even_about_no_change(self, loads: LoadMap) -> None:
        image = maps.plot_map(loads, self.OUTCOME).Image.I
        low, high = hv.Store.lookup_options("bokeh", image, "plot").kwargs["clim"]
        assert low == -high
        assert high == np.abs(image.dimension_values(2)).max()

    def test_the_line_of_no_change_passes_through_the_recorded_walk(self, loads: LoadMap) -> None:
        figure = maps.plot_map(loads, self.OUTCOME)
        line = np.column_stack([figure.Curve.No_change.dimension_values(k) for k in (0, 1)])
        assert np.nanmin(np.hypot(*line.T)) < 1e-9
        np.testing.assert_array_equal(figure.Points.Recorded_walk.array(), [[0.0, 0.0]])

    def test_axes_and_title_have_units_and_signs(self, loads: LoadMap) -> None:
        drawn = hv.render(maps.plot_map(loads, self.OUTCOME, title="Somebody"))
        assert drawn.xaxis[0].axis_label == "Change of foot progression angle, toe-in − / toe-out + (°)"
        assert drawn.yaxis[0].axis_label == "Change of step width, narrower − / wider + (cm)"
        assert drawn.title.text == f"Change of KAM, first peak (% BW·ht)\nSomebody\n{DISCLAIMER}"

    def test_an_unknown_outcome_is_refused(self, loads: LoadMap) -> None:
        with pytest.raises(SettingError, match=r"no outcome 'kam'\. Choose one of kam_peak_1"):
            maps.plot_map(loads, "kam")

    @pytest.mark.parametrize(("name", "start"), [("map.png", b"\x89PNG"), ("map.svg", b"<?xml"), ("map.pdf", b"%PDF")])
    def test_it_is_written_as_the_ending_says(self, loads: LoadMap, tmp_path: Path, name: str, start: bytes) -> None:
        maps.save_map(loads, self.OUTCOME, tmp_path / name, title="Somebody")
        assert (tmp_path / name).read_bytes().startswith(start)

    def test_the_picture_shows_what_the_page_does(self, loads: LoadMap) -> None:
        page, picture = (maps.map_layers(loads, self.OUTCOME, backend=one) for one in ("bokeh", "matplotlib"))
        assert [part.label for part in page] == [part.label for part in picture]
        for one, other in zip(page, picture, strict=True):
            np.testing.assert_array_equal(one.dimension_values(1), other.dimension_values(1))

    def test_another_ending_is_refused(self, loads: LoadMap) -> None:
        with pytest.raises(SettingError, match=r"cannot be written as \.jpg\. Use the extension \.png, \.svg, \.pdf"):
            maps.save_map(loads, self.OUTCOME, "map.jpg")
