"""How sure we are of a number: bootstrap intervals that resample questions, since answers to one question are alike."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from numpy.typing import NDArray

    from scoring_theory.calibration.forecasts import Forecasts

RESAMPLES = 999
"""With 999 resamples, the 25th from either end is exactly a 95 % interval."""
_CHUNK = 1 << 22


@dataclass(frozen=True, slots=True)
class Interval:
    """An estimate and the range of values that the data do not contradict.

    Attributes:
        estimate: The number computed from all rows.
        low: Lower end; NaN when no resample defined the metric.
        high: Upper end.
        level: Nominal coverage.
        resamples: How many resamples were drawn.
        undefined: In how many of them the metric was NaN (one class only, say); the ends come from the others.
    """

    estimate: float
    low: float
    high: float
    level: float
    resamples: int
    undefined: int = 0


def bootstrap_interval(
    forecasts: Forecasts,
    metric: Callable[[Forecasts], float],
    *,
    rng: np.random.Generator,
    resamples: int = RESAMPLES,
    level: float = 0.95,
) -> Interval:
    """The percentile bootstrap: recompute the metric on rows drawn with replacement; whole groups where there are any.

    Source: Efron and Tibshirani 1993, chapter 13; resampling of clusters: Davison and Hinkley 1997, section 3.8.

    Args:
        forecasts: The rows; those with the same `group` are drawn together.
        metric: Any function of forecasts, such as `brier_score` or `lambda f: mean_reward(f, reward)`.
        rng: The only source of randomness.
        resamples: How many samples to draw, at least 2.
        level: Nominal coverage in (0, 1).

    Raises:
        ValueError: If `resamples` or `level` is outside its domain.

    Example:
        >>> from scoring_theory.calibration import Forecasts, accuracy
        >>> forecasts = Forecasts(confidence=[0.5] * 100, correct=[1] * 60 + [0] * 40)
        >>> interval = bootstrap_interval(forecasts, accuracy, rng=np.random.default_rng(0))
        >>> interval.low, interval.estimate, interval.high
        (0.51, 0.6, 0.69)
    """
    _check(resamples, level)
    values = np.array([metric(forecasts[rows]) for rows in _resampled_rows(forecasts, rng, resamples)])
    return percentile_interval(metric(forecasts), values, level=level)


def mean_intervals(
    forecasts: Forecasts,
    values: NDArray[np.float64],
    *,
    rng: np.random.Generator,
    resamples: int = RESAMPLES,
    level: float = 0.95,
) -> list[Interval]:
    """Bootstrap intervals of several weighted means at once, all on the same resamples.

    The law of the result is that of `bootstrap_interval`, but only sums per group are ever resampled, and groups with
    the same sums are drawn together by one multinomial count. A log of stated confidences has few different rows.

    Args:
        forecasts: The rows.
        values: (k, n) one row per mean; finite or -inf.
        rng: The only source of randomness.
        resamples: How many samples to draw, at least 2.
        level: Nominal coverage in (0, 1).

    Returns:
        k intervals. A mean is -inf when a drawn row holds -inf.

    Raises:
        ValueError: If `values` has another shape, or `resamples` or `level` is outside its domain.
    """
    _check(resamples, level)
    if values.ndim != 2 or values.shape[1] != len(forecasts):
        raise ValueError(f"`values` must have shape (k, {len(forecasts)}), got {values.shape}")
    if not (values < np.inf).all():
        raise ValueError(f"`values` must be finite or -inf, got {values[~(values < np.inf)][0]}")
    kinds, times = np.unique(_sums_per_group(forecasts, values), axis=0, return_counts=True)
    share, size = times / times.sum(), max(1, _CHUNK // times.size)
    chunks = (min(size, resamples - start) for start in range(0, resamples, size))
    sums = np.concatenate([rng.multinomial(times.sum(), share, size=rows) @ kinds for rows in chunks])
    means = _means(sums)
    estimates = [forecasts.mean(row) for row in values]
    return [percentile_interval(estimate, row, level=level) for estimate, row in zip(estimates, means, strict=True)]


def percentile_interval(estimate: float, values: NDArray[np.float64], *, level: float = 0.95) -> Interval:
    """The k-th smallest and k-th largest of B resampled values, k = (B + 1)(1 - level)/2 rounded down, at least 1.

    Order statistics and no interpolation, since between -inf and a number there is nothing to interpolate.

    Example:
        >>> percentile_interval(5.0, np.arange(1.0, 10.0), level=0.6)
        Interval(estimate=5.0, low=2.0, high=8.0, level=0.6, resamples=9, undefined=0)
    """
    defined = np.sort(values[~np.isnan(values)])
    undefined = int(values.size - defined.size)
    if defined.size == 0:
        return Interval(estimate, math.nan, math.nan, level, values.size, undefined)
    rank = max(1, math.floor((defined.size + 1) * (1 - level) / 2 + 1e-9))
    return Interval(estimate, float(defined[rank - 1]), float(defined[-rank]), level, values.size, undefined)


def _check(resamples: int, level: float) -> None:
    if resamples < 2:
        raise ValueError(f"`resamples` must be at least 2, got {resamples}")
    if not 0 < level < 1:
        raise ValueError(f"`level` must lie in (0, 1), got {level!r}")


def _resampled_rows(forecasts: Forecasts, rng: np.random.Generator, resamples: int) -> Iterator[NDArray[np.int64]]:
    n = len(forecasts)
    if forecasts.group is None:
        yield from (rng.integers(n, size=n) for _ in range(resamples))
        return
    order = np.argsort(forecasts.group, kind="stable")
    starts = np.flatnonzero(np.diff(forecasts.group[order], prepend=-1))
    sizes = np.diff(starts, append=n)
    for _ in range(resamples):
        drawn = rng.integers(starts.size, size=starts.size)
        ends = np.cumsum(sizes[drawn])
        within = np.arange(ends[-1]) - np.repeat(ends - sizes[drawn], sizes[drawn])
        yield order[np.repeat(starts[drawn], sizes[drawn]) + within]


def _sums_per_group(forecasts: Forecasts, values: NDArray[np.float64]) -> NDArray[np.float64]:
    """(groups, 1 + 2k): total weight, then the finite part of each sum, then the weight at -inf."""
    weight = forecasts.weight
    ruined = np.isneginf(values)
    rows = np.vstack([weight, weight * np.where(ruined, 0.0, values), weight * ruined])
    if forecasts.group is None:
        return rows.T
    codes = np.unique(forecasts.group, return_inverse=True)[1]
    return np.column_stack([np.bincount(codes, weights=row) for row in rows])


def _means(sums: NDArray[np.float64]) -> NDArray[np.float64]:
    k = (sums.shape[1] - 1) // 2
    weight, finite, ruined = sums[:, 0], sums[:, 1 : 1 + k], sums[:, 1 + k :]
    with np.errstate(invalid="ignore"):
        means = finite.T / weight
    return np.where(ruined.T > 0, -np.inf, means)
