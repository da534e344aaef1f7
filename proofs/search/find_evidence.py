"""Evidence that an expression is >= 0 on a piece, or a point where it is negative."""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction
from math import prod

from proofs.kernel.claims import Evidence
from proofs.kernel.enclosures import BITS, enclose, end_bound, mean_value, on_cell
from proofs.kernel.evidence import check_sign
from proofs.kernel.intervals import Interval, Undetermined
from proofs.kernel.normal_form import (
    Expression,
    Q,
    Rejected,
    U,
    const,
    depends_on,
    derivative,
    expand,
    polynomial,
    term,
)
from proofs.kernel.signs import Region, atom_sign, groups
from proofs.search.as_text import to_text
from proofs.search.roots import bernstein, from_polynomial, polynomial_value, square_free_split

MAX_CELLS = 3_000
DEGREES = (2, 6, 14)
NARROWEST_CELL = Fraction(1, 1 << 44)
UNSCALED = 5
"""Half the digits by which coefficients may be off 1 before an enclosure is scaled."""


@dataclass(frozen=True, slots=True)
class EvidenceFound:
    """Evidence, or a point where the sign is wrong, or the reason why neither was found.

    Example:
        >>> EvidenceFound(negative_at=Fraction(1, 2)).evidence is None
        True
    """

    evidence: Evidence | None = None
    strict: bool = True
    negative_at: Fraction | None = None
    reason: str = ""


def find_evidence(expression: Expression, region: Region) -> EvidenceFound:
    """Evidence of expression >= 0 on the region that the kernel accepts.

    Example:
        >>> find_evidence(const(2), Region({})).evidence
        {'kind': 'terms'}
    """
    weak: Evidence | None = None
    degrees = DEGREES[
        : max(1, 5 - len(depends_on(expression)))
    ]  # terms multiply with each variable
    attempts: list[Evidence] = [
        {"kind": "terms"},
        *({"kind": "terms", "degree": n} for n in degrees),
    ]
    for evidence in attempts:
        try:
            if check_sign(expression, region, evidence) == 1:
                return EvidenceFound(evidence)
            weak = weak or evidence
        except (Rejected, Undetermined):
            continue
    if weak:
        return EvidenceFound(weak, strict=False)
    by_squares = _squares(expression, region)
    if by_squares.evidence or by_squares.negative_at is not None:
        return by_squares
    return _scaled_boxes(expression, region)


def _squares(expression: Expression, region: Region) -> EvidenceFound:
    try:
        (factor, coefficients), (low, high) = _split(expression, region), region.ends()
    except Rejected as reason:
        return EvidenceFound(reason=str(reason))
    g, h = square_free_split(coefficients)
    cells, waiting = [low], [(low, high)]
    while waiting:
        a, b = waiting.pop()
        bounds = bernstein(h, a, b)
        if all(x >= 0 for x in bounds) and any(bounds):
            cells.append(b)
            continue
        for x in ((a + b) / 2, (3 * a + b) / 4, (a + 3 * b) / 4):
            if polynomial_value(h, x) < 0 and polynomial_value(g, x):
                return EvidenceFound(negative_at=x)
        if b - a < NARROWEST_CELL or len(cells) > MAX_CELLS:
            return EvidenceFound(
                reason=f"it is a polynomial that was not resolved near q = {float(a):.12g}"
            )
        waiting += [((a + b) / 2, b), (a, (a + b) / 2)]
    square, rest = (
        to_text(from_polynomial(g)),
        f"({to_text(factor)})*({to_text(from_polynomial(h))})",
    )
    return EvidenceFound(
        {"kind": "terms", "cells": list(map(str, cells)), "square": square, "rest": rest}
    )


def _split(expression: Expression, region: Region) -> tuple[Expression, list[Fraction]]:
    """A factor F > 0 and the coefficients of a polynomial P with expression = F * P(q).

    Raises:
        Rejected: the expression does not have this form.
    """
    factor, sums = groups(expand(expression), region)
    if len(sums) != 1:
        raise Rejected("not a positive factor times one polynomial in q")
    ((outside, part),) = sums.items()
    sign = prod(atom_sign(a, e, region) for a, e in outside)
    coefficients = polynomial(const(sign) * part)
    if not sign or coefficients is None:
        raise Rejected("not a polynomial in q alone")
    return factor * term(outside, sign), coefficients


def univariate(expression: Expression, region: Region) -> list[Fraction]:
    """The coefficients of a polynomial P with expression = positive factor * P(q), lowest first.

    Raises:
        Rejected: the expression does not have this form.

    Example:
        >>> from proofs.kernel.normal_form import ONE, atom
        >>> [str(x) for x in univariate(ONE + atom(Q), Region({}))]
        ['1', '1']
    """
    return _split(expression, region)[1]


def _end_cell(
    expression: Expression, end: tuple[str], widest: Fraction
) -> Fraction | EvidenceFound:
    """The widest dyadic cell next to an end on which the kernel's bound is positive."""
    width, reason = widest, "the bound is not positive"
    for _ in range(60):
        try:
            bound = end_bound(expression, end, width, BITS)
            if bound.positive():
                return width
            if bound.negative():
                return EvidenceFound(negative_at=width / 2 if end == Q else 1 - width / 2)
        except (Rejected, Undetermined) as why:
            reason = str(why)
        width /= 2
    return EvidenceFound(reason=f"next to q = {0 if end == Q else 1}: {reason}")


def _scaled_boxes(expression: Expression, region: Region) -> EvidenceFound:
    """Cells for the expression divided by a square, if all its coefficients are tiny or huge.

    Enclosures have a fixed number of digits behind the point.
    """
    largest = max(map(abs, expression.terms.values()))
    exponent = (len(str(largest.numerator)) - len(str(largest.denominator))) // 2
    if abs(exponent) < UNSCALED:
        return _boxes(expression, derivative(expression), region)
    scale = Fraction(10) ** exponent  # numbers of a formula are decimals, and stay short
    rest = expression * const(1 / scale**2)
    found = _boxes(rest, derivative(rest), region)
    if not found.evidence:
        return found
    return replace(found, evidence={**found.evidence, "square": str(scale), "rest": to_text(rest)})


def _boxes(expression: Expression, slope: Expression, region: Region) -> EvidenceFound:
    """Cells on which an interval enclosure is positive, by bisection."""
    try:
        low, high = region.ends()
    except Rejected as reason:
        return EvidenceFound(reason=str(reason))
    start, stop = low, high
    for end, touches in ((Q, low == 0), (U, high == 1)):
        if touches:
            width = _end_cell(expression, end, (high - low) / 4)
            if isinstance(width, EvidenceFound):
                return width
            start, stop = (width, stop) if end == Q else (start, 1 - width)
    cells, waiting = [start], [(start, stop)]
    while waiting:
        a, b = waiting.pop()
        sign = _cell_sign(expression, slope, a, b)
        if sign > 0:
            cells.append(b)
            continue
        middle = (a + b) / 2
        if sign < 0:
            return EvidenceFound(negative_at=middle)
        if b - a < NARROWEST_CELL or len(cells) > MAX_CELLS:
            return EvidenceFound(
                reason=(
                    "it touches 0, or comes closer to 0 than the search resolves, near q ="
                    f" {float(a):.12g}"
                )
            )
        waiting += [(middle, b), (a, middle)]
    whole = [*([low] if start != low else []), *cells, *([high] if stop != high else [])]
    return EvidenceFound({"kind": "boxes", "cells": list(map(str, whole))})


def _cell_sign(expression: Expression, slope: Expression, a: Fraction, b: Fraction) -> int:
    """1: positive on [a, b]; -1: negative at the middle; 0: not known."""
    try:
        if mean_value(expression, slope, a, b).positive():
            return 1
        if on_cell(expression, a, b).positive():
            return 1
        return -1 if enclose(expression, Interval.of((a + b) / 2, BITS), BITS).negative() else 0
    except (Undetermined, Rejected):
        return 0
