"""A payoff as a function of one confidence, since trainers grade one completion at a time."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from proofs.floats import OPERATIONS, in_floats, is_rational, largest, nearest
from proofs.kernel.formula import COMPARISONS, Name, Node, Number
from proofs.kernel.normal_form import Rejected
from proofs.search.at_point import value_at

_PLAIN = {
    "*": "({} * {})",
    "/": "({} / {})",
    "^": "({} ** {})",
    "if": "({1} if {0} else {2})",
    "min": "min({})",
    "max": "max({})",
    "clip": "min(max({}, {}), {})",
    "abs": "abs({})",
    "<": "({} < {})",
    "<=": "({} <= {})",
    "==": "({} == {})",
    "!=": "({} != {})",
    "and": "bool({} and {})",
    "or": "bool({} or {})",
    "not": "(not {})",
}
_CAREFUL = {"+": "({} + {})", "-": "({} - {})", "neg": "(-{})"}


@dataclass(frozen=True)
class Payoff:
    """A payoff R(q, 1) or R(q, 0) without free parameters, as a picklable function of q.

    Attributes:
        node: the formula.
        ends: the exact values at 0 and at 1, which may be limits.

    Example:
        >>> from proofs.kernel.formula import parse
        >>> Payoff.of(parse("1 - (q - 1)^2"))(0.5), Payoff.of(parse("log(q)"))(0.0)
        (0.75, -inf)
        >>> Payoff.of(parse("q*(1/q)"))(0.0)  # the limit
        1.0
    """

    node: Node
    ends: tuple[float, float]
    _inside: Callable[[float], float] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Compile the formula once."""
        object.__setattr__(self, "_inside", in_floats(self.node))

    def __reduce__(self) -> tuple[Any, ...]:
        return Payoff, (self.node, self.ends)

    @classmethod
    def of(cls, node: Node) -> Payoff:
        """The payoff of a formula in q.

        Raises:
            ValueError: a parameter has no value, or the formula has no value at 0 or 1.
        """
        in_floats(node)
        return cls(node, (_at_end(node, 0), _at_end(node, 1)))

    def __call__(self, confidence: float) -> float:
        """The payoff at a confidence.

        Raises:
            ValueError: the formula has no value there, such as log(-1), or none that a float can
                represent.
        """
        if confidence == 0 or confidence == 1:  # faster than a set; this runs for every completion
            return self.ends[int(confidence)]
        value = float(self._inside(confidence))
        if value != value:
            raise ValueError(
                f"the payoff has no value in floating point at confidence {confidence}"
            )
        return value


def _at_end(node: Node, end: int) -> float:
    try:
        return value_at(node, Fraction(end))
    except Rejected as reason:
        value = in_floats(node)(float(end))
        if math.isnan(value):
            raise ValueError(
                f"the payoff has no known value at confidence {end}: {reason}"
            ) from reason
        return value


def as_python(node: Node) -> str:
    """The payoff as a Python expression in `q`, with the same value inside (0, 1).

    Where a term may be infinite, function calls replace operators. Comparisons are written in `x`,
    the fraction that `q` stands for. The expression contains only numbers, `q`, `x`, operators, and
    names of functions of the grammar.

    Example:
        >>> from proofs.kernel.formula import parse
        >>> as_python(parse("1 - (q - 1)^2")), as_python(parse("q*log(q)"))
        ('(1.0 - ((q - 1.0) ** 2.0))', 'times(q, log(q))')
        >>> as_python(parse("100*q > 7"))
        '(Fraction(7) < (Fraction(100) * x))'
    """
    return _Writer({**_CAREFUL, **_PLAIN} if is_plain(node) else _CAREFUL).written(node)


def is_plain(node: Node) -> bool:
    """Whether no term can be infinite, so that Python's operators suffice, at 0 and 1 as well.

    Example:
        >>> from proofs.kernel.formula import parse
        >>> is_plain(parse("1 - (q - 1)^2")), is_plain(parse("log(q)"))
        (True, False)
    """
    return largest(node) < math.inf


@dataclass(frozen=True)
class _Writer:
    words: Mapping[str, str]

    def written(self, node: Node, *, exact: bool = False) -> str:
        """The Python text of a node; exact text uses `x` and Fractions."""
        if isinstance(node, Number):
            return _fraction(node.value) if exact else _float(nearest(node.value))
        if isinstance(node, Name):
            if node.id != "q":
                raise ValueError(
                    f"the parameter `{node.id}` needs a value before a payoff can be written"
                )
            return "x" if exact else "q"
        inside = exact or (node.op in COMPARISONS and is_rational(node))
        args = [self.written(argument, exact=inside) for argument in node.args]
        if inside and node.op == "^":
            return f"whole_power({', '.join(args)})"
        if node.op not in self.words:
            return f"{OPERATIONS[node.op].__name__}({', '.join(args)})"
        return self.words[node.op].format(
            *([", ".join(args)] if node.op in ("min", "max") else args)
        )


def _float(value: float) -> str:
    if math.isinf(value):
        return "math.nan"
    return repr(value) if value >= 0 else f"({value!r})"


def _fraction(value: Fraction) -> str:
    return (
        f"Fraction({value.numerator}{'' if value.denominator == 1 else f', {value.denominator}'})"
    )
