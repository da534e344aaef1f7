"""How sure we are of a number: bootstrap intervals that resample questions, since answers to one question are alike."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
from scipy.special import ndtr, ndtri

from scoring_theory.calibration.forecasts import Forecasts, takes_arrays
from scoring_theory.display import one_line

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray


RESAMPLES = 999
"""With 999 resamples, the 25th from either end is exactly a 95 % interval."""


@dataclass(frozen=True, slots=True)
class ConfidenceInterval:
    """An estimate and the range of values that the data do not contradict.

    Attributes:
        estimate: The number computed from all rows.
        low: Lower end; NaN when no resample defined the metric, or all rows are one group, which
            says nothing about how groups differ.
        high: Upper end.
        level: Nominal coverage.
        resamples: How many resamples were drawn.
        undefined: In how many of them the metric was NaN (one class only, say); the ends come from
            the others. All of them where there is one group.
    """

    estimate: float
    low: float
    high: float
    level: float
    resamples: int
    undefined: int = 0

    __repr__ = one_line


@takes_arrays
def bootstrap_interval(
    forecasts: Forecasts,
    metric: Callable[[Forecasts], float],
    *,
    rng: np.random.Generator,
    resamples: int = RESAMPLES,
    level: float = 0.95,
    method: Literal["percentile", "bca"] = "percentile",
) -> ConfidenceInterval:
    """The bootstrap: recompute the metric on rows drawn with replacement; whole groups where there are any.

    "bca" (bias-corrected and accelerated) corrects them for bias and for an error that changes with
    the value; its acceleration leaves out one group at a time, so it computes the metric once more
    for every group.

    Source: Efron and Tibshirani 1993, chapters 13, 14; resampling of clusters: Davison and Hinkley
        1997, section 3.8.

    Args:
        forecasts: The rows; those with the same `group` are drawn together.
        metric: Any function of forecasts, such as `brier_score` or `lambda f: mean_reward(f,
            reward)`.
        rng: The only source of randomness.
        resamples: How many samples to draw, at least 2.
        level: Nominal coverage in (0, 1).
        method: "percentile" or "bca".

    Raises:
        ValueError: If `resamples`, `level` or `method` is outside its domain.

    Example:
        >>> from scoring_theory.calibration import Forecasts, accuracy
        >>> forecasts = Forecasts(correct=[1] * 60 + [0] * 40, confidence=[0.5] * 100)
        >>> interval = bootstrap_interval(forecasts, accuracy, rng=np.random.default_rng(0))
        >>> interval.low, interval.estimate, interval.high
        (0.51, 0.6, 0.69)
    """
    check_resampling(resamples, level)
    if method not in ("percentile", "bca"):
        raise ValueError(f'`method` must be "percentile" or "bca", got {method!r}')
    clusters = _Clusters.of(forecasts)
    estimate = metric(forecasts)
    if len(clusters) == 1:
        return of_one_group(estimate, resamples, level)
    values = np.array([_if_any(metric, forecasts, clusters.drawn(rng)) for _ in range(resamples)])
    if method == "percentile":
        return percentile_interval(estimate, values, level=level)
    without = np.array(
        [_if_any(metric, forecasts, clusters.without(k)) for k in range(len(clusters))]
    )
    return _bca_interval(estimate, values, without, level)


@takes_arrays
def paired_difference(
    forecasts: Forecasts,
    metric: Callable[[Forecasts], float],
    *,
    first: NDArray[np.bool_],
    second: NDArray[np.bool_],
    rng: np.random.Generator,
    resamples: int = RESAMPLES,
    level: float = 0.95,
) -> ConfidenceInterval:
    """The interval of metric(first rows) - metric(second rows), both from the same drawn groups.

    Two methods that answered the same questions share what makes questions hard; drawing the
    questions once for both leaves that out of the difference.

    Args:
        forecasts: The rows of both methods; rows with the same `group` are drawn together.
        metric: Any function of forecasts.
        first: (n,) which rows are the first method's.
        second: (n,) which rows are the second method's.
        rng: The only source of randomness.
        resamples: How many samples to draw, at least 2. One that holds no row of a method leaves
            the metric undefined.
        level: Nominal coverage in (0, 1).

    Raises:
        ValueError: If an argument is outside its domain, or a method has no row.

    Example:
        >>> from scoring_theory.calibration import Forecasts, accuracy
        >>> answers = Forecasts(correct=[1, 0] * 10 + [1, 0] * 10, confidence=[0.5] * 40, group=[*range(20)] * 2)
        >>> both = np.arange(40)
        >>> paired_difference(answers, accuracy, first=both < 20, second=both >= 20, rng=np.random.default_rng(0)).high
        0.0
    """
    check_resampling(resamples, level)
    for name, rows in (("first", first), ("second", second)):
        if rows.shape != (len(forecasts),) or rows.dtype != np.bool_ or not rows.any():
            raise ValueError(
                f"`{name}` must be a mask of {len(forecasts)} rows that selects at least one"
            )
    clusters = _Clusters.of(forecasts)

    def difference(rows: NDArray[np.int64]) -> float:
        one, other = rows[first[rows]], rows[second[rows]]
        return _if_any(metric, forecasts, one) - _if_any(metric, forecasts, other)

    estimate = difference(np.arange(len(forecasts)))
    if len(clusters) == 1:
        return of_one_group(estimate, resamples, level)
    values = np.array([difference(clusters.drawn(rng)) for _ in range(resamples)])
    return percentile_interval(estimate, values, level=level)


def _if_any(
    metric: Callable[[Forecasts], float], forecasts: Forecasts, rows: NDArray[np.int64]
) -> float:
    """The metric of some rows; NaN where none of them weighs anything."""
    return metric(forecasts[rows]) if forecasts.weight[rows].sum() > 0 else math.nan


def of_one_group(estimate: float, resamples: int, level: float) -> ConfidenceInterval:
    """No ends: every resample of one group is that group, and an interval without width would pass for certainty."""
    return ConfidenceInterval(estimate, math.nan, math.nan, level, resamples, resamples)


def percentile_interval(
    estimate: float, values: NDArray[np.float64], *, level: float = 0.95
) -> ConfidenceInterval:
    """The k-th smallest and k-th largest of B resampled values, k = (B + 1)(1 - level)/2 rounded down, at least 1.

    Order statistics and no interpolation, since between -inf and a number there is nothing to
    interpolate.

    Example:
        >>> percentile_interval(5.0, np.arange(1.0, 10.0), level=0.6)
        ConfidenceInterval(estimate=5, low=2, high=8, level=0.6, resamples=9)
    """
    defined = np.sort(values[~np.isnan(values)])
    undefined = int(values.size - defined.size)
    if defined.size == 0:
        return ConfidenceInterval(estimate, math.nan, math.nan, level, values.size, undefined)
    rank = max(1, math.floor((defined.size + 1) * (1 - level) / 2 + 1e-9))
    return ConfidenceInterval(
        estimate, float(defined[rank - 1]), float(defined[-rank]), level, values.size, undefined
    )


def check_resampling(resamples: int, level: float) -> None:
    """Refuse what is no number of resamples or no coverage."""
    if resamples < 2:
        raise ValueError(f"`resamples` must be at least 2, got {resamples}")
    if not 0 < level < 1:
        raise ValueError(f"`level` must lie in (0, 1), got {level!r}")


def _bca_interval(
    estimate: float, values: NDArray[np.float64], without: NDArray[np.float64], level: float
) -> ConfidenceInterval:
    """Percentiles at Phi(z0 + (z0 + z) / (1 - a (z0 + z))): z0 the median bias of resamples, a the skewness / 6."""
    plain = percentile_interval(estimate, values, level=level)
    defined = np.sort(values[np.isfinite(values)])
    if defined.size < values.size or not np.isfinite(without).all() or not np.isfinite(estimate):
        raise ValueError(
            "a BCa interval needs a metric that is finite on every resample; take the percentile"
            " interval"
        )
    share = ((defined < estimate).mean() + (defined <= estimate).mean()) / 2
    pull = without.mean() - without
    spread = float((pull**2).sum()) ** 1.5
    if not 0 < share < 1 or spread == 0:
        return plain
    z0, acceleration = float(ndtri(share)), float((pull**3).sum()) / (6 * spread)
    ends = []
    for z in (ndtri((1 - level) / 2), ndtri((1 + level) / 2)):
        place = float(ndtr(z0 + (z0 + z) / (1 - acceleration * (z0 + z))))
        rank = (
            math.floor((defined.size + 1) * place + 1e-9)
            if z < 0
            else math.ceil((defined.size + 1) * place - 1e-9)
        )
        ends.append(float(defined[min(max(rank, 1), defined.size) - 1]))
    return ConfidenceInterval(estimate, ends[0], ends[1], level, values.size)


@dataclass(frozen=True, slots=True, eq=False)
class _Clusters:
    """Rows that are drawn together; each its own cluster where there are no groups."""

    order: NDArray[np.int64]
    starts: NDArray[np.int64]
    sizes: NDArray[np.int64]

    @staticmethod
    def of(forecasts: Forecasts) -> _Clusters:
        n = len(forecasts)
        if forecasts.group is None:
            return _Clusters(np.arange(n), np.arange(n), np.ones(n, dtype=np.int64))
        order = np.argsort(forecasts.group, kind="stable")
        starts = np.flatnonzero(np.diff(forecasts.group[order], prepend=-1))
        return _Clusters(order, starts, np.diff(starts, append=n))

    def __len__(self) -> int:
        return int(self.starts.size)

    def drawn(self, rng: np.random.Generator) -> NDArray[np.int64]:
        """Rows of as many clusters as there are, drawn with replacement."""
        drawn = rng.integers(len(self), size=len(self))
        ends = np.cumsum(self.sizes[drawn])
        within = np.arange(ends[-1]) - np.repeat(ends - self.sizes[drawn], self.sizes[drawn])
        rows: NDArray[np.int64] = self.order[
            np.repeat(self.starts[drawn], self.sizes[drawn]) + within
        ]
        return rows

    def without(self, k: int) -> NDArray[np.int64]:
        """The rows of all clusters but one."""
        start = self.starts[k]
        return np.concatenate([self.order[:start], self.order[start + self.sizes[k] :]])
