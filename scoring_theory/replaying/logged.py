"""The reward that was logged, compared with the formulas that the log is replayed under."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from scoring_theory.display import one_line

if TYPE_CHECKING:
    from scoring_theory.replaying.answers import Answers
    from scoring_theory.rollouts.rollouts import Rollouts

TOLERANCE = 1e-6
"""Trainers log rewards in single precision, which is exact to 6e-8 for numbers below 1."""
_LISTED = 5


@dataclass(frozen=True, slots=True)
class Logged:
    """The logged reward against one formula.

    Attributes:
        reward: The name of the formula.
        compared: The number of answers with a logged reward.
        different: The number of them where it differs from the formula by more than `TOLERANCE`.
        largest: The largest absolute difference.
        rows: The first rows that differ, the first row of the log being 1.

    Example:
        >>> Logged("rlcr", 100, 0, 0.0, ()).equal
        True
    """

    reward: str
    compared: int
    different: int
    largest: float
    rows: tuple[int, ...]

    __repr__ = one_line

    @property
    def equal(self) -> bool:
        """Whether the logged reward is that of the formula in every row."""
        return self.different == 0

    def to_json(self) -> dict[str, Any]:
        """Plain data for JSON."""
        return {
            "reward": self.reward,
            "compared": self.compared,
            "different": self.different,
            "largest": self.largest if np.isfinite(self.largest) else None,
            "rows": list(self.rows),
        }


def compared_with_logged(
    rollouts: Rollouts, answers: Answers, rewards: tuple[str, ...]
) -> tuple[Logged, ...]:
    """The logged reward against each formula; empty if the log has none.

    Args:
        rollouts: The log.
        answers: Its answers with the values of the rewards.
        rewards: The names of the rewards.

    Example:
        >>> from scoring_theory.replaying.answers import answers_of
        >>> from scoring_theory.reward import Reward
        >>> from scoring_theory.rollouts import Rollouts
        >>> log = Rollouts(confidence=[1, 0.5], correct=[1, 0], reward=[1, 0])
        >>> rlcr = {"rlcr": Reward.parse("c - (q - c)^2")}
        >>> [one] = compared_with_logged(log, answers_of(log, rlcr), ("rlcr",))
        >>> one.different, one.largest, one.rows
        (1, 0.25, (2,))
    """
    if rollouts.reward is None:
        return ()
    known = np.flatnonzero(~np.isnan(rollouts.reward))
    if not known.size:
        return ()
    found = []
    for name, paid in zip(rewards, answers.paid, strict=True):
        gap = np.abs(paid[known] - rollouts.reward[known])
        differ = known[gap > TOLERANCE]
        rows = tuple(int(row) + 1 for row in differ[:_LISTED])
        found.append(Logged(name, known.size, differ.size, float(gap.max()), rows))
    return tuple(found)


def logged_story(logged: tuple[Logged, ...]) -> list[str]:
    """Sentences on the comparison: the formula that was paid, or how far each one is from it.

    Example:
        >>> logged_story((Logged("rlcr", 4, 0, 0.0, ()), Logged("c", 4, 2, 0.25, (1, 3))))
        ['The logged reward is that of rlcr in all 4 answers (largest difference 0).']
    """
    equal = [one for one in logged if one.equal]
    if equal:
        return [
            f"The logged reward is that of {one.reward} in all {one.compared:,} answers (largest"
            f" difference {one.largest:.2g})."
            for one in equal
        ]
    return [
        f"The logged reward differs from {one.reward} in {one.different:,} of {one.compared:,}"
        f" answers, by up to {one.largest:.4g}; row{'s' if len(one.rows) > 1 else ''}"
        f" {', '.join(map(str, one.rows))}{', ...' if one.different > len(one.rows) else '.'}"
        for one in logged
    ]
