"""Signals that hold entropy up: the rollouts that use it up the fastest are held back.

Under a binary reward the entropy of the answers falls as fast as log pi(y) and correctness vary
together (Cui et al. 2025, arXiv 2505.22617). Both signals look at the part of each rollout in that
covariance, over its group:

    cov = (log pi(y) - mean) (c - mean)
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from simulations.signals.base import (
    Preparation,
    Scores,
    TrainingSignal,
    plain_verdicts,
    require_ranges,
)

if TYPE_CHECKING:
    from simulations.signals.groups import Groups
    from simulations.training.kernels import FloatArray


@dataclass(frozen=True, repr=False)
class KlCov(TrainingSignal):
    """A KL penalty on the rollouts that use up entropy the fastest: those of a large covariance.

        v = c,   s = -kl [cov > above] (log pi(y) - log pi_0(y))

    where pi_0 is the policy before training. (The paper's penalty is against the policy that
    sampled, whose gradient is 0 at one update for each batch.)

    Args:
        kl: the coefficient of the penalty, not negative.
        above: the covariance above which it applies, not negative.

    Raises:
        ValueError: If a number is outside its domain.

    Example:
        >>> KlCov(kl=0.5)
        KlCov(kl=0.5)
    """

    kl: float = 0.3
    above: float = 0.1
    name: ClassVar[str] = "kl-cov"
    story: ClassVar[str] = "a KL penalty on the rollouts whose covariance uses up entropy"
    source: ClassVar[str] = "Cui et al. 2025, arXiv 2505.22617"

    def __post_init__(self) -> None:
        require_ranges(self, kl=(0, np.inf), above=(0, np.inf))

    def prepare(self, before: Preparation) -> Scores:
        """Nothing is kept: the groups know the policy before training."""

        def scores(groups: Groups) -> tuple[FloatArray, FloatArray]:
            moved = groups.logs(groups.policy) - groups.logs(groups.frozen)
            return groups.correct, -self.kl * (groups.covariances() > self.above) * moved

        return scores


@dataclass(frozen=True, repr=False)
class ClipCov(TrainingSignal):
    """Rollouts that use up entropy the fastest, those of a large covariance, have no gradient.

        v = c,   s = 0,   the advantage is multiplied by [cov <= above]

    In the paper it is a random part of these rollouts, here all of them.

    Args:
        above: the covariance above which a rollout has no gradient, not negative.

    Raises:
        ValueError: If the number is outside its domain.

    Example:
        >>> ClipCov().above
        0.1
    """

    above: float = 0.1
    name: ClassVar[str] = "clip-cov"
    story: ClassVar[str] = "rollouts whose covariance uses up entropy have no gradient"
    source: ClassVar[str] = "Cui et al. 2025, arXiv 2505.22617"

    def __post_init__(self) -> None:
        require_ranges(self, above=(0, np.inf))

    def prepare(self, before: Preparation) -> Scores:
        """Nothing is kept."""
        return plain_verdicts

    def factor(self, groups: Groups) -> FloatArray:
        """1, or 0 where the covariance is large."""
        return np.asarray((groups.covariances() <= self.above) * 1.0)
