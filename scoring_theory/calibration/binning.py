"""Binning by confidence: one bin per stated value, bins of equal width, or bins of equal mass."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from scoring_theory.calibration.forecasts import Forecasts, takes_scores
from scoring_theory.calibration.order_statistics import order_statistics, placer, slices
from scoring_theory.display import one_line

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from scoring_theory.calibration.levels import Levels
    from scoring_theory.calibration.order_statistics import Place

_MANY = 100  # rows from which on a bin for each value is expected to hold several


@dataclass(frozen=True, slots=True)
class EqualMass:
    """Bins of equal weight, as far as ties allow.

    A stated value belongs to bin floor(count * (weight strictly below it) / (total weight)): cuts
    by rank, moved outward to the end of a run of ties. Equal values are therefore never split, the
    result does not depend on the order of the rows, and a value with more than its share of the
    weight leaves the bins after it empty.

    Attributes:
        count: The number of bins, a positive whole number.

    Raises:
        ValueError: If `count` is not a positive whole number.

    Example:
        >>> from scoring_theory.calibration import EqualMass, maximum_calibration_error
        >>> maximum_calibration_error([0, 1, 1, 1], [0.25, 0.5, 0.75, 1.0], bins=EqualMass(2))
        0.125
    """

    count: int

    def __post_init__(self) -> None:
        object.__setattr__(self, "count", _whole(self.count, "`count`"))


Bins = int | EqualMass | Literal["values"]
Closed = Literal["left", "right"]


@dataclass(frozen=True, slots=True, eq=False)
class BinSums:
    """Weighted sums over the rows of each bin, with the bins in increasing order of confidence.

    Attributes:
        confidence: (bins,) sum of w q.
        correct: (bins,) sum of w c.
        weight: (bins,) sum of w; 0 for an empty bin.
        rows: (bins,) number of rows.
    """

    confidence: NDArray[np.float64]
    correct: NDArray[np.float64]
    weight: NDArray[np.float64]
    rows: NDArray[np.int64]

    __repr__ = one_line

    def __add__(self, other: BinSums) -> BinSums:
        return BinSums(*(getattr(self, name) + getattr(other, name) for name in self.__slots__))

    def filled(self) -> BinSums:
        """The bins of positive weight."""
        nonempty = self.weight > 0
        return BinSums(*(getattr(self, name)[nonempty] for name in self.__slots__))

    def means(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Mean confidence and observed frequency of each bin; no bin may be empty."""
        return self.confidence / self.weight, self.correct / self.weight


def bin_edges(bins: int) -> NDArray[np.float64]:
    """The edges k / bins for k = 0, ..., bins, each the float64 nearest to the fraction.

    3/10 is therefore exactly the float `0.3`. In contrast, `numpy.linspace(0, 1, 11)[3]` is
    0.30000000000000004, which puts a stated 0.3 in the bin below.

    Raises:
        ValueError: If `bins` is not a positive whole number.

    Example:
        >>> bin_edges(10)[3] == 0.3
        np.True_
    """
    return np.arange(_whole(bins, "`bins`") + 1) / bins


def bin_index(
    forecasts: Forecasts, *, bins: Bins = "values", closed: Closed = "left"
) -> NDArray[np.int64]:
    """(n,) the index of the bin of each row; see `bin_sums` for the bins.

    Example:
        >>> from scoring_theory.calibration import Forecasts
        >>> bin_index(Forecasts(correct=[1, 1, 0], confidence=[0.3, 1.0, 0.0]), bins=10)
        array([3, 9, 0])
    """
    if bins == "values":
        _edge_rule(closed)
        return np.searchsorted(forecasts.levels.value, forecasts.confidence)
    place, _ = _places(forecasts, bins, closed)
    index = np.empty(len(forecasts), dtype=np.int64)
    for rows in slices(len(forecasts)):
        index[rows] = place(forecasts.confidence[rows])
    return index


def bin_sums(forecasts: Forecasts, *, bins: Bins = "values", closed: Closed = "left") -> BinSums:
    """Assign the rows to bins and sum over each bin.

    `bins="values"` makes one bin per distinct stated value. A number makes bins of equal width
    [k/bins, (k+1)/bins), closed on the left; the last one is also closed on the right, so that it
    contains q = 1. With `closed="right"` they are (k/bins, (k+1)/bins], and the first one contains
    q = 0. `EqualMass(k)` makes k bins of equal weight.

    Warns:
        UserWarning: Of 100 rows or more, most state a value of their own, and each is a bin: then a
            calibration error is mostly chance, far from 0 for calibrated forecasts as well.

    Raises:
        ValueError: If `bins` or `closed` is not one of these.

    Example:
        >>> from scoring_theory.calibration import Forecasts
        >>> bin_sums(Forecasts(correct=[0, 0, 1], confidence=[0, 0.3, 1]), bins=10).weight
        array([1., 0., 0., 1., 0., 0., 0., 0., 0., 1.])
    """
    if bins == "values":
        _edge_rule(closed)
        levels = forecasts.levels
        if forecasts.unweighted:  # a weight may count many forecasts
            _warn_of_single_rows(levels.value.size, len(forecasts))
        return BinSums(levels.weight * levels.value, levels.correct, levels.weight, levels.rows)
    place, size = _places(forecasts, bins, closed)
    few = forecasts.few_levels
    return (
        _of_rows(forecasts, place, size) if few is None else _of_levels(few, place(few.value), size)
    )


def _warn_of_single_rows(values: int, rows: int) -> None:
    """Warn if a bin per value holds fewer than two rows on average."""
    if rows >= _MANY and 2 * values > rows:
        warnings.warn(
            f"the {rows} forecasts state {values} different values, and each value is a bin: the"
            " error of such bins is mostly chance. Give bins=10, or compute CORP"
            " (corp_decomposition), which needs no bins",
            stacklevel=4,
        )


def _of_levels(levels: Levels, place: NDArray[np.int64], size: int) -> BinSums:
    def total(column: NDArray[np.float64] | NDArray[np.int64]) -> NDArray[np.float64]:
        return np.bincount(place, weights=column, minlength=size).astype(np.float64)

    rows = total(levels.rows).astype(np.int64)
    return BinSums(
        total(levels.weight * levels.value), total(levels.correct), total(levels.weight), rows
    )


def _of_rows(forecasts: Forecasts, place: Place, size: int) -> BinSums:
    """The sums of each bin from the rows, in blocks that fit into the cache."""
    counts = np.zeros(2 * size, dtype=np.int64)
    stated, correct, weight = sums = np.zeros((3, size))
    for q, c, w in forecasts.blocks():
        index = place(q)
        weighted = (q,) if forecasts.unweighted else (w * q, w * c, w)
        for total, column in zip(sums, weighted, strict=False):
            total += np.bincount(index, weights=column, minlength=size)
        index *= 2
        index += c.astype(np.int64)
        counts += np.bincount(index, minlength=2 * size)
    wrong, right = counts.reshape(-1, 2).T
    rows = wrong + right
    if forecasts.unweighted:
        sums[1:] = right, rows
    return BinSums(stated, correct, weight, rows)


@takes_scores
def thin_bins(
    forecasts: Forecasts, *, bins: Bins = "values", closed: Closed = "left", least: int = 20
) -> str:
    """A sentence that warns of sparse bins, with fewer than `least` rows; "" if there are none.

    The observed frequency of n independent answers with success probability p has the standard
    error sqrt(p (1 - p) / n), which is at most 1 / (2 sqrt(n)).

    Args:
        forecasts: The rows.
        bins: "values", a number of equal-width bins, or `EqualMass(count)`.
        closed: Which end of an equal-width bin belongs to it.
        least: Bins with fewer rows than this are sparse.

    Raises:
        ValueError: If `bins` or `closed` is outside its domain.

    Example:
        >>> from scoring_theory.calibration import Forecasts
        >>> forecasts = Forecasts(correct=[1] * 34, confidence=[0.9] * 30 + [0.5] * 4)
        >>> for part in thin_bins(forecasts).split("; "):
        ...     print(part)
        1 of 2 bins has fewer than 20 answers (the smallest has 4
        the standard error of its frequency is up to 0.25)
    """
    rows = bin_sums(forecasts, bins=bins, closed=closed).filled().rows
    thin = int((rows < least).sum())
    if not thin:
        return ""
    fewest = int(rows.min())
    return (
        f"{thin} of {rows.size} bins {'has' if thin == 1 else 'have'} fewer than {least} answers"
        f" (the smallest has {fewest}; the standard error of its frequency is up to"
        f" {0.5 / fewest**0.5:.2g})"
    )


def _places(forecasts: Forecasts, bins: object, closed: Closed) -> tuple[Place, int]:
    """The function from confidences to bins, and the number of bins."""
    _edge_rule(closed)
    if isinstance(bins, EqualMass):
        return placer(mass_cuts(forecasts, bins.count), "left", rows=len(forecasts)), bins.count
    if not isinstance(bins, (int, np.integer)) or isinstance(bins, bool):
        raise ValueError(
            f'`bins` must be "values", a positive whole number or EqualMass(count), got {bins!r}'
        )
    # The edges have the precision of the column: a float32 column holds 0.9 as 0.89999998, and that
    # value must still lie on the edge 0.9.
    edges = bin_edges(int(bins)).astype(forecasts.precision).astype(np.float64)
    return placer(edges[1:-1], _SIDE[closed], rows=len(forecasts)), int(bins)


_SIDE: Mapping[Closed, Literal["left", "right"]] = {"left": "right", "right": "left"}


def mass_cuts(forecasts: Forecasts, count: int) -> NDArray[np.float64]:
    """(count - 1,) the last stated value of each bin of equal mass; q is in bin #{cuts < q}.

    Bin j and the bins after it contain the values with a share of at least j / count of the weight
    below them. These are the values above the one at which the cumulative weight, that value
    included, first reaches j / count.

    Example:
        >>> from scoring_theory.calibration import Forecasts
        >>> mass_cuts(Forecasts(correct=[0, 1, 1, 1], confidence=[0.2, 0.4, 0.6, 0.8]), 2)
        array([0.4])
    """
    part = np.arange(1, count)
    levels = forecasts.few_levels
    if levels is None and forecasts.unweighted:
        return order_statistics(forecasts.confidence, -(-part * len(forecasts) // count) - 1)
    levels = forecasts.levels
    reached = np.cumsum(levels.weight)
    ends: NDArray[np.float64] = levels.value[np.searchsorted(reached, part * reached[-1] / count)]
    return ends


def _whole(value: object, name: str) -> int:
    if isinstance(value, bool) or not isinstance(value, (int, np.integer)) or value < 1:
        raise ValueError(f"{name} must be a positive whole number, got {value!r}")
    return int(value)


def _edge_rule(closed: str) -> None:
    if closed not in ("left", "right"):
        raise ValueError(f'`closed` must be "left" or "right", got {closed!r}')
