"""From a polynomial rule and its threshold density to one Coq file that proves what the rule does.

The proof uses no calculus. With w the density, f' = (1 - t) w and g' = -t w,

    U(p, p) - U(p, q) = (p - q)^2 H(p, q),    H(p, q) = integral over s in [0, 1] of (1 - s) w(q + s (p - q)) ds,

and for w a sum of terms scale * t^i (1 - t)^j base(t)^2 with scale >= 0, H is written out as a sum of products of p, q,
1 - p, 1 - q and squares. Coq checks the identity as two equal polynomials, and the sign term by term. A density w
that is not identically 0 has isolated zeros, so the honest report is the *only* best one: of each term with scale > 0,
the product with p^i (1 - q)^j is positive for q < p, the one with q^i (1 - p)^j for p < q, and so is the last square,
whose root is a multiple of a power of p - q. The file imports Coq's standard library only: whoever reads it needs
neither this package nor trust in it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import product, zip_longest
from math import comb, factorial, lcm

from proofs.coq_text import (
    JOINTLY_OPTIMAL,
    NOT_JOINTLY_OPTIMAL,
    PROPER,
    STRICTLY_JOINTLY_OPTIMAL,
    STRICTLY_PROPER,
)

Polynomial = tuple[Fraction, ...]
Matrix = list[list[Fraction]]

_ONE = (Fraction(1),)


@dataclass(frozen=True, slots=True)
class WeightTerm:
    """One nonnegative piece of a threshold density: scale * t^power * (1 - t)^co_power * base(t)^2.

    Args:
        scale: a nonnegative rational.
        power: how often t divides the piece, at least 0.
        co_power: how often 1 - t divides the piece, at least 0.
        base: coefficients of a polynomial in t, lowest degree first, whose square enters; not all zero.
    """

    scale: Fraction
    power: int = 0
    co_power: int = 0
    base: Polynomial = _ONE

    def __post_init__(self) -> None:
        if self.scale < 0:
            raise ValueError(f"`scale` must be at least 0, got {self.scale}")
        if self.power < 0 or self.co_power < 0:
            raise ValueError(f"`power` and `co_power` must be at least 0, got {self.power} and {self.co_power}")
        if not any(self.base):
            raise ValueError(f"`base` must have a nonzero coefficient, got {self.base}")


def density(weight: Sequence[WeightTerm]) -> Polynomial:
    """The density itself: w(t) = sum of scale t^power (1 - t)^co_power base(t)^2, coefficients from degree 0 up.

    >>> density([WeightTerm(Fraction(2), base=(Fraction(-1), Fraction(2)))])
    (Fraction(2, 1), Fraction(-8, 1), Fraction(8, 1))
    """
    total: Polynomial = ()
    for term in weight:
        piece = _times((term.scale,), _times(term.base, term.base))
        for _ in range(term.power):
            piece = _times(piece, (Fraction(0), Fraction(1)))
        for _ in range(term.co_power):
            piece = _times(piece, (Fraction(1), Fraction(-1)))
        total = _plus(total, piece)
    return _trimmed(total)


def bernstein_weight(h: Sequence[Fraction], *, raise_by: int = 0, base: Polynomial = _ONE) -> tuple[WeightTerm, ...]:
    """The density base(t)^2 h(t), h = sum over i of c_i t^i (1 - t)^(n - i) with n the degree plus `raise_by`.

    This is how a Bernstein or square certificate of a sign on the whole of [0, 1] becomes a sum of nonnegative terms.

    Raises:
        ValueError: a coefficient c_i is negative, so this degree does not show that h >= 0.

    >>> [str(term.scale) for term in bernstein_weight([Fraction(1), Fraction(-1), Fraction(1)], raise_by=1)]
    ['1', '2', '2', '1']
    """
    n = len(h) - 1 + raise_by
    coefficients = [sum((c * comb(n - k, i - k) for k, c in enumerate(h) if k <= i), Fraction(0)) for i in range(n + 1)]
    if min(coefficients, default=Fraction(0)) < 0:
        raise ValueError(f"`h` must have Bernstein coefficients at least 0 in degree {n}, got {_plain(coefficients)}")
    return tuple(WeightTerm(c, i, n - i, base) for i, c in enumerate(coefficients) if c)


def payoffs(weight: Sequence[WeightTerm], *, on_correct_at_0: Fraction = Fraction(0)) -> tuple[Polynomial, Polynomial]:
    """The rule of a density: R(q, 1) = R(0, 1) + integral of (1 - t) w(t) and R(q, 0) = - integral of t w(t), up to q.

    Source: Schervish 1989.

    >>> payoffs([WeightTerm(Fraction(2))])
    ((Fraction(0, 1), Fraction(2, 1), Fraction(-1, 1)), (Fraction(0, 1), Fraction(0, 1), Fraction(-1, 1)))
    """
    w = density(weight)
    on_correct = _integral(_times((Fraction(1), Fraction(-1)), w))
    on_wrong = _integral(_times((Fraction(0), Fraction(-1)), w))
    return _plus((on_correct_at_0,), on_correct), on_wrong


def coq_file(
    name: str, on_correct: Sequence[Fraction], on_wrong: Sequence[Fraction], weight: Sequence[WeightTerm]
) -> str:
    r"""A Coq file that proves the rule proper, strictly unless its density is 0, and decides joint optimality.

    Args:
        name: begins every definition of the file; letters, digits and underscores, first a letter.
        on_correct: R(q, 1) as exact coefficients, lowest degree first.
        on_wrong: R(q, 0), likewise.
        weight: the density that generates both, as a sum of nonnegative terms.

    Returns:
        The text of the file, for `coqc`. It proves `<name>_proper` and, where the density is not identically 0,
        `<name>_strictly_proper`. It ends with `<name>_jointly_optimal` (and then `<name>_strictly_jointly_optimal`: no
        other policy earns as much) where R(0, 1) >= R(0, 0), and with `<name>_not_jointly_optimal` and a rational
        witness elsewhere.

    Raises:
        ValueError: the name is not an identifier, or the weight is not the density of the two payoffs.

    >>> text = coq_file("brier", *payoffs([WeightTerm(Fraction(2))]), [WeightTerm(Fraction(2))])
    >>> re.findall(r"Theorem brier_(\w+)", text)
    ['proper', 'strictly_proper', 'jointly_optimal', 'strictly_jointly_optimal']
    """
    if not re.fullmatch(r"[A-Za-z][A-Za-z0-9_]*", name):
        raise ValueError(f"`name` must be letters, digits and underscores that begin with a letter, got {name!r}")
    f, g = _trimmed(on_correct), _trimmed(on_wrong)
    _require_density(f, g, density(weight))
    terms = sorted((term for term in weight if term.scale), key=lambda term: term.power + term.co_power, reverse=True)
    factor = [part for term in terms for part in _factor(term)]
    scale = lcm(*(c.denominator for c in (*f, *g)), *(c.denominator for c, _ in factor))
    parts = {
        "name": name,
        "scale": str(scale),
        "on_correct": _text(f, "q", scale),
        "on_wrong": _text(g, "q", scale),
        "factor": _sum((((c * scale).numerator, text) for c, text in factor), plus="\n  + "),
    }
    honest, right = (PROPER + STRICTLY_PROPER, STRICTLY_JOINTLY_OPTIMAL) if terms else (PROPER, "")
    if _at(f, Fraction(0)) >= _at(g, Fraction(0)):
        return (honest + JOINTLY_OPTIMAL + right).format(**parts)
    return (honest + NOT_JOINTLY_OPTIMAL).format(**parts, witness=_rational(_witness(f, g)))


def _require_density(f: Polynomial, g: Polynomial, w: Polynomial) -> None:
    """Raises unless f' = (1 - t) w and g' = -t w: the two equations that make the identity true."""
    claims = (("on_correct", f, Fraction(1), "(1 - t)"), ("on_wrong", g, Fraction(0), "-t"))
    for payoff, polynomial, constant, multiplier in claims:
        if _derivative(polynomial) != _trimmed(_times((constant, Fraction(-1)), w)):
            raise ValueError(
                f"`weight` must be the density of the rule, so the derivative of `{payoff}` must be {multiplier} w(t); "
                f"got the coefficients {_plain(_derivative(polynomial))} against those of w, {_plain(w)}"
            )


def _factor(term: WeightTerm) -> Iterator[tuple[Fraction, str]]:
    """H of one term as (coefficient, product) pairs, from t = (1-s) q + s p and 1 - t = (1-s) (1-q) + s (1-p).

    Last come the products without q or 1 - p, and without p or 1 - q: each is positive on one side of p = q.
    """
    one_sided = {(term.power, 0), (0, term.co_power)}
    shares = product(range(term.power + 1), range(term.co_power + 1))
    for a, b in sorted(shares, key=one_sided.__contains__):
        rest = term.power - a + term.co_power - b
        ways = term.scale * comb(term.power, a) * comb(term.co_power, b)
        powers = _product(p=a, q=term.power - a, not_p=b, not_q=term.co_power - b)
        for pivot, square in _squares(_trimmed(term.base), a + b, 1 + rest):
            yield ways * pivot, powers + square


def _squares(base: Polynomial, m: int, n: int) -> Iterator[tuple[Fraction, str]]:
    """The integral of s^m (1-s)^n base(q + s (p - q))^2 as a sum of squares, by the L D L^T of its moment matrix."""
    size = len(base)
    if size == 1:
        yield base[0] ** 2 * _beta(m, n), ""
        return
    moments = [[_beta(m + i + j, n) for j in range(size)] for i in range(size)]
    lower, pivots = _ldl(moments)
    for k, pivot in enumerate(pivots):
        line = [_times((lower[i][k],), _taylor(base, i)) for i in range(k, size)]
        whole = lcm(*(c.denominator for polynomial in line for c in polynomial))
        gaps = [_power("(p - q)", k + i) + f" * ({_text(polynomial, 'q', whole)})" for i, polynomial in enumerate(line)]
        yield pivot / whole**2, " * (" + " + ".join(gap.removeprefix(" * ") for gap in gaps) + ") ^ 2"


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


def _witness(f: Polynomial, g: Polynomial) -> Fraction:
    """The first of 1, 1/2, 1/4, ... with f(p) < g(0); there is one, since f is continuous and f(0) < g(0)."""
    p = Fraction(1)
    while _at(f, p) >= _at(g, Fraction(0)):
        p /= 2
    return p


def _trimmed(coefficients: Sequence[Fraction]) -> Polynomial:
    exact = [Fraction(c) for c in coefficients]
    while exact and not exact[-1]:
        exact.pop()
    return tuple(exact)


def _plus(x: Polynomial, y: Polynomial) -> Polynomial:
    return tuple(a + b for a, b in zip_longest(x, y, fillvalue=Fraction(0)))


def _times(x: Polynomial, y: Polynomial) -> Polynomial:
    total = [Fraction(0)] * max(len(x) + len(y) - 1, 0)
    for i, a in enumerate(x):
        for j, b in enumerate(y):
            total[i + j] += a * b
    return tuple(total)


def _derivative(x: Polynomial) -> Polynomial:
    return _trimmed([k * c for k, c in enumerate(x)][1:])


def _integral(x: Polynomial) -> Polynomial:
    return (Fraction(0), *(c / (k + 1) for k, c in enumerate(x)))


def _taylor(x: Polynomial, k: int) -> Polynomial:
    """Coefficient of h^k in x(q + h): the k-th derivative over k!."""
    return tuple(comb(n, k) * c for n, c in enumerate(x) if n >= k)


def _at(x: Polynomial, point: Fraction) -> Fraction:
    return sum((c * point**k for k, c in enumerate(x)), Fraction(0))


def _text(x: Polynomial, variable: str, scale: int) -> str:
    """`scale` times the polynomial, which must make it whole: `ring` is fast on whole numbers."""
    return _sum(((c * scale).numerator, _power(variable, k)) for k, c in enumerate(x))


def _sum(terms: Iterable[tuple[int, str]], *, plus: str = " + ") -> str:
    return plus.join(f"({c}){text}" if c < 0 else f"{c}{text}" for c, text in terms if c) or "0"


def _product(*, p: int, q: int, not_p: int, not_q: int) -> str:
    return _power("p", p) + _power("q", q) + _power("(1 - p)", not_p) + _power("(1 - q)", not_q)


def _power(factor: str, exponent: int) -> str:
    return "" if exponent == 0 else f" * {factor}" if exponent == 1 else f" * {factor} ^ {exponent}"


def _plain(x: Sequence[Fraction]) -> str:
    return "[" + ", ".join(str(c) for c in _trimmed(x)) + "]"


def _rational(x: Fraction) -> str:
    return f"({x.numerator} / {x.denominator})"
