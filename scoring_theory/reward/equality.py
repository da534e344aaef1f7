"""Equality of rewards up to a positive affine map: R_other = alpha R_one + beta with alpha > 0."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from fractions import Fraction
from itertools import pairwise

from proofs.kernel.formula import Domain
from proofs.kernel.intervals import Undetermined
from proofs.kernel.limits import Limit
from proofs.kernel.normal_form import (
    ONE,
    ZERO,
    Expression,
    Rejected,
    const,
    expand,
    is_zero,
    limited,
)
from proofs.kernel.signs import Region, definite_sign
from proofs.kernel.subject import NEAR
from proofs.kernel.translate import Translator
from proofs.kernel.verifier import MAX_WORK
from proofs.search.breakpoints import breakpoints
from scoring_theory.reward.algebra import Sides

Pair = tuple[Limit, Limit]
"""The payoffs of both rewards at one place."""
Finite = tuple[Expression, Expression]
_SHARES = (Fraction(1, 2), Fraction(1, 3), Fraction(7, 8))
"""Where payoffs are compared in a piece; at 1/2 most rewards have a sign without parameters."""


def same_to_a_learner(one: Sides, other: Sides, domains: Mapping[str, Domain]) -> bool:
    """Whether R_other = alpha R_one + beta with alpha > 0 is proved.

    The equation must hold for every q, c and parameter value. Both rewards are cut where either
    changes its branch. With (x0, y0) their payoffs at one place and (dx, dy) the differences to
    another, the kernel's normal form of (R_other - y0) dx - (R_one - x0) dy must be empty on each
    piece, at each cut and at both ends. If the kernel does not prove this, the answer is False.

    Example:
        >>> from proofs.kernel.formula import parse
        >>> one, other = (parse("q"), parse("-q")), (parse("1 + 2*q"), parse("1 - 2*q"))
        >>> same_to_a_learner(one, other, {})
        True
    """
    if one == other:
        return True
    sides = list(zip(one, other, strict=True))
    try:
        with limited(MAX_WORK):
            points = [ZERO, *breakpoints([*one, *other], domains), ONE]
            start, rises = _compared(_finite(_samples(sides, points, domains)), Region(domains))
            return all(_fits(pair, start, rises) for pair in _everywhere(sides, points, domains))
    except (Rejected, Undetermined):
        return False


def _samples(
    sides: list[Sides], points: list[Expression], domains: Mapping[str, Domain]
) -> Iterator[Pair]:
    inside = [
        low + (high - low) * const(share) for low, high in pairwise(points) for share in _SHARES
    ]
    for point in (*inside, *points):
        yield from _at(point, sides, domains)


def _everywhere(
    sides: list[Sides], points: list[Expression], domains: Mapping[str, Domain]
) -> Iterator[Pair]:
    for low, high in pairwise(points):
        piece = Translator(Region(domains, low, high))
        yield from ((piece.smooth(a), piece.smooth(b)) for a, b in sides)
    for point in points:
        yield from _at(point, sides, domains)


def _at(point: Expression, sides: list[Sides], domains: Mapping[str, Domain]) -> Iterator[Pair]:
    neighbourhood = (
        Region(domains, const(1 - NEAR), ONE)
        if point == ONE
        else Region(domains, ZERO, const(NEAR))
    )
    here = Translator(neighbourhood, point)
    yield from ((here.value(a), here.value(b)) for a, b in sides)


def _finite(pairs: Iterable[Pair]) -> Iterator[Finite]:
    for x, y in pairs:
        if isinstance(x, Expression) and isinstance(y, Expression):
            yield x, y


def _compared(samples: Iterator[Finite], constants: Region) -> tuple[Finite, Finite | None]:
    """The payoffs of both at a first place, and their differences to a second place.

    At the second place the payoff of the first reward differs from that at the first place; if
    there is none, the differences are None.
    """
    start = next(samples)
    for x, y in samples:
        rises = expand(x - start[0]), expand(y - start[1])
        if rises[0].terms and _rise_together(*rises, constants):
            return start, rises
    return start, None


def _rise_together(one: Expression, other: Expression, constants: Region) -> bool:
    """Whether both differences have the same sign.

    False also if the sign depends on the parameters, unless the differences are proportional.
    """
    monomial, x = next(iter(one.terms.items()))
    ratio = other.terms.get(monomial, Fraction(0)) / x
    if ratio > 0 and is_zero(other - one * const(ratio)):
        return True
    try:
        return definite_sign(one, constants) * definite_sign(other, constants) > 0
    except (Rejected, Undetermined):
        return False


def _fits(pair: Pair, start: Finite, rises: Finite | None) -> bool:
    x, y = pair
    if not (isinstance(x, Expression) and isinstance(y, Expression)):
        return x is y  # infinities
    dx, dy = x - start[0], y - start[1]
    if rises is None:
        return is_zero(dx) and is_zero(dy)
    return is_zero(dy * rises[0] - dx * rises[1])
