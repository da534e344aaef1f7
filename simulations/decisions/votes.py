"""Votes: choose one of several answers to a question.

The last axis of the arguments runs over the N answers to one question; the result is the chosen
answer. Ties are broken in favour of the lowest number. The accuracy of the vote follows exactly
from the world: `success_probability[question, chosen]`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from simulations.decisions.domains import unit

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from simulations.training.kernels import FloatArray


def majority_choice(answers: ArrayLike) -> NDArray[np.int64]:
    """The most frequent answer of each group.

    Args:
        answers: Whole numbers from 0 on, (..., N).

    Returns:
        Chosen answers, (...).

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
        >>> weighted_choice([[1, 2, 2]], [[0.9, 0.3, 0.3]]).tolist()
        [1]
    """
    y, q = _group(answers, confidence)
    votes = np.sum(q[..., None] * (y[..., None] == np.arange(y.max() + 1)), axis=-2)
    # Sums of the same numbers in another order may differ in the last bit; they are ties as well.
    return np.asarray(np.argmax(votes >= votes.max(axis=-1, keepdims=True) - 1e-12, axis=-1))


def max_confidence_choice(answers: ArrayLike, confidence: ArrayLike) -> NDArray[np.int64]:
    """The answer with the highest confidence: y_i with i = argmax_i q_i.

    Source: Damani et al. 2025, arXiv 2507.16806.

    Args:
        answers: Whole numbers from 0 on, (..., N).
        confidence: In [0, 1], (..., N).

    Returns:
        Chosen answers, (...).

    Example:
        >>> max_confidence_choice([[1, 2, 2]], [[0.5, 0.9, 0.3]]).tolist()
        [2]
    """
    y, q = _group(answers, confidence)
    surest = np.where(q == q.max(axis=-1, keepdims=True), y, np.iinfo(np.int64).max)
    return np.asarray(surest.min(axis=-1))


def _group(answers: ArrayLike, confidence: ArrayLike) -> tuple[NDArray[np.int64], FloatArray]:
    y, q = np.asarray(answers), unit("confidence", confidence)
    if y.dtype.kind not in "iu" or y.size == 0 or y.min() < 0:
        raise ValueError("`answers` must be whole numbers from 0 on, at least one in each group")
    if y.shape != q.shape:
        raise ValueError(f"`confidence` must be shaped like `answers` {y.shape}, got {q.shape}")
    return y.astype(np.int64), q
