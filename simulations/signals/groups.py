"""Groups of rollouts and the signals that reward them; every group of a small world, enumerated.

A signal maps the groups of one step to rewards. It sees the rollouts of a group, the policy, the
policy before training and the verdicts; a judge is a closure over its own table.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import combinations_with_replacement
from math import comb, lgamma
from typing import TYPE_CHECKING

import numpy as np

from scoring_theory.advantage.estimators import ESTIMATORS

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from scoring_theory.reward import Reward
    from simulations.policies import StatedPolicy
    from simulations.training.kernels import FloatArray

EPSILON = 1e-6
"""Added to a standard deviation before dividing by it."""
SAME = 1e-12
"""A relative spread below this is a rounding error: all rewards are equal."""
_NEVER = 1e-100
"""A rollout of a smaller probability does not occur: its logit stood for a probability of 0."""
MAX_GROUPS = 200_000
"""The largest number of groups that is enumerated."""


@dataclass(frozen=True)
class Groups:
    """The rollouts of one step: R runs, Q questions, G rollouts each.

    Attributes:
        answers: the answers, (R, Q, G).
        levels: the levels of confidence, (R, Q, G).
        correct: the verdicts, (R, Q, G), 0 or 1, or scores in [0, 1].
        policy: the policy that was sampled; its first axis may be 1, for all runs.
        frozen: the policy before training.
        numbers: the number of each question in its world, (Q,), if these are not all questions.
    """

    answers: NDArray[np.int64]
    levels: NDArray[np.int64]
    correct: FloatArray
    policy: StatedPolicy
    frozen: StatedPolicy
    numbers: NDArray[np.int64] | None = None

    @property
    def asked(self) -> NDArray[np.int64]:
        """The number of each question in its world, (Q,)."""
        return np.arange(self.answers.shape[1]) if self.numbers is None else self.numbers

    def judged(self, verdicts: FloatArray) -> Groups:
        """The same rollouts with other verdicts, (R, Q, G)."""
        return replace(self, correct=verdicts)

    def of_answers(self, table: FloatArray) -> FloatArray:
        """The entry of each rollout in a table of the questions and answers of the world, (Q, K).

        Example:
            >>> groups = Groups(np.array([[[1, 0]]]), np.zeros((1, 1, 2), int),
            ...                 np.ones((1, 1, 2)), None, None, np.array([2]))
            >>> groups.of_answers(np.array([[0.0, 0.1], [1.0, 1.1], [2.0, 2.1]])).tolist()
            [[[2.1, 2.0]]]
        """
        return np.asarray(table[self.asked[:, None], self.answers])

    def logs(self, policy: StatedPolicy) -> FloatArray:
        """log pi(y) of each rollout's answer under a policy of these questions, (R, Q, G).

        Example:
            >>> from simulations.policies import StatedPolicy
            >>> even = StatedPolicy(np.full((1, 1, 4), 0.25), np.ones((1, 1, 4, 1)), np.ones(1))
            >>> groups = Groups(np.array([[[1, 0]]]), np.zeros((1, 1, 2), int),
            ...                 np.ones((1, 1, 2)), even, even)
            >>> groups.logs(even).round(3).tolist()
            [[[-1.386, -1.386]]]
        """
        logs = np.log(np.maximum(policy.answer, _NEVER))
        every = np.broadcast_to(logs, (len(self.answers), *logs.shape[1:]))
        return np.take_along_axis(every, self.answers, axis=-1)

    def covariances(self) -> FloatArray:
        """(log pi(y_i) - mean) (c_i - mean) of each rollout, over its group, (R, Q, G).

        With the mean over a group they say how fast training on correctness uses up entropy.

        Source: Cui et al. 2025, arXiv 2505.22617.
        """
        logs, c = self.logs(self.policy), self.correct
        return np.asarray(
            (logs - logs.mean(axis=-1, keepdims=True)) * (c - c.mean(axis=-1, keepdims=True))
        )


Signal = Callable[[Groups], "FloatArray"]
"""From groups to rewards, (R, Q, G)."""


def verdict_signal(groups: Groups) -> FloatArray:
    """The binary reward: the verdict of the verifier."""
    return groups.correct


def reward_signal(reward: Reward, grid: FloatArray) -> Signal:
    """The signal of a reward R(q, c), with scores between 0 and 1 paid in proportion.

    Example:
        >>> from scoring_theory import rlcr
        >>> signal = reward_signal(rlcr, np.array([0.0, 0.5, 1.0]))
        >>> groups = Groups(np.zeros((1, 1, 2), int), np.array([[[1, 2]]]),
        ...                 np.array([[[1.0, 0.0]]]), None, None)
        >>> signal(groups).tolist()
        [[[0.75, -1.0]]]
    """
    wrong, right = reward.table(grid)

    def rewards(groups: Groups) -> FloatArray:
        c = groups.correct
        return np.asarray(c * right[groups.levels] + (1 - c) * wrong[groups.levels])

    return rewards


def sum_of_signals(*parts: tuple[float, Signal]) -> Signal:
    """The weighted sum of several signals.

        r = sum_i w_i r_i

    Args:
        parts: weight and signal of each part.

    Example:
        >>> groups = Groups(np.zeros((1, 1, 2), int), np.zeros((1, 1, 2), int),
        ...                 np.array([[[1.0, 0.0]]]), None, None)
        >>> sum_of_signals((0.5, verdict_signal), (0.25, verdict_signal))(groups).tolist()
        [[[0.75, 0.0]]]
    """

    def rewards(groups: Groups) -> FloatArray:
        return np.asarray(sum(weight * signal(groups) for weight, signal in parts))

    return rewards


def advantages_of(rewards: FloatArray, estimator: str, *, epsilon: float = EPSILON) -> FloatArray:
    """The advantages of an estimator of the table.

    Groups lie along the last axis, and the questions of a batch along the axis before it. Where
    the rewards that are compared are equal, a scale that is their standard deviation gives 0, or
    for that of the others divides by nothing; a mean of the group that is not positive gives 0.

    Args:
        rewards: the rewards, (..., G), or (..., Q, G) for an estimator of a batch.
        estimator: a name of `scoring_theory.advantage.ESTIMATORS`.
        epsilon: added to a standard deviation or a mean before dividing by it.

    Raises:
        ValueError: the estimator needs the components of a reward.

    Example:
        >>> advantages_of(np.array([1.0, 0.0]), "leave_one_out").tolist()
        [1.0, -1.0]
    """
    made, size = ESTIMATORS[estimator], rewards.shape[-1]
    if made.per_component:
        raise ValueError(
            f"a signal is one number for each rollout, so that the estimator {estimator!r}, which"
            " needs the components of a reward, cannot be used"
        )
    batch = tuple(range(-min(2, rewards.ndim), 0))
    mean = rewards.mean(axis=-1, keepdims=True)
    overall = rewards.mean(axis=batch, keepdims=True) if made.of_batch else mean
    centre = {"none": 0.0, "batch_mean": overall}.get(made.baseline, mean)
    factor = size / (size - 1) if made.baseline == "leave_one_out" else 1.0
    centred = rewards - centre
    if made.scale == "none":
        return np.asarray(factor * centred)
    if made.scale == "others_std":
        squares = (centred**2).sum(axis=-1, keepdims=True)
        left = squares - centred**2 * size / (size - 1)
        alike = left <= 1e-14 * size * np.sqrt(squares) * (1 + np.abs(mean))
        spread = np.sqrt(np.where(alike, 0.0, left) / (size - 2))
        return np.asarray(factor * centred / np.where(alike, 1.0, spread + epsilon))
    if made.scale == "group_mean":
        paid = mean > SAME
        return np.asarray(factor * centred * paid / np.where(paid, mean + epsilon, 1.0))
    over, about = (batch, overall) if made.scale == "batch_std" else ((-1,), mean)
    spread = rewards.std(axis=over, ddof=1, keepdims=True)
    differ = spread > SAME * (1 + np.abs(about))
    return np.asarray(factor * centred * differ / np.where(differ, spread + epsilon, 1.0))


def all_groups(
    policy: StatedPolicy,
    frozen: StatedPolicy,
    truth: FloatArray,
    size: int,
    *,
    numbers: NDArray[np.int64] | None = None,
) -> tuple[Groups, FloatArray]:
    """Every group of `size` rollouts, up to their order, and its probability for each question.

    Args:
        policy: the policy, of one run.
        frozen: the policy before training.
        truth: P(correct) of each answer, (Q, K).
        size: G.
        numbers: the number of each question in its world, if these are not all questions.

    Returns:
        N groups, as N runs, and their probabilities, (N, Q).

    Raises:
        ValueError: there are more than 200,000 groups.

    Example:
        >>> from simulations.policies import StatedPolicy
        >>> sure = StatedPolicy(np.array([[[0.5, 0.5]]]), np.ones((1, 1, 2, 1)), np.array([1.0]))
        >>> groups, chance = all_groups(sure, sure, np.array([[1.0, 0.0]]), 2)
        >>> groups.answers[:, 0].tolist(), chance[:, 0].tolist()
        ([[0, 0], [0, 1], [1, 1]], [0.25, 0.5, 0.25])
    """
    right = policy.joint[0] * truth[..., None]
    weight = np.stack([policy.joint[0] - right, right], axis=-1)  # (Q, K, L, 2)
    answers, levels, correct = np.nonzero((weight > _NEVER).any(axis=0))
    if comb(len(answers) + size - 1, size) > MAX_GROUPS:
        raise ValueError(
            f"at most {MAX_GROUPS} groups can be enumerated, got {len(answers)} kinds of rollouts"
            f" in groups of {size}"
        )
    members, orders = multisets(len(answers), size)
    chance = orders * np.prod(weight[:, answers, levels, correct][:, members], axis=-1)
    shape = (len(members), len(truth), size)
    drawn = (np.broadcast_to(kind[members][:, None], shape) for kind in (answers, levels, correct))
    y, level, c = drawn
    return Groups(y, level, c.astype(np.float64), policy, frozen, numbers), chance.T


@lru_cache(maxsize=4)
def multisets(kinds: int, size: int) -> tuple[NDArray[np.int64], FloatArray]:
    """Every group of rollouts of some kinds, up to their order.

    Returns:
        Which kind each member is, (N, G), and in how many orders the group is drawn, (N,).

    Example:
        >>> members, orders = multisets(2, 2)
        >>> members.tolist(), orders.tolist()
        ([[0, 0], [0, 1], [1, 1]], [1.0, 2.0, 1.0])
    """
    members = np.array(list(combinations_with_replacement(range(kinds), size)), dtype=np.int64)
    counts = (members[:, :, None] == np.arange(kinds)).sum(axis=1)
    logs = np.array([lgamma(n + 1) for n in range(size + 1)])
    return members, np.exp(logs[size] - logs[counts].sum(axis=1)).round()
