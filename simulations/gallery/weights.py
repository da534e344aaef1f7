"""Training with c + lam times the Brier score: one study behind three figures.

The exact curves are those of the mean field with the same starts and the same number of visits of
each question, and of the best response, where training without end would lead.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np

from scoring_theory.catalogue import binary, brier_k
from simulations.agents import Rational, Tabular
from simulations.agents.tabular import TabularState, policy_probabilities
from simulations.experiment import Experiment
from simulations.figures.trained import TrainedPolicies
from simulations.meanfield import baseline_factor, drift
from simulations.policies import StatedPolicy
from simulations.training import LearningRule
from simulations.worlds import bank

if TYPE_CHECKING:
    from simulations.record import Record

WEIGHTS: tuple[Fraction | int, ...] = (
    *(Fraction(k, 4) for k in range(6)), Fraction(3, 2), 2, Fraction(5, 2), 3,
)  # fmt: skip
"""Values of lam: 0 is the binary reward, 1 is RLCR; lam* = 1."""
CRITICAL = 1.0
"""lam* of the Brier score."""
_RULE = LearningRule(group_size=16, learning_rate=2.0)
_AGENT = Tabular(mode=0.3, spread=0.3, head_start=0.0)
"""An agent that states low confidences as well, so that it finds out what they earn. The agent of
the standard study is sure of itself at first, and sandbags only after very long training."""


def weighted_experiments(*, short: bool) -> tuple[Experiment, ...]:
    """One experiment for each weight, on the questions of `bank`.

    Example:
        >>> [experiment.name for experiment in weighted_experiments(short=True)][:2]
        ['lam = 0', 'lam = 1/4']
    """
    return tuple(
        Experiment(
            reward=brier_k(k=weight) if weight else binary,
            agent=_AGENT,
            world=bank(64),
            elsewhere=bank(64, shift=1.0),
            name=f"lam = {weight}",
            training=_RULE,
            steps=600 if short else 1200,
            replicates=2 if short else 4,
            checkpoints=2,
            keep_policy="all",
        )
        for weight in WEIGHTS
    )


def trained_policies(
    run_all: Callable[[Sequence[Experiment]], Sequence[Record]], *, short: bool
) -> list[TrainedPolicies]:
    """Train with every weight, and follow the mean field from the same starts."""
    todo = weighted_experiments(short=short)
    return [
        policies_of(float(weight), experiment, record)
        for weight, experiment, record in zip(WEIGHTS, todo, run_all(todo), strict=True)
    ]


def policies_of(weight: float, experiment: Experiment, record: Record) -> TrainedPolicies:
    """The policies of a record before and after training, and what theory expects of them."""
    world = experiment.world
    table, _ = experiment.payoffs()
    start, end = (record.policy(experiment, checkpoint=at) for at in (0, -1))
    runs, questions = start.answer.shape[:2]
    state = TabularState(*(rows[:, 0].copy() for rows in record.states.values()))
    flat = TabularState(*(rows.reshape(runs * questions, *rows.shape[2:]) for rows in state))
    truth = np.tile(world.success_probability, (runs, 1))
    rate = experiment.training.learning_rate * baseline_factor(experiment.training)
    for _ in range(experiment.steps * experiment.training.batch // questions):
        moved = drift(flat, truth, table, _RULE.update)
        flat = TabularState(*(rows + rate * more for rows, more in zip(flat, moved, strict=True)))
    expected = policy_probabilities(*flat)
    best = Rational.best_response(world, table)
    grid = start.grid
    return TrainedPolicies(
        weight,
        np.asarray(world.success_probability),
        start,
        end,
        StatedPolicy(
            expected.answer.reshape(start.answer.shape),
            expected.confidence.reshape(start.confidence.shape),
            grid,
        ),
        StatedPolicy(best.answer[None], best.confidence[None], grid),
        experiment.steps,
    )
