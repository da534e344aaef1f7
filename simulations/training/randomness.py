"""The random streams of a replicate."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from simulations.training.kernels import WordArray


class RandomStreams(NamedTuple):
    """The random streams of one replicate.

    `prior` draws the agent's initial state; `stream` is the state of the generator that training
    draws from, four words of 64 bits.
    """

    prior: np.random.Generator
    stream: WordArray


def random_streams(seed: int, replicates: int) -> list[RandomStreams]:
    """Independent random streams for each replicate; more replicates do not change the first ones.

    Args:
        seed: Seed of all streams, 0 or more.
        replicates: Number of replicates.

    Example:
        >>> three, four = random_streams(7, 3), random_streams(7, 4)
        >>> all(np.array_equal(a.stream, b.stream) for a, b in zip(three, four))
        True
    """
    pairs = (child.spawn(2) for child in np.random.SeedSequence(seed).spawn(replicates))
    return [
        RandomStreams(np.random.default_rng(a), b.generate_state(4, np.uint64).view(np.uint64))
        for a, b in pairs
    ]
