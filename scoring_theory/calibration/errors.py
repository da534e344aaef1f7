"""How far stated confidence is from how often it is right, and how the Brier score splits into that and the rest."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from scoring_theory.calibration.binning import Bins, bin_sums

if TYPE_CHECKING:
    from scoring_theory.calibration.forecasts import Forecasts


def expected_calibration_error(forecasts: Forecasts, *, bins: Bins = 10) -> float:
    """The gap between confidence and frequency, averaged over bins: ECE = sum_b |sum_{i in b} w_i (q_i - c_i)| / sum w.

    With ten bins, the rule of the RLCR authors' code: equal widths, closed on the left, and 1.0 in the last bin.
    `bins="values"` compares each stated value with how often it was right and needs no edges.

    Source: Naeini, Cooper, Hauskrecht 2015; Guo et al. 2017; Damani et al. 2025, arXiv 2507.16806.

    Args:
        forecasts: The rows.
        bins: How many equal-width bins, or "values".

    Returns:
        A number in [0, 1]; 0 is calibrated as far as the bins can tell. It is biased upward: calibrated forecasts get
        about sqrt(bins / n) / 2 and not 0.

    Raises:
        ValueError: If `bins` is neither "values" nor a positive whole number.

    Example:
        >>> from scoring_theory.calibration import Forecasts
        >>> round(expected_calibration_error(Forecasts(confidence=[0.95, 1.0], correct=[1, 0]), bins=15), 12)
        0.475
    """
    sums = bin_sums(forecasts, bins=bins)
    return float(np.abs(sums.confidence - sums.correct).sum() / sums.weight.sum())


@dataclass(frozen=True, slots=True)
class BrierDecomposition:
    """Brier score = miscalibration - discrimination + uncertainty.

    Attributes:
        miscalibration: What is lost because stated values differ from their frequencies; 0 is best.
        discrimination: What is won because frequencies differ between stated values; larger is better.
        uncertainty: What always stating the overall accuracy would score.
    """

    miscalibration: float
    discrimination: float
    uncertainty: float


def brier_decomposition(forecasts: Forecasts) -> BrierDecomposition:
    """Murphy's split by stated value v with share s_v and frequency f_v of being right, overall accuracy a.

    sum_v s_v (v - f_v)^2  -  sum_v s_v (f_v - a)^2  +  a (1 - a)  =  mean (q - c)^2, exactly, since within a value
    there is nothing left to bin.

    Source: Murphy 1973, A new vector partition of the probability score.

    Example:
        >>> from scoring_theory.calibration import Forecasts
        >>> brier_decomposition(Forecasts(confidence=[0.5, 0.5, 1, 1], correct=[0, 1, 1, 1]))
        BrierDecomposition(miscalibration=0.0, discrimination=0.0625, uncertainty=0.1875)
    """
    sums = bin_sums(forecasts, bins="values")
    filled = sums.weight > 0
    share = sums.weight[filled] / sums.weight.sum()
    value, frequency = (total[filled] / sums.weight[filled] for total in (sums.confidence, sums.correct))
    overall = float(share @ frequency)
    return BrierDecomposition(
        miscalibration=float(share @ (value - frequency) ** 2),
        discrimination=float(share @ (frequency - overall) ** 2),
        uncertainty=overall * (1 - overall),
    )
