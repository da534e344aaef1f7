"""Intervals of calibration errors, which no bootstrap covers; the bias of |gap| is bounded instead.

Write d_b = E[w (q - c); bin b] / E[w], so that the calibration error is theta = sum_b |d_b|. Let
D_b be the same number in the sample, normal about d_b with the standard error s_b. The mean of
|D_b| exceeds |d_b| by up to sqrt(2/pi) s_b: by all of it if d_b = 0, and by nothing if d_b is far
from 0. A resample adds the same bias once more, which is why a bootstrap of sum |D_b| does not
cover theta. Here the bias is bounded from both sides, with z = D_b / s_b:

    E |D_b|  >=  |d_b|  >=  E [|D_b| - s_b a exp(-3 z^2)],     a = sqrt(14 / pi).

The second bound is an equality at d_b = 0 and far from it. The ends of the interval are these two
estimates minus and plus c standard errors. c is 1.96 if the estimates agree and decreases to 1.64
if they differ by much more than a standard error, since the truth cannot be at both of them.

Source: Imbens and Manski 2004, Confidence intervals for partially identified parameters (the
critical value); Cai and Low 2011, Testing composite hypotheses, Hermite polynomials and optimal
estimation of a nonsmooth functional (why sum |d_b| has no unbiased estimate).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
from scipy.optimize import brentq
from scipy.sparse import csr_array
from scipy.special import ndtr, stdtrit

from scoring_theory.calibration.binning import bin_index
from scoring_theory.calibration.confidence_intervals import (
    ConfidenceInterval,
    check_level,
    check_masks,
)
from scoring_theory.calibration.forecasts import Forecasts, takes_arrays
from scoring_theory.calibration.levels import equal_weights

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from scoring_theory.calibration.binning import Bins, Closed

ROWS_PER_BIN = 4
"""Least mean number of rows per stated value; only repeated values are bins of a population."""

_STEEPNESS = 3.0
_DENSE, _CACHED, _ALONE = 2000, 1 << 18, 1 << 18
"""Multiplications per row up to which a dense product is faster, entries of a table that fits into
the processor's cache, and multiplications for which BLAS starts no threads.
"""
_WIDENED = 1 + 2 * _STEEPNESS
_AT_ZERO = math.sqrt(2 / math.pi)


@takes_arrays
def calibration_error_interval(
    forecasts: Forecasts,
    *,
    bins: Bins = "values",
    closed: Closed = "left",
    norm: Literal["mean", "root_mean_square"] = "mean",
    level: float = 0.95,
) -> ConfidenceInterval:
    """The interval of the calibration error of infinitely many such answers in the same bins.

    The estimand is sum_b share_b |E[q | b] - P(c = 1 | b)|, or the root of sum_b share_b (E[q | b]
    - P(c = 1 | b))^2, with the bins of `forecasts`: their stated values, equal widths, or the cuts
    of `EqualMass` in these rows. An interval that starts at 0 is consistent with calibration.
    Groups are the independent units. The result is not random.

    Args:
        forecasts: The rows; those with the same `group` may depend on one another in any way.
        bins: As for `expected_calibration_error`.
        closed: Which end of an equal-width bin belongs to it.
        norm: "mean" is the interval of `expected_calibration_error`, "root_mean_square" of
            `root_mean_square_calibration_error`.
        level: Nominal coverage in (0, 1); `docs/coverage.md` reports the measured coverage.

    Returns:
        The plain error with its ends in [0, 1]; NaN ends if all rows are one group.

    Raises:
        ValueError: If an argument is outside its domain, or `bins="values"` and the stated values
            hardly repeat, so that they are not bins of a population.

    Example:
        >>> from scoring_theory.calibration import Forecasts
        >>> calibrated = Forecasts(confidence=[0.6] * 100, correct=[1, 1, 1, 0, 0] * 20)
        >>> interval = calibration_error_interval(calibrated)
        >>> interval.low, round(interval.estimate, 12), round(interval.high, 2)
        (0.0, 0.0, 0.07)
    """
    check_level(level)
    if norm not in ("mean", "root_mean_square"):
        raise ValueError(f'`norm` must be "mean" or "root_mean_square", got {norm!r}')
    place = _places(forecasts, bins, closed)
    gaps = gaps_of(forecasts, np.zeros(len(forecasts), dtype=np.int64), place, methods=1)
    return (
        error_interval(gaps, level=level)
        if norm == "mean"
        else root_mean_square_interval(gaps, level=level)
    )


@takes_arrays
def calibration_error_difference(
    forecasts: Forecasts,
    *,
    first: NDArray[np.bool_],
    second: NDArray[np.bool_],
    bins: Bins = "values",
    closed: Closed = "left",
    level: float = 0.95,
) -> ConfidenceInterval:
    """The paired interval of the difference in calibration error, first rows minus second rows.

    Each set of rows has its own bins. The correlation of the two errors, which comes from answers
    to the same questions, makes the interval narrower.

    Args:
        forecasts: The rows of both methods; those with the same `group` may depend on one another.
        first: (n,) mask of the rows of the first method.
        second: (n,) mask of the rows of the second method, disjoint from `first`.
        bins: As for `expected_calibration_error`.
        closed: Which end of an equal-width bin belongs to it.
        level: Nominal coverage in (0, 1).

    Raises:
        ValueError: If an argument is outside its domain, a method has no row, or a row belongs to
            both methods.

    Example:
        >>> import numpy as np
        >>> from scoring_theory.calibration import Forecasts
        >>> confidence, question = [0.5] * 90 + [0.9] * 90, [*range(90)] * 2
        >>> answers = Forecasts([1, 0] * 90, confidence, group=question)
        >>> bold = answers.confidence == 0.9
        >>> difference = calibration_error_difference(answers, first=bold, second=~bold)
        >>> difference.low > 0.2, round(difference.estimate, 9)
        (True, 0.4)
    """
    check_level(level)
    check_masks(len(forecasts), first=first, second=second)
    if (first & second).any():
        raise ValueError(
            f"no row may be in `first` and `second`, got {int((first & second).sum())} that are"
        )
    rows = np.concatenate([np.flatnonzero(first), np.flatnonzero(second)])
    place = np.concatenate([_places(forecasts[mask], bins, closed) for mask in (first, second)])
    method = np.repeat([0, 1], [int(first.sum()), int(second.sum())])
    return difference_interval(
        gaps_of(forecasts[rows], method, place, methods=2), 0, 1, level=level
    )


def _places(forecasts: Forecasts, bins: Bins, closed: Closed) -> NDArray[np.int64]:
    """(n,) the bin of each row; an error if the stated values hardly repeat."""
    if (
        isinstance(bins, str)
        and bins == "values"
        and len(forecasts) < ROWS_PER_BIN * forecasts.levels.value.size
    ):
        raise ValueError(
            'an interval with `bins="values"` needs stated values that repeat, on average at least'
            f" {ROWS_PER_BIN} rows each, got {forecasts.levels.value.size} values in"
            f" {len(forecasts)} rows; use bins=10 or EqualMass(10)"
        )
    return bin_index(forecasts, bins=bins, closed=closed)


@dataclass(frozen=True, slots=True, eq=False)
class Gaps:
    """The mean gaps of each method and bin, with their covariance: the data of the intervals.

    Attributes:
        mean: (M, B) D_b, the sum of w (q - c) in the bin over the method's sum of w.
        share: (M, B) the share of the bin in the weight.
        covariance: (M, B, M, B) the covariance of `mean`, over whole groups.
        rooted: (M, B, M, B) the covariance of D_b / sqrt(share_b), for the root mean square error.
        unseen: (M, B) an addition to the variance of `mean`: a bin with only correct or only wrong
            answers has no sample variance, so one correct and one wrong group are added to it.
        groups: (M,) the number of independent units of each method.
    """

    mean: NDArray[np.float64]
    share: NDArray[np.float64]
    covariance: NDArray[np.float64]
    rooted: NDArray[np.float64]
    unseen: NDArray[np.float64]
    groups: NDArray[np.int64]


def gaps_of(
    forecasts: Forecasts, method: NDArray[np.int64], place: NDArray[np.int64], *, methods: int
) -> Gaps:
    """The `Gaps` of some rows.

    For group g, X_gb is the sum of w (q - c) in bin b, N_gb that of w, and W_g the sum of w in all
    bins. The covariance of D_b = sum X_b / sum W is that of the linear terms (X_gb - D_b W_g) / sum
    W, times G / (G - 1).

    Args:
        forecasts: The rows.
        method: (n,) codes 0, ..., methods - 1, each used.
        place: (n,) the bin of each row.
        methods: The number of methods.

    Example:
        >>> from scoring_theory.calibration import Forecasts
        >>> rows, zeros = Forecasts([1, 0], [0.75, 0.75]), np.zeros(2, dtype=np.int64)
        >>> gaps_of(rows, zeros, zeros, methods=1).mean
        array([[0.25]])
    """
    bins = int(place.max()) + 1
    cell, cells = place, methods * bins
    if methods > 1:
        cell = method * bins
        cell += place  # in place, since columns may be long
    w, right_of, gap = forecasts.weight, forecasts.correct, forecasts.confidence - forecasts.correct
    if not forecasts.unweighted:
        right_of, gap = w * right_of, w * gap
    total, heavy, right = (
        np.bincount(cell, weights=column, minlength=cells).astype(np.float64, copy=False)
        for column in (gap, None if forecasts.unweighted else w, right_of)
    )
    products, visits, groups = _products(forecasts.group, method, cell, (gap, w), methods, cells)
    weight = heavy.reshape(methods, bins).sum(axis=1)
    mean, share = (column.reshape(methods, bins) / weight[:, None] for column in (total, heavy))
    units = np.maximum(groups, 2)
    scale = np.repeat(np.sqrt(units / (units - 1)) / weight, bins)
    covariance = _of_linear_terms(products, np.eye(cells), np.zeros((cells, cells)), mean, scale)
    filled = np.divide(1.0, share, out=np.zeros_like(share), where=share > 0).ravel()
    root = np.sqrt(filled)
    rooted = _of_linear_terms(
        products,
        np.diag(root),
        np.diag(-mean.ravel() * filled * root / 2),
        mean * root.reshape(mean.shape) / 2,
        scale,
    )
    shape = (methods, bins, methods, bins)
    unseen = _unseen(right, heavy, visits).reshape(methods, bins) / weight[:, None] ** 2
    return Gaps(mean, share, covariance.reshape(shape), rooted.reshape(shape), unseen, groups)


def _of_linear_terms(
    products: NDArray[np.float64],
    of_gap: NDArray[np.float64],
    of_share: NDArray[np.float64],
    of_weight: NDArray[np.float64],
    scale: NDArray[np.float64],
) -> NDArray[np.float64]:
    """The sum over groups of the outer squares of (X of_gap + N of_share - W of_weight) scale.

    It is computed from the products of X and N.
    """
    methods, bins = of_weight.shape
    same = np.kron(np.eye(methods), np.ones((bins, bins)))  # W_g of a method is the sum of its N_gb
    terms = np.vstack([of_gap, of_share - same * of_weight.ravel()]) * scale
    squares: NDArray[np.float64] = terms.T @ products @ terms
    return squares


def _products(
    group: NDArray[np.int64] | None,
    method: NDArray[np.int64],
    cell: NDArray[np.int64],
    columns: tuple[NDArray[np.float64], NDArray[np.float64]],
    methods: int,
    cells: int,
) -> tuple[NDArray[np.float64], NDArray[np.int64], NDArray[np.int64]]:
    """The products sum_g Y_g Y_g', the number of groups per cell, and the number per method.

    Y_g (2 cells,) contains the sums of both columns of group g by cell.
    """
    if group is None:
        gap, w = columns
        pairs = ((gap, gap), (gap, w), (w, w))
        xx, xw, ww = (np.diag(np.bincount(cell, weights=a * b, minlength=cells)) for a, b in pairs)
        visits = np.bincount(cell, minlength=cells)
        return np.block([[xx, xw], [xw, ww]]), visits, visits.reshape(methods, -1).sum(axis=1)
    size = int(group.max()) + 1
    answered = np.zeros(size * methods, dtype=np.bool_)
    answered[group if methods == 1 else group * methods + method] = True
    groups = np.count_nonzero(answered.reshape(size, methods), axis=0)
    if size * (2 * cells) ** 2 <= _DENSE * group.size:
        products, visits = _dense_products(group, cell, columns, size, cells)
    else:
        places = np.concatenate([group, group]), np.concatenate([cell, cell + cells])
        sums = csr_array((np.concatenate(columns), places), shape=(size, 2 * cells))
        sums.sum_duplicates()
        visits = np.bincount(sums.indices, minlength=2 * cells)[:cells]
        products = np.asarray((sums.T @ sums).toarray(), dtype=np.float64)
    return products, visits, groups


def _dense_products(
    group: NDArray[np.int64],
    cell: NDArray[np.int64],
    columns: tuple[NDArray[np.float64], NDArray[np.float64]],
    size: int,
    cells: int,
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """The products and the visits from a table of all sums, which is faster if it is well filled.

    The groups are counted some at a time, whose table fits into the processor's cache, and
    multiplied in pieces so small that BLAS starts no threads, which on a busy machine would wait.
    """
    piece, doublings = max(1, _ALONE // cells**2), max(0, (_CACHED // cells).bit_length() - 1)
    at_once = 1 << doublings  # a power of two, since a shift is faster than a division
    part = (group >> doublings).astype(np.uint16 if size < at_once << 16 else np.int64)
    order, entry = np.argsort(part, kind="stable"), group * cells
    entry += cell  # in place, since columns may be long
    ends = np.cumsum(np.bincount(part)).tolist()
    (gaps, weights), (xx, xw, ww) = columns, np.zeros((3, cells, cells))
    visits = np.zeros(cells, dtype=np.int64)
    for first, start, end in zip(range(0, size, at_once), [0, *ends], ends, strict=False):
        rows, shape = order[start:end], (min(at_once, size - first), cells)
        place = entry[rows] - first * cells
        many = np.bincount(place, minlength=shape[0] * cells).reshape(shape)
        gap = np.bincount(place, weights=gaps[rows], minlength=many.size).reshape(shape)
        weight = (
            many
            if equal_weights(weights)
            else np.bincount(place, weights=weights[rows], minlength=many.size).reshape(shape)
        ).astype(np.float64)
        visits += np.count_nonzero(many, axis=0)
        for begin in range(0, shape[0], piece):
            x, n = gap[begin : begin + piece], weight[begin : begin + piece]
            xx += x.T @ x
            xw += x.T @ n
            ww += n.T @ n
    return np.block([[xx, xw], [xw.T, ww]]), visits


def _unseen(
    right: NDArray[np.float64], heavy: NDArray[np.float64], visits: NDArray[np.int64]
) -> NDArray[np.float64]:
    frequency = np.divide(right, heavy, out=np.zeros_like(heavy), where=heavy > 0)
    smoothed = (frequency * visits + 1) / (visits + 2)
    missing = np.maximum(smoothed * (1 - smoothed) - frequency * (1 - frequency), 0.0)
    added: NDArray[np.float64] = heavy**2 / np.maximum(visits, 1) * missing
    return added


def error_interval(gaps: Gaps, method: int = 0, *, level: float) -> ConfidenceInterval:
    """The interval of the calibration error of one method.

    Example:
        >>> from scoring_theory.calibration import Forecasts
        >>> rows, zeros = Forecasts([1, 0] * 50, [0.75] * 100), np.zeros(100, dtype=np.int64)
        >>> interval = error_interval(gaps_of(rows, zeros, zeros, methods=1), level=0.95)
        >>> interval.estimate, 0.1 < interval.low < 0.25 < interval.high < 0.4
        (0.25, True)
    """
    estimate = float(np.abs(gaps.mean[method]).sum())
    if gaps.groups[method] == 1:
        return ConfidenceInterval(estimate, math.nan, math.nan, level, 0)
    low, high = _ends(gaps, ((method, 1.0),), level)
    return ConfidenceInterval(estimate, max(0.0, low), min(1.0, high), level, 0)


def difference_interval(gaps: Gaps, first: int, second: int, *, level: float) -> ConfidenceInterval:
    """The interval of the difference in calibration error, `first` minus `second`."""
    estimate = float(np.abs(gaps.mean[first]).sum() - np.abs(gaps.mean[second]).sum())
    if min(gaps.groups[first], gaps.groups[second]) == 1:
        return ConfidenceInterval(estimate, math.nan, math.nan, level, 0)
    if _identical(gaps, first, second):
        return ConfidenceInterval(0.0, 0.0, 0.0, level, 0)
    low, high = _ends(gaps, ((first, 1.0), (second, -1.0)), level)
    return ConfidenceInterval(estimate, max(-1.0, low), min(1.0, high), level, 0)


def _identical(gaps: Gaps, first: int, second: int) -> bool:
    """Whether every group has the same gaps under both methods, so that their errors are equal."""
    one, other = gaps.covariance[first, :, first], gaps.covariance[second, :, second]
    apart = np.diag(one + other - 2 * gaps.covariance[first, :, second])
    same = np.abs(gaps.mean[first] - gaps.mean[second]).max() < 1e-12
    return bool(same and np.abs(apart).max() <= 1e-9 * (np.trace(one) + np.trace(other)))


def _ends(gaps: Gaps, signed: tuple[tuple[int, float], ...], level: float) -> tuple[float, float]:
    """The ends of the interval of the sum of sign * error over the methods."""
    bins = gaps.mean.shape[1]
    chosen = np.concatenate([method * bins + np.arange(bins) for method, _ in signed])
    sign = np.repeat([sign for _, sign in signed], bins)
    mean = gaps.mean.ravel()[chosen]
    square = gaps.covariance.reshape(gaps.mean.size, -1)[np.ix_(chosen, chosen)].copy()
    square[np.diag_indices_from(square)] += gaps.unseen.ravel()[chosen]
    error = np.sqrt(np.maximum(np.diag(square), 0.0))  # equal groups: 0, or -1e-18 by rounding
    known = error > 0
    if not known.any():
        return (float(sign @ np.abs(mean)),) * 2
    mean, sign, error = mean[known], sign[known], error[known]
    correlation = square[np.ix_(known, known)] / np.outer(error, error)
    z = mean / error
    folded = error * math.sqrt(2 * _WIDENED / math.pi) * np.exp(-_STEEPNESS * z**2)
    spread = [_spread(z, sign, error, correlation, upper=upper) for upper in (False, True)]
    critical = _critical_value(
        float(folded.sum()) / max(spread), level, int(min(gaps.groups[m] for m, _ in signed))
    )
    added, taken = (_estimates(np.abs(mean[part]), folded[part]) for part in (sign > 0, sign < 0))
    return added[0] - taken[1] - critical * spread[0], added[1] - taken[0] + critical * spread[1]


def _estimates(size: NDArray[np.float64], folded: NDArray[np.float64]) -> tuple[float, float]:
    """The lower and the upper estimate of one error; both are 0 without bins."""
    return max(0.0, float((size - folded).sum())), float(size.sum())


def _critical_value(apart: float, level: float, groups: int) -> float:
    """The c with Phi(c + apart) - Phi(-c) = level, as a quantile of Student's t.

    The degrees of freedom are groups - 1.
    """
    if ndtr(apart) - 0.5 >= level:
        return 0.0
    return float(
        stdtrit(groups - 1, ndtr(brentq(lambda c: ndtr(c + apart) - ndtr(-c) - level, 0.0, 40.0)))
    )


def _spread(
    z: NDArray[np.float64],
    sign: NDArray[np.float64],
    error: NDArray[np.float64],
    correlation: NDArray[np.float64],
    *,
    upper: bool,
) -> float:
    """The standard deviation of an end's estimate.

    A plain |D_b| is part of the upper end of an added error and of the lower end of a subtracted
    one. Its variance is taken at a gap one standard error larger than the observed one, since that
    end must cover gaps that are larger than they appear. Correlations enter through the first two
    terms of their Hermite expansion.
    """
    plain = (sign > 0) == upper
    size = np.abs(z)
    shrunk = np.maximum(size - 1 / np.maximum(size, 1e-9), 0.0)
    at_plain, at_lowered = _moments_plain(size + 1), _moments_lowered(shrunk)
    variance, slope, bend = (
        np.where(plain, one, other) for one, other in zip(at_plain, at_lowered, strict=True)
    )
    side = np.where(z < 0, -1.0, 1.0)
    signed = correlation * np.outer(side, side)
    covariance = np.outer(slope, slope) * signed + np.outer(bend, bend) * signed**2 / 2
    covariance[np.diag_indices_from(covariance)] = variance
    parts = sign * error
    return math.sqrt(max(float(parts @ covariance @ parts), float(error.max() ** 2) * 1e-6))


_Moments = tuple["NDArray[np.float64]", "NDArray[np.float64]", "NDArray[np.float64]"]


def _folded_mean(x: NDArray[np.float64]) -> NDArray[np.float64]:
    """E|x + Z| for Z standard normal."""
    return x * (2 * ndtr(x) - 1) + _AT_ZERO * np.exp(-(x**2) / 2)


def _moments_plain(x: NDArray[np.float64]) -> _Moments:
    """The variance of |x + Z|, and the first two derivatives of its mean in x."""
    return 1 + x**2 - _folded_mean(x) ** 2, 2 * ndtr(x) - 1, _AT_ZERO * np.exp(-(x**2) / 2)


def _moments_lowered(x: NDArray[np.float64]) -> _Moments:
    """The variance and derivatives as in `_moments_plain`, of |x + Z| - a exp(-3 (x + Z)^2)."""
    pull = 2 * _STEEPNESS / _WIDENED
    mean = _AT_ZERO * np.exp(-pull * x**2 / 2)
    mixed = mean * _folded_mean(x / math.sqrt(_WIDENED)) / math.sqrt(_WIDENED)
    steep = 1 + 4 * _STEEPNESS
    squared = _AT_ZERO**2 * _WIDENED / math.sqrt(steep) * np.exp(-2 * _STEEPNESS * x**2 / steep)
    variance = 1 + x**2 - 2 * mixed + squared - (_folded_mean(x) - mean) ** 2
    _, slope, bend = _moments_plain(x)
    return variance, slope + pull * x * mean, bend - ((pull * x) ** 2 - pull) * mean


def root_mean_square_interval(gaps: Gaps, method: int = 0, *, level: float) -> ConfidenceInterval:
    """The interval of the root mean square calibration error of one method.

    Let Y_b = D_b / sqrt(share_b), normal with the covariance S. The sum of squares minus tr S has
    the mean theta^2 and the variance 4 theta^2 u'Su + 2 tr S^2, where u is the direction of the
    true gaps, estimated by that of the observed ones. The ends are the values of theta^2 at which
    the sum is c standard deviations away from its mean.
    """
    share = np.where(gaps.share[method] > 0, gaps.share[method], 1.0)
    parts = gaps.mean[method] / np.sqrt(share)
    estimate = math.sqrt(float(parts @ parts))
    if gaps.groups[method] == 1:
        return ConfidenceInterval(estimate, math.nan, math.nan, level, 0)
    square = gaps.rooted[method, :, method] + np.diag(gaps.unseen[method] / share)
    slope = 4 * (
        float(parts @ square @ parts) / float(parts @ parts)
        if estimate
        else float(np.trace(square))
    )
    constant, centre = 2 * float((square**2).sum()), float(parts @ parts - np.trace(square))
    critical = _critical_value(0.0, level, int(gaps.groups[method]))
    middle = centre + critical**2 * slope / 2
    reach = critical * math.sqrt(max(0.0, constant + slope * centre + critical**2 * slope**2 / 4))
    low, high = (math.sqrt(min(max(0.0, end), 1.0)) for end in (middle - reach, middle + reach))
    return ConfidenceInterval(estimate, min(low, estimate), max(high, estimate), level, 0)
