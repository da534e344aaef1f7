"""Advantage estimators: what a trainer subtracts from a rollout's reward, and what it divides by.

    A_i = (r_i - baseline) / (scale + epsilon)

on the whole reward or on each of its components. This is the one table of estimators: every
arithmetic (floats, intervals, mean fields, the simulations' kernels, replay) reads a baseline and a
scale, and every list of names is made from it. A new pair of a known baseline and a known scale is
one more row.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal, get_args

from scoring_theory.display import Named

Baseline = Literal["none", "group_mean", "leave_one_out", "batch_mean"]
"""What is subtracted: 0, or the mean of the group, of its other rollouts, or of many questions."""
Scale = Literal["none", "group_std", "batch_std", "others_std", "group_mean"]
"""What it is divided by: nothing, the standard deviation of the group, of many questions or of the
group's other rollouts, or the mean of the group.
"""
_BASELINES: Mapping[Baseline, str] = MappingProxyType(
    {"none": "", "group_mean": " - mean({all})", "leave_one_out": " - mean of the others' {all}",
     "batch_mean": " - mean of many questions' {all}"}
)  # fmt: skip
_SCALES: Mapping[Scale, str] = MappingProxyType(
    {
        "none": "",
        "group_std": " / (std({all}) + epsilon)",
        "batch_std": " / (std of many questions' {all} + epsilon)",
        "others_std": " / (std of the others' {all} + epsilon)",
        "group_mean": " / (mean({all}) + epsilon)",
    }
)


@dataclass(frozen=True)
class Estimator:
    """How a trainer computes advantages from the rewards r_1..r_G of the rollouts of one question.

        A_i = (r_i - baseline) / (scale + epsilon)

    Where all rewards of a group (or batch) are equal and the scale is its standard deviation, the
    advantages are 0. Where the other rollouts have equal rewards and the scale is their standard
    deviation, nothing is divided. Where the mean of the group is not positive and the scale is that
    mean, the advantages are 0.

    Attributes:
        name: the name of the estimator.
        baseline: what is subtracted from a reward.
        scale: what the difference is divided by.
        per_component: whether each component of a reward has its own advantage, which are then
            weighted and added.
        description: who uses it, in one sentence.

    Raises:
        ValueError: an unknown baseline or scale, or a statistic of the group as the scale of a
            baseline that does not come from the same rollouts.

    Example:
        >>> Estimator("whitened", "batch_mean", "batch_std").formula
        "(r_i - mean of many questions' r) / (std of many questions' r + epsilon)"
    """

    name: str
    baseline: Baseline
    scale: Scale = "none"
    per_component: bool = False
    description: str = ""

    def __post_init__(self) -> None:
        """Refuse combinations that are not implemented."""
        for field, value, known in (
            ("baseline", self.baseline, Baseline),
            ("scale", self.scale, Scale),
        ):
            if value not in get_args(known):
                raise ValueError(
                    f"`{field}` must be one of {', '.join(get_args(known))}, got {value!r}"
                )
        if self.scale in ("group_std", "group_mean") and not self.relative:
            raise ValueError(
                f'the scale "{self.scale}" needs the mean of the same group as baseline, got'
                f" {self.baseline!r}"
            )
        if self.scale == "others_std" and self.baseline != "leave_one_out":
            raise ValueError(
                'the scale "others_std" needs the mean of the same rollouts as baseline, which is'
                f' "leave_one_out", got {self.baseline!r}'
            )

    @property
    def formula(self) -> str:
        """The advantage of rollout i as text.

        Example:
            >>> ESTIMATORS["group_std"].formula
            '(r_i - mean(r)) / (std(r) + epsilon)'
        """
        own, everyone = ("r_ik", "r_k") if self.per_component else ("r_i", "r")
        above, scale = own + _BASELINES[self.baseline], _SCALES[self.scale].format(all=everyone)
        above = f"({above})" if scale and above != own else above
        advantage = above.format(all=everyone) + scale
        return f"sum_k weight_k {advantage}" if self.per_component else advantage

    @property
    def relative(self) -> bool:
        """Whether a reward is compared with those of its own group, which needs two rollouts."""
        return self.baseline in ("group_mean", "leave_one_out")

    @property
    def balanced(self) -> bool:
        """Whether the advantages of a group add up to 0."""
        return self.relative and self.scale != "others_std"

    @property
    def least_group(self) -> int:
        """The smallest group size; the standard deviation of one other rollout does not exist."""
        return 3 if self.scale == "others_std" else 2 if self.relative else 1

    @property
    def of_batch(self) -> bool:
        """Whether the rewards of other questions matter."""
        return self.baseline == "batch_mean" or self.scale == "batch_std"

    @property
    def affine(self) -> bool:
        """Whether the advantage is one increasing affine function of the own reward.

        Its slope may depend on the other questions, and on nothing else.
        """
        return self.scale in ("none", "batch_std") and not self.per_component

    @property
    def affine_given_the_others(self) -> bool:
        """Whether it is an increasing affine function of the own reward once the others are known.

        Its slope may depend on the rewards of the others, which do not depend on the own outcome
        where outcomes are independent.
        """
        return (self.affine or self.scale == "others_std") and not self.per_component

    @property
    def rises(self) -> bool:
        """Whether the advantage never falls as the own reward rises and the others stay."""
        return self.scale != "group_mean"


_ROWS = (
    Estimator("none", "none", description="REINFORCE without a baseline: the reward itself."),
    Estimator(
        "group_mean", "group_mean", description="Dr. GRPO and RLCR subtract the mean of the group."
    ),
    Estimator(
        "leave_one_out",
        "leave_one_out",
        description="RLOO: the advantage of group_mean times G / (G - 1).",
    ),
    Estimator(
        "group_std",
        "group_mean",
        "group_std",
        description="GRPO also divides by the standard deviation of the group.",
    ),
    Estimator(
        "global_mean",
        "batch_mean",
        description="REINFORCE with the mean of many questions as baseline.",
    ),
    Estimator(
        "batch_std",
        "group_mean",
        "batch_std",
        description="TRL's batch scaling divides by the standard deviation of the batch.",
    ),
    Estimator(
        "whitened",
        "batch_mean",
        "batch_std",
        description="REINFORCE++ takes the mean and the standard deviation of the batch.",
    ),
    Estimator(
        "leave_one_out_std",
        "leave_one_out",
        "others_std",
        description="NeMo-RL takes both the mean and the standard deviation of the others.",
    ),
    Estimator(
        "maxrl",
        "group_mean",
        "group_mean",
        description="MaxRL divides by the mean reward of the group.",
    ),
    Estimator(
        "component_std",
        "group_mean",
        "group_std",
        True,
        "GDPO standardises each component, then adds them.",
    ),
)
_ALL = {row.name: row for row in _ROWS}
ESTIMATORS: Mapping[str, Estimator] = Named("ESTIMATORS", _ALL)
"""Every estimator by name."""


def estimator_named(name: str) -> Estimator:
    """The estimator with a name.

    Raises:
        ValueError: no estimator has the name.

    Example:
        >>> estimator_named("leave_one_out").baseline
        'leave_one_out'
    """
    if name not in ESTIMATORS:
        raise ValueError(f"`estimator` must be one of {', '.join(ESTIMATORS)}, got {name!r}")
    return ESTIMATORS[name]
