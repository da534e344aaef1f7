"""The reliability diagram as data: confidence, observed frequency and consistency intervals."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from scoring_theory.calibration.binning import Bins, Closed, bin_index, bin_sums
from scoring_theory.calibration.confidence_intervals import (
    RESAMPLES,
    check_resampling,
    percentile_interval,
)
from scoring_theory.calibration.decomposition import recalibrated
from scoring_theory.calibration.forecasts import Forecasts, takes_scores
from scoring_theory.calibration.levels import Levels
from scoring_theory.calibration.mean_intervals import mean_intervals
from scoring_theory.calibration.randomness import as_generator
from scoring_theory.display import line_of_columns, table_of_columns

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from scoring_theory.calibration.randomness import RandomLike


@dataclass(frozen=True, slots=True, eq=False)
class ReliabilityCurve:
    """One entry per nonempty bin, in increasing order of confidence.

    Attributes:
        confidence: Mean stated confidence in the bin.
        frequency: The share of correct answers in the bin.
        rows: The number of rows in the bin.
        low: Lower end of the interval of the frequency; NaN without `rng`.
        high: Upper end.
        consistent_low: Lower end of the consistency interval, which contains the frequency of
            calibrated forecasts with probability `level`; NaN without `rng` and for graded scores.
        consistent_high: Upper end.
    """

    confidence: NDArray[np.float64]
    frequency: NDArray[np.float64]
    rows: NDArray[np.int64]
    low: NDArray[np.float64]
    high: NDArray[np.float64]
    consistent_low: NDArray[np.float64]
    consistent_high: NDArray[np.float64]

    __repr__ = line_of_columns

    def _repr_html_(self) -> str:
        return table_of_columns(self.columns(), caption="ReliabilityCurve")

    def columns(self) -> dict[str, NDArray[np.float64] | NDArray[np.int64]]:
        """The curve as named columns, for `plotting.save`."""
        return {name: getattr(self, name) for name in self.__slots__}


@takes_scores
def reliability_curve(
    forecasts: Forecasts,
    *,
    bins: Bins = "values",
    closed: Closed = "left",
    rng: RandomLike | None = None,
    resamples: int = RESAMPLES,
    level: float = 0.95,
) -> ReliabilityCurve:
    """Mean confidence and observed frequency of each bin, with intervals if `rng` is given.

    The intervals come from the bootstrap. If all answers of a bin are correct, or all are wrong,
    every resample is the same; the far end is then the exact binomial one, with as many independent
    trials as the bin has groups (n):

        low = ((1 - level) / 2)^(1/n)         if all are correct
        high = 1 - ((1 - level) / 2)^(1/n)    if all are wrong

    Source: Murphy and Winkler 1977; consistency bars: Bröcker and Smith 2007; exact ends: Clopper
        and Pearson 1934.

    Args:
        forecasts: The rows; whole groups are resampled for `low` and `high`.
        bins: "values" for one bin per stated value, a number of equal-width bins (closed on the
            left, with 1.0 in the last), or `EqualMass(count)`.
        closed: Which end of an equal-width bin belongs to it.
        rng: Source of randomness, a generator or a seed, for the intervals; None leaves them NaN.
        resamples: Number of resamples.
        level: Nominal pointwise coverage. The consistency intervals assume independent outcomes,
            also within groups.

    Raises:
        ValueError: If `bins`, `resamples` or `level` is outside its domain.

    Example:
        >>> from scoring_theory.calibration import Forecasts
        >>> curve = reliability_curve(Forecasts(correct=[0, 1, 1], confidence=[0.2, 0.2, 1.0]))
        >>> curve.confidence.tolist(), curve.frequency.tolist(), curve.rows.tolist()
        ([0.2, 1.0], [0.5, 1.0], [2, 1])
    """
    sums = bin_sums(forecasts, bins=bins, closed=closed)
    filled = sums.weight > 0
    confidence, frequency = sums.filled().means()
    ends = np.full((confidence.size, 4), np.nan)
    if rng is not None:
        rng = as_generator(rng)
        index = bin_index(forecasts, bins=bins, closed=closed)
        parts = (forecasts[index == b] for b in np.flatnonzero(filled))
        ends = np.array([_ends(part, rng, resamples, level) for part in parts])
    return ReliabilityCurve(confidence, frequency, sums.rows[filled], *ends.T)


def _ends(
    part: Forecasts, rng: np.random.Generator, resamples: int, level: float
) -> tuple[float, float, float, float]:
    """The ends of the interval of the frequency, then those of the consistency interval."""
    observed = mean_intervals(part, part.correct[None], rng=rng, resamples=resamples, level=level)[
        0
    ]
    consistent = (np.nan, np.nan)  # how graded scores of calibrated answers spread is not known
    if not part.graded:
        calibrated = _frequencies_if_calibrated(part, rng, resamples)
        band = percentile_interval(observed.estimate, calibrated, level=level)
        consistent = (band.low, band.high)
    low, high = observed.low, observed.high
    # A low of NaN means a single group, which has no interval at all.
    if not 0 < observed.estimate < 1 and not np.isnan(low):
        low, high = _exact_ends(part, observed.estimate, level)
    return low, high, *consistent


def _exact_ends(part: Forecasts, frequency: float, level: float) -> tuple[float, float]:
    """Clopper and Pearson's interval of a frequency of 0 or 1, over independent groups."""
    counted = part.weight > 0
    trials = counted.sum() if part.group is None else np.unique(part.group[counted]).size
    far = ((1 - level) / 2) ** (1 / int(trials))
    return (far, 1.0) if frequency == 1 else (0.0, 1 - far)


def _frequencies_if_calibrated(
    part: Forecasts, rng: np.random.Generator, resamples: int
) -> NDArray[np.float64]:
    """(resamples,) frequencies under calibration; equal rows are drawn by one binomial."""
    stated = np.column_stack([part.confidence, part.weight])
    kinds, times = np.unique(stated, axis=0, return_counts=True)
    total = np.zeros(resamples)
    for (q, weight), count in zip(kinds, times, strict=True):
        total += weight * rng.binomial(count, q, size=resamples)
    return total / float(part.weight.sum())


@dataclass(frozen=True, slots=True, eq=False)
class CorpCurve:
    """The isotonic (CORP) reliability curve, one entry per stated value in increasing order.

    Attributes:
        confidence: The stated value.
        frequency: Isotonic regression of the outcomes on the stated values.
        rows: The number of answers with this value.
        consistent_low: Lower end of the consistency band, the curves of calibrated forecasts; NaN
            without `rng`.
        consistent_high: Upper end.
    """

    confidence: NDArray[np.float64]
    frequency: NDArray[np.float64]
    rows: NDArray[np.int64]
    consistent_low: NDArray[np.float64]
    consistent_high: NDArray[np.float64]

    __repr__ = line_of_columns

    def _repr_html_(self) -> str:
        return table_of_columns(self.columns(), caption="CorpCurve")

    def columns(self) -> dict[str, NDArray[np.float64] | NDArray[np.int64]]:
        """The curve as named columns, for `plotting.save`."""
        return {name: getattr(self, name) for name in self.__slots__}


@takes_scores
def corp_curve(
    forecasts: Forecasts,
    *,
    rng: RandomLike | None = None,
    resamples: int = RESAMPLES,
    level: float = 0.95,
) -> CorpCurve:
    """The CORP reliability diagram, without bins: isotonic regression of the outcomes on q.

    For the consistency band, every outcome is drawn with its stated probability and the regression
    is fitted again. A curve outside the band is evidence against calibration.

    Source: Dimitriadis, Gneiting, Jordan 2021 (CORP, consistency bands).

    Args:
        forecasts: The rows. The band assumes independent outcomes, also within groups.
        rng: Source of randomness, a generator or a seed, for the band; None leaves it NaN.
        resamples: Number of resamples.
        level: Nominal coverage at each stated value.

    Raises:
        ValueError: If `resamples` or `level` is outside its domain, or a band is requested for
            weighted or graded rows.

    Example:
        >>> from scoring_theory.calibration import Forecasts
        >>> curve = corp_curve(Forecasts(correct=[1, 0, 0, 1], confidence=[0.2, 0.4, 0.4, 1.0]))
        >>> curve.confidence.tolist(), curve.frequency.round(3).tolist()
        ([0.2, 0.4, 1.0], [0.333, 0.333, 1.0])
    """
    levels = forecasts.levels.weighted()
    low = high = np.full(levels.value.size, np.nan)
    if rng is not None:
        rng = as_generator(rng)
        if forecasts.graded:
            raise ValueError("a consistency band needs outcomes of 0 or 1, got graded scores")
        if not forecasts.unweighted:
            raise ValueError("a consistency band needs unweighted rows, got `weight`")
        check_resampling(resamples, level)
        fits = np.empty((resamples, levels.value.size))
        for fit in fits:
            correct = rng.binomial(levels.rows, levels.value).astype(np.float64)
            fit[:] = recalibrated(Levels(levels.value, levels.weight, correct, levels.rows))
        rank = max(1, int((resamples + 1) * (1 - level) / 2 + 1e-9))
        fits.sort(axis=0)
        low, high = fits[rank - 1], fits[-rank]
    return CorpCurve(levels.value, recalibrated(levels), levels.rows, low, high)
