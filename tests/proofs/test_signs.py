"""A sign is only claimed where it holds for every q of the open region and every value of the
parameters.
"""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proofs.kernel.enclosures import enclose
from proofs.kernel.formula import Domain, parse, parse_domain
from proofs.kernel.intervals import Interval
from proofs.kernel.normal_form import (
    ONE,
    ZERO,
    Expression,
    Q,
    Rejected,
    U,
    atom,
    base,
    const,
    depends_on,
)
from proofs.kernel.signs import (
    Region,
    atom_sign,
    constant_sign,
    definite_sign,
    is_nonnegative,
    is_positive,
    orthant_sign,
)
from proofs.kernel.translate import Translator
from proofs.search.roots import from_polynomial
from tests.support.examples import examples

A, B = ("param", "a"), ("param", "b")


def region(*domains: str, low: str = "0", high: str = "1") -> Region:
    known = dict(parse_domain(text) for text in domains)
    ends = [
        Translator(Region(known)).smooth(parse(text, known, variables=())) for text in (low, high)
    ]
    return Region(known, ends[0], ends[1])


def expression(text: str, where: Region) -> Expression:
    return Translator(where).smooth(parse(text, where.domains))


@pytest.mark.parametrize(
    ("text", "domains", "positive", "nonnegative"),
    [
        ("q", [], True, True),
        ("1 - q", [], True, True),
        ("q - 1", [], False, False),
        ("q^2 - q + 1", [], True, True),
        ("q - q^2", [], True, True),
        ("(q - 1/2)^2", [], False, False),
        ("2*q - 1", [], False, False),
        ("0", [], False, True),
        ("a", ["0 < a <= 1"], True, True),
        ("a", ["0 <= a <= 1"], False, True),
        ("a", ["-1 <= a <= 1"], False, False),
        ("-a", ["a < 0"], True, True),
        ("-a", ["a <= 0"], False, True),
        ("a", ["a < 0"], False, False),
        ("1 - a", ["0 < a < 1"], True, True),
        ("1 - a", ["0 < a <= 1"], False, True),
        ("1 - a", ["0 <= a <= 1.001"], False, False),
        ("a - 1", ["a > 1"], True, True),
        ("a - 1", ["a >= 1"], False, True),
        ("a - 1", ["a > 0.999"], False, False),
        ("a*q + 1 - a", ["0 <= a <= 1"], True, True),
        ("a*q", ["0 <= a <= 1"], False, True),
        ("a + b", ["0 <= a <= 1", "0 <= b <= 1"], False, True),
        ("a + b", ["0 < a <= 1", "0 <= b <= 1"], True, True),
        ("a + b*q", ["0 <= a <= 1", "0 <= b <= 1"], False, True),
        ("a*b", ["0 < a", "0 < b"], True, True),
        ("1 - a*b", ["0 <= a <= 1", "0 <= b <= 1"], False, True),
        ("2 - a - b", ["0 <= a <= 1", "0 <= b <= 1"], False, True),
        ("3 - a - b", ["0 <= a <= 1", "0 <= b <= 1"], True, True),
        ("a", ["a"], False, False),
        ("1 + a^2*q", ["a"], False, False),
        ("a*(1 - a)", ["0 < a < 1"], True, True),
        ("a*(1 - a)", ["0 <= a < 1"], False, True),
        ("a*(1 - a)", ["0 < a <= 1"], False, True),
        ("-log(q)", [], True, True),
        ("log(q)", [], False, False),
        ("log(q)^2", [], True, True),
        ("log(q)*log(1 - q)", [], True, True),
        ("log(2) - 1/2", [], True, True),
        ("log(2) - 1", [], False, False),
        ("log(1/2)", [], False, False),
        ("exp(q)", [], True, True),
        ("sqrt(2) - q", [], True, True),
        ("q - sqrt(1/2)", [], False, False),
        ("q^2*sqrt(2) - 3*q + 2", [], True, True),
        ("q*exp(1) - q*sqrt(7) - 1/10^9", [], False, False),
        ("q^(1/2)", [], True, True),
        ("q^(1/2) - q", [], False, False),
        ("q^a", ["a > 0"], True, True),
        ("1/(1 + q)", [], True, True),
        ("2 - a - q", ["0 <= a <= 1"], True, True),
        ("a^2 - a + 1", ["0 <= a <= 1"], True, True),
        ("a^3", ["-1 <= a < 0"], False, False),
        ("-a^3", ["-1 <= a < 0"], True, True),
        ("a^2", ["-1 <= a < 0"], True, True),
        ("a^2", ["-1 <= a <= 0"], False, True),
        ("a - 1/2", ["1/2 <= a <= 3/4"], False, True),
        ("a - q", ["a > 1"], True, True),
        ("a - q", ["a >= 1"], True, True),
        ("a - q", ["a >= 0.99"], False, False),
    ],
)
def test_signs(text: str, domains: list[str], positive: bool, nonnegative: bool) -> None:
    where = region(*domains)
    assert is_positive(expression(text, where), where) == positive
    assert is_nonnegative(expression(text, where), where) == nonnegative


@pytest.mark.parametrize(
    ("text", "domains", "low", "high", "sign"),
    [
        ("q - a", ["0 < a < 1"], "a", "1", True),
        ("a - q", ["0 < a < 1"], "0", "a", True),
        ("q - a", ["0 < a < 1"], "a/2", "1", False),
        ("q - a/2", ["0 < a < 1"], "a", "1", True),
        ("1 - q - a", ["0 < a < 1/2"], "a", "1 - a", True),
        ("1 - q - a", ["0 < a < 1/2"], "a", "1", False),
        ("1 + q", ["a > 0"], "1/(2 + a)", "1", True),
        ("1/(2 + a) - q", ["a > 0"], "0", "1/(1 + a)", False),
        ("q - 1/(2 + a)", ["a > 0"], "1/(3 + a)", "1", False),
        ("q - log(2)", [], "1/2", "1", False),
        ("1 + q", [], "log(2)", "1", True),
        ("q - 1/3", [], "1/3", "1/2", True),
        ("q - 1/3", [], "1/4", "1/2", False),
    ],
)
def test_regions_with_ends_in_terms_of_parameters(
    text: str, domains: list[str], low: str, high: str, sign: bool
) -> None:
    where = region(*domains, low=low, high=high)
    assert is_positive(expression(text, where), where) == sign


@pytest.mark.parametrize("end", ["a^(1/2)", "1/a", "a^(3/2)"])
def test_ends_with_powers_that_are_not_whole_are_refused_not_cut_short(end: str) -> None:
    where = region("a > 1", low="0", high=end)
    with pytest.raises(Rejected, match="not whole"):
        orthant_sign(atom(Q, Fraction(2)) + const(1) - atom(Q), where)


def test_what_the_end_of_a_piece_brings_along_must_be_positive() -> None:
    """With low = log(a) every coefficient may be >= 0 although log(a) is not."""
    for high in (1, 2):
        where = Region({"a": Domain(Fraction(1, 100), Fraction(high))}, atom(("log", A)), ONE)
        assert orthant_sign(atom(Q) + ONE, where) == -1
    negative = Region({}, atom(("log", U)), ONE)
    assert orthant_sign(atom(Q) + ONE, negative) == -1


@examples(150)
@given(
    st.lists(st.fractions(-4, 6, max_denominator=3), min_size=1, max_size=5),
    st.fractions(0, Fraction(9, 10), max_denominator=20),
    st.fractions(0, 1, max_denominator=9),
    st.integers(0, 6),
)
def test_orthant_signs_of_polynomials_hold(
    coefficients: list[Fraction], low: Fraction, share: Fraction, elevation: int
) -> None:
    where = Region({}, const(low), const(min(low + Fraction(1, 3), Fraction(1))))
    start, stop = where.ends()
    sign = orthant_sign(from_polynomial(coefficients), where, elevation)
    q = start + (share * 8 + 1) / 10 * (stop - start)
    value = sum(x * q**n for n, x in enumerate(coefficients))
    if sign >= 0:
        assert value > 0 if sign else value >= 0


PARAMETRIC = st.lists(
    st.tuples(
        st.fractions(-3, 5, max_denominator=2),
        st.integers(0, 2),
        st.integers(0, 2),
        st.integers(0, 2),
    ),
    min_size=1,
    max_size=4,
)


@examples(200)
@given(
    PARAMETRIC,
    st.sampled_from(
        [
            "0 <= a <= 1",
            "0 < a < 2",
            "a > 1",
            "a >= 0",
            "a < 0",
            "-2 <= a <= -1",
            "a <= -1",
            "-1 < a <= 3",
        ]
    ),
    st.sampled_from(["0 <= b <= 1", "b > 0", "1 <= b < 2", "b <= 0"]),
)
def test_signs_hold_at_values_of_the_parameters(
    terms: list[tuple[Fraction, int, int, int]], a: str, b: str
) -> None:
    where = region(a, b)
    total = ZERO
    for x, i, j, k in terms:
        total = total + const(x) * atom(Q, Fraction(i)) * atom(A, Fraction(j)) * atom(
            B, Fraction(k)
        )
    positive, nonnegative = is_positive(total, where), is_nonnegative(total, where)
    samples = [Fraction(n, 4) for n in range(-12, 17)]
    for q in (Fraction(1, 1000), Fraction(1, 2), Fraction(999, 1000)):
        for x in (v for v in samples if v in where.domains["a"]):
            for y in (v for v in samples[::3] if v in where.domains["b"]):
                value = sum(t * q**i * x**j * y**k for t, i, j, k in terms)
                assert value > 0 or not positive
                assert value >= 0 or not nonnegative


@pytest.mark.parametrize(
    ("coefficients", "low", "high", "sign"),
    [
        ([1], 0, 1, 1),
        ([0], 0, 1, 0),
        ([-1], 0, 1, -1),
        ([0, 1], 0, 1, 1),
        ([1, -1], 0, 1, 1),
        ([-1, 2], 0, 1, None),
        ([-1, 2], "1/2", 1, 1),
        ([-1, 2], 0, "1/2", -1),
        ([-1, 1], 0, 1, -1),
        ([1, -4, 4], 0, "1/2", 1),
    ],
)
def test_definite_signs(coefficients: list[int], low: str, high: str, sign: int | None) -> None:
    where = Region({}, const(Fraction(low)), const(Fraction(high)))
    polynomial = from_polynomial([Fraction(x) for x in coefficients])
    if sign is None:
        with pytest.raises(Rejected):
            definite_sign(polynomial, where)
    else:
        assert definite_sign(polynomial, where) == sign


def test_what_expands_to_zero_has_the_sign_0() -> None:
    assert definite_sign(atom(Q) + atom(U) - ONE, Region({})) == 0


def test_a_parameter_with_an_upper_end_alone() -> None:
    for domain, text, positive in (
        ("a < 3", "3 - a", True),
        ("a < 3", "-a", False),
        ("a < -1", "-1 - a", True),
        ("a < -1", "-2 - a", False),
    ):
        assert is_positive(expression(text, region(domain)), region(domain)) == positive, text


def test_growth_in_one_parameter_may_need_growth_in_another() -> None:
    where = region("a >= 0", "b > 0")
    assert is_positive(expression("exp(a) + exp(b) - 2", where), where)
    assert not is_positive(expression("exp(a) + exp(b) - 2.1", where), where)


def test_rational_ends_are_exact_and_irrational_ones_lie_just_outside() -> None:
    low, high = region(low="1/3", high="sqrt(1/2)").ends()
    assert low == Fraction(1, 3)
    assert high > 0
    assert 0 < high**2 - Fraction(1, 2) < Fraction(1, 10**18)
    low, high = region(low="sqrt(1/2)", high="5/7").ends()
    assert high == Fraction(5, 7)
    assert 0 < Fraction(1, 2) - low**2 < Fraction(1, 10**18)


def test_signs_of_atoms() -> None:
    where = region("a > 0", "b >= 0")
    assert atom_sign(A, Fraction(1, 2), where) == 1
    assert atom_sign(B, Fraction(1), where) == 0
    assert atom_sign(("log", Q), Fraction(3), where) == -1
    assert atom_sign(("log", U), Fraction(2), where) == 1
    assert atom_sign(("log", ("prime", 3)), Fraction(1), where) == 1
    half = base(const(Fraction(1, 2)) + atom(Q))
    for a, e in (
        (("log", Q), Fraction(1, 2)),
        (("log", A), Fraction(1)),
        (("log", half), Fraction(1)),
    ):
        assert atom_sign(a, e, where) == 0


def test_dependence() -> None:
    beta = (
        "beta_cdf",
        atom(A),
        Fraction(2),
        atom(("beta_constant", atom(B), Fraction(2))),
        atom(Q),
    )
    assert depends_on(atom(beta)) == {"q", "a", "b"}
    assert depends_on(atom(("beta_cdf", atom(A), Fraction(2), ONE, const(Fraction(1, 2))))) == {"a"}
    assert depends_on(atom(("beta_constant", atom(A), Fraction(2)))) == {"a"}
    assert depends_on(atom(("log", base(ONE + atom(A))))) == {"a"}
    assert depends_on(atom(("exp", frozenset({(U, Fraction(1))})))) == {"q"}
    assert depends_on(atom(("prime", 2), atom(A))) == {"a"}
    assert depends_on(const(3) * atom(("prime", 2), Fraction(1, 2))) == set()


@pytest.mark.parametrize(
    ("text", "sign"),
    [
        ("sqrt(2) - 1.4142135623730950488", 1),
        ("1.4142135623730950489 - sqrt(2)", 1),
        ("log(3) - 2*log(sqrt(3))", 0),
        ("exp(1) - 2.71828182845904523537", -1),
        ("sqrt(2)*sqrt(3) - sqrt(6)", 0),
        ("1/3 - 0.333", 1),
        ("0", 0),
    ],
)
def test_signs_of_constants(text: str, sign: int) -> None:
    assert constant_sign(expression(text, Region({}))) == sign


def test_a_constant_too_close_to_zero_has_no_sign() -> None:
    with pytest.raises(Rejected, match="6000 bits"):
        constant_sign(
            expression("exp(1/10^1000) - 1 - 1/10^1000 - 1/(2*10^1000*10^1000)", Region({}))
        )
    assert constant_sign(expression("exp(1/10^40) - 1 - 1/10^40 - 1/(2*10^80)", Region({}))) == 1
    close = enclose(expression("exp(1/10^40) - 1", Region({})), None, 192)
    assert isinstance(close, Interval)
    assert close.positive()


GROWING = [
    ("(1 + k)*log(1 + k) - k", ["k > 0"], True),
    ("k - log(1 + k)", ["k > 0"], True),
    ("log(1 + k) - k", ["k > 0"], False),
    ("log(1 + k) - k/2", ["k > 0"], False),
    ("k - log(1 + k)", ["k >= 0"], False),
    ("k - log(1 + k)", ["-1/2 < k < 1"], False),
    ("log(1 - e) - log(e)", ["0 < e < 1/2"], True),
    ("log(1 - e) - log(e)", ["0 < e <= 1/2"], False),
    ("log(1 - e) - log(e)", ["0 < e < 3/5"], False),
    ("1 + s*log(e) - s*log(1 - e)", ["1/100 <= e < 1/2", "0 < s <= 1/5"], True),
    ("1 + s*log(e) - s*log(1 - e)", ["1/100 <= e < 1/2", "0 < s <= 0.2177"], False),
    ("1 + s*log(e)", ["1/10 < e < 1", "0 < s < 1"], False),
    ("sqrt(1 + k) - 1", ["k > 0"], True),
    ("1 - sqrt(1 + k)", ["k > 0"], False),
    ("2 - sqrt(1 + k)", ["0 < k < 3"], True),
    ("2 - sqrt(1 + k)", ["0 < k < 4"], False),
    ("log(e)", ["0 < e < 1"], False),
    ("-log(e)", ["0 < e < 1"], True),
    ("-log(e)", ["0 < e <= 1"], False),
    ("-log(e)", ["0 < e < 2"], False),
]
"""Derived by hand: f' and the value at the end from which f grows.

log 99 = 4.595..., 1/4.595 = 0.2176...
"""


@pytest.mark.parametrize(("text", "domains", "positive"), GROWING)
def test_what_grows_from_an_end_of_its_domain(
    text: str, domains: list[str], positive: bool
) -> None:
    where = region(*domains)
    assert is_positive(expression(text, where), where) == positive


def test_at_a_closed_end_where_it_vanishes_a_growing_sum_is_only_not_negative() -> None:
    for text, domain in (("k - log(1 + k)", "k >= 0"), ("log(1 - e) - log(e)", "0 < e <= 1/2")):
        where = region(domain)
        assert is_nonnegative(expression(text, where), where)
