"""The advantages of a batch, for every baseline and scale of an estimator.

Rewards are (G, B), with the rollouts of a group in a column, so that a loop over the columns can be
vectorised.
"""

from __future__ import annotations

import math

from simulations.training.kernels.codes import (
    BATCH_MEAN,
    BATCH_STD,
    GROUP_STD,
    LEAVE_ONE_OUT,
    MEAN_REWARD,
    NOTHING,
    OTHERS_STD,
)
from simulations.training.kernels.compiling import FloatArray, IntArray, part

_SAME = 1e-12  # a relative spread below this is a rounding error: all rewards are equal


@part
def divide_by_spread(rewards: FloatArray, means: FloatArray, epsilon: float, factor: float) -> None:
    """Divide centred rewards by the standard deviation of their group plus `epsilon`.

    The standard deviation divides by G - 1, as in torch. The quotient is multiplied by `factor`.
    `means` give the size of the rewards, with which a spread is recognised as a rounding error: a
    group with equal rewards has advantages of exactly 0.
    """
    group, batch = rewards.shape
    for s in range(batch):
        squares = 0.0
        for g in range(group):
            squares += rewards[g, s] * rewards[g, s]
        spread = math.sqrt(squares / (group - 1.0))
        alike = spread <= _SAME * (1.0 + abs(means[s]))
        scale = 0.0 if alike else factor / (spread + epsilon)
        for g in range(group):
            rewards[g, s] *= scale


@part
def divide_by_spread_of_others(
    rewards: FloatArray, means: FloatArray, epsilon: float, factor: float
) -> None:
    """Divide centred rewards by the standard deviation of the other rewards plus `epsilon`.

    The standard deviation divides by G - 2. With the centred rewards d of a group, the squares of
    the others about their own mean are sum d^2 - d_i^2 G / (G - 1). Where the others are equal,
    that difference is a rounding error, and nothing is divided. The quotient is multiplied by
    `factor`.
    """
    group, batch = rewards.shape
    for s in range(batch):
        squares = 0.0
        for g in range(group):
            squares += rewards[g, s] * rewards[g, s]
        rounding = 1e-14 * group * math.sqrt(squares) * (1.0 + abs(means[s]))
        for g in range(group):
            left = squares - rewards[g, s] * rewards[g, s] * group / (group - 1.0)
            alike = left <= rounding
            spread = 0.0 if alike else math.sqrt(left / (group - 2.0))
            rewards[g, s] *= factor if alike else factor / (spread + epsilon)


@part
def divide_by_mean(rewards: FloatArray, means: FloatArray, epsilon: float, factor: float) -> None:
    """Divide centred rewards by the mean of their group plus `epsilon`; 0 where it is not positive.

    The quotient is multiplied by `factor`.
    """
    group, batch = rewards.shape
    for s in range(batch):
        scale = factor / (means[s] + epsilon) if means[s] > _SAME else 0.0
        for g in range(group):
            rewards[g, s] *= scale


@part
def batch_scale(rewards: FloatArray, mean: float, epsilon: float) -> float:
    """1 / (standard deviation of the batch + `epsilon`); 0 if all rewards are equal."""
    group, batch = rewards.shape
    squares = 0.0
    for g in range(group):
        for s in range(batch):
            squares += (rewards[g, s] - mean) * (rewards[g, s] - mean)
    spread = math.sqrt(squares / (group * batch - 1.0))
    return 0.0 if spread <= _SAME * (1.0 + abs(mean)) else 1.0 / (spread + epsilon)


@part
def group_advantages(
    rewards: FloatArray, means: FloatArray, baseline: int, scale: int, epsilon: float | None
) -> None:
    """Replace the rewards of a batch, (G, B), by their advantages.

    `means` is a buffer for B numbers. `epsilon` is None unless the estimator divides by a standard
    deviation; the division is then not compiled.
    """
    group, batch = rewards.shape
    overall, factor, common = 0.0, 1.0, 1.0
    if baseline == NOTHING and scale == NOTHING:
        return
    for s in range(batch):
        means[s] = 0.0
    for g in range(group):
        for s in range(batch):
            means[s] += rewards[g, s]
    for s in range(batch):
        means[s] /= group
        overall += means[s]
    overall /= batch
    if baseline == LEAVE_ONE_OUT:
        factor = group / (group - 1.0)
    # A group's standard deviation is that of the centred rewards before they are multiplied.
    if scale not in (GROUP_STD, OTHERS_STD, MEAN_REWARD):
        common = factor
    # numba leaves out the branch only if the condition is `is not None` alone.
    if epsilon is not None:
        common = common * batch_scale(rewards, overall, epsilon) if scale == BATCH_STD else common
    if baseline in (NOTHING, BATCH_MEAN):
        for s in range(batch):
            means[s] = overall if baseline == BATCH_MEAN else 0.0
    for g in range(group):
        for s in range(batch):
            rewards[g, s] = (rewards[g, s] - means[s]) * common
    if epsilon is None:
        return
    if scale == GROUP_STD:
        divide_by_spread(rewards, means, epsilon, factor)
    elif scale == OTHERS_STD:
        divide_by_spread_of_others(rewards, means, epsilon, factor)
    elif scale == MEAN_REWARD:
        divide_by_mean(rewards, means, epsilon, factor)


@part
def component_advantages(
    right: IntArray,
    level: IntArray,
    tables: FloatArray,
    shares: FloatArray,
    baseline: int,
    scale: int,
    epsilon: float,
    means: FloatArray,
    one: FloatArray,
    total: FloatArray,
) -> None:
    """Write the weighted sum of the components' advantages, sum_k share_k A_k, into `total`.

    `means` is a buffer for B numbers, `one` for the advantages of one component.
    """
    group, batch = total.shape
    for k in range(shares.size):
        for g in range(group):
            for s in range(batch):
                one[g, s] = tables[k, right[g, s], level[g, s]]
        group_advantages(one, means, baseline, scale, epsilon)
        for g in range(group):
            for s in range(batch):
                total[g, s] = (total[g, s] if k > 0 else 0.0) + shares[k] * one[g, s]


@part
def mask(rewards: FloatArray, right: IntArray, if_right: float, if_wrong: float) -> None:
    """Multiply the advantages of correct and of wrong rollouts by their weights."""
    group, batch = rewards.shape
    for g in range(group):
        for s in range(batch):
            rewards[g, s] *= if_right if right[g, s] == 1 else if_wrong
