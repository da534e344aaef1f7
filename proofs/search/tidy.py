"""Exact expressions made shorter for the reader: a sum divided by a factor of it is divided out."""

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
    """Equal to the expression; (a + b - a lam - b lam)/(a + b) becomes 1 - lam."""
    found = expand(expression)
    for a in [a for a in found.atoms() if a[0] == "base"]:
        least = min(
            (e for m in found.terms for b, e in m if b == a and isinstance(e, Fraction)),
            default=Fraction(0),
        )
        if least.denominator != 1 or least >= 0:
            continue
        above, below = ZERO, ZERO
        for m, x in found.terms.items():
            inside = dict(m).get(a) == least
            above, below = (above + term(m, x), below) if inside else (above, below + term(m, x))
        divided = _quotient(above * atom(a, -least), a[1])
        if divided is not None:
            return tidy(below + divided * atom(a, least + 1))
    return found


def _quotient(whole: Expression, part: Expression) -> Expression | None:
    """Whole / part where the division leaves nothing over."""
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
