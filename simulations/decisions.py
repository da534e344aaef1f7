"""What calibrated confidence is for: choosing among answers, and knowing when not to answer.

Votes take a group of N answers to each question along the last axis and return the chosen answer. Of equally good
answers the lowest number is chosen. Whether it is right is for the caller to look up in the world's truth, which is
exact: `success_probability[question, chosen]`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from simulations.training.kernels import FloatArray


class Abstention(NamedTuple):
    """What comes of answering only when confidence is above a threshold."""

    coverage: FloatArray  # share of questions answered
    selective_accuracy: FloatArray  # accuracy among them; NaN where nothing is answered
    payoff: FloatArray  # mean of (c - t) [q > t], the threshold bet


def majority_choice(answers: ArrayLike) -> NDArray[np.int64]:
    """The most frequent answer of each group.

    Example:
        >>> majority_choice([[1, 2, 2], [0, 1, 2]]).tolist()
        [2, 0]
    """
    y = np.asarray(answers)
    return weighted_choice(y, np.ones(y.shape))


def weighted_choice(answers: ArrayLike, confidence: ArrayLike) -> NDArray[np.int64]:
    """The answer with the greatest total confidence: argmax_y sum_i q_i [y_i = y].

    Source: Damani et al. 2025, arXiv 2507.16806 (confidence-weighted majority vote).

    Args:
        answers: Whole numbers from 0 on, (..., N).
        confidence: In [0, 1], (..., N).

    Returns:
        Chosen answers, (...).

    Raises:
        ValueError: If a confidence lies outside [0, 1] or the shapes differ.

    Example:
        >>> weighted_choice([[1, 2, 2]], [[0.9, 0.3, 0.3]]).tolist()  # one sure voice outweighs two doubtful ones
        [1]
    """
    y, q = _group(answers, confidence)
    votes = np.sum(q[..., None] * (y[..., None] == np.arange(y.max() + 1)), axis=-2)
    # Sums of the same numbers in another order may differ in the last bit; that is still a tie.
    return np.asarray(np.argmax(votes >= votes.max(axis=-1, keepdims=True) - 1e-12, axis=-1))


def max_confidence_choice(answers: ArrayLike, confidence: ArrayLike) -> NDArray[np.int64]:
    """The answer that was given with the highest confidence: y_i with i = argmax_i q_i.

    Source: Damani et al. 2025, arXiv 2507.16806.

    Example:
        >>> max_confidence_choice([[1, 2, 2]], [[0.5, 0.9, 0.3]]).tolist()
        [2]
    """
    y, q = _group(answers, confidence)
    surest = np.where(q == q.max(axis=-1, keepdims=True), y, np.iinfo(np.int64).max)
    return np.asarray(surest.min(axis=-1))


def abstain(
    confidence: ArrayLike, success: ArrayLike, threshold: ArrayLike, *, weight: ArrayLike | None = None
) -> Abstention:
    """Answer only when confidence is above the threshold t, be paid 1 - t if right and -t if wrong.

        coverage = P(q > t)    selective accuracy = P(c = 1 | q > t)    payoff = E[(c - t) [q > t]]

    An honest agent earns at every t at once the most that its knowledge allows; that is what "calibrated" is worth
    (Schervish 1989: a proper rule is a mixture of these bets).

    Args:
        confidence: In [0, 1], (n,).
        success: What became of each answer, 0 or 1, or its exact success probability, (n,).
        threshold: In [0, 1], any shape T.
        weight: How much each answer counts, such as its probability under the policy; by default equally.

    Returns:
        Three arrays of shape T.

    Raises:
        ValueError: If a number lies outside its domain or shapes differ.

    Example:
        >>> found = abstain([0.9, 0.4], [0.8, 0.5], [0.0, 0.6])
        >>> found.coverage.tolist(), found.selective_accuracy.tolist(), found.payoff.round(3).tolist()
        ([1.0, 0.5], [0.65, 0.8], [0.65, 0.1])
    """
    q, p, t = _unit("confidence", confidence), _unit("success", success), _unit("threshold", threshold)
    w = np.ones(q.shape) if weight is None else np.asarray(weight, dtype=np.float64)
    if not q.shape == p.shape == w.shape or q.ndim != 1:
        got = f"{q.shape}, {p.shape} and {w.shape}"
        raise ValueError(f"`confidence`, `success` and `weight` must be vectors of one length, got shapes {got}")
    if not ((w >= 0).all() and 0 < w.sum() < np.inf):
        raise ValueError("`weight` must be finite numbers >= 0, not all of them 0")
    w = w / w.sum()
    answered = q > t[..., None]
    coverage, right = answered @ w, answered @ (w * p)
    accuracy: FloatArray = np.full(t.shape, np.nan)
    np.divide(right, coverage, out=accuracy, where=coverage > 0)
    return Abstention(np.asarray(coverage), accuracy, np.asarray(right - t * coverage))


def _group(answers: ArrayLike, confidence: ArrayLike) -> tuple[NDArray[np.int64], FloatArray]:
    y, q = np.asarray(answers), _unit("confidence", confidence)
    if y.dtype.kind not in "iu" or y.size == 0 or y.min() < 0:
        raise ValueError("`answers` must be whole numbers from 0 on, at least one in each group")
    if y.shape != q.shape:
        raise ValueError(f"`confidence` must be shaped like `answers` {y.shape}, got {q.shape}")
    return y.astype(np.int64), q


def _unit(name: str, values: ArrayLike) -> FloatArray:
    array = np.asarray(values, dtype=np.float64)
    outside = ~((array >= 0) & (array <= 1))
    if outside.any():
        index = int(np.flatnonzero(outside)[0])
        raise ValueError(f"`{name}` must lie in [0, 1], got {array.flat[index]} at index {index}")
    return array
