"""Exact limits of an expression from inside a piece.

At q = 0 and q = 1 logarithms may make a limit infinite.
"""

from __future__ import annotations

from enum import Enum
from fractions import Fraction

from proofs.kernel.functions import beta_cdf, exp, log, power
from proofs.kernel.normal_form import (
    ONE,
    ZERO,
    Atom,
    Exponent,
    Expression,
    Monomial,
    Q,
    Rejected,
    U,
    atom,
    const,
    depends_on,
    expand,
    expand_atom,
    exponent_sum,
    lift,
    monomial,
    natural,
    plain,
    sign_power,
    term,
    whole_power,
)
from proofs.kernel.signs import Region, definite_sign


class Infinity(Enum):
    """The two limits that are not numbers.

    Example:
        >>> Infinity("-inf") is NEGATIVE_INFINITY
        True
    """

    NEGATIVE = "-inf"
    POSITIVE = "inf"


NEGATIVE_INFINITY, POSITIVE_INFINITY = Infinity.NEGATIVE, Infinity.POSITIVE
Limit = Expression | Infinity


def limit(expression: Expression, point: Expression, region: Region) -> Limit:
    """The limit as q tends to the point from inside the region.

    Inside (0, 1) every atom is continuous. At an end, let z = q or 1 - q: each term is z^a (-log
    z)^j times a factor with a finite limit. The terms of least a, and of greatest j among them,
    dominate. If their factors do not cancel, they decide: 0 for a > 0, the sum for a = j = 0, and
    an infinity otherwise.

    Raises:
        Rejected: the dominating terms cancel, or an atom has no known limit at the point.

    Example:
        >>> q, region = atom(Q), Region({})
        >>> limit(q * log(q, region), ZERO, region) == ZERO, limit(log(q, region), ZERO, region)
        (True, <Infinity.NEGATIVE: '-inf'>)
    """
    if point not in (ZERO, ONE):
        return _continuous(expression, point, region)
    end = Q if point == ZERO else U
    expression = expand(expression)
    if end == U:
        expression = expand_atom(expression, Q, ONE - atom(U))
    kept: dict[tuple[Exponent, int], Expression] = {}
    for m, x in expression.terms.items():
        order, logs, factor = _leading(m, end, point, region)
        sign = definite_sign(lift(order), region)
        if sign <= 0:
            key = (order if sign else Fraction(0), logs)
            kept[key] = kept.get(key, ZERO) + factor * const(x) * sign_power(logs)
    if set(kept) <= {(Fraction(0), 0)}:
        return kept.get((Fraction(0), 0), ZERO)
    orders = {order for order, _ in kept}
    known = [order for order in orders if isinstance(order, Fraction)]
    if len(known) < len(orders) > 1:
        raise Rejected("poles of unknown order at an end of [0, 1]")
    first = min(known) if known else orders.pop()
    sign = definite_sign(kept[first, max(j for order, j in kept if order == first)], region)
    if sign == 0:
        raise Rejected("poles that cancel at an end of [0, 1]")
    return POSITIVE_INFINITY if sign > 0 else NEGATIVE_INFINITY


def _continuous(expression: Expression, point: Expression, region: Region) -> Expression:
    result = ZERO
    for m, x in expression.terms.items():
        value = const(x)
        for a, e in m:
            value = value * _finite(a, e, point, region)
        result = result + value
    return result


def _leading(
    m: Monomial, end: Atom, point: Expression, region: Region
) -> tuple[Exponent, int, Expression]:
    """(a, j, factor) with monomial ~ factor * z^a * (-log z)^j, up to the sign (-1)^j."""
    order: Exponent = Fraction(0)
    logs, factor = 0, ONE
    for a, e in m:
        if a == end:
            order = exponent_sum(order, e)
        elif a in (("log", Q), ("log", U)):
            if not isinstance(e, Fraction) or e.denominator != 1 or (a[1] == end and e < 0):
                raise Rejected("a power of a logarithm at an end of [0, 1]")
            if a[1] == end:
                logs += int(e)
            else:  # log(1 - z) ~ -z
                order, factor = exponent_sum(order, e), factor * sign_power(int(e))
        elif a[0] == "beta_cdf" and a[4] == atom(Q) and end == Q:  # I_z(a, b) ~ density z^a / a
            if not natural(e):
                raise Rejected("a power of a Beta distribution function at an end of [0, 1]")
            order = exponent_sum(order, plain(lift(e) * lift(a[1])))
            factor = factor * whole_power(a[3] * power(lift(a[1]), const(-1), region), int(e))
        elif a not in (Q, U):  # the other of the two tends to 1
            factor = factor * _finite(a, e, point, region)
    return order, logs, factor


def _finite(a: Atom, e: Exponent, point: Expression, region: Region) -> Expression:
    """The limit of an atom raised to a power, if the atom has a finite limit."""

    def inside(expression: Expression) -> Expression:
        found = limit(expression, point, region)
        if not isinstance(found, Expression):
            raise Rejected(
                "a root, logarithm or exponential of an infinite value at an end of [0, 1]"
            )
        return found

    match a:
        case ("q",) | ("u",):
            return power(point if a == Q else ONE - point, lift(e), region)
        case ("base", definition):
            return power(inside(definition), lift(e), region)
        case ("log", ("base", _) | ("q",) | ("u",)):
            definition = a[1][1] if a[1][0] == "base" else atom(a[1])
            return power(log(inside(definition), region), lift(e), region)
        case ("exp", m) if m:
            return exp(lift(e) * inside(term(m)))
        case ("beta_cdf", alpha, beta, _, x) if x == atom(Q):
            return power(beta_cdf(point, alpha, beta, region), lift(e), region)
    result = term(*monomial([(a, e)]))
    if "q" in depends_on(result):
        raise Rejected(f"the limit of a {a[0]} at an end of [0, 1]")
    return result
