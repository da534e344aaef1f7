"""What a rollout is worth beside the others: every baseline and scale of an estimator, over one batch at a time.

Rewards are (G, B): the rollouts of a group stand in a column, so that a loop over the columns is a
vector's work.
"""

from __future__ import annotations

import math

from simulations.training.kernels.codes import (
    BATCH_MEAN,
    BATCH_STD,
    GROUP_STD,
    LEAVE_ONE_OUT,
    NOTHING,
)
from simulations.training.kernels.compiling import FloatArray, IntArray, part

_SAME = 1e-12  # a spread below this part of the rewards' size is rounding: everyone was paid alike


@part
def divide_by_spread(rewards: FloatArray, means: FloatArray, epsilon: float, factor: float) -> None:
    """Divide centred rewards by their group's standard deviation (over G - 1, as in torch) plus `epsilon`.

    The quotient is multiplied with `factor`. `means` say how large rewards are: a group that was
    paid alike has advantages of exactly 0.
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
def batch_scale(rewards: FloatArray, mean: float, epsilon: float) -> float:
    """One over the standard deviation (over n - 1) of all rewards of a batch plus `epsilon`; 0 if all are alike."""
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
    """Turn the rewards of a batch, (G, B), into advantages, in place; `means` is room for B numbers.

    `epsilon` is None, and nothing is compiled for it, unless the estimator divides by a standard
    deviation.
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
    if scale != GROUP_STD:  # which is that of the centred rewards, before they are stretched
        common = factor
    if epsilon is not None:  # asked alone: only then does numba leave out what follows
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
    """Add up the advantages of each component of the reward, sum_k share_k A_k, into `total`.

    `means` is room for B numbers, `one` for the advantages of a component.
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
    """Weigh the advantages of right and of wrong rollouts differently (positive and negative reinforcement)."""
    group, batch = rewards.shape
    for g in range(group):
        for s in range(batch):
            rewards[g, s] *= if_right if right[g, s] == 1 else if_wrong
