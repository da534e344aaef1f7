"""Tests of the hypothesis of calibration, that c_i is 1 with probability q_i.

All of them assume independent answers. With several answers to one question, test one answer per
question, or use the intervals of `scoring_theory.calibration.confidence_intervals`, which resample
whole questions.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import expit, log_ndtr, logit, ndtr
from scipy.stats import chi2

from scoring_theory.calibration.binning import Bins, Closed, bin_sums
from scoring_theory.calibration.forecasts import Forecasts, takes_arrays
from scoring_theory.calibration.logistic import fit_logistic, log_likelihood
from scoring_theory.display import one_line

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray


_TERMS = np.arange(1, 2001)


@dataclass(frozen=True, slots=True)
class CalibrationTest:
    """A test statistic with its p-value under perfect calibration.

    Attributes:
        statistic: See the function that computed it.
        p_value: The probability of a statistic at least as extreme if every c_i is 1 with
            probability q_i.
        degrees: Degrees of freedom; None if the test has none.
    """

    statistic: float
    p_value: float
    degrees: int | None = None

    __repr__ = one_line


@takes_arrays
def kolmogorov_smirnov(forecasts: Forecasts) -> CalibrationTest:
    """The largest cumulative gap between confidence and outcome, with its test; smaller is better.

    The statistic is max_v |D(v)| with D(v) = sum_{q_i <= v} w_i (q_i - c_i) / sum w, evaluated at
    the ends of ties only.

    Under calibration, D divided by its standard deviation at the end tends to a Brownian motion,
    whose largest absolute value exceeds x with probability 1 - (4/pi) sum_k (-1)^k / (2k + 1)
    exp(-(2k + 1)^2 pi^2 / (8 x^2)). With few stated values the maximum is taken over few points,
    and the test is conservative.

    Source: Gupta et al. 2021, Calibration of neural networks using splines; Arrieta-Ibarra et al.
        2022 (ECCE-MAD).

    Example:
        >>> from scoring_theory.calibration import Forecasts
        >>> forecasts = Forecasts(correct=[1] * 80 + [0] * 20, confidence=[0.9] * 100)
        >>> test = kolmogorov_smirnov(forecasts)
        >>> round(test.statistic, 9), test.p_value < 0.01
        (0.1, True)
    """
    walk, deviation = _cumulative_gap(forecasts)
    reach = float(np.abs(walk).max())
    return CalibrationTest(reach, _if_certain(reach, deviation, _largest_absolute_value_exceeds))


@takes_arrays
def kuiper(forecasts: Forecasts) -> CalibrationTest:
    """The range of the cumulative gap, max_v D(v) - min_v D(v), with its test; smaller is better.

    D is that of `kolmogorov_smirnov`, including D = 0 at the start. The range of a Brownian motion
    exceeds x with probability 8 sum_{k >= 1} (-1)^(k-1) k Phi(-k x).

    Source: Kuiper 1960; Feller 1951; Arrieta-Ibarra et al. 2022, Metrics of calibration for
        probabilistic predictions (ECCE-R).

    Example:
        >>> from scoring_theory.calibration import Forecasts
        >>> kuiper(Forecasts(correct=[1, 0], confidence=[0.25, 0.75])).statistic
        0.375
    """
    walk, deviation = _cumulative_gap(forecasts)
    span = float(walk.max() - walk.min())
    return CalibrationTest(span, _if_certain(span, deviation, _range_exceeds))


@takes_arrays
def spiegelhalter(forecasts: Forecasts) -> CalibrationTest:
    """Spiegelhalter's test of the Brier score under calibration; Z nearer to 0 is better.

    Z = sum w (c - q)(1 - 2q) / sqrt(sum w^2 (1 - 2q)^2 q (1 - q)).

    Z is asymptotically standard normal under calibration; the test is two-sided.

    Source: Spiegelhalter 1986, Probabilistic prediction in patient management.

    Raises:
        ValueError: If every stated value is 0, 1/2 or 1, for which Z is not defined.

    Example:
        >>> from scoring_theory.calibration import Forecasts
        >>> round(spiegelhalter(Forecasts(correct=[1] * 25, confidence=[0.8] * 25)).statistic, 9)
        -2.5
    """
    q, c, w = forecasts.confidence, forecasts.correct, forecasts.weight
    variance = float((w * w * (1 - 2 * q) ** 2 * q * (1 - q)).sum())
    if variance == 0:
        raise ValueError("Spiegelhalter's Z needs a stated value other than 0, 1/2 and 1, got none")
    z = float((w * (c - q) * (1 - 2 * q)).sum()) / variance**0.5
    return CalibrationTest(z, float(2 * ndtr(-abs(z))))


@takes_arrays
def hosmer_lemeshow(
    forecasts: Forecasts, *, bins: Bins = 10, closed: Closed = "left"
) -> CalibrationTest:
    """The Hosmer-Lemeshow chi-squared test over bins; smaller is better.

    H = sum_b (O_b - E_b)^2 / (n_b m_b (1 - m_b)) with m_b the mean confidence of bin b, O_b its
    number of correct answers, and E_b = n_b m_b.

    The degrees of freedom are the number of nonempty bins, since nothing was fitted to these rows.
    The familiar bins - 2 holds for a logistic regression on its own training data and rejects too
    often here. A bin with m_b = 0 or 1 whose answers all agree with it contributes nothing; one
    wrong answer in it is impossible under calibration, and the p-value is 0.

    Source: Hosmer and Lemeshow 1980.

    Args:
        forecasts: The rows.
        bins: "values", a number of equal-width bins, or `EqualMass(count)`.
        closed: Which end of an equal-width bin belongs to it.

    Raises:
        ValueError: If rows are weighted, or `bins` or `closed` is outside its domain.

    Example:
        >>> from scoring_theory.calibration import Forecasts
        >>> test = hosmer_lemeshow(Forecasts(correct=[1] * 60 + [0] * 40, confidence=[0.5] * 100))
        >>> test.statistic, test.degrees, round(test.p_value, 4)
        (4.0, 1, 0.0455)
    """
    if not forecasts.unweighted:
        raise ValueError("the Hosmer-Lemeshow test needs unweighted rows, got `weight`")
    sums = bin_sums(forecasts, bins=bins, closed=closed).filled()
    variance = sums.confidence * (1 - sums.confidence / sums.weight)
    gap = (sums.correct - sums.confidence) ** 2
    possible = variance > 0
    if (gap[~possible] > 0).any():
        return CalibrationTest(np.inf, 0.0, int(possible.sum()))
    statistic = float((gap[possible] / variance[possible]).sum())
    degrees = int(possible.sum())
    return CalibrationTest(
        statistic, float(chi2.sf(statistic, degrees)) if degrees else 1.0, degrees
    )


@dataclass(frozen=True, slots=True)
class CoxCalibration:
    """The fit of P(c = 1) = expit(intercept + slope * logit q).

    Calibration is intercept 0 and slope 1; a slope below 1 means overconfidence.

    Attributes:
        intercept: Maximum likelihood estimate.
        slope: Maximum likelihood estimate.
        intercept_error: Standard error from the Fisher information.
        slope_error: Standard error from the Fisher information.
        p_value: Likelihood ratio test of (0, 1), two degrees of freedom.
    """

    intercept: float
    slope: float
    intercept_error: float
    slope_error: float
    p_value: float

    __repr__ = one_line


@takes_arrays
def cox(forecasts: Forecasts, *, steps: int = 100) -> CoxCalibration:
    """Cox's logistic recalibration line; intercept 0 and slope 1 are best.

    The line is the maximum likelihood fit, by Newton's method.

    Source: Cox 1958, Two further applications of a model for binary regression.

    Args:
        forecasts: The rows.
        steps: Largest number of Newton steps.

    Raises:
        ValueError: If a stated value is exactly 0 or 1 (its logit is infinite), if fewer than two
            distinct values are stated, or if a threshold separates correct from wrong answers, so
            that the fit has no finite maximum.

    Example:
        >>> from scoring_theory.calibration import Forecasts
        >>> q = [0.25] * 4 + [0.75] * 4
        >>> line = cox(Forecasts(correct=[1, 0, 0, 0, 1, 1, 1, 0], confidence=q))
        >>> abs(line.intercept) < 1e-9, round(line.slope, 9), round(line.p_value, 9)
        (True, 1.0, 1.0)
    """
    levels = forecasts.levels.weighted()
    ends = (levels.value == 0) | (levels.value == 1)
    if ends.any():
        raise ValueError(
            f"Cox's line needs stated values inside (0, 1), got {levels.value[ends][0]}"
            f" ({int(levels.rows[ends].sum())} rows at 0 or 1); remove these rows, or use another"
            " test"
        )
    if levels.value.size < 2:
        raise ValueError(f"Cox's line needs at least two stated values, got only {levels.value[0]}")
    design = np.column_stack([np.ones(levels.value.size), logit(levels.value)])
    line = fit_logistic(
        design, levels.weight, levels.correct, start=np.array([0.0, 1.0]), steps=steps
    )
    fitted = expit(design @ line)
    information = design.T @ (design * (levels.weight * fitted * (1 - fitted))[:, None])
    errors = np.sqrt(np.diag(np.linalg.inv(information)))
    columns = (levels.weight, levels.correct)
    ratio = 2 * (
        log_likelihood(design, line, *columns)
        - log_likelihood(design, np.array([0.0, 1.0]), *columns)
    )
    p_value = float(chi2.sf(max(0.0, ratio), 2))
    return CoxCalibration(
        float(line[0]), float(line[1]), float(errors[0]), float(errors[1]), p_value
    )


def _cumulative_gap(forecasts: Forecasts) -> tuple[NDArray[np.float64], float]:
    """D at the start and after each stated value; its standard deviation if calibrated."""
    levels = forecasts.levels
    total = levels.weight.sum()
    walk = np.concatenate([[0.0], np.cumsum(levels.weight * levels.value - levels.correct)]) / total
    if forecasts.unweighted:
        variance = float((levels.weight * levels.value * (1 - levels.value)).sum())
    else:
        q, w = forecasts.confidence, forecasts.weight
        variance = float((w * w * q * (1 - q)).sum())
    return walk, float(variance**0.5 / total)


def _if_certain(statistic: float, deviation: float, exceeds: Callable[[float], float]) -> float:
    """The p-value; if every stated value is 0 or 1, calibration allows no gap at all."""
    if deviation == 0:
        return 1.0 if statistic < 1e-12 else 0.0
    return exceeds(statistic / deviation)


def _largest_absolute_value_exceeds(x: float) -> float:
    """P(max |B_t| > x, t in [0, 1]) by reflection, sum_k (-1)^(k-1) 4 Phi(-(2k - 1) x)."""
    if x < 0.2:  # the probability is 1 to double precision, and the series would cancel
        return 1.0
    odd = 2 * _TERMS - 1
    return float(min(1.0, (4 * np.where(_TERMS % 2, 1.0, -1.0) * ndtr(-odd * x)).sum()))


def _range_exceeds(x: float) -> float:
    """P(max B_t - min B_t > x, t in [0, 1])."""
    if x < 0.3:
        return 1.0
    terms = np.where(_TERMS % 2, 8.0, -8.0) * _TERMS * np.exp(log_ndtr(-_TERMS * x))
    return float(min(1.0, max(0.0, terms.sum())))
