"""The mean field of a confidence head alone, with or without division by the standard deviation.

All rollouts of a group share one outcome, and the answer is always the best one, so that a group
differs only in its levels. With rewards r_1, ..., r_G of variance v, 1/sqrt(v) is an integral over
Gaussian factors, one for each rollout:

    1/sqrt(v) = (1/pi) int_0^inf dt int dc prod_i exp(-t (r_i - c)^2 / G)

So the expected advantage of a level in a group of any size is a double integral of powers of
sums over levels, and no group is enumerated. Both integrals are taken by the trapezoidal rule,
whose error here is below 1e-3 of the value.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

from scoring_theory.advantage import ESTIMATORS
from simulations.meanfield import baseline_factor
from simulations.policies import softmax

if TYPE_CHECKING:
    from simulations.training import LearningRule
    from simulations.training.kernels import FloatArray

_STEP, _REACH = 0.7, 8
"""The step of log t; how many widths of a Gaussian factor the integral over c covers."""


def divided_advantage(rewards: FloatArray, group_size: int) -> Callable[[FloatArray], FloatArray]:
    """From the probabilities of levels to E[(r - mean) / std] of each level, (L,) both.

    The standard deviation has ddof 1, and nothing is added to it.

    Args:
        rewards: the reward of each level, not all alike, (L,).
        group_size: G.

    Example:
        >>> advantage = divided_advantage(np.array([0.0, 1.0]), 2)
        >>> advantage(np.array([0.5, 0.5])).round(3).tolist()
        [-0.354, 0.354]
    """
    least = (group_size - 1) / group_size**2 * np.diff(np.unique(rewards)).min() ** 2
    most = np.ptp(rewards) ** 2 / 4
    centres, times, weights = [], [], []
    for t in np.exp(np.arange(np.log(1e-9 / most), np.log(40 / least) + _STEP, _STEP)):
        width = 1 / np.sqrt(2 * t)
        c = np.arange(rewards.min() - _REACH * width, rewards.max() + _REACH * width, width)
        c = c[np.abs(c[:, None] - rewards).min(axis=1) < _REACH * width]
        centres.append(c)
        times.append(np.full(c.size, t))
        weights.append(np.full(c.size, _STEP * t * width / np.pi))
    c, t, weight = (np.concatenate(parts) for parts in (centres, times, weights))
    factor = np.exp(-t[:, None] / group_size * (rewards - c[:, None]) ** 2)
    scale = (1 - 1 / group_size) ** 1.5  # r - mean of the others, and ddof 1

    def advantage(chances: FloatArray) -> FloatArray:
        total, earned = factor @ chances, factor @ (chances * rewards)
        others = weight * total ** (group_size - 2)
        return np.asarray(
            scale * (rewards * ((others * total) @ factor) - others * earned @ factor)
        )

    return advantage


def head_after(
    start: FloatArray, p: float, table: FloatArray, training: LearningRule, steps: int
) -> FloatArray:
    """The probabilities of the levels after some expected updates, (L,).

    Args:
        start: the logits before training, (L,).
        p: the success probability of the answer that is always given.
        table: the payoffs of a wrong and of a correct answer, (2, L).
        training: the learning rule, with the estimator "group_std" or one that does not divide.
        steps: the number of steps.

    Example:
        >>> from simulations.training import LearningRule
        >>> brier = np.array([[0.0, -0.25, -1.0], [0.0, 0.75, 1.0]])
        >>> head_after(np.zeros(3), 0.5, brier, LearningRule(learning_rate=1.0), 400).argmax()
        np.int64(1)
    """
    gain = _gain(p, table, training)
    logits = start.copy()
    for _ in range(steps):
        head = softmax(logits)
        better = gain(head)
        logits += training.learning_rate * head * (better - head @ better)
    return softmax(logits)


def _gain(
    p: float, table: FloatArray, training: LearningRule
) -> Callable[[FloatArray], FloatArray]:
    """From the probabilities of levels to the expected advantage of each."""
    if ESTIMATORS[training.estimator].scale == "group_std":
        wrong, right = (divided_advantage(row, training.group_size) for row in table)
        return lambda head: (1 - p) * wrong(head) + p * right(head)
    paid = baseline_factor(training) * ((1 - p) * table[0] + p * table[1])
    return lambda _: paid
