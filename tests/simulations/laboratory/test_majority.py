"""Self-training on majority votes: what is exact, by enumeration."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulations.laboratory.majority import (
    MAJORITY,
    basin,
    expected_gain,
)
from simulations.signals import majority_vote
from simulations.signals.groups import advantages_of


@given(st.lists(st.floats(0.05, 1), min_size=3, max_size=3), st.integers(2, 4))
def test_the_expected_gain_is_that_of_all_groups(weights: list[float], size: int) -> None:
    shares = np.array(weights) / sum(weights)
    groups = np.array(list(product(range(3), repeat=size)))
    chance = shares[groups].prod(axis=1)
    paid = advantages_of(majority_vote(groups), "group_mean")[:, 0]
    expected = [(chance * paid)[groups[:, 0] == y].sum() / shares[y] for y in range(3)]
    assert expected_gain(shares, size) == pytest.approx(expected, abs=1e-12)


@given(st.permutations(range(4)), st.lists(st.floats(0.05, 1), min_size=4, max_size=4))
def test_the_expected_gain_does_not_know_the_labels(
    renamed: list[int], weights: list[float]
) -> None:
    shares = np.array(weights) / sum(weights)
    gains = expected_gain(shares, 4)[renamed]
    assert expected_gain(shares[renamed], 4) == pytest.approx(gains, abs=1e-12)


def test_the_basin_is_the_share_of_the_strongest_wrong_answer() -> None:
    """1/8, 1/3 and .474 by hand: x = f (1 - x)."""
    assert [basin(f) for f in (1 / 7, 0.5, 0.9)] == pytest.approx([1 / 8, 1 / 3, 9 / 19])


def test_two_rollouts_of_a_majority_teach_nothing() -> None:
    """With a group mean and G = 2 both rollouts always have equal rewards."""
    groups = np.array(list(product(range(5), repeat=2)))
    assert not advantages_of(majority_vote(groups), "group_mean").any()
    assert not expected_gain(np.array([0.5, 0.3, 0.2]), 2).any()


def test_the_gain_in_groups_of_three_is_that_of_the_lesson() -> None:
    """(2/3) (x_k - sum x^2), by hand."""
    shares = np.array([0.5, 0.3, 0.2])
    assert expected_gain(shares, 3) == pytest.approx(2 / 3 * (shares - (shares**2).sum()))


@pytest.mark.parametrize("group", [3, pytest.param(8, marks=pytest.mark.slow)])
@pytest.mark.parametrize("seed", [0, pytest.param(1, marks=pytest.mark.slow)])
def test_the_time_to_extinction_is_that_of_the_mean_field(group: int, seed: int) -> None:
    outcome = MAJORITY.run(scale="short", knobs={"group": group}, seed=seed)
    times = [one for one in outcome.findings if "until all answers but one" in one.label]
    assert len(times) == 4
    for finding in outcome.findings:
        assert finding.agrees, finding


def test_in_groups_of_two_nothing_drifts() -> None:
    """Whatever the size of the groups of the study, a finding says so; and as its size, all do."""
    for group in (2, 5):
        findings = MAJORITY.run(scale="short", knobs={"group": group}, replicates=2).findings
        still = [f for f in findings if group == 2 or "groups of 2" in f.label]
        assert still
        for finding in still:
            assert (finding.measured, finding.standard_error) == (0, 0)
            assert abs(finding.exact) < 1e-12
