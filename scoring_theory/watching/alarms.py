"""When a run is in danger: the rules, their statistical error, and what to do.

The units are questions. An answer's mean over the questions of a window has the standard error of a
ratio of sums over questions, so that the rollouts of a question may depend on one another in any
way. A rule compares its statistic with the quantile of Student's t at

    alpha_k = alpha / (k (k + 1)),   k = 1, 2, ... the number of the look,

whose sum over all looks is alpha. By the union bound a rule raises a false alarm with probability
of at most alpha in a run of any length, as far as means over a window are normal; the tests measure
it. Several statistics of one rule must all be beyond the quantile, which only makes it rarer.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from scipy.special import stdtrit

from scoring_theory.display import one_line

if TYPE_CHECKING:
    from scoring_theory.expression.numeric import Floats

ALARM_RULES: Mapping[str, str] = MappingProxyType(
    {
        "confidence_to_one": (
            "mean confidence is above the accuracy of the same answers by at least the margin, and"
            " has risen since the first window"
        ),
        "confidence_to_zero": (
            "mean confidence is below the accuracy of the same answers by at least the margin, and"
            " has fallen since the first window"
        ),
        "sandbagging": (
            "accuracy has fallen by at least the margin since the first window, while ECE less its"
            " level by chance has not grown"
        ),
        "format_collapse": (
            "the share of answers without a readable confidence has risen by at least the margin"
            " since the first window"
        ),
        "estimator_at_odds": (
            "the confidence that is stable under the estimator is apart from the reward's optimum"
            " by at least the margin, wherever the accuracy may be; or the replayed advantages"
            " prefer stating 1, stating 0 or leaving confidence out to stating the accuracy, and"
            " the reward does not. Never under an estimator that keeps the optimum of every reward"
        ),
    }
)
"""When each alarm is raised."""
FEWEST = 20
"""Questions without which no alarm is raised: means over fewer are not normal."""


@dataclass(frozen=True)
class Alarm:
    """One alarm.

    Attributes:
        rule: a key of `ALARM_RULES`.
        update: the number of the update after which it was raised.
        sentence: what was seen, with its numbers.
        remedy: what to do.

    Example:
        >>> print(Alarm("sandbagging", 40, "Accuracy has fallen.", "Check the reward."))
        Alarm after update 40, sandbagging: Accuracy has fallen. Check the reward.
    """

    rule: str
    update: int
    sentence: str
    remedy: str

    __repr__ = one_line

    def __str__(self) -> str:
        """One paragraph."""
        name = self.rule.replace("_", " ")
        return f"Alarm after update {self.update}, {name}: {self.sentence} {self.remedy}"

    def to_json(self) -> dict[str, Any]:
        """Plain data for JSON."""
        return {
            "rule": self.rule,
            "update": self.update,
            "sentence": self.sentence,
            "remedy": self.remedy,
        }


@dataclass(frozen=True)
class Estimate:
    """A mean over the answers of a window.

    Attributes:
        value: the mean; NaN without answers.
        error: its standard error, with questions as units.
        units: the number of questions.
    """

    value: float
    error: float
    units: int

    def __sub__(self, other: Estimate) -> Estimate:
        error = math.hypot(self.error, other.error)
        return Estimate(self.value - other.value, error, min(self.units, other.units))

    def above(self, level: float) -> bool:
        """Whether it is positive beyond chance, at this probability of an error.

        A sample of equal values has no standard error; it counts as one over the number of units.

        Example:
            >>> Estimate(0.1, 0.02, 100).above(0.001), Estimate(0.1, 0.05, 100).above(0.001)
            (True, False)
            >>> Estimate(0.1, 0.0, 5).above(0.5)
            False
        """
        return self.value > self.half_width(level)

    def half_width(self, level: float) -> float:
        """How far above the mean of the population it may be, at this probability of an error.

        Example:
            >>> round(Estimate(0.7, 0.02, 100).half_width(0.025), 3)
            0.04
            >>> Estimate(0.7, 0.02, 5).half_width(0.025)
            inf
        """
        if self.units < FEWEST or math.isnan(self.value):
            return math.inf
        return max(self.error, 1 / self.units) * -float(stdtrit(self.units - 1, level))


def estimate(sums: Floats, counts: Floats) -> Estimate:
    """The mean of answers, from their sums and numbers by question.

        error^2 = sum_g (s_g - n_g mean)^2 m / (m - 1) / (sum n_g)^2

    Example:
        >>> import numpy as np
        >>> estimate(np.array([1.0, 0.0, 2.0]), np.array([2.0, 2.0, 2.0])).value
        0.5
    """
    asked = counts > 0
    s, n = sums[asked], counts[asked]
    if n.size < 2:
        return Estimate(float(s.sum() / n.sum()) if n.size else math.nan, math.inf, int(n.size))
    mean, total = float(s.sum() / n.sum()), float(n.sum())
    left = s - n * mean
    error = math.sqrt(float(left @ left) * n.size / (n.size - 1)) / total
    return Estimate(mean, error, int(n.size))


def level_of(look: int, alpha: float) -> float:
    """The probability of an error that one look may spend.

    Example:
        >>> level_of(1, 0.01), round(sum(level_of(look, 0.01) for look in range(1, 1000)), 4)
        (0.005, 0.01)
    """
    return alpha / (look * (look + 1))
