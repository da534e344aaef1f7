"""Proper rewards from a convex expected score under truthful reporting (Savage)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from proofs.kernel.formula import (
    CONFIDENCE,
    Apply,
    Domain,
    Node,
    Number,
    substitute,
)
from proofs.trees import number, unparse
from scoring_theory import expression as forms
from scoring_theory.expression.patience import Patience
from scoring_theory.reward.parameters import fixed

if TYPE_CHECKING:
    from sympy import Expr

OPEN_GRID = [n / 200 for n in range(1, 200)]
"""Where a condition on all of (0, 1) is tested before a formula is accepted."""


def from_value(value: Node, domains: Mapping[str, Domain]) -> tuple[Node, Node]:
    """The payoffs of the proper reward with expected score V(p) under truthful reporting.

        f(q) = V(q) + (1 - q) V'(q)        g(q) = V(q) - q V'(q)

    The reward is proper if and only if V is convex, and jointly optimal if and only if V is also
    nondecreasing.

    Source:
        Savage 1971, "Elicitation of personal probabilities and expectations", section 4.

    Args:
        value: V as a formula in `p`; corners such as `max(0, p - 1/2)` are allowed.
        domains: the domains of its parameters.

    Returns:
        f and g as formulas in q.

    Raises:
        ValueError: V is not convex on a grid (tested if all parameters have values).

    Example:
        >>> from proofs.kernel.formula import parse
        >>> f, g = from_value(parse("p^2", variables=("p",)), {})
        >>> unparse(f), unparse(g)
        ('q*(2 - q)', '-q^2')
    """
    node = cornerless(value)
    q = forms.symbol(CONFIDENCE)
    with Patience(f"the payoffs of the value {unparse(node)!r}"):
        v = forms.to_sympy(node, symbols={"p": q})
        slope = v.diff(q)
        sides = simplest(v + (1 - q) * slope), simplest(v - q * slope)
    values = fixed_values(domains)
    if values.keys() == domains.keys():
        _require_convex(*(substitute(side, values) for side in sides), value=node)
    return sides


def fixed_values(domains: Mapping[str, Domain]) -> dict[str, Node]:
    """The values of the parameters that have only one.

    Example:
        >>> from scoring_theory.reward.parameters import as_domain
        >>> list(fixed_values({"lam": as_domain("lam", 2), "mu": Domain()}))
        ['lam']
    """
    return {
        name: Number(value)
        for name, domain in domains.items()
        if (value := fixed(domain)) is not None
    }


def simplest(expression: Expr) -> Node:
    """The formula of a SymPy expression: simplified, and expanded if that has fewer operations.

    Example:
        >>> q = forms.symbol("q")
        >>> unparse(simplest(q * (q + 1) - q))
        'q^2'
    """
    import sympy

    plain = sympy.simplify(sympy.piecewise_fold(expression))
    return forms.from_sympy(min((plain, sympy.expand(plain)), key=lambda e: e.count_ops()))


def cornerless(node: Node) -> Node:
    """The formula with min, max, abs and clip written as choices.

    These have a derivative almost everywhere.

    Example:
        >>> from proofs.kernel.formula import parse
        >>> unparse(cornerless(parse("abs(q)")))
        '-q if q < 0 else q'
    """
    if not isinstance(node, Apply):
        return node
    args = tuple(cornerless(a) for a in node.args)
    if node.op == "abs":
        return Apply("if", (Apply("<", (args[0], number(0))), Apply("neg", args), args[0]))
    if node.op == "clip":
        return cornerless(Apply("min", (Apply("max", args[:2]), args[2])))
    if node.op not in ("min", "max"):
        return Apply(node.op, args)
    first, *rest = args
    for other in rest:
        pair = (other, first) if node.op == "min" else (first, other)
        first = Apply("if", (Apply("<", pair), other, first))
    return first


def _require_convex(on_correct: Node, on_wrong: Node, *, value: Node) -> None:
    """Raise `ValueError` if the slope f - g of V decreases on a grid."""
    right, wrong = (
        forms.evaluate(side, {CONFIDENCE: OPEN_GRID}) for side in (on_correct, on_wrong)
    )
    slope = right - wrong
    for before, after, at in zip(slope[:-1], slope[1:], OPEN_GRID[1:], strict=True):
        if after < before - 1e-9 * max(1.0, abs(before)):
            raise ValueError(
                f"the value must be convex, but the slope of {unparse(value)!r} falls before p ="
                f" {at}"
            )
