"""What the kernel checks about a quantity that the agent chooses, such as a length.

Such a quantity is a parameter of the formula that is not given to the agent: it is chosen together
with the report, so that the best choice counts.

    never negative                    R(q, c) >= 0 for all q, both c and all parameters: for a
                                      difference of a reward at one choice and at any other, the
                                      one is always as good
    not proper for the best choice    `values` of all parameters, p, q: U(p, q) there is larger than
                                      U(p, p) at every value of the `chosen` parameters
    not jointly optimal for the best  the same with p_low <= p_high and q_low
    choice
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from proofs.kernel.claims import Claims, check_bound, probability
from proofs.kernel.limits import POSITIVE_INFINITY
from proofs.kernel.normal_form import ZERO, Expression
from proofs.kernel.signs import is_positive
from proofs.kernel.subject import Subject, difference, need


def _never_negative(subject: Subject, c: Mapping[str, Any]) -> None:
    half = len(subject.pieces)
    need(len(c["evidence"]) == 2 * half, "evidence for each piece and both outcomes is needed")
    for correct, evidence in ((0, c["evidence"][:half]), (1, c["evidence"][half:])):
        shares = (Fraction(1 - correct), Fraction(correct))
        check_bound(subject, ZERO, shares, evidence)


def _witness(subject: Subject, c: Mapping[str, Any]) -> None:
    names = ("p_low", "p_high", "q_low") if "p_low" in c else ("p", "p", "q")
    low, high, q = (probability(c[name]) for name in names)
    need(low <= high, "p_low must not exceed p_high")
    values, chosen = c["values"], set(c["chosen"])
    need(chosen <= values.keys(), "every chosen quantity needs a value")
    earned = subject.bind(values).expected(low, q)
    rest = subject.bind({name: text for name, text in values.items() if name not in chosen})
    gap = difference(earned, rest.expected(high, high))
    more = (
        is_positive(gap, rest.constants)
        if isinstance(gap, Expression)
        else gap is POSITIVE_INFINITY
    )
    need(more, "the truthful report is not shown to earn less at every choice")


_NEEDED = {"values", "chosen"}
CHOICE_CLAIMS: Claims = {
    "never negative": (_never_negative, {"evidence"}, {"breakpoints"}),
    "not proper for the best choice": (_witness, _NEEDED | {"p", "q"}, set()),
    "not jointly optimal for the best choice": (
        _witness,
        _NEEDED | {"p_low", "p_high", "q_low"},
        set(),
    ),
}
