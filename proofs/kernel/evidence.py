"""Sign certificates: evidence that an expression is >= 0 on an open piece of q.

terms       on every cell, mapped to the positive orthant with its degree in q raised by
            `degree`, the expression has no negative coefficient; `cells` are the ends of cells,
            by default those of the piece
boxes       an interval enclosure is positive on every cell
square      with either kind: the expression is `square`^2 * `rest`, and the evidence is for `rest`
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from itertools import pairwise

from proofs.kernel.enclosures import BITS, end_bound, mean_value, on_cell
from proofs.kernel.formula import CONFIDENCE, parse, rational
from proofs.kernel.normal_form import (
    Expression,
    Q,
    Rejected,
    U,
    const,
    derivative,
    expand,
    is_zero,
    polynomial,
    spend,
)
from proofs.kernel.signs import Region, terms_sign
from proofs.kernel.translate import Translator

MAX_DEGREE = 40


def _cells(texts: object, region: Region) -> list[tuple[Fraction, Fraction]]:
    if not isinstance(texts, list) or not all(isinstance(x, str) for x in texts):
        raise Rejected("'cells' must be a list of numbers written as text")
    spend(20 * len(texts))
    points = [rational(x) for x in texts]
    if (
        len(points) < 2
        or (points[0], points[-1]) != region.ends()
        or any(a >= b for a, b in pairwise(points))
    ):
        raise Rejected("the cells must increase from the low to the high end of the piece")
    return list(pairwise(points))


def _rest(expression: Expression, region: Region, square: object, rest: object) -> Expression:
    """The second factor of an expression that is the square of a polynomial in q times a rest.

    The square is positive except at isolated q, so the expression has the sign of the rest.
    """
    if not isinstance(square, str) or not isinstance(rest, str):
        raise Rejected("'square' and 'rest' must be formulas")
    g, h = (
        Translator(region).smooth(parse(x, region.domains, variables=(CONFIDENCE,)))
        for x in (square, rest)
    )
    if not any(polynomial(expand(g)) or ()) or not is_zero(expression - g * g * h):
        raise Rejected("the expression is not the square of a polynomial times the rest")
    return h


def _box(expression: Expression, slope: Expression, low: Fraction, high: Fraction) -> bool:
    """Whether an enclosure is positive: of the values, in mean value form, or next to 0 and 1."""
    if low == 0 or high == 1:
        return end_bound(
            expression, Q if low == 0 else U, high if low == 0 else 1 - low, BITS
        ).positive()
    return (
        mean_value(expression, slope, low, high).positive()
        or on_cell(expression, low, high).positive()
    )


def check_sign(expression: Expression, region: Region, evidence: Mapping[str, object]) -> int:
    """The sign that the evidence shows: 1 for > 0 except at isolated q, 0 for >= 0.

    Args:
        expression: what has to be >= 0.
        region: the open piece of q, with the domains of the parameters.
        evidence: a sign certificate, as in the table at the top of this file.

    Raises:
        Rejected: the evidence shows neither, or it is malformed.

    Example:
        >>> check_sign(const(2), Region({}), {"kind": "terms"})
        1
    """
    kind, degree = evidence.get("kind"), evidence.get("degree", 0)
    allowed = {"kind", "cells", "square", "rest", *(["degree"] if kind == "terms" else [])}
    if kind not in ("terms", "boxes") or not evidence.keys() <= allowed:
        raise Rejected(f"evidence of kind {kind!r:.40} has the fields {sorted(evidence)!r:.80}")
    if type(degree) is not int or not 0 <= degree <= MAX_DEGREE:
        raise Rejected(f"the degree must be a whole number between 0 and {MAX_DEGREE}")
    if "square" in evidence or "rest" in evidence:
        expression = _rest(expression, region, evidence.get("square"), evidence.get("rest"))
    if kind == "boxes":
        slope = derivative(expression)
        signs = [
            1 if _box(expression, slope, *cell) else -1
            for cell in _cells(evidence.get("cells"), region)
        ]
    else:
        cells = (
            [(const(a), const(b)) for a, b in _cells(evidence["cells"], region)]
            if "cells" in evidence
            else []
        )
        regions = [Region(region.domains, low, high) for low, high in cells] or [region]
        signs = [terms_sign(expression, cell, (degree,)) for cell in regions]
    if min(signs) < 0:
        raise Rejected(
            "a coefficient is negative" if kind == "terms" else "a cell has no positive bound"
        )
    return min(signs)
