"""What a signal of an experiment is: a named part that can be stored, and its functions of groups.

A signal gives every rollout a verdict v, which takes the place of c in the reward of the stated
confidence, and a payment s that is added:

    r = v R(q, 1) + (1 - v) R(q, 0) + s

so that any signal can be combined with any reward R. A signal may also give the advantage of a
rollout a factor. None of these depends on the stated confidences. What a signal keeps from before
training (its judges, its baseline, the policy) is prepared once for each replicate.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from scoring_theory.display import one_line

if TYPE_CHECKING:
    from simulations.policies import StatedPolicy
    from simulations.signals.groups import Groups
    from simulations.training.kernels import FloatArray


@dataclass(frozen=True)
class Preparation:
    """What a signal may look at before training.

    Attributes:
        frozen: the policy before training, of one run and all questions.
        accepted: P(the verifier of training accepts) of each answer, (Q, K).
        table: the payoffs of the reward, (2, L).
        meanings: the number of each answer's meaning, (K,).
        rng: the random numbers of this replicate.
    """

    frozen: StatedPolicy
    accepted: FloatArray
    table: FloatArray
    meanings: tuple[int, ...]
    rng: np.random.Generator


Scores = Callable[["Groups"], "tuple[FloatArray, FloatArray]"]
"""From groups to verdict and payment of each rollout, (R, Q, G) each."""


@dataclass(frozen=True)
class TrainingSignal(ABC):
    """A signal: an immutable description; `prepare` makes the function of groups.

    Attributes:
        name: its name.
        story: what it does, in a few words.
        source: where it is from.
    """

    name: ClassVar[str]
    story: ClassVar[str]
    source: ClassVar[str]

    __repr__ = one_line

    @property
    def errors(self) -> tuple[float, float]:
        """P(accepted | wrong) and P(rejected | right) of the judge of every rollout."""
        return 0.0, 0.0

    @abstractmethod
    def prepare(self, before: Preparation) -> Scores:
        """Fit, draw or copy what is kept from before training."""

    def factor(self, groups: Groups) -> FloatArray | float:
        """What the advantage of each rollout is multiplied by, (R, Q, G), or a number for all."""
        return 1.0

    def describe(self) -> dict[str, Any]:
        """The signal as plain data."""
        return {"name": self.name, **asdict(self)}


@dataclass(frozen=True)
class FixedVerdicts:
    """Verdicts that depend on question and answer alone.

    Attributes:
        table: the verdict of each answer, (Q, K).
    """

    table: FloatArray

    def __call__(self, groups: Groups) -> tuple[FloatArray, FloatArray]:
        """Verdict and payment of each rollout."""
        verdicts = groups.of_answers(self.table)
        return verdicts, np.zeros(verdicts.shape)


@dataclass(frozen=True)
class WithPayment:
    """The verdict of the verifier, and a payment that depends on the question alone.

    Attributes:
        payment: the payment for each question, (Q,).
    """

    payment: FloatArray

    def __call__(self, groups: Groups) -> tuple[FloatArray, FloatArray]:
        """Verdict and payment of each rollout."""
        paid = self.payment[groups.asked][:, None]
        return groups.correct, np.broadcast_to(paid, groups.correct.shape)


def plain_verdicts(groups: Groups) -> tuple[FloatArray, FloatArray]:
    """The verdicts of the groups, and no payment.

    Example:
        >>> from simulations.signals.groups import Groups
        >>> groups = Groups(np.zeros((1, 1, 2), int), np.zeros((1, 1, 2), int),
        ...                 np.array([[[1.0, 0.0]]]), None, None)
        >>> plain_verdicts(groups)[0].tolist()
        [[[1.0, 0.0]]]
    """
    return groups.correct, np.zeros(groups.correct.shape)


def require_ranges(signal: object, **ranges: tuple[float, float]) -> None:
    """Check that numbers of a signal are finite and in their ranges.

    Args:
        signal: the signal.
        **ranges: the least and the largest value of each number, by its name.

    Raises:
        ValueError: one is not.
    """
    for name, (low, high) in ranges.items():
        value = getattr(signal, name)
        if not (low <= value <= high and np.isfinite(value)):
            raise ValueError(
                f"`{name}` of the signal must be a number in [{low:g}, {high:g}], got {value!r}"
            )
