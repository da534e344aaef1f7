"""Utility weighting: closed forms against enumeration of reports and of questions."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scoring_theory import check
from simulations.laboratory.utility import (
    _GRID,
    _TRUTH,
    best_weight,
    cut,
    utility_above,
    utility_of,
    weighted_brier,
)
from simulations.policies import StatedPolicy

weights = st.floats(0.1, 20)
inside = st.floats(0.02, 0.98)


@given(weights, inside, inside)
def test_a_report_passes_a_bound_where_the_odds_do(weight: float, p: float, bound: float) -> None:
    """The best report is found on a fine grid, by its expected reward."""
    grid = np.linspace(0, 1, 20_001)
    wrong, right = weighted_brier(weight).table(grid)
    best = grid[((1 - p) * wrong + p * right).argmax()]
    assert best == pytest.approx(p / (p + weight * (1 - p)), abs=1e-3)
    if abs(best - bound) > 2e-3:
        assert (best > bound) == (p > cut(weight, bound))


@given(st.floats(1, 20), inside)
def test_the_best_weight_moves_the_cut_to_where_acting_pays(cost: float, bound: float) -> None:
    assert cut(best_weight(cost, bound), bound) == pytest.approx(cost / (1 + cost))


@given(st.floats(1, 20), inside)
def test_the_utility_of_evenly_spread_questions(cost: float, p: float) -> None:
    each = (np.arange(100_000) + 0.5) / 100_000
    gained = np.where(each > p, each - cost * (1 - each), 0).mean()
    assert utility_above(p, cost) == pytest.approx(gained, abs=1e-3)
    assert utility_above(cost / (1 + cost), cost) >= utility_above(p, cost)


@given(st.integers(0, 9), st.floats(1, 20), st.permutations(range(10)))
def test_utility_is_the_mean_over_questions(level: int, cost: float, order: list[int]) -> None:
    """A policy that states one level acts on all questions or none; their order does not count."""
    heads = np.zeros((1, 10, 1, _GRID.size))
    heads[..., level] = 1.0
    heads[:, :5, :, level] = 0.5
    heads[:, :5, :, level + 1] = 0.5
    policy = StatedPolicy(np.ones((1, 10, 1)), heads, _GRID)
    bound = float(_GRID[level]) - 0.05
    gains = (_TRUTH - cost * (1 - _TRUTH)).mean()
    assert utility_of(policy, _TRUTH, bound, cost)[0] == pytest.approx(gains)
    moved = StatedPolicy(policy.answer, heads[:, order], _GRID)
    one, other = (
        utility_of(policy, _TRUTH, bound + 0.1, cost),
        utility_of(moved, _TRUTH[order], bound + 0.1, cost),
    )
    assert one == pytest.approx(other)


@pytest.mark.parametrize(("weight", "proper"), [(1.0, True), (2.0, False), (0.5, False)])
def test_only_equal_weights_are_proper(weight: float, proper: bool) -> None:
    assert bool(check(weighted_brier(weight)).proper) == proper
