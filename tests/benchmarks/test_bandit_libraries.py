"""What one would pick otherwise, side by side with ours in one process.

    pytest tests/benchmarks --benchmark-only -s

The plain bandit: ten arms, Bernoulli rewards; one pull and one update are a step. Rates are steps
per second of CPU time (`process_time`, all threads together), so a busy machine and a library with
threads of its own change nothing. Libraries that are not installed have a line in the table that
says so; they go into an environment of their own, beside this project:

    pip install mabwiser contextualbandits river gymnax jax six

What each does is not the same work, and never less for ours: the tabular agent also states a
confidence and learns it. gymnax has no ten-armed Bernoulli bandit; its eleven-armed
`SimpleBandit-bsuite` is taken. JAX works in float32, as it comes, and on all seeds at once; ours
trains one seed in float64. Nothing here asserts a time. The last test prints the table, in
Markdown.
"""

from __future__ import annotations

import math
import platform
import random
from collections.abc import Callable, Iterator
from pathlib import Path
from statistics import median
from time import process_time
from typing import Any

import numpy as np
import pytest

from simulations import Tabular, World
from simulations.training import LearningRule, random_streams

ARMS = np.linspace(0.05, 0.95, 10)
RATE = 0.1
ROUNDS = 5
Job = Callable[[], int]  # does some steps, says how many
pytestmark = [pytest.mark.filterwarnings("ignore"), pytest.mark.benchmark(group="plain bandit")]


def ours() -> Job:
    world, agent = World(np.r_[ARMS, 0.0][None, :]), Tabular(levels=2)
    training = LearningRule(estimator="none", group_size=1, batch=1, learning_rate=RATE)
    table, steps = np.array([[0.0, 0.0], [1.0, 1.0]]), 300_000

    def go() -> int:
        stream, state = random_streams(0, 1)[0].stream, agent.start(world, np.random.default_rng(0))
        agent.train(state, world, table, training, stream, 0, steps)
        return steps

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


CONTENDERS: dict[str, Callable[[], Job]] = {
    "ours (tabular agent, with its confidence)": ours,
    "NumPy over 1024 seeds": numpy_over_seeds,
    "JAX over 1024 seeds, float32": jax_over_seeds,
    "gymnax SimpleBandit + JAX over 1024 seeds": gymnax_with_jax,
    "plain Python loop": python_loop,
    "river Exp3": river_exp3,
    "MABWiser Softmax": mabwiser_softmax,
    "contextualbandits LinUCB": contextualbandits_linucb,
}


@pytest.fixture(scope="module")
def rates() -> Iterator[dict[str, list[float]]]:
    """Steps per second of CPU time, by contender."""
    return {}


@pytest.mark.parametrize("name", CONTENDERS)
def test_steps_per_second_of_cpu(benchmark, rates, name) -> None:
    job = CONTENDERS[name]()
    job()  # compiles, and warms up

    def timed() -> None:
        started = process_time()
        rates.setdefault(name, []).append(job() / (process_time() - started))

    benchmark.pedantic(timed, rounds=ROUNDS)
    benchmark.extra_info["steps_per_cpu_second"] = median(rates[name])


def test_the_table(benchmark, rates, capsys) -> None:
    benchmark.pedantic(lambda: None, rounds=1)
    best = median(rates[next(iter(CONTENDERS))])
    with capsys.disabled():
        print(f"\n\nPlain ten-armed bandit, median of {ROUNDS}; {processor()}\n")
        print("| what | steps per CPU-second | ours is faster by |\n|---|---:|---:|")
        for name, found in sorted(rates.items(), key=lambda item: -median(item[1])):
            print(f"| {name} | {median(found):,.0f} | {best / median(found):,.3g} |")
        for name in CONTENDERS.keys() - rates.keys():
            print(f"| {name} | did not run here: not installed, or it failed | |")


def processor() -> str:
    """The name of the processor, as Linux tells it, and how many there are."""
    facts = Path("/proc/cpuinfo")
    lines = facts.read_text().splitlines() if facts.is_file() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return f"{len(names)} x {names[0]}" if names else platform.processor() or platform.machine()
