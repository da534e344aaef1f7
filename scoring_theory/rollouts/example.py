"""A small synthetic log whose calibration is known in closed form, for machines without a recorded one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from scoring_theory.rollouts.rollouts import Rollouts

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

LEVELS = np.arange(0.05, 1.0, 0.1).round(2)
STATED: Mapping[str, NDArray[np.float64]] = {
    "overconfident": (1 + LEVELS) / 2,
    "calibrated": LEVELS,
    "underconfident": LEVELS / 2,
}
EXPECTED: Mapping[str, Mapping[str, float]] = {
    "overconfident": {
        "accuracy": 0.5,
        "mean_confidence": 0.75,
        "ece": 0.25,
        "brier": 0.250625,
        "auroc": 0.83,
    },
    "calibrated": {
        "accuracy": 0.5,
        "mean_confidence": 0.5,
        "ece": 0.0,
        "brier": 0.1675,
        "auroc": 0.83,
    },
    "underconfident": {
        "accuracy": 0.5,
        "mean_confidence": 0.25,
        "ece": 0.25,
        "brier": 0.250625,
        "auroc": 0.83,
    },
}
"""What an endless log would show; see `example_rollouts`."""


def example_rollouts(*, seed: int = 0, questions: int = 600, answers: int = 4) -> Rollouts:
    """Three invented methods that answer the same questions and state q = (1 + p)/2, q = p and q = p/2.

    The success probability p is uniform on {.05, .15, ..., .95}, so E p = 1/2 and E p^2 = .3325.
    Hence accuracy 1/2; Brier E[p (1 - p)] + E[(q - p)^2] = .1675 + E[(q - p)^2], where both shifts
    give E[p^2]/4 = .083125; ECE E|q - p| = 1/4 for the shifted methods, since all gaps of one
    method point the same way. A finite log of calibrated answers shows a little ECE.

    Args:
        seed: Same seed, same log.
        questions: How many questions, a positive multiple of 10.
        answers: How many answers each method gives to each question, at least 1.

    Returns:
        Rollouts of 3 * questions * answers rows, whose `source` says that they are synthetic.

    Raises:
        ValueError: If a count is outside its domain.

    Example:
        >>> example_rollouts(questions=10, answers=2).methods
        ('overconfident', 'calibrated', 'underconfident')
    """
    if questions < 1 or questions % LEVELS.size or answers < 1:
        raise ValueError(
            "`questions` must be a positive multiple of 10 and `answers` at least 1, got"
            f" {questions} and {answers}"
        )
    rng = np.random.default_rng(seed)
    per_method = questions * answers
    question = np.repeat(np.arange(questions), answers)
    level = question % LEVELS.size
    return Rollouts(
        confidence=np.concatenate([stated[level] for stated in STATED.values()]),
        correct=np.concatenate([rng.random(per_method) < LEVELS[level] for _ in STATED]),
        method=np.repeat(list(STATED), per_method),
        question=np.tile(question, len(STATED)),
        source=f"synthetic example (seed {seed}), not recorded from any model",
    )
