"""Muscle sharing against independent solvers, the conditions of an optimum, and closed forms."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import optimize

from workbench.core.errors import SimulationError
from workbench.core.muscles import (
    PULL_COST_PER_N,
    WEIGHT_PRESETS,
    Contacts,
    RESERVE_MOMENT_Nm,
    muscle_weights,
    share_moments,
)
from workbench.core.types import Array


def random_problem(seed: int, *, n: int = 6, m: int = 20, d: int = 5) -> tuple[Array, Array, Array, Array]:
    """Moments, moments per activation, weights and lower bounds that resemble a leg's."""
    rng = np.random.default_rng(seed)
    per_activation = rng.normal(0.0, 60.0, (n, m, d)) * (rng.uniform(size=(n, m, d)) < 0.5)
    wanted = np.einsum("nmd,nm->nd", per_activation, rng.uniform(0.0, 0.6, (n, m))) + rng.normal(0.0, 30.0, (n, d))
    return wanted, per_activation, rng.uniform(1.0, 7.0, m), rng.uniform(0.0, 0.05, m)


def cost(activation: Array, wanted: Array, per_activation: Array, weights: Array) -> float:
    reserve = wanted - per_activation.T @ activation
    return float(weights @ activation**2 + np.sum((reserve / RESERVE_MOMENT_Nm) ** 2))


@pytest.mark.parametrize("seed", range(3))
def test_it_finds_what_bounded_least_squares_finds(seed: int) -> None:
    wanted, per_activation, weights, least = random_problem(seed)
    sharing = share_moments(wanted, per_activation, weights, least)
    for i in range(len(wanted)):
        system = np.vstack([per_activation[i].T / RESERVE_MOMENT_Nm, np.diag(np.sqrt(weights))])
        target = np.concatenate([wanted[i] / RESERVE_MOMENT_Nm, np.zeros(len(weights))])
        peer = optimize.lsq_linear(system, target, bounds=(least, 1.0), method="bvls", tol=1e-14)
        np.testing.assert_allclose(sharing.activation[i], peer.x, atol=1e-7)


@pytest.mark.filterwarnings("ignore:Values in x were outside bounds:RuntimeWarning")  # of the peer in older SciPy
def test_it_finds_what_a_general_minimiser_finds_with_the_reserves_as_unknowns() -> None:
    wanted, per_activation, weights, least = random_problem(7, n=2, m=8, d=3)
    sharing = share_moments(wanted, per_activation, weights, least)
    for i in range(len(wanted)):
        m, d = per_activation[i].shape
        objective = np.concatenate([weights, np.full(d, RESERVE_MOMENT_Nm**-2)])
        peer = optimize.minimize(
            lambda x, c=objective: c @ x**2,
            np.full(m + d, 0.5),
            jac=lambda x, c=objective: 2.0 * c * x,
            method="SLSQP",
            bounds=[*zip(least, np.ones(m), strict=True), *[(None, None)] * d],
            constraints={
                "type": "eq",
                "fun": lambda x, i=i, m=m: per_activation[i].T @ x[:m] + x[m:] - wanted[i],
                "jac": lambda x, i=i, d=d: np.hstack([per_activation[i].T, np.eye(d)]),
            },
            options={"maxiter": 500, "ftol": 1e-12},
        )
        assert peer.success
        np.testing.assert_allclose(sharing.activation[i], peer.x[:m], atol=2e-5)
        np.testing.assert_allclose(sharing.reserve_moment_Nm[i], peer.x[m:], atol=2e-3)


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 2**31), m=st.integers(1, 40), d=st.integers(1, 6))
def test_the_optimum_meets_its_conditions(seed: int, m: int, d: int) -> None:
    wanted, per_activation, weights, least = random_problem(seed, n=1, m=m, d=d)
    activation = share_moments(wanted, per_activation, weights, least).activation[0]
    assert (activation >= least - 1e-9).all()
    assert (activation <= 1.0 + 1e-9).all()
    slope = 2.0 * (weights * activation - per_activation[0] @ (wanted[0] - per_activation[0].T @ activation))
    tolerance = 1e-5 * (1.0 + np.abs(per_activation).max() ** 2)
    low, high = activation < least + 1e-7, activation > 1.0 - 1e-7
    free = ~low & ~high
    assert (np.abs(slope[free]) < tolerance).all()
    assert (slope[low] > -tolerance).all()
    assert (slope[high] < tolerance).all()


def test_moments_of_muscles_and_reserves_add_up_to_what_was_asked() -> None:
    wanted, per_activation, weights, least = random_problem(11)
    sharing = share_moments(wanted, per_activation, weights, least)
    supplied = np.einsum("nmd,nm->nd", per_activation, sharing.activation)
    np.testing.assert_allclose(supplied + sharing.reserve_moment_Nm, wanted, atol=1e-9)


def test_equal_muscles_share_equally_and_weights_divide_in_inverse_proportion() -> None:
    # Two muscles on one joint: a1 w1 = a2 w2; the reserve takes 1 / (1 + sum(c^2 / w)) of the moment.
    moment, per_activation = 30.0, 100.0
    weights = np.array([1.0, 3.0])
    sharing = share_moments(np.array([[moment]]), np.full((1, 2, 1), per_activation), weights, np.zeros(2))
    multiplier = moment / (1.0 + np.sum(per_activation**2 / weights))
    np.testing.assert_allclose(sharing.activation[0], per_activation * multiplier / weights, rtol=1e-9)
    np.testing.assert_allclose(sharing.reserve_moment_Nm, [[multiplier]], rtol=1e-6)
    assert sharing.activation[0, 0] == pytest.approx(3.0 * sharing.activation[0, 1])


def test_a_muscle_that_only_pulls_the_wrong_way_stays_at_its_least_activation() -> None:
    per_activation = np.array([[[50.0], [-80.0]]])
    sharing = share_moments(np.array([[20.0]]), per_activation, np.ones(2), np.array([0.0, 0.02]))
    assert sharing.activation[0, 1] == pytest.approx(0.02)
    assert sharing.activation[0, 0] == pytest.approx((20.0 + 0.02 * 80.0) / 50.0, rel=1e-3)


def test_what_muscles_at_their_limit_cannot_give_the_reserve_gives() -> None:
    sharing = share_moments(np.array([[120.0]]), np.array([[[70.0]]]), np.ones(1), np.zeros(1))
    assert sharing.activation[0, 0] == pytest.approx(1.0)
    assert sharing.reserve_moment_Nm[0, 0] == pytest.approx(50.0)


class TestContactsThatCannotPull:
    """Two muscles of one joint; a contact that is pulled apart and that the muscles press."""

    wanted = np.array([[15.0]])
    per_activation = np.array([[[30.0], [10.0]]])

    def shared(self, pull_N: float, *presses_N: float) -> tuple[Array, Array, float]:
        """Activations, activations if free, and the contact's force."""
        contacts = Contacts(np.array([[-pull_N]]), np.array(presses_N).reshape(1, 2, 1))
        sharing = share_moments(self.wanted, self.per_activation, np.ones(2), np.zeros(2), contacts)
        force_N = contacts.forces_N(sharing.activation)[0, 0]
        return sharing.activation[0], sharing.activation_if_free[0], float(force_N)

    def test_the_muscle_that_presses_does_what_is_needed_and_the_other_makes_up_for_its_moment(self) -> None:
        activation, free, force_N = self.shared(100.0, 0.0, 500.0)
        # Without the contact a = c M / (1 + sum c^2); with it a2 = 100 / 500, and a1 answers 15 - 10 * 0.2 = 13 N m.
        np.testing.assert_allclose(free, np.array([30.0, 10.0]) * 15.0 / 1001.0)
        np.testing.assert_allclose(activation, [30.0 * 13.0 / 901.0, 0.2], rtol=1e-7)
        assert 0.0 <= force_N < 1e-5

    def test_two_muscles_that_press_meet_the_conditions_of_lagrange(self) -> None:
        # Stationary in both activations and pressed to exactly zero: three linear equations.
        presses_N = np.array([200.0, 500.0])
        system = np.zeros((3, 3))
        system[:2, :2] = 2.0 * (np.eye(2) + np.outer([30.0, 10.0], [30.0, 10.0]))
        system[:2, 2], system[2, :2] = -presses_N, presses_N
        expected = np.linalg.solve(system, [2.0 * 30.0 * 15.0, 2.0 * 10.0 * 15.0, 300.0])
        activation, _, force_N = self.shared(300.0, *presses_N)
        np.testing.assert_allclose(activation, expected[:2], rtol=1e-7)
        assert 0.0 < expected[2] < PULL_COST_PER_N  # what the last newton costs
        assert 0.0 <= force_N < 1e-5

    def test_what_would_not_pull_is_left_alone_to_the_last_bit(self) -> None:
        activation, free, _ = self.shared(60.0, 0.0, 500.0)
        np.testing.assert_array_equal(activation, free)

    def test_what_no_muscle_can_hold_down_is_left_to_pull(self) -> None:
        activation, _, force_N = self.shared(800.0, 0.0, 500.0)
        assert activation[1] == pytest.approx(1.0)
        assert force_N == pytest.approx(-300.0)

    def test_no_muscle_is_asked_for_more_than_a_pull_costs(self) -> None:
        # To press with half a newton this muscle would need a reserve of 50 N m, 2500 units; to let it pull costs 0.75.
        contacts = Contacts(np.array([[-0.5]]), np.array([[[1.0]]]))
        sharing = share_moments(np.zeros((1, 1)), np.array([[[100.0]]]), np.ones(1), np.zeros(1), contacts)
        assert sharing.activation[0, 0] == pytest.approx((PULL_COST_PER_N + 1.0) / (2.0 * (100.0**2 + 2.0)), rel=1e-5)

    @pytest.mark.parametrize("seed", range(5))
    def test_the_optimum_meets_its_conditions(self, seed: int) -> None:
        # Karush, Kuhn and Tucker: the bounds and the contacts held down push back all of the slope, at positive prices.
        wanted, per_activation, weights, least = random_problem(seed, n=4, m=12, d=4)
        rng = np.random.default_rng(seed)
        contacts = Contacts(rng.normal(-800.0, 200.0, (4, 2)), rng.normal(400.0, 400.0, (4, 12, 2)))
        sharing = share_moments(wanted, per_activation, weights, least, contacts)
        forces_N = contacts.forces_N(sharing.activation)
        assert (contacts.forces_N(sharing.activation_if_free) < 0.0).any()
        assert (forces_N >= 0.0).all()
        for a, moments, arms, pressing, force in zip(
            sharing.activation, wanted, per_activation, contacts.per_activation_N, forces_N, strict=True
        ):
            slope = 2.0 * (weights * a - arms @ (moments - arms.T @ a))
            bounds = np.eye(12)
            pushes = np.hstack(
                [pressing[:, force < 1e-3], bounds[:, a < least + 1e-7], -bounds[:, a > 1.0 - 1e-7], np.zeros((12, 1))]
            )
            _, left = optimize.nnls(pushes, slope)
            assert left < 1e-4 * (1.0 + np.linalg.norm(slope))


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_numbers_that_are_none_are_refused(bad: float) -> None:
    wanted, per_activation, weights, least = random_problem(3)
    with pytest.raises(SimulationError, match="not finite"):
        share_moments(np.full_like(wanted, bad), per_activation, weights, least)
    per_activation[0, 0, 0] = bad
    with pytest.raises(SimulationError, match="not finite"):
        share_moments(wanted, per_activation, weights, least)


class TestWeights:
    # Names of the Rajagopal family and of gait2392, with the side's suffix.
    names = (
        "gasmed_r", "gaslat_l", "med_gas_r", "lat_gas_l",  # gastrocnemius
        "semimem_r", "semiten_l", "bflh_r", "bifemlh_l", "bflh140_r",  # hamstrings that cross hip and knee
        "bfsh_r", "bifemsh_l", "soleus_r", "recfem_r", "vasmed_l", "grac_r", "glmed1_r", "gem_r",  # all others
    )  # fmt: skip

    def test_the_default_preset_weighs_gastrocnemius_seven_and_hamstrings_three(self) -> None:
        expected = [7.0] * 4 + [3.0] * 5 + [1.0] * 8
        np.testing.assert_array_equal(muscle_weights(self.names, "contact"), expected)

    def test_equal_weights(self) -> None:
        np.testing.assert_array_equal(muscle_weights(self.names, "equal"), 1.0)

    def test_a_number_takes_the_place_of_the_presets(self) -> None:
        expected = [2.5] * 4 + [3.0] * 5 + [1.0] * 8
        chosen = {"gastrocnemius": 2.5, "hamstrings": None}
        np.testing.assert_array_equal(muscle_weights(self.names, "contact", chosen), expected)
        np.testing.assert_array_equal(muscle_weights(self.names, "equal", {"hamstrings": 4.0})[4:9], 4.0)

    def test_heavier_muscles_work_less(self) -> None:
        wanted, per_activation, _, _ = random_problem(5, m=3, d=1)
        free = share_moments(wanted, np.abs(per_activation) + 10.0, np.ones(3), np.zeros(3))
        dear = share_moments(wanted, np.abs(per_activation) + 10.0, np.array([7.0, 1.0, 1.0]), np.zeros(3))
        working = free.activation[:, 0] > 1e-6
        working &= free.activation[:, 0] < 1.0 - 1e-6
        assert working.any()
        assert (dear.activation[working, 0] < free.activation[working, 0]).all()

    def test_every_preset_names_groups_that_exist(self) -> None:
        for preset in WEIGHT_PRESETS:
            assert muscle_weights(("soleus_r",), preset).tolist() == [1.0]
