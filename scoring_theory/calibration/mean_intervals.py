"""Bootstrap intervals of several means at once, from resampled sums of groups."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import ndtri

from scoring_theory.calibration.confidence_intervals import (
    RESAMPLES,
    ConfidenceInterval,
    check_resampling,
    of_one_group,
    percentile_interval,
)
from scoring_theory.calibration.forecasts import Forecasts, takes_scores
from scoring_theory.calibration.levels import compact, equal_weights
from scoring_theory.calibration.randomness import as_generator

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from scoring_theory.calibration.randomness import RandomLike


EXACT_GROUPS = 20_000
"""With more groups than this, intervals of means are those of the normal limit of the bootstrap.

The two then no longer differ visibly.
"""
_CHUNK = 1 << 22


@takes_scores
def mean_intervals(
    forecasts: Forecasts,
    values: NDArray[np.float64],
    *,
    rng: RandomLike,
    resamples: int = RESAMPLES,
    level: float = 0.95,
) -> list[ConfidenceInterval]:
    """Bootstrap intervals of several weighted means, all from the same resamples.

    The result has the distribution of `bootstrap_interval`, but only the sums of groups are
    resampled, and groups with equal sums are drawn together by one multinomial count; a log of
    stated confidences has few different rows. With more than 20,000 groups nothing is drawn: the
    ends are those of the normal limit, and `resamples` of the result is 0.

    Args:
        forecasts: The rows.
        values: (k, n) one row per mean; finite or -inf.
        rng: The only source of randomness, a generator or a seed.
        resamples: Number of resamples, at least 2.
        level: Nominal coverage in (0, 1).

    Returns:
        k intervals. The mean of a resample is -inf if it contains a row with -inf.

    Raises:
        ValueError: If `values` has another shape, or `resamples` or `level` is outside its domain.

    Example:
        >>> from scoring_theory.calibration import Forecasts
        >>> forecasts = Forecasts(correct=[1] * 60 + [0] * 40, confidence=[0.5] * 100)
        >>> rng = np.random.default_rng(0)
        >>> [interval] = mean_intervals(forecasts, forecasts.correct[None], rng=rng)
        >>> interval.estimate, interval.low < 0.6 < interval.high
        (0.6, True)
    """
    if values.ndim != 2 or values.shape[1] != len(forecasts):
        raise ValueError(f"`values` must have shape (k, {len(forecasts)}), got {values.shape}")
    return intervals_of_means(
        values,
        forecasts.weight,
        forecasts.group,
        rng=as_generator(rng),
        resamples=resamples,
        level=level,
    )


def intervals_of_means(
    values: NDArray[np.float64],
    weight: NDArray[np.float64],
    group: NDArray[np.int64] | None,
    *,
    rng: np.random.Generator,
    resamples: int = RESAMPLES,
    level: float = 0.95,
) -> list[ConfidenceInterval]:
    """`mean_intervals` for columns that are not forecasts.

    Args:
        values: (k, n) one row per mean; finite or -inf.
        weight: (n,) nonnegative with a positive sum.
        group: (n,) codes from 0; rows with the same code are drawn together. None draws single
            rows.
        rng: The only source of randomness.
        resamples: Number of resamples, at least 2.
        level: Nominal coverage in (0, 1).

    Raises:
        ValueError: If a value is +inf or NaN, or `resamples` or `level` is outside its domain.
    """
    check_resampling(resamples, level)
    if not (values < np.inf).all():
        raise ValueError(f"`values` must be finite or -inf, got {values[~(values < np.inf)][0]}")
    codes = None if group is None else compact(group)
    groups = values.shape[1] if codes is None else int(codes.max()) + 1
    if groups == 1:
        return [of_one_group(_mean(row, weight), resamples, level) for row in values]
    if groups > EXACT_GROUPS:
        return [_normal_interval(row, weight, codes, level) for row in values]
    kinds, times = np.unique(_sums_per_group(values, weight, codes), axis=0, return_counts=True)
    share, size = times / times.sum(), max(1, _CHUNK // times.size)
    chunks = (min(size, resamples - start) for start in range(0, resamples, size))
    sums = np.concatenate(
        [rng.multinomial(times.sum(), share, size=rows) @ kinds for rows in chunks]
    )
    means = _means(sums)
    estimates = [_mean(row, weight) for row in values]
    return [
        percentile_interval(estimate, row, level=level, groups=groups)
        for estimate, row in zip(estimates, means, strict=True)
    ]


def _mean(row: NDArray[np.float64], weight: NDArray[np.float64]) -> float:
    if equal_weights(weight):
        return float(row.mean())
    counted = weight > 0
    return float((row[counted] * weight[counted]).sum() / weight.sum())


def _normal_interval(
    row: NDArray[np.float64],
    weight: NDArray[np.float64],
    codes: NDArray[np.int64] | None,
    level: float,
) -> ConfidenceInterval:
    """The interval mean +- z s, s^2 = sum_g (sum_{i in g} w_i (v_i - mean))^2 / (sum w)^2.

    An end is -inf if the resamples that contain a row with -inf reach its quantile.
    """
    lowest, groups, infinite, total = row.min(), row.size, 0, float(weight.sum())
    finite_weight, finite = total, row
    if np.isneginf(lowest):
        minus_inf = np.isneginf(row) & (weight > 0)
        infinite, finite_weight = int(minus_inf.sum()), total - float(weight[minus_inf].sum())
        finite = np.where(np.isneginf(row), 0.0, row)
    centre = float(np.einsum("i,i->", weight, finite)) / finite_weight if finite_weight else -np.inf
    residuals = finite - centre if finite_weight else np.zeros(row.size)
    if not equal_weights(weight):
        residuals *= weight
    if infinite:
        residuals[minus_inf] = 0.0
    if codes is not None:
        residuals = np.bincount(codes, weights=residuals).astype(np.float64, copy=False)
        groups = int(codes.max()) + 1
        infinite = int(np.count_nonzero(np.bincount(codes[minus_inf]))) if infinite else 0
    spread = (
        float(ndtri((1 + level) / 2))
        * math.sqrt(float(np.einsum("i,i->", residuals, residuals)))
        / (finite_weight or 1.0)
    )
    # The probability that a resample contains no group with -inf; it is 1, or at most 1/e.
    finite_share = (1 - infinite / groups) ** groups
    low = -math.inf if infinite else centre - spread
    high = -math.inf if finite_share < (1 - level) / 2 else centre + spread
    return ConfidenceInterval(_mean(row, weight), low, high, level, 0)


def _sums_per_group(
    values: NDArray[np.float64], weight: NDArray[np.float64], codes: NDArray[np.int64] | None
) -> NDArray[np.float64]:
    """(groups, 1 + 2k): total weight, then the finite part of each sum, then the weight at -inf."""
    minus_inf = np.isneginf(values)
    rows = np.vstack([weight, weight * np.where(minus_inf, 0.0, values), weight * minus_inf])
    if codes is None:
        return rows.T
    return np.column_stack([np.bincount(codes, weights=row) for row in rows])


def _means(sums: NDArray[np.float64]) -> NDArray[np.float64]:
    k = (sums.shape[1] - 1) // 2
    weight, finite, minus_inf = sums[:, 0], sums[:, 1 : 1 + k], sums[:, 1 + k :]
    with np.errstate(invalid="ignore"):
        means = finite.T / weight
    return np.where(minus_inf.T > 0, -np.inf, means)
