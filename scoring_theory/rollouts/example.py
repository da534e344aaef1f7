"""A synthetic log with calibration known in closed form, for use without a recorded log."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from scoring_theory.rollouts.rollouts import Rollouts

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

_LEVELS = np.arange(0.05, 1.0, 0.1).round(2)
STATED: Mapping[str, NDArray[np.float64]] = {
    "overconfident": (1 + _LEVELS) / 2,
    "calibrated": _LEVELS,
    "underconfident": _LEVELS / 2,
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
"""The metrics in the limit of infinitely many questions; see `example_rollouts`."""


def example_rollouts(*, seed: int = 0, questions: int = 600, answers: int = 4) -> Rollouts:
    """Three synthetic methods on the same questions, with q = (1 + p)/2, q = p and q = p/2.

    The success probability p is uniform on {.05, .15, ..., .95}, so E p = 1/2 and E p^2 = .3325.
    The accuracy is therefore 1/2. The Brier score is E[p (1 - p)] + E[(q - p)^2] = .1675 + E[(q -
    p)^2], where E[(q - p)^2] = E[p^2]/4 = .083125 for the first and the third method; their ECE is
    E|q - p| = 1/4, since all gaps of a method have the same sign. In a finite log, calibrated
    answers have a small positive ECE.

    Args:
        seed: The same seed gives the same log.
        questions: Number of questions, a positive multiple of 10.
        answers: Number of answers of each method to each question, at least 1.

    Returns:
        Rollouts of 3 * questions * answers rows; `source` says that they are synthetic.

    Raises:
        ValueError: If a count is outside its domain.

    Example:
        >>> example_rollouts(questions=10, answers=2).methods
        ('overconfident', 'calibrated', 'underconfident')
    """
    if questions < 1 or questions % _LEVELS.size or answers < 1:
        raise ValueError(
            "`questions` must be a positive multiple of 10 and `answers` at least 1, got"
            f" {questions} and {answers}"
        )
    rng = np.random.default_rng(seed)
    per_method = questions * answers
    question = np.repeat(np.arange(questions), answers)
    level = question % _LEVELS.size
    return Rollouts(
        confidence=np.concatenate([stated[level] for stated in STATED.values()]),
        correct=np.concatenate([rng.random(per_method) < _LEVELS[level] for _ in STATED]),
        method=np.repeat(list(STATED), per_method),
        question=np.tile(question, len(STATED)),
        source=f"synthetic example (seed {seed}), not recorded from any model",
    )
