"""Policies before and after training, beside what theory expects: the data of several figures."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from scoring_theory.display import one_line

if TYPE_CHECKING:
    from simulations.policies import StatedPolicy
    from simulations.training.kernels import FloatArray


@dataclass(frozen=True, eq=False)
class TrainedPolicies:
    """The policies of R runs before and after training with one weight.

    Attributes:
        weight: lam of c + lam times the Brier score.
        truth: P(correct) of each answer, (Q, K).
        start: The policies before training.
        end: The policies after training.
        expected: The end of the mean field from the same starts.
        best: The best response to the reward, one run.
        steps: The number of training steps.
    """

    weight: float
    truth: FloatArray
    start: StatedPolicy
    end: StatedPolicy
    expected: StatedPolicy
    best: StatedPolicy
    steps: int

    __repr__ = one_line

    def sandbagging(self, policy: StatedPolicy) -> FloatArray:
        """P(an answer that is never correct) for each question, mean over runs, (Q,)."""
        return np.asarray((policy.answer * (self.truth == 0)).sum(axis=-1).mean(axis=0))
