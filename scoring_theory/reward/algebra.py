"""Sums and multiples of formulas, simplified just enough that `correctness + 0.5*brier` reads `c - 1/2*(q - c)^2`."""

from __future__ import annotations

from fractions import Fraction
from numbers import Rational, Real

from proofs.kernel.formula import CORRECT, Apply, Name, Node, Number, number


def exact(value: object, *, name: str = "a weight") -> Fraction:
    """The rational that a number stands for: a float is the decimal that Python prints for it, 0.1 is 1/10.

    Raises:
        TypeError: not a number.
        ValueError: infinite or NaN.

    Example:
        >>> exact(0.1)
        Fraction(1, 10)
    """
    if isinstance(value, Rational) and not isinstance(value, bool):
        return Fraction(value)
    if not isinstance(value, Real) or isinstance(value, bool):
        raise TypeError(f"{name} must be a number, got {value!r}")
    try:
        return Fraction(repr(float(value)))
    except ValueError as error:
        raise ValueError(f"{name} must be finite, got {value!r}") from error


def split(node: Node) -> tuple[Fraction, Node]:
    """The numeric factor in front of a product or quotient, and the rest (1 if there is none)."""
    if isinstance(node, Number):
        return node.value, number(1)
    if isinstance(node, Apply) and node.op == "neg":
        factor, rest = split(node.args[0])
        return -factor, rest
    if isinstance(node, Apply) and node.op in ("*", "/"):
        factor, rest = split(node.args[0])
        if rest != number(1):
            return factor, Apply(node.op, (rest, node.args[1]))
        if node.op == "*":
            return factor, node.args[1]
    return Fraction(1), node


def _scaled(factor: Fraction, node: Node) -> Node:
    """`factor * node` as a product that reads from the left: 2*c*log(q), not 2*(c*log(q))."""
    if isinstance(node, Apply) and node.op in ("*", "/"):
        return Apply(node.op, (_scaled(factor, node.args[0]), node.args[1]))
    return Apply("*", (Number(factor), node))


def times(factor: Fraction, node: Node) -> Node:
    """`factor * node`; over a sum that is already a combination of terms, each term is multiplied."""
    if factor == 1:
        return node
    if isinstance(node, Apply) and node.op in ("+", "-"):
        left, right = (times(factor, a) for a in node.args)
        return plus(left, right) if node.op == "+" else plus(left, negative(right))
    own, rest = split(node)
    own *= factor
    if own == 0 or rest == number(1):
        return Number(own)
    if own == 1:
        return rest
    return Apply("neg", (rest,)) if own == -1 else _scaled(own, rest)


def negative(node: Node) -> Node:
    """`-node`."""
    return times(Fraction(-1), node)


def plus(left: Node, right: Node) -> Node:
    """`left + right`, written as a difference where the right side is negative."""
    if left == number(0) or right == number(0):
        return left if right == number(0) else right
    if isinstance(left, Number) and isinstance(right, Number):
        return Number(left.value + right.value)
    if isinstance(right, Apply) and right.op in ("+", "-"):  # keep sums flat: a + (b - d) is (a + b) - d
        first, last = right.args
        return plus(plus(left, first), last if right.op == "+" else negative(last))
    factor, _ = split(right)
    return Apply("-", (left, negative(right))) if factor < 0 else Apply("+", (left, right))


def payoffs(on_correct: Node, on_wrong: Node) -> Node:
    """`c*f + (1 - c)*g`, the formula of two payoffs."""
    c, wrong = Name(CORRECT), Apply("-", (number(1), Name(CORRECT)))
    return plus(_selected(c, on_correct), _selected(wrong, on_wrong))


def _selected(side: Node, payoff: Node) -> Node:
    factor, rest = split(payoff)
    return times(factor, side if rest == number(1) else _product(side, rest))


def _product(left: Node, right: Node) -> Node:
    """`left * right`, with a product on the right read from the left."""
    if isinstance(right, Apply) and right.op in ("*", "/"):
        return Apply(right.op, (_product(left, right.args[0]), right.args[1]))
    return Apply("*", (left, right))
