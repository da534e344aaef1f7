"""The mean field of the coupled agent against sampled steps, and against the mechanism's own."""

from __future__ import annotations

import numpy as np
import pytest

from scoring_theory.reward import Reward
from simulations.agents import Coupled
from simulations.agents.coupled import CoupledState
from simulations.experiment import Experiment
from simulations.laboratory.drift_exact import coupled_rise
from simulations.meanfield import coupled_motion, coupled_recursion
from simulations.training import LearningRule, random_streams
from simulations.worlds import World

TRUTH = np.array([[0.3, 0.1, 0.0], [0.8, 0.5, 0.0]])
WORLD = World(TRUTH, features=np.array([[1.0, -0.5], [1.0, 1.0]]))
STEPS = 3000


@pytest.mark.parametrize("text", ["c", "c - (q - c)^2", "c - abs(q - c)"])
@pytest.mark.parametrize("estimator", ["group_mean", "leave_one_out"])
def test_the_mean_of_sampled_steps_is_the_expected_step(text: str, estimator: str) -> None:
    agent = Coupled(constant=0.3, slope=0.7, exploration=0.8, levels=11)
    rule = LearningRule(estimator=estimator, group_size=3, batch=2, learning_rate=1.0)
    table = Reward.parse(text).table(agent.grid)
    start = agent.start(WORLD, np.random.default_rng(5))
    exact = np.concatenate(
        [part.ravel() for part in coupled_motion(agent, start, WORLD, table, rule)]
    )
    moved = []
    for streams in random_streams(16, STEPS):
        state = CoupledState(*(part.copy() for part in start))
        agent.train(state, WORLD, table, rule, streams.stream, 0, 1)
        moved.append(np.concatenate([(a - b).ravel() for a, b in zip(state, start, strict=True)]))
    mean, error = np.mean(moved, axis=0), np.std(moved, axis=0, ddof=1) / np.sqrt(STEPS)
    assert (np.abs(mean - exact) < 4 * error).all(), (mean - exact) / error
    assert np.abs(exact).max() > 10 * error.max(), "the test would notice a missing term"


def test_under_the_binary_reward_it_is_the_mean_field_of_the_coupling_mechanism() -> None:
    """`coupled_rise` follows the answers alone; confidence must not move for another reason."""
    binary = Reward.parse("c")
    agent = Coupled(weight_noise=0.0, levels=101)
    rule = LearningRule(group_size=4, batch=2, learning_rate=0.05)
    start = agent.start(WORLD, np.random.default_rng(0))
    end = coupled_recursion(agent, start, WORLD, binary.table(agent.grid), rule, steps=300)
    assert end.slope == pytest.approx(start.slope, abs=1e-12)
    assert end.head == pytest.approx(start.head, abs=1e-12)
    stated = [agent.count(state, (WORLD,)).mass[0] @ agent.grid for state in (start, end)]
    experiment = Experiment(
        reward=binary, agent=agent, world=WORLD, elsewhere=WORLD, name="coupling", training=rule,
        steps=300, replicates=1,
    )  # fmt: skip
    assert stated[1] - stated[0] == pytest.approx(coupled_rise(experiment), abs=1e-12)


def test_it_refuses_what_it_does_not_describe() -> None:
    agent, table = Coupled(levels=11), np.zeros((2, 11))
    start = agent.start(WORLD, np.random.default_rng(0))
    with pytest.raises(ValueError, match="needs a world with features"):
        coupled_motion(agent, start, World(TRUTH), table, LearningRule())
    with pytest.raises(ValueError, match="has no mean-field factor"):
        coupled_motion(agent, start, WORLD, table, LearningRule(estimator="group_std"))
