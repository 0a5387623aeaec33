"""Footprints: where the feet are laid, and what the figure's sources hold."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from bokeh.models import ColumnDataSource

from workbench.core.types import Array
from workbench.core.vocabulary import LATERAL_SIGN, SIDES, Side
from workbench.dashboard.footprint_figure import footprint_view, packed_prints, update
from workbench.figures import palette
from workbench.scene.bodies import BodyMotion, Scene, Sole
from workbench.scene.footprint import Footprints, footprints

N = 101
STEP_M = 0.7
ANGLE_DEG: dict[Side, float] = {"left": 4.0, "right": 9.0}
HEEL_Z_M: dict[Side, float] = {"left": -0.06, "right": 0.05}
OUTLINE = np.array([[0.0, 0.0, -0.03], [0.19, 0.0, -0.04], [0.26, 0.0, 0.0], [0.17, 0.0, 0.05], [0.0, 0.0, 0.03]])


def sole(body: int, side: Side) -> Sole:
    mirrored = OUTLINE * [1.0, 1.0, LATERAL_SIGN[side]]
    return Sole(body, np.zeros(3), np.array([0.26, 0.0, 0.0]), np.array([1.0, 0.0, 0.0]), mirrored)


@pytest.fixture(scope="module")
def scene() -> Scene:
    return Scene(
        bodies=("calcn_l", "calcn_r"),
        vertices_m=np.zeros((0, 3), np.float32),
        normals=np.zeros((0, 3), np.float32),
        triangles=np.zeros((0, 3), np.uint32),
        vertex_body=np.zeros(0, np.uint8),
        body_side=("left", "right"),
        soles={side: sole(body, side) for body, side in enumerate(SIDES)},
        knees={},
    )


def flat_walk(belt_m_s: float = 0.0, wider_m: float = 0.0, forces: tuple[Side, ...] = SIDES) -> BodyMotion:
    """Right foot down from 0 to 60 %, left from 50 to 110 %, each flat and at rest on ground that moves backwards."""
    time_s = np.linspace(0.0, 1.0, N)
    poses = np.zeros((N, 2, 7))
    on: dict[Side, Array] = {"right": np.arange(N) <= 60, "left": (np.arange(N) >= 50) | (np.arange(N) <= 10)}
    on["right"][-1] = True
    forces_N, points = {}, {}
    for body, side in enumerate(SIDES):
        half = np.radians(-LATERAL_SIGN[side] * ANGLE_DEG[side]) / 2.0
        poses[:, body, 0], poses[:, body, 2] = np.cos(half), np.sin(half)
        # Height tells a foot in the air; the left one's last step of this cycle stands one stride ahead.
        steps = np.where(side == "left", STEP_M * np.where(np.arange(N) <= 10, -1.0, 1.0), 0.0)
        poses[:, body, 4] = steps - belt_m_s * time_s
        poses[:, body, 5] = np.where(on[side], 0.0, 0.1)
        poses[:, body, 6] = HEEL_Z_M[side] + LATERAL_SIGN[side] * wider_m / 2.0
        share = np.zeros(N)
        share[on[side]] = np.linspace(0.0, 1.0, on[side].sum())
        if side == "left":
            share = np.where(np.arange(N) <= 10, (np.arange(N) + 50) / 60.0, (np.arange(N) - 50) / 60.0)
        else:
            share = np.arange(N) / 60.0
        angle = np.radians(LATERAL_SIGN[side] * ANGLE_DEG[side])
        along = 0.02 + 0.2 * np.clip(share, 0.0, 1.0)
        points[side] = poses[:, body, 4:] + np.stack([along * np.cos(angle), 0 * along, along * np.sin(angle)], axis=1)
        forces_N[side] = np.outer(on[side], [0.0, 800.0, 0.0])
    return BodyMotion(
        time_s=time_s,
        whole=True,
        poses=poses.astype(np.float32),
        ground_point_m={side: points[side].astype(np.float32) for side in forces},
        ground_force_N={side: forces_N[side].astype(np.float32) for side in forces},
        knee_centre_m={},
    )


@pytest.mark.parametrize("belt_m_s", [0.0, 1.3])
@pytest.mark.parametrize("forces", [SIDES, ("right",)])
def test_feet_lie_where_they_stood_on_floor_and_belt(scene: Scene, belt_m_s: float, forces: tuple[Side, ...]) -> None:
    prints = footprints(scene, flat_walk(belt_m_s, forces=forces))
    assert prints.step_width_m == pytest.approx(0.11, abs=1e-6)
    left, right = prints.feet["left"], prints.feet["right"]
    np.testing.assert_allclose(left.heel_m - right.heel_m, [STEP_M, -0.11], atol=1e-5)
    for side, foot in prints.feet.items():
        assert foot.progression_angle_deg == pytest.approx(ANGLE_DEG[side], abs=1e-4)
        angle = np.radians(LATERAL_SIGN[side] * ANGLE_DEG[side])
        toe = 0.26 * np.array([np.cos(angle), np.sin(angle)])
        np.testing.assert_allclose(foot.toe_tip_m - foot.heel_m, toe, atol=1e-6)
        assert foot.outline_m.shape == (5, 2)


def test_pressure_goes_from_heel_to_toe_across_the_end_of_the_cycle(scene: Scene) -> None:
    prints = footprints(scene, flat_walk(1.3))
    for foot in prints.feet.values():
        along = (foot.pressure_path_m - foot.heel_m) @ (foot.toe_tip_m - foot.heel_m) / 0.26
        assert np.isfinite(along).all()
        assert along[0] == pytest.approx(0.02, abs=0.005)
        assert along[-1] == pytest.approx(0.22, abs=0.005)
        assert (np.diff(along) > 0.0).all()


def test_pieces_of_two_contacts_of_a_lone_stance_are_parted(scene: Scene) -> None:
    stance = replace(flat_walk(), whole=False)
    assert not np.isnan(footprints(scene, stance).feet["left"].pressure_path_m).any()  # they meet
    late = np.arange(N) > 10
    points = stance.ground_point_m | {"left": stance.ground_point_m["left"] * late[:, None].astype(np.float32)}
    apart = replace(stance, ground_point_m=points)
    assert np.isnan(footprints(scene, apart).feet["left"].pressure_path_m).any()


def test_a_foot_without_forces_has_no_path(scene: Scene) -> None:
    assert footprints(scene, flat_walk(forces=("right",))).feet["left"].pressure_path_m.shape == (0, 2)


def test_figures_reported_elsewhere_are_named_here_too(scene: Scene) -> None:
    prints = footprints(scene, flat_walk(), progression_angle_deg={"right": 8.4}, step_width_m=0.123)
    assert prints.step_width_m == 0.123
    assert prints.feet["right"].progression_angle_deg == 8.4
    assert prints.feet["left"].progression_angle_deg == pytest.approx(4.0, abs=1e-4)


@pytest.fixture
def both(scene: Scene) -> tuple[Footprints, Footprints]:
    return footprints(scene, flat_walk()), footprints(scene, flat_walk(wider_m=0.06))


def test_update_patches_the_sources_of_the_figure(both: tuple[Footprints, Footprints]) -> None:
    recorded, modified = both
    view = footprint_view()
    in_figure = set(view.figure.select(ColumnDataSource))
    assert set(view.sources.values()) <= in_figure
    for source in view.sources.values():
        assert all(len(column) == 0 for column in source.data.values())
    update(view, recorded, modified)
    width = view.sources["modified_width"].data
    assert width["right"][0] - width["left"][0] == pytest.approx(17.0, abs=1e-3)
    assert view.sources["recorded_labels"].data["text"] == [
        "natural 4.0° toe-out",
        "natural 9.0° toe-out",
        "natural 11.0 cm",
    ]
    assert list(view.sources["modified_soles"].data["colour"]) == [palette.LEFT_COLOUR, palette.RIGHT_COLOUR]
    heels = view.sources["recorded_width"].data
    assert heels["left_heel"][0] == heels["right_heel"][0] == pytest.approx(0.0)
    update(view, recorded, None)
    assert view.sources["modified_soles"].data["across"] == []
    assert len(view.sources["recorded_soles"].data["across"]) == 2


def test_the_drawn_sole_stays_inside_the_measured_one(both: tuple[Footprints, Footprints]) -> None:
    view = footprint_view(dark=True)
    update(view, both[0], None)
    for drawn, foot in zip(view.sources["recorded_soles"].data["along"], both[0].feet.values(), strict=True):
        forward = 100.0 * (foot.outline_m[:, 0] - foot.heel_m[0])
        assert forward.min() - 1e-6 <= np.min(drawn)
        assert np.max(drawn) <= forward.max() + 1e-6
        assert np.ptp(drawn) > 0.9 * np.ptp(forward)


def test_axes_carry_units_and_scales_are_equal() -> None:
    plot = footprint_view().figure
    assert plot.match_aspect
    assert all("(cm)" in axis.axis_label for axis in plot.axis)


def test_a_row_of_numbers_holds_every_column_of_the_changed_gait(both: tuple[Footprints, Footprints]) -> None:
    recorded, modified = both
    layout, row = packed_prints(recorded, modified)
    view = footprint_view()
    update(view, recorded, modified)
    start = 0
    for piece in layout:
        values, start = row[start : start + piece["length"]], start + piece["length"]
        if piece["source"] in view.sources and piece["source"] != "modified_paths":
            column = view.sources[piece["source"]].data[piece["column"]]
            np.testing.assert_allclose(values, column if piece["place"] is None else column[piece["place"]])
    assert start == len(row)
    assert {"source": "width", "column": "", "place": None, "length": 1} in layout
    assert row[-1] == pytest.approx(17.0)


def test_paths_of_different_length_are_brought_to_that_of_the_natural_gait(both: tuple[Footprints, Footprints]) -> None:
    recorded, modified = both
    left = modified.feet["left"]
    shorter = replace(left, pressure_path_m=left.pressure_path_m[1:])
    layout, row = packed_prints(recorded, replace(modified, feet={**modified.feet, "left": shorter}))
    assert (layout, len(row)) == (packed_prints(recorded, modified)[0], len(packed_prints(recorded, modified)[1]))


def luminance(colour: str) -> float:
    channels = np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)]) / 255.0
    linear = np.where(channels <= 0.04045, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4)
    return float(linear @ [0.2126, 0.7152, 0.0722])


def contrast(one: str, other: str) -> float:
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("surface", [palette.LIGHT, palette.DARK])
def test_colours_stand_out_from_both_surfaces(surface: palette.Surface) -> None:
    for name in ("LEFT", "RIGHT", "MEDIAL", "LATERAL", "TOTAL", "RECORDED", "GROUND_FORCE"):
        assert contrast(getattr(palette, f"{name}_COLOUR"), surface.background) >= 3.0, name
    assert contrast(surface.text, surface.background) >= 7.0
    assert contrast(surface.muted, surface.background) >= 4.5


def test_the_force_scale_darkens_all_the_way() -> None:
    assert (np.diff([luminance(colour) for colour in palette.FORCE_SCALE]) < 0.0).all()
