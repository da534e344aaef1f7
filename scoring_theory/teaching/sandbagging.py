"""The sandbagging game: an exam in which a student decides when to disown an answer.

An answer that is right with probability p, given with the confidence that is best for it, earns
V(p). A disowned answer is wrong on purpose and stated with confidence 0; it earns R(0, 0) for sure.
The student who wants points disowns where V(p) < R(0, 0), which is below the global failure
threshold (`docs/theory.md`, Theorem 18); under a safe reward that is nowhere.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from scoring_theory.catalogue.coercion import RewardLike, as_reward
from scoring_theory.display import line, table

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from scoring_theory.expression.numeric import Floats


@dataclass(frozen=True, eq=False)
class SandbaggingResult:
    """What a student earns in the exam, in expectation.

    Attributes:
        success_probabilities: (n,) p of an honest attempt at each question.
        disowned: (n,) whether the student disowned the answer.
        points: (n,) the expected reward of what the student did.
        best: (n,) the largest expected reward that each question offers.
    """

    success_probabilities: Floats
    disowned: NDArray[np.bool]
    points: Floats
    best: Floats

    @property
    def total(self) -> float:
        """The expected points of the exam."""
        return float(self.points.sum())

    @property
    def lost(self) -> float:
        """How much more the best strategy earns; 0 if the student has found it."""
        return float((self.best - self.points).sum())

    @property
    def accuracy(self) -> float:
        """The expected share of right answers; a disowned one is wrong."""
        return float(np.where(self.disowned, 0.0, self.success_probabilities).mean())

    def __repr__(self) -> str:
        facts = f"points={self.total:.3f}", f"lost={self.lost:.3f}", f"accuracy={self.accuracy:.3f}"
        return line("SandbaggingResult", *facts)

    def _repr_html_(self) -> str:
        rows = [
            (f"{p:g}", "disowned" if away else "attempted", f"{earned:.3f}", f"{most:.3f}")
            for p, away, earned, most in zip(
                self.success_probabilities, self.disowned, self.points, self.best, strict=True
            )
        ]
        caption = (
            f"{self.total:.3f} points, {self.lost:.3f} fewer than the best strategy;"
            f" accuracy {self.accuracy:.3f}"
        )
        head = ("p", "answer", "expected points", "the most there is")
        return table(rows, head=head, caption=caption)


class SandbaggingGame:
    """An exam with one reward and several questions of known difficulty.

    Attributes:
        reward: R(q, c).
        success_probabilities: (n,) the probability p that an honest attempt is right.

    Example:
        >>> game = SandbaggingGame("c - 2*(q - c)^2", [0.1, 0.3, 0.6, 0.9])
        >>> game.play(disown=[True, True, False, False])
        SandbaggingResult(points=0.840, lost=0.000, accuracy=0.375)
        >>> game.play(below=0)  # an honest student earns less, and answers better
        SandbaggingResult(points=0.640, lost=0.200, accuracy=0.475)
        >>> game.disowned_by_the_best().tolist()
        [True, True, False, False]
    """

    def __init__(self, reward: RewardLike, success_probabilities: ArrayLike) -> None:
        """Set the exam.

        Args:
            reward: A reward, a formula or an entry of the catalogue, without free parameters.
            success_probabilities: One number in [0, 1] for each question, at least one.

        Raises:
            ValueError: A probability is outside [0, 1], or there is none.
        """
        p = np.asarray(success_probabilities, dtype=np.float64)
        if p.ndim != 1 or not p.size or not ((p >= 0) & (p <= 1)).all():
            raise ValueError(
                f"`success_probabilities` must hold numbers in [0, 1], at least one, got {p}"
            )
        self.reward, self.success_probabilities = as_reward(reward), p

    def __repr__(self) -> str:
        name = self.reward.name or self.reward.text
        return line("SandbaggingGame", repr(name), f"{self.success_probabilities.size} questions")

    @property
    def attempted(self) -> Floats:
        """V(p), (n,): the expected points of an honest attempt with the best confidence."""
        return self.reward.value(self.success_probabilities)

    @property
    def for_a_disowned_answer(self) -> float:
        """R(0, 0): the points of a deliberately wrong answer with confidence 0."""
        return float(self.reward.payoff(0.0, 0))

    def play(
        self, *, disown: Sequence[bool] | None = None, below: float | None = None
    ) -> SandbaggingResult:
        """The points of a student.

        Args:
            disown: For each question, whether the answer is disowned.
            below: Instead, a cutoff: the answers to questions with a smaller p are disowned.

        Raises:
            ValueError: Not exactly one of both is given, or not one decision for each question.
        """
        if (disown is None) == (below is None):
            raise ValueError("give either `disown` or `below`")
        p = self.success_probabilities
        away = p < below if below is not None else np.asarray(disown, dtype=bool)
        if away.shape != p.shape:
            raise ValueError(
                f"`disown` must hold one decision for each of {p.size} questions, got {away.size}"
            )
        attempted, sure = self.attempted, self.for_a_disowned_answer
        return SandbaggingResult(
            p, away, np.where(away, sure, attempted), np.maximum(attempted, sure)
        )

    def disowned_by_the_best(self) -> NDArray[np.bool]:
        """Which answers the student with the most points disowns, (n,); a tie is attempted."""
        return np.asarray(self.attempted < self.for_a_disowned_answer)
