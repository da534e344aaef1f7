"""The exact effect of each mechanism.

A mean field (coupling), a martingale (sampling-noise), the expected update of a head (estimator)
and the best response (verifier-noise and shift).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from simulations.agents import Coupled, Rational, Tabular
from simulations.agents.coupled import CoupledState
from simulations.laboratory.head_field import head_after
from simulations.meanfield import baseline_factor
from simulations.policies import softmax
from simulations.training import random_streams

if TYPE_CHECKING:
    from simulations.experiment import Experiment
    from simulations.training.kernels import FloatArray
    from simulations.worlds import World


def coupled_rise(experiment: Experiment) -> float:
    """The rise of mean confidence along the mean field of the coupled agent.

    Under the binary reward the answers do not depend on confidence, so only the answer weights are
    followed; confidence is computed from them at the start and at the end. The result is the mean
    over the initial states of at most the first 16 runs, between which the mean field differs
    little.
    """
    agent, world, training = experiment.agent, experiment.world, experiment.training
    assert isinstance(agent, Coupled)
    phi, truth = world.features, world.success_probability
    assert phi is not None
    starts = [
        agent.start(world, streams.prior)
        for streams in random_streams(experiment.seed, min(experiment.replicates, 16))
    ]
    weights = np.stack([start.weights for start in starts])
    rate = agent.answer_speed * training.learning_rate * baseline_factor(training) / training.batch
    for step in range(experiment.steps):
        x = np.arange(step * training.batch, (step + 1) * training.batch) % world.questions
        logits = np.einsum("xi,rik->rxk", phi[x], weights)
        pi = softmax(logits)
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


def spread_between_runs(experiment: Experiment) -> float:
    """The standard deviation of mean confidence between runs under the replicator.

        sqrt(v (1 - (1 - p r^2 / G)^T))

    Here v is the variance of the prior confidence, p the success probability, r the learning rate
    and T the number of steps. In each visit the variance of a confidence head shrinks by the factor
    1 - p r^2 / G in expectation (`docs/theory.md`, Theorem 36). The mean is a martingale, so the
    variance that the head loses becomes variance between runs.
    """
    agent, training = experiment.agent, experiment.training
    assert isinstance(agent, Tabular)
    prior = agent.start(experiment.world, np.random.default_rng(0), "replicator").confidence[0, 0]
    variance = prior @ agent.grid**2 - (prior @ agent.grid) ** 2
    p = float(experiment.world.success_probability[0].max())
    left = (1 - p * training.learning_rate**2 / training.group_size) ** experiment.steps
    return float(np.sqrt(variance * (1 - left)))


def trained_gap(experiment: Experiment) -> float:
    """The mean report after the same number of expected updates, minus the success probability.

    The agent's first answer is the best one and has nearly all probability from the start, so that
    only its confidence head moves.
    """
    world, agent = experiment.world, experiment.agent
    assert isinstance(agent, Tabular)
    p = float(world.success_probability[0].max())
    start = agent.start(world, np.random.default_rng(0)).confidence[0, 0]
    head = head_after(start, p, experiment.payoffs()[0], experiment.training, experiment.steps)
    return float(head @ agent.grid) - p


def best_response_gap(experiment: Experiment) -> float:
    """Mean confidence minus accuracy of the best response.

    The policy is optimal in distribution; its confidence and accuracy are measured out of
    distribution.
    """
    agent, table = experiment.agent, experiment.payoffs()[0]
    policy = Rational.best_response(experiment.world, table)
    joint: FloatArray = policy.answer[..., None] * policy.confidence
    confidence = (joint @ agent.grid).sum()
    correct = (joint.sum(axis=2) * experiment.elsewhere.success_probability).sum()
    return round(float((confidence - correct) / experiment.world.questions), 12)
