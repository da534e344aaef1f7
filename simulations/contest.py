"""A contest between rewards on a decision: who earns more from "act if confidence is above t", after the same training.

An agent with exact confidence earns the same under every strictly proper reward, so nothing can be
won at the end of learning. What differs is the way there: near t, a reward pays for being on the
right side of it in proportion to the mass it has at t. So the question is one of finite training,
at equal range, equal luck and equal learning rate.
"""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import TYPE_CHECKING, Literal

import numpy as np

from scoring_theory.catalogue.coercion import as_reward
from scoring_theory.display import one_line
from simulations.agents import Tabular
from simulations.agents.tabular import TabularState
from simulations.experiment import Experiment
from simulations.meanfield import baseline_factor, drift
from simulations.running import counted
from simulations.training import luck
from simulations.worlds import bank

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from scoring_theory.catalogue.coercion import RewardLike
    from scoring_theory.reward import Reward
    from simulations.training.kernels import FloatArray

Scale = Literal["short", "full"]


@dataclass(frozen=True, eq=False)
class ContestResult:
    """What each reward's agents earn from each decision.

    Attributes:
        names: the R rewards.
        thresholds: of the D decisions.
        steps: training steps done at each of T checkpoints.
        payoff: mean of (c - t) [q > t] over questions, exact given the agent, (R, replicates, T,
            D).
        expected: the same along the expected motion of the first replicate's start, (R, T, D); None
            if not asked for.
        best: what the best answer with its true confidence earns, (D,).
    """

    names: tuple[str, ...]
    thresholds: tuple[float, ...]
    steps: NDArray[np.int64]
    payoff: FloatArray
    expected: FloatArray | None
    best: FloatArray

    __repr__ = one_line

    def lead(self, one: int, other: int) -> FloatArray:
        """How much more the first earns than the second at the end, replicate by replicate, (replicates, D)."""
        return np.asarray(self.payoff[one, :, -1] - self.payoff[other, :, -1])


def decision_payoff(
    levels: FloatArray, mass: FloatArray, hits: FloatArray, thresholds: Sequence[float]
) -> FloatArray:
    """Mean of (c - t) [q > t], from how often each level is stated and is right.

        sum over q > t of (hits_q - t mass_q)

    Args:
        levels: Stated confidences, (L,).
        mass: Probability of each, (..., L).
        hits: Probability of each together with a right answer, (..., L).
        thresholds: t in [0, 1], D of them.

    Returns:
        Shape (..., D).

    Example:
        >>> decision_payoff(np.array([0.2, 0.8]), np.array([0.5, 0.5]), np.array([0.1, 0.4]), [0.6]).round(3).tolist()
        [0.1]
    """
    t = np.asarray(thresholds, dtype=np.float64)
    if not ((t >= 0) & (t <= 1)).all():
        raise ValueError(f"`thresholds` must lie in [0, 1], got {list(thresholds)}")
    acts = levels[:, None] > t
    return np.asarray(hits @ acts - (mass @ acts) * t)


def contestants(
    rewards: Sequence[RewardLike], *, scale: Scale = "full", seed: int = 0
) -> tuple[Experiment, ...]:
    """One experiment for each reward: the tabular agent, 21 levels, 256 unrelated questions, the same luck for all."""
    full = scale == "full"
    first = Experiment(
        reward=as_reward(rewards[0]),
        agent=Tabular(levels=21),
        world=bank(),
        elsewhere=bank(),
        steps=4000 if full else 1500,
        replicates=24 if full else 4,
        checkpoints=21 if full else 7,
        seed=seed,
    )
    return tuple(replace(first, reward=as_reward(reward)) for reward in rewards)


def rlcr_of_range(total: Fraction) -> Reward:
    """RLCR, c - (q - c)^2, scaled to a range: all thresholds alike."""
    from scoring_theory.catalogue import brier, correctness

    return (total / 2 * (correctness + brier)).called("RLCR")


def contest(
    experiments: Sequence[Experiment],
    thresholds: Sequence[float],
    *,
    expected: bool = False,
    threads: int | None = None,
) -> ContestResult:
    """Train the agents of several rewards and let each act by its confidence.

    Args:
        experiments: One for each reward, in one world, with one seed.
        thresholds: Of the decisions.
        expected: Whether to follow the expected motion as well: exact and without sampling, for the
            tabular agent and an estimator that only subtracts a baseline.
        threads: How many replicates side by side; the result does not depend on it.

    Raises:
        ValueError: If the experiments differ in more than the reward, or a threshold lies outside
            [0, 1].

    Example:
        >>> from scoring_theory.designing import design
        >>> rewards = [rlcr_of_range(Fraction(1)), design(thresholds=[0.6]).reward]
        >>> little = [replace(one, steps=200) for one in contestants(rewards, scale="short")]
        >>> found = contest(little, [0.6])
        >>> found.payoff.shape, bool((found.payoff <= found.best).all())
        ((2, 4, 7, 1), True)
    """
    first = experiments[0]
    if any(replace(one, reward=first.reward, name=first.name) != first for one in experiments):
        raise ValueError("`experiments` of a contest must differ in nothing but their reward")
    truth = first.world.success_probability.max(axis=1)
    t = np.asarray(thresholds, dtype=np.float64)
    with ThreadPoolExecutor(threads or os.cpu_count()) as pool:
        payoff = np.stack([_earned(one, thresholds, pool) for one in experiments])
    return ContestResult(
        names=tuple(one.name or one.reward.name or one.reward.text for one in experiments),
        thresholds=tuple(float(x) for x in thresholds),
        steps=first.when,
        payoff=payoff,
        expected=(
            np.stack([_along_the_mean(one, thresholds) for one in experiments])
            if expected
            else None
        ),
        best=np.maximum(truth[:, None] - t, 0).mean(axis=0),
    )


def _earned(
    experiment: Experiment, thresholds: Sequence[float], pool: ThreadPoolExecutor
) -> FloatArray:
    table = experiment.payoffs()[0]
    lucks = luck(experiment.seed, experiment.replicates)
    counts = pool.map(lambda mine: counted(experiment, table, mine)[:2], lucks)
    grid = experiment.agent.grid
    return np.stack([decision_payoff(grid, mass[0], hits[0], thresholds) for mass, hits in counts])


def _along_the_mean(experiment: Experiment, thresholds: Sequence[float]) -> FloatArray:
    agent, world, table = experiment.agent, experiment.world, experiment.payoffs()[0]
    training = experiment.training
    truth = world.success_probability
    rate = training.learning_rate * baseline_factor(training)
    state = agent.start(world, luck(experiment.seed, 1)[0].prior, training.update)
    done, rows = 0, []
    for step in experiment.when.tolist():
        for one in range(done, step):
            seen = np.arange(one * training.batch, (one + 1) * training.batch) % world.questions
            moved = drift(
                TabularState(state.answer[seen], state.confidence[seen]), truth[seen], table
            )
            state.answer[seen] += rate * moved.answer
            state.confidence[seen] += rate * moved.confidence
        done = step
        count = agent.count(state, (world,), training.update)
        rows.append(decision_payoff(agent.grid, count.mass[0], count.hits[0], thresholds))
    return np.stack(rows)
