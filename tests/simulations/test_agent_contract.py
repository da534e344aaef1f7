"""What every agent promises to an experiment, whichever is asked."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any, get_args

import numpy as np
import pytest

from scoring_theory.reward import Reward
from simulations import Experiment, LearningRule, agents, feature_world, run
from simulations.agents import AGENTS
from simulations.agents.agent import Option
from simulations.cli import experiment_options
from simulations.training import random_streams

CORRECT, SCORE = Reward.parse("c"), Reward.parse("-(q - c)^2")
RULES: dict[Option, dict[str, Any]] = {
    "natural": {"update": "natural"},
    "replicator": {"update": "replicator", "estimator": "none", "learning_rate": 0.1},
    "epochs": {"update": "ppo", "epochs": 2},
    "kl": {"kl": 0.1},
    "entropy": {"entropy": 0.1},
    "weights": {"right_weight": 0.5},
    "components": {"estimator": "component_std"},
}


def experiment(name: str, **rule: Any) -> Experiment:
    training = LearningRule(**{"batch": 8, "learning_rate": 0.05, **rule})
    parts = (("correctness", 1.0, CORRECT), ("score", 0.5, SCORE)) if training.per_component else ()
    return Experiment(
        reward=CORRECT + 0.5 * SCORE,
        agent=AGENTS[name](),
        world=feature_world(32),
        training=training,
        steps=12,
        elsewhere=feature_world(32, shift=1.0),
        replicates=3,
        checkpoints=3,
        components=parts,
    )


def test_every_learner_is_in_the_registry_and_on_the_command_line() -> None:
    public = [getattr(agents, name) for name in agents.__all__ if name not in ("AGENTS", "Agent")]
    assert [one for one in public if hasattr(one, "train")] == sorted(
        AGENTS.values(), key=public.index
    )
    # The transformer trains with signals, and so stands above the agents that signals know.
    assert (*AGENTS, "transformer") == experiment_options.AGENT_NAMES
    assert set(RULES) == set(get_args(Option))


@pytest.mark.parametrize("name", AGENTS)
def test_one_seed_gives_one_set_of_bits(name) -> None:
    one = experiment(name)
    record = run(one, threads=1)
    assert run(one, threads=3).digest == record.digest
    often = run(replace(one, checkpoints=(0, 1, 5, 12)))
    assert all(
        np.array_equal(often.inside[metric][:, -1], record.inside[metric][:, -1])
        for metric in record.inside
    )
    assert run(replace(one, seed=1)).digest != record.digest


@pytest.mark.parametrize("name", AGENTS)
def test_what_is_counted_is_a_distribution_over_the_grid(name) -> None:
    one = experiment(name)
    agent, (mine,) = one.agent, random_streams(0, 1)
    assert agent.kind == name
    assert (np.diff(agent.grid) > 0).all()
    assert (agent.grid[0], agent.grid[-1]) == (0, 1)
    table = one.payoffs()[0]
    assert table.shape == (2, agent.grid.size)
    state = agent.start(one.world, mine.prior)
    agent.train(state, one.world, table, one.training, mine.stream, 0, 3, prior=None)
    count = agent.count(state, (one.world, one.elsewhere, one.world))
    assert count.mass.shape == count.hits.shape == (3, agent.grid.size)
    assert count.answer_entropy.shape == count.confidence_entropy.shape == (3,)
    assert count.mass.sum(axis=1) == pytest.approx(np.ones(3))
    assert (count.hits <= count.mass + 1e-12).all()
    assert (count.hits >= 0).all()


@pytest.mark.parametrize("name", AGENTS)
def test_a_description_makes_the_agent_again(name) -> None:
    agent = AGENTS[name]()
    described = json.loads(json.dumps(agent.describe()))
    assert described.pop("kind") == name
    assert AGENTS[name](**described) == agent


@pytest.mark.parametrize("option", RULES)
@pytest.mark.parametrize("name", AGENTS)
def test_what_an_agent_does_not_support_it_refuses(name, option) -> None:
    agent, rule = AGENTS[name](), RULES[option]
    if option in agent.supports:
        assert run(experiment(name, **rule)).digest != run(experiment(name)).digest
        return
    sentence = f"the {name} agent does not support"
    with pytest.raises(ValueError, match=sentence):
        experiment(name, **rule)
    plain, (mine,) = experiment(name), random_streams(0, 1)
    state, training = agent.start(plain.world, mine.prior), LearningRule(**{"batch": 8, **rule})
    with pytest.raises(ValueError, match=sentence):
        agent.train(state, plain.world, plain.payoffs()[0], training, mine.stream, 0, 1)
