"""The search: the cases that the theory names are decided, the rest is refused with a reason and in
time.
"""

from __future__ import annotations

import math
from contextlib import suppress
from fractions import Fraction

import mpmath
import pytest
from hypothesis import given
from hypothesis import strategies as st

from proofs.floats import in_floats, nearest
from proofs.kernel.formula import parse, parse_domain
from proofs.kernel.limits import NEGATIVE_INFINITY
from proofs.kernel.normal_form import ONE, ZERO, Expression, Rejected, const, is_zero, limited
from proofs.kernel.signs import Region
from proofs.kernel.subject import Subject
from proofs.kernel.translate import Translator
from proofs.kernel.verifier import verify
from proofs.search.as_text import decimal, midpoint, quantity, to_text
from proofs.search.breakpoints import breakpoints
from proofs.search.find_evidence import find_evidence
from proofs.search.prover import MAX_SEARCH_WORK, Prover
from proofs.search.roots import (
    common_divisor,
    polynomial_division,
    polynomial_value,
    product,
    rational_roots,
    slope,
    square_free_split,
)
from proofs.search.samples import candidates, sample_values
from proofs.search.tidy import tidy
from tests.support.effort import calls
from tests.support.examples import examples
from tests.support.random_rewards import PSEUDOSPHERICAL, from_weight

LOG_WEIGHT = (
    "c*(q - q^2/2 + {k}*(q^2*log(q)/2 - q^2/4 - q^3*log(q)/3 + q^3/9)) - (1 - c)*(q^2/2 +"
    " {k}*(q^3*log(q)/3 - q^3/9))"
)
"""The rule with weight w(t) = 1 + k t log t."""


def decisions(formula: str, **domains: str) -> tuple[str, str, str]:
    prover = Prover(formula, domains)
    for decided in (prover.proper, prover.strict, prover.jointly_optimal, prover.accuracy):
        if decided.certificate:
            verify(decided.certificate)
        else:
            assert decided.reason
    return prover.proper.decision, prover.strict.decision, prover.jointly_optimal.decision


@pytest.mark.parametrize(
    ("k", "proper"),
    [
        ("2", "proved"),
        ("3", "refuted"),
        ("2.718281828459045", "proved"),
        ("2.718281828459046", "refuted"),
        ("-5", "proved"),
        ("0", "proved"),
    ],
)
def test_weights_with_a_logarithm(k: str, proper: str) -> None:
    """W = 1 + k t log t is least at 1/e, where it is 1 - k/e: the margins are 2e-16 and less on
    either side of e.
    """
    assert decisions(LOG_WEIGHT.format(k=k))[0] == proper


@pytest.mark.parametrize("drop", [Fraction(0), Fraction(1, 10**9), Fraction(1, 10**12)])
def test_a_weight_that_touches_zero_between_rationals(drop: Fraction) -> None:
    """(2 t^2 - 1)^2 vanishes at 1/sqrt(2); lowered, it is negative on a window as narrow as the
    root of the drop.
    """
    weight = [1 - drop, Fraction(0), Fraction(-4), Fraction(0), Fraction(4)]
    expected = ("refuted", "refuted") if drop else ("proved", "proved")
    assert decisions(from_weight(weight))[:2] == expected


def test_a_dense_weight_of_degree_22() -> None:
    weight = [Fraction(0)] * 23
    for i in range(
        23
    ):  # Bernstein coefficients 1 + (i mod 4) of degree 22, so the weight is positive
        for j in range(23 - i):
            weight[i + j] += (
                Fraction(1 + i % 4) * math.comb(22, i) * math.comb(22 - i, j) * (-1) ** j
            )
    assert decisions(f"2*c + {from_weight(weight)}")[:2] == ("proved", "proved")


@pytest.mark.parametrize(
    ("formula", "domains", "expected"),
    [
        (
            f"c + lam*{PSEUDOSPHERICAL.format(b='b')}",
            {"b": "b > 1", "lam": "0 < lam <= 1"},
            ("proved", "proved", "proved"),
        ),
        (
            f"c + lam*{PSEUDOSPHERICAL.format(b='b')}",
            {"b": "b > 1", "lam": "0 < lam <= 2"},
            ("proved", "proved", "refuted"),
        ),
        ("c - lam*(q - c)^2", {"lam": "0 < lam <= 1"}, ("proved", "proved", "proved")),
        ("c - lam*(q - c)^2", {"lam": "lam > 1"}, ("proved", "proved", "refuted")),
        ("c - lam*(q - c)^2", {"lam": "0 < lam < 1.000001"}, ("proved", "proved", "refuted")),
        (
            "c + lam*(c*log(q) + (1 - c)*log(1 - q))",
            {"lam": "lam > 0"},
            ("proved", "proved", "refuted"),
        ),
        ("(q > t)*(c - t)", {"t": "0 < t < 1"}, ("proved", "refuted", "proved")),
        ("c - (clip(q, t, 1 - t) - c)^2", {"t": "0 < t < 1/2"}, ("proved", "refuted", "proved")),
        ("c - (max(q, t) - max(c, t))^2", {"t": "0 < t < 1"}, ("refuted", "refuted", "refuted")),
        ("c - abs(q - c)", {}, ("refuted", "refuted", "refuted")),
        ("c", {}, ("proved", "refuted", "proved")),
        (
            "c*beta_cdf(q, a, b) - a/(a + b)*beta_cdf(q, a + 1, b)",
            {"a": "a > 0", "b": "b > 0"},
            ("proved", "proved", "proved"),
        ),
        (
            "c*beta_cdf(q, 3/2, 5/2) - 3/8*beta_cdf(q, 5/2, 5/2) - c/100",
            {},
            ("proved", "proved", "refuted"),
        ),
        (
            "c*beta_cdf(q, 3/2, 5/2) - 3/8*beta_cdf(q, 5/2, 5/2) + c*q/10^6",
            {},
            ("refuted", "refuted", "refuted"),
        ),
    ],
)
def test_families(formula: str, domains: dict[str, str], expected: tuple[str, str, str]) -> None:
    assert decisions(formula, **domains) == expected


@pytest.mark.parametrize("side", ["20000001/100000000", "1/5", "21762/100000", "21763/100000"])
def test_clipped_log_on_both_sides_of_its_critical_weight(side: str) -> None:
    """lam* = 1 / log((1 - e) / e), 0.217622... for e = 1/100."""
    z = "clip(q, 1/100, 99/100)"
    inside = Fraction(side) < Fraction(1) / Fraction(repr(math.log(99)))
    found = decisions(f"c + {side}*(c*log({z}) + (1 - c)*log(1 - {z}))")
    assert found == ("proved", "refuted", "proved" if inside else "refuted")


def test_many_thresholds() -> None:
    mixture = " + ".join(f"(q > {n}/100)*(c - {n}/100)" for n in range(2, 40, 4))
    assert decisions(mixture) == ("proved", "refuted", "proved")
    assert decisions(mixture.replace("c - 38/100", "c - 3801/10000"))[0] == "refuted"


@pytest.mark.parametrize(
    "extra",
    [
        "(q == 0)*c/1000", "(q == 1)*c/10^9", "(q == 1/2)*c/1000", "(q < 1/10^6)*c",
        "(q > 999999/1000000)*(c - 1)/10 + (q == 1)*c/10",
        "(q > 1/3)*(c - 0.333)/10^6", "c*q/10^8", "(1 - c)*q^9/10^6", "log(2 + q)/10^6",
    ],
)  # fmt: skip
def test_small_dishonest_gains_are_found(extra: str) -> None:
    assert decisions(f"c - (q - c)^2 + {extra}")[0] == "refuted"


@pytest.mark.parametrize(
    ("formula", "domains"),
    [
        ("c - (q - c)^2 if q*log(q) + exp(q) > 1/2 else 5", {}),
        ("(q > a)*(c - a) + (q > b)*(c - b)", {"a": "0 < a < 1", "b": "0 < b < 1"}),
        ("c + log(q - 1)", {}), ("c/0", {}), ("q^(10^9)*c", {}), ("c*q^q^q^q", {}),
    ],
)  # fmt: skip
def test_what_is_not_decided_has_a_reason(formula: str, domains: dict[str, str]) -> None:
    prover = Prover(formula, domains)
    assert prover.proper.decision != "proved"
    assert prover.proper.reason or prover.proper.decision == "refuted"


BOMBS = [
    "c*(q^400 - q^401) - (1 - c)*q^401",
    "c + " + "*".join(f"abs(q - {n}/12)" for n in range(1, 12)),
    "c - (q - c)^2*exp(exp(exp(q)))",
    "c + exp(2000*q)",
    "c*1e400*q",
    "c + " + "sqrt(1 + " * 20 + "q" + ")" * 20,
    "c + 10^(300*q)*1e300",
    "c + abs(720720*q^5 - 367567200*q^4 + 4324320)",
    "c + " + "max(" * 40 + "q" + ", 1/2)" * 40,
    "(q == 0)*exp(400)",
]


@pytest.mark.parametrize("bomb", BOMBS)
def test_no_formula_keeps_the_search_for_long(bomb: str) -> None:
    """With a hundredth of the work the search ends: what it does beside metered work is little."""
    prover = Prover(bomb, {})

    def searched() -> None:
        with limited(MAX_SEARCH_WORK // 100), suppress(Rejected):
            assert all(
                d.reason or d.certificate for d in (prover.proper, prover.strict, prover.accuracy)
            )

    assert calls(searched) < 2_000_000


@pytest.mark.parametrize(
    "bomb",
    [
        pytest.param(bomb, marks=pytest.mark.slow if i in (0, 5) else ())
        for i, bomb in enumerate(BOMBS)
    ],
)
def test_what_the_search_says_of_a_long_formula_passes_the_kernel(bomb: str) -> None:
    assert decisions(bomb)[0] in ("refuted", "undecided")


def test_a_minute_number_keeps_its_value() -> None:
    assert midpoint(const(Fraction(-1, 10**200))) == -1e-200
    tiny = Translator(Region({})).smooth(parse("exp(-400)*sqrt(2)"))
    assert midpoint(tiny) == pytest.approx(math.exp(-400) * math.sqrt(2), rel=1e-12)
    assert nearest(Fraction(10) ** 400) == math.inf
    assert nearest(-(Fraction(10) ** 400)) == -math.inf


coefficients = st.lists(st.integers(-6, 6).map(Fraction), min_size=1, max_size=5)
shares = st.fractions(Fraction(1, 20), Fraction(19, 20), max_denominator=20)


@examples(60)
@given(coefficients.filter(lambda c: any(c)), coefficients.filter(lambda c: any(c)), shares)
def test_polynomials(a: list[Fraction], b: list[Fraction], root: Fraction) -> None:
    b = b if b[-1] else [*b, Fraction(1)]
    quotient, rest = polynomial_division(a, b)
    for x in (Fraction(-2), Fraction(1, 3), Fraction(5)):
        back = polynomial_value(quotient, x) * polynomial_value(b, x) + polynomial_value(rest, x)
        assert back == polynomial_value(a, x)
        assert polynomial_value(product(a, b), x) == polynomial_value(a, x) * polynomial_value(b, x)
    factor = [-root, Fraction(1)]
    assert root in rational_roots(product(a, factor))
    assert all(0 < r < 1 and not polynomial_value(a, r) for r in rational_roots(a))
    assert polynomial_value(common_divisor(product(a, factor), factor), root) == 0
    assert len(product(a, b)) == len(a) + len(b) - 1
    g, h = square_free_split(product(product(factor, factor), a))
    assert polynomial_value(product(product(g, g), h), Fraction(2, 7)) == polynomial_value(
        product(product(factor, factor), a), Fraction(2, 7)
    )
    assert polynomial_value(g, root) == 0
    assert slope([Fraction(1), Fraction(2), Fraction(3)]) == [2, 6]


@pytest.mark.parametrize(
    ("formula", "domains", "points"),
    [
        ("abs(q - 1/3)", {}, ["1/3"]),
        ("clip(q, 1/4, 3/4)", {}, ["1/4", "3/4"]),
        ("max(q^2, 1/4)", {}, ["1/2"]),
        ("q + c", {}, []),
        ("clip(q, t, 1 - t)", {"t": "0 < t < 1/2"}, ["t", "1 - t"]),
        ("abs(abs(q - 1/2) - 1/4)", {}, ["1/4", "1/2", "3/4"]),
        ("(q > 1/2)*c + (q > 1/3)", {}, ["1/3", "1/2"]),
        ("(q == 0)*c", {}, []),
        ("(0 < q < 1/2)", {}, ["1/2"]),
        ("min(q, 1 - q, 2/5)", {}, ["2/5", "3/5"]),
    ],
)
def test_breakpoints(formula: str, domains: dict[str, str], points: list[str]) -> None:
    subject = Subject(formula, domains)
    assert {to_text(b) for b in breakpoints(subject.payoffs, subject.domains)} >= set(points)
    found = [to_text(b) for b in breakpoints(subject.payoffs, subject.domains)]
    assert Subject(formula, domains, found).points


def test_a_breakpoint_that_is_not_rational_is_refused() -> None:
    for formula in ("max(q^3, 1/3)", "max(q*log(2), q^3)", "max(q*exp(q), 1)"):
        subject = Subject(formula, {})
        with pytest.raises(
            Rejected, match=r"^for q in \(0, 1\) .* this root was not found exactly$"
        ):
            breakpoints(subject.payoffs, subject.domains)


@pytest.mark.parametrize(
    ("text", "domains"),
    [
        ("1/3 - q^2/(1 + q)", {}),
        ("sqrt(q^2 + (1 - q)^2)*log(q)", {}),
        ("a*q^(a - 1) - 2*log(1 - q)", {"a": "a > 1"}),
        ("log(3/2) - sqrt(2)", {}),
        ("exp(-2*q)/q", {}),
        ("beta_cdf(q, 3/2, 5/2)*beta_function(1/2, 3/2)", {}),
        ("q^(1/3)*(1 - q)^(-2/3)", {}),
        ("0", {}),
        ("-1", {}),
        ("log(99)/5", {}),
        ("(1 + q)^(-1/2)", {}),
        ("beta_cdf(1/3, 3/2, 5/2) + q", {}),
        ("log(1 + q)/(2 + q)^2", {}),
        ("-a/(1 + a)", {"a": "a > 0"}),
        ("log(a)*sqrt(1 + a)", {"a": "a > 1"}),
        ("2^(1/2)*3^(1/3)/7", {}),
        ("(1 - q)^a*a^(1/2)", {"a": "a > 0"}),
    ],
)
def test_expressions_read_back_from_their_text(text: str, domains: dict[str, str]) -> None:
    known = dict(parse_domain(d) for d in domains.values())
    translator = Translator(Region(known))
    expression = translator.smooth(parse(text, known))
    assert is_zero(translator.smooth(parse(to_text(expression), known)) - expression)


@pytest.mark.parametrize(
    ("low", "high", "shown"),
    [
        ("1/3", "333333333333/1000000000000", "0.333333333333"),
        ("1/8", "1/8", "0.12500000000000000"),
        ("0.2689414213", "0.2689414214", "0.268941421"),
    ],
)
def test_decimals_show_what_both_ends_share(low: str, high: str, shown: str) -> None:
    assert decimal(Fraction(low), Fraction(high)).startswith(shown[:8])


def test_quantities() -> None:
    assert quantity(NEGATIVE_INFINITY).exact == "-inf"
    assert quantity(NEGATIVE_INFINITY).value == -math.inf
    one = Translator(Region({})).smooth(parse("1 - log(2)/3"))
    assert isinstance(one, Expression)
    assert quantity(one).value == pytest.approx(1 - math.log(2) / 3, rel=1e-15)


@pytest.mark.parametrize("text", ["0 < a <= 1", "a >= 2", "a < 0", "a", "a = 3", "a in [-1, 1)"])
def test_values_to_try_lie_in_their_domain(text: str) -> None:
    domain = parse_domain(text)[1]
    tried = candidates(domain)
    assert tried
    assert all(x in domain for x in tried)
    assert all(v["a"] in domain for v in sample_values({"a": domain}))


def test_floats_of_formulas() -> None:
    text = (
        "min(q, 1/2)*exp(q) + abs(log(q)) - sqrt(q)/(2 + q)^2 + (q > 1/3) + clip(q, 1/8, 1/4) + (1"
        " if q < 1/2 else 2)"
    )
    expected = 0.5 * math.exp(0.7) + abs(math.log(0.7)) - math.sqrt(0.7) / 2.7**2 + 1 + 0.25 + 2
    assert in_floats(parse(text), {})(0.7) == pytest.approx(expected)
    assert math.isnan(in_floats(parse("1/(q - q)"), {})(0.5))
    assert in_floats(parse("log(q)"), {})(0.0) == -math.inf
    assert math.isnan(in_floats(parse("sqrt(q - 1)"), {})(0.5))
    assert math.isnan(in_floats(parse("exp(q*10^6)"), {})(1.0))
    assert math.isnan(in_floats(parse("1e400*q"), {})(1.0))
    assert in_floats(parse("not (q > 1 or q < 0) and q != 2 and q == q and q <= 1"), {})(0.5) == 1


@pytest.mark.parametrize(
    ("text", "shorter"),
    [
        ("(1 - q^2)/(1 + q)", "1 - q"),
        ("(1 + 3*q + 3*q^2 + q^3)/(1 + q)^2", "1 + q"),
        ("(1 - q^2)/(1 + q) + 2", "3 - q"),
        ("(1 - q)/(1 + q)", "(1 - q)/(1 + q)"),
    ],
)
def test_a_sum_divided_by_its_factor_is_divided_out(text: str, shorter: str) -> None:
    assert to_text(tidy(Translator(Region({})).smooth(parse(text)))) == shorter


@pytest.mark.parametrize(
    ("text", "shown"),
    [("log(q)*q", "q*log(q)"), ("log(1 - q)*q^2/3 - 1", "-1 + q^2*log(1 - q)/3"), ("2/q", "2/q")],
)
def test_logarithms_come_last_in_a_product_and_high_powers_last_in_a_sum(
    text: str, shown: str
) -> None:
    assert to_text(Translator(Region({})).smooth(parse(text))) == shown


@pytest.mark.parametrize(("a", "b"), [(2, 3), (0.5, 0.5), (1, 4), (7.5, 1.25), (30, 20)])
def test_beta_in_floats(a: float, b: float) -> None:
    """Against mpmath's incomplete Beta integral."""
    found = in_floats(parse(f"beta_cdf(q, {a}, {b}) + 1/beta_function({a}, {b})"), {})
    for x in (0.01, 0.2, 0.4999, 0.77, 0.995):
        true = mpmath.betainc(a, b, 0, x, regularized=True) + 1 / mpmath.beta(a, b)
        assert found(x) == pytest.approx(float(true), rel=1e-12)
    assert in_floats(parse(f"beta_cdf(q, {a}, {b})"), {})(0.0) == 0
    assert in_floats(parse(f"beta_cdf(q, {a}, {b})"), {})(1.0) == 1


@pytest.mark.parametrize(
    "text", ["q - 1/2", "1/2 - q", "(2*q - 1)*(q - 3)^2", "log(3/2) - q", "2 - exp(q)"]
)
def test_a_point_of_the_wrong_sign_has_it(text: str) -> None:
    region = Region({}, ZERO, ONE)
    found = find_evidence(Translator(region).smooth(parse(text)), region)
    assert found.negative_at is not None
    assert in_floats(parse(text), {})(float(found.negative_at)) < 0


@pytest.mark.parametrize(("text", "end"), [("exp(q) - 1 - q", 0), ("exp(1 - q) - 2 + q", 1)])
def test_an_end_that_is_not_resolved_is_named(text: str, end: int) -> None:
    """Both are z^2/2 next to the end, where enclosures of z hold negative numbers."""
    region = Region({}, ZERO, ONE)
    assert find_evidence(Translator(region).smooth(parse(text)), region).reason.startswith(
        f"next to q = {end}: "
    )


def test_breakpoints_in_either_order_are_refused_with_advice() -> None:
    subject = Subject("(q > a)*(c - a) + (q > b)*(c - b)", {"a": "0 < a < 1", "b": "0 < b < 1"})
    told = (
        r"^for q in \(0, a\) .* at q = b, .*; narrower domains of the parameters would settle it$"
    )
    with pytest.raises(Rejected, match=told):
        breakpoints(subject.payoffs, subject.domains)


@pytest.mark.parametrize(
    ("formula", "proper", "jointly"),
    [
        # the jump of a bet, and the corner of a maximum, at a number that is not rational
        ("(c - sqrt(1/2))*(q > sqrt(1/2))", "proved", "proved"),
        ("(c - exp(-1))*(q > exp(-1))", "proved", "proved"),
        ("(c - log(2))*(q >= log(2)) - (q - c)^2", "proved", "refuted"),
        ("c + (c - log(2))*(q >= log(2)) - (q - c)^2", "proved", "proved"),
        ("-(max(q, 1/exp(1)) - c)^2", "proved", "refuted"),
        ("c + (c - sqrt(3)/3)*(q > sqrt(3)/3) + (c - 1/2)*(q > 1/2)", "proved", "proved"),
        ("(c - 7/10)*(q > sqrt(1/2))", "refuted", "refuted"),
        ("(c - sqrt(1/2) - 10^-12)*(q > sqrt(1/2))", "refuted", "refuted"),
        ("-(c - exp(-1))*(q > exp(-1))", "refuted", "refuted"),
        ("c + (c - q)*(q^2 + q > 1)", "refuted", "refuted"),
        # a perfect square under a root, in a logarithm, in a denominator
        ("sqrt((q + 1)^2) - (q + 1) + c - (q - c)^2", "proved", "proved"),
        ("c - (q - c)^2 + log(q^2 + 2*q + 1) - 2*log(1 + q)", "proved", "proved"),
        ("c - (q - c)^2 + sqrt(4*q^2 - 12*q + 9) - (3 - 2*q)", "proved", "proved"),
        ("c - (q - c)^2 + sqrt(4*q^2 - 12*q + 9) - (2*q - 3)", "refuted", "refuted"),
        # a payoff at q = 1 that only an answer that is right for sure can have
        ("c + c*log(q) + (1 - c)*log(1 - q) + (q == 1)/10^9", "proved", "refuted"),
        ("c - (q - c)^2 + (q == 1)/10^9", "refuted", "refuted"),
        ("c + (1 - c)*log(1 - q) + (q == 0)/10^9", "refuted", "refuted"),
    ],
)  # fmt: skip
def test_families_that_were_undecided(formula: str, proper: str, jointly: str) -> None:
    prover = Prover(formula)
    assert (prover.proper.decision, prover.jointly_optimal.decision) == (proper, jointly)
    for decided in (prover.proper, prover.jointly_optimal):
        assert decided.certificate is not None
        assert verify(decided.certificate)


def test_a_parameter_that_may_cross_a_breakpoint_is_refuted_where_it_has_a_value() -> None:
    prover = Prover(
        "(c - x)*(q > x) - (q - c)^2 + 1e-7*(q > 591196/676983)", {"x": "2/3 < x < 99/100"}
    )
    assert prover.proper.decision == "refuted"


@pytest.mark.parametrize(
    ("formula", "proper"),
    [
        ("c + (c - exp(-2))*(log(q) > -2)", "proved"),
        ("c + (c - exp(-2))*(2*log(q) >= -4)", "proved"),
        ("c + (c - log(3/2))*(exp(q) > 3/2)", "proved"),
        ("c + (c - log(2)/log(3))*(exp(q) > exp(log(2)/log(3)))", "proved"),
        ("c + (c - exp(-2) - 10^-9)*(log(q) > -2)", "refuted"),
        ("c + (c - 1/2)*(exp(q) > 3/2)", "refuted"),
        ("c - (q - c)^2 + (log(q) > 1)", "proved"),  # never true
        # beta_cdf of 1 - q
        ("c + (1 - c)*beta_cdf(1 - q, 1/3, 3) - 1/10*beta_cdf(1 - q, 4/3, 3)", "proved"),
        ("c + (1 - c)*beta_cdf(1 - q, 1/3, 3) - 1/9*beta_cdf(1 - q, 4/3, 3)", "refuted"),
        # damage that no float shows
        ("c - (q - c)^2 + 7e-63*c*q", "refuted"),
        ("c + log(1 - abs(q - c)) + 7e-170*c*q", "refuted"),
        ("c + c*(q - 1) + (1 - c)*(q + log(1 - q)) - 3e-100*q", "refuted"),
        ("c - (q - c)^2 - 7e-154*c*(q > 1/3)", "refuted"),
        ("c + log(1 - abs(q - c)) + 9e-51*c*(q > sqrt(1/2))", "refuted"),
        ("c + c*beta_cdf(q, 1/2, 3) - beta_cdf(q, 3/2, 3)/7 - c*(q > 5e-12)*2e-284", "refuted"),
        ("c - (q - c)^2/10^9 + (c*q^(1/2) - q^(3/2)/3)/10^12 - c*(q == 3/10)*1e-99", "refuted"),
        # a weight that is negative next to an end only, behind a large positive one
        ("c - (q - c)^2 - (c*q^(1/3) - q^(4/3)/4)/10^6", "refuted"),
        # a breakpoint with an irrational factor, a sum of logarithms, log(1 - q)
        ("(c - log(2)/log(10))*(q > log(2)/log(10))", "proved"),
        ("(c - 1/(1 + exp(3/4)))*(q >= 1/(1 + exp(3/4)))", "proved"),
        ("(c - 1/(1 + exp(3/4)) + 1e-30)*(q >= 1/(1 + exp(3/4)))", "refuted"),
        ("(c - 1 + exp(-2))*(log(1 - q) <= -2)", "proved"),
        ("(c - 10^-2)*(log(q)/log(10) > -2)", "proved"),
        # Beta functions at an irrational number
        ("c*beta_cdf(max(q, sqrt(1/2)), 1/2, 2) - beta_cdf(max(q, sqrt(1/2)), 3/2, 2)/5", "proved"),
        ("c*beta_cdf(q, 1/2, 2) - beta_cdf(q, 3/2, 2)/5 + (c - sqrt(1/2))*(q > 2^-.5)", "proved"),
        # Beta functions whose constants differ by the order of their parameters
        ("c + (1 - c)*beta_cdf(1 - q, 1/2, 2/3) - 3/7*beta_cdf(1 - q, 3/2, 2/3)", "proved"),
        ("c + (1 - c)*beta_cdf(1 - q, 1/2, 2/3) - 3/8*beta_cdf(1 - q, 3/2, 2/3)", "refuted"),
        # a point without a jump of the expected reward, and a piece next to 0 that is not proper
        ("c - (q - c)^2*8e35 + 2e-11*(c - 3/8)*(q == 3/8)", "refuted"),
        ("-8e62*(q - c)^2 + max(log(1 - abs(q - c)), -21/10)", "refuted"),
        # tiny and huge coefficients
        ("c + 4e-243*(c*log(q) + (1 - c)*log(1 - q) - 4*(c - q)*exp(q) - 4*exp(q))", "refuted"),
        ("c + 4e-243*(c*log(q) + (1 - c)*log(1 - q) + (c - q)*exp(q) + exp(q))", "proved"),
        ("c + 4e122*(c*log(q) + (1 - c)*log(1 - q) + (c - q)*exp(q) + exp(q))", "proved"),
    ],
)
def test_more_families_that_were_undecided(formula: str, proper: str) -> None:
    decided = Prover(formula).proper
    assert decided.decision == proper
    assert decided.certificate is not None
    assert verify(decided.certificate)


@pytest.mark.parametrize(
    ("formula", "domain", "jointly"),
    [
        ("c - (q - c)^2*exp(-lam)", "lam >= 0", "proved"),
        ("c - (q - c)^2*exp(-lam)", "lam > 0", "proved"),
        ("c - (q - c)^2*exp(-lam)", "lam > -0.000000001", "refuted"),
        ("c*lam - (q - c)^2", "lam > 0.999999999", "refuted"),
        ("c*lam - (q - c)^2", "0.999999999 < lam < 2", "refuted"),
        ("c*lam - (q - c)^2", "lam > 1", "proved"),
    ],
)
def test_margins_next_to_an_open_end(formula: str, domain: str, jointly: str) -> None:
    assert Prover(formula, {"lam": domain}).jointly_optimal.decision == jointly


def test_evidence_whose_numbers_are_too_long_to_write_leaves_a_question_open() -> None:
    """The largest coefficient of the weight of a huge score, and a jump of 4e-286, made a number
    of 430 digits, on which the search for accuracy failed.
    """
    score = "c*clip(log(q), -4/3, 0) + (1 - c)*clip(log(1 - q), -4/3, 0)"
    prover = Prover(f"c + 1e143*({score}) - 2e-285/5*c*(q > 1/200000000000)")
    assert prover.proper.decision == "refuted"
    assert prover.accuracy.decision in ("proved", "refuted", "undecided")


def test_a_piece_that_no_float_sees_is_searched() -> None:
    prover = Prover("c + max(c*log(q) + (1 - c)*log(1 - q), -26*log(10))")
    assert prover.proper.decision == "refuted"
