"""The surface is exact where it must be, and says where it ends."""

from __future__ import annotations

from dataclasses import fields, replace

import numpy as np
import pytest

from tests.core.mechanics import solved as as_solved
from tests.core.synthetic_leg import STRIDE, SUBJECT, at, synthetic_leg
from workbench.core.changes import UNCHANGED, Changes
from workbench.core.errors import SettingError
from workbench.core.load_map import load_map, outcomes_of
from workbench.core.loads import knee_loads
from workbench.core.response import (
    PLANE,
    InterpolationError,
    ResponseSurface,
    chebyshev_nodes,
    interpolation_error,
    interpolation_findings,
    lagrange_basis,
    node_points,
    response_surface,
)
from workbench.core.settings import GaitModification, LoadSettings
from workbench.core.types import Array, LegMechanics
from workbench.core.vocabulary import CURVES, JOINT_PEAKS, PEAKS

SETTINGS = LoadSettings()
BETWEEN = (at(15.0, 0.1), at(-7.0, 0.05))


def surface(turns: Array, widenings: Array, baseline: LegMechanics | None = None) -> ResponseSurface:
    points = [UNCHANGED, *node_points(PLANE, [turns, widenings]), *BETWEEN]
    solved = {
        point: as_solved(
            baseline if baseline is not None and point == UNCHANGED else synthetic_leg(point),
            centre_of_pressure_outside_foot_m=0.01 + 0.001 * point[PLANE[0]],
            foot_missed_mm=0.02 * point[PLANE[0]] ** 2,
            instants_not_converged=float(point[PLANE[0]] > 10.0),
        )
        for point in points
    }
    template = GaitModification(at(5.0, 0.02), pivot=0.4)
    places = {PLANE[0]: turns, PLANE[1]: widenings}
    return response_surface(STRIDE, SUBJECT, template, places, solved, BETWEEN)


def nodes(count: int) -> tuple[Array, Array]:
    return chebyshev_nodes(count, 15.0), chebyshev_nodes(count, 0.10)


def gap(a: LegMechanics, b: LegMechanics) -> float:
    worst = 0.0
    for field in fields(LegMechanics):
        one, other = getattr(a, field.name), getattr(b, field.name)
        if np.size(one) == 0:
            assert np.shape(one) == np.shape(other)
        elif isinstance(one, np.ndarray | float):
            worst = max(worst, float(np.nanmax(np.abs(np.nan_to_num(one) - np.nan_to_num(other)))))
        else:
            assert one == other
    return worst


def test_chebyshev_nodes_are_the_zeros_in_order() -> None:
    for count in (2, 3, 4, 5):
        found = chebyshev_nodes(count, 15.0)
        np.testing.assert_allclose(np.cos(count * np.arccos(found / 15.0)), 0.0, atol=1e-12)
        assert list(found) == sorted(found)
        np.testing.assert_array_equal(found, -found[::-1])
    assert chebyshev_nodes(5, 15.0)[2] == 0.0


def test_lagrange_basis_reproduces_a_polynomial() -> None:
    nodes = chebyshev_nodes(4, 2.0)
    polynomial = np.polynomial.Polynomial([1.0, -2.0, 0.5, 3.0])
    for place in (-2.0, 0.3, float(nodes[1])):
        assert lagrange_basis(nodes, place) @ polynomial(nodes) == pytest.approx(polynomial(place))


@pytest.mark.parametrize(("turn", "widening"), [(15.0, -0.10), (3.3, 0.07), (-9.0, 0.0), (0.0, 0.02)])
def test_is_exact_for_polynomials_of_third_degree(turn: float, widening: float) -> None:
    found = surface(*nodes(4)).mechanics_at(at(turn, widening))
    assert gap(found, synthetic_leg(at(turn, widening))) < 1e-10
    assert np.isnan(found.centre_of_pressure_in_foot_m).all()


@pytest.mark.parametrize("count", [2, 3, 4, 5])
def test_is_exact_at_its_nodes(count: int) -> None:
    turns, widenings = nodes(count)
    found = surface(turns, widenings)
    for turn in turns:
        for widening in widenings:
            at_node = found.mechanics_at(at(float(turn), float(widening)))
            assert gap(at_node, synthetic_leg(at(float(turn), float(widening)))) < 1e-9


@pytest.mark.parametrize("shape", [(2, 2), (2, 3), (3, 2), (4, 4), (5, 4), (3, 3)])
def test_no_change_is_the_recorded_walk_and_nothing_jumps_beside_it(shape: tuple[int, int]) -> None:
    # A baseline that does not lie on the polynomial: the interpolation alone would miss it.
    odd = replace(synthetic_leg(), joint_moment_Nm=synthetic_leg().joint_moment_Nm + 0.5)
    on_a_node = shape[0] % 2 and shape[1] % 2
    found = surface(
        chebyshev_nodes(shape[0], 15.0),
        chebyshev_nodes(shape[1], 0.10),
        synthetic_leg() if on_a_node else odd,
    )
    assert found.mechanics_at(UNCHANGED) is found.baseline
    if not on_a_node:
        np.testing.assert_array_equal(found.weights(UNCHANGED), 0.0)
    for turn, widening in ((1e-6, 0.0), (0.0, -1e-8), (-1e-6, 1e-8)):
        assert gap(found.mechanics_at(at(turn, widening)), found.baseline) < 1e-4


def test_loads_are_those_of_the_interpolated_leg() -> None:
    found = surface(*nodes(4)).loads_at(at(7.0, -0.04), SETTINGS)
    direct = knee_loads(synthetic_leg(at(7.0, -0.04)), STRIDE, SUBJECT, SETTINGS)
    for name, curve in direct.curves.items():
        np.testing.assert_allclose(found.curves[name], curve, atol=1e-6)
    assert found.peaks == pytest.approx(direct.peaks, abs=1e-6)


@pytest.mark.parametrize(("turn", "widening"), [(15.1, 0.0), (0.0, -0.11)])
def test_says_where_it_ends(turn: float, widening: float) -> None:
    with pytest.raises(SettingError, match="outside the prepared range of ±15° and ±10 cm"):
        surface(*nodes(2)).mechanics_at(at(turn, widening))


class TestItsError:
    def test_falls_with_the_nodes(self) -> None:
        coarse, fine = (interpolation_error(surface(*nodes(count)), SETTINGS) for count in (2, 4))
        assert coarse is not None
        assert fine is not None
        assert coarse.contact_force_bw > 1e-3
        assert coarse.kam_pct_bw_ht > 1e-3
        assert fine.contact_force_bw < 1e-5
        assert fine.kam_pct_bw_ht < 1e-8
        assert coarse.points == BETWEEN

    def test_covers_every_curve_and_every_number_of_a_guard_rail(self) -> None:
        found = surface(*nodes(2))
        error = interpolation_error(found, SETTINGS)
        assert error is not None
        assert set(error.curves) == set(CURVES)
        recorded = outcomes_of(found, SETTINGS)(UNCHANGED)
        assert set(error.outcomes) == set(recorded)
        assert error.outcomes["kam_peak_1_pct_bw_ht"] <= error.kam_pct_bw_ht
        assert max(error.outcomes[name] for name in JOINT_PEAKS) > 1e-3

    def test_is_that_of_the_settings_in_use(self) -> None:
        found = surface(*nodes(2))
        usual, spread = (interpolation_error(found, LoadSettings(contact_spacing_m=m)) for m in (0.04, 0.06))
        assert usual is not None
        assert spread is not None
        assert spread.kam_pct_bw_ht == usual.kam_pct_bw_ht  # where the contact points lie is nothing to the moment
        assert spread.curves["medial_contact_force_bw"] != usual.curves["medial_contact_force_bw"]

    def test_is_unknown_while_the_surface_is_refined(self) -> None:
        assert interpolation_error(replace(surface(*nodes(2)), between=None), SETTINGS) is None

    def test_is_told_where_it_matters(self) -> None:
        error = interpolation_error(surface(*nodes(4)), SETTINGS)
        assert interpolation_findings(error) == ()
        assert interpolation_findings(None) == ()
        large = InterpolationError(dict.fromkeys(CURVES, 0.1), {}, BETWEEN)
        (finding,) = interpolation_findings(large)
        assert (finding.severity, finding.about) == ("doubtful", "modified walk")
        assert "0.10 BW" in finding.problem


def test_the_checks_of_the_feet_are_interpolated_and_the_worst_convergence_is_told() -> None:
    found = surface(*nodes(4))
    checks = found.checks_at(at(5.0))
    assert checks.foot_missed_mm == pytest.approx(0.5)
    assert checks.centre_of_pressure_outside_foot_m == pytest.approx(0.015)
    assert checks.instants_not_converged == 1.0
    assert checks.residual_force_pct_bw is None
    assert found.checks_at(UNCHANGED).foot_missed_mm == 0.0


def test_the_surface_belongs_to_its_assumptions() -> None:
    found = surface(*nodes(2))
    assert found.template == GaitModification(pivot=0.4)
    assert found.answers(GaitModification(at(3.0, -0.01), pivot=0.4))
    assert not found.answers(GaitModification(at(3.0, -0.01)))
    assert not found.answers(GaitModification(at(16.0), pivot=0.4))
    assert found.outside_foot_at(at(5.0)) == pytest.approx(0.015)
    assert found.outside_foot_at(at(-15.0)) == 0.0


def test_a_map_holds_every_outcome_at_every_point() -> None:
    found = surface(*nodes(3))
    told: list[tuple[int, int]] = []
    turns, widenings = np.array([-5.0, 0.0, 5.0]), np.array([0.0, 0.03])
    loads = load_map(
        found,
        outcomes_of(found, SETTINGS),
        grid={PLANE[0]: turns, PLANE[1]: widenings},
        progress=lambda *step: told.append(step),
    )
    assert set(loads.values) > set(PEAKS)
    assert told == [(1, 3), (2, 3), (3, 3)]
    direct = found.loads_at(at(5.0, 0.03), SETTINGS).peaks
    for name in PEAKS:
        assert loads.values[name].shape == (3, 2)
        assert loads.values[name][2, 1] == direct[name]
        assert loads.values[name][1, 0] == loads.recorded[name]


def test_the_default_grid_has_a_degree_and_a_centimetre() -> None:
    found = surface(*nodes(2))
    loads = load_map(found, lambda changes: {"turn": changes[PLANE[0]], "width": changes[PLANE[1]]})
    np.testing.assert_allclose(loads.grid[0], np.arange(-15, 16))
    np.testing.assert_allclose(loads.grid[1], np.arange(-10, 11) / 100.0)
    assert loads.grid[0][15] == loads.grid[1][10] == 0.0
    for i, j, changes in loads.points():
        assert (changes[PLANE[0]], changes[PLANE[1]]) == (loads.values["turn"][i, j], loads.values["width"][i, j])


def test_other_changes_stay_fixed() -> None:
    """A surface over one change, with wider steps throughout."""
    turns, width = chebyshev_nodes(4, 15.0), PLANE[1]
    solved = {at(turn): as_solved(synthetic_leg(at(turn, 0.05))) for turn in (0.0, *turns.tolist())}
    template = GaitModification(at(3.0, 0.05))
    found = response_surface(STRIDE, SUBJECT, template, {PLANE[0]: turns}, solved)
    assert found.template == GaitModification(at(0.0, 0.05))
    assert gap(found.mechanics_at(at(-8.0)), synthetic_leg(at(-8.0, 0.05))) < 1e-10
    assert gap(found.mechanics_at(at(-8.0, 0.05)), synthetic_leg(at(-8.0, 0.05))) < 1e-10
    assert found.answers(GaitModification(at(-8.0, 0.05)))
    assert not found.answers(GaitModification(at(-8.0)))
    with pytest.raises(SettingError, match="outside the prepared range of ±15°"):
        found.mechanics_at(Changes({width: 0.04}))
