"""Which rows are compared with one another: the very values that were stated, bins of equal width, or of equal mass."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Literal

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from scoring_theory.calibration.forecasts import Forecasts


@dataclass(frozen=True, slots=True)
class EqualMass:
    """Bins that hold the same weight each, as far as ties allow.

    A stated value belongs to bin floor(count * (weight strictly below it) / (total weight)): rank cuts, moved outward
    to the end of a run of ties. So equal values are never split, no order of rows matters, and a value that holds more
    than its share leaves the bins after it empty.

    Attributes:
        count: How many bins, a positive whole number.
    """

    count: int

    def __post_init__(self) -> None:
        _whole(self.count, "`count`")


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

    So 3/10 is the very float that `0.3` is; `numpy.linspace(0, 1, 11)[3]` is 0.30000000000000004, and puts a stated 0.3
    in the bin below.

    Raises:
        ValueError: If `bins` is not a positive whole number.

    Example:
        >>> bin_edges(10)[3] == 0.3
        np.True_
    """
    return np.arange(_whole(bins, "`bins`") + 1) / bins


def bin_index(forecasts: Forecasts, *, bins: Bins = "values", closed: Closed = "left") -> NDArray[np.int64]:
    """(n,) the bin of each row; see `bin_sums`.

    Example:
        >>> from scoring_theory.calibration import Forecasts
        >>> bin_index(Forecasts(confidence=[0.3, 1.0, 0.0], correct=[1, 1, 0]), bins=10)
        array([3, 9, 0])
    """
    _edge_rule(closed)
    if isinstance(bins, int) and not isinstance(bins, bool):
        return _place(forecasts.confidence, *_edges(forecasts, bins), closed)
    value = forecasts.levels.value
    return level_bins(forecasts, bins)[np.searchsorted(value, forecasts.confidence)]


def bin_sums(forecasts: Forecasts, *, bins: Bins = "values", closed: Closed = "left") -> BinSums:
    """Sort the rows into bins and add them up.

    `bins="values"` makes one bin per distinct stated value. A number makes bins of equal width [k/bins, (k+1)/bins):
    closed on the left, and the last one on the right too, so that q = 1 is in it; with `closed="right"` they are
    (k/bins, (k+1)/bins], and the first one holds q = 0. `EqualMass(k)` makes bins of equal weight.

    Raises:
        ValueError: If `bins` or `closed` is none of these.

    Example:
        >>> from scoring_theory.calibration import Forecasts
        >>> bin_sums(Forecasts(confidence=[0, 0.3, 1], correct=[0, 0, 1]), bins=10).weight
        array([1., 0., 0., 1., 0., 0., 0., 0., 0., 1.])
    """
    _edge_rule(closed)
    if isinstance(bins, int) and not isinstance(bins, bool):
        return equal_width_sums(forecasts, bins, closed)
    levels = forecasts.levels
    stated = levels.weight * levels.value
    if bins == "values":
        return BinSums(stated, levels.correct, levels.weight, levels.rows)
    place = level_bins(forecasts, bins)
    cuts = np.searchsorted(place, np.arange(int(place[-1]) + 2))
    columns = (stated, levels.correct, levels.weight, levels.rows)
    return BinSums(*(np.array([column[a:b].sum() for a, b in pairwise(cuts)]) for column in columns))


def equal_width_sums(forecasts: Forecasts, bins: int, closed: Closed = "left") -> BinSums:
    """`bin_sums` with equal widths: one pass, which may be continued with the sums of further rows."""
    edges, precision = _edges(forecasts, bins)
    empty = np.zeros(bins)
    total = BinSums(empty, empty, empty, np.zeros(bins, dtype=np.int64))
    for q, c, w in forecasts.blocks():
        place = _place(q, edges, precision, closed)
        if forecasts.unweighted:
            rows = np.bincount(place, minlength=bins)
            total += BinSums(_total(place, q, bins), _total(place, c, bins), rows.astype(np.float64), rows)
        else:
            total += _summed(place, w * q, w * c, w, np.ones(q.size, dtype=np.int64), size=bins)
    return total


def thin_bins(forecasts: Forecasts, *, bins: Bins = "values", closed: Closed = "left", least: int = 20) -> str:
    """A sentence that warns of bins with too few rows to say anything, or "" where there are none.

    The frequency of n answers that are right with chance p has the standard deviation sqrt(p (1 - p) / n), at most
    1 / (2 sqrt(n)).

    Example:
        >>> from scoring_theory.calibration import Forecasts
        >>> print(thin_bins(Forecasts(confidence=[0.9] * 30 + [0.5] * 4, correct=[1] * 34)))
        1 of 2 bins holds fewer than 20 answers (the thinnest 4, whose frequency is only known to about 0.25)
    """
    rows = bin_sums(forecasts, bins=bins, closed=closed).filled().rows
    thin = int((rows < least).sum())
    if not thin:
        return ""
    fewest = int(rows.min())
    return (
        f"{thin} of {rows.size} bins hold{'s' if thin == 1 else ''} fewer than {least} answers (the thinnest {fewest}, "
        f"whose frequency is only known to about {0.5 / fewest**0.5:.2g})"
    )


def _edges(forecasts: Forecasts, bins: int) -> tuple[NDArray[np.float64], float]:
    """The edges in the precision that the column came in (float32 writes 0.9 as 0.89999998: on the edge), and that."""
    return bin_edges(bins).astype(forecasts.precision).astype(np.float64), float(np.finfo(forecasts.precision).eps)


def _place(q: NDArray[np.float64], edges: NDArray[np.float64], precision: float, closed: Closed) -> NDArray[np.int64]:
    """The bin of each q by multiplication; what comes near an edge is put right by the edges themselves."""
    bins = edges.size - 1
    scaled = q * bins
    place = np.minimum(scaled.astype(np.int64), bins - 1)
    near = np.abs(scaled - np.rint(scaled)) <= 2 * bins * precision  # further away, no rounding can matter
    if near.any():
        place[near] = np.clip(np.searchsorted(edges, q[near], side=_SIDE[closed]) - 1, 0, bins - 1)
    return place


_SIDE: Mapping[Closed, Literal["left", "right"]] = {"left": "right", "right": "left"}


def level_bins(forecasts: Forecasts, bins: object) -> NDArray[np.int64]:
    """(k,) the bin of each stated value."""
    levels = forecasts.levels
    if bins == "values":
        return np.arange(levels.value.size)
    if isinstance(bins, EqualMass):
        total = levels.weight.sum()
        below = np.cumsum(levels.weight) - levels.weight
        place: NDArray[np.int64] = np.minimum((bins.count * below / total).astype(np.int64), bins.count - 1)
        return place
    raise ValueError(f'`bins` must be "values", a positive whole number or EqualMass(count), got {bins!r}')


def _summed(
    place: NDArray[np.int64],
    stated: NDArray[np.float64],
    correct: NDArray[np.float64],
    weight: NDArray[np.float64],
    rows: NDArray[np.int64],
    *,
    size: int = 0,
) -> BinSums:
    counted = np.bincount(place, weights=rows, minlength=size).astype(np.int64)
    return BinSums(_total(place, stated, size), _total(place, correct, size), _total(place, weight, size), counted)


def _total(place: NDArray[np.int64], column: NDArray[np.float64], size: int) -> NDArray[np.float64]:
    return np.bincount(place, weights=column, minlength=size).astype(np.float64, copy=False)


def _whole(value: object, name: str) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        raise ValueError(f'{name} must be a positive whole number or "values", got {value!r}')
    return value


def _edge_rule(closed: str) -> None:
    if closed not in ("left", "right"):
        raise ValueError(f'`closed` must be "left" or "right", got {closed!r}')
