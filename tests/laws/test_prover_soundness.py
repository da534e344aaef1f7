"""No verdict on a random reward is wrong: proofs are attacked on a dense grid, counterexamples recomputed in 50 digits.

The numbers of a report (margin, critical weight, failure thresholds, range) are held to bisection on the same grid.
"""

from __future__ import annotations

import math
import random
import time
from collections import Counter
from collections.abc import Callable
from fractions import Fraction

import mpmath
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mpmath import mp, mpf

from scoring_theory.optimality import Report, check
from scoring_theory.prover.engine import Decided, Prover
from scoring_theory.verdict import Quantity
from tests.proofs.brute_force import DIGITS, NUDGE, Truth, contradiction
from tests.proofs.strategies import Case, case, cases

CLOSE = mpf(10) ** -10


def decisions(formula: str, domains: dict[str, str]) -> list[Decided]:
    prover = Prover(formula, domains)
    return [prover.proper, prover.strict, prover.jointly_optimal, prover.accuracy]


def wrong(found: list[Decided]) -> str:
    """The first certificate that brute force contradicts."""
    certificates = [d.certificate for d in found if d.certificate]
    return next((why for certificate in certificates if (why := contradiction(certificate))), "")


def consistent(found: list[Decided]) -> bool:
    """A verdict has a certificate or a reason, and the verdicts do not quarrel."""
    proper, strict, joint, accuracy = (d.decision for d in found)
    told = all(d.certificate if d.decision != "undecided" else d.reason for d in found)
    order = not (proper == "refuted" and "proved" in (strict, joint)) and not (
        proper == "undecided" and strict == "proved"
    )
    return told and order and not (joint == "proved" and accuracy == "refuted")


@settings(max_examples=30)
@given(cases)
def test_no_verdict_is_wrong(drawn: Case) -> None:
    _, formula, domains = drawn
    found = decisions(formula, domains)
    assert consistent(found)
    assert not wrong(found)


@pytest.mark.parametrize("seed", range(40))
def test_no_verdict_is_wrong_on_fixed_draws(seed: int) -> None:
    _, formula, domains = case(random.Random(7_000 + seed))
    found = decisions(formula, domains)
    assert consistent(found)
    assert not wrong(found)


def bisect(above: Callable[[mpf], bool]) -> mpf:
    """Where a condition that fails below and holds above changes."""
    low, high = mpf(0), mpf(1)
    for _ in range(120):
        middle = (low + high) / 2
        low, high = (low, middle) if above(middle) else (middle, high)
    return high


def payoff(truth: Truth, q: mpf, correct: int) -> mpf:
    exact = Fraction(int(mp.floor(q * mpf(2) ** 140)), 1 << 140)
    return truth.payoff(exact, correct)


def near_zero(truth: Truth) -> mpf:
    """R(0+, 1), for payoffs that do not change their branch below 10^-9."""
    return truth.payoff(NUDGE**2, 1)


def agrees(told: Quantity | None, true: mpf) -> bool:
    if told is None:
        return True
    if mp.isinf(true) or math.isinf(told.value):
        return bool(told.value == float(true)) or bool(abs(true) > 100)
    return bool(abs(mpf(told.value) - true) <= CLOSE * (1 + abs(true)))


def numbers_agree(report: Report, truth: Truth) -> bool:
    """Margin, weight, thresholds and range of a proper reward, each recomputed by bisection."""
    nothing = truth.payoff(Fraction(0), 0)
    with mpmath.workdps(220):
        margin = near_zero(truth) - nothing
        margin = margin if margin > -100 else -mp.inf  # a logarithm
    rises = bisect(lambda p: payoff(truth, p, 1) >= payoff(truth, p, 0))
    back = bisect(lambda p: p * payoff(truth, p, 1) + (1 - p) * payoff(truth, p, 0) >= nothing)
    checks = [agrees(report.accuracy_margin, margin)]
    checks.append(agrees(report.critical_weight, 1 / (1 - margin) if margin < 1 else mp.inf))
    checks.append(agrees(report.local_failure_below, rises))
    checks.append(agrees(report.global_failure_below, back))
    payoffs = [truth.payoff(q, c) for q in truth.grid for c in (0, 1)]
    if report.range is not None:
        checks += [agrees(report.range[0], min(payoffs)), agrees(report.range[1], max(payoffs))]
    return all(checks)


def smooth_at_zero(formula: str) -> bool:
    return not any(word in formula for word in ("^(1/2)", "^(1/3)", "sqrt", "beta", "log", "(q < 1/1000000)"))


@settings(max_examples=25)
@given(st.randoms(use_true_random=False))
def test_numbers_of_proper_rewards(rng: random.Random) -> None:
    _, formula, domains = case(rng)
    if domains:
        return
    report = check(formula)
    if report.proper.status == "proved":
        with mpmath.workdps(DIGITS):
            truth = Truth(formula, {})
            assert agrees(
                report.accuracy_margin, near_zero(truth) - truth.payoff(Fraction(0), 0)
            ) or not smooth_at_zero(formula)


NUMBERS = [
    "c - 2*(q - c)^2", "c - 5*(q - c)^2", "c/2 - (q - c)^2", "c + c*log(q) + (1 - c)*log(1 - q)",
    "2*c + c*log(q) + (1 - c)*log(1 - q)",
    "c + 3*(q > 1/5)*(c - 1/5) - 3*(q - c)^2", "c - 2*(clip(q, 1/10, 4/5) - c)^2",
    "c - 3*(c*q^2 + (1 - c)*(1 - q)^2 - 1)*0 - 3*(q - c)^2",
    "c + 3*((c*q + (1 - c)*(1 - q))/sqrt(q^2 + (1 - q)^2))", "c/4 + c*(q - q^2/2) - (1 - c)*q^2/2 - c/2",
    "c - (q - c)^2",
    "c + 2*(c*(q - 1) + (1 - c)*(q + log(1 - q)))", "3*(q > 1/2)*(c - 1/2) - 3*(q - c)^2",
    "-(q > 1/5)*(1/5 - c) - c/2", "c*(q - 1)",
    "c + 0.6*(3*(c*q^2 + (1 - c)*(1 - q)^2) - 2*(q^3 + (1 - q)^3))",
    "c/3 + c*beta_cdf(q, 2, 3) - 2/5*beta_cdf(q, 3, 3) - c/2",
    "c + 1/4*(c*log(clip(q, 1/100, 99/100)) + (1 - c)*log(1 - clip(q, 1/100, 99/100)))",
    "c + 1/5*(c*log(clip(q, 1/100, 99/100)) + (1 - c)*log(1 - clip(q, 1/100, 99/100)))",
]  # fmt: skip


@pytest.mark.parametrize("formula", NUMBERS)
def test_margin_weight_thresholds_and_range_against_bisection(formula: str) -> None:
    report = check(formula)
    with mpmath.workdps(DIGITS):
        truth = Truth(formula, {})
        if formula == "c*(q - 1)":
            assert report.proper.status == "refuted"
            return
        assert report.proper.status == "proved"
        assert numbers_agree(report, truth)


@pytest.mark.parametrize("k", [3, 6, 9, 12])
def test_both_sides_of_the_boundary(k: int) -> None:
    """Brier, spherical, cubic and clipped log a hair inside and a hair beyond their critical weights."""
    small = Fraction(1, 10**k)
    spherical = "(c*q + (1 - c)*(1 - q))/sqrt(q^2 + (1 - q)^2)"
    cubic = "3*(c*q^2 + (1 - c)*(1 - q)^2) - 2*(q^3 + (1 - q)^3)"
    for rule, critical in (("-(q - c)^2", Fraction(1)), (spherical, Fraction(1)), (cubic, Fraction(1, 3))):
        inside, beyond = (check(f"c + {critical + side}*({rule})") for side in (-small, small))
        assert check(f"c + {critical}*({rule})").jointly_optimal.status == "proved"
        assert (inside.jointly_optimal.status, beyond.jointly_optimal.status) == ("proved", "refuted")
        assert not contradiction(dict(beyond.jointly_optimal.certificate or {}))


@pytest.mark.slow
def test_soak() -> None:
    """Two thousand rewards: none wrong, at least 97 in 100 decided within five seconds of processor time."""
    outcomes: Counter[str] = Counter()
    for seed in range(2_000):
        kind, formula, domains = case(random.Random(10**6 + seed))
        start = time.process_time()
        found = decisions(formula, domains)
        fast = time.process_time() - start < 5
        assert consistent(found)
        assert not wrong(found)
        known = fast and found[0].decision != "undecided" and found[2].decision != "undecided"
        outcomes["decided" if known else f"undecided: {kind}: {found[0].reason or found[2].reason}"] += 1
    print(*sorted(outcomes.items(), key=lambda item: -item[1]), sep="\n")
    assert outcomes["decided"] >= 0.97 * 2_000
