"""Honesty is a best report: exactly where the rule is rational, to rounding for the others."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from proofs.kernel.formula import Number, substitute
from proofs.trees import fold, number
from scoring_theory.catalogue import CATALOGUE, Entry, threshold_bet, winkler
from scoring_theory.reward import Reward
from tests.support.strategies import (
    inner_probabilities,
    probabilities,
    rational_probabilities,
    rules,
    threshold_distributions,
)

RATIONAL = (
    "brier",
    "winkler",
    "threshold_bet",
    "confidence_target",
    "nemo_gym_abstention",
    "zero_one",
    "binary",
    "rlcr",
    "brier_k",
    "truthrl",
)


def exact_expected(reward: Reward, p: Fraction, q: Fraction) -> Fraction:
    """U(p, q) in rational arithmetic, by folding the tree; no float is involved."""
    total = Fraction(0)
    for chance, side in ((p, reward.on_correct), (1 - p, reward.on_wrong)):
        value = fold(substitute(side, {"q": number(q)}))
        assert isinstance(value, Number), value
        total += chance * value.value
    return total


@given(found=rules(), p=rational_probabilities, q=rational_probabilities)
def test_rational_rules_are_proper_exactly(
    found: tuple[Entry, Reward], p: Fraction, q: Fraction
) -> None:
    rule, reward = found
    whole_power = rule.key == "power" and reward.domains["alpha"].low in (2, 3, 4, 5, 6)
    if rule.key not in RATIONAL and not whole_power:
        return
    honest, other = exact_expected(reward, p, p), exact_expected(reward, p, q)
    assert other <= honest
    assert rule.proper != "strict" or p == q or other < honest


@given(distribution=threshold_distributions(), p=rational_probabilities, q=rational_probabilities)
def test_mixtures_of_threshold_bets_are_proper_exactly(
    distribution, p: Fraction, q: Fraction
) -> None:
    reward = distribution.to_reward()
    honest, other = exact_expected(reward, p, p), exact_expected(reward, p, q)
    assert other <= honest
    assert not distribution.strict or p == q or other < honest


@given(found=rules(), p=probabilities, q=probabilities)
def test_no_report_beats_honesty(found: tuple[Entry, Reward], p: float, q: float) -> None:
    _, reward = found
    honest, other = reward.expected_reward(p, [p, q])
    assert other <= honest + 1e-12 * (1 + abs(honest))


@given(found=rules(proper=("strict",)), p=inner_probabilities, q=inner_probabilities)
def test_a_strict_rule_punishes_every_other_report(
    found: tuple[Entry, Reward], p: float, q: float
) -> None:
    _, reward = found
    if abs(p - q) < 0.05:
        return
    honest, other = reward.expected_reward(p, [p, q])
    assert other < honest


@pytest.mark.parametrize("key", [k for k, r in CATALOGUE.items() if r.proper == "weak"])
def test_a_weak_rule_has_a_tie(key: str) -> None:
    reward = CATALOGUE[key]()
    low, high = (1e-4, 5e-4) if key in ("clipped_log", "rewarding_doubt") else (0.1, 0.3)
    honest, other = reward.expected_reward(low, [low, high])
    assert honest == pytest.approx(other, rel=1e-15, abs=1e-15)


@pytest.mark.parametrize("key", [k for k, r in CATALOGUE.items() if r.proper == "no"])
def test_every_foil_is_beaten_by_a_lie(key: str) -> None:
    reward = CATALOGUE[key]()
    p = np.concatenate([np.linspace(0.001, 0.999, 334), [0.0101]])
    gains = reward.value(p) - reward.expected_reward(p, p)
    assert gains.max() > (1e-7 if key == "rlcr_code" else 1e-5)  # its terms for logging weigh 1e-6


@given(
    r=st.fractions(Fraction(1, 10), Fraction(9, 10), max_denominator=10), p=rational_probabilities
)
def test_winkler_value_is_the_scaled_square(r: Fraction, p: Fraction) -> None:
    """V(p) = (p - r)^2 / (1-r)^2 above the baseline, / r^2 below: worked out by hand from the 1994
    definition.
    """
    divisor = (1 - r) ** 2 if p >= r else r**2
    assert exact_expected(winkler(r=r), p, p) == (p - r) ** 2 / divisor


@given(t=st.fractions(0, Fraction(9, 10), max_denominator=10), p=rational_probabilities)
def test_a_bet_is_worth_its_option(t: Fraction, p: Fraction) -> None:
    assert exact_expected(threshold_bet(t=t), p, p) == max(Fraction(0), p - t)
