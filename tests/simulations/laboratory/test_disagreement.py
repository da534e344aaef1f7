"""Disagreement: signals have their stated expectations, and no answer is better for its number."""

from __future__ import annotations

from itertools import combinations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from simulations.laboratory.disagreement import (
    _PAIRS,
    _POINTS,
    _STATED,
    _of_distributions,
    _of_pairs,
    annotators,
    distance_of_stated,
    distribution_reward,
    pair_reward,
    replacing_weight,
)
from simulations.policies import StatedPolicy
from simulations.signals.groups import Groups

weights = st.floats(0, 4)
shares = st.lists(st.floats(0.05, 1), min_size=4, max_size=4).map(
    lambda raw: np.array(raw) / sum(raw)
)


@given(shares, weights, st.permutations(range(4)))
def test_no_answer_is_better_for_its_number(p: np.ndarray, weight: float, order: list[int]) -> None:
    moved = p[order]
    places = {tuple(point): i for i, point in enumerate(_POINTS)}
    there = [places[tuple(point[order])] for point in _POINTS]
    one, other = distribution_reward(p, weight), distribution_reward(moved, weight)
    assert np.allclose(other[:, there], one[order])
    old, new = pair_reward(p, weight), pair_reward(moved, weight)
    for i, pair in enumerate(_PAIRS):
        was = sorted((order[int(pair[0])], order[int(pair[1])]))
        j = list(combinations(range(4), 2)).index((was[0], was[1]))
        assert np.isclose(new[i].max(), old[j].max())


@settings(max_examples=5)
@given(shares, weights, st.integers(0, 3), st.integers(0, 55), st.integers(0, 5))
def test_the_signals_have_the_stated_expectations(
    p: np.ndarray, weight: float, answer: int, level: int, pair: int
) -> None:
    n = 40_000
    flat = StatedPolicy(np.ones((1, 1, 1)), np.ones((1, 1, 1, 1)), np.ones(1))
    for made, table, y, q in (
        (_of_distributions, distribution_reward(p, weight), answer, level),
        (_of_pairs, pair_reward(p, weight), pair, level % len(_STATED)),
    ):
        groups = Groups(
            np.full((1, 1, n), y), np.full((1, 1, n), q), np.zeros((1, 1, n)), flat, flat
        )
        paid = made(p, weight, np.random.default_rng(0))(groups)
        assert abs(paid.mean() - table[y, q]) <= 5 * paid.std() / n**0.5 + 1e-9


@given(shares, st.floats(0.01, 6))
def test_the_best_set_keeps_the_more_frequent_answer_up_to_the_weight(
    p: np.ndarray, weight: float
) -> None:
    """For any third answer, by the best reward of each set with exact confidences."""
    value = p - weight * p * (1 - p)
    for i, j in combinations(range(4), 2):
        often, rarely = (i, j) if p[i] >= p[j] else (j, i)
        limit = replacing_weight(p, often, rarely)
        if abs(weight - limit) > 1e-6 and p[often] - p[rarely] > 1e-6:
            assert (value[rarely] > value[often]) == (weight > limit)


@given(st.floats(0.4, 1), st.floats(0.05, 4))
def test_the_best_stated_distribution_is_the_nearest_at_every_weight(
    agreement: float, weight: float
) -> None:
    p = annotators(agreement)
    table = distribution_reward(p, weight)
    far = ((_POINTS - p) ** 2).sum(axis=-1)
    assert (far[table.argmax(axis=1)] <= far.min() + 1e-12).all()
    assert np.ptp(distribution_reward(p, 0.0), axis=1).max() == 0
    assert distance_of_stated(p, 1) >= distance_of_stated(p, 2) >= distance_of_stated(p, 3)
