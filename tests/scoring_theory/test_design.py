"""Designed rewards have the range and margin asked for; repaired ones are the largest safe weight."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from scoring_theory.design import design, repair
from scoring_theory.reward import Reward
from scoring_theory.rules import CATALOGUE, brier, correctness, log
from scoring_theory.thresholds import ThresholdDistribution, from_reward
from tests.strategies import threshold_distributions


@settings(max_examples=30, deadline=None)
@given(distribution=threshold_distributions(), share=st.fractions(0, 1, max_denominator=10))
def test_range_and_margin_are_as_asked(distribution: ThresholdDistribution, share: Fraction) -> None:
    reward = design(thresholds=distribution, margin=2 * share, total_range=2)
    payoffs = reward.table(np.linspace(0, 1, 101))
    assert payoffs.max() - payoffs.min() <= 2 + 1e-9
    assert reward.payoff(1, 1) - reward.payoff(1, 0) == pytest.approx(2)
    own = 2 * (1 - share) * distribution.margin / distribution.total
    assert Fraction(from_reward(reward).margin) == 2 * share + own


def test_known_designs() -> None:
    assert design(thresholds=stats.uniform(), total_range=2) == Reward.parse("c - (q - c)^2")
    assert design(thresholds=[0.75]) == CATALOGUE["confidence_target"](t=0.75)
    assert design(thresholds=stats.beta(2, 8), margin=0.5, total_range=1).name == ""
    assert design(thresholds={0.5: 1, 0.9: 3}, name="mine").name == "mine"
    assert design(thresholds=stats.uniform(), margin=1) == correctness


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"thresholds": [0.5], "margin": 2}, r"`margin` must lie in \[0, total_range\] = \[0, 1\], got 2"),
        ({"thresholds": [0.5], "total_range": 0}, "`total_range` must be positive, got 0"),
        ({"thresholds": []}, "must carry some mass"),
        ({"thresholds": "uniform"}, "`thresholds` must be a list"),
        ({"thresholds": [1.2]}, r"a threshold must lie in \[0, 1\]"),
    ],
)
def test_domains(options, sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        design(**options)


@pytest.mark.parametrize("lam", [Fraction(3, 2), 2, 5])
def test_repair_of_brier(lam: Fraction) -> None:
    done = repair(correctness + lam * brier)
    assert done.weight == 1 / Fraction(lam)
    assert done.reward == correctness + brier
    assert done.reward.text == "c - (q - c)^2"


def test_a_safe_reward_is_left_alone() -> None:
    safe = correctness + brier
    assert repair(safe).reward is safe
    assert repair(safe).weight == 1


def test_an_irrational_weight_is_rounded_down() -> None:
    done = repair(correctness + CATALOGUE["clipped_log"](eps=0.01))
    exact = 1 / np.log(99)
    assert exact - 1e-6 < float(done.weight) <= exact
    p = np.linspace(0, 1, 2001)
    assert (np.diff(done.reward.expected_reward(p, p)) >= -1e-15).all()


def test_what_cannot_be_repaired() -> None:
    with pytest.raises(ValueError, match=r"no weight makes .* safe"):
        repair(correctness + log)
    with pytest.raises(ValueError, match="is not repaired, because it is not proper"):
        repair(CATALOGUE["linear"]())
    with pytest.raises(ValueError, match="its threshold density is -2"):
        repair(correctness - brier)
