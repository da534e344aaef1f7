"""The metrics and mean rewards of each method at each step of a training run."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from scoring_theory.display import one_line
from scoring_theory.replaying.comparison import number_json

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from scoring_theory.replaying.answers import Answers
    from scoring_theory.rollouts.rollouts import Rollouts


@dataclass(frozen=True, slots=True)
class StepCell:
    """The rows of one method at one step.

    Attributes:
        method: The name of the method.
        step: The step, or whatever number the axis holds.
        n: The number of answers with a usable confidence.
        missing: The number of answers without one.
        accuracy: The share of correct answers among all, also those without a confidence.
        mean_confidence: The mean stated confidence; NaN where there is none.
        brier: The Brier score, a loss; smaller is better.
        ece: The expected calibration error in the bins of the replay.
        rewards: The mean reward over all answers, by name.

    Example:
        >>> from scoring_theory.replaying import replay
        >>> from scoring_theory.rollouts import Rollouts
        >>> log = Rollouts(confidence=[1, 0.5, 1], correct=[1, 1, 0], step=[10, 20, 20])
        >>> steps = replay(log, "c", intervals=False).over_time
        >>> [(one.step, one.accuracy, one.ece) for one in steps]
        [(10.0, 1.0, 0.0), (20.0, 0.5, 0.75)]
    """

    method: str
    step: float
    n: int
    missing: int
    accuracy: float
    mean_confidence: float
    brier: float
    ece: float
    rewards: Mapping[str, float]

    __repr__ = one_line

    def to_json(self) -> dict[str, Any]:
        """Plain data for JSON; NaN becomes null."""
        names = ("accuracy", "mean_confidence", "brier", "ece")
        return {
            "step": int(self.step) if self.step.is_integer() else self.step,
            "n": self.n,
            "missing": self.missing,
            **{name: number_json(getattr(self, name)) for name in names},
            "rewards": {name: number_json(mean) for name, mean in self.rewards.items()},
        }


def over_time(rollouts: Rollouts, answers: Answers, rewards: Sequence[str]) -> tuple[StepCell, ...]:
    """One cell for each method and step, in the order of the methods and then of the steps.

    Empty if the log has no steps. Every sum is a weighted count over rows, so that the cost is
    linear in the number of rows, whatever the number of steps.

    Args:
        rollouts: The log.
        answers: Its answers with the values of the rewards.
        rewards: The names of the rewards.
    """
    if rollouts.step is None:
        return ()
    steps, place = np.unique(rollouts.step, return_inverse=True)
    methods = rollouts.methods
    cell = answers.method * steps.size + place
    cells, weight = len(methods) * steps.size, answers.weights
    stated = answers.place >= 0

    def total(values: NDArray[np.float64], rows: NDArray[np.bool_] | None = None) -> Any:
        if rows is not None:
            return np.bincount(cell[rows], weights=values[rows], minlength=cells)
        return np.bincount(cell, weights=values, minlength=cells)

    with np.errstate(invalid="ignore", divide="ignore"):
        of_all, of_stated = total(weight), total(weight, stated)
        q = answers.gap + rollouts.correct
        accuracy = total(weight * rollouts.correct) / of_all
        confidence = total(weight * q, stated) / of_stated
        brier = total(weight * answers.gap**2, stated) / of_stated
        bins = int(answers.place.max()) + 1
        binned = np.bincount(
            (cell * bins + answers.place)[stated],
            weights=(weight * answers.gap)[stated],
            minlength=cells * bins,
        ).reshape(cells, bins)
        ece = np.abs(binned).sum(axis=1) / of_stated
        paid = [_means(cell, cells, row, weight) / of_all for row in answers.paid]
    rows, stating = np.bincount(cell, minlength=cells), np.bincount(cell[stated], minlength=cells)
    return tuple(
        StepCell(
            method=method,
            step=float(steps[k]),
            n=int(stating[i]),
            missing=int(rows[i] - stating[i]),
            accuracy=float(accuracy[i]),
            mean_confidence=_or_nan(confidence[i], stating[i]),
            brier=_or_nan(brier[i], stating[i]),
            ece=_or_nan(ece[i], stating[i]),
            rewards={name: float(mean[i]) for name, mean in zip(rewards, paid, strict=True)},
        )
        for code, method in enumerate(methods)
        for k in range(steps.size)
        if rows[i := code * steps.size + k]
    )


def _means(
    cell: NDArray[np.int64], cells: int, paid: NDArray[np.float64], weight: NDArray[np.float64]
) -> NDArray[np.float64]:
    """The weighted sums of a reward by cell; -inf where it is -inf for an answer."""
    ruined = np.isneginf(paid) & (weight > 0)
    finite = np.where(ruined, 0.0, paid) * weight
    sums = np.bincount(cell, weights=finite, minlength=cells).astype(np.float64, copy=False)
    sums[cell[ruined]] = -np.inf
    return sums


def _or_nan(value: np.float64, rows: np.int64) -> float:
    return float(value) if rows else math.nan


def shown_steps(cells: Sequence[StepCell], most: int) -> list[StepCell]:
    """At most about `most` cells of each method, evenly chosen, the first and the last among them.

    Example:
        >>> cells = [StepCell("a", float(k), 1, 0, 1.0, 1.0, 0.0, 0.0, {}) for k in range(100)]
        >>> [one.step for one in shown_steps(cells, 4)]
        [0.0, 33.0, 66.0, 99.0]
    """
    chosen: list[StepCell] = []
    for method in dict.fromkeys(one.method for one in cells):
        own = [one for one in cells if one.method == method]
        places = np.unique(np.linspace(0, len(own) - 1, min(most, len(own))).round().astype(int))
        chosen += [own[k] for k in places]
    return chosen
