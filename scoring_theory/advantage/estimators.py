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
"""Nothing; the mean of the rollout's group; the mean of the group's other rollouts; the mean of many questions."""
Scale = Literal["none", "group_std", "batch_std"]
"""Nothing; the standard deviation of the rollout's group; that of many questions' rewards."""
_BASELINES: Mapping[Baseline, str] = MappingProxyType(
    {"none": "", "group_mean": " - mean({all})", "leave_one_out": " - mean of the others' {all}",
     "batch_mean": " - mean of many questions' {all}"}
)  # fmt: skip
_SCALES: Mapping[Scale, str] = MappingProxyType(
    {
        "none": "",
        "group_std": " / (std({all}) + epsilon)",
        "batch_std": " / (std of many questions' {all} + epsilon)",
    }
)


@dataclass(frozen=True)
class Estimator:
    """How a trainer makes advantages of the rewards r_1..r_G of one question's rollouts.

    Where a group (or batch) that is divided by its standard deviation was paid alike, its
    advantages are 0.

    Attributes:
        name: what it is called.
        baseline: what is subtracted from a reward.
        scale: what the difference is divided by.
        per_component: whether each component of a reward has its own advantage, which are then
            weighed and added.
        description: who uses it, in one sentence.

    Raises:
        ValueError: an unknown baseline or scale, or a group's standard deviation beside a baseline
            of other rewards.

    Example:
        >>> Estimator("whitened", "batch_mean", "batch_std", description="REINFORCE++ uses it.").formula
        "(r_i - mean of many questions' r) / (std of many questions' r + epsilon)"
    """

    name: str
    baseline: Baseline
    scale: Scale = "none"
    per_component: bool = False
    description: str = ""

    def __post_init__(self) -> None:
        """Refuse what no arithmetic knows."""
        for field, value, known in (
            ("baseline", self.baseline, Baseline),
            ("scale", self.scale, Scale),
        ):
            if value not in get_args(known):
                raise ValueError(
                    f"`{field}` must be one of {', '.join(get_args(known))}, got {value!r}"
                )
        if self.scale == "group_std" and not self.relative:
            raise ValueError(
                'the scale "group_std" needs the mean of the same group as baseline, got'
                f" {self.baseline!r}"
            )

    @property
    def formula(self) -> str:
        """The advantage of rollout i."""
        own, everyone = ("r_ik", "r_k") if self.per_component else ("r_i", "r")
        above, scale = own + _BASELINES[self.baseline], _SCALES[self.scale].format(all=everyone)
        one = (f"({above})" if scale and above != own else above).format(all=everyone) + scale
        return f"sum_k weight_k {one}" if self.per_component else one

    @property
    def relative(self) -> bool:
        """Whether a group's advantages add up to 0, so that a rollout which is alone in its group has none."""
        return self.baseline in ("group_mean", "leave_one_out")

    @property
    def of_batch(self) -> bool:
        """Whether the rewards of other questions enter."""
        return self.baseline == "batch_mean" or self.scale == "batch_std"

    @property
    def affine(self) -> bool:
        """Whether the advantage is the own reward times a positive number, plus what it has no part in."""
        return self.scale != "group_std" and not self.per_component


_ROWS = (
    Estimator("none", "none", description="REINFORCE without a baseline takes the reward itself."),
    Estimator(
        "group_mean", "group_mean", description="Dr. GRPO and RLCR subtract the mean of the group."
    ),
    Estimator(
        "leave_one_out",
        "leave_one_out",
        description="RLOO's advantage is group_mean's times G / (G - 1).",
    ),
    Estimator(
        "group_std",
        "group_mean",
        "group_std",
        description="GRPO divides by the group's deviation as well.",
    ),
    Estimator(
        "global_mean", "batch_mean", description="REINFORCE subtracts a baseline of many questions."
    ),
    Estimator(
        "batch_std",
        "group_mean",
        "batch_std",
        description="TRL's batch scaling divides by a common deviation.",
    ),
    Estimator(
        "component_std",
        "group_mean",
        "group_std",
        True,
        "GDPO standardises each component, then adds.",
    ),
)
_ALL = {row.name: row for row in _ROWS}
ESTIMATORS: Mapping[str, Estimator] = Named("ESTIMATORS", _ALL)
"""Every estimator by name."""


def estimator_named(name: str) -> Estimator:
    """The estimator of that name.

    Raises:
        ValueError: there is none.
    """
    if name not in ESTIMATORS:
        raise ValueError(f"`estimator` must be one of {', '.join(ESTIMATORS)}, got {name!r}")
    return ESTIMATORS[name]
