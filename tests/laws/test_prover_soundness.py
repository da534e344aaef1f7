"""No verdict on a random reward is wrong: proofs are attacked on a grid, counterexamples recomputed
in 50 digits.
"""

from __future__ import annotations

import random
from collections import Counter
from fractions import Fraction
from functools import partial

import pytest
from hypothesis import given

from proofs.search.prover import MAX_SEARCH_WORK, Decided
from scoring_theory.checking import check
from tests.support.brute_force import contradiction
from tests.support.effort import within
from tests.support.examples import examples
from tests.support.random_rewards import Case, case, cases
from tests.support.soundness import consistent, decisions, wrong


@examples(30)
@given(cases)
def test_no_verdict_is_wrong(drawn: Case) -> None:
    _, formula, domains = drawn
    found = decisions(formula, domains)
    assert consistent(found)
    assert not wrong(found)


@pytest.mark.parametrize(
    "seed", [*range(6), *(pytest.param(n, marks=pytest.mark.slow) for n in range(6, 40))]
)
def test_no_verdict_is_wrong_on_fixed_draws(seed: int) -> None:
    _, formula, domains = case(random.Random(7_000 + seed))
    found = decisions(formula, domains)
    assert consistent(found)
    assert not wrong(found)


@pytest.mark.parametrize("k", [3, 6, 9, 12])
def test_both_sides_of_the_boundary(k: int) -> None:
    """Brier, spherical, cubic and clipped log a hair inside and a hair beyond their critical
    weights.
    """
    small = Fraction(1, 10**k)
    spherical = "(c*q + (1 - c)*(1 - q))/sqrt(q^2 + (1 - q)^2)"
    cubic = "3*(c*q^2 + (1 - c)*(1 - q)^2) - 2*(q^3 + (1 - q)^3)"
    for rule, critical in (
        ("-(q - c)^2", Fraction(1)),
        (spherical, Fraction(1)),
        (cubic, Fraction(1, 3)),
    ):
        inside, beyond = (check(f"c + {critical + side}*({rule})") for side in (-small, small))
        assert check(f"c + {critical}*({rule})").jointly_optimal.status == "proved"
        assert (inside.jointly_optimal.status, beyond.jointly_optimal.status) == (
            "proved",
            "refuted",
        )
        assert not contradiction(dict(beyond.jointly_optimal.certificate or {}))


def decided(found: list[Decided], formula: str, domains: dict[str, str]) -> None:
    found += decisions(formula, domains)


@pytest.mark.slow
@pytest.mark.parametrize("count", [300, pytest.param(2_000, marks=pytest.mark.study)])
def test_thousands_of_rewards(count: int) -> None:
    """None wrong, at least 97 in 100 decided within the work that one search has."""
    outcomes: Counter[str] = Counter()
    for seed in range(count):
        kind, formula, domains = case(random.Random(10**6 + seed))
        found: list[Decided] = []
        fast = within(MAX_SEARCH_WORK, partial(decided, found, formula, domains))
        assert consistent(found)
        assert not wrong(found)
        known = fast and found[0].decision != "undecided" and found[2].decision != "undecided"
        outcomes[
            "decided" if known else f"undecided: {kind}: {found[0].reason or found[2].reason}"
        ] += 1
    print(*sorted(outcomes.items(), key=lambda item: -item[1]), sep="\n")
    assert outcomes["decided"] >= 0.97 * count
