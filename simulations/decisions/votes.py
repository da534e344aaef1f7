"""Votes: choose one of several answers to a question.

The last axis of the arguments runs over the N answers to one question; the result is the
probability with which each of the K answers is chosen. Ties are shared, so that no answer is
preferred for its number. The accuracy of the vote follows exactly from the world: the sum over
answers of chance times `success_probability`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from simulations.decisions.domains import unit

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from simulations.training.kernels import FloatArray


def majority_choice(answers: ArrayLike, kinds: int) -> FloatArray:
    """The most frequent answer of each group.

    Args:
        answers: Whole numbers from 0 to K - 1, (..., N).
        kinds: The number of different answers K.

    Returns:
        The probability with which each answer is chosen, (..., K).

    Example:
        >>> majority_choice([[1, 2, 2], [0, 1, 1]], 3).tolist()
        [[0.0, 0.0, 1.0], [0.0, 1.0, 0.0]]
        >>> majority_choice([0, 2], 3).tolist()
        [0.5, 0.0, 0.5]
    """
    y = np.asarray(answers)
    return weighted_choice(y, np.ones(y.shape), kinds)


def weighted_choice(answers: ArrayLike, confidence: ArrayLike, kinds: int) -> FloatArray:
    """The answer with the greatest total confidence: argmax_y sum_i q_i [y_i = y].

    Source: Damani et al. 2025, arXiv 2507.16806 (confidence-weighted majority vote).

    Args:
        answers: Whole numbers from 0 to K - 1, (..., N).
        confidence: In [0, 1], (..., N).
        kinds: The number of different answers K.

    Returns:
        The probability with which each answer is chosen, (..., K).

    Raises:
        ValueError: If a confidence lies outside [0, 1], an answer is not below K, or the shapes
            differ.

    Example:
        >>> weighted_choice([[1, 2, 2]], [[0.9, 0.3, 0.3]], 3).tolist()
        [[0.0, 1.0, 0.0]]
    """
    y, q = _group(answers, confidence, kinds)
    given = y[..., None] == np.arange(kinds)
    votes = np.where(given.any(axis=-2), (q[..., None] * given).sum(axis=-2), -1.0)
    # Sums of the same numbers in another order may differ in the last bit; they are ties as well.
    return _shared(votes >= votes.max(axis=-1, keepdims=True) - 1e-12)


def max_confidence_choice(answers: ArrayLike, confidence: ArrayLike, kinds: int) -> FloatArray:
    """The answer with the highest confidence: y_i with i = argmax_i q_i.

    Source: Damani et al. 2025, arXiv 2507.16806.

    Args:
        answers: Whole numbers from 0 to K - 1, (..., N).
        confidence: In [0, 1], (..., N).
        kinds: The number of different answers K.

    Returns:
        The probability with which each answer is chosen, (..., K); answers that are stated with the
        same highest confidence are equally probable, however often they are given.

    Example:
        >>> max_confidence_choice([[1, 2, 2]], [[0.5, 0.9, 0.3]], 3).tolist()
        [[0.0, 0.0, 1.0]]
    """
    y, q = _group(answers, confidence, kinds)
    surest = q == q.max(axis=-1, keepdims=True)
    return _shared((surest[..., None] & (y[..., None] == np.arange(kinds))).any(axis=-2))


def _shared(chosen: NDArray[np.bool_]) -> FloatArray:
    return np.asarray(chosen / chosen.sum(axis=-1, keepdims=True))


def _group(
    answers: ArrayLike, confidence: ArrayLike, kinds: int
) -> tuple[NDArray[np.int64], FloatArray]:
    y, q = np.asarray(answers), unit("confidence", confidence)
    if y.dtype.kind not in "iu" or y.size == 0 or y.min() < 0:
        raise ValueError("`answers` must be whole numbers from 0 on, at least one in each group")
    if y.max() >= kinds:
        raise ValueError(f"`answers` must be below the number of answers {kinds}, got {y.max()}")
    if y.shape != q.shape:
        raise ValueError(f"`confidence` must be shaped like `answers` {y.shape}, got {q.shape}")
    return y.astype(np.int64), q
