"""From a polynomial rule and its threshold density to one Coq file that proves its properties.

The proof uses no calculus. With w the density, f' = (1 - t) w and g' = -t w,

    U(p, p) - U(p, q) = (p - q)^2 H(p, q),
    H(p, q) = integral over s in [0, 1] of (1 - s) w(q + s (p - q)) ds.

For w a sum of terms scale * t^i (1 - t)^j base(t)^2 with scale >= 0, H is written as a sum of
products of p, q, 1 - p, 1 - q and squares. Coq checks the identity as two equal polynomials, and
the sign term by term. A density w that is not identically 0 has isolated zeros, so the truthful
report is the *only* optimal one: of each term with scale > 0, the product with p^i (1 - q)^j is
positive for q < p, the one with q^i (1 - p)^j for p < q, and so is the last square, whose root is a
multiple of a power of p - q. The file imports Coq's standard library only: its reader needs neither
this package nor trust in it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import product
from math import comb, factorial, lcm

from proofs.to_coq.one_piece_text import (
    BETTER_ANSWER,
    BETTER_ANSWER_STRICTLY,
    HEADER,
    JOINTLY_OPTIMAL,
    NOT_JOINTLY_OPTIMAL,
    PROPER,
    STRICTLY_JOINTLY_OPTIMAL,
    STRICTLY_PROPER,
)
from proofs.to_coq.polynomials import (
    Polynomial,
    at,
    integral,
    polynomial_derivative,
    polynomial_power,
    polynomial_product,
    polynomial_sum,
    shifted,
    taylor,
    without_leading_zeros,
)

Matrix = list[list[Fraction]]

_ZERO, _ONE = Fraction(0), Fraction(1)


@dataclass(frozen=True, slots=True)
class WeightTerm:
    """A part of a threshold density: scale (t - low)^power (high - t)^co_power base(t)^2.

    It is >= 0 on [low, high].

    Args:
        scale: a nonnegative rational.
        power: the power of t - low, at least 0.
        co_power: the power of high - t, at least 0.
        base: coefficients of a polynomial in t, lowest degree first, whose square is a factor; not
            all zero.
        low: the low end of the interval, at least 0.
        high: its high end, above `low` and at most 1.

    Example:
        >>> WeightTerm(Fraction(-1))
        Traceback (most recent call last):
        ValueError: `scale` must be at least 0, got -1
    """

    scale: Fraction
    power: int = 0
    co_power: int = 0
    base: Polynomial = (_ONE,)
    low: Fraction = _ZERO
    high: Fraction = _ONE

    def __post_init__(self) -> None:
        if self.scale < 0:
            raise ValueError(f"`scale` must be at least 0, got {self.scale}")
        if self.power < 0 or self.co_power < 0:
            raise ValueError(
                f"`power` and `co_power` must be at least 0, got {self.power} and {self.co_power}"
            )
        if not any(self.base):
            raise ValueError(f"`base` must have a nonzero coefficient, got {self.base}")
        if not 0 <= self.low < self.high <= 1:
            raise ValueError(
                f"`low` and `high` must be 0 <= low < high <= 1, got {self.low} and {self.high}"
            )


def density(weight: Sequence[WeightTerm]) -> Polynomial:
    """The coefficients of the density w(t), the sum of its terms, from degree 0 up.

    >>> density([WeightTerm(Fraction(2), base=(Fraction(-1), Fraction(2)))])
    (Fraction(2, 1), Fraction(-8, 1), Fraction(8, 1))
    """
    total: Polynomial = ()
    for term in weight:
        ends = polynomial_product(
            polynomial_power((-term.low, _ONE), term.power),
            polynomial_power((term.high, -_ONE), term.co_power),
        )
        total = polynomial_sum(
            total,
            polynomial_product(
                (term.scale,), polynomial_product(ends, polynomial_power(term.base, 2))
            ),
        )
    return without_leading_zeros(total)


def bernstein_weight(
    h: Sequence[Fraction],
    *,
    raise_by: int = 0,
    base: Polynomial = (_ONE,),
    low: Fraction = _ZERO,
    high: Fraction = _ONE,
) -> tuple[WeightTerm, ...]:
    """The density base(t)^2 h(t), with h in Bernstein form.

    That is h = sum over i of c_i (t - low)^i (high - t)^(n - i), with n the degree of h plus
    `raise_by`. In this way a Bernstein or square certificate of a sign on [low, high] becomes a sum
    of nonnegative terms.

    Raises:
        ValueError: a coefficient c_i is negative, so this degree does not show that h >= 0.

    >>> [str(term.scale) for term in bernstein_weight([_ONE, Fraction(-1), _ONE], raise_by=1)]
    ['1', '2', '2', '1']
    """
    n, x = len(h) - 1 + raise_by, shifted(h, low, high - low)
    coefficients = [
        sum((c * comb(n - k, i - k) for k, c in enumerate(x) if k <= i), _ZERO)
        for i in range(n + 1)
    ]
    if min(coefficients, default=_ZERO) < 0:
        raise ValueError(
            f"`h` must have Bernstein coefficients at least 0 in degree {n}, got"
            f" {_plain(coefficients)}"
        )
    width = (high - low) ** n
    return tuple(
        WeightTerm(c / width, i, n - i, base, low, high) for i, c in enumerate(coefficients) if c
    )


def payoff_polynomials(
    weight: Sequence[WeightTerm], *, on_correct_at_0: Fraction = _ZERO
) -> tuple[Polynomial, Polynomial]:
    """The rule of a density: the coefficients of R(q, 1) and of R(q, 0).

    R(q, 1) = R(0, 1) + integral of (1 - t) w(t) up to q, and R(q, 0) = - integral of t w(t) up to
    q.

    Source: Schervish 1989.

    >>> on_correct, on_wrong = payoff_polynomials([WeightTerm(Fraction(2))])
    >>> [str(x) for x in on_correct], [str(x) for x in on_wrong]
    (['0', '2', '-1'], ['0', '0', '-1'])
    """
    w = density(weight)
    on_correct = integral(polynomial_product((_ONE, Fraction(-1)), w))
    on_wrong = integral(polynomial_product((_ZERO, Fraction(-1)), w))
    return polynomial_sum((on_correct_at_0,), on_correct), on_wrong


def coq_file(
    name: str,
    on_correct: Sequence[Fraction],
    on_wrong: Sequence[Fraction],
    weight: Sequence[WeightTerm],
) -> str:
    r"""A Coq file that proves a rule proper and decides joint optimality.

    Args:
        name: the beginning of every name in the file: letters, digits and underscores, first a
            letter.
        on_correct: R(q, 1) as exact coefficients, lowest degree first.
        on_wrong: R(q, 0), likewise.
        weight: the density that generates both, as a sum of nonnegative terms.

    Returns:
        The text of the file, for `coqc`. It proves `<name>_proper` and, unless the density is
        identically 0, `<name>_strictly_proper`. If R(0, 1) >= R(0, 0), it ends with
        `<name>_jointly_optimal` (and then `<name>_strictly_jointly_optimal`: no other policy has
        this expected reward), otherwise with `<name>_not_jointly_optimal` and a rational witness.

    Raises:
        ValueError: the name is not an identifier, or the weight is not the density of the two
            payoffs.

    >>> brier = [WeightTerm(Fraction(2))]
    >>> text = coq_file("brier", *payoff_polynomials(brier), brier)
    >>> re.findall(r"Theorem brier_(\w+)", text)
    ['proper', 'strictly_proper', 'jointly_optimal', 'strictly_jointly_optimal']
    """
    require_identifier(name)
    f, g = without_leading_zeros(on_correct), without_leading_zeros(on_wrong)
    text = HEADER.format(name=name) + proper_text(name, f, g, weight)
    if at(f, _ZERO) < at(g, _ZERO):
        return text + NOT_JOINTLY_OPTIMAL.format(
            name=name, witness=rational_text(witness(f, g, _ONE))
        )
    right = BETTER_ANSWER + JOINTLY_OPTIMAL
    if any(term.scale for term in weight):
        right += BETTER_ANSWER_STRICTLY + STRICTLY_JOINTLY_OPTIMAL
    return text + right.format(name=name)


def require_identifier(name: str) -> None:
    """Raise `ValueError` unless Coq names can begin with `name`.

    Example:
        >>> require_identifier("brier")
    """
    if not re.fullmatch(r"[A-Za-z][A-Za-z0-9_]*", name):
        raise ValueError(
            f"`name` must be letters, digits and underscores that begin with a letter, got {name!r}"
        )


def proper_text(
    name: str,
    on_correct: Sequence[Fraction],
    on_wrong: Sequence[Fraction],
    weight: Sequence[WeightTerm],
    low: Fraction = _ZERO,
    high: Fraction = _ONE,
) -> str:
    """The theorem `<name>_proper` and, unless the density is 0, `<name>_strictly_proper`.

    Both are about p and q in [low, high].

    Raises:
        ValueError: the weight is not the density of the two payoffs, or a term of it belongs to
            another interval.

    Example:
        >>> text = proper_text("flat", [_ONE], [_ZERO], [])
        >>> "Theorem flat_proper" in text, "strictly" in text
        (True, False)
    """
    f, g = without_leading_zeros(on_correct), without_leading_zeros(on_wrong)
    _require_density(f, g, density(weight))
    terms = sorted(
        (term for term in weight if term.scale),
        key=lambda term: term.power + term.co_power,
        reverse=True,
    )
    for term in terms:
        if (term.low, term.high) != (low, high):
            raise ValueError(
                f"`weight` must be of [{low}, {high}], got a term of [{term.low}, {term.high}]"
            )
    factor = [part for term in terms for part in _factor(term)]
    scale = lcm(*(c.denominator for c in (*f, *g)), *(c.denominator for c, _ in factor))
    template = PROPER + STRICTLY_PROPER if terms else PROPER
    return template.format(
        name=name,
        low=rational_text(low),
        high=rational_text(high),
        signs=" /\\ ".join(f"0 <= {end(x)[0]}" for x in "pq" for end in (_from(low), _to(high))),
        scale=str(scale),
        on_correct=_text(f, "q", scale),
        on_wrong=_text(g, "q", scale),
        factor=_sum((((c * scale).numerator, text) for c, text in factor), plus="\n  + "),
    )


def _require_density(f: Polynomial, g: Polynomial, w: Polynomial) -> None:
    """Raise `ValueError` unless f' = (1 - t) w and g' = -t w, on which the identity rests."""
    claims = (("on_correct", f, _ONE, "(1 - t)"), ("on_wrong", g, _ZERO, "-t"))
    for payoff, polynomial, constant, multiplier in claims:
        derivative = polynomial_derivative(polynomial)
        if derivative != without_leading_zeros(polynomial_product((constant, Fraction(-1)), w)):
            raise ValueError(
                f"`weight` must be the density of the rule, so the derivative of `{payoff}` must be"
                f" {multiplier} w(t); got the coefficients {_plain(derivative)} against those of w,"
                f" {_plain(w)}"
            )


def _from(low: Fraction) -> Callable[[str], tuple[str, int]]:
    """Map x to the text of x - low with whole coefficients, and the factor that they hold."""
    return lambda x: (
        (f"({low.denominator} * {x} - {low.numerator})", low.denominator) if low else (x, 1)
    )


def _to(high: Fraction) -> Callable[[str], tuple[str, int]]:
    """Map x to the text of high - x with whole coefficients, and the factor that they hold."""
    n, d = high.numerator, high.denominator
    return lambda x: (f"({n} - {d} * {x})" if d > 1 else f"({n} - {x})", d)


def _factor(term: WeightTerm) -> Iterator[tuple[Fraction, str]]:
    """H of one term as (coefficient, product) pairs.

    They follow from t - low = (1 - s)(q - low) + s (p - low), and likewise for high - t. Last come
    the products without q - low or high - p, and without p - low or high - q: each is positive on
    one side of p = q.
    """
    one_sided = {(term.power, 0), (0, term.co_power)}
    shares = product(range(term.power + 1), range(term.co_power + 1))
    (p, low), (q, _), (not_p, high), (not_q, _) = (
        end(x) for end in (_from(term.low), _to(term.high)) for x in "pq"
    )
    scale = term.scale / (low**term.power * high**term.co_power)
    for a, b in sorted(shares, key=one_sided.__contains__):
        rest = term.power - a + term.co_power - b
        ways = scale * comb(term.power, a) * comb(term.co_power, b)
        powers = (
            _power(p, a)
            + _power(q, term.power - a)
            + _power(not_p, b)
            + _power(not_q, term.co_power - b)
        )
        for pivot, square in _squares(without_leading_zeros(term.base), a + b, 1 + rest):
            yield ways * pivot, powers + square


def _squares(base: Polynomial, m: int, n: int) -> Iterator[tuple[Fraction, str]]:
    """The integral of s^m (1-s)^n base(q + s (p - q))^2 as a sum of squares.

    The squares are those of the L D L^T decomposition of its moment matrix.
    """
    size = len(base)
    if size == 1:
        yield base[0] ** 2 * _beta(m, n), ""
        return
    moments = [[_beta(m + i + j, n) for j in range(size)] for i in range(size)]
    lower, pivots = _ldl(moments)
    for k, pivot in enumerate(pivots):
        line = [polynomial_product((lower[i][k],), taylor(base, i)) for i in range(k, size)]
        whole = lcm(*(c.denominator for polynomial in line for c in polynomial))
        gaps = [
            _power("(p - q)", k + i) + f" * ({_text(polynomial, 'q', whole)})"
            for i, polynomial in enumerate(line)
        ]
        yield (
            pivot / whole**2,
            " * (" + " + ".join(gap.removeprefix(" * ") for gap in gaps) + ") ^ 2",
        )


def _ldl(matrix: Matrix) -> tuple[Matrix, list[Fraction]]:
    """Exact L D L^T of a positive definite matrix: unit lower triangle and positive pivots."""
    size = len(matrix)
    lower = [[Fraction(int(i == j)) for j in range(size)] for i in range(size)]
    pivots: list[Fraction] = []
    for k in range(size):
        pivots.append(matrix[k][k] - sum(lower[k][j] ** 2 * pivots[j] for j in range(k)))
        for i in range(k + 1, size):
            inner = sum(lower[i][j] * lower[k][j] * pivots[j] for j in range(k))
            lower[i][k] = (matrix[i][k] - inner) / pivots[k]
    return lower, pivots


def _beta(m: int, n: int) -> Fraction:
    """The integral of s^m (1 - s)^n over [0, 1]."""
    return Fraction(factorial(m) * factorial(n), factorial(m + n + 1))


def witness(f: Polynomial, g: Polynomial, start: Fraction) -> Fraction:
    """The first p of start, start/2, ... with f(p) < g(0).

    One exists, since f is continuous and f(0) < g(0).

    Example:
        >>> witness((Fraction(-1), Fraction(2)), (_ZERO,), _ONE)
        Fraction(1, 4)
    """
    while at(f, start) >= at(g, _ZERO):
        start /= 2
    return start


def _text(x: Polynomial, variable: str, scale: int) -> str:
    """`scale` times the polynomial, in whole coefficients, for which `ring` is fast."""
    return _sum(((c * scale).numerator, _power(variable, k)) for k, c in enumerate(x))


def _sum(terms: Iterable[tuple[int, str]], *, plus: str = " + ") -> str:
    return plus.join(f"({c}){text}" if c < 0 else f"{c}{text}" for c, text in terms if c) or "0"


def _power(factor: str, exponent: int) -> str:
    return "" if exponent == 0 else f" * {factor}" if exponent == 1 else f" * {factor} ^ {exponent}"


def _plain(x: Sequence[Fraction]) -> str:
    return "[" + ", ".join(str(c) for c in without_leading_zeros(x)) + "]"


def rational_text(x: Fraction) -> str:
    """The number as Coq reads it.

    Example:
        >>> rational_text(Fraction(1, 2))
        '(1 / 2)'
    """
    return str(x) if x in (0, 1) else f"({x.numerator} / {x.denominator})"
