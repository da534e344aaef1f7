"""Where confidences fall between cuts, and their order statistics, without sorting: by a table of cells of [0, 1]."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Literal

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

Place = Callable[["NDArray[np.float64]"], "NDArray[np.int64]"]
"""From confidences to the number of their bin."""

BLOCK = 1 << 15
"""Rows that are worked on at once: a few such columns fit the second-level cache."""
CELLS = 1 << 14
"""A power of two, so that `q * CELLS` is exact and no rounding can put q into another cell."""


def slices(size: int) -> Iterator[slice]:
    """The rows in blocks."""
    return (slice(start, min(start + BLOCK, size)) for start in range(0, size, BLOCK))


def cells(q: NDArray[np.float64]) -> NDArray[np.int64]:
    """floor(q * CELLS), from 0 to CELLS."""
    return (q * CELLS).astype(np.int64)


def placer(cuts: NDArray[np.float64], side: Literal["left", "right"], *, rows: int) -> Place:
    """A function from q to how many cuts are less than q ("left") or at most q ("right"): `numpy.searchsorted`.

    A cell that no cut falls into lies on one side of each of them, and a table says how many are
    below; only the few q that share a cell with a cut are searched for.

    Args:
        cuts: (k,) nondecreasing in [0, 1].
        side: Which.
        rows: How many q are to come; a table pays for many.

    Example:
        >>> placer(np.array([0.25, 0.5]), "left", rows=10**6)(np.array([0.2, 0.25, 0.3, 1.0]))
        array([0, 0, 1, 2])
    """
    if rows <= BLOCK:
        return lambda q: np.searchsorted(cuts, q, side=side)
    own = cells(cuts)
    below = np.searchsorted(own, np.arange(CELLS + 1))
    below[own] = -1

    def place(q: NDArray[np.float64]) -> NDArray[np.int64]:
        found: NDArray[np.int64] = below.take(cells(q))
        near = np.flatnonzero(found < 0)
        found[near] = np.searchsorted(cuts, q[near], side=side)
        return found

    return place


def order_statistics(q: NDArray[np.float64], ranks: NDArray[np.int64]) -> NDArray[np.float64]:
    """`numpy.sort(q)[ranks]`, by counting cells first and sorting only the cells that hold one of the ranks.

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
    holder = np.searchsorted(starts, ranks, side="right") - 1
    wanted = np.zeros(CELLS + 1, dtype=np.bool_)
    wanted[holder] = True
    held = np.concatenate([q[rows][wanted.take(cells(q[rows]))] for rows in slices(q.size)])
    held.sort()
    kept = np.where(wanted, counts, 0)
    found: NDArray[np.float64] = held[ranks - starts[holder] + (np.cumsum(kept) - kept)[holder]]
    return found
