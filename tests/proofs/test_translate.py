"""The kernel's value of a formula is that of brute force, on pieces, at points and at the ends."""

from __future__ import annotations

import random
from fractions import Fraction
from math import factorial, prod

import mpmath
import pytest
from hypothesis import given
from hypothesis import strategies as st
from mpmath import mp, mpf

from proofs.kernel.enclosures import enclose
from proofs.kernel.formula import FormulaError, parse_domain
from proofs.kernel.functions import beta_constant
from proofs.kernel.intervals import Undetermined
from proofs.kernel.limits import Infinity, Limit
from proofs.kernel.normal_form import Expression, Rejected, const
from proofs.kernel.signs import Region, is_positive
from proofs.kernel.subject import Subject
from tests.support.brute_force import NUDGE, Truth, inside, number
from tests.support.examples import examples
from tests.support.random_rewards import case

QUESTIONS = [
    Fraction(x) for x in ("0", "1", "1/2", "1/3", "2/7", "9/10", "1/100", "999999/1000000")
]


def payoff(formula: str, q: str, correct: int = 1, **domains: str) -> Limit:
    return Subject(formula, domains).payoff(const(Fraction(q)), correct)


def exact(formula: str, q: str, correct: int = 1, **domains: str) -> Fraction | Infinity | None:
    found = payoff(formula, q, correct, **domains)
    return found.constant() if isinstance(found, Expression) else found


@examples(150)
@given(st.randoms(use_true_random=False), st.sampled_from(QUESTIONS), st.sampled_from([0, 1]))
def test_payoffs_agree_with_brute_force(rng: random.Random, q: Fraction, correct: int) -> None:
    _, formula, domains = case(rng)
    subject = Subject(formula, domains)
    values = {name: rng.choice(inside(d)) for name, d in subject.domains.items()}
    try:
        found = subject.bind({k: str(v) for k, v in values.items()}).payoff(const(q), correct)
        ends = enclose(found, None, 256).ends() if isinstance(found, Expression) else None
    except (Rejected, Undetermined):
        return
    with mpmath.workdps(50):
        truth = Truth(formula, domains, values)
        true = truth.payoff(q, correct)
        if mp.isnan(true):
            return
        if ends is None:
            sign = 1 if found is Infinity.POSITIVE else -1
            # A logarithm is only -230 at a distance of 1e-100, and twice that at its square.
            further = sign * (truth.beside(q, correct, NUDGE**2) - true) if abs(true) < 1e15 else 0
            assert sign * true > mpf(10) ** 15 or further > 100
        else:
            slack = mpf(10) ** -25 * (1 + abs(true))
            assert number(ends[0]) - slack <= true <= number(ends[1]) + slack


@pytest.mark.parametrize(
    ("formula", "q", "expected"),
    [
        ("clip(q, 1/4, 3/4)", "0", "1/4"),
        ("clip(q, 1/4, 3/4)", "1", "3/4"),
        ("clip(q, 1/4, 3/4)", "1/2", "1/2"),
        ("clip(q, 3/4, 1/4)", "1/2", "1/4"),
        ("max(q, 1/2)", "1/2", "1/2"),
        ("min(q, 1 - q, 1/3)", "1/2", "1/3"),
        ("max(q, 1 - q, 1/3)", "1/4", "3/4"),
        ("abs(q - 1/2)", "1/4", "1/4"),
        ("abs(q - 1/2)", "1/2", "0"),
        ("(q > 0)", "0", "0"),
        ("(q >= 0)", "0", "1"),
        ("(q == 1)", "1", "1"),
        ("(q != 1)", "1", "0"),
        ("(q == 1)", "999/1000", "0"),
        ("q^0", "0", "1"),
        ("q*log(q)", "0", "0"),
        ("(q > 0)*log(q)", "0", "0"),
        ("5 if q == 0 else 1/q", "0", "5"),
        ("(q == 0)/(q + (q == 0))", "0", "1"),
        ("c*q + (1 - c)*log(0*q)", "1", "1"),
        ("q^q", "0", "1"),
        ("min(log(q), -5)", "1/2", "-5"),
        ("max(log(q), -5)", "0", "-5"),
        ("(log(q) < -100)", "0", "1"),
        ("(1/q > 3)", "0", "1"),
        ("(q*log(q) == 0)", "0", "1"),
        ("3 if q - 1/2 else 4", "1/2", "4"),
        ("3 if q - 1/2 else 4", "1/3", "3"),
        ("(q < 1/2 and q > 1/4)", "1/3", "1"),
        ("(q < 1/4 or q > 1/2)", "1/3", "0"),
        ("not q < 1/2", "1/3", "0"),
        ("beta_cdf(q, 2, 3)", "1/2", "11/16"),
        ("beta_cdf(q, 1, 1)", "1/3", "1/3"),
        ("beta_cdf(q, 5/2, 3/2)", "0", "0"),
        ("beta_cdf(q, 5/2, 3/2)", "1", "1"),
        ("beta_function(2, 3)", "0", "1/12"),
        ("beta_function(3, 1)", "0", "1/3"),
        ("beta_function(7/2, 1)", "0", "2/7"),
        ("beta_function(1, 2/3)", "0", "3/2"),
        ("beta_function(5/2, 2)", "0", "4/35"),
        ("(q - 1/2)^(-3)", "1/4", "-64"),
        ("(q - 1/2)^-2", "1/4", "16"),
        ("1/(q - 2)", "1", "-1"),
        ("0^(q + 1)", "1/2", "0"),
        ("sqrt(q)^2", "1/3", "1/3"),
        ("4^(1/2)", "0", "2"),
        ("(8/27)^(-2/3)", "0", "9/4"),
        ("exp(log(q)*2)", "1/3", "1/9"),
        ("log(exp(q))", "1/3", "1/3"),
        ("exp(2*log(3))", "0", "9"),
        ("sqrt(q^2)", "1/3", "1/3"),
    ],
)
def test_exact_values(formula: str, q: str, expected: str) -> None:
    assert exact(formula, q) == Fraction(expected)


@pytest.mark.parametrize(("formula", "q", "expected"),
[("log(q)", "0", "-inf"), ("1/q", "0", "inf"), ("-log(1 - q)", "1", "inf"),
                                                        ("min(1/q, 1/q + q)", "0", "inf"),
                                                        ("log(q)/q", "0", "-inf")])  # fmt: skip
def test_infinite_payoffs(formula: str, q: str, expected: str) -> None:
    assert exact(formula, q) == Infinity(expected)


@pytest.mark.parametrize(
    ("formula", "q", "domains"),
    [
        ("log(q - 1)", "1/2", {}),
        ("sqrt(q - 1/2)", "1/4", {}),
        ("1/(q - 1/2)", "1/2", {}),
        ("log(0)", "1/2", {}),
        ("1/0", "1/2", {}),
        ("(q - 1/2)^(1/2)", "1/2", {"a": "a > 0"}),
        ("0^(-1)", "1/2", {}),
        ("beta_cdf(2*q, 2, 2)", "3/4", {}),
        ("beta_cdf(-q, 2, 2)", "3/4", {}),
        ("beta_cdf(2*q, 1, 1)", "1", {}),
        ("beta_cdf(q, 0, 1)", "1/2", {}),
        ("beta_cdf(q, -1, 1)", "1/2", {}),
        ("beta_function(0, 1)", "0", {}),
        ("beta_cdf(q, q, 1)", "0", {}),
        ("1/a", "1/2", {"a": "0 <= a <= 1"}),
        ("log(a)", "1/2", {"a": "a >= 0"}),
        ("a^(1/2)", "1/2", {"a": "-1 < a < 1"}),
        ("beta_cdf(q, a, 1)", "1/2", {"a": "a >= 0"}),
        ("beta_function(10^6 + 1/2, 1/2)", "0", {}),
        ("2^1025", "0", {}),
        ("(1 + q)^65 + 2^(10^9)", "0", {}),
        ("q^(10^9)", "1/2", {}),
        ("2^(10^9 + 1/2)", "0", {}),
        ("(q > a)", "1/2", {"a": "0 < a < 1"}),
        ("abs(q - a)", "1/2", {"a": "0 < a < 1"}),
    ],
)
def test_what_has_no_value_has_none(formula: str, q: str, domains: dict[str, str]) -> None:
    if formula == "(q - 1/2)^(1/2)":
        assert exact(formula, q, **domains) == 0
        return
    with pytest.raises((Rejected, FormulaError)):
        payoff(formula, q, **domains)


def piece(formula: str, low: str, high: str, **domains: str) -> Expression:
    points = [x for x in (low, high) if x not in ("0", "1")]
    subject = Subject(formula, domains, points)
    return subject.pieces[0 if low == "0" else 1].smooth(subject.payoffs[1])


@pytest.mark.parametrize(
    ("formula", "low", "high", "domains", "same"),
    [
        ("abs(q - 1/2)", "0", "1/2", {}, "1/2 - q"),
        ("abs(q - 1/2)", "1/2", "1", {}, "q - 1/2"),
        ("max(q, t)", "0", "t", {"t": "0 < t < 1"}, "t"),
        ("max(q, t)", "t", "1", {"t": "0 < t < 1"}, "q"),
        ("(q > t)", "t", "1", {"t": "0 < t < 1"}, "1"),
        ("(q <= t)", "t", "1", {"t": "0 < t < 1"}, "0"),
        ("clip(q, t, 1 - t)", "t", "1 - t", {"t": "0 < t < 1/2"}, "q"),
        ("(q != t)", "0", "t", {"t": "0 < t < 1"}, "1"),
        ("exp(2*log(q))", "0", "1", {}, "q^2"),
        ("exp(t*log(q))", "0", "1", {"t": "t > 0"}, "q^t"),
        ("exp(-log(1 + q)/2)", "0", "1", {}, "1/sqrt(1 + q)"),
        ("exp(q + t*log(2))", "0", "1", {"t": "t > 0"}, "exp(q)*2^t"),
        ("(0 < q < 1)", "0", "1", {}, "1"),
        ("(q == 0)", "0", "1", {}, "0"),
        ("(q^2 < q)", "0", "1", {}, "1"),
        ("abs(-t)", "0", "1", {"t": "0 < t < 1"}, "t"),
        ("beta_cdf(q, 2, 1)", "0", "1", {}, "q^2"),
        ("beta_cdf(1 - q, 1, 2)", "0", "1", {}, "1 - q^2"),
        ("beta_cdf(q, 1, 1)", "0", "1", {}, "q"),
    ],
)
def test_branches_of_pieces(
    formula: str, low: str, high: str, domains: dict[str, str], same: str
) -> None:
    assert piece(formula, low, high, **domains) == piece(same, low, high, **domains)


def test_a_negative_denominator_and_either_of_two_conditions() -> None:
    assert piece("1/(q - 2)", "0", "1") == piece("-1/(2 - q)", "0", "1")
    assert piece("(q - 2)^-2", "0", "1") == piece("1/(2 - q)^2", "0", "1")
    assert piece("beta_cdf(q, 64, 1)", "0", "1") == piece("q^64", "0", "1")  # the largest degree
    either = "(q < 1/4 or q > 3/4)"
    assert [exact(either, q) for q in ("0", "1/2", "1")] == [1, 0, 1]


@pytest.mark.parametrize(
    ("formula", "domains"),
    [
        ("(lam*q > 0)", {"lam": "0 <= lam <= 1"}),
        ("(lam*q*(1 - q) != 0)", {"lam": "0 <= lam <= 1"}),
        ("1 if lam*q else 2", {"lam": "0 <= lam <= 1"}),
        ("(q > 1/2)", {}),
        ("(q > t)", {"t": "0 < t < 1"}),
        ("abs(q - t)", {"t": "0 < t < 1"}),
        ("(lam > 0)", {"lam": "0 <= lam <= 1"}),
        ("(lam == 0)", {"lam": "0 <= lam <= 1"}),
        ("((q - 1/2)^2 > 0)", {}),
        ("(q >= t)", {"t": "0 <= t < 1"}),
    ],
)
def test_a_choice_that_changes_inside_is_not_made(formula: str, domains: dict[str, str]) -> None:
    """At lam = 0 the comparison 0 < lam*q fails although lam*q >= 0 on the whole piece."""
    with pytest.raises(Rejected):
        piece(formula, "0", "1", **domains)


@given(st.integers(1, 90), st.integers(1, 90), st.sampled_from([Fraction(0), Fraction(1, 2)]))
def test_beta_constants_with_a_whole_parameter_are_rational(
    a: int, b: int, shift: Fraction
) -> None:
    """Against B(x, b) = (b - 1)! / (x (x + 1) ... (x + b - 1)), either way round."""
    x, b = a + shift, b if shift == 0 else min(b, 60)
    for first, second in ((x, Fraction(b)), (Fraction(b), x)):
        found = beta_constant(first, second, Region({})).constant()
        assert found == factorial(b - 1) / prod((x + n for n in range(b)), start=Fraction(1))


def test_a_beta_constant_below_one_keeps_its_sign() -> None:
    """B(a + 1, b) is positive for a > -1; through B(a, b), which is negative there, it once was
    not.
    """
    found = Subject("beta_function(1 + a, 1/2)", {"a": "-1/2 < a < 0"}).payoff(const(0), 1)
    region = Region(dict([parse_domain("-1/2 < a < 0")]))
    assert isinstance(found, Expression)
    assert is_positive(found, region)
    assert not is_positive(-found, region)
