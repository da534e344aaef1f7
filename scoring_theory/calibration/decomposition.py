"""Decompositions of mean scores: miscalibration, discrimination, uncertainty; Murphy diagrams."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.optimize import isotonic_regression

from scoring_theory.calibration.binning import Bins, bin_index, bin_sums
from scoring_theory.calibration.confidence_intervals import refuse_bootstrap
from scoring_theory.calibration.forecasts import Forecasts, takes_arrays
from scoring_theory.calibration.levels import equal_weights
from scoring_theory.calibration.order_statistics import slices
from scoring_theory.catalogue.coercion import as_reward
from scoring_theory.display import line_of_columns, one_line, table, table_of_columns

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from scoring_theory.calibration.levels import Levels
    from scoring_theory.catalogue.coercion import RewardLike
    from scoring_theory.reward import Reward


_INSTEAD = "use the interval of the whole score (`mean_reward`) and `calibration_error_interval`"


@dataclass(frozen=True, slots=True)
class Decomposition:
    """Mean score = -(miscalibration - discrimination + uncertainty); a larger score is better.

    Attributes:
        miscalibration: The loss because stated values differ from observed frequencies; 0 is best.
        discrimination: The gain because observed frequencies differ; larger is better.
        uncertainty: The loss of always stating the overall accuracy.

    Example:
        >>> parts = Decomposition(miscalibration=0.25, discrimination=0.5, uncertainty=0.75)
        >>> parts.score
        -0.5
    """

    miscalibration: float
    discrimination: float
    uncertainty: float

    __repr__ = one_line

    def _repr_html_(self) -> str:
        return table(
            ((name, getattr(self, name)) for name in self.__slots__),
            caption="score = discrimination - miscalibration - uncertainty",
        )

    @property
    def score(self) -> float:
        """The mean score, discrimination - miscalibration - uncertainty."""
        return self.discrimination - self.miscalibration - self.uncertainty


def recalibrated(levels: Levels) -> NDArray[np.float64]:
    """(k,) the isotonic regression of outcomes on stated values: recalibrated confidences.

    Tied values are merged before adjacent violators are pooled; otherwise the result would depend
    on the order of the rows.

    Example:
        >>> from scoring_theory.calibration import Forecasts
        >>> recalibrated(Forecasts(correct=[1, 0, 1, 1], confidence=[0.1, 0.5, 0.9, 0.9]).levels)
        array([0.5, 0.5, 1. ])
    """
    starts, right, wrong = _pools(levels)
    return np.repeat(right / (right + wrong), np.diff(starts, append=levels.value.size))


def _pools(levels: Levels) -> tuple[NDArray[np.int64], NDArray[np.float64], NDArray[np.float64]]:
    """Where each pool of adjacent violators starts, and its weight of correct and wrong answers."""
    single = equal_weights(levels.weight)
    starts = _starts_of_falling_runs(levels.correct if single else levels.correct / levels.weight)
    right, weight = (_sums(column, starts) for column in (levels.correct, levels.weight))
    pools = isotonic_regression(right / weight, weights=weight).blocks[:-1]
    right, weight = (_sums(column, pools) for column in (right, weight))
    return starts[pools], right, np.maximum(weight - right, 0.0)


def _starts_of_falling_runs(frequency: NDArray[np.float64]) -> NDArray[np.int64]:
    """The starts of the maximal nonincreasing runs; each run lies in one pool."""
    rises = np.empty(frequency.size, dtype=np.bool_)
    rises[:1] = True
    np.greater(frequency[1:], frequency[:-1], out=rises[1:])
    return np.flatnonzero(rises)


def _sums(column: NDArray[np.float64], starts: NDArray[np.int64]) -> NDArray[np.float64]:
    if equal_weights(column):
        return np.diff(starts, append=column.size).astype(np.float64)
    return column if starts.size == column.size else np.add.reduceat(column, starts)


@takes_arrays
def corp_decomposition(forecasts: Forecasts, rule: RewardLike) -> Decomposition:
    """The CORP decomposition of a proper score (larger is better) by isotonic recalibration.

        miscalibration = S_r - S,   discrimination = S_r - S_0,   uncertainty = -S_0

    S is the mean score of the stated confidences, S_r that after isotonic regression of the
    outcomes on them, and S_0 that of always stating the overall accuracy. For a proper rule,
    miscalibration and discrimination are not negative.

    Source: Dimitriadis, Gneiting, Jordan 2021, Stable reliability diagrams for probabilistic
        classifiers.

    Args:
        forecasts: The rows.
        rule: A proper reward: a rule of the catalogue, a `Reward` or a formula. Its propriety is
            checked, once.

    Returns:
        Parts that add up to `-mean_reward(forecasts, rule)`; miscalibration is inf if a certain
        error has the score -inf.

    Raises:
        ValueError: If the rule is not proper (the parts would have no meaning) or has a free
            parameter.

    Warns:
        UserWarning: If it is undecided whether the rule is proper.

    Example:
        >>> from scoring_theory.calibration import Forecasts
        >>> from scoring_theory.catalogue import brier
        >>> corp_decomposition(Forecasts(correct=[0, 1, 1, 1], confidence=[0.5, 0.5, 1, 1]), brier)
        Decomposition(miscalibration=0, discrimination=0.0625, uncertainty=0.1875)
    """
    from scoring_theory.checking.properness import require_proper

    rule, levels = require_proper(as_reward(rule)), forecasts.levels.weighted()
    refuse_bootstrap("the parts of a decomposition", _INSTEAD)
    _, right, wrong = _pools(levels)
    distinct = levels.value.size == len(forecasts)
    stated = (
        forecasts.mean_of(rule.payoff)
        if distinct
        else _mean_score(rule, levels.value, levels.correct, levels.weight)
    )
    best = _mean_score(rule, right / (right + wrong), right, right + wrong)
    overall = right.sum(keepdims=True), right.sum(keepdims=True) + wrong.sum()
    constant = _mean_score(rule, overall[0] / overall[1], *overall)
    return Decomposition(best - stated, best - constant, 0.0 - constant)


def _mean_score(
    rule: Reward, q: NDArray[np.float64], right: NDArray[np.float64], weight: NDArray[np.float64]
) -> float:
    """The mean score when, at each q, `right` of the total `weight` (all positive) is correct."""
    total = 0.0
    for rows in slices(q.size):
        wrong = np.maximum(weight[rows] - right[rows], 0.0)
        # An outcome that did not occur has weight 0 even if its score is -inf (0 * inf is NaN).
        happened = right[rows] > 0
        paid = rule.payoff(q[rows], happened) * np.where(happened, right[rows], wrong)
        total += float(paid.sum())
        both = happened & (wrong > 0)
        if both.any():
            total += float((rule.payoff(q[rows][both], False) * wrong[both]).sum())
    return total / float(weight.sum())


@dataclass(frozen=True, slots=True)
class BrierDecomposition:
    """Brier score = miscalibration - discrimination + uncertainty + within_bins.

    Attributes:
        miscalibration: The loss because mean confidences differ from observed frequencies; 0 is
            best.
        discrimination: The gain because observed frequencies differ between bins; larger is better.
        uncertainty: The Brier score of always stating the overall accuracy.
        within_bins: The remainder from bins with several stated values, of either sign; exactly 0
            with one bin per stated value.
    """

    miscalibration: float
    discrimination: float
    uncertainty: float
    within_bins: float

    __repr__ = one_line

    def _repr_html_(self) -> str:
        return table(
            ((name, getattr(self, name)) for name in self.__slots__),
            caption="Brier score = miscalibration - discrimination + uncertainty + within_bins",
        )


@takes_arrays
def brier_decomposition(forecasts: Forecasts, *, bins: Bins = "values") -> BrierDecomposition:
    """Murphy's decomposition of the Brier score (a loss, smaller is better) over bins.

        mean (q - c)^2 = sum_b s_b (v_b - f_b)^2 - sum_b s_b (f_b - a)^2 + a (1 - a) + within

    Bin b has the share s_b, mean confidence v_b and observed frequency f_b; a is the overall
    accuracy. The identity is exact. The term within = mean [(q - v_b)^2 - 2 (q - v_b)(c - f_b)] is
    0 if every bin is a single stated value.

    Source: Murphy 1973, A new vector partition of the probability score; the last term: Stephenson,
        Coelho, Jolliffe 2008.

    Args:
        forecasts: The rows.
        bins: "values", a number of equal-width bins, or `EqualMass(count)`.

    Raises:
        ValueError: If `bins` is outside its domain.

    Example:
        >>> from scoring_theory.calibration import Forecasts
        >>> forecasts = Forecasts(correct=[0, 1, 1, 1], confidence=[0.5, 0.5, 1, 1])
        >>> parts = brier_decomposition(forecasts)
        >>> parts.miscalibration, parts.discrimination, parts.uncertainty, parts.within_bins
        (0.0, 0.0625, 0.1875, 0.0)
    """
    refuse_bootstrap("the parts of a decomposition", _INSTEAD)
    sums = bin_sums(forecasts, bins=bins).filled()
    share = sums.weight / sums.weight.sum()
    stated, frequency = sums.means()
    overall = float(share @ frequency)
    return BrierDecomposition(
        miscalibration=float(share @ (stated - frequency) ** 2),
        discrimination=float(share @ (frequency - overall) ** 2),
        uncertainty=overall * (1 - overall),
        within_bins=0.0 if bins == "values" else _within(forecasts, bins),
    )


def _within(forecasts: Forecasts, bins: Bins) -> float:
    sums, index = bin_sums(forecasts, bins=bins), bin_index(forecasts, bins=bins)
    weight = np.where(sums.weight > 0, sums.weight, 1.0)
    q = forecasts.confidence - (sums.confidence / weight)[index]
    return forecasts.mean(q * q - 2 * q * forecasts.correct)  # q sums to 0 in each bin


@dataclass(frozen=True, slots=True, eq=False)
class MurphyDiagram:
    """The mean payoff of a user who acts if the confidence exceeds t, for every threshold t.

    Attributes:
        threshold: (k,) t in [0, 1].
        payoff: (k,) mean of the threshold bet (c - t) [q > t].
        loss: (k,) the elementary score, mean |c - t| [min(q, c) <= t < max(q, c)]; it equals
            mean c (1 - t) - payoff.
    """

    threshold: NDArray[np.float64]
    payoff: NDArray[np.float64]
    loss: NDArray[np.float64]

    __repr__ = line_of_columns

    def _repr_html_(self) -> str:
        return table_of_columns(self.columns(), caption="MurphyDiagram")

    def columns(self) -> dict[str, NDArray[np.float64]]:
        """The curves as named columns, for `plotting.save`."""
        return {name: getattr(self, name) for name in self.__slots__}


@takes_arrays
def murphy_diagram(
    forecasts: Forecasts, thresholds: NDArray[np.float64] | None = None
) -> MurphyDiagram:
    """The mean payoff of each threshold bet B_t(q, c) = (c - t) [q > t]; larger is better.

    A safe reward is a mixture R = integral of B_t dF(t) of these bets, so its mean over the answers
    is the integral of this curve with respect to F. Every safe reward therefore gives the same
    order to two methods whose curves do not cross.

    Source: Ehm, Gneiting, Jordan, Krüger 2016, Of quantiles and expectiles; Schervish 1989.

    Args:
        forecasts: The rows.
        thresholds: (k,) values of t in [0, 1]; None means 0, 0.001, ..., 1.

    Raises:
        ValueError: If a threshold is outside [0, 1].

    Example:
        >>> from scoring_theory.calibration import Forecasts
        >>> forecasts = Forecasts(correct=[0, 1], confidence=[0.5, 1.0])
        >>> murphy_diagram(forecasts, np.array([0.25, 0.75])).payoff
        array([0.25 , 0.125])
    """
    t = np.arange(1001) / 1000 if thresholds is None else np.asarray(thresholds, dtype=np.float64)
    if t.size == 0 or not ((t >= 0) & (t <= 1)).all():
        raise ValueError(
            "`thresholds` must lie in [0, 1], got"
            f" {t[~((t >= 0) & (t <= 1))][:1].tolist() or 'none'}"
        )
    levels = forecasts.levels
    total, right = levels.weight.sum(), levels.correct.sum()
    first = np.searchsorted(levels.value, t, side="right")
    above, right_above = (
        column.sum() - np.concatenate([[0.0], np.cumsum(column)])[first]
        for column in (levels.weight, levels.correct)
    )
    payoff = (right_above - t * above) / total
    return MurphyDiagram(t, payoff, (1 - t) * right / total - payoff)
