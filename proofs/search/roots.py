"""Roots of polynomials with rational coefficients (lowest first), and their square-free parts."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from math import comb, gcd, lcm

from proofs.kernel.normal_form import Expression, Q, monomial

Coefficients = list[Fraction]


def polynomial_value(coefficients: Sequence[Fraction], x: Fraction) -> Fraction:
    """The value of a polynomial at x, by Horner's rule.

    Example:
        >>> polynomial_value([Fraction(1), Fraction(2)], Fraction(3))
        Fraction(7, 1)
    """
    result = Fraction(0)
    for coefficient in reversed(coefficients):
        result = result * x + coefficient
    return result


def trimmed(coefficients: Sequence[Fraction]) -> Coefficients:
    """The coefficients without leading zeros.

    Example:
        >>> trimmed([Fraction(1), Fraction(0)])
        [Fraction(1, 1)]
    """
    kept = list(coefficients)
    while kept and not kept[-1]:
        kept.pop()
    return kept


def polynomial_division(
    a: Sequence[Fraction], b: Sequence[Fraction]
) -> tuple[Coefficients, Coefficients]:
    """The quotient and the remainder of a / b.

    Example:
        >>> quotient, rest = polynomial_division([Fraction(x) for x in (-1, 0, 1)], [1, 1])
        >>> [str(x) for x in quotient], rest
        (['-1', '1'], [])
    """
    rest, quotient = trimmed(a), [Fraction(0)] * max(len(a) - len(b) + 1, 1)
    while len(rest) >= len(b):
        factor, shift = rest[-1] / b[-1], len(rest) - len(b)
        quotient[shift] = factor
        for i, x in enumerate(b):
            rest[shift + i] -= factor * x
        rest = trimmed(rest)
    return quotient, rest


def common_divisor(a: Sequence[Fraction], b: Sequence[Fraction]) -> Coefficients:
    """The monic greatest common divisor.

    Example:
        >>> common_divisor([Fraction(-1), Fraction(0), Fraction(1)], [Fraction(1), Fraction(1)])
        [Fraction(1, 1), Fraction(1, 1)]
    """
    x, y = trimmed(a), trimmed(b)
    while y:
        x, y = y, polynomial_division(x, y)[1]
        y = [c / y[-1] for c in y] if y else y
    return [c / x[-1] for c in x]


def slope(coefficients: Sequence[Fraction]) -> Coefficients:
    """The coefficients of the derivative.

    Example:
        >>> slope([Fraction(1), Fraction(2), Fraction(3)])
        [Fraction(2, 1), Fraction(6, 1)]
    """
    return [i * x for i, x in enumerate(coefficients)][1:]


def square_free_split(coefficients: Sequence[Fraction]) -> tuple[Coefficients, Coefficients]:
    """Polynomials g and h with coefficients = g^2 h and h square-free (Yun's algorithm).

    Example:
        >>> square, rest = square_free_split([Fraction(x) for x in (1, 2, 1)])
        >>> [str(x) for x in square], [str(x) for x in rest]
        (['1', '1'], ['1'])
    """
    g: Coefficients = [Fraction(1)]
    h = trimmed(coefficients)
    while len(h) > 1:
        repeated = common_divisor(h, slope(h))
        # Each root of multiplicity m occurs m - 1 times in `repeated`, so the square-free part of
        # `repeated` divides h twice.
        part = (
            polynomial_division(repeated, common_divisor(repeated, slope(repeated)))[0]
            if len(repeated) > 1
            else [Fraction(1)]
        )
        if len(trimmed(part)) <= 1:
            break
        part = trimmed(part)
        g, h = (
            product(g, part),
            trimmed(polynomial_division(polynomial_division(h, part)[0], part)[0]),
        )
    return g, h


def product(a: Sequence[Fraction], b: Sequence[Fraction]) -> Coefficients:
    """The coefficients of the product a * b.

    Example:
        >>> [str(x) for x in product([Fraction(1), Fraction(1)], [Fraction(-1), Fraction(1)])]
        ['-1', '0', '1']
    """
    result = [Fraction(0)] * (len(a) + len(b) - 1)
    for i, x in enumerate(a):
        for j, y in enumerate(b):
            result[i + j] += x * y
    return result


def from_polynomial(coefficients: Sequence[Fraction]) -> Expression:
    """The kernel's expression of a polynomial in q.

    Example:
        >>> from_polynomial([Fraction(2)]).constant()
        Fraction(2, 1)
    """
    return Expression({monomial([(Q, Fraction(i))])[0]: x for i, x in enumerate(coefficients)})


def bernstein(coefficients: Sequence[Fraction], low: Fraction, high: Fraction) -> Coefficients:
    """The Bernstein coefficients on [low, high].

    Example:
        >>> bernstein([Fraction(0), Fraction(1)], Fraction(1, 4), Fraction(1, 2))
        [Fraction(1, 4), Fraction(1, 2)]
    """
    d = len(coefficients) - 1
    shifted = [Fraction(0)] * (d + 1)  # coefficients in t, q = low + (high - low) t
    for coefficient in reversed(coefficients):
        for j in range(d, 0, -1):
            shifted[j] = shifted[j] * low + shifted[j - 1] * (high - low)
        shifted[0] = shifted[0] * low + coefficient
    return [
        sum((Fraction(comb(j, i), comb(d, i)) * shifted[i] for i in range(j + 1)), Fraction(0))
        for j in range(d + 1)
    ]


def _divisors(n: int, most: int = 2000) -> set[int]:
    n = abs(n)
    if n > 10**9:
        return {d for d in range(1, most) if n % d == 0}
    small = {d for d in range(1, int(n**0.5) + 1) if n % d == 0}
    return small | {n // d for d in small}


def rational_roots(coefficients: Sequence[Fraction]) -> list[Fraction]:
    """The rational roots in the open interval (0, 1), ascending, by the rational root theorem.

    Example:
        >>> rational_roots([Fraction(1), Fraction(-5), Fraction(6)])
        [Fraction(1, 3), Fraction(1, 2)]
    """
    nonzero = trimmed(coefficients)
    while nonzero and not nonzero[0]:
        nonzero = nonzero[1:]
    if len(nonzero) < 2:
        return []
    if len(nonzero) == 2:
        root = -nonzero[0] / nonzero[1]
        return [root] if 0 < root < 1 else []
    scale = lcm(*(x.denominator for x in nonzero))
    whole = [int(x * scale) for x in nonzero]
    content = gcd(*whole)
    tops, bottoms = _divisors(whole[0] // content), _divisors(whole[-1] // content)
    candidates = {Fraction(t, b) for t in tops for b in bottoms if t < b}
    return sorted(r for r in candidates if not polynomial_value(nonzero, r))
