"""What the kernel checks for each claim about outcomes of 0 and 1, from the formula itself."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from itertools import pairwise
from typing import Any

from proofs.kernel import formula as syntax
from proofs.kernel.limits import NEGATIVE_INFINITY, Limit
from proofs.kernel.normal_form import (
    ONE,
    ZERO,
    Expression,
    Q,
    atom,
    const,
    derivative,
    is_zero,
)
from proofs.kernel.signs import is_nonnegative, is_positive
from proofs.kernel.subject import (
    Subject,
    at_least_zero,
    combined,
    difference,
    finite,
    greater,
    need,
)

Evidence = Mapping[str, object]


def weight(subject: Subject, index: int) -> Expression:
    """The weight w = R1' - R0' on a piece, once q R1' + (1-q) R0' = 0 is shown to hold there.

    Raises:
        Rejected: the first-order identity is not shown.

    Example:
        >>> weight(Subject("c - (q - c)^2", {}), 0).constant()
        Fraction(2, 1)
    """
    wrong, right = (derivative(subject.pieces[index].smooth(payoff)) for payoff in subject.payoffs)
    first_order = is_zero(atom(Q) * right + (ONE - atom(Q)) * wrong)
    need(first_order, f"q R1' + (1-q) R0' is not identically 0 on piece {index + 1}")
    return right - wrong


def check_jumps(subject: Subject) -> None:
    """Check both one-sided jumps at each breakpoint b: b dR1 + (1-b) dR0 = 0 and dR1 - dR0 >= 0.

    Raises:
        Rejected: a jump violates one of them.

    Example:
        >>> check_jumps(Subject("(q > 1/2)*(c - 1/2)", {}, ["1/2"]))
    """
    for index in range(1, len(subject.pieces)):
        check_jump(subject, index)


def check_jump(subject: Subject, index: int) -> None:
    """Check both one-sided jumps at one breakpoint, counted from 1.

    Raises:
        Rejected: a jump violates one of the conditions.

    Example:
        >>> check_jump(Subject("(q > 1/2)*(c - 1/2)", {}, ["1/2"]), 1)
    """
    b = subject.points[index]
    sides = [
        [subject.near(index - 1, c, 1) for c in (0, 1)],
        [subject.payoff(b, c) for c in (0, 1)],
        [subject.near(index, c, 0) for c in (0, 1)],
    ]
    for before, after in pairwise(sides):
        d0, d1 = (finite(difference(y, x), "a jump") for x, y in zip(before, after, strict=True))
        at = f"at breakpoint {index} a jump"
        need(is_zero(b * d1 + (ONE - b) * d0), f"{at} violates b dR1 + (1-b) dR0 = 0")
        need(
            is_nonnegative(d1 - d0, subject.constants),
            f"{at} of R1 - R0 is not shown to be >= 0",
        )


def check_ends(subject: Subject) -> None:
    """Check the payoffs of the certain reports q = 0 and q = 1 against their limits.

    Raises:
        Rejected: a condition of `check_end` is not shown.

    Example:
        >>> check_ends(Subject("c*log(q) + (1 - c)*log(1 - q)", {}))
    """
    check_end(subject, 0)
    check_end(subject, 1)


def check_end(subject: Subject, sure: int) -> None:
    """Check the payoffs of one certain report.

    At 0: R0(0) = R0(0+) and R1(0) <= R1(0+). At 1: R1(1) = R1(1-) and R0(1) <= R0(1-); if
    R0(1) = -inf, R1(1) >= R1(1-) is enough, since then only an answer that is certainly correct is
    reported with q = 1. At 0 the same would be proper too, but V would decrease.

    Raises:
        Rejected: one of these is not shown.

    Example:
        >>> check_end(Subject("c*log(q) + (1 - c)*log(1 - q)", {}), 1)
    """
    point, index = (ONE, len(subject.pieces) - 1) if sure else (ZERO, 0)
    inside = finite(subject.near(index, sure, sure), "the limit of the payoff of a sure report")
    here = finite(subject.payoff(point, sure), "the payoff of a sure report")
    other = subject.payoff(point, 1 - sure)
    alone = (
        sure == 1
        and other is NEGATIVE_INFINITY
        and is_nonnegative(here - inside, subject.constants)
    )
    limit_paid = alone or is_zero(here - inside)
    need(limit_paid, f"the payoff of the sure report {sure} is not the limit of its neighbours")
    if other is not NEGATIVE_INFINITY:
        gap = finite(
            difference(subject.near(index, 1 - sure, sure), other),
            "the payoff next to a sure report",
        )
        paid = is_nonnegative(gap, subject.constants)
        need(
            paid,
            f"the sure report {sure} has a larger payoff than its neighbours when it is wrong",
        )


def check_proper(subject: Subject, evidence: Sequence[Evidence]) -> bool:
    """Check properness, by conditions necessary and sufficient for piecewise analytic payoffs.

    Returns:
        Whether the reward is strictly proper.

    Raises:
        Rejected: properness is not shown.

    Example:
        >>> check_proper(Subject("c - (q - c)^2", {}), [{"kind": "terms"}])
        True
    """
    need(len(evidence) == len(subject.pieces), "one sign certificate for each piece is needed")
    signs = [subject.check_sign(i, weight(subject, i), one) for i, one in enumerate(evidence)]
    check_jumps(subject)
    check_ends(subject)
    return min(signs) == 1


def check_bound(
    subject: Subject,
    constant: Expression,
    shares: tuple[Fraction, Fraction],
    evidence: Sequence[Evidence],
) -> None:
    """Check constant + shares[0] R(q, 0) + shares[1] R(q, 1) >= 0 for every q in [0, 1].

    Raises:
        Rejected: the bound is not shown.

    Example:
        >>> shares = (Fraction(0), Fraction(1))
        >>> check_bound(Subject("c*q", {}), ZERO, shares, [{"kind": "terms"}])
    """
    used = [
        (x, payoff, c)
        for c, (x, payoff) in enumerate(zip(shares, subject.payoffs, strict=True))
        if x
    ]
    for index, (piece, one) in enumerate(zip(subject.pieces, evidence, strict=True)):
        gap = combined((1, constant), *((x, piece.smooth(payoff)) for x, payoff, _ in used))
        subject.check_sign(index, finite(gap, "a payoff inside"), one)
    for index, point in enumerate(subject.points):
        here = combined((1, constant), *((x, subject.payoff(point, c)) for x, _, c in used))
        held = at_least_zero(here, subject.constants)
        need(held, f"the bound is exceeded at number {index + 1} of 0, the breakpoints and 1")


def margin(subject: Subject) -> Limit:
    """The accuracy margin R(0+, 1) - R(0, 0) of a proper reward.

    Example:
        >>> margin(Subject("c - (q - c)^2", {})).constant()
        Fraction(0, 1)
    """
    return difference(subject.near(0, 1, 0), finite(subject.payoff(ZERO, 0), "R(0, 0)"))


def _proper(subject: Subject, c: Mapping[str, Any]) -> None:
    strict = check_proper(subject, c["evidence"])
    need(strict or c["claim"] != "strictly proper", "only weakly proper")


def jointly_optimal(subject: Subject, c: Mapping[str, Any]) -> None:
    """Check properness, and that V does not decrease at 0.

    Raises:
        Rejected: one of the two is not shown.

    Example:
        >>> jointly_optimal(Subject("c - (q - c)^2", {}), {"evidence": [{"kind": "terms"}]})
    """
    check_proper(subject, c["evidence"])
    at_zero = difference(subject.payoff(ZERO, 1), subject.payoff(ZERO, 0))
    shown = any(
        isinstance(x, Expression) and at_least_zero(x, subject.constants)
        for x in (at_zero, margin(subject))
    )
    need(shown, "neither R(0, 1) >= R(0, 0) nor R(0+, 1) >= R(0, 0) is shown")


def _never_jointly_optimal(subject: Subject, c: Mapping[str, Any]) -> None:
    """Check R(0+, 1) < R(0, 0), for a proper reward and all parameters.

    As q falls to 0, R(q, 1) falls to R(0+, 1), and R(q, 0) <= R(0, 0); so U(p, p) < R(0, 0) =
    U(0, 0) for small p.
    """
    check_proper(subject, c["evidence"])
    at_zero = margin(subject)
    below = (
        is_positive(-at_zero, subject.constants)
        if isinstance(at_zero, Expression)
        else at_zero is NEGATIVE_INFINITY
    )
    need(below, "R(0+, 1) < R(0, 0) is not shown")


def probability(text: str) -> Fraction:
    """The number in [0, 1] that a text stands for.

    Raises:
        Rejected: the number is not in [0, 1].

    Example:
        >>> probability("0.25")
        Fraction(1, 4)
    """
    value = syntax.rational(text)
    need(0 <= value <= 1, f"{value} is not in [0, 1]")
    return value


def _witness(subject: Subject, c: Mapping[str, Any]) -> None:
    """Compare U(low, q) with U(high, high); low = high unless the claim is about two answers."""
    two = c["claim"] == "not jointly optimal"
    low, high, q = (
        probability(c[k]) for k in (("p_low", "p_high", "q_low") if two else ("p", "p", "q"))
    )
    need(low <= high, "p_low must not exceed p_high")
    bound = subject.bind(c.get("values", {}))
    earned, honest = bound.expected(low, q), bound.expected(high, high)
    if c["claim"] == "not strictly proper":
        tie = is_zero(finite(earned, "U(p, q)") - finite(honest, "U(p, p)"))
        need(q != low and tie, "U(p, q) = U(p, p) is not shown")
    else:
        need(
            greater(earned, honest),
            "the expected reward of a truthful report is not shown to be smaller",
        )


def _accuracy_rewarded(subject: Subject, c: Mapping[str, Any]) -> None:
    if "q0" not in c:
        check_bound(subject, ZERO, (Fraction(-1), Fraction(1)), c["evidence"])
        return
    q0 = const(probability(c["q0"]))
    wrong = finite(subject.payoff(q0, 0), "R(q0, 0)")
    check_bound(subject, wrong, (Fraction(-1), Fraction(0)), c["evidence"])
    right = finite(subject.payoff(q0, 1), "R(q0, 1)")
    need(is_nonnegative(right - wrong, subject.constants), "R(q0, 1) < R(q0, 0)")


def _accuracy_not_rewarded(subject: Subject, c: Mapping[str, Any]) -> None:
    low, high, q = (probability(c[k]) for k in ("p_low", "p_high", "q_low"))
    room = syntax.rational(c["room"])  # a positive gap, so that the supremum over q is below too
    need(low < high and room > 0, "p_low must be below p_high, and the room positive")
    reached = finite(subject.expected(low, q), "U(p_low, q_low)")
    check_bound(subject, reached - const(room), (high - 1, -high), c["evidence"])


def _failure_thresholds(subject: Subject, c: Mapping[str, Any]) -> None:
    check_proper(subject, c["evidence"])
    nothing = subject.payoff(ZERO, 0)
    for kind in ("local", "global"):
        low, high = (probability(x) for x in c[kind])
        need(low < high, "an enclosure must have positive width")
        for p, below in ((low, True), (high, False)):
            payoffs = [subject.payoff(const(p), correct) for correct in (0, 1)]
            falls = (
                greater(*payoffs) if kind == "local" else greater(nothing, subject.expected(p, p))
            )
            need(
                falls == below or p in (0, 1),
                f"the {kind} threshold is not between {low} and {high}",
            )


CUT_FIELDS, FREE_FIELDS = {"breakpoints", "evidence"}, {"values"}
"""Fields of a claim with evidence, and of one with a witness."""
Claims = Mapping[str, tuple[Callable[[Subject, Mapping[str, Any]], None], set[str], set[str]]]
"""For each claim: its check, the fields that it needs, and those that it may have."""
PLAIN_CLAIMS: Claims = {
    "proper": (_proper, {"evidence"}, CUT_FIELDS),
    "strictly proper": (_proper, {"evidence"}, CUT_FIELDS),
    "jointly optimal": (jointly_optimal, {"evidence"}, CUT_FIELDS),
    "jointly optimal nowhere": (_never_jointly_optimal, {"evidence"}, CUT_FIELDS),
    "not proper": (_witness, {"p", "q"}, FREE_FIELDS),
    "not strictly proper": (_witness, {"p", "q"}, FREE_FIELDS),
    "not jointly optimal": (_witness, {"p_low", "p_high", "q_low"}, FREE_FIELDS),
    "accuracy rewarded": (_accuracy_rewarded, {"evidence"}, CUT_FIELDS | {"q0"}),
    "accuracy not rewarded": (
        _accuracy_not_rewarded,
        {"evidence", "p_low", "p_high", "q_low", "room"},
        CUT_FIELDS,
    ),
    "failure thresholds": (_failure_thresholds, {"evidence", "local", "global"}, CUT_FIELDS),
}
