"""How many rollouts a core trains and measures in a second of its own time: `pytest tests/benchmarks --benchmark-only`.

The reference workload: 256 questions, 8 candidates, 11 levels, batches of 32 x 8 rollouts, group mean, float64.
"""

from __future__ import annotations

from time import process_time

import numpy as np
import pytest

from scoring_theory.reward import Reward
from simulations import Coupled, Experiment, Tabular, World, feature_world, run
from simulations.training import Training, luck

LEVELS = np.arange(11) / 10
BRIER = np.stack([-(LEVELS**2), 1 - (1 - LEVELS) ** 2])


def reference_world() -> World:
    return World(np.c_[np.random.default_rng(7).beta(1.0, 2.0, size=(256, 7)), np.zeros(256)])


def test_tabular_rollouts_per_second_of_cpu(benchmark) -> None:
    world, agent, training, steps = reference_world(), Tabular(), Training(learning_rate=0.5), 2000
    state, stream = agent.start(world, np.random.default_rng(0)), luck(0, 1)[0].stream
    agent.train(state, world, BRIER, training, stream, 0, 1)  # compiles

    def go() -> float:
        fresh, started = agent.start(world, np.random.default_rng(0)), process_time()
        agent.train(fresh, world, BRIER, training, stream, 0, steps)
        return steps * training.batch * training.group_size / (process_time() - started)

    rates = [benchmark.pedantic(go, rounds=1)] + [go() for _ in range(4)]
    benchmark.extra_info["rollouts_per_cpu_second"] = float(np.median(rates))
    assert np.median(rates) > 1e7


@pytest.mark.parametrize("kind", ["tabular", "coupled"])
def test_a_whole_experiment(benchmark, kind) -> None:
    home, away = (reference_world(),) * 2 if kind == "tabular" else (feature_world(), feature_world(shift=1.5))
    agent = Tabular() if kind == "tabular" else Coupled()
    reward = Reward.parse("c - (q - c)^2")
    experiment = Experiment(reward=reward, agent=agent, world=home, elsewhere=away, learning_rate=0.05, checkpoints=51)
    run(experiment, threads=1)

    def go() -> float:
        started = process_time()
        run(experiment, threads=1)
        return experiment.rollouts / (process_time() - started)

    rates = [benchmark.pedantic(go, rounds=1)] + [go() for _ in range(2)]
    benchmark.extra_info["rollouts_per_cpu_second"] = float(np.median(rates))
