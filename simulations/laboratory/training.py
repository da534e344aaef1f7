"""Training with any signal: policy gradient on groups of rollouts, and its mean field.

A signal maps the groups of one step to rewards. It sees the rollouts of its group, the policy, the
policy before training and the verdicts; `reward_signal` is the signal of a reward R(q, c).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from scoring_theory.advantage.estimators import ESTIMATORS
from simulations.laboratory.policies import StatedPolicy, softmax

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from scoring_theory.reward import Reward
    from simulations.training.kernels import FloatArray

_EPSILON = 1e-6
"""Added to a standard deviation before dividing by it."""


@dataclass(frozen=True)
class Groups:
    """The rollouts of one step: R runs, Q questions, G rollouts each.

    Attributes:
        answers: the answers, (R, Q, G).
        levels: the levels of confidence, (R, Q, G).
        correct: the verdicts, (R, Q, G), 0 or 1, or scores in [0, 1].
        policy: the policy that was sampled.
        frozen: the policy before training.
    """

    answers: NDArray[np.int64]
    levels: NDArray[np.int64]
    correct: FloatArray
    policy: StatedPolicy
    frozen: StatedPolicy


Signal = Callable[[Groups], "FloatArray"]
"""From groups to rewards, (R, Q, G)."""


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


def advantages_of(rewards: FloatArray, estimator: str) -> FloatArray:
    """The advantages of an estimator of the table, for groups along the last axis.

    Example:
        >>> advantages_of(np.array([1.0, 0.0]), "leave_one_out").tolist()
        [1.0, -1.0]
    """
    made = ESTIMATORS[estimator]
    size = rewards.shape[-1]
    if made.per_component or made.baseline == "batch_mean":
        raise ValueError(f"the laboratory's groups have no estimator {estimator!r}")
    centred = rewards - (rewards.mean(axis=-1, keepdims=True) if made.relative else 0.0)
    if made.baseline == "leave_one_out":
        centred = centred * (size / (size - 1))
    if made.scale == "none":
        return np.asarray(centred)
    if made.scale == "group_std":
        return np.asarray(centred / (rewards.std(axis=-1, ddof=1, keepdims=True) + _EPSILON))
    if made.scale == "batch_std":
        spread = rewards.std(axis=(-2, -1), ddof=1, keepdims=True)
        return np.asarray(centred / (spread + _EPSILON))
    raise ValueError(f"the laboratory's groups have no estimator {estimator!r}")


@dataclass(frozen=True)
class Trained:
    """The policies of a training at its checkpoints.

    Attributes:
        steps: the number of steps at each checkpoint, (T,).
        policies: the policy at each checkpoint.
    """

    steps: NDArray[np.int64]
    policies: tuple[StatedPolicy, ...]

    @property
    def end(self) -> StatedPolicy:
        """The policy at the last checkpoint."""
        return self.policies[-1]


def train(
    start: StatedPolicy,
    truth: FloatArray,
    signal: Signal,
    *,
    runs: int,
    group_size: int = 8,
    learning_rate: float = 0.5,
    steps: int = 300,
    checkpoints: int = 11,
    estimator: str = "group_mean",
    seed: int = 0,
) -> Trained:
    """Train by REINFORCE on the advantages of a signal; every step visits all questions.

        logit += rate * mean over the group of A_i d log pi(y_i, q_i) / d logit

    Args:
        start: the policy before training, of one run.
        truth: P(correct) of each answer, (Q, K).
        signal: from groups to rewards.
        runs: the number of independent runs R.
        group_size: G.
        learning_rate: the rate.
        steps: the number of steps.
        checkpoints: how many policies are kept, the first and the last among them.
        estimator: a name of `scoring_theory.advantage.ESTIMATORS`.
        seed: the seed; a run's stream depends on nothing else.

    Raises:
        ValueError: a number is out of range, or the estimator cannot be used here.
    """
    if min(runs, group_size, steps) < 1 or checkpoints < 2 or not learning_rate > 0:
        raise ValueError(
            "`runs`, `group_size` and `steps` must be positive, `checkpoints` at least 2 and"
            " `learning_rate` positive"
        )
    rng = np.random.default_rng(np.random.SeedSequence(seed))
    answer, confidence = (
        np.repeat(np.log(np.maximum(part, 1e-300)), runs, axis=0)
        for part in (start.answer, start.confidence)
    )
    kept_at = np.unique(np.linspace(0, steps, checkpoints).round().astype(np.int64))
    kept: list[StatedPolicy] = []
    for step in range(steps + 1):
        policy = StatedPolicy(softmax(answer), softmax(confidence), start.grid)
        if step in kept_at:
            kept.append(policy)
        if step == steps:
            break
        groups = _sampled(policy, start, truth, group_size, rng)
        gained = advantages_of(signal(groups), estimator) / group_size * learning_rate
        _climb(answer, confidence, policy, groups, gained)
    return Trained(kept_at, tuple(kept))


def _sampled(
    policy: StatedPolicy,
    frozen: StatedPolicy,
    truth: FloatArray,
    size: int,
    rng: np.random.Generator,
) -> Groups:
    answers = _choose(policy.answer, size, rng)
    heads = np.take_along_axis(policy.confidence, answers[..., None], axis=2)
    levels = (heads.cumsum(axis=-1) < rng.random(answers.shape)[..., None]).sum(axis=-1)
    levels = np.minimum(levels, policy.grid.size - 1)
    p = np.take_along_axis(np.broadcast_to(truth, policy.answer.shape), answers, axis=-1)
    return Groups(answers, levels, (rng.random(p.shape) < p).astype(float), policy, frozen)


def _choose(probabilities: FloatArray, size: int, rng: np.random.Generator) -> NDArray[np.int64]:
    """`size` independent draws from each row, (R, Q, size)."""
    edges = probabilities.cumsum(axis=-1)[..., None, :]
    uniform = rng.random((*probabilities.shape[:-1], size))[..., None]
    drawn = (edges < uniform).sum(axis=-1)
    return np.asarray(np.minimum(drawn, probabilities.shape[-1] - 1))


def _climb(
    answer: FloatArray,
    confidence: FloatArray,
    policy: StatedPolicy,
    groups: Groups,
    gained: FloatArray,
) -> None:
    """Add the gradient of the log-probabilities, weighted by `gained`, in place."""
    runs, questions, kinds = policy.answer.shape
    size = policy.grid.size
    chosen = np.zeros((runs, questions, kinds))
    told = np.zeros((runs, questions, kinds, size))
    r, x = np.ogrid[:runs, :questions]
    for g in range(groups.answers.shape[-1]):
        y, level, a = groups.answers[..., g], groups.levels[..., g], gained[..., g]
        chosen[r, x, y] += a
        told[r, x, y, level] += a
    answer += chosen - policy.answer * gained.sum(axis=-1)[..., None]
    confidence += told - policy.confidence * chosen[..., None]


def mean_field(
    start: StatedPolicy,
    expected: Callable[[StatedPolicy], FloatArray],
    *,
    learning_rate: float,
    steps: int,
    shrink: float = 1.0,
    checkpoints: int = 11,
) -> Trained:
    """The expected update, step by step, where a rollout's expected reward is known.

    Args:
        start: the policy before training, of one run.
        expected: from the policy to the expected reward of each answer with each level, given that
            the others are drawn from the policy, (1, Q, K, L).
        learning_rate: the rate.
        steps: the number of steps.
        shrink: the factor of a baseline on the gradient: 1 - 1/G for the mean of a group.
        checkpoints: how many policies are kept.
    """
    answer, confidence = (np.log(np.maximum(x, 1e-300)) for x in (start.answer, start.confidence))
    kept_at = np.unique(np.linspace(0, steps, checkpoints).round().astype(np.int64))
    kept: list[StatedPolicy] = []
    for step in range(steps + 1):
        policy = StatedPolicy(softmax(answer), softmax(confidence), start.grid)
        if step in kept_at:
            kept.append(policy)
        if step == steps:
            break
        paid = expected(policy)
        by_answer = (policy.confidence * paid).sum(axis=-1)
        mean = (policy.answer * by_answer).sum(axis=-1, keepdims=True)
        rate = learning_rate * shrink
        answer += rate * policy.answer * (by_answer - mean)
        confidence += rate * policy.joint * (paid - by_answer[..., None])
    return Trained(kept_at, tuple(kept))
