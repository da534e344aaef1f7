"""Piecewise formulas: ends of pieces, the smooth formula of one piece, and limits at 0 and 1."""

from __future__ import annotations

import math
from collections.abc import Iterator
from fractions import Fraction
from functools import lru_cache
from itertools import combinations, pairwise
from typing import TYPE_CHECKING

from proofs.kernel.formula import CONFIDENCE, Apply, FormulaError, Node, Number, substitute
from proofs.kernel.intervals import Undetermined
from proofs.kernel.normal_form import (
    ONE,
    ZERO,
    Expression,
    Rejected,
    const,
    expand,
    limited,
    polynomial,
)
from proofs.kernel.signs import Region, constant_sign
from proofs.kernel.translate import Translator
from proofs.kernel.verifier import MAX_WORK
from proofs.search.as_text import midpoint
from proofs.search.at_point import value_at
from proofs.search.breakpoints import PieceTranslator
from proofs.search.breakpoints import breakpoints as cuts
from proofs.search.roots import Coefficients
from proofs.trees import fold, number, unparse, walk
from scoring_theory.expression.patience import Patience

if TYPE_CHECKING:
    from sympy import Expr

_COMPARISONS = ("<", "<=", "==", "!=")
CONDITIONS = (*_COMPARISONS, "and", "or", "not")
_CORNERED = (*_COMPARISONS, "min", "max", "abs", "clip")
_SWITCHES = (*_CORNERED, "if", "and", "or", "not")


def is_smooth(node: Node) -> bool:
    """Whether the formula has only one piece.

    Example:
        >>> from proofs.kernel.formula import parse
        >>> is_smooth(parse("log(q)")), is_smooth(parse("abs(q - 1/2)"))
        (True, False)
    """
    return not any(isinstance(n, Apply) and n.op in _SWITCHES for n in walk(node))


def deciding_functions(node: Node) -> Iterator[Node]:
    """The functions of q whose signs choose the piece."""
    for part in walk(node):
        if not isinstance(part, Apply) or part.op not in _SWITCHES:
            continue
        if part.op in ("abs", "not") or (part.op == "if"):
            yield part.args[0]
        elif part.op == "clip":
            yield from (Apply("-", (part.args[0], end)) for end in part.args[1:])
        elif part.op in ("and", "or"):
            yield from part.args
        else:
            yield from (Apply("-", pair) for pair in combinations(part.args, 2))


def _smooth(*nodes: Node) -> tuple[list[Expression], list[list[Expression]]]:
    """The points that cut [0, 1] into pieces, and each formula on each piece, exactly.

    Raises:
        Rejected, Undetermined: the kernel cannot follow.
    """
    with limited(MAX_WORK):
        points = [ZERO, *cuts(nodes, {}), ONE]
        pieces = [PieceTranslator(Region({}, low, high)) for low, high in pairwise(points)]
        return points, [[expand(piece.smooth(node)) for node in nodes] for piece in pieces]


def polynomial_pieces(*nodes: Node) -> tuple[list[Fraction], list[list[Coefficients]]] | None:
    """Formulas in q alone as polynomials between points of [0, 1], lowest power first.

    Returns:
        The points, and on each piece the coefficients of each formula; None if a formula is not
        piecewise polynomial with rational points.

    Example:
        >>> from proofs.kernel.formula import parse
        >>> ends, pieces = polynomial_pieces(parse("abs(q - 1/2)"))
        >>> [str(end) for end in ends], [[str(x) for x in formula] for (formula,) in pieces]
        (['0', '1/2', '1'], [['1/2', '-1'], ['-1/2', '1']])
    """
    try:
        points, pieces = _smooth(*nodes)
    except (Rejected, Undetermined):
        return None
    ends = [end for point in points if (end := point.constant()) is not None]
    coefficients = [
        [c for formula in piece if (c := polynomial(formula)) is not None] for piece in pieces
    ]
    complete = len(ends) == len(points) and all(len(c) == len(nodes) for c in coefficients)
    return (ends, coefficients) if complete else None


@lru_cache(maxsize=1024)
def piece_ends(node: Node) -> tuple[Fraction | float, ...]:
    """The points of [0, 1] where a formula in q alone may change its piece, ascending.

    Irrational points are given as the nearest floats. SymPy is used if the kernel does not find the
    points.

    Raises:
        FormulaError: a condition is not a rational function of q, so that its roots are not found
            exactly.

    Example:
        >>> from proofs.kernel.formula import parse
        >>> piece_ends(parse("(q > 3/10)*abs(q - 1/2)"))
        (Fraction(3, 10), Fraction(1, 2))
    """
    try:
        points, _ = _smooth(node)
        return tuple(
            midpoint(x) if (exact := x.constant()) is None else exact for x in points[1:-1]
        )
    except (Rejected, Undetermined):
        roots = {
            root for part in deciding_functions(node) if is_smooth(part) for root in _roots(part)
        }
        return tuple(sorted(roots))


def _roots(difference: Node) -> list[Fraction | float]:
    import sympy

    from scoring_theory.expression.symbolic import symbol, to_sympy

    q = symbol(CONFIDENCE)
    top, bottom = sympy.fraction(sympy.together(to_sympy(difference)))
    if not (top.is_polynomial(q) and bottom.is_polynomial(q)) or (
        top.free_symbols | bottom.free_symbols
    ) - {q}:
        raise FormulaError(
            f"the condition on `{unparse(difference)}` is not a rational function of q alone"
        )
    roots: list[Expr] = []
    for part in (top, bottom):
        if part.has(q):
            try:
                with Patience("the search"):
                    poly = sympy.Poly(part, q, extension=True)
                    line = poly.degree() == 1
                    candidates = (
                        [-poly.coeff_monomial(1) / poly.coeff_monomial(q)]
                        if line
                        else poly.real_roots()
                    )
                    roots += [root for root in candidates if 0 <= root <= 1]
            except (NotImplementedError, FormulaError) as error:
                raise FormulaError(
                    f"where `{unparse(difference)}` changes its sign is not found exactly: {error}"
                ) from error
    return [
        Fraction(int(root.p), int(root.q)) if root.is_Rational else float(root) for root in roots
    ]


def resolve(node: Node, at: Fraction | float) -> Node:
    """The smooth formula that holds around a point.

    Every condition, corner and choice is decided exactly at the point; at a breakpoint the result
    is the formula that holds *at* the point.

    Raises:
        FormulaError: a condition is not decided at the point.

    Example:
        >>> from proofs.kernel.formula import parse
        >>> unparse(resolve(parse("abs(q - 1/2) if q > 1/4 else 0"), Fraction(1, 3)))
        '-(q - 1/2)'
    """
    return _resolved(node, Fraction(at))


def _resolved(node: Node, at: Fraction) -> Node:
    if not isinstance(node, Apply):
        return node
    if node.op == "if":
        return _resolved(node.args[1] if _holds(node.args[0], at) else node.args[2], at)
    if node.op in CONDITIONS:
        return number(int(_holds(node, at)))
    args = tuple(_resolved(a, at) for a in node.args)
    if node.op in ("min", "max"):
        return _extreme(args, at, -1 if node.op == "min" else 1)
    if node.op == "abs":
        return args[0] if _sign(args[0], at) >= 0 else fold(Apply("neg", args))
    if node.op == "clip":
        x, low, high = args
        return _extreme((_extreme((x, low), at, 1), high), at, -1)
    return fold(Apply(node.op, args))


def _extreme(args: tuple[Node, ...], at: Fraction, side: int) -> Node:
    """The greatest (side 1) or the least (side -1) of the arguments; the first of equal ones."""
    chosen, *others = args
    for other in others:
        chosen = other if _sign(Apply("-", (other, chosen)), at) == side else chosen
    return chosen


def _holds(node: Node, at: Fraction) -> bool:
    match node:
        case Apply("and", (left, right)):
            return _holds(left, at) and _holds(right, at)
        case Apply("or", (left, right)):
            return _holds(left, at) or _holds(right, at)
        case Apply("not", (inner,)):
            return not _holds(inner, at)
        case Apply(op, (left, right)) if op in _COMPARISONS:
            sign = _sign(Apply("-", (right, left)), at)
            return {"<": sign > 0, "<=": sign >= 0, "==": sign == 0, "!=": sign != 0}[op]
    return _sign(node, at) != 0


def _sign(node: Node, at: Fraction) -> int:
    if at in (0, 1):
        value = one_sided_limit(node, int(at))
        return (value > 0) - (value < 0)
    exact = fold(substitute(node, {CONFIDENCE: Number(at)}))
    if isinstance(exact, Number):
        return (exact.value > 0) - (exact.value < 0)
    try:
        with limited(MAX_WORK):
            return constant_sign(Translator(Region({}), const(at)).smooth(node))
    except (Rejected, Undetermined) as error:
        raise FormulaError(
            f"the sign of `{unparse(node)}` at q = {at} is not decided: {error}"
        ) from error


@lru_cache(maxsize=4096)
def one_sided_limit(node: Node, end: int) -> float:
    """The limit of a formula in q alone as q tends to 0 or 1 from inside [0, 1].

    Conditions are decided at the end itself. The kernel finds the limit exactly; SymPy is used if
    the kernel cannot, as for `exp(-1/q)`.

    Raises:
        FormulaError: no real limit was found.

    Example:
        >>> from proofs.kernel.formula import parse
        >>> one_sided_limit(parse("q*log(q)"), 0)
        0.0
    """
    try:
        return value_at(node, Fraction(end))
    except Rejected:
        return _sympy_limit(node, end)


def _sympy_limit(node: Node, end: int) -> float:
    import sympy

    from scoring_theory.expression.symbolic import to_sympy

    piece = node if is_smooth(node) else resolve(node, Fraction(end))
    inside = sympy.Symbol("inside", positive=True)
    q = inside if end == 0 else 1 - inside
    try:
        with Patience("the search"):
            value = sympy.limit(
                sympy.simplify(to_sympy(piece, symbols={CONFIDENCE: q})), inside, 0, "+"
            )
    except (NotImplementedError, ValueError, TypeError) as error:
        raise FormulaError(f"`{unparse(node)}` has no known limit at q = {end}: {error}") from error
    if not value.is_extended_real or value.free_symbols:
        raise FormulaError(f"`{unparse(node)}` has no real limit at q = {end}, got {value!s}")
    return float(value) if value.is_finite else math.copysign(math.inf, 1 if value > 0 else -1)


__all__ = [
    "deciding_functions",
    "is_smooth",
    "one_sided_limit",
    "piece_ends",
    "polynomial_pieces",
    "resolve",
]
