"""A payoff at one confidence, with nothing but the standard library: trainers grade one completion at a time."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping

from proofs.kernel.formula import Apply, Name, Node, Number

_LOGICAL: Mapping[str, Callable[..., bool]] = {
    "<": lambda a, b: a < b, "<=": lambda a, b: a <= b, "==": lambda a, b: a == b, "!=": lambda a, b: a != b,
    "and": lambda a, b: bool(a and b), "or": lambda a, b: bool(a or b), "not": lambda a: not a,
}  # fmt: skip


def payoff(node: Node, confidence: float) -> float:
    """The number that a payoff (`on_correct` or `on_wrong`, every parameter bound) pays at a confidence.

        log(0) = -inf,  0 * -inf = 0,  x / 0 = +-inf by the sign of x

    Raises:
        ValueError: a parameter without a value, or a formula without a value there (log(-1), inf - inf).

    Example:
        >>> from proofs.kernel.formula import parse
        >>> payoff(parse("1 - (q - 1)^2"), 0.5), payoff(parse("log(q)"), 0.0)
        (0.75, -inf)
    """
    value = _evaluate(node, confidence)
    if math.isnan(value):
        raise ValueError(f"the payoff has no value at confidence {confidence}")
    return value


def _evaluate(node: Node, q: float) -> float:
    if isinstance(node, Number):
        return float(node.value)
    if isinstance(node, Name):
        if node.id != "q":
            raise ValueError(f"the parameter `{node.id}` needs a value before a payoff can be computed")
        return q
    if node.op == "if":
        return _evaluate(node.args[1] if _evaluate(node.args[0], q) else node.args[2], q)
    return _apply(node, [_evaluate(argument, q) for argument in node.args])


def _apply(node: Apply, x: list[float]) -> float:
    match node.op:
        case "+":
            return x[0] + x[1]
        case "-":
            return x[0] - x[1]
        case "*":
            return 0.0 if 0 in x else x[0] * x[1]
        case "/":
            return x[0] / x[1] if x[1] else math.nan if x[0] == 0 else math.copysign(math.inf, x[0])
        case "neg":
            return -x[0]
        case "^":
            return _power(x[0], x[1])
        case "log":
            return math.log(x[0]) if x[0] > 0 else -math.inf if x[0] == 0 else math.nan
        case "exp":
            return math.exp(x[0]) if x[0] < 709 else math.inf
        case "sqrt":
            return math.sqrt(x[0]) if x[0] >= 0 else math.nan
        case "abs":
            return abs(x[0])
        case "min":
            return min(x)
        case "max":
            return max(x)
        case "clip":
            return min(max(x[0], x[1]), x[2])
        case "beta_cdf":
            return beta_cdf(x[0], x[1], x[2])
        case "beta_function":
            return math.exp(math.lgamma(x[0]) + math.lgamma(x[1]) - math.lgamma(x[0] + x[1]))
        case _:
            return float(_LOGICAL[node.op](*x))


def _power(base: float, exponent: float) -> float:
    if base == 0 and exponent < 0:
        return math.inf
    if base < 0 and not exponent.is_integer():
        return math.nan
    return float(base**exponent)


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
