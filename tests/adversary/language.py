"""Formulas as the generator builds them: trees with their text and their value, without a line of
the package.

`text` prints a tree for the package to read; `Payoff` evaluates the tree itself. Rational parts are
computed in fractions, the rest in `mpmath`. The language says of a payoff R(q, c): a condition, or
a factor without q, that is 0 removes what it multiplies; and where R has no value at q = 0 or q =
1, it is the limit from inside, on the branch that is taken at the end itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from itertools import pairwise
from typing import Any, TypeAlias

import mpmath
from mpmath import mp, mpf

Value = Fraction | mpf
Numeric: TypeAlias = "Tree | int | Fraction"


@dataclass(frozen=True)
class Tree:
    """A number (`op` is "number"), a name ("name"), or an operation on trees; arithmetic builds
    larger trees.
    """

    op: str
    args: tuple[Tree, ...] = ()
    value: Fraction = Fraction(0)
    name: str = ""

    def __add__(self, other: Numeric) -> Tree:
        return Tree("+", (self, tree(other)))

    def __sub__(self, other: Numeric) -> Tree:
        return Tree("-", (self, tree(other)))

    def __mul__(self, other: Numeric) -> Tree:
        return Tree("*", (self, tree(other)))

    def __truediv__(self, other: Numeric) -> Tree:
        return Tree("/", (self, tree(other)))

    def __pow__(self, other: Numeric) -> Tree:
        return Tree("^", (self, tree(other)))

    def __radd__(self, other: int | Fraction) -> Tree:
        return tree(other) + self

    def __rsub__(self, other: int | Fraction) -> Tree:
        return tree(other) - self

    def __rmul__(self, other: int | Fraction) -> Tree:
        return tree(other) * self

    def __rtruediv__(self, other: int | Fraction) -> Tree:
        return tree(other) / self

    def __neg__(self) -> Tree:
        return Tree("neg", (self,))

    def __lt__(self, other: Numeric) -> Tree:
        return Tree("<", (self, tree(other)))

    def __le__(self, other: Numeric) -> Tree:
        return Tree("<=", (self, tree(other)))

    def __gt__(self, other: Numeric) -> Tree:
        return Tree(">", (self, tree(other)))

    def __ge__(self, other: Numeric) -> Tree:
        return Tree(">=", (self, tree(other)))


def tree(x: Numeric) -> Tree:
    """A number as a tree."""
    return x if isinstance(x, Tree) else Tree("number", value=Fraction(x))


def name(text: str) -> Tree:
    """A variable or a parameter."""
    return Tree("name", name=text)


def call(function: str, *args: Numeric) -> Tree:
    """A function, or "if" (condition, then, otherwise), "==", "!=", "and", "or", "not"."""
    return Tree(function, tuple(tree(a) for a in args))


Q, C = name("q"), name("c")
CONDITIONS = ("<", "<=", ">", ">=", "==", "!=", "and", "or", "not")
INFIX = (*CONDITIONS[:-1], "+", "-", "*", "/", "^")


def text(node: Tree) -> str:
    """The formula, with brackets around everything that has parts."""
    if node.op == "number":
        return _numeral(node.value)
    if node.op == "name":
        return node.name
    parts = [text(a) for a in node.args]
    if node.op == "if":
        return f"({parts[1]} if {parts[0]} else {parts[2]})"
    if node.op in ("neg", "not"):
        return f"(-{parts[0]})" if node.op == "neg" else f"(not {parts[0]})"
    if node.op in INFIX:
        return f"({parts[0]} {node.op} {parts[1]})"
    return f"{node.op}({', '.join(parts)})"


def _numeral(x: Fraction) -> str:
    if x.denominator == 1 and abs(x) < 10**6:
        return str(x) if x >= 0 else f"({x})"
    size = len(str(abs(x.numerator))) - len(str(x.denominator))
    if abs(size) > 12:  # a power of ten and a short factor
        mantissa = x / Fraction(10) ** size
        return f"({mantissa.numerator}e{size}/{mantissa.denominator})"
    return f"({x.numerator}/{x.denominator})"


def nodes(node: Tree) -> Iterator[Tree]:
    """Every part of a tree, itself first."""
    yield node
    for part in node.args:
        yield from nodes(part)


def put(node: Tree, values: Mapping[str, Tree]) -> Tree:
    """The tree with names replaced."""
    if node.op == "name":
        return values.get(node.name, node)
    return (
        Tree(node.op, tuple(put(a, values) for a in node.args), node.value) if node.args else node
    )


class UndefinedError(ArithmeticError):
    """An operation has no value there."""


class TooHardError(ArithmeticError):
    """The value would take this evaluator too long; nothing is said about it."""


def real(x: Value) -> mpf:
    """A value as a number of the working precision."""
    return mpf(x.numerator) / x.denominator if isinstance(x, Fraction) else x


def _order(a: Value, b: Value) -> int:
    """-1, 0 or 1; numbers that agree in all but the last digits are equal."""
    if isinstance(a, Fraction) and isinstance(b, Fraction):
        return (a > b) - (a < b)
    x, y = real(a), real(b)
    if mp.isinf(x) or mp.isinf(y):
        return int(x > y) - int(x < y)
    gap, size = x - y, max(abs(x), abs(y))
    return 0 if abs(gap) <= size * mpf(10) ** (12 - mp.dps) else (1 if gap > 0 else -1)


def _defined(x: mpf) -> mpf:
    if isinstance(x, mpmath.mpc) or mp.isnan(x):
        raise UndefinedError
    return x


def _divided(a: Value, b: Value) -> Value:
    if _order(b, Fraction(0)) == 0:
        raise UndefinedError
    return a / b if isinstance(a, Fraction) and isinstance(b, Fraction) else real(a) / real(b)


def _arithmetic(f: Callable[[Value, Value], Value]) -> Callable[[Value, Value], Value]:
    def applied(a: Value, b: Value) -> Value:
        exact = isinstance(a, Fraction) and isinstance(b, Fraction)
        return f(a, b) if exact else _defined(f(real(a), real(b)))

    return applied


def _power(a: Value, b: Value) -> Value:
    sign = _order(a, Fraction(0))
    if sign == 0:
        if (upper := _order(b, Fraction(0))) < 0:
            raise UndefinedError
        return Fraction(0 if upper else 1)
    if isinstance(b, Fraction) and b.denominator == 1:
        if isinstance(a, Fraction) and abs(b) <= 12:
            return a ** int(b)
        return mp.power(real(a), int(b))
    if sign < 0:
        raise UndefinedError
    return _defined(mp.power(real(a), real(b)))


def _log(x: Value) -> Value:
    sign = _order(x, Fraction(0))
    if sign < 0:
        raise UndefinedError
    return -mp.inf if sign == 0 else Fraction(0) if x == 1 else mp.log(real(x))


def _root(x: Value) -> Value:
    sign = _order(x, Fraction(0))
    if sign < 0:
        raise UndefinedError
    return mp.sqrt(real(x)) if sign else Fraction(0)


def _beta_cdf(x: Value, a: Value, b: Value) -> Value:
    if min(real(a), real(b)) <= 0 or not 0 <= real(x) <= 1:
        raise UndefinedError
    if x in (0, 1):
        return Fraction(int(x))
    if min(real(a), real(b)) < mpf("1e-3") or max(real(a), real(b)) > 100:
        raise TooHardError
    return mp.betainc(real(a), real(b), 0, real(x), regularized=True)


def _beta(a: Value, b: Value) -> Value:
    if min(real(a), real(b)) <= 0:
        raise UndefinedError
    return mp.beta(real(a), real(b))


def _truth(x: bool) -> Value:
    return Fraction(int(x))


def _holds(x: Value) -> bool:
    return _order(x, Fraction(0)) != 0


def _largest(*args: Value) -> Value:
    best = args[0]
    for x in args[1:]:
        best = x if _order(x, best) > 0 else best
    return best


def _smallest(*args: Value) -> Value:
    best = args[0]
    for x in args[1:]:
        best = x if _order(x, best) < 0 else best
    return best


OPERATIONS: Mapping[str, Callable[..., Value]] = {
    "+": _arithmetic(lambda a, b: a + b),
    "-": _arithmetic(lambda a, b: a - b),
    "*": _arithmetic(lambda a, b: a * b),
    "/": _divided,
    "^": _power,
    "neg": lambda a: -a,
    "abs": abs,
    "log": _log,
    "exp": lambda x: Fraction(1) if x == 0 else mp.exp(real(x)),
    "sqrt": _root,
    "min": _smallest,
    "max": _largest,
    "clip": lambda x, low, high: _smallest(_largest(x, low), high),
    "beta_cdf": _beta_cdf,
    "beta_function": _beta,
    "<": lambda a, b: _truth(_order(a, b) < 0),
    "<=": lambda a, b: _truth(_order(a, b) <= 0),
    ">": lambda a, b: _truth(_order(a, b) > 0),
    ">=": lambda a, b: _truth(_order(a, b) >= 0),
    "==": lambda a, b: _truth(_order(a, b) == 0),
    "!=": lambda a, b: _truth(_order(a, b) != 0),
    "and": lambda a, b: _truth(_holds(a) and _holds(b)),
    "or": lambda a, b: _truth(_holds(a) or _holds(b)),
    "not": lambda a: _truth(not _holds(a)),
}


SETTLED = mpf(10) ** -330
"""A part that still moves by so little may have a coefficient of 1e-300 before a logarithm."""


class Payoff:
    """R(., c) of a tree at fixed parameters."""

    def __init__(self, node: Tree, correct: int, values: Mapping[str, Fraction]) -> None:
        known = {"c": tree(correct), **{key: tree(x) for key, x in values.items()}}
        self.node = put(node, known)
        self.unsure = mpf(0)
        """How far off the last limit may be; infinite where a slow part may hide in a fast one."""
        self._with_q: dict[int, bool] = {}
        self._constants: dict[tuple[int, int], Value] = {}

    def __call__(self, q: Fraction) -> mpf:
        """R(q, c) in the working precision: a number, or an infinity.

        Raises:
            UndefinedError: it has no value there.
        """
        try:
            return real(self._value(self.node, q, q))
        except UndefinedError:
            if q not in (0, 1):
                raise
            return self.limit(q, q)

    def limit(self, end: Fraction, choices: Fraction | None = None) -> mpf:
        """The limit from inside [0, 1] at 0 or 1; conditions are those at `choices`, or those
        nearby.
        """
        found = []
        for k in (800, 880, 960, 1040):
            with mp.workdps(max(mp.dps, 1100)):
                inside = Fraction(1, 10**k) if end == 0 else 1 - Fraction(1, 10**k)
                found.append(
                    real(self._value(self.node, inside if choices is None else choices, inside))
                )
        if mp.isinf(found[-1]):
            self.unsure = mpf(0)
            return found[-1]
        steps = [abs(y - x) for x, y in pairwise(found)]
        if steps[2] <= SETTLED:
            self.unsure = steps[2]
            return +found[-1]
        self.unsure = mp.inf
        if steps[2] <= steps[1] / 2:
            return +found[-1]
        return mp.inf if found[-1] > found[-2] else -mp.inf

    def _depends(self, node: Tree) -> bool:
        key = id(node)
        if key not in self._with_q:
            self._with_q[key] = node.name == "q" or any(self._depends(a) for a in node.args)
        return self._with_q[key]

    def _removes(self, node: Tree) -> bool:
        return node.op in CONDITIONS or not self._depends(node)

    def _value(self, node: Tree, here: Fraction, inside: Fraction) -> Value:
        """With choices made at `here` and arithmetic done at `inside`."""
        if node.op == "number":
            return node.value
        if node.op == "name":
            return inside
        if not self._depends(node):
            key = (id(node), mp.dps)
            if key not in self._constants:
                self._constants[key] = self._applied(node, here, inside)
            return self._constants[key]
        return self._applied(node, here, inside)

    def _applied(self, node: Tree, here: Fraction, inside: Fraction) -> Value:
        if node.op == "if":
            chosen = node.args[1 if _holds(self._value(node.args[0], here, here)) else 2]
            return self._value(chosen, here, inside)
        if node.op in ("*", "/"):
            for factor in node.args if node.op == "*" else node.args[:1]:
                if self._removes(factor) and self._value(factor, here, inside) == 0:
                    return Fraction(0)
        at = here if node.op in CONDITIONS else inside
        return OPERATIONS[node.op](*(self._value(a, here, at) for a in node.args))


@dataclass(frozen=True)
class Reward:
    """A formula, the domains of its parameters, and where it was cut as it was built."""

    family: str
    formula: Tree
    domains: Mapping[str, Span]
    cuts: tuple[Tree, ...] = ()

    @cached_property
    def text(self) -> str:
        """As the package reads it."""
        return text(self.formula)

    @cached_property
    def memory(self) -> dict[object, Any]:
        """What has been found out about it, so that nothing is worked out twice."""
        return {}

    @property
    def parameters(self) -> dict[str, str]:
        """Domains as the package reads them."""
        return {key: domain.text(key) for key, domain in self.domains.items()}


@dataclass(frozen=True)
class Span:
    """The values of a parameter; None is infinity."""

    low: Fraction | None
    high: Fraction | None
    low_open: bool = True
    high_open: bool = True

    def text(self, key: str) -> str:
        """In one of the ways in which a domain is written."""
        if self.low is not None and self.low == self.high:
            return f"{key} = {self.low}"
        if self.low is None or self.high is None:
            bound = self.high if self.low is None else self.low
            strict = self.high_open if self.low is None else self.low_open
            return f"{key} {'<' if self.low is None else '>'}{'' if strict else '='} {bound}"
        above, below = ("<" if strict else "<=" for strict in (self.low_open, self.high_open))
        return f"{self.low} {above} {key} {below} {self.high}"

    def inside(self) -> list[Fraction]:
        """Ends that belong to it, values next to its ends, and one between."""
        low = self.low if self.low is not None else (self.high or Fraction(0)) - 6
        high = self.high if self.high is not None else low + 6
        if low == high:
            return [low]
        width = high - low
        tried = [
            low,
            high,
            low + width * Fraction(5, 13),
            low + width / 10**7,
            high - width / 10**7,
        ]
        return [x for x in tried if self.contains(x)]

    def contains(self, x: Fraction) -> bool:
        """Whether a value belongs to it."""
        above = self.low is None or x > self.low or (x == self.low and not self.low_open)
        return above and (
            self.high is None or x < self.high or (x == self.high and not self.high_open)
        )
