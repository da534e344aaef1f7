"""Running an experiment: the results are bit-identical in any order of the replicates."""

from __future__ import annotations

import os
import time
import warnings
from concurrent.futures import ThreadPoolExecutor, as_completed
from typing import TYPE_CHECKING, Any

import numpy as np

from scoring_theory.versions import version_of
from simulations.agents.agent import TrainsSideBySide, require_converging
from simulations.agents.tabular import Tabular
from simulations.metrics import measure
from simulations.record import Record
from simulations.signals.stepping import TrainsWithSignals, prepared_training
from simulations.signals.training import NothingLearned
from simulations.training import RandomStreams, random_streams

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from simulations.agents.agent import Count
    from simulations.experiment import Experiment
    from simulations.training.kernels import FloatArray
    from simulations.worlds import World

    Counts = tuple[FloatArray, ...]
    """The four arrays of `Count`, with the checkpoints as their second axis."""
    Kept = list[tuple[FloatArray, ...]]
    """The arrays of the state at the checkpoints that `Experiment.keep_policy` names."""
    Measured = tuple[dict[str, FloatArray], ...]
    """The metrics in and out of distribution, and the kept arrays of the states, by name."""


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
    return _record(experiment, threads, progress)


def _record(
    experiment: Experiment,
    threads: int | None,
    progress: Callable[[int, int], None] | None,
    *,
    follow: bool = False,
) -> Record:
    started = time.perf_counter()
    table = experiment.payoffs()[0]
    streams = random_streams(experiment.seed, experiment.replicates)
    workers = threads or os.cpu_count() or 1
    blocks = _blocks(streams, min(at_once(experiment), -(-len(streams) // workers)))
    with ThreadPoolExecutor(workers) as pool:
        jobs = {
            pool.submit(train_some, experiment, table, block, follow=follow): len(block)
            for block in blocks
        }
        done = 0
        try:
            for job in as_completed(jobs):
                job.result()
                for _ in range(jobs[job]):
                    done += 1
                    if progress is not None:
                        progress(done, len(streams))
        finally:
            for job in jobs:
                job.cancel()
    sides = zip(*(job.result() for job in jobs), strict=True)
    inside, outside, states = (
        {name: np.concatenate([part[name] for part in side]) for name in side[0]} for side in sides
    )
    metadata = _metadata(experiment, time.perf_counter() - started)
    return Record(experiment.describe(), experiment.when, inside, outside, metadata, states)


def expected_run(experiment: Experiment, *, threads: int | None = None) -> Record:
    """Follow the exact expected update of an experiment with a signal, replicate by replicate.

    Each replicate starts as in `run`, with the same judges and baselines, and takes the expected
    update in place of a random one. The record has the same metrics; the means of `run` over many
    replicates differ from it by chance and by a bias that halves with the learning rate.

    Args:
        experiment: The experiment, in a world that is small enough to enumerate.
        threads: Number of replicates in parallel; by default the number of processors.

    Raises:
        ValueError: If the experiment has no signal, there are too many groups to enumerate, or too
            many batches of them where the estimator compares questions.

    Example:
        >>> from simulations import Experiment, LearningRule, Tabular
        >>> from simulations.worlds import bank
        >>> world, rule = bank(4, 3), LearningRule(batch=4, group_size=3)
        >>> little = Experiment(reward="rlcr", agent=Tabular(), world=world, elsewhere=world,
        ...                     training=rule, steps=20, replicates=2, signal="majority")
        >>> gap = run(little).final("accuracy") - expected_run(little).final("accuracy")
        >>> abs(gap) < 0.2
        True
    """
    if experiment.signal is None:
        raise ValueError(
            "`expected_run` enumerates the groups of an experiment with a `signal`, such as"
            ' "verdict"; without one, use simulations.meanfield.recursion'
        )
    if not isinstance(experiment.agent, Tabular):
        raise ValueError(
            "the expected update under a signal is enumerated for the tabular agent alone, got the"
            f" {experiment.agent.kind} agent"
        )
    return _record(experiment, threads, None, follow=True)


def at_once(experiment: Experiment) -> int:
    """The largest number of replicates of an experiment that train faster at once, 1 or more.

    Example:
        >>> from simulations import standard_experiments
        >>> at_once(standard_experiments("short")[0])
        1
    """
    agent = experiment.agent
    if experiment.signal is not None or not isinstance(agent, TrainsSideBySide):
        return 1
    return agent.side_by_side(experiment.world, experiment.training)


def train_some(
    experiment: Experiment,
    table: FloatArray,
    streams: Sequence[RandomStreams],
    *,
    follow: bool = False,
) -> Measured:
    """Train replicates and measure every metric at each checkpoint, in and out of distribution.

    Args:
        experiment: The experiment.
        table: Its payoffs, see `Experiment.payoffs`.
        streams: The random streams of these replicates.
        follow: Whether they follow the expected update, see `expected_run`.

    Returns:
        The metrics in and out of distribution, by name, each of shape (replicates, T); and the
        arrays of the agent's states at the checkpoints that `Experiment.keep_policy` names,
        (replicates, kept, ...).
    """
    agent, blocks = experiment.agent, _blocks(streams, at_once(experiment))
    found = [one for block in blocks for one in counted(experiment, table, block, follow=follow)]
    mass, hits, *entropies = (np.stack(part) for part in zip(*(c for c, _ in found), strict=True))
    measured = {
        **measure(agent.grid, mass, hits, bins=agent.bins),
        **dict(zip(("answer_entropy", "confidence_entropy"), entropies, strict=True)),
    }
    inside, outside = ({name: both[:, side] for name, both in measured.items()} for side in (0, 1))
    kept = zip(*(zip(*kept, strict=True) for _, kept in found), strict=True)
    states = {
        name: np.stack([np.stack(rows) for rows in some])
        for name, some in zip(agent.state_type._fields, kept, strict=False)  # none are kept
    }
    return inside, outside, states


def _blocks(streams: Sequence[RandomStreams], size: int) -> list[Sequence[RandomStreams]]:
    return [streams[i : i + size] for i in range(0, len(streams), size)]


def counted(
    experiment: Experiment,
    table: FloatArray,
    block: Sequence[RandomStreams],
    *,
    follow: bool = False,
) -> list[tuple[Counts, Kept]]:
    """Train replicates at once and call `Agent.count` in both worlds at each checkpoint.

    Args:
        experiment: The experiment.
        table: Its payoffs, see `Experiment.payoffs`.
        block: The random streams of these replicates, at most `at_once(experiment)` of them.
        follow: Whether they follow the expected update, see `expected_run`.

    Warns:
        NothingLearned: Every advantage of a training with a signal was 0.

    Returns:
        For each replicate the four arrays of `Count`, whose first axis is the world and whose
        second the checkpoint; and the states at the checkpoints that `Experiment.keep_policy`
        names.

    Example:
        >>> from dataclasses import replace
        >>> from simulations import standard_experiments
        >>> short = replace(standard_experiments("short")[1], steps=10, checkpoints=(0, 10))
        >>> [(counts, kept)] = counted(short, short.payoffs()[0], random_streams(0, 1))
        >>> counts[0].shape
        (2, 2, 11)
    """
    agent, now, update = experiment.agent, experiment.world, experiment.training.update
    table = experiment.component_tables() if experiment.components else table
    states = [agent.start(now, mine.prior, update) for mine in block]
    taught = [
        _taught(experiment, table, mine, state, follow=follow)
        for mine, state in zip(block, states, strict=True)
    ]
    learned = False
    before = [
        type(state)(*(rows.copy() for rows in state)) if experiment.training.kl > 0 else None
        for state in states
    ]
    done = 0
    counts: list[list[Count]] = [[] for _ in block]
    kept: list[Kept] = [[] for _ in block]
    for step in experiment.when.tolist():
        for now, first, steps in experiment.legs(done, step - done):
            if experiment.signal is None:
                _train(experiment, states, now, table, block, first, steps, before)
            for lesson, state in zip(taught, states, strict=True):
                learned |= lesson is not None and lesson(state, first, steps)
        for state, seen, policies in zip(states, counts, kept, strict=True):
            require_converging(state, experiment.training)
            seen.append(agent.count(state, (now, experiment.elsewhere), update))
            if experiment.keeps(step):
                policies.append(tuple(rows.copy() for rows in state))
        done = step
    if experiment.signal is not None and done > 0 and not learned:
        warnings.warn("all advantages are 0, so nothing was learned", NothingLearned, stacklevel=2)
    stacked = (tuple(np.stack(x, axis=1) for x in zip(*seen, strict=True)) for seen in counts)
    return list(zip(stacked, kept, strict=True))


def _train(
    experiment: Experiment,
    states: list[Any],
    world: World,
    table: FloatArray,
    block: Sequence[RandomStreams],
    first: int,
    steps: int,
    before: list[Any],
) -> None:
    """Train the replicates of a block side by side, or the only one alone."""
    agent, training = experiment.agent, experiment.training
    if len(block) > 1 and isinstance(agent, TrainsSideBySide):
        streams = [mine.stream for mine in block]
        agent.train_side_by_side(states, world, table, training, streams, first, steps)
        return
    for state, mine, prior in zip(states, block, before, strict=True):
        agent.train(state, world, table, training, mine.stream, first, steps, prior=prior)


def _taught(
    experiment: Experiment, table: FloatArray, mine: RandomStreams, state: Any, *, follow: bool
) -> Callable[[Any, int, int], bool] | None:
    """Training with the signal of an experiment: from a state, a first step and a number of steps.

    Without a signal it is None: the agent trains itself, by the kernels.
    """
    if experiment.signal is None:
        return None
    agent = experiment.agent
    if isinstance(agent, TrainsWithSignals):
        return agent.taught(
            experiment.signal, state, experiment.world, table, experiment.training, mine
        )
    lesson = prepared_training(
        experiment.signal,
        experiment.world,
        table,
        experiment.training,
        state,
        experiment.agent.grid,
        mine.prior,
    )
    if follow:
        return lesson.follow
    rng = np.random.default_rng(mine.stream)
    return lambda state, first, steps: lesson.advance(state, first, steps, rng)


def _metadata(experiment: Experiment, seconds: float) -> dict[str, Any]:
    return {
        "rollouts": experiment.rollouts,
        "seconds": round(seconds, 3),
        "versions": {name: version_of(name) for name in ("scoring-theory", "numpy", "numba")},
    }
