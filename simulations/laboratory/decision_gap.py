"""Prediction against decision: the better Brier score can make the worse decisions.

A user acts if confidence exceeds a threshold t, and gains c - t by acting. A calibrated forecaster
whose probability is p gives an expected Brier score of E p^2 - E p and a utility of

    E (p - t)+

Two calibrated forecasters of one event have the same mean and may have these two in either order:
one that is often moderately informed has the better Brier score, one that is seldom very sure is
better for a user with a high threshold. Training follows the score that it is paid with. A reward
designed for the threshold, with curvature k and range 1, is worth

    V(p) = k p^2 / 2 + (1 - k) (p - t)+

so it chooses the forecaster with the better decisions as long as k is below a bound; k = 1 is the
Brier score.

    >>> often, seldom = forecasters(0.2)
    >>> [round(-f.brier, 3) for f in (often, seldom)]  # Brier scores
    [-0.118, -0.164]
    >>> [round(f.utility(0.8), 3) for f in (often, seldom)]
    [0.0, 0.03]
    >>> round(changing_threshold(often, seldom), 3), round(largest_curvature(often, seldom, 0.8), 3)
    (0.617, 0.561)
    >>> design(thresholds=[0.8], curvature=1).reward == design(curvature=1).reward  # Brier
    True
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache, partial
from typing import TYPE_CHECKING

import numpy as np

from scoring_theory.designing.design import design
from simulations.laboratory.compared import compared
from simulations.laboratory.system import (
    Conditions,
    Knob,
    System,
    SystemOutcome,
    as_cells,
)
from simulations.policies import StatedPolicy
from simulations.signals.groups import Groups
from simulations.signals.training import mean_field, train

if TYPE_CHECKING:
    from collections.abc import Callable

    from scoring_theory.reward import Reward
    from simulations.training.kernels import FloatArray

_GROUP, _RATE = 16, 0.5
_MEAN, _SPREAD, _SURE = 0.4, 0.35, 0.95
_THRESHOLDS = (0.2, 0.4, 0.6, 0.7, 0.8, 0.9)
_LONG = 4000


@dataclass(frozen=True)
class Forecaster:
    """A calibrated forecaster with a low and a high probability.

    Attributes:
        low: the probability that is stated in the other cases.
        high: the higher probability.
        often: how often the higher one is stated.
    """

    low: float
    high: float
    often: float

    def mean(self, low: float, high: float) -> float:
        """The mean of a number that is `low` or `high` with the forecast."""
        return (1 - self.often) * low + self.often * high

    @property
    def brier(self) -> float:
        """The expected Brier score, as a loss: E p (1 - p)."""
        return self.mean(self.low * (1 - self.low), self.high * (1 - self.high))

    def utility(self, threshold: float) -> float:
        """E (p - t)+, the gain of a user who acts above the threshold."""
        return self.mean(max(self.low - threshold, 0.0), max(self.high - threshold, 0.0))


def forecasters(often: float) -> tuple[Forecaster, Forecaster]:
    """One that is often moderately informed, and one that is seldom very sure; their means agree.

    Args:
        often: how often the second is very sure.
    """
    low = (_MEAN - often * _SURE) / (1 - often)
    return Forecaster(_MEAN - _SPREAD, _MEAN + _SPREAD, 0.5), Forecaster(low, _SURE, often)


def changing_threshold(one: Forecaster, other: Forecaster) -> float:
    """The threshold between both low and both high probabilities at which utilities are equal.

    often_1 (high_1 - t) = often_2 (high_2 - t)
    """
    gap = one.often * one.high - other.often * other.high
    return gap / (one.often - other.often)


def largest_curvature(one: Forecaster, other: Forecaster, threshold: float) -> float:
    """The curvature up to which a design of range 1 chooses the better decisions of `other`.

        k / (1 - k) = 2 (utility_2 - utility_1) / (Brier loss_2 - Brier loss_1)

    It is 1 where `other` has the better Brier score too, and 0 where its decisions are worse.
    """
    gain = other.utility(threshold) - one.utility(threshold)
    loss = other.brier - one.brier
    if gain <= 0:
        return 0.0
    return 1.0 if loss <= 0 else 2 * gain / (2 * gain + loss)


@lru_cache(maxsize=32)
def _designed(threshold: float, curvature: float) -> Reward:
    return design(thresholds=[threshold], curvature=curvature).reward


def forecaster_payoffs(reward: Reward, pair: tuple[Forecaster, Forecaster]) -> FloatArray:
    """What each forecaster earns for its low and high probability if wrong and if right, (2, 2, 2).

    The axes are forecaster, probability and outcome.
    """
    stated = np.array([[f.low, f.high] for f in pair])
    wrong, right = reward.table(stated.ravel())
    return np.stack([wrong, right], axis=-1).reshape(2, 2, 2)


def forecast_reward(reward: Reward, pair: tuple[Forecaster, Forecaster]) -> FloatArray:
    """The expected reward of each forecaster, (2,)."""
    paid = forecaster_payoffs(reward, pair)
    p = np.array([[f.low, f.high] for f in pair])
    value = (1 - p) * paid[..., 0] + p * paid[..., 1]
    return np.array([f.mean(low, high) for f, (low, high) in zip(pair, value, strict=True)])


def _signal(
    reward: Reward, pair: tuple[Forecaster, Forecaster], rng: np.random.Generator
) -> Callable[[Groups], FloatArray]:
    paid = forecaster_payoffs(reward, pair)
    p = np.array([[f.low, f.high] for f in pair])
    often = np.array([f.often for f in pair])

    def signal(groups: Groups) -> FloatArray:
        read = groups.answers
        high = (rng.random(read.shape) < often[read]).astype(np.int64)
        correct = (rng.random(read.shape) < p[read, high]).astype(np.int64)
        return np.asarray(paid[read, high, correct])

    return signal


def _start() -> StatedPolicy:
    return StatedPolicy(np.full((1, 1, 2), 0.5), np.ones((1, 1, 2, 1)), np.array([1.0]))


def _settled(reward: Reward, pair: tuple[Forecaster, Forecaster]) -> float:
    """The share of the second forecaster after a long training, along the mean field."""
    paid = forecast_reward(reward, pair)[None, None, :, None]
    end = mean_field(_start(), lambda _: paid, learning_rate=1.0, steps=_LONG, checkpoints=2).end
    return float(end.answer[0, 0, 1])


def _show(conditions: Conditions) -> SystemOutcome:
    runs, steps = conditions.runs(200, 600), conditions.steps(600, 1000)
    rate, threshold = conditions.rate(_RATE), conditions["threshold"]
    curvature = 1.0 if conditions.without else conditions["curvature"]
    pair = forecasters(conditions["sure"])
    reward = _designed(threshold, curvature)
    rng = np.random.default_rng(np.random.SeedSequence([conditions.seed, 1]))
    signal = _signal(reward, pair, rng)
    trained = train(
        _start(),
        np.zeros((1, 2)),
        signal,
        confidence_signal=signal,
        runs=runs,
        group_size=_GROUP,
        learning_rate=rate,
        steps=steps,
        seed=conditions.seed,
    )
    paid = forecast_reward(reward, pair)[None, None, :, None]
    limit = mean_field(
        _start(), lambda _: paid, learning_rate=rate, steps=steps, shrink=1 - 1 / _GROUP
    )
    numbers = (
        ("share of the seldom sure forecaster", np.array([0.0, 1.0]), 0.04),
        (
            f"utility at the threshold {threshold:g}",
            np.array([f.utility(threshold) for f in pair]),
            0.0015,
        ),
        ("Brier score (a loss)", np.array([f.brier for f in pair]), 0.002),
    )
    made = [
        compared(
            f"change of the {what}",
            trained,
            limit,
            partial(_expected, of_each=each),
            bias=bias * rate,
            title=what,
            y_label="",
        )
        for what, each, bias in numbers
    ]
    return SystemOutcome(
        name="decision-gap",
        without=conditions.without,
        findings=tuple(finding for finding, _ in made),
        boundary=_boundary(conditions, pair),
        head=(
            "threshold",
            "utility: often informed",
            "utility: seldom sure",
            "chosen by the Brier score",
            "by the design for the threshold",
            "design is right for curvature below",
        ),
        rows=tuple(
            _row(t, pair, conditions["curvature"]) for t in sorted({*_THRESHOLDS, threshold})
        ),
        panels=tuple(panel for _, panel in made),
        runs=runs,
    )


def _expected(policy: StatedPolicy, of_each: FloatArray) -> FloatArray:
    return np.asarray(policy.answer[:, 0] @ of_each)


@lru_cache(maxsize=64)
def _row(
    threshold: float, pair: tuple[Forecaster, Forecaster], curvature: float
) -> tuple[str, ...]:
    chosen = [
        "seldom sure" if _settled(_designed(threshold, k), pair) > 0.5 else "often informed"
        for k in (1.0, curvature)
    ]
    utilities = as_cells([f.utility(threshold) for f in pair])
    bound = largest_curvature(*pair, threshold)
    return f"{threshold:g}", *utilities, *chosen, f"{bound:.3f}" if bound else "any"


def _boundary(conditions: Conditions, pair: tuple[Forecaster, Forecaster]) -> str:
    change, threshold = changing_threshold(*pair), conditions["threshold"]
    if conditions.without:
        return (
            "The Brier score chooses the often informed forecaster for every user; its decisions"
            f" are worse for thresholds from {change:.3f} to {_SURE:g}."
        )
    bound = largest_curvature(*pair, threshold)
    here = (
        f"the design for a threshold of {threshold:g} closes the gap for a curvature below"
        f" {bound:.3f} (here {conditions['curvature']:g})"
        if bound
        else f"at a threshold of {threshold:g} there is no gap to close"
    )
    return (
        "The forecaster with the better Brier score decides worse for thresholds from"
        f" {change:.3f} to {_SURE:g}; {here}."
    )


DECISION_GAP = System(
    name="decision-gap",
    story=(
        "A model chooses which evidence it reads, and states calibrated confidence either way: one"
        " kind makes it often moderately informed, the other seldom very sure. The Brier score"
        " prefers the first. A user who acts above a high threshold gains only from the second, and"
        " a reward designed for that threshold teaches it."
    ),
    switch="the reward is the Brier score, of the same range",
    source=(
        "Anand et al. 2025 (models that are wrong and optimal), arXiv 2501.06086; Schervish 1989;"
        " docs/theory.md, Theorem 22"
    ),
    verdict=(
        "Agrees that accurate prediction does not guarantee good decisions; here both forecasters"
        " are calibrated, so the gap is one of information, and the reward's weight at the"
        " threshold decides which is learned."
    ),
    show=_show,
    knobs=(
        Knob("threshold", 0.8, 0.05, 0.94, "the confidence above which the user acts"),
        Knob("curvature", 0.2, 0.0, 1.0, "the part of the design's range that is a Brier score"),
        Knob("sure", 0.2, 0.05, 0.28, "how often the second forecaster is very sure"),
    ),
)
