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
from proofs.kernel.normal_form import Expression, Q, Rejected, U, const, expand, polynomial
from proofs.kernel.signs import Region, groups, orthant_sign


def bernstein(coefficients: Sequence[Fraction], low: Fraction, high: Fraction) -> list[Fraction]:
    """Bernstein coefficients on [low, high] of the polynomial with these coefficients, lowest first."""
    d = len(coefficients) - 1
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
    points = [Fraction(t) for t in texts]
    low, high = region.ends()
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
    g, h = ([Fraction(x) for x in evidence[k]] for k in ("g", "h"))
    claimed, actual = times(times(g, g), h), univariate(expression, region)
    width = max(len(claimed), len(actual))
    if claimed + [Fraction(0)] * (width - len(claimed)) != actual + [Fraction(0)] * (width - len(actual)):
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


def check_sign(expression: Expression, derivative: Expression, region: Region, evidence: Mapping[str, object]) -> int:
    """1 if the evidence shows > 0 (except at isolated q), 0 if it shows >= 0; rejected otherwise."""
    kind = evidence.get("kind")
    if kind == "zero":
        if expand(expression).terms:
            raise Rejected("the expression is not identically 0")
        return 0
    if kind in ("terms", "bernstein"):
        elevation = int(str(evidence.get("degree", 0)))
        if not 0 <= elevation <= 40:
            raise Rejected("the degree must lie between 0 and 40")
        form = expression if kind == "terms" else expand(expression)
        sign = orthant_sign(form, region, elevation) if form.terms else 0
        if sign < 0:
            raise Rejected("a coefficient is negative")
        return sign
    lists = {k: [str(x) for x in v] for k, v in evidence.items() if isinstance(v, list)}
    if kind == "squares":
        return check_squares(expression, region, lists)
    if kind == "boxes":
        return check_boxes(expression, derivative, region, lists)
    raise Rejected(f"unknown kind of evidence {kind!r}")
