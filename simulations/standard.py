"""The standard study: five rewards, each with the tabular and with the coupled agent."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Literal, get_args

from scoring_theory.catalogue.words import parse_reward
from scoring_theory.display import Named
from scoring_theory.reward import Reward
from simulations.agents import Coupled, Tabular
from simulations.experiment import Experiment
from simulations.training import LearningRule
from simulations.worlds import bank, feature_world

StudySize = Literal["full", "short"]
"""How large a predefined study is: "full" for figures, "short" for a quick preview."""
STANDARD_REWARDS: Mapping[str, Reward] = Named(
    "STANDARD_REWARDS",
    {
        name: parse_reward(name)
        for name in ("binary", "rlcr", "c + spherical", "c + log", "one_sided")
    },
    columns=("text",),
)
"""The rewards of the standard study, by their name in the catalogue.

They are the binary reward, RLCR (correctness plus the Brier score), correctness plus the spherical
score, correctness plus the log score, and `one_sided`, an unbounded reward that is safe.

`one_sided` is -inf for a wrong answer with confidence 1. Experiments replace this value by -8.2,
the reward at confidence 1 - 1e-4. This single level reduces the accuracy of the tabular agent by
about 2.5 percentage points (.443 against .469 under RLCR after 4,000 steps). The cause is
sampling noise: one such rollout lowers the answer's logit so much that the answer may never be
sampled again. The mean field ends at .470 against .471. Training ends at .467 without level 1 in
the grid, at .464 with a quarter of the learning rate and four times the steps, and at .445 with
four times the steps only.
"""


OF_SIGNALS: Mapping[str, Reward] = Named(
    "OF_SIGNALS",
    {name: STANDARD_REWARDS[name] for name in ("binary", "rlcr")},
    columns=("text",),
)
"""The rewards that a signal is combined with by default: one without and one with a score."""


def require_study_size(scale: str) -> None:
    """Refuse an unknown study size.

    Raises:
        ValueError: If `scale` is neither "full" nor "short".

    Example:
        >>> require_study_size("short")
    """
    if scale not in get_args(StudySize):
        raise ValueError(f'`scale` must be "full" or "short", got {scale!r}')


def standard_experiments(scale: StudySize = "full", *, seed: int = 0) -> tuple[Experiment, ...]:
    """The ten experiments of the standard study: five rewards, two agents.

    Out of distribution the questions look the same and are harder: all log-odds are lower by 1 in
    the question set of the tabular agent, and the difficulty is higher by 1.5 in the world with
    features.

    Args:
        scale: "full" for figures, about 20 seconds on two cores; "short" for a quick preview, one
            or two seconds.
        seed: Seed of all random streams; the ten experiments use the same streams (common random
            numbers), so that rewards can be compared replicate by replicate.

    Raises:
        ValueError: If `scale` is unknown.

    Example:
        >>> [experiment.name for experiment in standard_experiments("short")][:5]
        ['binary', 'rlcr', 'c + spherical', 'c + log', 'one_sided']
    """
    require_study_size(scale)
    full = scale == "full"
    questions = 2048 if full else 512
    reward, replicates, checkpoints = (
        STANDARD_REWARDS["binary"],
        24 if full else 4,
        41 if full else 11,
    )
    tabular = Experiment(
        reward=reward,
        agent=Tabular(),
        world=bank(),
        elsewhere=bank(shift=1.0),
        steps=4000 if full else 1500,
        replicates=replicates,
        checkpoints=checkpoints,
        seed=seed,
    )
    coupled = replace(
        tabular,
        agent=Coupled(),
        world=feature_world(questions),
        elsewhere=feature_world(questions, shift=1.5),
        training=LearningRule(learning_rate=0.05),
        steps=3000 if full else 1500,
    )
    return tuple(
        replace(base, reward=reward, name=name)
        for base in (tabular, coupled)
        for name, reward in STANDARD_REWARDS.items()
    )


def signal_experiment(scale: StudySize = "full", *, seed: int = 0) -> Experiment:
    """The experiment in which signals are compared: small enough to enumerate every group.

    8 questions with 4 answers each, visited at every step in groups of 4.

    Args:
        scale: "full", or "short" for a quick preview.
        seed: Seed of all random streams.

    Raises:
        ValueError: If `scale` is unknown.

    Example:
        >>> signal_experiment("short").world.questions
        8
    """
    require_study_size(scale)
    full = scale == "full"
    return Experiment(
        reward=STANDARD_REWARDS["rlcr"],
        agent=Tabular(),
        world=bank(8, 4),
        elsewhere=bank(8, 4, shift=1.0),
        training=LearningRule(batch=8, group_size=4, learning_rate=0.2),
        steps=400 if full else 200,
        replicates=16 if full else 6,
        checkpoints=11,
        seed=seed,
    )
