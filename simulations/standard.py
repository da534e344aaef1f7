"""The experiments that everybody asks for first: five rewards, two agents."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Literal

from scoring_theory.catalogue.words import parse_reward
from scoring_theory.display import Named
from scoring_theory.reward import Reward
from simulations.agents import Coupled, Tabular
from simulations.experiment import Experiment
from simulations.training import LearningRule
from simulations.worlds import bank, feature_world

Scale = Literal["full", "short"]
STANDARD_REWARDS: Mapping[str, Reward] = Named(
    "STANDARD_REWARDS",
    {
        name: parse_reward(name)
        for name in ("binary", "rlcr", "c + spherical", "c + log", "one_sided")
    },
    columns=("text",),
)
"""Names of the catalogue: binary; RLCR, which is correctness plus Brier; correctness plus the spherical and plus the
log score; and an unbounded reward that is safe.

The last pays -inf for a wrong answer at confidence 1; experiments pay -8.2, its payoff at a
distance of 1e-4. That one level costs the tabular agent about 2.5 points of accuracy (.443 against
.469 with Brier after 4,000 steps), by noise: a single such rollout throws an answer's logit so far
that it may never be given again. The expected motion ends at .470 against .471; without the level 1
on the grid training ends at .467, at a quarter of the rate in four times the steps at .464, and in
four times the steps alone at .445.
"""


def standard_experiments(scale: Scale = "full", *, seed: int = 0) -> tuple[Experiment, ...]:
    """Each of the five standard rewards with the tabular and with the coupled agent.

    Out of distribution, questions look the same and are harder: log-odds fall by 1 in the bank, and
    difficulty rises by 1.5 in the world with features.

    Args:
        scale: "full" for figures, about 20 seconds on two cores; "short" for a first look, a second
            or two.
        seed: The root of all random streams; all ten share their luck, so that rewards are compared
            pairwise.

    Raises:
        ValueError: If there is no such scale.

    Example:
        >>> [experiment.name for experiment in standard_experiments("short")][:5]
        ['binary', 'rlcr', 'c + spherical', 'c + log', 'one_sided']
    """
    if scale not in ("full", "short"):
        raise ValueError(f'`scale` must be "full" or "short", got {scale!r}')
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
    each = STANDARD_REWARDS.items()
    return tuple(
        replace(base, reward=reward, name=name)
        for base in (tabular, coupled)
        for name, reward in each
    )
