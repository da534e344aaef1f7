"""Reward heads that are fitted once to finite data, and the best policies under a KL penalty."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from simulations.policies import softmax
from simulations.worlds.reward_heads import head_posterior, robust_mixture

if TYPE_CHECKING:
    from simulations.training.kernels import FloatArray


@dataclass(frozen=True)
class RewardHeads:
    """Reward heads that were fitted to D data sets.

    Attributes:
        means: the mean of each head, (J, D, Q, K).
        spreads: the standard deviation that each head reports, (J, D, Q, K).
        true: the true reward, (D, Q, K).
    """

    means: FloatArray
    spreads: FloatArray
    true: FloatArray

    @property
    def nominal(self) -> FloatArray:
        """The mean of the head with the smallest standard deviation, (D, Q, K)."""
        return robust_mixture(self.means, self.spreads, weight=1.0)

    def mixture(self, alpha: float) -> FloatArray:
        """alpha nominal + (1 - alpha) minimum of each rollout, (D, Q, K)."""
        return robust_mixture(self.means, self.spreads, weight=alpha)


def scored_heads(
    frozen: FloatArray,
    *,
    data_sets: int,
    heads: int,
    scores: int,
    rare: float,
    shared: float = 0.0,
    rng: np.random.Generator,
) -> RewardHeads:
    """Draw true rewards and scores, and fit the heads once.

    Args:
        frozen: the policy before training, (Q, K).
        data_sets: the number D of worlds, with one data set each.
        heads: J.
        scores: the number of scored responses for each prompt.
        rare: how much worse the rarest response is on average than the most frequent one.
        shared: an error that all heads share, on one response of each prompt.
        rng: the random numbers.
    """
    rank = (-np.log(frozen) + np.log(frozen).max()) / np.ptp(np.log(frozen))
    true = rng.normal(size=(data_sets, *frozen.shape)) - rare * rank
    counts = rng.multinomial(scores, frozen, size=(data_sets, len(frozen)))
    shape = (heads, *true.shape)
    # Each head sees a random half of the scores; score = true reward + N(0, 1).
    seen, total = np.zeros(shape), np.zeros(shape)
    for i in range(counts.max()):
        drawn = counts > i
        used = drawn & (rng.random(shape) < 0.5)
        seen += used
        total += used * (true + rng.normal(size=true.shape))
    at = rng.integers(0, frozen.shape[1], true.shape[:2])
    error = shared * (np.arange(frozen.shape[1]) == at[..., None])
    means, spreads = head_posterior(rng.normal(size=shape), total, seen)
    return RewardHeads(means + error, spreads, true)


def penalised_optimum(frozen: FloatArray, rewards: FloatArray, *, beta: float) -> FloatArray:
    """The policy of the largest E r - beta KL(pi, pi_0), which is pi_0 exp(r / beta) / Z.

    Example:
        >>> penalised_optimum(np.array([0.5, 0.5]), np.array([np.log(3), 0]), beta=1.0).round(2)
        array([0.75, 0.25])
    """
    raised = frozen * np.exp((rewards - rewards.max(axis=-1, keepdims=True)) / beta)
    return np.asarray(raised / raised.sum(axis=-1, keepdims=True))


def effective_reward(heads: FloatArray, *, beta: float, pessimistic: bool) -> FloatArray:
    """The closed form for uncertain rewards under a KL penalty, (...).

        -beta log mean_j exp(-r_j / beta)   or, optimistic,   beta log mean_j exp(r_j / beta)

    Source: Hahami et al. 2026, arXiv 2606.09073.

    Args:
        heads: the reward of each head, (J, ...).
        beta: the coefficient of the KL penalty.
        pessimistic: the sign.

    Example:
        >>> effective_reward(np.array([0.0, 1.0]), beta=100.0, pessimistic=False).round(2).item()
        0.5
    """
    sign = -1.0 if pessimistic else 1.0
    raised = sign * heads / beta
    top = raised.max(axis=0)
    return np.asarray(sign * beta * (top + np.log(np.exp(raised - top).mean(axis=0))))


def worst_policy(
    frozen: FloatArray,
    heads: FloatArray,
    *,
    nominal: FloatArray,
    alpha: float,
    beta: float,
    steps: int = 400,
) -> FloatArray:
    """The optimum of the objective with the minimum of expectations, (..., Q, K).

        min over w of the largest E (alpha r_nominal + (1 - alpha) sum_j w_j r_j) - beta KL

    The mixture w of the heads is found by exponentiated gradient descent; it is the same for all
    prompts, over which the expectation is taken.

    Args:
        frozen: the policy before training, (Q, K).
        heads: the reward of each head, (J, ..., Q, K).
        nominal: the nominal reward, (..., Q, K).
        alpha: the weight of the nominal reward.
        beta: the coefficient of the KL penalty.
        steps: steps of the descent.
    """
    logs = np.zeros(heads.shape[:-2])
    # Longer steps than the inverse curvature of the optimum in w go back and forth.
    curvature = ((1 - alpha) * np.ptp(heads)) ** 2 / (4 * beta)
    rate = 1 / max(1.0, curvature)
    mean_weights = np.zeros_like(logs)
    for step in range(steps):
        weights = np.moveaxis(softmax(np.moveaxis(logs, 0, -1)), -1, 0)
        if step >= steps // 2:
            mean_weights += weights / (steps - steps // 2)
        paid = alpha * nominal + (1 - alpha) * (weights[..., None, None] * heads).sum(axis=0)
        policy = penalised_optimum(frozen, paid, beta=beta)
        earned = (policy * heads).sum(axis=-1).mean(axis=-1)
        logs -= rate * (1 - alpha) * earned
    mixed = (mean_weights[..., None, None] * heads).sum(axis=0)
    return penalised_optimum(frozen, alpha * nominal + (1 - alpha) * mixed, beta=beta)
