"""Roots of polynomials with rational coefficients (lowest first), and their square-free parts."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from math import comb, gcd, lcm

from proofs.kernel.normal_form import Expression, Q, monomial

Coefficients = list[Fraction]


def polynomial_value(coefficients: Sequence[Fraction], x: Fraction) -> Fraction:
    """Horner."""
    result = Fraction(0)
    for coefficient in reversed(coefficients):
        result = result * x + coefficient
    return result


def trimmed(coefficients: Sequence[Fraction]) -> Coefficients:
    """Without leading zeros."""
    found = list(coefficients)
    while found and not found[-1]:
        found.pop()
    return found


def polynomial_division(
    a: Sequence[Fraction], b: Sequence[Fraction]
) -> tuple[Coefficients, Coefficients]:
    """Quotient and remainder."""
    rest, quotient = trimmed(a), [Fraction(0)] * max(len(a) - len(b) + 1, 1)
    while len(rest) >= len(b):
        factor, shift = rest[-1] / b[-1], len(rest) - len(b)
        quotient[shift] = factor
        for i, x in enumerate(b):
            rest[shift + i] -= factor * x
        rest = trimmed(rest)
    return quotient, rest


def common_divisor(a: Sequence[Fraction], b: Sequence[Fraction]) -> Coefficients:
    """The monic greatest common divisor."""
    x, y = trimmed(a), trimmed(b)
    while y:
        x, y = y, polynomial_division(x, y)[1]
        y = [c / y[-1] for c in y] if y else y
    return [c / x[-1] for c in x]


def slope(coefficients: Sequence[Fraction]) -> Coefficients:
    """The derivative."""
    return [i * x for i, x in enumerate(coefficients)][1:]


def square_free_split(coefficients: Sequence[Fraction]) -> tuple[Coefficients, Coefficients]:
    """G and h with coefficients = g^2 h and h square-free (Yun's algorithm)."""
    g: Coefficients = [Fraction(1)]
    h = trimmed(coefficients)
    while len(h) > 1:
        repeated = common_divisor(h, slope(h))
        # each root of multiplicity m occurs m - 1 times in `repeated`; its square-free part divides
        # h twice
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
    """A * b."""
    result = [Fraction(0)] * (len(a) + len(b) - 1)
    for i, x in enumerate(a):
        for j, y in enumerate(b):
            result[i + j] += x * y
    return result


def from_polynomial(coefficients: Sequence[Fraction]) -> Expression:
    """The kernel's expression of a polynomial in q."""
    return Expression({monomial([(Q, Fraction(i))])[0]: x for i, x in enumerate(coefficients)})


def bernstein(coefficients: Sequence[Fraction], low: Fraction, high: Fraction) -> Coefficients:
    """Bernstein coefficients on [low, high]."""
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
    """Rational roots in the open interval (0, 1), ascending, by the rational root theorem."""
    found = trimmed(coefficients)
    while found and not found[0]:
        found = found[1:]
    if len(found) < 2:
        return []
    if len(found) == 2:
        root = -found[0] / found[1]
        return [root] if 0 < root < 1 else []
    scale = lcm(*(x.denominator for x in found))
    whole = [int(x * scale) for x in found]
    content = gcd(*whole)
    tops, bottoms = _divisors(whole[0] // content), _divisors(whole[-1] // content)
    candidates = {Fraction(t, b) for t in tops for b in bottoms if t < b}
    return sorted(r for r in candidates if not polynomial_value(found, r))
