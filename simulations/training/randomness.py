"""The randomness of a replicate."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from simulations.training.kernels import WordArray


class Luck(NamedTuple):
    """The randomness of one replicate: `prior` draws its start, `stream` (four words) is the state of its training."""

    prior: np.random.Generator
    stream: WordArray


def luck(seed: int, replicates: int) -> list[Luck]:
    """Independent randomness for each replicate; adding replicates does not change the others.

    Example:
        >>> three, four = luck(7, 3), luck(7, 4)
        >>> all(np.array_equal(a.stream, b.stream) for a, b in zip(three, four))
        True
    """
    pairs = (child.spawn(2) for child in np.random.SeedSequence(seed).spawn(replicates))
    return [
        Luck(np.random.default_rng(a), b.generate_state(4, np.uint64).view(np.uint64))
        for a, b in pairs
    ]
