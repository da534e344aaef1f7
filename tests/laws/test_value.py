"""V is convex, its slope is f - g, and what a lie costs is the Bregman divergence of V."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scoring_theory.catalogue import CATALOGUE, Entry
from scoring_theory.reward import Reward
from tests.support.strategies import inner_probabilities, rules


@given(found=rules(), p=inner_probabilities, q=inner_probabilities)
def test_the_cost_of_a_lie_is_the_bregman_divergence(
    found: tuple[Entry, Reward], p: float, q: float
) -> None:
    _, reward = found
    cost = reward.expected_reward(p, p) - reward.expected_reward(p, q)
    value_p, value_q = reward.expected_reward([p, q], [p, q])
    slope = reward.payoff(q, 1) - reward.payoff(q, 0)
    scale = 1 + abs(value_p) + abs(value_q) + abs(slope)
    assert cost == pytest.approx(value_p - value_q - slope * (p - q), abs=1e-12 * scale)


@pytest.mark.parametrize("key", [k for k, r in CATALOGUE.items() if r.proper == "strict"])
def test_the_slope_of_the_value_is_f_minus_g(key: str) -> None:
    """Against central differences of V, which never looks at f or g apart."""
    reward = CATALOGUE[key]()
    p, h = np.array([0.1, 0.25, 0.4, 0.6, 0.75, 0.9]), 1e-5
    slope = (reward.value(p + h) - reward.value(p - h)) / (2 * h)
    np.testing.assert_allclose(
        slope, reward.payoff(p, 1) - reward.payoff(p, 0), rtol=1e-5, atol=1e-5
    )


@given(found=rules(proper=("strict", "weak", "no")), p=st.floats(0.03, 0.97))
def test_the_slope_of_the_value_is_its_numerical_derivative(
    found: tuple[Entry, Reward], p: float
) -> None:
    """At a kink of V, or within h of one, it lies between the slopes on either side."""
    _, reward = found
    h = 1e-4
    left, at, right = reward.value([p - h, p, p + h])
    slope = float(reward.value_slope(p))
    close = 1e-6 * (1 + abs(at) + abs(slope)) / h
    assert (at - left) / h - close <= slope <= (right - at) / h + close
    if (right - 2 * at + left) / h < 0.01:  # no kink: the central difference is the derivative
        assert slope == pytest.approx((right - left) / (2 * h), abs=0.01 + close)


@given(found=rules(proper=("strict", "weak", "no")), p=inner_probabilities, q=inner_probabilities)
def test_the_value_is_convex_even_for_foils(
    found: tuple[Entry, Reward], p: float, q: float
) -> None:
    _, reward = found
    left, middle, right = reward.value([p, (p + q) / 2, q])
    assert middle <= (left + right) / 2 + 1e-9 * (1 + abs(left) + abs(right))
