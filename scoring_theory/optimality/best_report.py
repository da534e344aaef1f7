"""The best report q*(p) of a reward, in words."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise

from proofs.kernel.functions import power
from proofs.kernel.normal_form import Expression, Rejected, const, derivative, expand, polynomial
from proofs.kernel.subject import difference
from proofs.search.counterexamples import Numeric, best_in_table
from proofs.search.prover import Prover

BestReports = list[tuple[Fraction, Fraction, float]]
"""Rows `(p, best report, expected reward)`."""
BESIDE = Fraction(1, 1 << 30)
"""The distance from an end or a jump at which reports are tried, since payoffs may jump there."""

_SIMPLE = 10**9
"""The largest denominator that is written."""


def best_report(prover: Prover) -> str | None:
    """The best report q*(p) in words.

    For a proper reward it is the truth p. For an improper one it is measured on a grid of p, and
    exact if the reports are constant between switching points or linear in p. None if it is not
    found.

    Example:
        >>> best_report(Prover("-abs(q - c)"))
        'measured: 0 for p < 1/2, 1 for p > 1/2'
    """
    if prover.proper.decision == "proved":
        return "p, tied with other reports" if prover.strict.decision == "refuted" else "p"
    if prover.proper.decision != "refuted" or any(
        d.low != d.high for d in prover.subject.domains.values()
    ):
        return None
    numeric = prover.refuter.numerics[0]
    special = sorted({Fraction(0), Fraction(1), *prover.numeric_cuts})
    beside = [x + side for x in special for side in (-BESIDE, BESIDE) if 0 < x + side < 1]
    # The first of tied reports is shown, so special points come first.
    table = numeric.table(special) + numeric.regular(1000)[::5] + numeric.table(beside)
    try:
        ps = [1024 * BESIDE, *(Fraction(2 * n + 1, 200) for n in range(100)), 1 - 1024 * BESIDE]
        answers = [(p, *best_in_table(p, table)) for p in ps]
    except (ValueError, OverflowError):
        return None
    if all(q in special for _, q, _ in answers):
        return _switches(prover, [q for _, q, _ in answers]) or _described(answers)
    extreme = [(p, *best_in_table(p, table)) for p in (Fraction(0), Fraction(1))]
    line = _stationary(prover)
    return (
        _line(*line)
        if line and _is_best(numeric, answers + extreme, *line)
        else _described(answers)
    )


def _switches(prover: Prover, reports: list[Fraction]) -> str | None:
    """The reports in words if they are constant between exact switching points, else None.

    A switching point is exact because U(p, a) - U(p, b) is linear in p; one with a long fraction is
    written with ten digits.
    """
    distinct = [reports[0]]
    for q in reports:
        if q != distinct[-1]:
            distinct.append(q)
    points: list[str] = []
    for a, b in pairwise(distinct):
        right, wrong = (
            difference(prover.subject.payoff(const(b), c), prover.subject.payoff(const(a), c))
            for c in (1, 0)
        )
        if not isinstance(right, Expression) or not isinstance(wrong, Expression):
            return None
        top, bottom = (-wrong).constant(), (right - wrong).constant()
        if top is None or not bottom:
            return None
        point = top / bottom
        points.append(str(point) if point.denominator < _SIMPLE else f"{float(point):.10g}")
    if not points:
        return f"measured: {distinct[0]} for every p"
    parts = [f"measured: {distinct[0]} for p < {points[0]}"]
    parts += [
        f"{q} for {a} < p < {b}" for q, a, b in zip(distinct[1:], points, points[1:], strict=False)
    ]
    return ", ".join([*parts, f"{distinct[-1]} for p > {points[-1]}"])


def _stationary(prover: Prover) -> tuple[Fraction, Fraction] | None:
    """Offset and slope in p of the q with p R1'(q) + (1-p) R0'(q) = 0, if q is linear in p."""
    if len(prover.subject.pieces) != 1:
        return None
    try:
        slopes = [
            derivative(prover.subject.pieces[0].smooth(prover.subject.payoffs[c])) for c in (0, 1)
        ]
        region = prover.subject.pieces[0].region
        ratio = expand(slopes[0] * power(slopes[0] - slopes[1], const(-1), region))
        coefficients = polynomial(ratio)
    except Rejected:
        return None
    if coefficients is None or len(coefficients) != 2 or not coefficients[1]:
        return None
    shift, scale = coefficients
    return -shift / scale, 1 / scale


def _is_best(numeric: Numeric, answers: BestReports, offset: Fraction, slope: Fraction) -> bool:
    """Whether the linear report attains the largest expected reward at the measured points.

    A stationary point may be a minimum, or worse than an end.
    """
    reports = (
        (p, min(max(offset + slope * p, Fraction(0)), Fraction(1)), most) for p, _, most in answers
    )
    return all(numeric.expected(p, q) >= most - 1e-12 for p, q, most in reports)


def _line(offset: Fraction, slope: Fraction) -> str:
    rise = f"{slope}*p" if slope != 1 else "p"
    shown = f"{rise} {'+' if offset > 0 else '-'} {abs(offset)}" if offset else rise
    return f"{shown}, clipped to [0, 1]" if not 0 <= offset <= offset + slope <= 1 else shown


def _described(answers: BestReports) -> str:
    """A few measured points."""
    shown = [answers[i] for i in (11, 31, 51, 71, 91)]
    return "measured: " + ", ".join(f"{float(q):.3g} at p = {float(p):.3g}" for p, q, _ in shown)
