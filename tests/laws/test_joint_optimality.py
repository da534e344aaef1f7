"""The margin test and the critical weight, against brute force over finite sets of answers."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scoring_theory.catalogue import CATALOGUE, Entry, correctness
from scoring_theory.reward import Reward
from tests.support.examples import examples
from tests.support.strategies import rules, threshold_distributions

REPORTS = np.unique(np.concatenate([np.linspace(0, 1, 101), np.geomspace(1e-4, 1e-2, 21)]))
PROPER = [rule for rule in CATALOGUE.values() if rule.proper != "no"]


def claimed_weight(rule: Entry, reward: Reward) -> float:
    """lam* at the parameters of a member."""
    weight = rule.largest_weight(
        **{name: domain.low or Fraction(0) for name, domain in reward.domains.items()}
    )
    assert weight is not None
    return weight


def score_of(rule: Entry, reward: Reward) -> Reward:
    """S of c + lam S: a score itself, and what a reward pays beyond correctness."""
    return reward if rule.role == "score" else reward - correctness


def best_is_right_and_honest(reward: Reward, answers: np.ndarray) -> bool:
    """Brute force: among all (answer, report) pairs, does the best answer with its honest report
    earn the most?
    """
    everything = reward.expected_reward(answers[:, None], np.union1d(REPORTS, answers)[None, :])
    honest = reward.expected_reward(answers.max(), answers.max())
    return bool(honest >= everything.max() - 1e-12 * (1 + abs(honest)))


def largest_safe_weight(score: Reward, *, top: float = 64.0) -> float:
    """Bisection on lam: is c + lam S free of a hopeless answer that beats a poor one? (all p down
    to 1e-4).
    """
    p = np.unique(np.concatenate([[0.0], np.geomspace(1e-4, 1, 81)]))
    value = score.expected_reward(p, p)
    low, high = 0.0, top
    for _ in range(60):
        middle = (low + high) / 2
        safe = bool((np.diff(p + middle * value) >= -1e-12 * (1 + middle)).all())
        low, high = (middle, high) if safe else (low, middle)
    return low


@pytest.mark.parametrize("rule", PROPER, ids=lambda rule: rule.key)
def test_the_critical_weight_by_bisection(rule: Entry) -> None:
    claimed, found = claimed_weight(rule, rule()), largest_safe_weight(score_of(rule, rule()))
    if claimed == float("inf"):
        assert found == pytest.approx(64)
    elif claimed == 0:
        assert found < 0.2  # the grid ends at p = 1e-4, where log still allows 0.1
    else:
        assert found == pytest.approx(claimed, rel=2e-2)


@examples(60)
@given(found=rules(), answers=st.lists(st.floats(0, 1), min_size=1, max_size=5))
def test_below_the_critical_weight_the_best_answer_is_safe(
    found: tuple[Entry, Reward], answers: list[float]
) -> None:
    rule, reward = found
    weight, score = min(claimed_weight(rule, reward), 8.0), score_of(rule, reward)
    if weight == 0:
        return
    assert best_is_right_and_honest(correctness + 0.999 * weight * score, np.array([0.0, *answers]))


@pytest.mark.parametrize(
    "rule", [r for r in PROPER if r.largest_weight() != math.inf], ids=lambda rule: rule.key
)
def test_above_the_critical_weight_a_hopeless_answer_wins(rule: Entry) -> None:
    weight = max(claimed_weight(rule, rule()), 0.0) * 1.05 + 0.05
    reward = correctness + weight * score_of(rule, rule())
    assert any(
        not best_is_right_and_honest(reward, np.array([0.0, p]))
        for p in (1e-12, 1e-9, 1e-6, 1e-4, 1e-3)
    )


@examples(60)
@given(
    distribution=threshold_distributions(),
    answers=st.lists(st.floats(0, 1), min_size=1, max_size=4),
)
def test_every_mixture_of_bets_is_safe(distribution, answers: list[float]) -> None:
    assert best_is_right_and_honest(distribution.to_reward(), np.array([0.0, *answers]))


@examples(40)
@given(distribution=threshold_distributions())
def test_the_margin_is_the_least_slope_of_the_value(distribution) -> None:
    reward = distribution.to_reward()
    p = np.linspace(0, 1, 201)
    slopes = np.diff(reward.value(p)) / np.diff(p)
    assert slopes.min() >= float(distribution.margin) - 1e-9
    assert reward.payoff(1.0, 1) - reward.payoff(1.0, 0) == pytest.approx(float(distribution.total))
