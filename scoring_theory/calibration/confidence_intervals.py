"""How sure we are of a number: bootstrap intervals that resample questions, since answers to one question are alike."""

from __future__ import annotations

import math
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
from scipy.special import ndtr, ndtri, stdtrit

from scoring_theory.calibration.forecasts import Forecasts, takes_arrays
from scoring_theory.display import one_line

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

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

    "percentile" takes quantiles of the resampled values, a little further out the fewer groups there are: those of
    Student's t. "bca" (bias-corrected and accelerated) corrects them for bias and for an error that changes with the
    value; its acceleration leaves out one group at a time, so it computes the metric once more for every group.

    Neither covers a metric that resampling itself moves. Calibration errors and the parts of a decomposition are such
    metrics: a resample of calibrated answers is less calibrated than they are. They raise an error here, and
    `calibration_error_interval` has an interval of the error that covers.

    Source: Efron and Tibshirani 1993, chapters 13, 14; Hesterberg 2015, What teachers should know about the bootstrap
    (the expanded percentile interval); resampling of clusters: Davison and Hinkley 1997, section 3.8.

    Args:
        forecasts: The rows; those with the same `group` are drawn together.
        metric: A function of forecasts, such as `brier_score` or `lambda f: mean_reward(f, reward)`.
        rng: The only source of randomness.
        resamples: How many samples to draw, at least 2.
        level: Nominal coverage in (0, 1).
        method: "percentile" or "bca".

    Raises:
        ValueError: If `resamples`, `level` or `method` is outside its domain, or the metric computes a calibration
            error or a decomposition.

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
    with _resampling(len(forecasts)):
        estimate = metric(forecasts)
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
        metric: A function of forecasts; see `bootstrap_interval`. For calibration errors there is
            `calibration_error_difference`.
        first: (n,) which rows are the first method's.
        second: (n,) which rows are the second method's.
        rng: The only source of randomness.
        resamples: How many samples to draw, at least 2. One that holds no row of a method leaves
            the metric undefined.
        level: Nominal coverage in (0, 1).

    Raises:
        ValueError: If an argument is outside its domain, a method has no row, or the metric computes a calibration
            error or a decomposition.

    Example:
        >>> from scoring_theory.calibration import Forecasts, accuracy
        >>> answers = Forecasts(correct=[1, 0] * 10 + [1, 0] * 10, confidence=[0.5] * 40, group=[*range(20)] * 2)
        >>> both = np.arange(40)
        >>> paired_difference(answers, accuracy, first=both < 20, second=both >= 20, rng=np.random.default_rng(0)).high
        0.0
    """
    check_resampling(resamples, level)
    check_masks(len(forecasts), first=first, second=second)
    clusters = _Clusters.of(forecasts)

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
    """Metrics called inside know that so many rows are resampled, also through a lambda."""
    before = _BOOTSTRAPPED.set(rows)
    try:
        yield
    finally:
        _BOOTSTRAPPED.reset(before)


def refuse_bootstrap(metric: str, instead: str, *, below: int | None = None) -> None:
    """What a metric calls that no bootstrap interval covers, or none of fewer than `below` rows.

    Raises:
        ValueError: Inside a bootstrap.
    """
    rows = _BOOTSTRAPPED.get()
    if rows is None or (below is not None and rows >= below):
        return
    why = (
        ", which resampling itself moves"
        if below is None
        else f" of fewer than {below} answers, got {rows}"
    )
    raise ValueError(
        f"a bootstrap interval does not cover {metric}{why} (docs/coverage.md); {instead}"
    )


def _if_any(
    metric: Callable[[Forecasts], float], forecasts: Forecasts, rows: NDArray[np.int64]
) -> float:
    """The metric of some rows; NaN where none of them weighs anything."""
    return metric(forecasts[rows]) if forecasts.weight[rows].sum() > 0 else math.nan


def of_one_group(estimate: float, resamples: int, level: float) -> ConfidenceInterval:
    """No ends: every resample of one group is that group, and an interval without width would pass for certainty."""
    return ConfidenceInterval(estimate, math.nan, math.nan, level, resamples, resamples)


def percentile_interval(
    estimate: float, values: NDArray[np.float64], *, level: float = 0.95, groups: int | None = None
) -> ConfidenceInterval:
    """The k-th smallest and k-th largest of B resampled values, k = (B + 1)(1 - level)/2 rounded down, at least 1.

    Order statistics and no interpolation, since between -inf and a number there is nothing to interpolate. Where the
    values come from few `groups`, k is smaller: their spread is too small by sqrt(1 - 1/groups), and is not known.

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
    """How many standard deviations of the resampled values an end is away: t sqrt(G / (G - 1)), G - 1 degrees."""
    return float(stdtrit(groups - 1, (1 + level) / 2)) * math.sqrt(groups / (groups - 1))


def check_resampling(resamples: int, level: float) -> None:
    """Refuse what is no number of resamples or no coverage."""
    if resamples < 2:
        raise ValueError(f"`resamples` must be at least 2, got {resamples}")
    check_level(level)


def check_masks(rows: int, **masks: NDArray[np.bool_]) -> None:
    """Refuse what does not select rows."""
    for name, mask in masks.items():
        if mask.shape != (rows,) or mask.dtype != np.bool_ or not mask.any():
            raise ValueError(f"`{name}` must be a mask of {rows} rows that selects at least one")


def check_level(level: float) -> None:
    """Refuse what is no coverage."""
    if not 0 < level < 1:
        raise ValueError(f"`level` must lie in (0, 1), got {level!r}")


def bca_interval(
    estimate: float, values: NDArray[np.float64], without: NDArray[np.float64], *, level: float
) -> ConfidenceInterval:
    """Percentiles at Phi(z0 + (z0 + z) / (1 - a (z0 + z))): z0 the median bias of resamples, a the skewness / 6.

    Args:
        estimate: The metric of all rows.
        values: (B,) of the resamples.
        without: (G,) of all groups but one.
        level: Nominal coverage.
    """
    plain = percentile_interval(estimate, values, level=level, groups=without.size)
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
