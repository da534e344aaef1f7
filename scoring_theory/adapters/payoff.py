"""A payoff at one confidence, and the same payoff written as Python: trainers grade one completion at a time."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Mapping

from proofs.kernel.formula import Name, Node, Number
from scoring_theory.adapters import arithmetic

_OPERATIONS: Mapping[str, Callable[..., float]] = {
    "+": operator.add, "-": operator.sub, "*": arithmetic.times, "/": arithmetic.divide, "^": arithmetic.power,
    "neg": operator.neg, "abs": abs, "min": min, "max": max, "clip": arithmetic.clip,
    "log": arithmetic.log, "exp": arithmetic.exp, "sqrt": arithmetic.sqrt,
    "beta_cdf": arithmetic.beta_cdf, "beta_function": arithmetic.beta_function,
    "<": operator.lt, "<=": operator.le, "==": operator.eq, "!=": operator.ne,
    "and": lambda a, b: bool(a and b), "or": lambda a, b: bool(a or b), "not": operator.not_,
}  # fmt: skip
_PLAIN = {
    "+": "({} + {})", "-": "({} - {})", "*": "({} * {})", "/": "({} / {})", "^": "({} ** {})", "neg": "(-{})",
    "if": "({1} if {0} else {2})", "<": "float({} < {})", "<=": "float({} <= {})", "==": "float({} == {})",
    "!=": "float({} != {})", "and": "float(bool({} and {}))", "or": "float(bool({} or {}))", "not": "float(not {})",
}  # fmt: skip
_CAREFUL = {"*": "times({}, {})", "/": "divide({}, {})", "^": "power({}, {})"}
_LARGE = 1e150


def payoff(node: Node, confidence: float) -> float:
    """The number that a payoff (`on_correct` or `on_wrong`, every parameter bound) pays at a confidence.

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
    return float(_OPERATIONS[node.op](*(_evaluate(argument, q) for argument in node.args)))


def as_python(node: Node) -> str:
    """The payoff as Python in `q`, of the same value; where a term may be infinite, `arithmetic` is called.

    Only what the grammar knows is ever written: numbers, `q`, operators, and names of functions.

    Example:
        >>> from proofs.kernel.formula import parse
        >>> as_python(parse("1 - (q - 1)^2")), as_python(parse("q*log(q)"))
        ('(1.0 - ((q - 1.0) ** 2.0))', 'times(q, log(q))')
    """
    plain = _bound(node) < math.inf
    words = _PLAIN if plain else {**_PLAIN, **_CAREFUL}
    return _written(node, words)


def _bound(node: Node) -> float:
    """An upper bound of |payoff| over q in [0, 1]; polynomials with steps have one, other formulas get infinity."""
    if isinstance(node, Number):
        return float(abs(node.value)) if abs(node.value) < _LARGE else math.inf
    if isinstance(node, Name):
        return 1.0
    sizes, last = [_bound(argument) for argument in node.args], node.args[-1]
    found = math.inf
    if node.op in ("+", "-"):
        found = sum(sizes)
    elif node.op == "*":
        found = arithmetic.times(*sizes)
    elif node.op in ("neg", "abs", "min", "max", "clip", "if"):
        found = max(sizes)
    elif node.op in ("<", "<=", "==", "!=", "and", "or", "not"):
        found = 1.0 if max(sizes) < math.inf else math.inf
    elif node.op == "/" and isinstance(last, Number) and last.value:
        found = arithmetic.divide(*sizes)
    elif node.op == "^" and isinstance(last, Number) and last.value.denominator == 1 and last.value > 0:
        found = arithmetic.power(max(sizes[0], 1.0), sizes[1])
    return found if found < _LARGE else math.inf


def _written(node: Node, words: Mapping[str, str]) -> str:
    if isinstance(node, Number):
        return repr(float(node.value)) if node.value >= 0 else f"({float(node.value)!r})"
    if isinstance(node, Name):
        if node.id != "q":
            raise ValueError(f"the parameter `{node.id}` needs a value before a payoff can be written")
        return node.id
    args = [_written(argument, words) for argument in node.args]
    return words[node.op].format(*args) if node.op in words else f"{node.op}({', '.join(args)})"
