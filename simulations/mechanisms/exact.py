"""The exact effect of each mechanism: a mean field, a martingale, a stable confidence, two best responses."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from scoring_theory.advantage import effective_advantage
from simulations.agents import Coupled, Rational, Tabular
from simulations.agents.coupled import CoupledState
from simulations.meanfield import baseline_factor
from simulations.training import luck

if TYPE_CHECKING:
    from simulations.experiment import Experiment
    from simulations.training.kernels import FloatArray
    from simulations.worlds import World


def coupled_rise(experiment: Experiment) -> float:
    """Confidence after the expected motion of the answers, which the binary reward alone decides.

    The mean is over the starts of the first 16 runs at most: more would only repeat the same
    motion.
    """
    agent, world, training = experiment.agent, experiment.world, experiment.training
    assert isinstance(agent, Coupled)
    phi, truth = world.features, world.success_probability
    assert phi is not None
    starts = [
        agent.start(world, one.prior)
        for one in luck(experiment.seed, min(experiment.replicates, 16))
    ]
    weights = np.stack([start.weights for start in starts])
    rate = agent.answer_speed * training.learning_rate * baseline_factor(training) / training.batch
    for step in range(experiment.steps):
        x = np.arange(step * training.batch, (step + 1) * training.batch) % world.questions
        logits = np.einsum("xi,rik->rxk", phi[x], weights)
        pi = np.exp(logits - logits.max(axis=2, keepdims=True))
        pi /= pi.sum(axis=2, keepdims=True)
        value = np.sum(pi * truth[x], axis=2, keepdims=True)
        weights += rate * np.einsum("xi,rxk->rik", phi[x], pi * (truth[x] - value))
    ends = (
        CoupledState(w, start.slope, start.head) for w, start in zip(weights, starts, strict=True)
    )
    rises = [
        _stated(agent, end, world) - _stated(agent, start, world)
        for end, start in zip(ends, starts, strict=True)
    ]
    return float(np.mean(rises))


def _stated(agent: Coupled, state: CoupledState, world: World) -> float:
    return float(agent.count(state, (world,)).mass[0] @ agent.grid)


def wandering(experiment: Experiment) -> float:
    """A head's variance falls by the factor 1 - p r^2 / G in each visit; what it lost lies between runs."""
    agent, training = experiment.agent, experiment.training
    assert isinstance(agent, Tabular)
    prior = agent.start(experiment.world, np.random.default_rng(0), "replicator").confidence[0, 0]
    variance = prior @ agent.grid**2 - (prior @ agent.grid) ** 2
    p = experiment.world.success_probability[0, 0]
    left = (1 - p * training.learning_rate**2 / training.group_size) ** experiment.steps
    return float(np.sqrt(variance * (1 - left)))


def invaded_gap(experiment: Experiment) -> float:
    """The confidence that no other level invades, less the truth."""
    p = float(experiment.world.success_probability[0, 0])
    found = effective_advantage(
        experiment.reward,
        p,
        experiment.agent.grid,
        estimator=experiment.training.estimator,
        outcomes="shared",
        group_size=experiment.training.group_size,
    )
    return round(float(found.stable.mean()) - p, 12)


def best_response_gap(experiment: Experiment) -> float:
    """The rational agent of the world of training, read in the other."""
    agent, table = experiment.agent, experiment.payoffs()[0]
    policy = Rational.best_response(experiment.world, table)
    joint: FloatArray = policy.answer[..., None] * policy.confidence
    stated, right = joint @ agent.grid, joint.sum(axis=2) * experiment.elsewhere.success_probability
    return round(float((stated.sum() - right.sum()) / experiment.world.questions), 12)
