"""Shorter forms of exact expressions: a sum is divided by a base that is a factor of it."""

from __future__ import annotations

from fractions import Fraction

from proofs.kernel.normal_form import (
    ZERO,
    Atom,
    Expression,
    Monomial,
    Rejected,
    atom,
    expand,
    monomial,
    term,
)

MAX_STEPS = 40


def tidy(expression: Expression) -> Expression:
    """An equal expression in which (a + b - a lam - b lam)/(a + b) is 1 - lam.

    Example:
        >>> from proofs.kernel.formula import parse
        >>> from proofs.kernel.signs import Region
        >>> from proofs.kernel.translate import Translator
        >>> square = Translator(Region({})).smooth(parse("(1 - q^2)/(1 + q)"))
        >>> from proofs.search.as_text import to_text
        >>> to_text(tidy(square))
        '1 - q'
    """
    expanded = expand(expression)
    for a in [a for a in expanded.atoms() if a[0] == "base"]:
        least = min(
            (e for m in expanded.terms for b, e in m if b == a and isinstance(e, Fraction)),
            default=Fraction(0),
        )
        if least.denominator != 1 or least >= 0:
            continue
        above, below = ZERO, ZERO
        for m, x in expanded.terms.items():
            inside = dict(m).get(a) == least
            above, below = (above + term(m, x), below) if inside else (above, below + term(m, x))
        divided = _quotient(above * atom(a, -least), a[1])
        if divided is not None:
            return tidy(below + divided * atom(a, least + 1))
    return expanded


def _quotient(whole: Expression, part: Expression) -> Expression | None:
    """The quotient whole / part if the division leaves no remainder, else None."""
    try:
        return next(
            (q for lead in part.terms if (q := _divided(whole, part, lead)) is not None), None
        )
    except Rejected:
        return None


def _divided(whole: Expression, part: Expression, lead: Monomial) -> Expression | None:
    quotient, rest, powers = ZERO, whole, dict(lead)
    for _ in range(MAX_STEPS):
        if not rest.terms:
            return quotient
        m = next((m for m in rest.terms if _divides(powers, dict(m))), None)
        if m is None:
            return None
        inverse, scale = monomial([*m, *((a, -e) for a, e in lead)])
        step = term(inverse, rest.terms[m] * scale / part.terms[lead])
        quotient, rest = quotient + step, rest - step * part
    return None


def _divides(lead: dict[Atom, Fraction | Expression], m: dict[Atom, Fraction | Expression]) -> bool:
    return all(
        isinstance(e, Fraction) and isinstance(f := m.get(a, Fraction(0)), Fraction) and f >= e
        for a, e in lead.items()
    )
