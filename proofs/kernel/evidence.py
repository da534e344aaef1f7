"""Sign certificates: evidence that an expression is >= 0 on an open piece of q.

zero        it expands to the empty sum
terms       every coefficient is >= 0 after the box is mapped to the positive orthant
bernstein   the same after expansion, with the degree in q raised by `degree`
squares     it is a positive factor times g^2 h, and h has Bernstein coefficients >= 0 on every cell
boxes       an interval enclosure is positive on every cell
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from itertools import pairwise
from math import comb

from proofs.kernel.enclosures import BITS, end_bound, mean_value, on_cell
from proofs.kernel.formula import rational
from proofs.kernel.normal_form import Expression, Q, Rejected, U, const, expand, polynomial, spend
from proofs.kernel.signs import Region, groups, orthant_sign


def bernstein(coefficients: Sequence[Fraction], low: Fraction, high: Fraction) -> list[Fraction]:
    """Bernstein coefficients on [low, high] of the polynomial with these coefficients, lowest first."""
    d = len(coefficients) - 1
    spend(2 * (d + 1) ** 2)
    shifted = [Fraction(0)] * (d + 1)  # coefficients in t, q = low + (high - low) t
    for coefficient in reversed(coefficients):
        for j in range(d, 0, -1):
            shifted[j] = shifted[j] * low + shifted[j - 1] * (high - low)
        shifted[0] = shifted[0] * low + coefficient
    return [
        sum((Fraction(comb(j, i), comb(d, i)) * shifted[i] for i in range(j + 1)), Fraction(0)) for j in range(d + 1)
    ]


def times(a: Sequence[Fraction], b: Sequence[Fraction]) -> list[Fraction]:
    """Product of two polynomials."""
    result = [Fraction(0)] * (len(a) + len(b) - 1)
    for i, x in enumerate(a):
        for j, y in enumerate(b):
            result[i + j] += x * y
    return result


def _cells(texts: Iterable[str], region: Region) -> list[tuple[Fraction, Fraction]]:
    points = [rational(t) for t in texts]
    low, high = region.ends()
    spend(20 * len(points))
    if len(points) < 2 or points[0] != low or points[-1] != high or any(a >= b for a, b in pairwise(points)):
        raise Rejected("the cells must increase from the low to the high end of the piece")
    return list(pairwise(points))


def univariate(expression: Expression, region: Region) -> list[Fraction]:
    """The polynomial P with expression = positive factor * P(q); rejected if there is none."""
    found = groups(expand(expression), region)
    if len(found) != 1:
        raise Rejected("not a positive factor times one polynomial in q")
    ((sign, part),) = found.values()
    coefficients = polynomial(const(sign) * part)
    if coefficients is None:
        raise Rejected("not a polynomial in q alone")
    return coefficients


def check_squares(expression: Expression, region: Region, evidence: Mapping[str, Sequence[str]]) -> int:
    """Expression = positive factor * g^2 h, and h has Bernstein coefficients >= 0 on every cell."""
    g, h = ([rational(x) for x in evidence[k]] for k in ("g", "h"))
    actual = univariate(expression, region)
    if not g or not h or 2 * len(g) + len(h) - 2 != len(actual) or times(times(g, g), h) != actual:
        raise Rejected("g^2 h is not the expression")
    for low, high in _cells(evidence["cells"], region):
        coefficients = bernstein(h, low, high)
        if any(x < 0 for x in coefficients) or not any(coefficients):
            raise Rejected(f"h has a negative Bernstein coefficient on [{low}, {high}]")
    return 1 if any(g) else 0


def check_boxes(
    expression: Expression, derivative: Expression, region: Region, evidence: Mapping[str, Sequence[str]]
) -> int:
    """A positive enclosure on every cell: directly, by the mean value form, or by `end_bound` next to 0 and 1."""
    for low, high in _cells(evidence["cells"], region):
        if low == 0 or high == 1:
            if not end_bound(expression, Q if low == 0 else U, high if low == 0 else 1 - low, BITS).positive():
                raise Rejected(f"no positive bound on the end cell ({low}, {high})")
        elif not (
            mean_value(expression, derivative, low, high).positive() or on_cell(expression, low, high).positive()
        ):
            raise Rejected(f"no positive bound on the cell [{low}, {high}]")
    return 1


def _texts(evidence: Mapping[str, object], key: str) -> list[str]:
    """A list of numbers, each written as text; floats have no place here."""
    found = evidence.get(key)
    if not isinstance(found, list) or not all(isinstance(x, str) for x in found):
        raise Rejected(f"{key!r} must be a list of numbers written as text")
    return found


_FIELDS: Mapping[object, set[str]] = {"zero": set(), "terms": set(), "bernstein": {"degree"}, "boxes": {"cells"},
                                      "squares": {"g", "h", "cells"}}  # fmt: skip


def check_sign(expression: Expression, derivative: Expression, region: Region, evidence: Mapping[str, object]) -> int:
    """1 if the evidence shows > 0 (except at isolated q), 0 if it shows >= 0; rejected otherwise."""
    kind = evidence.get("kind")
    if set(evidence) - {"kind"} != _FIELDS.get(kind):
        raise Rejected(f"evidence of kind {kind!r:.40} has the fields {sorted(evidence)!r:.80}")
    if kind == "zero":
        if expand(expression).terms:
            raise Rejected("the expression is not identically 0")
        return 0
    if kind in ("terms", "bernstein"):
        elevation = evidence.get("degree", 0)
        if not isinstance(elevation, int) or isinstance(elevation, bool) or not 0 <= elevation <= 40:
            raise Rejected("the degree must be a whole number between 0 and 40")
        form = expression if kind == "terms" else expand(expression)
        sign = orthant_sign(form, region, elevation) if form.terms else 0
        if sign < 0:
            raise Rejected("a coefficient is negative")
        return sign
    if kind == "squares":
        return check_squares(expression, region, {k: _texts(evidence, k) for k in ("g", "h", "cells")})
    if kind == "boxes":
        return check_boxes(expression, derivative, region, {"cells": _texts(evidence, "cells")})
    raise Rejected(f"unknown kind of evidence {kind!r:.40}")
