"""Whether confidence tells right answers from wrong ones, and what answering only the surest questions gives."""

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
    """The chance that a correct answer was stated with more confidence than a wrong one; larger is better.

    AUROC = P(Q+ > Q-) + P(Q+ = Q-) / 2: ties count half. Constant confidence gives 1/2. When all
    answers are right, or all wrong, there is no such pair and the result is NaN; JSON reports write
    null.

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

    AP = sum_v (recall_v - recall_above) precision_v. Stated values v are taken from the highest
    down, equal ones together; precision_v is the share of correct answers among those stated with
    at least v. NaN when no answer is correct.

    Source: the average precision of information retrieval; the step rule of scikit-learn.

    Example:
        >>> from scoring_theory.calibration import Forecasts
        >>> average_precision(Forecasts(correct=[1, 0, 1, 0], confidence=[0.9, 0.8, 0.8, 0.1]))
        0.8333333333333333
    """
    refuse_bootstrap("the average precision", "take `auroc` or more answers", below=100)
    levels = forecasts.levels.weighted()
    correct, weight = levels.correct[::-1], levels.weight[::-1]
    found = correct.sum()
    if not found:
        return math.nan
    return float(correct @ (np.cumsum(correct) / np.cumsum(weight)) / found)


@dataclass(frozen=True, slots=True, eq=False)
class RiskCoverage:
    """Answer the surest share of questions only: how many of these answers are wrong?

    Attributes:
        threshold: Stated values from the highest down; answering means q >= threshold.
        coverage: Share of answers given at each.
        risk: Share of these that are wrong.
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
    """Risk (smaller is better) and coverage at every stated value as a threshold; ties stay together.

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
    """AURC = integral over coverage a in (0, 1] of risk(a), ties in random order; smaller is better.

    Inside a run of ties with share e of errors, after weight B with A errors, the expected risk is
    (A + e x) / (B + x), whose integral is e m + (A - B e) log((B + m) / B) for a run of weight m.
    So no order of rows matters, and doubling every row changes nothing; the sum over ranks that
    papers write tends to this as n grows.

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
