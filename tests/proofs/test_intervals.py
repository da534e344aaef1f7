"""Every interval contains what it stands for, at any precision, and is not much wider than it must
be.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

import mpmath
import pytest
from hypothesis import given
from hypothesis import strategies as st
from mpmath import mp, mpf

from proofs.kernel.enclosures import _incomplete_beta, enclose, end_bound, mean_value, on_cell
from proofs.kernel.functions import power
from proofs.kernel.intervals import Interval, Undetermined
from proofs.kernel.normal_form import (
    Expression,
    Q,
    Rejected,
    U,
    atom,
    base,
    const,
    derivative,
    limited,
    term,
)
from proofs.kernel.signs import Region
from tests.support.brute_force import number
from tests.support.effort import calls
from tests.support.examples import examples

DIGITS = 250
bits = st.integers(20, 300)
rationals = st.fractions(-50, 50, max_denominator=10**12)
positive = st.one_of(
    st.fractions(Fraction(1, 10**9), 50, max_denominator=10**12),
    st.integers(-40, 40).map(lambda k: Fraction(2) ** k),
    st.integers(1, 60).flatmap(
        lambda k: st.sampled_from([1 + Fraction(1, 1 << k), 1 - Fraction(1, 1 << (k + 1))])
    ),
)
exponents = st.sampled_from(
    [
        Fraction(x)
        for x in ("1/2", "-1/2", "1/3", "7/3", "-5/2", "2", "3", "-1", "-2", "5", "0", "1")
    ]
)


def holds(interval: Interval, value: mpf) -> bool:
    low, high = interval.ends()
    return bool(number(low) <= value <= number(high))


def narrow(interval: Interval, value: mpf, ulps: int) -> bool:
    slack = ulps * (1 + abs(value))
    return bool(interval.high - interval.low <= slack)


@examples(150)
@given(positive, bits)
def test_log(x: Fraction, precision: int) -> None:
    with mpmath.workdps(DIGITS):
        inside = Interval.of(x, 2 * precision + 60)
        assert holds(inside.log(), mp.log(number(x)))
        assert narrow(inside.log(), mp.log(number(x)), 10 + int(2 / x))


@examples(150)
@given(st.fractions(-90, 90, max_denominator=10**12), bits)
def test_exp(x: Fraction, precision: int) -> None:
    with mpmath.workdps(DIGITS):
        found = Interval.of(x, precision).exp()
        assert holds(found, mp.exp(number(x)))
        assert narrow(found, mp.exp(number(x)), 10)


@pytest.mark.parametrize(
    ("precision", "n", "x"),
    [
        (57, 38, -3795935379044538399), (111, 110, -197946426046802233544722409851509043),
        (127, 67, -7901503068054695353621128782599175227375),
        (156, 67, -4242087158317322360380737911983468934768623266097),
        (156, 134, -8484174316634644720761475823966937869537246532194),
    ],
)  # fmt: skip
def test_exp_just_below_a_power_of_two(precision: int, n: int, x: int) -> None:
    """Here x + n log 2 is below 0 by less than what is known of log 2; the lower bound was 2^-n,
    which is too high.
    """
    with mpmath.workdps(DIGITS):
        true = mp.exp(mpf(x) / mpf(2) ** precision)
        assert true < mpf(2) ** -n
        assert holds(Interval(x, x, precision).exp(), true)


@examples(100)
@given(st.integers(20, 200), st.integers(1, 190), st.integers(-1, 1))
def test_exp_next_to_powers_of_two(precision: int, n: int, shift: int) -> None:
    with mpmath.workdps(DIGITS):
        x = int(mp.floor(-n * mp.log(2) * mpf(2) ** precision)) + shift
        assert holds(Interval(x, x, precision).exp(), mp.exp(mpf(x) / mpf(2) ** precision))


@examples(200)
@given(rationals, rationals, rationals, rationals, bits)
def test_sums_and_products_contain_all_combinations(
    a: Fraction, b: Fraction, c: Fraction, d: Fraction, precision: int
) -> None:
    x, y = (
        Interval.between(min(a, b), max(a, b), precision),
        Interval.between(min(c, d), max(c, d), precision),
    )
    for left in (a, b, (a + b) / 2):
        for right in (c, d, (c + d) / 2):
            results = [
                (x + y, left + right),
                (x - y, left - right),
                (x * y, left * right),
                (-x, -left),
            ]
            if y.low > 0 or y.high < 0:
                results.append((y.inverse(), 1 / right))
            for interval, value in results:
                low, high = interval.ends()
                assert low <= value <= high


@examples(150)
@given(positive, positive, exponents, bits)
def test_powers(a: Fraction, b: Fraction, exponent: Fraction, precision: int) -> None:
    precision += 80
    with mpmath.workdps(DIGITS):
        found = Interval.between(min(a, b), max(a, b), precision).power(exponent)
        for x in (a, b, (a + b) / 2):
            assert holds(found, number(x) ** number(exponent))


@given(rationals, rationals, st.integers(0, 9), bits)
def test_whole_powers_of_either_sign(a: Fraction, b: Fraction, n: int, precision: int) -> None:
    found = Interval.between(min(a, b), max(a, b), precision).power(Fraction(n))
    for x in (a, b, (a + b) / 2, Fraction(0) if min(a, b) < 0 < max(a, b) else a):
        assert found.ends()[0] <= x**n <= found.ends()[1]
    assert n % 2 or n == 0 or found.low >= 0


@pytest.mark.parametrize("n", [2, 4, 6, 8])
def test_an_even_power_is_not_negative(n: int) -> None:
    assert Interval(-(1 << 8), 1 << 8, 8).power(Fraction(n)) == Interval(0, 1 << 8, 8)


def test_the_sign_needs_every_member() -> None:
    assert Interval(1, 2, 4).positive()
    assert not Interval(0, 2, 4).positive()
    assert Interval(-2, -1, 4).negative()
    assert not Interval(-2, 0, 4).negative()
    assert not Interval(-1, 1, 4).positive()


@pytest.mark.parametrize(
    "operation",
    [
        lambda: Interval(-1, 1, 8).inverse(),
        lambda: Interval(0, 1, 8).inverse(),
        lambda: Interval(-1, 0, 8).inverse(),
        lambda: Interval(0, 1, 8).log(),
        lambda: Interval(-1, 1, 8).power(Fraction(1, 2)),
        lambda: Interval(0, 1, 8).power(Fraction(-1, 2)),
        lambda: Interval(0, 0, 8).power(Fraction(1, 2)),
        lambda: Interval.of(10**6, 64).exp(),
        lambda: Interval.of(5001, 64).exp(),
        lambda: Interval.of(Fraction(10) ** 300, 64).power(Fraction(4000)),
    ],
)
def test_what_an_interval_cannot_tell(operation: Callable[[], Interval]) -> None:
    def asked() -> None:
        with pytest.raises(Undetermined):
            operation()

    assert calls(asked) < 2_000


@pytest.mark.parametrize("precision", [5, 8])
def test_log_and_exp_at_coarse_precision(precision: int) -> None:
    """Every argument up to 5, where each rounding counts most; equal ends, so that both bounds are
    met alone.
    """
    with mpmath.workdps(30):
        for x in range(-5 << precision, 5 << precision):
            point, true = Interval(x, x, precision), mpf(x) / (1 << precision)
            assert holds(point.exp(), mp.exp(true))
            assert x <= 0 or holds(point.log(), mp.log(true))


@pytest.mark.parametrize("precision", [20, 64, 192, pytest.param(1024, marks=pytest.mark.slow)])
@pytest.mark.parametrize("x", ["1", "-1", "700", "4999", "-10000", "1e-30", "1e-300", "3e60"])
def test_log_and_exp_far_out(precision: int, x: str) -> None:
    """Numbers so large or small that the other end of the range of `decimal` is near."""
    with mpmath.workdps(6000):
        point = Interval.of(Fraction(x), precision)
        if point.high < 5000 << precision:
            low, high = point.exp().ends()
            assert (
                number(low)
                <= mp.exp(number(point.ends()[0]))
                <= mp.exp(number(point.ends()[1]))
                <= number(high)
            )
        if point.low > 0:
            low, high = point.log().ends()
            assert (
                number(low)
                <= mp.log(number(point.ends()[0]))
                <= mp.log(number(point.ends()[1]))
                <= number(high)
            )


def test_a_root_that_reaches_down_to_zero() -> None:
    found = Interval.between(Fraction(0), Fraction(1, 4), 64).power(Fraction(1, 2))
    assert found.low == 0
    assert found.ends()[1] >= Fraction(1, 2)


def test_exp_of_5000_is_the_largest() -> None:
    low, high = Interval.of(5000, 64).exp().ends()
    with mpmath.workdps(2300):
        assert number(low) <= mp.exp(5000) <= number(high)


def test_exp_of_hugely_negative_numbers_is_a_bound_above_zero() -> None:
    found = Interval.of(-(10**30), 64).exp()
    assert found.low == 0
    assert 0 < found.high <= 2


@examples(60)
@given(
    st.fractions(Fraction(1, 5), 8, max_denominator=5),
    st.fractions(Fraction(1, 5), 8, max_denominator=5),
    st.fractions(Fraction(1, 1000), Fraction(1, 2), max_denominator=1000),
)
def test_incomplete_beta_integral(a: Fraction, b: Fraction, x: Fraction) -> None:
    with mpmath.workdps(60):
        found = _incomplete_beta(a, b, Interval.of(x, 160))
        true = mp.betainc(number(a), number(b), 0, number(x))
        assert (
            number(found.ends()[0]) - mpf(10) ** -45
            <= true
            <= number(found.ends()[1]) + mpf(10) ** -45
        )
        assert found.high - found.low < 10**6


def beta_cdf(a: Fraction, b: Fraction) -> Expression:
    return atom(("beta_cdf", a, b, atom(("beta_constant", a, b), Fraction(-1)), atom(Q)))


def test_the_arcsine_distribution_at_quarters() -> None:
    """I_x(1/2, 1/2) = (2 / pi) arcsin(sqrt(x)), on either side of 1/2 and at it."""
    half = Fraction(1, 2)
    for x, true in (
        (Fraction(1, 4), Fraction(1, 3)),
        (half, half),
        (1 - half / 2, 1 - half * 2 / 3),
    ):
        low, high = enclose(beta_cdf(half, half), Interval.of(x, 64), 64).ends()
        assert low <= true <= high < low + Fraction(1, 10**15)


@examples(40)
@given(
    st.sampled_from([Fraction(n, 2) for n in range(1, 8)]),
    st.sampled_from([Fraction(n, 3) for n in range(1, 9)]),
    st.fractions(Fraction(1, 100), Fraction(99, 100), max_denominator=100),
    st.fractions(0, Fraction(1, 10), max_denominator=50),
)
def test_beta_distribution_on_cells(
    a: Fraction, b: Fraction, low: Fraction, width: Fraction
) -> None:
    """Cells on either side of 1/2 and across it."""
    high = min(low + width, Fraction(199, 200))
    found = on_cell(beta_cdf(a, b), low, high)
    with mpmath.workdps(40):
        for x in (low, (low + high) / 2, high):
            true = mp.betainc(number(a), number(b), 0, number(x), regularized=True)
            low_end, high_end = found.ends()
            assert number(low_end) - mpf(10) ** -30 <= true <= number(high_end) + mpf(10) ** -30


root = base(const(1) + atom(Q, Fraction(2)))
SAMPLES: list[tuple[Expression, Callable[[mpf], mpf]]] = [
    (
        atom(Q, Fraction(1, 2)) - const(3) * atom(U, Fraction(-1)),
        lambda q: mp.sqrt(q) - 3 / (1 - q),
    ),
    (atom(("log", Q)) * atom(U, Fraction(2)) + const(2), lambda q: mp.log(q) * (1 - q) ** 2 + 2),
    (atom(root, Fraction(-1, 3)) - atom(Q), lambda q: (1 + q * q) ** (-mpf(1) / 3) - q),
    (atom(("exp", frozenset({(Q, Fraction(1))})), Fraction(-2)), lambda q: mp.exp(-2 * q)),
    (
        atom(("log", root)) - atom(("prime", 2), Fraction(1, 2)) * atom(Q),
        lambda q: mp.log(1 + q * q) - mp.sqrt(2) * q,
    ),
]


@pytest.mark.parametrize("sample", range(len(SAMPLES)))
@given(
    low=st.fractions(Fraction(1, 50), Fraction(48, 50), max_denominator=200),
    share=st.fractions(0, 1, max_denominator=7),
)
@examples(25)
def test_enclosures_contain_the_function(sample: int, low: Fraction, share: Fraction) -> None:
    expression, function = SAMPLES[sample]
    high = low + Fraction(1, 100)
    at = low + share * (high - low)
    with mpmath.workdps(60):
        for found in (
            on_cell(expression, low, high),
            mean_value(expression, derivative(expression), low, high),
        ):
            assert holds(found, function(number(at)))


ENDS: list[tuple[Expression, Callable[[mpf], mpf]]] = [
    (const(1) + const(2) * atom(Q) * atom(("log", Q)), lambda z: 1 + 2 * z * mp.log(z)),
    (
        const(1) - atom(Q, Fraction(1, 2)) * atom(("log", Q), Fraction(2)),
        lambda z: 1 - mp.sqrt(z) * mp.log(z) ** 2,
    ),
    (atom(Q, Fraction(-1)) - const(3), lambda z: 1 - 3 * z),
    (
        const(2) * atom(Q, Fraction(3, 2)) - atom(Q, Fraction(2)) * atom(U, Fraction(-1)),
        lambda z: 2 - mp.sqrt(z) / (1 - z),
    ),
    (-atom(("log", Q)) + const(1), lambda z: -mp.log(z) + 1),
]


@pytest.mark.parametrize("sample", range(len(ENDS)))
@pytest.mark.parametrize("width", [Fraction(1, 8), Fraction(1, 64), Fraction(1, 1 << 20)])
def test_bounds_next_to_an_end(sample: int, width: Fraction) -> None:
    """Of the expression divided by its leading power, on the whole of (0, width]."""
    expression, function = ENDS[sample]
    try:
        bound = end_bound(expression, Q, width, 192)
    except Rejected:
        assert width > Fraction(1, 64)
        return
    with mpmath.workdps(50):
        for z in (width, width / 2, width / 3, width / 1000, width / 10**30):
            assert holds(bound, function(number(z)))


def test_an_end_cell_on_which_the_terms_do_not_rise_is_refused() -> None:
    expression = const(1) + atom(Q) * atom(("log", Q), Fraction(3))
    with pytest.raises(Rejected, match="too wide"):
        end_bound(expression, Q, Fraction(1, 4), 192)


@pytest.mark.parametrize(
    "expression",
    [
        atom(("log", Q)) + const(1),
        const(-2) * atom(("log", Q)) * atom(("log", Q)) + const(1),
        atom(("log", Q)) * atom(U),
    ],
)
def test_what_falls_without_bound_next_to_an_end_has_no_bound(expression: Expression) -> None:
    with pytest.raises(Rejected, match="not bounded below"):
        end_bound(expression, Q, Fraction(1, 64), 192)


def test_the_other_end_is_measured_in_one_minus_q() -> None:
    bound = end_bound(const(1) - const(2) * atom(U), U, Fraction(1, 4), 192)
    assert bound.ends()[0] <= Fraction(1, 2)
    assert bound.ends()[1] >= 1
    assert bound.positive()
    assert not end_bound(const(1) - const(2) * atom(U), U, Fraction(1, 2), 192).positive()


def test_next_to_one_the_other_factors_are_met_below_one() -> None:
    """2 sqrt(q) - 1.9 is positive at 1 and beyond, and negative at 3/4."""
    expression = const(2) * atom(Q, Fraction(1, 2)) - const(Fraction(19, 10))
    wide, close = (
        end_bound(expression, U, width, 192) for width in (Fraction(1, 4), Fraction(1, 100))
    )
    assert not wide.positive()
    assert close.positive()
    with mpmath.workdps(50):
        for q in (Fraction(3, 4), Fraction(9, 10), Fraction(999, 1000)):
            assert holds(wide, 2 * mp.sqrt(number(q)) - mpf(19) / 10)


def test_no_number_without_a_value() -> None:
    with pytest.raises(Rejected):
        enclose(atom(Q), None, 64)
    with pytest.raises(Rejected):
        enclose(atom(("param", "a")), None, 64)
    with pytest.raises(Rejected):
        enclose(atom(("prime", 2), atom(("param", "a"))), None, 64)


@pytest.mark.parametrize("x", [Fraction(2), Fraction(3, 2), Fraction(5, 7), Fraction(1, 100)])
@pytest.mark.parametrize("y", [Fraction(2), Fraction(3, 5), Fraction(7, 4)])
@pytest.mark.parametrize("z", [Fraction(1, 2), Fraction(-1, 2), Fraction(4, 3), Fraction(-2, 3)])
def test_a_power_whose_exponent_is_no_rational(x: Fraction, y: Fraction, z: Fraction) -> None:
    """x^(y^z) and its product with y^(z x^z)."""
    nowhere = Region({})
    first = power(const(x), power(const(y), const(z), nowhere), nowhere)
    second = power(const(y), const(z) * power(const(x), const(z), nowhere), nowhere)
    with mpmath.workdps(DIGITS):
        a, b, c = number(x), number(y), number(z)
        for found, value in ((first, a ** (b**c)), (first * second, a ** (b**c) * b ** (c * a**c))):
            assert holds(enclose(found, None, 192), value)
            assert narrow(enclose(found, None, 192), value * mpf(2) ** 192, 2**40)


def test_a_parameter_in_an_exponent_has_no_number() -> None:
    with pytest.raises(Rejected, match="param k has no numerical value here"):
        enclose(
            atom(base(const(2) + atom(Q)), atom(("param", "k"))),
            Interval.of(Fraction(1, 2), 64),
            64,
        )


def test_a_series_that_is_known_is_counted_as_if_it_were_not() -> None:
    """Otherwise the answer of the kernel would depend on what it has been asked before."""
    constant = term(frozenset({(("beta_constant", Fraction(1, 2), Fraction(1, 3)), Fraction(1))}))
    for _ in range(2):
        with limited(2_000):
            enclosure = enclose(constant, None, 192)
        with pytest.raises(Rejected, match="more work"), limited(1_000):
            enclose(constant, None, 192)
    assert float(enclosure.ends()[0]) == pytest.approx(float(mpmath.beta(1 / 2, 1 / 3)), rel=1e-14)
