"""Cards with a short training: the standard world and agent, with one reward."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from scoring_theory.cards import Card, TrainingCurve, card
from scoring_theory.catalogue import CATALOGUE
from scoring_theory.catalogue.coercion import as_reward
from simulations.running import run
from simulations.standard import standard_experiments

if TYPE_CHECKING:
    from scoring_theory.catalogue.coercion import RewardLike

_RUNS, _STEPS, _POINTS = 6, 3000, 31


def training_curve(reward: RewardLike, *, seed: int = 0) -> TrainingCurve:
    """Train the tabular agent of the standard study with a reward, for a second.

    The baseline is the mean of the group, which keeps the optimum of every reward.

    Args:
        reward: without free parameters; a score is added to correctness first, as in "c + brier".
        seed: seed of all random streams.

    Raises:
        ValueError: the reward cannot be trained with, such as one that is +inf for some answer.

    Example:
        >>> curve = training_curve("rlcr")
        >>> curve.steps[-1], curve.accuracy[-1] > 0.4
        (3000, True)
    """
    base = standard_experiments("short", seed=seed)[0]
    made = as_reward(reward)
    record = run(
        replace(
            base,
            reward=made,
            name=made.name,
            replicates=_RUNS,
            steps=_STEPS,
            checkpoints=_POINTS,
        )
    )

    def means(metric: str) -> tuple[float, ...]:
        return tuple(record.metric(metric).mean(axis=0).tolist())

    return TrainingCurve(
        setting=(
            f"A tabular agent on 256 questions, {_RUNS} runs of {_STEPS:,} steps, seed {seed}; the"
            " baseline is the mean of the group, which keeps the optimum of every reward. The agent"
            " starts overconfident, and has not converged at the end"
        ),
        steps=tuple(map(int, record.steps)),
        accuracy=means("accuracy"),
        mean_confidence=means("mean_confidence"),
        ece=means("ece"),
    )


def with_training(made: Card, *, seed: int = 0) -> Card:
    """The card with a short training, or as it is where the reward cannot be trained with.

    Example:
        >>> with_training(card("rlcr", trainers={})).training.steps[-1]
        3000
    """
    try:
        return replace(made, training=training_curve(made.trained.reward, seed=seed))
    except ValueError:
        return made


def atlas_cards(*, seed: int = 0) -> Iterator[Card]:
    """The card of every entry of the catalogue, in its order.

    Example:
        >>> next(atlas_cards()).key
        'brier'
    """
    for entry in CATALOGUE.values():
        yield with_training(card(entry), seed=seed)
