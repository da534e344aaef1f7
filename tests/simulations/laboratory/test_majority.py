"""Self-training on majority votes: what is exact, by enumeration."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulations.laboratory.majority import basin, expected_vote
from simulations.signals import majority_vote
from simulations.signals.groups import advantages_of


@given(st.lists(st.floats(0.05, 1), min_size=3, max_size=3), st.integers(2, 4))
def test_the_expected_vote_is_that_of_all_groups(weights: list[float], size: int) -> None:
    shares = np.array(weights) / sum(weights)
    groups = np.array(list(product(range(3), repeat=size)))
    chance = shares[groups].prod(axis=1)
    paid = majority_vote(groups)[:, 0]
    expected = [(chance * paid)[groups[:, 0] == y].sum() / shares[y] for y in range(3)]
    assert expected_vote(shares, size) == pytest.approx(expected)


@given(st.permutations(range(4)), st.lists(st.floats(0.05, 1), min_size=4, max_size=4))
def test_the_expected_vote_does_not_know_the_labels(
    renamed: list[int], weights: list[float]
) -> None:
    shares = np.array(weights) / sum(weights)
    assert expected_vote(shares[renamed], 4) == pytest.approx(expected_vote(shares, 4)[renamed])


def test_the_basin_is_the_share_of_the_strongest_wrong_answer() -> None:
    """1/8, 1/3 and .474 by hand: x = f (1 - x)."""
    assert [basin(f) for f in (1 / 7, 0.5, 0.9)] == pytest.approx([1 / 8, 1 / 3, 9 / 19])


def test_two_rollouts_of_a_majority_teach_nothing() -> None:
    """With a group mean and G = 2 both rollouts always have equal rewards."""
    groups = np.array(list(product(range(5), repeat=2)))
    assert not advantages_of(majority_vote(groups), "group_mean").any()
