r"""The expected advantage in interval arithmetic with rational ends, which decides a verdict.

Payoffs are the kernel's exact values at rational confidences. The gain of a deviation is a finite
sum of rationals and square roots of rationals; every operation rounds outward, so that a positive
lower end is a proof. Floating point (`fitness`) only proposes the deviation.
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
from proofs.kernel.subject import Subject
from scoring_theory.advantage.estimators import ESTIMATORS
from scoring_theory.advantage.fitness import Case, cases
from scoring_theory.advantage.trainers import Outcomes, Trainer

GAIN_BITS = 256
Paid = tuple[Expression, Expression]
"""Payoffs of a report: when wrong, when correct."""


@dataclass(frozen=True)
class Deviation:
    """One rollout deviates in a group whose other rollouts (the residents) all do the same.

    Attributes:
        p: the success probability of the residents' answer.
        resident: the confidence that the residents state.
        report: the confidence that the deviant states; None for a completion whose confidence
            cannot be parsed.
        other: the success probability of the deviant's answer if it is a different one; None for
            the same answer.

    Example:
        >>> Deviation(Fraction(3, 4), Fraction(3, 4), Fraction(1)).other is None
        True
    """

    p: Fraction
    resident: Fraction
    report: Fraction | None
    other: Fraction | None = None


def exact_payoffs(subject: Subject, q: Fraction) -> Paid | None:
    """Both payoffs at a rational confidence, exactly; None where one is infinite or unknown.

    Example:
        >>> from proofs.search.as_text import to_text
        >>> [to_text(paid) for paid in exact_payoffs(Subject("c - (q - c)^2", {}), Fraction(1, 2))]
        ['-1/4', '3/4']
    """
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
    """An interval that contains E[A of the deviant] - E[A of a resident].

    Args:
        own: payoffs of the deviant, one pair per component.
        residents: payoffs of the residents, one pair per component.
        weights: the weights of the components.
        deviation: what the deviant and the residents do.
        trainer: how advantages are computed from the rewards.
        outcomes: how correctness is correlated within a group.

    Raises:
        Undetermined: the enclosures are too wide to decide.

    Example:
        >>> from scoring_theory.advantage.trainers import Trainer
        >>> rlcr, honest = Subject("c - (q - c)^2", {}), Fraction(3, 4)
        >>> paid = [exact_payoffs(rlcr, q) for q in (Fraction(1), honest)]
        >>> upwards = Deviation(honest, honest, Fraction(1))
        >>> grpo = Trainer(estimator="group_std", group_size=8)
        >>> low, high = gain([paid[0]], [paid[1]], [Fraction(1)], upwards, grpo, "shared").ends()
        >>> round(float(low), 6), high - low < Fraction(1, 10**60)
        (1.237437, True)
    """
    group, p = trainer.group_size, deviation.p
    deviant = _expected(
        own, residents, weights, trainer, cases(p, group, outcomes, other=deviation.other), p
    )
    if ESTIMATORS[trainer.estimator].balanced and trainer.advantage_clip is None:
        return deviant  # advantages add up to 0 and residents are equal: a resident's gain is 0
    return deviant - _expected(residents, residents, weights, trainer, cases(p, group, outcomes), p)


def gain_among_spread_others(
    own: Paid, truth: Paid, others: tuple[Paid, Paid], low: int, p: Fraction, trainer: Trainer
) -> Interval:
    """E[A of a report] - E[A of the truth] among others that state two reports, shared outcome.

        p (f(q') - f(p)) / s_1 + (1 - p) (g(q') - g(p)) / s_0

    where s_c is the standard deviation of the others' rewards when the outcome is c, plus epsilon
    (1 where it is 0, since nothing is divided then). The mean of the others cancels.

    Args:
        own: payoffs of the deviating report.
        truth: payoffs of the true report.
        others: payoffs of the two reports that the others state.
        low: how many of the G - 1 others state the first; the rest state the second.
        p: the probability that all are correct.
        trainer: a trainer whose scale is the standard deviation of the others.

    Raises:
        Undetermined: the enclosures are too wide to decide.

    Example:
        >>> from scoring_theory.advantage.trainers import Trainer
        >>> brier, p = Subject("-(q - c)^2", {}), Fraction(3, 4)
        >>> paid = [exact_payoffs(brier, Fraction(n, 20)) for n in (18, 15, 14, 16)]
        >>> trainer = Trainer(estimator="leave_one_out_std", group_size=3)
        >>> gained = gain_among_spread_others(*paid[:2], (paid[2], paid[3]), 1, p, trainer)
        >>> round(float(gained.ends()[0]), 4)
        0.5303
    """
    n, total = trainer.group_size - 1, _of(0)
    share = Fraction(low * (n - low), n * (n - trainer.ddof))
    for c, chance in ((1, p), (0, 1 - p)):
        apart, gained = _difference(others[1][c], others[0][c]), _difference(own[c], truth[c])
        variance = apart * apart * _of(share)
        if not variance.low == variance.high == 0:
            gained = gained * (_root(variance) + _of(trainer.epsilon)).inverse()
        total = total + _of(chance) * gained
    return total


def _expected(
    own: Sequence[Paid],
    residents: Sequence[Paid],
    weights: Sequence[Fraction],
    trainer: Trainer,
    among: list[Case],
    p: Fraction,
) -> Interval:
    """The expected advantage of the deviant over all outcomes of its group."""
    total = _of(0)
    sums = [_weighed(own, weights), _weighed(residents, weights)]
    for case in among:
        if not _kept(sums[0], sums[1], case, trainer):
            continue
        if ESTIMATORS[trainer.estimator].per_component:
            parts = zip(weights, own, residents, strict=True)
            advantage = _of(0)
            for weight, mine, theirs in parts:
                advantage = advantage + _of(weight) * _advantage(mine, theirs, case, trainer, p)
        else:
            advantage = _advantage(sums[0], sums[1], case, trainer, p)
        if trainer.advantage_clip is not None:
            advantage = _clipped(advantage, trainer.advantage_clip)
        total = total + _of(Fraction(case.chance)) * advantage
    return total


def _weighed(paid: Sequence[Paid], weights: Sequence[Fraction]) -> Paid:
    both = [
        expand(_sum([const(w) * payoffs[c] for w, payoffs in zip(weights, paid, strict=True)]))
        for c in (0, 1)
    ]
    return both[0], both[1]


def _sum(terms: list[Expression]) -> Expression:
    total = const(0)
    for term in terms:
        total = total + term
    return total


def _advantage(own: Paid, theirs: Paid, case: Case, trainer: Trainer, p: Fraction) -> Interval:
    """The advantage of the deviant; a mean of many questions does not depend on one rollout."""
    estimator, size, n = ESTIMATORS[trainer.estimator], trainer.group_size, trainer.group_size - 1
    if not estimator.relative:
        above = _value(own[case.own])
    elif estimator.baseline == "leave_one_out":
        above = _gap(own, theirs, case, n)
    else:
        above = _gap(own, theirs, case, n) * _of(Fraction(n, size))
    if estimator.scale == "none":
        return above
    if estimator.scale == "group_mean":
        mean = _mean(own, theirs, case, n)
        if not (mean.positive() or mean.negative() or mean.low == mean.high == 0):
            raise Undetermined("the mean reward of a group is too close to 0")
        return above * (mean + _of(trainer.epsilon)).inverse() if mean.positive() else _of(0)
    apart = _difference(theirs[1], theirs[0])
    if estimator.scale == "batch_std":
        variance = apart * apart * _of(p * (1 - p))
    else:
        gap, k = _gap(own, theirs, case, n), case.right
        others = apart * apart * _of(Fraction(k * (n - k), n))
        alone = estimator.scale == "others_std"
        squares = others if alone else others + gap * gap * _of(Fraction(n, size))
        if squares.low == squares.high == 0:
            return above if alone else squares
        variance = squares * _of(Fraction(1, (n if alone else size) - trainer.ddof))
    return above * (_root(variance) + _of(trainer.epsilon)).inverse()


def _gap(own: Paid, theirs: Paid, case: Case, n: int) -> Interval:
    """The reward of the deviant minus the mean reward of the others."""
    mine, k = own[case.own], case.right
    to_right, to_wrong = _difference(mine, theirs[1]), _difference(mine, theirs[0])
    return to_right * _of(Fraction(k, n)) + to_wrong * _of(Fraction(n - k, n))


def _clipped(advantage: Interval, ends: tuple[Fraction, Fraction]) -> Interval:
    low, high = (_of(end) for end in ends)
    return Interval(
        min(max(advantage.low, low.low), high.low),
        min(max(advantage.high, low.high), high.high),
        advantage.bits,
    )


def _mean(own: Paid, theirs: Paid, case: Case, n: int) -> Interval:
    """The mean reward of the group; exactly 0 where it is 0."""
    shares = [const(1), const(case.right), const(n - case.right)]
    total = _sum(
        [a * x for a, x in zip(shares, (own[case.own], theirs[1], theirs[0]), strict=True)]
    )
    return _difference(total, const(0)) * _of(Fraction(1, n + 1))


def _kept(own: Paid, theirs: Paid, case: Case, trainer: Trainer) -> bool:
    if trainer.keep_outcomes == "mixed" and case.own + case.right in (0, trainer.group_size):
        return False
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
        raise Undetermined("the mean of a group is too close to an end of the interval `keep`")
    return 1 if value.positive() else -1


@lru_cache(maxsize=1024)
def _difference(a: Expression, b: Expression) -> Interval:
    """The difference `a` - `b`; exactly 0 where the two are the same number."""
    difference = expand(a - b)
    return _of(0) if is_zero(difference) else _value(difference)


@lru_cache(maxsize=1024)
def _value(expression: Expression) -> Interval:
    exact = expression.constant()
    return _of(exact) if exact is not None else enclose(expression, None, GAIN_BITS)


def _root(x: Interval) -> Interval:
    return Interval(isqrt(max(x.low, 0) << x.bits), isqrt(max(x.high, 0) << x.bits) + 1, x.bits)


def _of(value: Fraction | int) -> Interval:
    return Interval.of(value, GAIN_BITS)
