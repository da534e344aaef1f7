r"""The same objective in intervals with rational ends: what decides a verdict, where floats only propose.

Payoffs are the kernel's exact values at rational confidences. The gain of a deviation is a finite
sum of rationals and square roots of rationals; every operation rounds outward, so that a lower end
above 0 is a proof.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from math import isqrt

from proofs.kernel.enclosures import enclose
from proofs.kernel.intervals import Interval, Undetermined
from proofs.kernel.normal_form import Expression, Rejected, const, expand, is_zero
from proofs.kernel.verifier import Subject
from scoring_theory.advantage.estimators import ESTIMATORS
from scoring_theory.advantage.fitness import Case, cases
from scoring_theory.advantage.trainers import Outcomes, Trainer

BITS = 256
Paid = tuple[Expression, Expression]
"""Payoffs of a report: when wrong, when right."""


@dataclass(frozen=True)
class Deviation:
    """Everybody else states `resident` on an answer of success probability p; one rollout does otherwise.

    Attributes:
        p: the residents' success probability.
        resident: what they state.
        report: what the deviant states; None for a completion whose confidence cannot be read.
        other: the success probability of the deviant's answer if it is another one; None for the
            same answer.
    """

    p: Fraction
    resident: Fraction
    report: Fraction | None
    other: Fraction | None = None


def exact_payoffs(subject: Subject, q: Fraction) -> Paid | None:
    """Both payoffs at a rational confidence, exactly; None where one is infinite or the kernel cannot say."""
    try:
        wrong, right = (subject.payoff(const(q), c) for c in (0, 1))
    except (Rejected, Undetermined):
        return None
    return (
        (wrong, right) if isinstance(wrong, Expression) and isinstance(right, Expression) else None
    )


def gain(
    own: Sequence[Paid],
    residents: Sequence[Paid],
    weights: Sequence[Fraction],
    deviation: Deviation,
    trainer: Trainer,
    outcomes: Outcomes,
) -> Interval:
    """An interval that holds E[A of the deviant] - E[A of a resident].

    Args:
        own: payoffs of the deviant, one pair per component.
        residents: the same of the residents.
        weights: of the components.
        deviation: who deviates, and how.
        trainer: what is made of the rewards.
        outcomes: how outcomes hang together.

    Raises:
        Undetermined: the interval arithmetic cannot say.

    Example:
        >>> from scoring_theory.advantage.trainers import Trainer
        >>> brier, honest = Subject("c - (q - c)^2", {}), Fraction(3, 4)
        >>> paid = [exact_payoffs(brier, q) for q in (Fraction(1), honest)]
        >>> one = Deviation(honest, honest, Fraction(1))
        >>> rule = Trainer(estimator="group_std", group_size=8)
        >>> low, high = gain([paid[0]], [paid[1]], [Fraction(1)], one, rule, "shared").ends()
        >>> low <= Fraction(123743687, 10**8) + Fraction(1, 10**8) and high - low < Fraction(1, 10**60)
        True
    """
    group, p = trainer.group_size, deviation.p
    deviant = _expected(
        own, residents, weights, trainer, cases(p, group, outcomes, other=deviation.other), p
    )
    if ESTIMATORS[trainer.estimator].relative:
        return deviant  # a group's advantages add up to 0 and residents are alike: staying earns 0
    return deviant - _expected(residents, residents, weights, trainer, cases(p, group, outcomes), p)


def _expected(
    own: Sequence[Paid],
    residents: Sequence[Paid],
    weights: Sequence[Fraction],
    trainer: Trainer,
    among: list[Case],
    p: Fraction,
) -> Interval:
    total = _of(0)
    sums = [_weighed(own, weights), _weighed(residents, weights)]
    for case in among:
        if not _kept(sums[0], sums[1], case, trainer):
            continue
        if ESTIMATORS[trainer.estimator].per_component:
            parts = zip(weights, own, residents, strict=True)
            each = _of(0)
            for weight, mine, theirs in parts:
                each = each + _of(weight) * _advantage(mine, theirs, case, trainer, p)
        else:
            each = _advantage(sums[0], sums[1], case, trainer, p)
        total = total + _of(Fraction(case.chance)) * each
    return total


def _weighed(paid: Sequence[Paid], weights: Sequence[Fraction]) -> Paid:
    both = [
        expand(_sum([const(w) * each[c] for w, each in zip(weights, paid, strict=True)]))
        for c in (0, 1)
    ]
    return both[0], both[1]


def _sum(terms: list[Expression]) -> Expression:
    total = const(0)
    for each in terms:
        total = total + each
    return total


def _advantage(own: Paid, theirs: Paid, case: Case, trainer: Trainer, p: Fraction) -> Interval:
    """Baseline and scale of the estimator; the mean of many questions has no part in one rollout."""
    estimator, size, n = ESTIMATORS[trainer.estimator], trainer.group_size, trainer.group_size - 1
    if not estimator.relative:
        above = _value(own[case.own])
    elif estimator.baseline == "leave_one_out":
        above = _gap(own, theirs, case, n)
    else:
        above = _gap(own, theirs, case, n) * _of(Fraction(n, size))
    if estimator.scale == "none":
        return above
    apart = _difference(theirs[1], theirs[0])
    if estimator.scale == "batch_std":
        variance = apart * apart * _of(p * (1 - p))
    else:
        gap, k = _gap(own, theirs, case, n), case.right
        squares = apart * apart * _of(Fraction(k * (n - k), n)) + gap * gap * _of(Fraction(n, size))
        if squares.low == squares.high == 0:
            return squares
        variance = squares * _of(Fraction(1, size - trainer.ddof))
    return above * (_root(variance) + _of(trainer.epsilon)).inverse()


def _gap(own: Paid, theirs: Paid, case: Case, n: int) -> Interval:
    """The deviant's reward less the mean of the others'."""
    mine, k = own[case.own], case.right
    to_right, to_wrong = _difference(mine, theirs[1]), _difference(mine, theirs[0])
    return to_right * _of(Fraction(k, n)) + to_wrong * _of(Fraction(n - k, n))


def _kept(own: Paid, theirs: Paid, case: Case, trainer: Trainer) -> bool:
    if trainer.keep is None:
        return True
    n = trainer.group_size - 1
    shares = [const(1), const(case.right), const(n - case.right)]
    total = _sum(
        [share * x for share, x in zip(shares, (own[case.own], theirs[1], theirs[0]), strict=True)]
    )
    low, high = (const(end * trainer.group_size) for end in trainer.keep)
    return _sign(total - low) > 0 and _sign(high - total) > 0


def _sign(expression: Expression) -> int:
    value = _difference(expression, const(0))
    if value.low == value.high == 0:
        return 0
    if not (value.positive() or value.negative()):
        raise Undetermined("a group's mean is too close to the end of the range that is kept")
    return 1 if value.positive() else -1


@lru_cache(maxsize=1024)
def _difference(a: Expression, b: Expression) -> Interval:
    """A - b; exactly 0 where the two are the same number."""
    found = expand(a - b)
    return _of(0) if is_zero(found) else _value(found)


@lru_cache(maxsize=1024)
def _value(expression: Expression) -> Interval:
    exact = expression.constant()
    return _of(exact) if exact is not None else enclose(expression, None, BITS)


def _root(x: Interval) -> Interval:
    return Interval(isqrt(max(x.low, 0) << x.bits), isqrt(max(x.high, 0) << x.bits) + 1, x.bits)


def _of(value: Fraction | int) -> Interval:
    return Interval.of(value, BITS)
