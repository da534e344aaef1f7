"""Intervals that contain an expression on a cell of q, or next to an end of [0, 1]."""

from __future__ import annotations

from fractions import Fraction
from functools import lru_cache

from proofs.kernel.intervals import Interval, Undetermined
from proofs.kernel.normal_form import (
    Atom,
    Expression,
    Q,
    Rejected,
    common_factor,
    monomial,
    natural,
    spend,
    term,
)

BITS, MOST_BITS = 192, 6000


def enclose(expression: Expression, cell: Interval | None, bits: int) -> Interval:
    """An interval that contains the expression for every q of the cell.

    Args:
        expression: an exact expression without parameters.
        cell: an interval of q; None for an expression without q.
        bits: the precision; the ends of the result are multiples of 2^-bits.

    Raises:
        Rejected: the expression holds a parameter, or its enclosure is undetermined.

    Example:
        >>> low, high = enclose(term(frozenset({(Q, Fraction(2))})), Interval.of(1, 8), 8).ends()
        >>> low == high == 1
        True
    """
    known: dict[Atom, Interval] = {}
    total = Interval.of(0, bits)
    for m, x in expression.terms.items():
        value = Interval.of(x, bits)
        spend(1 + 4 * len(m))
        for a, e in m:
            if a not in known:
                known[a] = _enclose_atom(a, cell, bits)
            at = known[a]
            value = value * (
                at.power(e)
                if isinstance(e, Fraction)
                else (at.log() * enclose(e, cell, bits)).exp()
            )
        total = total + value
    return total


def _enclose_atom(a: Atom, cell: Interval | None, bits: int) -> Interval:
    match a:
        case ("q",) if cell is not None:
            return cell
        case ("u",) if cell is not None:
            return Interval.of(1, bits) - cell
        case ("base", definition):
            return enclose(definition, cell, bits)
        case ("log", inner):
            return _enclose_atom(inner, cell, bits).log()
        case ("prime", p):
            return Interval.of(p, bits)
        case ("exp", m):
            return enclose(term(m), cell, bits).exp()
        case ("beta_constant", Fraction() as alpha, Fraction() as beta):
            half = Interval.of(Fraction(1, 2), bits)
            return _incomplete_beta(alpha, beta, half) + _incomplete_beta(beta, alpha, half)
        case ("beta_cdf", Fraction() as alpha, Fraction() as beta, density, x):
            return _beta_cdf(alpha, beta, enclose(x, cell, bits), enclose(density, None, bits))
    raise Rejected(f"{a[0]} {a[1] if len(a) > 1 else ''} has no numerical value here")


def _beta_cdf(alpha: Fraction, beta: Fraction, x: Interval, density: Interval) -> Interval:
    """I_x(alpha, beta), which increases in x; above 1/2 by I_x(a, b) = 1 - I_(1-x)(b, a)."""
    one, half = Interval.of(1, x.bits), Interval.of(Fraction(1, 2), x.bits).low
    if x.high <= half:
        return density * _incomplete_beta(alpha, beta, x)
    if x.low >= half:
        return one - density * _incomplete_beta(beta, alpha, one - x)
    low, high = (
        _beta_cdf(alpha, beta, Interval(end, end, x.bits), density) for end in (x.low, x.high)
    )
    return Interval(low.low, high.high, x.bits)


def _incomplete_beta(alpha: Fraction, beta: Fraction, x: Interval) -> Interval:
    """Integral of t^(alpha-1) (1-t)^(beta-1) over [0, x], 0 < x <= 1/2."""
    series, steps = _beta_series(alpha, beta, x)
    spend(4 * steps)  # each time, so that no answer depends on what is cached
    return x.power(alpha) * series


@lru_cache(maxsize=512)
def _beta_series(alpha: Fraction, beta: Fraction, x: Interval) -> tuple[Interval, int]:
    """The power series without its factor x^alpha, and the number of its terms.

    sum_n (1-beta)_n / n! * x^n / (alpha + n). Once n >= |beta| the ratio of terms is at most 1/2
    in size, so the tail is at most twice the first term left out. The constants of all cells
    repeat it.
    """
    total, factor, n = Interval.of(0, x.bits), Interval.of(1, x.bits), 0
    while True:
        summand = factor * Interval.of(1 / (alpha + n), x.bits)
        if n >= abs(beta) and max(abs(summand.low), abs(summand.high)) <= 4:
            tail = 16
            return total + Interval(-tail, tail, x.bits), n
        if n > 8 * x.bits:
            spend(4 * n)
            raise Undetermined("the series of a Beta distribution function converges too slowly")
        total = total + summand
        n += 1
        factor = factor * x * Interval.of((n - beta) / n, x.bits)


def end_bound(expression: Expression, end: Atom, width: Fraction, bits: int) -> Interval:
    """Bounds of (expression divided by its leading power of the end variable z) for 0 < z <= width.

    Every term is x z^a (-log z)^j * (rest). The factor z^a (-log z)^j increases on (0, width] if
    a (-log width) >= j, so it lies in (0, its value at `width`]. For a = 0 it lies in
    [(-log width)^j, oo), so there only positive terms may be replaced by a lower bound.

    Args:
        expression: an exact expression without parameters.
        end: `Q` for q = 0 or `U` for q = 1; z is q or 1 - q.
        width: the width of the cell next to the end, in (0, 1).
        bits: the precision.

    Raises:
        Rejected: the expression is not bounded below at the end, or the cell is too wide.

    Example:
        >>> q = term(frozenset({(Q, Fraction(1))}))
        >>> end_bound(q + q * q, Q, Fraction(1, 2), 64).positive()  # 1 + q
        True
    """
    expression, _ = common_factor(expression, [end])
    z = Interval.between(Fraction(0), width, bits)
    cell = z if end == Q else Interval.of(1, bits) - z
    at = Interval.of(width, bits)
    minus_log = -at.log()
    total = Interval.of(0, bits)
    for m, x in expression.terms.items():
        powers = dict(m)
        power, logs = powers.pop(end, Fraction(0)), powers.pop(("log", end), Fraction(0))
        if not isinstance(power, Fraction) or not natural(logs) or logs > 64:
            raise Rejected(
                "an exponent depends on parameters, or a logarithm has a power that is not whole"
            )
        coefficient = enclose(term(*monomial(powers.items())), cell, bits) * Interval.of(
            x * (-1) ** int(logs), bits
        )
        rising = minus_log.power(logs)
        if power < 0 or (
            power == 0 and logs and not (coefficient.positive() and minus_log.positive())
        ):
            raise Rejected("the expression is not bounded below next to an end")
        if logs and power and (minus_log * Interval.of(power, bits)).low < logs * (1 << bits):
            raise Rejected("an end cell is too wide")
        if power:
            total = total + coefficient * Interval(0, (at.power(power) * rising).high, bits)
        else:
            total = total + (
                Interval((coefficient * rising).low, 1 << (4 * bits), bits) if logs else coefficient
            )
    return total


def on_cell(expression: Expression, low: Fraction, high: Fraction) -> Interval:
    """An interval that contains the expression for low <= q <= high.

    Example:
        >>> on_cell(term(frozenset({(Q, Fraction(2))})), Fraction(1, 2), Fraction(1)).positive()
        True
    """
    return enclose(expression, Interval.between(low, high, BITS), BITS)


def mean_value(
    expression: Expression, derivative: Expression, low: Fraction, high: Fraction
) -> Interval:
    """The mean value form: f(middle) + f'([low, high]) * [-radius, radius], which contains f.

    Example:
        >>> q = term(frozenset({(Q, Fraction(1))}))
        >>> mean_value(q, term(frozenset()), Fraction(1, 4), Fraction(1, 2)).positive()
        True
    """
    radius = (high - low) / 2
    slope = on_cell(derivative, low, high)
    return enclose(expression, Interval.of(low + radius, BITS), BITS) + slope * Interval.between(
        -radius, radius, BITS
    )
