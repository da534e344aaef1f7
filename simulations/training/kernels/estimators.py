"""What a rollout is worth beside the others: every estimator of `simulations.training`, over one batch at a time.

Rewards are (G, B): the rollouts of a group stand in a column, so that a loop over the columns is a vector's work.
"""

from __future__ import annotations

import math

from simulations.training.kernels.compiling import FloatArray, IntArray, part

# Codes of the options of `simulations.training`; kernels compare integers.
NONE, GROUP_MEAN, LEAVE_ONE_OUT, GROUP_STD, GLOBAL_MEAN, BATCH_STD, COMPONENT_STD = range(7)
_SAME = 1e-12  # a spread below this part of the rewards' size is rounding: everyone was paid alike


@part
def divide_by_spread(rewards: FloatArray, means: FloatArray, epsilon: float) -> None:
    """Divide centred rewards by their group's standard deviation (over G - 1, as in torch) plus `epsilon`.

    `means` say how large rewards are: a group that was paid alike has advantages of exactly 0.
    """
    group, batch = rewards.shape
    for s in range(batch):
        squares = 0.0
        for g in range(group):
            squares += rewards[g, s] * rewards[g, s]
        spread = math.sqrt(squares / (group - 1.0))
        scale = 0.0 if spread <= _SAME * (1.0 + abs(means[s])) else 1.0 / (spread + epsilon)
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
def advantages(rewards: FloatArray, means: FloatArray, estimator: int, epsilon: float | None) -> None:
    """Turn the rewards of a batch, (G, B), into advantages, in place; `means` is room for B numbers.

    `epsilon` is None, and nothing is compiled for it, unless the estimator divides by a standard deviation.
    """
    group, batch = rewards.shape
    overall, scale = 0.0, 1.0
    if estimator == NONE:
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
    if estimator == LEAVE_ONE_OUT:
        scale = group / (group - 1.0)
    if epsilon is not None:  # asked alone: only then does numba leave out what follows
        scale = batch_scale(rewards, overall, epsilon) if estimator == BATCH_STD else scale
    for g in range(group):
        for s in range(batch):
            rewards[g, s] = (rewards[g, s] - (overall if estimator == GLOBAL_MEAN else means[s])) * scale
    if epsilon is None:
        return
    if estimator in (GROUP_STD, COMPONENT_STD):
        divide_by_spread(rewards, means, epsilon)


@part
def component_advantages(
    right: IntArray, level: IntArray, tables: FloatArray, shares: FloatArray, epsilon: float, means: FloatArray,
    one: FloatArray, total: FloatArray,
) -> None:  # fmt: skip
    """Normalise each component of the reward in its group, then add: sum_k share_k (r_k - mean) / std, into `total`.

    `means` is room for B numbers, `one` for the advantages of a component.
    """
    group, batch = total.shape
    for k in range(shares.size):
        for g in range(group):
            for s in range(batch):
                one[g, s] = tables[k, right[g, s], level[g, s]]
        advantages(one, means, COMPONENT_STD, epsilon)
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
