"""Groups whose rollouts may be paid in many ways: the expected standardised reward, by enumeration of multisets."""

from __future__ import annotations

from functools import lru_cache
from itertools import combinations_with_replacement
from math import comb
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import gammaln

if TYPE_CHECKING:
    from scoring_theory.expression.numeric import Floats

GROUPS = 200_000


def standardised(
    own: Floats, rewards: Floats, chances: Floats, group_size: int, epsilon: float
) -> Floats:
    """E[(r - mean) / (std + epsilon)] for each own reward r among G - 1 others, by enumeration of their multisets.

    The standard deviation is over G - 1; a group that was paid alike has 0.

    Args:
        own: Own rewards, any shape.
        rewards: Rewards that the others can have, (n,).
        chances: Their probabilities, (n,), summing to 1.
        group_size: G, at least 2.
        epsilon: What is added to the standard deviation.

    Returns:
        The shape of `own`.

    Raises:
        ValueError: If there are more than `GROUPS` multisets.

    Example:
        >>> standardised(np.array([0.0, 1.0]), np.array([0.0, 1.0]), np.array([0.5, 0.5]), 2, 0.0).round(4).tolist()
        [-0.3536, 0.3536]
    """
    values, which = np.unique(rewards, return_inverse=True)
    chance = np.bincount(which, chances, values.size)
    values, chance = values[chance > 0], chance[chance > 0]
    if (number := comb(values.size + group_size - 2, group_size - 1)) > GROUPS:
        raise ValueError(
            f"groups of {group_size} with {values.size} possible rewards are {number} cases, more"
            f" than {GROUPS}"
        )
    counts, ways = _multisets(values.size, group_size - 1)
    weight = np.exp(ways + counts @ np.log(chance))
    total, squares = counts @ values, counts @ values**2
    flat = own.reshape(-1, 1)
    mean = (flat + total) / group_size
    centred = np.maximum(flat**2 + squares - group_size * mean**2, 0.0)
    std = np.sqrt(centred / (group_size - 1))
    alike = std <= 1e-7 * (1 + np.abs(mean))  # squares cancel: half of the digits are left
    return np.asarray(
        np.where(alike, 0.0, (flat - mean) / np.where(alike, 1.0, std + epsilon)) @ weight
    ).reshape(own.shape)


@lru_cache(maxsize=8)
def _multisets(kinds: int, size: int) -> tuple[Floats, Floats]:
    """How often each of `kinds` is in each multiset of that size, (M, kinds), and the log of its orderings, (M,)."""
    chosen = np.array(list(combinations_with_replacement(range(kinds), size)), dtype=np.intp)
    counts = np.zeros((len(chosen), kinds))
    for column in chosen.T:
        counts[np.arange(len(chosen)), column] += 1
    return counts, gammaln(size + 1) - gammaln(counts + 1).sum(axis=1)
