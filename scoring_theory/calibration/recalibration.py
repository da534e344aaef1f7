"""Cross-fitted recalibration: maps of confidence, fitted to some rows and applied to others.

Recalibration serves comparison. It needs the outcomes of many answers, cannot make confidence
separate correct from wrong answers where it does not already, and does not transfer to another
distribution of questions.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, logit

from scoring_theory.calibration.binning import EqualMass, bin_sums, mass_cuts
from scoring_theory.calibration.decomposition import recalibrated
from scoring_theory.calibration.forecasts import Forecasts, takes_scores
from scoring_theory.calibration.levels import compact
from scoring_theory.calibration.logistic import fit_logistic
from scoring_theory.calibration.order_statistics import BLOCK, placer, slices
from scoring_theory.display import one_line

Method = Literal["isotonic", "platt", "temperature", "beta", "histogram"]
Map = Callable[[NDArray[np.float64]], NDArray[np.float64]]
Fit = Callable[[Forecasts, float], Map]
HISTOGRAM_BINS = 15


@dataclass(frozen=True, slots=True, eq=False)
class Recalibrated:
    """Rows with recalibrated confidences, in the original order.

    Attributes:
        forecasts: The rows; each confidence comes from a map that was fitted without its fold.
        clipped: The number of stated values that were clipped to `edge` or 1 - `edge` before the
            logit.
    """

    forecasts: Forecasts
    clipped: int

    __repr__ = one_line


@takes_scores
def recalibrate(
    forecasts: Forecasts,
    *,
    method: Method = "isotonic",
    rng: np.random.Generator,
    folds: int = 5,
    edge: float = 1e-3,
) -> Recalibrated:
    """Cross-fitted recalibration: the map for each fold is fitted to the other folds.

    Groups are never split over folds. The methods are

        isotonic       isotonic regression of c on q, interpolated between stated values
        platt          expit(a + b logit q)
        temperature    expit(b logit q)
        beta           expit(a + b log q - d log(1 - q))
        histogram      the observed frequency in one of 15 bins of equal mass

    Platt, temperature and beta take logarithms. Stated values are therefore clipped to [edge, 1 -
    edge] first, and the result counts the clipped ones.

    Source: Zadrozny, Elkan 2002 (isotonic); Platt 1999; Guo et al. 2017 (temperature); Kull, Silva
    Filho, Flach 2017 (beta); Zadrozny, Elkan 2001 (histogram).

    Args:
        forecasts: The rows; those with the same `group` are in the same fold.
        method: The map, see above.
        rng: Assigns the folds; the only source of randomness.
        folds: Number of folds, at least 2; at most the number of groups are used.
        edge: In (0, 1/2).

    Raises:
        ValueError: If an argument is outside its domain, there is only one group, or a threshold
            separates correct from wrong answers in some fold, so that a parametric fit has no
            finite maximum.

    Example:
        >>> rng = np.random.default_rng(0)
        >>> q = rng.choice([0.6, 0.9, 1.0], size=3000)
        >>> overconfident = Forecasts(correct=rng.random(3000) < q - 0.3, confidence=q)
        >>> better = recalibrate(overconfident, method="temperature", rng=rng)
        >>> better.clipped == (q == 1).sum()
        np.True_
    """
    if method not in _FITS:
        raise ValueError(f"`method` must be one of {', '.join(_FITS)}, got {method!r}")
    if not 0 < edge < 0.5:
        raise ValueError(f"`edge` must lie in (0, 1/2), got {edge!r}")
    fold, rows = _folds(forecasts, rng, folds), forecasts.ungrouped()
    confidence = np.empty(len(forecasts))
    for k in range(int(fold.max()) + 1):
        held_out = np.flatnonzero(fold == k)
        fitted = _FITS[method](rows[fold != k], edge)
        confidence[held_out] = fitted(forecasts.confidence[held_out])
    clipped = 0
    if method in ("platt", "temperature", "beta"):
        outside = (forecasts.confidence < edge) | (forecasts.confidence > 1 - edge)
        clipped = int(outside.sum())
    weight = None if forecasts.unweighted else forecasts.weight
    better = Forecasts(
        correct=forecasts.correct,
        confidence=np.clip(confidence, 0.0, 1.0),
        weight=weight,
        group=forecasts.group,
        graded=forecasts.graded,
    )
    return Recalibrated(better, clipped)


def _folds(forecasts: Forecasts, rng: np.random.Generator, folds: int) -> NDArray[np.int64]:
    """(n,) the fold of each row: groups in random order, assigned to the folds in turn."""
    if not isinstance(folds, (int, np.integer)) or folds < 2:
        raise ValueError(f"`folds` must be a whole number of at least 2, got {folds!r}")
    codes = np.arange(len(forecasts)) if forecasts.group is None else compact(forecasts.group)
    groups = int(codes.max()) + 1
    if groups < 2:
        raise ValueError("cross-fitting needs at least 2 groups, got 1")
    return np.asarray(rng.permutation(groups) % min(folds, groups), dtype=np.int64)[codes]


def _isotonic(rows: Forecasts, _: float) -> Map:
    levels = rows.levels.weighted()
    fitted = recalibrated(levels)
    # Knots inside a constant piece do not change the interpolation.
    corner = np.ones(fitted.size, dtype=np.bool_)
    corner[1:-1] = (fitted[1:-1] != fitted[:-2]) | (fitted[1:-1] != fitted[2:])
    knots, heights = levels.value[corner], fitted[corner]
    return lambda q: interpolated(q, knots, heights)


def interpolated(
    q: NDArray[np.float64], knots: NDArray[np.float64], heights: NDArray[np.float64]
) -> NDArray[np.float64]:
    """`numpy.interp(q, knots, heights)` for q and knots in [0, 1], faster if there are many q.

    Example:
        >>> interpolated(np.array([0.25, 0.9]), np.array([0.0, 0.5]), np.array([0.2, 0.6]))
        array([0.4, 0.6])
    """
    with np.errstate(over="ignore"):
        slope = np.diff(heights, append=heights[-1]) / np.diff(knots, append=np.inf)
    if q.size <= BLOCK or not np.isfinite(slope).all():
        return np.interp(q, knots, heights)
    place, values = placer(knots[1:], "right", rows=q.size), np.empty(q.size)
    for rows in slices(q.size):
        inside = np.clip(q[rows], knots[0], knots[-1])
        k = place(inside)
        values[rows] = slope.take(k) * (inside - knots.take(k)) + heights.take(k)
    return values


def _histogram(rows: Forecasts, _: float) -> Map:
    sums = bin_sums(rows, bins=EqualMass(HISTOGRAM_BINS))
    frequency = sums.correct / np.where(sums.weight > 0, sums.weight, 1.0)
    stated = rows.levels.value
    fitted = frequency[np.searchsorted(mass_cuts(rows, HISTOGRAM_BINS), stated)]
    return lambda q: fitted[np.maximum(np.searchsorted(stated, q, side="right") - 1, 0)]


def _logistic(
    features: Callable[[NDArray[np.float64]], NDArray[np.float64]], start: list[float]
) -> Fit:
    """The fit of expit(features(q) @ line), with q clipped because features take logarithms."""

    def fit(rows: Forecasts, edge: float) -> Map:
        levels = rows.levels.weighted()

        def design(q: NDArray[np.float64]) -> NDArray[np.float64]:
            return features(np.clip(q, edge, 1 - edge))

        line = fit_logistic(
            design(levels.value), levels.weight, levels.correct, start=np.array(start)
        )
        return lambda q: np.asarray(expit(design(q) @ line), dtype=np.float64)

    return fit


_FITS: Mapping[str, Fit] = {
    "isotonic": _isotonic,
    "platt": _logistic(lambda q: np.column_stack([np.ones(q.size), logit(q)]), [0.0, 1.0]),
    "temperature": _logistic(lambda q: logit(q)[:, None], [1.0]),
    "beta": _logistic(
        lambda q: np.column_stack([np.ones(q.size), np.log(q), -np.log1p(-q)]), [0.0, 1.0, 1.0]
    ),
    "histogram": _histogram,
}
