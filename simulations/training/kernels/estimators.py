"""What a rollout is worth beside the others: every estimator of `simulations.training`, over one batch at a time.

Rewards are (G, B): the rollouts of a group stand in a column, so that a loop over the columns is a vector's work.
"""

from __future__ import annotations

import math

import numpy as np

from simulations.training.kernels.compiling import FloatArray, IntArray, compiled

# Codes of the options of `simulations.training`; kernels compare integers.
NONE, GROUP_MEAN, LEAVE_ONE_OUT, GROUP_STD, GLOBAL_MEAN, BATCH_STD, COMPONENT_STD = range(7)
_SAME = 1e-12  # a spread below this part of the rewards' size is rounding: everyone was paid alike


@compiled
def column_means(rewards: FloatArray, means: FloatArray) -> None:
    """The mean of each group."""
    means[:] = 0.0
    for g in range(rewards.shape[0]):
        for s in range(rewards.shape[1]):
            means[s] += rewards[g, s]
    for s in range(rewards.shape[1]):
        means[s] /= rewards.shape[0]


@compiled
def divide_by_spread(rewards: FloatArray, means: FloatArray, scales: FloatArray, epsilon: float) -> None:
    """Divide centred rewards by their group's standard deviation (over G - 1, as in torch) plus `epsilon`.

    `means` say how large rewards are: a group that was paid alike has advantages of exactly 0.
    """
    scales[:] = 0.0
    for g in range(rewards.shape[0]):
        for s in range(rewards.shape[1]):
            scales[s] += rewards[g, s] * rewards[g, s]
    for s in range(rewards.shape[1]):
        spread = math.sqrt(scales[s] / (rewards.shape[0] - 1.0))
        scales[s] = 0.0 if spread <= _SAME * (1.0 + abs(means[s])) else 1.0 / (spread + epsilon)
    for g in range(rewards.shape[0]):
        for s in range(rewards.shape[1]):
            rewards[g, s] *= scales[s]


@compiled
def batch_scale(rewards: FloatArray, epsilon: float) -> float:
    """One over the standard deviation (over n - 1) of all rewards of a batch plus `epsilon`; 0 if all are alike."""
    mean, squares = 0.0, 0.0
    flat = rewards.reshape(-1)
    for i in range(flat.size):
        mean += flat[i] / flat.size
    for i in range(flat.size):
        squares += (flat[i] - mean) * (flat[i] - mean)
    spread = math.sqrt(squares / (rewards.size - 1.0))
    return 0.0 if spread <= _SAME * (1.0 + abs(mean)) else 1.0 / (spread + epsilon)


@compiled
def advantages(rewards: FloatArray, estimator: int, epsilon: float) -> None:
    """Turn the rewards of a batch, (G, B), into advantages, in place."""
    if estimator == NONE:
        return
    means, scale = np.empty(rewards.shape[1]), 1.0
    column_means(rewards, means)
    if estimator == GLOBAL_MEAN:
        means[:] = means.sum() / means.size
    if estimator == LEAVE_ONE_OUT:
        scale = rewards.shape[0] / (rewards.shape[0] - 1.0)
    if estimator == BATCH_STD:
        scale = batch_scale(rewards, epsilon)
    for g in range(rewards.shape[0]):
        for s in range(rewards.shape[1]):
            rewards[g, s] = (rewards[g, s] - means[s]) * scale
    if estimator in (GROUP_STD, COMPONENT_STD):
        divide_by_spread(rewards, means, np.empty(means.size), epsilon)


@compiled
def component_advantages(
    right: IntArray, level: IntArray, tables: FloatArray, shares: FloatArray, epsilon: float, total: FloatArray
) -> None:
    """Normalise each component of the reward in its group, then add: sum_k share_k (r_k - mean) / std, into `total`."""
    total[:] = 0.0
    part = np.empty(total.shape)
    for k in range(shares.size):
        for g in range(total.shape[0]):
            for s in range(total.shape[1]):
                part[g, s] = tables[k, right[g, s], level[g, s]]
        advantages(part, COMPONENT_STD, epsilon)
        for g in range(total.shape[0]):
            for s in range(total.shape[1]):
                total[g, s] += shares[k] * part[g, s]


@compiled
def mask(rewards: FloatArray, right: IntArray, if_right: float, if_wrong: float) -> None:
    """Weigh the advantages of right and of wrong rollouts differently (positive and negative reinforcement)."""
    for g in range(rewards.shape[0]):
        for s in range(rewards.shape[1]):
            rewards[g, s] *= if_right if right[g, s] == 1 else if_wrong
