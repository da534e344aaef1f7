"""Polynomials of one variable with exact coefficients, lowest degree first."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from itertools import zip_longest
from math import comb

Polynomial = tuple[Fraction, ...]


def without_leading_zeros(coefficients: Sequence[Fraction]) -> Polynomial:
    """Exact coefficients without zeros at the end.

    Example:
        >>> without_leading_zeros([1, 0])
        (Fraction(1, 1),)
    """
    exact = [Fraction(c) for c in coefficients]
    while exact and not exact[-1]:
        exact.pop()
    return tuple(exact)


def polynomial_sum(x: Polynomial, y: Polynomial) -> Polynomial:
    """The sum x + y.

    Example:
        >>> polynomial_sum((Fraction(1),), (Fraction(1), Fraction(2)))
        (Fraction(2, 1), Fraction(2, 1))
    """
    return tuple(a + b for a, b in zip_longest(x, y, fillvalue=Fraction(0)))


def polynomial_product(x: Polynomial, y: Polynomial) -> Polynomial:
    """The product x y.

    Example:
        >>> polynomial_product((Fraction(2),), (Fraction(1), Fraction(3)))
        (Fraction(2, 1), Fraction(6, 1))
    """
    total = [Fraction(0)] * max(len(x) + len(y) - 1, 0)
    for i, a in enumerate(x):
        for j, b in enumerate(y):
            total[i + j] += a * b
    return tuple(total)


def polynomial_derivative(x: Polynomial) -> Polynomial:
    """The derivative.

    Example:
        >>> polynomial_derivative((Fraction(1), Fraction(2)))
        (Fraction(2, 1),)
    """
    return without_leading_zeros([k * c for k, c in enumerate(x)][1:])


def integral(x: Polynomial) -> Polynomial:
    """The antiderivative that is 0 at 0.

    Example:
        >>> integral((Fraction(2),))
        (Fraction(0, 1), Fraction(2, 1))
    """
    return (Fraction(0), *(c / (k + 1) for k, c in enumerate(x)))


def taylor(x: Polynomial, k: int) -> Polynomial:
    """The coefficient of h^k in x(q + h): the k-th derivative over k!.

    Example:
        >>> taylor((Fraction(0), Fraction(0), Fraction(1)), 1)
        (Fraction(0, 1), Fraction(2, 1))
    """
    return tuple(comb(n, k) * c for n, c in enumerate(x) if n >= k)


def at(x: Polynomial, point: Fraction) -> Fraction:
    """The value at a point.

    Example:
        >>> at((Fraction(1), Fraction(2)), Fraction(3))
        Fraction(7, 1)
    """
    return sum((c * point**k for k, c in enumerate(x)), Fraction(0))


def polynomial_power(x: Polynomial, exponent: int) -> Polynomial:
    """A whole power, at least 0.

    Example:
        >>> polynomial_power((Fraction(2),), 3)
        (Fraction(8, 1),)
    """
    result: Polynomial = (Fraction(1),)
    for _ in range(exponent):
        result = polynomial_product(result, x)
    return result


def shifted(x: Sequence[Fraction], low: Fraction, width: Fraction) -> Polynomial:
    """The polynomial x(low + width y) in y.

    Example:
        >>> shifted((Fraction(0), Fraction(1)), Fraction(1, 2), Fraction(1, 4))
        (Fraction(1, 2), Fraction(1, 4))
    """
    result: Polynomial = ()
    for c in reversed(x):
        result = polynomial_sum((c,), polynomial_product(result, (low, width)))
    return result
