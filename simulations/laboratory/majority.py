"""Self-training on majority votes (SRT, TTRL): which answer wins, and where the right one dies.

An answer is paid if it is the most frequent of its group; m answers that are equally frequent share
the reward. The reward of an answer depends on its share alone, and rises with it, so the order of
the shares is kept: the right answer wins if and only if it starts as the mode of the policy. With a
part f of the errors on the strongest wrong answer that is

    x > f (1 - x),   that is   x > f / (1 + f),

which is 1/8 for 7 wrong answers alike, and nearly 1/2 only if nearly all errors are one answer. For
groups of 3 with their mean as baseline, the gain of answer k is (2/3) (x_k - sum x^2); in groups of
2 both rollouts always earn alike, and nothing is learned.

    >>> [round(basin(f), 3) for f in (1 / 7, 0.5, 0.9)]
    [0.125, 0.333, 0.474]
    >>> shares = np.array([0.4, 0.35, 0.25])
    >>> expected_vote(shares, 3).round(3).tolist()
    [0.698, 0.644, 0.531]
"""

from __future__ import annotations

from functools import lru_cache
from itertools import combinations_with_replacement
from math import factorial
from typing import TYPE_CHECKING

import numpy as np

from simulations.laboratory.compared import along
from simulations.laboratory.system import (
    Conditions,
    Finding,
    Knob,
    Panel,
    System,
    SystemOutcome,
    as_cells,
    mean_and_error,
)
from simulations.policies import StatedPolicy
from simulations.signals import majority_vote
from simulations.signals.groups import Groups, verdict_signal
from simulations.signals.training import Trained, mean_field, train

if TYPE_CHECKING:
    from simulations.training.kernels import FloatArray

_ANSWERS, _GROUP = 8, 5
_RATE = 0.1
_SPREADS = (("evenly", 1 / 7), ("half on one", 0.5), ("nine tenths on one", 0.9))
"""How the wrong answers share their probability: the part of it that the strongest has."""
_DISTANCE = 0.06
"""How far from the boundary training starts on either side."""


def basin(strongest: float) -> float:
    """The share above which the right answer wins, where the strongest wrong answer has a part f.

        x > f (1 - x)   if and only if   x > f / (1 + f)

    Example:
        >>> round(basin(0.9), 3)
        0.474
    """
    return strongest / (1 + strongest)


def starting(right: float, strongest: float) -> StatedPolicy:
    """One question: the right answer, the strongest wrong answer, and others of equal shares.

    Args:
        right: the share of the right answer.
        strongest: the part of the wrong answers' share that the strongest has.
    """
    others = (1 - right) * (1 - strongest) / (_ANSWERS - 2)
    shares = np.array([right, (1 - right) * strongest, *[others] * (_ANSWERS - 2)])
    return StatedPolicy(shares[None, None], np.ones((1, 1, _ANSWERS, 1)), np.array([1.0]))


@lru_cache(maxsize=4)
def _compositions(answers: int, others: int) -> tuple[FloatArray, FloatArray]:
    """How often each answer is given by the others, (n, K), and in how many orders, (n,)."""
    drawn = combinations_with_replacement(range(answers), others)
    counts = np.array([np.bincount(some, minlength=answers) for some in drawn], dtype=np.float64)
    orders = [factorial(others) / np.prod([factorial(int(n)) for n in row]) for row in counts]
    return counts, np.array(orders)


def expected_vote(shares: FloatArray, group_size: int) -> FloatArray:
    """The expected reward of each answer among G - 1 others, ties shared, by enumeration, (K,).

    Example:
        >>> expected_vote(np.array([0.5, 0.5]), 2).tolist()  # two answers, alike
        [0.75, 0.75]
    """
    counts, orders = _compositions(len(shares), group_size - 1)
    chance = orders * np.prod(shares**counts, axis=-1)
    own = counts[:, None] + np.eye(len(shares))  # (n, K, K): the counts with one's own answer
    top = own == own.max(axis=-1, keepdims=True)
    share = np.diagonal(top, axis1=1, axis2=2) / top.sum(axis=-1)
    return np.asarray(chance @ share)


def _along_the_mean(start: StatedPolicy, steps: int, *, rate: float) -> Trained:
    def expected(policy: StatedPolicy) -> FloatArray:
        return expected_vote(policy.answer[0, 0], _GROUP)[None, None, :, None]

    return mean_field(start, expected, learning_rate=rate, steps=steps, shrink=1 - 1 / _GROUP)


def _share(trained: Trained) -> FloatArray:
    """The share of the right answer, (T, R)."""
    return along(trained, lambda policy: policy.answer[:, 0, 0])


def _wins(right: float, strongest: float) -> bool:
    start = starting(right, strongest)
    end = _along_the_mean(start, 200, rate=1.0).end.answer[0, 0, 0]
    return bool(end > right)


@lru_cache(maxsize=32)
def measured_basin(strongest: float, tries: int = 10) -> float:
    """The boundary by bisection along the mean field."""
    low, high = 0.0, 1.0
    for _ in range(tries):
        middle = (low + high) / 2
        low, high = (low, middle) if _wins(middle, strongest) else (middle, high)
    return (low + high) / 2


def _rewards(groups: Groups) -> FloatArray:
    return majority_vote(groups.answers)


def _show(conditions: Conditions) -> SystemOutcome:
    runs, steps, rate = conditions.runs(48, 256), conditions.steps(150, 300), conditions.rate(_RATE)
    without, strongest = conditions.without, conditions["strongest"]
    truth = np.zeros((1, _ANSWERS))
    truth[0, 0] = 1.0
    edge = basin(strongest)
    findings: list[Finding] = []
    curves: dict[str, FloatArray] = {}
    x = np.empty(0)
    for side, right in (("above", edge + _DISTANCE), ("below", edge - _DISTANCE)):
        start = starting(right, strongest)
        trained = train(
            start,
            truth,
            verdict_signal if without else _rewards,
            runs=runs,
            group_size=_GROUP,
            learning_rate=rate,
            steps=steps,
            seed=conditions.seed,
        )
        mean = (
            mean_field(
                start,
                lambda policy: truth[None, ..., None],
                learning_rate=rate,
                steps=steps,
                shrink=1 - 1 / _GROUP,
            )
            if without
            else _along_the_mean(start, steps, rate=rate)
        )
        share, limit = _share(trained), _share(mean)[:, 0]
        measured, error = mean_and_error(share[-1] - share[0])
        label = f"change of the right answer's share, from {right:z.3f} ({side} the boundary)"
        findings.append(Finding(label, measured, error, float(limit[-1] - limit[0]), rate / 2))
        x = trained.steps.astype(np.float64)
        curves |= {f"{side}, mean of runs": share.mean(axis=1), f"{side}, exact": limit}
    rows = [
        (name, *as_cells([basin(f), 0.5 if without else measured_basin(f)])) for name, f in _SPREADS
    ]
    return SystemOutcome(
        name="majority",
        without=without,
        findings=tuple(findings),
        boundary=(
            "The right answer wins if and only if its share exceeds that of the strongest wrong"
            " answer, not one half."
            if not without
            else "With the verdict of a verifier the right answer gains from every start."
        ),
        head=("wrong answers share", "boundary, exact", "by bisection"),
        rows=() if without else tuple(rows),
        panels=(Panel("Share of the right answer", "Training step", "Probability", x, curves),),
        runs=runs,
    )


MAJORITY = System(
    name="majority",
    story=(
        "The reward of a rollout is whether its answer is the most frequent of its group (ties are"
        " shared). Nothing in it knows the truth. The order of the shares is kept, so that the"
        " right answer wins where it is the mode of the policy, and dies out where it is not."
    ),
    switch="the reward is the verdict of a verifier",
    source="Shafayat et al. 2025 (SRT), arXiv 2505.21444; Zuo et al. 2025 (TTRL)",
    verdict=(
        "Agrees that accuracy rises where the majority is right and collapses where it is not; the"
        " threshold is the share of the strongest wrong answer, not one half."
    ),
    show=_show,
    knobs=(Knob("strongest", 0.5, 1 / 7, 1.0, "the strongest wrong answer's part of the errors"),),
)
