"""A formula at one float, once: the arithmetic of searches. It decides nothing."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from fractions import Fraction

from proofs.kernel.formula import CONFIDENCE, Apply, Name, Node, Number


def nearest(x: Fraction) -> float:
    """The nearest float; infinite beyond their range."""
    try:
        return float(x)
    except OverflowError:
        return math.inf if x > 0 else -math.inf


def _divide(a: float, b: float) -> float:
    return a / b if b else math.nan


def _power(a: float, b: float) -> float:
    try:
        found = a**b
    except (ZeroDivisionError, OverflowError):
        return math.nan
    return found if isinstance(found, float) else math.nan


def _exp(a: float) -> float:
    return math.exp(a) if a < 700 else math.inf


def _log(a: float) -> float:
    return math.log(a) if a > 0 else -math.inf if a == 0 else math.nan


def _beta_cdf(x: float, a: float, b: float) -> float:
    """I_x(a, b) by Lentz's continued fraction, on the side of the mean where it converges fast."""
    if not (0 < x < 1 and a > 0 and b > 0):
        return x if x in (0, 1) and a > 0 and b > 0 else math.nan
    if x > (a + 1) / (a + b + 2):
        return 1 - _beta_cdf(1 - x, b, a)
    logs = math.lgamma(a) + math.lgamma(b) - math.lgamma(a + b)  # B(a, b) itself underflows where a + b is large
    front = math.exp(a * math.log(x) + b * math.log1p(-x) - logs) / a
    fraction, c, d = 1.0, 1.0, 0.0
    for n in range(2, 600):
        m = n // 2 - 1
        step = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
        if n % 2 == 1:
            step = (m + 1) * (b - m - 1) * x / ((a + 2 * m + 1) * (a + 2 * m + 2))
        d = 1 / ((1 + step * d) or 1e-300)
        c = (1 + step / c) or 1e-300
        fraction *= c * d
        if abs(c * d - 1) < 1e-16:
            break
    return front / fraction


def _beta_function(a: float, b: float) -> float:
    if a <= 0 or b <= 0:
        return math.nan
    return math.exp(math.lgamma(a) + math.lgamma(b) - math.lgamma(a + b))


_FUNCTIONS: Mapping[str, Callable[..., float]] = {
    "+": lambda a, b: a + b, "-": lambda a, b: a - b, "*": lambda a, b: a * b, "/": _divide, "^": _power,
    "neg": lambda a: -a, "log": _log, "exp": _exp, "sqrt": lambda a: math.sqrt(a) if a >= 0 else math.nan, "abs": abs,
    "min": min, "max": max, "clip": lambda x, a, b: min(max(x, a), b), "beta_cdf": _beta_cdf,
    "beta_function": _beta_function,
    "<": lambda a, b: float(a < b), "<=": lambda a, b: float(a <= b), "==": lambda a, b: float(a == b),
    "!=": lambda a, b: float(a != b), "and": lambda a, b: float(bool(a) and bool(b)),
    "or": lambda a, b: float(bool(a) or bool(b)), "not": lambda a: float(not a),
}  # fmt: skip


def in_floats(node: Node, values: Mapping[str, float]) -> Callable[[float], float]:
    """The tree as a function of q in floating point; NaN where floats cannot say."""
    outer = _compiled(node, values)

    def found(q: float) -> float:
        try:
            return float(outer(q))
        except OverflowError:
            return math.nan

    return found


def _compiled(node: Node, values: Mapping[str, float]) -> Callable[[float], float]:
    if isinstance(node, Name) and node.id == CONFIDENCE:
        return lambda q: q
    if not isinstance(node, Apply):
        constant = nearest(node.value) if isinstance(node, Number) else values[node.id]
        return lambda _: constant
    args = [_compiled(a, values) for a in node.args]
    if node.op == "if":
        condition, true, false = args
        return lambda q: true(q) if condition(q) else false(q)
    function = _FUNCTIONS[node.op]
    if len(args) == 2:
        left, right = args
        return lambda q: function(left(q), right(q))
    return lambda q: function(*(a(q) for a in args))
