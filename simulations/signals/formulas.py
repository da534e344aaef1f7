"""Rewards that depend on more than confidence and correctness.

They depend on the other rollouts of the group, on the policy, or on several reward models. Each is
a function of groups: the last axis runs over the G rollouts of one question, the axes before it
over questions. Most of them do not depend on correctness, so training can exploit them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from simulations.training.kernels import FloatArray


def majority_vote(answers: ArrayLike, *, meanings: ArrayLike | None = None) -> FloatArray:
    """Self-training: an answer is rewarded if it has the most frequent meaning in its group.

        r_g = [m(y_g) is a mode of m(y_1), ..., m(y_G)] / (number of modes)

    Ties are shared, so that no answer is preferred for its number. A constant answer has the
    largest reward, whether it is correct or not; in training, accuracy first rises and then
    collapses.

    Source: Shafayat et al. 2025, arXiv 2505.21444.

    Args:
        answers: Whole numbers 0 <= y, (..., G).
        meanings: m, the meaning of each answer, (K,), such as `World.meanings`; by default all
            meanings are different.

    Returns:
        Rewards in [0, 1], (..., G).

    Example:
        >>> majority_vote([[2, 0, 2, 1], [3, 1, 1, 3]]).tolist()
        [[1.0, 0.0, 1.0, 0.0], [0.5, 0.5, 0.5, 0.5]]
        >>> majority_vote([0, 1, 2, 2, 3], meanings=[0, 0, 1, 2]).tolist()
        [0.5, 0.5, 0.5, 0.5, 0.0]
    """
    y = _answers(answers)
    if meanings is not None:
        meaning = _answers(meanings)
        if meaning.ndim != 1 or y.max() >= meaning.size:
            raise ValueError(
                f"`meanings` must be a list with one number for each answer up to {y.max()}, got"
                f" {meanings}"
            )
        y = meaning[y]
    same = (y[..., :, None] == y[..., None, :]).sum(axis=-1)
    most = same.max(axis=-1, keepdims=True)
    # Each of the m modes has `most` rollouts, so there are m most of them.
    modal = same == most
    return np.where(modal, most / modal.sum(axis=-1, keepdims=True), 0.0)


def self_confidence(policy: ArrayLike, answers: ArrayLike) -> FloatArray:
    """Self-feedback (RLSF): the probability of an answer minus the largest other probability.

        r_g = pi(y_g) - max_{y != y_g} pi(y)

    The reward does not depend on correctness; the optimum is the mode of the policy. If the mode is
    wrong, training makes the wrong answer more probable.

    Source: van Niekerk et al. 2025, arXiv 2507.21931 (probability disparity, on whole answers).

    Args:
        policy: Answer probabilities of the frozen policy, (..., K), K at least 2, each row summing
            to 1.
        answers: Sampled answers, whole numbers from 0 to K - 1, (..., G).

    Returns:
        Rewards in [-1, 1], (..., G).

    Example:
        >>> self_confidence([0.6, 0.3, 0.1], [0, 1, 2]).round(3).tolist()
        [0.3, -0.3, -0.5]
    """
    pi, y = np.asarray(policy, dtype=np.float64), _answers(answers)
    if pi.shape[-1] < 2 or not (pi >= 0).all() or not np.allclose(pi.sum(axis=-1), 1):
        raise ValueError(
            "`policy` must hold probabilities of 2 or more answers that sum to 1 in each row"
        )
    if y.max() >= pi.shape[-1]:
        raise ValueError(
            f"`answers` must be below the number of answers {pi.shape[-1]}, got {y.max()}"
        )
    second, first = np.moveaxis(np.sort(pi, axis=-1)[..., -2:], -1, 0)
    mine = np.take_along_axis(pi, np.broadcast_to(y, (*pi.shape[:-1], y.shape[-1])), axis=-1)
    others = np.where(mine == first[..., None], second[..., None], first[..., None])
    return np.asarray(mine - others)


def preferences(scores: ArrayLike, *, threshold: float = 0.9) -> FloatArray:
    """Synthetic preference pairs from scores: which rollout is preferred, and the margin.

        margin[i, j] = exp(s_i - s_j) if s_i > s_j and s_i >= threshold, else 0

    Source: van Niekerk et al. 2025, arXiv 2507.21931 (pairs of the released code, whose threshold
        is 0.9).

    Args:
        scores: Confidence in each rollout, (..., G).
        threshold: Least score of a preferred rollout.

    Returns:
        Margins, (..., G, G), positive where the first index is preferred.

    Example:
        >>> (preferences([0.95, 0.5, 0.95]) > 0).astype(int).tolist()
        [[0, 1, 0], [0, 0, 0], [0, 1, 0]]
    """
    s = np.asarray(scores, dtype=np.float64)
    gap = s[..., :, None] - s[..., None, :]
    return np.where((gap > 0) & (s[..., :, None] >= threshold), np.exp(gap), 0.0)


def contrastive(rewards: ArrayLike, baselines: ArrayLike) -> FloatArray:
    """The reward minus the mean reward of fixed baseline answers to the same question.

        r'_g = r_g - mean_j r(x, y_j),   y_j ~ the policy before training

    If a reward model flips verdicts at rates c0 and c1, the mean is (1 - c0 - c1) (r* -
    E r*(baseline)) for the true reward r*; the plain reward has the same factor. The baseline is
    constant for each question, so it changes the variance of a policy gradient and not its mean.

    Source: Shen et al. 2024, arXiv 2403.07708.

    Args:
        rewards: Rewards of the rollouts, (..., G).
        baselines: Rewards of k baseline answers to the same questions, (..., k).

    Returns:
        Rewards, (..., G).

    Example:
        >>> contrastive([1.0, 0.0], [1.0, 0.0, 0.0, 0.0]).tolist()
        [0.75, -0.25]
    """
    r, b = np.asarray(rewards, dtype=np.float64), np.asarray(baselines, dtype=np.float64)
    if b.ndim < 1 or b.shape[-1] == 0:
        raise ValueError(
            "`baselines` must hold the reward of 1 or more baseline answers to each question"
        )
    return np.asarray(r - b.mean(axis=-1, keepdims=True))


def positive_only(correct: ArrayLike) -> FloatArray:
    """Positive sample reinforcement: 1 for a correct answer, 0 for a wrong one.

    Source: Zhu et al. 2025, arXiv 2506.01347 (PSR).

    Args:
        correct: 1 for correct and 0 for wrong, any shape.

    Example:
        >>> positive_only([1, 0, 1]).tolist()
        [1.0, 0.0, 1.0]
    """
    return _verdicts(correct)


def negative_only(correct: ArrayLike) -> FloatArray:
    """Negative sample reinforcement: -1 for a wrong answer, 0 for a correct one.

    It moves probability from wrong answers to all others in proportion to their probability. Its
    expected gradient is that of `positive_only`, from which it differs by a constant, so at equal
    accuracy the entropy is the same along the mean path. Without a baseline the noise differs:
    where more than half of the answers are right, negative updates are rarer and keep more
    entropy; where fewer are right, they keep less (`scoring-theory simulate reinforce-sign`).

    Source: Zhu et al. 2025, arXiv 2506.01347 (NSR).

    Args:
        correct: 1 for correct and 0 for wrong, any shape.

    Example:
        >>> negative_only([1, 0, 1]).tolist()
        [0.0, -1.0, 0.0]
    """
    return _verdicts(correct) - 1


def weighted_reinforce(correct: ArrayLike, *, weight: float = 0.1) -> FloatArray:
    """Positive and negative sample reinforcement: weight * positive_only + negative_only.

    Source: Zhu et al. 2025, arXiv 2506.01347 (W-REINFORCE, whose recommended weight is 0.1).

    Args:
        correct: 1 for correct and 0 for wrong, any shape.
        weight: Weight of correct answers.

    Example:
        >>> weighted_reinforce([1, 0]).tolist()
        [0.1, -1.0]
    """
    return weight * positive_only(correct) + negative_only(correct)


def _answers(answers: ArrayLike) -> np.ndarray[tuple[int, ...], np.dtype[np.int64]]:
    y = np.asarray(answers)
    if y.dtype.kind not in "iu" or y.size == 0 or y.min() < 0:
        raise ValueError("`answers` must be whole numbers from 0 on, at least one in each group")
    return y.astype(np.int64)


def _verdicts(correct: ArrayLike) -> FloatArray:
    c = np.asarray(correct, dtype=np.float64)
    if not np.isin(c, (0.0, 1.0)).all():
        raise ValueError("`correct` must be 1 (correct) or 0 (wrong) for every rollout")
    return c
