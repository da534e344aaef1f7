"""Bootstrap intervals; they resample whole questions, whose answers are correlated."""

from __future__ import annotations

import math
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
from scipy.special import ndtr, ndtri, stdtrit

from scoring_theory.calibration.forecasts import Forecasts, takes_arrays
from scoring_theory.calibration.randomness import as_generator
from scoring_theory.display import one_line

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import SupportsFloat

    from numpy.typing import NDArray

    from scoring_theory.calibration.randomness import RandomLike

    _Metric = Callable[[Forecasts], SupportsFloat]


RESAMPLES = 999
"""With 999 resamples, the 25th from either end is exactly a 95 % interval."""


@dataclass(frozen=True, slots=True)
class ConfidenceInterval:
    """An estimate with its confidence interval.

    Attributes:
        estimate: The value on all rows.
        low: Lower end; NaN if the metric is undefined on every resample, or if all rows are one
            group, which contains no information on the variation between groups.
        high: Upper end.
        level: Nominal coverage.
        resamples: Number of resamples; 0 if the interval uses none.
        undefined: The number of resamples on which the metric is NaN (for example, only one class
            occurs); the ends come from the others. With a single group, all of them.
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
    metric: _Metric,
    *,
    rng: RandomLike,
    resamples: int = RESAMPLES,
    level: float = 0.95,
    method: Literal["percentile", "bca"] = "percentile",
) -> ConfidenceInterval:
    """The bootstrap interval: the metric on rows, or whole groups, drawn with replacement.

    "percentile" takes quantiles of the resampled values; with few groups they are further out, by
    Student's t. "bca" (bias-corrected and accelerated) corrects them for bias and for a standard
    error that varies with the value; its acceleration is a jackknife over groups, which computes
    the metric once more for every group.

    Neither interval covers a metric that resampling biases. Calibration errors and the parts of a
    decomposition are such metrics, because a resample of calibrated answers is less calibrated.
    They raise an error here; `calibration_error_interval` gives a valid interval.

    Source: Efron and Tibshirani 1993, chapters 13, 14; Hesterberg 2015, What teachers should know
        about the bootstrap (the expanded percentile interval); resampling of clusters: Davison and
        Hinkley 1997, section 3.8.

    Args:
        forecasts: The rows; those with the same `group` are drawn together.
        metric: A function of forecasts, such as `brier_score`, `log_loss` or `lambda f:
            mean_reward(f, reward)`.
        rng: The only source of randomness, a generator or a seed.
        resamples: Number of resamples, at least 2.
        level: Nominal coverage in (0, 1).
        method: "percentile" or "bca".

    Raises:
        ValueError: If `resamples`, `level` or `method` is outside its domain, or the metric
            computes a calibration error or a decomposition.

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
    clusters, rng = _Clusters.of(forecasts), as_generator(rng)
    with _resampling(len(forecasts)):
        estimate = _number(metric, forecasts)
        if len(clusters) == 1:
            return of_one_group(estimate, resamples, level)
        values = np.array(
            [_if_any(metric, forecasts, clusters.drawn(rng)) for _ in range(resamples)]
        )
        if method == "percentile":
            return percentile_interval(estimate, values, level=level, groups=len(clusters))
        without = np.array(
            [_if_any(metric, forecasts, clusters.without(k)) for k in range(len(clusters))]
        )
    return bca_interval(estimate, values, without, level=level)


@takes_arrays
def paired_difference(
    forecasts: Forecasts,
    metric: _Metric,
    *,
    first: NDArray[np.bool_],
    second: NDArray[np.bool_],
    rng: RandomLike,
    resamples: int = RESAMPLES,
    level: float = 0.95,
) -> ConfidenceInterval:
    """The interval of metric(first rows) - metric(second rows), from the same resampled groups.

    The results of two methods on the same questions are correlated, because some questions are
    harder than others. Drawing the questions once for both methods removes this variation from the
    difference.

    Args:
        forecasts: The rows of both methods; rows with the same `group` are drawn together.
        metric: A function of forecasts, such as `brier_score` or `log_loss`; see
            `bootstrap_interval`. For calibration errors, use `calibration_error_difference`.
        first: (n,) mask of the rows of the first method.
        second: (n,) mask of the rows of the second method.
        rng: The only source of randomness, a generator or a seed.
        resamples: Number of resamples, at least 2. A resample without rows of one method leaves the
            difference undefined.
        level: Nominal coverage in (0, 1).

    Raises:
        ValueError: If an argument is outside its domain, a method has no row, or the metric
            computes a calibration error or a decomposition.

    Example:
        >>> from scoring_theory.calibration import Forecasts, accuracy
        >>> question = [*range(20)] * 2
        >>> answers = Forecasts(correct=[1, 0] * 20, confidence=[0.5] * 40, group=question)
        >>> first, rng = np.arange(40) < 20, np.random.default_rng(0)
        >>> paired_difference(answers, accuracy, first=first, second=~first, rng=rng).high
        0.0
    """
    check_resampling(resamples, level)
    check_masks(len(forecasts), first=first, second=second)
    clusters, rng = _Clusters.of(forecasts), as_generator(rng)

    def difference(rows: NDArray[np.int64]) -> float:
        one, other = rows[first[rows]], rows[second[rows]]
        return _if_any(metric, forecasts, one) - _if_any(metric, forecasts, other)

    with _resampling(len(forecasts)):
        estimate = difference(np.arange(len(forecasts)))
        if len(clusters) == 1:
            return of_one_group(estimate, resamples, level)
        values = np.array([difference(clusters.drawn(rng)) for _ in range(resamples)])
    return percentile_interval(estimate, values, level=level, groups=len(clusters))


_BOOTSTRAPPED: ContextVar[int | None] = ContextVar("_BOOTSTRAPPED", default=None)


@contextmanager
def _resampling(rows: int) -> Iterator[None]:
    """Mark that rows are being resampled, for `refuse_bootstrap` in any metric that is called."""
    before = _BOOTSTRAPPED.set(rows)
    try:
        yield
    finally:
        _BOOTSTRAPPED.reset(before)


def refuse_bootstrap(metric: str, instead: str, *, below: int | None = None) -> None:
    """Raise an error inside a bootstrap, for a metric that no bootstrap interval covers.

    Args:
        metric: The metric in the error message.
        instead: What to use instead, in the error message.
        below: If given, the error is only raised with fewer rows than this.

    Raises:
        ValueError: Inside a bootstrap.

    Example:
        >>> refuse_bootstrap("the metric", "use another")  # no error outside a bootstrap
    """
    rows = _BOOTSTRAPPED.get()
    if rows is None or (below is not None and rows >= below):
        return
    why = (
        ", which resampling biases"
        if below is None
        else f" of fewer than {below} answers, got {rows}"
    )
    raise ValueError(
        f"a bootstrap interval does not cover {metric}{why} (docs/coverage.md); {instead}"
    )


def _if_any(metric: _Metric, forecasts: Forecasts, rows: NDArray[np.int64]) -> float:
    """The metric of some rows; NaN if their total weight is 0."""
    return _number(metric, forecasts[rows]) if forecasts.weight[rows].sum() > 0 else math.nan


def _number(metric: _Metric, forecasts: Forecasts) -> float:
    """The metric as a number, which a `LogLoss` is as well."""
    found = metric(forecasts)
    try:
        return float(found)
    except TypeError:
        raise TypeError(
            "`metric` must return a number, as `brier_score`, `log_loss` and `lambda f:"
            f" mean_reward(f, reward)` do, got {type(found).__name__}"
        ) from None


def of_one_group(estimate: float, resamples: int, level: float) -> ConfidenceInterval:
    """The interval of a single group, with ends of NaN.

    Every resample of one group is that group, and an interval of width 0 would suggest certainty.

    Example:
        >>> of_one_group(0.5, resamples=99, level=0.95).low
        nan
    """
    return ConfidenceInterval(estimate, math.nan, math.nan, level, resamples, resamples)


def percentile_interval(
    estimate: float, values: NDArray[np.float64], *, level: float = 0.95, groups: int | None = None
) -> ConfidenceInterval:
    """The percentile interval: the k-th smallest and k-th largest of B resampled values.

    k = max(1, floor((B + 1)(1 - level) / 2)). The ends are order statistics without interpolation,
    because values may be -inf. If the values come from few `groups`, k is smaller: their standard
    deviation is too small by sqrt(1 - 1/groups), and it is estimated.

    Example:
        >>> percentile_interval(5.0, np.arange(1.0, 10.0), level=0.6)
        ConfidenceInterval(estimate=5, low=2, high=8, level=0.6, resamples=9)
    """
    defined = np.sort(values[~np.isnan(values)])
    undefined = int(values.size - defined.size)
    if defined.size == 0:
        return ConfidenceInterval(estimate, math.nan, math.nan, level, values.size, undefined)
    tail = (1 - level) / 2 if groups is None else float(ndtr(-_reach(level, groups)))
    rank = max(1, math.floor((defined.size + 1) * tail + 1e-9))
    return ConfidenceInterval(
        estimate, float(defined[rank - 1]), float(defined[-rank]), level, values.size, undefined
    )


def _reach(level: float, groups: int) -> float:
    """The distance of an end in standard deviations of the resampled values, t sqrt(G / (G - 1)).

    t is a quantile of Student's t with G - 1 degrees of freedom.
    """
    return float(stdtrit(groups - 1, (1 + level) / 2)) * math.sqrt(groups / (groups - 1))


def check_resampling(resamples: int, level: float) -> None:
    """Raise ValueError if `resamples` or `level` is outside its domain.

    Example:
        >>> check_resampling(1, 0.95)
        Traceback (most recent call last):
        ...
        ValueError: `resamples` must be at least 2, got 1
    """
    if resamples < 2:
        raise ValueError(f"`resamples` must be at least 2, got {resamples}")
    check_level(level)


def check_masks(rows: int, **masks: NDArray[np.bool_]) -> None:
    """Raise ValueError for a mask that does not fit the rows or selects none."""
    for name, mask in masks.items():
        if mask.shape != (rows,) or mask.dtype != np.bool_ or not mask.any():
            raise ValueError(f"`{name}` must be a mask of {rows} rows that selects at least one")


def check_level(level: float) -> None:
    """Raise ValueError if `level` is not in (0, 1)."""
    if not 0 < level < 1:
        raise ValueError(f"`level` must lie in (0, 1), got {level!r}")


def bca_interval(
    estimate: float, values: NDArray[np.float64], without: NDArray[np.float64], *, level: float
) -> ConfidenceInterval:
    """The BCa interval, the percentiles at Phi(z0 + (z0 + z) / (1 - a (z0 + z))).

    z0 is the median bias of the resamples, and `a` is the skewness of the jackknife values over 6.

    Args:
        estimate: The metric on all rows.
        values: (B,) the metric on the resamples.
        without: (G,) the metric without each group.
        level: Nominal coverage.

    Raises:
        ValueError: If a value is not finite.
    """
    plain = percentile_interval(estimate, values, level=level, groups=without.size)
    defined = np.sort(values[np.isfinite(values)])
    if defined.size < values.size or not np.isfinite(without).all() or not np.isfinite(estimate):
        raise ValueError(
            "a BCa interval needs a metric that is finite on every resample; use the percentile"
            " interval"
        )
    share = ((defined < estimate).mean() + (defined <= estimate).mean()) / 2
    pull = without.mean() - without
    spread = float((pull**2).sum()) ** 1.5
    if not 0 < share < 1 or spread == 0:
        return plain
    z0, acceleration = float(ndtri(share)), float((pull**3).sum()) / (6 * spread)
    ends = []
    reach = _reach(level, without.size)
    for z in (-reach, reach):
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
    """Rows that are drawn together; without groups, each row is its own cluster."""

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
        """The rows of as many clusters, drawn with replacement."""
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
