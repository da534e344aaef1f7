"""What a reward of stated confidence makes of a policy: a training of many runs and its mean field.

Systems about the use of confidence compare the same policy before training and after training with
each reward.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np

from scoring_theory.catalogue import binary, rlcr
from scoring_theory.reward import Reward
from simulations.policies import StatedPolicy
from simulations.signals.groups import Groups, Signal, reward_signal
from simulations.signals.training import Trained, mean_field, train

if TYPE_CHECKING:
    from simulations.training.kernels import FloatArray

GROUP_SIZE = 8
"""The number of rollouts of a question in one step of training."""
COMPARED: Mapping[str, Reward] = MappingProxyType(
    {
        "binary": binary,
        "RLCR": rlcr,
        "c + log": Reward.parse("c + log(1 - abs(q - c))").called("c + log"),
    }
)
"""The rewards that are compared: flat in q, safe, and proper but not jointly optimal."""


@dataclass(frozen=True)
class Lesson:
    """A policy before training, the truth, and how it is trained.

    Attributes:
        start: the policy before training, of one run.
        truth: P(correct) of each answer, (Q, K).
        learning_rate: the rate.
        steps: the number of steps.
        fixed: the payoff of each answer that earns the same whatever is stated and whatever is
            true, such as an abstention; NaN for every other answer, (Q, K).
        answers_learn: whether the answers are trained too, and not only the confidence.
    """

    start: StatedPolicy
    truth: FloatArray
    learning_rate: float
    steps: int
    fixed: FloatArray | None = None
    answers_learn: bool = True

    def expected(self, reward: Reward) -> FloatArray:
        """The expected reward of each answer with each level, (1, Q, K, L)."""
        wrong, right = reward.table(self.start.grid)
        p = self.truth[..., None]
        paid = p * right + (1 - p) * wrong
        if self.fixed is not None:
            paid = np.where(np.isnan(self.fixed)[..., None], paid, self.fixed[..., None])
        return np.asarray(paid[None])

    def signal(self, reward: Reward) -> Signal:
        """The reward of each rollout."""
        plain, fixed = reward_signal(reward, self.start.grid), self.fixed
        if fixed is None:
            return plain

        def rewards(groups: Groups) -> FloatArray:
            own = fixed[np.arange(len(fixed))[:, None], groups.answers]
            return np.where(np.isnan(own), plain(groups), own)

        return rewards

    def runs(self, reward: Reward, *, runs: int, seed: int) -> Trained:
        """Independent trainings with a reward."""
        return train(
            self.start,
            self.truth,
            self.signal(reward) if self.answers_learn else _nothing,
            confidence_signal=self.signal(reward),
            runs=runs,
            group_size=GROUP_SIZE,
            learning_rate=self.learning_rate,
            steps=self.steps,
            seed=seed,
        )

    def mean_field(self, reward: Reward) -> Trained:
        """The expected update with a reward, step by step."""
        paid = self.expected(reward)
        return mean_field(
            self.start,
            lambda _: paid if self.answers_learn else np.zeros_like(paid),
            confidence_expected=lambda _: paid,
            learning_rate=self.learning_rate,
            steps=self.steps,
            shrink=1 - 1 / GROUP_SIZE,
        )


def _nothing(groups: Groups) -> FloatArray:
    return np.zeros(groups.answers.shape)
