"""What the kernel checks about abstaining: an agent may also give no answer, which earns A.

V(p) = U(p, p) is what a truthful report earns. It is convex, so the success probabilities at which
abstaining earns more, V(p) < A, form an interval.

    abstention earns more between   `from` [a, b] and `to` [c, d] enclose the ends of the interval:
                                    V < A at b and c; V >= A at a and d; an end at 0 or 1 is written
                                    with two equal numbers
    abstention never earns more     a report `q` that earns at least A, correct or wrong
    abstention always earns as much A >= V(0) and A >= V(1)
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from proofs.kernel.claims import CUT_FIELDS, Claims, check_proper, probability
from proofs.kernel.limits import Limit
from proofs.kernel.normal_form import const
from proofs.kernel.subject import Subject, at_least_zero, difference, greater, need


def _less(subject: Subject, p: Fraction, paid: Limit) -> bool:
    return greater(paid, subject.expected(p, p))


def _between(subject: Subject, c: Mapping[str, Any]) -> None:
    check_proper(subject, c["evidence"])
    need(len(c["from"]) == len(c["to"]) == 2, "`from` and `to` hold two numbers each")
    first, low, high, last = (probability(x) for x in (*c["from"], *c["to"]))
    need(first <= low <= high <= last, "the ends of the interval are out of order")
    paid = subject.point(c["pays"])
    need(
        _less(subject, low, paid) and _less(subject, high, paid),
        "V < A is not shown inside the interval",
    )
    for outer, inner, end in ((first, low, 0), (last, high, 1)):
        outside = outer == inner == end or (outer != inner and not _less(subject, outer, paid))
        need(outside, f"V({outer}) >= A is not shown")


def _never(subject: Subject, c: Mapping[str, Any]) -> None:
    check_proper(subject, c["evidence"])
    paid, q = subject.point(c["pays"]), const(probability(c["q"]))
    for correct in (0, 1):
        gap = difference(subject.payoff(q, correct), paid)
        need(at_least_zero(gap, subject.constants), f"R({c['q']}, {correct}) >= A is not shown")


def _always(subject: Subject, c: Mapping[str, Any]) -> None:
    check_proper(subject, c["evidence"])
    paid = subject.point(c["pays"])
    for p in (0, 1):
        gap = difference(paid, subject.payoff(const(p), p))
        need(at_least_zero(gap, subject.constants), f"A >= V({p}) is not shown")


ABSTENTION_CLAIMS: Claims = {
    "abstention earns more between": (_between, {"evidence", "pays", "from", "to"}, CUT_FIELDS),
    "abstention never earns more": (_never, {"evidence", "pays", "q"}, CUT_FIELDS),
    "abstention always earns as much": (_always, {"evidence", "pays"}, CUT_FIELDS),
}
