"""Independent outcomes, advantages over the group's standard deviation: all 2^G outcomes, against
what Coq proves.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence

import pytest


def paid(q: float, correct: int) -> float:
    """RLCR, c - (q - c)^2."""
    return correct - (q - correct) ** 2


def standardised(rewards: Sequence[float]) -> float:
    """The first of them, with the standard deviation over G."""
    mean = math.fsum(rewards) / len(rewards)
    variance = math.fsum((x - mean) ** 2 for x in rewards) / len(rewards)
    return (rewards[0] - mean) / math.sqrt(variance) if variance else 0.0


def advantage(p: float, reports: Sequence[float]) -> float:
    """What the first report expects."""
    return math.fsum(
        math.prod(p if c else 1 - p for c in outcome)
        * standardised([paid(q, c) for q, c in zip(reports, outcome, strict=True)])
        for outcome in itertools.product((0, 1), repeat=len(reports))
    )


def bias(p: float, size: int) -> float:
    return p**size - (1 - p) ** size


@pytest.mark.parametrize("size", [2, 3, 5, 8])
@pytest.mark.parametrize("p", [0.1, 0.3, 0.5, 0.7])
@pytest.mark.parametrize("q0", [0.3, 0.7, 0.95])
def test_one_deviant_stays_within_the_bound(size: int, p: float, q0: float) -> None:
    """SmallSpread.v, rlcr_independent_advantage: 2 sqrt(G - 1) (q - q0) / q0."""
    for distance in (0.04, 0.01, 1e-4):
        found = advantage(p, [q0 + distance, *[q0] * (size - 1)])
        limit = math.sqrt(size - 1) * bias(p, size)
        assert abs(found - limit) <= 2 * math.sqrt(size - 1) * distance / q0 + 1e-9


def test_the_share_of_groups_that_agree_is_not_the_limit() -> None:
    """At p = 1/2 the groups that agree pull both ways alike, however many there are."""
    assert advantage(0.5, [0.5001, *[0.5] * 4]) == pytest.approx(0, abs=1e-3)
    assert 0.5**5 + 0.5**5 > 0.06


@pytest.mark.parametrize("p", [0.2, 0.6])
def test_where_right_and_wrong_are_paid_alike_the_linear_rule_is_exact(p: float) -> None:
    """SmallSpread.v, rlcr_zero_is_stable: a population at 0, a deviant at any distance."""
    for q in (0.05, 0.5, 1.0):
        assert advantage(p, [q, 0, 0, 0, 0]) == pytest.approx(2 * (2 * p - 1), abs=1e-12)


@pytest.mark.parametrize("p", [0.3, 0.8])
def test_a_population_tends_to_the_linear_rule(p: float) -> None:
    """Populations.v, independent_population_limit."""
    spread = [0.3, -1.0, 2.0, 0.7]
    for first in range(4):
        order = [spread[first], *spread[:first], *spread[first + 1 :]]
        found = advantage(p, [0.4 + 1e-6 * z for z in order])
        assert found == pytest.approx(bias(p, 4) * standardised(order), abs=1e-4)
