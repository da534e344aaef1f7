"""The value of a formula at one float inside (0, 1).

It decides nothing: searches use it to propose candidates, and trainers to compute rewards. The
conventions are the kernel's. A comparison of rational expressions is decided exactly, for the
number that the float stands for (`stated`). A product with a factor 0 is 0, and so is a quotient
with a numerator 0. A value that does not exist, or that float64 cannot hold, is NaN: an overflow is
not an infinity. log(0) is -inf. This module takes no limits, so at q = 0 and q = 1 the kernel has
to be asked (`proofs.search.at_point`).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import Any

from proofs.kernel.formula import COMPARISONS, CONFIDENCE, Apply, Name, Node, Number, substitute
from proofs.trees import walk

_NEAR = 4 * 2.0**-52
_LARGEST_DENOMINATOR = 1_000_000
_LARGE = 1e150
ROUNDING = 1e-12  # of the largest term; a formula of 4,000 operations loses less
_LARGEST_POWER = 64
_MOST_TERMS = 1_000_000


def nearest(x: Fraction) -> float:
    """The nearest float; infinite beyond the range of floats.

    Example:
        >>> nearest(Fraction(1, 4)), nearest(Fraction(10) ** 400)
        (0.25, inf)
    """
    try:
        return float(x)
    except OverflowError:
        return math.inf if x > 0 else -math.inf


def stated(q: float) -> Fraction:
    """The number that a float stands for.

    It is the fraction with a small denominator next to the float, or else the decimal that
    Python prints. So the grid point 0.1 + 0.2 equals the threshold 3/10, and the float of "1/3"
    equals 1/3.

    Example:
        >>> stated(0.1 + 0.2), stated(1 / 3), stated(0.123456789)
        (Fraction(3, 10), Fraction(1, 3), Fraction(123456789, 1000000000))
    """
    simple = Fraction(q).limit_denominator(_LARGEST_DENOMINATOR)
    return simple if abs(float(simple) - q) <= _NEAR * abs(q) else Fraction(repr(float(q)))


# ------------------------------------------------------------------------------------- operations


def times(a: float, b: float) -> float:
    """The product a b, which is 0 if a factor is 0, whatever the other one is.

    Example:
        >>> times(0, math.nan), times(1e200, 1e200)
        (0, nan)
    """
    if a == 0 or b == 0:
        return 0
    product = a * b
    return (
        math.nan
        if abs(product) == math.inf and abs(a) < math.inf and abs(b) < math.inf
        else product
    )


def divide(a: float, b: float) -> float:
    """The quotient a / b, which is 0 if a is 0, whatever b is.

    Example:
        >>> divide(0, 0), divide(1, 4)
        (0, 0.25)
    """
    if a == 0:
        return 0
    quotient = a / b if b else math.nan
    return math.nan if abs(quotient) == math.inf and abs(a) < math.inf else quotient


def power(base: float, exponent: float) -> float:
    """The power base ** exponent over the real numbers.

    Example:
        >>> power(4, 0.5), power(-4, 0.5)
        (2.0, nan)
    """
    if (base == 0 and exponent < 0) or (base < 0 and exponent % 1):
        return math.nan
    try:
        return float(base**exponent)
    except OverflowError:
        return math.nan


def whole_power(base: Fraction, exponent: Fraction) -> Fraction | float:
    """The power of a rational with a whole exponent, exactly.

    Example:
        >>> whole_power(Fraction(2), Fraction(-3))
        Fraction(1, 8)
    """
    return base ** int(exponent) if base or exponent >= 0 else math.nan


def log(x: float) -> float:
    """The natural logarithm; -inf at 0.

    Example:
        >>> log(1), log(0), log(-1)
        (0.0, -inf, nan)
    """
    return math.log(x) if x > 0 else -math.inf if x == 0 else math.nan


def exp(x: float) -> float:
    """The exponential function.

    Example:
        >>> exp(0), exp(1000)
        (1.0, nan)
    """
    try:
        return math.exp(x)
    except OverflowError:
        return math.nan


def sqrt(x: float) -> float:
    """The square root.

    Example:
        >>> sqrt(4), sqrt(-4)
        (2.0, nan)
    """
    return math.sqrt(x) if x >= 0 else math.nan


def least(*xs: float) -> float:
    """The least of several numbers; NaN if one of them is NaN.

    Example:
        >>> least(3, 1, 2)
        1
    """
    return math.nan if any(map(math.isnan, xs)) else min(xs)


def greatest(*xs: float) -> float:
    """The greatest of several numbers; NaN if one of them is NaN.

    Example:
        >>> greatest(3, 1, 2)
        3
    """
    return math.nan if any(map(math.isnan, xs)) else max(xs)


def clip(x: float, low: float, high: float) -> float:
    """The number x, limited to [low, high].

    Example:
        >>> clip(1.5, 0, 1)
        1
    """
    return least(greatest(x, low), high)


def less(a: float, b: float) -> float:
    """1 if a < b, else 0.

    Example:
        >>> less(1, 2), less(1, math.nan)
        (1, nan)
    """
    return math.nan if math.isnan(a) or math.isnan(b) else int(a < b)


def at_most(a: float, b: float) -> float:
    """1 if a <= b, else 0.

    Example:
        >>> at_most(2, 2)
        1
    """
    return math.nan if math.isnan(a) or math.isnan(b) else int(a <= b)


def same(a: float, b: float) -> float:
    """1 if a = b, else 0.

    Example:
        >>> same(1, 2)
        0
    """
    return math.nan if math.isnan(a) or math.isnan(b) else int(a == b)


def differ(a: float, b: float) -> float:
    """1 if a and b differ, else 0.

    Example:
        >>> differ(1, 2)
        1
    """
    return math.nan if math.isnan(a) or math.isnan(b) else int(a != b)


def both(a: float, b: float) -> float:
    """1 if neither is 0, else 0.

    Example:
        >>> both(1, 0)
        0
    """
    return 0 if a == 0 else differ(b, 0) if not math.isnan(a) else math.nan


def either(a: float, b: float) -> float:
    """0 if both are 0, else 1.

    Example:
        >>> either(1, 0)
        1
    """
    return differ(b, 0) if a == 0 else 1 if not math.isnan(a) else math.nan


def negation(a: float) -> float:
    """1 if a is 0, else 0.

    Example:
        >>> negation(0)
        1
    """
    return same(a, 0)


def choose(test: float, yes: float, no: float) -> float:
    """The value `yes` if the test is not 0, else `no`.

    Example:
        >>> choose(1, 0.25, 0.75)
        0.25
    """
    return math.nan if test != test else yes if test else no


def beta_function(a: float, b: float) -> float:
    """B(a, b), the integral of t^(a-1) (1-t)^(b-1) over [0, 1].

    Example:
        >>> round(beta_function(2, 3), 12)
        0.083333333333
    """
    return (
        math.exp(math.lgamma(a) + math.lgamma(b) - math.lgamma(a + b))
        if a > 0 and b > 0
        else math.nan
    )


def beta_cdf(x: float, a: float, b: float) -> float:
    """The regularised incomplete beta function I_x(a, b).

    Source: Didonato and Morris 1992, formula 9, a continued fraction that converges fast below the
    mean; above it, I_x(a, b) = 1 - I_(1-x)(b, a), once: rounding may put both x and 1 - x above
    their means.

    Example:
        >>> beta_cdf(0.25, 1, 1), round(beta_cdf(0.5, 2, 3), 12), round(beta_cdf(0.5, 1e6, 1e6), 12)
        (0.25, 0.6875, 0.5)
    """
    if not (a > 0 and b > 0 and 0 <= x <= 1):
        return math.nan
    if x in (0, 1) or a == b == 1:
        return float(x)
    if b * x > a * (1 - x):
        return 1 - _lower_beta(1 - x, x, b, a)
    return _lower_beta(x, 1 - x, a, b)


def _lower_beta(x: float, y: float, a: float, b: float) -> float:
    """I_x(a, b) for x = 1 - y not above the mean, by the convergents of the continued fraction."""
    c, old, new, below, limit = 1 + a * y - b * x, 0.0, 1.0, 1.0, 0.0
    last = c * a / (a + 1)
    for n in range(1, _MOST_TERMS):
        before, limit = limit, new / last
        if abs(limit - before) <= 2e-16 * limit:
            return _beta_power(x, y, a, b) * limit
        old, below, new, last = old / last, below / last, limit, 1.0
        w, s = n * (b - n) * x, a + 2 * n - 1
        p = a + n - 1
        alpha, beta = p * (p + b) / s**2 * w * x, n + w / s + (a + n) / (s + 2) * (c + n * (1 + y))
        old, new = new, alpha * old + beta * new
        below, last = last, alpha * below + beta * last
    return math.nan


def _beta_power(x: float, y: float, a: float, b: float) -> float:
    """x^a y^b / B(a, b), accurate to all digits for large a and b too.

    Source: Loader 2000, the saddle-point form.
    """
    n = a + b
    if n < 60:
        return math.exp(
            math.lgamma(n) - math.lgamma(a) - math.lgamma(b) + a * _log(x, y) + b * _log(y, x)
        )
    excess = a * y - b * x
    away = _deviance(a, n * x, excess) + _deviance(b, n * y, -excess)
    return math.exp(_stirling(n) - _stirling(a) - _stirling(b) - away) * math.sqrt(
        a * b / (2 * math.pi * n)
    )


def _log(x: float, y: float) -> float:
    """The logarithm of x = 1 - y."""
    return math.log(x) if x < 0.5 else math.log1p(-y)


def _stirling(z: float) -> float:
    """The error of Stirling's formula for log Gamma(z + 1)."""
    if z < 15:
        return math.lgamma(z + 1) - (z + 0.5) * math.log(z) + z - math.log(2 * math.pi) / 2
    w = 1 / (z * z)
    return (
        1 / 12 - w * (1 / 360 - w * (1 / 1260 - w * (1 / 1680 - w * (1 / 1188 - w * 691 / 360360))))
    ) / z


def _deviance(z: float, mean: float, excess: float) -> float:
    """The number z log(z/mean) - excess, where the excess z - mean may be small."""
    v = excess / (z + mean)
    if abs(v) > 0.1:
        return z * math.log(z / mean) - excess
    total, power_of_v = excess * v, 2 * z * v
    for k in range(3, 40, 2):
        power_of_v *= v * v
        total += power_of_v / k
    return total


# --------------------------------------------------------------------------------------- formulas


OPERATIONS: Mapping[str, Callable[..., float]] = {
    "+": lambda a, b: a + b,
    "-": lambda a, b: a - b,
    "*": times,
    "/": divide,
    "^": power,
    "neg": lambda a: -a,
    "abs": abs,
    "min": least,
    "max": greatest,
    "clip": clip,
    "log": log,
    "exp": exp,
    "sqrt": sqrt,
    "beta_cdf": beta_cdf,
    "beta_function": beta_function,
    "<": less,
    "<=": at_most,
    "==": same,
    "!=": differ,
    "and": both,
    "or": either,
    "not": negation,
    "if": choose,
}
_RATIONAL = set(OPERATIONS) - {"log", "exp", "sqrt", "beta_cdf", "beta_function"}
_TRUTHS = ("and", "or", "not", *COMPARISONS)


def is_rational(node: Node) -> bool:
    """Whether rational arguments give a rational value, so that it can be computed exactly.

    Example:
        >>> from proofs.kernel.formula import parse
        >>> is_rational(parse("q^2 < 1/3")), is_rational(parse("log(q)"))
        (True, False)
    """
    return all(
        not isinstance(part, Apply)
        or (part.op in _RATIONAL and (part.op != "^" or _is_whole(part.args[1])))
        for part in walk(node)
    )


def _is_whole(exponent: Node) -> bool:
    if not isinstance(exponent, Number):
        return False
    return exponent.value.denominator == 1 and abs(exponent.value) <= _LARGEST_POWER


def largest(node: Node) -> float:
    """An upper bound of the size of each term over q in [0, 1].

    It is finite for polynomials with steps and infinite for other formulas.

    Example:
        >>> from proofs.kernel.formula import parse
        >>> largest(parse("3*q - 2")), largest(parse("log(q)"))
        (5.0, inf)
    """
    if isinstance(node, Number):
        return nearest(abs(node.value)) if abs(node.value) < _LARGE else math.inf
    if isinstance(node, Name):
        return 1.0
    sizes, last = [largest(argument) for argument in node.args], node.args[-1]
    bound = math.inf
    if node.op in ("+", "-"):
        bound = sum(sizes)
    elif node.op == "*":
        bound = times(*sizes)
    elif node.op in ("neg", "abs", "min", "max", "clip", "if"):
        bound = max(sizes)
    elif node.op in _TRUTHS:
        bound = 1.0 if max(sizes) < math.inf else math.inf
    elif node.op == "/" and isinstance(last, Number) and last.value:
        bound = divide(*sizes)
    elif (
        node.op == "^"
        and isinstance(last, Number)
        and last.value.denominator == 1
        and last.value > 0
    ):
        bound = power(max(sizes[0], 1.0), sizes[1])
    return bound if bound < _LARGE else math.inf


def in_floats(node: Node, values: Mapping[str, Fraction] | None = None) -> Callable[[float], float]:
    """The tree as a function of q in floating point; NaN if floats cannot hold the value.

    Raises:
        ValueError: a parameter has no value.

    Example:
        >>> from proofs.kernel.formula import parse
        >>> in_floats(parse("q^2 + (100*q > 7)"))(0.5), in_floats(parse("q^2 + (100*q > 50)"))(0.5)
        (1.25, 0.25)
    """
    return _compiled(
        substitute(node, {name: Number(value) for name, value in (values or {}).items()})
    )


def _compiled(node: Node) -> Callable[[float], float]:
    if isinstance(node, Name):
        return _confidence(node)
    if isinstance(node, Number):
        rounded = nearest(node.value)
        constant = rounded if abs(rounded) < math.inf else math.nan
        return lambda _: constant
    if node.op in COMPARISONS and is_rational(node):
        return _comparison(node)
    if node.op == "if":
        return _choice(*map(_compiled, node.args))
    return _applied(OPERATIONS[node.op], [_compiled(argument) for argument in node.args])


def _choice(
    test: Callable[[float], float], yes: Callable[[float], float], no: Callable[[float], float]
) -> Callable[[float], float]:
    def chosen(q: float) -> float:
        truth = test(q)
        return choose(truth, yes(q), 0) if truth else no(q)

    return chosen


def _confidence(node: Name) -> Callable[[Any], Any]:
    if node.id != CONFIDENCE:
        raise ValueError(f"the parameter `{node.id}` needs a value before a payoff can be computed")
    return lambda q: q


def _comparison(node: Apply) -> Callable[[float], float]:
    """A comparison, decided by floats if the sides are far apart, and exactly otherwise."""
    test, (left, right) = OPERATIONS[node.op], (_compiled(argument) for argument in node.args)
    settled, slack = exactly(node), ROUNDING * sum(largest(argument) for argument in node.args)

    def decided(q: float) -> float:
        a, b = left(q), right(q)
        return test(a, b) if abs(a - b) > slack else settled(stated(q))

    return decided


def exactly(node: Node) -> Callable[[Fraction], Any]:
    """A rational formula as a function of a fraction, with the same operations in exact arithmetic.

    Example:
        >>> from proofs.kernel.formula import parse
        >>> exactly(parse("q/3"))(Fraction(1, 2))
        Fraction(1, 6)
    """
    if isinstance(node, Name):
        return _confidence(node)
    if isinstance(node, Number):
        constant = node.value
        return lambda _: constant
    operation = whole_power if node.op == "^" else OPERATIONS[node.op]
    return _applied(operation, [exactly(argument) for argument in node.args])


def _applied(
    function: Callable[..., Any], args: list[Callable[[Any], Any]]
) -> Callable[[Any], Any]:
    if len(args) == 2:
        left, right = args
        return lambda q: function(left(q), right(q))
    if len(args) == 1:
        (inner,) = args
        return lambda q: function(inner(q))
    return lambda q: function(*(argument(q) for argument in args))
