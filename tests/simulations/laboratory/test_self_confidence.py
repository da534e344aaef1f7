"""Correctness with own confidence: what is optimal, who wins, and what a user loses."""

from __future__ import annotations

from math import isnan

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scoring_theory import check
from simulations.laboratory.self_confidence import (
    SELF_CONFIDENCE,
    decision_loss,
    least_share,
    own_probability,
    settled_share,
)
from simulations.policies import StatedPolicy
from simulations.signals.groups import Groups

REWARDS = {
    "product": lambda c, x: c * x,
    "signed": lambda c, x: c + (2 * c - 1) * x / 2,
    "rlcr": lambda c, x: c - (x - c) ** 2,
}
REPORTS = {
    "signed": lambda p: (p > 0.5).astype(float),
    "product": np.ones_like,
    "rlcr": lambda p: p,
}


@pytest.mark.parametrize("reward", REWARDS)
@given(st.floats(0.05, 0.95), st.floats(0.05, 0.95))
def test_the_boundary_is_the_root_of_the_lead(reward, one, other) -> None:
    better, worse = max(one, other), min(one, other)

    def lead(x: float) -> float:
        paid = REWARDS[reward]
        first = better * paid(1, x) + (1 - better) * paid(0, x)
        return float(first - worse * paid(1, 1 - x) - (1 - worse) * paid(0, 1 - x))

    found = least_share(reward, better, worse)
    if isnan(found):
        assert lead(1.0) <= 1e-12
    elif found > 0:
        assert lead(found) == pytest.approx(0, abs=1e-9)
        assert lead(0.0) < 0 < lead(1.0)
    else:
        assert lead(0.0) >= -1e-12
        assert lead(1.0) > 0


@pytest.mark.parametrize(("reward", "edge"), [("product", 3 / 7), ("rlcr", 0.25)])
def test_the_better_answer_wins_above_the_boundary_only(reward, edge) -> None:
    """By hand, .8 against .6: .6 / 1.4, and .2 / .8."""
    assert least_share(reward, 0.8, 0.6) == pytest.approx(edge)
    assert settled_share(reward, 0.8, 0.6, edge - 0.02) < 0.01
    assert settled_share(reward, 0.8, 0.6, edge + 0.02) > 0.99


@pytest.mark.parametrize("reward", REPORTS)
@given(st.floats(0, 1))
def test_the_loss_of_a_user_is_that_of_the_optimal_reports(reward, threshold) -> None:
    """Against a sum over 20,000 values of p, uniform on [0, 1]."""
    p = (np.arange(20_000) + 0.5) / 20_000
    acts = REPORTS[reward](p) >= threshold
    loss = np.maximum(p - threshold, 0) - np.where(acts, p - threshold, 0)
    assert decision_loss(reward, threshold) == pytest.approx(loss.mean(), abs=1e-4)


def test_the_reports_that_are_assumed_are_optimal() -> None:
    q = np.arange(101) / 100
    for name in ("signed", "product", "rlcr"):
        for p in (0.21, 0.79):
            paid = p * REWARDS[name](1, q) + (1 - p) * REWARDS[name](0, q)
            assert q[paid.argmax()] == pytest.approx(REPORTS[name](np.array([p]))[0])
    assert "STRICTLY PROPER" in check("c - (q - c)^2").headline()
    assert check("c + (2*c - 1)*q/2").headline().startswith("IMPROPER")


@given(st.permutations(range(3)), st.integers(0, 100))
def test_own_probability_does_not_know_the_numbers_of_the_answers(renamed, seed) -> None:
    rng = np.random.default_rng(seed)
    shares = rng.dirichlet(np.ones(3))
    answers = rng.integers(0, 3, (1, 1, 6))
    correct = rng.integers(0, 2, (1, 1, 6)).astype(float)

    def paid(shares: np.ndarray, answers: np.ndarray) -> np.ndarray:
        policy = StatedPolicy(shares[None, None], np.ones((1, 1, 3, 1)), np.ones(1))
        return own_probability(Groups(answers, np.zeros_like(answers), correct, policy, policy))

    moved = np.empty(3)
    moved[list(renamed)] = shares
    assert paid(moved, np.array(renamed)[answers]) == pytest.approx(paid(shares, answers))


@pytest.mark.slow
def test_unknown_names_and_a_worse_answer_that_is_better_are_refused() -> None:
    with pytest.raises(ValueError, match="must be one of product"):
        least_share("brier", 0.8, 0.6)
    with pytest.raises(ValueError, match="must be one of signed"):
        decision_loss("brier", 0.5)
    with pytest.raises(ValueError, match="less than `better`"):
        SELF_CONFIDENCE.run(scale="short", knobs={"worse": 0.9}, replicates=2)
