"""How many rollouts a core trains and measures in a second of its own time.

    pytest tests/benchmarks --benchmark-only -s

The reference workload: 256 questions, 8 candidates, 11 levels, batches of 32 x 8 rollouts, group
mean, float64. Rates are per second of CPU time, and nothing asserts one; `-s` prints them as they
come.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from statistics import median
from time import perf_counter, process_time

import numpy as np
import pytest

from scoring_theory.reward import Reward
from simulations import (
    STANDARD_REWARDS,
    Coupled,
    Experiment,
    SelfProbability,
    Tabular,
    World,
    feature_world,
    run,
)
from simulations.decisions import (
    abstain,
    gate,
    majority_choice,
    max_confidence_choice,
    weighted_choice,
)
from simulations.policies import StatedPolicy
from simulations.sweep import sweep
from simulations.training import LearningRule, random_streams
from tests.support.changes import changed

ROOT = Path(__file__).resolve().parents[2]
RATE = "rollouts/CPU-second"
LEVELS = np.arange(11) / 10
BRIER = np.stack([-(LEVELS**2), 1 - (1 - LEVELS) ** 2])
pytestmark = pytest.mark.benchmark(group="simulations")


def reference_world() -> World:
    return World(np.c_[np.random.default_rng(7).beta(1.0, 2.0, size=(256, 7)), np.zeros(256)])


def reference(**changes: object) -> Experiment:
    world = reference_world()
    plain = Experiment(
        reward=Reward.parse("c - (q - c)^2"), agent=Tabular(), world=world, elsewhere=world,
        training=LearningRule(learning_rate=0.5), steps=2000, replicates=4,
    )  # fmt: skip
    return changed(plain, **changes)


def report(
    benchmark,
    name: str,
    job: Callable[[], float],
    *,
    rounds: int = 5,
    unit: str = "rollouts/CPU-second",
) -> None:
    """The median of what a job says about itself, after one round that compiles."""
    job()
    found: list[float] = []
    benchmark.pedantic(lambda: found.append(job()), rounds=rounds)
    benchmark.extra_info[unit] = median(found)
    print(f"\n{name}: {median(found):,.4g} {unit}")


# ----------------------------------------------------------------------------------------- one core


def trained_by_numba() -> float:
    """The kernel alone, without measuring."""
    world, agent, training, steps = (
        reference_world(),
        Tabular(),
        LearningRule(learning_rate=0.5),
        2000,
    )
    state, stream = agent.start(world, np.random.default_rng(0)), random_streams(0, 1)[0].stream
    started = process_time()
    agent.train(state, world, BRIER, training, stream, 0, steps)
    return steps * training.batch * training.group_size / (process_time() - started)


def trained_by_numpy(steps: int = 16, seeds: int = 128) -> float:
    """The same update, written for NumPy over seeds: what one writes without a compiler."""
    truth, rng = reference_world().success_probability, np.random.default_rng(0)
    answer, heads = np.zeros((seeds, 256, 8)), np.zeros((seeds, 256, 8, 11))
    s, b = np.arange(seeds)[:, None, None], np.arange(32)[:, None]
    started = process_time()
    for step in range(steps):
        x = slice(32 * step % 256, 32 * step % 256 + 32)
        pi, head = _softmax(answer[:, x]), _softmax(heads[:, x])
        y = _draw(rng, pi[:, :, None], 8)
        q = _draw(rng, head[s, b, y], 1)
        payoff = BRIER[(rng.random(y.shape) < truth[x][b, y]).astype(int), q]
        push = (payoff - payoff.mean(axis=2, keepdims=True)) * 0.5 / 8
        place = ((s * 32 + b) * 8 + y) * 11 + q
        pushed = np.bincount(place.ravel(), push.ravel(), seeds * 32 * 8 * 11).reshape(
            seeds, 32, 8, 11
        )
        total = pushed.sum(axis=3)
        heads[:, x] += pushed - total[..., None] * head
        answer[:, x] += total - total.sum(axis=2, keepdims=True) * pi
    return steps * seeds * 256 / (process_time() - started)


def _softmax(logits: np.ndarray) -> np.ndarray:
    weights = np.exp(logits - logits.max(axis=-1, keepdims=True))
    return weights / weights.sum(axis=-1, keepdims=True)


def _draw(rng: np.random.Generator, chance: np.ndarray, size: int) -> np.ndarray:
    """`size` draws from the last axis; the axis before it is 1 or the draws' own."""
    draws = max(size, chance.shape[-2])
    passed = (rng.random((*chance.shape[:-2], draws, 1)) >= chance.cumsum(axis=-1)).sum(axis=-1)
    return np.minimum(passed, chance.shape[-1] - 1)


def test_reference_workload(benchmark) -> None:
    report(benchmark, "reference workload, kernel alone", trained_by_numba)


def test_reference_workload_in_numpy(benchmark) -> None:
    report(benchmark, "reference workload, NumPy over 128 seeds", trained_by_numpy)


def whole(experiment: Experiment) -> Callable[[], float]:
    def job() -> float:
        started = process_time()
        run(experiment, threads=1)
        return experiment.rollouts / (process_time() - started)

    return job


@pytest.mark.parametrize("steps", [1000, 2000, 5000, 10000])
def test_what_fifty_measurements_cost(benchmark, steps) -> None:
    """The extra time of 51 checkpoints over 1, as a part of the time of training; both taken in
    turn.
    """
    many, one = (whole(reference(steps=steps, checkpoints=when)) for when in (51, (steps,)))
    report(
        benchmark,
        f"51 checkpoints in {steps} steps",
        lambda: 100 * (one() / many() - 1),
        unit="% of training",
    )


@pytest.mark.parametrize(
    "agent", [Coupled(), SelfProbability()], ids=["coupled", "self-probability"]
)
def test_an_agent_with_features(benchmark, agent) -> None:
    home, away = feature_world(256), feature_world(256, shift=1.5)
    experiment = reference(agent=agent, world=home, elsewhere=away, learning_rate=0.05)
    report(benchmark, f"{agent.kind} agent", whole(experiment))


def decided(policy: StatedPolicy, truth: np.ndarray, rng: np.random.Generator) -> None:
    """Everything that the package decides with a policy: metrics, abstaining at 101 thresholds,
    retrieval at 1326 pairs of thresholds, and three votes among 8 rollouts of each question.
    """
    for of_truth in (policy.accuracy, policy.brier, policy.calibration_error):
        of_truth(truth)
    policy.mean_confidence()
    policy.entropy()
    stated, correct = policy.levels(truth)
    joint, (low, high) = policy.joint, np.triu_indices(51)
    _, questions, answers, levels = policy.confidence.shape
    for r in range(len(stated)):
        success = np.clip(correct[r] / stated[r], 0, 1)
        abstain(policy.grid, success, np.linspace(0, 1, 101), weight=stated[r])
        retrieved = success + 0.5 * (1 - success)
        gate(policy.grid, success, retrieved, low=low / 50, high=high / 50, weight=stated[r])
        drawn = _draw(rng, joint[r].reshape(questions, 1, answers * levels), 8)
        y, q = drawn // levels, policy.grid[drawn % levels]
        majority_choice(y, answers)
        weighted_choice(y, q, answers)
        max_confidence_choice(y, q, answers)


def test_asking_a_kept_policy(benchmark) -> None:
    """The time of all decisions with the policy that a run keeps at its end, in both worlds, as a
    part of the time of training alone; both taken in turn.
    """
    kept, steps = reference(checkpoints=(2000,), keep_policy="last"), 2000
    record = run(kept, threads=1)

    def percent() -> float:
        training = kept.replicates * steps * 256 / trained_by_numba()
        started = process_time()
        for where, world in (("in", kept.world), ("out", kept.elsewhere)):
            policy = record.policy(kept, where=where)
            decided(policy, world.success_probability, np.random.default_rng(0))
        return 100 * (process_time() - started) / training

    report(benchmark, "all decisions with a kept policy", percent, unit="% of training")


# ------------------------------------------------------------------------------------- from nothing


START = """
from time import process_time
import numpy as np
from simulations import Tabular, World
from simulations.training import LearningRule, random_streams
world, agent = World(np.c_[np.full((32, 7), 0.5), np.zeros(32)]), Tabular()
state, table, stream = agent.start(world, np.random.default_rng(0)), np.zeros((2, 11)), random_streams(0, 1)[0].stream
def once():
    started = process_time()
    agent.train(state, world, table, LearningRule(), stream, 0, 1)
    trained = process_time()
    agent.count(state, (world, world))
    return np.array([trained - started, process_time() - trained])
print(*(once() - once()))
"""  # noqa: E501


@pytest.mark.parametrize("part", [0, 1], ids=["training", "measuring"])
@pytest.mark.parametrize("cached", [False, True], ids=["nothing", "cache"])
def test_the_first_step(benchmark, tmp_path, cached, part) -> None:
    """The first step and the first measurement, less the second ones: what compiling, or loading,
    takes.
    """
    folder = iter(range(100))

    def seconds() -> float:
        cache = tmp_path / ("same" if cached else str(next(folder)))
        environment = {**os.environ, "NUMBA_CACHE_DIR": str(cache)}
        command = [sys.executable, "-c", START]
        done = subprocess.run(
            command, cwd=ROOT, env=environment, capture_output=True, text=True, check=True
        )
        return float(done.stdout.split()[part])

    name = f"first {('step', 'measurement')[part]}, compiled {'before' if cached else 'now'}"
    report(benchmark, name, seconds, unit="CPU-seconds")


# ------------------------------------------------------------------------------------ a whole study


def study() -> tuple[Experiment, ...]:
    """6 rewards x 4 agents x 100 seeds x 1000 steps x 256 rollouts."""
    rewards = [*STANDARD_REWARDS.values(), Reward.parse("c - (q - c)^2 / 2", name="half brier")]
    home, away = feature_world(256), feature_world(256, shift=1.5)
    tabular = reference(steps=1000, replicates=100, checkpoints=21)
    seen = changed(tabular, world=home, elsewhere=away, learning_rate=0.05, agent=Coupled())
    agents = (
        tabular,
        seen,
        replace(seen, agent=Coupled(coupling=False)),
        replace(seen, agent=SelfProbability()),
    )
    return tuple(replace(base, reward=reward) for base in agents for reward in rewards)


def test_what_a_store_costs(benchmark, tmp_path) -> None:
    """The CPU time of a study into a store over that of its kernels, all of it taken in turn.

    The kernels are, first, those that train and measure, called by `run` without a store; second,
    those that train.
    """
    todo = [replace(one, replicates=2) for one in study()]
    numbers, found = iter(range(100)), []

    def trained(one: Experiment) -> None:
        table = one.payoffs()[0]
        for mine in random_streams(one.seed, one.replicates):
            state = one.agent.start(one.world, mine.prior)
            one.agent.train(state, one.world, table, one.training, mine.stream, 0, one.steps)

    def seconds(job: Callable[[], object]) -> float:
        started = process_time()
        job()
        return process_time() - started

    def once() -> None:
        with ThreadPoolExecutor(1) as executor:
            store = tmp_path / str(next(numbers))
            into_store = seconds(lambda: sweep(todo, executor, store=store))
        measured = seconds(lambda: [run(one, threads=1) for one in todo])
        found.append((into_store / measured, into_store / seconds(lambda: [*map(trained, todo)])))

    once()
    found.clear()
    benchmark.pedantic(once, rounds=3)
    over_run, over_training = np.median(found, axis=0).tolist()
    benchmark.extra_info |= {
        "over training and measuring": over_run,
        "over training": over_training,
    }
    print(
        f"\na study into a store: {over_run:.3f} times training and measuring,"
        f" {over_training:.3f} times training alone"
    )


@pytest.mark.parametrize("stored", [True, False], ids=["store", "memory"])
def test_a_whole_study_from_end_to_end(benchmark, tmp_path, stored) -> None:
    todo, numbers = study(), iter(range(100))
    assert sum(one.rollouts for one in todo) == 614_400_000

    def seconds() -> float:
        started, used = perf_counter(), process_time()
        records = sweep(todo, store=tmp_path / str(next(numbers))) if stored else sweep(todo)
        assert all(record.metric("ece").shape == (100, 21) for record in records)
        print(f"\n  {perf_counter() - started:.1f} s, {process_time() - used:.1f} s of CPU", end="")
        return perf_counter() - started

    sweep([replace(one, replicates=2, steps=2) for one in todo])
    found: list[float] = []
    benchmark.pedantic(lambda: found.append(seconds()), rounds=1)
    benchmark.extra_info["seconds"] = found[0]
    where = "into a store" if stored else "in memory"
    print(
        f"\n6.1e8 rollouts of 24 experiments, {where}, {os.cpu_count()} processors:"
        f" {found[0]:.1f} s"
    )
