"""The mean field of a head: against the enumeration of every group."""

from __future__ import annotations

import numpy as np
import pytest

from scoring_theory.advantage.mixed_groups import standardised
from simulations.agents import Tabular
from simulations.laboratory.head_field import divided_advantage, head_after
from simulations.meanfield import recursion
from simulations.policies import softmax
from simulations.training import LearningRule
from simulations.worlds import bank_of

GRID = np.arange(11) / 10
BRIER = np.stack([-(GRID**2), 1 - (1 - GRID) ** 2])


@pytest.mark.parametrize("size", [2, 3, 6])
@pytest.mark.parametrize("correct", [0, 1])
@pytest.mark.parametrize("spread", [0.2, 1.0, 20.0])
def test_the_integral_is_the_mean_over_all_groups(size: int, correct: int, spread: float) -> None:
    rewards = BRIER[correct]
    chances = np.random.default_rng(size).dirichlet(np.full(11, spread))
    expected = standardised(rewards, rewards, chances, size, 0.0)
    found = divided_advantage(rewards, size)(chances)
    np.testing.assert_allclose(found, expected, atol=1e-3)


@pytest.mark.parametrize("estimator", ["group_std", "group_mean"])
def test_the_head_follows_the_mean_field_of_the_agent(estimator: str) -> None:
    world, agent = bank_of([0.3], 2, outcomes="shared"), Tabular(head_start=20.0, noise=0.0)
    start = agent.start(world, np.random.default_rng(0))
    rule = LearningRule(
        batch=1, group_size=3, estimator=estimator, learning_rate=0.3, std_epsilon=0.0
    )
    end = recursion(start, world, BRIER, rule, steps=200)
    head = head_after(start.confidence[0, 0], 0.3, BRIER, rule, 200)
    np.testing.assert_allclose(head, softmax(end.confidence[0, 0]), atol=1e-3)
