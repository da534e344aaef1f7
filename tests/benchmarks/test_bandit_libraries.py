"""What one would pick otherwise, side by side with ours in one process.

    pytest tests/benchmarks --benchmark-only -s

The plain bandit: ten arms, Bernoulli rewards; one pull and one update are a step. Rates are steps
per second of CPU time (`process_time`, all threads together), so a busy machine and a library with
threads of its own change nothing. Libraries that are not installed have a line in the table that
says so; they go into an environment of their own, beside this project:

    pip install mabwiser contextualbandits river gymnax jax six

What each does is not the same work, and never less for ours: the tabular agent also states a
confidence and learns it. gymnax has no ten-armed Bernoulli bandit; its eleven-armed
`SimpleBandit-bsuite` is taken. JAX works in float32, as it comes, and ours in float64. Nothing here
asserts a time. The table is printed in Markdown.
"""

from __future__ import annotations

import math
import platform
import random
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from statistics import median
from time import process_time
from typing import Any

import numpy as np
import pytest

from scoring_theory.reward import Reward
from simulations import Experiment, Tabular, World, run
from simulations.agents import TabularState
from simulations.training import LearningRule, random_streams

ARMS = np.linspace(0.05, 0.95, 10)
RATE = 0.1
ROUNDS = 5
Job = Callable[[], int]  # does some steps, says how many
pytestmark = [pytest.mark.filterwarnings("ignore"), pytest.mark.benchmark(group="plain bandit")]


SEEDS = 1024
RULE = LearningRule(estimator="none", group_size=1, batch=1, learning_rate=RATE)


def world_and_agent() -> tuple[World, Tabular]:
    return World(np.r_[ARMS, 0.0][None, :]), Tabular(levels=2)


def ours_one_seed() -> Job:
    (world, agent), steps = world_and_agent(), 300_000
    table = np.array([[0.0, 0.0], [1.0, 1.0]])

    def go() -> int:
        stream, state = random_streams(0, 1)[0].stream, agent.start(world, np.random.default_rng(0))
        agent.train(state, world, table, RULE, stream, 0, steps)
        return steps

    return go


def ours_side_by_side() -> Job:
    """Training alone, which is what the others do as well."""
    (world, agent), steps = world_and_agent(), 10_000
    table, at_once = np.array([[0.0, 0.0], [1.0, 1.0]]), agent.side_by_side(world, RULE)
    starts = [agent.start(world, mine.prior) for mine in random_streams(0, SEEDS)]
    streams = [mine.stream for mine in random_streams(0, SEEDS)]

    def go() -> int:
        states = [TabularState(*(rows.copy() for rows in state)) for state in starts]
        for i in range(0, SEEDS, at_once):
            some = slice(i, i + at_once)
            agent.train_side_by_side(states[some], world, table, RULE, streams[some], 0, steps)
        return SEEDS * steps

    return go


def ours_whole() -> Job:
    """All that `run` does: streams, start, training, measurement at the end, and the record."""
    world, agent = world_and_agent()
    experiment = Experiment(
        reward=Reward.parse("c"), agent=agent, world=world, elsewhere=world, training=RULE,
        steps=10_000, replicates=SEEDS, checkpoints=(10_000,),
    )  # fmt: skip

    def go() -> int:
        run(experiment, threads=1)
        return experiment.rollouts

    return go


def python_loop() -> Job:
    def go(steps: int = 20_000) -> int:
        rng, logits, arms = random.Random(0), [0.0] * 10, ARMS.tolist()
        for _ in range(steps):
            weights = [math.exp(z) for z in logits]
            total = sum(weights)
            (arm,) = rng.choices(range(10), weights)
            push = RATE * (rng.random() < arms[arm])
            for k in range(10):
                logits[k] += push * ((k == arm) - weights[k] / total)
        return steps

    return go


def numpy_over_seeds() -> Job:
    def go(steps: int = 300, seeds: int = 1024) -> int:
        rng, logits, each = np.random.default_rng(0), np.zeros((1024, 10)), np.arange(seeds)
        for _ in range(steps):
            chance = np.exp(logits - logits.max(axis=1, keepdims=True))
            chance /= chance.sum(axis=1, keepdims=True)
            arm = np.minimum((rng.random((seeds, 1)) >= chance.cumsum(axis=1)).sum(axis=1), 9)
            push = RATE * (rng.random(seeds) < ARMS[arm])
            logits -= push[:, None] * chance
            logits[each, arm] += push
        return steps * seeds

    return go


def jax_over_seeds() -> Job:
    jax = pytest.importorskip("jax")
    jnp, seeds, steps = jax.numpy, 1024, 1000
    arms = jnp.asarray(ARMS, jnp.float32)

    def step(logits: Any, key: Any) -> tuple[Any, None]:
        chance = jax.nn.softmax(logits)
        luck_of_both = jax.random.uniform(key, (2,))
        arm = jnp.minimum((luck_of_both[0] >= jnp.cumsum(chance)).sum(), 9)
        push = RATE * (luck_of_both[1] < arms[arm])
        return logits + push * (jax.nn.one_hot(arm, 10) - chance), None

    return _compiled(
        jax,
        lambda key: jax.lax.scan(step, jnp.zeros(10), jax.random.split(key, steps))[0],
        seeds,
        steps,
    )


def gymnax_with_jax() -> Job:
    jax, gymnax = pytest.importorskip("jax"), pytest.importorskip("gymnax")
    jnp, seeds, steps = jax.numpy, 1024, 1000
    world, parameters = gymnax.make("SimpleBandit-bsuite")

    def step(carry: tuple[Any, Any], key: Any) -> tuple[tuple[Any, Any], None]:
        (logits, state), (first, second) = carry, jax.random.split(key)
        chance = jax.nn.softmax(logits)
        arm = jnp.minimum(
            (jax.random.uniform(first) >= jnp.cumsum(chance)).sum(), world.num_actions - 1
        )
        _, state, reward, *_ = world.step(second, state, arm, parameters)
        return (
            logits + RATE * reward * (jax.nn.one_hot(arm, world.num_actions) - chance),
            state,
        ), None

    def one(key: Any) -> Any:
        start = jnp.zeros(world.num_actions), world.reset(key, parameters)[1]
        return jax.lax.scan(step, start, jax.random.split(key, steps))[0][0]

    return _compiled(jax, one, seeds, steps)


def _compiled(jax: Any, one: Callable[[Any], Any], seeds: int, steps: int) -> Job:
    many, keys = jax.jit(jax.vmap(one)), jax.random.split(jax.random.PRNGKey(0), seeds)

    def go() -> int:
        many(keys).block_until_ready()
        return seeds * steps

    return go


def mabwiser_softmax() -> Job:
    library = pytest.importorskip("mabwiser.mab")

    def go(steps: int = 1500) -> int:
        rng = random.Random(0)
        bandit = library.MAB(list(range(10)), library.LearningPolicy.Softmax(tau=1.0), seed=1)
        bandit.fit(list(range(10)), [0] * 10)
        for _ in range(steps):
            arm = bandit.predict()
            bandit.partial_fit([arm], [int(rng.random() < ARMS[arm])])
        return steps

    return go


def contextualbandits_linucb() -> Job:
    library = pytest.importorskip("contextualbandits.online")

    def go(steps: int = 400) -> int:
        rng, context = random.Random(0), np.ones((1, 1))
        bandit = library.LinUCB(
            10, fit_intercept=False, beta_prior=None, random_state=1
        )  # 0 is refused by it
        for _ in range(steps):
            arm = bandit.predict(context)
            bandit.partial_fit(context, arm, np.array([float(rng.random() < ARMS[int(arm[0])])]))
        return steps

    return go


def river_exp3() -> Job:
    library = pytest.importorskip("river.bandit")

    def go(steps: int = 20_000) -> int:
        rng, arms, bandit = random.Random(0), list(range(10)), library.Exp3(gamma=0.1, seed=1)
        for _ in range(steps):
            arm = bandit.pull(arms)
            bandit.update(arm, float(rng.random() < ARMS[arm]))
        return steps

    return go


OURS = "ours over 1024 seeds, side by side"
CONTENDERS: dict[str, Callable[[], Job]] = {
    OURS: ours_side_by_side,
    "ours, the same with start, measurement and record (`run`)": ours_whole,
    "ours, one seed": ours_one_seed,
    "NumPy over 1024 seeds": numpy_over_seeds,
    "JAX over 1024 seeds, float32": jax_over_seeds,
    "gymnax SimpleBandit + JAX over 1024 seeds": gymnax_with_jax,
    "plain Python loop": python_loop,
    "river Exp3": river_exp3,
    "MABWiser Softmax": mabwiser_softmax,
    "contextualbandits LinUCB": contextualbandits_linucb,
}


def test_steps_per_second_of_cpu(benchmark, capsys) -> None:
    """All contenders in turn, round by round, so that a busy machine is busy for all of them."""
    jobs: dict[str, Job] = {}
    for name, make in CONTENDERS.items():
        with suppress(pytest.skip.Exception):  # not installed
            jobs[name] = make()
            jobs[name]()  # compiles, and warms up
    rates: dict[str, list[float]] = {name: [] for name in jobs}

    def once() -> None:
        for name, job in jobs.items():
            started = process_time()
            rates[name].append(job() / (process_time() - started))

    benchmark.pedantic(once, rounds=ROUNDS)
    found = {name: median(some) for name, some in rates.items()}
    benchmark.extra_info["steps_per_cpu_second"] = found
    with capsys.disabled():
        print(f"\n\nPlain ten-armed bandit, median of {ROUNDS}; {processor()}\n")
        print("| what | steps per CPU-second | ours is faster by |\n|---|---:|---:|")
        for name, rate in sorted(found.items(), key=lambda item: -item[1]):
            print(f"| {name} | {rate:,.0f} | {found[OURS] / rate:,.3g} |")
        for name in CONTENDERS.keys() - jobs.keys():
            print(f"| {name} | did not run here: not installed | |")


def processor() -> str:
    """The name of the processor, as Linux tells it, and how many there are."""
    facts = Path("/proc/cpuinfo")
    lines = facts.read_text().splitlines() if facts.is_file() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return f"{len(names)} x {names[0]}" if names else platform.processor() or platform.machine()
