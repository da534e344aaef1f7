"""What every decision asks of its numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from simulations.training.kernels import FloatArray


def unit(name: str, values: ArrayLike) -> FloatArray:
    """An array of numbers in [0, 1], or a sentence that names the first that is not."""
    array = np.asarray(values, dtype=np.float64)
    outside = ~((array >= 0) & (array <= 1))
    if outside.any():
        index = int(np.flatnonzero(outside)[0])
        raise ValueError(f"`{name}` must lie in [0, 1], got {array.flat[index]} at index {index}")
    return array


def shares(weight: ArrayLike | None, q: FloatArray, *others: FloatArray) -> FloatArray:
    """Weights that sum to 1, once everything has one length."""
    w = np.ones(q.shape) if weight is None else np.asarray(weight, dtype=np.float64)
    shapes = [q.shape, *(other.shape for other in others), w.shape]
    if len(set(shapes)) > 1 or q.ndim != 1:
        got = ", ".join(map(str, shapes))
        raise ValueError(
            f"confidences, outcomes and weights must be vectors of one length, got shapes {got}"
        )
    if not ((w >= 0).all() and 0 < w.sum() < np.inf):
        raise ValueError("`weight` must be finite numbers >= 0, not all of them 0")
    return np.asarray(w / w.sum())
