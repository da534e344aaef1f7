"""The task of a sweep: a few consecutive replicates of one experiment, computed alone and anywhere.

Replicate number i draws from child i of the experiment's seed, whatever else is computed beside it,
so any cut of the replicates into chunks gives the same bits.
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
from simulations.running import train_one
from simulations.sweep.identity import code_version, versions
from simulations.training import Luck

if TYPE_CHECKING:
    from simulations.training.kernels import FloatArray

    Numbers: TypeAlias = Mapping[str, FloatArray]
    """By "in/metric" and "out/metric", (replicates, T)."""

ROLLOUTS = 2**21  # of one task: about a tenth of a second, which is what a killed worker loses
MOST = 64  # replicates of one task


@dataclass(frozen=True, eq=False)
class Chunk:
    """What a task brings home.

    Args:
        first: The number of its first replicate.
        numbers: By "in/metric" and "out/metric", (replicates of the chunk, T).
        seconds: How long it took where it ran.
        code: The code version of the process that computed it.
    """

    first: int
    numbers: Numbers
    seconds: float
    code: str

    __repr__ = one_line


def usual_size(experiment: Experiment) -> int:
    """How many replicates make a task: about two million rollouts, at least 1 replicate and at most 64."""
    each = experiment.steps * experiment.training.batch * experiment.training.group_size
    return max(1, min(MOST, round(ROLLOUTS / each)))


def run_chunk(experiment: Experiment, first: int, count: int) -> Chunk:
    """Train and measure the replicates `first` to `first + count - 1` of an experiment, one after the other.

    Example:
        >>> from simulations import run, standard_experiments
        >>> experiment = standard_experiments("short")[1]
        >>> chunk = run_chunk(experiment, 1, 2)
        >>> bool(np.array_equal(chunk.numbers["in/ece"], run(experiment).metric("ece")[1:3]))
        True
    """
    started, table = time.perf_counter(), experiment.payoffs()[0]
    sides = [
        train_one(experiment, table, luck_of(experiment.seed, i))
        for i in range(first, first + count)
    ]
    numbers = {
        f"{where}/{name}": np.stack([measured[side][name] for measured in sides])
        for side, where in enumerate(("in", "out"))
        for name in sides[0][side]
    }
    return Chunk(first, numbers, time.perf_counter() - started, code_version())


def luck_of(seed: int, replicate: int) -> Luck:
    """The randomness of one replicate, without that of those before it.

    Example:
        >>> from simulations.training import luck
        >>> bool(np.array_equal(luck_of(7, 2).stream, luck(7, 3)[2].stream))
        True
    """
    prior, stream = np.random.SeedSequence(seed, spawn_key=(replicate,)).spawn(2)
    return Luck(np.random.default_rng(prior), stream.generate_state(4, np.uint64).view(np.uint64))


def assemble(experiment: Experiment, parts: Iterable[Numbers], seconds: float) -> Record:
    """The record of an experiment from its parts, in the order of the replicates."""
    pieces = list(parts)
    whole = {name: np.concatenate([piece[name] for piece in pieces]) for name in pieces[0]}
    inside, outside = (
        {n.removeprefix(s): a for n, a in whole.items() if n.startswith(s)} for s in ("in/", "out/")
    )
    metadata: dict[str, Any] = {"rollouts": experiment.rollouts, "seconds": round(seconds, 3)}
    metadata |= {"versions": versions(), "code": code_version()}
    return Record(experiment.describe(), experiment.when, inside, outside, metadata)


def gaps(taken: Iterable[tuple[int, int]], replicates: int) -> Iterator[tuple[int, int]]:
    """What (first, count) intervals leave of 0 to `replicates` - 1; intervals come in ascending order of `first`.

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
    """An interval of replicates in pieces of at most `size`.

    Example:
        >>> list(pieces(4, 5, 2))
        [(4, 2), (6, 2), (8, 1)]
    """
    for start in range(first, first + count, size):
        yield start, min(size, first + count - start)
