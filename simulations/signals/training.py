"""Training with any signal: policy gradient on groups of rollouts, and its mean field."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import dataclass
from math import prod
from typing import TYPE_CHECKING

import numpy as np

from simulations.policies import StatedPolicy, softmax
from simulations.signals.batches import expected_advantages
from simulations.signals.groups import Groups, Signal, advantages_of, all_groups

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from simulations.training.kernels import FloatArray
    from simulations.worlds import Outcomes

Gradient = tuple["FloatArray", "FloatArray"]
"""Of the logits of answers, (R, Q, K), and of levels given the answer, (R, Q, K, L)."""


class NothingLearned(UserWarning):
    """Every advantage of a training was 0."""


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
    confidence_signal: Signal | None = None,
    kl: float = 0.0,
    seed: int = 0,
) -> Trained:
    """Train by REINFORCE on the advantages of a signal; every step visits all questions.

        logit += rate * (mean over the group of A_i d log pi(y_i, q_i) / d logit
                         - kl * d KL(pi, pi before training) / d logit)

    Args:
        start: the policy before training, of one run.
        truth: P(correct) of each answer, (Q, K); with a verifier that errs, P(accepted).
        signal: from groups to rewards.
        runs: the number of independent runs R.
        group_size: G.
        learning_rate: the rate.
        steps: the number of steps.
        checkpoints: how many policies are kept, the first and the last among them.
        estimator: a name of `scoring_theory.advantage.ESTIMATORS`.
        confidence_signal: the signal of the levels of confidence, if it is another one than that
            of the answers (separate credit), or draws what it pays anew.
        kl: the coefficient of the KL penalty against the policy before training.
        seed: the seed; a run's stream depends on nothing else.

    Raises:
        ValueError: a number is out of range, or the estimator cannot be used here.

    Warns:
        NothingLearned: every advantage was 0.
    """
    if min(runs, group_size, steps) < 1 or checkpoints < 2 or not learning_rate > 0 or kl < 0:
        raise ValueError(
            "`runs`, `group_size` and `steps` must be positive, `checkpoints` at least 2,"
            " `learning_rate` positive and `kl` not negative"
        )
    rng = np.random.default_rng(np.random.SeedSequence(seed))
    learned = False

    def gradient(policy: StatedPolicy) -> Gradient:
        nonlocal learned
        groups = draw_groups(policy, start, truth, group_size, rng)
        for_answer = for_level = advantages_of(signal(groups), estimator) / group_size
        if confidence_signal is not None:
            for_level = advantages_of(confidence_signal(groups), estimator) / group_size
        learned = learned or bool(np.any(for_answer) or np.any(for_level))
        return policy_gradient(policy, groups, for_answer, for_level)

    trained = _follow(start, gradient, learning_rate, steps, checkpoints, kl=kl, runs=runs)
    if not learned:
        warnings.warn("all advantages are 0, so nothing was learned", NothingLearned, stacklevel=2)
    return trained


def mean_field(
    start: StatedPolicy,
    expected: Callable[[StatedPolicy], FloatArray],
    *,
    learning_rate: float,
    steps: int,
    shrink: float = 1.0,
    checkpoints: int = 11,
    confidence_expected: Callable[[StatedPolicy], FloatArray] | None = None,
    kl: float = 0.0,
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
        confidence_expected: the same for the levels, if their signal is another one.
        kl: the coefficient of the KL penalty against the policy before training.
    """

    def gradient(policy: StatedPolicy) -> Gradient:
        of_answers = ascent(policy, expected(policy))
        of_levels = ascent(policy, confidence_expected(policy)) if confidence_expected else None
        return shrink * of_answers[0], shrink * (of_levels or of_answers)[1]

    return _follow(start, gradient, learning_rate, steps, checkpoints, kl=kl)


def enumerated_mean_field(
    start: StatedPolicy,
    truth: FloatArray,
    signal: Signal,
    *,
    group_size: int,
    learning_rate: float,
    steps: int,
    checkpoints: int = 11,
    estimator: str = "group_mean",
    confidence_signal: Signal | None = None,
    kl: float = 0.0,
) -> Trained:
    """The expected update of `train`, step by step, by enumeration of every group.

    It needs no formula: it is exact for any signal that treats the rollouts of a group alike and
    looks at no other group, and for any estimator. Arguments as for `train`.

    Raises:
        ValueError: there are too many groups to enumerate, or too many batches of them where the
            estimator compares questions.
    """

    def gradient(policy: StatedPolicy) -> Gradient:
        groups, chance = all_groups(policy, start, truth, group_size)
        gained = [
            expected_advantages(one(groups), chance, estimator) / group_size * chance[..., None]
            for one in (signal, *([confidence_signal] if confidence_signal else []))
        ]
        parts = policy_gradient(policy, groups, gained[0], gained[-1])
        return parts[0].sum(axis=0, keepdims=True), parts[1].sum(axis=0, keepdims=True)

    return _follow(start, gradient, learning_rate, steps, checkpoints, kl=kl)


def _follow(
    start: StatedPolicy,
    gradient: Callable[[StatedPolicy], Gradient],
    rate: float,
    steps: int,
    checkpoints: int,
    *,
    kl: float,
    runs: int = 1,
) -> Trained:
    """Climb along a gradient and keep the policy at each checkpoint."""
    answer, confidence = (
        np.repeat(np.log(np.maximum(part, 1e-300)), runs, axis=0)
        for part in (start.answer, start.confidence)
    )
    kept_at = np.unique(np.linspace(0, steps, checkpoints).round().astype(np.int64))
    keep = set(kept_at.tolist())
    kept: list[StatedPolicy] = []
    for step in range(steps + 1):
        policy = StatedPolicy(softmax(answer), softmax(confidence), start.grid)
        if step in keep:
            kept.append(policy)
        if step == steps:
            break
        of_answer, of_confidence = gradient(policy)
        if kl > 0:
            ratio = np.log(np.maximum(policy.joint, 1e-300) / np.maximum(start.joint, 1e-300))
            towards = ascent(policy, -kl * ratio)
            of_answer, of_confidence = of_answer + towards[0], of_confidence + towards[1]
        answer += rate * of_answer
        confidence += rate * of_confidence
    return Trained(kept_at, tuple(kept))


def ascent(policy: StatedPolicy, paid: FloatArray, *, natural: bool = False) -> Gradient:
    """The gradient of the expected reward, where each answer with each level earns `paid`.

        logit of y:        pi_y (W(y) - W)                natural: W(y) - W
        logit of q at y:   pi_y pi_{q|y} (W(y, q) - W(y))   natural: W(y, q) - W(y)

    Args:
        policy: the policy.
        paid: W(y, q), (R, Q, K, L).
        natural: whether it is the natural gradient.

    Example:
        >>> even = StatedPolicy(np.full((1, 1, 2), 0.5), np.ones((1, 1, 2, 1)), np.array([1.0]))
        >>> ascent(even, np.array([[[[1.0], [0.0]]]]))[0].tolist()
        [[[0.25, -0.25]]]
    """
    by_answer = (policy.confidence * paid).sum(axis=-1)
    lead = by_answer - (policy.answer * by_answer).sum(axis=-1, keepdims=True)
    better = paid - by_answer[..., None]
    if natural:
        return np.asarray(lead), np.asarray(better)
    return policy.answer * lead, policy.joint * better


def policy_gradient(
    policy: StatedPolicy,
    groups: Groups,
    for_answer: FloatArray,
    for_level: FloatArray,
    *,
    natural: bool = False,
) -> Gradient:
    """The gradient of the log-probabilities of the rollouts, weighted by their advantages.

    Args:
        policy: the policy.
        groups: the rollouts, (R, Q, G).
        for_answer: the weight of the answer of each rollout.
        for_level: the weight of its level.
        natural: whether it is the natural gradient, which divides by probabilities.

    Example:
        >>> even = StatedPolicy(np.full((1, 1, 2), 0.5), np.ones((1, 1, 2, 1)), np.array([1.0]))
        >>> one = np.zeros((1, 1, 1), int)
        >>> groups = Groups(one, one, one.astype(float), even, even)
        >>> policy_gradient(even, groups, one + 1.0, one + 1.0)[0].tolist()
        [[[0.5, -0.5]]]
    """
    runs, questions, _ = groups.answers.shape
    kinds, levels = policy.confidence.shape[2:]
    row = np.arange(runs * questions).reshape(runs, questions, 1)
    answer = row * kinds + groups.answers
    chosen = _sums(answer, for_answer, (runs, questions, kinds))
    stated = _sums(answer * levels + groups.levels, for_level, (runs, questions, kinds, levels))
    return centred_gradient(policy, chosen, stated, natural=natural)


def _sums(place: NDArray[np.int64], weights: FloatArray, shape: tuple[int, ...]) -> FloatArray:
    """The sum of the weights at each place, in the order of the rollouts."""
    every = np.broadcast_to(weights, place.shape).ravel()
    sums = np.bincount(place.ravel(), every, prod(shape))
    return np.asarray(sums.reshape(shape), dtype=np.float64)


def centred_gradient(
    policy: StatedPolicy, chosen: FloatArray, stated: FloatArray, *, natural: bool = False
) -> Gradient:
    """The gradient, from the summed advantages of each answer and of each level given the answer.

    Args:
        policy: the policy.
        chosen: the sum of the weights of the rollouts with each answer, (R, Q, K).
        stated: the same for each answer with each level, (R, Q, K, L).
        natural: whether it is the natural gradient, which divides by probabilities.

    Example:
        >>> even = StatedPolicy(np.full((1, 1, 2), 0.5), np.ones((1, 1, 2, 1)), np.array([1.0]))
        >>> first = np.array([[[1.0, 0.0]]])
        >>> centred_gradient(even, first, first[..., None], natural=True)[0].tolist()
        [[[1.0, -1.0]]]
    """
    total, by_answer = chosen.sum(axis=-1, keepdims=True), stated.sum(axis=-1, keepdims=True)
    if not natural:
        return chosen - policy.answer * total, stated - policy.confidence * by_answer
    own = _quotient(by_answer, policy.answer[..., None])
    return (
        _quotient(chosen, policy.answer) - total,
        _quotient(_quotient(stated, policy.answer[..., None]), policy.confidence) - own,
    )


def _quotient(sums: FloatArray, chance: FloatArray) -> FloatArray:
    """Sums over what was drawn divided by its probability; 0 for what is never drawn."""
    return np.asarray(np.divide(sums, chance, out=np.zeros(sums.shape), where=chance > 0))


def draw_groups(
    policy: StatedPolicy,
    frozen: StatedPolicy,
    truth: FloatArray,
    size: int,
    rng: np.random.Generator,
    *,
    outcomes: Outcomes = "independent",
    numbers: NDArray[np.int64] | None = None,
) -> Groups:
    """Draw the rollouts of one step, and their verdicts.

    Args:
        policy: the policy of every run.
        frozen: the policy before training.
        truth: P(correct) of each answer, (Q, K).
        size: G.
        rng: the source of randomness.
        outcomes: how correctness is correlated within a group.
        numbers: the number of each question in its world, if these are not all questions.

    Example:
        >>> sure = StatedPolicy(np.ones((1, 1, 1)), np.ones((1, 1, 1, 1)), np.array([1.0]))
        >>> draw_groups(sure, sure, np.ones((1, 1)), 3, np.random.default_rng(0)).correct.tolist()
        [[[1.0, 1.0, 1.0]]]
    """
    uniform = rng.random((*policy.answer.shape[:-1], size))
    answers = _number(policy.answer.cumsum(axis=-1)[..., None, :], uniform)
    edges = policy.confidence.cumsum(axis=-1)
    heads = edges if edges.shape[2] == 1 else _rows_at(edges, answers)
    levels = _number(heads, rng.random(answers.shape))
    p = _rows_at(np.broadcast_to(truth, policy.answer.shape)[..., None], answers)[..., 0]
    # The uniform number that decides is that of the rollout, of its answer, or of its question.
    if outcomes == "independent":
        marks = rng.random(p.shape)
    elif outcomes == "shared":
        marks = rng.random((*p.shape[:-1], 1))
    else:
        marks = np.take_along_axis(rng.random(policy.answer.shape), answers, axis=-1)
    return Groups(answers, levels, (marks < p).astype(float), policy, frozen, numbers)


def _rows_at(table: FloatArray, answers: NDArray[np.int64]) -> FloatArray:
    """The row of each rollout in a table of runs, questions and answers, (R, Q, G, L)."""
    place = np.arange(prod(table.shape[:2])).reshape(*table.shape[:2], 1) * table.shape[2]
    return np.asarray(table.reshape(-1, table.shape[-1])[place + answers])


def _number(edges: FloatArray, uniform: FloatArray) -> NDArray[np.int64]:
    """In which part of a row uniform numbers lie, where the parts end at the edges, (..., n)."""
    number = np.zeros(uniform.shape, dtype=np.int64)
    for part in range(edges.shape[-1] - 1):
        number += edges[..., part] < uniform
    return number
