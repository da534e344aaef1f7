"""The reliability diagram as data: stated confidence, how often it was right, and how much of either is luck."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from scoring_theory.calibration.binning import Bins, bin_sums
from scoring_theory.calibration.intervals import RESAMPLES, mean_intervals, percentile_interval

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from scoring_theory.calibration.forecasts import Forecasts


@dataclass(frozen=True, slots=True, eq=False)
class ReliabilityCurve:
    """One entry per nonempty bin, in increasing order of confidence.

    Attributes:
        confidence: Mean stated confidence in the bin.
        frequency: How often its answers were correct.
        rows: How many rows it holds.
        low: Lower end of the bootstrap interval of the frequency; NaN when no intervals were asked for.
        high: Upper end.
        consistent_low: Lower end of the frequencies that calibrated forecasts would show with these bins and counts;
            NaN when no intervals were asked for.
        consistent_high: Upper end.
    """

    confidence: NDArray[np.float64]
    frequency: NDArray[np.float64]
    rows: NDArray[np.int64]
    low: NDArray[np.float64]
    high: NDArray[np.float64]
    consistent_low: NDArray[np.float64]
    consistent_high: NDArray[np.float64]

    def columns(self) -> dict[str, NDArray[np.float64] | NDArray[np.int64]]:
        """The curve as named columns, for `plotting.save`."""
        return {name: getattr(self, name) for name in self.__slots__}


def reliability_curve(
    forecasts: Forecasts,
    *,
    bins: Bins = 10,
    rng: np.random.Generator | None = None,
    resamples: int = RESAMPLES,
    level: float = 0.95,
) -> ReliabilityCurve:
    """Mean confidence and frequency of being right per bin; with `rng`, pointwise intervals and consistency bars.

    Source: Murphy and Winkler 1977; consistency bars: Bröcker and Smith 2007.

    Args:
        forecasts: The rows; whole groups are resampled for `low` and `high`.
        bins: How many equal-width bins (closed on the left, 1.0 in the last), or "values" for one per stated value.
        rng: Source of randomness for the intervals; None leaves them NaN.
        resamples: How many samples.
        level: Nominal coverage at each bin. Consistency bars take outcomes as independent, also within groups.

    Raises:
        ValueError: If `bins`, `resamples` or `level` is outside its domain.

    Example:
        >>> from scoring_theory.calibration import Forecasts
        >>> curve = reliability_curve(Forecasts(confidence=[0.2, 0.2, 1.0], correct=[0, 1, 1]))
        >>> curve.confidence.tolist(), curve.frequency.tolist(), curve.rows.tolist()
        ([0.2, 1.0], [0.5, 1.0], [2, 1])
    """
    sums = bin_sums(forecasts, bins=bins)
    filled = sums.weight > 0
    rows = np.bincount(sums.index, minlength=filled.size)[filled]
    confidence, frequency = (total[filled] / sums.weight[filled] for total in (sums.confidence, sums.correct))
    ends = np.full((rows.size, 4), np.nan)
    if rng is not None:
        parts = (forecasts[sums.index == b] for b in np.flatnonzero(filled))
        ends = np.array([_ends(part, rng, resamples, level) for part in parts])
    return ReliabilityCurve(confidence, frequency, rows, *ends.T)


def _ends(part: Forecasts, rng: np.random.Generator, resamples: int, level: float) -> tuple[float, float, float, float]:
    seen = mean_intervals(part, part.correct[None], rng=rng, resamples=resamples, level=level)[0]
    calibrated = _frequencies_if_calibrated(part, rng, resamples)
    band = percentile_interval(seen.estimate, calibrated, level=level)
    return seen.low, seen.high, band.low, band.high


def _frequencies_if_calibrated(part: Forecasts, rng: np.random.Generator, resamples: int) -> NDArray[np.float64]:
    """(resamples,) frequencies when each c_i is 1 with probability q_i; equal rows are drawn by one binomial."""
    stated = np.column_stack([part.confidence, part.weight])
    kinds, times = np.unique(stated, axis=0, return_counts=True)
    total = np.zeros(resamples)
    for (q, weight), count in zip(kinds, times, strict=True):
        total += weight * rng.binomial(count, q, size=resamples)
    return total / float(part.weight.sum())
