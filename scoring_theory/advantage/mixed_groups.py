"""The expected advantage in groups with several possible rewards, by enumeration."""

from __future__ import annotations

from functools import lru_cache
from itertools import combinations_with_replacement
from math import comb
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import gammaln

if TYPE_CHECKING:
    from scoring_theory.advantage.estimators import Scale
    from scoring_theory.expression.numeric import Floats

GROUPS = 200_000
_DIGITS = 1e-7  # cancellation leaves half of the digits


def standardised(
    own: Floats, rewards: Floats, chances: Floats, group_size: int, epsilon: float
) -> Floats:
    """E[(r - mean) / (std + epsilon)] for each own reward r, over the multisets of G - 1 others.

    The standard deviation has ddof 1; the result is 0 for a group with equal rewards.

    Args:
        own: own rewards, any shape.
        rewards: possible rewards of the others, (n,).
        chances: their probabilities, (n,), summing to 1.
        group_size: G, at least 2.
        epsilon: added to the standard deviation.

    Returns:
        Expected standardised rewards, in the shape of `own`.

    Raises:
        ValueError: there are more than `GROUPS` multisets.

    Example:
        >>> binary, even = np.array([0.0, 1.0]), np.array([0.5, 0.5])
        >>> standardised(binary, binary, even, 2, 0.0).round(4).tolist()
        [-0.3536, 0.3536]
    """
    return expected_advantage(own, rewards, chances, group_size, epsilon, scale="group_std")


def expected_advantage(
    own: Floats,
    rewards: Floats,
    chances: Floats,
    group_size: int,
    epsilon: float,
    *,
    scale: Scale,
) -> Floats:
    """E[A] for each own reward, over the multisets of G - 1 others, for a scale of the group.

        group_std    (r - mean) / (std + epsilon), 0 for a group with equal rewards
        others_std   (r - mean of the others) / (std of the others + epsilon), not divided where the
                     others are equal
        group_mean   (r - mean) / (mean + epsilon), 0 where the mean is not positive

    Standard deviations have ddof 1. Arguments and errors are those of `standardised`.

    Example:
        >>> binary, even = np.array([0.0, 1.0]), np.array([0.5, 0.5])
        >>> expected_advantage(binary, binary, even, 3, 0.0, scale="others_std").round(4).tolist()
        [-0.6036, 0.6036]
    """
    values, weight, counts = _groups(rewards, chances, group_size)
    total, squares = counts @ values, counts @ values**2
    flat, n = own.reshape(-1, 1), group_size - 1
    mean = (flat + total) / group_size
    if scale == "group_mean":
        usable = mean > 1e-12
        found = np.where(usable, (flat - mean) / np.where(usable, mean + epsilon, 1.0), 0.0)
        return np.asarray(found @ weight).reshape(own.shape)
    if scale == "others_std":
        std = np.sqrt(np.maximum(squares - total**2 / n, 0.0) / (n - 1))
        alike = std <= _DIGITS * (1 + np.abs(total / n))
        found = (flat - total / n) / np.where(alike, 1.0, std + epsilon)
    else:
        std = np.sqrt(np.maximum(flat**2 + squares - group_size * mean**2, 0.0) / n)
        alike = std <= _DIGITS * (1 + np.abs(mean))
        found = np.where(alike, 0.0, (flat - mean) / np.where(alike, 1.0, std + epsilon))
    return np.asarray(found @ weight).reshape(own.shape)


def _groups(rewards: Floats, chances: Floats, group_size: int) -> tuple[Floats, Floats, Floats]:
    """The possible rewards (n,), and the probability (M,) and counts (M, n) of each multiset."""
    values, which = np.unique(rewards, return_inverse=True)
    chance = np.bincount(which, chances, values.size)
    values, chance = values[chance > 0], chance[chance > 0]
    if (number := comb(values.size + group_size - 2, group_size - 1)) > GROUPS:
        raise ValueError(
            f"groups of {group_size} with {values.size} possible rewards have {number} cases, more"
            f" than the limit {GROUPS}"
        )
    counts, ways = _multisets(values.size, group_size - 1)
    return values, np.exp(ways + counts @ np.log(chance)), counts


@lru_cache(maxsize=8)
def _multisets(kinds: int, size: int) -> tuple[Floats, Floats]:
    """The counts of each multiset, (M, kinds), and the log of its number of orderings, (M,)."""
    chosen = np.array(list(combinations_with_replacement(range(kinds), size)), dtype=np.intp)
    counts = np.zeros((len(chosen), kinds))
    for column in chosen.T:
        counts[np.arange(len(chosen)), column] += 1
    return counts, gammaln(size + 1) - gammaln(counts + 1).sum(axis=1)
