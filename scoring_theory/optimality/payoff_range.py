"""The smallest and the largest reward."""

from __future__ import annotations

import math
from fractions import Fraction

from proofs.kernel.limits import Limit
from proofs.kernel.normal_form import ONE, ZERO, Expression
from proofs.kernel.signs import constant_sign
from proofs.kernel.subject import difference
from proofs.quantity import Quantity
from proofs.search.as_text import quantity
from proofs.search.prover import Prover

_DIGITS = 14
_ROUNDING = 1e-12
"""The rounding error, relative to max(1, |value|), of a payoff that is measured in floats."""


def payoff_range(prover: Prover) -> tuple[Quantity, Quantity] | None:
    """The smallest and the largest reward; None if it is not found.

    For a proper reward it is exact: R1 increases and R0 decreases, so the extremes are at the ends.
    For an improper reward it is measured.

    Example:
        >>> [str(x) for x in payoff_range(Prover("c - 2*(q - c)^2"))]
        ['-2', '1']
    """
    if prover.proper.decision == "proved":
        subject = prover.subject
        lows = [subject.payoff(ZERO, 1), subject.payoff(ONE, 0)]
        highs = [subject.payoff(ONE, 1), subject.payoff(ZERO, 0)]
        return quantity(_extreme(lows, -1)), quantity(_extreme(highs, 1))
    return _sampled_range(prover)


def _extreme(values: list[Limit], sign: int) -> Limit:
    """The larger (sign 1) or the smaller (sign -1) of two exact values."""
    a, b = values
    gap = difference(a, b) if isinstance(a, Expression) or isinstance(b, Expression) else ZERO
    larger = (gap.value == "inf") if not isinstance(gap, Expression) else constant_sign(gap) >= 0
    return a if larger == (sign > 0) else b


def _sampled_range(prover: Prover) -> tuple[Quantity, Quantity] | None:
    """The extremes of an improper reward over a fine grid with all ends and breakpoints."""
    if any(d.low != d.high for d in prover.subject.domains.values()):
        return None
    numeric = prover.refuter.numerics[0]
    table = numeric.regular(1000) + numeric.table(prover.numeric_cuts)
    values = [payoff for _, *payoffs in table for payoff in payoffs]
    if any(math.isnan(v) for v in values):
        return None
    return _measured(min(values)), _measured(max(values))


def _measured(value: float) -> Quantity:
    if math.isinf(value):
        return Quantity("inf" if value > 0 else "-inf", value)
    simple = Fraction(value).limit_denominator(1000)
    if abs(float(simple) - value) <= _ROUNDING * max(1, abs(value)):
        return Quantity(str(simple), float(simple))
    digits = f"{value:.{_DIGITS}g}"
    return Quantity(digits, float(digits))
