"""Exact expressions: an empty expansion means zero, and only identities are used as rules."""

from __future__ import annotations

from fractions import Fraction

import mpmath
import pytest
from hypothesis import given
from hypothesis import strategies as st
from mpmath import mp

from proofs.kernel.enclosures import enclose
from proofs.kernel.functions import _square_root
from proofs.kernel.intervals import Interval
from proofs.kernel.normal_form import (
    MAX_EXPONENT,
    ONE,
    ZERO,
    Atom,
    Expression,
    Q,
    Rejected,
    U,
    atom,
    base,
    common_factor,
    const,
    depth,
    derivative,
    expand,
    expand_atom,
    is_zero,
    limited,
    number_log,
    number_power,
    polynomial,
    prime_factors,
    sign_power,
    spend,
    term,
    whole_power,
)
from proofs.search.roots import from_polynomial
from tests.support.examples import examples

ROOT = base(ONE + atom(Q, Fraction(2)))
NESTED = base(const(2) + atom(ROOT, Fraction(1, 2)))
ATOMS: list[Atom] = [
    Q,
    U,
    ROOT,
    NESTED,
    ("log", Q),
    ("log", ROOT),
    ("prime", 2),
    ("exp", frozenset({(Q, Fraction(1))})),
]
EXPONENTS = [Fraction(x) for x in ("1", "2", "3", "1/2", "-1/2", "3/2", "-1", "-3/2", "1/3")]


@st.composite
def expressions(draw: st.DrawFn) -> Expression:
    """Sums of up to four products of atoms."""
    total = ZERO
    for _ in range(draw(st.integers(1, 4))):
        part = const(draw(st.fractions(-3, 3, max_denominator=6)))
        for a in draw(st.lists(st.sampled_from(ATOMS), max_size=3)):
            natural = a[0] == "log"
            part = part * atom(
                a,
                Fraction(draw(st.integers(1, 2))) if natural else draw(st.sampled_from(EXPONENTS)),
            )
        total = total + part
    return total


def at(expression: Expression, q: Fraction) -> Fraction:
    low, high = enclose(expression, Interval.of(q, 320), 320).ends()
    assert high - low < Fraction(1, 10**60)
    return (low + high) / 2


CLOSE = Fraction(1, 10**50)
points = st.sampled_from([Fraction(1, 3), Fraction(1, 7), Fraction(9, 10), Fraction(1, 2)])


@examples(120)
@given(expressions(), expressions(), points)
def test_arithmetic_and_expansion_keep_the_value(a: Expression, b: Expression, q: Fraction) -> None:
    x, y = at(a, q), at(b, q)
    assert abs(at(a + b, q) - (x + y)) < CLOSE
    assert abs(at(a - b, q) - (x - y)) < CLOSE
    assert abs(at(a * b, q) - x * y) < CLOSE
    assert abs(at(expand(a * b), q) - x * y) < CLOSE
    assert abs(at(expand_atom(a, Q, ONE - atom(U)), q) - x) < CLOSE


@examples(60)
@given(expressions(), points)
def test_derivatives_agree_with_difference_quotients(a: Expression, q: Fraction) -> None:
    step = Fraction(1, 10**15)
    slope = (at(a, q + step) - at(a, q - step)) / (2 * step)
    exact = at(derivative(a), q)
    assert abs(exact - slope) < Fraction(1, 10**12) * (1 + abs(exact))


@examples(80)
@given(expressions(), points)
def test_a_common_factor_divides_out(a: Expression, q: Fraction) -> None:
    rest, factors = common_factor(a, [Q, U, ROOT])
    product = rest
    for x, e in factors:
        product = product * atom(x, e)
    assert product == a
    assert abs(at(product, q) - at(a, q)) < CLOSE


@examples(80)
@given(expressions())
def test_only_nothing_expands_to_zero(a: Expression) -> None:
    assert is_zero(a - a)
    if is_zero(a):
        assert all(abs(at(a, q)) < CLOSE for q in (Fraction(1, 3), Fraction(4, 5)))


IDENTITIES = [
    (ONE - atom(Q)) * (ONE - atom(Q)) - atom(U, Fraction(2)),
    atom(U, Fraction(1, 2)) - atom(U, Fraction(-1, 2)) * (ONE - atom(Q)),
    atom(ROOT, Fraction(3, 2)) - atom(ROOT, Fraction(1, 2)) * (ONE + atom(Q, Fraction(2))),
    atom(ROOT, Fraction(-1, 2)) * (ONE + atom(Q, Fraction(2))) - atom(ROOT, Fraction(1, 2)),
    atom(NESTED, Fraction(2))
    - const(4)
    - const(4) * atom(ROOT, Fraction(1, 2))
    - ONE
    - atom(Q, Fraction(2)),
    atom(("prime", 2), Fraction(1, 2)) * atom(("prime", 2), Fraction(1, 2)) - const(2),
    number_log(Fraction(12)) - const(2) * number_log(Fraction(2)) - number_log(Fraction(3)),
    number_power(Fraction(4, 9), Fraction(1, 2)) - const(Fraction(2, 3)),
    number_power(Fraction(8), Fraction(-2, 3)) - const(Fraction(1, 4)),
]


@pytest.mark.parametrize("index", range(len(IDENTITIES)))
def test_identities(index: int) -> None:
    assert is_zero(IDENTITIES[index])
    assert not is_zero(IDENTITIES[index] + const(Fraction(1, 10**30)))
    assert not is_zero(IDENTITIES[index] + atom(Q) * const(Fraction(1, 10**30)))


def test_logs_and_powers_of_numbers() -> None:
    with mpmath.workdps(40):
        for x in (Fraction(22, 7), Fraction(1013 * 1009), Fraction(3, 1024), Fraction(1)):
            low, high = enclose(number_log(x), None, 192).ends()
            assert low - CLOSE <= Fraction(
                str(mp.log(mp.mpf(x.numerator) / x.denominator))
            ) + Fraction(1, 10**35)
            assert high + CLOSE >= Fraction(
                str(mp.log(mp.mpf(x.numerator) / x.denominator))
            ) - Fraction(1, 10**35)


@pytest.mark.parametrize(
    "value", [Fraction(360, 77), Fraction(1, 1024), Fraction(1009**2, 4), Fraction(1)]
)
def test_prime_factors_multiply_back(value: Fraction) -> None:
    product = Fraction(1)
    for p, e in prime_factors(value):
        assert e
        assert p > 1
        product *= Fraction(p) ** e
    assert product == value


@given(st.lists(st.fractions(-3, 3, max_denominator=5), min_size=1, max_size=6))
def test_polynomials_come_back(coefficients: list[Fraction]) -> None:
    found = polynomial(from_polynomial(coefficients))
    assert found is not None
    assert found + [Fraction(0)] * (len(coefficients) - len(found)) == coefficients


@pytest.mark.parametrize(
    "other",
    [
        atom(Q, Fraction(1, 2)),
        atom(Q, Fraction(-1)),
        atom(U),
        atom(Q) * atom(U),
        atom(("param", "a")),
    ],
)
def test_what_is_no_polynomial_in_q(other: Expression) -> None:
    assert polynomial(other + ONE) is None


def test_constants() -> None:
    assert ZERO.constant() == 0
    assert const(3).constant() == 3
    assert atom(Q).constant() is None
    assert (atom(Q) + ONE).constant() is None
    assert atom(("prime", 2), Fraction(2)).constant() == 4
    assert atom(("prime", 2), Fraction(-1)).constant() == Fraction(1, 2)
    assert atom(("prime", 2), Fraction(1, 2)).constant() is None
    assert [sign_power(n).constant() for n in (-3, -2, 0, 1)] == [-1, 1, 1, -1]


def test_growth_is_bounded() -> None:
    wide = sum((atom(("param", f"a{i}")) for i in range(60)), ZERO)
    with pytest.raises(Rejected, match="terms"):
        _ = wide * wide * wide
    with pytest.raises(Rejected, match="power"):
        whole_power(wide, 65)
    with pytest.raises(Rejected, match="exponent"):
        atom(Q, Fraction(MAX_EXPONENT + 1))
    with pytest.raises(Rejected, match="exponent"):
        atom(Q, Fraction(-MAX_EXPONENT - 1))
    assert atom(Q, Fraction(MAX_EXPONENT)).terms
    with pytest.raises(Rejected, match="bits"):
        atom(("prime", 10**300), Fraction(1000))
    with pytest.raises(Rejected, match="bits"):
        whole_power(const(Fraction(1, 3)), 1 << 20)


def test_an_expression_may_reach_its_limit_of_terms_and_not_more() -> None:
    terms = {frozenset({(("param", f"a{i}"), Fraction(1))}): Fraction(1) for i in range(3000)}
    assert len(Expression(terms).terms) == 3000
    with pytest.raises(Rejected, match="beyond 3000 terms"):
        Expression({**terms, frozenset(): Fraction(1)})


def test_work_is_counted_and_nested_limits_share_it() -> None:
    spend(10**12)  # nothing is limited outside
    with limited(100):
        spend(100)
        with pytest.raises(Rejected, match="work"):
            spend(1)
    with limited(50):
        with limited(1000):
            spend(40)
        with pytest.raises(Rejected):
            spend(11)
    with limited(50), pytest.raises(Rejected), limited(1000):
        spend(51)
    with limited(50):
        with limited(20):
            spend(20)
        spend(30)
    many = sum((atom(Q, Fraction(i)) for i in range(40)), ZERO)
    with pytest.raises(Rejected, match="work"), limited(1000):
        _ = many * many


def test_the_work_does_not_depend_on_what_was_computed_before() -> None:
    def cost() -> int:
        low, high = 1, 1_000_000
        while high - low > 1:
            middle = (low + high) // 2
            try:
                with limited(middle):
                    expand(IDENTITIES[4] * IDENTITIES[4])
                high = middle
            except Rejected:
                low = middle
        return high

    assert cost() == cost()


def test_depth() -> None:
    assert [
        depth(a)
        for a in (Q, ROOT, NESTED, ("log", NESTED), ("exp", frozenset({(NESTED, Fraction(1))})))
    ] == [
        0,
        1,
        2,
        3,
        3,
    ]


def test_equal_sums_are_one_atom() -> None:
    assert base(ONE + atom(Q)) is base(atom(Q) + ONE)
    assert term(frozenset({(Q, Fraction(1))})) == atom(Q)
    assert atom(Q) != atom(U)
    assert hash(atom(Q) + ONE) == hash(ONE + atom(Q))


def test_the_square_root_of_a_square_is_found_whatever_its_degree() -> None:
    q = atom(Q)
    for root in (q, const(2) * q + ONE, q * q + const(Fraction(1, 3)), q * q * q + q * q + q + ONE):
        for scaled in (root, const(Fraction(5, 7)) * root + const(Fraction(1, 9)) * q):
            found = _square_root(expand(scaled * scaled))
            assert expand(found * found - scaled * scaled) == ZERO
            assert found != ZERO
    for other in (ONE, const(4), q, q * q + ONE, const(2) * q * q, q * q * q * q + q * q * q):
        assert _square_root(other) == ZERO
