"""Which rows are compared with one another: the very values that were stated, bins of equal width, or of equal mass."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from scoring_theory.calibration.forecasts import Forecasts, takes_arrays
from scoring_theory.calibration.order_statistics import order_statistics, placer, slices
from scoring_theory.display import one_line

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from scoring_theory.calibration.levels import Levels
    from scoring_theory.calibration.order_statistics import Place


@dataclass(frozen=True, slots=True)
class EqualMass:
    """Bins that hold the same weight each, as far as ties allow.

    A stated value belongs to bin floor(count * (weight strictly below it) / (total weight)): rank
    cuts, moved outward to the end of a run of ties. So equal values are never split, no order of
    rows matters, and a value that holds more than its share leaves the bins after it empty.

    Attributes:
        count: How many bins, a positive whole number.
    """

    count: int

    def __post_init__(self) -> None:
        object.__setattr__(self, "count", _whole(self.count, "`count`"))


Bins = int | EqualMass | Literal["values"]
Closed = Literal["left", "right"]


@dataclass(frozen=True, slots=True, eq=False)
class BinSums:
    """Weighted sums over the rows of each bin, bins in increasing order of confidence.

    Attributes:
        confidence: (bins,) sum of w q.
        correct: (bins,) sum of w c.
        weight: (bins,) sum of w; 0 for an empty bin.
        rows: (bins,) how many rows.
    """

    confidence: NDArray[np.float64]
    correct: NDArray[np.float64]
    weight: NDArray[np.float64]
    rows: NDArray[np.int64]

    __repr__ = one_line

    def __add__(self, other: BinSums) -> BinSums:
        return BinSums(*(getattr(self, name) + getattr(other, name) for name in self.__slots__))

    def filled(self) -> BinSums:
        """The bins that weigh something."""
        kept = self.weight > 0
        return BinSums(*(getattr(self, name)[kept] for name in self.__slots__))

    def means(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Mean confidence and frequency of being right of each bin, none of them empty."""
        return self.confidence / self.weight, self.correct / self.weight


def bin_edges(bins: int) -> NDArray[np.float64]:
    """The edges k / bins for k = 0, ..., bins, each the float64 nearest to the fraction.

    So 3/10 is the very float that `0.3` is; `numpy.linspace(0, 1, 11)[3]` is 0.30000000000000004,
    and puts a stated 0.3 in the bin below.

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
    """(n,) the bin of each row; see `bin_sums`.

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
    """Sort the rows into bins and add them up.

    `bins="values"` makes one bin per distinct stated value. A number makes bins of equal width
    [k/bins, (k+1)/bins): closed on the left, and the last one on the right too, so that q = 1 is in
    it; with `closed="right"` they are (k/bins, (k+1)/bins], and the first one holds q = 0.
    `EqualMass(k)` makes bins of equal weight.

    Raises:
        ValueError: If `bins` or `closed` is none of these.

    Example:
        >>> from scoring_theory.calibration import Forecasts
        >>> bin_sums(Forecasts(correct=[0, 0, 1], confidence=[0, 0.3, 1]), bins=10).weight
        array([1., 0., 0., 1., 0., 0., 0., 0., 0., 1.])
    """
    if bins == "values":
        _edge_rule(closed)
        levels = forecasts.levels
        return BinSums(levels.weight * levels.value, levels.correct, levels.weight, levels.rows)
    place, size = _places(forecasts, bins, closed)
    few = forecasts.few_levels
    return (
        _of_rows(forecasts, place, size) if few is None else _of_levels(few, place(few.value), size)
    )


def _of_levels(levels: Levels, place: NDArray[np.int64], size: int) -> BinSums:
    def total(column: NDArray[np.float64] | NDArray[np.int64]) -> NDArray[np.float64]:
        return np.bincount(place, weights=column, minlength=size).astype(np.float64)

    rows = total(levels.rows).astype(np.int64)
    return BinSums(
        total(levels.weight * levels.value), total(levels.correct), total(levels.weight), rows
    )


def _of_rows(forecasts: Forecasts, place: Place, size: int) -> BinSums:
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


@takes_arrays
def thin_bins(
    forecasts: Forecasts, *, bins: Bins = "values", closed: Closed = "left", least: int = 20
) -> str:
    """A sentence that warns of bins with too few rows to say anything, or "" where there are none.

    The frequency of n answers that are right with chance p has the standard deviation sqrt(p (1 -
    p) / n), at most 1 / (2 sqrt(n)).

    Example:
        >>> from scoring_theory.calibration import Forecasts
        >>> print(thin_bins(Forecasts(correct=[1] * 34, confidence=[0.9] * 30 + [0.5] * 4)))
        1 of 2 bins holds fewer than 20 answers (the thinnest 4, whose frequency is only known to about 0.25)
    """
    rows = bin_sums(forecasts, bins=bins, closed=closed).filled().rows
    thin = int((rows < least).sum())
    if not thin:
        return ""
    fewest = int(rows.min())
    return (
        f"{thin} of {rows.size} bins hold{'s' if thin == 1 else ''} fewer than {least} answers (the"
        f" thinnest {fewest}, whose frequency is only known to about {0.5 / fewest**0.5:.2g})"
    )


def _places(forecasts: Forecasts, bins: object, closed: Closed) -> tuple[Place, int]:
    """The function from confidences to bins, and how many bins."""
    _edge_rule(closed)
    if isinstance(bins, EqualMass):
        return placer(mass_cuts(forecasts, bins.count), "left", rows=len(forecasts)), bins.count
    if not isinstance(bins, (int, np.integer)) or isinstance(bins, bool):
        raise ValueError(
            f'`bins` must be "values", a positive whole number or EqualMass(count), got {bins!r}'
        )
    # In the precision that the column came in: float32 writes 0.9 as 0.89999998, which is to be on
    # the edge.
    edges = bin_edges(int(bins)).astype(forecasts.precision).astype(np.float64)
    return placer(edges[1:-1], _SIDE[closed], rows=len(forecasts)), int(bins)


_SIDE: Mapping[Closed, Literal["left", "right"]] = {"left": "right", "right": "left"}


def mass_cuts(forecasts: Forecasts, count: int) -> NDArray[np.float64]:
    """(count - 1,) the stated values that bins of equal mass end with: as many of them as are below q is q's bin.

    Bin j and those after it hold the values with weight j / count or more below them: those above
    the value at which the weight up to and with it first reaches j / count.
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
