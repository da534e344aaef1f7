"""The source of randomness of intervals and folds: a generator, or the seed of one."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np

RandomLike: TypeAlias = np.random.Generator | int
"""A generator, or a seed, which is a whole number of at least 0."""


def as_generator(rng: RandomLike) -> np.random.Generator:
    """The generator itself, or a new one of this seed.

    Raises:
        TypeError: It is neither.
        ValueError: The seed is negative.

    Example:
        >>> as_generator(0).random() == np.random.default_rng(0).random()
        True
    """
    if isinstance(rng, np.random.Generator):
        return rng
    if not isinstance(rng, (int, np.integer)) or isinstance(rng, bool):
        raise TypeError(
            "`rng` must be a `numpy.random.Generator`, such as `numpy.random.default_rng(0)`, or a"
            f" seed, got {rng!r}"
        )
    if rng < 0:
        raise ValueError(f"a seed must be at least 0, got `rng` = {rng}")
    return np.random.default_rng(rng)
