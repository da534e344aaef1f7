"""Which rows are compared with one another: equal-width bins, or the very values that were stated."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from scoring_theory.calibration.forecasts import Forecasts

Bins = int | Literal["values"]


@dataclass(frozen=True, slots=True, eq=False)
class BinSums:
    """Weighted sums over the rows of each bin, bins in increasing order of confidence.

    Attributes:
        index: (n,) the bin of each row.
        confidence: (bins,) sum of w q.
        correct: (bins,) sum of w c.
        wrong: (bins,) sum of w (1 - c).
        weight: (bins,) sum of w; 0 for an empty bin.
    """

    index: NDArray[np.int64]
    confidence: NDArray[np.float64]
    correct: NDArray[np.float64]
    wrong: NDArray[np.float64]
    weight: NDArray[np.float64]


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
    if isinstance(bins, bool) or not isinstance(bins, int) or bins < 1:
        raise ValueError(f'`bins` must be a positive whole number or "values", got {bins!r}')
    return np.arange(bins + 1) / bins


def bin_sums(forecasts: Forecasts, *, bins: Bins = 10) -> BinSums:
    """Sort the rows into bins and add them up.

    Equal-width bins are [k/bins, (k+1)/bins): closed on the left, and the last one on the right too, so that q = 1 is
    in it. `bins="values"` makes one bin per distinct stated value.

    Raises:
        ValueError: If `bins` is neither "values" nor a positive whole number.

    Example:
        >>> from scoring_theory.calibration import Forecasts
        >>> bin_sums(Forecasts(confidence=[0, 0.3, 1], correct=[0, 0, 1])).weight
        array([1., 0., 0., 1., 0., 0., 0., 0., 0., 1.])
    """
    q = forecasts.confidence
    if bins == "values":
        values, index = np.unique(q, return_inverse=True)
        size = values.size
    else:
        # In the precision that the column came in: float32 writes 0.9 as 0.89999998, and that is on the edge.
        edges = bin_edges(bins).astype(forecasts.precision).astype(np.float64)
        index, size = np.minimum(np.searchsorted(edges, q, side="right") - 1, bins - 1), bins
    w, c = forecasts.weight, forecasts.correct
    return BinSums(index, *(_total(index, column, size) for column in (w * q, w * c, w * (1 - c), w)))


def _total(index: NDArray[np.int64], column: NDArray[np.float64], size: int) -> NDArray[np.float64]:
    return np.bincount(index, weights=column, minlength=size).astype(np.float64, copy=False)
