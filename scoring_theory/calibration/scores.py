"""Means over the rows: how often right, how sure, and what any rule or reward pays on average."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from scoring_theory.calibration.forecasts import Forecasts
    from scoring_theory.reward import Reward


def accuracy(forecasts: Forecasts) -> float:
    """The share of correct answers, sum w_i c_i / sum w_i.

    Example:
        >>> from scoring_theory.calibration import Forecasts
        >>> accuracy(Forecasts(confidence=[0.9, 0.1], correct=[1, 0]))
        0.5
    """
    return forecasts.mean(forecasts.correct)


def mean_confidence(forecasts: Forecasts) -> float:
    """The mean stated confidence, sum w_i q_i / sum w_i.

    Example:
        >>> from scoring_theory.calibration import Forecasts
        >>> mean_confidence(Forecasts(confidence=[0.75, 0.25], correct=[1, 1]))
        0.5
    """
    return forecasts.mean(forecasts.confidence)


def brier_score(forecasts: Forecasts) -> float:
    """The mean squared error of the confidence, mean (q - c)^2: 0 is perfect, 1 the worst.

    This is the number that papers report, so smaller is better; the scoring *rule* of the catalogue is its negative.

    Source: Brier 1950, in the form for one of two outcomes.

    Example:
        >>> from scoring_theory.calibration import Forecasts
        >>> brier_score(Forecasts(confidence=[1, 0.5], correct=[1, 1]))
        0.125
    """
    return forecasts.mean_of(lambda q, c: (q - c) ** 2)


@dataclass(frozen=True, slots=True)
class LogScore:
    """A mean log score with the treatment of certain errors that it was computed under.

    Attributes:
        value: The mean score, at most 0; larger is better.
        at_zero: "inf", or the least probability that an outcome was credited with.
        clipped: How many rows were raised to that probability.
    """

    value: float
    at_zero: Literal["inf"] | float
    clipped: int

    def __float__(self) -> float:
        return self.value


def log_score(forecasts: Forecasts, *, at_zero: Literal["inf"] | float = "inf") -> LogScore:
    """The mean log probability given to what happened, mean [c log q + (1 - c) log(1 - q)]; larger is better.

    A confident error at exactly q = 1 or q = 0 costs infinitely much. Libraries clip it, each at another constant, and
    the constant decides the number; here a clip is asked for by name and the result says what it did.

    Args:
        forecasts: The rows.
        at_zero: "inf" scores a certain error -inf; a number in (0, 1/2] is the least probability credited.

    Raises:
        ValueError: If `at_zero` is neither.

    Example:
        >>> from scoring_theory.calibration import Forecasts
        >>> certain = Forecasts(confidence=[1.0, 0.5], correct=[0, 1])
        >>> log_score(certain).value
        -inf
        >>> log_score(certain, at_zero=0.25)
        LogScore(value=-1.0397207708399179, at_zero=0.25, clipped=1)
    """
    if at_zero == "inf":
        return LogScore(forecasts.mean_of(_log_of_what_happened), "inf", 0)
    if not isinstance(at_zero, (int, float, np.floating)) or not 0 < at_zero <= 0.5:
        raise ValueError(f'`at_zero` must be "inf" or a number in (0, 1/2], got {at_zero!r}')
    floor = float(np.log(at_zero))
    mean = forecasts.mean_of(lambda q, c: np.maximum(_log_of_what_happened(q, c), floor))
    raised = sum(int((_log_of_what_happened(q, c) < floor).sum()) for q, c, _ in forecasts.blocks())
    return LogScore(mean, float(at_zero), raised)


def _log_of_what_happened(q: NDArray[np.float64], c: NDArray[np.float64]) -> NDArray[np.float64]:
    """Log q where c = 1 and log(1 - q) where c = 0.

    u = fl(1 - q) rounds away digits of a small q. What was lost, d = (1 - u) - q, is itself exact, and log(1 - q) =
    log(u + d) is log u + d up to a relative 2^-53.
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


def mean_reward(forecasts: Forecasts, reward: Reward) -> float:
    """What these answers would have earned on average, mean R(q_i, c_i); -inf if one of them ruins.

    Example:
        >>> from scoring_theory.calibration import Forecasts
        >>> from scoring_theory.reward import Reward
        >>> forecasts = Forecasts(confidence=[0.5, 1], correct=[1, 1])
        >>> mean_reward(forecasts, Reward.parse("c - (q - c)**2"))
        0.875
    """
    return forecasts.mean_of(reward.payoff)


def confident_and_wrong(forecasts: Forecasts, *, above: float = 0.9) -> float:
    """The share of all answers that are wrong and stated with confidence above a level, mean 1[q > above, c = 0].

    Args:
        forecasts: The rows.
        above: The level in [0, 1]; a confidence equal to it does not count.

    Raises:
        ValueError: If `above` is outside [0, 1].

    Example:
        >>> from scoring_theory.calibration import Forecasts
        >>> confident_and_wrong(Forecasts(confidence=[0.9, 0.95, 0.2, 0.99], correct=[0, 0, 0, 1]))
        0.25
    """
    if not 0 <= above <= 1:
        raise ValueError(f"`above` must lie in [0, 1], got {above!r}")
    level = float(np.asarray(above, dtype=forecasts.precision))
    return forecasts.mean_of(lambda q, c: ((q > level) & (c == 0)).astype(np.float64))
