"""Sums and multiples of formulas, simplified for reading.

For example, `correctness + 0.5*brier` becomes `c - 1/2*(q - c)^2`.
"""

from __future__ import annotations

from fractions import Fraction
from numbers import Rational, Real

from proofs.kernel.formula import CONFIDENCE, CORRECT, Apply, Name, Node, Number
from proofs.trees import number

Sides = tuple[Node, Node]
"""R(q, 1) and R(q, 0), formulas in q alone."""


def exact(value: object, *, name: str = "a weight") -> Fraction:
    """The rational that a number stands for.

    A float stands for the decimal that Python prints, so 0.1 is 1/10.

    Raises:
        TypeError: the value is not a number.
        ValueError: the value is infinite or NaN.

    Example:
        >>> exact(0.1)
        Fraction(1, 10)
    """
    if isinstance(value, bool) or not isinstance(value, (Rational, Real)):
        raise TypeError(f"{name} must be a number, got {value!r}")
    if isinstance(value, Rational):
        return Fraction(value)
    try:
        return Fraction(repr(float(value)))
    except ValueError as error:
        raise ValueError(f"{name} must be finite, got {value!r}") from error


def split_payoffs(node: Node) -> tuple[Fraction, Node]:
    """The numeric factor of a product or quotient, and the rest (1 if nothing is left).

    Example:
        >>> from proofs.kernel.formula import parse
        >>> from proofs.trees import unparse
        >>> factor, rest = split_payoffs(parse("-2*c*q"))
        >>> factor, unparse(rest)
        (Fraction(-2, 1), 'c*q')
    """
    if isinstance(node, Number):
        return node.value, number(1)
    if isinstance(node, Apply) and node.op == "neg":
        factor, rest = split_payoffs(node.args[0])
        return -factor, rest
    if isinstance(node, Apply) and node.op in ("*", "/"):
        factor, rest = split_payoffs(node.args[0])
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


def summands(node: Node) -> dict[Node, Fraction]:
    """The terms of a sum, each with the sum of its numeric factors; constants are multiples of 1.

    Example:
        >>> from proofs.kernel.formula import parse
        >>> from proofs.trees import unparse
        >>> {unparse(term): str(factor) for term, factor in summands(parse("2*q - q + 3")).items()}
        {'q': '1', '1': '3'}
    """
    if isinstance(node, Apply) and node.op in ("+", "-"):
        terms, right = summands(node.args[0]), summands(node.args[1])
        for rest, factor in right.items():
            terms[rest] = terms.get(rest, Fraction(0)) + (factor if node.op == "+" else -factor)
        return terms
    factor, rest = split_payoffs(node)
    if isinstance(rest, Apply) and rest.op in ("+", "-"):
        return {inner: factor * own for inner, own in summands(rest).items()}
    return {rest: factor}


def _sum(parts: dict[Node, Fraction]) -> Node:
    total: Node | None = None
    for rest, factor in parts.items():
        if factor == 0:
            continue
        if total is None:
            total = _multiple(factor, rest)
        else:
            total = Apply("+" if factor > 0 else "-", (total, _multiple(abs(factor), rest)))
    return number(0) if total is None else total


def _multiple(factor: Fraction, rest: Node) -> Node:
    if rest == number(1):
        return Number(factor)
    if factor == 1:
        return rest
    return Apply("neg", (rest,)) if factor == -1 else _scaled(factor, rest)


def multiplied(factor: Fraction, node: Node) -> Node:
    """The product `factor * node`, term by term.

    Example:
        >>> from proofs.kernel.formula import parse
        >>> from proofs.trees import unparse
        >>> unparse(multiplied(Fraction(2), parse("c - 3*q")))
        '2*c - 6*q'
    """
    return (
        node if factor == 1 else _sum({rest: factor * own for rest, own in summands(node).items()})
    )


def negative(node: Node) -> Node:
    """The formula `-node`.

    Example:
        >>> from proofs.kernel.formula import parse
        >>> from proofs.trees import unparse
        >>> unparse(negative(parse("q - c")))
        '-q + c'
    """
    return multiplied(Fraction(-1), node)


def plus(left: Node, right: Node) -> Node:
    """The sum `left + right` with like terms collected.

    Negative terms are written as differences.

    Example:
        >>> from proofs.kernel.formula import parse
        >>> from proofs.trees import unparse
        >>> unparse(plus(parse("c - q"), parse("3*q")))
        'c + 2*q'
    """
    return _sum(summands(Apply("+", (left, right))))


def joined_payoffs(on_correct: Node, on_wrong: Node) -> Node:
    """The formula `c*f + (1 - c)*g` of two payoffs f and g.

    Example:
        >>> from proofs.kernel.formula import parse
        >>> from proofs.trees import unparse
        >>> unparse(joined_payoffs(parse("q"), parse("-q")))
        'c*q - (1 - c)*q'
    """
    c, wrong = Name(CORRECT), Apply("-", (number(1), Name(CORRECT)))
    return plus(_selected(c, on_correct), _selected(wrong, on_wrong))


def _selected(side: Node, payoff: Node) -> Node:
    factor, rest = split_payoffs(payoff)
    return multiplied(factor, side if rest == number(1) else _product(side, rest))


def _product(left: Node, right: Node) -> Node:
    """`left * right`, with a product on the right read from the left."""
    if isinstance(right, Apply) and right.op in ("*", "/"):
        return Apply(right.op, (_product(left, right.args[0]), right.args[1]))
    return Apply("*", (left, right))


def bet(threshold: Fraction, mass: Fraction) -> Node:
    """The threshold bet `mass (c - t) [q > t]`.

    For q > t its reward is 1 - t if correct and -t if wrong, times the mass; for q <= t
    (abstention) it is 0. At t = 0 the formula is `mass c`.

    Raises:
        ValueError: the threshold is outside [0, 1], or the mass is negative.

    Example:
        >>> from proofs.trees import unparse
        >>> unparse(bet(Fraction(1, 2), Fraction(1)))
        '(c - 1/2)*(1/2 < q)'
    """
    if not 0 <= threshold <= 1:
        raise ValueError(f"a threshold must lie in [0, 1], got {threshold}")
    if mass < 0:
        raise ValueError(f"the mass of an atom must be nonnegative, got {mass} at {threshold}")
    if threshold == 0:
        return multiplied(mass, Name(CORRECT))
    stake = Apply("-", (Name(CORRECT), Number(threshold)))
    return multiplied(mass, Apply("*", (stake, Apply("<", (Number(threshold), Name(CONFIDENCE))))))
