"""One-sided limits at q = 0 and q = 1."""

from __future__ import annotations

from fractions import Fraction

import mpmath
import pytest
from hypothesis import given
from hypothesis import strategies as st
from mpmath import mp, mpf

from proofs.kernel.enclosures import enclose
from proofs.kernel.formula import parse, parse_domain
from proofs.kernel.limits import Infinity, limit
from proofs.kernel.normal_form import ONE, ZERO, Expression, Rejected, expand
from proofs.kernel.signs import Region
from proofs.kernel.translate import Translator
from proofs.trees import branch
from tests.support.brute_force import evaluate
from tests.support.examples import examples

INF, MINUS = Infinity.POSITIVE, Infinity.NEGATIVE


def found(text: str, end: str, *domains: str) -> object:
    known = dict(parse_domain(domain) for domain in domains)
    region = Region(known)
    result = limit(
        Translator(region).smooth(parse(text, known)), ZERO if end == "0" else ONE, region
    )
    return result if isinstance(result, Infinity) else expand(result)


def value(text: str, *domains: str) -> object:
    known = dict(parse_domain(domain) for domain in domains)
    return expand(Translator(Region(known)).smooth(parse(text, known)))


@pytest.mark.parametrize(
    ("text", "at_0", "at_1"),
    [
        ("q", "0", "1"),
        ("3 - q^2", "3", "2"),
        ("log(q)", MINUS, "0"),
        ("log(1 - q)", "0", MINUS),
        ("-log(q)^2", MINUS, "0"),
        ("log(q)^2", INF, "0"),
        ("q*log(q)", "0", "0"),
        ("sqrt(q)*log(q)^5", "0", "0"),
        ("1/q", INF, "1"),
        ("-1/q", MINUS, "-1"),
        ("1/q + log(q)", INF, "1"),
        ("log(q) - 1/sqrt(q)", MINUS, "-1"),
        ("1/q^2 - 5/q", INF, "-4"),
        ("1/(1 - q)", "1", INF),
        ("log(1 - q)/q", "-1", MINUS),
        ("log(q)/(1 - q)", MINUS, "-1"),
        ("log(1 - q)^2/q^2", "1", INF),
        ("sqrt(q*(1 - q))", "0", "0"),
        ("log(q)*log(1 - q)", "0", "0"),
        ("log(q)^2*log(1 - q)", "0", "0"),
        ("(1 - q)/sqrt(1 - q)", "1", "0"),
        ("q^(1/2)/(1 - q)^(1/2) - q^(3/2)/(1 - q)^(1/2)", "0", "0"),
        ("1/(1 - q) - q/(1 - q)", "1", "1"),
        ("sqrt(1 + q)", "1", "sqrt(2)"),
        ("log(2 + q)", "log(2)", "log(3)"),
        ("exp(q)", "1", "exp(1)"),
        ("exp(-2*q)", "1", "exp(-2)"),
        ("q^q", "1", "1"),
        ("exp(q*log(q))*3", "3", "3"),
        ("q/(q^2 + (1 - q)^2)", "0", "1"),
        ("q^(1/3)/q", INF, "1"),
        ("beta_cdf(q, 3/2, 2)", "0", "1"),
        ("beta_cdf(q, 3/2, 2)/q^(3/2)", "5/2", "1"),
        ("beta_cdf(q, 1/2, 2)/q^(1/2)", "3/2", "1"),
        ("beta_cdf(q, 3/2, 2)^2/q^3", "25/4", "1"),
        ("beta_cdf(q, 3/2, 2)/q^2", INF, "1"),
        ("q^0", "1", "1"),
        ("log(1 + q)*log(2)", "0", "log(2)^2"),
    ],
)
def test_limits(text: str, at_0: str | Infinity, at_1: str | Infinity) -> None:
    for end, expected in (("0", at_0), ("1", at_1)):
        assert found(text, end) == (value(expected) if isinstance(expected, str) else expected)


@pytest.mark.parametrize(
    ("text", "domains", "at_0", "at_1"),
    [
        ("lam*log(q)", ["lam > 0"], MINUS, "0"),
        ("lam*log(q)", ["lam < 0"], INF, "0"),
        ("q^a", ["a > 0"], "0", "1"),
        ("q^(a - 1)", ["0 < a < 1"], INF, "1"),
        ("q^(a - 1)", ["a > 1"], "0", "1"),
        ("a*q + lam", ["a > 0", "lam"], "lam", "a + lam"),
        ("beta_cdf(q, a, 2)/q^a", ["a > 0"], "a*(a + 1)/a", "1"),
    ],
)
def test_limits_with_parameters(
    text: str, domains: list[str], at_0: str | Infinity, at_1: str | Infinity
) -> None:
    for end, expected in (("0", at_0), ("1", at_1)):
        assert found(text, end, *domains) == (
            value(expected, *domains) if isinstance(expected, str) else expected
        )


@pytest.mark.parametrize(
    ("text", "end", "domains"),
    [
        ("1/q - 1/(q*sqrt(1 + q))", "0", []),
        ("log(q) - log(q)*sqrt(1 + q)", "0", []),
        ("log(1 - q)/q^2 + 1/q", "0", []),
        ("1/log(2 - q)", "1", []),
        ("sqrt(1 - log(q))", "0", []),
        ("exp(1/q)", "0", []),
        ("exp(log(q)^2)", "0", []),
        ("log(q)^(1/2)", "0", []),
        ("1/log(1/q)", "0", []),
        ("lam*log(q)", "0", ["0 <= lam <= 1"]),
        ("lam/q", "0", ["-1 <= lam <= 1"]),
        ("q^a - q^(-b)", "0", ["0 < a", "-1 < b < 1"]),
        ("q^(-a) - q^(-b)", "0", ["a > 0", "b > 0"]),
        ("q^(a - 1)", "0", ["a >= 1"]),
        ("sqrt(q + q^2)/sqrt(q)", "0", ["a > 0"]),
        ("log(beta_cdf(q, 3/2, 2))", "0", []),
        ("1/beta_cdf(q, 3/2, 2)", "0", []),
    ],
)
def test_what_is_not_decided_is_refused(text: str, end: str, domains: list[str]) -> None:
    if text.startswith("sqrt(q + q^2)"):  # the root of q divides out
        assert found(text, end, *domains) == value("1")
        return
    with pytest.raises(Rejected):
        found(text, end, *domains)


PARTS = [
    "q",
    "1 - q",
    "sqrt(q)",
    "(1 - q)^(3/2)",
    "log(q)",
    "log(1 - q)",
    "1/q",
    "1/sqrt(1 - q)",
    "1 + q",
    "exp(q)",
    "1/(2 + q)",
    "sqrt(q^2 + (1 - q)^2)",
    "log(3 - q)",
    "beta_cdf(q, 3/2, 1/2)",
]


@examples(250)
@given(
    st.lists(
        st.tuples(
            st.sampled_from([-2, -1, 1, 2, 3]),
            st.lists(st.sampled_from(PARTS), min_size=1, max_size=3),
        ),
        min_size=1,
        max_size=3,
    ),
    st.sampled_from("01"),
)
def test_limits_agree_with_values_close_to_the_end(
    terms: list[tuple[int, list[str]]], end: str
) -> None:
    text = " + ".join(f"({x})*{'*'.join(f'({part})' for part in parts)}" for x, parts in terms)
    try:
        result = found(text, end)
    except Rejected:
        return
    with mpmath.workdps(400):
        near = [mpf(10) ** -k for k in (60, 120)]
        values = [
            evaluate(branch(parse(text), 1), {}, {"q": z if end == "0" else 1 - z}) for z in near
        ]
        if isinstance(result, Infinity):
            sign = 1 if result is INF else -1
            assert sign * values[0] > 20
            assert sign * values[1] > sign * values[0]
            return
        assert isinstance(result, Expression)
        inside = enclose(result, None, 256)
        low, high = (mpf(x.numerator) / x.denominator for x in inside.ends())
        assert low - mpf(10) ** -12 <= values[1] <= high + mpf(10) ** -12
        assert abs(values[1] - low) <= abs(values[0] - low) + mpf(10) ** -30


def test_no_limit_hides_a_constant() -> None:
    """Half the rate of a Beta distribution function at 0 is not its rate."""
    assert found("beta_cdf(q, 3/2, 2)/q^(3/2) - 5/2", "0") == value("0")
    assert Fraction(5, 2) == 1 / (
        Fraction(3, 2) * Fraction(4, 15)
    )  # 1 / (a B(a, 2)) with B(3/2, 2) = 4/15
    with mpmath.workdps(20):
        assert mp.almosteq(mp.beta(1.5, 2), mpf(4) / 15)
