"""Checks of the arguments of decisions."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from simulations.training.kernels import FloatArray


def unit(name: str, values: ArrayLike) -> FloatArray:
    """The values as an array of numbers in [0, 1].

    Args:
        name: Name of the argument, for the message.
        values: Numbers, any shape.

    Raises:
        ValueError: If a number lies outside [0, 1]; the message names the first one.

    Example:
        >>> unit("confidence", [0.5, 1.5])
        Traceback (most recent call last):
        ...
        ValueError: `confidence` must lie in [0, 1], got 1.5 at index 1
    """
    array = np.asarray(values, dtype=np.float64)
    outside = ~((array >= 0) & (array <= 1))
    if outside.any():
        index = int(np.flatnonzero(outside)[0])
        raise ValueError(f"`{name}` must lie in [0, 1], got {array.flat[index]} at index {index}")
    return array


def shares(weight: ArrayLike | None, q: FloatArray, *others: FloatArray) -> FloatArray:
    """The weights, scaled to sum 1; equal weights if None.

    Args:
        weight: Weights, (n,), not negative.
        q: Confidences, (n,).
        others: Further vectors that must have the same length.

    Raises:
        ValueError: If the lengths differ, or a weight is negative or not finite.

    Example:
        >>> shares([1.0, 3.0], np.array([0.5, 0.9])).tolist()
        [0.25, 0.75]
    """
    w = np.ones(q.shape) if weight is None else np.asarray(weight, dtype=np.float64)
    shapes = [q.shape, *(other.shape for other in others), w.shape]
    if len(set(shapes)) > 1 or q.ndim != 1:
        got = ", ".join(map(str, shapes))
        raise ValueError(
            "confidences, outcomes and weights must be vectors of the same length, got shapes"
            f" {got}"
        )
    if not ((w >= 0).all() and 0 < w.sum() < np.inf):
        raise ValueError("`weight` must hold finite numbers >= 0 that are not all 0")
    return np.asarray(w / w.sum())
