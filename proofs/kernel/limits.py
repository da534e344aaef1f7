"""One-sided limits of expressions at q = 0 and q = 1, exactly; logarithms may send them to -oo or +oo."""

from __future__ import annotations

from enum import Enum
from fractions import Fraction

from proofs.kernel.normal_form import (
    ONE,
    ZERO,
    Atom,
    Exponent,
    Expression,
    Q,
    Rejected,
    U,
    atom,
    base,
    const,
    expand,
    expand_atom,
    exponent_sum,
    exponential,
    lift,
    monomial,
    natural,
    number_log,
    number_power,
    plain,
    sign_power,
    term,
    whole_power,
)
from proofs.kernel.signs import Region, constant_sign, depends_on, is_positive


class Infinity(Enum):
    """The two values that are not numbers."""

    NEGATIVE = "-inf"
    POSITIVE = "inf"


NEGATIVE_INFINITY, POSITIVE_INFINITY = Infinity.NEGATIVE, Infinity.POSITIVE
INFINITE = (NEGATIVE_INFINITY, POSITIVE_INFINITY)
Limit = Expression | Infinity


def limit(expression: Expression, end: Atom, region: Region) -> Limit:
    """The limit as the end variable (q at 0, u = 1 - q at 1) falls to 0.

    Each term is z^a (-log z)^j times a factor with a finite limit. The terms of least a, and of greatest j among them,
    dominate; if their factors do not cancel, they decide: 0 for a > 0, the sum for a = j = 0, else an infinity.
    """
    expression = expand(expression)
    if end == U:
        expression = expand_atom(expression, Q, ONE - atom(U))
    kept: dict[tuple[Exponent, int], Expression] = {}
    for m, x in expression.terms.items():
        order, logs, factor = _leading(m, end, region)
        if _order_sign(order, region) <= 0:
            key = (order, logs)
            kept[key] = kept.get(key, ZERO) + factor * const(x) * sign_power(logs)
    if set(kept) <= {(Fraction(0), 0)}:
        return kept.get((Fraction(0), 0), ZERO)
    return POSITIVE_INFINITY if _dominant_sign(kept, region) > 0 else NEGATIVE_INFINITY


def _dominant_sign(kept: dict[tuple[Exponent, int], Expression], region: Region) -> int:
    """Sign of the fastest growing of several terms that do not all stay finite."""
    orders = {order for order, _ in kept}
    if len(orders) > 1 and not all(isinstance(order, Fraction) for order in orders):
        raise Rejected("poles of unknown order at an end of [0, 1]")
    first = min(orders, key=lambda order: order if isinstance(order, Fraction) else Fraction(0))
    sign = _sign(kept[first, max(j for order, j in kept if order == first)], region)
    if sign == 0:
        raise Rejected("poles that cancel at an end of [0, 1]")
    return sign


def _sign(factor: Expression, region: Region) -> int:
    if is_positive(factor, region):
        return 1
    return -1 if is_positive(-factor, region) else constant_sign(factor)


def _order_sign(order: Exponent, region: Region) -> int:
    if isinstance(order, Fraction):
        return (order > 0) - (order < 0)
    return _sign(order, region)


def _leading(m: frozenset[tuple[Atom, Exponent]], end: Atom, region: Region) -> tuple[Exponent, int, Expression]:
    """(a, j, factor) with  monomial ~ factor * z^a * (-log z)^j  up to the sign (-1)^j."""
    other = U if end == Q else Q
    order: Exponent = Fraction(0)
    logs, factor = 0, ONE
    for a, e in m:
        if a == end:
            order = exponent_sum(order, e)
        elif a == ("log", end):
            if not natural(e):
                raise Rejected("a power of a logarithm at an end of [0, 1]")
            logs += int(e)
        elif a == ("log", other):  # log(1 - z) ~ -z
            if not isinstance(e, Fraction) or e.denominator != 1:
                raise Rejected("a power of a logarithm at an end of [0, 1]")
            order, factor = exponent_sum(order, e), factor * sign_power(int(e))
        elif a[0] == "beta_cdf":
            if end == Q:  # I_z(a, b) ~ density z^a / a
                order = exponent_sum(order, plain(lift(e) * lift(a[1])))
                factor = factor * _beta_slope(a, e)
        elif a != other:
            factor = factor * _finite(a, e, end, region)
    return order, logs, factor


def _beta_slope(a: Atom, e: Exponent) -> Expression:
    if not natural(e):
        raise Rejected("a power of a Beta distribution function at an end of [0, 1]")
    return whole_power(a[3] * _inverse(lift(a[1])), int(e))


def _inverse(positive: Expression) -> Expression:
    """1 / x of a positive expression."""
    if len(positive.terms) > 1:
        return atom(base(positive), Fraction(-1))
    ((m, x),) = positive.terms.items()
    inverse, scale = monomial([(a, plain(-lift(e))) for a, e in m])
    return term(inverse, scale / x)


def _finite(a: Atom, e: Exponent, end: Atom, region: Region) -> Expression:
    """The limit of an atom that has a finite one, to a power."""
    if a[0] == "base":
        inside = limit(a[1], end, region)
        value = inside.constant() if isinstance(inside, Expression) else None
        if value is not None and value > 0:
            return number_power(value, e)
        if isinstance(inside, Expression) and is_positive(inside, region):
            return atom(base(inside), e)
        raise Rejected("a root, logarithm or denominator vanishes at an end of [0, 1]")
    if a[0] == "log" and a[1][0] == "base":
        inside = limit(a[1][1], end, region)
        value = inside.constant() if isinstance(inside, Expression) else None
        if value is not None and value > 0 and natural(e):
            return whole_power(number_log(value), int(e))
        if value is None and isinstance(inside, Expression) and is_positive(inside, region):
            return atom(("log", base(inside)), e)
        raise Rejected("a logarithm at an end of [0, 1]")
    if a[0] == "exp" and a[1]:
        inside = limit(term(a[1]), end, region)
        if not isinstance(inside, Expression):
            raise Rejected("an exponential at an end of [0, 1]")
        result = ONE
        for m, x in inside.terms.items():
            result = result * atom(exponential(m), plain(lift(e) * const(x)))
        return result
    result = term(*monomial([(a, e)]))
    if "q" in depends_on(result):
        raise Rejected(f"the limit of a {a[0]} at an end of [0, 1]")
    return result
