"""The success probabilities below which a proper reward fails, locally and globally.

Below the local threshold V decreases; below the global one V(p) < V(0).
"""

from __future__ import annotations

import re
from fractions import Fraction
from math import floor, log10

from proofs.kernel.enclosures import enclose
from proofs.kernel.intervals import Interval, Undetermined
from proofs.kernel.limits import NEGATIVE_INFINITY, Limit, limit
from proofs.kernel.normal_form import (
    ZERO,
    Atom,
    Expression,
    Rejected,
    atom,
    const,
    depends_on,
    expand,
    is_zero,
    term,
)
from proofs.kernel.normal_form import Q as Q_ATOM
from proofs.kernel.normal_form import U as U_ATOM
from proofs.kernel.signs import Region, constant_sign
from proofs.kernel.subject import difference
from proofs.quantity import Quantity
from proofs.search.as_text import SHOWN_BITS, decimal, to_text
from proofs.search.counterexamples import Certificate, accepted, base_certificate
from proofs.search.find_evidence import univariate
from proofs.search.prover import Prover
from proofs.search.roots import (
    Coefficients,
    polynomial_division,
    polynomial_value,
    rational_roots,
    trimmed,
)
from proofs.search.tidy import tidy

WIDTH = Fraction(1, 1 << 80)
"""The relative width of the enclosure of a threshold."""
DIGITS = 15
DEEPEST = 1100
"""No threshold below 2^-DEEPEST is enclosed, since no float is that small."""


def failure_thresholds(prover: Prover) -> tuple[Quantity | None, Quantity | None]:
    """The local and the global failure threshold of a proper reward with a negative margin.

    V' = D = R(., 1) - R(., 0) never decreases, so V decreases exactly below the point where D
    becomes positive. V is convex, so it is below V(0) exactly up to the one point where it returns
    to V(0) (`docs/theory.md`, Theorem 18). The reward must not have free parameters.

    Returns:
        Both thresholds; None for one that does not exist or is not found.

    Example:
        >>> local, globally = failure_thresholds(Prover("c - 2*(q - c)^2"))
        >>> local.exact, globally.exact
        ('1/4', '1/2')
    """
    margin = prover.margin
    if margin is None or not _negative(margin):
        return None, None
    return _threshold(prover, local=True), _threshold(prover, local=False)


def failure_certificate(
    prover: Prover, local: Quantity | None, globally: Quantity | None
) -> Certificate | None:
    """A certificate that both thresholds lie between decimals of `DIGITS` digits.

    A global threshold that is not known is tried as one smaller than any float. None without
    thresholds, or if the kernel does not accept the certificate.

    Example:
        >>> prover = Prover("c - 2*(q - c)^2")
        >>> failure_certificate(prover, *failure_thresholds(prover))["claim"]
        'failure thresholds'
    """
    if local is None:
        return None
    values = {"local": local.value, "global": globally.value if globally else 0.0}
    ends = {name: decimals_around(value) for name, value in values.items()}
    claim = base_certificate(prover.formula, prover.parameters, "failure thresholds")
    certificate = {**claim, **prover.case(), **ends}
    return certificate if accepted(certificate) else None


def decimals_around(value: float) -> list[str]:
    """Two decimals around a threshold.

    They differ in the 15th decimal place, or in the 15th digit for a threshold below 0.001. Around
    a threshold that is too small for a float they are 0 and 1e-300.

    Example:
        >>> decimals_around(0.25)
        ['0.249999999999999', '0.250000000000002']
    """
    if value < 1e-300:
        return ["0", "1e-300"]
    places = DIGITS if value >= 0.001 else DIGITS - floor(log10(value))
    n = floor(Fraction(value) * 10**places)
    ends = max(n - 1, 0), min(n + 2, 10**places)
    if places > DIGITS:
        return [f"{end}e-{places}" for end in ends]
    return [f"{end // 10**DIGITS}.{end % 10**DIGITS:0{DIGITS}}" for end in ends]


def _negative(margin: Limit) -> bool:
    if not isinstance(margin, Expression):
        return margin is NEGATIVE_INFINITY
    return not depends_on(margin) and constant_sign(margin) < 0


def _threshold(prover: Prover, *, local: bool) -> Quantity | None:
    try:
        return _searched(prover, local=local)
    except (Rejected, Undetermined):
        return None


def _searched(prover: Prover, *, local: bool) -> Quantity:
    """The threshold on the first piece at whose high end the gain is no longer negative."""
    subject = prover.subject
    start = subject.payoff(ZERO, 0)
    if not isinstance(start, Expression):
        raise Rejected("R(0, 0) is infinite")
    for index, piece in enumerate(subject.pieces):
        low, high = piece.region.ends()
        wrong, right = (piece.smooth(subject.payoffs[c]) for c in (0, 1))
        gain = right - wrong if local else atom(Q_ATOM) * right + atom(U_ATOM) * wrong - start
        lows, highs = ([subject.near(index, c, side) for c in (0, 1)] for side in (0, 1))
        if _sign_at_end(highs[0], highs[1], high, start, local=local) < 0:
            continue
        if local and _sign_at_end(lows[0], lows[1], low, start, local=True) >= 0:
            return Quantity(str(low), float(low))
        return root(gain, low, high)
    return Quantity("1", 1.0)


def _sign_at_end(wrong: Limit, right: Limit, p: Fraction, start: Expression, *, local: bool) -> int:
    """Sign of D, or of V - V(0), at an end of a piece."""
    if local:
        gap = difference(right, wrong)
    else:
        parts = [
            const(share) * x
            for share, x in ((p, right), (1 - p, wrong))
            if share and isinstance(x, Expression)
        ]
        gap = sum(parts, ZERO) - start
    if not isinstance(gap, Expression):
        return -1 if gap is NEGATIVE_INFINITY else 1
    return constant_sign(gap)


def root(gain: Expression, low: Fraction, high: Fraction) -> Quantity:
    """The point of (low, high) where an expression changes from negative to nonnegative.

    Args:
        gain: an expression in q with one such change.
        low: the low end, a rational.
        high: the high end, a rational.

    Returns:
        The root as a rational, in closed form, or as certified digits with the equation in p.

    Raises:
        Rejected: the root is smaller than any float.

    Example:
        >>> root(atom(Q_ATOM) - const(Fraction(1, 3)), Fraction(0), Fraction(1)).exact
        '1/3'
    """
    shown, gain, whole = gain, _scaled(expand(gain)), (low, high)
    low, high = _enclosed(gain, low, high)
    candidate = simplest_between(low, high)
    if candidate and candidate.denominator < 10**12 and _vanishes_at(gain, candidate, whole):
        return Quantity(str(candidate), float(candidate))
    value = float((low + high) / 2)
    if (rational := _rational(gain, low, high, whole)) is not None:
        return Quantity(str(rational), float(rational))
    if (text := _logistic(gain) or _algebraic(gain, low, high, whole)) is not None:
        return Quantity(text, value)
    if not low:
        raise Rejected("the threshold is smaller than any float")
    return Quantity(
        decimal(low, high), value, equation=re.sub(r"\bq\b", "p", f"{to_text(tidy(shown))} = 0")
    )


def _scaled(gain: Expression) -> Expression:
    """The expression divided by its largest coefficient.

    Enclosures have a fixed absolute width, from which signs are read.
    """
    largest = max(map(abs, gain.terms.values()), default=Fraction(1))
    return gain * const(1 / largest)


def _vanishes_at(gain: Expression, x: Fraction, whole: tuple[Fraction, Fraction]) -> bool:
    """Whether the kernel shows that the expression tends to 0 at a rational point of its piece."""
    try:
        value = limit(gain, const(x), _region(whole))
    except (Rejected, Undetermined):
        return False
    return isinstance(value, Expression) and is_zero(value)


def _enclosed(gain: Expression, low: Fraction, high: Fraction) -> tuple[Fraction, Fraction]:
    """The change of sign to a relative width of `WIDTH`, by quadratic interval refinement.

    A secant chooses the cell.

    Source: Abbott 2014, Quadratic interval refinement for real roots, ACM Communications in
        Computer Algebra 48.
    """
    # Values are negative only if that is certain; an enclosure around 0 counts as not negative.
    values: dict[Fraction, Fraction] = {}
    cells = 2
    if not low:
        low, high = _binade(gain, high)
    while low and high - low > WIDTH * high:
        step, index = (high - low) / cells, cells // 2
        if low in values and high in values:
            index = min(int(values[low] / (values[low] - values[high]) * cells), cells - 1)
        ends = [low + step * index, low + step * (index + 1)]
        for x in ends:
            if x not in values and low < x < high:
                values[x] = _value_at(gain, x)
        below, above = (x == low or (x != high and values[x] < 0) for x in ends)
        if below and not above:
            cells, low, high = min(cells * cells, 1 << 40), ends[0], ends[1]
        else:
            cells = 2
            low, high = (ends[1], high) if above else (low, ends[0])
    return low, high


def _binade(gain: Expression, high: Fraction) -> tuple[Fraction, Fraction]:
    """Neighbours among high, high/2, high/4, ... around the change of sign.

    If none has a negative value, the result is 0 and the last of them.
    """
    least, most = 0, 1  # exponents: not negative, negative
    while _value_at(gain, high / (1 << most)) >= 0:
        if most >= DEEPEST:
            return Fraction(0), high / (1 << most)
        least, most = most, min(2 * most, DEEPEST)
    while most - least > 1:
        middle = (least + most) // 2
        least, most = (
            (least, middle) if _value_at(gain, high / (1 << middle)) < 0 else (middle, most)
        )
    return high / (1 << most), high / (1 << least)


def _value_at(gain: Expression, x: Fraction) -> Fraction:
    """The middle of an enclosure at a rational point; 0 if the enclosure contains 0.

    Next to q = 0 the enclosure has more bits, as many as its sign needs.
    """
    zeros = max(0, x.denominator.bit_length() - x.numerator.bit_length() - 32)
    for bits in dict.fromkeys(SHOWN_BITS + times * zeros for times in (1, 2, 4)):
        enclosure = enclose(gain, Interval.of(x, bits), bits)
        if enclosure.negative() or enclosure.positive():
            return sum(enclosure.ends(), Fraction(0)) / 2
    return Fraction(0)


def simplest_between(low: Fraction, high: Fraction) -> Fraction:
    """The fraction with the least denominator in [low, high], for 0 <= low < high (Stern-Brocot).

    Example:
        >>> simplest_between(Fraction(33, 100), Fraction(34, 100))
        Fraction(1, 3)
    """
    whole = low.numerator // low.denominator
    if low == whole:
        return Fraction(whole)
    if high >= whole + 1:
        return Fraction(whole + 1)
    return whole + 1 / simplest_between(1 / (high - whole), 1 / (low - whole))


def _logistic(gain: Expression) -> str | None:
    """The root 1 / (1 + exp(a / k)) of a + k (log q - log(1-q)) = 0, as text, or None."""
    logs = [frozenset({(("log", a), Fraction(1))}) for a in (Q_ATOM, U_ATOM)]
    k = gain.terms.get(logs[0])
    rest = Expression({m: x for m, x in gain.terms.items() if m not in logs})
    if k is None or gain.terms.get(logs[1]) != -k or depends_on(rest):
        return None
    return f"1/(1 + exp({to_text(rest * const(1 / k))}))"


def _rational(
    gain: Expression, low: Fraction, high: Fraction, whole: tuple[Fraction, Fraction]
) -> Fraction | None:
    """The root if the expression is a polynomial with a rational root, whatever its denominator."""
    roots = rational_roots(_polynomial(gain, _region(whole)) or [])
    return next((r for r in roots if low <= r <= high), None)


def _algebraic(
    gain: Expression, low: Fraction, high: Fraction, whole: tuple[Fraction, Fraction]
) -> str | None:
    """The root in radicals if the expression is algebraic with a root of degree at most two."""
    try:
        coefficients = _norm(gain, whole)
    except Rejected:
        return None
    for r in rational_roots(coefficients):
        while len(coefficients) > 1 and not polynomial_value(coefficients, r):
            coefficients = trimmed(polynomial_division(coefficients, [-r, Fraction(1)])[0])
    if len(coefficients) != 3:
        return None
    c, b, a = coefficients
    discriminant = b * b - 4 * a * c
    if discriminant < 0:
        return None
    shift, square = -b / (2 * a), discriminant / (4 * a * a)
    for sign in ("+", "-"):
        gap = Interval.of(square, SHOWN_BITS).power(Fraction(1, 2))
        solved = Interval.of(shift, SHOWN_BITS) + (gap if sign == "+" else -gap)
        if low <= solved.ends()[1] and solved.ends()[0] <= high:
            return f"{shift} {sign} sqrt({square})" if shift else f"sqrt({square})"
    return None


def _norm(gain: Expression, whole: tuple[Fraction, Fraction]) -> Coefficients:
    """The coefficients of a polynomial that vanishes where x + y = 0.

    It is x^2 - y^2, if all terms of x have the same square roots, and likewise those of y.

    Raises:
        Rejected: the expression does not have this form.
    """
    region = _region(whole)
    if coefficients := _polynomial(gain, region):
        return coefficients
    parts: dict[frozenset[Atom], Expression] = {}
    for m, x in gain.terms.items():
        roots = frozenset(a for a, e in m if isinstance(e, Fraction) and e.denominator == 2)
        parts[roots] = parts.get(roots, ZERO) + term(m, x)
    if len(parts) != 2:
        raise Rejected("more than one root occurs")
    one, other = parts.values()
    return univariate(expand(one * one - other * other), region)


def _region(whole: tuple[Fraction, Fraction]) -> Region:
    return Region({}, const(whole[0]), const(whole[1]))


def _polynomial(gain: Expression, region: Region) -> Coefficients | None:
    try:
        return univariate(gain, region)
    except Rejected:
        return None
