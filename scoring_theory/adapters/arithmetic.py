"""What the operations of a formula mean in float64, at the edges as well: the standard library alone.

log(0) = -inf; 0 times +-inf is 0; x / 0 is +-inf by the sign of x; what overflows is +-inf; log(-1) has no value (nan).
"""

from __future__ import annotations

import math


def times(a: float, b: float) -> float:
    """The product a b, with 0 * inf = 0: a branch that is not taken pays nothing."""
    return 0.0 if 0 in (a, b) else a * b


def divide(a: float, b: float) -> float:
    """The quotient a / b; 0 / 0 has no value."""
    return a / b if b else math.nan if a == 0 else math.copysign(math.inf, a)


def power(base: float, exponent: float) -> float:
    """The power base ** exponent, over the reals."""
    if base == 0 and exponent < 0:
        return math.inf
    if base < 0 and not exponent.is_integer():
        return math.nan
    try:
        return float(base**exponent)
    except OverflowError:
        return -math.inf if base < 0 and exponent % 2 else math.inf


def log(x: float) -> float:
    """The natural logarithm."""
    return math.log(x) if x > 0 else -math.inf if x == 0 else math.nan


def exp(x: float) -> float:
    """The exponential function."""
    return math.exp(x) if x < 709 else math.inf


def sqrt(x: float) -> float:
    """The square root."""
    return math.sqrt(x) if x >= 0 else math.nan


def clip(x: float, low: float, high: float) -> float:
    """The number x, held between two bounds."""
    return min(max(x, low), high)


def beta_function(a: float, b: float) -> float:
    """B(a, b), the integral of t^(a-1) (1-t)^(b-1) over [0, 1]."""
    return math.exp(math.lgamma(a) + math.lgamma(b) - math.lgamma(a + b))


def beta_cdf(x: float, a: float, b: float) -> float:
    """The regularised incomplete beta function I_x(a, b), a, b > 0, by Lentz's continued fraction.

    Source: Abramowitz and Stegun 26.5.8; the reflection I_x(a, b) = 1 - I_{1-x}(b, a) keeps the fraction convergent.

    Example:
        >>> beta_cdf(0.25, 1, 1), round(beta_cdf(0.5, 2, 3), 12)
        (0.25, 0.6875)
    """
    if not (a > 0 and b > 0):
        raise ValueError(f"`a` and `b` of beta_cdf must be positive, got {a} and {b}")
    if not 0 < x < 1:
        return float(x >= 1)
    if a == b == 1:
        return x
    if x > (a + 1) / (a + b + 2):
        return 1 - beta_cdf(1 - x, b, a)
    scale = math.lgamma(a + b) - math.lgamma(a) - math.lgamma(b) + a * math.log(x) + b * math.log1p(-x)
    return math.exp(scale) / (a * _continued_fraction(x, a, b))


def _continued_fraction(x: float, a: float, b: float) -> float:
    """1 + d1/(1 + d2/(1 + ...)), evaluated from the far end; two hundred terms are more than float64 can tell apart."""
    value = 1.0
    for k in range(200, 0, -1):
        m = k // 2
        top = -(a + m) * (a + b + m) if k % 2 else m * (b - m)
        value = 1 + top * x / ((a + k - 1) * (a + k)) / value
    return value
