"""Teeth: planted mistakes must be rejected by the same tests that the catalogue passes."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest

from proofs.kernel.formula import parse
from proofs.trees import names
from scoring_theory.catalogue import CATALOGUE, Entry
from scoring_theory.checking import check
from scoring_theory.reward import Reward

GRID = np.linspace(0.002, 0.998, 250)


def is_proper(reward: Reward) -> bool:
    gain = reward.value(GRID) - reward.expected_reward(GRID, GRID)
    return bool(gain.max() <= 1e-9)


def is_safe(score: Reward, weight: float) -> bool:
    p = np.concatenate([[0.0], np.geomspace(1e-5, 1, 200)])
    return bool((np.diff(p + weight * score.expected_reward(p, p)) >= -1e-12).all())


def has_nonnegative_density(reward: Reward) -> bool:
    """Schervish's test: both payoffs belong to one density, which is nowhere negative."""
    return check(reward).threshold_density is not None


def planted() -> list[tuple[str, str]]:
    """Proper formulas with one slip each."""
    return [
        ("Brier with the sign lost", "(q - c)^2"),
        ("Brier of the square root", "-(sqrt(q) - c)^2"),
        ("Brier with a tilt of a thousandth", "-(q - c)^2 + q/1000"),
        ("log with two bases", "c*log(q)/log(2) + (1 - c)*log(1 - q)"),
        ("log of the wrong side", "c*log(1 - q) + (1 - c)*log(q)"),
        ("spherical without the root", "(c*q + (1 - c)*(1 - q))/(q^2 + (1 - q)^2)"),
        ("spherical with a norm of one side", "(c*q + (1 - c)*(1 - q))/sqrt(q^2 + 1)"),
        ("power with the wrong constant", "c*3*q^2 + (1 - c)*3*(1 - q)^2 - 3*(q^3 + (1 - q)^3)"),
        ("bet with a stake that is not the threshold", "(c - 1/2)*(q > 3/4)"),
        ("target with penalty 2 at 3/4", "(c - 2*(1 - c))*(q > 3/4)"),
        ("one-sided with the wrong side halved", "c*q + (1 - c)*(q + log(1 - q))/2"),
        ("boosting without the roots", "-(c*(1 - q)/q + (1 - c)*q/(1 - q))"),
        ("Winkler with one divisor", "((3/10 - c)^2 - (q - c)^2)/(1/2 + c/2)"),
        ("overconfidence with swapped constants", "((1 + 2*c)*log(1 + 3*q) - 3*q)"),
    ]


@pytest.mark.parametrize(("slip", "formula"), planted(), ids=[slip for slip, _ in planted()])
def test_a_planted_slip_is_improper(slip: str, formula: str) -> None:
    reward = Reward.parse(formula)
    assert not is_proper(reward)
    assert not has_nonnegative_density(reward)


@pytest.mark.parametrize(
    "rule", [r for r in CATALOGUE.values() if r.proper == "no"], ids=lambda r: r.key
)
def test_no_foil_passes_for_proper(rule: Entry) -> None:
    assert not is_proper(rule())


@pytest.mark.parametrize(
    "rule", [r for r in CATALOGUE.values() if r.proper != "no"], ids=lambda r: r.key
)
def test_the_same_test_passes_the_proper_ones(rule: Entry) -> None:
    assert is_proper(rule())
    assert has_nonnegative_density(rule())


@pytest.mark.parametrize(
    "key",
    ["brier", "spherical", "pseudospherical", "power", "beta_family", "winkler", "clipped_log"],
)
def test_a_critical_weight_that_is_five_percent_too_large_is_caught(key: str) -> None:
    rule = CATALOGUE[key]
    values = {
        name: float(low)
        for name, domain in rule().domains.items()
        if (low := domain.low) is not None
    }
    used = {name: values[name] for name in names(parse(rule.critical_weight or "", values))}
    exact = float(Reward.parse(rule.critical_weight or "", parameters=used).payoff(0, 0))
    assert is_safe(rule(), 0.999 * exact)
    assert not is_safe(rule(), 1.05 * exact)


def test_a_claim_is_not_believed() -> None:
    """A foil that calls itself proper is still a foil: the laws look at payoffs, not at claims."""
    liar = replace(CATALOGUE["linear"], proper="strict", critical_weight="1")
    assert not is_proper(liar())


def test_clipping_the_report_and_flooring_the_logarithm_are_different_mistakes() -> None:
    """Clipping stays weakly proper; the floor pays for a more extreme report below eps."""
    eps, p = Fraction(1, 100), 0.003
    assert is_proper(CATALOGUE["clipped_log"](eps=eps))
    floored = CATALOGUE["floored_log"](eps=eps)
    assert floored.expected_reward(p, 0.0) > floored.expected_reward(p, p)
