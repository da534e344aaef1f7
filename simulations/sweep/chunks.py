"""The tasks of a sweep: chunks of a few consecutive replicates of one experiment.

Replicate number i always draws from child i of the experiment's seed, so every division of the
replicates into chunks gives bit-identical results, in whatever process a chunk is computed.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from scoring_theory.display import one_line
from simulations.experiment import Experiment
from simulations.record import Record
from simulations.running import train_some
from simulations.sweep.identity import code_version, versions
from simulations.training import RandomStreams

if TYPE_CHECKING:
    from simulations.training.kernels import FloatArray

    NamedArrays: TypeAlias = Mapping[str, FloatArray]
    """By "in/metric" and "out/metric", (replicates, T); "state/array", (replicates, kept, ...)."""

PARTS = ("in", "out", "state")
ROLLOUTS = 2**21  # in one task: about a tenth of a second of work, which a killed worker loses
MOST_REPLICATES = 64  # replicates in one task


@dataclass(frozen=True, eq=False)
class Chunk:
    """The result of a task.

    Args:
        first: The number of its first replicate.
        numbers: The metrics by "in/metric" and "out/metric", (replicates of the chunk, T), and the
            kept states by "state/array".
        seconds: Time of the computation in its process.
        code: The code version of that process.
    """

    first: int
    numbers: NamedArrays
    seconds: float
    code: str

    __repr__ = one_line

    @property
    def count(self) -> int:
        """The number of its replicates."""
        return len(next(iter(self.numbers.values())))


def usual_size(experiment: Experiment) -> int:
    """The default number of replicates in a task: about two million rollouts, 1 to 64 replicates.

    Example:
        >>> from simulations import standard_experiments
        >>> usual_size(standard_experiments("short")[0])
        5
    """
    rollouts = experiment.steps * experiment.training.batch * experiment.training.group_size
    return max(1, min(MOST_REPLICATES, round(ROLLOUTS / rollouts)))


def run_chunk(experiment: Experiment, first: int, count: int) -> Chunk:
    """Train and measure replicates `first` to `first + count - 1` of an experiment.

    Args:
        experiment: The experiment.
        first: Number of the first replicate, from 0.
        count: Number of replicates.

    Example:
        >>> from simulations import run, standard_experiments
        >>> experiment = standard_experiments("short")[1]
        >>> chunk = run_chunk(experiment, 1, 2)
        >>> bool(np.array_equal(chunk.numbers["in/ece"], run(experiment).metric("ece")[1:3]))
        True
    """
    started, table = time.perf_counter(), experiment.payoffs()[0]
    streams = [random_streams_of(experiment.seed, i) for i in range(first, first + count)]
    numbers = {
        f"{where}/{name}": array
        for where, side in zip(PARTS, train_some(experiment, table, streams), strict=True)
        for name, array in side.items()
    }
    return Chunk(first, numbers, time.perf_counter() - started, code_version())


def random_streams_of(seed: int, replicate: int) -> RandomStreams:
    """The random streams of one replicate, made without those of the replicates before it.

    Args:
        seed: Seed of the experiment.
        replicate: Number of the replicate, from 0.

    Example:
        >>> from simulations.training import random_streams
        >>> bool(np.array_equal(random_streams_of(7, 2).stream, random_streams(7, 3)[2].stream))
        True
    """
    prior, stream = np.random.SeedSequence(seed, spawn_key=(replicate,)).spawn(2)
    return RandomStreams(
        np.random.default_rng(prior), stream.generate_state(4, np.uint64).view(np.uint64)
    )


def assemble(experiment: Experiment, parts: Iterable[NamedArrays], seconds: float) -> Record:
    """The record of an experiment from its parts.

    Args:
        experiment: The experiment.
        parts: The metrics of consecutive replicates, in the order of the replicates.
        seconds: Total time of the computation.

    Example:
        >>> from simulations import run, standard_experiments
        >>> experiment = standard_experiments("short")[1]
        >>> parts = [run_chunk(experiment, 0, 3).numbers, run_chunk(experiment, 3, 1).numbers]
        >>> assemble(experiment, parts, 1.0).digest == run(experiment).digest
        True
    """
    pieces = list(parts)
    whole = {name: np.concatenate([piece[name] for piece in pieces]) for name in pieces[0]}
    inside, outside, states = (
        {n.removeprefix(f"{s}/"): a for n, a in whole.items() if n.startswith(f"{s}/")}
        for s in PARTS
    )
    metadata: dict[str, Any] = {"rollouts": experiment.rollouts, "seconds": round(seconds, 3)}
    metadata |= {"versions": versions(), "code": code_version()}
    return Record(experiment.describe(), experiment.when, inside, outside, metadata, states)


def gaps(taken: Iterable[tuple[int, int]], replicates: int) -> Iterator[tuple[int, int]]:
    """The intervals of 0 to `replicates` - 1 that are not covered, as pairs (first, count).

    Args:
        taken: The covered intervals as pairs (first, count), ascending by `first`.
        replicates: Total number of replicates.

    Example:
        >>> list(gaps([(0, 3), (2, 2), (6, 1)], 10))
        [(4, 2), (7, 3)]
    """
    reached = 0
    for first, count in taken:
        if reached < min(first, replicates):
            yield reached, min(first, replicates) - reached
        reached = max(reached, first + count)
    if reached < replicates:
        yield reached, replicates - reached


def pieces(first: int, count: int, size: int) -> Iterator[tuple[int, int]]:
    """Divide an interval of replicates into pieces of at most `size`.

    Args:
        first: First replicate of the interval.
        count: Number of replicates.
        size: Largest number of replicates in a piece.

    Example:
        >>> list(pieces(4, 5, 2))
        [(4, 2), (6, 2), (8, 1)]
    """
    for start in range(first, first + count, size):
        yield start, min(size, first + count - start)
