"""Calibration errors, by stated value or by bins: mean, maximum, root mean square, debiased."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.special import ndtr

from scoring_theory.calibration.binning import Bins, BinSums, Closed, bin_sums
from scoring_theory.calibration.confidence_intervals import refuse_bootstrap
from scoring_theory.calibration.forecasts import Forecasts, takes_arrays, takes_scores

if TYPE_CHECKING:
    from numpy.typing import NDArray

_INSTEAD = "use `calibration_error_interval` (`calibration_error_difference` for two methods)"


@takes_scores
def expected_calibration_error(
    forecasts: Forecasts, *, bins: Bins = "values", closed: Closed = "left"
) -> float:
    """The mean absolute gap between confidence and accuracy over bins; smaller is better.

    ECE = sum_b |sum_{i in b} w_i (q_i - c_i)| / sum w.

    Models state few distinct confidences, so by default each stated value is compared with its
    observed frequency, and no bin edges are needed. `bins=10` is the rule of the RLCR authors'
    code: bins of equal width, closed on the left, with 1.0 in the last bin.

    Source: Naeini, Cooper, Hauskrecht 2015; Guo et al. 2017; Damani et al. 2025, arXiv 2507.16806.

    Args:
        forecasts: The rows.
        bins: "values", a number of equal-width bins, or `EqualMass(count)`.
        closed: Which end of an equal-width bin belongs to it.

    Returns:
        A number in [0, 1]; 0 means that mean confidence equals accuracy in every bin. The estimate
        is biased upward: for calibrated forecasts its mean is not 0 but up to sqrt(bins / n) / 2;
        see `debiased_calibration_error` and `thin_bins`.

    Raises:
        ValueError: If `bins` or `closed` is outside its domain.

    Example:
        >>> from scoring_theory.calibration import Forecasts
        >>> forecasts = Forecasts(correct=[1, 0], confidence=[0.95, 1.0])
        >>> round(expected_calibration_error(forecasts, bins=15), 12)
        0.475
    """
    refuse_bootstrap("the expected calibration error", _INSTEAD)
    return ece_of(bin_sums(forecasts, bins=bins, closed=closed))


def ece_of(sums: BinSums) -> float:
    """The expected calibration error from the sums of each bin.

    Example:
        >>> from scoring_theory.calibration import Forecasts
        >>> ece_of(bin_sums(Forecasts(correct=[1, 0], confidence=[0.75, 0.75])))
        0.25
    """
    return float(np.abs(sums.confidence - sums.correct).sum() / sums.weight.sum())


@takes_arrays
def maximum_calibration_error(
    forecasts: Forecasts, *, bins: Bins = "values", closed: Closed = "left"
) -> float:
    """The largest gap of any bin, MCE = max_b |mean q - mean c|; smaller is better.

    A bin with a single row can make it as large as 1.

    Source: Naeini, Cooper, Hauskrecht 2015.

    Args:
        forecasts: The rows.
        bins: "values", a number of equal-width bins, or `EqualMass(count)`.
        closed: Which end of an equal-width bin belongs to it.

    Raises:
        ValueError: If `bins` or `closed` is outside its domain.

    Example:
        >>> from scoring_theory.calibration import Forecasts
        >>> maximum_calibration_error(Forecasts(correct=[1, 0, 1], confidence=[0.5, 0.5, 0.75]))
        0.25
    """
    refuse_bootstrap(
        "the maximum calibration error", "read the intervals of its bins in `reliability_curve`"
    )
    stated, frequency = bin_sums(forecasts, bins=bins, closed=closed).filled().means()
    return float(np.abs(stated - frequency).max())


@takes_arrays
def root_mean_square_calibration_error(
    forecasts: Forecasts, *, bins: Bins = "values", closed: Closed = "left", debiased: bool = False
) -> float:
    """The root mean square gap between confidence and accuracy over bins; smaller is better.

    RMSCE = sqrt(sum_b s_b (mean q - mean c)^2) with the shares s_b. The squared gap of a bin of n
    rows with success probability p has the bias p (1 - p) / n. With `debiased`, its unbiased
    estimate f (1 - f) / (n - 1) is subtracted, where f is the observed frequency. If the difference
    is negative, the result is 0.

    Source: Bröcker 2012; Kumar, Liang, Ma 2019, Verified Uncertainty Calibration.

    Args:
        forecasts: The rows.
        bins: "values", a number of equal-width bins, or `EqualMass(count)`.
        closed: Which end of an equal-width bin belongs to it.
        debiased: Whether to subtract the estimated bias; needs unweighted rows and at least two
            rows in every bin.

    Raises:
        ValueError: If `bins` or `closed` is outside its domain, or `debiased` is used with weighted
            rows or with a bin of a single row.

    Example:
        >>> from scoring_theory.calibration import Forecasts
        >>> forecasts = Forecasts(correct=[1, 1, 1, 0], confidence=[0.5] * 4)
        >>> root_mean_square_calibration_error(forecasts)
        0.25
        >>> root_mean_square_calibration_error(forecasts, debiased=True)
        0.0
    """
    refuse_bootstrap(
        "the root mean square calibration error", f'{_INSTEAD} with norm="root_mean_square"'
    )
    sums = bin_sums(forecasts, bins=bins, closed=closed).filled()
    stated, frequency = sums.means()
    squares = (stated - frequency) ** 2
    if debiased:
        squares = squares - _variance(forecasts, sums, frequency)
    return float(np.sqrt(max(0.0, float(sums.weight @ squares / sums.weight.sum()))))


@takes_arrays
def debiased_calibration_error(
    forecasts: Forecasts, *, bins: Bins = "values", closed: Closed = "left"
) -> float:
    """The expected calibration error minus an estimate of its sampling bias; smaller is better.

    A bin of n rows has the gap g = |mean q - mean c| with the standard error s = sqrt(f (1 - f) /
    (n - 1)). If g were the true gap, |g + s Z| with Z standard normal would have the mean g + b,
    where b = s sqrt(2/pi) exp(-g^2 / (2 s^2)) - 2 g Phi(-g/s) >= 0. The result is sum_b s_b (g - b)
    with the shares s_b. It is less biased than ECE but not unbiased, and it may be negative.

    Source: Kumar, Liang, Ma 2019, Verified Uncertainty Calibration; their Monte Carlo step
        estimates the same integral.

    Args:
        forecasts: The rows.
        bins: "values", a number of equal-width bins, or `EqualMass(count)`.
        closed: Which end of an equal-width bin belongs to it.

    Raises:
        ValueError: If `bins` or `closed` is outside its domain, a bin has a single row, or rows
            are weighted.

    Example:
        >>> from scoring_theory.calibration import Forecasts
        >>> forecasts = Forecasts(correct=[1] * 6 + [0] * 4, confidence=[0.5] * 10)
        >>> round(expected_calibration_error(forecasts), 9)
        0.1
        >>> round(debiased_calibration_error(forecasts), 3)
        0.046
    """
    refuse_bootstrap("the debiased calibration error", _INSTEAD)
    sums = bin_sums(forecasts, bins=bins, closed=closed).filled()
    stated, frequency = sums.means()
    gap, error = np.abs(stated - frequency), np.sqrt(_variance(forecasts, sums, frequency))
    return float(sums.weight @ (gap - _folding(gap, error)) / sums.weight.sum())


def _folding(gap: NDArray[np.float64], error: NDArray[np.float64]) -> NDArray[np.float64]:
    """E|gap + error Z| - gap for gap >= 0."""
    ratio = np.divide(gap, error, out=np.full_like(gap, np.inf), where=error > 0)
    at_zero: NDArray[np.float64] = error * np.sqrt(2 / np.pi) * np.exp(-(ratio**2) / 2)
    return at_zero - 2 * gap * ndtr(-ratio)


def _variance(
    forecasts: Forecasts, sums: BinSums, frequency: NDArray[np.float64]
) -> NDArray[np.float64]:
    """The unbiased estimate of the variance of each bin's frequency."""
    if not forecasts.unweighted:
        raise ValueError("debiasing needs unweighted rows, got `weight`")
    if sums.rows.min() < 2:
        raise ValueError(
            f"debiasing needs at least 2 rows in every bin, got {int((sums.rows < 2).sum())} of"
            f" {sums.rows.size} bins with a single row; use fewer bins"
        )
    return frequency * (1 - frequency) / (sums.rows - 1)
