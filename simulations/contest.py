"""A contest between rewards: which trained agent has the higher expected payoff from decisions.

The decision is "act if the stated confidence is above t". An agent whose confidence equals its
success probability earns the same from it whichever strictly proper reward it was trained with, so
the rewards do not differ in the limit of long training. They differ before that: near t, the
incentive to be on the correct side of t is proportional to the threshold mass of the reward at t.
Therefore the contest compares agents after the same finite training, with the same range, the same
random streams and the same learning rate.
"""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np

from scoring_theory.catalogue.coercion import as_reward
from scoring_theory.display import one_line
from simulations.agents import Tabular
from simulations.agents.tabular import TabularState
from simulations.experiment import Experiment
from simulations.meanfield import baseline_factor, drift
from simulations.running import counted
from simulations.standard import StudySize, require_study_size
from simulations.training import random_streams
from simulations.worlds import bank

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from scoring_theory.catalogue.coercion import RewardLike
    from scoring_theory.reward import Reward
    from simulations.training.kernels import FloatArray


_FULL = (0, *(250, 500, 1000, 1500, 2000, 3000, 4000, 6000), *range(8000, 40_001, 8000))
_SHORT = (0, 250, 500, 1000, 1500, 2000, 3000, 4000, 6000)


@dataclass(frozen=True, eq=False)
class ContestResult:
    """The expected payoff of each decision for the agents trained with each reward.

    Attributes:
        names: names of the R rewards.
        thresholds: thresholds of the D decisions, in [0, 1].
        steps: number of training steps at each of T checkpoints.
        payoff: mean of (c - t) [q > t] over questions, exact given the agent, (R, replicates, T,
            D).
        expected: the same payoff along the mean field from the start of the first replicate,
            (R, T, D); None if it was not requested.
        best: payoff of the most probable answer with its true probability as confidence, (D,).
    """

    names: tuple[str, ...]
    thresholds: tuple[float, ...]
    steps: NDArray[np.int64]
    payoff: FloatArray
    expected: FloatArray | None
    best: FloatArray

    __repr__ = one_line

    def lead(self, one: int, other: int) -> FloatArray:
        """Payoff of reward number `one` minus that of `other` in time, (replicates, T, D)."""
        return np.asarray(self.payoff[one] - self.payoff[other])

    def course(self, one: int, other: int) -> tuple[LeadCourse, ...]:
        """How the mean lead of reward number `one` over `other` rises and goes, for each decision.

        In the limit of long training both agents decide alike, so that a lead at one time is no
        verdict.
        """
        return tuple(_course(self.steps, mean) for mean in self.lead(one, other).mean(axis=0).T)


@dataclass(frozen=True)
class LeadCourse:
    """The largest lead of a reward in absolute value, and how long it lasts.

    Attributes:
        largest: the mean lead over runs that is largest in absolute value.
        at: the step at which it is reached.
        half_gone_at: the step at which half of it is gone; None if it is not by the last step.
        final: the mean lead at the last step.
    """

    largest: float
    at: int
    half_gone_at: int | None
    final: float


def _course(steps: NDArray[np.int64], lead: FloatArray) -> LeadCourse:
    """The course of one decision; between checkpoints the lead is interpolated."""
    top = int(np.abs(lead).argmax())
    later = lead[top:] * np.sign(lead[top])
    gone = np.flatnonzero(later <= abs(lead[top]) / 2)
    half: int | None = None
    if gone.size and lead[top] != 0:
        i = top + int(gone[0])
        before, after = abs(lead[top]) / 2 - later[gone[0] - 1], later[gone[0]] - later[gone[0] - 1]
        half = round(float(steps[i - 1] + (steps[i] - steps[i - 1]) * before / after))
    return LeadCourse(float(lead[top]), int(steps[top]), half, float(lead[-1]))


def decision_payoff(
    levels: FloatArray, mass: FloatArray, hits: FloatArray, thresholds: Sequence[float]
) -> FloatArray:
    """Mean payoff of the threshold bet (c - t) [q > t] over all answers.

        sum over q > t of (hits_q - t mass_q)

    Args:
        levels: Stated confidences, (L,).
        mass: Probability of each level, (..., L).
        hits: Probability that a level is stated and the answer is correct, (..., L).
        thresholds: The D thresholds t, in [0, 1].

    Returns:
        Shape (..., D).

    Raises:
        ValueError: If a threshold lies outside [0, 1].

    Example:
        >>> levels, mass, hits = np.array([0.2, 0.8]), np.array([0.5, 0.5]), np.array([0.1, 0.4])
        >>> decision_payoff(levels, mass, hits, [0.6]).round(3).tolist()
        [0.1]
    """
    t = np.asarray(thresholds, dtype=np.float64)
    if not ((t >= 0) & (t <= 1)).all():
        raise ValueError(f"`thresholds` must lie in [0, 1], got {list(thresholds)}")
    acts = levels[:, None] > t
    return np.asarray(hits @ acts - (mass @ acts) * t)


def contestants(
    rewards: Sequence[RewardLike], *, scale: StudySize = "full", seed: int = 0
) -> tuple[Experiment, ...]:
    """One experiment for each reward: the tabular agent with 21 levels, in a set of 256 questions.

    The experiments differ only in the reward: they have the same seed and so the same random
    streams.

    Args:
        rewards: The rewards to compare.
        scale: "full": 12 replicates of 40,000 steps; "short": 4 replicates of 6000 steps. The
            checkpoints are denser at the start, where the rewards differ most.
        seed: Seed of all random streams.

    Raises:
        ValueError: If `scale` is unknown.

    Example:
        >>> [experiment.replicates for experiment in contestants(["rlcr", "one_sided"])]
        [12, 12]
    """
    require_study_size(scale)
    full = scale == "full"
    first = Experiment(
        reward=as_reward(rewards[0]),
        agent=Tabular(levels=21),
        world=bank(),
        elsewhere=bank(),
        steps=40_000 if full else 6000,
        replicates=12 if full else 4,
        checkpoints=_FULL if full else _SHORT,
        seed=seed,
    )
    return tuple(replace(first, reward=as_reward(reward)) for reward in rewards)


def rlcr_of_range(total: Fraction) -> Reward:
    """RLCR, c - (q - c)^2, scaled so that its range is `total`; it weighs all thresholds equally.

    Example:
        >>> rlcr_of_range(Fraction(1)).payoff([0.0, 1.0], correct=1).tolist()
        [0.0, 0.5]
    """
    from scoring_theory.catalogue import brier, correctness

    return (total / 2 * (correctness + brier)).called("RLCR")


def contest(
    experiments: Sequence[Experiment],
    thresholds: Sequence[float],
    *,
    expected: bool = False,
    threads: int | None = None,
) -> ContestResult:
    """Train agents with several rewards and compare their payoffs from threshold decisions.

    Args:
        experiments: One for each reward, with the same world and the same seed.
        thresholds: Thresholds of the decisions, in [0, 1].
        expected: Whether to compute the payoffs along the mean field as well, which is exact; it
            needs the tabular agent and an estimator that only subtracts a baseline.
        threads: Number of replicates that run in parallel; the result does not depend on it.

    Raises:
        ValueError: If the experiments differ in more than the reward, or a threshold lies outside
            [0, 1].

    Example:
        >>> from scoring_theory.designing import design
        >>> rewards = [rlcr_of_range(Fraction(1)), design(thresholds=[0.6]).reward]
        >>> made = contestants(rewards, scale="short")
        >>> short = [replace(one, steps=200, checkpoints=3) for one in made]
        >>> result = contest(short, [0.6])
        >>> result.payoff.shape, bool((result.payoff <= result.best).all())
        ((2, 4, 3, 1), True)
    """
    first = experiments[0]
    if any(replace(one, reward=first.reward, name=first.name) != first for one in experiments):
        raise ValueError("`experiments` of a contest must differ in nothing but their reward")
    truth = first.world.success_probability.max(axis=1)
    t = np.asarray(thresholds, dtype=np.float64)
    with ThreadPoolExecutor(threads or os.cpu_count()) as pool:
        payoff = np.stack([_trained_payoff(one, thresholds, pool) for one in experiments])
    return ContestResult(
        names=tuple(one.name or one.reward.name or one.reward.text for one in experiments),
        thresholds=tuple(float(x) for x in thresholds),
        steps=first.when,
        payoff=payoff,
        expected=(
            np.stack([_mean_field_payoff(one, thresholds) for one in experiments])
            if expected
            else None
        ),
        best=np.maximum(truth[:, None] - t, 0).mean(axis=0),
    )


def _trained_payoff(
    experiment: Experiment, thresholds: Sequence[float], pool: ThreadPoolExecutor
) -> FloatArray:
    table = experiment.payoffs()[0]
    streams = random_streams(experiment.seed, experiment.replicates)
    counts = pool.map(lambda mine: counted(experiment, table, [mine])[0][0][:2], streams)
    grid = experiment.agent.grid
    return np.stack([decision_payoff(grid, mass[0], hits[0], thresholds) for mass, hits in counts])


def _mean_field_payoff(experiment: Experiment, thresholds: Sequence[float]) -> FloatArray:
    """The payoff at each checkpoint along the expected motion, (T, D).

    It follows `drift` and a constant factor instead of `meanfield.motion`: the estimator only
    subtracts a baseline, so no groups have to be enumerated.
    """
    agent, world, table = experiment.agent, experiment.world, experiment.payoffs()[0]
    training = experiment.training
    truth = world.success_probability
    rate = training.learning_rate * baseline_factor(training)
    state = agent.start(world, random_streams(experiment.seed, 1)[0].prior, training.update)
    done, rows = 0, []
    for step in experiment.when.tolist():
        for number in range(done, step):
            batch = np.arange(number * training.batch, (number + 1) * training.batch)
            asked = batch % world.questions
            visited = TabularState(state.answer[asked], state.confidence[asked])
            moved = drift(visited, truth[asked], table)
            state.answer[asked] += rate * moved.answer
            state.confidence[asked] += rate * moved.confidence
        done = step
        count = agent.count(state, (world,), training.update)
        rows.append(decision_payoff(agent.grid, count.mass[0], count.hits[0], thresholds))
    return np.stack(rows)
