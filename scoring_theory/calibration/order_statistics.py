"""Bin positions and order statistics of confidences by a table of cells, without a full sort."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Literal

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

Place = Callable[["NDArray[np.float64]"], "NDArray[np.int64]"]
"""A function from confidences to the indices of their bins."""

BLOCK = 1 << 15
"""Rows that are processed at once: a few such columns fit into the second-level cache."""
CELLS = 1 << 14
"""Cells of [0, 1]: a power of two, so that `q * CELLS` is exact and no q changes its cell."""


def slices(size: int) -> Iterator[slice]:
    """The rows in blocks of at most `BLOCK`.

    Example:
        >>> [(rows.start, rows.stop) for rows in slices(40_000)]
        [(0, 32768), (32768, 40000)]
    """
    return (slice(start, min(start + BLOCK, size)) for start in range(0, size, BLOCK))


def cells(q: NDArray[np.float64]) -> NDArray[np.int64]:
    """floor(q * CELLS), from 0 to CELLS.

    Example:
        >>> cells(np.array([0.0, 0.5, 1.0])).tolist() == [0, CELLS // 2, CELLS]
        True
    """
    return (q * CELLS).astype(np.int64)


def placer(cuts: NDArray[np.float64], side: Literal["left", "right"], *, rows: int) -> Place:
    """A function from q to the number of cuts below q ("left") or at most q ("right").

    The result equals that of `numpy.searchsorted`. For a cell without a cut, a table holds the
    number of cuts below it; only the few q that share a cell with a cut are searched.

    Args:
        cuts: (k,) nondecreasing in [0, 1].
        side: "left" or "right".
        rows: The number of q to be placed; a table is only worthwhile for many.

    Example:
        >>> placer(np.array([0.25, 0.5]), "left", rows=10**6)(np.array([0.2, 0.25, 0.3, 1.0]))
        array([0, 0, 1, 2])
    """
    if rows <= BLOCK:
        return lambda q: np.searchsorted(cuts, q, side=side)
    cells_of_cuts = cells(cuts)
    below = np.searchsorted(cells_of_cuts, np.arange(CELLS + 1))
    below[cells_of_cuts] = -1

    def place(q: NDArray[np.float64]) -> NDArray[np.int64]:
        index: NDArray[np.int64] = below.take(cells(q))
        unknown = np.flatnonzero(index < 0)
        index[unknown] = np.searchsorted(cuts, q[unknown], side=side)
        return index

    return place


def order_statistics(q: NDArray[np.float64], ranks: NDArray[np.int64]) -> NDArray[np.float64]:
    """`numpy.sort(q)[ranks]`, by a count of cells and a sort of the cells that contain a rank.

    Args:
        q: (n,) in [0, 1].
        ranks: (k,) from 0 to n - 1, nondecreasing.

    Example:
        >>> order_statistics(np.array([0.7, 0.1, 0.4]), np.array([0, 2]))
        array([0.1, 0.7])
    """
    if q.size <= BLOCK:
        return np.sort(q)[ranks]
    counts = np.zeros(CELLS + 1, dtype=np.int64)
    for rows in slices(q.size):
        counts += np.bincount(cells(q[rows]), minlength=CELLS + 1)
    starts = np.cumsum(counts) - counts
    cell = np.searchsorted(starts, ranks, side="right") - 1
    wanted = np.zeros(CELLS + 1, dtype=np.bool_)
    wanted[cell] = True
    candidates = np.concatenate([q[rows][wanted.take(cells(q[rows]))] for rows in slices(q.size)])
    candidates.sort()
    # The position of a rank among the candidates: its rank within its cell, after those of the
    # wanted cells before.
    counted = np.where(wanted, counts, 0)
    before = np.cumsum(counted) - counted
    values: NDArray[np.float64] = candidates[ranks - starts[cell] + before[cell]]
    return values
