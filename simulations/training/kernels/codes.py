"""The words of a learning rule as the integers that kernels compare.

Both stand in this package, whose every change makes compiled code stale: numba freezes the
integers.
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
GROUP_STD, BATCH_STD = 1, 2
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
    {"none": NOTHING, "group_std": GROUP_STD, "batch_std": BATCH_STD}
)
OUTCOMES: Mapping[Outcomes, int] = MappingProxyType(
    {"independent": INDEPENDENT, "by_answer": BY_ANSWER, "shared": SHARED}
)
UPDATES: Mapping[Update, int] = MappingProxyType(
    {"reinforce": REINFORCE, "ppo": REINFORCE, "replicator": REPLICATOR, "natural": NATURAL}
)


def estimator_codes(name: str) -> tuple[int, int]:
    """The baseline and the scale of an estimator."""
    estimator = ESTIMATORS[name]
    return BASELINES[estimator.baseline], SCALES[estimator.scale]


def codes(training: LearningRule, outcomes: Outcomes) -> tuple[int, int, int, int, int]:
    """Batch, group size, baseline, scale and outcome model."""
    return (
        training.batch,
        training.group_size,
        *estimator_codes(training.estimator),
        OUTCOMES[outcomes],
    )
