"""Means over the rows: accuracy, mean confidence, losses and the mean of any reward."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from scoring_theory.calibration.forecasts import Forecasts, takes_arrays, takes_scores
from scoring_theory.catalogue.coercion import as_reward
from scoring_theory.display import one_line

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from scoring_theory.catalogue.coercion import RewardLike


@takes_scores
def accuracy(forecasts: Forecasts) -> float:
    """The share of correct answers, sum w_i c_i / sum w_i; larger is better.

    Example:
        >>> from scoring_theory.calibration import Forecasts
        >>> accuracy(Forecasts(correct=[1, 0], confidence=[0.9, 0.1]))
        0.5
    """
    return forecasts.mean(forecasts.correct)


@takes_scores
def mean_confidence(forecasts: Forecasts) -> float:
    """The mean stated confidence, sum w_i q_i / sum w_i; neither larger nor smaller is better.

    Example:
        >>> from scoring_theory.calibration import Forecasts
        >>> mean_confidence(Forecasts(correct=[1, 1], confidence=[0.75, 0.25]))
        0.5
    """
    return forecasts.mean(forecasts.confidence)


@takes_scores
def brier_score(forecasts: Forecasts) -> float:
    """The Brier score, mean (q - c)^2, a loss in [0, 1]: smaller is better.

    This is the number that papers report. The scoring *rule* `brier` of the catalogue is its
    negative, so that larger is better.

    Source: Brier 1950, in the form for binary outcomes.

    Example:
        >>> from scoring_theory.calibration import Forecasts
        >>> brier_score(Forecasts(correct=[1, 1], confidence=[1, 0.5]))
        0.125
    """
    return forecasts.mean_of(lambda q, c: (q - c) ** 2)


@dataclass(frozen=True, slots=True)
class LogLoss:
    """A mean log loss, and how probabilities of 0 were treated.

    Attributes:
        value: The mean loss, at least 0; smaller is better.
        at_zero: "inf", or the smallest probability of an outcome after clipping.
        clipped: The number of rows that were clipped to that probability.
    """

    value: float
    at_zero: Literal["inf"] | float
    clipped: int

    __repr__ = one_line

    def __float__(self) -> float:
        return self.value


@takes_arrays
def log_loss(forecasts: Forecasts, *, at_zero: Literal["inf"] | float = "inf") -> LogLoss:
    """The log loss or cross-entropy, mean -[c log q + (1 - c) log(1 - q)]; smaller is better.

    The scoring *rule* `log` of the catalogue is its negative, so that larger is better: this is
    `-mean_reward(forecasts, log)`.

    An error with q exactly 0 or 1 has an infinite loss. Libraries clip it, each at a different
    constant, and the constant determines the mean. Here clipping is an explicit option, and the
    result records it.

    Args:
        forecasts: The rows.
        at_zero: "inf" for an infinite loss of a certain error; or a number in (0, 1/2], to which
            smaller probabilities of the outcome are raised.

    Raises:
        ValueError: If `at_zero` is neither "inf" nor such a number.

    Example:
        >>> from scoring_theory.calibration import Forecasts
        >>> certain = Forecasts(correct=[0, 1], confidence=[1.0, 0.5])
        >>> log_loss(certain).value
        inf
        >>> log_loss(certain, at_zero=0.25)
        LogLoss(value=1.04, at_zero=0.25, clipped=1)
    """
    if at_zero == "inf":
        return LogLoss(0.0 - forecasts.mean_of(_log_of_outcome), "inf", 0)
    if not isinstance(at_zero, (int, float, np.floating)) or not 0 < at_zero <= 0.5:
        raise ValueError(f'`at_zero` must be "inf" or a number in (0, 1/2], got {at_zero!r}')
    floor = float(np.log(at_zero))
    mean = forecasts.mean_of(lambda q, c: np.maximum(_log_of_outcome(q, c), floor))
    clipped = sum(int((_log_of_outcome(q, c) < floor).sum()) for q, c, _ in forecasts.blocks())
    return LogLoss(0.0 - mean, float(at_zero), clipped)


def _log_of_outcome(q: NDArray[np.float64], c: NDArray[np.float64]) -> NDArray[np.float64]:
    """`log q` where c = 1 and `log(1 - q)` where c = 0.

    u = fl(1 - q) loses digits of a small q. The lost part, d = (1 - u) - q, is computed exactly,
    and log(1 - q) = log(u + d) equals log u + d up to a relative error of 2^-53.
    """
    wrong = 1 - c
    u = wrong - q
    np.abs(u, out=u)
    lost = 1 - u
    lost -= q
    lost *= wrong
    with np.errstate(divide="ignore"):
        np.log(u, out=u)
    u += lost
    return u


@takes_arrays
def mean_reward(forecasts: Forecasts, reward: RewardLike) -> float:
    """The mean reward of these answers, mean R(q_i, c_i); larger is better.

    The mean is -inf if the reward of some answer is -inf.

    Args:
        forecasts: The rows.
        reward: A formula, a `Reward` or an entry of the catalogue, without free parameters.

    Example:
        >>> from scoring_theory.calibration import Forecasts
        >>> forecasts = Forecasts(correct=[1, 1], confidence=[0.5, 1])
        >>> mean_reward(forecasts, "c - (q - c)**2")
        0.875
    """
    return forecasts.mean_of(as_reward(reward).payoff)


@takes_arrays
def confident_and_wrong(forecasts: Forecasts, *, above: float = 0.9) -> float:
    """The confidently wrong rate, mean 1[q > above, c = 0]; smaller is better.

    Args:
        forecasts: The rows.
        above: A level in [0, 1]; a confidence equal to it does not count.

    Raises:
        ValueError: If `above` is outside [0, 1].

    Example:
        >>> from scoring_theory.calibration import Forecasts
        >>> confident_and_wrong(Forecasts(correct=[0, 0, 0, 1], confidence=[0.9, 0.95, 0.2, 0.99]))
        0.25
    """
    if not 0 <= above <= 1:
        raise ValueError(f"`above` must lie in [0, 1], got {above!r}")
    level = float(np.asarray(above, dtype=forecasts.precision))
    return forecasts.mean_of(lambda q, c: ((q > level) & (c == 0)).astype(np.float64))
