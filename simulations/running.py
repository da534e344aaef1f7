"""Running an experiment: every replicate is trained and measured, in any order, with the same bits."""

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
from simulations.training import Luck, luck

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
    """Train and measure every replicate.

    The same description gives the same bits for any number of threads and any order of work, since
    each replicate owns its random stream and its arrays.

    Args:
        experiment: What to do.
        threads: How many replicates to run side by side; by default one for each processor.
        progress: Called after each replicate with how many are done, and of how many.

    Returns:
        The record.

    Example:
        >>> from scoring_theory.reward import Reward
        >>> from simulations import Experiment, Tabular
        >>> from simulations.worlds import bank
        >>> rlcr = Reward.parse("c - (q - c)^2", name="rlcr")
        >>> little = Experiment(reward=rlcr, agent=Tabular(), world=bank(64), elsewhere=bank(64, shift=1), steps=200)
        >>> record = run(little)
        >>> record.metric("accuracy").shape, record.final("accuracy") > 0.4
        ((16, 21), True)
    """
    started = time.perf_counter()
    table = experiment.payoffs()[0]
    lucks = luck(experiment.seed, experiment.replicates)
    with ThreadPoolExecutor(threads or os.cpu_count()) as pool:
        jobs = [pool.submit(train_one, experiment, table, one) for one in lucks]
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


def train_one(experiment: Experiment, table: FloatArray, mine: Luck) -> InAndOut:
    """Train and measure one replicate: each metric at each checkpoint, in and out of distribution."""
    agent, (mass, hits, of_answers, of_levels) = experiment.agent, counted(experiment, table, mine)
    entropies = {"answer_entropy": of_answers, "confidence_entropy": of_levels}
    measured = {**measure(agent.grid, mass, hits, bins=agent.bins), **entropies}
    return {name: both[0] for name, both in measured.items()}, {
        name: both[1] for name, both in measured.items()
    }


def counted(experiment: Experiment, table: FloatArray, mine: Luck) -> tuple[FloatArray, ...]:
    """Train one replicate and count at each checkpoint, in the world of training and in the other.

    Args:
        experiment: What to do.
        table: Its payoffs, see `Experiment.payoffs`.
        mine: The luck of this replicate.

    Returns:
        The four arrays of `Count`, worlds first, then checkpoints.
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
    except PackageNotFoundError:  # run from a source tree that was never installed
        return "unknown"
