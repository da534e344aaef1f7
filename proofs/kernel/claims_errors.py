"""What the kernel checks under a verifier with errors.

The verifier accepts a wrong answer with probability a (`false_positive`) and rejects a correct one
with probability b (`false_negative`); both are domains in [0, 1]. An answer of success probability
p is accepted with probability p' = a + (1 - a - b) p, which lies between a and 1 - b. The reward is
that of acceptance, so the report q earns U(p', q).

    proper under errors      for every p' that can occur, no report earns more than q = p'
    optimal under errors     for each a and b alike for all answers: the answer with the largest p
                             earns the most, reported with its p'
    ... by answer            the same, where a and b may differ between answers
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

from proofs.kernel import formula as syntax
from proofs.kernel.claims import (
    CUT_FIELDS,
    FREE_FIELDS,
    Claims,
    check_end,
    check_jump,
    check_proper,
    probability,
    weight,
)
from proofs.kernel.limits import NEGATIVE_INFINITY, POSITIVE_INFINITY, Limit
from proofs.kernel.normal_form import ONE, Expression, Rejected, const, is_zero
from proofs.kernel.signs import is_positive
from proofs.kernel.subject import (
    Subject,
    at_least_zero,
    combined,
    difference,
    finite,
    greater,
    need,
    shown_nonnegative,
)

Rates = tuple[Fraction, Fraction]


def rate(text: str) -> tuple[Fraction, Fraction, syntax.Domain]:
    """The ends of the domain of a rate, and the domain.

    Raises:
        Rejected: the domain is not in [0, 1].

    Example:
        >>> [str(end) for end in rate("0 <= a <= 1/10")[:2]]
        ['0', '1/10']
    """
    _, domain = syntax.parse_domain(text)
    low, high = domain.low, domain.high
    if low is None or high is None or low < 0 or high > 1:
        raise Rejected(f"the rate {text!r:.60} is not in [0, 1]")
    return low, high, domain


def accepted_share(p: Fraction, rates: Rates) -> Fraction:
    """The probability p' = a + (1 - a - b) p that the verifier accepts the answer.

    Example:
        >>> accepted_share(Fraction(1, 2), (Fraction(1, 10), Fraction(0)))
        Fraction(11, 20)
    """
    a, b = rates
    return a + (1 - a - b) * p


def slope_bounds(subject: Subject, p: Fraction, side: int) -> Sequence[Limit]:
    """Bounds of the slope of V next to p, from below for side 1 (right) and above for 0 (left).

    V' = D = R(., 1) - R(., 0) never decreases. So D(p) is a bound, and where p is an end of a piece
    the limit of D on its side is the slope itself.

    Example:
        >>> (bound,) = slope_bounds(Subject("c - (q - c)^2", {}), Fraction(1, 4), 1)
        >>> bound.constant()
        Fraction(1, 2)
    """
    point = const(p)
    bounds: list[Limit] = []
    if 0 < p < 1:
        bounds.append(difference(subject.payoff(point, 1), subject.payoff(point, 0)))
    index = next((i for i, end in enumerate(subject.points) if is_zero(end - point)), None)
    if index is not None and 0 <= index - 1 + side < len(subject.pieces):
        piece, end = index - 1 + side, 1 - side
        bounds.append(difference(subject.near(piece, 1, end), subject.near(piece, 0, end)))
    return bounds


def _shown(subject: Subject, bounds: Sequence[Limit], sign: int) -> bool:
    """Whether one of the numbers times the sign is shown to be >= 0."""
    infinite = POSITIVE_INFINITY if sign > 0 else NEGATIVE_INFINITY
    return any(
        shown_nonnegative(const(sign) * x, subject.constants)
        if isinstance(x, Expression)
        else x is infinite
        for x in bounds
    )


def _rises_above(subject: Subject, p: Fraction, *, where: bool = False) -> None:
    """Check that V does not decrease above p; without `where`, it is enough that it does not at 0.

    With `where` the reward is known to be proper on a range from p on, otherwise everywhere.
    """
    need(
        (not where and _shown(subject, slope_bounds(subject, Fraction(0), 1), 1))
        or _shown(subject, slope_bounds(subject, p, 1), 1),
        f"R(q, 1) >= R(q, 0) next to q = {p} is not shown, so V may decrease above",
    )


def _falls_below(subject: Subject, p: Fraction, *, where: bool = False) -> None:
    """Check that V does not increase below p; without `where`, it is enough that it does not at 1.

    With `where` the reward is known to be proper on a range up to p, otherwise everywhere.
    """
    need(
        (not where and _shown(subject, slope_bounds(subject, Fraction(1), 0), -1))
        or _shown(subject, slope_bounds(subject, p, 0), -1),
        f"R(q, 1) <= R(q, 0) next to q = {p} is not shown, so V may increase below",
    )
    if p == 1:
        last = finite(subject.near(len(subject.pieces) - 1, 1, 1), "R(1-, 1)")
        here = finite(subject.payoff(ONE, 1), "R(1, 1)")
        need(is_zero(here - last), "V jumps at 1")


def check_proper_where(
    subject: Subject, low: Fraction, high: Fraction, c: Mapping[str, Any]
) -> bool:
    """Check that q = p is a best report for every p in [low, high].

    Reports between the two points of `inner` obey the conditions of properness. Every other report
    earns at most as much as one of the two `rivals` among them (the first if it is below the range,
    the second if it is above), at p = low and at p = high, hence at every p between, since U(p, q)
    is affine in p; `outside` has two sign certificates for each piece outside `inner`.

    Returns:
        Whether q = p is the only best report for every such p; rivals outside [low, high] earn less
        than the truth.

    Raises:
        Rejected: one of these is not shown.

    Example:
        >>> twice = Subject("c - (q - c)^2", {})
        >>> fields = {"inner": ["0", "1"], "rivals": ["0", "1"], "outside": []}
        >>> fields = {**fields, "evidence": [{"kind": "terms"}]}
        >>> check_proper_where(twice, Fraction(0), Fraction(1), fields)
        True
    """
    start, stop = (_index(subject, text) for text in c["inner"])
    inner = range(start, stop)
    need(len(c["evidence"]) == len(inner) > 0, "one sign certificate for each inner piece")
    strict = True
    for index, evidence in zip(inner, c["evidence"], strict=True):
        strict = subject.check_sign(index, weight(subject, index), evidence) > 0 and strict
    for index in inner[1:]:
        check_jump(subject, index)
    beyond = iter(c["outside"])
    rivals = [probability(text) for text in c["rivals"]]
    for index, p, rival, step in zip((start, stop), (low, high), rivals, (-1, 1), strict=True):
        if p in (0, 1):  # the sure report is honest for this p
            need(subject.points[index] == const(p), "the inner points do not reach the range")
            check_end(subject, int(p))
            continue
        room = const(step) * (subject.points[index] - const(rival))
        need(
            step * (rival - p) >= 0 and is_positive(room, subject.constants),
            "a rival must lie between an inner point and the range of p",
        )
        strict = strict and rival != p
        pieces = range(index) if step < 0 else range(index, len(subject.pieces))
        points = subject.points[: index + 1] if step < 0 else subject.points[index:]
        for share in (low, high):
            _dominated(subject, (share, rival), points, [(i, next(beyond, {})) for i in pieces])
    need(next(beyond, None) is None, "too many sign certificates for outer pieces")
    return strict


def _index(subject: Subject, text: str) -> int:
    """The place of 0, 1 or a breakpoint among the points."""
    point = subject.point(text)
    places = (i for i, end in enumerate(subject.points) if is_zero(end - point))
    index = next(places, None)
    if index is None:
        raise Rejected(f"{text:.40} is not one of the breakpoints")
    return index


def _dominated(
    subject: Subject,
    honest: tuple[Fraction, Fraction],
    points: Sequence[Expression],
    evidence: Sequence[tuple[int, Mapping[str, object]]],
) -> None:
    """Check U(p, q) <= U(p, r), (p, r) = `honest`, for q at the points and on the pieces."""
    p, r = honest
    bound = finite(subject.expected(p, r), "U(p, r)")
    shares = [(x, c) for x, c in ((-p, 1), (p - 1, 0)) if x]
    for point in points:
        gap = combined((1, bound), *((x, subject.payoff(point, c)) for x, c in shares))
        need(at_least_zero(gap, subject.constants), "a report outside may earn more")
    for index, one in evidence:
        piece = subject.pieces[index]
        paid = (const(x) * piece.smooth(subject.payoffs[c]) for x, c in shares)
        subject.check_sign(index, sum(paid, bound), one)


def accepted_range(c: Mapping[str, Any]) -> tuple[Fraction, Fraction]:
    """The least and the largest p' for all rates in their domains and all p.

    Example:
        >>> rates = {"false_positive": "0.1 < a < 0.2", "false_negative": "b = 0.3"}
        >>> tuple(map(str, accepted_range(rates)))
        ('1/10', '7/10')
    """
    (least, largest, _), (fewest, most, _) = (rate(c[name]) for name in _RATES)
    return min(least, 1 - most), max(largest, 1 - fewest)


def _proper(subject: Subject, c: Mapping[str, Any]) -> None:
    strict = check_proper_where(subject, *accepted_range(c), c)
    need(strict or not c["claim"].startswith("strictly"), "only weakly proper")


def _proper_for_all(subject: Subject, c: Mapping[str, Any]) -> bool:
    """Check properness, for every p' or only for those that occur; whether the latter."""
    if "inner" in c:
        check_proper_where(subject, *accepted_range(c), c)
    else:
        check_proper(subject, c["evidence"])
    return "inner" in c


def _alike(subject: Subject, c: Mapping[str, Any]) -> None:
    """Where a + b < 1, p' rises with p and V must rise on [a, 1 - b]; where a + b > 1 it must fall.

    The convex V rises above the least a if it does next to it, and falls below the largest. Where
    a + b = 1 all answers earn alike. It is enough that the reward is proper where p' can lie.
    """
    (least, largest, _), (fewest, most, _) = (rate(c[name]) for name in _RATES)
    where = _proper_for_all(subject, c)
    if least + fewest < 1:
        _rises_above(subject, least, where=where)
    if largest + most > 1:
        _falls_below(subject, largest, where=where)


def _by_answer(subject: Subject, c: Mapping[str, Any]) -> None:
    """Where a better answer may be accepted less often, V must be constant where p' can lie."""
    where = _proper_for_all(subject, c)
    low, high = accepted_range(c)
    if low < high:
        _rises_above(subject, low, where=where)
        _falls_below(subject, high, where=where)


def _witness(subject: Subject, c: Mapping[str, Any]) -> None:
    """Compare the worse answer's U(p', q) with the better one's U(p', p')."""
    low, high = (probability(c[name]) for name in ("p_low", "p_high"))
    need(low <= high, "p_low must not exceed p_high")
    if "rates" in c:
        rates = [_rates(c, "rates")] * 2
    else:
        rates = [_rates(c, "rates_low"), _rates(c, "rates_high")]
    worse, better = (accepted_share(p, r) for p, r in zip((low, high), rates, strict=True))
    bound = subject.bind(c.get("values", {}))
    more = greater(bound.expected(worse, probability(c["q_low"])), bound.expected(better, better))
    need(more, "the worse answer is not shown to earn more than the better one")


def _rates(c: Mapping[str, Any], name: str) -> Rates:
    need(len(c[name]) == 2, f"{name!r} holds a rate of each kind")
    a, b = (probability(text) for text in c[name])
    inside = all(x in rate(c[key])[2] for x, key in zip((a, b), _RATES, strict=True))
    need(inside, f"the rates {a} and {b} are not in their domains")
    return a, b


_RATES = ("false_positive", "false_negative")
_WHERE = {"inner", "outside", "rivals"}
_INNER = CUT_FIELDS | _WHERE
_BOTH = {"p_low", "p_high", "q_low", *_RATES}
ERRORS_CLAIMS: Claims = {
    "proper under errors": (_proper, {"evidence", *_RATES, *_WHERE}, CUT_FIELDS),
    "strictly proper under errors": (_proper, {"evidence", *_RATES, *_WHERE}, CUT_FIELDS),
    "jointly optimal under errors": (_alike, {"evidence", *_RATES}, _INNER),
    "not jointly optimal under errors": (_witness, _BOTH | {"rates"}, FREE_FIELDS),
    "jointly optimal under errors by answer": (_by_answer, {"evidence", *_RATES}, _INNER),
    "not jointly optimal under errors by answer": (
        _witness,
        _BOTH | {"rates_low", "rates_high"},
        FREE_FIELDS,
    ),
}
