"""Utility-weighted training: it can replace a decision's threshold, and harms beside it.

A wrong answer costs w times what a right one gains, so acting pays if p > t = w / (1 + w). One can
train a proper score and act above t, or weight errors in training by v,

    R = -(c + v (1 - c)) (q - c)^2,   whose best report is   q* = p / (p + v (1 - p))

Weighted training is improper: reports are no probabilities. The report passes a bound x if and
only if the odds of p exceed v x / (1 - x), so acting above x is best if and only if

    v = w (1 - x) / x

That is v = 1, a proper score, for x = t, and v = w for x = 1/2. With both, errors count twice: the
user acts for p above w^2 / (1 + w^2) alone. Weighting helps where x cannot be moved: a user's
habit, or three words 0, 1/2, 1 of which the last one leads to action, which needs v = w / 3.

    >>> from scoring_theory import check
    >>> bool(check("-(2 - c)*(q - c)**2").proper)  # v = 2
    False
    >>> cut(1.0, 0.75), cut(3.0, 0.5), round(cut(3.0, 0.75), 3)  # w = 3, t = 0.75
    (0.75, 0.75, 0.9)
    >>> [round(utility_above(x, 3.0), 3) for x in (0.75, 0.9)]  # p evenly spread
    [0.125, 0.08]
    >>> round(best_weight(3.0, 0.5), 3), round(best_weight(3.0, 0.75), 3)
    (3.0, 1.0)
    >>> [round(incentive(v), 3) for v in (1.0, 3.0)]  # to learn, at the same range
    [0.083, 0.037]
"""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np

from scoring_theory.reward import Reward
from simulations.laboratory.compared import compared
from simulations.laboratory.system import (
    Conditions,
    Knob,
    System,
    SystemOutcome,
    as_cells,
)
from simulations.policies import StatedPolicy, softmax
from simulations.signals.groups import reward_signal
from simulations.signals.training import mean_field, train

if TYPE_CHECKING:
    from collections.abc import Callable

    from simulations.training.kernels import FloatArray

_LEVELS, _QUESTIONS, _GROUP, _RATE = 11, 10, 16, 0.75
_GRID = np.arange(_LEVELS) / (_LEVELS - 1)
_TRUTH = ((np.arange(_QUESTIONS) + 0.5) / _QUESTIONS)[:, None]
"""The success probability of each question, evenly spread, (Q, 1)."""
_SHARPNESS = 20.0
_WORDS = 3.0
"""The odds of p from which the Brier score states 1 and not 1/2, where 0, 1/2 and 1 can be said."""
_COSTS = (1.0, 2.0, 3.0, 5.0, 9.0)
_POINTS = (np.arange(20_000) + 0.5) / 20_000


def weighted_brier(weight: float) -> Reward:
    """The Brier score with errors weighted by v.

    Example:
        >>> from scoring_theory.catalogue import doubled_wrong
        >>> weighted_brier(2.0) == doubled_wrong
        True
    """
    v = Fraction(weight).limit_denominator(10**6)
    return Reward.parse(f"-({v} - ({v} - 1)*c)*(q - c)^2")


def cut(weight: float, bound: float) -> float:
    """The success probability above which a weighted report passes a bound below 1.

    Args:
        weight: v.
        bound: x.
    """
    odds = weight * bound / (1 - bound)
    return odds / (1 + odds)


def best_weight(cost: float, bound: float) -> float:
    """The weight in training that makes acting above a bound the best decision.

    Args:
        cost: w, what a wrong answer costs.
        bound: x.
    """
    return cost * (1 - bound) / bound


def utility_above(p: float, cost: float) -> float:
    """The mean utility of acting from a success probability on, which is evenly spread.

        (1 + w) (1 - p^2) / 2 - w (1 - p)

    Args:
        p: the success probability from which on the user acts.
        cost: w.
    """
    return (1 + cost) * (1 - p**2) / 2 - cost * (1 - p)


def incentive(weight: float) -> float:
    """What knowing p earns over knowing its mean alone, divided by the range of the reward.

    E V(p) - V(1/2),   V(p) = -v p (1 - p) / (p + v (1 - p)),   p evenly spread
    """

    def value(p: FloatArray) -> FloatArray:
        return np.asarray(-weight * p * (1 - p) / (p + weight * (1 - p)))

    gain = float(value(_POINTS).mean() - value(np.array(0.5)))
    return gain / max(weight, 1.0)


def _start() -> StatedPolicy:
    """A policy that states roughly the success probability already."""
    near = softmax(-_SHARPNESS * (_GRID - _TRUTH) ** 2)
    return StatedPolicy(np.ones((1, _QUESTIONS, 1)), near[None, :, None], _GRID)


def utility_of(policy: StatedPolicy, truth: FloatArray, bound: float, cost: float) -> FloatArray:
    """The mean utility of a question, if the user acts above a bound, (R,)."""
    acts = (policy.joint * (policy.grid > bound)).sum(axis=-1)
    return np.asarray((acts * (truth - cost * (1 - truth))).sum(axis=-1).mean(axis=-1))


def _show(conditions: Conditions) -> SystemOutcome:
    runs, steps = conditions.runs(50, 120), conditions.steps(700, 1200)
    rate, cost = conditions.rate(_RATE), conditions["cost"]
    weight = 1.0 if conditions.without else conditions["weight"]
    reward, threshold = weighted_brier(weight), cost / (1 + cost)
    trained = train(
        _start(),
        _TRUTH,
        reward_signal(reward, _GRID),
        runs=runs,
        group_size=_GROUP,
        learning_rate=rate,
        steps=steps,
        seed=conditions.seed,
    )
    wrong, right = reward.table(_GRID)
    paid = (_TRUTH * right + (1 - _TRUTH) * wrong)[None, :, None]
    limit = mean_field(
        _start(), lambda _: paid, learning_rate=rate, steps=steps, shrink=1 - 1 / _GROUP
    )
    best = float(np.maximum(_TRUTH - cost * (1 - _TRUTH), 0).mean())
    asked: tuple[tuple[str, Callable[[StatedPolicy], FloatArray], float], ...] = (
        (
            f"utility lost, acting above {threshold:.3g}",
            lambda policy: best - utility_of(policy, _TRUTH, threshold, cost),
            0.009,
        ),
        (
            "utility lost, acting above 1/2",
            lambda policy: best - utility_of(policy, _TRUTH, 0.5, cost),
            0.005,
        ),
        (
            "mean confidence minus accuracy",
            lambda policy: policy.mean_confidence() - policy.accuracy(_TRUTH),
            0.005,
        ),
    )
    made = [
        compared(label, trained, limit, of, bias=bias * rate, title=label, y_label="", change=False)
        for label, of, bias in asked
    ]
    return SystemOutcome(
        name="utility",
        without=conditions.without,
        findings=tuple(finding for finding, _ in made),
        boundary=_boundary(cost, threshold, weight),
        head=(
            "cost of an error",
            "proper, above t",
            "proper, above 1/2",
            "weighted by cost, above 1/2",
            "weighted by cost, above t",
            "three words: proper",
            "weighted by cost",
            "weighted by cost/3",
            "incentive to learn, weighted : proper",
        ),
        rows=tuple(_row(each) for each in sorted({*_COSTS, cost})),
        panels=tuple(panel for _, panel in made),
        runs=runs,
    )


def _row(cost: float) -> tuple[str, ...]:
    t, words = cost / (1 + cost), _WORDS / (1 + _WORDS)
    cuts = (
        *(cut(v, x) for v, x in ((1.0, t), (1.0, 0.5), (cost, 0.5), (cost, t))),
        *(cut(v, words) for v in (1.0, cost, cost / _WORDS)),
    )
    utilities = [utility_above(p, cost) for p in cuts]
    return f"{cost:g}", *as_cells([*utilities, incentive(cost) / incentive(1.0)])


def _boundary(cost: float, threshold: float, weight: float) -> str:
    return (
        f"Acting above x is best if and only if the weight is {cost:g} (1 - x)/x: 1, a proper"
        f" score, for x = {threshold:.3g}, and {cost:g} for x = 1/2. With a weight of {weight:g}"
        f" and x = {threshold:.3g} the user acts for p above {cut(weight, threshold):.3g} alone."
    )


UTILITY = System(
    name="utility",
    story=(
        "A wrong answer costs more than a right one gains. Errors are weighted by that cost in"
        " training, and the user, who knows the cost too, acts above the threshold that it implies:"
        " the cost counts twice, and good answers are not used. Weighting is right for a user who"
        " acts above 1/2 whatever errors cost."
    ),
    switch="the score is proper, the Brier score, and the threshold alone expresses the cost",
    source="Autor et al. 2025 (Misaligned by Design), arXiv 2511.07699",
    verdict=(
        "Agrees that a symmetric score followed by a decision is better than weighting beside it,"
        " and that weighting lowers the incentive to learn at an equal range (last column);"
        " disagrees where the decision cannot be moved: then the right weight is best."
    ),
    show=_show,
    knobs=(
        Knob("cost", 3.0, 1.0, 20.0, "what a wrong answer costs, if a right one gains 1"),
        Knob("weight", 3.0, 0.1, 20.0, "the weight of errors in training"),
    ),
)
