"""Piecewise formulas: where the pieces meet, the smooth formula of one piece, and the one-sided limits at 0 and 1."""

from __future__ import annotations

import math
from collections.abc import Iterator
from fractions import Fraction
from functools import lru_cache
from itertools import combinations
from typing import TYPE_CHECKING

from proofs.kernel.formula import CONFIDENCE, Apply, FormulaError, Node, Number, substitute
from proofs.trees import fold, names, number, unparse, walk
from scoring_theory.expression.patience import Patience

if TYPE_CHECKING:
    from sympy import Expr

_COMPARISONS = ("<", "<=", "==", "!=")
_CORNERED = (*_COMPARISONS, "min", "max", "abs", "clip")
_SWITCHES = (*_CORNERED, "if", "and", "or", "not")


def is_smooth(node: Node) -> bool:
    """Whether the formula has one piece only."""
    return not any(isinstance(n, Apply) and n.op in _SWITCHES for n in walk(node))


def _differences(node: Node) -> Iterator[Node]:
    """The functions of q whose signs choose the piece."""
    for part in walk(node):
        if not isinstance(part, Apply) or part.op not in (*_CORNERED, "if", "and", "or", "not"):
            continue
        if part.op in ("abs", "not") or (part.op == "if"):
            yield part.args[0]
        elif part.op == "clip":
            yield from (Apply("-", (part.args[0], end)) for end in part.args[1:])
        elif part.op in ("and", "or"):
            yield from part.args
        else:
            yield from (Apply("-", pair) for pair in combinations(part.args, 2))


@lru_cache(maxsize=1024)
def breakpoints(node: Node) -> tuple[Expr, ...]:
    """Where in [0, 1] a formula in q alone may change its piece, ascending and exact (SymPy numbers).

    Raises:
        FormulaError: a condition is not a rational function of q, so its roots are not found exactly.

    Example:
        >>> from proofs.kernel.formula import parse
        >>> breakpoints(parse("(q > 3/10)*abs(q - 1/2)"))
        (3/10, 1/2)
    """
    import sympy

    found: set[Expr] = set()
    for difference in _differences(node):
        if CONFIDENCE in names(difference) and is_smooth(difference):
            found.update(_roots(difference))
        elif not is_smooth(difference):
            continue  # a condition made of conditions: its parts are visited on their own
    return tuple(sorted((root for root in found), key=lambda root: sympy.N(root, 30)))


def _roots(difference: Node) -> list[Expr]:
    import sympy

    from scoring_theory.expression.symbolic import symbol, to_sympy

    q = symbol(CONFIDENCE)
    top, bottom = sympy.fraction(sympy.together(to_sympy(difference)))
    if not (top.is_polynomial(q) and bottom.is_polynomial(q)) or (top.free_symbols | bottom.free_symbols) - {q}:
        raise FormulaError(f"the condition on `{unparse(difference)}` is not a rational function of q alone")
    roots: list[Expr] = []
    for part in (top, bottom):
        if part.has(q):
            try:
                with Patience("the search"):
                    poly = sympy.Poly(part, q, extension=True)
                    line = poly.degree() == 1
                    found = [-poly.coeff_monomial(1) / poly.coeff_monomial(q)] if line else poly.real_roots()
                    roots += [root for root in found if 0 <= root <= 1]
            except (NotImplementedError, FormulaError) as error:
                told = f"where `{unparse(difference)}` changes its sign is not found exactly: {error}"
                raise FormulaError(told) from error
    return roots


def resolve(node: Node, at: Fraction | float) -> Node:
    """The smooth formula that holds around a point: every condition, corner and choice decided there.

    The point decides; at a breakpoint itself the answer is the formula that holds *at* the point.

    Example:
        >>> from proofs.kernel.formula import parse
        >>> unparse(resolve(parse("abs(q - 1/2) if q > 1/4 else 0"), Fraction(1, 3)))
        '-(q - 1/2)'
    """
    if not isinstance(node, Apply):
        return node
    if node.op == "if":
        return resolve(node.args[1] if _value(node.args[0], at) else node.args[2], at)
    if node.op in ("and", "or", "not", *_COMPARISONS):
        return number(int(bool(_value(node, at))))
    args = tuple(resolve(a, at) for a in node.args)
    if node.op in ("min", "max"):
        pick = min if node.op == "min" else max
        return pick(args, key=lambda arg: _value(arg, at))
    if node.op == "abs":
        return args[0] if _value(args[0], at) >= 0 else fold(Apply("neg", args))
    if node.op == "clip":
        x, low, high = args
        inside = low if _value(x, at) < _value(low, at) else x
        return high if _value(inside, at) > _value(high, at) else inside
    return fold(Apply(node.op, args))


def _value(node: Node, at: Fraction | float) -> Fraction | float:
    exact = fold(substitute(node, {CONFIDENCE: Number(Fraction(at))}))
    if isinstance(exact, Number):
        return exact.value
    from scoring_theory.expression.numeric import evaluate

    return float(evaluate(node, {CONFIDENCE: float(at)}))


@lru_cache(maxsize=4096)
def limit(node: Node, end: int) -> float:
    """The limit of a formula in q alone as q comes from inside to 0 or 1, its conditions decided at the end itself.

    Raises:
        FormulaError: SymPy finds no real limit.
    """
    import sympy

    from scoring_theory.expression.symbolic import to_sympy

    piece = node if is_smooth(node) else resolve(node, Fraction(end))
    inside = sympy.Symbol("inside", positive=True)
    q = inside if end == 0 else 1 - inside
    try:
        with Patience("the search"):
            value = sympy.limit(sympy.simplify(to_sympy(piece, symbols={CONFIDENCE: q})), inside, 0, "+")
    except (NotImplementedError, ValueError, TypeError) as error:
        raise FormulaError(f"`{unparse(node)}` has no known limit at q = {end}: {error}") from error
    if not value.is_extended_real or value.free_symbols:
        raise FormulaError(f"`{unparse(node)}` has no real limit at q = {end}, got {value!s}")
    return float(value) if value.is_finite else math.copysign(math.inf, 1 if value > 0 else -1)


__all__ = ["breakpoints", "is_smooth", "limit", "resolve"]
