"""The options of a learning rule as integers for the kernels.

numba compiles the integers as constants. They are in this package because a change of any of its
files makes the compiled code invalid, see `compiling`.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING

from scoring_theory.advantage import ESTIMATORS, Baseline, Scale

if TYPE_CHECKING:
    from simulations.training.learning_rule import LearningRule, Update
    from simulations.worlds import Outcomes

NOTHING, GROUP_MEAN, LEAVE_ONE_OUT, BATCH_MEAN = range(4)
GROUP_STD, BATCH_STD, OTHERS_STD, MEAN_REWARD = 1, 2, 3, 4
INDEPENDENT, BY_ANSWER, SHARED = range(3)
REINFORCE, REPLICATOR, NATURAL = range(3)
BASELINES: Mapping[Baseline, int] = MappingProxyType(
    {
        "none": NOTHING,
        "group_mean": GROUP_MEAN,
        "leave_one_out": LEAVE_ONE_OUT,
        "batch_mean": BATCH_MEAN,
    }
)
SCALES: Mapping[Scale, int] = MappingProxyType(
    {
        "none": NOTHING,
        "group_std": GROUP_STD,
        "batch_std": BATCH_STD,
        "others_std": OTHERS_STD,
        "group_mean": MEAN_REWARD,
    }
)
OUTCOMES: Mapping[Outcomes, int] = MappingProxyType(
    {"independent": INDEPENDENT, "by_answer": BY_ANSWER, "shared": SHARED}
)
UPDATES: Mapping[Update, int] = MappingProxyType(
    {"reinforce": REINFORCE, "ppo": REINFORCE, "replicator": REPLICATOR, "natural": NATURAL}
)


def estimator_codes(name: str) -> tuple[int, int]:
    """The codes of the baseline and the scale of an estimator.

    Args:
        name: A name of `scoring_theory.advantage.ESTIMATORS`.

    Example:
        >>> estimator_codes("group_std") == (GROUP_MEAN, GROUP_STD)
        True
    """
    estimator = ESTIMATORS[name]
    return BASELINES[estimator.baseline], SCALES[estimator.scale]


def codes(training: LearningRule, outcomes: Outcomes) -> tuple[int, int, int, int, int]:
    """Batch, group size, and the codes of baseline, scale and outcome model.

    Args:
        training: The learning rule.
        outcomes: How correctness is correlated within a group.

    Example:
        >>> from simulations.training import LearningRule
        >>> codes(LearningRule(batch=4), "shared") == (4, 8, GROUP_MEAN, NOTHING, SHARED)
        True
    """
    return (
        training.batch,
        training.group_size,
        *estimator_codes(training.estimator),
        OUTCOMES[outcomes],
    )
