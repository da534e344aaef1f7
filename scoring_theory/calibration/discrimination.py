"""How well confidence separates correct from wrong answers: AUROC, AUPRC, selective prediction."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from scoring_theory.calibration.confidence_intervals import refuse_bootstrap
from scoring_theory.calibration.forecasts import Forecasts, takes_arrays
from scoring_theory.calibration.order_statistics import slices
from scoring_theory.display import line_of_columns, table_of_columns

if TYPE_CHECKING:
    from numpy.typing import NDArray


@takes_arrays
def auroc(forecasts: Forecasts) -> float:
    """The probability that a correct answer has more confidence than a wrong one; larger is better.

    AUROC = P(Q+ > Q-) + P(Q+ = Q-) / 2: ties count one half. Constant confidence gives 1/2. If all
    answers are correct, or all are wrong, there is no such pair and the result is NaN (null in JSON
    reports).

    Source: Hanley and McNeil 1982; average ranks for ties.

    Example:
        >>> from scoring_theory.calibration import Forecasts
        >>> auroc(Forecasts(correct=[1, 1, 0, 0], confidence=[0.5, 0.9, 0.5, 0.1]))
        0.875
        >>> auroc(Forecasts(correct=[1, 1], confidence=[0.5, 0.9]))
        nan
    """
    levels = forecasts.levels
    in_order = wrong_below = 0.0
    for rows in slices(levels.value.size):
        right = levels.correct[rows]
        wrong = np.maximum(levels.weight[rows] - right, 0.0)
        below = np.cumsum(wrong)
        in_order += float((right * (wrong_below + below - wrong / 2)).sum())
        wrong_below += float(below[-1])
    pairs = float(levels.correct.sum()) * wrong_below
    return in_order / pairs if pairs else math.nan


@takes_arrays
def average_precision(forecasts: Forecasts) -> float:
    """The area under the precision-recall curve, as a sum; larger is better.

    AP = sum_v (recall_v - recall_above) precision_v. The sum runs over the distinct stated values v
    in decreasing order; precision_v is the share of correct answers among those with confidence at
    least v. The result is NaN if no answer is correct.

    Source: average precision as in information retrieval, with the step rule of scikit-learn.

    Example:
        >>> from scoring_theory.calibration import Forecasts
        >>> average_precision(Forecasts(correct=[1, 0, 1, 0], confidence=[0.9, 0.8, 0.8, 0.1]))
        0.8333333333333333
    """
    refuse_bootstrap("the average precision", "use `auroc` or more answers", below=100)
    levels = forecasts.levels.weighted()
    correct, weight = levels.correct[::-1], levels.weight[::-1]
    positives = correct.sum()
    if not positives:
        return math.nan
    return float(correct @ (np.cumsum(correct) / np.cumsum(weight)) / positives)


@dataclass(frozen=True, slots=True, eq=False)
class RiskCoverage:
    """The risk-coverage curve of selective prediction: answer if and only if q >= threshold.

    Attributes:
        threshold: The distinct stated values in decreasing order.
        coverage: The share of questions that are answered at each threshold.
        risk: The error rate among these answers.
    """

    threshold: NDArray[np.float64]
    coverage: NDArray[np.float64]
    risk: NDArray[np.float64]

    __repr__ = line_of_columns

    def _repr_html_(self) -> str:
        return table_of_columns(self.columns(), caption="RiskCoverage")

    def columns(self) -> dict[str, NDArray[np.float64]]:
        """The curve as named columns, for `plotting.save`."""
        return {name: getattr(self, name) for name in self.__slots__}


@takes_arrays
def risk_coverage(forecasts: Forecasts) -> RiskCoverage:
    """Risk (smaller is better) and coverage at every stated value; ties enter together.

    Source: El-Yaniv and Wiener 2010; Geifman and El-Yaniv 2017.

    Example:
        >>> from scoring_theory.calibration import Forecasts
        >>> curve = risk_coverage(Forecasts(correct=[1, 1, 0, 0], confidence=[0.9, 0.5, 0.5, 0.1]))
        >>> curve.coverage.tolist(), curve.risk.round(3).tolist()
        ([0.25, 0.75, 1.0], [0.0, 0.333, 0.5])
    """
    levels = forecasts.levels.weighted()
    weight = np.cumsum(levels.weight[::-1])
    return RiskCoverage(
        levels.value[::-1], weight / weight[-1], np.cumsum(levels.wrong[::-1]) / weight
    )


@takes_arrays
def area_under_risk_coverage(forecasts: Forecasts) -> float:
    """AURC, the mean risk over coverage in (0, 1], ties in random order; smaller is better.

    AURC is the integral of risk(a) over coverage `a`. Let a run of ties have weight m and error
    rate e, and let weight B with A errors come before it. Inside the run the expected risk is (A +
    e x) / (B + x), with the integral e m + (A - B e) log((B + m) / B). The result therefore does
    not depend on the order of the rows and does not change if every row is doubled. The usual sum
    over ranks tends to it as n grows.

    Source: Geifman, Uziel, El-Yaniv 2019, Bias-Reduced Uncertainty Estimation.

    Example:
        >>> from scoring_theory.calibration import Forecasts
        >>> area_under_risk_coverage(Forecasts(correct=[1, 0, 1, 1], confidence=[0.7] * 4))
        0.25
    """
    levels = forecasts.levels.weighted()
    m, errors = levels.weight[::-1], levels.wrong[::-1]
    before, wrong_before = np.cumsum(m) - m, np.cumsum(errors) - errors
    excess = wrong_before[1:] - before[1:] * errors[1:] / m[1:]
    return float((errors.sum() + excess @ np.log1p(m[1:] / before[1:])) / m.sum())
