"""Enclosures: intervals that contain an expression on a cell of q, or next to an end of [0, 1]."""

from __future__ import annotations

from fractions import Fraction

from proofs.kernel.intervals import Interval, Undetermined
from proofs.kernel.normal_form import Atom, Expression, Q, Rejected, U, common_factor, monomial, natural, spend, term

BITS = 192


def enclose(expression: Expression, cell: Interval | None, bits: int) -> Interval:
    """An interval that contains the expression for every q of the cell (None: the expression has no q)."""
    known: dict[Atom, Interval] = {}
    total = Interval.of(0, bits)
    for m, x in expression.terms.items():
        value = Interval.of(x, bits)
        spend(1 + 4 * len(m))
        for a, e in m:
            if not isinstance(e, Fraction):
                raise Rejected("an exponent depends on parameters")
            if a not in known:
                known[a] = _enclose_atom(a, cell, bits)
            value = value * known[a].power(e)
        total = total + value
    return total


def _enclose_atom(a: Atom, cell: Interval | None, bits: int) -> Interval:
    if a in (Q, U) and cell is not None:
        return cell if a == Q else Interval.of(1, bits) - cell
    match a[0]:
        case "base":
            return enclose(a[1], cell, bits)
        case "log":
            return _enclose_atom(a[1], cell, bits).log()
        case "prime":
            return Interval.of(a[1], bits)
        case "exp":
            return enclose(term(a[1]), cell, bits).exp()
        case "beta_constant":
            return _incomplete_beta(a[1], a[2], _half(bits)) + _incomplete_beta(a[2], a[1], _half(bits))
        case "beta_cdf" if cell is not None and isinstance(a[1], Fraction) and isinstance(a[2], Fraction):
            return _enclose_beta_cdf(a[1], a[2], cell, enclose(a[3], cell, bits))
        case "beta_value" if isinstance(a[1], Fraction) and isinstance(a[2], Fraction):
            return _enclose_beta_cdf(a[1], a[2], Interval.of(a[4], bits), enclose(a[3], None, bits))
    raise Rejected(f"{a[0]} {a[1] if len(a) > 1 else ''} has no numerical value here")


def _half(bits: int) -> Interval:
    return Interval.of(Fraction(1, 2), bits)


def _enclose_beta_cdf(alpha: Fraction, beta: Fraction, cell: Interval, density: Interval) -> Interval:
    """I_x(alpha, beta), increasing in x; above 1/2 through I_x(a, b) = 1 - I_(1-x)(b, a)."""
    one = Interval.of(1, cell.bits)
    if cell.high <= one.low // 2:
        return density * _incomplete_beta(alpha, beta, cell)
    if cell.low >= one.low // 2:
        return one - density * _incomplete_beta(beta, alpha, one - cell)
    half = one.low // 2
    parts = [Interval(cell.low, half, cell.bits), Interval(half, cell.high, cell.bits)]
    low, high = (_enclose_beta_cdf(alpha, beta, part, density) for part in parts)
    return Interval(min(low.low, high.low), max(low.high, high.high), cell.bits)


def _incomplete_beta(alpha: Fraction, beta: Fraction, x: Interval) -> Interval:
    """Integral of t^(alpha-1) (1-t)^(beta-1) over [0, x], 0 < x <= 1/2, by its power series.

    x^alpha sum_n (1-beta)_n / n! * x^n / (alpha + n). Once n >= |beta| the ratio of terms is at most 1/2 in size,
    so the tail is at most twice the first term left out.
    """
    if not isinstance(alpha, Fraction) or not isinstance(beta, Fraction):
        raise Rejected("a Beta distribution with symbolic parameters has no numerical value")
    total, factor, n = Interval.of(0, x.bits), Interval.of(1, x.bits), 0
    while True:
        summand = factor * Interval.of(1 / (alpha + n), x.bits)
        if n >= abs(beta) and max(abs(summand.low), abs(summand.high)) <= 4:
            tail = 16
            return x.power(alpha) * (total + Interval(-tail, tail, x.bits))
        spend(4)
        if n > 8 * x.bits:
            raise Undetermined("the series of a Beta distribution function converges too slowly")
        total = total + summand
        n += 1
        factor = factor * x * Interval.of((n - beta) / n, x.bits)


def end_bound(expression: Expression, end: Atom, width: Fraction, bits: int) -> Interval:
    """Bounds of (expression divided by its leading power of the end variable z) for 0 < z <= width.

    Every term is  x z^a (-log z)^j * (rest): z^a (-log z)^j rises on (0, width] once  a (-log width) >= j, so it lies
    in (0, its value at width]; for a = 0 it lies in [(-log width)^j, oo), where only positive terms may be left out.
    """
    expression, _ = common_factor(expression, [end])
    z = Interval.between(Fraction(0), width, bits)
    cell = z if end == Q else Interval.of(1, bits) - z
    at = Interval.of(width, bits)
    minus_log = -at.log()
    total = Interval.of(0, bits)
    for m, x in expression.terms.items():
        power, logs, rest = Fraction(0), 0, []
        for a, e in m:
            if not isinstance(e, Fraction):
                raise Rejected("an exponent depends on parameters")
            if a == end:
                power = e
            elif a == ("log", end) and natural(e):
                logs = int(e)
            else:
                rest.append((a, e))
        coefficient = enclose(term(monomial(rest)[0], x * (-1) ** logs), cell, bits)
        if power < 0 or (power == 0 and logs and not (coefficient.positive() and minus_log.positive())):
            raise Rejected("the expression is not bounded below next to an end")
        if power == 0 and logs:
            total = total + Interval((coefficient * minus_log.power(Fraction(logs))).low, 1 << (4 * bits), bits)
            continue
        if logs and (minus_log * Interval.of(power, bits)).low < logs << bits:
            raise Rejected("an end cell is too wide")
        bound = Interval.of(1, bits)
        if power:
            bound = Interval(0, (at.power(power) * minus_log.power(Fraction(logs))).high, bits)
        total = total + coefficient * bound
    return total


def on_cell(expression: Expression, low: Fraction, high: Fraction) -> Interval:
    """An interval that contains the expression for low <= q <= high."""
    return enclose(expression, Interval.between(low, high, BITS), BITS)


def mean_value(expression: Expression, derivative: Expression, low: Fraction, high: Fraction) -> Interval:
    """f(middle) + f'([low, high]) * [-radius, radius] contains f on [low, high]."""
    radius = (high - low) / 2
    slope = on_cell(derivative, low, high)
    return enclose(expression, Interval.of(low + radius, BITS), BITS) + slope * Interval.between(-radius, radius, BITS)
