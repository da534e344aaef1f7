"""The largest safe weight lam* (critical weight) of a scoring rule beside correctness."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Literal

from proofs.kernel.functions import power
from proofs.kernel.intervals import Undetermined
from proofs.kernel.limits import NEGATIVE_INFINITY, Limit
from proofs.kernel.normal_form import (
    ONE,
    ZERO,
    Expression,
    Rejected,
    atom,
    const,
    depends_on,
    expand,
    term,
)
from proofs.kernel.signs import Region, is_nonnegative, is_positive
from proofs.quantity import Quantity
from proofs.search.as_text import inverse_text, quantity
from proofs.search.prover import Prover
from proofs.search.tidy import tidy
from scoring_theory.optimality.parts import by_parts, main_part

INFINITE = Quantity("inf", float("inf"))
ScoreText = Literal["R", "R - c"]
ScoreOrReward = Literal["score", "reward"]


@dataclass(frozen=True)
class CriticalWeight:
    """The largest safe weight lam* of c + lam S, and what S is.

    S is a part of the formula that a parameter multiplies, the reward R itself, or R - c.

    Example:
        >>> critical_weight(Prover("c - 2*(q - c)^2")).largest.exact
        '1/2'
    """

    largest: Quantity | None = None
    parameter: str | None = None
    """The free parameter lam of a formula c + lam S; S is then the formula's own."""
    score: ScoreText | None = None
    """Otherwise, S in terms of the reward R."""


Slope = Callable[[Prover], Limit | None]


def critical_weight(prover: Prover, slope: Slope = lambda part: part.margin) -> CriticalWeight:
    """lam* = 1 / (S(0, 0) - S(0+, 1)), the largest weight at which c + lam S is jointly optimal.

    If the formula is c + lam S with a free parameter lam, it determines S, and lam* is a formula in
    the other parameters. Otherwise S = R if R is a score, V(1) <= V(0): it does not reward
    correctness and needs it as a second term. If V(1) > V(0), correctness is already a part of R,
    and S = R - c. With the margin m = R(0+, 1) - R(0, 0), lam* is then -1/m or 1/(1 - m). It is
    None if the kernel decides neither for all values of the parameters.

    Args:
        prover: the search about the reward.
        slope: the slope of V that must not be negative; by default the accuracy margin m.

    Source: `docs/theory.md`, Theorem 8.

    Example:
        >>> critical_weight(Prover("-(q - c)^2")).largest.exact
        '1'
    """
    if prover.proper.decision != "proved":
        return CriticalWeight()
    name = weight_parameter(main_part(prover))
    if name is not None:
        weighed = [part for part in prover.parts if part.is_free(name)]
        return CriticalWeight(
            by_parts(prover, lambda part: _critical_weight(part, slope, ONE, name), weighed),
            parameter=name,
        )
    sort = kind(prover)
    if sort is None:
        return CriticalWeight()
    score: ScoreText = "R" if sort == "score" else "R - c"
    beside = ONE if score == "R - c" else ZERO
    return CriticalWeight(
        by_parts(prover, lambda part: _critical_weight(part, slope, beside)), score=score
    )


def kind(prover: Prover) -> ScoreOrReward | None:
    """A score if R(1, 1) <= R(0, 0), a reward if R(1, 1) > R(0, 0), for all parameters.

    For a proper formula these are V(1) and V(0). A score judges reports only: nothing in it rewards
    a correct answer. None if the kernel decides neither.

    Example:
        >>> kind(Prover("1 - (q - c)^2")), kind(Prover("c - (q - c)^2"))
        ('score', 'reward')
    """
    kinds = {_kind(part) for part in prover.parts}
    return kinds.pop() if len(kinds) == 1 else None


def _kind(part: Prover) -> ScoreOrReward | None:
    try:
        at_one, at_zero = part.subject.payoff(ONE, 1), part.subject.payoff(ZERO, 0)
    except (Rejected, Undetermined):
        return None
    if not isinstance(at_one, Expression) or not isinstance(at_zero, Expression):
        return None
    if is_nonnegative(at_zero - at_one, part.subject.constants):
        return "score"
    return "reward" if is_positive(at_one - at_zero, part.subject.constants) else None


def _critical_weight(
    part: Prover, slope: Slope, beside: Expression, name: str | None = None
) -> Quantity | None:
    margin = slope(part)
    if margin is None:
        return None
    return largest_weight(margin, beside, part.subject.constants, name)


def largest_weight(
    margin: Limit, beside: Expression, region: Region, name: str | None = None
) -> Quantity | None:
    """1 / (beside - margin), divided by the parameter that multiplies S.

    Args:
        margin: the slope of V that must not be negative.
        beside: the coefficient of c that the formula contains already.
        region: the domains of the parameters.
        name: the parameter that multiplies S, if there is one.

    Example:
        >>> largest_weight(ZERO - ONE, ONE, Region({})).exact
        '1/2'
    """
    if not isinstance(margin, Expression):
        return Quantity("0", 0.0) if margin is NEGATIVE_INFINITY else INFINITE
    if is_nonnegative(margin - beside, region):
        return INFINITE
    loss = tidy(
        beside - margin if name is None else (beside - margin) * atom(("param", name), Fraction(-1))
    )
    try:
        weight = quantity(power(loss, const(-1), region))
    except Rejected:
        return None
    return weight if len(loss.terms) == 1 else replace(weight, exact=inverse_text(loss))


def weight_parameter(part: Prover) -> str | None:
    """The free parameter lam of a formula c + lam S in which S does not depend on it, or None.

    Example:
        >>> weight_parameter(Prover("c - lam*(q - c)^2", {"lam": "lam > 0"}))
        'lam'
    """
    names = sorted(
        filter(part.is_free, part.subject.domains), key=lambda name: name not in ("lam", "weight")
    )
    for name in names:
        scores = (
            piece.smooth(part.subject.payoffs[c]) - const(c)
            for piece in part.subject.pieces
            for c in (0, 1)
        )
        if all(_weighs(name, score) for score in scores):
            return name
    return None


def _weighs(name: str, score: Expression) -> bool:
    """Whether every term contains the parameter once, as a factor."""
    weight = ("param", name)
    score = expand(score)
    once = all(dict(m).get(weight) == 1 for m in score.terms)
    return once and all(
        name not in depends_on(term(m - {(weight, Fraction(1))})) for m in score.terms
    )
