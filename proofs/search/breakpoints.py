"""The points in (0, 1) where a formula changes its branch, possibly in terms of the parameters."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from fractions import Fraction

from proofs.kernel.formula import Domain, Node
from proofs.kernel.functions import exp, log, power
from proofs.kernel.normal_form import (
    ONE,
    ZERO,
    Expression,
    Q,
    Rejected,
    const,
    depends_on,
    expand,
    natural,
    number_power,
    polynomial,
    term,
)
from proofs.kernel.signs import Region, is_positive
from proofs.kernel.translate import Translator
from proofs.search.as_text import to_text
from proofs.search.roots import rational_roots
from proofs.search.tidy import tidy

MAX_PIECES = 40


class _Cut(Exception):
    """A comparison changes inside a piece; `difference` is the expression whose sign decides it."""

    def __init__(self, difference: Expression) -> None:
        super().__init__("a comparison changes inside a piece")
        self.difference = difference


class PieceTranslator(Translator):
    """The branch of formulas on an open interval, in which most comparisons are of lines.

    The sign of a line with numbers follows from its ends, without the kernel's general method.

    Example:
        >>> from proofs.kernel.formula import parse
        >>> left = PieceTranslator(Region({}, ZERO, const(Fraction(1, 2))))
        >>> to_text(left.smooth(parse("abs(q - 1/2)")))
        '1/2 - q'
    """

    def sign(self, expression: Expression) -> int:
        """The sign that an expression has everywhere on the piece."""
        found = self._sign_of_line(expression)
        return super().sign(expression) if found is None else found

    def _sign_of_line(self, expression: Expression) -> int | None:
        low, high = self.region.low.constant(), self.region.high.constant()
        coefficients = polynomial(expression)
        if low is None or high is None or coefficients is None or len(coefficients) > 2:
            return None
        start, *slope = coefficients
        ends = [start + sum(slope) * end for end in (low, high)]
        if min(ends) < 0 < max(ends):
            raise Rejected(f"{to_text(expression)} changes its sign inside a piece")
        return (max(ends) > 0) - (min(ends) < 0)


class _Cutter(PieceTranslator):
    """A piece that raises `_Cut` for a comparison it cannot decide."""

    def sign(self, expression: Expression) -> int:
        try:
            return super().sign(expression)
        except Rejected:
            raise _Cut(expand(expression)) from None


class Unordered(Rejected):
    """The order of two breakpoints depends on the parameters.

    Example:
        >>> from proofs.kernel.formula import parse, parse_domain
        >>> name, domain = parse_domain("0 < a < 2")
        >>> try:
        ...     breakpoints([parse("abs(q - a)", ["a"])], {name: domain})
        ... except Unordered as error:
        ...     print([to_text(gap) for gap in error.gaps])
        ['a', '-1 + a']
    """

    def __init__(self, message: str, gaps: list[Expression]) -> None:
        super().__init__(message)
        self.gaps = gaps
        """Differences of two points; a domain may be cut where one of them vanishes."""


def breakpoints(payoffs: Sequence[Node], domains: Mapping[str, Domain]) -> list[Expression]:
    """The points that cut (0, 1) into pieces on which every choice of the payoffs is decided.

    Raises:
        Unordered: the order of the points depends on the parameters.
        Rejected: a choice changes at a point that is neither a rational root of a polynomial nor
            the root of a linear or quadratic one.

    Example:
        >>> from proofs.kernel.formula import parse
        >>> [to_text(b) for b in breakpoints([parse("abs(q - 1/3)"), parse("min(q, 1/2)")], {})]
        ['1/3', '1/2']
    """
    constants = Region(domains)
    points, index = [ZERO, ONE], 0
    while index < len(points) - 1:
        piece = _Cutter(Region(domains, points[index], points[index + 1]))
        try:
            for payoff in payoffs:
                with suppress(Rejected):  # a value that does not exist is reported elsewhere
                    piece.smooth(payoff)
            index += 1
        except _Cut as cut:
            roots = _roots(cut.difference)
            inside = [r for r in roots if _inside(r, points[index], points[index + 1], constants)]
            if not inside or len(points) > MAX_PIECES:
                raise _uncut(cut.difference, roots, points[index], points[index + 1]) from None
            points.insert(index + 1, inside[0])
    return points[1:-1]


def _uncut(
    difference: Expression, roots: list[Expression], low: Expression, high: Expression
) -> Rejected:
    """The error that says why a piece was not cut, and where."""
    changes = f"for q in ({to_text(low)}, {to_text(high)}) the formula changes its branch"
    for root in roots:
        if depends_on(root) | depends_on(low) | depends_on(high):
            where = (
                f"{changes} at q = {to_text(root)}, which is inside or outside depending on the"
                " parameters"
            )
            return Unordered(
                f"{where}; narrower domains of the parameters would settle it",
                [root - low, root - high],
            )
    return Rejected(
        f"{changes} where {to_text(difference)} = 0, and this root was not found exactly"
    )


def _inside(point: Expression, low: Expression, high: Expression, constants: Region) -> bool:
    return is_positive(point - low, constants) and is_positive(high - point, constants)


def _quadratic_roots(coefficients: list[Fraction]) -> list[Expression]:
    """The two irrational roots of a quadratic polynomial without rational ones, ascending."""
    if len(coefficients) != 3:
        return []
    c, b, a = coefficients
    square = (b * b - 4 * a * c) / (4 * a * a)
    if square <= 0:
        return []
    half_gap = number_power(square, Fraction(1, 2))
    return [const(-b / (2 * a)) - half_gap, const(-b / (2 * a)) + half_gap]


def _root_of_one_function(difference: Expression) -> Expression | None:
    """The root of k f + a, where k and a have no q, and f is log q, log(1 - q) or exp(e q)."""
    moving = {m: x for m, x in difference.terms.items() if "q" in depends_on(m)}
    rest = Expression({m: x for m, x in difference.terms.items() if m not in moving})
    if len(moving) != 1:
        return None
    ((m, x),) = moving.items()
    (changing, *others) = [(a, e) for a, e in m if "q" in depends_on((a, e))]
    factor = term(m - {changing}, x)
    if others or depends_on(factor):
        return None
    with suppress(Rejected):
        level = tidy(-rest * power(factor, const(-1), Region({})))
        match changing:
            case (("log", ("q",)), 1):
                return exp(level)
            case (("log", ("u",)), 1):
                return ONE - exp(level)
            case (("exp", inner), Fraction() as e) if inner == frozenset({(Q, Fraction(1))}):
                return log(level, Region({})) * const(1 / e)
    return None


def _roots(difference: Expression) -> list[Expression]:
    """Candidates for the roots in q of a difference."""
    if (found := _root_of_one_function(difference)) is not None:
        return [found]
    coefficients = polynomial(difference)
    if coefficients is not None:
        return [const(r) for r in rational_roots(coefficients)] or _quadratic_roots(coefficients)
    parts: dict[int, Expression] = {}
    for m, x in difference.terms.items():
        e = dict(m).get(Q, Fraction(0))
        if not natural(e) or depends_on(term(m - {(Q, e)}, x)) & {"q"}:
            return []
        n = int(str(e))
        parts[n] = parts.get(n, ZERO) + term(frozenset((a, f) for a, f in m if a != Q), x)
    slope = parts.get(1, ZERO)
    if set(parts) - {0, 1} or depends_on(slope):
        return []
    with suppress(Rejected):
        return [tidy(-parts.get(0, ZERO) * power(slope, const(-1), Region({})))]
    return []
