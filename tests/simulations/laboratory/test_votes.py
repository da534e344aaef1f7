"""Votes by confidence: what is exact, by enumeration, and where they stop."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulations.laboratory.votes import (
    VOTE_RULES,
    fixed_confidence_accuracy,
    least_share_ratio,
    sampled_accuracy,
    vote_accuracy,
)
from simulations.policies import StatedPolicy

GRID = np.array([0.2, 0.8])
positive = st.lists(st.floats(0.05, 1), min_size=9, max_size=9)


def policy_of(weights: list[float]) -> StatedPolicy:
    answer = np.array(weights[:3]) / sum(weights[:3])
    levels = np.array(weights[3:], dtype=float).reshape(3, 2)
    levels /= levels.sum(axis=1, keepdims=True)
    return StatedPolicy(answer[None, None], levels[None, None], GRID)


@pytest.mark.parametrize("vote", VOTE_RULES)
@given(weights=positive)
@settings(max_examples=15)
def test_the_accuracy_is_that_of_all_ordered_groups(vote: str, weights: list[float]) -> None:
    policy, truth = policy_of(weights), np.array([[0.7, 0.2, 0.1]])
    joint, total = policy.joint[0, 0].reshape(-1), 0.0
    for group in product(range(6), repeat=3):
        answers, levels = np.divmod(np.array(group), 2)
        chosen = VOTE_RULES[vote](answers, GRID[levels], 3)
        total += float(joint[list(group)].prod() * chosen @ truth[0])
    assert vote_accuracy(policy, truth, 3, vote) == pytest.approx([total])


@pytest.mark.parametrize("vote", VOTE_RULES)
@given(weights=positive, renamed=st.permutations(range(3)))
@settings(max_examples=15)
def test_a_vote_does_not_know_the_labels(
    vote: str, weights: list[float], renamed: list[int]
) -> None:
    policy, truth = policy_of(weights), np.array([[0.7, 0.2, 0.1]])
    other = StatedPolicy(policy.answer[:, :, renamed], policy.confidence[:, :, renamed], GRID)
    expected = vote_accuracy(policy, truth, 4, vote)
    assert vote_accuracy(other, truth[:, renamed], 4, vote) == pytest.approx(expected)


@given(positive, st.integers(1, 4))
@settings(max_examples=15)
def test_no_vote_beats_the_surest_answer_if_confidence_is_honest(
    weights: list[float], size: int
) -> None:
    share, p = policy_of(weights).answer[0, 0], np.array([0.6, 0.3, 0.1])
    best = fixed_confidence_accuracy(share, p, p, size, "max-confidence")
    for vote in VOTE_RULES:
        assert fixed_confidence_accuracy(share, p, p, size, vote) <= best + 1e-12


@pytest.mark.parametrize("vote", ["majority", "weighted"])
def test_a_large_vote_turns_at_the_boundary(vote: str) -> None:
    p, edge = np.array([0.7, 0.3]), least_share_ratio(vote, 0.7, 0.3)
    for factor, right in ((0.6, False), (1.6, True)):
        wrong_share = 1 / (1 + factor * edge)
        share = np.array([1 - wrong_share, wrong_share])
        found = fixed_confidence_accuracy(share, p, p, 101, vote)
        assert (found > 0.6) == right
        assert (found < 0.4) != right


def test_samples_have_the_exact_accuracy() -> None:
    policy, truth = policy_of([1, 2, 3, 1, 2, 3, 4, 5, 6]), np.array([[0.7, 0.2, 0.1]])
    found = sampled_accuracy(policy, truth, 3, draws=40_000, seed=0)
    for vote in VOTE_RULES:
        assert found[vote][0] == pytest.approx(vote_accuracy(policy, truth, 3, vote), abs=0.006)


def test_what_cannot_be_enumerated_is_refused() -> None:
    levels = np.full((1, 1, 3, 20), 0.05)
    policy = StatedPolicy(np.full((1, 1, 3), 1 / 3), levels, np.arange(20) / 20)
    with pytest.raises(ValueError, match="at most 200000 groups"):
        vote_accuracy(policy, np.ones((1, 3)), 8, "majority")
    with pytest.raises(ValueError, match="`vote` must be one of"):
        least_share_ratio("plurality", 0.5, 0.5)
