"""A policy that can be asked: answers and confidences of each question, for many runs at once.

    pi(y, q | x) = softmax(answer[x])_y softmax(confidence[x, y])_q

Runs are the first axis, questions the second; all expectations are exact, by enumeration of
answers, levels and outcomes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from simulations.training.kernels import FloatArray


def softmax(logits: FloatArray) -> FloatArray:
    """Probabilities along the last axis.

    Example:
        >>> softmax(np.zeros(4)).tolist()
        [0.25, 0.25, 0.25, 0.25]
    """
    raised = np.exp(logits - logits.max(axis=-1, keepdims=True))
    raised /= raised.sum(axis=-1, keepdims=True)
    return np.asarray(raised)


@dataclass(frozen=True)
class StatedPolicy:
    """The policy of R runs for Q questions, K answers and L levels of confidence.

    Attributes:
        answer: the probability of each answer, (R, Q, K).
        confidence: the probability of each level, given the answer, (R, Q, K, L).
        grid: the levels, (L,).

    Example:
        >>> policy = StatedPolicy(np.full((1, 1, 2), 0.5), np.array([[[[1.0, 0.0], [0.0, 1.0]]]]),
        ...                 np.array([0.0, 1.0]))
        >>> truth = np.array([[1.0, 0.0]])  # the first answer is right
        >>> policy.accuracy(truth).tolist(), policy.mean_confidence().tolist()
        ([0.5], [0.5])
    """

    answer: FloatArray
    confidence: FloatArray
    grid: FloatArray

    @property
    def joint(self) -> FloatArray:
        """The probability of each answer with each level, (R, Q, K, L)."""
        return self.answer[..., None] * self.confidence

    @property
    def answers_alone(self) -> StatedPolicy:
        """The policy of the answers, with one level that is always stated."""
        return StatedPolicy(self.answer, np.ones((*self.answer.shape, 1)), self.grid[:1])

    def of(self, questions: NDArray[np.int64]) -> StatedPolicy:
        """The policy for some of the questions, in this order; a question may be repeated."""
        return StatedPolicy(self.answer[:, questions], self.confidence[:, questions], self.grid)

    def accuracy(self, truth: FloatArray) -> FloatArray:
        """The expected accuracy of each run, (R,); `truth` is P(correct), (Q, K)."""
        return np.asarray((self.answer * truth).sum(axis=-1).mean(axis=-1))

    def mean_confidence(self) -> FloatArray:
        """The mean stated confidence of each run, (R,)."""
        return np.asarray((self.joint @ self.grid).sum(axis=-1).mean(axis=-1))

    def brier(self, truth: FloatArray) -> FloatArray:
        """The expected Brier score (a loss) of each run, (R,)."""
        loss = truth[..., None] * (1 - self.grid) ** 2 + (1 - truth[..., None]) * self.grid**2
        return np.asarray((self.joint * loss).sum(axis=(-1, -2)).mean(axis=-1))

    def levels(self, truth: FloatArray) -> tuple[FloatArray, FloatArray]:
        """How often each level is stated, and stated by a correct answer, (R, L) each."""
        stated = self.joint.mean(axis=1)
        correct = (self.joint * truth[..., None]).mean(axis=1)
        return np.asarray(stated.sum(axis=1)), np.asarray(correct.sum(axis=1))

    def calibration_error(self, truth: FloatArray) -> FloatArray:
        """The expected calibration error of each run with one bin for each level, (R,)."""
        stated, correct = self.levels(truth)
        return np.asarray(np.abs(stated * self.grid - correct).sum(axis=-1))

    def entropy(self) -> FloatArray:
        """The mean entropy of the answers of each run, in nats, (R,)."""
        logs = np.log(np.where(self.answer > 0, self.answer, 1.0))
        return np.asarray(-(self.answer * logs).sum(axis=-1).mean(axis=-1))
