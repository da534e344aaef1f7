"""Running an experiment: the results are bit-identical in any order of the replicates."""

from __future__ import annotations

import os
import time
from concurrent.futures import ThreadPoolExecutor, as_completed
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, Any

import numpy as np

from simulations.agents.agent import require_converging
from simulations.metrics import measure
from simulations.record import Record
from simulations.training import RandomStreams, random_streams

if TYPE_CHECKING:
    from collections.abc import Callable

    from simulations.experiment import Experiment
    from simulations.training.kernels import FloatArray


InAndOut = tuple[dict[str, "FloatArray"], dict[str, "FloatArray"]]


def run(
    experiment: Experiment,
    *,
    threads: int | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Record:
    """Train and measure every replicate of an experiment.

    The same description gives bit-identical results for any number of threads and any order of
    work, since each replicate has its own random stream and its own arrays.

    Args:
        experiment: The experiment.
        threads: Number of replicates that run in parallel; by default the number of processors.
        progress: Called after each replicate with the number of finished replicates and their
            total number.

    Returns:
        The record.

    Example:
        >>> from simulations import Experiment, Tabular
        >>> from simulations.worlds import bank
        >>> worlds = {"world": bank(64), "elsewhere": bank(64, shift=1)}
        >>> record = run(Experiment(reward="rlcr", agent=Tabular(), steps=200, **worlds))
        >>> record.metric("accuracy").shape, record.final("accuracy") > 0.4
        ((16, 21), True)
    """
    started = time.perf_counter()
    table = experiment.payoffs()[0]
    streams = random_streams(experiment.seed, experiment.replicates)
    with ThreadPoolExecutor(threads or os.cpu_count()) as pool:
        jobs = [pool.submit(train_one, experiment, table, mine) for mine in streams]
        try:
            for done, job in enumerate(as_completed(jobs), 1):
                job.result()
                if progress is not None:
                    progress(done, len(jobs))
        finally:
            for job in jobs:
                job.cancel()
    sides = zip(*(job.result() for job in jobs), strict=True)
    inside, outside = (
        {name: np.stack([r[name] for r in side]) for name in side[0]} for side in sides
    )
    metadata = _metadata(experiment, time.perf_counter() - started)
    return Record(experiment.describe(), experiment.when, inside, outside, metadata)


def train_one(experiment: Experiment, table: FloatArray, mine: RandomStreams) -> InAndOut:
    """Train one replicate and measure every metric at each checkpoint, in and out of distribution.

    Args:
        experiment: The experiment.
        table: Its payoffs, see `Experiment.payoffs`.
        mine: The random streams of this replicate.

    Returns:
        The metrics in and out of distribution, by name, each of shape (T,).
    """
    agent, (mass, hits, of_answers, of_levels) = experiment.agent, counted(experiment, table, mine)
    entropies = {"answer_entropy": of_answers, "confidence_entropy": of_levels}
    measured = {**measure(agent.grid, mass, hits, bins=agent.bins), **entropies}
    return {name: both[0] for name, both in measured.items()}, {
        name: both[1] for name, both in measured.items()
    }


def counted(
    experiment: Experiment, table: FloatArray, mine: RandomStreams
) -> tuple[FloatArray, ...]:
    """Train one replicate and call `Agent.count` at each checkpoint, in and out of distribution.

    Args:
        experiment: The experiment.
        table: Its payoffs, see `Experiment.payoffs`.
        mine: The random streams of this replicate.

    Returns:
        The four arrays of `Count`; their first axis is the world, their second the checkpoint.

    Example:
        >>> from dataclasses import replace
        >>> from simulations import standard_experiments
        >>> short = replace(standard_experiments("short")[1], steps=10, checkpoints=(0, 10))
        >>> (streams,) = random_streams(0, 1)
        >>> counted(short, short.payoffs()[0], streams)[0].shape
        (2, 2, 11)
    """
    agent, now, training, update = (
        experiment.agent,
        experiment.world,
        experiment.training,
        experiment.training.update,
    )
    table = experiment.component_tables() if experiment.components else table
    state, done, counts = agent.start(now, mine.prior, update), 0, []
    before = type(state)(*(rows.copy() for rows in state)) if training.kl > 0 else None
    for step in experiment.when.tolist():
        for now, first, steps in experiment.legs(done, step - done):
            agent.train(state, now, table, training, mine.stream, first, steps, prior=before)
        require_converging(state, training)
        counts.append(agent.count(state, (now, experiment.elsewhere), update))
        done = step
    return tuple(np.stack(part, axis=1) for part in zip(*counts, strict=True))


def _metadata(experiment: Experiment, seconds: float) -> dict[str, Any]:
    return {
        "rollouts": experiment.rollouts,
        "seconds": round(seconds, 3),
        "versions": {name: _version(name) for name in ("scoring-theory", "numpy", "numba")},
    }


@cache
def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:  # the source tree is used without installation
        return "unknown"
